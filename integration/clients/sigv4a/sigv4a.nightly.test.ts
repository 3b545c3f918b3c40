import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatCanonicalRequest, formatStringToSign } from '../../../src/internal/canonical-request.ts'
import { hostScope } from '../../../src/internal/services.ts'
import { preparePresign, prepareSign } from '../../../src/internal/signing.ts'
import { readPresign4a, readSign4a, signingContext4a } from '../../../src/internal/sigv4a.ts'
import * as entry from '../../../src/sigv4a.ts'
import { sigv4aFixture } from '../../../test/support/fixtures.ts'
import { randomBelow } from '../../../test/support/random.ts'
import { installPackages } from '../../servers/install.ts'

// Signature Version 4a of random requests: the AWS Common Runtime verifies ours, and we verify its signatures and those of
// @smithy/signature-v4a.

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const REQUESTS = 1000
/** It computes signatures in JavaScript. */
const SMITHY_REQUESTS = 50

// biome-ignore lint/suspicious/noExplicitAny: it has types only where it is installed
type Loaded = any
let crt: Loaded
let smithy: Loaded

beforeAll(async () => {
  await installPackages(FOLDER)
  const require = createRequire(import.meta.url)
  crt = require('aws-crt')
  smithy = require('@smithy/signature-v4a')
}, 300_000)

interface RandomRequest {
  method: string
  host: string
  path: string
  query: string
  headers: Record<string, string>
  payloadHash: string
  service: string
  regionSet: string
  now: number
  sessionToken: string | undefined
  /** Of a presigned URL. */
  expires: number | undefined
}

