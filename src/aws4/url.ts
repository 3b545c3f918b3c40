import { fail } from '../core/errors.ts'
import { encodeMark, pairSurrogates } from './query.ts'

/** A parsed URL string: the members of Node's legacy `Url`, in its order. */
export interface LegacyUrl {
  protocol: string | null
  slashes: boolean | null
  auth: string | null
  host: string | null
  port: string | null
  hostname: string | null
  hash: string | null
  search: string | null
  query: string | null
  pathname: string | null
  path: string | null
  href: string
}

/** Protocols after which `//` is optional. */
const SLASHED = /^(?:https?|ftp|gopher|file|wss?):$/

/** Removes the whitespace at both ends that `url.parse()` removes. */
function trimUrl(text: string): string {
  const space = /[\0- \xa0\ufeff]/
  let start = 0
  let end = text.length
  while (start < end && space.test(text[start]!)) start++
  while (end > start && space.test(text[end - 1]!)) end--
  return text.slice(start, end)
}

/** Parses a URL as Node's legacy `url.parse()` does, which aws4 calls for a string request. */
export function parseUrl(text: string): LegacyUrl {
  const url = emptyUrl()
  let rest = trimUrl(text)
  const before = /^[^?#]*/.exec(rest)![0]
  rest = before.replaceAll('\\', '/') + rest.slice(before.length)
  const simple = !rest.includes('#') && !before.includes('@') && /^(\/\/?(?!\/)[^?\s]*)(\?\S*)?$/.exec(rest)
  if (simple) {
    const [, pathname, search] = simple
    const query = search ? { search, query: search.slice(1) } : {}
    return Object.assign(url, { pathname, ...query, path: rest, href: rest })
  }

  const given = /^[a-z\d.+-]+:/i.exec(rest)?.[0] ?? ''
  const protocol = given.toLowerCase()
  const script = protocol === 'javascript:'
  if (given) url.protocol = protocol
  rest = rest.slice(given.length)
  const slashes = rest.startsWith('//') && (!!given || /^\/\/[^@/]+@[^@/]+/.test(rest))
  if (slashes && !script) {
    url.slashes = true
    rest = rest.slice(2)
  }
  if (!script && (slashes || (given && !SLASHED.test(given)))) rest = readHost(url, rest, text)
  if (!script) rest = rest.replace(/[\t\n\r "'<>\\^`{|}]/g, encodeMark)
  readPath(url, rest)
  return url
}

function emptyUrl(): LegacyUrl {
  const [protocol, slashes, auth, host, port, hostname] = [null, null, null, null, null, null]
  const [hash, search, query, pathname, path, href] = [null, null, null, null, null, '']
  return { protocol, slashes, auth, host, port, hostname, hash, search, query, pathname, path, href }
}

function readHost(url: LegacyUrl, rest: string, text: string): string {
  const all = /^[^#/?]*/.exec(rest)![0]
  const authority = all.replace(/[\t\n\r]/g, '')
  const at = authority.lastIndexOf('@')
  if (at >= 0) url.auth = decodeURIComponent(authority.slice(0, at))
  const [host] = /^[^ "%';<>\\^`{|}]*/.exec(authority.slice(at + 1))!
  rest = authority.slice(at + 1 + host.length) + rest.slice(all.length)

  const [, name, port] = /^(.*?)(?::(\d*))?$/s.exec(host)!
  if (port) url.port = port
  let hostname = name!
  const ipv6 = hostname.startsWith('[') && hostname.endsWith(']')
  if (!ipv6 && hostname.includes(':')) {
    // not a port: url.parse() treats it as the start of the path
    const end = hostname.indexOf(':')
    rest = `/${hostname.slice(end)}${rest}`
    hostname = hostname.slice(0, end)
  }
  hostname = hostname.length > 255 ? '' : hostname.toLowerCase()
  const ascii = ipv6 ? hostname.replace(/^.*[\0@].*$/s, '') : asciiHost(hostname)
  if (hostname && !ascii) invalidUrl(text)
  hostname = ascii
  url.host = hostname + (url.port ? `:${url.port}` : '')
  url.hostname = ipv6 ? hostname.slice(1, -1) : hostname
  return ipv6 && !rest.startsWith('/') ? `/${rest}` : rest
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
const CONTROLS = /[\x01-\x1f\x7f]/g

/** Returns a host in ASCII, as IDNA requires; empty if it is invalid. */
function asciiHost(host: string): string {
  if (/[\0[\]]/.test(host)) return ''
  if (/^[\0-\x7f]*$/.test(host)) return host
  try {
    // url.parse() keeps control characters, which URL rejects: a letter that nothing composes with replaces them.
    // It also keeps numbers, which URL reads as an IPv4 address, but not before another label.
    const hostname = new URL(`http://${host.replace(CONTROLS, 'q')}.a`).hostname.slice(0, -2)
    return host.search(CONTROLS) < 0 ? hostname : restoreControls(host, hostname)
  } catch {
    return ''
  }
}

/**
 * Restores the control characters that a `q` replaced: a label keeps its ASCII characters in their order, before its last
 * hyphen if it is encoded (RFC 3492 section 3.1).
 */
function restoreControls(host: string, ascii: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  const characters = host.normalize('NFKC').match(/[q\x01-\x1f\x7f]/gi) ?? []
  const restore = (kept: string) => kept.replace(/q/g, () => characters.shift() ?? 'q')
  return ascii
    .split('.')
    .map((label) => label.replace(label.startsWith('xn--') ? /^.*-/ : /^.*/, restore))
    .join('.')
}

function invalidUrl(text: string): never {
  fail('ERR_INVALID_ARG_VALUE', 'request', 'invalid', `URL: ${JSON.stringify(text.replace(/\?.*/s, ''))}`)
}

function readPath(url: LegacyUrl, rest: string): void {
  const [, pathname, search, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest)!
  const { auth, host } = url
  const slashed = SLASHED.test(url.protocol ?? '')
  if (hash) url.hash = hash
  if (search) {
    url.search = search
    url.query = search.slice(1)
  }
  const path = pathname || (slashed && url.hostname ? '/' : '')
  if (path) url.pathname = path
  if (path || search) url.path = path + (search ?? '')

  const user = auth ? `${encodeURIComponent(pairSurrogates(auth)).replaceAll('%3A', ':')}@` : ''
  const origin = host ? user + host : ''
  const slash = url.slashes || (slashed && origin)
  const start = slash ? `//${origin}` : slashed && url.protocol === 'file:' ? '//' : origin
  url.href =
    (url.protocol ?? '') +
    start +
    (slash && path && !path.startsWith('/') ? '/' : '') +
    path +
    (search ?? '') +
    (hash ?? '')
}
