import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { presignGet, presignPut, sign as signRequest } from '../../src/index.ts'
import {
  type Checksum,
  crc32,
  crc32c,
  crc64nvme,
  type SignChunksOptions,
  sha1,
  sha256,
  signChunks,
} from '../../src/streams.ts'
import { read } from '../../test/support/verify/helpers.ts'
import { ServerUnavailable } from './install.ts'
import { localstack } from './localstack.ts'
import { minio } from './minio.ts'
import { throughProxy } from './proxied.ts'
import { isRequired } from './required.ts'
import type { RunningServer } from './server.ts'
import { versitygw } from './versitygw.ts'
import { accepted, type Reply, resultOf, send } from './wire.ts'

// Uploads in chunks: every mode is accepted, and rejected after a change, if the server checks it.

const CHECKSUMS = Object.entries({ crc32, crc32c, crc64nvme, sha1, sha256 })
const MODES: [name: string, mode: { checksum?: Checksum; signed?: boolean }][] = [
  ['signed', {}],
  ...CHECKSUMS.map(([name, checksum]): [string, object] => [`signed, with ${name}`, { checksum }]),
  ...CHECKSUMS.map(([name, checksum]): [string, object] => [`unsigned, with ${name}`, { checksum, signed: false }]),
]

/** LocalStack needs a library for it, which its base installation does not have. */
const withoutCrc32c = (name: string, { checksum }: { checksum?: Checksum | undefined }) =>
  name.startsWith('localstack') && checksum === crc32c

/** How a server responds to a change of a body: of signed chunks, of their trailing headers, and of unsigned chunks. */
interface Responses {
  signed: string
  trailer: string
  unsigned: string
}

const SERVERS: Record<string, Responses> = {
  serve: { signed: '403 SignatureDoesNotMatch', trailer: '403 SignatureDoesNotMatch', unsigned: '400 BadDigest' },
  // it compares the checksum before it verifies the signature of the trailing headers
  versitygw: { signed: '403 SignatureDoesNotMatch', trailer: '400 BadDigest', unsigned: '400 BadDigest' },
  minio: {
    signed: '403 SignatureDoesNotMatch',
    trailer: '403 SignatureDoesNotMatch',
    unsigned: '400 XAmzContentChecksumMismatch',
  },
  // it does not check the signatures of chunks
  localstack: { signed: '200', trailer: '400 BadDigest', unsigned: '400 BadDigest' },
}

/** The same servers, reached through a proxy that verifies signed chunks and signs them again. */
const RESIGNED = Object.entries(SERVERS).map(([name, { unsigned }]): [string, Responses] => {
  const rejected = '403 SignatureDoesNotMatch'
  return [`${name}, resign`, { signed: rejected, trailer: rejected, unsigned }]
})

const running: Record<string, RunningServer> = {}
const unavailable: Record<string, string> = {}
const bucket = `chunks-${randomBytes(5).toString('hex')}`

beforeAll(async () => {
  for (const server of [versitygw, minio, localstack]) {
    try {
      running[server.name] = await server.start((doing) => console.log(`${server.name}: ${doing}`))
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || isRequired(server.name)) throw error
      unavailable[server.name] = error.message
      console.log(`NOT RUN: chunks on ${server.name} (${error.message})`)
    }
  }
  const credentials = { accessKeyId: 'AKIDCHUNKS', secretAccessKey: 'chunks-secret/+1' }
  const { url, close } = await serve({ credentials, region: 'us-east-1', log: () => {} })
  running.serve = {
    version: '0',
    endpoint: url,
    virtualHostEndpoint: url,
    region: 'us-east-1',
    credentials,
    stop: close,
  }
  for (const [name, server] of Object.entries(running)) {
    const { endpoint, region, credentials } = server
    accepted(await send(await presignPut(`${endpoint}/${bucket}`, { credentials, region, service: 's3' })))
    for (const mode of ['sign', 'resign'] as const) running[`${name}, ${mode}`] = await throughProxy(server, mode)
  }
})

afterAll(async () => {
  for (const server of Object.values(running).reverse()) await server.stop()
})

const body = randomBytes(150_000)
const pieces = () => Readable.from([body.subarray(0, 7), body.subarray(7, 100_000), body.subarray(100_000)])

const placeOn = (name: string, { skip }: TestContext) => {
  const server = running[name]
  if (!server) return skip(unavailable[name.split(',')[0]!])
  const { endpoint, region, credentials } = server
  const url = `${endpoint}/${bucket}/${randomBytes(5).toString('hex')}`
  return { url, signing: { credentials, region, service: 's3' } }
}

