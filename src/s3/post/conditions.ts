import { fail } from '../../core/errors.ts'
import { MAX_UPLOAD_SIZE } from '../limits.ts'
import { type Condition, type FieldCondition, meets, parseCondition, type SizeCondition } from './policy.ts'

/** An additional policy condition, as S3's documentation writes it. */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly [operator: 'eq' | 'starts-with', field: `$${string}`, value: string]
  | readonly [operator: 'content-length-range', min: number, max: number]

/** A form field. */
export type Field = readonly [name: string, value: string]

/** S3 replaces this with the name of the file, in every field, before it evaluates the policy. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
export const FILENAME = '${filename}'

/** Returns the condition that a field has exactly this value. */
export function fieldCondition([name, value]: Field): FieldCondition {
  return { operator: 'eq', name, value }
}

/** Returns whether a field can have this name: forms send it unchanged, and it can become a header name and a property. */
export function isFieldName(name: string): boolean {
  return /^[!#%&'*+.^`|~\w-]+$/.test(name) && name !== '__proto__'
}

/**
 * Returns whether the value of a field contains a control character other than a tab, which could end a header or act
 * on a terminal, or a lone surrogate. A policy and tags, which are base64 and XML, can have line breaks.
 */
export function hasControls(field: string, value: string): boolean {
  if (/^[ -~]*$/.test(value)) return false // most values, in a fraction of the time
  if (/^(?:policy|tagging)$/.test(field)) value = value.replace(/[\r\n]/g, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  return /[\0-\x08\n-\x1f\x7f\ud800-\udfff]/u.test(value)
}

/** Throws for the value of a field, or of a condition on it, that the sender could choose or a form would change. */
export function checkFormString(argument: string, value: unknown, field: string): asserts value is string {
  if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', 'Pass a string.')
  if (value.includes(FILENAME))
    fail(
      'ERR_INVALID_ARG_VALUE',
      argument,
      'invalid',
      `Omit ${FILENAME}: the sender chooses it. Pass a prefix or a condition instead.`,
    )
  if (/[\r\n]/.test(field === 'tagging' ? value.replaceAll('\r\n', '') : value))
    fail('ERR_INVALID_ARG_VALUE', argument, 'unsendable', 'Omit line breaks. Only tagging can have them, as \\r\\n.')
  if (hasControls(field, value))
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'It contains a control character or a lone surrogate.')
  if (field === 'content-type' && value.endsWith('/*'))
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', `Omit *: options.contentTypePrefix is '${value.slice(0, -1)}'.`)
}

export function readRange(argument: string, range: unknown): SizeCondition {
  const [min, max] = Array.isArray(range) ? range : []
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0 || min > max)
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'Pass [min, max] in whole bytes.')
  if (min > MAX_UPLOAD_SIZE) fail('ERR_INVALID_ARG_VALUE', argument, 'range', 'S3 accepts files of up to 5 GiB.')
  return { operator: 'content-length-range', min, max }
}

export function readConditions(given: readonly PostCondition[] | undefined): Condition[] {
  if (given !== undefined && !Array.isArray(given))
    fail('ERR_INVALID_ARG_TYPE', 'options.conditions', 'type', "Pass a list: [['starts-with', '$x-amz-meta-tag', '']].")
  return (given ?? []).map((item: unknown, i) => {
    const argument = `options.conditions[${i}]`
    const condition = parseCondition(item)
    if (typeof condition === 'string') fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', condition)
    if (condition.operator === 'content-length-range') return readRange(argument, [condition.min, condition.max])
    if (!isFieldName(condition.name) || /^(?:file|policy|x-amz-signature)$/i.test(condition.name))
      fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', "Pass a field that a policy can check, such as '$key'.")
    checkFormString(argument, condition.value, condition.name.toLowerCase())
    return condition
  })
}

/** Returns a condition that is met if and only if both are; `undefined` if no field value or file size meets both. */
function stricter(one: Condition, other: Condition): Condition | undefined {
  if (one.operator === 'content-length-range' || other.operator === 'content-length-range') {
    if (!('min' in one && 'min' in other)) return one // of different fields
    const min = Math.max(one.min, other.min)
    const max = Math.min(one.max, other.max)
    return min <= max ? { operator: one.operator, min, max } : undefined
  }
  if (other.operator !== 'eq' && meets(other, one.value)) return one
  return (one.operator !== 'eq' || other.operator === 'eq') && meets(one, other.value) ? other : undefined
}

/** Throws if an added condition contradicts a field or an earlier condition. */
export function checkContradictions(
  conditions: readonly Condition[],
  added: readonly Condition[],
  fields: readonly Field[],
): void {
  if (!added.length) return
  const strictest = new Map<string, Condition | undefined>()
  for (const condition of added) strictest.set(subject(condition), undefined)
  const add = (condition: Condition): boolean => {
    const field = subject(condition)
    if (!strictest.has(field)) return true
    const known = strictest.get(field)
    const both = known ? stricter(known, condition) : condition
    if (both) strictest.set(field, both)
    return both !== undefined
  }
  for (const condition of conditions) add(condition)
  for (const field of fields) add(fieldCondition(field))
  for (const [i, condition] of added.entries())
    if (!add(condition))
      fail(
        'ERR_INVALID_ARG_VALUE',
        `options.conditions[${i}]`,
        'mismatch',
        'It contradicts a field or another condition.',
      )
}

/** Returns the field that a condition is about, in lowercase; `''` for the size of the file. */
function subject(condition: Condition): string {
  return 'name' in condition ? condition.name.toLowerCase() : ''
}
