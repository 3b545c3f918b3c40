import { fail } from '../../core/errors.ts'
import { iterableSource, type StreamSource } from '../../core/http/body.ts'
import { isObject } from '../../core/kind.ts'

/** Reads a source of events or bytes. */
export function items<Item>(source: StreamSource<Item>): AsyncIterable<Item> | Iterable<Item> {
  if (!isObject(source)) fail('ERR_INVALID_ARG_TYPE', 'source', 'type', 'Pass a stream or an iterable.')
  return iterableSource(source)
}
