import { formatStringToSign } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { decodeBase64, encodeBase64 } from '../../../../../src/internal/encoding.ts'
import { deriveSigningKey, hmacHex, hmacKey, sha256Hex } from '../../../../../src/internal/sha256.ts'
import type { Difference } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { piecesOf } from '../request/pieces.ts'
import { isSwapped, SWAPPED } from './assembly.ts'
import { serialized } from './headers.ts'
import { keyVariations } from './keys.ts'
import { LINE_BREAKS, SPELLINGS } from './spellings.ts'

// Policies and keys with which a client may have signed a form instead.

export const POLICY_FIX = 'Compute the HMAC of the policy field, exactly as it is sent.'

/** Searches for the policy, or the key, that was signed. */
export function searchForm(
  facts: ParsedRequest,
  secrets: SecretCredentials,
  signature: string,
): readonly Difference[] | undefined {
  const policy = facts.form?.get('policy') ?? ''
  const bytes = deriveSigningKey(secrets.secretAccessKey, facts.claim.scope)
  const right = hmacKey(bytes)
  if (hmacHex(right, policy) === signature) return []
  const plain = decodeBase64(policy)
  const changed = [
    policy.trim(),
    policy.replace(/\s+/g, ''),
    policy.replaceAll(' ', '+'),
    policy.replace(/={1,4}$/, ''),
    policy.padEnd(Math.ceil(policy.length / 4) * 4, '='),
    ...(plain === undefined ? [] : serialized(plain).map((text) => encodeBase64(text))),
  ]
  for (const other of changed)
    if (other !== policy && hmacHex(right, other) === signature)
      return [{ cause: 'tampered-policy', part: { of: 'policy' }, expected: other, actual: policy }]
  for (const [how, text] of instead(policy, plain, facts))
    if (hmacHex(right, text) === signature)
      return [
        {
          cause: 'string-to-sign',
          part: { of: 'string to sign' },
          message: `The client signed ${how} instead of the policy field.`,
          fix: POLICY_FIX,
        },
      ]
  if (isSwapped(bytes, policy, signature)) return [SWAPPED]
  const key = keyVariations(facts, secrets).find((each) => hmacHex(each.key, policy) === signature)
  return key && [key]
}

/** No service accepts a longer policy. */
const LONGEST = 65_536

/** Yields the strings that clients sign in place of the policy as sent. */
function* instead(policy: string, plain: string | undefined, facts: ParsedRequest): Generator<[how: string, string]> {
  if (policy.length > LONGEST) return
  if (plain !== undefined) yield ['the JSON of the policy', plain]
  for (const length of [57, 60, 64, 76])
    for (const end of ['\n', '\r\n']) {
      const count = Math.ceil(policy.length / length)
      const lines = Array.from({ length: count }, (_, i) => policy.slice(i * length, (i + 1) * length)).join(end)
      yield* [['the policy with line breaks', lines] as [string, string], ['the policy with line breaks', lines + end]]
    }
  for (const [how, change] of [...LINE_BREAKS, ...SPELLINGS]) yield [`the policy ${how}`, change(policy)]
  const url = policy.replaceAll('+', '-').replaceAll('/', '_')
  for (const text of [url, url.replace(/={1,4}$/, '')]) yield ['the policy in the alphabet for URLs', text]
  yield ['the percent-encoded policy', policy.replaceAll('+', '%2B').replaceAll('=', '%3D')]
  for (const text of [policy, plain ?? '']) {
    yield ['the hash of the policy', sha256Hex(text)]
    yield ['a string to sign', formatStringToSign(piecesOf(facts), sha256Hex(text))]
    yield ['a string to sign', formatStringToSign(piecesOf(facts), text)]
  }
}
