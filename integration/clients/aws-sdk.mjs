import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { BODY, KEY, place, rejection, report, same } from './report.mjs'

const { endpoint, region, accessKeyId, secretAccessKey, bucket: Bucket } = place
const options = { endpoint, region, forcePathStyle: true, maxAttempts: 1 }
// Without a buffer, each piece of a stream is a chunk, and S3 rejects small ones.
const requestStreamBufferSize = 65_536
const s3 = new S3Client({ ...options, requestStreamBufferSize, credentials: { accessKeyId, secretAccessKey } })
const unbuffered = new S3Client({ ...options, credentials: { accessKeyId, secretAccessKey } })
const impostor = new S3Client({ ...options, credentials: { accessKeyId, secretAccessKey: `${secretAccessKey}x` } })
const unknown = new S3Client({ ...options, credentials: { accessKeyId: 'UNKNOWN', secretAccessKey } })
const big = Buffer.alloc(11 * 1024 * 1024, 'sigv4')
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')
const errorOf = (error) => `${error.$metadata?.httpStatusCode} ${error.name}`

async function read(Key, more = {}) {
  return (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body.transformToString()
}

await report({
  bucket: async () => void (await s3.send(new CreateBucketCommand({ Bucket }))),
  put: async () => {
    const { ETag, ChecksumCRC32 } = await s3.send(
      new PutObjectCommand({ Bucket, Key: KEY, Body: BODY, ContentType: 'text/plain', Metadata: { who: 'sdk' } }),
    )
    same(ETag, `"${createHash('md5').update(BODY).digest('hex')}"`)
    same(typeof ChecksumCRC32, 'string')
  },
  get: async () => same(await read(KEY), BODY),
  'get range': async () => same(await read(KEY, { Range: 'bytes=5-8' }), BODY.slice(5, 9)),
  head: async () => {
    const { Metadata, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: KEY }))
    same(`${Metadata.who} ${ContentLength}`, `sdk ${BODY.length}`)
  },
  'put a stream, checksum in the trailer': async () => {
    const Body = Readable.from([Buffer.from('in '), Buffer.from('pieces')])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 9 }))
    same(await read('stream'), 'in pieces')
  },
  ...Object.fromEntries(
    ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'].map((ChecksumAlgorithm) => [
      `checksum ${ChecksumAlgorithm}`,
      async () => {
        const Key = `checksum/${ChecksumAlgorithm}`
        const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body: BODY, ChecksumAlgorithm }))
        const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
        same(await got.Body.transformToString(), BODY)
        same(got[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`])
        same(typeof got[`Checksum${ChecksumAlgorithm}`], 'string')
      },
    ]),
  ),
  'multipart upload': async () => {
    const upload = new Upload({ client: s3, params: { Bucket, Key: 'big', Body: big }, partSize: 5 * 1024 * 1024 })
    const { ETag } = await upload.done()
    same(/-3"$/.test(ETag), true)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'big' }))
    same(sha(await got.Body.transformToByteArray()), sha(big))
  },
  'multipart upload of a stream': async () => {
    const Body = Readable.from([big.subarray(0, 6_000_000), big.subarray(6_000_000)])
    await new Upload({ client: s3, params: { Bucket, Key: 'big stream', Body } }).done()
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'big stream' }))
    same(sha(await got.Body.transformToByteArray()), sha(big))
  },
  'presigned put': async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'presigned' }), { expiresIn: 60 })
    const response = await fetch(url, { method: 'PUT', body: BODY })
    if (!response.ok) throw new Error(await response.text())
  },
  'presigned get': async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'presigned' }), { expiresIn: 60 })
    same(await (await fetch(url)).text(), BODY)
  },
  list: async () => {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }))
    same(
      Contents.some(({ Key }) => Key === KEY),
      true,
    )
    same(Contents.length, 10)
  },
  'list pages': async () => {
    const found = []
    for (let ContinuationToken; ; ) {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3, Delimiter: '/', ContinuationToken }))
      found.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      )
      ContinuationToken = page.NextContinuationToken
      if (!page.IsTruncated) break
    }
    same(found.sort().join(' '), 'a folder/ big big stream checksum/ presigned stream')
  },
  copy: async () => {
    const CopySource = `${Bucket}/${encodeURIComponent(KEY)}`
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
    same(await read('copy'), BODY)
  },
  buckets: async () =>
    same(
      (await s3.send(new ListBucketsCommand({}))).Buckets.some(({ Name }) => Name === Bucket),
      true,
    ),
  delete: async () => {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: KEY }))
    return rejection(() => s3.send(new GetObjectCommand({ Bucket, Key: KEY })), errorOf)
  },
  'delete many': async () => {
    const Objects = [{ Key: 'big' }, { Key: 'copy' }, { Key: 'missing key' }]
    const { Deleted, Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    same(`${Deleted.length} ${Errors.length}`, '3 0')
  },
  'rejected: wrong secret': () =>
    rejection(() => impostor.send(new PutObjectCommand({ Bucket, Key: 'x', Body: BODY })), errorOf),
  'rejected: unknown key ID': () => rejection(() => unknown.send(new ListObjectsV2Command({ Bucket })), errorOf),
  'a stream in small pieces': async () => {
    const Body = Readable.from([Buffer.from('in '), Buffer.from('pieces')])
    const put = new PutObjectCommand({ Bucket, Key: 'small pieces', Body, ContentLength: 9 })
    return unbuffered.send(put).then(() => 'accepted', errorOf)
  },
  'rejected: presigned, wrong secret': async () => {
    const url = await getSignedUrl(impostor, new GetObjectCommand({ Bucket, Key: 'presigned' }))
    const response = await fetch(url)
    return `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1]}`
  },
})
