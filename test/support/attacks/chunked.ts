import { ALGORITHM, EMPTY_HASH, sha256 } from '../oracle.ts'
import { ECDSA, type Forged, type Forging, forge, forge4a } from './attacker.ts'

// Uploads in chunks, signed by the oracle, with replaceable parts.

export const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
export const SIGNED_4A = `STREAMING-${ECDSA}-PAYLOAD`
export const UNSIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'

export interface Chunk {
  /** In hex, as sent. */
  size: string
  data: Buffer
  /** Missing if chunks are not signed. */
  signature: string | undefined
}

export interface Upload {
  forged: Forged
  chunks: Chunk[]
  /** Lines after the last chunk. */
  trailer: string[]
  decoded: Buffer
}

export interface Chunking extends Forging {
  kind?: typeof SIGNED | typeof SIGNED_4A | typeof UNSIGNED
  trailers?: [name: string, value: string][]
  /** `x-amz-trailer`, instead of the names of the trailers. */
  declared?: string
  /** `x-amz-decoded-content-length`, instead of the length of the data. */
  length?: string | null
}

export const data = (length: number, seed = 0): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255))

export function forgeUpload(parts: Buffer[], chunking: Chunking = {}): Upload {
  const { kind = SIGNED, trailers = [], declared = trailers.map(([name]) => name).join(',') } = chunking
  const isSigned = kind !== UNSIGNED
  const hasTrailer = !isSigned || declared !== ''
  const payloadHash = isSigned && hasTrailer ? `${kind}-TRAILER` : kind
  const decoded = Buffer.concat(parts)
  const length = chunking.length === undefined ? String(decoded.length) : chunking.length
  const algorithm = kind === SIGNED_4A ? ECDSA : ALGORITHM
  const forged = (kind === SIGNED_4A ? forge4a : forge)({
    method: 'PUT',
    ...chunking,
    payloadHash,
    headers: {
      'content-encoding': 'aws-chunked',
      ...(length !== null && { 'x-amz-decoded-content-length': length }),
      ...(declared && { 'x-amz-trailer': declared }),
      ...chunking.headers,
    },
  })
  const [, date] = forged.toSign.split('\n')
  let previous = forged.signature
  const next = (name: string, ...rest: string[]): string => {
    previous = forged.sign([`${algorithm}-${name}`, date, forged.scope, previous, ...rest].join('\n'))
    return kind === SIGNED_4A ? previous.padEnd(144, '*') : previous
  }
  const chunks = [...parts, Buffer.alloc(0)].map((bytes) => ({
    size: bytes.length.toString(16),
    data: bytes,
    signature: isSigned ? next('PAYLOAD', EMPTY_HASH, sha256(bytes)) : undefined,
  }))
  const trailer = trailers.map(([name, value]) => `${name}:${value}`)
  if (isSigned && hasTrailer)
    trailer.push(`x-amz-trailer-signature:${next('TRAILER', sha256(trailer.map((line) => `${line}\n`).join('')))}`)
  forged.headers.push(['content-length', String(encoded({ chunks, trailer }).length)])
  return { forged, chunks, trailer, decoded }
}

/** The bytes of the body as sent. */
export function encoded({ chunks, trailer }: Pick<Upload, 'chunks' | 'trailer'>): Buffer {
  const parts = chunks.flatMap(({ size, data: bytes, signature }) => {
    const head = Buffer.from(`${size}${signature === undefined ? '' : `;chunk-signature=${signature}`}\r\n`)
    return bytes.length ? [head, bytes, Buffer.from('\r\n')] : [head]
  })
  return Buffer.concat([...parts, Buffer.from(`${trailer.map((line) => `${line}\r\n`).join('')}\r\n`)])
}
