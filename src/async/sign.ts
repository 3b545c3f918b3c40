import type { WebRequest, WebStream } from '../core/http/platform.ts'
import { hasTag } from '../core/kind.ts'
import { copyCredentials } from '../core/signing/credentials.ts'
import { readHostScope } from '../core/signing/hosts.ts'
import type { SignOptions as CoreSignOptions } from '../core/signing/options.ts'
import type { ScopeReader } from '../core/signing/scope.ts'
import { checkRequest, readSign, type SignedRequest, type UnsignedRequest } from '../core/signing/sign.ts'
import { readWebRequest } from '../crypto/body.ts'
import { SIGV4 } from '../crypto/webcrypto.ts'
import { completeSign } from './complete.ts'
import type { CredentialsSource } from './credentials.ts'

/** Options of `sign`. */
export interface SignOptions extends CoreSignOptions<CredentialsSource> {}

/**
 * Signs a request by adding headers: `x-amz-date`, `authorization`, the session token if there is one and, for S3,
 * `x-amz-content-sha256`; nothing else changes. The result can be passed to `fetch` as both URL and options.
 *
 * @param request - `{ method?, url, headers?, body? }`, or a `Request`; a body is a string, bytes, an `ArrayBuffer`,
 * `Blob` or `URLSearchParams`.
 * @param options - Credentials and signing options.
 * @returns `{ method, url, headers, body? }`.
 * @throws The errors of {@link presign}, and `ERR_SIGV4_BODY_NOT_HASHABLE` for a body that can be read only once.
 * @example
 * ```ts
 * import { sign } from 'sigv4'
 *
 * const request = await sign(
 *   {
 *     method: 'POST',
 *     url: 'https://dynamodb.eu-west-1.amazonaws.com/',
 *     headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
 *     body: '{}',
 *   },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(request.url, request)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function sign(request: WebRequest, options: SignOptions): Promise<SignedRequest<ArrayBuffer | WebStream>>
export function sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): Promise<SignedRequest<Body>>
export async function sign<Body>(
  request: UnsignedRequest<Body> | Request,
  options: SignOptions,
): Promise<SignedRequest<Body>> {
  checkRequest(request)
  const source = copyCredentials(options?.credentials)
  const record = hasTag(request, 'Request') ? await readWebRequest(request as Request, options?.payloadHash) : request
  return signRecord(record as UnsignedRequest<Body>, options, source)
}

/**
 * Signs a request that is not a `Request`, and that {@link checkRequest} has checked. `source` are the credentials, which
 * are not read from the options, and must be valid at `validAt`, epoch milliseconds; `reader` determines the scope.
 */
export async function signRecord<Body>(
  request: UnsignedRequest<Body>,
  options: SignOptions,
  source: CredentialsSource,
  reader: ScopeReader = readHostScope,
  validAt?: number,
): Promise<SignedRequest<Body>> {
  const input = readSign(request, options, reader)
  return completeSign(input, request.body as Body, source, SIGV4, validAt)
}
