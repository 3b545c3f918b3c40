import type { CredentialsSource } from '../async/credentials.ts'
import { fail } from '../core/errors.ts'
import { type HeadersInput, listedNames } from '../core/http/headers.ts'
import type { UrlLike } from '../core/http/url.ts'
import type { RegionSet, SigningOptions } from '../core/signing/options.ts'
import { chunksPayload } from '../core/signing/payload.ts'
import { s3HostScope } from '../core/signing/s3-hosts.ts'
import { readScope } from '../core/signing/scope.ts'
import { checkRequest, prepareSign, readSign, type SignInput, signed } from '../core/signing/sign.ts'
import type { ChunkSigning, SignatureAlgorithm } from '../crypto/algorithm.ts'
import { SIGV4, signature } from '../crypto/webcrypto.ts'
import { MAX_CHUNK_SIZE, MIN_CHUNK_SIZE } from '../received/aws-chunked.ts'
import { MAX_UPLOAD_SIZE } from '../s3/limits.ts'
import { type ChunkPlan, type ChunkSigner, encodedLength } from './encode.ts'

// The request that precedes the chunks, whose signature is the first of the chain.

/** A request whose body is encoded while it is sent. */
export interface ChunkedRequest {
  /** @default `'PUT'` */
  readonly method?: string | undefined
  readonly url: string | UrlLike
  /** Headers to send; those that may change in transit are not signed. @default none */
  readonly headers?: HeadersInput | undefined
}

/** Signing options of requests with chunks. */
export interface ChunkSigningOptions
  extends Omit<SigningOptions<CredentialsSource>, 'credentials' | 'payloadHash' | 'payloadHashHeader'> {
  /** `sigv4a` of `sigv4/sigv4a`, for Multi-Region Access Points. @default Signature Version 4 */
  readonly algorithm?: SignatureAlgorithm | undefined
  /** With `sigv4a`, the regions in which the request is valid. @default `'*'` for Multi-Region Access Points */
  readonly regionSet?: RegionSet | undefined
  /** Length of every chunk but the last, in bytes: 8,192 to 16,777,216. @default 65,536 */
  readonly chunkSize?: number | undefined
}

/** The part of Signature Version 4 that signs requests with chunks. */
export const CHUNKS: ChunkSigning = {
  signing: SIGV4,
  signatureLength: 64,
  // a request can be signed again exactly as it was sent
  readSign: (request, options) => readSign(request, options, (parts, own) => readScope(parts, own, s3HostScope)),
}

