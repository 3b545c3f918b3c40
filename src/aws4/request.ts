import { fail } from '../core/errors.ts'
import { sha256Hex } from '../crypto/sha256.ts'

/** Header values as Node's `http.request` takes them. */
export type HeaderValues = Record<string, string | number | string[] | undefined>

/** How to sign; everything else on a request is left as it is. */
interface SignerOptions {
  /** @default read from the host, else `''` */
  service?: string | undefined
  /** @default read from the host, else `'us-east-1'` */
  region?: string | undefined
  /** Text or bytes; it is hashed. @default `''` */
  body?: string | ArrayBufferView | undefined
  /** Signs in the query instead of in a header. @default false */
  signQuery?: boolean | undefined
  /** Adds no header but Host and Authorization. @default false */
  doNotModifyHeaders?: boolean | undefined
  /** Encodes the canonical path once instead of twice, for services other than S3. @default false */
  doNotEncodePath?: boolean | undefined
  /** Headers that are not signed, by name in lower case. @default none */
  extraHeadersToIgnore?: Record<string, boolean> | undefined
  /** Headers that are signed although the signer leaves them out, by name in lower case. @default none */
  extraHeadersToInclude?: Record<string, boolean> | undefined
}

/** A request, as it is before and after signing: what aws4 looks at, and anything else. */
export interface Request extends SignerOptions {
  /** @default the host of the service in the region */
  host?: string | undefined
  /** The same as `host`, and before it. */
  hostname?: string | undefined
  /** Appended to the Host header that is added. */
  port?: number | string | null | undefined
  /** @default `'POST'` with a body, else `'GET'` */
  method?: string | undefined
  /** Path and query; `sign` writes it anew. @default `'/'` */
  path?: string | undefined
  /** Copied; what signing adds is added to the copy. `Date` is the time of signing. */
  headers?: HeaderValues | undefined
  [option: string]: unknown
}

/** What can be signed: a {@link Request}, options of `http.request`, or those of another client. */
export interface RequestInput extends SignerOptions {
  host?: string | null | undefined
  hostname?: string | null | undefined
  port?: number | string | null | undefined
  method?: string | undefined
  path?: string | null | undefined
  headers?: object | undefined
}

/** A request that was signed: the same object. */
export type SignedRequest<Input> = Input & Request & { headers: HeaderValues; path: string }

/** Credentials; what is missing is not looked for anywhere else. */
export interface Credentials {
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  sessionToken?: string | undefined
}

// aws4 is in sloppy mode, where writing to what is frozen is no error: a frozen request is signed in vain. Names are
// written out because that is how engines are fast.

/** Headers to write to: in vain, if they are frozen. */
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

/** Writes a member that most requests have already. */
export function put(request: Request, name: 'method' | 'hostname', value: unknown): void {
  Reflect.set(Object(request), name, value)
}

/** Deletes a member. One that is not there is not touched, which is faster. */
export function drop(target: object, name: string): void {
  if (Object.hasOwn(target, name)) Reflect.deleteProperty(target, name)
}

/** The headers in an object of the signer's own, in which `__proto__` is no name. */
export function copyHeaders(headers: object | undefined): HeaderValues {
  // not { ...headers }, which V8 makes an object that is slow to add to
  const copy: HeaderValues = Object.assign({}, headers as HeaderValues | undefined)
  if (Object.getPrototypeOf(copy) !== Object.prototype) Reflect.setPrototypeOf(copy, Object.prototype)
  return copy
}

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** SHA-256 of a body. */
export function hashBody(body: unknown): string {
  if (!body) return EMPTY
  if (typeof body === 'string') return sha256Hex(body)
  if (ArrayBuffer.isView(body)) return sha256Hex(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  return refuseBody()
}

/** How many bytes a body has. */
export function bodyLength(body: unknown): number {
  if (typeof body === 'string') return utf8Length(body)
  const { byteLength } = body as { byteLength?: unknown }
  if (!ArrayBuffer.isView(body) && !/^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(body)))
    return refuseBody()
  return byteLength as number
}

function refuseBody(): never {
  fail(
    'ERR_INVALID_ARG_TYPE',
    'request.body must be text or bytes: pass its SHA-256 as the header X-Amz-Content-Sha256',
  )
}

function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128) continue
    length += code < 2048 ? 1 : 2
    // a surrogate pair has four bytes, a lone surrogate is replaced by a character of three
    if (code > 0xd7ff && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++
  }
  return length
}
