import type { IncomingMessage } from 'node:http'

const LONGEST = 300
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

/** One line a request, in printable ASCII whatever was sent; what was found of a refusal stands below it, indented. */
export function logLine({ who, method, what, status, why, explanation, milliseconds }: Happening): string {
  const line = [who, printable(method), printable(what), status, why && printable(why), `${milliseconds.toFixed(0)} ms`]
  const below = explanation === undefined ? [] : explanation.trimEnd().split('\n')
  return [line.filter((part) => part !== undefined).join('  '), ...below.map((text) => `    ${text}`)].join('\n')
}

export function printable(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return shown.replace(/[^\x20-\x7e…]/g, '?')
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
