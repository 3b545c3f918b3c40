import type * as verification from '../../../src/verify.ts'
import { equal, refused } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Vector } from '../recorded-vectors.ts'
import type { PlatformCase } from './platform.ts'
import { type Signer, signVector } from './vectors.ts'

type Verifier = typeof verification
type Received = verification.ReceivedRequest

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedAt = 1_440_938_160_000
const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
/** Declares a body that is passed later. */
const COMES_LATER = { 'transfer-encoding': 'chunked' }
const options: verification.VerifyOptions = { credentials: () => credentials.secretAccessKey, now: signedAt }

/** Verifies what the other entries sign. */
export function verifyingCases(
  verifier: Verifier,
  signer: Signer,
  { vectors, chunked, form }: Recorded,
): PlatformCase[] {
  const upload = async (body: string): Promise<Received> => {
    const { method, headers } = await signer.sign({ method: 'PUT', url, body }, { credentials, now: signedAt })
    return { method, url, headers, body }
  }
  const announced = async (body: string): Promise<Received> => {
    const { body: _, ...request } = await upload(body)
    return { ...request, headers: { ...request.headers, ...COMES_LATER } }
  }
  return [
    ...vectors
      .filter(({ signature }) => signature !== undefined)
      .map(
        (vector): PlatformCase => [
          `accepts ${vector.name} only if unchanged`,
          ['subtle'],
          (output) => both(vector, output),
        ],
      ),
    ...chunked.map(({ vector, ...body }): PlatformCase => {
      return [
        `verifies the chunks of ${vector.name}`,
        ['subtle'],
        async () => {
          const { method, url, headers } = await signVector(signer, vector)
          const request = { method, url, headers: { ...headers, ...COMES_LATER } }
          const accepted = await verifier.verify(request, { ...optionsFor(vector), payload: 'deferred' })
          const { length, trailers } = await drain(accepted.verifyBody(pieces(encodeChunks(body))))
          equal([accepted.payload, length, Object.entries(trailers)], ['deferred', 66_560, body.trailers])
          const changed = encodeChunks(body)
          changed[100] = 98 // A byte of the first chunk.
          await refused('ERR_SIGV4_SIGNATURE_MISMATCH', () => drain(accepted.verifyBody(pieces(changed))))
        },
      ]
    }),
    [
      'verifies the documented form and one of presignPost',
      ['subtle'],
      async (output) => {
        const now = form.now
        const example = { credentials: () => form.secretAccessKey, bucket: 'sigv4examplebucket', now }
        const { fields: _, ...accepted } = await verifier.verifyPost(form.fields, example)
        output('the documented form', accepted)
        const target = { bucket: 'photos', keyPrefix: 'é𝒳/', region: 'eu-west-1' }
        const { fields } = await signer.presignPost(target, { credentials, now: signedAt })
        const check = (changes: Record<string, string>) =>
          verifier.verifyPost({ ...fields, ...changes }, { ...options, bucket: 'photos', filename: 'ü' })
        equal((await check({})).fields.get('key'), 'é𝒳/ü')
        await refused('ERR_SIGV4_POLICY_VIOLATION', () => check({ key: 'a' }))
        await refused('ERR_SIGV4_SIGNATURE_MISMATCH', () => check({ 'x-amz-signature': '0'.repeat(64) }))
      },
    ],
    [
      'verifies a body while it is streamed',
      ['subtle'],
      async () => {
        const { verifyBody } = await verifier.verify(await announced('abcdef'), { ...options, payload: 'deferred' })
        equal((await drain(verifyBody([ascii('abc'), ascii('def')]))).length, 6)
        await refused('ERR_SIGV4_PAYLOAD_MISMATCH', () => drain(verifyBody([ascii('abc'), ascii('deF')])))
      },
    ],
    [
      'verifies a stream',
      ['subtle', 'ReadableStream'],
      async () => {
        const { verifyBody } = await verifier.verify(await announced('abcdef'), { ...options, payload: 'deferred' })
        const parts = [ascii('abc'), ascii('def')]
        const source = new ReadableStream<Uint8Array>({
          pull(controller) {
            const part = parts.shift()
            if (part) controller.enqueue(part)
            else controller.close()
          },
        })
        equal((await drain(verifyBody(source))).length, 6)
      },
    ],
    [
      'verifies a Request',
      ['subtle', 'Request'],
      async (output) => {
        const { method, headers, body } = await upload('abcdef')
        const init = { method: method!, headers: headers as Record<string, string>, body: body as string }
        const { verifyBody: _, body: bytes, ...accepted } = await verifier.verify(new Request(url, init), options)
        equal(bytes!.length, 6)
        output('a Request', accepted)
        await refused('ERR_SIGV4_PAYLOAD_MISMATCH', () =>
          verifier.verify(new Request(url, { ...init, body: 'abcdeF' }), options),
        )
      },
    ],
    [
      'rejects an expired, unsigned or unknown request',
      ['subtle'],
      async () => {
        const request = await upload('a')
        const headers = request.headers as Record<string, string>
        const check = (code: string, changed: Received, differently = {}) =>
          refused(code, () => verifier.verify(changed, { ...options, ...differently }))
        await check('ERR_SIGV4_TIME_SKEWED', request, { now: signedAt + 1_000_000 })
        await check('ERR_SIGV4_ACCESS_KEY_UNKNOWN', request, { credentials: () => undefined })
        await check('ERR_SIGV4_SIGNATURE_MISMATCH', request, { credentials: async () => 'different secret' })
        await check('ERR_SIGV4_SCOPE_MISMATCH', request, { region: 'us-east-1' })
        await check('ERR_SIGV4_PAYLOAD_MISMATCH', { ...request, body: 'b' })
        await check('ERR_SIGV4_HEADER_NOT_SIGNED', { ...request, headers: { ...headers, 'x-amz-acl': 'public-read' } })
        await check('ERR_SIGV4_AUTH_MISSING', { method: 'GET', url, headers: {} })
        await check('ERR_SIGV4_AUTH_MALFORMED', {
          ...request,
          headers: { ...headers, authorization: 'AWS4-HMAC-SHA256 x' },
        })
        const late = await signer.presignGet(url, { credentials, now: signedAt, expires: 1 })
        await check('ERR_SIGV4_EXPIRED', { ...late, headers: {} }, { now: signedAt + 2000 })
      },
    ],
    [
      'creates the response to a rejected request',
      [],
      (output) => {
        const { SigV4Error, SigV4VerifyError, toErrorResponse, isSigV4Error } = verifier
        const strings = { canonicalRequest: 'GET\n/é𝒳\u0001\ud800', stringToSign: 'AWS4\né' }
        const error = new SigV4VerifyError(
          ...(['ERR_SIGV4_SIGNATURE_MISMATCH', 'SignatureDoesNotMatch', 403, '<é & 𝒳>', { A: '1' }, strings] as const),
        )
        equal([isSigV4Error(error), error.name, error instanceof SigV4Error], [true, 'SigV4VerifyError', true])
        equal([isSigV4Error(new TypeError()), error instanceof Error], [false, true])
        output('XML', toErrorResponse(error, { strings: true, requestId: '1', resource: '/"é"' }))
        const plain = new SigV4VerifyError('ERR_SIGV4_EXPIRED', 'AccessDenied', 403, '"é𝒳"', {}, undefined)
        output('JSON', toErrorResponse(plain, { format: 'json', strings: true }))
        output('different error', toErrorResponse(new TypeError('secret')))
      },
    ],
  ]

  /** Accepts the signed request, and rejects any change. */
  async function both(vector: Vector, output: (key: string, value: unknown) => void): Promise<void> {
    const { method, url, headers: entries } = await signVector(signer, vector)
    // In a presigned URL, it is signed but not listed: clients set it from the body.
    const [, length] = vector.headers.find(([name]) => name.toLowerCase() === 'content-length') ?? []
    const headers: Record<string, string> = length === undefined ? entries : { ...entries, 'content-length': length }
    const isLater = vector.body === undefined && vector.options.payloadHash !== undefined
    const later = isLater ? { headers: { ...headers, ...COMES_LATER } } : {}
    const request: Received = { method, url, headers, body: vector.body, ...later }
    const accepts = { ...optionsFor(vector), ...(isLater && { payload: 'deferred' as const }) }
    const { verifyBody: _, body: __, ...accepted } = await verifier.verify(request, accepts)
    output(vector.name, accepted)
    const text = vector.location === 'query' ? url : headers.authorization!
    const changed = text.replace(/Signature=(.)/, (_, digit) => `Signature=${digit === '0' ? '1' : '0'}`)
    const forged = vector.location === 'query' ? { url: changed } : { headers: { ...headers, authorization: changed } }
    for (const change of [forged, { method: 'PATCH' }])
      await refused('ERR_SIGV4_SIGNATURE_MISMATCH', () => verifier.verify({ ...request, ...change }, accepts))
  }
}

