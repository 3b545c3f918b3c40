import { fail } from '../errors.ts'
import { isObject } from '../kind.ts'
import type { Pair } from './query.ts'

/** Headers by name, names in lowercase; the values of a repeated name are joined by a comma. */
export type HeaderRecord = Record<string, string>

/**
 * Headers as `fetch` accepts them: an object, a `Headers`, or pairs. A list of values, or a repeated name, is sent as one
 * header with the values joined by a comma. A value that is `undefined` is omitted.
 */
export type HeadersInput =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** Exceptions to the table of unsigned headers. */
export interface HeaderSelection {
  /** Names that are signed although the table of unsigned headers lists them. @default none */
  readonly signedHeaders?: readonly string[] | undefined
  /** Names that are sent but not signed. @default none */
  readonly unsignedHeaders?: readonly string[] | undefined
}

/**
 * Headers that are not signed by default, because something between the signer and the service changes them:
 *
 * | header | why |
 * |---|---|
 * | `accept-encoding` | CDNs and clients negotiate their own compression |
 * | `authorization`, `proxy-*` | contain credentials, including the signature |
 * | `connection`, `keep-alive`, `te`, `trailer`, `transfer-encoding`, `upgrade` | apply to one hop only (RFC 9110 section 7.6.1) |
 * | `expect` | is handled by proxies |
 * | `forwarded`, `via`, `x-forwarded-*` | are set by proxies |
 * | `range` | is rewritten by caches and download managers |
 * | `user-agent` | is rewritten by browsers and agents |
 * | `x-amzn-trace-id` | is set by AWS load balancers |
 */
const UNSIGNED =
  /^(?:accept-encoding|authorization|connection|expect|forwarded|keep-alive|range|te|trailer|transfer-encoding|upgrade|user-agent|via|x-amzn-trace-id|(?:proxy|x-forwarded)-.+)$/

/** The start of a header that contains a checksum of a body. */
export const CHECKSUM_PREFIX = 'x-amz-checksum-'

export function headerFilter({ signedHeaders, unsignedHeaders }: HeaderSelection): (name: string) => boolean {
  if (signedHeaders === undefined && unsignedHeaders === undefined) return isSigned
  const included = readNames('options.signedHeaders', signedHeaders)
  const excluded = readNames('options.unsignedHeaders', unsignedHeaders)
  return (name) => included.includes(name) || (isSigned(name) && !excluded.includes(name))
}

function isSigned(name: string): boolean {
  return !UNSIGNED.test(name)
}

/** Returns the names of the headers that are signed, sorted; `host` is always one of them. */
export function signedNames(headers: HeaderRecord, isIncluded: (name: string) => boolean): string[] {
  const names: string[] = []
  for (const name of Object.keys(headers)) if (name !== 'host' && isIncluded(name)) names.push(name)
  names.push('host')
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return names.sort()
  return names
}

function readNames(argument: string, names: readonly string[] | undefined): string[] {
  if (names === undefined) return []
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  return names.map((name) => name.toLowerCase())
}

/** Headers that apply to one connection (RFC 9110 section 7.6.1), and those that each sender of a message writes itself. */
const HOP =
  /^(?:connection|content-length|expect|host|http2-settings|keep-alive|proxy-.+|te|trailer|transfer-encoding|upgrade)$/

/** Removes headers that apply to the connection of the sender. `signed` names those that `Connection` must not remove. */
export function withoutHops(headers: readonly Pair[], signed: readonly string[] = []): Pair[] {
  const named = new Set(headers.flatMap(([name, value]) => (name === 'connection' ? listedNames(value) : [])))
  for (const name of signed) named.delete(name)
  return headers.filter(([name]) => !HOP.test(name) && !named.has(name))
}

/** Returns the names in a list of headers, such as `Connection`. */
export function listedNames(list = ''): string[] {
  const names = list.toLowerCase().split(',')
  return names.map((name) => name.trim()).filter(Boolean)
}

/** Fields that sign a form, as S3 names them, in the order in which S3 reports missing ones. */
export const SIGNING_FIELDS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature']

