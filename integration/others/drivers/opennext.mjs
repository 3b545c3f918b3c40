import { attempt, CREDENTIALS, printingFetch } from './requests.mjs'

Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  CACHE_BUCKET_REGION: 'eu-west-1',
  CACHE_BUCKET_NAME: 'site',
  CACHE_DYNAMO_TABLE: 'tags',
  OPEN_NEXT_BUILD_ID: 'build',
  REVALIDATION_QUEUE_REGION: 'eu-west-1',
  REVALIDATION_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/revalidate.fifo',
})
globalThis.internalFetch = printingFetch()
globalThis.openNextConfig = {}
globalThis.__openNextAls = { getStore: () => undefined }

const load = async (name) => (await import(`@opennextjs/aws/overrides/${name}.js`)).default
const cache = await load('incrementalCache/s3-lite')
const tags = await load('tagCache/dynamodb-lite')
const queue = await load('queue/sqs-lite')
for (const key of ['posts/1', 'a b/ä+&', '😀'])
  for (const call of [
    () => cache.set(key, { type: 'page', html: '<p>é</p>' }, 'cache'),
    () => cache.get(key, 'cache'),
    () => cache.delete(key),
    () => tags.getByPath(key),
    () => tags.writeTags([{ path: key, tag: 'news' }]),
    () => queue.send({ MessageBody: { url: key }, MessageDeduplicationId: '1', MessageGroupId: '2' }),
  ])
    await attempt(call)
