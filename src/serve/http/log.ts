import type { IncomingMessage } from 'node:http'
import { printable } from '../../core/encoding/unprintable.ts'
import { shownKeyId } from '../../core/secrets/find.ts'

/** Maximum number of characters of a value, of a line of an explanation, and of an explanation. */
const MAX_VALUE = 300
const MAX_LINE = 2000
const MAX_EXPLANATION = 16 * 1024
const MAX_LINES = 100
/** Parameters whose names are logged. Values are not, because others can be secrets. */
const LOGGED_PARAMETERS = ['list-type', 'uploads', 'uploadId', 'partNumber', 'delete', 'location', 'versioning']

/** A logged request. */
export interface LogEvent {
  /** The access key ID, in parentheses if it is not verified. */
  keyId: string
  method: string
  target: string
  status: number
  /** The error code and message. */
  error?: string | undefined
  /** The result of `explain`. */
  explanation?: string | undefined
  milliseconds: number
}

/** Formats a request as one line, followed by an indented explanation, without unprintable characters. */
export function logLine({ keyId, method, target, status, error, explanation, milliseconds }: LogEvent): string {
  const line = [keyId, method, target, String(status), error].flatMap((part) => (part === undefined ? [] : shown(part)))
  const indented = explanationLines(explanation ?? '').map((text) => `    ${text}`)
  return [[...line, `${milliseconds.toFixed(0)} ms`].join('  '), ...indented].join('\n')
}

/** Splits an explanation into lines without unprintable characters. */
export function explanationLines(explanation: string): string[] {
  const text = explanation.slice(0, MAX_EXPLANATION).trimEnd()
  return text === '' ? [] : text.split('\n', MAX_LINES).map((line) => shown(line, MAX_LINE))
}

/** Escapes unprintable characters, and truncates a long string. */
export function shown(text: string, max = MAX_VALUE): string {
  return printable(text.length > max ? `${text.slice(0, max)}…` : text)
}

/** Formats the path of a request and the names of logged parameters. */
export function describeTarget(bucket: string, key: string, query: ReadonlyMap<string, string>): string {
  const path = `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`.replace(/\/$/, key === '' ? '' : '/')
  const telling = LOGGED_PARAMETERS.filter((name) => query.has(name))
  return (path || '/') + (telling.length > 0 ? `?${telling.join('&')}` : '')
}

/** Returns the access key ID in a request, without what may be a misplaced secret. */
export function claimedKeyId({ url = '', headers }: IncomingMessage): string {
  const credential =
    /Credential=([^,\s]{1,200})/.exec(headers.authorization ?? '')?.[1] ??
    /[?&]X-Amz-Credential=([^&]{1,200})/.exec(url)?.[1]
  const [, id] = /^([\w.@:-]{1,128})(?:\/|%2F)\d{8}(?:\/|%2F)/i.exec(credential ?? '') ?? []
  return id === undefined || id.length === 40 ? '-' : `(${shownKeyId(id)})`
}
