import { isLoopbackAddress } from '../../../../../src/internal/services.ts'
import { shownKeyId } from '../../redaction/find.ts'
import { isAllowed } from '../../serve/http/cors.ts'
import { shown } from '../../serve/http/log.ts'
import type { RunningServer, ServeOptions } from '../../serve.ts'
import { wrap } from '../program/terminal.ts'

const MAX_LINE = 1000
/** Minimum length of a secret access key that cannot be guessed, unlike `test`. */
const MIN_SECRET = 16

/** Width of the label column. */
const LABEL = 13

/** Describes a server in lines without secrets: its URL, its storage, and warnings. */
export function banner(
  { url, host, port, maxBytes, credentials }: RunningServer,
  options: ServeOptions,
  width: number,
): string[] {
  const { dir, region, cors = [] } = options
  const room = Number.isFinite(maxBytes) ? `, up to ${Math.floor(maxBytes / 1024 ** 2)} MiB` : ''
  const rows = [
    ['endpoint', `${url} (buckets in the path, or http://BUCKET.s3.localhost:${port})`],
    ['access key', shownKeyId(credentials.accessKeyId)],
    ['region', region ?? 'any'],
    ['objects', `${dir === undefined ? 'in memory, discarded on exit' : `in ${dir}`}${room}`],
    ['buckets', 'created by the first upload'],
  ]
  const faults = describeFaults(options)
  if (faults) rows.push(['faults', faults])
  if (!isLoopbackAddress(host))
    rows.push(['WARNING', `${host} is reachable from other machines, and connections are not encrypted`])
  const isOpen = cors.some((origin) => !isAllowed([], origin))
  if (isOpen && credentials.secretAccessKey.length < MIN_SECRET)
    rows.push([
      'WARNING',
      `pages of other sites can use this server, and a secret access key of less than ${MIN_SECRET} characters can be guessed`,
    ])
  return [
    ...wrap('sigv4-tools serve: a local S3-compatible server that verifies every request', width),
    ...wrap('For development and debugging, not for storage', width),
    ...rows.flatMap(([label = '', text = '']) =>
      wrap(shown(text, MAX_LINE), width - LABEL - 2).map((line, i) => `  ${(i ? '' : label).padEnd(LABEL)}${line}`),
    ),
  ]
}

/** Describes the faults of a server for tests, or returns an empty string. */
function describeFaults({ skew, failRate = 0, throttle, redirectRegion, expireToken }: ServeOptions): string {
  return [
    skew && `the clock is ${skew.replace('-', '')} ${skew.startsWith('-') ? 'slow' : 'fast'}`,
    failRate && `a share of ${failRate} of all requests fails`,
    throttle && `more than ${throttle} requests per second are rejected`,
    redirectRegion && `buckets are in ${redirectRegion}`,
    expireToken && `session tokens expire ${expireToken} after their first use`,
  ]
    .filter(Boolean)
    .join('; ')
}
