import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

// An agent with the AWS SDK. The endpoint and the placeholder key are in its environment.
const s3 = new S3Client({ forcePathStyle: true })
const bucket = { Bucket: process.env.S3_BUCKET ?? 'photos' }
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

const large = new Uint8Array(6 * 1024 * 1024).map((_, i) => i * 7)
const text = new TextEncoder().encode('Grüße')
const objects = [
  ['a b+c/ü*(1).txt', text],
  ['large.bin', large],
] as const
for (const [Key, Body] of objects) await s3.send(new PutObjectCommand({ ...bucket, Key, Body }))
const parts = new Upload({ client: s3, params: { ...bucket, Key: 'stream.bin', Body: Readable.from([large, large]) } })
await parts.done()

for (const [Key, sent] of [...objects, ['stream.bin', Buffer.concat([large, large])] as const]) {
  const { Body } = await s3.send(new GetObjectCommand({ ...bucket, Key }))
  const received = await Body!.transformToByteArray()
  console.log(Key, received.length, sha256(received) === sha256(sent) ? 'unchanged' : 'changed')
}
const { Contents = [] } = await s3.send(new ListObjectsV2Command(bucket))
console.log(Contents.length, 'objects')
