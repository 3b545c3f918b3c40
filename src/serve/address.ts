import { S3Error } from './errors.ts'

const LONGEST_KEY = 1024
const VIRTUAL_HOST = /^(.+)\.s3\.localhost$/i

/** What a request is about: the account, a bucket, or an object. */
export interface Address {
  /** Empty for the account. */
  readonly bucket: string
  /** Empty for the bucket. */
  readonly key: string
  /** Decoded; of a name that comes twice the first counts, as on S3. */
  readonly query: ReadonlyMap<string, string>
}

/** Reads where a request goes: `/bucket/key`, or `/key` at `bucket.s3.localhost`. */
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

/** Reads a query; a plus sign is a blank. */
export function readQuery(query: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of query === '' ? [] : query.split('&')) {
    const equals = part.indexOf('=')
    const name = decode(equals < 0 ? part : part.slice(0, equals))
    if (!found.has(name)) found.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)))
  }
  return found
}

/** The text behind escapes and octets of UTF-8; S3 takes a plus sign for a blank in paths, too. */
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
  if (size > LONGEST_KEY) throw new S3Error('KeyTooLongError', { Size: size, MaxSizeAllowed: LONGEST_KEY })
}

/** The rules of today's buckets. */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(name) &&
    !/\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|^sthree-|-s3alias$|--ol-s3$/.test(name)
  )
}

function invalid(uri: string): never {
  throw new S3Error('InvalidURI', { URI: uri.slice(0, LONGEST_KEY) })
}
