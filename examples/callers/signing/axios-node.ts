import axios from 'axios'
import { sign } from 'sigv4'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

// A redirect would send the session token to another host.
const client = axios.create({ maxRedirects: 0 })
client.interceptors.request.use(async (config) => {
  const transforms = [config.transformRequest ?? []].flat()
  const data = transforms.reduce((data, transform) => transform.call(config, data, config.headers), config.data)
  const request = { method: config.method!, url: client.getUri(config), headers: config.headers.toJSON(), body: data }
  const { url, headers } = await sign(request, optionsFor('execute-api'))
  config.headers.set(headers)
  return { ...config, url, data, baseURL: '', params: {}, transformRequest: [] }
})

const { status } = await client.put(`${ENDPOINT}/notes/1`, note, { params: query })
console.log(status)
