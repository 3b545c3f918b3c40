import { setTimeout as sleep } from 'node:timers/promises'
import { fill } from '../../../../suite/format/fill.ts'
import type { Setting, Texts } from '../../../../suite/format/format.ts'
import { NODE_HASHES } from '../../../../suite/format/hashes.ts'
import { type Address, exchange, type Reply } from './connection.ts'
import type { ControlValues } from './controls.ts'
import { headerOf } from './response.ts'

export interface Limits {
  /** Requests at the same time. */
  readonly concurrency: number
  /** Requests per second. */
  readonly rate: number
  /** Milliseconds until a request ends without a response. */
  readonly timeout: number
}

/** A request as it was sent, and what the server sent. */
export interface Exchange extends Reply {
  readonly request: string
}

/** A larger difference is a wrong date, not a wrong clock: the server could choose the signing time of requests. */
const MAX_SKEW = 86_400_000

/** Sends requests to one server, at most so many per second, with its clock. */
export class Client {
  requests = 0
  /** Requests without a complete response since the last one. */
  silent = 0
  #offset = 0
  #next = 0
  readonly #address: Address
  readonly #limits: Limits

  constructor(address: Address, limits: Limits) {
    this.#address = address
    this.#limits = limits
  }

  /** Fills in a request now, and sends it, unless it is aborted before. */
  async send({ sign, send = '' }: Texts, setting: Setting & ControlValues, signal?: AbortSignal): Promise<Exchange> {
    await this.#wait(signal)
    return this.#exchange(fill({ sign }, send, setting, Date.now() / 1000 + this.#offset, NODE_HASHES), signal)
  }

  /** Reads the clock of the server from the response to an unsigned request. */
  async readClock(host: string): Promise<Reply> {
    const reply = await this.#exchange(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const skew = Date.parse(headerOf(reply.head, 'date') ?? '') - Date.now()
    if (Math.abs(skew) <= MAX_SKEW) this.#offset = skew / 1000
    return reply
  }

  /** Calls a function for each item, for several at the same time, until there are none or `isStopped`. */
  async forEach<Item>(
    items: readonly Item[],
    run: (item: Item) => Promise<void>,
    isStopped: () => boolean,
  ): Promise<void> {
    const queue = items.values()
    const work = async (): Promise<void> => {
      for (const item of queue) {
        if (isStopped()) return
        await run(item)
      }
    }
    await Promise.all(Array.from({ length: this.#limits.concurrency }, work))
  }

  async #wait(signal?: AbortSignal): Promise<void> {
    const now = performance.now()
    const at = Math.max(now, this.#next)
    this.#next = at + 1000 / this.#limits.rate
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => {})
  }

  async #exchange(request: string, signal?: AbortSignal): Promise<Exchange> {
    this.requests++
    const reply = await exchange(this.#address, request, { timeout: this.#limits.timeout, signal })
    const isSilent = reply.isLate || /^no /.test(reply.problem ?? '')
    this.silent = isSilent ? this.silent + 1 : 0
    return { ...reply, request }
  }
}