/** The parameters of a presigned URL, as AWS writes and orders them. Only S3 requires `X-Amz-Expires`. */
export const PRESIGNED_PARAMETERS: readonly string[] = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
]

/** The parameter and the header for the regions that a request with Signature Version 4a is valid in. */
export const REGION_SET_PARAMETER = 'X-Amz-Region-Set'
export const REGION_SET_HEADER = 'x-amz-region-set'

/** The parameter and the header that temporary credentials add. */
export const TOKEN_PARAMETER = 'X-Amz-Security-Token'
export const TOKEN_HEADER = 'x-amz-security-token'

/** The parameter and the header that contain the token of an S3 Express session. */
export const SESSION_PARAMETER = 'X-Amz-S3session-Token'
export const SESSION_HEADER = 'x-amz-s3session-token'

/** Returns whether a header or query parameter occurs only in signed requests. */
export function isReserved(name: string): boolean {
  return /^x-amz-(?:algorithm|credential|date|expires|region-set|security-token|signature|signedheaders)$/i.test(name)
}

/** Reads headers and checks that `fetch` would send them unchanged. The host is omitted, because the client sets it. */
export function readHeaders(input: HeadersInput | undefined, argument: string, host: string): HeaderRecord {
  const headers: HeaderRecord = {}
  if (input === undefined) return headers
  if (!isObject(input)) fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  for (const pair of (Symbol.iterator in input ? input : Object.entries(input)) as Iterable<unknown>) {
    if (!Array.isArray(pair) || pair.length !== 2) fail('ERR_INVALID_ARG_TYPE', argument, 'type')
    readHeader(headers, argument, pair[0], pair[1], host)
  }
  return headers
}

function readHeader(headers: HeaderRecord, within: string, given: unknown, raw: unknown, host: string): void {
  if (raw === undefined) return
  const name = String(given).toLowerCase()
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name === '__proto__')
    fail('ERR_INVALID_ARG_VALUE', `${within}[${JSON.stringify(given)}]`, 'invalid')
  const argument = `${within}["${name}"]`
  if (name === 'authorization' || isReserved(name)) fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'reserved')
  // S3 would trust it, regardless of options.payloadHash
  if (name === 'x-amz-content-sha256')
    fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'reserved', 'Pass options.payloadHash.')
  const value = readValue(raw, argument)
  if (name !== 'host') headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value
  else if (value.toLowerCase() !== host) fail('ERR_SIGV4_REQUEST_UNSENDABLE', argument, 'mismatch', 'Omit it.')
}

function readValue(raw: unknown, argument: string): string {
  if (!isStringOrNumber(raw) && !(Array.isArray(raw) && raw.every(isStringOrNumber)))
    fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  const value = String(raw)
  if (!/^[\t -~]*$/.test(value)) fail('ERR_SIGV4_REQUEST_UNSENDABLE', argument, 'unsendable', 'Pass printable ASCII.')
  return value.trim() // removes spaces and tabs: it contains no other whitespace
}

/** Adds a header that has a separate option, which GET and HEAD do not support. */
export function bindHeader(headers: HeaderRecord, name: string, option: string, raw: unknown, method: string): void {
  if (raw === undefined) return
  const argument = `options.${option}`
  if (method === 'GET' || method === 'HEAD')
    fail('ERR_INVALID_ARG_VALUE', argument, 'unusable', `${method} does not support it.`)
  if (name in headers) fail('ERR_INVALID_ARG_VALUE', argument, 'conflict')
  headers[name] = readValue(raw, argument)
}

/** Throws unless a content type starts with `type/subtype`. Parameters or further types may follow. */
export function checkContentType(value: string): void {
  if (!/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+(?:[\s;,]|$)/.test(value))
    fail('ERR_INVALID_ARG_VALUE', 'options.contentType', 'invalid', 'Pass type/subtype, such as image/jpeg.')
}

/** Returns whether the value of a header or parameter can be converted by `String`. */
export function isStringOrNumber(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
