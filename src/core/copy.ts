import { isA } from './body.ts'

/** A copy of what the caller could change while a promise is pending. */
export function copy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (isA(value, 'Date')) return new Date(Number(value)) as Value
  if ('href' in value) return String(value.href) as Value
  return (Symbol.iterator in value ? [...(value as Iterable<unknown>)] : { ...value }) as Value
}

/** A copy of options; the credentials stay the same object, by which their keys are found. */
export function copyOptions<Options extends { readonly credentials: unknown }>(options: Options): Options {
  const { credentials, ...rest } = options
  const copied = Object.entries(rest).map(([name, value]) => [name, copy(value)])
  return { ...Object.fromEntries(copied), credentials }
}
