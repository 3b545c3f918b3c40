import {
  type Checksum,
  crc32,
  crc32c,
  crc64nvme,
  md5,
  type SignedChunks,
  sha1,
  sha256,
  sha512,
} from '../../../src/streams.ts'
import { verify } from '../../../src/verify.ts'
import { HOST, received, VERIFYING } from '../verify/helpers.ts'

export const CHECKSUMS: Record<string, Checksum> = { crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512 }

export interface Mode {
  signed?: boolean
  checksum?: Checksum
}

/** The ways to send a body in chunks. */
export const MODES: Record<string, Mode> = {
  signed: {},
  ...Object.fromEntries(
    Object.entries(CHECKSUMS).flatMap(([name, checksum]) => [
      [`signed, with ${name}`, { checksum }],
      [`unsigned, with ${name}`, { checksum, signed: false }],
    ]),
  ),
}

export const URL = `https://${HOST}/photos/cat.jpg`

/** Divides bytes into pieces of the lengths that a function returns. */
export function divide(bytes: Uint8Array<ArrayBuffer>, lengthOf: () => number): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOf()
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** Verifies an upload as a server does. */
export function verifyUpload(upload: SignedChunks, change: Record<string, string> = {}) {
  return verify(received({ ...upload, headers: { ...upload.headers, ...change } }), {
    ...VERIFYING,
    payload: 'deferred',
    allowUnsignedPayload: true,
  })
}
