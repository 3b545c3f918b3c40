import { checkBucketName, checkKey } from './http/address.ts'
import { S3Error } from './http/errors.ts'
import type { ServiceResponse } from './http/response.ts'
import * as buckets from './operations/buckets.ts'
import { completeUpload } from './operations/complete-upload.ts'
import { listObjects, listObjectsV2, listUploads } from './operations/lists.ts'
import * as multipart from './operations/multipart.ts'
import * as objects from './operations/objects.ts'
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
  buckets.createBucket,
  objects.putObject,
  objects.copyObject,
  objects.deleteObjects,
  multipart.uploadPart,
  multipart.uploadPartCopy,
  completeUpload,
])

/** Runs the operation of a request. */
export async function perform(request: S3Request): Promise<ServiceResponse> {
  const operation = operationOf(request)
  if (request.bucket !== '') checkBucketName(request.bucket)
  checkKey(request.key)
  if (!READING.has(operation)) await skipBody(request)
  return operation(request)
}

function operationOf({ bucket, key, method, query, headers }: S3Request): Operation {
  for (const name of query.keys()) if (SUBRESOURCES.has(name)) rejectSubresource(name)
  const resource = bucket === '' ? 'SERVICE' : key === '' ? 'BUCKET' : 'OBJECT'
  const isCopy = headers.has('x-amz-copy-source')
  const operations = { SERVICE: { GET: buckets.listBuckets }, BUCKET: ofBucket(query), OBJECT: ofObject(query, isCopy) }
  const found = (Object.entries(operations[resource]) as [string, Operation][]).find(([name]) => name === method)
  if (!found) throw new S3Error('MethodNotAllowed', { Method: method, ResourceType: resource })
  return found[1]
}

function rejectSubresource(name: string): never {
  throw new S3Error('NotImplemented', { Parameter: name }, `This server does not support ?${name}`)
}

type Operations = Readonly<Record<string, Operation>>

function ofBucket(query: S3Request['query']): Operations {
  if (query.has('delete')) return { POST: objects.deleteObjects }
  if (query.has('location')) return { GET: buckets.getLocation }
  if (query.has('versioning')) return { GET: buckets.getVersioning, PUT: () => rejectSubresource('versioning') }
  if (query.has('uploads')) return { GET: listUploads }
  const list = query.get('list-type') === '2' ? listObjectsV2 : listObjects
  return { GET: list, HEAD: buckets.headBucket, PUT: buckets.createBucket, DELETE: buckets.deleteBucket }
}

function ofObject(query: S3Request['query'], isCopy: boolean): Operations {
  if (query.has('uploads')) return { POST: multipart.createUpload }
  if (query.has('uploadId')) {
    const put = isCopy ? multipart.uploadPartCopy : multipart.uploadPart
    return { GET: multipart.listParts, PUT: put, POST: completeUpload, DELETE: multipart.abortUpload }
  }
  const { getObject, copyObject, putObject, deleteObject } = objects
  return { GET: getObject, HEAD: getObject, PUT: isCopy ? copyObject : putObject, DELETE: deleteObject }
}
