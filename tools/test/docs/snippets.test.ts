import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningServer, serve } from '../../../packages/sigv4-tools/src/serve.ts'
import {
  type PresignedMultipartParts,
  presignHead,
  presignMultipartParts,
  presignMultipartUpload,
  sign,
} from '../../../src/index.ts'
import { CREDENTIALS } from '../../../test/support/credentials.ts'
import { fencesOf } from '../../../test/support/docs/markdown.ts'
import { load } from '../../../test/support/docs/run.ts'

// Functions and servers of examples, unchanged, with a server or a client.

/** Returns the only example of a page that contains a string. */
function example(page: string, part: string): string {
  const [found, ...others] = fencesOf(page).filter(({ code }) => code.includes(part))
  if (!found || others.length > 0) throw new Error(`${page} must contain one example with ${part}`)
  return found.code
}

const credentials = { ...CREDENTIALS }

describe('the example of a multipart upload', () => {
  const PAGE = 'docs/multipart-uploads.md'
  const MIB = 1024 * 1024
  const file = new File([new Uint8Array(5 * MIB), 'the last part'], 'film.mp4')
  const given = { fetch }
  let server: RunningServer
  beforeAll(async () => {
    server = await serve({ credentials, log: () => {} })
  })
  afterAll(() => server.close())

  const targetOf = (key: string) => ({ bucket: 'films', key, region: 'eu-west-1', endpoint: server.url })
  /** Returns the size of an object; `undefined` if it does not exist. */
  async function sizeOf(key: string): Promise<number | undefined> {
    const head = await presignHead(targetOf(key), { credentials })
    const response = await fetch(head.url, head)
    return response.ok ? Number(response.headers.get('content-length')) : undefined
  }
  /** Starts an upload and returns a function that presigns its parts. */
  async function start(key: string, size = file.size) {
    const target = targetOf(key)
    const plan = { credentials, size, partSize: 5 * MIB }
    const readUploadId = await load(example(PAGE, 'function upload'), 'readUploadId', given)
    const uploadId = await readUploadId(await presignMultipartUpload(target, plan))
    return (parts?: number[]) => presignMultipartParts(target, { ...plan, uploadId, ...(parts && { parts }) })
  }
  const upload = async (...args: unknown[]): Promise<void> =>
    (await load(example(PAGE, 'function upload'), 'upload', given))(...args)
  const findParts = async (presigned: PresignedMultipartParts) =>
    (await load(example(PAGE, 'function findParts'), 'findParts', given))(presigned)

  it('completes the upload', async () => {
    const presign = await start('complete')
    await upload(file, await presign())
    expect(await sizeOf('complete')).toBe(file.size)
  })

  it('throws the error of the service and aborts the upload if a part is rejected', async () => {
    const presign = await start('rejected', file.size + 1)
    await expect(upload(file, await presign())).rejects.toThrow(/^Part 2: 403 .*<Code>SignatureDoesNotMatch</s)
    await expect(findParts(await presign([]))).rejects.toThrow('does not exist')
  })

  it('throws the error of the service and aborts the upload if it cannot be completed', async () => {
    const presign = await start('incomplete')
    const uploaded = [{ partNumber: 1, etag: '"0123456789abcdef0123456789abcdef"' }]
    await expect(upload(file, await presign([2]), uploaded)).rejects.toThrow(/could not be found/)
    await expect(findParts(await presign([]))).rejects.toThrow('does not exist')
  })

  it('resumes', async () => {
    const presign = await start('resumed')
    const [first] = (await presign([1])).parts
    await fetch(first!.url, { ...first!, body: file.slice(first!.start, first!.end) })
    const { uploaded, missing } = await findParts(await presign([]))
    expect(missing).toEqual([2])
    await upload(file, await presign(missing), uploaded)
    expect(await sizeOf('resumed')).toBe(file.size)
  })
})

describe('the examples of credentials', () => {
  const PAGE = 'docs/credentials.md'
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  })

  it('read the environment when something is signed, and name a variable that is missing', async () => {
    const presignDownload = await load(example(PAGE, 'presignDownload'), 'presignDownload')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    expect((await presignDownload('cat.jpg')).url).toMatch(/ASIAEXAMPLE.*X-Amz-Security-Token=token&/)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '')
    await expect((async () => presignDownload('cat.jpg'))()).rejects.toThrow('AWS_SECRET_ACCESS_KEY is missing')
  })

  it('pass a token of GitHub Actions to STS', async () => {
    const sent: [string, RequestInit | undefined][] = []
    const respond = async (url: string, init?: RequestInit): Promise<Response> => {
      sent.push([url, init])
      return url.startsWith('https://sts.') ? new Response('', { status: 400 }) : Response.json({ value: 'the token' })
    }
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', 'https://actions.example/token?api-version=2.0')
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'bearer')
    vi.stubGlobal('fetch', respond)
    const signedFetch = await load(example(PAGE, 'ACTIONS_ID_TOKEN'), 'signedFetch', { fetch: respond })
    await expect(signedFetch('https://sqs.eu-west-1.amazonaws.com/')).rejects.toThrow('STS returned status 400')
    expect(sent.map(([url]) => url)).toEqual([
      'https://actions.example/token?api-version=2.0&audience=sts.amazonaws.com',
      'https://sts.eu-west-1.amazonaws.com',
    ])
    expect(sent[0]![1]!.headers).toEqual({ authorization: 'Bearer bearer' })
    expect(String(sent[1]![1]!.body)).toContain('&WebIdentityToken=the+token')
  })

  it('read the secrets of a Worker', async () => {
    const code = example(PAGE, 'env: CredentialVariables').replace('export default', 'const worker =')
    const worker = await load(code, 'worker')
    const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
    const response = await worker.fetch(new Request('https://worker.example/'), env)
    expect(response.headers.get('location')).toContain('X-Amz-Credential=AKIDEXAMPLE%2F')
    await expect(worker.fetch(new Request('https://worker.example/'), {})).rejects.toThrow(
      'AWS_ACCESS_KEY_ID is missing',
    )
  })

  it('presign for R2 in a Worker, and fail without the endpoint', async () => {
    const code = example(PAGE, 'R2_ENDPOINT').replace('export default', 'const worker =')
    const worker = await load(code, 'worker')
    const keys = { R2_ACCESS_KEY_ID: 'AKIDEXAMPLE', R2_SECRET_ACCESS_KEY: 'secret' }
    const request = new Request('https://worker.example/')
    const response = await worker.fetch(request, {
      ...keys,
      R2_ENDPOINT: 'https://account-id.r2.cloudflarestorage.com',
    })
    const { method, url, headers } = await response.json()
    expect({ method, headers }).toEqual({ method: 'PUT', headers: { 'content-type': 'image/jpeg' } })
    expect(url).toMatch(/^https:\/\/account-id\.r2\.cloudflarestorage\.com\/photos\/uploads\/.*%2Fauto%2Fs3%2F/)
    await expect(worker.fetch(request, keys)).rejects.toThrow('region')
  })
})

