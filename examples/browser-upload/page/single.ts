import { checkPost, toFormData } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { ConnectionLost, Refused, refusal, refusalOf } from './failures.ts'
import type { Hooks } from './job.ts'
import { type Answer, isOk, type Send } from './send.ts'

/** One request with the file as its body. */
export async function sendByPut(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const { put, ticket } = await api.start('put', file, signal)
  step('sending')
  const sending = send(put, file, signal, (sent) => progress(Math.min(sent, file.size)))
  return settle(sending, ticket, { signal, step })
}

/** A form with the file as its last field. */
export async function sendByPost(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const { post, ticket } = await api.start('post', file, signal)
  const form = toFormData(post, file)
  const foreseen = checkPost(post.fields, form) // what S3 would say, before ten megabytes have gone there
  if (foreseen) throw refusal(foreseen)
  step('sending')
  const request = { method: 'POST', url: post.url }
  // what is sent is the form, which is a little longer than the file
  const sending = send(request, form, signal, (sent) => progress(Math.min(sent, file.size)))
  return settle(sending, ticket, { signal, step })
}

/** Has the server look at what is there, also where the answer was lost: the file may have arrived. */
async function settle(
  sending: Promise<Answer>,
  ticket: string,
  { signal, step }: Pick<Hooks, 'signal' | 'step'>,
): Promise<Finished> {
  let lost: ConnectionLost | undefined
  try {
    const answer = await sending
    if (!isOk(answer)) throw refusalOf(answer)
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    lost = error
  }
  step('finishing')
  return api.finish(ticket, signal).catch((error) => {
    throw lost && error instanceof Refused ? lost : error
  })
}
