import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { hmac, sha256, UNSIGNED_PAYLOAD } from '../../../../../../test/support/oracle.ts'
import { H, HQ, Q, type Row } from './row.ts'
import {
  type Base,
  type Canonical,
  type Client,
  type Scene,
  type Signing,
  STREAMING,
  setHeader,
  type Wire,
} from './signing.ts'

// The body: its length, its hashes, its chunks. And requests that are refused although their signature is right.

const EMPTY = sha256('')

const signedHash = (change: (hash: string) => string) => ({
  canonical(canonical: Canonical) {
    canonical.payloadHash = change(canonical.payloadHash)
  },
})

/** Another hash, in the header as well as in the canonical request. */
const hash = (change: (client: Client) => string) => ({
  client(client: Client) {
    client.payloadHash = change(client)
  },
})

const sentBody = (change: (text: string) => string | Buffer) => ({
  sent(wire: Wire) {
    wire.body = Buffer.from(change(wire.body.toString('utf8')))
  },
})

/** A header of the client's, signed like the others. */
const header = (name: string, value: (body: Buffer) => string) => ({
  client: (client: Client) => setHeader(client.headers, name, value(client.body)),
})

const md5 = (body: Buffer | string): string => createHash('md5').update(body).digest('base64')
const base64Sha256 = (body: Buffer | string): string => createHash('sha256').update(body).digest('base64')

const signedLength = {
  client(client: Client) {
    client.unsigned = client.unsigned.filter((name) => name !== 'content-length')
    setHeader(client.headers, 'Content-Length', String(client.body.length))
  },
}

/** The smallest that S3 takes for a chunk which is not the last. */
const FRAME_SIZE = 8 * 1024

/** A body in chunks, each signed over the one before it, as STREAMING-AWS4-HMAC-SHA256-PAYLOAD wants it. */
function chunked(
  { key, signature }: Signing,
  client: Client,
  body: Buffer,
  spoil: (signature: string, index: number) => string,
): Buffer {
  const scope = [client.scopeDate, client.region, client.service, client.terminator].join('/')
  const parts: Buffer[] = []
  let before = signature
  for (let start = 0, index = 0; ; start += FRAME_SIZE, index++) {
    const data = body.subarray(start, start + FRAME_SIZE)
    const lines = ['AWS4-HMAC-SHA256-PAYLOAD', client.amzDate, scope, before, EMPTY, sha256(data)]
    before = hmac(key, lines.join('\n')).toString('hex')
    const head = `${data.length.toString(16)};chunk-signature=${spoil(before, index)}\r\n`
    parts.push(Buffer.from(head), data, Buffer.from('\r\n'))
    if (data.length === 0) return Buffer.concat(parts)
  }
}

const stream = (
  spoil: (signature: string, index: number) => string,
  after: (wire: Wire) => void = () => {},
  before: (client: Client) => void = () => {},
) => ({
  client(client: Client) {
    client.payloadHash = STREAMING
    setHeader(client.headers, 'Content-Encoding', 'aws-chunked')
    setHeader(client.headers, 'X-Amz-Decoded-Content-Length', String(client.body.length))
    before(client)
  },
  sent(wire: Wire, _scene: Scene, client: Client, signed: Signing) {
    wire.body = chunked(signed, client, wire.body, spoil)
    after(wire)
  },
})

const asIs = (signature: string): string => signature

/** A chunked upload that is right. */
export const STREAM = stream(asIs)

export const PUT_BIG: Base = {
  name: 'put-two-chunks',
  method: 'PUT',
  key: 'notes/chunks.txt',
  headers: [['Content-Type', 'text/plain']],
  body: 'chunk '.repeat(2000).slice(0, FRAME_SIZE + 100),
}
const PUT_MARK: Base = {
  name: 'put-utf8-body',
  method: 'PUT',
  key: 'notes/größe.txt',
  headers: [['Content-Type', 'text/plain']],
  body: 'größer als 10 €\n',
}

const flip = (signature: string): string => (signature.startsWith('0') ? '1' : '0') + signature.slice(1)

