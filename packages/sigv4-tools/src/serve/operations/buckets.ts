import { wrap } from '../../../../../src/internal/xml.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { parseXml, text } from '../http/xml.ts'
import { isoTime, MAX_DOCUMENT_SIZE, owner, readSmall, type S3Request } from './request.ts'

export function listBuckets(request: S3Request): ServiceResponse {
  const prefix = request.query.get('prefix') ?? ''
  const buckets = request.store.buckets().filter(({ name }) => name.startsWith(prefix))
  const elements = buckets.map(({ name, created }) =>
    wrap('Bucket', text('Name', name), text('CreationDate', isoTime(created))),
  )
  return xmlResponse('ListAllMyBucketsResult', [owner('Owner', request), wrap('Buckets', ...elements)])
}

export async function createBucket({ store, bucket, body, now }: S3Request): Promise<ServiceResponse> {
  const bytes = await readSmall(store, body, MAX_DOCUMENT_SIZE)
  if (bytes.length > 0) parseXml(bytes, 'CreateBucketConfiguration', 100)
  store.makeBucket(bucket, now)
  return { status: 200, headers: { location: `/${bucket}` } }
}

export function deleteBucket({ store, bucket }: S3Request): ServiceResponse {
  store.removeBucket(bucket)
  return { status: 204 }
}

export function headBucket({ store, bucket, region }: S3Request): ServiceResponse {
  store.bucket(bucket)
  return { status: 200, headers: { 'x-amz-bucket-region': region } }
}

export function getLocation({ store, bucket, region }: S3Request): ServiceResponse {
  store.bucket(bucket)
  return xmlResponse('LocationConstraint', [region === 'us-east-1' ? '' : region])
}

/** Versioning is never enabled. Clients check before they list objects. */
export function getVersioning({ store, bucket }: S3Request): ServiceResponse {
  store.bucket(bucket)
  return xmlResponse('VersioningConfiguration')
}
