import { createHash } from 'node:crypto'
import { isBucketName } from './address.ts'
import { bucketOf, type Call, decodeUtf8, isoTime, readSmall, skipBody } from './call.ts'
import { createDigest } from './checksums.ts'
import { S3Error } from './errors.ts'
import { declaredChecksum, declaredMd5 } from './receive.ts'
import { type ServiceResponse, xmlResponse } from './response.ts'
import { removeUpload } from './uploads.ts'
import { childText, document, malformed, parseXml, text, wrap } from './xml.ts'

const MAX_DOCUMENT_SIZE = 2 * 1024 * 1024
const MAX_KEYS = 1000

export async function listBuckets(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const prefix = call.query.get('prefix') ?? ''
  const buckets = call.store.buckets().filter(({ name }) => name.startsWith(prefix))
  return xmlResponse(
    document(
      'ListAllMyBucketsResult',
      owner('Owner', call),
      wrap(
        'Buckets',
        ...buckets.map(({ name, created }) =>
          wrap('Bucket', text('Name', name), text('CreationDate', isoTime(created))),
        ),
      ),
    ),
  )
}

/** Formats the owner: everything belongs to the signer. */
export function owner(element: string, { accessKeyId }: Call): string {
  const id = createHash('sha256').update(accessKeyId).digest('hex')
  return wrap(element, text('ID', id), text('DisplayName', accessKeyId))
}

export async function createBucket(call: Call): Promise<ServiceResponse> {
  const { bucket, store, now } = call
  const bytes = await readSmall(call, MAX_DOCUMENT_SIZE)
  if (bytes.length > 0) parseXml(decodeUtf8(bytes), 'CreateBucketConfiguration', 100)
  checkBucketName(bucket)
  store.makeBucket(bucket, now)
  return { status: 200, headers: { location: `/${bucket}` } }
}

export function checkBucketName(bucket: string): void {
  if (!isBucketName(bucket)) throw new S3Error('InvalidBucketName', { BucketName: bucket })
}

export async function headBucket(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  bucketOf(call)
  return { status: 200, headers: { 'x-amz-bucket-region': call.region } }
}

export async function deleteBucket(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const { name } = bucketOf(call)
  call.store.removeBucket(name)
  for (const upload of [...call.uploads.values()]) if (upload.bucket === name) removeUpload(call, upload)
  return { status: 204 }
}

export async function getLocation(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  bucketOf(call)
  const { region } = call
  return xmlResponse(document('LocationConstraint', region === 'us-east-1' ? '' : region))
}

/** Versioning is never enabled. Clients check before they list objects. */
export async function getVersioning(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  bucketOf(call)
  return xmlResponse(document('VersioningConfiguration'))
}

export async function deleteObjects(call: Call): Promise<ServiceResponse> {
  const { store, bucket } = call
  bucketOf(call)
  const [md5, { algorithm, value }] = [declaredMd5(call), declaredChecksum(call)]
  if (!md5 && !algorithm)
    throw new S3Error('InvalidRequest', {}, 'Missing required header for this request: Content-MD5')
  const bytes = await readSmall(call, MAX_DOCUMENT_SIZE)
  if (md5 && !createHash('md5').update(bytes).digest().equals(md5)) throw new S3Error('BadDigest')
  if (algorithm && value !== undefined) {
    const digest = createDigest(algorithm)
    digest.update(bytes)
    if (digest.digest().toString('base64') !== value)
      throw new S3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`)
  }
  const root = parseXml(decodeUtf8(bytes), 'Delete', 8 * MAX_KEYS)
  const objects = root.children.filter(({ name }) => name === 'Object')
  const keys = objects.map((object) => childText(object, 'Key') || malformed())
  if (keys.length === 0 || keys.length > MAX_KEYS) malformed()
  for (const key of keys) store.remove(bucket, key)
  const isQuiet = childText(root, 'Quiet')?.trim() === 'true'
  return xmlResponse(document('DeleteResult', ...(isQuiet ? [] : keys.map((key) => wrap('Deleted', text('Key', key))))))
}
