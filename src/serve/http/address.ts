import { MAX_KEY_SIZE } from '../../core/s3-limits.ts'
import { S3Error } from './errors.ts'

const VIRTUAL_HOST = /^(.+)\.s3\.localhost$/i

/** The target of a request: the account, a bucket, or an object. */
export interface Address {
  /** Empty for the account. */
  readonly bucket: string
  /** Empty for the bucket. */
  readonly key: string
  /** Decoded. If a name is repeated, the first value counts, as in S3. */
  readonly query: ReadonlyMap<string, string>
}

/** Parses the target of a request: `/bucket/key`, or `/key` for the host `bucket.s3.localhost`. */
export function readAddress(url: string, host: string): Address {
  if (url.includes('#')) invalid(url)
  const target = url.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  if (path !== '' && !path.startsWith('/')) invalid(url)
  const [, named] = VIRTUAL_HOST.exec(host.replace(/:\d*$/, '')) ?? []
  const slash = named === undefined ? path.indexOf('/', 1) : 0
  const bucket = named?.toLowerCase() ?? decode(path.slice(1, slash < 0 ? undefined : slash))
  const key = slash < 0 ? '' : decode(path.slice(slash + 1))
  return { bucket, key, query: readQuery(query) }
}

/** Parses a query string; a plus sign is decoded as a space. */
export function readQuery(query: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of query === '' ? [] : query.split('&')) {
    const equals = part.indexOf('=')
    const name = decode(equals < 0 ? part : part.slice(0, equals))
    if (!found.has(name)) found.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)))
  }
  return found
}

/** Decodes percent escapes and UTF-8 octets. S3 decodes a plus sign as a space in paths too. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(
      text.replace(/[+\x80-\xff]/g, (octet) => `%${octet === '+' ? '20' : octet.charCodeAt(0).toString(16)}`),
    )
  } catch {
    return invalid(text)
  }
}

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size > MAX_KEY_SIZE) throw new S3Error('KeyTooLongError', { Size: size, MaxSizeAllowed: MAX_KEY_SIZE })
}

export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw new S3Error('InvalidBucketName', { BucketName: name })
}

/** Whether a string is a valid name for a new bucket. */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(name) &&
    !/\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|^sthree-|-s3alias$|--ol-s3$/.test(name)
  )
}

function invalid(uri: string): never {
  throw new S3Error('InvalidURI', { URI: uri.slice(0, MAX_KEY_SIZE) })
}
