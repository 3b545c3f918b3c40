// @generated from src/tokens/async/complete.ts by npm run twins: change that file instead.

import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import { type Credentials, resolved } from '../../core/signing/credentials.ts'
import { SIGV4, sha256Hex, signature } from '../../crypto/sha256.ts'
import type { Recipe } from '../recipe/recipe.ts'

export function complete<Result>({ body, prepare }: Recipe<Result>, source: Credentials): Result {
  const payloadHash = body ? sha256Hex(body) : EMPTY_HASH
  const credentials = resolved(source)
  const { unsigned, finish } = prepare(credentials, Date.now(), payloadHash)
  return finish(signature(unsigned, credentials, SIGV4))
}
