import { storedHeaders } from '../../http/headers.ts'
import type { ServiceResponse } from '../../http/response.ts'
import { checksumHeaders } from '../checks.ts'
import { writeCondition } from '../conditions.ts'
import { receive } from '../receive.ts'
import { type S3Request, wholeSecond } from '../request.ts'

export async function putObject(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, key, header, now } = request
  const condition = writeCondition(header, key)
  const headers = storedHeaders(request)
  condition?.(store.find(bucket, key)) // Before the body is read, and again afterwards.
  const { content, md5, checksum } = await receive(request)
  store.put(bucket, { key, content, etag: md5, modified: wholeSecond(now), headers, checksum }, condition)
  return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(checksum) } }
}
