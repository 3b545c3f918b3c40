import { bodyContent } from '../core/http/body.ts'
import { rejectBody } from '../core/signing/sign.ts'
import { sha256Hex } from '../crypto/sha256.ts'

// The counterpart of ../crypto/body.ts: a `Request` and a `Blob` cannot be read synchronously.

/** Computes the payload hash of a body. */
export function hashBody(body: unknown): string {
  return sha256Hex(contentOf(body))
}

/** Adds a body to a checksum. */
export function addBody(hash: { update(data: string | Uint8Array): void }, body: unknown): void {
  hash.update(contentOf(body))
}

function contentOf(body: unknown): string | Uint8Array {
  return bodyContent(body) ?? rejectBody('a string, bytes, or URLSearchParams')
}
