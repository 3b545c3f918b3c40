import { listed } from '../../explain/model/clue.ts'
import { type Evidence, explain, type Finding } from '../../explain.ts'
import { hideShapes } from '../../redaction/hide.ts'
import { inspectAt, recognize, requestOf } from '../input/evidence.ts'
import { decodeText, readInput } from '../input/files.ts'
import { type Part, partsOf } from '../input/parts.ts'
import { checkUrl } from '../input/values.ts'
import { printPair } from '../output/difference.ts'
import { printRow, printTitle, printWarnings } from '../output/findings.ts'
import { printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { hideSecrets, usage } from '../program/errors.ts'
import { wrap } from '../program/terminal.ts'

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Compare two requests, such as one that works and one that fails',
  usage: ['compare A B [options]'],
  notes: [
    "A and B are URLs or files with anything that 'npx sigv4-tools explain' reads; - is standard input. Does not require credentials.",
    'Exit codes: 0 if the requests are equal, 1 if they differ or may differ, 2 for a usage error.',
  ],
  examples: [
    ['compare two logs of curl -v', 'npx sigv4-tools compare works.log fails.log'],
    ['compare a URL with the request that was sent', "curl -v … 2>&1 | npx sigv4-tools compare 'https://…' -"],
    ['list what differs', 'npx sigv4-tools compare a.har b.har --json | jq .differences[].part'],
  ],
  options: ['json'],
  run,
}

/** One of the two requests. */
interface Side {
  readonly name: string
  readonly description: string
  readonly parts: ReadonlyMap<string, Part>
  readonly hasHeaders: boolean
  readonly warnings: readonly Finding[]
  /** The status or the error of its response, if it was not successful. */
  readonly failure: string | undefined
  /** The reason for its rejection, if the response shows it. */
  readonly finding: Finding | undefined
}

/** A part that differs, in canonical form. */
interface Difference {
  readonly part: string
  readonly a?: string
  readonly b?: string
  readonly isSigned: boolean
  /** The meaning of the difference for the signature. */
  readonly rule: string
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 2)
  const [first, second] = call.positionals
  if (first === undefined || second === undefined) usage("a request is missing. Use 'npx sigv4-tools compare A B'.")
  if (first === '-' && second === '-') usage('A and B cannot both be standard input.')
  const now = new Date()
  const sides = [await readSide(call, 'A', first, now), await readSide(call, 'B', second, now)] as const
  const [a, b] = sides
  const hide = (text: string): string => hideShapes(hideSecrets(text, call.secrets))
  const names = [...new Set([...a.parts.keys(), ...b.parts.keys()])]
  const isOneSided = (name: string): boolean => isUnknown(name, a) || isUnknown(name, b)
  const unknown = names.filter(isOneSided)
  const known = names.filter((name) => !isOneSided(name))
  const isSame = (name: string): boolean => a.parts.get(name)?.value === b.parts.get(name)?.value
  const equal = known.filter(isSame).map(hide)
  const differences = known.filter((name) => !isSame(name)).map((name) => difference(name, a, b, hide))
  const open = [openEnds(a, unknown, hide), openEnds(b, unknown, hide)].filter((text) => text !== undefined)
  const failed = sides.filter(({ failure }) => failure !== undefined)
  if (failed.length === 1) open.push(`only ${failed[0]!.name} failed (${failed[0]!.failure})`)
  const isEqual = differences.length === 0 && open.length === 0
  const onlyOf = (one: Side, other: Side): Finding[] =>
    one.warnings.filter(({ message }) => !other.warnings.some((each) => each.message === message))
  const problems = [onlyOf(a, b), onlyOf(b, a)] as const
  if (call.has('json')) {
    printJson(call, {
      isEqual,
      a: { description: a.description, problems: problems[0], finding: a.finding },
      b: { description: b.description, problems: problems[1], finding: b.finding },
      differences,
      equal,
      unknown: unknown.map(hide),
    })
    return isEqual ? 0 : 1
  }
  for (const { name, description } of sides) printRow(call, name, description)
  const notes: [Finding, string][] = []
  for (const [i, { finding, name }] of sides.entries())
    for (const each of finding ? [finding] : problems[i]!)
      if (each.confidence === 'possible') notes.push([each, name])
      else printWarnings(call, [each], ` of ${name}`)
  call.print('\n')
  printTitle(call, summary(differences, open))
  const minor = differences.filter(isMinor)
  for (const each of differences) if (!isMinor(each)) printDifference(call, each)
  call.print('\n')
  const unsigned = `Not signed, differ: ${minor.map(({ part }) => nounOf(part)).join(', ')}`
  if (minor.length) call.print(`${wrap(unsigned, call.width).join('\n')}\n`)
  printRow(call, 'Equal', equal.join(', ') || 'nothing')
  if (unknown.length) printRow(call, 'Unknown', `${unknown.map(hide).join(', ')}: only one of them shows this`)
  printRow(call, 'Ignored', 'date and signature, which differ between any two requests')
  for (const [each, name] of notes) printWarnings(call, [each], ` of ${name}`)
  return isEqual ? 0 : 1
}

/** Returns whether a difference cannot be the cause: S3 accepts unsigned headers, except `x-amz-` headers. */
function isMinor({ part, isSigned }: Difference): boolean {
  return !isSigned && !part.startsWith('header x-amz-')
}

