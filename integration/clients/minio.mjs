import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Client } from 'minio'
import { BODY, KEY, place, rejection, report, same } from './report.mjs'

const { bucket } = place
const { hostname: endPoint, port } = new URL(place.endpoint)
const options = { endPoint, port: Number(port), useSSL: false, region: place.region, accessKey: place.accessKeyId }
const client = new Client({ ...options, secretKey: place.secretAccessKey })
const impostor = new Client({ ...options, secretKey: 'wrong-secret' })
const big = Buffer.alloc(12 * 1024 * 1024, 'minio')
const errorOf = (error) => String(error.code)

async function all(stream) {
  const found = []
  for await (const item of stream) found.push(item)
  return found
}

const read = async (key) => Buffer.concat(await all(await client.getObject(bucket, key)))

await report({
  bucket: async () => {
    same(await client.bucketExists(bucket), false)
    await client.makeBucket(bucket)
    same(await client.bucketExists(bucket), true)
  },
  put: async () =>
    void (await client.putObject(bucket, KEY, BODY, undefined, { 'Content-Type': 'text/plain', who: 'm' })),
  get: async () => same(String(await read(KEY)), BODY),
  stat: async () => {
    const { size, metaData } = await client.statObject(bucket, KEY)
    same(`${size} ${metaData.who}`, `${BODY.length} m`)
  },
  'multipart upload': async () => {
    const parts = new Client({ ...options, secretKey: place.secretAccessKey, partSize: 5 * 1024 * 1024 })
    const { etag } = await parts.putObject(bucket, 'big', Readable.from([big]), big.length)
    same(/-\d$/.test(etag), true) // The number of parts depends on the client's stream buffers.
    const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')
    same(sha(await read('big')), sha(big))
  },
  'presigned put': async () => {
    const url = await client.presignedPutObject(bucket, 'presigned', 60)
    const response = await fetch(url, { method: 'PUT', body: BODY })
    if (!response.ok) throw new Error(await response.text())
  },
  'presigned get': async () => {
    const url = await client.presignedGetObject(bucket, 'presigned', 60, { 'response-content-type': 'text/x-minio' })
    const response = await fetch(url)
    same(response.headers.get('content-type'), 'text/x-minio')
    same(await response.text(), BODY)
  },
  list: async () => {
    const v2 = (await all(client.listObjectsV2(bucket, '', true))).map(({ name }) => name)
    const v1 = (await all(client.listObjects(bucket, '', true))).map(({ name }) => name)
    same(v2.join('|'), [KEY, 'big', 'presigned'].join('|'))
    same(v1.join('|'), v2.join('|'))
    same((await all(client.listObjectsV2(bucket, '', false)))[0].prefix ?? 'last', 'last')
  },
  buckets: async () =>
    same(
      (await client.listBuckets()).some(({ name }) => name === bucket),
      true,
    ),
  delete: async () => {
    await client.removeObject(bucket, KEY)
    return rejection(() => client.getObject(bucket, KEY), errorOf)
  },
  'delete many': async () => {
    await client.removeObjects(bucket, ['big', 'presigned'])
    await client.removeBucket(bucket)
  },
  'rejected: wrong secret': () => rejection(() => impostor.putObject(bucket, KEY, BODY), errorOf),
})
