// A Worker in front of a private bucket: it signs each request and passes the response on, with ranges and ETags.
import { sign } from 'sigv4'

interface Env {
  /** https://BUCKET.s3.REGION.amazonaws.com, or the URL of a bucket elsewhere */
  BUCKET_URL: string
  ACCESS_KEY_ID: string
  SECRET_ACCESS_KEY: string
}

const PASSED = ['range', 'if-none-match', 'if-modified-since']

export default {
  async fetch({ method, url, headers }, env): Promise<Response> {
    if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405 })
    const { pathname } = new URL(url)
    if (pathname === '/') return new Response(null, { status: 404 }) // It would list the bucket.
    const credentials = { accessKeyId: env.ACCESS_KEY_ID, secretAccessKey: env.SECRET_ACCESS_KEY }
    const passed = PASSED.flatMap((name): [string, string][] => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    })
    const object = { method, url: env.BUCKET_URL + pathname, headers: passed }
    const request = await sign(object, { credentials })
    return fetch(request.url, request)
  },
} satisfies ExportedHandler<Env>
