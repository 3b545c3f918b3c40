import { isA, isObject } from './body.ts'
import { FILENAME } from './conditions.ts'
import { fail } from './errors.ts'
import {
  type FieldCondition,
  formTooLarge,
  isExempt,
  MAX_FILE,
  MAX_FORM,
  MAX_METADATA,
  meets,
  metadataLength,
  type PostRefusal,
  parsePolicy,
  printCondition,
  type SizeCondition,
  sentLength,
} from './policy.ts'

/** The fields of a form: an object, or pairs such as those of a `FormData`. What comes behind `file` S3 ignores. */
export type FormFields =
  | Readonly<Record<string, string | number | undefined>>
  | Iterable<readonly [name: string, value: unknown]>

/** What there is to know about a form besides its fields. */
export interface FormFacts {
  /**
   * Size of the file in bytes; required if the policy limits it and `fields` has no file. `'deferred'`: the size is not
   * known yet, and whoever reads the file must check it. @default the size of the file in `fields`
   */
  readonly size?: number | 'deferred' | undefined
  /** Content type of the file: counts as the field where the policy wants one and the form has none, as `toFormData` adds it. @default none */
  readonly type?: string | undefined
  /** Name of the file, for `${filename}` in fields. @default the name of the `File` in `fields`; without either, it is not replaced */
  readonly filename?: string | undefined
  /** Bucket that the form is sent to. @default the field `bucket`; without either, conditions on it are not checked */
  readonly bucket?: string | undefined
}

/** A form as S3 reads it. */
export interface ReadForm extends FormFacts {
  /** Values by lower-case name, `${filename}` replaced. */
  readonly fields: ReadonlyMap<string, string>
  /** What names and values weigh at least, in bytes, before that. */
  readonly length: number
  /** A field that should be text and is a file; `file` if there is not exactly one. */
  readonly stray: string | undefined
  /** A field that a parser of forms read into a list, because it came more than once. */
  readonly repeated: string | undefined
}

/** Fields without which S3 takes no signed form, as it names them. */
const REQUIRED = ['policy', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature']

/** Reads a form: names without case, fields of one name joined by a comma, nothing from behind the file. */
export function readForm(fields: FormFields, facts: FormFacts): ReadForm {
  if (!isObject(fields)) fail('ERR_INVALID_ARG_TYPE', 'fields must be an object, or pairs such as those of a FormData')
  const pairs = isIterable(fields) ? fields : Object.entries(fields)
  const values = new Map<string, string>()
  let file: unknown
  let fileCount = 0
  let stray: string | undefined
  let repeated: string | undefined
  for (const [name, value] of pairs) {
    const field = fieldName(String(name))
    if (value === undefined) continue
    if (field === 'file') {
      if (fileCount++ === 0) file = value
    } else if (fileCount && isIterable(fields)) continue
    else if (isA(value, 'File') || isA(value, 'Blob')) stray = field
    else if (Array.isArray(value)) repeated = field
    else if (typeof value !== 'string' && typeof value !== 'number')
      fail('ERR_INVALID_ARG_TYPE', `fields[${JSON.stringify(name)}] must be a string`)
    else values.set(field, values.has(field) ? `${values.get(field)},${value}` : String(value))
  }
  const { size = sizeOf(file), filename = (file as { name?: string } | undefined)?.name, type, bucket } = facts
  if (size !== undefined && size !== 'deferred' && !(typeof size === 'number' && size >= 0))
    fail('ERR_INVALID_ARG_VALUE', "options.size must be the size of the file in bytes, or 'deferred'")
  let length = filename?.length ?? 0
  for (const [field, value] of values) length += field.length + value.length
  const variables = [...values.values()].reduce((count, value) => count + value.split(FILENAME).length - 1, 0)
  length += variables * (filename?.length ?? 0) // which would make megabytes of a small form
  if (length <= MAX_FORM) for (const [field, value] of values) values.set(field, expandFilename(value, filename))
  // of a whole form it is known which file the reader will take
  if (fileCount > 1 || (fileCount === 0 && isA(fields, 'FormData'))) stray ??= 'file'
  return { fields: values, length, stray, repeated, size, type, filename, bucket }
}

/** The name of a field regardless of ASCII case. There are letters beyond ASCII whose lower case is in it, such as U+212A. */
function fieldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The size of a file in bytes. One that is sent as text has its UTF-8. */
function sizeOf(file: unknown): number | undefined {
  if (typeof file === 'string') return sentLength(file)
  const { size, byteLength } = (file ?? {}) as { size?: number; byteLength?: number }
  return size ?? byteLength
}

function isIterable(fields: FormFields): fields is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in fields
}

/** S3 puts the last part of the file's name wherever a field says `${filename}`, before it looks at the policy. */
function expandFilename(value: string, filename: string | undefined): string {
  return filename === undefined ? value : value.split(FILENAME).join(filename.replace(/^.*[/\\]/s, ''))
}

/**
 * Evaluates a policy against a form as S3 does. The signature is not looked at.
 *
 * @param policy - Base64 or JSON, as text, or what JSON gives.
 * @returns Nothing if S3 takes the form, else its answer.
 */
