import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { escapeXml, unescapeXml, wrap } from '../../src/internal/xml.ts'
import { accepted, type Reply, type Sendable, send, text } from '../servers/wire.ts'
import type { Place } from './place.ts'

const ROUNDS = 5
const LONGEST_REQUEST = 30_000

/** An upload that was neither completed nor aborted. */
interface Upload {
  readonly key: string
  readonly id: string
}

/** What is still stored below a prefix. */
export interface Left {
  readonly keys: readonly string[]
  readonly uploads: readonly Upload[]
}

/** Deletes everything below a prefix, and lists it again until nothing is left. Counts the requests. */
export class CleanUp {
  requests = 0

  async run(place: Place, prefix: string): Promise<Left> {
    for (let round = 1; ; round++) {
      const left = await this.list(place, prefix)
      if ((left.keys.length === 0 && left.uploads.length === 0) || round > ROUNDS) return left
      if (round > 2) await sleep(1000)
      for (const { key, id } of left.uploads)
        await this.#send(place, { method: 'DELETE', url: `${urlOf(place, key)}?uploadId=${encodeURIComponent(id)}` })
      if (left.keys.length > 0 && place.deletesLists) await this.#deleteList(place, left.keys)
      else for (const key of left.keys) await this.#send(place, { method: 'DELETE', url: urlOf(place, key) })
    }
  }

  /** Lists the first thousand keys and uploads below a prefix. */
  async list(place: Place, prefix: string): Promise<Left> {
    const below = `prefix=${encodeURIComponent(prefix)}&encoding-type=url`
    const objects = text(accepted(await this.#send(place, { url: place.url(`?list-type=2&${below}`) })))
    const uploads = text(accepted(await this.#send(place, { url: place.url(`?uploads&${below}`) })))
    return {
      keys: elements(objects, 'Contents').map(keyIn),
      uploads: elements(uploads, 'Upload').map((upload) => ({
        key: keyIn(upload),
        id: unescapeXml(elements(upload, 'UploadId')[0] ?? ''),
      })),
    }
  }

  /** Deletes by keys in a document, so that nothing depends on how a path is encoded. */
  async #deleteList(place: Place, keys: readonly string[]): Promise<void> {
    const objects = keys.map((key) => wrap('Object', wrap('Key', escapeXml(key))))
    const body = wrap('Delete', wrap('Quiet', 'true'), ...objects)
    const headers = {
      'content-md5': createHash('md5').update(body).digest('base64'),
      'content-type': 'application/xml',
    }
    await this.#send(place, { method: 'POST', url: place.url('?delete'), headers, body })
  }

  async #send(place: Place, request: Parameters<Place['sign']>[0]): Promise<Reply> {
    this.requests++
    const signal = AbortSignal.timeout(LONGEST_REQUEST)
    return send({ ...(await place.sign(request)), ...{ redirect: 'manual', signal } } as Sendable)
  }
}

function urlOf(place: Place, key: string): string {
  // the key is in the path as S3 decodes it: its slashes too, so that no URL parser resolves its dots
  return place.url() + encodeURIComponent(key).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
}

function elements(xml: string, name: string): string[] {
  return Array.from(xml.matchAll(RegExp(`<${name}>(.*?)</${name}>`, 'gs')), ([, inner]) => inner!)
}

function keyIn(xml: string): string {
  return decodeURIComponent(unescapeXml(elements(xml, 'Key')[0] ?? '').replaceAll('+', ' '))
}
