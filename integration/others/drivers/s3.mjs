import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { attempt, CREDENTIALS, print, printingHandler } from './requests.mjs'

const client = new S3Client({
  credentials: CREDENTIALS,
  region: 'eu-west-1',
  requestHandler: printingHandler,
  maxAttempts: 1,
})
const Bucket = 'photos'
const KEYS = ['cat.jpg', 'a b/ä+&=%.txt', '//x/../y', "!'()*~", '😀']
for (const Key of KEYS) {
  const commands = [
    new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-9', ResponseContentType: 'text/plain; charset=utf-8' }),
    new PutObjectCommand({ Bucket, Key, Body: 'é', ContentType: 'text/plain', Metadata: { name: 'a  b' } }),
    new UploadPartCommand({ Bucket, Key, Body: 'é', PartNumber: 2, UploadId: 'id/+=' }),
    new CopyObjectCommand({ Bucket, Key, CopySource: `photos/${encodeURIComponent(Key)}` }),
  ]
  for (const command of commands) {
    print('presigned', await getSignedUrl(client, command, { expiresIn: 900, signingDate: new Date() }), {})
    await attempt(() => client.send(command))
  }
}
await attempt(() => client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a b/ä', Delimiter: '/' })))
