import type { Setting, Step, Test } from './format.ts'

/** Hash functions. Strings are bytes, one character of U+0000 to U+00FF each. */
export interface Hashes {
  /** Returns 64 hex digits. */
  sha256(bytes: string): string
  hmacSha256(key: string, bytes: string): string
  hmacSha1(key: string, bytes: string): string
  /** Returns a DER signature in hex; only for tests that no runner creates. */
  ecdsa?(setting: Setting, bytes: string): string
}

/** The key of a signature, unless the step has its own: each part is the message of an HMAC with the result so far. */
export const KEY: readonly string[] = [
  'AWS4{{secretAccessKey}}',
  '{{day}}',
  '{{region}}',
  '{{service}}',
  'aws4_request',
]

const HOLE = /\{\{(?:(\w+) )?([A-Za-z]\w*)([+-]\d+)?\}\}/g

/** Computes the steps of a test and fills in a string, such as the request to send. `now`: seconds since 1970. */
export function fill(test: Pick<Test, 'sign'>, string: string, setting: Setting, now: number, hashes: Hashes): string {
  const known = new Map(Object.entries(setting))
  const insert = (text: string): string =>
    text.replace(HOLE, (_, name: string | undefined, of: string, offset: string | undefined) => {
      const value = timeAt(of, now + Number(offset ?? 0)) ?? known.get(of)
      if (value === undefined) throw new Error(`Unknown name in {{${of}}}`)
      return apply(name, value, hashes)
    })
  for (const step of test.sign) known.set(step.name, compute(step, insert, setting, hashes))
  return insert(string)
}

function compute(step: Step, insert: (text: string) => string, setting: Setting, hashes: Hashes): string {
  if ('text' in step) return insert(step.text)
  if ('base64' in step) return toBase64(insert(step.base64))
  if ('hmacSha1' in step) return toBase64(hashes.hmacSha1(setting.secretAccessKey, insert(step.hmacSha1)))
  if ('ecdsa' in step) return hashes.ecdsa!(setting, insert(step.ecdsa))
  const [first = '', ...parts] = (step.key ?? KEY).map(insert)
  const key = parts.reduce((key, part) => hashes.hmacSha256(key, part), first)
  return toHex(hashes.hmacSha256(key, insert(step.hmac)))
}

function timeAt(name: string, seconds: number): string | undefined {
  const date = new Date(seconds * 1000)
  const iso = date.toISOString()
  const time = `${iso.slice(0, 19).replace(/[-:]/g, '')}Z`
  switch (name) {
    case 'time':
      return time
    case 'day':
      return time.slice(0, 8)
    case 'iso':
      return `${iso.slice(0, 19)}Z`
    case 'httpDate':
      return date.toUTCString()
    default:
      return undefined
  }
}

function apply(name: string | undefined, value: string, hashes: Hashes): string {
  switch (name) {
    case undefined:
      return value
    case 'sha256':
      return hashes.sha256(value)
    case 'base64':
      return toBase64(value)
    case 'uri':
      return value.replace(/[^\w.~-]/g, (byte) => `%${toHex(byte).toUpperCase()}`)
    case 'length':
      return String(value.length)
    case 'upper':
      return value.toUpperCase()
    case 'cut':
      return value.slice(0, -1)
    case 'flip':
      return value.slice(0, -1) + ((Number.parseInt(value.slice(-1), 16) + 1) % 16).toString(16)
    default:
      throw new Error(`Unknown function ${name}`)
  }
}

export function toHex(bytes: string): string {
  return Array.from(bytes, (byte) => (256 + byte.charCodeAt(0)).toString(16).slice(1)).join('')
}

export function toBase64(bytes: string): string {
  return btoa(bytes)
}
