import type { UrlLike } from '../../core/http/url.ts'
import type { SignedRequest } from '../../core/signing/sign.ts'
import type { S3ExpressTarget } from '../../s3/create-session.ts'
import { type AppSyncConnection, readAppSyncProtocols } from '../services/app-sync.ts'
import { type CallerIdentity, type CallerIdentityTarget, readCallerIdentity } from '../services/caller-identity.ts'
import { readS3ExpressSession } from '../services/s3-express.ts'
import { readWebSocketUrl, type WebSocketUrl } from '../services/web-socket.ts'
import { complete } from './complete.ts'
import type { LoginOptions, RegionOptions, S3ExpressSessionOptions, WebSocketOptions } from './options.ts'

/**
 * Signs the request with which HashiCorp Vault, Consul, Google Cloud, Snowflake, MongoDB and others identify the caller.
 *
 * Do not send it to AWS: encode it as the service expects, and the service sends it. Sign the header that names the
 * service, so that no other service can use the request.
 *
 * @param target - `{ region, headers?, parameters? }`; `parameters` is `'body'` or `'query'`.
 * @param options - Credentials.
 * @returns `{ method, url, headers, body?, expiresAt, limitedBy? }`; `headers` contains `host`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { callerIdentity } from 'sigv4/tokens'
 *
 * const { url, headers, body } = await callerIdentity(
 *   { region: 'eu-west-1', headers: { 'x-vault-aws-iam-server-id': 'vault.example.com' } },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function callerIdentity(target: CallerIdentityTarget, options: LoginOptions): Promise<CallerIdentity> {
  return complete(readCallerIdentity(target, options), options.credentials)
}

/**
 * Signs the request that creates a session for an S3 Express directory bucket.
 *
 * The response contains an access key, a secret, and a session token. Pass them as `credentials` for
 * requests to this bucket. The token is then sent in the header `x-amz-s3session-token`.
 *
 * @param target - `{ bucket, region }`.
 * @param options - Credentials, and `mode`: `'ReadOnly'` or `'ReadWrite'`.
 * @returns `{ method, url, headers }`, for `fetch`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { s3ExpressSession } from 'sigv4/tokens'
 *
 * const request = await s3ExpressSession(
 *   { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(request.url, request)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
 */
export async function s3ExpressSession(
  target: S3ExpressTarget,
  options: S3ExpressSessionOptions,
): Promise<SignedRequest<never>> {
  return complete(readS3ExpressSession(target, options), options.credentials)
}

/**
 * Creates the URL and the subprotocols of a WebSocket to AWS AppSync, for GraphQL subscriptions or Events.
 *
 * Each message that subscribes or publishes is signed, too: use `sign` of `sigv4`.
 *
 * @param target - The HTTP endpoint of the API: `https://…/graphql` or `https://…/event`.
 * @param options - Credentials, and the `region` for a custom domain.
 * @returns `{ url, protocols, expiresAt, limitedBy? }`, for `new WebSocket(url, protocols)`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { appSyncProtocols } from 'sigv4/tokens'
 *
 * const { url, protocols } = await appSyncProtocols(
 *   'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/event',
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
export async function appSyncProtocols(target: string | UrlLike, options: RegionOptions): Promise<AppSyncConnection> {
  return complete(readAppSyncProtocols(target, options), options.credentials)
}

/**
 * Presigns the URL of a WebSocket: for IoT (MQTT), API Gateway, Transcribe, Kinesis Video, Rekognition, Bedrock
 * AgentCore and others.
 *
 * Only `host` is signed, and a port other than 443 with it. For IoT, the session token is added unsigned and there is no
 * expiry, as IoT requires.
 *
 * @param target - A `wss://` URL.
 * @param options - Credentials, `expires`, `query`, and the `region` and `service` if the host does not identify them.
 * @returns `{ url, expiresAt, limitedBy? }`, for `new WebSocket(url)`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { webSocketUrl } from 'sigv4/tokens'
 *
 * const { url } = await webSocketUrl('wss://a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html
 */
export async function webSocketUrl(target: string | UrlLike, options: WebSocketOptions): Promise<WebSocketUrl> {
  return complete(readWebSocketUrl(target, options), options.credentials)
}
