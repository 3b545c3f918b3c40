import { decodeBase64, encodeBase64 } from '../../core/encoding/base64.ts'
import { evaluatePolicy } from '../../core/post/form.ts'
import { formTooLarge, type PolicyReason, parsePolicy } from '../../core/post/policy.ts'
import { MAX_FORM_SIZE } from '../../core/s3-limits.ts'
import { ALGORITHM } from '../../core/signing/string-to-sign.ts'
import { hmacHex } from '../../crypto/sha256.ts'
import type { Cause } from '../causes.ts'
import { deriveKey, keyVariations, type Secrets } from '../changes/keys.ts'
import { type Difference, fault, type Symptom } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { octetsOf } from '../request/octets.ts'
import { algorithmSymptom } from './claim.ts'

// Forms: the policy is signed, and every field must meet its conditions.

const REQUIRED = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']

const POLICY_CAUSES: Record<PolicyReason, Cause> = {
  encoding: 'policy-malformed',
  document: 'policy-malformed',
  expired: 'policy-expired',
  'missing-field': 'missing-field',
  'extra-field': 'policy-extra-field',
  condition: 'policy-condition',
  'too-small': 'policy-too-small',
  'too-large': 'policy-too-large',
  form: 'policy-malformed',
}

/** Finds problems with a form. `now` in epoch milliseconds. */
export function formSymptoms(facts: ParsedRequest, now: number): Symptom[] {
  const { form, body, headers, claim } = facts
  if (!form) return []
  const found: Symptom[] = []
  const policy = form.get('policy')
  if (form.has('awsaccesskeyid') && form.has('signature'))
    return [fault('signature-v2', 'The form was signed with Signature Version 2.'), ...policySymptoms(facts, now, true)]
  const late = body && !policy ? fieldsAfterFile(headers['content-type'], body) : []
  if (late.length)
    return [
      fault('missing-field', `The ${late[0]} field followed the file. Services ignore fields after the file.`, late[0]),
    ]
  if (!policy && !REQUIRED.some((name) => form.has(name))) return [] // a form without any signature
  if (policy === undefined || policy === '')
    found.push(fault('policy-missing', 'The form did not contain a policy field before the file.', 'policy'))
  if (headers['content-type'] !== undefined && fileSize(headers['content-type'], body) === undefined)
    found.push(
      fault('missing-field', 'The form did not contain a file field, or the file was not the last field.', 'file'),
    )
  for (const name of [...REQUIRED, 'key'])
    if (!form.has(name) || (name === 'key' && form.get(name) === ''))
      found.push(fault('missing-field', `The form did not contain a ${name} field before the file.`, name))
  if (claim.algorithm !== undefined && claim.algorithm !== ALGORITHM) found.push(algorithmSymptom(claim.algorithm))
  return [
    ...found,
    ...policySymptoms(
      facts,
      now,
      found.some((each) => each.cause === 'missing-field'),
    ),
  ]
}

/** Finds problems with the policy. `isIncomplete`: fields are missing, so their conditions fail as well. */
function policySymptoms({ form, body, headers }: ParsedRequest, now: number, isIncomplete: boolean): Symptom[] {
  const policy = form?.get('policy')
  if (!form || !policy) return []
  const parsed = parsePolicy(policy)
  if (decodeBase64(policy) === undefined || 'awsCode' in parsed)
    return [fault('policy-malformed', 'The policy was not base64-encoded JSON with an expiration and conditions.')]
  if (isIncomplete || !form.get('key')) return []
  const size = fileSize(headers['content-type'], body) ?? ('deferred' as const)
  let length = 0
  for (const [name, value] of form) length += name.length + value.length
  const sent = { fields: form, length, stray: undefined, repeated: undefined, size }
  const violation = length > MAX_FORM_SIZE ? formTooLarge() : evaluatePolicy(parsed, sent, now)
  if (!violation) return []
  return [
    fault(
      POLICY_CAUSES[violation.reason],
      violation.message,
      violation.condition,
      violation.field && form.get(violation.field),
    ),
  ]
}

/** The names of signature fields that follow the file. */
function fieldsAfterFile(contentType = '', body: Uint8Array): string[] {
  const text = octetsOf(body.subarray(-65_536))
  const file = text.search(/name="file"/i)
  if (file < 0 || !/boundary=/i.test(contentType)) return []
  const names = [...text.slice(file).matchAll(/\r\nContent-Disposition: form-data; name="([\w-]{1,100})"/gi)]
  return names
    .map(([, name]) => name!)
    .filter((name) => /^(?:policy|x-amz-(?:signature|credential|date|algorithm))$/i.test(name))
}

/** The number of bytes between the header of the file part and the next boundary. */
function fileSize(contentType = '', body: Uint8Array | undefined): number | undefined {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  if (!body || (quoted ?? bare) === undefined) return undefined
  const start = /name="file"/i.exec(octetsOf(body.subarray(0, 262_144)))
  const head = start ? indexOf(body, '\r\n\r\n', start.index) : -1
  if (head < 0) return undefined
  const to = indexOf(body, `\r\n--${quoted ?? bare}`, head + 4)
  return to < 0 ? undefined : to - head - 4
}

/** Finds a string that starts with a line break in bytes. */
function indexOf(bytes: Uint8Array, text: string, from: number): number {
  for (let at = bytes.indexOf(13, from); at >= 0; at = bytes.indexOf(13, at + 1)) {
    let same = 1
    while (same < text.length && bytes[at + same] === text.charCodeAt(same)) same++
    if (same === text.length) return at
  }
  return -1
}

/** Searches for the policy, or the key, that was signed. */
export function searchForm(
  facts: ParsedRequest,
  secrets: Secrets,
  signature: string,
): readonly Difference[] | undefined {
  const policy = facts.form?.get('policy') ?? ''
  const right = deriveKey(`AWS4${secrets.secretAccessKey}`, facts.claim.scope)
  if (hmacHex(right, policy) === signature) return []
  const plain = decodeBase64(policy)
  const policies: [Cause, string | undefined][] = [
    ['tampered-policy', policy.trim()],
    ['tampered-policy', policy.replace(/\s+/g, '')],
    ['tampered-policy', policy.replaceAll(' ', '+')],
    ['tampered-policy', policy.replace(/={1,4}$/, '')],
    ['tampered-policy', policy.padEnd(Math.ceil(policy.length / 4) * 4, '=')],
    ['tampered-policy', policy.replace(/.{76}/g, '$&\n')],
    ['tampered-policy', policy.replace(/.{64}/g, '$&\n')],
    ['tampered-policy', plain],
    ['tampered-policy', plain === undefined ? undefined : encodeBase64(compact(plain))],
  ]
  for (const [cause, text] of policies)
    if (text !== undefined && text !== policy && hmacHex(right, text) === signature)
      return [{ cause, part: 'the policy', expected: text, actual: policy }]
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
