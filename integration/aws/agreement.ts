import assert from 'node:assert/strict'
import type { SecretCredentials } from '../../src/credentials.ts'
import { unescapeXml } from '../../src/internal/xml.ts'
import { sigv4a } from '../../src/sigv4a.ts'
import { SigV4VerifyError, verify } from '../../src/verify.ts'
import type { Sendable } from '../servers/wire.ts'

/** What `verify` must do with a request that was sent. */
export type Verdict = 'accepts' | 'rejects'

/** Confirms that `verify` decides as the server did about the very same request. */
export async function agrees(
  { method, url, headers, body }: Sendable,
  known: ReadonlyMap<string, SecretCredentials>,
  verdict: Verdict,
  response = '',
): Promise<void> {
  const { host, pathname, search } = new URL(url)
  const bytes = bytesOf(body)
  // fetch adds the length of a body
  const length = bytes.length > 0 && { 'content-length': String(bytes.length) }
  const request = { method, url: pathname + search, headers: { host, ...length, ...headers }, body: bytes }
  const result = await verify(request, {
    credentials: (accessKeyId) => known.get(accessKeyId),
    algorithms: [sigv4a],
    allowUnsignedPayload: true,
    // a row changes what Date.now returns
    now: performance.timeOrigin + performance.now(),
  }).catch((error: Error) => error)
  if (verdict === 'accepts') {
    assert(!(result instanceof Error), `verify rejects what the server accepted: ${(result as Error).message}`)
    return
  }
  assert(result instanceof SigV4VerifyError, 'verify accepts what the server rejected')
  const [, theirs] = /<CanonicalRequest>([^<]*)<\/CanonicalRequest>/.exec(response) ?? []
  // that of a chunk has no canonical request
  if (theirs !== undefined && result.canonicalRequest !== undefined)
    assert.equal(result.canonicalRequest, unescapeXml(theirs), 'the canonical requests differ')
}

export function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === 'string') return new TextEncoder().encode(body)
  assert(body instanceof Uint8Array, 'only strings and bytes can be verified')
  return body
}