it('the S3 Express example presigns with a session, as the AWS SDK does', async () => {
  const { created } = JSON.parse(
    readFileSync(new URL('../../../fixtures/s3-express/sessions.json', import.meta.url), 'utf8'),
  )
  const xml = created.replace('2024-01-29T18:53:01Z', new Date(Date.now() + 300_000).toISOString())
  const url = await load(example('docs/tokens.md', 's3ExpressSession'), 'url', { fetch: async () => new Response(xml) })
  expect(url).toMatch(/&X-Amz-S3session-Token=TESTSESSIONTOKEN&X-Amz-SignedHeaders=host&/)
  expect(url).toContain('?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIARTESTID%2F')
})

describe('the example in Security', () => {
  it('presigns only for a prefix of the user and a type in the list', async () => {
    const presignUpload = await load(example('docs/security.md', 'presignUpload'), 'presignUpload')
    const { url, headers } = await presignUpload('eric', 'image/png')
    expect(url).toMatch(/^https:\/\/photos\.s3\.eu-west-1\.amazonaws\.com\/users\/eric\/[\da-f-]{36}\?/)
    expect(headers).toEqual({ 'content-type': 'image/png' })
    await expect(presignUpload('eric', 'text/html')).rejects.toThrow('JPEG or PNG')
  })
})

describe('the example of a server that verifies requests', () => {
  const PAGE = 'docs/verifying.md'
  const servers: Server[] = []
  const scope = { credentials, region: 'eu-west-1', service: 's3' }

  async function listen(listener: RequestListener | Server): Promise<string> {
    const server = typeof listener === 'function' ? createServer(listener) : listener
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections()
  })

  /** Sends a signed request, with a different body if `sent` is passed. */
  async function post(url: string, body: string, sent = body): Promise<string> {
    const request = await sign({ method: 'POST', url, body }, scope)
    const response = await fetch(request.url, { ...request, body: sent })
    const text = await response.text()
    return `${response.status} ${/<Code>(\w+)/.exec(text)?.[1] ?? text}`
  }

  it('with node:http accepts small signed bodies only', async () => {
    const url = await listen(await load(example(PAGE, "from 'node:http'\nimport { buffer }"), 'server'))
    expect(await post(`${url}/a?b=c`, '{"a": 1}')).toBe('200 Hello AKIDEXAMPLE')
    expect(await post(url, '{"a": 1}', '{"a": 2}')).toBe('400 XAmzContentSHA256Mismatch')
    expect(await post(url, 'x'.repeat(65_536))).toBe('200 Hello AKIDEXAMPLE')
    expect(await post(url, 'x'.repeat(65_537))).toBe('413 ')
    const get = await sign({ url }, scope)
    expect((await fetch(get.url, get)).status).toBe(200)
    const chunked = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit
    expect((await fetch(url, chunked)).status).toBe(413)
  })

  it('with Express accepts signed bodies, and works in a mounted router', async () => {
    const router = await load(example(PAGE, "from 'express'"), 'router')
    router.post('/notes', ({ body }: express.Request, response: express.Response) => {
      response.send(`${response.locals.signed.accessKeyId} ${body.length}`)
    })
    const url = await listen(express().use('/api', router))
    expect(await post(`${url}/api/notes?b=c`, '{"a": 1}')).toBe('200 AKIDEXAMPLE 8')
    expect(await post(`${url}/api/notes`, '{"a": 1}', '{"a": 2}')).toBe('400 XAmzContentSHA256Mismatch')
    expect((await fetch(`${url}/api/notes`)).status).toBe(403)
  })

  it('with Express rejects a request to a mounted router if url replaces originalUrl', async () => {
    const code = example(PAGE, "from 'express'").replace('url: originalUrl', 'url: request.url')
    const url = await listen(express().use('/api', await load(code, 'router')))
    expect(await post(`${url}/api/notes`, '')).toBe('403 SignatureDoesNotMatch')
  })
})