function nounOf(part: string): string {
  return part.startsWith('header ') ? part.slice('header '.length) : `the ${part}`
}

/** The signed parts that only one side shows, as a clause. */
function openEnds(
  { name, parts }: Side,
  unknown: readonly string[],
  hide: (text: string) => string,
): string | undefined {
  const signed = unknown.filter((part) => parts.get(part)?.isSigned).map((part) => nounOf(hide(part)))
  if (signed.length === 0) return undefined
  return `only ${name} shows ${listed(signed)}, which ${signed.length === 1 ? 'is' : 'are'} signed`
}

function summary(differences: readonly Difference[], open: readonly string[]): string {
  const count = differences.length
  if (count === 0)
    return open.length ? `No difference in what both show; ${open.join('; ')}.` : 'The requests are equal.'
  const signed = differences.filter(({ isSigned }) => isSigned).length
  const differ = count === 1 ? '1 part differs' : `${count} parts differ`
  if (signed === count) return `${differ}.`
  if (signed > 0) return `${differ}, ${signed} of them signed.`
  return `${[`${differ}, ${count === 1 ? 'which is not' : 'none of them'} signed`, ...open].join('; ')}.`
}

async function readSide(call: Call, name: string, source: string, now: Date): Promise<Side> {
  const isUrl = /^https?:\/\//i.test(source)
  if (isUrl) checkUrl(call, source)
  const evidence: Evidence = isUrl
    ? { request: { url: source }, items: [] }
    : recognize(decodeText(await readInput(call, name, source)), name)
  const request = requestOf(evidence)
  if (!request) usage(`${name} does not show a request. Add the URL, or the output of curl -v.`)
  const { status, code } = evidence.response ?? {}
  const item =
    evidence.items.find(({ isExplained }) => isExplained) ??
    evidence.items.find(({ kind }) => kind === 'request') ??
    evidence.items[0]
  const what = item?.description ?? 'URL'
  const explanation = evidence.response && explain(evidence)
  const isFailure = status === undefined ? code !== undefined : status >= 400
  return {
    name,
    description: status === undefined ? what : `${what}, response with status ${status}`,
    parts: new Map(partsOf(request).map((part) => [part.name, part])),
    hasHeaders: request.headers !== undefined,
    warnings: inspectAt(request, now).warnings,
    failure: isFailure ? (status === undefined ? code : `status ${status}`) : undefined,
    finding: explanation?.findings.find(({ confidence }) => confidence !== 'possible'),
  }
}

/** Returns whether the evidence cannot show a part: a URL has neither a method nor headers. */
function isUnknown(name: string, { parts, hasHeaders }: Side): boolean {
  if (parts.has(name)) return false
  return /^(?:method|body|payload hash|host)$/.test(name) || (name.startsWith('header ') && !hasHeaders)
}

/** The meaning of each difference, by the first word of its part. */
const RULES: Readonly<Record<string, string>> = {
  method: 'The method is signed: sign or presign for the method that is sent.',
  host: 'The host is signed: sign for the host that the service receives.',
  path: 'The path is signed. S3 encodes it once, and other services encode it twice.',
  query: 'Every query parameter is signed, so none can be added, changed, or removed after signing.',
  signature: 'A service accepts either location, but not both at once.',
  access: 'Check that both keys have the same permissions, and that each is used with its own secret.',
  region: 'Sign for the region of the endpoint. S3 accepts only the region of the bucket.',
  service: "Sign for the endpoint's service, which is s3 for object storage.",
  signed: 'Each request must contain all headers in its own list, with the values that were signed.',
  session: 'Temporary credentials require their own session token; others have none.',
  payload: 'The payload hash is signed, and must be the SHA-256 of the body or UNSIGNED-PAYLOAD.',
  body: 'The body must be the one whose hash was signed.',
  lifetime: 'A URL is accepted for at most 604800 seconds (7 days), and until the credentials expire.',
}

function difference(part: string, a: Side, b: Side, hide: (text: string) => string): Difference {
  const one = a.parts.get(part)
  const other = b.parts.get(part)
  const isSigned = one?.isSigned === true || other?.isSigned === true
  const shown = (side: Part): string => side.shown ?? hide(side.value)
  return {
    part: hide(part),
    ...(one && { a: shown(one) }),
    ...(other && { b: shown(other) }),
    isSigned,
    rule: part.startsWith('header ') ? headerRule(part, one, other) : RULES[part.split(' ', 1)[0]!]!,
  }
}

function headerRule(part: string, one: Part | undefined, other: Part | undefined): string {
  const signers = [one?.isSigned && 'A', other?.isSigned && 'B'].filter((name) => name)
  if (signers.length === 2) return 'Both sign it, so each must send the value that it signed.'
  if (signers.length === 1) return `Only ${signers[0]} signs it, so ${signers[0]} must send the value that it signed.`
  return part.startsWith('header x-amz-')
    ? 'It is not signed. S3 rejects x-amz- headers that are not signed.'
    : 'It is not signed, so the signature does not depend on it.'
}

function printDifference(call: Call, { part, a, b, rule }: Difference): void {
  call.print(`\n${call.paint('bold', part)}\n`)
  printPair(call, ['A', 'B'], [a ?? '(none)', b ?? '(none)'])
  printRow(call, 'Rule', rule)
}
