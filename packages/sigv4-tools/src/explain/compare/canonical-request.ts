import {
  ALGORITHM_4A,
  type CanonicalRequest,
  EMPTY_HASH,
  type SigningContext,
} from '../../../../../src/internal/canonical-request.ts'
import { decode, decodeToOctets, parseAmzDate } from '../../../../../src/internal/encoding.ts'
import { resolveDots } from '../../../../../src/internal/http.ts'
import type { Cause } from '../model/causes.ts'
import { type Difference, header, headerName, type PartKind } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { PRINTED } from '../request/octets.ts'
import { encode } from '../request/pieces.ts'
import { listProblem } from '../request/signed-headers.ts'
import { isSameButMasked, uncut, unmask } from './masks.ts'
import { compareQuery } from './query.ts'

// Compares two canonical requests or strings to sign, and finds the differences and their causes.

/** Compares what was signed with what the service computed for a request. `isReproduced`: what was signed is known exactly. */
export function compareCanonical(
  ours: CanonicalRequest,
  theirs: CanonicalRequest,
  request: ParsedRequest,
  isReproduced = false,
): Difference[] {
  const computed = uncut(theirs, ours)
  const signed = unmask(uncut(ours, theirs), computed, isReproduced)
  const found: Difference[] = compareStyle(signed, computed, request)
  const isMoved = found.length > 0
  const compare = (of: PartKind, cause: Cause, expected: string, actual: string): void => {
    if (expected !== actual) found.push({ cause, part: { of }, expected, actual })
  }
  if (signed.method !== computed.method)
    found.push({ ...methodDifference(signed.method, computed.method), part: { of: 'method' } })
  if (!isMoved) compare('path', pathCause(signed.uri, computed.uri), signed.uri, computed.uri)
  if (signed.query !== computed.query) {
    const repeated = repeatedNames(request)
    for (const difference of compareQuery(signed.query, computed.query)) {
      // the service rebuilt it from the header names
      const { name = '' } = difference.part
      const isOwn = name === 'X-Amz-SignedHeaders' && difference.expected === request.claim.signedHeaders.join(';')
      const isRepeated =
        repeated.has(name) && ['query-changed', 'query-extra', 'query-removed'].includes(difference.cause)
      if (!isOwn) found.push(isRepeated ? { ...difference, cause: 'query-duplicate' } : difference)
    }
  }
  for (const difference of compareHeaders(signed, computed, request))
    if (!(isMoved && difference.part.name === 'host')) found.push(difference)
  const sent = signed.payloadHash
  const received = computed.payloadHash
  if (sent !== received) found.push({ ...payloadDifference(sent, received, request), part: { of: 'payload hash' } })
  return found
}

type Detail = Omit<Difference, 'part'>

function methodDifference(expected: string, actual: string): Detail {
  if (expected.toUpperCase() !== actual.toUpperCase()) return { cause: 'method', expected, actual }
  const message = `The case of the method differed: the client signed ${expected}, and the service received ${actual}.`
  return { cause: 'method', message, fix: 'Write the method in uppercase, for signing and sending.', expected, actual }
}

/** The names of parameters that were sent more than once: services and clients choose different ones. */
function repeatedNames({ parameters }: ParsedRequest): ReadonlySet<string> {
  const names = new Set<string>()
  const repeated = new Set<string>()
  for (const { decoded } of parameters) {
    if (names.has(decoded)) repeated.add(decoded)
    names.add(decoded)
  }
  return repeated
}

function hostHeader({ headers }: CanonicalRequest): string {
  return headers.find(([name]) => name === 'host')?.[1] ?? ''
}

/** The bucket in the host of one and in the path of the other, whose rest may be written differently as well. */
function compareStyle(
  signed: CanonicalRequest,
  computed: CanonicalRequest,
  { headers, urlHost = '' }: ParsedRequest,
): Difference[] {
  // a host that was not signed was sent
  const hostOf = (each: CanonicalRequest): string =>
    hostHeader(each) || (each === computed ? (headers.host ?? urlHost) : '')
  const bucket = (path: string): string => path.split('/')[1] ?? ''
  const rest = (path: string): string => path.slice(1 + bucket(path).length) || '/'
  const isMoved = (inHost: CanonicalRequest, inPath: CanonicalRequest): boolean =>
    bucket(inPath.uri) !== '' &&
    decode(rest(inPath.uri)) === decode(inHost.uri) &&
    bucket(inPath.uri) !== 's3' && // the service name, which all of its hosts start with
    hostOf(inHost).startsWith(`${bucket(inPath.uri)}.`)
  const isSent = isMoved(signed, computed)
  if (!isSent && !isMoved(computed, signed)) return []
  const [expected, actual] = isSent ? [signed.uri, rest(computed.uri)] : [rest(signed.uri), computed.uri]
  return [
    {
      cause: 'path-style-mismatch',
      part: { of: 'host and path' },
      expected: hostHeader(signed) + signed.uri,
      actual: hostOf(computed) + computed.uri,
    },
    ...(expected === actual
      ? []
      : [{ cause: pathCause(expected, actual), part: { of: 'path' as const }, expected, actual }]),
  ]
}

