import { createHash, createHmac } from 'node:crypto'
import type { Setting } from '../../format/format.ts'

// Deterministic ECDSA signatures on P-256 (RFC 6979), so that the files are the same each time.

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const G: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
]

type Point = readonly [bigint, bigint] | undefined

const mod = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (; exponent > 0n; exponent >>= 1n, base = (base * base) % modulus)
    if (exponent & 1n) result = (result * base) % modulus
  return result
}

const inverse = (value: bigint, modulus: bigint): bigint => power(mod(value, modulus), modulus - 2n, modulus)

function add(one: Point, other: Point): Point {
  if (!one) return other
  if (!other) return one
  const [x, y] = one
  const [a, b] = other
  if (x === a && y !== b) return undefined
  const slope = x === a ? 3n * (x * x - 1n) * inverse(2n * y, P) : (b - y) * inverse(a - x, P)
  const sum = mod(slope * slope - x - a, P)
  return [sum, mod(slope * (x - sum) - y, P)]
}

function multiply(scalar: bigint, point: Point): Point {
  let result: Point
  for (let added = point; scalar > 0n; scalar >>= 1n, added = add(added, added))
    if (scalar & 1n) result = add(result, added)
  return result
}

const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const number = (buffer: Buffer): bigint => BigInt(`0x${buffer.toString('hex')}`)
const hmac = (key: Buffer, ...parts: Buffer[]): Buffer =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest()

/** Derives the private key of credentials, with NIST SP 800-108. */
function privateKey({ accessKeyId, secretAccessKey }: Setting): bigint {
  const label = Buffer.from('AWS4-ECDSA-P256-SHA256')
  for (let round = 1; ; round++) {
    const input = [
      Buffer.from([0, 0, 0, 1]),
      label,
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([round, 0, 0, 1, 0]),
    ]
    const candidate = number(hmac(Buffer.from(`AWS4A${secretAccessKey}`), ...input))
    if (candidate <= N - 2n) return candidate + 1n
  }
}

function nonce(key: bigint, hash: Buffer): bigint {
  const seed = Buffer.concat([bytes(key), bytes(mod(number(hash), N))])
  let v: Buffer = Buffer.alloc(32, 1)
  let k: Buffer = Buffer.alloc(32, 0)
  for (const mark of [0, 1]) {
    k = hmac(k, v, Buffer.from([mark]), seed)
    v = hmac(k, v)
  }
  for (;;) {
    v = hmac(k, v)
    const candidate = number(v)
    if (candidate > 0n && candidate < N) return candidate
    k = hmac(k, v, Buffer.from([0]))
    v = hmac(k, v)
  }
}

function integer(value: bigint): Buffer {
  const digits = value.toString(16)
  const body = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex')
  const padded = body[0]! > 127 ? Buffer.concat([Buffer.from([0]), body]) : body
  return Buffer.concat([Buffer.from([2, padded.length]), padded])
}

/** Signs bytes with the key of a setting; returns DER in hex. */
export function signP256(setting: Setting, text: string): string {
  const key = privateKey(setting)
  const hash = createHash('sha256').update(Buffer.from(text, 'latin1')).digest()
  const k = nonce(key, hash)
  const r = mod(multiply(k, G)![0], N)
  const s = mod(inverse(k, N) * (number(hash) + r * key), N)
  const body = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('hex')
}