export function checkPolicy(
  policy: unknown,
  form: FormFields,
  facts: FormFacts & { readonly now: number },
): PostRefusal | undefined {
  const { fields, length, stray, repeated, size, type, bucket } = readForm(form, facts)
  if (length > MAX_FORM) return formTooLarge()
  if (stray !== undefined) return badArgument('file', '0', 'POST requires exactly one file upload per request.', stray)
  if (repeated !== undefined) return badArgument(repeated, '', `The field '${repeated}' must be sent once.`, repeated)
  if (!fields.get('key')) return missing('key')
  if (REQUIRED.some((name) => fields.has(name.toLowerCase())))
    for (const name of REQUIRED) if (!fields.has(name.toLowerCase())) return missing(name)
  const parsed = parsePolicy(policy)
  if ('awsCode' in parsed) return parsed
  const { expiration, conditions } = parsed
  if (!(facts.now <= expiration)) return denied('Policy expired.')
  const covered = new Set(conditions.flatMap((condition) => ('name' in condition ? fieldName(condition.name) : [])))
  covered.delete('') // of a condition on something else than a field
  for (const field of fields.keys())
    if (!covered.has(field) && !isExempt(field)) return denied(`Extra input fields: ${field}`, { field })
  const values = new Map(fields)
  const named = fields.get('bucket')
  if (bucket !== undefined && named !== undefined && named !== bucket)
    return checkField({ operator: 'eq', name: 'bucket', value: bucket }, fields)
  if (bucket !== undefined) values.set('bucket', bucket)
  if (type !== undefined && !values.has('content-type')) values.set('content-type', type)
  for (const condition of conditions) {
    const refusal = 'name' in condition ? checkField(condition, values) : checkSize(condition, size)
    if (refusal) return refusal
  }
  if (!covered.has('bucket')) return denied('Extra input fields: bucket', { field: 'bucket' })
  return checkLimits(fields, typeof size === 'number' ? size : 0)
}

/** What S3 takes of no form, whatever its policy says. */
function checkLimits(fields: ReadonlyMap<string, string>, size: number): PostRefusal | undefined {
  const [key, metadata] = [sentLength(fields.get('key')!), metadataLength(fields)]
  if (key > 1024)
    return { ...tooLarge('KeyTooLongError', 'Your key is too long', { Size: key, MaxSizeAllowed: 1024 }), field: 'key' }
  if (metadata > MAX_METADATA)
    return tooLarge('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: metadata,
      MaxSizeAllowed: MAX_METADATA,
    })
  return size > MAX_FILE ? fileTooLarge(size, MAX_FILE) : undefined
}

function tooLarge(awsCode: string, message: string, numbers: Readonly<Record<string, number>>): PostRefusal {
  const details = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number)]))
  return { awsCode, status: 400, message, details }
}

function fileTooLarge(size: number, max: number): PostRefusal {
  const message = 'Your proposed upload exceeds the maximum allowed size'
  return tooLarge('EntityTooLarge', message, { ProposedSize: size, MaxSizeAllowed: max })
}

function checkField(condition: FieldCondition, values: ReadonlyMap<string, string>): PostRefusal | undefined {
  const field = fieldName(condition.name)
  const value = values.get(field)
  if (value === undefined ? field === 'bucket' : meets(condition, value)) return undefined
  const text = printCondition(condition)
  return denied(`Policy Condition failed: ${text}`, { condition: text, ...(field && { field }) })
}

function checkSize(condition: SizeCondition, size: FormFacts['size']): PostRefusal | undefined {
  if (size === 'deferred') return undefined
  if (size === undefined)
    fail(
      'ERR_INVALID_ARG_VALUE',
      "options.size is missing, and the policy limits the size of the file. Pass it, or 'deferred' to check it later.",
    )
  const { min, max } = condition
  if (size >= min && size <= max) return undefined
  const refusal =
    size > max
      ? fileTooLarge(size, max)
      : tooLarge('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
          ProposedSize: size,
          MinSizeAllowed: min,
        })
  return { ...refusal, condition: printCondition(condition) }
}

function denied(message: string, where: Partial<PostRefusal> = {}): PostRefusal {
  return {
    awsCode: 'AccessDenied',
    status: 403,
    message: `Invalid according to Policy: ${message}`,
    ...where,
    details: {},
  }
}

function missing(name: string): PostRefusal {
  const message = `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`
  return badArgument(name, '', message, name.toLowerCase())
}

function badArgument(ArgumentName: string, ArgumentValue: string, message: string, field: string): PostRefusal {
  return { awsCode: 'InvalidArgument', status: 400, message, field, details: { ArgumentName, ArgumentValue } }
}

/** The policy among the fields of a form; anything else as it is. */
export function policyOf(policy: unknown): unknown {
  if (!isObject(policy) || 'conditions' in policy || 'expiration' in policy) return policy
  return readForm(policy as FormFields, {}).fields.get('policy')
}
