import { isObject } from '../../../../../src/internal/options.ts'
import { MAX_METADATA_SIZE } from '../../../../../src/internal/s3.ts'
import { rejectArgument, S3Error } from './errors.ts'

// The headers that are stored with an object and sent with it.

const STORED = 'cache-control content-disposition content-language expires x-amz-website-redirect-location'.split(' ')
const META = 'x-amz-meta-'
const META_NAME = /^x-amz-meta-[a-z\d!#$%&'*+.^_`|~-]*$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The headers of a request, or the fields of a form, by their lowercase names. */
export type Headers = ReadonlyMap<string, string>

/** Returns the headers to store with an object. */
export function storedHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {}
  const keep = (name: string, value: string) => {
    kept[name] = sendable(name, value)
  }
  keep('content-type', headers.get('content-type') || 'binary/octet-stream')
  const codings = sendable('content-encoding', headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
  if (codings.length > 0) kept['content-encoding'] = codings.join(', ')
  let size = 0
  for (const name of [...STORED, ...[...headers.keys()].filter((name) => name.startsWith(META))]) {
    const value = headers.get(name)
    if (value === undefined) continue
    keep(name, value)
    if (name.startsWith(META)) size += name.length - META.length + value.length
  }
  if (size > MAX_METADATA_SIZE) throw new S3Error('MetadataTooLarge', { Size: size, MaxSizeAllowed: MAX_METADATA_SIZE })
  return kept
}

/** Returns whether headers can be stored with an object and sent. */
export function areStorable(headers: unknown): headers is Record<string, string> {
  const names = ['content-type', 'content-encoding', ...STORED]
  return (
    isObject(headers) &&
    Object.entries(headers).every(
      ([name, value]) =>
        (names.includes(name) || META_NAME.test(name)) && typeof value === 'string' && VALUE.test(value),
    )
  )
}

/** Returns a value if it can be sent in a header. Parameters and form fields can contain any character. */
export function sendable(name: string, value: string): string {
  if (name.startsWith(META) && !META_NAME.test(name))
    rejectArgument('Metadata name cannot be sent as the name of a header.', name, value)
  if (!VALUE.test(value)) rejectArgument('Header value cannot be represented using ISO-8859-1.', name, value)
  return value
}
