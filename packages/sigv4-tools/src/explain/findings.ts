import { decode } from '../../../../src/internal/encoding.ts'
import { isMasked } from '../formats/canonical-request.ts'
import { printable } from '../redaction/unprintable.ts'
import { type Cause, rowOf } from './model/causes.ts'
import { type Clue, type Ground, headerName, type Part, type PartKind, parameterPart } from './model/clue.ts'
import type { Confidence, Ranked } from './rank.ts'
import { hideNamed } from './redact.ts'
import { sentenceOf } from './sentences.ts'
import { isVolatile } from './traces/surroundings.ts'
import { shorten } from './wording.ts'

/** A cause, and its fix. */
export interface Finding {
  readonly cause: Cause
  readonly confidence: Confidence
  /** The problem, in one sentence. */
  readonly message: string
  /** The evidence: the request, the service's own words, or a computation. */
  readonly evidence: string
  /** The part that differs from the signed request: `{ of: 'header', name: 'host' }`. */
  readonly part?: Part
  /** The value that was signed, or that is required. */
  readonly expected?: string
  /** The value that was received. */
  readonly actual?: string
  /** Whether the client signed `expected`; otherwise the service requires it. */
  readonly isSigned: boolean
  /** Whether the part was not signed at all, or not received. */
  readonly absent?: 'signed' | 'received'
  /** The fix. */
  readonly fix: string
  /** The way to try a value that may have been signed, if the evidence does not show it. */
  readonly trial?: string
}

/** A finding, and what only programs use. */
export interface Described {
  readonly finding: Finding
  /** Whether its fix is the usual one of its cause, so that its origin is usual, too. */
  readonly isUsual: boolean
  /** The message within a sentence. */
  readonly clause: string
}

/** Describes clues as findings. */
export function findingsOf(...given: Parameters<typeof describeClues>): Finding[] {
  return describeClues(...given).map(({ finding }) => finding)
}

/** Describes clues, without secrets. `said`: the service's words. */
export function describeClues(ranked: readonly Ranked[], hide: (text: string) => string, said = ''): Described[] {
  return ranked.map(({ clue: raw, confidence, isTold }) => {
    // hide before cutting, or part of a secret would remain
    const hidden = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : hideNamed(hide(text), raw.part?.name)
    const clue = withoutEqual(raw, hidden(raw.expected), hidden(raw.actual))
    const part = clue.part && { ...clue.part, ...(clue.part.name !== undefined && { name: hide(clue.part.name) }) }
    const expected = clue.absent === 'signed' ? 'not signed' : clue.expected
    const actual = clue.absent === 'received' ? 'missing' : clue.actual
    const { fix, isUsual } = fixOf({ ...clue, part: raw.part })
    const sentence = clue.message ?? sentenceOf({ ...clue, part })
    const finding = {
      cause: clue.cause,
      confidence,
      message: printable(hide(sentence)),
      evidence: printable(hide(evidenceOf(clue, isTold, said))),
      ...(part !== undefined && { part }),
      ...(expected !== undefined && { expected: shorten(expected, LONGEST_VALUE) }),
      ...(actual !== undefined && { actual: shorten(actual, LONGEST_VALUE) }),
      isSigned: part !== undefined && (clue.ground === 'reproduced' || clue.ground === 'compared'),
      ...(clue.absent !== undefined && { absent: clue.absent }),
      fix: printable(hide(fix)),
      ...(clue.trial !== undefined && { trial: printable(hide(clue.trial)) }),
    }
    return { finding, isUsual, clause: printable(hide(clauseOf(clue) ?? sentence)) }
  })
}

/** The problem within a sentence, if that differs from the sentence. */
function clauseOf({ cause, clause, message }: Clue): string | undefined {
  const usual = message === undefined ? rowOf(cause).clause : undefined
  return clause ?? (usual && `${usual}.`)
}

/** A clue with its values as they may be shown. If they are equal then, they differ in a secret, and the part is named instead. */
function withoutEqual(raw: Clue, expected: string | undefined, actual: string | undefined): Clue {
  const { part } = raw
  const isDifferent = expected === undefined || expected !== actual || raw.expected === raw.actual
  if (part === undefined || part.name !== undefined || isDifferent) return { ...raw, expected, actual }
  const received = new Set(raw.actual?.split('&'))
  const [name = ''] =
    raw.expected
      ?.split('&')
      .find((each) => !received.has(each))
      ?.split('=') ?? []
  const own = part.of === 'query' && name !== '' ? parameterPart(decode(name)) : part
  return { ...raw, part: own, expected: undefined, actual: undefined }
}

