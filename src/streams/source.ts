import { fail } from '../core/errors.ts'
import { iterableSource, type StreamSource } from '../core/http/body.ts'
import { isObject } from '../core/kind.ts'

/** Reads a source of events or bytes. */
export function items<Item>(source: StreamSource<Item>): AsyncIterable<Item> | Iterable<Item> {
  const { getReader, [Symbol.asyncIterator]: iterate, [Symbol.iterator]: list } = Object(source)
  if (!isObject(source) || ArrayBuffer.isView(source) || !(getReader ?? iterate ?? list))
    fail('ERR_INVALID_ARG_TYPE', 'source', 'type', 'Pass a stream, or a list such as [bytes].')
  return iterableSource(source)
}
