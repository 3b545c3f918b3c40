import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presignGet, presignPut, sign, sigv4a } from '../../../../src/sigv4a.ts'
import { crc32c, signChunks } from '../../../../src/streams.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type RunningServer, serve } from '../../src/serve.ts'

// Requests signed with Signature Version 4a, and uploads in signed chunks of both algorithms.

const credentials = { ...CREDENTIALS }
const service = 's3'
let server: RunningServer

beforeAll(async () => {
  server = await serve({ credentials, region: 'eu-west-1', explain: true })
})
afterAll(() => server.close())

const url = (key = 'cat.txt'): string => `${server.url}/photos/${key}`

async function codeOf(response: Response): Promise<string> {
  return /<Code>(\w+)/.exec(await response.text())?.[1] ?? String(response.status)
}

describe.each(['eu-west-1', '*', 'us-east-1,eu-*'])('a request for the regions %s', (regionSet) => {
  const options = { credentials, regionSet, service }

  it('is accepted in the URL and in the header', async () => {
    const upload = await presignPut(url(), { ...options, contentType: 'text/plain' })
    expect((await fetch(upload.url, { ...upload, body: 'meow' })).status).toBe(200)
    const download = await presignGet(url(), options)
    expect(await (await fetch(download.url)).text()).toBe('meow')
    const signed = await sign({ method: 'PUT', url: url(), body: 'purr' }, options)
    expect((await fetch(signed.url, signed)).status).toBe(200)
    const read = await sign({ url: url() }, options)
    expect(await (await fetch(read.url, read)).text()).toBe('purr')
  })

  it('is rejected if anything was changed, and the explanation does not blame the secret', async () => {
    const signed = await sign({ method: 'PUT', url: url(), body: 'purr' }, options)
    const changed = await fetch(url('dog.txt'), { ...signed, body: 'purr' })
    const body = await changed.text()
    expect(body).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(body).toContain('was not checked')
    expect(body).not.toContain('secret')
    const download = await presignGet(url(), { ...options, credentials: { ...credentials, secretAccessKey: 'x' } })
    expect(await codeOf(await fetch(download.url))).toBe('SignatureDoesNotMatch')
  })
})

it('rejects a set of regions without its own', async () => {
  const download = await presignGet(url(), { credentials, service, regionSet: 'us-east-1,us-*' })
  expect(await codeOf(await fetch(download.url))).toBe('AuthorizationQueryParametersError')
})

it('names one region of a bucket, and no set', async () => {
  await using other = await serve({ credentials })
  const locationOf = async (regionSet: string): Promise<string | null> => {
    const target = `${other.url}/photos/cat.txt`
    const upload = await presignPut(target, { credentials, service, regionSet })
    expect((await fetch(upload.url, { method: 'PUT', body: 'meow' })).status).toBe(200)
    const head = await sign({ method: 'HEAD', url: `${other.url}/photos` }, { credentials, service, regionSet })
    return (await fetch(head.url, head)).headers.get('x-amz-bucket-region')
  }
  expect(await locationOf('eu-*')).toBe('us-east-1')
  expect(await locationOf('eu-west-1')).toBe('eu-west-1')
})

describe.each([
  ['Signature Version 4', undefined],
  ['Signature Version 4a', sigv4a],
] as const)('chunks signed with %s', (_, algorithm) => {
  const text = 'meow '.repeat(5000)
  const file = new Blob([text])
  const options = {
    credentials,
    service,
    ...(algorithm ? { algorithm, regionSet: '*' } : { region: 'eu-west-1' }),
    decodedLength: file.size,
    chunkSize: 8192,
  }

  it.each([undefined, crc32c])('are accepted, with and without a checksum after them', async (checksum) => {
    const upload = await signChunks({ url: url() }, { ...options, ...(checksum && { checksum }) })
    const body = file.stream().pipeThrough(upload.encode())
    expect((await fetch(upload.url, { ...upload, body })).status).toBe(200)
    const download = await presignGet(url(), { credentials, service, regionSet: '*' })
    expect(await (await fetch(download.url)).text()).toBe(text)
  })

  it('are rejected if one was changed', async () => {
    const upload = await signChunks({ url: url() }, options)
    const encoded = new Uint8Array(await new Response(file.stream().pipeThrough(upload.encode())).arrayBuffer())
    encoded[300] = 0x41
    expect(await codeOf(await fetch(upload.url, { ...upload, body: encoded }))).toBe('SignatureDoesNotMatch')
  })
})