/** Reads the options for dividing a body into chunks. */
export function readPlan(
  decodedLength: number,
  { chunkSize = 65_536 }: ChunkSigningOptions,
  trailers: ChunkPlan['trailers'],
  argument = 'options.decodedLength',
): ChunkPlan {
  if (!isBetween(decodedLength, 0, MAX_UPLOAD_SIZE))
    fail(
      'ERR_INVALID_ARG_VALUE',
      argument,
      decodedLength === undefined ? 'missing' : 'invalid',
      'Pass the length in bytes, up to 5 GiB, or use a multipart upload.',
    )
  if (!isBetween(chunkSize, MIN_CHUNK_SIZE, MAX_CHUNK_SIZE))
    fail('ERR_INVALID_ARG_VALUE', 'options.chunkSize', 'range', `Pass ${MIN_CHUNK_SIZE} to ${MAX_CHUNK_SIZE}.`)
  return { decodedLength, chunkSize, trailers }
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** The part of an algorithm that signs chunks; the types of the package do not show it. */
function chunkSigning(algorithm: SignatureAlgorithm | undefined): ChunkSigning {
  if (algorithm === undefined) return CHUNKS
  if (typeof Object(algorithm).readSign !== 'function')
    fail('ERR_INVALID_ARG_TYPE', 'options.algorithm', 'type', "Pass sigv4a of 'sigv4/sigv4a'.")
  return algorithm as SignatureAlgorithm & ChunkSigning
}

/** The request before the chunks, as it was read, and the algorithm that signs both. */
export interface SeedInput {
  readonly input: SignInput
  readonly algorithm: ChunkSigning
}

export function readSeed(request: ChunkedRequest, options: ChunkSigningOptions): SeedInput {
  checkRequest(request)
  const { method = 'PUT', url, headers, body } = request as ChunkedRequest & { readonly body?: unknown }
  if (body !== undefined && body !== null)
    fail('ERR_INVALID_ARG_VALUE', 'request.body', 'unusable', 'Pass it to encode().')
  const { chunkSize: _, algorithm: given, unsignedHeaders = [], ...signing } = options
  if (!given && 'regionSet' in signing)
    fail('ERR_INVALID_ARG_VALUE', 'options.algorithm', 'missing', "Pass sigv4a of 'sigv4/sigv4a'.")
  const own = {
    ...signing,
    credentials: undefined,
    payloadHashHeader: true,
    // clients may send a stream with transfer-encoding instead
    unsignedHeaders: Array.isArray(unsignedHeaders) ? [...unsignedHeaders, 'content-length'] : unsignedHeaders,
  }
  const algorithm = chunkSigning(given)
  const input = algorithm.readSign({ method, url, headers }, own)
  for (const name of ['content-length', 'x-amz-decoded-content-length', 'x-amz-trailer'])
    if (name in input.headers) fail('ERR_INVALID_ARG_VALUE', `request.headers["${name}"]`, 'reserved', 'Omit it.')
  return { input, algorithm }
}

/** Adds the headers that describe the encoded body, which has a length in bytes. */
function addChunkHeaders(input: SignInput, plan: ChunkPlan, length: number): SignInput {
  const { 'content-encoding': encoding = '' } = input.headers
  const headers = { ...input.headers }
  if (!listedNames(encoding).includes('aws-chunked'))
    headers['content-encoding'] = encoding ? `${encoding},aws-chunked` : 'aws-chunked'
  headers['content-length'] = String(length)
  headers['x-amz-decoded-content-length'] = String(plan.decodedLength)
  if (plan.trailers.length) headers['x-amz-trailer'] = plan.trailers.map(([name]) => name).join(',')
  return { ...input, headers }
}

/** A signed request without its body. */
export interface SignedSeed {
  readonly method: string
  readonly url: string
  /**
   * The headers of the request and of the signature, names in lowercase. `content-length` is the length of the encoded
   * body. It is not signed, because some clients send a stream with `transfer-encoding: chunked` instead.
   */
  readonly headers: Record<string, string>
  /** Length of the encoded body in bytes. */
  readonly encodedLength: number
  /** `fetch` requires it for a stream. */
  readonly duplex: 'half'
}

/** Signs a request, and returns a signer for its chunks, with the same credentials, time, and scope. */
export async function signSeed(
  { input, algorithm: { signing, signatureLength } }: SeedInput,
  plan: ChunkPlan,
  isSigned: boolean,
  source: CredentialsSource,
): Promise<readonly [seed: SignedSeed, signer: ChunkSigner | undefined]> {
  const credentials = typeof source === 'function' ? await source() : source
  const context = signing.context(input.scope, Date.now())
  const { text: payloadHash } = chunksPayload(isSigned ? context.algorithm : undefined, plan.trailers.length > 0)
  const length = encodedLength(plan, isSigned ? signatureLength : 0)
  const chunked = addChunkHeaders(input, plan, length)
  const prepared = prepareSign(chunked, { body: undefined, payloadHash }, credentials, context)
  const key = await signing.key(credentials, context)
  const sign = (stringToSign: string): Promise<string> => signing.sign(key, stringToSign)
  const seedSignature = await signature(prepared, credentials, { key: () => key, sign: signing.sign })
  return [
    { ...signed(prepared, seedSignature), encodedLength: length, duplex: 'half' },
    isSigned ? { context, seedSignature, signatureLength, sign } : undefined,
  ]
}
