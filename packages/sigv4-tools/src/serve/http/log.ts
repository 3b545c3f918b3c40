import { printable } from '../../redaction/unprintable.ts'

/** Maximum number of characters of a value, of a line of an explanation, and of an explanation. */
const MAX_VALUE = 300
const MAX_LINE = 2000
const MAX_EXPLANATION = 16 * 1024
const MAX_LINES = 100
/** Parameters whose names are logged. Values are not, because others can be secrets. */
const LOGGED_PARAMETERS = ['list-type', 'uploads', 'uploadId', 'delete', 'location', 'versioning']

/** A logged request. Missing members are unknown. */
export interface LogEvent {
  /** Epoch milliseconds. */
  readonly time: number
  method?: string
  target?: string
  status?: number
  /** Bytes of the request's body that were read, and of the response's body. */
  received?: number
  sent?: number
  milliseconds?: number
  /** The access key ID, if it is verified. */
  signedBy?: string
  /** The access key ID in the request. */
  readonly claimedBy?: string | undefined
  /** The error code and message. */
  error?: string
  explanation?: string
  /** The rejected request and its response, in printable lines. */
  exchange?: readonly string[]
}

/**
 * Formats a request as one line: the local time, and in columns status, method, the bytes of its body or else of the
 * response, and duration, followed by target, signer and error. An explanation and the
 * exchange follow on indented lines.
 */
export function logEntry(event: LogEvent): string {
  const { time, status = '-', method = '-', target = '', milliseconds = 0, explanation = '', exchange = [] } = event
  const columns = [
    new Date(time).toTimeString().slice(0, 8),
    String(status).padEnd(3),
    shown(method).padEnd(6),
    `${event.received || event.sent || 0} B`.padStart(12),
    `${milliseconds.toFixed(0)} ms`.padStart(8),
    shown(target),
  ]
  if (event.signedBy) columns.push(`signed by ${shown(event.signedBy)}`)
  if (event.error) columns.push(shown(event.error))
  if (event.claimedBy && !event.signedBy) columns.push(`not verified: ${shown(event.claimedBy)}`)
  const indented = [...explanationLines(explanation), ...exchange].map((text) => `    ${text}`)
  return [columns.join('  '), ...indented].join('\n')
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

/** Formats the path of a request, the number of a part, and the names of logged parameters. */
export function describeTarget(bucket: string, key: string, query: ReadonlyMap<string, string> = new Map()): string {
  const path = `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`.replace(/\/$/, key === '' ? '' : '/')
  const telling = LOGGED_PARAMETERS.filter((name) => query.has(name))
  const part = query.get('partNumber') ?? ''
  if (/^\d{1,5}$/.test(part)) telling.unshift(`partNumber=${part}`)
  return (path || '/') + (telling.length > 0 ? `?${telling.join('&')}` : '')
}
