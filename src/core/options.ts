import type { PathEncoding, PathNormalization } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import type { HeaderSelection, HeadersInput } from './headers.ts'
import type { Expires } from './time.ts'

/** Whether the security token is part of what is signed, or added to the signed request. */
export type SessionTokenPlacement = 'signed' | 'appended'

/** Query parameters by name, raw text; a list gives the name several times. One that is `undefined` is left out. */
export type QueryInput = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>

/** What {@link PresignOptions} and {@link SignOptions} share. */
export interface SigningOptions<Source = Credentials> extends HeaderSelection {
  /** Who signs. */
  readonly credentials: Source
  /** Region of the credential scope. @default read from the host; never guessed */
  readonly region?: string | undefined
  /** Signing name of the service, `'s3'`, `'execute-api'`. @default read from the host; never guessed */
  readonly service?: string | undefined
  /**
   * What the signature says of the body: its SHA-256 in lower-case hex, or `'UNSIGNED-PAYLOAD'`.
   * @default presign: `'UNSIGNED-PAYLOAD'` for S3, the hash of the empty body elsewhere; sign: the hash of `body`
   */
  readonly payloadHash?: string | undefined
  /** When the request is signed, a `Date` or epoch milliseconds. @default now */
  readonly signingDate?: Date | number | undefined
  /** How often the path is encoded in the canonical request. @default `'single'` for S3, else `'double'` */
  readonly pathEncoding?: PathEncoding | undefined
  /** Whether the canonical request resolves empty and dot segments. @default `'none'` for S3, else `'rfc3986'` */
  readonly pathNormalization?: PathNormalization | undefined
  /** `'appended'` adds the security token after signing, as IoT wants it. @default `'signed'` */
  readonly sessionTokenPlacement?: SessionTokenPlacement | undefined
}

/** Options of every `presign…` function. */
export interface PresignOptions<Source = Credentials> extends SigningOptions<Source> {
  /** How long the URL lives, from the signing date: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default 900 */
  readonly expires?: Expires | undefined
  /** Headers that the request is bound to: signed, returned, and to be sent with exactly these values. @default none */
  readonly headers?: HeadersInput | undefined
  /** Parameters that are added to the URL and signed. @default none */
  readonly query?: QueryInput | undefined
}

/** Options of `presignPut`. */
export interface PresignPutOptions<Source = Credentials> extends PresignOptions<Source> {
  /** Binds the `content-type` of the upload. @default any type may be sent */
  readonly contentType?: string | undefined
  /** Binds the `content-length` of the upload, in bytes. @default any length may be sent */
  readonly contentLength?: number | undefined
}

/** Options of `presignGet`. */
export interface PresignGetOptions<Source = Credentials> extends PresignOptions<Source> {
  /** Name under which S3 offers the object for download, non-ASCII included. @default the object is shown */
  readonly download?: string | undefined
}

/** Options of `sign`. */
export interface SignOptions<Source = Credentials> extends SigningOptions<Source> {
  /** Whether to add the payload hash as `x-amz-content-sha256`. @default `true` for S3, else `false` */
  readonly payloadHashHeader?: boolean | undefined
}