/** Finds the change that turns one path into the other. */
export function pathCause(signed: string, computed: string): Cause {
  const isSame = (map: (path: string) => string): boolean => map(signed) === map(computed)
  const lower = (path: string): string => path.replace(/%../g, (octet) => octet.toLowerCase())
  const resolved = (path: string): string => resolveDots(path.replace(/%2E/gi, '.').replace(/\/{2,}/g, '/'), true)
  const plain = (path: string): string => decode(decode(decode(path)))
  const isEscaped = (path: string): boolean => /^(?:[\w.~/-]|%[\da-f]{2})*$/i.test(path)
  const hasEscapedPercent = /%25/.test(signed + computed)
  if (isSame(lower)) return 'path-encoding-case'
  if (decode(signed) === computed || signed === decode(computed))
    return hasEscapedPercent && isEscaped(signed) && isEscaped(computed) ? 'path-double-encoding' : 'path-encoding'
  if (signed === `${computed}/` || computed === `${signed}/`) return 'path-trailing-slash'
  if (isSame(decode) || isSame((path) => path.replace(/\+|%2B/g, '%20'))) return 'path-encoding'
  if (isSame((path) => resolved(lower(path)))) return 'path-normalization'
  for (const map of [(path: string) => path, resolved])
    if (map(decodeToOctets(signed)) === map(narrow(computed)) || map(narrow(signed)) === map(decodeToOctets(computed)))
      return 'path-encoding'
  if (isSame((path) => decode(path).normalize('NFC'))) return 'path-encoding'
  if (hasEscapedPercent && isSame((path) => resolved(plain(path)))) return 'path-double-encoding'
  // written differently and resolved as well
  if (isSame((path) => resolved(decode(path)).replaceAll('+', ' '))) return 'path-encoding'
  // written differently, and with a slash at the end as well
  if (signed.endsWith('/') === computed.endsWith('/')) return 'path'
  const closed = (path: string): string => (path.endsWith('/') ? path : `${path}/`)
  return pathCause(closed(signed), closed(computed))
}

/** A path as octets, with its characters in ISO 8859-1 where possible. */
function narrow(path: string): string {
  return decode(path).replace(/[^\0-\xff]/g, (mark) => decodeToOctets(encode(mark)))
}

/** A different payload hash: the service uses x-amz-content-sha256, or, without it or if it differs, what it computes or assumes. */
function payloadDifference(expected: string, actual: string, { headers, claim }: ParsedRequest): Detail {
  const isDigest = (hash: string): boolean => /^[\da-f]{64}$/i.test(hash)
  const difference = (message: string, fix: string): Detail => ({
    cause: 'payload-hash',
    message,
    fix,
    expected,
    actual,
  })
  if (expected.toLowerCase() === actual)
    return difference(
      'The client wrote the payload hash in uppercase hexadecimal digits.',
      'Write the payload hash in lowercase hexadecimal digits.',
    )
  const what = expected === EMPTY_HASH ? 'the SHA-256 of an empty body' : isDigest(expected) ? 'a SHA-256' : expected
  const client = `The client signed ${what || 'nothing'} as the payload hash`
  // a request that was rebuilt from its strings has the hash as a header, whether or not it was sent
  const stated = claim.signedHeaders.includes('x-amz-content-sha256') ? headers['x-amz-content-sha256'] : undefined
  if (stated === actual && !isDigest(actual))
    return difference(
      `${client}, but the request contained ${actual} in x-amz-content-sha256.`,
      `Sign ${actual} as the payload hash, or send the signed payload hash as x-amz-content-sha256.`,
    )
  if (actual === EMPTY_HASH && isDigest(expected))
    return difference(
      `${client}, but the service received an empty body.`,
      'Send the body that was hashed, or sign the SHA-256 of an empty body.',
    )
  if (!isDigest(actual))
    return difference(`${client}, but the service assumes ${actual}.`, `Sign ${actual} as the payload hash.`)
  if (isDigest(expected) && expected !== EMPTY_HASH) return { cause: 'payload-mismatch', expected, actual }
  const sent = stated === undefined ? '' : ' and send it as x-amz-content-sha256'
  return difference(
    `${client}, but the service ${expected === EMPTY_HASH ? 'received a body' : 'requires the SHA-256 of the body'}.`,
    `Sign the SHA-256 of the body${sent}${actual === EMPTY_HASH ? ', even if it is empty' : ''}.`,
  )
}

