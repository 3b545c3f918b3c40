import { describe, expect, it } from 'vitest'
import { verify } from '../../src/verify.ts'
import type { Pair } from '../support/fixtures.ts'
import { judge, parseQuery, type Received } from '../support/service.ts'
import { verdict } from '../support/verify/helpers.ts'
import { type SuiteVector, suiteVectors } from '../support/verify/suite.ts'

// Changes any one byte of a signed request: it is rejected, with a code that fits the location. What AWS's rules ignore
// (a `/./` in a path that is resolved anyway) is determined by the independent service in test/support/service.ts.

/** A request in octets, one character each. */
interface Octets {
  method: string
  target: string
  headers: Pair[]
  body: string
}

const SIGNATURE = 'SIGNATURE_MISMATCH'

/** The codes that a changed byte in a location may produce. Each must occur. */
const EXPECTED: Record<string, string[]> = {
  method: [SIGNATURE],
  path: ['AUTH_MALFORMED', SIGNATURE],
  query: ['AUTH_MALFORMED', SIGNATURE],
  'question mark': ['AUTH_MISSING', SIGNATURE],
  body: ['PAYLOAD_MISMATCH', SIGNATURE],
  'name of a header': [SIGNATURE],
  'name of x-amz-*': ['ACCESS_KEY_UNKNOWN', 'HEADER_NOT_SIGNED', 'AUTH_MALFORMED', SIGNATURE],
  'name of authorization': ['AUTH_MISSING'],
  'value of a header': [SIGNATURE],
  'value of x-amz-content-sha256': ['AUTH_MALFORMED', SIGNATURE],
  'value of x-amz-date': ['AUTH_MALFORMED', SIGNATURE, 'TIME_SKEWED'],
  'value of a signed security token': ['AUTH_MALFORMED', SIGNATURE],
  'value of an unsigned security token': ['AUTH_MALFORMED', 'ACCESS_KEY_UNKNOWN'],
  'name of a signing parameter': ['SCOPE_MISMATCH', 'ALGORITHM_UNSUPPORTED', 'AUTH_MALFORMED', SIGNATURE],
  algorithm: ['ALGORITHM_UNSUPPORTED'],
  'key id': ['ACCESS_KEY_UNKNOWN', 'AUTH_MALFORMED'],
  'date of the scope': ['AUTH_MALFORMED', 'SCOPE_MISMATCH'],
  'region of the scope': ['AUTH_MALFORMED', 'SCOPE_MISMATCH'],
  'service of the scope': ['AUTH_MALFORMED', 'SCOPE_MISMATCH'],
  'end of the scope': ['SCOPE_MISMATCH'],
  'X-Amz-Date': ['AUTH_MALFORMED', 'EXPIRED', 'NOT_YET_VALID', SIGNATURE],
  'X-Amz-Expires': [SIGNATURE],
  'signed headers': ['AUTH_MALFORMED', 'HEADER_NOT_SIGNED', SIGNATURE],
  signature: [SIGNATURE],
  'punctuation of authorization': ['AUTH_MALFORMED', 'ALGORITHM_UNSUPPORTED'],
}

/** Splits a string into locations by the ends of its parts. */
type Part = [location: string, text: string]

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

function credentialParts(credential: string, separator: string): Part[] {
  const locations = ['key id', 'date of the scope', 'region of the scope', 'service of the scope', 'end of the scope']
  return credential.split(separator).map((text, i) => [locations[i]!, i < 4 ? text + separator : text])
}

function authorizationParts(value: string): Part[] {
  const [, scheme, credential, headers, signature] = /^(\S+) Credential=(.+), SignedHeaders=(.+), Signature=(.+)$/.exec(
    value,
  )!
  return [
    ['algorithm', scheme!],
    ['punctuation of authorization', ' Credential='],
    ...credentialParts(credential!, '/'),
    ['punctuation of authorization', ', SignedHeaders='],
    ['signed headers', headers!],
    ['punctuation of authorization', ', Signature='],
    ['signature', signature!],
  ]
}

function queryParts(query: string, isTokenSigned: boolean): Part[] {
  return query.split('&').flatMap((text, i): Part[] => {
    const start = i ? '&' : ''
    const [, name, value] = /^([^=]*=?)(.*)$/s.exec(text)!
    if (!/^X-Amz-/.test(name!)) return [['query', start + text]]
    const location: Record<string, string> = {
      'X-Amz-Algorithm=': 'algorithm',
      'X-Amz-SignedHeaders=': 'signed headers',
      'X-Amz-Signature=': 'signature',
      'X-Amz-Security-Token=': `value of ${isTokenSigned ? 'a signed' : 'an unsigned'} security token`,
    }
    const values: Part[] =
      name === 'X-Amz-Credential=' ? credentialParts(value!, '%2F') : [[location[name!] ?? name!.slice(0, -1), value!]]
    return [['name of a signing parameter', start + name], ...values]
  })
}

