import { decodeBase64 } from '../../../../../src/internal/encoding.ts'
import { SIGNING_FIELDS } from '../../../../../src/internal/http.ts'
import {
  evaluatePolicy,
  formTooLarge,
  MAX_FORM_SIZE,
  type PolicyReason,
  parsePolicy,
} from '../../../../../src/internal/s3.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, fault } from '../model/clue.ts'
import { boundaryOf, type ParsedRequest } from '../request/facts.ts'
import { octetsOf } from '../request/octets.ts'
import { algorithmFaults } from './claim.ts'

// Forms: the policy is signed, and every field must meet its conditions.

const REQUIRED = /* @__PURE__ */ SIGNING_FIELDS.map((name) => name.toLowerCase())

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

/** Returns the faults of a form, at a time in epoch milliseconds. */
export function* formFaults(facts: ParsedRequest, now: number): Iterable<Clue> {
  const { form, body, headers } = facts
  if (!form) return
  const policy = form.get('policy')
  if (form.has('awsaccesskeyid') && form.has('signature')) {
    yield fault('signature-v2', 'The form was signed with Signature Version 2.')
    return yield* policyFaults(facts, now, false)
  }
  const late = body && !policy ? fieldAfterFile(headers['content-type'], body) : undefined
  if (late !== undefined)
    return yield missingField(`The ${late} field followed the file. Services ignore fields after the file.`, late)
  if (!policy && !REQUIRED.some((name) => form.has(name))) return // a form without any signature
  if (!policy)
    yield fault('policy-missing', 'The form did not contain a policy field before the file.', { expected: 'policy' })
  const isFileMissing = headers['content-type'] !== undefined && fileSize(headers['content-type'], body) === undefined
  if (isFileMissing)
    yield missingField('The form did not contain a file field, or the file was not the last field.', 'file')
  const missing = [...REQUIRED, 'key'].filter((name) => !form.has(name) || (name === 'key' && form.get(name) === ''))
  for (const name of missing) yield missingField(`The form did not contain a ${name} field before the file.`, name)
  yield* algorithmFaults(facts)
  yield* policyFaults(facts, now, !isFileMissing && missing.length === 0)
}

function missingField(message: string, name: string): Clue {
  return fault('missing-field', message, { part: { of: 'field', name }, expected: name })
}

/** Returns the faults of the policy, and the first condition that is not met. Without all fields, others fail as well. */
function* policyFaults({ form, body, headers }: ParsedRequest, now: number, isComplete: boolean): Iterable<Clue> {
  const policy = form?.get('policy')
  if (!form || !policy) return
  const parsed = parsePolicy(policy)
  if (decodeBase64(policy) === undefined)
    return yield fault('policy-malformed', 'The policy was not encoded in base64.')
  if ('awsCode' in parsed) return yield fault('policy-malformed', `S3 cannot read the policy. ${parsed.message}`)
  if (!isComplete || !form.get('key')) return
  const size = fileSize(headers['content-type'], body) ?? 'deferred'
  let length = 0
  for (const [name, value] of form) length += name.length + value.length
  const sent = { fields: form, length, stray: undefined, repeated: undefined, size }
  const violation = length > MAX_FORM_SIZE ? formTooLarge() : evaluatePolicy(parsed, sent, now)
  if (!violation) return
  const { field } = violation
  yield fault(POLICY_CAUSES[violation.reason], violation.message, {
    expected: violation.condition,
    ...(field && { part: { of: 'field', name: field }, actual: form.get(field) }),
  })
}

/** The name of the first signature field that follows the file. */
function fieldAfterFile(contentType: string | undefined, body: Uint8Array): string | undefined {
  const text = octetsOf(body.subarray(-65_536))
  const file = text.search(/name="file"/i)
  if (file < 0 || boundaryOf(contentType) === undefined) return undefined
  const field = /\r\nContent-Disposition: form-data; name="(policy|x-amz-(?:signature|credential|date|algorithm))"/i
  return field.exec(text.slice(file))?.[1]
}

/** The number of bytes between the header of the file part and the next boundary; `deferred` if the evidence ends before that. */
function fileSize(contentType: string | undefined, body: Uint8Array | undefined): number | 'deferred' | undefined {
  const boundary = boundaryOf(contentType)
  if (!body || boundary === undefined) return undefined
  const start = /name="file"/i.exec(octetsOf(body.subarray(0, 262_144)))
  const head = start ? indexOf(body, '\r\n\r\n', start.index) : -1
  if (head < 0) return undefined
  const to = indexOf(body, `\r\n--${boundary}`, head + 4)
  return to < 0 ? 'deferred' : to - head - 4
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
