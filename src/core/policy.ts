import { decodeBase64, utf8Length } from './base64.ts'
import { isObject } from './body.ts'

/** A field of the form against a value: exactly it, or starting with it. */
export interface FieldCondition {
  readonly operator: 'eq' | 'starts-with'
  /** Name of the field as the policy writes it; empty for one that no form can have. */
  readonly name: string
  readonly value: string
  /** How the policy refers to the field, where that is no name behind a `$`. */
  readonly reference?: string
}

/** How many bytes the file may have. */
export interface SizeCondition {
  readonly operator: 'content-length-range'
  readonly min: number
  readonly max: number
}

export type Condition = FieldCondition | SizeCondition

/** A policy, taken apart. */
export interface Policy {
  /** Epoch milliseconds. */
  readonly expiration: number
  readonly conditions: readonly Condition[]
}

/** Why S3 refuses a form, in its words: the answer to it. */
export interface PostRefusal {
  /** S3's name for it, `'AccessDenied'`, `'EntityTooLarge'`. */
  readonly awsCode: string
  /** HTTP status. */
  readonly status: number
  readonly message: string
  /** The condition that is not met, as S3 prints it: `["starts-with", "$key", "user/"]`. */
  readonly condition?: string
  /** The field that is missing, that has no condition, or that does not meet its own. */
  readonly field?: string
  /** Elements that the answer has besides code and message. */
  readonly details: Readonly<Record<string, string>>
}

/** Whether a field needs no condition. */
export function isExempt(field: string): boolean {
  return /^(?:file|policy|x-amz-signature|x-ignore-.*)$/.test(field)
}

/** What all fields before the file may weigh together; S3 refuses larger forms, so no policy is larger. */
export const MAX_FORM = 20_480

/** The largest file that S3 takes in one request. */
export const MAX_FILE = 5_368_709_120

/** What metadata may weigh. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const MAX_METADATA = 2048

/** What the metadata among fields weighs, in bytes: names without `x-amz-meta-`, and values. */
export function metadataLength(fields: Iterable<readonly [name: string, value: string]>): number {
  let length = 0
  for (const [name, value] of fields) if (/^x-amz-meta-/i.test(name)) length += name.length - 11 + sentLength(value)
  return length
}

/** How many bytes of UTF-8 a text becomes when it is sent: a lone surrogate goes as U+FFFD. */
export function sentLength(text: string): number {
  return utf8Length(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))
}

/** A text as JSON in ASCII. */
function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${(0x10000 + character.charCodeAt(0)).toString(16).slice(1)}`,
  )
}

/** The same for a value, in which S3's documentation wants a `$` escaped. */
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

/** A condition as S3 prints it, but for the value of a field that is a secret. */
export function printCondition(condition: Condition): string {
  if (condition.operator === 'content-length-range')
    return `["content-length-range", ${condition.min}, ${condition.max}]`
  const { operator, name, value, reference = `$${name}` } = condition
  const shown = /^x-amz-(?:security-token|.*-customer-key)$/i.test(name) ? '…' : value
  return `[${[operator, reference, shown].map((part) => JSON.stringify(part)).join(', ')}]`
}

/** Whether the text of a policy is base64 of a JSON object. S3 takes anything else for a wrong signature. */
export function isPolicyJson(policy: string): boolean {
  const text = decodeBase64(policy)
  return text !== undefined && isObject(parseJson(text))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(toJson(text))
  } catch {
    return undefined
  }
}

/** Reads a policy: its base64, its JSON, or what JSON gives. */
export function parsePolicy(policy: unknown): Policy | PostRefusal {
  let document = policy
  if (typeof policy === 'string') {
    if (policy.length > MAX_FORM) return formTooLarge()
    const text = policy.trim().startsWith('{') ? policy : decodeBase64(policy)
    if (text === undefined) return invalid('invalid Base64 encoding.')
    if (!text.trim()) return invalid("Expecting '{' but found End-of-Input")
    document = parseJson(text)
  }
  if (!isObject(document) || Array.isArray(document)) return invalid('Invalid JSON.')
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

/** S3's documentation has two escapes that JSON has not: `\$` and `\v`. */
function toJson(text: string): string {
  return text.replace(/\\(.)/gs, (whole, mark) => (mark === '$' ? mark : mark === 'v' ? '\\u000b' : whole))
}

/** Reads one condition. A text says, in S3's words, what is wrong with it. */
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
  const operator = given.toLowerCase() // S3 reads StArTs-WiTh
  if (operator !== 'eq' && operator !== 'starts-with' && operator !== 'content-length-range')
    return `Invalid Condition: unknown operation '${given}'.`
  if (item.length !== 3) return `Invalid ${operator}: wrong number of arguments.`
  if (operator === 'content-length-range') {
    const [min, max] = [wholeNumber(first), wholeNumber(second)]
    return min === undefined || max === undefined ? 'Invalid JSON.' : { operator, min, max }
  }
  if (typeof first !== 'string' || (typeof second !== 'string' && typeof second !== 'number')) return 'Invalid JSON.'
  return first.startsWith('$')
    ? { operator, name: first.slice(1), value: String(second) }
    : { operator, name: '', reference: first, value: String(second) }
}

/** A number of 64 bits, which may be written as text; the largest of them are rounded here. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value) ? Number(value) : value
  return Number.isInteger(number) && Math.abs(number as number) <= 2 ** 63 ? (number as number) : undefined
}

/** Epoch milliseconds of a time of ISO 8601 with its zone; `undefined` for a time that is none. */
function parseExpiration(expiration: string): number | undefined {
  const [, date, fraction = 0, sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(expiration) ?? []
  const time = date ? Date.parse(`${date}Z`) : Number.NaN
  // engines differ in whether there is a 30th of February
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== date) return undefined
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0
  return time - offset + Math.floor(Number(fraction) * 1000)
}

/** Whether a value meets a condition. S3 takes a content type with commas for a list, all of which must start so. */
export function meets({ operator, name, value: wanted }: FieldCondition, value: string): boolean {
  if (operator === 'eq') return value === wanted
  if (name.toLowerCase() !== 'content-type' || !value.includes(',')) return value.startsWith(wanted)
  return value.split(',').every((type) => type.trim().startsWith(wanted))
}

/** S3's answer to a policy that is none. */
function invalid(message: string): PostRefusal {
  return { awsCode: 'InvalidPolicyDocument', status: 400, message: `Invalid Policy: ${message}`, details: {} }
}

/** S3's answer to a form whose fields are too large. */
export function formTooLarge(): PostRefusal {
  return {
    awsCode: 'MaxPostPreDataLengthExceededError',
    status: 400,
    message: 'Your POST request fields preceding the upload file were too large.',
    details: {},
  }
}