function* compareHeaders(
  signed: CanonicalRequest,
  computed: CanonicalRequest,
  request: ParsedRequest,
): Iterable<Difference> {
  const { headers, claim } = request
  const names = ({ headers }: CanonicalRequest): string => headers.map(([name]) => name).join(';')
  const sorted = (text: string): string => text.toLowerCase().split(/[;,]/).sort().join(';')
  const problem = listProblem(request)
  const list = (expected: string, actual: string): Difference => ({
    cause: 'signed-headers',
    part: { of: 'SignedHeaders' },
    ...(problem ?? { expected, actual }),
  })
  // a client that looks up the name as it is listed does not find the header
  if (
    problem &&
    signed.headers.some(([name, value]) => value === '' && !claim.signedHeaders.includes(name.toLowerCase()))
  )
    return yield list('', '')
  const ours = new Map(signed.headers)
  const theirs = new Map(computed.headers)
  const signedNames = names(signed)
  const computedNames = names(computed)
  let isSame = signedNames === computedNames
  if (!isSame && sorted(signedNames) === sorted(computedNames)) {
    yield list(signedNames, computedNames)
    // values can be compared only by names that are written in the same way
    if ([...ours.keys()].some((name) => !theirs.has(name))) return
  }
  const claimed = new Set([...computed.signedHeaders.split(';'), ...claim.signedHeaders])
  for (const [name, expected] of ours) {
    const actual = theirs.get(name)
    if (actual === expected) continue
    const [isClaimed, isSent, isMissing] = [claimed.has(name), headers[name] !== undefined, actual === undefined]
    const isReplaced = isSent && isClaimed && isMissing
    const cause = isReplaced ? 'header-changed' : headerCause(name, expected, actual, isClaimed || !isSent)
    const explained = actual === undefined ? {} : explanationOf(name, expected, actual, headers[name])
    yield { cause, part: header(name), expected, ...(isMissing ? { absent: 'received' } : { actual }), ...explained }
    isSame = false
  }
  for (const [name, actual] of theirs) {
    if (ours.has(name)) continue
    const cause = name === 'x-amz-security-token' ? 'session-token' : 'signed-headers'
    yield { cause, part: header(name), absent: 'signed', actual }
    isSame = false
  }
  if (isSame && signed.signedHeaders !== computed.signedHeaders)
    yield list(signed.signedHeaders, computed.signedHeaders)
}

/** What explains the difference: output of a command, or a header that was sent, or signed, more than once. */
function explanationOf(name: string, expected: string, actual: string, sent = ''): Partial<Detail> {
  if (PRINTED.test(actual))
    return {
      message: `The ${headerName(name)} header contained what the command prints beside the digits of a digest.`,
      fix: 'Sign and send only the 64 digits.',
    }
  const isJoined = (long: string, value: string): boolean =>
    long.length > value.length && long.split(/, ?/).every((each) => each === value)
  const isSent = isJoined(sent, expected) || isJoined(sent, actual)
  if (!isSent && !isJoined(expected, actual)) return {}
  const what = `The ${headerName(name)} header was ${isSent ? 'sent' : 'signed'} more than once`
  return {
    message: `${what}, and its values were combined differently by the client and the service.`,
    fix: `${isSent ? 'Send' : 'Sign'} the ${headerName(name)} header once.`,
  }
}

/** Finds the change that turns one header value into the other. */
export function headerCause(name: string, expected: string, actual: string | undefined, isListed: boolean): Cause {
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

/** Finds the change that turns one date into the other. */
function dateCause(signed: string, sent: string): Cause {
  const ours = parseAmzDate(signed)
  const theirs = parseAmzDate(sent)
  if (ours === undefined || theirs === undefined) return 'date-format'
  return (ours - theirs) % 900 === 0 && !signed.endsWith('T000000Z') ? 'clock-timezone' : 'date-mismatch'
}

/** The parts of a credential scope. */
const SCOPE: readonly [Cause, PartKind][] = [
  ['scope-date', 'scope date'],
  ['scope-region', 'region'],
  ['scope-service', 'service'],
  ['scope-terminator', 'terminator'],
]

/** Compares the first lines of what was signed with those that the service computed. */
export function compareContext(signed: SigningContext, computed: SigningContext): Difference[] {
  const found: Difference[] = []
  if (signed.amzDate === '' && signed.scope === '') return found // of a request that is not shown
  const compare = (of: PartKind, cause: Cause, expected: string, actual: string, fix?: string): void => {
    if (!isSameButMasked(expected, actual)) found.push({ cause, part: { of }, expected, actual, fix })
  }
  compare('algorithm', 'algorithm', signed.algorithm, computed.algorithm)
  const date = dateCause(signed.amzDate, computed.amzDate)
  const dateFix =
    date === 'date-format' ? 'Write the date of the string to sign in the format 20150830T123600Z.' : undefined
  compare('date', date, signed.amzDate, computed.amzDate, dateFix)
  const ours = signed.scope.split('/')
  const theirs = computed.scope.split('/')
  // the scope of Signature Version 4a has no region
  const parts = signed.algorithm === ALGORITHM_4A ? SCOPE.filter(([cause]) => cause !== 'scope-region') : SCOPE
  if (ours.length === theirs.length)
    for (const [i, [cause, part]] of parts.entries()) compare(part, cause, ours[i] ?? '', theirs[i] ?? '')
  else if (signed.scope !== '') {
    // a missing part would shift the others
    const isCut = ours.length === 3 && theirs.length === 4 && computed.scope.startsWith(`${signed.scope}/`)
    const cause = isCut ? 'scope-terminator' : 'malformed-credential'
    compare('scope', cause, signed.scope, computed.scope)
  }
  return found
}