export const PAYLOAD_FAULTS: readonly Row[] = [
  {
    cause: 'content-length',
    name: 'one byte more sent',
    in: HQ,
    bases: ['put-text', 'put-meta'],
    alternatives: ['payload-mismatch', 'header-changed'],
    because: 'a body of another length is another body, and its length is a signed header',
    hooks: {
      ...signedLength,
      sent(wire) {
        wire.body = Buffer.concat([wire.body, Buffer.from('\n')])
        setHeader(wire.headers, 'Content-Length', String(wire.body.length))
      },
    },
  },
  {
    cause: 'content-length',
    name: 'characters counted, not bytes',
    in: HQ,
    bases: [PUT_MARK],
    alternatives: ['header-changed'],
    because: 'the header that differs is content-length',
    hooks: {
      ...signedLength,
      canonical(canonical, client) {
        setHeader(canonical.headers, 'content-length', String(client.body.toString('utf8').length))
      },
    },
  },
  {
    cause: 'content-length',
    name: 'signed for a smaller file',
    in: Q,
    bases: ['put-bare'],
    alternatives: ['header-changed'],
    because: 'the header that differs is content-length',
    hooks: {
      ...signedLength,
      sent(wire) {
        wire.body = Buffer.concat([wire.body, wire.body])
        setHeader(wire.headers, 'Content-Length', String(wire.body.length))
      },
    },
  },

  {
    cause: 'content-md5',
    name: 'of another body',
    in: HQ,
    bases: ['put-text', 'put-meta'],
    hooks: header('Content-MD5', () => md5('something else')),
  },
  {
    cause: 'content-md5',
    name: 'hexadecimal',
    in: HQ,
    bases: ['put-bare'],
    hooks: header('Content-MD5', (body) => Buffer.from(md5(body), 'base64').toString('hex')),
  },
  {
    cause: 'content-md5',
    name: 'undefined',
    in: H,
    bases: ['put-text'],
    hooks: header('Content-MD5', () => 'undefined'),
  },
  {
    cause: 'checksum',
    name: 'CRC32 of nothing',
    in: HQ,
    bases: ['put-text', 'put-meta'],
    hooks: header('X-Amz-Checksum-Crc32', () => 'AAAAAA=='),
  },
  {
    cause: 'checksum',
    name: 'SHA-256 of another body',
    in: HQ,
    bases: ['put-bare'],
    hooks: header('X-Amz-Checksum-Sha256', () => base64Sha256('something else')),
  },
  {
    cause: 'checksum',
    name: 'CRC32 as a number',
    in: HQ,
    bases: ['put-text'],
    hooks: header('X-Amz-Checksum-Crc32', (body) => String(crc32(body))),
  },

  {
    cause: 'payload-hash',
    name: 'UNSIGNED-PAYLOAD signed, hash sent',
    in: H,
    bases: ['put-text', 'get-plain'],
    hooks: signedHash(() => UNSIGNED_PAYLOAD),
  },
  {
    cause: 'payload-hash',
    name: 'hash of nothing signed',
    in: HQ,
    bases: ['put-meta', 'put-text'],
    hooks: signedHash(() => EMPTY),
  },
  {
    cause: 'payload-hash',
    name: 'hash of the body signed',
    in: Q,
    bases: ['put-bare', 'get-space'],
    hooks: {
      canonical(canonical, client) {
        canonical.payloadHash = sha256(client.body)
      },
    },
  },
  {
    cause: 'payload-hash',
    name: 'empty line signed',
    in: HQ,
    bases: ['get-utf8', 'put-bare'],
    hooks: signedHash(() => ''),
  },
  {
    cause: 'payload-hash',
    name: 'upper case signed',
    in: H,
    bases: ['put-text'],
    hooks: signedHash((hash) => hash.toUpperCase()),
  },
  {
    cause: 'payload-hash',
    name: 'base64 in the header',
    in: H,
    bases: ['put-meta'],
    hooks: hash(({ body }) => base64Sha256(body)),
  },
  {
    cause: 'payload-hash',
    name: 'undefined in the header',
    in: H,
    bases: ['list-prefix'],
    hooks: hash(() => 'undefined'),
  },
  {
    cause: 'payload-hash',
    name: 'body itself in the header',
    in: H,
    bases: ['put-text'],
    hooks: hash(({ body }) => body.toString('utf8').trim()),
  },

  {
    cause: 'payload-mismatch',
    name: 'line ends changed',
    in: H,
    bases: ['put-text'],
    hooks: sentBody((text) => text.replaceAll('\n', '\r\n')),
  },
  {
    cause: 'payload-mismatch',
    name: 'JSON written anew',
    in: H,
    bases: ['put-meta'],
    hooks: sentBody((text) => JSON.stringify(JSON.parse(text), null, 2)),
  },
  {
    cause: 'payload-mismatch',
    name: 'hash of nothing, body streamed',
    in: H,
    bases: ['put-text', 'put-bare'],
    hooks: hash(() => EMPTY),
  },
  {
    cause: 'payload-mismatch',
    name: 'mark of UTF-8 put in front',
    in: H,
    bases: [PUT_MARK],
    hooks: sentBody((text) => `\uFEFF${text}`),
  },
  {
    cause: 'payload-mismatch',
    name: 'cut off',
    in: H,
    bases: ['put-meta'],
    hooks: sentBody((text) => text.slice(0, 12)),
  },
  {
    cause: 'payload-mismatch',
    name: 'bytes read as text',
    in: H,
    bases: ['put-bare'],
    hooks: sentBody((text) => text),
  },

  {
    cause: 'streaming',
    notOn: ['swift'],
    name: 'announced, body as it is',
    in: H,
    bases: ['put-text', 'put-meta'],
    hooks: { ...stream(asIs), sent: () => {} },
  },
  {
    cause: 'streaming',
    notOn: ['swift'],
    name: 'decoded length missing',
    in: H,
    bases: ['put-text'],
    hooks: stream(asIs, undefined, (client) => setHeader(client.headers, 'X-Amz-Decoded-Content-Length', undefined)),
  },
  {
    cause: 'streaming',
    notOn: ['swift'],
    name: 'decoded length wrong',
    in: H,
    bases: ['put-meta'],
    hooks: stream(asIs, undefined, (client) => setHeader(client.headers, 'X-Amz-Decoded-Content-Length', '7')),
  },
  {
    cause: 'streaming',
    notOn: ['swift'],
    name: 'last chunk missing',
    in: H,
    bases: ['put-text'],
    hooks: stream(asIs, (wire) => {
      const at = wire.body.lastIndexOf('0;chunk-signature=')
      wire.body = wire.body.subarray(0, at)
    }),
  },
  {
    cause: 'streaming',
    notOn: ['swift'],
    name: 'chunks under a plain hash',
    in: H,
    bases: ['put-meta'],
    alternatives: ['payload-mismatch'],
    because: 'the hash is that of the body without its chunks',
    hooks: {
      sent(wire, _scene, client, signed) {
        wire.body = chunked(signed, client, wire.body, asIs)
      },
    },
  },
  {
    cause: 'streaming-chunk-signature',
    notOn: ['swift'],
    name: 'first chunk',
    in: H,
    bases: ['put-text', 'put-meta'],
    hooks: stream((s, i) => (i === 0 ? flip(s) : s)),
  },
  {
    cause: 'streaming-chunk-signature',
    notOn: ['swift'],
    name: 'last chunk',
    in: H,
    bases: ['put-bare'],
    hooks: stream((s, i) => (i === 1 ? flip(s) : s)),
  },
  {
    cause: 'streaming-chunk-signature',
    notOn: ['swift'],
    name: 'bytes of a chunk changed',
    in: H,
    bases: ['put-text'],
    hooks: stream(asIs, (wire) => {
      const at = wire.body.indexOf('\r\n') + 2
      wire.body[at] = wire.body[at]! ^ 1
    }),
  },
  {
    cause: 'streaming-chunk-signature',
    notOn: ['swift'],
    name: 'each chunk signed like the first',
    in: H,
    bases: ['put-meta'],
    hooks: {
      ...stream(asIs),
      sent(wire, _scene, client, signed) {
        const one = chunked(signed, client, wire.body, asIs)
        const last = chunked(signed, client, Buffer.alloc(0), asIs)
        wire.body = Buffer.concat([one.subarray(0, one.lastIndexOf('0;chunk-signature=')), last])
      },
    },
  },

  {
    cause: 'not-auth',
    name: 'no such key',
    in: HQ,
    bases: [
      { name: 'missing key', method: 'GET', key: 'no/such key.txt' },
      { name: 'missing head', method: 'HEAD', key: 'no/such.txt' },
    ],
    hooks: {},
  },
  {
    cause: 'not-auth',
    name: 'no such bucket',
    in: HQ,
    bases: ['get-plain', 'list-prefix'],
    hooks: {
      client(client) {
        client.path = client.path.replace(/^\/[^/]+/, '/no-such-bucket-here')
      },
    },
  },
  {
    cause: 'not-auth',
    name: 'condition failed',
    in: HQ,
    bases: [
      {
        name: 'if-match',
        method: 'GET',
        key: 'photos/cat.jpg',
        headers: [['If-Match', '"00000000000000000000000000000000"']],
      },
    ],
    hooks: {},
  },
  {
    cause: 'not-auth',
    name: 'range beyond the end',
    in: HQ,
    bases: [{ name: 'range', method: 'GET', key: 'photos/cat.jpg', headers: [['Range', 'bytes=9000-9999']] }],
    hooks: {},
  },
  {
    cause: 'not-auth',
    name: 'no such upload',
    in: HQ,
    bases: [
      {
        name: 'part',
        method: 'PUT',
        key: 'notes/big.bin',
        query: [
          ['partNumber', '1'],
          ['uploadId', 'c2f3a1f6-4a1e-4d8e-9f51-5f9e2d1b0c7a'],
        ],
        body: 'part',
      },
    ],
    hooks: {},
  },
  {
    cause: 'not-auth',
    name: 'invalid argument',
    in: HQ,
    bases: [
      {
        name: 'max-keys',
        method: 'GET',
        query: [
          ['list-type', '2'],
          ['max-keys', 'many'],
        ],
      },
    ],
    hooks: {},
  },
]