/** The support for a finding, by its ground. */
const EVIDENCE: Readonly<Record<Ground, string>> = {
  reproduced: 'Applying this cause reproduces the received signature or hash.',
  compared: 'The values of the client and the service differ in this part.',
  fault: 'This is visible in the request.',
  left: 'Nothing else that was tried explains the error.',
  either: 'Nothing that was tried explains the error, but not every value can be tried.',
  stated: '',
  told: '',
  note: 'This is visible in the request, but it may not be the reason.',
  trace: 'This is visible in the request, but it may not be the reason.',
  prior: 'Nothing in the evidence shows this, but it is a common cause.',
}

function evidenceOf({ ground }: Clue, isTold: boolean, said: string): string {
  const quoted = said === '' ? 'The service returned this error.' : `The error was: ${said}`
  // what the service names as well is the reason
  const isNote = ground === 'note' || ground === 'trace'
  return [EVIDENCE[isTold && isNote ? 'fault' : ground], isTold ? quoted : ''].filter((each) => each !== '').join(' ')
}

/** No header and no URL that a server accepts is longer. */
const LONGEST_VALUE = 65_536

/** Maximum length of a value that a fix repeats. */
const LONGEST_FIX = 200

const SAME_SCOPE = 'Use the same scope in the credential, the string to sign, and the signing key.'

const SCOPE: readonly PartKind[] = ['scope date', 'region', 'service', 'terminator']

function isTokenName(name = ''): boolean {
  return /^x-amz-(?:security|s3session)-token$/i.test(name)
}

/** Headers that HTTP libraries, browsers, or proxies set on their own, in addition to those that they often change. */
const AUTOMATIC = /^(?:content-length|transfer-encoding|keep-alive|trailer|upgrade|origin|referer|cookie)$/

/** The fix for a signed header that cannot be sent with its signed value; `undefined` for all others. */
function unsendable(cause: Cause, name: string, signed: string | undefined): string | undefined {
  const { unsent } = rowOf(cause)
  if (unsent === undefined) return undefined
  if (isVolatile(name) || AUTOMATIC.test(name))
    return `Do not sign the ${headerName(name)} header, which HTTP libraries, browsers, and proxies set themselves.`
  if (signed === '') return `Sign the value of the ${headerName(name)} header that is sent.`
  if (/^(?:host|x-amz-date)$/.test(name)) return `Send the ${headerName(name)} header with its signed value.`
  return unsent === 'missing' && /[_.]/.test(name)
    ? `Use a header name with hyphens instead of ${name}: proxies such as nginx drop names with a dot or an underscore.`
    : undefined
}

/** Returns the fix of a clue, and whether it is the usual one of its cause. */
function fixOf({
  cause,
  ground,
  part,
  absent,
  expected,
  actual,
  fix,
}: Clue): Pick<Described, 'isUsual'> & { fix: string } {
  const own = (fix: string): { fix: string; isUsual: boolean } => ({ fix, isUsual: false })
  const isDifference = ground === 'reproduced' || ground === 'compared'
  if (fix !== undefined) return own(fix)
  // the client signed this scope: it is not what the endpoint requires
  if (part !== undefined && SCOPE.includes(part.of) && isDifference) return own(SAME_SCOPE)
  const name = part?.name ?? ''
  const unsent = part?.of === 'header' ? unsendable(cause, name, expected) : undefined
  if (unsent !== undefined) return own(unsent)
  // a value that is hidden, or that no header can have, cannot be sent
  const isUsable = (value: string): boolean =>
    value.length < LONGEST_FIX && !isMasked(value) && (part?.of !== 'header' || /^[!-~]([ -~]*[!-~])?$/.test(value))
  const usable = (value = ''): string => (expected !== actual && isUsable(value) ? value : '')
  const signed = absent === 'signed' ? '' : usable(expected)
  // temporary credentials do not work without their token
  const isToken = part?.of !== 'parameter' && isTokenName(name)
  const fixed = isToken ? 'session-token' : cause
  return { fix: usualFix(fixed, name, signed, usable(actual)), isUsual: fixed === cause }
}

/** Returns the usual fix of a cause with the values that are known. Others are empty. */
function usualFix(cause: Cause, name: string, expected: string, actual: string): string {
  const { fix, fixWith = {} } = rowOf(cause)
  const part = { name, header: headerName(name) }
  const hasValues = expected !== '' && actual !== ''
  return (
    (name !== '' && hasValues && fixWith.namedValues?.({ ...part, expected, actual })) ||
    (name !== '' && expected !== '' && fixWith.namedExpected?.({ ...part, expected })) ||
    (hasValues && fixWith.values?.({ expected, actual })) ||
    (expected !== '' && fixWith.expected?.({ expected })) ||
    (name !== '' && fixWith.named?.(part)) ||
    fix
  )
}
