import { type Explained, explainForProgram } from '../../explain/explain.ts'
import {
  type Evidence,
  type ExplainInput,
  type Explanation,
  type Finding,
  inspect,
  parseEvidence,
} from '../../explain.ts'
import { findCredentials } from '../input/credentials.ts'
import { PASTES, recognize } from '../input/evidence.ts'
import { decodeText, readBody, readInput } from '../input/files.ts'
import { optionRequest, readStdin } from '../input/http.ts'
import { dateOption, parseHeader } from '../input/values.ts'
import { isErrorAlone } from '../output/compare.ts'
import { printDifference } from '../output/difference.ts'
import {
  printCandidates,
  printCommand,
  printDetails,
  printFindings,
  printPossibleFix,
  printRow,
  printTitle,
} from '../output/findings.ts'
import { type NextStep, nextStep } from '../output/next.ts'
import { printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { shown, usage } from '../program/errors.ts'
import { IDENTITY } from '../program/options.ts'
import { wrap } from '../program/terminal.ts'

const MOST_ITEMS = 12
const MOST_CANDIDATES = 3

export const explainCommand: Command = {
  name: 'explain',
  summary: 'Explain why a signature was rejected and how to fix it',
  usage: ['explain [URL] [--response FILE] [options]', 'explain [options] < LOG'],
  notes: [
    `Reads ${PASTES}, or several of them.`,
    'With a URL, reads its response from --response FILE, or from standard input if that is a file or a pipe. Credentials can prove a cause.',
    'Exit codes: 0 if the signature is correct, 1 if it is not or the evidence does not show it, 2 for a usage error or if nothing was recognized.',
  ],
  examples: [
    ['explain a failed curl command', 'curl -v … 2>&1 | npx sigv4-tools explain'],
    ['explain a saved error', 'npx sigv4-tools explain < error.xml'],
    ['explain a URL and its response', "npx sigv4-tools explain --method PUT 'https://…' < error.xml"],
    ['explain the last failure in a browser session', 'npx sigv4-tools explain --all < session.har'],
  ],
  options: ['method', 'header', 'signed', 'data', 'data-file', 'response', 'now', ...IDENTITY, 'all', 'json'],
  help: {
    method: 'Method that was sent with the URL',
    header: 'Header that was sent with the URL (repeatable)',
    data: 'Body that was sent',
    'data-file': 'File with the body that was sent',
    now: 'Time of the request (default: of its response)',
  },
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const evidence = url === undefined ? await readEvidence(call) : await urlEvidence(call, url)
  const body = (await readBody(call))?.bytes
  const warn = (problem: string): void => call.note(`${problem} Continuing without credentials.\n`)
  const found = await findCredentials(call, warn)
  const { request, response, items, ...rest } = evidence
  const signedBy = request && inspect({ headers: [], ...request }).accessKeyId
  // credentials in the environment may have a different purpose
  const isOther = found && signedBy !== undefined && signedBy !== found.accessKeyId && !isChosen(call)
  if (isOther) call.note(`The credentials from the environment are those of ${found.accessKeyId}. They are not used.\n`)
  const credentials = isOther ? undefined : found
  const tried = triedHeaders(call)
  const input: ExplainInput = {
    ...rest,
    ...(tried && { signed: { ...rest.signed, headers: tried } }),
    request: request && { ...request, ...(body && { body }) },
    response,
    credentials,
    now: dateOption(call, 'now'),
  }
  const known = request || response || rest.signed?.canonicalRequest ? explainForProgram(input) : undefined
  const isShown = request !== undefined || response !== undefined || known?.explanation.findings.length
  const explanation: Explanation =
    known && isShown
      ? known.explanation
      : { verdict: missing(evidence), signature: 'unknown', findings: [], wanted: [] }
  if (call.has('json')) printJson(call, { ...explanation, items })
  else {
    printItems(call, evidence)
    const isEnvironment = !isChosen(call) && call.terminal.env.AWS_ACCESS_KEY_ID !== undefined
    const surroundings = { isLog: url === undefined && request?.headers !== undefined, isEnvironment }
    const next = request || response ? nextStep(explanation, input, surroundings) : undefined
    printExplanation(call, { explanation, usual: known?.usual ?? new Set() }, next)
  }
  return explanation.signature === 'right' ? 0 : 1
}

/** Returns whether the caller chose the credentials. */
function isChosen(call: Call): boolean {
  return call.has('credentials') || call.has('profile')
}

/** The values of signed headers to try: one of each, because a search tries only one. */
function triedHeaders(call: Call): Record<string, string> | undefined {
  const tried = new Map<string, string>()
  for (const text of call.values('signed')) {
    const [given, value] = parseHeader(text, '--signed')
    const name = given.toLowerCase()
    if (tried.has(name))
      usage(`--signed contains two values of ${shown(name).trim() || 'a header'}. Try one at a time.`)
    tried.set(name, value)
  }
  return tried.size > 0 ? Object.fromEntries(tried) : undefined
}

/** Prints the verdict and the first finding; with --all, the others too. */
function printExplanation(call: Call, { explanation, usual }: Explained, next: NextStep | undefined): void {
  const { verdict, findings, canonicalRequests } = explanation
  const [first, ...others] = findings
  const isAlone = isErrorAlone(explanation)
  const isOpen = isAlone || (first?.confidence === 'possible' && others.length > 0)
  const shown = findings.slice(0, isOpen ? MOST_CANDIDATES : 1)
  printTitle(call, verdict)
  if (isOpen && first) {
    call.print('\n')
    printPossibleFix(call, first)
    const candidates = shown.slice(1)
    if (candidates.length > 0) {
      call.print(`\nOther ${isAlone ? 'common' : 'possible'} causes of this error:\n`)
      printCandidates(call, candidates)
      call.print('\n')
    }
  } else if (first) {
    printDifference(call, first, canonicalRequests)
    call.print('\n')
    printDetails(call, first, usual.has(first))
    const printOthers = (title: string, also: (other: Finding) => boolean): void => {
      for (const other of others.filter(also)) {
        shown.push(other)
        call.print('\n')
        printTitle(call, `${title}: ${other.message}`)
        printRow(call, 'Fix', other.fix)
      }
    }
    // every proven cause must be fixed
    printOthers('Also proven', ({ confidence }) => confidence === 'proven')
    // nor is one cause enough if the error names several
    printOthers(
      'The error also names',
      ({ confidence, evidence }) =>
        confidence === 'likely' && evidence === first.evidence && evidence.startsWith('The error was'),
    )
  } else if (next !== undefined) call.print('\n')
  if (next !== undefined) printRow(call, 'Next', next.text)
  if (next?.command !== undefined) printCommand(call, next.command)
  const more = isOpen ? findings : others
  if (call.has('all')) printFindings(call, more, usual)
  else if (more.length) {
    const rest = findings.filter((each) => !shown.includes(each))
    const kind = rest.every(({ confidence }) => confidence === 'possible') ? 'possible ' : ''
    const what = rest.length > 0 ? `${rest.length} more ${kind}cause${rest.length === 1 ? '' : 's'}` : 'Details'
    call.print(`\n${what}: ${call.paint('cyan', '--all')}\n`)
  }
}

/** The verdict if neither a request nor a response was recognized. */
function missing({ signed }: Evidence): string {
  const known = signed ? 'the strings that the client signed' : 'this'
  return `The cause cannot be found from ${known} alone. Add the request, such as the presigned URL or the output of curl -v, or the service's error.`
}

function printItems(call: Call, { items }: Evidence): void {
  const rows = items.slice(0, MOST_ITEMS).map(({ description, isExplained, lines: [first, last] }) => {
    return `${description}${isExplained ? ', explained below' : ''} (${first === last ? `line ${first}` : `lines ${first}–${last}`})`
  })
  if (items.length > MOST_ITEMS) rows.push(`${items.length - MOST_ITEMS} more`)
  const lines = rows.flatMap((row) => wrap(row, call.width - 6))
  for (const [i, line] of lines.entries()) call.print(`${call.paint('dim', `${i ? '     ' : 'Read:'} ${line}`)}\n`)
  if (items.length) call.print('\n')
}

async function urlEvidence(call: Call, text: string): Promise<Evidence> {
  const { url, method, headers } = optionRequest(call, text)
  const saved = { items: [], ...((await readSaved(call)) ?? (await readPiped(call))) }
  // a token, as it was written
  const target = url === text ? {} : { target: text }
  const given = { ...(call.has('method') && { method }), ...(call.has('header') && { headers }) }
  if (given.method || given.headers) return { ...saved, request: { url, ...target, ...given } }
  // The response, or a log of the same request, may show the method and headers.
  const sent = saved.request?.url
  const [signature = url] = /X-Amz-Signature=\w+/i.exec(url) ?? []
  const isSame = sent !== undefined && (sent.includes(signature) || url.endsWith(sent))
  return isSame ? saved : { ...saved, request: { url, ...target } }
}

/** The evidence in the file of --response. */
async function readSaved(call: Call): Promise<Evidence | undefined> {
  const file = call.value('response')
  return file === undefined ? undefined : parseResponse(decodeText(await readInput(call, '--response', file)))
}

/** The evidence in standard input, if it is a file or a pipe that is not used for an option. */
async function readPiped(call: Call): Promise<Evidence | undefined> {
  if ([call.value('credentials'), call.value('data-file')].includes('-') || !call.terminal.isPiped()) return undefined
  const waiting = setTimeout(
    () => call.note('Reading standard input. To explain only the URL, add < /dev/null.\n'),
    2000,
  )
  const text = decodeText(await readInput(call, 'standard input', '-').finally(() => clearTimeout(waiting)))
  return text.trim() === '' ? undefined : parseResponse(text)
}

/** Parses a response, possibly with its request. If nothing is recognized, it is the body. */
function parseResponse(text: string): Evidence {
  const evidence = parseEvidence(text)
  return evidence.items.length === 0 ? { ...evidence, response: { body: text } } : evidence
}

async function readEvidence(call: Call): Promise<Evidence> {
  const evidence = recognize(decodeText(await readStdin(call, PASTES)))
  const saved = await readSaved(call)
  return saved?.response ? { ...evidence, response: { ...evidence.response, ...saved.response } } : evidence
}
