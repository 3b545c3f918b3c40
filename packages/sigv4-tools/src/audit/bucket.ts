import type { Setting } from '../../../../suite/format/format.ts'
import type { Client } from './client.ts'
import type { Reply } from './connection.ts'
import type { Controls } from './controls.ts'
import { isAccepted } from './verdict.ts'

/** The number of keys that a list is requested to have. */
const MAX_KEYS = 1000
const MAX_LISTS = 20
/** The longest key that S3 stores, in bytes, as a list may contain it: each byte as a reference. */
const MAX_KEY = 1024 * '&#xff;'.length
/** After so many deletions without a response, the server no longer responds. */
const MAX_SILENT = 12

/** Why a key was not deleted. */
type Reason =
  | 'the server rejected it'
  | 'the server did not respond'
  | 'the server still lists it'
  | 'it was interrupted'
  | 'no test stored it'

/** A key that was not deleted, percent-encoded. */
export interface Left {
  readonly key: string
  readonly reason: Reason
}

/** Reads and writes objects with valid requests, below a prefix that nothing else uses. Keys are percent-encoded. */
export class Bucket {
  readonly #client: Client
  readonly #setting: Setting
  readonly #controls: Controls
  /** Keys that were written. */
  readonly #written = new Set<string>()
  /** Keys that tests may have written although the server rejected them. Others are not deleted, whatever it lists. */
  readonly #possible = new Set<string>()

  constructor(client: Client, setting: Setting, controls: Controls) {
    this.#client = client
    this.#setting = setting
    this.#controls = controls
  }

  put(key: string, content: string): Promise<Reply> {
    this.#written.add(key)
    return this.#client.send(this.#controls.put, { ...this.#setting, key, content })
  }

  /** Notes the keys that a test writes if it is accepted. */
  allow(keys: readonly string[]): void {
    for (const key of keys) this.#possible.add(key)
  }

  /** Notes that a test was accepted. */
  add(keys: readonly string[]): void {
    for (const key of keys) this.#written.add(key)
  }

  get(key: string): Promise<Reply> {
    return this.#client.send(this.#controls.get, { ...this.#setting, key })
  }

  /** Lists keys that start with a string. */
  list(start: string, signal?: AbortSignal): Promise<Reply> {
    return this.#client.send(this.#controls.list, { ...this.#setting, start }, signal)
  }

  /** Sends a read with signatures that are wrong. */
  async sendWrong(key: string): Promise<Reply[]> {
    const replies: Reply[] = []
    for (const texts of this.#controls.wrong) replies.push(await this.#client.send(texts, { ...this.#setting, key }))
    return replies
  }

  /** Deletes what was written, and what tests wrote that should have been rejected. Returns what is left. */
  async clear(signal: AbortSignal): Promise<Left[]> {
    const { prefix } = this.#setting
    /** Keys that were to be deleted, with the reason for which they were not. */
    const tried = new Map<string, Reason | undefined>()
    this.#client.silent = 0
    let isOver = false
    const isStopped = (): boolean => signal.aborted || this.#client.silent >= MAX_SILENT
    const silence = (): Reason => (signal.aborted ? 'it was interrupted' : 'the server did not respond')
    for (let lists = 1; ; lists++) {
      const listed = await this.list(prefix, signal)
      // a server may ignore the prefix of a list
      const found = keysIn(listed.body)
        .map(encodeKey)
        .filter((key) => key.startsWith(prefix))
      const own = new Set([...this.#written, ...found.filter((key) => this.#possible.has(key))])
      const keys = [...own].filter((key) => !tried.has(key))
      if (keys.length > 0 && lists < MAX_LISTS && !isOver) {
        const remove = async (key: string): Promise<void> => {
          const { status } = await this.#client.send(this.#controls.remove, { ...this.#setting, key }, signal)
          const isDeleted = isAccepted('s3', { status, sibling: undefined }) || status === 404
          tried.set(key, isDeleted ? undefined : status ? 'the server rejected it' : silence())
        }
        await this.#client.forEach(keys, remove, isStopped)
        isOver = isStopped()
        continue
      }
      const failed = listed.status === 200 ? [] : [...tried.keys()].filter((key) => tried.get(key))
      return [...new Set([...found, ...keys, ...failed])].map((key) => ({
        key,
        reason: own.has(key)
          ? (tried.get(key) ?? (tried.has(key) ? 'the server still lists it' : silence()))
          : 'no test stored it',
      }))
    }
  }
}

/** Returns the keys of a list, as bytes. */
export function keysIn(xml: string): string[] {
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)]
    .slice(0, MAX_KEYS)
    .flatMap(([, text = '']) => (text.length > MAX_KEY ? [] : [unescapeXml(text)]))
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal?: string, hex?: string, name = '') => {
    if (decimal === undefined && hex === undefined) return ENTITIES.get(name) ?? all
    const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
    return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code)).toString('latin1') : all
  })
}

/** Percent-encodes a key. */
export function encodeKey(key: string): string {
  return key.replace(/[^\w.~/-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
