import { fail } from '../core/errors.ts'
import { bodyContent } from '../core/http/body.ts'
import { hasTag } from '../core/kind.ts'
import { rejectBody, type UnsignedRequest } from '../core/signing/sign.ts'
import { runtimeStream } from './runtime.ts'
import { sha256Hex } from './webcrypto.ts'

// The body of a request to sign. A `Request` and a `Blob` can be read only with promises.

/** Returns a `Request` as a plain object. Its body is read from a clone, so that the original can still be sent. */
export async function readWebRequest(request: Request, payloadHash: string | undefined): Promise<UnsignedRequest> {
  if (request.bodyUsed)
    fail(
      'ERR_SIGV4_BODY_NOT_HASHABLE',
      'request.body',
      'unusable',
      'It was already read. Sign the Request before you read its body.',
    )
  const clone = request.clone()
  const { method, headers } = clone
  const url = clone.url.replace(/#.*/, '')
  const body = (payloadHash && clone.body) || (await clone.arrayBuffer())
  return { method, url, headers, body: (body as ArrayBuffer).byteLength === 0 ? undefined : body }
}

/** Computes the payload hash of a body that can be read again: of a `Blob` in pieces, if the runtime has an incremental hash. */
export async function hashBody(body: unknown): Promise<string> {
  if (!isBlob(body)) return sha256Hex(contentOf(body))
  const hash = runtimeStream()
  if (!hash) return sha256Hex(new Uint8Array(await body.arrayBuffer()))
  await addBody(hash, body)
  return hash.hex()
}

/** Adds a body to a hash or checksum: a `Blob` in pieces, because its stream may return all bytes at once. */
export async function addBody(hash: { update(data: string | Uint8Array): void }, body: unknown): Promise<void> {
  if (!isBlob(body)) return hash.update(contentOf(body))
  const MiB = 1_048_576
  for (let at = 0; at < body.size; at += MiB) hash.update(new Uint8Array(await body.slice(at, at + MiB).arrayBuffer()))
}

export function isBlob(body: unknown): body is Blob {
  return hasTag(body, 'Blob') || hasTag(body, 'File')
}

function contentOf(body: unknown): string | Uint8Array {
  return bodyContent(body) ?? rejectBody('a string, bytes, a Blob, or URLSearchParams')
}
