/** S3 operations, and their methods. */
const METHODS: readonly [start: RegExp, method: string][] = [
  [/^Head/, 'HEAD'],
  [/^(?:Get(?:Object|Bucket)|List(?:Objects|Buckets|Parts|Multipart))/, 'GET'],
  [/^(?:Put(?:Object|Bucket)|UploadPart|CopyObject|CreateBucket)/, 'PUT'],
  [/^(?:DeleteObjects|(?:Create|Complete)MultipartUpload)/, 'POST'],
  [/^(?:DeleteObject|DeleteBucket|AbortMultipart)/, 'DELETE'],
]

/** The method of an S3 operation, such as `PutObject`; `undefined` for other operations. */
export function methodOf(operation: string): string | undefined {
  return METHODS.find(([start]) => start.test(operation))?.[1]
}
