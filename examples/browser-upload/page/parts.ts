import type { PresignedPart, UploadedPart } from 'sigv4/sync'
import * as api from './api.ts'
import { errorOf, isTransient, RejectedError } from './failures.ts'
import type { Hooks } from './job.ts'
import type { Saved } from './saved.ts'
import { isOk, type Send } from './send.ts'

const AT_ONCE = 4
const SIGNED_AHEAD = 16
export const ATTEMPTS = 4

/** Uploads the missing parts in parallel, retries failed ones, and adds them to `done`. */
export async function sendMissing(
  file: File,
  saved: Saved,
  done: Map<number, UploadedPart>,
  send: Send,
  { signal, step, progress, part: setPart }: Hooks,
): Promise<void> {
  const missing = Array.from({ length: saved.partCount }, (_, i) => i + 1).filter((number) => !done.has(number))
  const inFlight = new Map<number, number>()
  const report = (): void => {
    let sent = 0
    for (const number of done.keys()) sent += lengthOf(saved, number)
    for (const bytes of inFlight.values()) sent += bytes
    progress(sent)
  }
  for (let number = 1; number <= saved.partCount; number++)
    setPart(number, saved.partCount, done.has(number) ? 'done' : 'waiting')
  step('sending')
  report()

  // If a part fails permanently, the others are aborted.
  const failure = new AbortController()
  const combined = AbortSignal.any([signal, failure.signal])
  const requestOf = partRequests(saved, missing, combined)

  const sendOnce = async (number: number, isRetry: boolean): Promise<UploadedPart> => {
    const request = await requestOf(number, isRetry)
    const slice = file.slice(request.start, request.end) // The file is read while it is sent.
    const response = await send(request, slice, combined, (sent) => {
      inFlight.set(number, Math.min(sent, slice.size))
      report()
    })
    if (!isOk(response)) throw errorOf(response)
    if (!response.etag)
      throw new RejectedError(
        'The page cannot read the ETag of parts. Add ETag to ExposeHeaders in the CORS rule of the bucket.',
        response.status,
      )
    return { partNumber: number, etag: response.etag }
  }
  const sendOne = async (number: number): Promise<void> => {
    for (let attempt = 1; !done.has(number); attempt++) {
      setPart(number, saved.partCount, 'sending')
      try {
        done.set(number, await sendOnce(number, attempt > 1))
        setPart(number, saved.partCount, 'done')
      } catch (error) {
        setPart(number, saved.partCount, combined.aborted ? 'waiting' : 'failed')
        if (combined.aborted || !isTransient(error) || attempt === ATTEMPTS) throw error
      }
      inFlight.delete(number)
      report()
      if (!done.has(number)) await wait(attempt, combined)
    }
  }
  const worker = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) await sendOne(number)
  }
  const workers = Array.from({ length: AT_ONCE }, () => worker().catch((error) => failure.abort(error)))
  await Promise.all(workers) // Wait for all of them, so that none is still sending afterwards.
  inFlight.clear()
  report()
  combined.throwIfAborted()
}

export function lengthOf({ size, partSize }: Saved, partNumber: number): number {
  return Math.min(partSize, size - (partNumber - 1) * partSize)
}

/** Presigns parts in batches, because a signature is valid for minutes and 10,000 of them take megabytes. */
function partRequests(saved: Saved, missing: readonly number[], signal: AbortSignal) {
  const signed = new Map<number, Promise<PresignedPart>>()
  return (number: number, isRetry: boolean): Promise<PresignedPart> => {
    if (isRetry || !signed.has(number)) {
      const numbers = isRetry ? [number] : [number, ...missing.slice(0, SIGNED_AHEAD - 1)]
      const batch = api.parts(saved.ticket, saved.uploadId, numbers, signal)
      numbers.forEach((each, i) => {
        const request = batch.then(({ parts }) => parts[i]!)
        request.catch(() => signed.delete(each))
        signed.set(each, request)
      })
    }
    const request = signed.get(number)!
    signed.delete(number)
    return request
  }
}

/** Waits before the next attempt, longer each time. */
export function wait(attempt: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const timer = setTimeout(resolve, 400 * 2 ** attempt)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