/** Returns a request that every client sends as it is. */
function randomRequest(seed: number, isPresigned: boolean): RandomRequest {
  const below = randomBelow(seed)
  const pick = <Value>(...values: Value[]): Value => values[below(values.length)]!
  const word = (): string =>
    Array.from({ length: 1 + below(5) }, () =>
      pick('a', 'B', '7', '-', '_', '~', '.x', '%20', '%C3%A9', '%F0%9F%98%80', '%2A', '%3D'),
    ).join('')
  const service = pick('s3', 'service', 'events')
  const query = Array.from({ length: below(4) }, () => `${word()}=${pick('', word())}`).join('&')
  return {
    method: pick('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
    host:
      service === 's3'
        ? 'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com'
        : pick('abc.endpoint.events.amazonaws.com', 'localhost:9000'),
    path: `/${Array.from({ length: below(4) }, word).join('/')}`,
    query,
    headers: Object.fromEntries(
      Array.from({ length: below(4) }, (_, i) => [`x-amz-meta-${i}`, pick('a', 'a  b', 'x,y', '"quoted"')]),
    ),
    payloadHash: pick('UNSIGNED-PAYLOAD', createHash('sha256').update(word()).digest('hex')),
    service,
    regionSet: pick('*', 'us-east-1', 'us-east-1,eu-west-*', 'eu-*,ap-southeast-2'),
    now: 1_400_000_000_000 + below(500_000_000) * 1000,
    sessionToken: pick(undefined, 'IQoJb3JpZ2luX2VjEXAMPLE/+=='),
    expires: isPresigned ? 1 + below(604_800) : undefined,
  }
}

const { credentials: KEYS, keys } = sigv4aFixture()
const { x, y } = keys.find(({ accessKeyId }) => accessKeyId === KEYS.accessKeyId)!

/** Returns the arguments of our functions, and the strings to sign. */
function ours(request: RandomRequest) {
  const {
    method,
    host,
    path,
    query,
    headers,
    payloadHash,
    service,
    regionSet,
    now: signedAt,
    sessionToken,
    expires,
  } = request
  const credentials = { ...KEYS, ...(sessionToken && { sessionToken }) }
  const options = {
    credentials,
    service,
    regionSet,
    now: signedAt,
    payloadHash,
    payloadHashHeader: expires === undefined,
  }
  const url = `https://${host}${path}${query && `?${query}`}`
  const prepare = () => {
    if (expires !== undefined) {
      const input = readPresign4a(method, url, { ...options, headers, expires }, hostScope)
      return preparePresign(input, credentials, signingContext4a(input.scope, signedAt))
    }
    const input = readSign4a({ method, url, headers }, options)
    const content = { body: undefined, payloadHash }
    return prepareSign(input, content, credentials, signingContext4a(input.scope, signedAt))
  }
  const { parts, context } = prepare()
  const canonicalRequest = formatCanonicalRequest(parts)
  const hash = createHash('sha256').update(canonicalRequest).digest('hex')
  return { options, url, canonicalRequest, stringToSign: formatStringToSign(context, hash) }
}

/** Returns the arguments of the AWS Common Runtime. */
function theirs(request: RandomRequest) {
  const { auth, http } = crt
  const isS3 = request.service === 's3'
  const headers = [['host', request.host], ...Object.entries(request.headers)]
  const unsigned = new http.HttpRequest(
    request.method,
    request.path + (request.query && `?${request.query}`),
    new http.HttpHeaders(headers),
  )
  const config = {
    algorithm: auth.AwsSigningAlgorithm.SigV4Asymmetric,
    signature_type:
      request.expires === undefined
        ? auth.AwsSignatureType.HttpRequestViaHeaders
        : auth.AwsSignatureType.HttpRequestViaQueryParams,
    provider: auth.AwsCredentialsProvider.newStatic(KEYS.accessKeyId, KEYS.secretAccessKey, request.sessionToken),
    region: request.regionSet,
    service: request.service,
    date: new Date(request.now),
    use_double_uri_encode: !isS3,
    should_normalize_uri_path: !isS3,
    signed_body_value: request.payloadHash,
    signed_body_header: auth.AwsSignedBodyHeaderType[request.expires === undefined ? 'XAmzContentSha256' : 'None'],
    ...(request.expires !== undefined && { expiration_in_seconds: request.expires }),
  }
  return { unsigned, config }
}

const signatureOf = (text: string): string => /Signature=([\da-f]+)$/.exec(text)![1]!

describe.each([
  ['headers', false],
  ['URLs', true],
])('signed %s', (_, isPresigned) => {
  const requests = Array.from({ length: REQUESTS / 2 }, (_, seed) =>
    randomRequest(seed * 2 + Number(isPresigned), isPresigned),
  )

  it('of ours are accepted by the AWS Common Runtime', async () => {
    for (const [i, request] of requests.entries()) {
      const { options, url, canonicalRequest } = ours(request)
      const { sign, presign } = entry
      const { method, headers, expires } = request
      const signed =
        expires === undefined
          ? await sign({ method, url, headers }, options)
          : await presign(method, url, { ...options, headers, expires })
      const signature = signatureOf(signed.headers.authorization ?? signed.url)
      const { unsigned, config } = theirs(request)
      const verify = (given: string): boolean =>
        crt.auth.aws_verify_sigv4a_signing(unsigned, config, canonicalRequest, given, x, y)
      expect(verify(signature), canonicalRequest).toBe(true)
      if (i % 50 === 0) expect(() => verify(signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')))).toThrow()
    }
  })

  it('of the AWS Common Runtime are accepted by ours', async () => {
    const verifies = await entry.sigv4a.verifier(KEYS)
    for (const request of requests) {
      const { stringToSign, canonicalRequest } = ours(request)
      const { unsigned, config } = theirs(request)
      const signed = await crt.auth.aws_sign_request(unsigned, config)
      const signature = signatureOf(request.expires === undefined ? signed.headers.get('Authorization') : signed.path)
      expect(await verifies(stringToSign, signature), canonicalRequest).toBe(true)
      expect(await verifies(`${stringToSign} `, signature)).toBe(false)
    }
  })
})

it('signed headers of @smithy/signature-v4a are accepted by ours', async () => {
  const verifies = await entry.sigv4a.verifier(KEYS)
  class Sha256 {
    readonly #hash
    constructor(key?: string | Uint8Array) {
      const { createHmac } = process.getBuiltinModule('node:crypto')
      this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
    }
    update(data: string | Uint8Array): void {
      this.#hash.update(data)
    }
    async digest(): Promise<Uint8Array> {
      return new Uint8Array(this.#hash.digest())
    }
  }
  for (let seed = 0; seed < SMITHY_REQUESTS; seed++) {
    const request = randomRequest(seed, false)
    const { method, host, path, query, headers, payloadHash, service, regionSet, now: signedAt, sessionToken } = request
    const { url, options, stringToSign } = ours(request)
    const signer = new smithy.SignatureV4a({
      credentials: { ...KEYS, ...(sessionToken && { sessionToken }) },
      region: regionSet,
      service,
      sha256: Sha256,
      uriEscapePath: service !== 's3',
      applyChecksum: true,
    })
    const bag: Record<string, string[]> = {}
    for (const [name, value] of new URLSearchParams(query)) bag[name] = [...(bag[name] ?? []), value]
    const theirs = await signer.sign(
      {
        method,
        protocol: 'https:',
        hostname: host,
        path,
        query: bag,
        headers: { host, ...headers, 'x-amz-content-sha256': payloadHash },
      },
      { signingDate: new Date(signedAt) },
    )
    const signed = await entry.sign({ method, url, headers }, options)
    const names = (authorization: string): string => authorization.replace(/Signature=.*/, '')
    expect(names(theirs.headers.authorization)).toBe(names(signed.headers.authorization!))
    expect(await verifies(stringToSign, signatureOf(theirs.headers.authorization)), stringToSign).toBe(true)
  }
})
