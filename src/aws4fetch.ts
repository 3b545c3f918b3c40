/**
 * Replaces the package aws4fetch: the same classes, without dependencies.
 *
 * @module
 */

import { AwsClient } from './aws4fetch/client.ts'
import { FixedClient } from './aws4fetch/fixed-client.ts'
import { FixedSigner } from './aws4fetch/fixed-signer.ts'
import { AwsV4Signer } from './aws4fetch/signer.ts'

export type {
  AwsClientOptions,
  AwsIdentity,
  AwsRequestInit,
  AwsRequestInput,
  AwsRequestOptions,
  AwsSignedRequest,
  AwsV4SignerOptions,
  FetchInit,
} from './aws4fetch/options.ts'
export type { WebHeaders, WebRequest, WebResponse, WebUrl } from './core/http/platform.ts'
export type { WebFetch } from './fetch/options.ts'
export { AwsClient, AwsV4Signer }

/**
 * The same classes without the bugs of aws4fetch: `fixed.AwsClient` and `fixed.AwsV4Signer`. Hosts are read as AWS signs for
 * them, `fetch` is a signed fetch of `sigv4/fetch`, and a request that cannot be signed is an error.
 * `docs/migrating/from-aws4fetch.md` lists every correction.
 *
 * @example
 * ```ts
 * import { fixed } from 'sigv4/aws4fetch'
 *
 * const aws = new fixed.AwsClient({
 *   accessKeyId: 'AKIDEXAMPLE',
 *   secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
 * })
 * const response = await aws.fetch(new Request('https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues'))
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const fixed = { AwsClient: FixedClient, AwsV4Signer: FixedSigner }
