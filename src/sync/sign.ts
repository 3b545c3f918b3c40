import { bodyContent } from '../core/http/body.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { signingContext } from '../core/signing/input.ts'
import type { SignOptions } from '../core/signing/options.ts'
import {
  checkRequest,
  prepareSign,
  readSign,
  rejectBody,
  type SignedRequest,
  signed,
  startChecksum,
  type UnsignedRequest,
} from '../core/signing/sign.ts'
import { sha256Hex, signature } from '../crypto/sha256.ts'

/**
 * Signs a request by adding headers.
 *
 * @example
 * ```ts
 * import { sign } from 'sigv4/sync'
 *
 * const request = sign(
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
 * @see `sign` of `sigv4` for the full documentation.
 */
export function sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): SignedRequest<Body> {
  checkRequest(request)
  const input = readSign(request, options, hostScope)
  const { credentials, payloadHash: given, checksum } = options
  const { body } = request
  const payloadHash = given ?? sha256Hex(contentOf(body))
  if (checksum) {
    const running = startChecksum(input, checksum)
    running.update(contentOf(body))
    input.headers[checksum.header] = running.digest()
  }
  const context = signingContext(input.scope, Date.now())
  const prepared = prepareSign(input, body, payloadHash, credentials, context)
  return signed(prepared, signature(prepared, credentials)) as SignedRequest<Body>
}

function contentOf(body: unknown): string | Uint8Array {
  return bodyContent(body) ?? rejectBody('a string, bytes, or URLSearchParams')
}
