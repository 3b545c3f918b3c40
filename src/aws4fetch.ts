/**
 * Replaces the package aws4fetch: the same classes, without dependencies.
 *
 * @module
 */

import { AwsClient } from './aws4fetch/client.ts'
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
export type { WebFetch, WebHeaders, WebRequest, WebResponse, WebUrl } from './core/http/platform.ts'
export { AwsClient, AwsV4Signer }
