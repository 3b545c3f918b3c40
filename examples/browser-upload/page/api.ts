import type { PresignedMultipartParts } from 'sigv4/sync'
import type { Way } from '../server/rules.ts'
import type { Finished, Started } from '../server/signing.ts'
import { ConnectionLost, RejectedError } from './failures.ts'

// Requests to the app's server, which has the credentials and signs.

export function start<W extends Way>(way: W, file: File, signal: AbortSignal): Promise<Extract<Started, { way: W }>> {
  return post('/api/uploads', { way, name: file.name, size: file.size, type: file.type }, signal)
}

export function parts(
  ticket: string,
  uploadId: string,
  numbers: readonly number[],
  signal?: AbortSignal,
): Promise<PresignedMultipartParts> {
  return post('/api/parts', { ticket, uploadId, parts: numbers }, signal)
}

export function finish(ticket: string, signal: AbortSignal): Promise<Finished> {
  return post('/api/finish', { ticket }, signal)
}

async function post<Result>(path: string, content: object, signal?: AbortSignal): Promise<Result> {
  const body = JSON.stringify(content)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body, ...(signal && { signal }) }).catch(() => {
    throw signal?.aborted ? signal.reason : new ConnectionLost('this site')
  })
  const result = await response.json().catch(() => ({}))
  if (!response.ok)
    throw new RejectedError(result.error ?? `This site responded with status ${response.status}.`, response.status)
  return result
}
