import type { PresignedMultipartParts } from 'sigv4/sync'
import type { Way } from '../server/rules.ts'
import type { Finished, Started } from '../server/signing.ts'
import { ConnectionLost, Refused } from './failures.ts'

// Questions to our own server, which has the credentials and signs.

export function start<W extends Way>(way: W, file: File, signal: AbortSignal): Promise<Extract<Started, { way: W }>> {
  return ask('/api/uploads', { way, name: file.name, size: file.size, type: file.type }, signal)
}

export function parts(
  ticket: string,
  uploadId: string,
  numbers: readonly number[],
  signal?: AbortSignal,
): Promise<PresignedMultipartParts> {
  return ask('/api/parts', { ticket, uploadId, parts: numbers }, signal)
}

export function finish(ticket: string, signal: AbortSignal): Promise<Finished> {
  return ask('/api/finish', { ticket }, signal)
}

async function ask<Answer>(path: string, question: object, signal?: AbortSignal): Promise<Answer> {
  const body = JSON.stringify(question)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body, ...(signal && { signal }) }).catch(() => {
    throw signal?.aborted ? signal.reason : new ConnectionLost('this site')
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Refused(answer.error ?? `This site answered ${response.status}.`, response.status)
  return answer
}
