import { hostScope } from '../../../../../src/internal/services.ts'
import type { LoggedRequest, ProxyOptions, RunningProxy, Transfer } from '../../proxy.ts'
import { shownKeyId } from '../../redaction/find.ts'
import type { Call } from '../program/command.ts'
import { table, wrap } from '../program/terminal.ts'
import { formatJson } from './print.ts'

const INDENT = 4

/** Describes a running proxy, without secrets, except the placeholder key if it was generated. */
export function proxyBanner(
  call: Call,
  running: RunningProxy,
  options: ProxyOptions,
  accessKeyId: string | undefined,
): string {
  const { mode = 'sign', upstream, allow = [], readOnly = false, credentials } = options
  const known = hostScope(upstream.replace(/^https?:\/\/([^/]*).*/is, '$1'))
  const { service = known.service, region = known.region } = options
  const does = {
    sign: 'signs every request',
    resign: 'verifies the placeholder key of clients, and signs again',
    watch: 'forwards requests unchanged, and explains why signatures are rejected',
  }
  const endpoint = reachable(running.url, options)
  const rows: [string, string][] = [
    ['endpoint', endpoint],
    ['upstream', upstream],
  ]
  if (running.healthUrl !== undefined) rows.push(['health', reachable(running.healthUrl, options)])
  if (mode === 'sign') rows.push(['signs for', `${service} in ${region}`])
  if (accessKeyId !== undefined) rows.push(['access key', shownKeyId(accessKeyId)])
  if (mode === 'resign') rows.push(['client key', shownKeyId(running.clientCredentials!.accessKeyId)])
  if (readOnly) rows.push(['methods', 'only GET, HEAD, and OPTIONS'])
  rows.push(...allow.map((rule, i): [string, string] => [i === 0 ? 'allows' : '', rule]))
  if (mode !== 'watch' && !readOnly && allow.length === 0) rows.push(['allows', 'all requests'])
  if (isUnspecified(running.host) && !options.allowHosts?.length)
    rows.push(['note', 'Other machines can use only a name that is passed as --allow-host'])
  if (mode === 'watch' && known.service !== undefined)
    // it accepts requests for its own host only
    rows.push([
      'note',
      options.tls
        ? 'Requests for the host of the service are forwarded unchanged; others are verified here and signed again'
        : 'This service accepts only requests for its own host, so that they are verified here and signed again',
    ])
  if (mode === 'watch' && credentials === undefined)
    rows.push(['note', 'Without credentials, signatures cannot be checked. Pass those of the clients to prove causes'])
  const lines = [...wrap(`sigv4-tools proxy: ${does[mode]}`, call.width), table(rows, call)]
  if (mode === 'resign' && options.clientCredentials === undefined) {
    const { accessKeyId, secretAccessKey } = running.clientCredentials!
    lines.push('Generated placeholder key, which is worthless elsewhere:\n')
    lines.push(`  export AWS_ACCESS_KEY_ID=${accessKeyId}\n  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`)
    lines.push(`  export AWS_ENDPOINT_URL=${endpoint}`)
    lines.push(
      region === undefined
        ? '\nSet AWS_REGION as well, to the region that requests are signed for.\n'
        : `  export AWS_REGION=${region}\n`,
    )
  }
  return `${lines.join('\n')}\n`
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Returns a URL with a host that clients can use in place of an unspecified address. */
function reachable(url: string, { allowHosts: [name = '127.0.0.1'] = [] }: ProxyOptions): string {
  return url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:\d+$)/, `//${name.replace(/^[^[:]*:[^[]*$/, '[$&]')}`)
}

