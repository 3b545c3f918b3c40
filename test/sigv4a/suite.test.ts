import { createPublicKey, type KeyObject, verify as verifyWithNode } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatQuery, parseQuery, sortPairs } from '../../src/core/http/query.ts'
import { canonicalHeaders, canonicalUri, formatCanonicalRequest } from '../../src/core/signing/canonical-request.ts'
import { hostScope } from '../../src/core/signing/hosts.ts'
import { preparePresign, presignedQuery, tokenParameter } from '../../src/core/signing/presign.ts'
import { prepareSign } from '../../src/core/signing/sign.ts'
import { ALGORITHM_4A, formatStringToSign } from '../../src/core/signing/string-to-sign.ts'
import { readPresign4a, readSign4a, signingContext4a } from '../../src/sigv4a/input.ts'
import * as entry from '../../src/sigv4a.ts'
import { type Location, type Pair, type SuiteCase, suiteCases } from '../support/fixtures.ts'
import { sha256 } from '../support/oracle.ts'

// AWS's signing test suite for Signature Version 4a. Its signatures, and ours, are random: node:crypto verifies ours with the
// public key of the suite, and our verifier verifies those of the suite.

const FOLDER = new URL('../../fixtures/aws-signing-test-suite/v4a/', import.meta.url)
const LOCATIONS: Location[] = ['header', 'query']

/** Two cases have no recorded stages. */
const CASES = suiteCases('v4a').filter(({ header }) => header.canonicalRequest !== undefined)
const VECTORS = CASES.flatMap((suiteCase) =>
  LOCATIONS.map((location) => ({ name: suiteCase.name, location, suiteCase })),
)

/** Requests that `fetch` would change: with folded headers or dot segments, and paths that are sent with escapes. */
const UNSENDABLE = [
  'get-header-value-multiline',
  'get-relative-unnormalized',
  'get-relative-relative-unnormalized',
  'get-slash-dot-slash-unnormalized',
  'get-slash-pointless-dot-unnormalized',
]
const ESCAPED = ['get-space-unnormalized', 'get-space-normalized', 'get-utf8']

function publicKeyOf(name: string): KeyObject {
  const { X, Y } = JSON.parse(readFileSync(new URL(`${name}/public-key.json`, FOLDER), 'utf8'))
  const [x, y] = [X, Y].map((digits) => Buffer.from(digits, 'hex').toString('base64url'))
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' })
}

/** Returns whether node:crypto accepts a signature. */
function isValid(name: string, stringToSign: string, signature: string): boolean {
  return verifyWithNode('sha256', Buffer.from(stringToSign), publicKeyOf(name), Buffer.from(signature, 'hex'))
}

function signatureOf({ url, headers }: { url: string; headers: Record<string, string> }): string {
  return new URL(url).searchParams.get('X-Amz-Signature') ?? /Signature=(\w+)$/.exec(headers.authorization!)![1]!
}

