import { fail } from '../errors.ts'

// Not every engine has it, and this folder is compiled without platform types.
declare const URL: (new (text: string) => UrlLike) | undefined

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
  const text = typeof url === 'string' ? url : url?.href
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  const mark = text.indexOf('?')
  const end = mark < 0 ? text.length : mark
  let slash = text.indexOf('/', text.indexOf('://') + 3)
  if (slash < 0 || slash > end) slash = end
  const origin = plainOrigin(text.slice(0, slash))
  if (!origin) return refuseUrl(argument)
  return {
    origin,
    host: hostOf(origin),
    path: text.slice(slash, end) || '/',
    query: text.slice(end + 1),
    argument,
  }
}

/** Returns the host of an origin, with its port. */
export function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('/') + 2)
}

/** Throws because URL parsers would change the URL. */
export function refuseUrl(argument: string): never {
  return fail(
    'ERR_INVALID_ARG_VALUE',
    argument,
    'invalid',
    'Pass an absolute http(s) URL without user name or fragment.',
  )
}

/** Throws if a path or query contains what URL parsers drop, change or read as a fragment, or an unescaped `%`. */
export function checkUrlText(text: string, argument: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers drop them
  if (/[#\0-\x1f\x7f]| $/.test(text)) refuseUrl(argument)
  if (/%(?![\da-f]{2})/i.test(text)) fail('ERR_SIGV4_REQUEST_UNSENDABLE', argument, 'unsendable', 'Encode % as %25.')
}

/**
 * Returns scheme and host as URL parsers write them: lower case, no default port; `undefined` if they would change or
 * reject it. A `URL` is created only for hosts other than plain names, which are not checked in engines without `URL`.
 */
export function plainOrigin(origin: string): string | undefined {
  if (/^https?:\/\/[a-z][a-z\d-]*(?:\.[a-z][a-z\d-]*)+$/.test(origin)) return origin
  const text = origin.toLowerCase()
  if (!/^(?:http|ws)s?:\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::(?!0\d)\d+)?$/.test(text)) return undefined
  if (typeof URL !== 'function') return text
  try {
    const plain = new URL(text).href.slice(0, -1)
    return text.startsWith(plain) ? plain : undefined
  } catch {
    return undefined
  }
}
