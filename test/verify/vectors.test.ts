import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SigV4VerifyError, type VerifyOptions, verify } from '../../src/verify.ts'
import { SECRET } from '../support/credentials.ts'
import { docExamples, type Pair, suiteCases, type WireRequest } from '../support/fixtures.ts'
import { encode } from '../support/oracle.ts'
import { chunkedUpload } from '../support/verify/chunking.ts'
import { pieces, read, rejectionOf } from '../support/verify/helpers.ts'
import { dateOf, suiteVectors } from '../support/verify/suite.ts'

// Requests that AWS signed are accepted: the test suite, and the documentation's examples.

/** Requests of the suite that Node's HTTP parser rejects, with the reason. */
const NOT_DELIVERED: Record<string, string> = {
  'get-header-value-multiline in the header': 'a folded header is obsolete (RFC 9112 section 5.2)',
  'get-header-value-multiline in the query': 'a folded header is obsolete (RFC 9112 section 5.2)',
  'get-space-normalized in the header': 'a space ends the target (RFC 9112 section 3)',
  'get-space-normalized in the query': 'a space ends the target (RFC 9112 section 3)',
  'get-space-unnormalized in the header': 'a space ends the target (RFC 9112 section 3)',
  'get-space-unnormalized in the query': 'a space ends the target (RFC 9112 section 3)',
  'get-utf8 in the header': 'a target is ASCII (RFC 3986 section 2)',
  'get-utf8 in the query': 'a target is ASCII (RFC 3986 section 2)',
  'get-vanilla-utf8-query in the header': 'a target is ASCII (RFC 3986 section 2)',
  'get-vanilla-utf8-query in the query': 'a target is ASCII (RFC 3986 section 2)',
}

const VECTORS = suiteVectors()

it('the suite is complete: two of its cases have no file for the query', () => {
  expect(suiteCases()).toHaveLength(40)
  expect(VECTORS).toHaveLength(78)
})

describe('a request of the signing test suite is accepted', () => {
  it.each(VECTORS)('$name', async ({ request, options }) => {
    const { method, target: url, body } = request
    const isFolded = request.headers.some(([, value]) => value.includes('\n'))
    if (isFolded)
      await expect(verify({ method, url, headers: request.headers, body }, options)).rejects.toMatchObject({
        code: 'ERR_SIGV4_AUTH_MALFORMED',
      })
    // a server must reject a folded header or replace its line breaks (RFC 9112 section 5.2)
    const headers = request.headers.map(([name, value]): Pair => [name, value.replace(/\n */g, ' ')])
    const result = await verify({ method, url, headers, body }, options)
    expect(result.payload).toBe('verified')
    expect(Buffer.from(result.body!).toString()).toBe(body)
    expect(result.signedHeaders).toContain('host')
  })
})

describe('a request of the signing test suite sent to a node:http server', () => {
  let port = 0
  const server = createServer((request, response) => {
    const { options } = VECTORS.find(({ name }) => name === request.headers['x-test'])!
    collect(request)
      .then((body) => verify(request, { ...options, body }))
      .then(
        ({ signedHeaders }) => response.end(String(signedHeaders)),
        (error) => response.writeHead(500).end(String(error)),
      )
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  async function collect(request: IncomingMessage): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of request) parts.push(part)
    return Buffer.concat(parts)
  }

  /** Sends the bytes of a request and returns the status of the response. */
  function send(name: string, { method, target, headers, body }: WireRequest): Promise<string> {
    const lines = headers.map(([header, value]) => `${header}:${value.replaceAll('\n', '\r\n')}\r\n`)
    const text = `${method} ${target} HTTP/1.1\r\n${lines.join('')}X-Test:${name}\r\nConnection:close\r\n\r\n${body}`
    return new Promise((resolve, reject) => {
      let response = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      socket.on('data', (data) => {
        response += data
      })
      socket.on('close', () => resolve(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1] ?? response)).on('error', reject)
    })
  }

  it('is accepted, or rejected by the HTTP parser', async () => {
    const responses = await Promise.all(VECTORS.map(async ({ name, request }) => [name, await send(name, request)]))
    const expected = VECTORS.map(({ name }) => [name, name in NOT_DELIVERED ? '400' : '200'])
    expect(responses).toEqual(expected)
  })
})

