import { MAX_LISTED } from '../../../core/s3-limits.ts'
import { rejectRequest } from '../../http/errors.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { childText, malformed, parseXml, text, wrap } from '../../http/xml.ts'
import { checkedBody, declaredChecksum, declaredMd5 } from '../checks.ts'
import { removeCondition } from '../conditions.ts'
import { readSmall, type S3Request } from '../request.ts'

const MAX_DOCUMENT_SIZE = 2 * 1024 * 1024

export function deleteObject({ store, bucket, key, header }: S3Request): ServiceResponse {
  store.bucket(bucket)
  store.remove(bucket, key, removeCondition(header))
  return { status: 204 }
}

export async function deleteObjects(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket } = request
  store.bucket(bucket)
  const declared = { md5: declaredMd5(request), ...declaredChecksum(request) }
  if (!declared.md5 && !declared.algorithm) rejectRequest('Missing required header for this request: Content-MD5')
  const bytes = await readSmall(store, checkedBody(request.body(), declared), MAX_DOCUMENT_SIZE)
  const root = parseXml(bytes, 'Delete', 8 * MAX_LISTED)
  const objects = root.children.filter(({ name }) => name === 'Object')
  const keys = objects.map((object) => childText(object, 'Key') || malformed())
  if (keys.length === 0 || keys.length > MAX_LISTED) malformed()
  for (const key of keys) store.remove(bucket, key)
  const isQuiet = childText(root, 'Quiet')?.trim() === 'true'
  return xmlResponse('DeleteResult', isQuiet ? [] : keys.map((key) => wrap('Deleted', text('Key', key))))
}
