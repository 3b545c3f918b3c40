import { request } from 'node:http'
import aws4 from 'aws4'
import { BODY, place, report, same } from './report.mjs'

const { endpoint, region, accessKeyId, secretAccessKey, bucket } = place
const { hostname, port, host } = new URL(endpoint)
const credentials = { accessKeyId, secretAccessKey }

function send(method, path, { body, signQuery, secret = secretAccessKey } = {}) {
  const signed = aws4.sign(
    { service: 's3', region, method, path, host, body, signQuery },
    { ...credentials, secretAccessKey: secret },
  )
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path: signed.path, headers: signed.headers }, async (response) => {
      let text = ''
      for await (const bytes of response.setEncoding('utf8')) text += bytes
      resolve({ status: response.statusCode, text, code: /<Code>(\w+)/.exec(text)?.[1] })
    })
      .on('error', reject)
      .end(body)
  })
}

async function accepted(...args) {
  const response = await send(...args)
  if (response.status >= 300) throw new Error(`${response.status} ${response.text}`)
  return response
}

const path = `/${bucket}/a%20folder/r%C3%A9sum%C3%A9.txt`

await report({
  put: async () => void (await accepted('PUT', path, { body: BODY })),
  get: async () => same((await accepted('GET', path)).text, BODY),
  'presigned put': async () => void (await accepted('PUT', `/${bucket}/presigned`, { body: BODY, signQuery: true })),
  'presigned get': async () => same((await accepted('GET', `/${bucket}/presigned`, { signQuery: true })).text, BODY),
  list: async () => same((await accepted('GET', `/${bucket}?list-type=2`)).text.match(/<Key>/g).length, 2),
  delete: async () => {
    await accepted('DELETE', path)
    const { status, code } = await send('GET', path)
    return `${status} ${code}`
  },
  'rejected: wrong secret': async () => {
    const { status, code } = await send('PUT', path, { body: BODY, secret: 'wrong' })
    return `${status} ${code}`
  },
  'rejected: presigned, wrong secret': async () => {
    const { status, code } = await send('GET', `/${bucket}/presigned`, { signQuery: true, secret: 'wrong' })
    return `${status} ${code}`
  },
})
