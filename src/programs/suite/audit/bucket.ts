import type { Setting } from '../model/format.ts'
import type { Client } from './client.ts'
import type { Reply } from './connection.ts'
import type { Controls } from './controls.ts'
import { isAccepted } from './verdict.ts'

/** Reads and writes objects with valid requests, below a prefix that nothing else uses. */
export class Bucket {
  readonly #client: Client
  readonly #setting: Setting
  readonly #controls: Controls
  /** Keys that were written, percent-encoded; more of them exist if tests have chosen keys. */
  readonly #written = new Set<string>()

  constructor(client: Client, setting: Setting, controls: Controls) {
    this.#client = client
    this.#setting = setting
    this.#controls = controls
  }

  put(key: string, content: string): Promise<Reply> {
    this.add(key)
    return this.#client.send(this.#controls.put, { ...this.#setting, key, content })
  }

  /** Notes a key that a test writes. */
  add(key: string): void {
    this.#written.add(key)
  }

  get(key: string): Promise<Reply> {
    return this.#client.send(this.#controls.get, { ...this.#setting, key })
  }

  /** Lists keys that start with a string. */
  list(start: string): Promise<Reply> {
    return this.#client.send(this.#controls.list, { ...this.#setting, start })
  }

  /** Sends a read with signatures that are wrong. */
  async sendWrong(key: string): Promise<Reply[]> {
    const replies: Reply[] = []
    for (const texts of this.#controls.wrong) replies.push(await this.#client.send(texts, { ...this.#setting, key }))
    return replies
  }

  /** Deletes everything below the prefix. Returns the keys that are left, percent-encoded. */
  async clear(): Promise<string[]> {
    const { prefix } = this.#setting
    const deleted = new Set<string>()
    for (;;) {
      const listed = await this.list(prefix)
      // a server may ignore the prefix of a list
      const found = keysIn(listed.body)
        .map(encodeKey)
        .filter((key) => key.startsWith(prefix))
      const left = [...new Set([...found, ...this.#written])].filter((key) => !deleted.has(key))
      if (left.length === 0) return found
      const failed: string[] = []
      await this.#client.forEach(left, async (key) => {
        deleted.add(key)
        const reply = await this.#client.send(this.#controls.remove, { ...this.#setting, key })
        if (!isAccepted('s3', { status: reply.status, sibling: undefined }) && reply.status !== 404) failed.push(key)
      })
      if (listed.status !== 200) return failed
    }
  }
}

/** Returns the keys of a list, as bytes. */
export function keysIn(xml: string): string[] {
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) => unescapeXml(text))
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal?: string, hex?: string, name = '') => {
    if (decimal === undefined && hex === undefined) return ENTITIES[name] ?? all
    const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
    return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code)).toString('latin1') : all
  })
}

function encodeKey(key: string): string {
  return key.replace(/[^\w.~/-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
