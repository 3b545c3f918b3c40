import { createHash, createHmac } from 'node:crypto'
import type { Hashes } from './fill.ts'

const latin1 = (bytes: string): Buffer => Buffer.from(bytes, 'latin1')

/** The hash functions of Node, for strings of bytes. */
export const NODE_HASHES: Hashes = {
  sha256: (bytes) => createHash('sha256').update(latin1(bytes)).digest('hex'),
  hmacSha256: (key, bytes) => createHmac('sha256', latin1(key)).update(latin1(bytes)).digest().toString('latin1'),
  hmacSha1: (key, bytes) => createHmac('sha1', latin1(key)).update(latin1(bytes)).digest().toString('latin1'),
}
