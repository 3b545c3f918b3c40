import { checkPost, toFormData } from 'sigv4/sync'
import type { Finished } from '../server/signing.ts'
import * as api from './api.ts'
import { ConnectionLost, Refused, refusalOf } from './failures.ts'
import type { Hooks } from './job.ts'
import { type Answer, isOk, type Send } from './send.ts'

/** One request with the file as its body. */
export async function sendByPut(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const started = await api.start('put', file, signal)
  if (started.way !== 'put') throw new Refused('this site', 'The server answered with something else.')
  step('sending')
  const sending = send(started.put, file, signal, (sent) => progress(Math.min(sent, file.size)))
  return settle(sending, started.ticket, { signal, step })
}

/** A form with the file as its last field. */
export async function sendByPost(file: File, send: Send, { signal, step, progress }: Hooks): Promise<Finished> {
  step('signing')
  const started = await api.start('post', file, signal)
  if (started.way !== 'post') throw new Refused('this site', 'The server answered with something else.')
  const { post } = started
  const form = toFormData(post, file)
  const refusal = checkPost(post.fields, form) // what S3 would say, before ten megabytes have gone there
  if (refusal) throw new Refused('the form', refusal.message, refusal.awsCode, refusal.status)
  step('sending')
  const request = { method: 'POST', url: post.url }
  const sending = send(request, form, signal, (sent) => progress(Math.min(sent, file.size)))
  return settle(sending, started.ticket, { signal, step })
}

/** Has the server look at what is there, also where the answer was lost: the file may have arrived. */
async function settle(
  sending: Promise<Answer>,
  ticket: string,
  { signal, step }: Pick<Hooks, 'signal' | 'step'>,
): Promise<Finished> {
  const answer = await sending.catch((error) => {
    if (error instanceof ConnectionLost) return error
    throw error
  })
  if (!(answer instanceof ConnectionLost) && !isOk(answer)) throw refusalOf(answer)
  step('finishing')
  return api.finish(ticket, signal).catch((error) => {
    throw answer instanceof ConnectionLost && error instanceof Refused ? answer : error
  })
}
