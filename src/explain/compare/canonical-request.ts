import { parseAmzDate } from '../../core/encoding/time.ts'
import { resolveDots } from '../../core/http/path.ts'
import { type CanonicalRequest, EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { SigningContext } from '../../core/signing/string-to-sign.ts'
import type { Cause } from '../causes.ts'
import type { Difference } from '../clue.ts'
import { decode } from '../request/facts.ts'
import { encode } from '../request/pieces.ts'
import { compareQuery } from './query.ts'

// Compares two canonical requests or strings to sign: what differs, and what causes such a difference.

/** The headers of a request, and the names of the signed ones. */
export interface SentRequest {
  readonly headers: Readonly<Record<string, string>>
  /** The names in its SignedHeaders. */
  readonly signedHeaders: readonly string[]
}

/** Compares what was signed with what the service computed. */
export function compareCanonical(
  signed: CanonicalRequest,
  computed: CanonicalRequest,
  request: SentRequest,
): Difference[] {
  const style = compareStyle(signed, computed)
  const names = request.signedHeaders.join(';')
  const found: Difference[] = style ? [style] : []
  if (signed.method !== computed.method)
    found.push({ cause: 'method', part: 'the method', expected: signed.method, actual: computed.method })
  if (!style && signed.uri !== computed.uri)
    found.push({
      cause: pathCause(signed.uri, computed.uri),
      part: 'the path',
      expected: signed.uri,
      actual: computed.uri,
    })
  if (signed.query !== computed.query)
    for (const difference of compareQuery(signed.query, computed.query)) {
      // the service rebuilt it from the header names
      const isOwn = difference.name === 'X-Amz-SignedHeaders' && difference.expected === names
      if (!isOwn) found.push(difference)
    }
  for (const difference of compareHeaders(signed, computed, request))
    if (!(style && difference.name === 'host')) found.push(difference)
  if (signed.payloadHash !== computed.payloadHash)
    found.push({
      cause: payloadCause(signed.payloadHash, computed.payloadHash),
      part: 'the payload hash',
      expected: signed.payloadHash,
      actual: computed.payloadHash,
    })
  return found
}

function hostHeader({ headers }: CanonicalRequest): string {
  return headers.find(([name]) => name === 'host')?.[1] ?? ''
}

/** The bucket in the host of one and in the path of the other. */
function compareStyle(signed: CanonicalRequest, computed: CanonicalRequest): Difference | undefined {
  const bucket = (path: string): string => path.split('/')[1] ?? ''
  const isMoved = (inHost: CanonicalRequest, inPath: CanonicalRequest): boolean =>
    bucket(inPath.uri) !== '' &&
    inPath.uri ===
      `/${bucket(inPath.uri)}${inHost.uri === '/' && inPath.uri.split('/').length === 2 ? '' : inHost.uri}` &&
    bucket(inPath.uri) !== 's3' && // the service name, which all of its hosts start with
    hostHeader(inHost).startsWith(`${bucket(inPath.uri)}.`)
  if (!isMoved(signed, computed) && !isMoved(computed, signed)) return undefined
  return {
    cause: 'path-style-mismatch',
    part: 'host and path',
    expected: hostHeader(signed) + signed.uri,
    actual: hostHeader(computed) + computed.uri,
  }
}

/** Finds what turns one path into the other. */
export function pathCause(signed: string, computed: string): Cause {
  const lower = (path: string): string => path.replace(/%../g, (octet) => octet.toLowerCase())
  const resolved = (path: string): string => resolveDots(path.replace(/%2E/gi, '.').replace(/\/{2,}/g, '/'), true)
  const twice = (path: string): string => decode(decode(path))
  if (lower(signed) === lower(computed)) return 'path-encoding-case'
  const isEscaped = (path: string): boolean => /^(?:[\w.~/-]|%[\da-f]{2})*$/i.test(path)
  if (decode(signed) === computed || signed === decode(computed))
    return /%25/.test(signed + computed) && isEscaped(signed) && isEscaped(computed)
      ? 'path-double-encoding'
      : 'path-encoding'
  if (signed === `${computed}/` || computed === `${signed}/`) return 'path-trailing-slash'
  if (decode(signed) === decode(computed)) return 'path-encoding'
  if (
    signed.replaceAll('+', '%20') === computed.replaceAll('+', '%20') ||
    signed.replaceAll('+', '%20') === computed.replaceAll('%2B', '%20') ||
    signed.replaceAll('%2B', '%20') === computed
  )
    return 'path-encoding'
  if (resolved(signed) === resolved(computed)) return 'path-normalization'
  if (octets(signed) === narrow(computed) || narrow(signed) === octets(computed)) return 'path-encoding'
  if (decode(signed).normalize('NFC') === decode(computed).normalize('NFC')) return 'path-encoding'
  if (
    /%25/.test(signed + computed) &&
    (twice(signed) === decode(computed) ||
      decode(signed) === twice(computed) ||
      resolved(twice(signed)) === resolved(twice(computed)))
  )
    return 'path-double-encoding'
  // written differently and resolved as well
  const loose = (path: string): string => resolved(decode(path)).replaceAll('+', ' ')
  if (loose(signed) === loose(computed)) return 'path-encoding'
  return 'path'
}

/** A path as octets, with its characters in ISO 8859-1 where possible. */
function narrow(path: string): string {
  return decode(path).replace(/[^\0-\xff]/g, (mark) => octets(encode(mark)))
}

/** A path with its escapes decoded as ISO 8859-1. */
function octets(path: string): string {
  return path.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function payloadCause(signed: string, computed: string): Cause {
  const isDigest = (hash: string): boolean => /^[\da-f]{64}$/i.test(hash)
  return isDigest(signed) &&
    isDigest(computed) &&
    signed.toLowerCase() !== computed.toLowerCase() &&
    signed !== EMPTY_HASH
    ? 'payload-mismatch'
    : 'payload-hash'
}

function compareHeaders(signed: CanonicalRequest, computed: CanonicalRequest, request: SentRequest): Difference[] {
  const found: Difference[] = []
  const names = ({ headers }: CanonicalRequest): string => headers.map(([name]) => name).join(';')
  const sorted = (text: string): string => text.toLowerCase().split(/[;,]/).sort().join(';')
  const whole: Difference = {
    cause: 'signed-headers',
    part: 'SignedHeaders',
    expected: names(signed),
    actual: names(computed),
  }
  const theirs = new Map(computed.headers)
  const ours = new Map(signed.headers)
  if (names(signed) !== names(computed) && sorted(names(signed)) === sorted(names(computed))) return [whole]
  const claimed = new Set([...computed.signedHeaders.split(';'), ...request.signedHeaders])
  for (const [name, expected] of ours) {
    const actual = theirs.get(name)
    if (actual === expected) continue
    const isClaimed = claimed.has(name)
    const isSent = request.headers[name] !== undefined
    const cause =
      isSent && isClaimed && actual === undefined
        ? 'header-changed'
        : headerCause(name, expected, actual, isClaimed || !isSent)
    const isMissing = actual === undefined
    found.push({ cause, part: `the header ${name}`, name, isMissing, expected, actual: actual ?? 'missing' })
  }
  for (const [name, actual] of theirs)
    if (!ours.has(name))
      found.push({
        cause: name === 'x-amz-security-token' ? 'session-token' : 'signed-headers',
        part: `the header ${name}`,
        name,
        expected: 'not signed',
        actual,
      })
  if (!found.length && signed.signedHeaders !== computed.signedHeaders)
    found.push({ ...whole, expected: signed.signedHeaders, actual: computed.signedHeaders })
  return found
}

/** Finds what turns one header value into the other. */
function headerCause(name: string, expected: string, actual: string | undefined, isListed: boolean): Cause {
  const squeeze = (text: string): string => text.replace(/\s+/g, '')
  if (actual !== undefined && actual !== '' && squeeze(expected) === squeeze(actual)) return 'header-whitespace'
  if (name === 'x-amz-security-token') return 'session-token'
  if (/^(?:connection|keep-alive|te|trailer|upgrade|expect)$/.test(name)) return 'header-changed' // for one hop only
  if (actual === undefined || actual === '') return isListed ? 'header-missing' : 'signed-headers'
  if (name === 'x-amz-content-sha256') return 'payload-hash'
  if (name === 'host') return expected.replace(/:\d+$/, '') === actual.replace(/:\d+$/, '') ? 'host-port' : 'host'
  if (name === 'x-amz-date' || name === 'date') return dateCause(expected, actual)
  if (name === 'content-length') return 'content-length'
  return name === 'content-md5' ? 'content-md5' : 'header-changed'
}

/** Finds what turns one date into the other. */
export function dateCause(signed: string, sent: string): Cause {
  const [ours, theirs] = [parseAmzDate(signed), parseAmzDate(sent)]
  if (ours === undefined || theirs === undefined) return 'date-format'
  return (ours - theirs) % 900 === 0 && !signed.endsWith('T000000Z') ? 'clock-timezone' : 'date-mismatch'
}

/** Compares the first lines of what was signed with those that the service computed. */
export function compareContext(signed: SigningContext, computed: SigningContext): Difference[] {
  const found: Difference[] = []
  if (signed.algorithm !== computed.algorithm)
    found.push({ cause: 'algorithm', part: 'the algorithm', expected: signed.algorithm, actual: computed.algorithm })
  if (signed.amzDate !== computed.amzDate)
    found.push({
      cause: dateCause(signed.amzDate, computed.amzDate),
      part: 'the date of the string to sign',
      expected: signed.amzDate,
      actual: computed.amzDate,
    })
  const names: [Cause, string][] = [
    ['scope-date', 'the date of the credential scope'],
    ['scope-region', 'the region'],
    ['scope-service', 'the service'],
    ['scope-terminator', 'the end of the credential scope'],
  ]
  const [ours, theirs] = [signed.scope.split('/'), computed.scope.split('/')]
  // a missing part would shift the others
  if (ours.length !== theirs.length) {
    const isCut = ours.length === 3 && theirs.length === 4 && computed.scope.startsWith(`${signed.scope}/`)
    const cause = isCut ? 'scope-terminator' : 'malformed-credential'
    return [...found, { cause, part: 'the credential scope', expected: signed.scope, actual: computed.scope }]
  }
  for (const [i, [cause, part]] of names.entries())
    if (ours[i] !== theirs[i]) found.push({ cause, part, expected: ours[i]!, actual: theirs[i]! })
  return found
}
