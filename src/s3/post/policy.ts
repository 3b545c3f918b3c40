import { decodeBase64, utf8Length } from '../../core/encoding/base64.ts'
import { fillIn } from '../../core/errors.ts'
import { isObject } from '../../core/kind.ts'
import type { Refusal } from '../../received/refusals.ts'
import { MAX_FORM_SIZE } from '../limits.ts'
import { FORM_LARGE } from './refusals.ts'

/** A condition that a form field equals or starts with a value. */
export interface FieldCondition {
  readonly operator: 'eq' | 'starts-with'
  /** Name of the field as written in the policy; empty if no form can have such a field. */
  readonly name: string
  readonly value: string
  /** The field as the policy writes it, if not `$name`. */
  readonly reference?: string
}

/** Limits for the size of the file in bytes. */
export interface SizeCondition {
  readonly operator: 'content-length-range'
  readonly min: number
  readonly max: number
}

export type Condition = FieldCondition | SizeCondition

export interface Policy {
  /** Epoch milliseconds. */
  readonly expiration: number
  readonly conditions: readonly Condition[]
}

/** The reason for rejecting a form. */
export type PolicyReason =
  | 'encoding'
  | 'document'
  | 'expired'
  | 'missing-field'
  | 'extra-field'
  | 'condition'
  | 'too-small'
  | 'too-large'
  | 'form'

/** S3's reason for rejecting a form, and its response. */
export interface PolicyViolation {
  /**
   * `'encoding'`: the policy is not a base64-encoded JSON object; `'document'`: it is not a valid policy; `'expired'`;
   * `'missing-field'`; `'extra-field'`: a field without a condition; `'condition'`: a field does not meet a condition;
   * `'too-small'` or `'too-large'`: the file; `'form'`: anything else that S3 does not accept.
   */
  readonly reason: PolicyReason
  /** S3's error code, `'AccessDenied'`, `'EntityTooLarge'`. */
  readonly awsCode: string
  /** HTTP status. */
  readonly status: number
  readonly message: string
  /** The condition that is not met, as S3 prints it: `["starts-with", "$key", "user/"]`. */
  readonly condition?: string
  /** The field that is missing, has no condition, does not meet its condition, or is not accepted. */
  readonly field?: string
  /** Elements of the response other than code and message. */
  readonly details: Readonly<Record<string, string>>
}

/** Returns whether a field needs no condition. */
export function isExempt(field: string): boolean {
  return /^(?:file|policy|x-amz-signature|x-ignore-.*)$/.test(field)
}

/** Returns the size in bytes of the metadata in fields: names without `x-amz-meta-`, and values. */
export function metadataLength(fields: Iterable<readonly [name: string, value: string]>): number {
  let length = 0
  for (const [name, value] of fields) if (/^x-amz-meta-/i.test(name)) length += name.length - 11 + utf8Length(value)
  return length
}

