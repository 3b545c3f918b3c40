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
export function parseUrl(url: string | UrlLike, argument: string, hint = 'Pass a URL.'): UrlParts {
  const string = typeof url === 'string' ? url : url?.href
  if (typeof string !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', hint)
  const end = indexOf(string, '?')
  const address = string.slice(0, end)
  const slash = indexOf(address, '/', address.indexOf('://') + 3)
  const origin = normalizeOrigin(address.slice(0, slash))
  if (!origin) return rejectUrl(argument)
  return {
    origin,
    host: origin.slice(origin.indexOf('/') + 2),
    path: address.slice(slash) || '/',
    query: string.slice(end + 1),
    argument,
  }
}

/** Returns the index of a character, or the length if it does not occur. */
function indexOf(string: string, character: string, from?: number): number {
  const index = string.indexOf(character, from)
  return index < 0 ? string.length : index
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
 * Hosts that URL parsers do not change: names whose last label is not a number, IPv4 addresses in four decimal parts, and the
 * loopback address of IPv6, with any port but the default ones.
 */
const STABLE =
  /^(?:http|ws)s?:\/\/(?:(?:[a-z\d_-]+\.)*[a-z][a-z\d_-]*|(?:(?:25[0-5]|(?:2[0-4]|1\d|[1-9]?)\d)\.?\b){4}|\[::1])(?::(?!443$|80$|[6-9]\d{4}|0)\d{1,5})?$/

/**
 * Returns scheme and host as URL parsers write them: lower case, no default port. `undefined` if they would change or
 * reject it. Engines without a `URL` accept only what is certain not to change.
 */
export function normalizeOrigin(origin: string): string | undefined {
  if (origin.length > 300) return undefined // DNS allows 253 characters
  if (STABLE.test(origin)) return origin
  origin = origin.toLowerCase()
  const secure = /^(?:http|ws)(s?):\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?$/.exec(origin)?.[1]
  if (secure === undefined) return undefined
  origin = origin.replace(secure ? /:443$/ : /:80$/, '')
  if (typeof URL !== 'function') return STABLE.test(origin) ? origin : undefined
  const url = `${origin}/`
  try {
    return new URL(url).href === url ? origin : undefined
  } catch {
    return undefined
  }
}
