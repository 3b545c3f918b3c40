import { decodeToOctets } from '../../../../../src/internal/encoding.ts'
import type { Pair } from '../../../../../src/internal/http.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { withoutSignature } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import type { ParsedRequest } from './receive.ts'

// Checks requests against readOnly, allow, and prefix.

/** Maximum length of a path in a message. */
const MAX_SHOWN = 200

/** Headers that name the source of a copy or a move, in S3 and in similar servers. */
const SOURCE = /(?:copy|rename)[-_]source$/

/** Throws unless a request is allowed. `path` has the bucket, even if that is in the host. */
export function checkAllowed(settings: Settings, { method, query, headers }: ParsedRequest, path: string): void {
  const { isReadOnly, allow, prefix, mode, services } = settings
  if (isReadOnly && !/^(?:GET|HEAD|OPTIONS)$/.test(method))
    reject(403, 'With options.readOnly, only GET, HEAD, and OPTIONS are allowed.')
  if (isReadOnly && headers.some(([name]) => name === 'upgrade'))
    reject(403, 'With options.readOnly, WebSockets, which can write, are not allowed.')
  if (isReadOnly || allow.length > 0) {
    const sent = mode === 'watch' ? headers : withoutSignature(headers, true)
    if (sent.some(([name]) => isOverride(name)))
      reject(
        403,
        'A header that replaces the method, the path, or the host is not allowed with options.readOnly or options.allow.',
      )
  }
  if ((prefix !== '' || allow.length > 0) && hasDotSegment(path))
    reject(403, 'A path with . or .. segments is not allowed with options.allow or options.prefix.')
  if (allow.length === 0) return
  const s3 = services?.some(isS3) ?? false
  if (!isAllowed(allow, method, path, s3)) rejectPath(method, s3 ? withoutSlash(path) : path)
  // S3 reads the object to copy with the same credentials; a header may also be a parameter of a presigned URL
  const sources = headers.filter(([name]) => SOURCE.test(name))
  if (/(?:copy|rename)[-_]source/i.test(decodeToOctets(query)) || sources.some(([name]) => name.includes('rename')))
    reject(403, 'A rename, or a source in the query string, is not allowed with options.allow.')
  for (const [, value] of sources) {
    const source = value.replace(/^\/?/, '/').replace(/\?.*/s, '')
    if (value.includes('#') || hasDotSegment(source) || !isAllowed(allow, 'GET', source, s3))
      reject(403, 'The source of the copy is not allowed. Add a rule that allows GET of its path.')
  }
}

/** Rejects a request. The message contains the rule that would allow it, quoted for a shell. */
function rejectPath(method: string, path: string): never {
  const isShown = path.length <= MAX_SHOWN && !/[^!-~]/.test(path)
  if (!isShown) reject(403, `${method} of this path is not allowed. Add a rule to options.allow.`)
  const rule = `${method} ${path}`
  reject(403, `${rule} is not allowed. Add '${rule.replaceAll("'", "'\\''")}' to options.allow.`)
}

/** Headers with such names that replace nothing: the host itself, and those of browsers, of AWS, and of MCP. */
const KEPT = /^(?:host$|access-control-|x-amz-|mcp-method$)/

/**
 * Headers that servers may read in place of the method, the path, or the host, or that name a second path. Their first word
 * may be `x`.
 */
const OVERRIDES: readonly RegExp[] = [
  // ASP.NET, CGI, Envoy, IIS, Laravel, Next.js, Rails, Symfony: method-override, original-url, request-uri, matched-path …
  /(?:^|-)(?:destination|http|orig|original|override|path|request|rewrite|tunnel)*(?:method|path|target|ur[il]|host)(?:overrides?)?(?:-|$)/,
  // those that change how these are read
  /^iis-wasurlrewritten$|^(?:middleware-)?rewrite$/,
  // CGI, gunicorn, Spring, Symfony: the start of the path
  /^script-name$|^(?:forwarded-)?prefix$/,
  // frameworks that prefer them to the host
  /^forwarded(?:-server)?$/,
  // CouchDB, OpenStack Swift, WebDAV: the source or the destination of a copy or a move
  /^destination(?:-|$)|^copy-from(?:-|$)|^object-manifest$/,
]

/**
 * Returns whether servers may read a header in place of the method, the path, or the host, such as `x-original-url`. Some
 * read underscores as hyphens.
 */
function isOverride(name: string): boolean {
  const plain = name.replaceAll('_', '-')
  return !KEPT.test(plain) && OVERRIDES.some((pattern) => pattern.test(plain.replace(/^x-/, '')))
}

