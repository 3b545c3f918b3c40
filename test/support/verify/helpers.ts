import { type ReceivedRequest, SigV4VerifyError, type SigV4VerifyErrorCode, verify } from '../../../src/verify.ts'
import { CREDENTIALS } from '../credentials.ts'

// Helpers for the tests of verify. Signatures are created by the oracle or by the signer of this package, never by verify.

export const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
export const NOW = new Date('2015-08-30T12:36:00Z')
export const HOST = 'files.example.com'

/** Default signing options. */
export const SIGNING = { credentials: CREDENTIALS, region: 'us-east-1', service: 's3', now: NOW }

/** Default verification options. */
export const VERIFYING = { credentials: () => CREDENTIALS, now: NOW }

/** Returns a signed request as a server receives it; the headers can be changed. */
export function received(
  signed: { method: string; url: string; headers: Record<string, string> },
  body?: string | Uint8Array<ArrayBuffer>,
): ReceivedRequest & { method: string; url: string; headers: Record<string, string>; body?: unknown } {
  const { host, pathname, search } = new URL(signed.url)
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return {
    method: signed.method,
    url: pathname + search,
    headers: { host, ...length, ...signed.headers },
    ...(body !== undefined && { body }),
  }
}

/** Returns the verification error of a rejected promise; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<SigV4VerifyError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof SigV4VerifyError) return error
    throw error
  }
  throw new Error('the request was accepted')
}

/** Returns `'accepted'`, the code of a verification error, or any other error unchanged. */
export async function verdict(...args: Parameters<typeof verify>): Promise<'accepted' | SigV4VerifyErrorCode> {
  try {
    await verify(...args)
    return 'accepted'
  } catch (error) {
    if (error instanceof SigV4VerifyError) return error.code
    throw error
  }
}

export async function read(checked: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of checked) parts.push(part)
  return Buffer.concat(parts)
}

/** Splits bytes into pieces of a length. */
export function* pieces(bytes: Uint8Array, length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += length) yield Uint8Array.from(bytes.subarray(at, at + length))
}
