import { rejectArgument } from '../../http/errors.ts'
import { sendable } from '../../http/headers.ts'
import { partRange, readRange } from '../../http/ranges.ts'
import type { ServiceResponse } from '../../http/response.ts'
import { checksumHeaders } from '../checks.ts'
import { isUnchanged } from '../conditions.ts'
import { partNumber, type S3Request } from '../request.ts'

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]

/**
 * Runs the scripts of a stored page in an origin of its own: in that of the server, which is allowed, they could read and
 * change everything, and the cookies of other servers on this host. A presigned URL can declare any object a page.
 */
const SANDBOX = 'sandbox allow-scripts'

/** Handles GET and HEAD, which differ only in the body. */
export function getObject(request: S3Request): ServiceResponse {
  const { method, store, bucket, key, header, query } = request
  const version = query.get('versionId')
  if (version && version !== 'null') rejectArgument('Invalid version id specified', 'versionId', version)
  const object = store.object(bucket, key)
  const { content, etag, modified } = object
  const common = { etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString() }
  if (isUnchanged(object, header)) return { status: 304, headers: common }
  const { parts } = object
  const part = query.has('partNumber') ? partNumber(request) : undefined
  const range = part === undefined ? readRange(header('range'), content.size) : partRange(parts ?? [content.size], part)
  const { start, end } = range ?? { start: 0, end: content.size }
  const headers: Record<string, string> = {
    ...object.headers,
    ...common,
    'accept-ranges': 'bytes',
    'content-security-policy': SANDBOX,
  }
  if (range && content.size > 0) headers['content-range'] = `bytes ${start}-${end - 1}/${content.size}`
  if (part !== undefined && parts) headers['x-amz-mp-parts-count'] = String(parts.length)
  if (!range && header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(headers, checksumHeaders(object.checksum))
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`)
    if (value !== undefined) headers[name] = sendable(`response-${name}`, value)
  }
  headers['content-length'] = String(end - start) // Set last: Node corrupts a Content-Disposition header after it.
  const status = range ? 206 : 200
  return method === 'HEAD' ? { status, headers } : { status, headers, body: store.read(content, start, end) }
}
