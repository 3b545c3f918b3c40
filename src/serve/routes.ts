import { checkBucketName, checkKey } from './http/address.ts'
import { S3Error } from './http/errors.ts'
import type { ServiceResponse } from './http/response.ts'
import { createBucket, deleteBucket, getLocation, getVersioning, headBucket } from './operations/bucket/bucket.ts'
import { listBuckets } from './operations/bucket/list-buckets.ts'
import { listObjects, listObjectsV2 } from './operations/bucket/list-objects.ts'
import { completeUpload } from './operations/multipart/complete-upload.ts'
import { abortUpload, createUpload } from './operations/multipart/create-upload.ts'
import { listParts } from './operations/multipart/list-parts.ts'
import { listUploads } from './operations/multipart/list-uploads.ts'
import { uploadPart, uploadPartCopy } from './operations/multipart/upload-part.ts'
import { copyObject } from './operations/object/copy-object.ts'
import { deleteObject, deleteObjects } from './operations/object/delete-object.ts'
import { getObject } from './operations/object/get-object.ts'
import { putObject } from './operations/object/put-object.ts'
import { type S3Request, skipBody } from './operations/request.ts'

type Operation = (request: S3Request) => ServiceResponse | Promise<ServiceResponse>

/** S3 subresources that this server does not support. */
const SUBRESOURCES = new Set(
  'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent versions website'.split(
    ' ',
  ),
)

/** The operations that read the body. For all others, it must be empty or is ignored. */
const READING: ReadonlySet<Operation> = new Set<Operation>([
  createBucket,
  deleteObjects,
  putObject,
  copyObject,
  uploadPart,
  uploadPartCopy,
  completeUpload,
])

function rejectVersioning(): never {
  throw new S3Error('NotImplemented', { Parameter: 'versioning' }, 'This server does not support versioning')
}

/** Runs the operation of a request. */
export async function perform(request: S3Request): Promise<ServiceResponse> {
  const operation = operationOf(request)
  if (request.bucket !== '') checkBucketName(request.bucket)
  checkKey(request.key)
  if (!READING.has(operation)) await skipBody(request)
  return operation(request)
}

function operationOf(request: S3Request): Operation {
  const { bucket, key, method, query } = request
  for (const name of query.keys())
    if (SUBRESOURCES.has(name))
      throw new S3Error('NotImplemented', { Parameter: name }, `This server does not support ?${name}`)
  const operations = bucket === '' ? { GET: listBuckets } : key === '' ? ofBucket(query) : ofObject(request)
  const found = Object.hasOwn(operations, method) && operations[method as keyof typeof operations]
  if (found) return found
  throw new S3Error('MethodNotAllowed', {
    Method: method,
    ResourceType: bucket === '' ? 'SERVICE' : key === '' ? 'BUCKET' : 'OBJECT',
  })
}

function ofBucket(query: S3Request['query']): Record<string, Operation> {
  if (query.has('delete')) return { POST: deleteObjects }
  if (query.has('location')) return { GET: getLocation }
  if (query.has('versioning')) return { GET: getVersioning, PUT: rejectVersioning }
  if (query.has('uploads')) return { GET: listUploads }
  const list = query.get('list-type') === '2' ? listObjectsV2 : listObjects
  return { GET: list, HEAD: headBucket, PUT: createBucket, DELETE: deleteBucket }
}

function ofObject({ header, query }: S3Request): Record<string, Operation> {
  const isCopy = header('x-amz-copy-source') !== undefined
  if (query.has('uploads')) return { POST: createUpload }
  if (query.has('uploadId'))
    return { GET: listParts, PUT: isCopy ? uploadPartCopy : uploadPart, POST: completeUpload, DELETE: abortUpload }
  return { GET: getObject, HEAD: getObject, PUT: isCopy ? copyObject : putObject, DELETE: deleteObject }
}
