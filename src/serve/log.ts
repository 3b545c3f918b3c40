import type { IncomingMessage } from 'node:http'
import { printable } from '../core/encoding/unprintable.ts'

/** Characters of a value, of a line of an explanation, and of all of it, that are shown. */
const LONGEST = 300
const LONGEST_LINE = 2000
const LONGEST_EXPLANATION = 16 * 1024
const MOST_LINES = 100
/** Parameters that say what is done; values are not shown, since those of others are secrets. */
const TELLING = ['list-type', 'uploads', 'uploadId', 'partNumber', 'delete', 'location', 'versioning']

/** What happened to a request, as far as it is known. */
export interface Happening {
  /** The key id; in brackets while nothing proves it. */
  who: string
  method: string
  what: string
  status: number
  /** The code and the message of a refusal. */
  why?: string | undefined
  /** What `explain` found. */
  explanation?: string | undefined
  milliseconds: number
}

/** One line for a request, printable whatever was sent; what `explain` found follows on indented lines. */
export function logLine({ who, method, what, status, why, explanation, milliseconds }: Happening): string {
  const line = [who, method, what, String(status), why].flatMap((part) => (part === undefined ? [] : shown(part)))
  const indented = explanationLines(explanation ?? '').map((text) => `    ${text}`)
  return [[...line, `${milliseconds.toFixed(0)} ms`].join('  '), ...indented].join('\n')
}

/** The lines of an explanation, each printable whatever was sent. */
export function explanationLines(explanation: string): string[] {
  const text = explanation.slice(0, LONGEST_EXPLANATION).trimEnd()
  return text === '' ? [] : text.split('\n', MOST_LINES).map((line) => shown(line, LONGEST_LINE))
}

/** A text without unprintable characters, cut if it is too long. */
export function shown(text: string, most = LONGEST): string {
  return printable(text.length > most ? `${text.slice(0, most)}…` : text)
}

/** The path of a request and what is telling in its query. */
export function describeTarget(bucket: string, key: string, query: ReadonlyMap<string, string>): string {
  const path = `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`.replace(/\/$/, key === '' ? '' : '/')
  const telling = TELLING.filter((name) => query.has(name))
  return (path || '/') + (telling.length > 0 ? `?${telling.join('&')}` : '')
}

/** The key id that a request claims; one that could be a secret in the wrong place is not shown. */
export function claimedKeyId({ url = '', headers }: IncomingMessage): string {
  const credential =
    /Credential=([^,\s]{1,200})/.exec(headers.authorization ?? '')?.[1] ??
    /[?&]X-Amz-Credential=([^&]{1,200})/.exec(url)?.[1]
  const [, id] = /^([\w.@:-]{1,128})(?:\/|%2F)\d{8}(?:\/|%2F)/i.exec(credential ?? '') ?? []
  return id === undefined || id.length === 40 ? '-' : `(${id})`
}