describe.each([...Object.entries(SERVERS), ...RESIGNED])('%s', (name, responses) => {
  const target = (context: TestContext) => placeOn(name, context)
  const sign = ({ url, signing }: ReturnType<typeof target>, mode: Partial<SignChunksOptions> = {}, headers = {}) =>
    signChunks({ url, headers }, { ...signing, decodedLength: body.length, ...mode })
  const load = async ({ url, signing }: ReturnType<typeof target>) =>
    accepted(await send(await presignGet(url, signing)))

  /** Sends an upload with one byte changed. */
  async function sendChanged(
    context: TestContext,
    mode: object,
    position: (encoded: Buffer) => number,
  ): Promise<Reply> {
    const upload = await sign(target(context), mode)
    const encoded = await read(upload.encode([body]))
    const at = position(encoded)
    encoded[at] = encoded[at] === 65 ? 66 : 65 // a letter, which Base64 may contain
    return send({ ...upload, body: encoded })
  }
  const responseOf = async (reply: Promise<Reply>) => {
    const { status, code } = resultOf(await reply)
    return code ? `${status} ${code}` : String(status)
  }

  const modes = MODES.filter(([, mode]) => !withoutCrc32c(name, mode))

  it.for(modes)('%s', async ([, mode], context) => {
    const place = target(context)
    const upload = await sign(place, mode, { 'content-type': 'text/x-chunks' })
    accepted(await send({ ...upload, body: new Blob([body]).stream().pipeThrough(upload.encode()) }))
    const { body: stored, headers } = await load(place)
    expect(Buffer.compare(stored, body)).toBe(0)
    expect(headers.get('content-type')).toBe('text/x-chunks')
    expect(headers.get('content-encoding') ?? '').not.toContain('gzip')
  })

  it.for(modes)('%s, after a change', async ([, mode], context) => {
    expect(await responseOf(sendChanged(context, mode, () => 70_000))).toBe(
      mode.signed === false
        ? responses.unsigned
        : name === 'localstack' && mode.checksum
          ? '400 BadDigest'
          : responses.signed,
    )
  })

  it.for(modes.filter(([, { checksum, signed = true }]) => checksum && signed))(
    '%s, after a change of the trailing headers',
    async ([, mode], context) => {
      const at = (encoded: Buffer) => encoded.indexOf(':', encoded.lastIndexOf('x-amz-checksum')) + 1
      expect(await responseOf(sendChanged(context, mode, at))).toBe(responses.trailer)
    },
  )

  it('an empty body, and one of exactly one chunk', async (context) => {
    for (const length of [0, 65_536]) {
      const place = target(context)
      const upload = await sign(place, { decodedLength: length, checksum: crc32 })
      accepted(
        await send({ ...upload, body: Readable.toWeb(Readable.from(upload.encode([body.subarray(0, length)]))) }),
      )
      expect((await load(place)).body).toHaveLength(length)
    }
  })

  it('with an encoding of its own', async (context) => {
    const place = target(context)
    const zipped = gzipSync(body)
    const upload = await sign(place, { decodedLength: zipped.length }, { 'content-encoding': 'gzip' })
    expect(upload.headers['content-encoding']).toBe('gzip,aws-chunked')
    accepted(await send({ ...upload, body: Readable.toWeb(Readable.from(upload.encode([zipped]))) }))
    const loaded = await load(place)
    // versitygw stores the encoding as sent, which clients cannot decode
    const [encoding, expected] = name.startsWith('versitygw') ? ['gzip,aws-chunked', zipped] : ['gzip', body]
    expect(loaded.headers.get('content-encoding')).toBe(encoding)
    expect(Buffer.compare(loaded.body, expected)).toBe(0)
  })

  it('through http.request, with transfer-encoding: chunked', async (context) => {
    const place = target(context)
    const { encode, headers, method, url } = await sign(place, { checksum: crc32 })
    const { 'content-length': _, ...chunked } = headers
    const status = new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(url, { method, headers: chunked })
      request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
      pipeline(pieces(), encode, request).catch(reject)
    })
    expect(await status).toBe(200)
    expect(Buffer.compare((await load(place)).body, body)).toBe(0)
  })
})

describe.each(['sign', 'resign'] as const)('a proxy, %s', (mode) => {
  it.for(Object.keys(SERVERS))('stores a body of unknown length on %s', async (name, context) => {
    const { url, signing } = placeOn(`${name}, ${mode}`, context)
    const upload = await signRequest({ method: 'PUT', url }, { ...signing, payloadHash: 'UNSIGNED-PAYLOAD' })
    accepted(await send({ ...upload, body: Readable.toWeb(pieces()), ...{ duplex: 'half' } }))
    expect(Buffer.compare(accepted(await send(await presignGet(url, signing))).body, body)).toBe(0)
  })

  it.for(Object.keys(SERVERS))('forwards unsigned chunks to %s', async (name, context) => {
    const { url, signing } = placeOn(`${name}, ${mode}`, context)
    const chunked = { ...signing, decodedLength: body.length, checksum: crc32, signed: false }
    const { encode, ...upload } = await signChunks({ url }, chunked)
    accepted(await send({ ...upload, body: Readable.toWeb(Readable.from(encode(pieces()))) }))
    expect(Buffer.compare(accepted(await send(await presignGet(url, signing))).body, body)).toBe(0)
  })
})