function headerParts([given, value]: Pair, isTokenSigned: boolean): [name: Part, values: Part[]] {
  const name = given.toLowerCase()
  if (name === 'authorization') return [['name of authorization', given], authorizationParts(value)]
  const isToken = name === 'x-amz-security-token'
  const location = isToken
    ? `value of ${isTokenSigned ? 'a signed' : 'an unsigned'} security token`
    : `value of ${name.startsWith('x-amz-') ? name : 'a header'}`
  return [[name.startsWith('x-amz-') ? 'name of x-amz-*' : 'name of a header', given], [[location, value]]]
}

/** Parts that are identical in every vector, or random: all their bytes are changed in two vectors of each kind. */
const sweeps = new Map<string, number>()

function isSwept([location, text]: Part): boolean {
  const isOwn = /^(?:method|path|question mark|query|body|(?:name|value) of a header|X-Amz-(?:Date|Expires))$/.test(
    location,
  )
  const kind = location === 'signature' ? location : location + text
  const times = (sweeps.get(kind) ?? 0) + 1
  sweeps.set(kind, times)
  return isOwn || times <= 2
}

/** Returns copies of a string with one bit changed: in each octet, or in one octet if others covered the rest. */
function* changed(parts: Part[]): Generator<[location: string, text: string]> {
  const joined = parts.map(([, text]) => text).join('')
  let start = 0
  for (const part of parts) {
    const [location, text] = part
    const end = start + text.length
    const last = isSwept(part) ? end : Math.min(end, start + 1)
    for (let at = start; at < last; at++)
      yield [location, joined.slice(0, at) + String.fromCharCode(joined.charCodeAt(at) ^ 1) + joined.slice(at + 1)]
    start = end
  }
}

function replaced(headers: Pair[], at: number, pair: Pair): Pair[] {
  return headers.map((old, i) => (i === at ? pair : old))
}

function* mutants(request: Octets, isTokenSigned: boolean): Generator<[location: string, request: Octets]> {
  const { method, target, headers, body } = request
  const [path, query] = target.split(/\?(.*)/s) as [string, string?]
  const targetParts: Part[] = [['path', path]]
  if (query !== undefined) targetParts.push(['question mark', '?'], ...queryParts(query, isTokenSigned))
  for (const [location, text] of changed([['method', method]])) yield [location, { ...request, method: text }]
  for (const [location, text] of changed(targetParts)) yield [location, { ...request, target: text }]
  for (const [location, text] of changed([['body', body]])) yield [location, { ...request, body: text }]
  for (const [i, pair] of headers.entries()) {
    const [name, values] = headerParts(pair, isTokenSigned)
    for (const [location, text] of changed([name]))
      yield [location, { ...request, headers: replaced(headers, i, [text, pair[1]]) }]
    for (const [location, text] of changed(values))
      yield [location, { ...request, headers: replaced(headers, i, [pair[0], text]) }]
  }
}

/** The vectors, except those that no HTTP parser accepts, so that their whitespace needs no rule. */
const VECTORS = suiteVectors().filter(({ name }) => !name.startsWith('get-header-value-multiline'))
const seen = new Map<string, Set<string>>()
let count = 0
let equal = 0

/**
 * Returns whether the service in test/support/service.ts sees no difference. It leaves the form of the target to its HTTP parser.
 */