/** Formats a request: the local time, status, method, bytes of the request or else of the response, duration, path, and access key ID; below it, its explanation, and what was received. */
export function requestLines(call: Call, request: LoggedRequest): string {
  const {
    time,
    status,
    method,
    path,
    received,
    sent,
    milliseconds,
    accessKeyId,
    error,
    cause,
    explanation = [],
    exchange = [],
  } = request
  const isFailure = status === undefined || status >= 400
  const columns = [
    new Date(time).toTimeString().slice(0, 8),
    call.paint(isFailure ? 'red' : 'green', String(status ?? '-').padEnd(3)),
    method.padEnd(6),
    `${received > 0 ? '↑' : '↓'} ${size(received || sent)}`.padStart(9),
    `${milliseconds.toFixed(0)} ms`.padStart(8),
    path,
    accessKeyId ?? '',
    cause ?? '',
  ]
  const below = [...(error === undefined ? [] : [error]), ...explanation]
  const lines = below.flatMap((text) => wrap(text, call.width - INDENT).map((line) => ' '.repeat(INDENT) + line))
  // not wrapped, because they can be pasted
  const message = exchange.map((line) => ' '.repeat(INDENT) + line)
  return `${[columns.filter(Boolean).join(' '), ...lines, ...message].join('\n')}\n`
}

export function jsonLine({ time, ...request }: LoggedRequest): string {
  return formatJson({ time: new Date(time).toISOString(), ...request })
}

/** Milliseconds after which the progress of a transfer is shown. */
const LONG = 2000
/** Bytes after which a transfer of unknown length is shown; a request that waits for events has fewer. */
const LARGE = 1_000_000

/** Formats the progress of long transfers in one line; empty if there are none. */
export function progressLine(transfers: readonly Transfer[]): string {
  const all = transfers.flatMap(({ path, milliseconds, received, requestLength, sent, responseLength }) => {
    const isDownload = sent > 0
    const [bytes, length] = isDownload ? [sent, responseLength] : [received, requestLength]
    const isMoving = length === undefined ? bytes >= LARGE : bytes > 0 && bytes < length
    return milliseconds >= LONG && isMoving ? [{ path, milliseconds, isDownload, bytes, length }] : []
  })
  const [first, ...others] = all
  if (!first) return ''
  const bytes = sum(all.map((each) => each.bytes))
  const length = sum(all.map((each) => each.length ?? Number.NaN))
  const rate = sum(all.map((each) => (each.bytes / each.milliseconds) * 1000))
  const directions = new Set(all.map(({ isDownload }) => (isDownload ? '↓' : '↑')))
  const share = Number.isNaN(length) ? '' : ` of ${size(length)}  ${Math.floor((100 * bytes) / length)} %`
  const what = others.length === 0 ? first.path : `${all.length} transfers`
  return `${[...directions].join('')} ${size(bytes)}${share}  ${size(Math.round(rate))}/s  ${what}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** Formats a number of bytes in at most seven characters. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 99.95 ? 1 : 0)} ${units[unit]}`
}

/** Explains why the proxy does not stop at once; empty if no request is pending. */
export function waitingLine(count: number): string {
  return count === 0 ? '' : `\nWaiting for ${count} request${count === 1 ? '' : 's'} …\n`
}

/** Counts requests. `text` describes all of them. */
export function createSummary(): { add(request: LoggedRequest): void; text(): string } {
  const causes = new Map<string, number>()
  let requests = 0
  let failed = 0
  let receivedBytes = 0
  let sentBytes = 0
  return {
    add({ status, received, sent, cause }) {
      requests++
      if (status === undefined || status >= 400) failed++
      receivedBytes += received
      sentBytes += sent
      if (cause) causes.set(cause, (causes.get(cause) ?? 0) + 1)
    },
    text() {
      const list = [...causes].map(([cause, count]) => `${cause} (${count})`).join(', ')
      const count = `${requests} request${requests === 1 ? '' : 's'}, of which ${failed} failed`
      const bytes = `${size(receivedBytes)} received, ${size(sentBytes)} sent`
      return `Stopped after ${count}: ${bytes}.${list && ` Causes: ${list}.`}\n`
    },
  }
}
