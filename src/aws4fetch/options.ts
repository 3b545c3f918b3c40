import type { WebFetch, WebHeaders, WebRequest, WebUrl } from '../core/http/platform.ts'

/** The options of `fetch`. */
export type FetchInit = NonNullable<Parameters<WebFetch>[1]>

/** Credentials, scope, and key cache to sign with. */
export interface AwsIdentity {
  /** The public half: `AKIA…` or, if temporary, `ASIA…`. */
  accessKeyId: string
  /** The secret half. */
  secretAccessKey: string
  /** Session token of temporary credentials. @default none */
  sessionToken?: string | undefined
  /** Signing name of the service. @default determined from the host, otherwise empty */
  service?: string | undefined
  /** Region of the credential scope. @default determined from the host, otherwise `us-east-1` */
  region?: string | undefined
  /** Derived signing keys. Their names contain the secret. @default a new `Map` */
  cache?: Map<string, ArrayBuffer> | undefined
}

/** Options for signing a single request. */
interface SigningOptions {
  /** Time of signing, `20150830T123600Z`. @default now */
  datetime?: string | undefined
  /** Whether the signature is added to the URL instead of the Authorization header. @default false */
  signQuery?: boolean | undefined
  /** Whether the session token is added after signing. @default true for `iotdevicegateway`, otherwise false */
  appendSessionToken?: boolean | undefined
  /** Whether to sign headers that are usually unsigned, such as `content-type`. @default false */
  allHeaders?: boolean | undefined
  /** Whether the path is percent-encoded once in the canonical request instead of twice. @default false */
  singleEncode?: boolean | undefined
}

/** Options of `AwsClient`. */
export interface AwsClientOptions extends AwsIdentity {
  /** Maximum number of retries. @default 10 */
  retries?: number | undefined
  /** Maximum wait before the first retry, in milliseconds; it doubles with each retry. @default 50 */
  initRetryMs?: number | undefined
}

/** Options of a single request, which take precedence over those of the client. */
export interface AwsRequestOptions extends Partial<AwsIdentity>, SigningOptions {}

/** The options of `fetch`, and those of signing. */
export type AwsRequestInit = FetchInit & { aws?: AwsRequestOptions | undefined }

/** The first argument of `fetch`: a `Request`, or anything that can be converted to a URL string. */
export type AwsRequestInput = WebRequest | { toString(): string }

/** Options of `AwsV4Signer`. */
export interface AwsV4SignerOptions extends AwsIdentity, SigningOptions {
  /** @default `'GET'`, with a body `'POST'` */
  method?: string | undefined
  /** The URL of the request. */
  url: string | WebUrl
  /** Headers to send. @default none */
  headers?: FetchInit['headers'] | undefined
  /** A string, an `ArrayBuffer`, or a view of one; other kinds only with `X-Amz-Content-Sha256`. @default none */
  body?: FetchInit['body'] | undefined
}

/** A signed request. */
export interface AwsSignedRequest {
  method: string
  url: WebUrl
  headers: WebHeaders
  body?: FetchInit['body'] | undefined
}

/** Throws for an option that is `undefined` or `null`. */
export function checkRequired(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options))
    if (value === undefined || value === null) throw new TypeError(`${name} is a required option`)
}
