import { type ExplainInput, type Explanation, explain } from '../explain.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { findCredentials } from './credentials.ts'
import { usage } from './failure.ts'
import { decodeText, readBody, readInput } from './files.ts'
import { printFindings } from './findings.ts'
import { optionRequest, parseHttp, readStdin, type WrittenRequest } from './http.ts'
import { IDENTITY } from './options.ts'
import { printJson } from './output.ts'
import { wrap } from './terminal.ts'
import { parseAnswer, parseHar, type WrittenAnswer } from './transcript.ts'
import { dateOption } from './values.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say why a signature was refused, prove it, and how to mend it',
  usage: ['explain [URL] [--response FILE] [options]', 'explain [options] < LOG'],
  notes: [
    'Reads from standard input what curl -v or curl -i prints, a HAR file of a browser, a raw HTTP request, or the error that the service answered. With a URL, standard input is not read; --response gives the answer.',
    'An error alone is enough where the service shows in it what it computed, as S3 does for SignatureDoesNotMatch.',
    'With the credentials that should have signed, causes are proven. They are found as for the other commands; without any, the answer must do. Nothing secret is printed.',
    'Exit code 0 if nothing is wrong with the signature, 1 if a cause was found.',
  ],
  examples: [
    ['what curl was told', 'curl -v … 2>&1 | sigv4 explain'],
    ['an error that was saved', 'sigv4 explain < error.xml'],
    [
      'a URL and its answer',
      "sigv4 explain --method PUT -H 'content-type: image/png' --response error.xml 'https://…'",
    ],
    ['the last failure of a browser session', 'sigv4 explain < session.har'],
  ],
  options: ['method', 'header', 'data', 'data-file', 'response', 'now', ...IDENTITY, 'json'],
  help: {
    header: 'header that was sent with the URL; repeatable',
    data: 'body that was sent',
    'data-file': 'file with the body that was sent',
    now: 'when it was sent, 2026-01-31T12:00:00Z (default the date of the answer, or now)',
  },
  run,
}

/** What there is to explain: the request, its answer, or both. */
interface Evidence {
  readonly request?: WrittenRequest | undefined
  readonly response?: WrittenAnswer | undefined
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const { request, response }: Evidence =
    url === undefined
      ? await readEvidence(call)
      : { request: optionRequest(call, url), response: await readSaved(call) }
  const body = (await readBody(call))?.bytes ?? request?.body
  const found = await findCredentials(call)
  const input: ExplainInput = {
    request: request && { ...request, ...(body && { body }) },
    response,
    credentials: found,
    now: dateOption(call, 'now'),
  }
  const { verdict, findings } = request ? explain(input) : explainAnswer(input)
  if (call.has('json')) printJson(call, { verdict, findings })
  else {
    for (const line of wrap(verdict, call.width)) call.print(`${call.paint('bold', line)}\n`)
    printFindings(call, findings, verdict)
    if (!found) call.note('No credentials were found: with them, a cause can be proven.\n')
  }
  return findings.length ? 1 : 0
}

/** An answer alone may not be enough. */
function explainAnswer(input: ExplainInput): Explanation {
  try {
    return explain(input)
  } catch {
    return usage('the answer does not show what was signed: give the URL too, or what curl -v printed')
  }
}

/** The response of --response. */
async function readSaved(call: Call): Promise<WrittenAnswer | undefined> {
  const file = call.value('response')
  return file === undefined ? undefined : parseAnswer(decodeText(await readInput(call, '--response', file)))
}

async function readEvidence(call: Call): Promise<Evidence> {
  const bytes = await readStdin(call, 'what curl -v printed, or the error of the service')
  const text = decodeText(bytes)
  if (/^\s*\{\s*"log"/.test(text)) {
    const { isSigned, ...evidence } = parseHar(text)
    if (!isSigned)
      call.note('No request of the file is signed. Browsers leave Authorization out of it unless told otherwise.\n')
    return evidence
  }
  const saved = await readSaved(call)
  const answer = { ...parseAnswer(text), ...saved }
  // an answer without its request
  if (/^\s*(?:[<{]|HTTP\/)/.test(text) && !/^[<>] /m.test(text)) return { response: answer }
  return { request: parseHttp(call, bytes), response: saved || answer.status !== undefined ? answer : undefined }
}