function quote(string: string): string {
  if (/^[ !#-[\]-~]*$/.test(string)) return `"${string}"`
  return JSON.stringify(string).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${(0x10000 + character.charCodeAt(0)).toString(16).slice(1)}`,
  )
}

/** Formats a value as JSON in ASCII, with `$` escaped as S3 requires. */
function quoteValue(value: string): string {
  const quoted = quote(value)
  return quoted.includes('$') ? quoted.replaceAll('$', '\\u0024') : quoted
}

/** Formats a policy as JSON in ASCII. */
export function formatPolicy({ expiration, conditions }: Policy): string {
  let list = ''
  for (const condition of conditions) {
    if (list) list += ','
    if (condition.operator === 'content-length-range')
      list += `["content-length-range",${condition.min},${condition.max}]`
    else if (condition.operator === 'eq') list += `{${quote(condition.name)}:${quoteValue(condition.value)}}`
    else list += `["starts-with",${quote(`$${condition.name}`)},${quoteValue(condition.value)}]`
  }
  return `{"expiration":"${new Date(expiration).toISOString()}","conditions":[${list}]}`
}

/** Formats a condition as S3 prints it; the value of a secret field is hidden. */
export function printCondition(condition: Condition): string {
  if (condition.operator === 'content-length-range')
    return `["content-length-range", ${condition.min}, ${condition.max}]`
  const { operator, name, value, reference = `$${name}` } = condition
  const shown = /^x-amz-(?:(?:security|s3session)-token|.*-customer-key)$/i.test(name) ? '…' : value
  return `[${[operator, reference, shown].map((part) => JSON.stringify(part)).join(', ')}]`
}

function parseJson(string: string): unknown {
  try {
    return JSON.parse(toJson(string))
  } catch {
    return undefined
  }
}

/** Parses a policy: base64, JSON, or a parsed document. */
export function parsePolicy(policy: unknown): Policy | PolicyViolation {
  let document = policy
  if (typeof policy === 'string') {
    if (policy.length > MAX_FORM_SIZE) return formTooLarge()
    const string = policy.trim().startsWith('{') ? policy : decodeBase64(policy)
    if (string === undefined) return invalid('invalid Base64 encoding.', 'encoding')
    if (!string.trim()) return invalid("Expecting '{' but found End-of-Input", 'encoding')
    document = parseJson(string)
  }
  if (!isObject(document)) return invalid('Invalid JSON.', 'encoding')
  if (Array.isArray(document)) return invalid('Invalid JSON.')
  const { expiration, conditions } = document as { expiration?: unknown; conditions?: unknown }
  if (!Object.hasOwn(document, 'expiration')) return invalid('Policy missing expiration.')
  if (!Object.hasOwn(document, 'conditions')) return invalid('Policy missing conditions.')
  for (const name of Object.keys(document))
    if (name !== 'expiration' && name !== 'conditions') return invalid(`Unexpected: '${name}'`)
  if (!Array.isArray(conditions)) return invalid("Invalid 'conditions' value: must be a List.")
  if (typeof expiration !== 'string') return invalid('Invalid JSON.')
  const time = parseExpiration(expiration)
  if (time === undefined) return invalid(`Invalid 'expiration' value: '${expiration}'`)
  const parsed: Condition[] = []
  for (const item of conditions) {
    const condition = parseCondition(item)
    if (typeof condition === 'string') return invalid(condition)
    parsed.push(condition)
  }
  return { expiration: time, conditions: parsed }
}

/** Replaces two escapes that S3 documents but JSON does not have: `\$` and `\v`. */
function toJson(string: string): string {
  return string.replace(/\\(.)/gs, (match, mark) => (mark === '$' ? mark : mark === 'v' ? '\\u000b' : match))
}

/** Parses a condition; returns S3's message, a string, if it is invalid. */
export function parseCondition(item: unknown): Condition | string {
  if (!isObject(item)) return 'Invalid condition test: must be a List or Object.'
  if (!Array.isArray(item)) {
    const [[name, value] = [], ...more] = Object.entries(item)
    if (name === undefined || more.length)
      return 'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.'
    return typeof value === 'string'
      ? { operator: 'eq', name, value }
      : 'Invalid Simple-Condition: value must be a string.'
  }
  const [given, first, second] = item
  if (!item.length) return 'Invalid Condition: missing operation identifier.'
  if (typeof given !== 'string') return 'Invalid JSON.'
  const operator = given.toLowerCase() // S3 ignores case
  if (operator !== 'eq' && operator !== 'starts-with' && operator !== 'content-length-range')
    return `Invalid Condition: unknown operation '${given}'.`
  if (item.length !== 3) return `Invalid ${operator}: wrong number of arguments.`
  if (operator === 'content-length-range') {
    const min = parseInteger(first)
    const max = parseInteger(second)
    return min === undefined || max === undefined ? 'Invalid JSON.' : { operator, min, max }
  }
  if (typeof first !== 'string' || (typeof second !== 'string' && typeof second !== 'number')) return 'Invalid JSON.'
  return first.startsWith('$')
    ? { operator, name: first.slice(1), value: String(second) }
    : { operator, name: '', reference: first, value: String(second) }
}

/** Parses a 64-bit integer, which may be written as a string; the largest are rounded. */
function parseInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value) ? Number(value) : value
  return Number.isInteger(number) && Math.abs(number as number) <= 2 ** 63 ? (number as number) : undefined
}

/** Parses an ISO 8601 time with a time zone into epoch milliseconds; `undefined` if it is invalid. */
function parseExpiration(expiration: string): number | undefined {
  const [, date, fraction = 0, sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(expiration) ?? []
  const time = date ? Date.parse(`${date}Z`) : Number.NaN
  // some engines accept February 30
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== date) return undefined
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0
  return time - offset + Math.floor(Number(fraction) * 1000)
}

/** Returns whether a value meets a condition. S3 splits a content type at commas: every item must have the prefix. */
export function meets({ operator, name, value: expected }: FieldCondition, value: string): boolean {
  if (operator === 'eq') return value === expected
  if (name.toLowerCase() !== 'content-type' || !value.includes(',')) return value.startsWith(expected)
  return value.split(',').every((type) => type.trim().startsWith(expected))
}

/** Returns a refusal as S3's reason for rejecting a form. */
export function violation(
  reason: PolicyReason,
  [message, , awsCode = '', status = 400]: Refusal,
  details: Readonly<Record<string, string>> = {},
  field?: string,
): PolicyViolation {
  return { reason, awsCode, status, message: fillIn(message, details), ...(field !== undefined && { field }), details }
}

/** Returns S3's response to an invalid policy. */
function invalid(message: string, reason: PolicyReason = 'document'): PolicyViolation {
  return { reason, awsCode: 'InvalidPolicyDocument', status: 400, message: `Invalid Policy: ${message}`, details: {} }
}

/** Returns S3's response to a form whose fields are too large. */
export function formTooLarge(): PolicyViolation {
  return violation('form', FORM_LARGE)
}
