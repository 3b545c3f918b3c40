import { completionBody, type PresignedPart, readUploadAnswer, type UploadedPart } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { ConnectionLost, isPassing, Refused, refusalOf } from './failures.ts'
import type { Hooks } from './job.ts'
import { forget, placeOf, recall, remember, type Saved } from './saved.ts'
import { isOk, type Send } from './send.ts'

const AT_ONCE = 4
const SIGNED_AHEAD = 16
const ATTEMPTS = 4

/**
 * Sends a file in parts, several at a time. To pause is to abort the signal, and to go on is to call it again, in this
 * page or in another one: which parts are there, S3 knows best.
 */
export async function sendInParts(file: File, send: Send, hooks: Hooks): Promise<Finished> {
  const { signal, step } = hooks
  const place = placeOf(file)
  step('signing')
  const known = recall(place)
  const saved = known ?? (await begin(file, send, signal))
  remember(place, saved)
  try {
    const done = known ? await partsOf(saved, send, signal) : new Map<number, UploadedPart>()
    await sendMissing(file, saved, done, send, hooks)
    step('finishing')
    await complete(saved, done, send, signal)
  } catch (error) {
    if (!(error instanceof Refused && error.awsCode === 'NoSuchUpload')) throw error
    // complete already, if the answer to that was lost; or given up
    const finished = await api.finish(saved.ticket, signal).catch(() => undefined)
    forget(place)
    if (finished) return finished
    throw error
  }
  const finished = await api.finish(saved.ticket, signal)
  forget(place)
  return finished
}

/** Gives an upload up: S3 keeps parts, and bills them, until it is told. */
export async function giveUp(place: string, send: Send): Promise<void> {
  const saved = recall(place)
  forget(place)
  if (!saved) return
  const { signal } = new AbortController()
  const { abort } = await api.parts(saved.ticket, saved.uploadId, [], signal)
  const answer = await send(abort, undefined, signal)
  if (!isOk(answer) && answer.status !== 404) throw refusalOf(answer)
}

async function begin(file: File, send: Send, signal: AbortSignal): Promise<Saved> {
  const started = await api.start('multipart', file, signal)
  if (started.way !== 'multipart') throw new Refused('this site', 'The server answered with something else.')
  const { create, ...plan } = started.upload
  const response = await send(create, undefined, signal)
  const answer = readUploadAnswer(response.text)
  if (answer.kind !== 'created') throw refusalOf(response)
  return { ...plan, name: file.name, ticket: started.ticket, uploadId: answer.uploadId }
}

/** The parts that S3 has in full. */
async function partsOf(saved: Saved, send: Send, signal: AbortSignal): Promise<Map<number, UploadedPart>> {
  const { list } = await api.parts(saved.ticket, saved.uploadId, [], signal)
  const found = new Map<number, UploadedPart>()
  for (const request of list) {
    const response = await send(request, undefined, signal)
    const answer = readUploadAnswer(response.text)
    if (answer.kind !== 'parts') throw refusalOf(response)
    for (const part of answer.parts)
      if (part.size === lengthOf(saved, part.partNumber)) found.set(part.partNumber, part)
  }
  return found
}

function lengthOf({ size, partSize }: Saved, partNumber: number): number {
  return Math.min(partSize, size - (partNumber - 1) * partSize)
}

/** Sends what is not there, and adds it to what is. */
async function sendMissing(
  file: File,
  saved: Saved,
  done: Map<number, UploadedPart>,
  send: Send,
  { signal, step, progress, part: show }: Hooks,
): Promise<void> {
  const missing: number[] = []
  for (let number = 1; number <= saved.partCount; number++) if (!done.has(number)) missing.push(number)
  const underWay = new Map<number, number>()
  const report = (): void => {
    let sent = 0
    for (const number of done.keys()) sent += lengthOf(saved, number)
    for (const bytes of underWay.values()) sent += bytes
    progress(sent)
  }
  for (const number of done.keys()) show(number, saved.partCount, 'done')
  step('sending')
  report()

  // when one part fails for good, the others are not wanted any more
  const stopper = new AbortController()
  const stop = (): void => stopper.abort(signal.reason)
  signal.addEventListener('abort', stop)
  const requests = partRequests(saved, missing, stopper.signal)

  const sendOne = async (number: number): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      show(number, saved.partCount, 'sending')
      try {
        const request = await requests(number, attempt > 1)
        const slice = file.slice(request.start, request.end) // read from the disk while it is sent
        const answer = await send(request, slice, stopper.signal, (sent) => {
          underWay.set(number, Math.min(sent, slice.size))
          report()
        })
        if (!isOk(answer)) throw refusalOf(answer)
        if (!answer.etag) throw new Refused('the bucket', 'Its CORS rule does not expose ETag, which names a part.')
        done.set(number, { partNumber: number, etag: answer.etag })
        underWay.delete(number)
        show(number, saved.partCount, 'done')
        report()
        return
      } catch (error) {
        underWay.delete(number)
        report()
        show(number, saved.partCount, stopper.signal.aborted ? 'waiting' : 'failed')
        if (stopper.signal.aborted || !isPassing(error) || attempt === ATTEMPTS) throw error
        await pauseFor(400 * 2 ** attempt, stopper.signal)
      }
    }
  }
  const worker = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) await sendOne(number)
  }
  const workers = Array.from({ length: AT_ONCE }, () =>
    worker().catch((error) => {
      stopper.abort(error)
      throw error
    }),
  )
  const ended = await Promise.allSettled(workers) // all, so that nothing is sent behind our back
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  const failed = ended.find((result) => result.status === 'rejected')
  if (failed) throw stopper.signal.reason
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

/** Makes the object. S3 may say no in an answer that begins with 200. */
async function complete(
  saved: Saved,
  done: ReadonlyMap<number, UploadedPart>,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const body = completionBody(done.values(), saved.partCount)
  for (let attempt = 1; ; attempt++) {
    const { complete } = await api.parts(saved.ticket, saved.uploadId, [], signal)
    const response = await send(complete, body, signal).catch((error) => {
      if (!(error instanceof ConnectionLost) || attempt === ATTEMPTS) throw error
    })
    if (response) {
      const answer = readUploadAnswer(response.text)
      if (isOk(response) && answer.kind === 'completed') return
      if ((answer.kind === 'refused' && answer.awsCode !== 'InternalError') || attempt === ATTEMPTS)
        throw refusalOf(response)
    }
    await pauseFor(400 * 2 ** attempt, signal)
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
