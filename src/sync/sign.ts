import { readHostScope } from '../core/signing/hosts.ts'
import type { SignOptions } from '../core/signing/options.ts'
import { checkRequest, readSign, type SignedRequest, type UnsignedRequest } from '../core/signing/sign.ts'
import { SIGV4 } from '../crypto/sha256.ts'
import { completeSign } from './complete.ts'

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
  const input = readSign(request, options, readHostScope)
  return completeSign(input, request.body as Body, options.credentials, SIGV4)
}
