import { fail } from './errors.ts'

/** The text or bytes of a body that can be hashed at once; `undefined` for one of another kind. */
export function bodyContent(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string') return body
  if (ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    return isA(body.buffer, 'SharedArrayBuffer') ? bytes.slice() : bytes // Web Crypto takes no shared memory
  }
  if (isA(body, 'ArrayBuffer')) return new Uint8Array(body as ArrayBuffer)
  return isA(body, 'URLSearchParams') ? String(body) : undefined
}

/** Whether a value is an object of any kind. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Whether a value is of a built-in kind, of any realm. */
export function isA(value: unknown, kind: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${kind}]`
}

/** Throws: the body cannot be hashed before it is sent. */
export function refuseBody(kinds: string): never {
  fail(
    'ERR_SIGV4_BODY_NOT_HASHABLE',
    `body must be ${kinds}; for a stream or form pass options.payloadHash, its SHA-256 or 'UNSIGNED-PAYLOAD' (S3 over https)`,
  )
}

/** A copy of the bytes of a signing key; a `CryptoKey`, or anything else, is none. */
export function keyBytes(key: unknown): Uint8Array {
  if (ArrayBuffer.isView(key) && key.byteLength === 32) return new Uint8Array(key.buffer, key.byteOffset, 32).slice()
  fail('ERR_INVALID_ARG_TYPE', "options.credentials.signingKey.key must be 32 bytes; a CryptoKey is for 'sigv4'")
}
