import { multipartCompletionBody, parseMultipartResponse, type UploadedPart } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { isGone, isPassing, Refused, refusalOf } from './failures.ts'
import type { Hooks } from './job.ts'
import { ATTEMPTS, lengthOf, sendMissing, wait } from './parts.ts'
import { forget, placeOf, recall, remember, type Saved } from './saved.ts'
import { isOk, type Send, withFetch } from './send.ts'

/**
 * Sends a file in parts, several at a time. To pause is to abort the signal, and to go on is to call it again, in this
 * page or in another one: which parts are there, S3 knows best.
 */
export async function sendInParts(file: File, send: Send, hooks: Hooks): Promise<Finished> {
  const { signal, step } = hooks
  const place = placeOf(file)
  step('signing')
  let saved = recall(place)
  let done = saved && (await partsOf(saved, send, signal))
  if (saved && !done) {
    // completed, if the answer to that was lost; else given up, or the server has started anew
    const finished = await api.finish(saved.ticket, signal).catch((error) => {
      if (!(error instanceof Refused) || isPassing(error)) throw error
    })
    forget(place)
    if (finished) return finished
  }
  if (!saved || !done) {
    saved = await begin(file, send, signal)
    done = new Map()
    remember(place, saved)
  }
  await sendMissing(file, saved, done, send, hooks)
  step('finishing')
  await complete(saved, done, send, signal)
  const finished = await api.finish(saved.ticket, signal)
  forget(place)
  return finished
}

/** Gives an upload up: S3 keeps parts, and bills them, until it is told. */
export async function giveUp(place: string): Promise<void> {
  const saved = recall(place)
  if (saved)
    try {
      const { signal } = new AbortController()
      const { abort } = await api.parts(saved.ticket, saved.uploadId, [], signal)
      const answer = await withFetch(abort, undefined, signal)
      if (!isOk(answer)) throw refusalOf(answer)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  forget(place)
}

async function begin(file: File, send: Send, signal: AbortSignal): Promise<Saved> {
  const { upload, ticket } = await api.start('multipart', file, signal)
  const { create, ...plan } = upload
  const response = await send(create, undefined, signal)
  const answer = parseMultipartResponse(response.text)
  if (answer.kind !== 'created') throw refusalOf(response)
  return { ...plan, name: file.name, ticket, uploadId: answer.uploadId }
}

/** The parts that S3 has in full; none if it does not know the upload. */
async function partsOf(saved: Saved, send: Send, signal: AbortSignal): Promise<Map<number, UploadedPart> | undefined> {
  const found = new Map<number, UploadedPart>()
  try {
    const { list } = await api.parts(saved.ticket, saved.uploadId, [], signal)
    for (const request of list) {
      const response = await send(request, undefined, signal)
      const answer = parseMultipartResponse(response.text)
      if (answer.kind !== 'parts') throw refusalOf(response)
      for (const part of answer.parts)
        if (part.size === lengthOf(saved, part.partNumber)) found.set(part.partNumber, part)
    }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
  return found
}

/** Makes the object. S3 may say no in an answer that begins with 200. */
async function complete(
  saved: Saved,
  done: ReadonlyMap<number, UploadedPart>,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const body = multipartCompletionBody(done.values(), saved.partCount)
  for (let attempt = 1; ; attempt++)
    try {
      const { complete } = await api.parts(saved.ticket, saved.uploadId, [], signal)
      const response = await send(complete, body, signal)
      if (parseMultipartResponse(response.text).kind === 'completed') return
      throw refusalOf(response)
    } catch (error) {
      // the attempt before may have done it, and only its answer was lost: the server looks
      if (isGone(error) && attempt > 1) return
      const mayPass = isPassing(error) || (error instanceof Refused && error.status === 200)
      if (!mayPass || attempt === ATTEMPTS) throw error
      await wait(attempt, signal)
    }
}
