import { decode } from '../../../../../src/internal/encoding.ts'
import { readReceived } from '../../../../../src/internal/received.ts'
import { hostScope } from '../../../../../src/internal/services.ts'
import { readCase } from '../../explain/case/read.ts'
import { type Evidence, type Inspection, inspect, parseEvidence, type RequestAsSent } from '../../explain.ts'
import { readToken } from '../../formats/token.ts'
import { hideShapes } from '../../redaction/hide.ts'
import { usage } from '../program/errors.ts'

export const PASTES =
  'a presigned URL, the output of curl -v, a raw HTTP request or response, a command copied from the browser (cURL, PowerShell, or fetch), a HAR file, a service error as XML, JSON, or text, an exception or debug log of an SDK or an HTTP client, or a canonical request'

/** Recognizes the evidence in a paste, and throws if there is none. */
export function recognize(text: string, from = 'standard input'): Evidence {
  if (text.trim() === '') usage(`${from} is empty. Paste ${PASTES}.`)
  const evidence = parseEvidence(text)
  if (evidence.items.length > 0) return evidence
  return usage(
    `nothing in ${from === 'standard input' ? 'the input' : from} was recognized. Paste ${PASTES}. Paste all of it, except the secret.`,
  )
}

/** Returns the request as it was sent, or as far as the service or the client shows it. */
export function requestOf(evidence: Evidence): RequestAsSent | undefined {
  if (!evidence.request && !evidence.response && !evidence.signed?.canonicalRequest) return undefined
  const { request, shown } = readCase(evidence)
  return shown.has('request') ? request : undefined
}

/** Inspects a request at a time, which every duration that is printed refers to. */
export function inspectAt(request: RequestAsSent, now: Date): Inspection {
  return inspect(request.headers ? request : (request.target ?? request.url ?? '/'), { now })
}

/** The target of a request, without secrets. */
export interface Destination {
  /** Missing for a URL alone. */
  readonly method: string | undefined
  readonly host: string | undefined
  readonly path: string
  /** Of S3, if the host shows where the bucket is. */
  readonly bucket: string | undefined
  readonly key: string | undefined
}

/** The start of a host of Amazon S3, or of a service with the same names: a bucket may precede it. */
const S3_HOST = /(?:^|\.)s3(?:[.-]|$)/
/** The same for other S3-compatible services. */
const OTHER_HOST =
  /(?:^|\.)(?:[\w-]{1,63}\.(?:r2\.cloudflarestorage|digitaloceanspaces|your-objectstorage)\.com|storage\.(?:googleapis\.com|yandexcloud\.net)|(?:t3|fly)\.storage\.(?:tigris\.)?dev)$/
/** Hosts of local servers, which expect the bucket in the path. */
const LOCAL_HOST = /^(?:[\d.]+|\[.*\]|[^.]+)$/

/** Returns the target of a request that is signed for `service`. */
export function destinationOf(
  { method, url, target, headers }: RequestAsSent,
  service: string | undefined,
): Destination {
  const { path, headers: received } = readReceived(
    { url: readToken(target ?? url ?? '/'), headers: headers ?? [] },
    undefined,
  )
  const { host } = received
  const name = host?.toLowerCase().replace(/:\d+$/, '') ?? ''
  const isS3 = (service ?? hostScope(name).service ?? 's3').startsWith('s3')
  const pattern = LOCAL_HOST.test(name) ? /^/ : S3_HOST.test(name) ? S3_HOST : OTHER_HOST
  const start = isS3 ? name.search(pattern) : -1
  const hide = (text: string): string | undefined => (text === '' ? undefined : hideShapes(decode(text)))
  const segments = path.slice(1).split('/')
  const bucket = start > 0 ? name.slice(0, start) : start === 0 ? segments.shift()! : ''
  return {
    method,
    host: host && hideShapes(host),
    path: hideShapes(path),
    bucket: hide(bucket),
    key: start < 0 ? undefined : hide(segments.join('/')),
  }
}
