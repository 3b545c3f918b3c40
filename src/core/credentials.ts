import { fail } from './errors.ts'
import { formatAmzDate } from './time.ts'

/** What a signing key is good for: one day, one region, one service. */
export interface Scope {
  /** Date stamp of the signing day in UTC, `20150830`. */
  readonly date: string
  readonly region: string
  readonly service: string
}

/**
 * A derived key. Its holder can sign for one day, one region and one service, and cannot learn the secret from it: hand
 * it to an edge process and keep the secret at home. `key` is as secret as a password for that day.
 */
export interface SigningKey<Key = Uint8Array> extends Scope {
  /** The 32 bytes of the key or, on Web Crypto, a `CryptoKey` that cannot be read. */
  readonly key: Key
}

interface Identity {
  /** The public half, `AKIA…` or, temporary, `ASIA…`. */
  readonly accessKeyId: string
  /** Session token of temporary credentials. Sent and signed as the security token. */
  readonly sessionToken?: string | undefined
  /** When the credentials end. Nothing is signed past it, and no `expiresAt` is later. */
  readonly expiration?: Date | undefined
}

/** Credentials with the secret itself. Those that an AWS SDK's provider returns fit as they are. */
export interface SecretCredentials extends Identity {
  readonly secretAccessKey: string
  readonly signingKey?: undefined
}

/** Credentials with a derived key in place of the secret. */
export interface ScopedCredentials<Key = Uint8Array> extends Identity {
  readonly signingKey: SigningKey<Key>
  readonly secretAccessKey?: undefined
}

export type Credentials<Key = Uint8Array> = SecretCredentials | ScopedCredentials<Key>

/** Throws unless the credentials are whole and alive at `time` (seconds). Never shows a part of them. */
export function checkCredentials(credentials: Credentials<unknown>, time: number): void {
  const { accessKeyId, secretAccessKey, signingKey, sessionToken, expiration } = credentials ?? {}
  if (!isWord(accessKeyId)) missing('accessKeyId')
  if (!signingKey && !(typeof secretAccessKey === 'string' && /^\S(?:.*\S)?$/s.test(secretAccessKey)))
    missing('secretAccessKey')
  if (sessionToken ? !isWord(sessionToken) : accessKeyId.startsWith('ASIA')) missing('sessionToken')
  if (isExpired(expiration, time * 1000)) missing('expiration')
}

/** Whether an expiration has passed at `now` (epoch milliseconds). None never has; one that is no date always has. */
export function isExpired(expiration: Date | null | undefined, now: number): boolean {
  return expiration !== undefined && expiration !== null && !(Number(expiration) > now)
}

/** Whether a text can stand in a header as it is: visible ASCII without blanks. */
function isWord(text: unknown): text is string {
  return typeof text === 'string' && /^[!-~]+$/.test(text)
}

function missing(part: string): never {
  fail('ERR_SIGV4_CREDENTIALS_MISSING', `options.credentials.${part} is missing, past, no Date, or has white space`)
}

/** Throws unless credentials have a secret, from which a key can be derived now. */
export function checkSecret(credentials: SecretCredentials, now: number): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {}
  checkCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration } as SecretCredentials, now / 1000)
}

/** Keys of one credentials object by credential scope, and what they were derived from. */
export interface KeyCache<Key> {
  source?: unknown
  keys?: Map<string, Key> | undefined
}

/**
 * The key for a scope: from the cache, else made by `derive`. A secret that was changed on the same object is noticed,
 * and a signing key for another scope refused.
 */
export function cachedKey<Key, Raw>(
  cache: KeyCache<Key>,
  { signingKey, secretAccessKey }: Credentials<Raw>,
  scope: string,
  derive: (secretAccessKey: string | undefined, key: Raw | undefined) => Key,
): Key {
  if (signingKey && credentialScope(signingKey) !== scope)
    fail('ERR_SIGV4_KEY_SCOPE', `options.credentials.signingKey cannot sign for ${scope}: derive one for it`)
  const secret = signingKey ? undefined : secretAccessKey
  const source = secret ?? contentOf(signingKey?.key)
  if (cache.source !== source) cache.keys = undefined
  cache.source = source
  cache.keys ??= new Map()
  let key = cache.keys.get(scope)
  if (!key) {
    if (cache.keys.size > 7) cache.keys.clear() // a few regions around midnight
    key = derive(secret, signingKey?.key)
    cache.keys.set(scope, key)
  }
  return key
}

/** What a key is compared by: its bytes may be overwritten in place. */
function contentOf(key: unknown): unknown {
  return ArrayBuffer.isView(key)
    ? String.fromCharCode(...new Uint8Array(key.buffer, key.byteOffset, key.byteLength))
    : key
}

/** `date/region/service/aws4_request` */
export function credentialScope({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`
}

/** What a signing key is derived for. */
export interface KeyScope {
  /** Any moment of the day, in UTC: a `Date`, epoch milliseconds, or a date stamp `'20150830'`. @default now */
  readonly date?: Date | number | string | undefined
  readonly region: string
  readonly service: string
}

/** Reads the scope of a key that is to be derived. */
export function parseKeyScope(scope: KeyScope, now: number): Scope {
  const { date = now, region, service } = scope ?? {}
  const time = Math.floor(Number(date) / 1000)
  const stamp = typeof date === 'string' ? date : time >= 0 ? formatAmzDate(time).slice(0, 8) : ''
  if (!/^\d{8}$/.test(stamp) || !/^[\w-]+\/[\w-]+$/.test(`${region ?? ''}/${service ?? ''}`))
    fail('ERR_INVALID_ARG_VALUE', "scope must be like { region: 'us-east-1', service: 's3', date: '20150830' }")
  return { date: stamp, region: region!, service: service! }
}
