import { printable } from '../core/encoding/unprintable.ts'
import { shorten } from '../core/wording.ts'
import { type Cause, fixOf } from './model/causes.ts'
import { fill, type Ground, headerName, type Part, type Sign } from './model/sign.ts'
import type { Confidence, Ranked } from './rank.ts'

/** A cause, and what to do about it. */
export interface Finding {
  readonly cause: Cause
  readonly confidence: Confidence
  /** What happened, in one sentence. */
  readonly message: string
  /** What shows it: the request, the service's own words, or a computation. */
  readonly evidence: string
  /** What differs from what was signed: `{ of: 'header', name: 'host' }`. */
  readonly part?: Part
  /** The value that was signed, or that is required. */
  readonly expected?: string
  /** The value that was received. */
  readonly actual?: string
  /** Whether `expected` is what the client signed; otherwise it is what the service requires. */
  readonly isSigned: boolean
  /** Whether the part was not signed at all, or not received. */
  readonly absent?: 'signed' | 'received'
  /** What to do. */
  readonly fix: string
}

/** Describes signs, without secrets. `sentenceOf`: what happened, of signs without a message; `said`: the service's words. */
export function findingsOf(
  ranked: readonly Ranked[],
  hide: (text: string) => string,
  sentenceOf: (sign: Sign) => string = fixedBy,
  said = '',
): Finding[] {
  return ranked.map(({ sign: raw, confidence, isTold }) => {
    // hide before cutting, or part of a secret would remain
    const hidden = (text: string | undefined): string | undefined => (text === undefined ? undefined : hide(text))
    const name = hidden(raw.part?.name)
    const part = raw.part && { ...raw.part, ...(name !== undefined && { name }) }
    const sign: Sign = { ...raw, part, expected: hidden(raw.expected), actual: hidden(raw.actual) }
    const expected = sign.absent === 'signed' ? 'not signed' : sign.expected
    const actual = sign.absent === 'received' ? 'missing' : sign.actual
    return {
      cause: sign.cause,
      confidence,
      message: printable(hide(sign.message ?? sentenceOf(sign))),
      evidence: printable(hide(evidenceOf(sign, isTold, said))),
      ...(part !== undefined && { part }),
      ...(expected !== undefined && { expected: shorten(expected, LONGEST_VALUE) }),
      ...(actual !== undefined && { actual: shorten(actual, LONGEST_VALUE) }),
      isSigned: part !== undefined && (sign.ground === 'reproduced' || sign.ground === 'compared'),
      ...(sign.absent !== undefined && { absent: sign.absent }),
      fix: printable(hide(fixedBy(sign))),
    }
  })
}

/** What supports a finding. */
const EVIDENCE: Readonly<Record<Ground, string>> = {
  reproduced: 'Applying this cause reproduces the received signature or hash.',
  compared: 'The values of the client and the service differ in this part.',
  fault: 'This is visible in the request.',
  left: 'Nothing else that was tried explains the error.',
  either: 'Nothing that was tried explains the error, but not every value can be tried.',
  told: '',
  note: 'This is visible in the request, but it may not be the reason.',
  trace: 'This is visible in the request, but it may not be the reason.',
  prior: 'Nothing in the evidence shows this, but it is a common cause.',
}

function evidenceOf({ ground }: Sign, isTold: boolean, said: string): string {
  const quoted = said === '' ? 'The service returned this error.' : `The error was: ${said}`
  return [EVIDENCE[ground], isTold ? quoted : ''].filter((each) => each !== '').join(' ')
}

/** No header and no URL that a server accepts is longer. */
const LONGEST_VALUE = 65_536

/** Longest value that a fix repeats. */
const LONGEST_FIX = 200

const SEND_OR_OMIT = 'Send "{header}: {expected}", or do not sign the header.'
const SEND_OR_SIGN = 'Send "{header}: {expected}", or create the signature for "{actual}".'
const SIGN_FOR_HOST =
  'Sign for the host "{actual}", which the service receives, or send "Host: {expected}" and make proxies preserve it.'

/** Fixes with values, by cause: the first one whose values are known. */
const FIXES: Partial<Record<Cause, readonly string[]>> = {
  'header-changed': [SEND_OR_SIGN, SEND_OR_OMIT],
  'content-length': [SEND_OR_SIGN, SEND_OR_OMIT],
  'header-missing': [SEND_OR_OMIT, 'Send the {header} header with its signed value, or do not sign it.'],
  method: [
    'Send the request with "{expected}", or sign it for "{actual}".',
    'Send the request with "{expected}", or sign it for the method that you send.',
  ],
  host: [SIGN_FOR_HOST],
  'host-port': [SIGN_FOR_HOST],
  path: ['Sign the path "{actual}", which the service receives, or send "{expected}".'],
  'param-case': ['Send the parameter as "{expected}".'],
  'url-html-escaped': ['Replace "{actual}" with "{expected}" in the URL.'],
  'query-extra': ['Sign the parameter {name} with the others, or do not send it.'],
  'query-removed': ['Send the parameter {name} with the value "{expected}".'],
  'scope-region': ['Sign for the region "{expected}".'],
  'scope-service': ['Sign for the service "{expected}".'],
  'scope-date': ['Use "{expected}" as the date of the credential scope.'],
}

function isTokenName(name = ''): boolean {
  return /^x-amz-(?:security|s3session)-token$/i.test(name)
}

/** One concrete thing to do. */
function fixedBy({ cause, ground, part, absent, expected, actual, fix }: Sign): string {
  if (fix !== undefined) return fix
  const usual = fixOf(isTokenName(part?.name) ? 'session-token' : cause)
  const isDifference = ground === 'reproduced' || ground === 'compared'
  // the client signed this scope: it is not what the endpoint requires
  if (cause.startsWith('scope-') && part !== undefined && isDifference) return usual
  const short = (value = ''): string => (value.length < LONGEST_FIX ? value : '')
  const name = part?.name ?? ''
  const signed = absent === 'signed' ? 'not signed' : short(expected)
  const values = { header: headerName(name), name, expected: signed, actual: short(actual) }
  const isKnown = (sentence: string): boolean =>
    Object.entries(values).every(([key, value]) => value || !sentence.includes(`{${key}}`))
  // temporary credentials do not work without their token
  const known = isTokenName(name) ? undefined : FIXES[cause]?.find(isKnown)
  return known === undefined ? usual : fill(known, values)
}
