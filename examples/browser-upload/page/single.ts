import { checkPost, toFormData } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { ConnectionLost, errorOf, RejectedError, toError } from './failures.ts'
import type { Hooks } from './job.ts'
import { isOk, type Send, type StorageResponse } from './send.ts'

/** Uploads a file as the body of a single request. */
export async function sendByPut(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const { put, ticket } = await api.start('put', file, signal)
  step('sending')
  const sending = send(put, file, signal, (sent) => progress(Math.min(sent, file.size)))
  return finishUpload(sending, ticket, { signal, step })
}

/** Uploads a file as the last field of a form. */
export async function sendByPost(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const { post, ticket } = await api.start('post', file, signal)
  const form = toFormData(post, file)
  const violation = checkPost(post.fields, form) // Predicts an S3 error before the file is sent.
  if (violation) throw toError(violation)
  step('sending')
  const request = { method: 'POST', url: post.url }
  // The form is slightly larger than the file.
  const sending = send(request, form, signal, (sent) => progress(Math.min(sent, file.size)))
  return finishUpload(sending, ticket, { signal, step })
}

/** Lets the server check the object, even if the response was lost: the file may have arrived. */
async function finishUpload(
  sending: Promise<StorageResponse>,
  ticket: string,
  { signal, step }: Pick<Hooks, 'signal' | 'step'>,
): Promise<Finished> {
  let lost: ConnectionLost | undefined
  try {
    const response = await sending
    if (!isOk(response)) throw errorOf(response)
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    lost = error
  }
  step('finishing')
  return api.finish(ticket, signal).catch((error) => {
    throw lost && error instanceof RejectedError ? lost : error
  })
}
