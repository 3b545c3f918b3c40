import { fail } from '../../core/errors.ts'
import type { WebStream } from '../../core/http/platform.ts'
import { isObject } from '../../core/kind.ts'

/** Items one after the other: a Node or web stream, a generator, or a list. */
export type StreamSource<Item> = AsyncIterable<Item> | Iterable<Item> | WebStream

/** Reads a source; a web stream through its reader, because not every browser can iterate it. */
export async function* items<Item>(source: StreamSource<Item>): AsyncGenerator<Item> {
  if (!isObject(source)) fail('ERR_INVALID_ARG_TYPE', 'source', 'type', 'Pass a stream or an iterable.')
  if (!('getReader' in source)) return yield* source
  const reader = source.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel()
  }
}
