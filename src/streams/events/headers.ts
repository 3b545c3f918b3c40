import { fromOctets } from '../../core/encoding/utf8.ts'
import { fail } from '../../core/errors.ts'
import { joinBytes } from '../../core/http/body.ts'
import { hasTag, isObject } from '../../core/kind.ts'
import { hex } from '../../crypto/webcrypto.ts'
import { malformed } from './malformed.ts'

/** A header of an event: its type, named as in `@smithy/eventstream-codec`, and its value. A `long` is a bigint. */
export type EventHeader =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte' | 'short' | 'integer'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  | { readonly type: 'string' | 'uuid'; readonly value: string }
  | { readonly type: 'timestamp'; readonly value: Date }

/** Headers of an event by name. */
export type EventHeaders = Readonly<Record<string, EventHeader>>

/** The byte that stands for each type. For a boolean, that is the value itself. */
const TYPES = { byte: 2, short: 3, integer: 4, long: 5, binary: 6, string: 7, timestamp: 8, uuid: 9 }
const TRUE = 0
const FALSE = 1

/** The size of an integer of each type, in bytes. */
const SIZES = { byte: 1, short: 2, integer: 4, long: 8 }

/** Maximum length of a name, and of a value of variable length, in bytes. */
const MAX_NAME_LENGTH = 255
const MAX_VALUE_LENGTH = 32_767

/** Encodes headers in the order of their names in the object. */
export function encodeHeaders(headers: EventHeaders): Uint8Array {
  if (!isObject(headers)) fail('ERR_INVALID_ARG_TYPE', 'message.headers', 'type')
  const parts: Uint8Array[] = []
  for (const name of Object.keys(headers)) {
    const argument = `message.headers[${JSON.stringify(name)}]`
    const bytes = utf8(name, argument)
    if (bytes.length < 1 || bytes.length > MAX_NAME_LENGTH)
      fail('ERR_INVALID_ARG_VALUE', argument, 'range', `Pass a name of 1 to ${MAX_NAME_LENGTH} bytes.`)
    parts.push(Uint8Array.of(bytes.length), bytes, ...encodeHeader(headers[name]!, argument))
  }
  return joinBytes(parts)
}

/** Returns the type of a header and its value. */
function encodeHeader(header: EventHeader, argument: string): Uint8Array[] {
  if (!isObject(header)) fail('ERR_INVALID_ARG_TYPE', argument, 'type', "Pass { type: 'string', value }.")
  const within = `${argument}.value`
  const { type, value } = header
  switch (type) {
    case 'boolean':
      if (typeof value !== 'boolean') fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a boolean.')
      return [Uint8Array.of(value ? TRUE : FALSE)]
    case 'byte':
    case 'short':
    case 'integer':
      if (!Number.isInteger(value)) fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a whole number.')
      return [Uint8Array.of(TYPES[type]), integerBytes(BigInt(value), SIZES[type], within)]
    case 'long':
      if (typeof value !== 'bigint') fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a bigint, such as 1n.')
      return [Uint8Array.of(TYPES.long), integerBytes(value, SIZES.long, within)]
    case 'timestamp':
      if (!hasTag(value, 'Date') || Number.isNaN(Number(value)))
        fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a valid Date.')
      return [Uint8Array.of(TYPES.timestamp), integerBytes(BigInt(Number(value)), SIZES.long, within)]
    case 'binary':
      if (!ArrayBuffer.isView(value)) fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a Uint8Array.')
      return sized(TYPES.binary, value, within)
    case 'string':
      if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', within, 'type', 'Pass a string.')
      return sized(TYPES.string, utf8(value, within), within)
    case 'uuid':
      return [Uint8Array.of(TYPES.uuid), uuidBytes(value, within)]
    default:
      return fail('ERR_INVALID_ARG_VALUE', `${argument}.type`, 'unknown', "Pass 'string', for example.")
  }
}

/** Returns an integer in two's complement, the most significant byte first. */
function integerBytes(value: bigint, size: number, argument: string): Uint8Array {
  if (BigInt.asIntN(size * 8, value) !== value)
    fail('ERR_INVALID_ARG_VALUE', argument, 'range', `It must fit in ${size * 8} bits, with its sign.`)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes.subarray(8 - size)
}

function uuidBytes(value: string, argument: string): Uint8Array {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'Pass a UUID, such as crypto.randomUUID().')
  return Uint8Array.from(value.match(/[\da-f]{2}/gi)!, (digits) => Number.parseInt(digits, 16))
}

function sized(type: number, value: Uint8Array, argument: string): Uint8Array[] {
  const { length } = value
  if (length > MAX_VALUE_LENGTH)
    fail('ERR_INVALID_ARG_VALUE', argument, 'range', `Pass at most ${MAX_VALUE_LENGTH} bytes.`)
  return [Uint8Array.of(type, length >> 8, length), value]
}

function utf8(string: string, argument: string): Uint8Array {
  if (/[\ud800-\udfff]/u.test(string))
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'A lone surrogate cannot be encoded.')
  return new TextEncoder().encode(string)
}

/** Decodes headers. Values share the memory of `bytes`. */
export function decodeHeaders(bytes: Uint8Array): Record<string, EventHeader> {
  const found = new Map<string, EventHeader>()
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) malformed('A header of the event is longer than its headers.')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const name = text(take(take(1)[0]!))
    if (name === '' || found.has(name)) malformed('The headers of the event must have names, each a different one.')
    found.set(name, decodeHeader(take))
  }
  return Object.fromEntries(found) // a name such as __proto__ is a member like any other
}

function decodeHeader(take: (length: number) => Uint8Array): EventHeader {
  const integer = (size: number): bigint => {
    let value = 0n
    for (const byte of take(size)) value = (value << 8n) | BigInt(byte)
    return BigInt.asIntN(size * 8, value)
  }
  const sizedValue = (): Uint8Array => {
    const [high = 0, low = 0] = take(2)
    return take(high * 256 + low)
  }
  switch (take(1)[0]) {
    case TRUE:
      return { type: 'boolean', value: true }
    case FALSE:
      return { type: 'boolean', value: false }
    case TYPES.byte:
      return { type: 'byte', value: Number(integer(SIZES.byte)) }
    case TYPES.short:
      return { type: 'short', value: Number(integer(SIZES.short)) }
    case TYPES.integer:
      return { type: 'integer', value: Number(integer(SIZES.integer)) }
    case TYPES.long:
      return { type: 'long', value: integer(SIZES.long) }
    case TYPES.binary:
      return { type: 'binary', value: sizedValue() }
    case TYPES.string:
      return { type: 'string', value: text(sizedValue()) }
    case TYPES.timestamp:
      return { type: 'timestamp', value: date(integer(SIZES.long)) }
    case TYPES.uuid:
      return { type: 'uuid', value: uuid(take(16)) }
    default:
      return malformed('A header of the event has an unknown type.')
  }
}

function date(milliseconds: bigint): Date {
  const value = new Date(Number(milliseconds))
  return Number.isNaN(Number(value)) ? malformed('A timestamp of the event is out of range.') : value
}

function uuid(bytes: Uint8Array): string {
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function text(bytes: Uint8Array): string {
  try {
    return fromOctets(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  } catch {
    return malformed('A name or string of the event is not valid UTF-8.')
  }
}
