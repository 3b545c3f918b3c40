import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text, wrap } from '../../http/xml.ts'
import { isoTime, owner, type S3Request } from '../request.ts'

export function listBuckets(request: S3Request): ServiceResponse {
  const prefix = request.query.get('prefix') ?? ''
  const buckets = request.store.buckets().filter(({ name }) => name.startsWith(prefix))
  const elements = buckets.map(({ name, created }) =>
    wrap('Bucket', text('Name', name), text('CreationDate', isoTime(created))),
  )
  return xmlResponse('ListAllMyBucketsResult', [owner('Owner', request), wrap('Buckets', ...elements)])
}
