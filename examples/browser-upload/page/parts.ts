import type { PresignedPart, UploadedPart } from 'sigv4/sync'
import * as api from './api.ts'
import { isPassing, Refused, refusalOf } from './failures.ts'
import type { Hooks } from './job.ts'
import type { Saved } from './saved.ts'
import { isOk, type Send } from './send.ts'

const AT_ONCE = 4
const SIGNED_AHEAD = 16
export const ATTEMPTS = 4

/** Sends what is not there, several parts at a time, and adds it to what is. A part that fails is sent again. */
export async function sendMissing(
  file: File,
  saved: Saved,
  done: Map<number, UploadedPart>,
  send: Send,
  { signal, step, progress, part: show }: Hooks,
): Promise<void> {
  const missing = Array.from({ length: saved.partCount }, (_, i) => i + 1).filter((number) => !done.has(number))
  const underWay = new Map<number, number>()
  const report = (): void => {
    let sent = 0
    for (const number of done.keys()) sent += lengthOf(saved, number)
    for (const bytes of underWay.values()) sent += bytes
    progress(sent)
  }
  for (let number = 1; number <= saved.partCount; number++)
    show(number, saved.partCount, done.has(number) ? 'done' : 'waiting')
  step('sending')
  report()

  // when one part fails for good, the others are not wanted any more
  const stopper = new AbortController()
  const either = AbortSignal.any([signal, stopper.signal])
  const requestOf = partRequests(saved, missing, either)

  const sendOnce = async (number: number, isAgain: boolean): Promise<UploadedPart> => {
    const request = await requestOf(number, isAgain)
    const slice = file.slice(request.start, request.end) // read from the disk while it is sent
    const answer = await send(request, slice, either, (sent) => {
      underWay.set(number, Math.min(sent, slice.size))
      report()
    })
    if (!isOk(answer)) throw refusalOf(answer)
    if (!answer.etag)
      throw new Refused('The bucket hides the ETag of parts: its CORS rule must expose it.', answer.status)
    return { partNumber: number, etag: answer.etag }
  }
  const sendOne = async (number: number): Promise<void> => {
    for (let attempt = 1; !done.has(number); attempt++) {
      show(number, saved.partCount, 'sending')
      try {
        done.set(number, await sendOnce(number, attempt > 1))
        show(number, saved.partCount, 'done')
      } catch (error) {
        show(number, saved.partCount, either.aborted ? 'waiting' : 'failed')
        if (either.aborted || !isPassing(error) || attempt === ATTEMPTS) throw error
      }
      underWay.delete(number)
      report()
      if (!done.has(number)) await wait(attempt, either)
    }
  }
  const worker = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) await sendOne(number)
  }
  const workers = Array.from({ length: AT_ONCE }, () => worker().catch((error) => stopper.abort(error)))
  await Promise.all(workers) // all, so that nothing is sent behind our back
  underWay.clear()
  report()
  either.throwIfAborted()
}

export function lengthOf({ size, partSize }: Saved, partNumber: number): number {
  return Math.min(partSize, size - (partNumber - 1) * partSize)
}

/** Signed requests for parts, some ahead: a signature lasts minutes, and ten thousand of them are megabytes. */
function partRequests(saved: Saved, missing: readonly number[], signal: AbortSignal) {
  const signed = new Map<number, Promise<PresignedPart>>()
  return (number: number, isAgain: boolean): Promise<PresignedPart> => {
    if (isAgain || !signed.has(number)) {
      const numbers = isAgain ? [number] : [number, ...missing.slice(0, SIGNED_AHEAD - 1)]
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

/** Waits before another attempt, longer each time. */
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
