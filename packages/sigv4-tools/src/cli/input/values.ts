import { parseAmzDate } from '../../../../../src/internal/encoding.ts'
import type { Duration } from '../../../../../src/internal/options.ts'
import type { SessionTokenName, SessionTokenPlacement, SigningOptions } from '../../../../../src/internal/signing.ts'
import { readToken } from '../../formats/token.ts'
import type { Call } from '../program/command.ts'
import { got, shown, usage } from '../program/errors.ts'
import type { OptionName } from '../program/options.ts'

// Parses the values of options. Messages name the option, and show only short values: others could be secrets.

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** Parses a size such as `5000000`, `10MB` or `10MiB`. */
export function parseSize(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,15}) ?([A-Za-z]*)$/.exec(text) ?? []
  const size = Number(count) * (Object.hasOwn(UNITS, unit ?? '?') ? UNITS[unit!]! : Number.NaN)
  if (!Number.isSafeInteger(size)) usage(`${option} must be a size such as 5000000, 10MB or 10MiB${got(text)}.`)
  return size
}

/** Parses a non-negative integer. */
export function parseCount(option: string, text: string, max: number, min = 0): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) > max || Number(text) < min)
    usage(`${option} must be an integer between ${min} and ${max}${got(text)}.`)
  return Number(text)
}

/** Parses a share such as `0.2`. */
export function parseShare(option: string, text: string): number {
  if (!/^\d?(?:\.\d{1,15})?$/.test(text) || text === '' || Number(text) > 1)
    usage(`${option} must be a number between 0 and 1, such as 0.2${got(text)}.`)
  return Number(text)
}

export function parseMethod(text: string): string {
  if (!/^[\w-]{1,20}$/.test(text)) usage(`the method${shown(text)} is not valid.`)
  return text.toUpperCase()
}

/** Returns an argument that must be a URL, or the URL of a token. */
export function checkUrl(call: Pick<Call, 'name'>, text: string): string {
  const url = readToken(text)
  if (/^(?:http|ws)s?:\/\/./i.test(url)) return url
  const hint = text.includes('://') ? '' : ` To read a file, use 'npx sigv4-tools ${call.name} < FILE'.`
  return usage(`the URL must start with https:// or http://.${hint}`)
}

export function dateOption(call: Call, name: OptionName): Date | undefined {
  const text = call.value(name)
  return text === undefined ? undefined : parseDate(`--${name}`, text)
}

/** Parses `2026-01-31T12:00:00Z`, `2026-01-31` or `20260131T120000Z`. */
function parseDate(option: string, text: string): Date {
  const amz = parseAmzDate(text)
  if (amz !== undefined) return new Date(amz * 1000)
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
  const date = new Date(isIso ? text : Number.NaN)
  if (Number.isNaN(Number(date))) usage(`${option} must be a date such as 2026-01-31T12:00:00Z${got(text)}.`)
  return date
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Parses a duration such as `90s`, `15m` or `12h` into milliseconds; `-1h` if it may be negative. */
export function parseDuration(option: string, text: string, mayBeNegative = false): number {
  const [, sign, count, unit = ''] = /^([+-]?)(\d{1,9})([smhd]?)$/.exec(text) ?? []
  if (count === undefined || (sign && !mayBeNegative))
    usage(`${option} must be a duration such as 90s, 15m${mayBeNegative ? ', 1h or -1h' : ' or 12h'}${got(text)}.`)
  return Number(`${sign}${count}`) * (SECONDS[unit] ?? 1) * 1000
}

/** Returns a duration as the options of functions accept it: seconds may have no unit on the command line. */
export function timerOption(call: Call, name: OptionName, mayBeNegative = false): string | undefined {
  const text = call.value(name)
  if (text === undefined) return undefined
  parseDuration(`--${name}`, text, mayBeNegative)
  return text.replace('+', '').replace(/\d$/, '$&s')
}

/** Parses a lifetime such as `15m`, or a date. */
export function expiresOption(call: Call): Duration | Date | undefined {
  const text = call.value('expires')
  if (text === undefined || /^\d+[smhd]$/.test(text)) return text
  if (/^\d+$/.test(text)) return Number(text)
  if (!/^\d{4}-?\d\d/.test(text))
    usage(
      `--expires must be a duration such as 90s, 15m, 12h or 7d, or a date such as 2026-01-31T12:00:00Z${got(text)}.`,
    )
  return parseDate('--expires', text)
}

export function parseHeader(text: string, option = '-H'): [name: string, value: string] {
  const colon = text.indexOf(':')
  if (colon < 1) usage(`${option} must have the form 'NAME: VALUE'.`)
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

export function addHeader(headers: [name: string, value: string][], name: OptionName, value: string): void {
  if (headers.some(([other]) => other.toLowerCase() === name)) usage(`--${name} and -H ${name} cannot be combined.`)
  headers.push([name, value])
}

export function parsePair(option: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  if (equals < 1) usage(`${option} must have the form NAME=VALUE.`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** Returns the options that presigning and signing share. */
export function signingOptions(
  call: Call,
  { region, service }: Pick<SigningOptions, 'region' | 'service'>,
): Omit<SigningOptions, 'credentials'> {
  return {
    region,
    service: call.value('service') || service,
    payloadHash: call.value('payload-hash'),
    now: dateOption(call, 'now'),
    sessionTokenPlacement: placementOption(call),
    sessionTokenName: call.value('session-token-name') as SessionTokenName | undefined, // sigv4 checks it
  }
}

export function placementOption(call: Call): SessionTokenPlacement | undefined {
  const placement = call.value('session-token-placement')
  if (placement === undefined || placement === 'signed' || placement === 'appended') return placement
  return usage(`--session-token-placement must be signed or appended${got(placement)}.`)
}
