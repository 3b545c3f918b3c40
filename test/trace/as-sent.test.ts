import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parametersToAdd, preparePresign } from '../../src/core/signing/presign.ts'
import { signingContext } from '../../src/core/signing/scope.ts'
import { headersToAdd, prepareSign } from '../../src/core/signing/sign.ts'
import { SIGV4, signature } from '../../src/crypto/sha256.ts'
import { readReceived } from '../../src/received/request.ts'
import { presign, sign } from '../../src/sync.ts'
import { readPresignAsSent, readSignAsSent } from '../../src/trace/as-sent.ts'
import { SECRET } from '../support/credentials.ts'

// Requests that are signed as they are sent: the proxy and trace add to them what sign and presign return.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const signedAt = Date.UTC(2015, 7, 30, 12, 36)
const name = fc.stringMatching(/^[a-z]{1,8}$/)
const request = fc.record({
  path: fc.stringMatching(/^(?:\/[a-z\d_-]{1,5}){1,3}$/),
  query: fc.array(fc.tuple(name, name), { maxLength: 3 }),
  headers: fc.dictionary(name, name, { maxKeys: 3 }),
  sessionToken: fc.option(fc.stringMatching(/^[a-z/+=]{1,20}$/), { nil: undefined }),
  placement: fc.constantFrom('signed', 'appended'),
  service: fc.constantFrom('s3', 'sqs'),
})

/** Returns a request as it is received, its URL, and the options to sign it with. */
function given({
  path,
  query,
  headers,
  sessionToken,
  placement,
  service,
}: typeof request extends fc.Arbitrary<infer Given> ? Given : never) {
  const target = path + (query.length ? `?${query.map((pair) => pair.join('=')).join('&')}` : '')
  const received = readReceived({ method: 'GET', url: target, headers: { host: HOST, ...headers } }, undefined)
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: SECRET,
    sessionToken,
  }
  const options = {
    credentials,
    now: signedAt,
    service,
    region: 'eu-west-1',
    sessionTokenPlacement: placement,
  } as const
  return { received, url: `https://${HOST}${target}`, target, headers, credentials, options }
}

describe('a request that is signed as it is sent', () => {
  it('has the headers that sign adds', () => {
    fc.assert(
      fc.property(request, (random) => {
        const { received, url, headers, credentials, options } = given(random)
        const input = readSignAsSent(received, options, EMPTY)
        const content = { body: undefined, payloadHash: input.payloadHash }
        const unsigned = prepareSign(input, content, credentials, signingContext(input.scope, 0))
        const added = headersToAdd(unsigned, signature(unsigned, credentials, SIGV4))
        expect({ ...headers, ...Object.fromEntries(added) }).toEqual(sign({ url, headers }, options).headers)
        expect(added.some(([each]) => each in headers)).toBe(false)
      }),
    )
  })

  it('has the parameters that presign adds', () => {
    fc.assert(
      fc.property(request, (random) => {
        const { received, url, headers, credentials, options } = given(random)
        const input = readPresignAsSent(received, { ...options, expires: 60 }, EMPTY)
        const unsigned = preparePresign(input, credentials, signingContext(input.scope, 0))
        const added = parametersToAdd(unsigned, signature(unsigned, credentials, SIGV4))
        const expected = presign('GET', url, { ...options, headers, expires: 60 }).url
        const parts = (text: string) => text.split('&').sort()
        expect(
          parts(
            random.query
              .map((pair) => pair.join('='))
              .concat(added)
              .join('&'),
          ),
        ).toEqual(parts(expected.slice(expected.indexOf('?') + 1)))
      }),
    )
  })

  it('may state its payload hash in a header', () => {
    const { received, options } = given({
      path: '/a',
      query: [],
      headers: {},
      sessionToken: undefined,
      placement: 'signed',
      service: 's3',
    })
    const stated = { ...received, headers: { ...received.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }
    expect(readSignAsSent(stated, options, EMPTY).payloadHash).toBe('UNSIGNED-PAYLOAD')
    expect(readSignAsSent(received, options, EMPTY).payloadHash).toBe(EMPTY)
    expect(readPresignAsSent(received, options, EMPTY).payloadHash).toBe('UNSIGNED-PAYLOAD')
  })

  it('is signed with every character that a client would change', () => {
    const received = readReceived(
      { method: 'GET', url: '/a/../b//c?x y', headers: { host: ` ${HOST}  a ` } },
      undefined,
    )
    const { uri, query, host } = readSignAsSent(
      received,
      { credentials: undefined, region: 'us-east-1', service: 's3' },
      EMPTY,
    )
    expect([uri, query, host]).toEqual(['/a/../b//c', 'x%20y=', `${HOST} a`])
  })
})
