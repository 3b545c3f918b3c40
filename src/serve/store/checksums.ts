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
  if (algorithm === 'CRC64NVME') return crc64(CRC64NVME)
  return crc32(algorithm === 'CRC32' ? CRC32 : CRC32C)
}

/** Computes the checksum of a buffer. */
export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Buffer {
  const digest = createDigest(algorithm)
  digest.update(bytes)
  return digest.digest()
}

// Bit-reversed polynomials: IEEE 802.3, Castagnoli (RFC 3720), and NVM Express.
const CRC32 = /* @__PURE__ */ table(0xedb88320)
const CRC32C = /* @__PURE__ */ table(0x82f63b78)
const CRC64NVME = /* @__PURE__ */ table64(0x9a6c9329, 0xac4bc9b5)

function table(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, value) => {
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
}

function crc32(of: Int32Array): Digest {
  let crc = -1
  return {
    update(bytes) {
      let value = crc
      for (let i = 0; i < bytes.length; i++) value = of[(value ^ bytes[i]!) & 0xff]! ^ (value >>> 8)
      crc = value
    },
    digest() {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(~crc)
      return bytes
    },
  }
}

type Halves = readonly [high: Int32Array, low: Int32Array]

function table64(polynomialHigh: number, polynomialLow: number): Halves {
  const [highs, lows] = [new Int32Array(256), new Int32Array(256)]
  for (let value = 0; value < 256; value++) {
    let [high, low] = [0, value]
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
  return [highs, lows]
}

function crc64([highs, lows]: Halves): Digest {
  let [high, low] = [-1, -1]
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
      return bytes
    },
  }
}
