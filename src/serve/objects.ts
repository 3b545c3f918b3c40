import { checkKey, decode } from './address.ts'
import { type Call, isoTime, noBucket, objectOf, skipBody, wholeSecond } from './call.ts'
import { type Checksum, checksumHeader } from './checksums.ts'
import { isUnchanged, partRange, type Range, readRange, removeCondition, writeCondition } from './conditions.ts'
import { rejectArgument, S3Error } from './errors.ts'
import { receive, sendable, storeBody, storedHeaders } from './receive.ts'
import type { ServiceResponse } from './response.ts'
import { xmlResponse } from './response.ts'
import type { Store, StoredObject } from './store.ts'
import { document, text } from './xml.ts'

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

export async function putObject(call: Call): Promise<ServiceResponse> {
  const { store, bucket, key, header, now } = call
  const condition = writeCondition(header, key)
  const headers = storedHeaders(call)
  condition?.(store.bucket(bucket)?.get(key)) // Before the body is read, and again afterwards.
  const { content, md5, checksum } = await receive(call)
  store.makeBucket(bucket, now)
  store.put(bucket, { key, content, etag: md5, modified: wholeSecond(now), headers, checksum }, condition)
  return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(checksum) } }
}

/** Handles GET and HEAD, which differ only in the body. */
export async function getObject(call: Call): Promise<ServiceResponse> {
  const { store, bucket, key, header, query } = call
  await skipBody(call)
  const version = query.get('versionId')
  if (version && version !== 'null') rejectArgument('Invalid version id specified', 'versionId', version)
  const object = objectOf(store, bucket, key)
  const { content, etag, modified } = object
  const common = { etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString() }
  if (isUnchanged(object, header)) return { status: 304, headers: common }
  const part = query.get('partNumber')
  if (part !== undefined && (!/^[1-9]\d{0,4}$/.test(part) || Number(part) > 10_000))
    rejectArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', part)
  const range = part === undefined ? readRange(header('range'), content.size) : partRange(object, Number(part))
  const { start, end }: Range = range ?? { start: 0, end: content.size }
  const headers: Record<string, string> = {
    ...object.headers,
    ...common,
    'accept-ranges': 'bytes',
    'content-security-policy': SANDBOX,
  }
  if (range && content.size > 0) headers['content-range'] = `bytes ${start}-${end - 1}/${content.size}`
  if (part !== undefined && object.parts) headers['x-amz-mp-parts-count'] = String(object.parts.length)
  if (!range && header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(headers, checksumHeaders(object.checksum))
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`)
    if (value !== undefined) headers[name] = sendable(`response-${name}`, value)
  }
  headers['content-length'] = String(end - start) // Set last: Node corrupts a Content-Disposition header after it.
  const status = range ? 206 : 200
  return call.method === 'HEAD' ? { status, headers } : { status, headers, body: store.read(content, start, end) }
}

export async function deleteObject(call: Call): Promise<ServiceResponse> {
  const { store, bucket, key, header } = call
  await skipBody(call)
  if (!store.bucket(bucket)) noBucket(bucket)
  store.remove(bucket, key, removeCondition(header))
  return { status: 204 }
}

export async function copyObject(call: Call): Promise<ServiceResponse> {
  const { store, bucket, key, header, now } = call
  const condition = writeCondition(header, key)
  const directive = header('x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE')
    rejectArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  await skipBody(call)
  const source = copySource(call)
  if (directive === 'COPY' && source.bucket === bucket && source.object.key === key)
    throw new S3Error(
      'InvalidRequest',
      {},
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  const headers = directive === 'COPY' ? source.object.headers : storedHeaders(call)
  const { content: from, checksum } = source.object
  store.requireSpace(from.size)
  const { content, md5 } = await storeBody(call, bytesOf(store, source.object, { start: 0, end: from.size }), {})
  const modified = wholeSecond(now)
  store.makeBucket(bucket, now)
  store.put(bucket, { key, content, etag: md5, modified, headers, checksum }, condition)
  return xmlResponse(
    document(
      'CopyObjectResult',
      text('LastModified', isoTime(modified)),
      text('ETag', `"${md5}"`),
      checksumElement(checksum),
    ),
  )
}

/** Returns the object that `x-amz-copy-source` names, if its conditions are met. */
export function copySource({ store, header }: Call): { bucket: string; object: StoredObject } {
  const source = header('x-amz-copy-source')!
  const [path, version] = source.replace(/^\//, '').split('?versionId=') as [string, string?]
  const decoded = decode(path)
  const slash = decoded.indexOf('/')
  if (slash < 1 || slash === decoded.length - 1)
    rejectArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      source,
    )
  if (version !== undefined && version !== 'null')
    rejectArgument('Invalid version id specified', 'x-amz-copy-source', source)
  const [bucket, key] = [decoded.slice(0, slash), decoded.slice(slash + 1)]
  checkKey(key)
  const object = objectOf(store, bucket, key)
  if (isUnchanged(object, header, 'x-amz-copy-source-'))
    throw new S3Error('PreconditionFailed', { Condition: 'x-amz-copy-source-If-None-Match' })
  return { bucket, object }
}

export async function* bytesOf(store: Store, { content }: StoredObject, { start, end }: Range) {
  for await (const bytes of store.read(content, start, end)) yield bytes as Uint8Array
  return undefined
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

export function checksumElement(checksum: Checksum | undefined): string {
  return checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) + text('ChecksumType', checksum.type) : ''
}
