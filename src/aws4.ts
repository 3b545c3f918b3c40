/**
 * Replaces the package aws4: the same functions, synchronous and without dependencies.
 *
 * @module
 */

import type { Credentials, Request, RequestInput, SignedRequest } from './aws4/request.ts'
import type { RequestSigner as BaseSigner, RequestSignerConstructor } from './aws4/request-signer.ts'
import { RequestSigner as Signer } from './aws4/signer.ts'

/**
 * Signs a request as aws4 1.13.2 does, in place and bug for bug: the same headers in the same order, the same path, the
 * same errors. Without credentials, they are read from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_SESSION_TOKEN`), if there is one.
 *
 * @param request - `{ host, path, method, headers, body, service, region, signQuery, … }`, or a URL string. Its path and
 * headers are overwritten.
 * @param credentials - `{ accessKeyId, secretAccessKey, sessionToken? }`; they are not checked.
 * @returns The same object, ready to send.
 * @throws The errors of aws4: `TypeError`, `URIError` for a path that cannot be decoded, `RangeError` for an invalid
 * `Date`.
 * @example
 * ```ts
 * import https from 'node:https'
 * import aws4 from 'sigv4/aws4'
 *
 * const request = aws4.sign(
 *   { host: 'sqs.eu-west-1.amazonaws.com', path: '/?Action=ListQueues' },
 *   { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * )
 * https.request(request, (response) => response.pipe(process.stdout)).end(request.body)
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sign<Input extends RequestInput>(request: Input, credentials?: Credentials | null): SignedRequest<Input>
export function sign(request: string, credentials?: Credentials | null): SignedRequest<Request>
export function sign(request: string | RequestInput, credentials?: Credentials | null): SignedRequest<Request> {
  return new RequestSigner(request, credentials).sign() as SignedRequest<Request>
}

/**
 * Signs one request in steps, each a public method; {@link sign} creates one and calls it. A subclass can override any
 * method.
 *
 * @example
 * ```ts
 * import { RequestSigner } from 'sigv4/aws4'
 *
 * const signer = new RequestSigner(
 *   { service: 'codecommit', host: 'git-codecommit.us-east-1.amazonaws.com', method: 'GIT', path: '/v1/repos/site' },
 *   { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * )
 * const password = `${signer.getDateTime()}Z${signer.signature()}`
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const RequestSigner: RequestSignerConstructor = Signer

/** A signer of one request. Its fields may be changed. */
export interface RequestSigner extends BaseSigner {}

export type { Credentials, HeaderValues, Request, RequestInput, SignedRequest } from './aws4/request.ts'
export type { RequestSignerConstructor } from './aws4/request-signer.ts'

export default { RequestSigner, sign }
