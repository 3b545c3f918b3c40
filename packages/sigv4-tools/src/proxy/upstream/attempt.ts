import { Readable } from 'node:stream'
import { checkSecret, type SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { isExpiredToken } from '../../../../../src/internal/errors.ts'
import { hideShapes } from '../../redaction/hide.ts'
import { ProxyError } from '../http/proxy-error.ts'
import { mayReject, readError } from '../http/read-error.ts'
import type { Settings } from '../options/settings.ts'
import { isRepeatable } from '../request/body.ts'
import type { Prepared } from '../request/prepare.ts'
import { type Connections, SendError, type SendHooks, send, type UpstreamResponse } from './send.ts'

/** Bytes of an error response that are read to find its code, and the milliseconds that it may take. */
const MAX_ERROR = 64 * 1024
const ERROR_TIMEOUT = 5000

/**
 * Signs and sends a request. It is sent a second time if the connection was closed before a response, or if the
 * credentials have expired; a body that is sent while it is received cannot be repeated. `onCredentials` receives the
 * credentials.
 */
export async function attempt(
  settings: Settings,
  connections: Connections,
  { plan, complete }: Prepared,
  hooks: SendHooks,
  onCredentials: (credentials: SecretCredentials) => void,
): Promise<UpstreamResponse> {
  const held = settings.credentials
  const canRepeat = isRepeatable(plan)
  for (let isFirst = true; ; isFirst = false) {
    const credentials = held && (await obtain(held, settings.now()))
    if (credentials) onCredentials(credentials)
    const outgoing = await complete(credentials)
    // the upstream may close a connection that is idle for longer, and a body that was sent on it would be lost
    const agent = canRepeat && !('upgrade' in outgoing.headers) ? connections.shared : connections.recent
    try {
      const response = await send(settings, agent, outgoing, hooks)
      const { statusCode = 0 } = response.message
      if (!isFirst || !held?.isRefreshable || !mayReject(statusCode)) return response
      const { hasExpired, whole } = await readStart(response)
      // another request may be repeated
      if (!hasExpired || !held.discard(credentials!) || !canRepeat) return whole
      response.message.destroy()
    } catch (error) {
      const isSafe = outgoing.method !== 'POST' && outgoing.method !== 'PATCH'
      if (!(canRepeat && isFirst && error instanceof SendError && error.isReset && (isSafe || error.isReused)))
        throw error
    }
  }
}

/** Returns valid credentials, or throws without a secret in the message, which is for the log only. */
export async function obtain(held: NonNullable<Settings['credentials']>, now: number): Promise<SecretCredentials> {
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

/** Reads the start of an error response. `whole` is the response including that start. */
async function readStart(response: UpstreamResponse): Promise<{ hasExpired: boolean; whole: UpstreamResponse }> {
  const { message } = response
  const iterator = message[Symbol.asyncIterator]()
  const pieces: Uint8Array[] = []
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ERROR_TIMEOUT, undefined)
  })
  let next = iterator.next()
  while (length < MAX_ERROR) {
    const read = await Promise.race([next, late])
    if (!read || read.done) break
    pieces.push(read.value)
    length += read.value.length
    next = iterator.next()
  }
  clearTimeout(timer)
  next.catch(() => undefined) // the client may disconnect before it is read
  async function* body(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* pieces
      for (let read = await next; !read.done; read = await iterator.next()) yield read.value
    } finally {
      message.destroy()
    }
  }
  const hasExpired = isExpiredToken(readError(message.rawHeaders, pieces))
  return { hasExpired, whole: { message, body: Readable.from(body(), { objectMode: false }) } }
}
