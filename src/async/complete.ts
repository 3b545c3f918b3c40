import { type PresignedRequest, type PresignInput, preparePresign, presigned } from '../core/signing/presign.ts'
import type { AnyScopeInput } from '../core/signing/scope.ts'
import {
  type Content,
  prepareSign,
  type SignedRequest,
  type SignInput,
  signed,
  startChecksum,
} from '../core/signing/sign.ts'
import type { AnyContext } from '../core/signing/string-to-sign.ts'
import type { Signing } from '../crypto/algorithm.ts'
import { addBody, hashBody } from '../crypto/body.ts'
import { signature } from '../crypto/webcrypto.ts'
import type { CredentialsSource } from './credentials.ts'

// The way from an input that was read to the result, for any algorithm. Credentials may be changed by the caller later:
// `completePresign` uses an object before anything is awaited; `completeSign` hashes the body first, so its callers pass a
// copy.

/** Completes a presigned request at `now`, epoch milliseconds. */
export async function completePresign<Scope extends AnyScopeInput, Context extends AnyContext>(
  input: PresignInput<Scope>,
  source: CredentialsSource,
  algorithm: Signing<Scope, Context, Promise<string>>,
  now?: number,
): Promise<PresignedRequest> {
  const credentials = typeof source === 'function' ? await source() : source
  const request = preparePresign(input, credentials, algorithm.context(input.scope, now ?? Date.now()))
  return presigned(request, await signature(request, credentials, algorithm))
}

/** Completes a signed request. The credentials must be valid at `validAt`, epoch milliseconds. */
export async function completeSign<Body, Scope extends AnyScopeInput, Context extends AnyContext>(
  input: SignInput<Scope>,
  body: Body,
  source: CredentialsSource,
  algorithm: Signing<Scope, Context, Promise<string>>,
  validAt?: number,
): Promise<SignedRequest<Body>> {
  const content = await readContent(input, body)
  const credentials = typeof source === 'function' ? await source() : source
  const request = prepareSign(input, content, credentials, algorithm.context(input.scope, Date.now()), validAt)
  return signed(request, await signature(request, credentials, algorithm))
}

async function readContent<Body>(input: SignInput<AnyScopeInput>, body: Body): Promise<Content<Body>> {
  const { checksum } = input
  const payloadHash = input.payloadHash ?? (await hashBody(body))
  if (!checksum) return { body, payloadHash }
  const [header, running] = startChecksum(input, checksum)
  await addBody(running, body)
  return { body, payloadHash, checksum: [header, running.digest()] }
}