describe('an example in the documentation', () => {
  const examples = docExamples().flatMap((example) => ('request' in example ? [example] : []))
  // their bodies are not shown, or only by their hash
  const BODIES: Record<string, string> = {
    's3-header-put-object-storage-class': 'Welcome to Amazon S3.',
    'glacier-upload-archive': 'Welcome to Amazon Glacier.',
  }

  function received(example: (typeof examples)[number]) {
    const { request, expected, published, signedHeaders, credentials, amzDate, region, service, kind } = example
    const { method, path, query } = request
    const scope = `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`
    const headers: Pair[] = [...request.headers]
    if (kind === 'chunked') headers.push(['Transfer-Encoding', 'chunked']) // one page shows no length
    let url = encode(path, '/')
    const parameters = query.map(([name, value]) => `${encode(name)}=${encode(value)}`)
    if (kind === 'query')
      parameters.push(
        'X-Amz-Algorithm=AWS4-HMAC-SHA256',
        `X-Amz-Credential=${encode(`${credentials.accessKeyId}/${scope}`)}`,
        `X-Amz-Date=${amzDate}`,
        `X-Amz-Expires=${example.expires}`,
        `X-Amz-SignedHeaders=${encode(signedHeaders)}`,
        `X-Amz-Signature=${published.signature}`,
      )
    else
      headers.push([
        'Authorization',
        published.authorization ??
          `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${published.signature}`,
      ])
    if (parameters.length) url += `?${parameters.join('&')}`
    const options: VerifyOptions = {
      credentials: () => credentials.secretAccessKey,
      now: dateOf(amzDate),
      region,
      service,
    }
    return { request: { method, url, headers, body: BODIES[example.id] ?? request.body }, options, expected }
  }

  it('exists', () => {
    expect(
      examples
        .map(({ kind }) => kind)
        .sort()
        .join(' '),
    ).toBe(`chunked chunked ${'header '.repeat(8)}query query`)
  })

  it.each(examples.filter(({ kind }) => kind !== 'chunked'))('$id is accepted', async (example) => {
    const { request, options } = received(example)
    const result = await verify(request, options)
    expect(result.payload).toBe(example.id === 's3-presigned-get' ? 'unsigned' : 'verified')
  })

  const chunkedExamples = examples.filter(({ kind }) => kind === 'chunked')

  /** 65 KiB of the letter a in chunks of 64 KiB, with the signatures on the page. */
  function printedBody({ published }: (typeof examples)[number]): Buffer {
    const { chunks, trailer } = published as unknown as {
      chunks: { size: number; signature: string }[]
      trailer?: { signature: string }
    }
    const lines = chunks.map(({ size, signature }) => {
      const line = `${size.toString(16)};chunk-signature=${signature}\r\n`
      return size || !trailer ? `${line}${'a'.repeat(size)}\r\n` : line
    })
    if (trailer)
      lines.push(`x-amz-checksum-crc32c:sOO8/Q==\r\n`, `x-amz-trailer-signature:${trailer.signature}\r\n`, '\r\n')
    return Buffer.from(lines.join(''))
  }

  it.each(chunkedExamples)('$id is accepted with the signatures on the page', async (example) => {
    const { request, options } = received(example)
    const body = printedBody(example)
    if (example.id === 's3-chunked-upload') expect(body.length).toBe(66_824) // as on the page
    for (const length of [body.length, 8192, 1000]) {
      const result = await verify(request, { ...options, payload: 'deferred' })
      expect(result.payload).toBe('deferred')
      expect((await read(result.verifyBody(pieces(body, length)))).equals(Buffer.alloc(66_560, 'a'))).toBe(true)
    }
    const complete = await verify({ ...request, body }, options)
    expect([complete.payload, complete.body!.length]).toEqual(['verified', 66_560])
  })

  it.each(chunkedExamples)('$id is rejected with a different byte', async (example) => {
    const { request, options } = received(example)
    const body = printedBody(example)
    const { verifyBody } = await verify(request, { ...options, payload: 'deferred' })
    for (const at of [0, 5, 30, 90, 5000, 65_620, 65_640, 66_000, body.length - 200, body.length - 70]) {
      const changed = Buffer.from(body)
      changed[at]! ^= 1
      const error = await rejectionOf(read(verifyBody([changed])))
      expect(error.code, String(at)).toMatch(/_(?:SIGNATURE|PAYLOAD)_MISMATCH$/)
    }
  })

  it("in chunks equals the test helper's body", async () => {
    const { request, encoded, decoded } = chunkedUpload(['a'.repeat(65_536), 'b'], {
      kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    })
    const { verifyBody } = await verify(request, {
      credentials: () => SECRET,
      now: dateOf('20150830T123600Z'),
      payload: 'deferred',
    })
    expect((await read(verifyBody([encoded]))).equals(decoded)).toBe(true)
    expect(await rejectionOf(read(verifyBody([encoded.subarray(0, -2)])))).toBeInstanceOf(SigV4VerifyError)
  })
})
