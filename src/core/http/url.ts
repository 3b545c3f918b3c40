import { hasBareEscape } from '../encoding/percent.ts'
import { fail } from '../errors.ts'

// Not every engine has it, and this folder is compiled without platform types.
declare const URL: (new (url: string) => UrlLike) | undefined

/** A `URL`; only `href` is read. */
export interface UrlLike {
  readonly href: string
}

/** The parts of an absolute URL; path and query unchanged. */
export interface UrlParts {
  readonly origin: string
  readonly host: string
  readonly path: string
  readonly query: string
  /** The argument that contained it, for errors. */
  readonly argument: string
}

/** Splits a URL without a `URL` object, which costs more than the signature and does not exist in every engine. */
export function parseUrl(url: string | UrlLike, argument: string): UrlParts {
  const string = typeof url === 'string' ? url : url?.href
  if (typeof string !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  const mark = string.indexOf('?')
  const end = mark < 0 ? string.length : mark
  let slash = string.indexOf('/', string.indexOf('://') + 3)
  if (slash < 0 || slash > end) slash = end
  const origin = normalizeOrigin(string.slice(0, slash))
  if (!origin) return rejectUrl(argument)
  return {
    origin,
    host: hostOf(origin),
    path: string.slice(slash, end) || '/',
    query: string.slice(end + 1),
    argument,
  }
}

/** Returns the host of an origin, with its port. */
export function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('/') + 2)
}

/** Throws because URL parsers would change the URL. */
export function rejectUrl(argument: string): never {
  return fail(
    'ERR_INVALID_ARG_VALUE',
    argument,
    'invalid',
    'Pass an absolute http(s) URL without a user name or fragment.',
  )
}

/** Throws if a path or query contains what URL parsers drop, change or read as a fragment, or an unescaped `%`. */
export function checkUrlCharacters(string: string, argument: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers drop them
  if (/[#\0-\x1f\x7f]| $/.test(string)) rejectUrl(argument)
  if (hasBareEscape(string)) fail('ERR_SIGV4_REQUEST_UNSENDABLE', argument, 'unsendable', 'Encode % as %25.')
}

/**
 * Returns scheme and host as URL parsers write them: lower case, no default port. `undefined` if they would change or
 * reject it.
 */
export function normalizeOrigin(origin: string): string | undefined {
  if (origin.length > 300) return undefined // DNS allows 253 characters
  if (/^https?:\/\/[a-z][a-z\d-]*(?:\.[a-z][a-z\d-]*)+$/.test(origin)) return origin
  const [normalized, withoutPort, secure, name, address, port = 0] =
    /^((?:http|ws)(s?):\/\/(?:([\w.-]+)|\[([\da-f:]+)\]))(?::(0|[1-9]\d*))?$/.exec(origin.toLowerCase()) ?? []
  if (!(name ? isName(name) : address && isIPv6(address)) || Number(port) > 65535) return undefined
  return port === (secure ? '443' : '80') ? withoutPort : normalized
}

/** Whether a name is not a number, or is an IPv4 address in four decimal parts. */
function isName(name: string): boolean {
  return (
    !/(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/.test(name) ||
    /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/.test(name)
  )
}

/** Whether URL parsers leave an IPv6 address unchanged. Engines without a `URL` accept the loopback address only. */
function isIPv6(address: string): boolean {
  if (typeof URL !== 'function') return address === '::1'
  const url = `http://[${address}]/`
  try {
    return new URL(url).href === url
  } catch {
    return false
  }
}
