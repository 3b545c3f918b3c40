import { bodyContent } from '../core/http/body.ts'
import { checkSecret, type SecretCredentials } from '../core/signing/credentials.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { readMethod } from '../core/signing/input.ts'
import { type PresignedRequest, type PresignInput, preparePresign, presigned } from '../core/signing/presign.ts'
import { s3HostScope } from '../core/signing/s3-hosts.ts'
import {
  checkRequest,
  prepareSign,
  rejectBody,
  type SignedRequest,
  signed,
  startChecksum,
  type UnsignedRequest,
} from '../core/signing/sign.ts'
import type { Target } from '../core/signing/target.ts'
import { sha256Hex } from '../crypto/sha256.ts'
import { type PresignOptions, readPresign4a, readSign4a, type SignOptions, signingContext4a } from './input.ts'
import { derivePrivateKey, signature } from './node-crypto.ts'

function complete(input: PresignInput, credentials: SecretCredentials): PresignedRequest {
  const request = preparePresign(input, credentials, signingContext4a(input.scope, Date.now()))
  return presigned(request, signature(request, credentials))
}

/**
 * Presigns a request of any method and service with Signature Version 4a.
 *
 * @example
 * ```ts
 * import { presign } from 'sigv4/sigv4a/sync'
 *
 * const list = presign('GET', 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/?list-type=2', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   expires: 60,
 * })
 * ```
 * @see `presign` of `sigv4/sigv4a` for the full documentation.
 */
export function presign(method: string, target: Target, options: PresignOptions): PresignedRequest {
  return complete(readPresign4a(readMethod(method, 'method'), target, options, hostScope), options.credentials)
}

/**
 * Presigns the download of an object through a Multi-Region Access Point.
 *
 * @example
 * ```ts
 * import { presignGet } from 'sigv4/sigv4a/sync'
 *
 * const { url } = presignGet(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'résumé (1).pdf' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `presignGet` of `sigv4/sigv4a` for the full documentation.
 */
export function presignGet(target: Target, options: PresignOptions): PresignedRequest {
  return complete(readPresign4a('GET', target, options, s3HostScope), options.credentials)
}

/**
 * Presigns an upload through a Multi-Region Access Point.
 *
 * @example
 * ```ts
 * import { presignPut } from 'sigv4/sigv4a/sync'
 *
 * const upload = presignPut(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'résumé (1).pdf' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentType: 'application/pdf',
 *   },
 * )
 * ```
 * @see `presignPut` of `sigv4/sigv4a` for the full documentation.
 */
export function presignPut(target: Target, options: PresignOptions): PresignedRequest {
  return complete(readPresign4a('PUT', target, options, s3HostScope), options.credentials)
}

/**
 * Signs a request with Signature Version 4a by adding headers.
 *
 * @example
 * ```ts
 * import { sign } from 'sigv4/sigv4a/sync'
 *
 * const request = sign(
 *   {
 *     method: 'POST',
 *     url: 'https://abcde.veo.endpoint.events.amazonaws.com/',
 *     headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
 *     body: '{"Entries":[]}',
 *   },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `sign` of `sigv4/sigv4a` for the full documentation.
 */
export function sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): SignedRequest<Body> {
  checkRequest(request)
  const input = readSign4a(request, options)
  const { credentials, payloadHash: given, checksum } = options
  const { body } = request
  const payloadHash = given ?? sha256Hex(contentOf(body))
  if (checksum) {
    const running = startChecksum(input, checksum)
    running.update(contentOf(body))
    input.headers[checksum.header] = running.digest()
  }
  const context = signingContext4a(input.scope, Date.now())
  const prepared = prepareSign(input, body, payloadHash, credentials, context)
  return signed(prepared, signature(prepared, credentials)) as SignedRequest<Body>
}

function contentOf(body: unknown): string | Uint8Array {
  return bodyContent(body) ?? rejectBody('a string, bytes, or URLSearchParams')
}

/**
 * Derives the private key of credentials for Signature Version 4a. Treat it as the secret access key.
 *
 * @example
 * ```ts
 * import { deriveSigningKey4a } from 'sigv4/sigv4a/sync'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const key = deriveSigningKey4a(credentials)
 * ```
 * @see `deriveSigningKey4a` of `sigv4/sigv4a` for the full documentation.
 */
export function deriveSigningKey4a(credentials: SecretCredentials): Uint8Array {
  checkSecret(credentials, Date.now())
  return derivePrivateKey(credentials.accessKeyId, credentials.secretAccessKey)
}
