import { utf8Length } from '../../core/encoding/base64.ts'
import { wellFormed } from '../../core/encoding/utf8.ts'
import { fail } from '../../core/errors.ts'
import { SIGNING_FIELDS } from '../../core/http/headers.ts'
import { hasTag, isObject } from '../../core/kind.ts'
import type { Refusal } from '../../received/refusals.ts'
import { MAX_FORM_SIZE, MAX_KEY_SIZE, MAX_METADATA_SIZE, MAX_UPLOAD_SIZE } from '../limits.ts'
import { FILENAME, hasControls } from './conditions.ts'
import {
  type FieldCondition,
  formTooLarge,
  isExempt,
  meets,
  metadataLength,
  type Policy,
  type PolicyReason,
  type PolicyViolation,
  parsePolicy,
  printCondition,
  type SizeCondition,
  violation,
} from './policy.ts'
import { FIELD_MISSING, FILE_COUNT, FILE_LARGE, FILE_SMALL, KEY_LONG, METADATA_LARGE } from './refusals.ts'

/** The fields of a form: an object, or pairs such as those of a `FormData`. Values after `file` are ignored, as by S3. */
export type FormFields =
  | Readonly<Record<string, string | number | undefined>>
  | Iterable<readonly [name: string, value: unknown]>

/** Details of a form other than its fields. */
export interface FormDetails {
  /**
   * Size of the file in bytes; required if the policy limits it and `fields` has no file. `'deferred'`: the size is not
   * known yet, and must be checked while the file is read. @default the size of the file in `fields`
   */
  readonly size?: number | 'deferred' | undefined
  /** Content type of the file: used as the field if the policy requires one and the form has none, as `toFormData` adds it. @default none */
  readonly type?: string | undefined
  /** Name of the file, for `${filename}` in fields. @default the name of the `File` in `fields`; without either, it is not replaced */
  readonly filename?: string | undefined
  /** Bucket that the form is sent to. @default the field `bucket`; without either, conditions on it are not checked */
  readonly bucket?: string | undefined
}

/** A form as S3 reads it. */
export interface ParsedForm extends FormDetails {
  /** Values by lowercase name, with `${filename}` replaced. */
  readonly fields: ReadonlyMap<string, string>
  /** Minimum size of names and values in bytes, computed before that replacement. */
  readonly length: number
  /** A field that must be a string but is a file; `file` if there is not exactly one. */
  readonly stray: string | undefined
  /** A field that was sent more than once, also after the file, or that a form parser returned as a list. Its first value counts. */
  readonly repeated: string | undefined
}

/** Reads a form: case-insensitive names, and no values after the file. */
export function readForm(fields: FormFields, details: FormDetails): ParsedForm {
  if (!isObject(fields))
    fail('ERR_INVALID_ARG_TYPE', 'fields', 'type', 'Pass an object, a FormData, or a list of pairs.')
  const pairs = isIterable(fields) ? fields : Object.entries(fields)
  const values = new Map<string, string>()
  const names = new Set<string>()
  let file: unknown
  let fileCount = 0
  let stray: string | undefined
  let repeated: string | undefined
  for (const pair of pairs) {
    if (!Array.isArray(pair))
      fail('ERR_INVALID_ARG_TYPE', 'fields', 'type', 'Pass an object, a FormData, or a list of pairs.')
    const [name, value] = pair
    const field = fieldName(String(name))
    if (value === undefined) continue
    if (field === 'file') {
      if (fileCount++ === 0) file = value
      continue
    }
    const isRepeated = Array.isArray(value) || names.has(field)
    names.add(field)
    // after the file too: S3 ignores these fields, but an application may read the last value of a name
    if (isRepeated) repeated = field
    if (fileCount && isIterable(fields)) continue
    if (hasTag(value, 'File') || hasTag(value, 'Blob')) stray = field
    else if (isRepeated) continue
    else if (typeof value !== 'string' && typeof value !== 'number')
      fail('ERR_INVALID_ARG_TYPE', `fields[${JSON.stringify(name)}]`, 'type', 'Pass a string.')
    else values.set(field, String(value))
  }
  const { size = sizeOf(file), bucket } = details
  // form parsers return null for a file without a name or type
  const filename = details.filename ?? (file as { name?: string } | null | undefined)?.name ?? undefined
  const type = details.type ?? undefined
  if (size !== undefined && size !== 'deferred' && !(typeof size === 'number' && size >= 0))
    fail('ERR_INVALID_ARG_VALUE', 'options.size', 'invalid', "Pass the size of the file in bytes, or 'deferred'.")
  let length = filename?.length ?? 0
  for (const [field, value] of values) length += field.length + value.length
  const variables = [...values.values()].reduce((count, value) => count + value.split(FILENAME).length - 1, 0)
  length += variables * (filename?.length ?? 0) // expansion could turn a small form into megabytes
  if (length <= MAX_FORM_SIZE) for (const [field, value] of values) values.set(field, expandFilename(value, filename))
  // a FormData is a complete form, so it must contain exactly one file
  if (fileCount > 1 || (fileCount === 0 && hasTag(fields, 'FormData'))) stray ??= 'file'
  return { fields: values, length, stray, repeated, size, type, filename, bucket }
}

