import { createHash } from 'node:crypto'

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** In Base64. For a composite checksum: of the part checksums, followed by the number of parts. */
  readonly value: string
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

/** An incremental checksum. */
export interface Digest {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

/** Length in bytes by algorithm. */
export const CHECKSUMS: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
}

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(CHECKSUMS, name)
}

/** Whether a stored value is a checksum. */
export function isChecksum(value: unknown): value is Checksum {
  const { algorithm, value: digest, type } = Object(value) as Partial<Record<keyof Checksum, unknown>>
  return (
    isChecksumAlgorithm(String(algorithm)) &&
    /^[\w+/=-]{1,100}$/.test(String(digest)) &&
    (type === 'FULL_OBJECT' || type === 'COMPOSITE')
  )
}

/** Returns the header of a checksum. The element in documents is `Checksum…`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return createHash(algorithm)
  const remainders = { CRC32, CRC32C, CRC64NVME }[algorithm]
  return crc(remainders, CHECKSUMS[algorithm])
}

/** Computes the checksum of a buffer. */
export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Buffer {
  const digest = createDigest(algorithm)
  digest.update(bytes)
  return digest.digest()
}

// Bit-reversed polynomials: IEEE 802.3, Castagnoli (RFC 3720), and NVM Express.
const CRC32 = /* @__PURE__ */ table(0, 0xedb88320)
const CRC32C = /* @__PURE__ */ table(0, 0x82f63b78)
const CRC64NVME = /* @__PURE__ */ table(0x9a6c9329, 0xac4bc9b5)

/** The remainders of all bytes. The upper halves of a 32-bit checksum are zero. */
interface Table {
  readonly highs: Int32Array
  readonly lows: Int32Array
}

function table(polynomialHigh: number, polynomialLow: number): Table {
  const highs = new Int32Array(256)
  const lows = new Int32Array(256)
  for (let value = 0; value < 256; value++) {
    let high = 0
    let low = value
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (odd) {
        high ^= polynomialHigh
        low ^= polynomialLow
      }
    }
    highs[value] = high
    lows[value] = low
  }
  return { highs, lows }
}

function crc({ highs, lows }: Table, length: number): Digest {
  let high = length === 8 ? -1 : 0
  let low = -1
  return {
    update(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        const at = (low ^ bytes[i]!) & 0xff
        low = ((low >>> 8) | (high << 24)) ^ lows[at]!
        high = (high >>> 8) ^ highs[at]!
      }
    },
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeInt32BE(~high, 0)
      bytes.writeInt32BE(~low, 4)
      return bytes.subarray(8 - length)
    },
  }
}
