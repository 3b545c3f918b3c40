import type { CredentialsSource } from '../async/credentials.ts'
import { fail } from '../core/errors.ts'
import { CHECKSUM_PREFIX } from '../core/http/headers.ts'
import { checkMembers, members } from '../core/members.ts'
import type { Checksum } from '../core/signing/options.ts'
import { checkImplementation } from '../core/signing/sign.ts'
import { checkAlgorithm, checksumHeader, checksumLength } from '../s3/checksums.ts'
import { type Encode, encodeChunks, encodeWith, piecesOf } from './encode.ts'
import { type ChunkedRequest, type ChunkSigningOptions, readPlan, readSeed, type SignedSeed, signSeed } from './seed.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials decodedLength chunkSize checksum signed algorithm regionSet region service now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders',
)

/** Options of `signChunks`. */
export interface SignChunksOptions extends ChunkSigningOptions {
  /** Credentials to sign with, the request and all chunks. */
  readonly credentials: CredentialsSource
  /** Length of the body in bytes, before it is encoded. S3 requires it. */
  readonly decodedLength: number
  /** Checksum to compute and send after the body: `crc32`, `crc32c`, `crc64nvme`, `md5`, `sha1`, `sha256` or `sha512`. @default none */
  readonly checksum?: Checksum | undefined
  /** Whether the chunks are signed. `false` requires a `checksum`, and HTTPS. @default true */
  readonly signed?: boolean | undefined
}

/** A signed request without its body, and the encoder of the body. */
export interface SignedChunks extends SignedSeed {
  /**
   * Encodes the body: `body.pipeThrough(upload.encode())` for a web stream; `upload.encode(source)` yields the encoded
   * bytes of a Node stream, a web stream, or a list of bytes. A body whose length is not `decodedLength` is a `TypeError`,
   * thrown before the end is written. Each call starts over, so that the request can be sent again.
   */
  readonly encode: Encode
}

/**
 * Signs an upload to S3 in chunks (`aws-chunked`): each chunk of the body is signed while it is sent, so that the body is
 * neither read before nor held in memory.
 *
 * @param request - `{ method?, url, headers? }`, without the body.
 * @param options - Credentials, the length of the body, a checksum, and signing options.
 * @returns `{ method, url, headers, encodedLength, duplex, encode }`.
 * @throws The errors of `sign`; `TypeError` with `ERR_INVALID_ARG_VALUE` if the length, the chunk size or the checksum
 * is invalid.
 * @example
 * ```ts
 * import { crc32c, signChunks } from 'sigv4/streams'
 *
 * const file = new Blob(['…'])
 * const upload = await signChunks(
 *   { url: 'https://films.s3.eu-west-1.amazonaws.com/holiday.mp4' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     decodedLength: file.size,
 *     checksum: crc32c,
 *   },
 * )
 * const response = await fetch(upload.url, { ...upload, body: file.stream().pipeThrough(upload.encode()) })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function signChunks(request: ChunkedRequest, options: SignChunksOptions): Promise<SignedChunks> {
  checkMembers('options', options, OPTIONS)
  const { credentials, decodedLength, checksum, signed = true, ...signing } = options
  if (typeof signed !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'options.signed', 'type', 'Pass a boolean.')
  if (!checksum && !signed)
    fail('ERR_INVALID_ARG_VALUE', 'options.checksum', 'missing', 'Chunks without signatures require it.')
  if (checksum !== undefined) checkImplementation(Object(checksum))
  if (checksum) checkAlgorithm(checksum.algorithm, 'options.checksum.algorithm')
  const trailer = checksum && checksumHeader(checksum.algorithm)
  const plan = readPlan(decodedLength, signing, trailer ? [[trailer, checksumLength(checksum.algorithm)]] : [])
  const seedInput = readSeed(request, signing)
  const conflict = Object.keys(seedInput.input.headers).find((name) => name.startsWith(CHECKSUM_PREFIX))
  if (checksum && conflict)
    fail('ERR_INVALID_ARG_VALUE', `request.headers["${conflict}"]`, 'conflict', 'Omit it, or options.checksum.')
  const [seed, signer] = await signSeed(seedInput, plan, signed, credentials)
  const encode = encodeWith((source) => {
    const running = checksum?.create()
    const trailers = () => (trailer && running ? [[trailer, running.digest()] as const] : [])
    return encodeChunks(plan, signer, { pieces: piecesOf(source, running), trailers })
  })
  return { ...seed, encode }
}