/** Lowercases ASCII letters only: some other letters, such as U+212A, have an ASCII lower case. */
function fieldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Returns the size of a file in bytes; a string is sent as UTF-8. */
function sizeOf(file: unknown): number | undefined {
  if (typeof file === 'string') return utf8Length(wellFormed(file))
  const { size, byteLength } = (file ?? {}) as { size?: number; byteLength?: number }
  return size ?? byteLength
}

function isIterable(fields: FormFields): fields is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in fields
}

/** Replaces `${filename}` with the last part of the file's name, as S3 does before it evaluates the policy. */
function expandFilename(value: string, filename: string | undefined): string {
  return filename === undefined ? value : value.split(FILENAME).join(filename.replace(/^.*[/\\]/s, ''))
}

/** Parses a policy and evaluates it against a form, as S3 does. The signature is not checked. */
export function checkPolicy(policy: unknown, form: ParsedForm, now: number): PolicyViolation | undefined {
  const parsed = parsePolicy(policy)
  return checkFields(form) ?? ('reason' in parsed ? parsed : evaluatePolicy(parsed, form, now))
}

/** Checks a form before its policy is evaluated. */
export function checkFields({ fields, length, stray, repeated }: ParsedForm): PolicyViolation | undefined {
  if (length > MAX_FORM_SIZE) return formTooLarge()
  if (stray !== undefined) return violation('form', FILE_COUNT, { ArgumentName: 'file', ArgumentValue: '0' }, stray)
  for (const [name, value] of fields) if (hasControls('', name) || hasControls(name, value)) return unprintable(name)
  if (repeated !== undefined && hasControls('', repeated)) return unprintable(repeated)
  if (repeated !== undefined) return badArgument(repeated, `The field '${repeated}' must be sent only once.`)
  if (!fields.get('key')) return missing('key')
  const required = ['policy', ...SIGNING_FIELDS]
  const [absent, ...others] = required.filter((name) => !fields.has(name.toLowerCase()))
  const isUnsigned = others.length === SIGNING_FIELDS.length
  return absent === undefined || isUnsigned ? undefined : missing(absent)
}

