import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import { copyCredentials } from '../../core/signing/credentials.ts'
import { SIGV4, sha256Hex, signature } from '../../crypto/webcrypto.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { CredentialsSource } from './options.ts'

export async function complete<Result>({ body, prepare }: Recipe<Result>, source: CredentialsSource): Promise<Result> {
  source = copyCredentials(source)
  const payloadHash = body ? await sha256Hex(body) : EMPTY_HASH
  const credentials = typeof source === 'function' ? await source() : source
  const { unsigned, finish } = prepare(credentials, Date.now(), payloadHash)
  return finish(await signature(unsigned, credentials, SIGV4))
}
