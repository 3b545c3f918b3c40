import type { IncomingMessage } from 'node:http'
import type { Pair } from '../../../../src/internal/http.ts'
import { printable } from '../redaction/unprintable.ts'

// The host that a request was received with, which a proxy in front may have changed: the commonest cause of a wrong signature.

/** Maximum number of characters of a value. */
const MAX_VALUE = 200

export function pairsOf(raw: readonly string[]): Pair[] {
  return raw.flatMap((name, i): Pair[] => (i % 2 ? [] : [[name, raw[i + 1] ?? '']]))
}

/** Reports the host that was received, if a proxy may be in front, or if it is not one of those that clients are given. `isOpen`: whether the cause is not certain. */
export function hostLines(
  { rawHeaders, httpVersion }: Pick<IncomingMessage, 'rawHeaders' | 'httpVersion'>,
  given: readonly string[],
  isOpen: boolean,
): string[] {
  const headers = pairsOf(rawHeaders)
  const headerOf = (name: string): string | undefined => {
    const value = headers.find(([other]) => other.toLowerCase() === name)?.[1]
    return value && printable(value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value)
  }
  const host = headerOf('host')
  const signs = ['X-Forwarded-Host', 'X-Original-Host', 'Forwarded', 'Via'].flatMap((name) => {
    const value = headerOf(name.toLowerCase())
    return value === undefined ? [] : [`${name}: ${value}`]
  })
  if (signs.length === 0 && headers.some(([name]) => /^x-(?:forwarded-.+|real-ip)$/i.test(name)))
    signs.push('X-Forwarded headers')
  // the default of nginx before 1.29.7; clients that sign have not sent it for decades
  if (signs.length === 0 && httpVersion === '1.0') signs.push('HTTP/1.0')
  const isGiven = host !== undefined && given.some((each) => each.toLowerCase() === host.toLowerCase())
  if (signs.length === 0 && isGiven) return []
  const received = host === undefined ? 'Received no host' : `Received the host ${host}`
  const from = signs.length > 0 ? ` from a proxy (${signs.join('; ')})` : ''
  return [`${received}${from}.${isOpen ? ' If the client signed a different host, that is the cause.' : ''}`]
}
