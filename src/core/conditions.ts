import { fail } from './errors.ts'
import { type Condition, type FieldCondition, MAX_FILE, meets, parseCondition, type SizeCondition } from './policy.ts'

/** A further condition of the policy, as S3's documentation writes it. */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly [operator: 'eq' | 'starts-with', field: `$${string}`, value: string]
  | readonly [operator: 'content-length-range', min: number, max: number]

/** A field of a form. */
export type Field = readonly [name: string, value: string]

/** What S3 replaces, in every field, by the name of the file: before it looks at the policy. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
export const FILENAME = '${filename}'

/** The condition that a field's own value asks for: what comes behind the variable nobody knows. */
export function fieldCondition([name, value]: Field): FieldCondition {
  const at = value.indexOf(FILENAME)
  return at < 0 ? { operator: 'eq', name, value } : { operator: 'starts-with', name, value: value.slice(0, at) }
}

/** Whether a field can have this name: one that forms send as it is, and that is a header's where the field becomes one. */
export function isFieldName(name: string): boolean {
  return /^[!#%&'*+.^`|~\w-]+$/.test(name)
}

/** Throws for text that a form would send as other text. */
export function checkText(where: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', `${where} must be a string`)
  if (/^[ -~]*$/.test(value)) return
  if (/[\ud800-\udfff]/u.test(value))
    fail('ERR_INVALID_ARG_VALUE', `${where} has a lone surrogate, which has no UTF-8 form: pass text.toWellFormed()`)
  if (/[\r\n]/.test(value.replaceAll('\r\n', '')))
    fail('ERR_INVALID_ARG_VALUE', `${where} has a line break that forms send as \\r\\n: write it so, or leave it out`)
}

/** Throws for a value to compare with that has the variable: by then no field has it any more. */
export function checkFixed(where: string, value: string): void {
  if (value.includes(FILENAME))
    fail('ERR_INVALID_ARG_VALUE', `${where} must end before ${FILENAME}, which S3 replaces before it compares`)
}

/** A condition on the size that some file can meet. */
export function readRange(where: string, range: unknown): SizeCondition {
  const [min, max] = Array.isArray(range) ? range : []
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0 || min > max)
    fail('ERR_INVALID_ARG_VALUE', `${where} must have whole bytes, 0 <= min <= max`)
  if (min > MAX_FILE) fail('ERR_INVALID_ARG_VALUE', `${where} must start at 5 GiB at most, the largest file of a form`)
  return { operator: 'content-length-range', min, max }
}

/** Reads `conditions`. */
export function readConditions(given: readonly PostCondition[] | undefined): Condition[] {
  if (given !== undefined && !Array.isArray(given))
    fail('ERR_INVALID_ARG_TYPE', "options.conditions must be a list like [['starts-with', '$x-amz-meta-tag', '']]")
  return (given ?? []).map((item: unknown, i) => {
    const where = `options.conditions[${i}]`
    const condition = parseCondition(item)
    if (typeof condition === 'string') fail('ERR_INVALID_ARG_VALUE', `${where} is no condition. ${condition}`)
    if (condition.operator === 'content-length-range') return readRange(where, [condition.min, condition.max])
    if (!isFieldName(condition.name) || /^(?:file|policy|x-amz-signature)$/i.test(condition.name))
      fail('ERR_INVALID_ARG_VALUE', `${where} must be for a field that a policy can check, like '$key'`)
    checkText(where, condition.value)
    checkFixed(where, condition.value)
    return condition
  })
}

/** Whether some value, of a field or of the size, meets both conditions. */
function areCompatible(one: Condition, other: Condition): boolean {
  if (one.operator === 'content-length-range' || other.operator === 'content-length-range')
    return (
      one.operator !== other.operator ||
      !('min' in one && 'min' in other) ||
      (one.min <= other.max && other.min <= one.max)
    )
  if (one.name.toLowerCase() !== other.name.toLowerCase()) return true
  if (one.operator === 'eq') return meets(other, one.value)
  return meets(one, other.value) || (other.operator !== 'eq' && meets(other, one.value))
}

/** Throws for an added condition that contradicts a field, or a condition before it. */
export function checkContradictions(
  conditions: readonly Condition[],
  added: readonly Condition[],
  fields: readonly Field[],
): void {
  if (!added.length) return
  const known = [...conditions, ...fields.map(fieldCondition)]
  for (const [i, condition] of added.entries()) {
    const subject = 'name' in condition ? `$${condition.name}` : condition.operator
    if (!known.every((other) => areCompatible(condition, other)))
      fail('ERR_INVALID_ARG_VALUE', `options.conditions[${i}] cannot be met: something else is wanted of ${subject}`)
    known.push(condition)
  }
}
