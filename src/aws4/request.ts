import { toOctets } from '../core/encoding/utf8.ts'
import { fail } from '../core/errors.ts'
import { EMPTY_HASH } from '../core/signing/canonical-request.ts'
import { sha256Hex } from '../crypto/sha256.ts'

/** Header values as Node's `http.request` accepts them. */
export type HeaderValues = Record<string, string | number | string[] | undefined>

/** Signing options; any other member of a request is unchanged. */
interface SignerOptions {
  /** @default read from the host, otherwise `''` */
  service?: string | undefined
  /** @default read from the host, otherwise `'us-east-1'` */
  region?: string | undefined
  /** String or bytes to hash. @default `''` */
  body?: string | ArrayBufferView | undefined
  /** Signs in the query instead of in a header. @default false */
  signQuery?: boolean | undefined
  /** Adds no header other than Host and Authorization. @default false */
  doNotModifyHeaders?: boolean | undefined
  /** Encodes the canonical path once instead of twice, for services other than S3. @default false */
  doNotEncodePath?: boolean | undefined
  /** Headers not to sign, by lowercase name. @default none */
  extraHeadersToIgnore?: Record<string, boolean> | undefined
  /** Headers to sign although the signer omits them, by lowercase name. @default none */
  extraHeadersToInclude?: Record<string, boolean> | undefined
}

/** A request before or after signing: the members that aws4 reads, and any others. */
export interface Request extends SignerOptions {
  /** @default the host of the service in the region */
  host?: string | undefined
  /** The same as `host`, but takes precedence. */
  hostname?: string | undefined
  /** Appended to the Host header that is added. */
  port?: number | string | null | undefined
  /** @default `'POST'` with a body, otherwise `'GET'` */
  method?: string | undefined
  /** Path and query; overwritten by `sign`. @default `'/'` */
  path?: string | undefined
  /** Copied; signing adds headers to the copy. `Date` is the signing time. */
  headers?: HeaderValues | undefined
  [option: string]: unknown
}

/** A request to sign: a {@link Request}, options of `http.request`, or those of a different client. */
export interface RequestInput extends SignerOptions {
  host?: string | null | undefined
  hostname?: string | null | undefined
  port?: number | string | null | undefined
  method?: string | undefined
  path?: string | null | undefined
  headers?: object | undefined
}

/** A signed request: the same object. */
export type SignedRequest<Input> = Input & Request & { headers: HeaderValues; path: string }

/** Credentials; missing members are not looked up elsewhere. */
export interface Credentials {
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  sessionToken?: string | undefined
}

// aws4 runs in sloppy mode, where writing to a frozen object is not an error: signing a frozen request has no effect.
// Names are written out because that is faster.

/** Returns headers to write to: a copy, which is discarded, if they are frozen. */
export function writable(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.isExtensible(headers) ? headers : { ...headers }
}

export function putHeaders(request: Request, headers: HeaderValues): void {
  try {
    request.headers = headers
  } catch {
    Reflect.set(Object(request), 'headers', headers)
  }
}

export function putPath(request: Request, path: string): void {
  try {
    request.path = path
  } catch {
    Reflect.set(Object(request), 'path', path)
  }
}

/** Sets a member that most requests already have. */
export function put(request: Request, name: 'method' | 'hostname', value: unknown): void {
  Reflect.set(Object(request), name, value)
}

/** Deletes a member, but skips a missing one, which is faster. */
export function drop(target: object, name: string): void {
  if (Object.hasOwn(target, name)) Reflect.deleteProperty(target, name)
}

/** Copies headers to a new object, ignoring the name `__proto__`. */
export function copyHeaders(headers: object | undefined): HeaderValues {
  // not { ...headers }, which V8 makes slow to add to
  const copy: HeaderValues = Object.assign({}, headers as HeaderValues | undefined)
  if (Object.getPrototypeOf(copy) !== Object.prototype) Reflect.setPrototypeOf(copy, Object.prototype)
  return copy
}

/** Computes the SHA-256 of a body. */
export function hashBody(body: unknown): string {
  if (!body) return EMPTY_HASH
  if (typeof body === 'string') return sha256Hex(body)
  if (ArrayBuffer.isView(body)) return sha256Hex(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  return rejectBody()
}

/** Returns the length of a body in bytes. */
export function bodyLength(body: unknown): number {
  if (typeof body === 'string') return utf8Length(body)
  const { byteLength } = body as { byteLength?: unknown }
  if (!ArrayBuffer.isView(body) && !/^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(body)))
    return rejectBody()
  return byteLength as number
}

function rejectBody(): never {
  fail(
    'ERR_INVALID_ARG_TYPE',
    'request.body',
    'type',
    'Pass a string or bytes, or set the X-Amz-Content-Sha256 header to the SHA-256 of the body.',
  )
}

function utf8Length(string: string): number {
  if (/^[\0-\x7f]*$/.test(string)) return string.length
  return typeof TextEncoder === 'function' ? new TextEncoder().encode(string).length : toOctets(string).length
}
