import { createHash } from 'node:crypto'
import { isBucketName } from './address.ts'
import { type Answer, xmlAnswer } from './answer.ts'
import { bucketOf, type Call, decodeUtf8, isoTime, readSmall, skipBody } from './call.ts'
import { createDigest } from './checksums.ts'
import { S3Error } from './errors.ts'
import { declaredChecksum, declaredMd5 } from './receive.ts'
import { endUpload } from './uploads.ts'
import { childText, document, malformed, parseXml, text, wrap } from './xml.ts'

const LARGEST_DOCUMENT = 2 * 1024 * 1024
const MOST_KEYS = 1000

export async function listBuckets(call: Call): Promise<Answer> {
  await skipBody(call)
  const prefix = call.query.get('prefix') ?? ''
  const buckets = call.store.buckets().filter(({ name }) => name.startsWith(prefix))
  return xmlAnswer(
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

/** Who signed is whose all is. */
export function owner(element: string, { accessKeyId }: Call): string {
  const id = createHash('sha256').update(accessKeyId).digest('hex')
  return wrap(element, text('ID', id), text('DisplayName', accessKeyId))
}

export async function createBucket(call: Call): Promise<Answer> {
  const { bucket, store, now } = call
  const bytes = await readSmall(call, LARGEST_DOCUMENT)
  if (bytes.length > 0) parseXml(decodeUtf8(bytes), 'CreateBucketConfiguration', 100)
  checkBucketName(bucket)
  store.makeBucket(bucket, now)
  return { status: 200, headers: { location: `/${bucket}` } }
}

export function checkBucketName(bucket: string): void {
  if (!isBucketName(bucket)) throw new S3Error('InvalidBucketName', { BucketName: bucket })
}

export async function headBucket(call: Call): Promise<Answer> {
  await skipBody(call)
  bucketOf(call)
  return { status: 200, headers: { 'x-amz-bucket-region': call.region } }
}

export async function deleteBucket(call: Call): Promise<Answer> {
  await skipBody(call)
  const { name } = bucketOf(call)
  call.store.removeBucket(name)
  for (const upload of [...call.uploads.values()]) if (upload.bucket === name) endUpload(call, upload)
  return { status: 204 }
}

export async function getLocation(call: Call): Promise<Answer> {
  await skipBody(call)
  bucketOf(call)
  const { region } = call
  return xmlAnswer(document('LocationConstraint', region === 'us-east-1' ? '' : region))
}

/** Buckets have one version of everything; clients ask before they list. */
export async function getVersioning(call: Call): Promise<Answer> {
  await skipBody(call)
  bucketOf(call)
  return xmlAnswer(document('VersioningConfiguration'))
}

export async function deleteObjects(call: Call): Promise<Answer> {
  const { store, bucket } = call
  bucketOf(call)
  const [md5, { algorithm, value }] = [declaredMd5(call), declaredChecksum(call)]
  if (!md5 && !algorithm)
    throw new S3Error('InvalidRequest', {}, 'Missing required header for this request: Content-MD5')
  const bytes = await readSmall(call, LARGEST_DOCUMENT)
  if (md5 && !createHash('md5').update(bytes).digest().equals(md5)) throw new S3Error('BadDigest')
  if (algorithm && value !== undefined) {
    const digest = createDigest(algorithm)
    digest.update(bytes)
    if (digest.digest().toString('base64') !== value)
      throw new S3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`)
  }
  const root = parseXml(decodeUtf8(bytes), 'Delete', 8 * MOST_KEYS)
  const objects = root.children.filter(({ name }) => name === 'Object')
  const keys = objects.map((object) => childText(object, 'Key') || malformed())
  if (keys.length === 0 || keys.length > MOST_KEYS) malformed()
  for (const key of keys) store.remove(bucket, key)
  const isQuiet = childText(root, 'Quiet')?.trim() === 'true'
  return xmlAnswer(document('DeleteResult', ...(isQuiet ? [] : keys.map((key) => wrap('Deleted', text('Key', key))))))
}
