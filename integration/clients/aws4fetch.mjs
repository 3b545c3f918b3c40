import { AwsClient } from 'aws4fetch'
import { BODY, KEY, place, report, same } from './report.mjs'

const { endpoint, region, accessKeyId, secretAccessKey, bucket } = place
const options = { service: 's3', region, retries: 0 }
const client = new AwsClient({ ...options, accessKeyId, secretAccessKey })
const impostor = new AwsClient({ ...options, accessKeyId, secretAccessKey: 'wrong' })
const url = `${endpoint}/${bucket}/${KEY.split('/').map(encodeURIComponent).join('/')}`

async function accepted(promise) {
  const response = await promise
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return text
}

async function errorOf(promise) {
  const response = await promise
  return `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1]}`
}

const presigned = (who, method) => who.sign(`${url}?X-Amz-Expires=60`, { method, aws: { signQuery: true } })

await report({
  put: async () => void (await accepted(client.fetch(url, { method: 'PUT', body: BODY }))),
  get: async () => same(await accepted(client.fetch(url)), BODY),
  'presigned put': async () => {
    const { url: signed } = await presigned(client, 'PUT')
    await accepted(fetch(signed, { method: 'PUT', body: `${BODY}!` }))
  },
  'presigned get': async () => same(await accepted(fetch((await presigned(client, 'GET')).url)), `${BODY}!`),
  list: async () => same((await accepted(client.fetch(`${endpoint}/${bucket}?list-type=2`))).match(/<Key>/g).length, 1),
  delete: async () => {
    await accepted(client.fetch(url, { method: 'DELETE' }))
    return errorOf(client.fetch(url))
  },
  'rejected: wrong secret': () => errorOf(impostor.fetch(url, { method: 'PUT', body: BODY })),
  'rejected: presigned, wrong secret': async () => errorOf(fetch((await presigned(impostor, 'GET')).url)),
})
