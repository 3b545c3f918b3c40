import { checkKey } from './address.ts'
import {
  checkBucketName,
  createBucket,
  deleteBucket,
  deleteObjects,
  getLocation,
  getVersioning,
  headBucket,
  listBuckets,
} from './buckets.ts'
import type { Call } from './call.ts'
import { completeUpload } from './complete.ts'
import { S3Error } from './errors.ts'
import { listObjects, listObjectsV2 } from './list.ts'
import { abortUpload, createUpload, listParts, listUploads, uploadPart, uploadPartCopy } from './multipart.ts'
import { copyObject, deleteObject, getObject, putObject } from './objects.ts'
import type { ServiceResponse } from './response.ts'

type Operation = (call: Call) => Promise<ServiceResponse>

/** S3 subresources that this server does not support. */
const SUBRESOURCES = new Set(
  'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent versions website'.split(
    ' ',
  ),
)

async function rejectVersioning(): Promise<ServiceResponse> {
  throw new S3Error('NotImplemented', { Parameter: 'versioning' }, 'This server does not support versioning')
}

/** Runs the operation of a request. */
export async function perform(call: Call): Promise<ServiceResponse> {
  const operation = operationOf(call)
  if (call.bucket !== '') checkBucketName(call.bucket)
  checkKey(call.key)
  return operation(call)
}

function operationOf(call: Call): Operation {
  const { bucket, key, method, query } = call
  for (const name of query.keys())
    if (SUBRESOURCES.has(name))
      throw new S3Error('NotImplemented', { Parameter: name }, `This server does not support ?${name}`)
  const operations = bucket === '' ? { GET: listBuckets } : key === '' ? ofBucket(query) : ofObject(call)
  const found = Object.hasOwn(operations, method) && operations[method as keyof typeof operations]
  if (found) return found
  throw new S3Error('MethodNotAllowed', {
    Method: method,
    ResourceType: bucket === '' ? 'SERVICE' : key === '' ? 'BUCKET' : 'OBJECT',
  })
}

function ofBucket(query: Call['query']): Record<string, Operation> {
  if (query.has('delete')) return { POST: deleteObjects }
  if (query.has('location')) return { GET: getLocation }
  if (query.has('versioning')) return { GET: getVersioning, PUT: rejectVersioning }
  if (query.has('uploads')) return { GET: listUploads }
  const list = query.get('list-type') === '2' ? listObjectsV2 : listObjects
  return { GET: list, HEAD: headBucket, PUT: createBucket, DELETE: deleteBucket }
}

function ofObject({ header, query }: Call): Record<string, Operation> {
  const isCopy = header('x-amz-copy-source') !== undefined
  if (query.has('uploads')) return { POST: createUpload }
  if (query.has('uploadId'))
    return { GET: listParts, PUT: isCopy ? uploadPartCopy : uploadPart, POST: completeUpload, DELETE: abortUpload }
  return { GET: getObject, HEAD: getObject, PUT: isCopy ? copyObject : putObject, DELETE: deleteObject }
}