/** Throws if a header that changes what a request does was added after the client signed the request. */
export function checkUnsigned(headers: readonly Pair[], signedHeaders: readonly string[]): void {
  const isUnsigned = ([name]: Pair): boolean => (isOverride(name) || SOURCE.test(name)) && !signedHeaders.includes(name)
  if (withoutSignature(headers, true).some(isUnsigned))
    reject(
      403,
      'A header that replaces the method, the path, or the host, or names the source of a copy, is not signed.',
    )
}

function isAllowed(allow: readonly string[], method: string, path: string, s3: boolean): boolean {
  return allow.some((rule) => {
    const space = rule.indexOf(' ')
    const name = rule.slice(0, space)
    const isMethod = name === '*' || name === method || (name === 'GET' && method === 'HEAD')
    const pattern = rule.slice(space + 1)
    return isMethod && (matches(path, pattern) || (s3 && matches(withoutSlash(path), withoutSlash(pattern))))
  })
}

/** Returns the path of a bucket without the slash that some S3 clients add to it. */
function withoutSlash(path: string): string {
  return path.replace(/^(\/[^/*]+)\/$/, '$1')
}

/**
 * Returns whether a path matches a pattern. `*` matches any characters, but at least one other than a slash: servers may
 * ignore slashes, and a rule for objects must not match their bucket.
 */
function matches(path: string, pattern: string): boolean {
  if (pattern === '*') return true
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return path === pattern
  if (!path.startsWith(first)) return false
  let at = first.length
  const skip = (): number => at + /^(?:\/|%2f|%5c)*/i.exec(path.slice(at))![0].length + 1
  for (const part of rest) {
    const found = path.indexOf(part, skip())
    if (found < 0) return false
    at = found + part.length
  }
  return path.length - last.length >= skip() && path.endsWith(last)
}

/** Maximum number of times to decode a path. A path that is encoded more often is rejected: it can only hide something. */
const MAX_ENCODINGS = 5

/** UTF-8 sequences, including overlong ones. */
const SEQUENCES =
  /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\xf8-\xfb][\x80-\xbf]{4}|[\xfc\xfd][\x80-\xbf]{5}/g
/** UTF-8 sequences for decoders that do not check the bytes after the first one. */
const UNCHECKED =
  /[\xc0-\xdf][\0-\xff]|[\xe0-\xef][\0-\xff]{2}|[\xf0-\xf7][\0-\xff]{3}|[\xf8-\xfb][\0-\xff]{4}|[\xfc\xfd][\0-\xff]{5}/g

/** Characters that servers may ignore: controls, spaces, invisible ones, and bytes that are not UTF-8. */
const IGNORED = /[\x80-\xff\p{Cc}\p{Z}\p{Cf}\p{DI}]/gu

/**
 * Returns whether a server may find dot segments in a path, however often it decodes the path, whichever encodings of a
 * character it accepts, and even if it ignores characters.
 */
function hasDotSegment(path: string): boolean {
  let text = path
  for (let i = 0; i < MAX_ENCODINGS; i++) {
    const octets = text.replace(/%u([\da-f]{4})|%([\da-f]{2})/gi, (_, code, octet) =>
      code ? plainCharacter(Number.parseInt(code, 16)) : String.fromCharCode(Number.parseInt(octet, 16)),
    )
    const decoded = octets.replace(SEQUENCES, decodeSequence)
    const readings = [text, octets, decoded, octets.replace(UNCHECKED, decodeSequence)]
    if (readings.some((each) => /(?:^|[/\\])\.{1,2}(?:[;?#][^/\\]*)?(?:[/\\]|$)/.test(each.replace(IGNORED, ''))))
      return true
    if (decoded === text) return false
    text = decoded
  }
  return true
}

function decodeSequence(octets: string): string {
  const bytes = [...octets].map((octet) => octet.charCodeAt(0))
  const first = bytes[0]! & (0x7f >> bytes.length)
  return plainCharacter(bytes.slice(1).reduce((code, byte) => code * 64 + (byte & 63), first))
}

/**
 * Returns the compatible form of a character (NFKC), such as a full stop for a full-width one, or a slash as Windows converts
 * it. Characters that must not be mistaken for bytes become U+FFFD.
 */
function plainCharacter(code: number): string {
  if (code > 0x10_ffff) return '\ufffd'
  const plain = String.fromCodePoint(code).normalize('NFKC')
  // an ellipsis is three dots; no longer form consists of dots and slashes
  if (plain.length > 3) return '\ufffd'
  return plain
    .replace(/[\u2044\u2215]/g, '/')
    .replace(/\u2216/g, '\\')
    .replace(/[\x80-\x9f\xad]/g, '') // controls, and the soft hyphen
    .replace(/[\xa0-\xff]/g, '\ufffd')
}
