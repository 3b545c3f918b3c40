import { multipartCompletionBody, parseMultipartResponse, type UploadedPart } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { errorOf, isMissing, isTransient, RejectedError } from './failures.ts'
import type { Hooks } from './job.ts'
import { ATTEMPTS, lengthOf, sendMissing, wait } from './parts.ts'
import { forget, recall, remember, type Saved, storageKey } from './saved.ts'
import { isOk, type Send, withFetch } from './send.ts'

/**
 * Uploads a file in parallel parts. To pause, abort the signal; to resume, call it again, on this page or a later one:
 * the parts that S3 already has are listed and skipped.
 */
export async function sendInParts(file: File, send: Send, hooks: Hooks): Promise<Finished> {
  const { signal, step } = hooks
  const storedKey = storageKey(file)
  step('signing')
  let saved = recall(storedKey)
  let done = saved && (await listParts(saved, send, signal))
  if (saved && !done) {
    // The upload was completed and the response was lost, or it was aborted, or the server's key has changed.
    const finished = await api.finish(saved.ticket, signal).catch((error) => {
      if (!(error instanceof RejectedError) || isTransient(error)) throw error
    })
    forget(storedKey)
    if (finished) return finished
  }
  if (!saved || !done) {
    saved = await create(file, send, signal)
    done = new Map()
    remember(storedKey, saved)
  }
  await sendMissing(file, saved, done, send, hooks)
  step('finishing')
  await complete(saved, done, send, signal)
  const finished = await api.finish(saved.ticket, signal)
  forget(storedKey)
  return finished
}

/** Aborts an upload. Until then, S3 keeps its parts and bills for them. */
export async function abortUpload(storedKey: string): Promise<void> {
  const saved = recall(storedKey)
  if (saved)
    try {
      const { signal } = new AbortController()
      const { abort } = await api.parts(saved.ticket, saved.uploadId, [], signal)
      const response = await withFetch(abort, undefined, signal)
      if (!isOk(response)) throw errorOf(response)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  forget(storedKey)
}

async function create(file: File, send: Send, signal: AbortSignal): Promise<Saved> {
  const { upload, ticket } = await api.start('multipart', file, signal)
  const { create, ...plan } = upload
  const response = await send(create, undefined, signal)
  const parsed = parseMultipartResponse(response.text)
  if (parsed.kind !== 'created') throw errorOf(response)
  return { ...plan, name: file.name, ticket, uploadId: parsed.uploadId }
}

/** Returns the complete parts that S3 has, or `undefined` if the upload no longer exists. */
async function listParts(
  saved: Saved,
  send: Send,
  signal: AbortSignal,
): Promise<Map<number, UploadedPart> | undefined> {
  const found = new Map<number, UploadedPart>()
  try {
    const { list } = await api.parts(saved.ticket, saved.uploadId, [], signal)
    for (const request of list) {
      const response = await send(request, undefined, signal)
      const parsed = parseMultipartResponse(response.text)
      if (parsed.kind !== 'parts') throw errorOf(response)
      for (const part of parsed.parts)
        if (part.size === lengthOf(saved, part.partNumber)) found.set(part.partNumber, part)
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  return found
}

/** Completes the upload. S3 can report an error with status 200. */
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
      throw errorOf(response)
    } catch (error) {
      // The previous attempt may have succeeded and lost its response. The server checks the object.
      if (isMissing(error) && attempt > 1) return
      const canRetry = isTransient(error) || (error instanceof RejectedError && error.status === 200)
      if (!canRetry || attempt === ATTEMPTS) throw error
      await wait(attempt, signal)
    }
}
