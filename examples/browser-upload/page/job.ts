import type { Way } from '../server/rules.ts'
import type { Finished } from '../server/signing.ts'
import { ConnectionLost, isFinal, RejectedError } from './failures.ts'
import { abortUpload, sendInParts } from './multipart.ts'
import { storageKey } from './saved.ts'
import { type Send, withAxios, withFetch } from './send.ts'
import { sendByPost, sendByPut } from './single.ts'

export type Step = 'signing' | 'sending' | 'finishing' | 'canceling'
export type PartState = 'waiting' | 'sending' | 'done' | 'failed'

/** How an upload reports its state and is aborted. */
export interface Hooks {
  signal: AbortSignal
  step(step: Step): void
  /** Bytes of the file that have been sent. */
  progress(bytes: number): void
  part(number: number, count: number, state: PartState): void
}

/** The displayed state of an upload. */
export interface View extends Omit<Hooks, 'signal'> {
  paused(): void
  canceled(): void
  failed(message: string, awsCode?: string): void
  /** The file is not accepted, so a retry is useless. */
  rejected(message: string): void
  done(finished: Finished): void
}

/** The user's controls of an upload. */
export interface Job {
  run(): void
  pause(): void
  cancel(): void
}

const PAUSED = Symbol('paused')
const CANCELED = Symbol('canceled')

const SENDERS: Record<string, Send> = { axios: withAxios, fetch: withFetch }
const WAYS = { put: sendByPut, post: sendByPost, multipart: sendInParts }

/** Creates the upload of a file. It can run again after a pause or a failure. */
export function jobOf(file: File, way: Way, client: string, view: View): Job {
  const send = SENDERS[client]!
  let controller: AbortController | undefined

  const run = async (): Promise<void> => {
    if (controller) return
    controller = new AbortController()
    const { signal } = controller
    try {
      view.done(await WAYS[way](file, send, { ...view, signal }))
    } catch (error) {
      if (signal.reason === CANCELED) await clear()
      else if (signal.reason === PAUSED) view.paused()
      else if (isFinal(error)) view.rejected(error.message)
      else view.failed(messageOf(error, way), error instanceof RejectedError ? error.awsCode : undefined)
    } finally {
      controller = undefined
    }
  }
  const clear = async (): Promise<void> => {
    if (way === 'multipart') await clearUpload(storageKey(file), view)
    else view.canceled()
  }

  return {
    run: () => void run(),
    pause: () => controller?.abort(PAUSED),
    cancel: () => (controller ? controller.abort(CANCELED) : void clear()),
  }
}

/** Aborts a multipart upload of this page or an earlier one. */
export async function clearUpload(storedKey: string, view: View): Promise<void> {
  view.step('canceling')
  try {
    await abortUpload(storedKey)
    view.canceled()
  } catch (error) {
    view.failed(`The upload was not canceled: ${messageOf(error, 'multipart')}`)
  }
}

function messageOf(error: unknown, way: Way): string {
  if (error instanceof ConnectionLost) {
    if (way === 'multipart') return `${error.message} The uploaded parts are kept.`
    return `${error.message} ${error.to === 'the storage service' ? 'The file was not stored.' : 'The file may or may not have been stored.'}`
  }
  if (error instanceof RejectedError) return error.message
  console.error(error)
  return 'Something went wrong on this page.'
}
