import { Readable } from 'node:stream'
import { hideShapes } from '../../core/secrets/hide.ts'
import { checkSecret, type SecretCredentials } from '../../core/signing/credentials.ts'
import { errorCode } from '../http/error-code.ts'
import { ProxyError } from '../http/proxy-error.ts'
import type { HeldCredentials, Settings } from '../options/settings.ts'
import type { Prepared } from '../request/prepare.ts'
import { type Connections, SendError, type SendHooks, send, type UpstreamResponse } from './send.ts'

/** Bytes of an error response that are read to find its code. */
const MAX_ERROR = 64 * 1024

/**
 * Signs and sends a request. It is sent a second time if the connection was closed before a response, or if the
 * credentials have expired; a body that is sent while it is received cannot be repeated. `used` receives the credentials.
 */
export async function attempt(
  settings: Settings,
  connections: Connections,
  method: string,
  { way, complete }: Prepared,
  isUpgrade: boolean,
  hooks: SendHooks,
  used: (credentials: SecretCredentials) => void,
): Promise<UpstreamResponse> {
  const held = settings.credentials
  const isRepeatable = way.kind === 'none' || way.kind === 'stored'
  // the upstream may close a connection that is idle for longer, and a body that was sent on it would be lost
  const agent = isRepeatable && !isUpgrade ? connections.shared : connections.recent
  for (let isFirst = true; ; isFirst = false) {
    const credentials = held && (await obtain(held, settings.now()))
    if (credentials) used(credentials)
    const outgoing = await complete(credentials)
    const canRepeat = isRepeatable && isFirst
    try {
      const response = await send(settings, agent, outgoing, hooks)
      const { statusCode } = response.message
      if (!canRepeat || !held?.isRefreshable || (statusCode !== 400 && statusCode !== 403)) return response
      const { hasExpired, whole } = await readError(response)
      if (!hasExpired) return whole
      response.message.destroy()
      held.discard(credentials!)
    } catch (error) {
      const isSafe = method !== 'POST' && method !== 'PATCH'
      if (!(canRepeat && error instanceof SendError && error.isReset && (isSafe || error.isReused))) throw error
    }
  }
}

/** Returns valid credentials, or throws without a secret in the message, which is for the log only. */
export async function obtain(held: HeldCredentials, now: number): Promise<SecretCredentials> {
  try {
    const credentials = await held.get()
    checkSecret(credentials, now)
    return credentials
  } catch (error) {
    const { message, reason } = Object(error)
    throw new ProxyError(
      503,
      reason === 'expired'
        ? 'The credentials have expired.'
        : `The credentials could not be obtained: ${hideShapes(String(message))}`,
      'The credentials of the proxy could not be obtained, or have expired. Its log contains the reason.',
    )
  }
}

/** Reads the start of an error response. `whole` is the response with what was read. */
async function readError(response: UpstreamResponse): Promise<{ hasExpired: boolean; whole: UpstreamResponse }> {
  const { message } = response
  const iterator = message[Symbol.asyncIterator]()
  const pieces: Uint8Array[] = []
  let length = 0
  while (length < MAX_ERROR) {
    const { done, value } = await iterator.next()
    if (done) break
    pieces.push(value)
    length += value.length
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => iterator }
  async function* body(): AsyncGenerator<Uint8Array, void> {
    yield* pieces
    yield* rest
  }
  const hasExpired = /^ExpiredToken/.test(errorCode(message.rawHeaders, pieces) ?? '')
  return { hasExpired, whole: { message, body: Readable.from(body(), { objectMode: false }) } }
}
