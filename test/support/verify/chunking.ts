import { verify } from '../../../src/verify.ts'
import { KEY_ID, SECRET } from '../credentials.ts'
import { authorization, EMPTY_HASH, hmacHex, sha256, sign, signingKey } from '../oracle.ts'
import { HOST, VERIFYING } from './helpers.ts'

// Chunked uploads, signed by the oracle.

/** How to create an `aws-chunked` body. */
export interface Chunking {
  kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' | 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
  trailers?: [name: string, value: string | ((body: Buffer) => string)][]
  /** `x-amz-trailer`, if different from the names of the trailers. */
  declared?: string
  /** `x-amz-decoded-content-length`, if different from the length of the chunks. */
  length?: string
  path?: string
  host?: string
  amzDate?: string
  region?: string
}

/** Creates a signed upload in chunks: the request, and the parts of its body. */
export function chunkedUpload(chunks: (string | Uint8Array)[], chunking: Chunking) {
  const { trailers: given = [], path = '/photos/cat.jpg', host = HOST, region = 'us-east-1' } = chunking
  const decoded = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string)))
  const trailers = given.map(([name, value]) => [name, typeof value === 'string' ? value : value(decoded)] as const)
  const signed = chunking.kind.includes('HMAC')
  const names = chunking.declared ?? trailers.map(([name]) => name).join(',')
  const hasTrailer = !signed || names !== ''
  const payloadHash = signed && hasTrailer ? `${chunking.kind}-TRAILER` : chunking.kind
  const { amzDate = '20150830T123600Z' } = chunking
  const scope = `${amzDate.slice(0, 8)}/${region}/s3/aws4_request`
  const key = signingKey(SECRET, scope)
  const length = chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0)
  const headers: Record<string, string> = {
    'content-encoding': 'aws-chunked',
    host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': amzDate,
    'x-amz-decoded-content-length': chunking.length ?? String(length),
    ...(names && { 'x-amz-trailer': names }),
  }
  const { signature: seed } = sign(
    {
      ...{ method: 'PUT', path, query: [], headers: Object.entries(headers), signedHeaders: Object.keys(headers) },
      ...{ payloadHash, pathRule: 's3', amzDate, scope: scope.split('/'), secretAccessKey: SECRET },
    },
    { canonicalUri: () => path },
  )
  let previous = seed
  const next = (kind: string, ...rest: string[]): string => {
    previous = hmacHex(key, [`AWS4-HMAC-SHA256-${kind}`, amzDate, scope, previous, ...rest].join('\n'))
    return previous
  }
  const parts: Buffer[] = []
  for (const chunk of [...chunks, '']) {
    const bytes = Buffer.from(chunk as string)
    const signature = signed ? `;chunk-signature=${next('PAYLOAD', EMPTY_HASH, sha256(bytes))}` : ''
    const head = Buffer.from(`${bytes.length.toString(16)}${signature}\r\n`)
    parts.push(bytes.length ? Buffer.concat([head, bytes, Buffer.from('\r\n')]) : head)
  }
  const text = trailers.map(([name, value]) => `${name}:${value}\n`).join('')
  parts.push(Buffer.from(text.replaceAll('\n', '\r\n')))
  if (signed && hasTrailer) parts.push(Buffer.from(`x-amz-trailer-signature:${next('TRAILER', sha256(text))}\r\n`))
  parts.push(Buffer.from('\r\n'))
  const encoded = Buffer.concat(parts)
  return {
    request: {
      method: 'PUT',
      url: path,
      headers: {
        ...headers,
        authorization: authorization({ credential: `${KEY_ID}/${scope}` }, Object.keys(headers).join(';'), seed),
        'content-length': String(encoded.length),
      } as Record<string, string>,
    },
    encoded,
    decoded,
    parts,
  }
}

export const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
export const UNSIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'

/** CRC-32C, bit by bit (RFC 3720 section 12.1). */
export function crc32cOf(body: Uint8Array): string {
  let rest = -1
  for (const byte of body) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0)
  }
  const value = Buffer.alloc(4)
  value.writeInt32BE(~rest)
  return value.toString('base64')
}

export const CRC: [string, typeof crc32cOf] = ['x-amz-checksum-crc32c', crc32cOf]

export const KINDS: Record<string, Chunking> = {
  signed: { kind: SIGNED },
  'signed, with a trailer': { kind: SIGNED, trailers: [CRC] },
  'signed, with two trailers': { kind: SIGNED, trailers: [CRC, ['x-amz-meta-end', 'yes: it is']] },
  unsigned: { kind: UNSIGNED },
  'unsigned, with a trailer': { kind: UNSIGNED, trailers: [CRC] },
}

export async function upload(chunks: (string | Uint8Array)[], chunking: Chunking) {
  const upload = chunkedUpload(chunks, chunking)
  const { verifyBody } = await verify(upload.request, {
    ...VERIFYING,
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: true,
  })
  return { ...upload, verifyBody }
}

/** Collects what is yielded before the end, and how it ended. */
export async function pass(checked: AsyncGenerator<Uint8Array, Record<string, string>>) {
  const parts: Uint8Array[] = []
  try {
    for (;;) {
      const { done, value } = await checked.next()
      if (done) return { text: String(Buffer.concat(parts)), trailers: value, code: undefined }
      parts.push(value)
    }
  } catch (error) {
    const { code, awsCode, message } = error as Error & { code: string; awsCode: string }
    return { text: String(Buffer.concat(parts)), trailers: undefined, code, awsCode, message }
  }
}
