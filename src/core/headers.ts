import { isObject } from './body.ts'
import type { HeaderRecord } from './canonical.ts'
import { fail } from './errors.ts'

/**
 * Headers as `fetch` takes them: an object, a `Headers`, or pairs. A list of values, or a name that comes twice, is sent
 * as one header with the values joined by a comma. A value that is `undefined` is left out.
 */
export type HeadersInput =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** Which headers are signed: exceptions to the table of headers that are not. */
export interface HeaderSelection {
  /** Names that are signed although the table of unsigned headers lists them. @default none */
  readonly signHeaders?: readonly string[] | undefined
  /** Names that are sent but not signed. @default none */
  readonly unsignedHeaders?: readonly string[] | undefined
}

/**
 * Headers that are not signed by default, because something between the signer and the service changes them:
 *
 * | header | why |
 * |---|---|
 * | `accept-encoding` | CDNs and clients negotiate their own compression |
 * | `authorization`, `proxy-*` | hold credentials, the signature among them |
 * | `connection`, `keep-alive`, `te`, `trailer`, `transfer-encoding`, `upgrade` | are for one hop only (RFC 9110 section 7.6.1) |
 * | `expect` | is answered by proxies |
 * | `forwarded`, `via`, `x-forwarded-*` | are written by proxies |
 * | `range` | is rewritten by caches and download managers |
 * | `user-agent` | is rewritten by browsers and agents |
 * | `x-amzn-trace-id` | is written by AWS load balancers |
 */
const UNSIGNED =
  /^(?:accept-encoding|authorization|connection|expect|forwarded|keep-alive|range|te|trailer|transfer-encoding|upgrade|user-agent|via|x-amzn-trace-id|(?:proxy|x-forwarded)-.+)$/

/** The names of the headers that are signed, sorted. */
export function signedNames(headers: HeaderRecord, { signHeaders, unsignedHeaders }: HeaderSelection): string[] {
  const [more, less] = [signHeaders, unsignedHeaders].map(readNames)
  const isSigned = (name: string): boolean =>
    name === 'host' || more!.includes(name) || !(UNSIGNED.test(name) || less!.includes(name))
  return Object.keys(headers).filter(isSigned).sort()
}

function readNames(names: readonly string[] = []): string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    fail('ERR_INVALID_ARG_TYPE', 'options.signHeaders and options.unsignedHeaders must be lists of names')
  return names.map((name) => name.toLowerCase())
}

/** Throws if a header or query parameter is one that only a signed request has. */
export function refuseSigned(name: string): void {
  if (
    /^(?:authorization|x-amz-(?:algorithm|credential|date|expires|security-token|signature|signedheaders))$/i.test(name)
  )
    fail('ERR_SIGV4_ALREADY_SIGNED', `The request already has ${name}: pass it unsigned`)
}

/** Reads headers and checks that `fetch` will send them as they are. The host is left to the client. */
export function readHeaders(input: HeadersInput = {}, host: string): HeaderRecord {
  const headers: HeaderRecord = {}
  const pairs: Iterable<unknown> = !isObject(input) ? [input] : Symbol.iterator in input ? input : Object.entries(input)
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      fail('ERR_INVALID_ARG_TYPE', 'headers must be an object, a Headers, or pairs')
    readHeader(headers, pair[0], pair[1], host)
  }
  // S3 would believe it, whatever options.payloadHash says
  if ('x-amz-content-sha256' in headers)
    fail('ERR_SIGV4_ALREADY_SIGNED', 'headers has x-amz-content-sha256: pass its value as options.payloadHash')
  return headers
}

/** Reads one header, or one more value of it. */
function readHeader(headers: HeaderRecord, given: string, raw: unknown, host: string): void {
  if (raw === undefined) return
  const name = String(given).toLowerCase()
  const value = trimSpaces(String(raw))
  refuseSigned(name)
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name === '__proto__')
    fail('ERR_INVALID_ARG_VALUE', `headers: ${JSON.stringify(given)} is not the name of a header`)
  if (!isText(raw) && !(Array.isArray(raw) && raw.every(isText)))
    fail('ERR_INVALID_ARG_TYPE', `headers['${name}'] must be a string, or a list of strings`)
  if (!/^[\t -~]*$/.test(value))
    fail('ERR_SIGV4_REQUEST_UNSENDABLE', `headers['${name}'] has a control or non-ASCII character: encode it`)
  if (name !== 'host') headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value
  else if (value.toLowerCase() !== host)
    fail(
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      'headers.host is not the host of the URL: sign the URL that the client will reach',
    )
}

/** Drops spaces and tabs at both ends. */
export function trimSpaces(text: string): string {
  let [start, end] = [0, text.length]
  while (text[start] === ' ' || text[start] === '\t') start++
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(start, end)
}

/** Whether a value of a header or parameter needs no more than `String`. */
export function isText(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

/** Adds a header that another option binds. */
export function bindHeader(headers: HeaderRecord, name: string, value: string | number | undefined): void {
  if (value !== undefined && name in headers)
    fail('ERR_INVALID_ARG_VALUE', `${name} is in headers and in another option: say it once`)
  readHeader(headers, name, value, '')
}
