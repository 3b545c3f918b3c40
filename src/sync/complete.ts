// @generated from src/async/complete.ts by npm run twins: change that file instead.

import { type Credentials, resolved } from '../core/signing/credentials.ts'
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
import { signature } from '../crypto/sha256.ts'
import { addBody, hashBody } from './body.ts'

/** Completes a presigned request at `now`, epoch milliseconds. */
export function completePresign<Scope extends AnyScopeInput, Context extends AnyContext>(
  input: PresignInput<Scope>,
  source: Credentials,
  algorithm: Signing<Scope, Context, string>,
  now?: number,
): PresignedRequest {
  const credentials = resolved(source)
  const request = preparePresign(input, credentials, algorithm.context(input.scope, now ?? Date.now()))
  return presigned(request, signature(request, credentials, algorithm))
}

/** Completes a signed request. The credentials must be valid at `validAt`, epoch milliseconds. */
export function completeSign<Body, Scope extends AnyScopeInput, Context extends AnyContext>(
  input: SignInput<Scope>,
  body: Body,
  source: Credentials,
  algorithm: Signing<Scope, Context, string>,
  validAt?: number,
): SignedRequest<Body> {
  const content = readContent(input, body)
  const credentials = resolved(source)
  const request = prepareSign(input, content, credentials, algorithm.context(input.scope, Date.now()), validAt)
  return signed(request, signature(request, credentials, algorithm))
}

function readContent<Body>(input: SignInput<AnyScopeInput>, body: Body): Content<Body> {
  const { checksum } = input
  const payloadHash = input.payloadHash ?? hashBody(body)
  if (!checksum) return { body, payloadHash }
  const [header, running] = startChecksum(input, checksum)
  addBody(running, body)
  return { body, payloadHash, checksum: [header, running.digest()] }
}
