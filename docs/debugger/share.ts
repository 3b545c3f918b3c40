// What a link contains: the evidence without secrets, compressed into the fragment, which browsers do not send to servers.

/** Longest fragment; some programs cut longer links. */
const LONGEST_LINK = 16_000
/** Longest evidence in a link. */
export const LONGEST_SHARED = 100_000

/** Characters of a signature or token that a link contains. */
const KEPT = 8
const SECRET = '[secret]'

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What precedes the hash of a body or of a canonical request; both are evidence, and no secret. */
const BEFORE_HASH =
  /(?:sha-?256[^a-z\d]{1,24}(?:value[^a-z\d]{1,8})?|aws4_request(?:\\{1,3}n|\s){1,4}['"+\sb]{0,40}|(?:\n|\\{1,3}n)['"+\sb]{0,40}[\w;-]{0,200}host[\w;-]{0,200}(?:\\{1,3}n|\s){1,4}['"+\sb]{0,40})$/i
/** What precedes a checksum. */
const BEFORE_CHECKSUM = /(?:checksum|md5|sha-?\d+)[^\n]{0,24}$/i

/** Separators between a name and its value: of URLs, headers, JSON, XML, programs, and escaped in each other. */
const EQUALS = String.raw`(?:%(?:25)*3D|&#61;|&quot;|\\?["'\`]|<\/?[\w-]{0,40}>|\bname\b|\bvalue\b|b'|[:=>,([{\\]|\s){1,14}`
const VALUE = String.raw`([^\s"'\`<>&,;)\]}\\]{4,})`
const named = (names: string, separator = EQUALS): RegExp => new RegExp(`((?:${names})${separator})${VALUE}`, 'gi')

