import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../src/explain.ts'
import { sign } from '../../src/sync.ts'

// Requests as programs print them: a method, a URL, and the headers as an object.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const url = 'http://127.0.0.1:9000/photos/hello.txt'
const signed = sign({ method: 'PUT', url, body: 'hello' }, { credentials, region: 'us-east-1', service: 's3' })
const headers = { host: '127.0.0.1:9000', ...signed.headers }
const error =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message></Error>'
const python = JSON.stringify(headers).replaceAll('"', "'").replaceAll("','", "', '").replaceAll("':'", "': '")

describe('the headers of a request that a program printed', () => {
  it.each([
    ['after the method and the URL', `PUT ${url} ${python}`],
    ['after the method and the path', `PUT /photos/hello.txt ${python}`],
    ['on the next line', `PUT ${url}\n${python}`],
    ['in a tuple', `('PUT', '${url}', ${python})`],
    ['as JSON', `PUT ${url}\n${JSON.stringify(headers, null, 2)}`],
  ])('%s belong to them', (_, printed) => {
    const { request } = parseEvidence(`${printed}\n403 ${error}\n`)
    expect([request?.method, request?.url?.endsWith('/photos/hello.txt')]).toEqual(['PUT', true])
  })

  it('alone do not show what was signed, so the secret is not blamed', () => {
    const evidence = parseEvidence(`${python}\n403 ${error}\n`)
    const secrets = { ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` }
    const { verdict, findings } = explain({ ...evidence, credentials: secrets })
    expect(findings.filter(({ confidence }) => confidence !== 'possible')).toEqual([])
    expect(verdict).toContain('The evidence does not show the method.')
  })
})
