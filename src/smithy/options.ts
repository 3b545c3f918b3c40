import type { SecretCredentials } from '../core/signing/credentials.ts'

// The types of @smithy/types and @smithy/signature-v4, by their structure: values can be passed in both directions.

/** A time: a `Date`, seconds since 1970, or a string with either. */
export type DateInput = number | string | Date

/** A value, or a function that returns it or a promise of it. */
export type Provided<Value> = Value | (() => Value | Promise<Value>)

/** Headers by name. */
export type HeaderBag = Record<string, string>

/** Query parameters by name, not encoded; a list repeats the name. */
export type QueryParameterBag = Record<string, string | string[] | null>

/** A request, such as an `HttpRequest` of @smithy/protocol-http, whose query is not part of the path. */
export interface HttpRequest {
  method: string
  protocol: string
  hostname: string
  port?: number
  /** The path as sent: encoded, without the query. */
  path: string
  query?: QueryParameterBag
  /** Headers, of which `host` is one: it is signed, and not created. */
  headers: HeaderBag
  // biome-ignore lint/suspicious/noExplicitAny: as in @smithy/types, so that the result can be passed to any client
  body?: any
  username?: string
  password?: string
  fragment?: string
}

/** Names of headers in lowercase, such as a `Set`. */
export interface HeaderNames {
  has(name: string): boolean
}

/** Options of the constructor. The configuration that an AWS SDK client passes is accepted unchanged. */
export interface SignatureV4Init {
  /** Signing name of the service, `'s3'`, `'execute-api'`. */
  service: string
  /** Region of the credential scope, or a function that returns it. */
  region: Provided<string>
  /** Credentials, or a function that returns them: it is called for each signature, and caches them itself. */
  credentials: Provided<SecretCredentials>
  /** Kept for subclasses, otherwise ignored: Web Crypto computes the hashes. @default none */
  sha256?: unknown
  /** Whether the path is normalized, and encoded once more. Pass `false` for S3. @default true */
  uriEscapePath?: boolean
  /** Whether `sign` adds the header `x-amz-content-sha256`. @default true */
  applyChecksum?: boolean
}

/** Credentials of a signer: the `AwsCredentialIdentity` of @smithy/types. */
export interface ResolvedCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** Options of the constructor that @smithy/signature-v4 requires in addition. */
export type SignatureV4CryptoInit = Pick<SignatureV4Init, 'sha256'>

/** Options of each signature. */
export interface SigningArguments {
  /** Time of signing. @default now */
  signingDate?: DateInput
  /** Region of the credential scope. @default that of the constructor */
  signingRegion?: string
  /** Signing name of the service. @default that of the constructor */
  signingService?: string
}

/** Options of `sign` for a request. */
export interface RequestSigningArguments extends SigningArguments {
  /** Names of headers that are not signed. @default none */
  unsignableHeaders?: HeaderNames
  /** Names of headers that are signed although they are unsignable. @default none */
  signableHeaders?: HeaderNames
}

/** Options of `presign`. */
export interface RequestPresigningArguments extends RequestSigningArguments {
  /** Lifetime of the URL in seconds, up to 604,800, which is 7 days. @default 3600 */
  expiresIn?: number
  /** Names of `x-amz-` headers that stay headers, instead of becoming query parameters. @default none */
  unhoistableHeaders?: HeaderNames
  /** Names of other headers that become query parameters. @default none */
  hoistableHeaders?: HeaderNames
}

/** Computes SHA-256 or, with a secret, HMAC-SHA-256, such as `Sha256` of @aws-crypto/sha256-js. */
export type HashConstructor = new (
  secret?: string | Uint8Array,
) => {
  update(data: Uint8Array): void
  digest(): Promise<Uint8Array>
}

/** Credentials of an event stream. */
export interface EventCredentials {
  /** Credentials to sign with. @default those of the constructor */
  eventStreamCredentials?: SecretCredentials
}

/** Options of `sign` for an event. */
export interface EventSigningArguments extends SigningArguments, EventCredentials {
  /** Signature of the event before it, or of the request. */
  priorSignature: string
}

/** Options of `sign` and `signMessage` for a message. */
export interface MessageSigningArguments extends SigningArguments, EventCredentials {}

/** An event, whose headers are encoded. */
export interface FormattedEvent {
  headers: Uint8Array
  payload: Uint8Array
}

/** A header of a message. A `long` contains its bytes. */
export type MessageHeaderValue =
  | { type: 'boolean'; value: boolean }
  | { type: 'byte' | 'short' | 'integer'; value: number }
  | { type: 'long'; value: { readonly bytes: Uint8Array; valueOf: () => number; toString: () => string } }
  | { type: 'binary'; value: Uint8Array }
  | { type: 'string' | 'uuid'; value: string }
  | { type: 'timestamp'; value: Date }

/** Headers of a message by name. */
export type MessageHeaders = Record<string, MessageHeaderValue>

/** An event, whose headers are not encoded. */
export interface Message {
  headers: MessageHeaders
  body: Uint8Array
}

/** A message to sign, and the signature of the event before it. */
export interface SignableMessage {
  message: Message
  priorSignature: string
}

/** A message, and its signature in hex. */
export interface SignedMessage {
  message: Message
  signature: string
}

/** The class of @smithy/signature-v4a. */
export type OptionalSigV4aSigner = new (
  // biome-ignore lint/suspicious/noExplicitAny: as in @smithy/signature-v4, which does not have its types
  options: any,
) => {
  sign(request: HttpRequest, options?: RequestSigningArguments): Promise<HttpRequest>
}