function isEqual(received: Octets, secret: string, { options }: SuiteVector): boolean {
  const rule = options.pathNormalization === 'none' ? 'other, not normalized' : 'other'
  const { body, ...rest } = received
  const target = rest.target.replace('http://example.amazonaws.com', '')
  // URL parsers read two slashes as a host, unless a slash precedes them
  if (!/^\/[^#\\]*$/.test(target) || rest.target.startsWith('//')) return false
  const request: Received = { ...rest, target, body: Buffer.from(body, 'latin1') }
  try {
    const { sent, expected } = judge(request, secret, rule, options.sessionTokenPlacement === 'appended')
    return sent === expected
  } catch {
    return false
  }
}

describe('a changed byte is detected', () => {
  it.each(VECTORS)('$name', async (vector) => {
    const { request, options } = vector
    const credentials =
      (await options.credentials('AKIDEXAMPLE', { date: '', region: '', service: '' })) ??
      (await options.credentials('ANOTREAL', { date: '', region: '', service: '' }))!
    const { secretAccessKey, sessionToken } = credentials as { secretAccessKey: string; sessionToken?: string }
    const original: Octets = {
      method: request.method,
      target: latin1(request.target),
      headers: request.headers.map(([name, value]) => [latin1(name), latin1(value)]),
      body: latin1(request.body),
    }
    const verifyChanged = ({ method, target, headers, body }: Octets) =>
      verdict(
        { method, url: target, headers: {}, rawHeaders: headers.flat(), body: Buffer.from(body, 'latin1') },
        options,
      )
    expect(isEqual(original, secretAccessKey, vector)).toBe(true)
    expect(await verifyChanged(original)).toBe('accepted')
    const isTokenSigned = options.sessionTokenPlacement !== 'appended'
    const all = [...mutants(original, isTokenSigned)]
    const outcomes = await Promise.all(all.map(([, mutant]) => verifyChanged(mutant)))
    count += all.length
    for (const [i, [location, mutant]] of all.entries()) {
      const outcome = outcomes[i]!
      const what = (): string => `${outcome}, ${location}: ${JSON.stringify(mutant)}`
      const token =
        mutant.headers.find(([name]) => name.toLowerCase() === 'x-amz-security-token')?.[1] ??
        parseQuery(mutant.target.split('?')[1] ?? '').find(([name]) => name === 'X-Amz-Security-Token')?.[1]
      const isKnown = /^(?:method|path|query|body|(?:name|value) of .+)$/.test(location) // these have other spellings
      if (isKnown && isEqual(mutant, secretAccessKey, vector) && token === sessionToken) {
        if (outcome !== 'accepted') throw new Error(what())
        expect(location).toBe('path') // nothing else has two spellings that differ in one bit
        equal++
        continue
      }
      const code = outcome.replace('ERR_SIGV4_', '')
      // the host of an absolute URL is compared with the Host header before the signature is verified
      const isOtherHost =
        original.target.startsWith('http') && location.endsWith(' of a header') && code === 'AUTH_MALFORMED'
      if (isOtherHost) continue
      if (!EXPECTED[location]?.includes(code)) throw new Error(what())
      seen.set(location, (seen.get(location) ?? new Set()).add(code))
    }
  })

  it('in every location, with every possible code', () => {
    const found = Object.fromEntries([...seen].map(([location, codes]) => [location, [...codes].sort()]))
    expect(found).toEqual(
      Object.fromEntries(Object.entries(EXPECTED).map(([location, codes]) => [location, codes.sort()])),
    )
    expect(count).toBeGreaterThan(6000)
    expect(equal).toBeGreaterThan(0)
    expect(equal).toBeLessThan(100)
  })
})

/** Changes of more than a bit that AWS's rules ignore, each with a similar one that they do not. */
describe('an equivalent request', () => {
  const one = VECTORS.find(({ name }) => name === 'get-vanilla in the header')!
  const trimmed = VECTORS.find(({ name }) => name === 'get-header-value-trim in the header')!
  const verifyChanged = ({ request, options }: SuiteVector, change: Partial<{ url: string; headers: Pair[] }>) =>
    verdict({ method: request.method, url: request.target, headers: request.headers, ...change }, options)

  it.each([
    ['/', 'accepted'],
    ['//', 'ERR_SIGV4_AUTH_MALFORMED'], // URL parsers read a host
    ['///', 'ERR_SIGV4_AUTH_MALFORMED'],
    ['/./', 'accepted'],
    ['/a/..', 'accepted'],
    ['/?', 'accepted'],
    ['/?&', 'accepted'],
    ['/a', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    ['/%2e/', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    ['/?=', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
  ])('%s for /: %s', async (url, expected) => {
    expect(await verifyChanged(one, { url })).toBe(expected)
  })

  it.each([
    ['"a b c"', 'accepted'],
    ['\t"a \t b  c" ', 'accepted'],
    ['"a\u00a0b c"', 'ERR_SIGV4_SIGNATURE_MISMATCH'], // a no-break space is not whitespace in HTTP
    ['\u00a0"a \u2003b  c"', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    ['"a\u2003b c"', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    ['"a bc"', 'ERR_SIGV4_SIGNATURE_MISMATCH'],
  ])('a header %j: %s', async (value, expected) => {
    const headers = trimmed.request.headers.map(([name, old]): Pair => [name, name === 'My-Header2' ? value : old])
    expect(await verifyChanged(trimmed, { headers })).toBe(expected)
  })

  it('header names in a different case and order', async () => {
    const headers = one.request.headers.map(([name, value]): Pair => [name.toUpperCase(), value]).reverse()
    expect(await verifyChanged(one, { headers })).toBe('accepted')
  })

  it('not a method in lowercase', async () => {
    const { request, options } = one
    await expect(verify({ ...request, method: 'get', url: '/' }, options)).rejects.toThrow(/signature/)
  })
})
