import { MAX_LISTED } from '../../../../../src/internal/s3.ts'
import { wrap } from '../../../../../src/internal/xml.ts'
import { SANDBOX } from '../../server/sandbox.ts'
import { checkKey, decode } from '../http/address.ts'
import { rejectArgument, rejectRequest, S3Error } from '../http/errors.ts'
import { sendable, storedHeaders } from '../http/headers.ts'
import { partRange, readRange } from '../http/ranges.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { childText, malformed, parseXml, text } from '../http/xml.ts'
import type { StoredObject } from '../store/storage.ts'
import { checkedBody, checksumElement, checksumHeaders, readDeclared } from './checks.ts'
import { isUnchanged, removeCondition, writeCondition } from './conditions.ts'
import { receive, storeCopy } from './receive.ts'
import { isoTime, MAX_DOCUMENT_SIZE, partNumber, readSmall, type S3Request, skipBody } from './request.ts'

/** Headers that a GET can override with `response-…`. */
const OVERRIDES = 'cache-control content-disposition content-encoding content-language content-type expires'.split(' ')

export async function putObject(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, key, headers, now } = request
  const condition = writeCondition(headers, key)
  const stored = storedHeaders(headers)
  condition?.(store.find(bucket, key)) // Before the body is read, and again afterwards.
  const { content, md5, checksum } = await receive(request)
  store.put(bucket, { key, content, etag: md5, modified: now, headers: stored, checksum }, condition)
  return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(checksum) } }
}

/** Handles GET and HEAD, which differ only in the body. */
export function getObject(request: S3Request): ServiceResponse {
  const { method, store, bucket, key, headers, query } = request
  const version = query.get('versionId')
  if (version && version !== 'null') rejectArgument('Invalid version id specified', 'versionId', version)
  const object = store.object(bucket, key)
  const { content, etag, modified, parts } = object
  const common = { etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString() }
  if (isUnchanged(object, headers)) return { status: 304, headers: common }
  const part = query.has('partNumber') ? partNumber(request) : undefined
  const range =
    part === undefined ? readRange(headers.get('range'), content.size) : partRange(parts ?? [content.size], part)
  const { start, end } = range ?? { start: 0, end: content.size }
  const sent: Record<string, string> = {
    ...object.headers,
    ...common,
    'accept-ranges': 'bytes',
    'content-security-policy': SANDBOX, // a presigned URL can return any object as a page
  }
  if (range && content.size > 0) sent['content-range'] = `bytes ${start}-${end - 1}/${content.size}`
  if (part !== undefined && parts) sent['x-amz-mp-parts-count'] = String(parts.length)
  if (!range && headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(sent, checksumHeaders(object.checksum))
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`)
    if (value !== undefined) sent[name] = sendable(`response-${name}`, value)
  }
  sent['content-length'] = String(end - start) // Set last: Node corrupts a Content-Disposition header after it.
  const status = range ? 206 : 200
  return method === 'HEAD'
    ? { status, headers: sent }
    : { status, headers: sent, body: store.read(content, start, end) }
}

export async function copyObject(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, key, headers, now } = request
  const condition = writeCondition(headers, key)
  const directive = headers.get('x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE')
    rejectArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  await skipBody(request)
  const source = copySource(request)
  if (directive === 'COPY' && source.bucket === bucket && source.object.key === key)
    rejectRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  const stored = directive === 'COPY' ? source.object.headers : storedHeaders(headers)
  const { content: from, checksum } = source.object
  const { content, md5 } = await storeCopy(store, source.object, { start: 0, end: from.size })
  store.put(bucket, { key, content, etag: md5, modified: now, headers: stored, checksum }, condition)
  return xmlResponse('CopyObjectResult', [
    text('LastModified', isoTime(now)),
    text('ETag', `"${md5}"`),
    checksumElement(checksum),
  ])
}

/** Returns the object that `x-amz-copy-source` names, if its conditions are met. */
export function copySource({ store, headers }: S3Request): { bucket: string; object: StoredObject } {
  const name = 'x-amz-copy-source'
  const source = headers.get(name)!
  const [path, version] = source.replace(/^\//, '').split('?versionId=') as [string, string?]
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(decode(path)) ?? []
  if (bucket === undefined || key === undefined)
    rejectArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey', name, source)
  if (version !== undefined && version !== 'null') rejectArgument('Invalid version id specified', name, source)
  checkKey(key)
  const object = store.object(bucket, key)
  if (isUnchanged(object, headers, `${name}-`))
    throw new S3Error('PreconditionFailed', { Condition: `${name}-If-None-Match` })
  return { bucket, object }
}

export function deleteObject({ store, bucket, key, headers }: S3Request): ServiceResponse {
  store.bucket(bucket)
  store.remove(bucket, key, removeCondition(headers))
  return { status: 204 }
}

export async function deleteObjects(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, headers } = request
  store.bucket(bucket)
  const declared = readDeclared(headers)
  if (!declared.md5 && !declared.algorithm) rejectRequest('Missing required header for this request: Content-MD5')
  const bytes = await readSmall(store, checkedBody(request.body, declared), MAX_DOCUMENT_SIZE)
  const root = parseXml(bytes, 'Delete', 8 * MAX_LISTED)
  const objects = root.children.filter(({ name }) => name === 'Object')
  const keys = objects.map((object) => childText(object, 'Key') || malformed())
  if (keys.length === 0 || keys.length > MAX_LISTED) malformed()
  for (const key of keys) store.remove(bucket, key)
  const isQuiet = childText(root, 'Quiet')?.trim() === 'true'
  return xmlResponse('DeleteResult', isQuiet ? [] : keys.map((key) => wrap('Deleted', text('Key', key))))
}
