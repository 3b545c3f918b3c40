import type { CredentialsSource } from '../async/credentials.ts'
import { fail } from '../core/errors.ts'
import type { BodySource } from '../core/http/body.ts'
import { type HeaderRecord, type HeadersInput, isReserved, listedNames, withoutHops } from '../core/http/headers.ts'
import type { Bytes } from '../core/http/platform.ts'
import type { Pair } from '../core/http/query.ts'
import { isObject } from '../core/kind.ts'
import { checkMembers, members } from '../core/members.ts'
import { parsePayload } from '../core/signing/payload.ts'
import { checkRequest } from '../core/signing/sign.ts'
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  checksumLength,
  checksumName,
  isChecksumAlgorithm,
} from '../s3/checksums.ts'
import { encodeChunks, encodeWith } from './encode.ts'
import { type ChunkedRequest, type ChunkSigningOptions, readPlan, readSeed, signSeed } from './seed.ts'
import type { SignedChunks } from './sign-chunks.ts'
import { items } from './source.ts'

const OPTIONS = /* @__PURE__ */ members(
  'from credentials chunkSize algorithm regionSet region service now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders',
)

/**
 * Headers besides reserved ones that belong to the received signature or to the encoded body, and those that HTTP/2 has in
 * place of the target.
 */
const REPLACED = /^(?:authorization|x-amz-(?:content-sha256|decoded-content-length|s3session-token|trailer)|:.+)$/

/** The members of the result of `verify` that are used. */
export interface VerifiedChunks {
  readonly signedHeaders: readonly string[]
  readonly verifyBody: (source: BodySource) => AsyncGenerator<Bytes, Record<string, string>>
}

/** Options of `resignChunks`. */
export interface ResignChunksOptions extends ChunkSigningOptions {
  /** The result of `verify` for the request, with `payload: 'deferred'`: it has the key of the received signature. */
  readonly from: VerifiedChunks
  /** Credentials to sign with, the request and all chunks. */
  readonly credentials: CredentialsSource
}

/**
 * Signs a received upload in signed chunks again, with other credentials: for a proxy whose clients have a placeholder
 * key. Each chunk is held until its signature is verified, and only then signed and sent on; a chunk of more than 16 MiB
 * is rejected before it is read. Trailing headers are verified and signed again, and so are the checksums that they
 * contain: if one is wrong, the encoded body remains incomplete. A checksum that `verify` cannot check is rejected.
 *
 * Verify the request first: `from` is the result. Headers are sent on, except those of the received signature and of the
 * connection, which includes unsigned headers that `connection` names.
 *
 * @param request - `{ method, url, headers }`: the complete URL to send it to, with the method and the headers as received.
 * @param options - The result of `verify`, the new credentials, and signing options.
 * @returns `{ method, url, headers, encodedLength, duplex, encode }`. `encode` takes the body as received.
 * @throws The errors of `signChunks`; reading the encoded body throws the `SigV4VerifyError` of the first chunk that was
 * changed.
 * @example
 * ```ts
 * import { resignChunks } from 'sigv4/streams'
 * import { verify } from 'sigv4/verify'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * async function forward(request: Request): Promise<Response> {
 *   const verified = await verify(request, { credentials: (id) => placeholders.get(id), payload: 'deferred' })
 *   const { method, headers } = request
 *   const { pathname, search } = new URL(request.url)
 *   const upload = await resignChunks(
 *     { method, url: `https://s3.eu-west-1.amazonaws.com${pathname}${search}`, headers },
 *     { from: verified, credentials },
 *   )
 *   return fetch(upload.url, { ...upload, body: request.body?.pipeThrough(upload.encode()) ?? null })
 * }
 * const placeholders = new Map([['AKIDPLACEHOLDER', 'placeholder']])
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function resignChunks(request: ChunkedRequest, options: ResignChunksOptions): Promise<SignedChunks> {
  checkMembers('options', options, OPTIONS)
  const { from, credentials, ...signing } = options
  if (typeof from?.verifyBody !== 'function' || !Array.isArray(from.signedHeaders))
    fail('ERR_INVALID_ARG_TYPE', 'options.from', 'type', "Pass the result of verify, with payload: 'deferred'.")
  checkRequest(request)
  const { method, url } = request
  const [received, kept] = divideHeaders(request.headers, from.signedHeaders)
  const payload = parsePayload(received['x-amz-content-sha256'] ?? '')
  if (payload?.kind !== 'chunks' || !payload.isSigned)
    fail('ERR_INVALID_ARG_VALUE', 'request.headers["x-amz-content-sha256"]', 'unusable', 'The chunks must be signed.')
  const length = received['x-amz-decoded-content-length']
  const argument = 'request.headers["x-amz-decoded-content-length"]'
  if (!length) fail('ERR_INVALID_ARG_VALUE', argument, 'missing', 'S3 requires it.')
  const names = listedNames(received['x-amz-trailer']).sort()
  const plan = readPlan(
    Number(length),
    signing,
    names.map((name) => [name, lengthOf(name)]),
    argument,
  )
  const [seed, signer] = await signSeed(readSeed({ method, url, headers: kept }, signing), plan, true, credentials)
  const encode = encodeWith((source) => {
    let trailers: Record<string, string> = {}
    async function* verified(): AsyncGenerator<Bytes, void> {
      trailers = yield* from.verifyBody(items(source))
    }
    return encodeChunks(plan, signer, {
      pieces: verified(),
      trailers: () => plan.trailers.map(([name]) => [name, trailers[name] ?? '']),
    })
  })
  return { ...seed, encode }
}

/** Returns headers by name, and those of them that are sent on. */
function divideHeaders(
  headers: HeadersInput | undefined,
  signedHeaders: readonly string[],
): readonly [received: HeaderRecord, kept: Pair[]] {
  if (!isObject(headers)) fail('ERR_INVALID_ARG_TYPE', 'request.headers', 'type')
  const received: HeaderRecord = Object.create(null)
  const pairs: Pair[] = []
  for (const [given, value] of Symbol.iterator in headers ? headers : Object.entries(headers)) {
    if (value === undefined) continue
    const name = given.toLowerCase()
    received[name] = name in received ? `${received[name]},${value}` : String(value)
    pairs.push([name, String(value)])
  }
  return [received, withoutHops(pairs, signedHeaders).filter(([name]) => !isReserved(name) && !REPLACED.test(name))]
}

/** Returns the length of a trailing header, which the length of the body includes. */
function lengthOf(name: string): number {
  const algorithm = checksumName(name)
  if (isChecksumAlgorithm(algorithm)) return checksumLength(algorithm)
  return fail(
    'ERR_INVALID_ARG_VALUE',
    'request.headers["x-amz-trailer"]',
    'unusable',
    `The length of ${name} is unknown. Allowed: ${CHECKSUM_ALGORITHMS.map(checksumHeader).join(', ')}.`,
  )
}
