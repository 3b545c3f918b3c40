import got from 'got'
import { sign } from 'sigv4'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

const options = optionsFor('execute-api')
const client = got.extend({
  followRedirect: false, // would send the session token to another host
  hooks: {
    beforeRequest: [
      async (request) => {
        // got omits undefined headers, and a retry contains the headers of the previous signature
        const isUnsigned = ([name, value]: [string, unknown]) =>
          value !== undefined && !/^(authorization|x-amz-(date|security-token|content-sha256))$/.test(name)
        const headers = Object.fromEntries(Object.entries(request.headers).filter(isUnsigned))
        const { method, url, body } = request
        request.headers = (await sign({ method, url: url!, body, headers }, options)).headers
      },
    ],
  },
})

const { statusCode } = await client.put(`${ENDPOINT}/notes/1`, { json: note, searchParams: query })
console.log(statusCode)
