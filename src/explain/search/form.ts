import { decodeBase64, encodeBase64 } from '../../core/encoding/base64.ts'
import type { SecretCredentials } from '../../core/signing/credentials.ts'
import { hmacHex } from '../../crypto/sha256.ts'
import type { Difference } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { deriveKey, keyVariations } from './keys.ts'

// Policies and keys with which a client may have signed a form instead.

/** Searches for the policy, or the key, that was signed. */
export function searchForm(
  facts: ParsedRequest,
  secrets: SecretCredentials,
  signature: string,
): readonly Difference[] | undefined {
  const policy = facts.form?.get('policy') ?? ''
  const right = deriveKey(`AWS4${secrets.secretAccessKey}`, facts.claim.scope)
  if (hmacHex(right, policy) === signature) return []
  const plain = decodeBase64(policy)
  const policies = [
    policy.trim(),
    policy.replace(/\s+/g, ''),
    policy.replaceAll(' ', '+'),
    policy.replace(/={1,4}$/, ''),
    policy.padEnd(Math.ceil(policy.length / 4) * 4, '='),
    policy.replace(/.{76}/g, '$&\n'),
    policy.replace(/.{64}/g, '$&\n'),
    plain,
    plain === undefined ? undefined : encodeBase64(compact(plain)),
  ]
  for (const other of policies)
    if (other !== undefined && other !== policy && hmacHex(right, other) === signature)
      return [{ cause: 'tampered-policy', part: { of: 'policy' }, expected: other, actual: policy }]
  const key = keyVariations(facts, secrets).find((each) => hmacHex(each.key, policy) === signature)
  return key && [key]
}

function compact(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json))
  } catch {
    return json
  }
}
