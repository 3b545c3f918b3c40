import { hasTag } from '../kind.ts'

/** Returns the string or bytes of a body that can be hashed at once; `undefined` for any other kind. */
export function bodyContent(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return ''
  if (typeof body === 'string') return body
  if (ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    return hasTag(body.buffer, 'SharedArrayBuffer') ? bytes.slice() : bytes // Web Crypto rejects shared memory
  }
  if (hasTag(body, 'ArrayBuffer')) return new Uint8Array(body as ArrayBuffer)
  return hasTag(body, 'URLSearchParams') ? String(body) : undefined
}