/** Evaluates a policy against a form that passed {@link checkFields}. */
export function evaluatePolicy(policy: Policy, form: ParsedForm, now: number): PolicyViolation | undefined {
  const { fields, size, type, bucket } = form
  const { expiration, conditions } = policy
  if (!(now <= expiration)) return denied('expired', 'Policy expired.')
  const covered = new Set(conditions.flatMap((condition) => ('name' in condition ? fieldName(condition.name) : [])))
  covered.delete('') // a condition that does not apply to a field
  for (const field of fields.keys())
    if (!covered.has(field) && !isExempt(field)) return denied('extra-field', `Extra input fields: ${field}`, { field })
  const values = new Map(fields)
  const named = fields.get('bucket')
  if (bucket !== undefined && named !== undefined && named !== bucket)
    return checkField({ operator: 'eq', name: 'bucket', value: bucket }, fields)
  if (bucket !== undefined) values.set('bucket', bucket)
  if (type !== undefined && !values.has('content-type')) values.set('content-type', type)
  for (const condition of conditions) {
    const unmet = 'name' in condition ? checkField(condition, values) : checkSize(condition, size)
    if (unmet) return unmet
  }
  if (!covered.has('bucket')) return denied('extra-field', 'Extra input fields: bucket', { field: 'bucket' })
  return checkLimits(fields, typeof size === 'number' ? size : 0)
}

function checkLimits(fields: ReadonlyMap<string, string>, size: number): PolicyViolation | undefined {
  const metadata = metadataLength(fields)
  const key = utf8Length(fields.get('key')!)
  if (metadata > MAX_METADATA_SIZE)
    return limit('form', METADATA_LARGE, { Size: metadata, MaxSizeAllowed: MAX_METADATA_SIZE })
  if (key > MAX_KEY_SIZE)
    return { ...limit('form', KEY_LONG, { Size: key, MaxSizeAllowed: MAX_KEY_SIZE }), field: 'key' }
  return size > MAX_UPLOAD_SIZE ? fileTooLarge(size, MAX_UPLOAD_SIZE) : undefined
}

function limit(reason: PolicyReason, refusal: Refusal, numbers: Readonly<Record<string, number>>): PolicyViolation {
  const details = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number)]))
  return violation(reason, refusal, details)
}

function fileTooLarge(size: number, max: number): PolicyViolation {
  return limit('too-large', FILE_LARGE, { ProposedSize: size, MaxSizeAllowed: max })
}

function checkField(condition: FieldCondition, values: ReadonlyMap<string, string>): PolicyViolation | undefined {
  const field = fieldName(condition.name)
  const value = values.get(field)
  if (value === undefined ? field === 'bucket' : meets(condition, value)) return undefined
  const printed = printCondition(condition)
  return denied('condition', `Policy Condition failed: ${printed}`, { condition: printed, ...(field && { field }) })
}

function checkSize(condition: SizeCondition, size: FormDetails['size']): PolicyViolation | undefined {
  if (size === 'deferred') return undefined
  if (size === undefined)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.size',
      'missing',
      "The policy limits the size of the file. Pass it, or 'deferred' to check it later.",
    )
  const { min, max } = condition
  if (size >= min && size <= max) return undefined
  const exceeded =
    size > max ? fileTooLarge(size, max) : limit('too-small', FILE_SMALL, { ProposedSize: size, MinSizeAllowed: min })
  return { ...exceeded, condition: printCondition(condition) }
}

function denied(reason: PolicyReason, message: string, location: Partial<PolicyViolation> = {}): PolicyViolation {
  return {
    reason,
    awsCode: 'AccessDenied',
    status: 403,
    message: `Invalid according to Policy: ${message}`,
    ...location,
    details: {},
  }
}

function unprintable(name: string): PolicyViolation {
  return badArgument(name, 'A field contains a control character or a lone surrogate.')
}

function missing(name: string): PolicyViolation {
  return violation('missing-field', FIELD_MISSING, { ArgumentName: name, ArgumentValue: '' }, name.toLowerCase())
}

function badArgument(name: string, message: string): PolicyViolation {
  const details = { ArgumentName: name, ArgumentValue: '' }
  return { reason: 'form', awsCode: 'InvalidArgument', status: 400, message, field: name, details }
}

/** Returns the policy from the fields of a form; anything else unchanged. */
export function policyOf(policy: unknown): unknown {
  if (!isObject(policy) || 'conditions' in policy || 'expiration' in policy) return policy
  return readForm(policy as FormFields, {}).fields.get('policy')
}
