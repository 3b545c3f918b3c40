import { isA, isObject } from './body.ts'
import type { Target, UrlLike } from './target.ts'

/**
 * A copy of what the caller could change while a promise is pending. What no loop finds, such as the getters of a class,
 * is still read from the original.
 */
export function copyOptions<Options extends object>(options: Options): Options {
  const copied = Object.create(options)
  for (const name in options) {
    const value = name === 'credentials' ? options[name] : copy(options[name])
    Object.defineProperty(copied, name, { value, enumerable: true, configurable: true })
  }
  return copied
}

/** A copy of a target or of the URL of a request. */
export function copyTarget<Any extends Target>(target: Any): Any {
  if (!isObject(target)) return target
  return ('bucket' in target ? copyOptions(target) : (target as UrlLike).href) as Any
}

/** A copy of a list, a date, a URL, headers, or a plain object, and of what is in them. */
export function copy<Value>(value: Value): Value {
  if (!isObject(value)) return value
  if (isA(value, 'Date')) return new Date(Number(value)) as Value
  if (isA(value, 'URL')) return (value as unknown as UrlLike).href as Value
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, copy) as Value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)])) as Value
}