const SECRETS = named(
  String.raw`secret(?:[_-]?(?:access)?[_-]?key)?\w{0,20}|passw(?:or)?d\w{0,20}|passphrase|private[_-]?key|signing[_ -]?key|k(?:date|region|service|signing)|server-side-encryption(?:-aws)?-customer-key|x-api-key`,
)
const TOKENS = named(
  String.raw`(?:security|session|access|refresh|id)[_-]?token|token-0|(?<![\w-])token|authorization(?:%20|[:=\s"'[])+(?:bearer|basic|token)|\bbearer`,
)
const SIGNATURES = named('signature(?:provided)?')
/** A secret beside its key ID: of a function, a table, or a URL. */
const BESIDE_KEY_ID =
  /((?:AKIA|ASIA)[A-Z\d]{12,20}["'`]?\s?[,:\t]\s?["'`]?)([^\s"'`,)@:]{8,})(?=["'`,)@\s]|$)(?!["'`]?\s?[:=])/g
const ALIAS = /(mc (?:alias set|config host add) \S{1,80} \S{1,200} \S{1,80} )(\S+)/g
const USER = /(\/\/)[^\s/:@]{1,200}:[^\s/@]{1,400}@/g
const COOKIE = /((?:set-)?cookie["']?: ?["']?)[^\n"']+/gi

/** Credentials as arguments of a function. */
const ARGUMENTS = /((?:static|basic|aws4auth)\w{0,40}\(\s?["'][^"'\n]{1,80}["'],\s?["'])([^"'\n]{4,})/gi
/** The rest of a secret that continues on the next line. */
const CONTINUED = /(\[secret\]\r?\n)[A-Za-z\d+/=]{8,40}(?=\r?\n|$)/g

const HEX = /[\da-f]{32,}/gi
/** Hex digits that continue on the next line, as terminals and mail programs break them. */
const BROKEN_HEX = /(?<![\da-f])([\da-f]{8,63})(\r?\n[\s>|]{0,8})([\da-f]{1,56})(?![\da-f])/gi
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g
const BASE64 = /(?<![A-Za-z\d+/%])[A-Za-z\d+/%]{40,}={0,2}/g

/** Whether a value is a word of a sentence or an identifier, or was shortened already. */
function isPlain(value: string, separator: string): boolean {
  if (/^[a-z-]+[=:]./i.test(value)) return true // a name with its own value
  if (/^(?:AWS4-|\[|[\da-f]{64}$|AKIA|ASIA)/i.test(value) || value.includes('…')) return true
  return !/[=:>,'"`(]|%3D/i.test(separator) && /^[A-Za-z][a-z]*[.!?]?$/.test(value)
}

function shorten(value: string): string {
  return value.length > KEPT ? `${value.slice(0, KEPT)}…` : value
}

function isRandom(text: string): boolean {
  return /[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text) && !/^(?:eyJ|ewo|AKIA|ASIA)/.test(text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The evidence for a link: signatures and tokens are shortened, secrets replaced, wherever and however they are written.
 * `secretLines` are lines in which a secret was recognized: if nothing in one was replaced, the line is.
 */
export function shareable(text: string, secretLines: readonly (readonly [number, number])[], secret = ''): string {
  const own =
    secret === ''
      ? text
      : [secret, encodeURIComponent(secret)].reduce((left, each) => left.replaceAll(each, SECRET), text)
  const result = clean(own)
  const [before, after] = [text.split('\n'), result.split('\n')]
  if (before.length !== after.length) return result
  for (const [first, last] of secretLines)
    for (let i = first - 1; i < last; i++) if (after[i] === before[i] && /\S/.test(after[i] ?? '')) after[i] = SECRET
  return after.join('\n')
}

function clean(text: string): string {
  const hide = (all: string, name: string, value: string): string => (isPlain(value, name) ? all : `${name}${SECRET}`)
  const cut = (all: string, name: string, value: string): string =>
    isPlain(value, name) ? all : `${name}${shorten(value)}`
  const hashes = new Set([EMPTY_HASH])
  const isHash = (hex: string, at: number, whole: string): boolean => {
    if (BEFORE_HASH.test(whole.slice(Math.max(0, at - 300), at))) hashes.add(hex.toLowerCase())
    return hashes.has(hex.toLowerCase())
  }
  return text
    .replace(JWT, shorten)
    .replace(COOKIE, `$1${SECRET}`)
    .replace(USER, `$1${SECRET}@`)
    .replace(ALIAS, `$1${SECRET}`)
    .replace(BESIDE_KEY_ID, hide)
    .replace(SECRETS, hide)
    .replace(TOKENS, cut)
    .replace(ARGUMENTS, hide)
    .replace(CONTINUED, `$1${SECRET}`)
    .replace(BROKEN_HEX, (all, one: string, middle: string, other: string, at: number, whole: string) =>
      one.length + other.length !== 64 || isHash(one + other, at, whole) ? all : `${shorten(one)}${middle}`,
    )
    .replace(HEX, (hex, at: number, whole: string) => (isHash(hex, at, whole) ? hex : shorten(hex)))
    .replace(SIGNATURES, (all, name: string, value: string) =>
      value.length < 20 || isPlain(value, '=') ? all : `${name}${shorten(value)}`,
    )
    .replace(BASE64, (run, at: number, whole: string) => {
      const plain = decoded(run)
      if (plain.length < 40 || !isRandom(plain) || !/^[A-Za-z\d+/]*=*$/.test(plain) || /\/\d{8}\//.test(plain))
        return run
      if (BEFORE_CHECKSUM.test(whole.slice(Math.max(0, at - 60), at))) return run
      return /^(?:AWS4)?[A-Za-z\d+/]{40}$/.test(plain) ? SECRET : shorten(run)
    })
}

const SHORTENED = /(?<![\da-f])([\da-f]{8})…/gi

/** Whether evidence comes from a link: then nothing in it can be proven. */
export function isShortened(text: string): boolean {
  return text.search(SHORTENED) >= 0
}

/** Fills up shortened signatures, which would be malformed otherwise. */
export function restore(text: string): string {
  return text.replace(SHORTENED, `$1${'0'.repeat(56)}`)
}

/** Shows a filled up signature as it is in the link. */
export function unrestore(text: string): string {
  return text.replace(/([\da-f]{8})0{56}/gi, '$1…')
}

async function pipe(
  text: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pair = stream as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>
  const reader = new Blob([text]).stream().pipeThrough(pair).getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > most) throw new RangeError('The link contains too much.')
    chunks.push(next.value as Uint8Array<ArrayBuffer>)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

/** The fragment of a link, or `undefined` if there is too much for one. */
export async function toFragment(text: string): Promise<string | undefined> {
  if (text.length > LONGEST_SHARED) return undefined
  const bytes = await pipe(new TextEncoder().encode(text), new CompressionStream('deflate-raw'), LONGEST_SHARED)
  if (bytes.length > (LONGEST_LINK * 3) / 4) return undefined
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return `#e=${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** The evidence in a fragment, or `undefined` if there is none. Throws if it is damaged. */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  const [, encoded] = /^#e=([\w-]+)$/.exec(fragment) ?? []
  if (encoded === undefined) return undefined
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new TextDecoder().decode(await pipe(bytes, new DecompressionStream('deflate-raw'), LONGEST_SHARED * 4))
}