/** Returns the arguments that sign a case. */
function call({ request, context }: SuiteCase) {
  const { accessKeyId, secretAccessKey, sessionToken, omitSessionToken, amzDate, ...suite } = context!
  const [, host] = request.headers.find(([name]) => name.toLowerCase() === 'host')!
  return {
    method: request.method,
    url: `https://${host}${request.target}`,
    headers: request.headers.filter(([name]) => name.toLowerCase() !== 'host'),
    body: suite.signBody ? request.body : undefined,
    options: {
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      regionSet: suite.region,
      service: suite.service,
      now: Date.parse(amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')),
      pathNormalization: suite.normalize ? 'rfc3986' : 'none',
      sessionTokenPlacement: omitSessionToken ? 'appended' : 'signed',
    } as const,
    expires: suite.expires,
  }
}

it('the suite is complete', () => {
  expect(suiteCases('v4a')).toHaveLength(40)
  expect(CASES).toHaveLength(38)
  expect(VECTORS).toHaveLength(76)
})

describe('the core', () => {
  it.each(VECTORS)('$name in the $location has the same strings', ({ name, location, suiteCase }) => {
    const { request, context } = suiteCase
    const { accessKeyId, amzDate, service, region, sessionToken, omitSessionToken, signBody, expires } = context!
    const token = omitSessionToken ? undefined : sessionToken
    const payloadHash = sha256(signBody ? request.body : '')
    const added: Pair[] = [
      ['x-amz-date', amzDate],
      ['x-amz-region-set', region],
      ...(signBody ? ([['x-amz-content-sha256', payloadHash]] as Pair[]) : []),
      ...(token ? ([['x-amz-security-token', token]] as Pair[]) : []),
    ]
    const headers: Record<string, string> = {}
    for (const [given, value] of [...request.headers, ...(location === 'header' ? added : [])]) {
      const key = given.toLowerCase()
      headers[key] = key in headers ? `${headers[key]},${value.trim()}` : value.trim()
    }
    const names = Object.keys(headers).sort()
    const [path, query = ''] = request.target.split(/\?(.*)/s) as [string, string?]
    const date = amzDate.slice(0, 8)
    const scope = `${date}/${service}/aws4_request`
    const signing = { algorithm: ALGORITHM_4A, amzDate, scope, date, region: undefined, service }
    const own = parseQuery(query)
    const canonicalRequest = formatCanonicalRequest({
      method: request.method,
      uri: canonicalUri(
        path,
        name === 'get-space-normalized' ? 'single' : 'double',
        context!.normalize ? 'rfc3986' : 'none',
      ),
      query:
        location === 'query'
          ? presignedQuery([...own, ['X-Amz-Region-Set', region]], signing, {
              accessKeyId,
              expires,
              token: tokenParameter('x-amz-security-token', token),
              names,
            })
          : formatQuery(sortPairs(own)),
      headers: canonicalHeaders(headers, names),
      signedHeaders: names.join(';'),
      payloadHash,
    })
    const { stringToSign, signature, ...recorded } = suiteCase[location]
    expect(canonicalRequest).toBe(recorded.canonicalRequest)
    expect(formatStringToSign(signing, sha256(canonicalRequest))).toBe(stringToSign)
    expect(isValid(name, stringToSign!, signature!)).toBe(true)
  })
})

describe('signing', () => {
  const sendable = VECTORS.filter(({ name }) => ![...UNSENDABLE, ...ESCAPED].includes(name))

  it('covers all cases that can be sent unchanged', () => {
    expect(sendable).toHaveLength(76 - 2 * (UNSENDABLE.length + ESCAPED.length))
  })

  it.each(sendable)('$name in the $location has the same strings', ({ location, suiteCase }) => {
    const { method, url, headers, body, options, expires } = call(suiteCase)
    const { credentials, ...rest } = options
    const { signBody } = suiteCase.context!
    const now = options.now
    const payloadHash = sha256(body ?? '')
    const prepare = () => {
      if (location === 'query') {
        const own = { ...options, headers, expires, ...(signBody && { payloadHash }) }
        const input = readPresign4a(method, url, own, hostScope)
        return preparePresign(input, credentials, signingContext4a(input.scope, now))
      }
      const own = { ...rest, credentials, payloadHashHeader: signBody }
      const input = readSign4a({ method, url, headers, body: signBody ? body : undefined }, own)
      return prepareSign(
        input,
        { body: suiteCase.request.body || undefined, payloadHash },
        credentials,
        signingContext4a(input.scope, now),
      )
    }
    const { context, parts } = prepare()
    const canonicalRequest = formatCanonicalRequest(parts)
    expect(canonicalRequest).toBe(suiteCase[location].canonicalRequest)
    expect(formatStringToSign(context, sha256(canonicalRequest))).toBe(suiteCase[location].stringToSign)
  })

  describe('with sigv4/sigv4a', () => {
    const send = async (suiteCase: SuiteCase, location: Location, changed: object = {}) => {
      const { method, url, headers, body, options, expires } = call(suiteCase)
      const { signBody } = suiteCase.context!
      return location === 'query'
        ? entry.presign(method, url, {
            ...options,
            ...(signBody && { payloadHash: sha256(body!) }),
            headers,
            expires,
            ...changed,
          })
        : entry.sign(
            // a body that is not signed is still declared
            { method, url, headers, ...(suiteCase.request.body && { body: suiteCase.request.body }) },
            { ...options, payloadHashHeader: signBody, ...(!signBody && { payloadHash: sha256('') }), ...changed },
          )
    }

    it.each(sendable)('$name in the $location is valid', async ({ name, location, suiteCase }) => {
      const signed = await send(suiteCase, location)
      expect(isValid(name, suiteCase[location].stringToSign!, signatureOf(signed))).toBe(true)
      const other = await send(suiteCase, location, { regionSet: 'us-west-2' })
      expect(isValid(name, suiteCase[location].stringToSign!, signatureOf(other))).toBe(false)
      const { signedRequest } = suiteCase[location]
      if (location === 'query')
        expect([...new URL(signed.url).searchParams.keys()].sort()).toEqual(
          [...new URL(`https://example.com${signedRequest!.target}`).searchParams.keys()].sort(),
        )
      else
        expect(Object.keys(signed.headers).sort()).toEqual(
          [...new Set(signedRequest!.headers.map(([header]) => header.toLowerCase()))]
            .filter((header) => header !== 'host')
            .sort(),
        )
    })

    it.each(VECTORS.filter(({ name }) => UNSENDABLE.includes(name)))(
      '$name in the $location is rejected',
      async ({ suiteCase, location }) => {
        await expect(send(suiteCase, location)).rejects.toMatchObject({ code: 'ERR_SIGV4_REQUEST_UNSENDABLE' })
      },
    )

    it.each(VECTORS.filter(({ name }) => ESCAPED.includes(name)))(
      '$name in the $location has the same strings if its path is encoded once',
      async ({ name, suiteCase, location }) => {
        const signed = await send(suiteCase, location, { pathEncoding: 'single' })
        expect(isValid(name, suiteCase[location].stringToSign!, signatureOf(signed))).toBe(true)
      },
    )
  })
})

describe('verifying', () => {
  it.each(VECTORS)(
    '$name in the $location accepts the signature of the suite only if nothing is changed',
    async (vector) => {
      const { stringToSign, signature } = vector.suiteCase[vector.location]
      const { accessKeyId, secretAccessKey } = vector.suiteCase.context!
      const verifies = await entry.sigv4a.verifier({ accessKeyId, secretAccessKey })
      expect(await verifies(stringToSign!, signature!)).toBe(true)
      expect(await verifies(`${stringToSign} `, signature!)).toBe(false)
      for (let at = 0; at < signature!.length; at++) {
        const changed = signature![at] === '0' ? '1' : '0'
        expect(await verifies(stringToSign!, signature!.slice(0, at) + changed + signature!.slice(at + 1))).toBe(false)
      }
    },
  )

  it('rejects signatures of other keys', async () => {
    const { stringToSign, signature } = CASES[0]!.header
    const { accessKeyId, secretAccessKey } = CASES[0]!.context!
    for (const credentials of [
      { accessKeyId, secretAccessKey: `${secretAccessKey}A` },
      { accessKeyId: `${accessKeyId}A`, secretAccessKey },
    ])
      expect(await (await entry.sigv4a.verifier(credentials))(stringToSign!, signature!)).toBe(false)
  })
})