function optionsFor({ options }: Vector): verification.VerifyOptions {
  const { credentials, pathEncoding, pathNormalization, sessionTokenPlacement, now: signedAt } = options
  return {
    credentials: () => ({ ...credentials, sessionToken: credentials.sessionToken }),
    now: signedAt,
    allowUnsignedPayload: true,
    pathEncoding,
    pathNormalization,
    sessionTokenPlacement,
  }
}

/** The body of the worked examples, in chunks with the published signatures. */
function encodeChunks({
  sizes,
  signatures,
  trailers,
  trailerSignature,
}: Pick<
  Recorded['chunked'][number],
  'sizes' | 'signatures' | 'trailers' | 'trailerSignature'
>): Uint8Array<ArrayBuffer> {
  const chunks = sizes.map(
    (size, i) => `${size.toString(16)};chunk-signature=${signatures[i]}\r\n${'a'.repeat(size)}${size ? '\r\n' : ''}`,
  )
  const trailing = trailers.map(([name, value]) => `${name}:${value}\r\n`)
  if (trailerSignature) trailing.push(`x-amz-trailer-signature:${trailerSignature}\r\n`)
  return ascii(`${chunks.join('')}${trailing.join('')}\r\n`)
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007)
}

async function drain(checked: verification.CheckedBody): Promise<{ length: number; trailers: Record<string, string> }> {
  let length = 0
  for (;;) {
    const next = await checked.next()
    if (next.done) return { length, trailers: next.value }
    length += next.value.length
  }
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
