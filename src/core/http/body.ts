import { fail } from '../errors.ts'
import { hasTag } from '../kind.ts'
import type { Bytes, WebStream } from './platform.ts'

/** Items one after the other: a Node or web stream, a generator, or a list. */
export type StreamSource<Item> = AsyncIterable<Item> | Iterable<Item> | WebStream

/** A body in pieces of bytes: a Node or web stream, or a list. */
export type BodySource = StreamSource<Uint8Array>

/** Returns the string or bytes of a body that can be hashed at once; `undefined` for any other kind. */
export function bodyContent(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string') return body
  if (ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    return hasTag(body.buffer, 'SharedArrayBuffer') ? bytes.slice() : bytes // Web Crypto rejects shared memory
  }
  if (hasTag(body, 'ArrayBuffer')) return new Uint8Array(body as ArrayBuffer)
  return hasTag(body, 'URLSearchParams') ? String(body) : undefined
}

/** Makes a source iterable: a web stream through its reader, because not every browser can iterate it. */
export function iterableSource<Item>(source: StreamSource<Item>): AsyncIterable<Item> | Iterable<Item> {
  if (!('getReader' in source)) return source
  const reader = (source as unknown as ItemStream<Item>).getReader()
  const iterator: AsyncIterator<Item> = {
    next: () => reader.read(),
    return: () => reader.cancel().then(() => ({ done: true, value: undefined })),
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** The members of a `ReadableStream` that are used. */
interface ItemStream<Item> {
  getReader(): {
    readonly read: AsyncIterator<Item, undefined>['next']
    readonly cancel: NonNullable<AsyncIterator<unknown>['return']>
  }
}

export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/**
 * Returns memory for `more` bytes after the first `filled` ones: the same, or a copy that is at least twice as long, unless
 * more than `limit` bytes are never needed.
 */
export function growBytes(bytes: Bytes, filled: number, more: number, limit: number): Bytes {
  const needed = filled + more
  if (needed <= bytes.length) return bytes
  const grown = new Uint8Array(Math.max(needed, Math.min(bytes.length * 2, limit)))
  grown.set(bytes.subarray(0, filled))
  return grown
}

/** Returns the bytes of a piece of a source. A stream with an encoding returns strings, which are not the signed bytes. */
export function pieceBytes(piece: unknown): Bytes {
  if (!ArrayBuffer.isView(piece)) fail('ERR_INVALID_ARG_TYPE', 'source', 'type', 'Pass bytes, not strings.')
  return bodyContent(piece) as Bytes
}
