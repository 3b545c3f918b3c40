// @generated from src/tokens/async/requests.ts by npm run twins: change that file instead.

import type { UrlLike } from '../../core/http/url.ts'
import type { SignedRequest } from '../../core/signing/sign.ts'
import type { S3ExpressTarget } from '../../s3/create-session.ts'
import type { LoginOptions, RegionOptions } from '../recipe/recipe.ts'
import { type AppSyncConnection, readAppSyncProtocols } from '../services/app-sync.ts'
import { type CallerIdentity, type CallerIdentityTarget, readCallerIdentity } from '../services/caller-identity.ts'
import { readS3ExpressSession, type S3ExpressSessionOptions } from '../services/s3-express.ts'
import { readWebSocketUrl, type WebSocketOptions, type WebSocketUrl } from '../services/web-socket.ts'
import { complete } from './complete.ts'

/**
 * Signs the request with which HashiCorp Vault, Consul, Google Cloud, Snowflake, MongoDB and others identify the caller.
 *
 * @example
 * ```ts
 * import { callerIdentity } from 'sigv4/tokens/sync'
 *
 * const { url, headers, body } = callerIdentity(
 *   { region: 'eu-west-1', headers: { 'x-vault-aws-iam-server-id': 'vault.example.com' } },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `callerIdentity` of `sigv4/tokens` for the full documentation.
 */
export function callerIdentity(target: CallerIdentityTarget, options: LoginOptions): CallerIdentity {
  return complete(readCallerIdentity(target, options), options.credentials)
}

/**
 * Signs the request that creates a session for an S3 Express directory bucket.
 *
 * @example
 * ```ts
 * import { s3ExpressSession } from 'sigv4/tokens/sync'
 *
 * const request = s3ExpressSession(
 *   { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(request.url, request)
 * ```
 * @see `s3ExpressSession` of `sigv4/tokens` for the full documentation.
 */
export function s3ExpressSession(target: S3ExpressTarget, options: S3ExpressSessionOptions): SignedRequest<never> {
  return complete(readS3ExpressSession(target, options), options.credentials)
}

/**
 * Creates the URL and the subprotocols of a WebSocket to AWS AppSync, for GraphQL subscriptions or Events.
 *
 * @example
 * ```ts
 * import { appSyncProtocols } from 'sigv4/tokens/sync'
 *
 * const { url, protocols } = appSyncProtocols(
 *   'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/event',
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `appSyncProtocols` of `sigv4/tokens` for the full documentation.
 */
export function appSyncProtocols(target: string | UrlLike, options: RegionOptions): AppSyncConnection {
  return complete(readAppSyncProtocols(target, options), options.credentials)
}

/**
 * Presigns the URL of a WebSocket: for IoT (MQTT), API Gateway, Transcribe, Kinesis Video, Rekognition, Bedrock
 * AgentCore and others.
 *
 * @example
 * ```ts
 * import { webSocketUrl } from 'sigv4/tokens/sync'
 *
 * const { url } = webSocketUrl('wss://a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see `webSocketUrl` of `sigv4/tokens` for the full documentation.
 */
export function webSocketUrl(target: string | UrlLike, options: WebSocketOptions): WebSocketUrl {
  return complete(readWebSocketUrl(target, options), options.credentials)
}
