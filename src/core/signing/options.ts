import type { Duration } from '../durations.ts'
import type { Expires, Now } from '../encoding/time.ts'
import type { HeaderSelection, HeadersInput } from '../http/headers.ts'
import type { PathEncoding, PathNormalization } from './canonical-request.ts'
import type { Credentials } from './credentials.ts'

/** `'signed'`: the session token is signed; `'appended'`: it is added to the signed request. */
export type SessionTokenPlacement = 'signed' | 'appended'

/** The header of a session token; the parameter of a URL has the same name. */
export type SessionTokenName = 'x-amz-security-token' | 'x-amz-s3session-token'

/** The regions in which a request is valid, a list or separated by commas: `'*'`, `'us-east-1,eu-west-*'`. */
export type RegionSet = string | readonly string[]

/** Query parameters by name, not encoded; a list repeats the name. A value that is `undefined` is omitted. */
export type QueryInput = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>

/** The name of a checksum, as in S3's API. */
export type ChecksumAlgorithm =
  | ('CRC32' | 'CRC32C' | 'CRC64NVME' | 'MD5' | 'SHA1' | 'SHA256' | 'SHA512')
  | ('XXHASH3' | 'XXHASH64' | 'XXHASH128')

/**
 * The implementation of a checksum of a body, which S3 verifies and keeps with the object: `crc32c` and others of
 * `sigv4/streams`. Functions that compute a checksum take an implementation; others take its name, `crc32c.algorithm`.
 */
export interface Checksum {
  /** Its name, such as `'CRC32C'`, whose header is `x-amz-checksum-crc32c`. */
  readonly algorithm: ChecksumAlgorithm
  /** Starts a checksum. */
  readonly create: () => RunningChecksum
}

/** A checksum of the data so far. */
export interface RunningChecksum {
  /** Adds bytes, or a string as UTF-8. */
  update(data: string | Uint8Array): void
  /** Returns the checksum of all data in Base64, as the header contains it. Nothing can be added after that. */
  digest(): string
}

/** Options that {@link PresignOptions} and {@link SignOptions} share. */
export interface SigningOptions<Source = Credentials> extends HeaderSelection {
  /** Credentials to sign with. */
  readonly credentials: Source
  /** Region of the credential scope. @default determined from the host */
  readonly region?: string | undefined
  /** Signing name of the service, `'s3'`, `'execute-api'`. @default determined from the host: by a table, or the label before the region */
  readonly service?: string | undefined
  /**
   * Payload hash: the SHA-256 of the body in lowercase hex, `'UNSIGNED-PAYLOAD'`, or
   * `'STREAMING-AWS4-HMAC-SHA256-EVENTS'` for a stream of signed events.
   * @default presign: `'UNSIGNED-PAYLOAD'` for S3, otherwise the hash of the empty body; sign: the hash of `body`
   */
  readonly payloadHash?: string | undefined
  /**
   * Whether to add the payload hash as the signed header `x-amz-content-sha256`, which VPC Lattice requires.
   * @default sign: `true` for S3 and OpenSearch Serverless (`aoss`), which require it, and for a `payloadHash` that starts
   * with `STREAMING-`, otherwise `false`; presign: `true` for S3 with a `payloadHash`, otherwise `false`
   */
  readonly payloadHashHeader?: boolean | undefined
  /** Time of signing: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
  /** Number of times that the path is encoded in the canonical request. @default `'single'` for S3, otherwise `'double'` */
  readonly pathEncoding?: PathEncoding | undefined
  /** Whether the canonical request resolves empty and dot segments. @default `'none'` for S3, otherwise `'rfc3986'` */
  readonly pathNormalization?: PathNormalization | undefined
  /** `'appended'` adds the session token after signing, as IoT requires. @default `'signed'` */
  readonly sessionTokenPlacement?: SessionTokenPlacement | undefined
  /**
   * Header or parameter that contains the session token. For S3 Express, pass `'x-amz-security-token'` with IAM credentials.
   * @default `'x-amz-s3session-token'` for requests to S3 Express that require a session, otherwise `'x-amz-security-token'`
   */
  readonly sessionTokenName?: SessionTokenName | undefined
}

/** Options of every `presign…` function for a single request. Those that the method does not support are errors. */
export interface PresignOptions<Source = Credentials> extends SigningOptions<Source> {
  /**
   * Lifetime of the URL, from the signing date: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most.
   * `false` omits `X-Amz-Expires`, as IoT's SDKs do: AWS then accepts the URL for about five minutes. Not for S3.
   * @default `'15m'`
   */
  readonly expires?: Expires | false | undefined
  /**
   * Keeps the URL the same for this long, in seconds or as `'1h'`, so that browsers and CDNs can cache the response: the
   * signing date is rounded down. Each path has its own start, and the URL is valid for up to this much longer than
   * `expires`. @default a new URL each second
   */
  readonly window?: Duration | undefined
  /** Headers that are signed, returned, and must be sent with exactly these values. @default none */
  readonly headers?: HeadersInput | undefined
  /** Parameters that are added to the URL and signed. @default none */
  readonly query?: QueryInput | undefined
  /**
   * Requires this `content-type` of the upload, `type/subtype`: pass it for a browser, which sends one. Not for GET and
   * HEAD. @default none
   */
  readonly contentType?: string | undefined
  /** Requires this `content-length` of the upload, in bytes. Not for GET and HEAD. @default any length may be sent */
  readonly contentLength?: number | undefined
  /** File name for the download from S3, non-ASCII included. For GET only. @default the object is displayed */
  readonly download?: string | undefined
}

/** Options of `sign`. */
export interface SignOptions<Source = Credentials> extends SigningOptions<Source> {
  /** Checksum of the body, computed and added as the signed header `x-amz-checksum-…`: `crc32c` of `sigv4/streams`. @default none */
  readonly checksum?: Checksum | undefined
}
