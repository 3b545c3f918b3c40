import { splitQuery, splitTarget } from '../../../../../src/internal/http.ts'
import { MAX_KEY_SIZE } from '../../../../../src/internal/s3.ts'
import { S3Error } from './errors.ts'

const VIRTUAL_HOST = /^([\w.-]+)\.s3\.localhost$/i

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
  const [path, query] = splitTarget(url.replace(/^https?:\/\/[^/?]*/i, ''))
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
  for (const [given, value] of splitQuery(query)) {
    const name = decode(given)
    if (!found.has(name)) found.set(name, decode(value))
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

/** The rules for names of buckets, each with the names that break it. */
const BUCKET_RULES: readonly (readonly [broken: RegExp, rule: string])[] = [
  [/^.{0,2}$|^.{64}/s, 'have 3 to 63 characters'],
  [/[^a-z\d.-]/, 'contain only lowercase letters, digits, hyphens, and dots'],
  [/^[.-]|[.-]$/, 'start and end with a letter or a digit'],
  [/\.\./, 'not contain two dots in a row'],
  [/^\d+\.\d+\.\d+\.\d+$/, 'not be an IP address'],
  [/^(?:xn--|sthree-)/, 'not start with xn-- or sthree-'],
  [/(?:-s3alias|--ol-s3)$/, 'not end with -s3alias or --ol-s3'],
]

/** Throws if a string is not a valid name for a new bucket. */
export function checkBucketName(name: string): void {
  const rule = brokenRule(name)
  const message = `The specified bucket is not valid: its name must ${rule}.`
  if (rule) throw new S3Error('InvalidBucketName', { BucketName: name }, message)
}

/** Returns the rule that the name of a bucket breaks. */
export function brokenRule(name: string): string | undefined {
  return BUCKET_RULES.find(([broken]) => broken.test(name))?.[1]
}

function invalid(uri: string): never {
  throw new S3Error('InvalidURI', { URI: uri.slice(0, MAX_KEY_SIZE) })
}
