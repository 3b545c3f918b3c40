import { crc32 } from 'node:zlib'
import { fill, type Hashes } from '../../format/fill.ts'
import type { Setting, Step } from '../../format/format.ts'
import type { Writer } from './builder.ts'
import { cloneDraft, type Draft, request, SCOPE, steps } from './draft.ts'

// Streams of signed events: binary, so that the bytes are created here and not by runners.

/** A stream of events: what is signed, and how the events are sent. */
export interface Stream {
  request: Draft
  /** What is signed: the body of each event; the last one is empty. */
  bodies: string[]
  /** Seconds of the date of each event after the signing time. */
  times: number[]
  /** Names of the events, in the order in which they are sent. */
  order: number[]
  /** What an event is sent with, by its number. */
  changes: Map<number, { body?: string; time?: number; signature?: 'flip' | 'short'; header?: true }>
  /** The step that the first event follows. */
  seed: string
  /** The key of the events. */
  key: readonly string[] | undefined
  /** Bytes after the stream. */
  cut: number
}

const int = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, i) => String.fromCharCode(Math.floor(value / 256 ** (bytes - 1 - i)) % 256)).join(
    '',
  )

const crc = (bytes: string): string => int(crc32(Buffer.from(bytes, 'latin1')), 4)

export function frame(headers: string, body: string): string {
  const prelude = int(16 + headers.length + body.length, 4) + int(headers.length, 4)
  const content = prelude + crc(prelude) + headers + body
  return content + crc(content)
}

const text = (name: string, value: string): string => `${int(name.length, 1)}${name}\x07${int(value.length, 2)}${value}`
const bytes = (name: string, value: string): string =>
  `${int(name.length, 1)}${name}\x06${int(value.length, 2)}${value}`
const date = (milliseconds: number): string => `\x05:date\x08${int(milliseconds, 8)}`

/** An event with audio. */
export function audio(content: string): string {
  return frame(text(':message-type', 'event') + text(':event-type', 'AudioEvent'), content)
}

export function newStream(request: Draft): Stream {
  const bodies = [audio('first'), audio('second'), '']
  return {
    request,
    bodies,
    times: [1, 2, 3],
    order: [0, 1, 2],
    changes: new Map(),
    seed: 'signature',
    key: undefined,
    cut: 0,
  }
}

/** Writes streams; the request of a stream is a setting's. */
export function streams(setting: Setting, hashes: Hashes): Writer<Stream> {
  const now = Date.parse(setting.now) / 1000
  const signSteps = (stream: Stream): Step[] => {
    const signed = steps(stream.request)
    let previous = stream.seed
    for (const [i, body] of stream.bodies.entries()) {
      const offset = `+${stream.times[i]}`
      signed.push(
        { name: `headers${i + 1}`, text: date((now + stream.times[i]!) * 1000) },
        { name: `body${i + 1}`, text: body },
      )
      const hmac = `AWS4-HMAC-SHA256-PAYLOAD\n{{time${offset}}}\n${SCOPE}\n{{${previous}}}\n{{sha256 headers${i + 1}}}\n{{sha256 body${i + 1}}}`
      signed.push({ name: `event${i + 1}`, hmac, ...(stream.key && { key: stream.key }) })
      previous = `event${i + 1}`
    }
    return signed
  }
  return {
    clone: (stream) => ({
      ...stream,
      request: cloneDraft(stream.request),
      bodies: [...stream.bodies],
      times: [...stream.times],
      order: [...stream.order],
      changes: new Map(stream.changes),
    }),
    write(signed, sent) {
      const sign = signSteps(signed)
      const events = sent.order.map((i) => {
        const { body = signed.bodies[i]!, time = signed.times[i]!, signature, header } = sent.changes.get(i) ?? {}
        const flip = signature === 'flip' ? 'flip ' : ''
        const hex = fill({ sign }, `{{${flip}event${i + 1}}}`, setting, now, hashes)
        const raw = hex
          .match(/../g)!
          .map((digits) => String.fromCharCode(Number.parseInt(digits, 16)))
          .join('')
        const value = signature === 'short' ? raw.slice(1) : raw
        const headers =
          date((now + time) * 1000) + bytes(':chunk-signature', value) + (header ? text('added', 'unsigned') : '')
        return frame(headers, body)
      })
      const body = events.join('')
      const head = fill({ sign }, request(sent.request), setting, now, hashes)
      return { sign, http: head + body.slice(0, body.length - sent.cut) }
    },
    state: () => 'match',
  }
}
