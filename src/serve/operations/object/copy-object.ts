import { checkKey, decode } from '../../http/address.ts'
import { rejectArgument, rejectRequest, S3Error } from '../../http/errors.ts'
import { storedHeaders } from '../../http/headers.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text } from '../../http/xml.ts'
import type { StoredObject } from '../../store/journal.ts'
import { checksumElement } from '../checks.ts'
import { isUnchanged, writeCondition } from '../conditions.ts'
import { storeCopy } from '../receive.ts'
import { isoTime, type S3Request, skipBody, wholeSecond } from '../request.ts'

export async function copyObject(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, key, header, now } = request
  const condition = writeCondition(header, key)
  const directive = header('x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE')
    rejectArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  await skipBody(request)
  const source = copySource(request)
  if (directive === 'COPY' && source.bucket === bucket && source.object.key === key)
    rejectRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  const headers = directive === 'COPY' ? source.object.headers : storedHeaders(request)
  const { content: from, checksum } = source.object
  const { content, md5 } = await storeCopy(store, source.object, { start: 0, end: from.size })
  const modified = wholeSecond(now)
  store.put(bucket, { key, content, etag: md5, modified, headers, checksum }, condition)
  return xmlResponse('CopyObjectResult', [
    text('LastModified', isoTime(modified)),
    text('ETag', `"${md5}"`),
    checksumElement(checksum),
  ])
}

/** Returns the object that `x-amz-copy-source` names, if its conditions are met. */
export function copySource({ store, header }: S3Request): { bucket: string; object: StoredObject } {
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
  const bucket = decoded.slice(0, slash)
  const key = decoded.slice(slash + 1)
  checkKey(key)
  const object = store.object(bucket, key)
  if (isUnchanged(object, header, 'x-amz-copy-source-'))
    throw new S3Error('PreconditionFailed', { Condition: 'x-amz-copy-source-If-None-Match' })
  return { bucket, object }
}
