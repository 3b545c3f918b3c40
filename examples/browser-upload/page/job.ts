import type { Way } from '../server/rules.ts'
import type { Finished } from '../server/signing.ts'
import { ConnectionLost, isFinal, Refused } from './failures.ts'
import { giveUp, sendInParts } from './multipart.ts'
import { placeOf } from './saved.ts'
import { type Send, withAxios, withFetch } from './send.ts'
import { sendByPost, sendByPut } from './single.ts'

export type Step = 'signing' | 'sending' | 'finishing' | 'cancelling'
export type PartState = 'waiting' | 'sending' | 'done' | 'failed'

/** How an upload tells what it does, and is told to stop. */
export interface Hooks {
  signal: AbortSignal
  step(step: Step): void
  /** How many bytes of the file are there or on their way. */
  progress(bytes: number): void
  part(number: number, count: number, state: PartState): void
}

/** What there is to see of an upload. */
export interface View extends Omit<Hooks, 'signal'> {
  paused(): void
  cancelled(): void
  failed(message: string, awsCode?: string): void
  /** For good: the file is not accepted. */
  refused(message: string): void
  done(finished: Finished): void
}

/** What a user can do with an upload. */
export interface Job {
  run(): void
  pause(): void
  cancel(): void
}

const PAUSED = Symbol('paused')
const CANCELLED = Symbol('cancelled')

const SENDERS: Record<string, Send> = { axios: withAxios, fetch: withFetch }
const WAYS = { put: sendByPut, post: sendByPost, multipart: sendInParts }

/** One file on its way. It can be run again after a pause or a failure. */
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
      if (signal.reason === CANCELLED) await clear()
      else if (signal.reason === PAUSED) view.paused()
      else if (isFinal(error)) view.refused(error.message)
      else view.failed(wordsOf(error, way), error instanceof Refused ? error.awsCode : undefined)
    } finally {
      controller = undefined
    }
  }
  const clear = async (): Promise<void> => {
    if (way === 'multipart') await clearParts(placeOf(file), view)
    else view.cancelled()
  }

  return {
    run: () => void run(),
    pause: () => controller?.abort(PAUSED),
    cancel: () => (controller ? controller.abort(CANCELLED) : void clear()),
  }
}

/** Gives up an upload in parts, of this page or of another one. */
export async function clearParts(place: string, view: View): Promise<void> {
  view.step('cancelling')
  try {
    await giveUp(place)
    view.cancelled()
  } catch (error) {
    view.failed(`Not cancelled: ${wordsOf(error, 'multipart')}`)
  }
}

function wordsOf(error: unknown, way: Way): string {
  if (error instanceof ConnectionLost) {
    if (way === 'multipart') return `${error.message} The parts that arrived are kept.`
    return `${error.message} ${error.to === 'the storage' ? 'The file was not stored.' : 'Nobody knows whether the file was stored.'}`
  }
  if (error instanceof Refused) return error.message
  console.error(error)
  return 'Something went wrong in this page.'
}
