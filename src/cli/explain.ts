import { type Evidence, type ExplainInput, type Explanation, explain, parseEvidence } from '../explain.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { findCredentials } from './credentials.ts'
import { usage } from './failure.ts'
import { decodeText, readBody, readInput } from './files.ts'
import { printFindings } from './findings.ts'
import { optionRequest, readStdin } from './http.ts'
import { IDENTITY } from './options.ts'
import { printJson } from './output.ts'
import { wrap } from './terminal.ts'
import { dateOption } from './values.ts'

const PASTES =
  'a presigned URL, what curl -v prints, a raw HTTP request or response, a command copied from a browser as cURL, PowerShell or fetch, a HAR file, the error of the service as XML, JSON or text, an exception of an SDK, its debug log, or a canonical request'
const MOST_ITEMS = 12

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say why a signature was refused, prove it, and how to mend it',
  usage: ['explain [URL] [--response FILE] [options]', 'explain [options] < LOG'],
  notes: [
    `Reads from standard input ${PASTES}; several of them, quoted or with text around them, too. With a URL, standard input is not read; --response specifies the response.`,
    'An error alone is enough if it contains what the service computed, as SignatureDoesNotMatch of S3 does.',
    'With the credentials that should have signed, causes are proven. They are found as for the other commands; without any, the response must do. Nothing secret is printed.',
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

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const evidence = url === undefined ? await readEvidence(call) : await urlEvidence(call, url)
  const body = (await readBody(call))?.bytes
  const found = await findCredentials(call)
  const { request, response, items, ...rest } = evidence
  const input: ExplainInput = {
    ...rest,
    request: request && { ...request, ...(body && { body }) },
    response,
    credentials: found,
    now: dateOption(call, 'now'),
  }
  const { verdict, signature, findings }: Explanation =
    request || response ? explain(input) : { verdict: missing(evidence), signature: 'unknown', findings: [] }
  if (call.has('json')) printJson(call, { verdict, signature, findings, evidence: items })
  else {
    printItems(call, evidence)
    for (const line of wrap(verdict, call.width)) call.print(`${call.paint('bold', line)}\n`)
    printFindings(call, findings, verdict)
    if (!found) call.note('No credentials were found: with them, a cause can be proven.\n')
  }
  return findings.length ? 1 : 0
}

/** What else is needed if neither request nor response was recognized. */
function missing({ signed }: Evidence): string {
  const known = signed ? 'what the client signed' : 'this'
  return `The cause cannot be found from ${known} alone. Add the request, such as the presigned URL or what curl -v prints, or the error of the service.`
}

/** Prints what was recognized. */
function printItems(call: Call, { items }: Evidence): void {
  const rows = items.slice(0, MOST_ITEMS).map(({ description, lines: [first, last] }) => {
    return `${description} (${first === last ? `line ${first}` : `lines ${first}–${last}`})`
  })
  if (items.length > MOST_ITEMS) rows.push(`${items.length - MOST_ITEMS} more`)
  const lines = rows.flatMap((row) => wrap(row, call.width - 6))
  for (const [i, line] of lines.entries()) call.print(`${call.paint('dim', `${i ? '     ' : 'Read:'} ${line}`)}\n`)
  if (items.length) call.print('\n')
}

/** The evidence of a URL, and of the file of --response. */
async function urlEvidence(call: Call, url: string): Promise<Evidence> {
  const saved = await readSaved(call)
  return { ...saved, request: optionRequest(call, url), items: saved?.items ?? [] }
}

/** The response of --response. A file in which nothing is recognized is the body. */
async function readSaved(call: Call): Promise<Pick<Evidence, 'response' | 'items'> | undefined> {
  const file = call.value('response')
  if (file === undefined) return undefined
  const text = decodeText(await readInput(call, '--response', file))
  const { response, items } = parseEvidence(text)
  return { response: response ?? { body: text }, items }
}

async function readEvidence(call: Call): Promise<Evidence> {
  const text = decodeText(await readStdin(call, PASTES))
  if (text.trim() === '') usage(`standard input is empty. Paste ${PASTES}`)
  const evidence = parseEvidence(text)
  const saved = await readSaved(call)
  if (evidence.items.length === 0)
    usage(`nothing in the text was recognized. Paste ${PASTES}, with nothing removed but the secret`)
  return saved ? { ...evidence, response: { ...evidence.response, ...saved.response } } : evidence
}
