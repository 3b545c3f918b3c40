// The point multiplication of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3), for runtimes that do not export public keys.
// The time that BigInt takes depends on the values: it computes the key that verifies, never a signature.

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
/** -3, and three times b. */
const A = 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn
const B3 = 0x11052a189feafbbb71bc3380063c994352f57141264fb12e2b36ab4ba777720e1n

/** A point in projective coordinates. */
type Point = readonly [x: bigint, y: bigint, z: bigint]

const GENERATOR: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  1n,
]

/** Adds two points, equal or not, with the complete formulas for curves of prime order (https://eprint.iacr.org/2015/1060, section 3). */
function add([x1, y1, z1]: Point, [x2, y2, z2]: Point): Point {
  const xy = x1 * y2 + x2 * y1
  const xz = x1 * z2 + x2 * z1
  const yz = y1 * z2 + y2 * z1
  const zz = z1 * z2
  const t = (A * xz + B3 * zz) % P
  const u = (3n * x1 * x2 + A * zz) % P
  const v = (A * x1 * x2 + B3 * xz - A * A * zz) % P
  const minus = (y1 * y2 - t) % P
  const plus = (y1 * y2 + t) % P
  return [(xy * minus - yz * v) % P, (plus * minus + u * v) % P, (yz * plus + xy * u) % P]
}

/** Returns the inverse, by Fermat's little theorem. */
function invert(number: bigint): bigint {
  let result = 1n
  for (let bit = 255n; bit >= 0n; bit--) {
    result = (result * result) % P
    if (((P - 2n) >> bit) & 1n) result = (result * number) % P
  }
  return result
}

/** Returns the public key of a private key, in uncompressed form: `04`, x and y. */
export function publicKey(scalar: Uint8Array): Uint8Array<ArrayBuffer> {
  let point: Point = [0n, 1n, 0n]
  for (const byte of scalar)
    for (let bit = 7; bit >= 0; bit--) {
      point = add(point, point)
      const sum = add(point, GENERATOR)
      if ((byte >> bit) & 1) point = sum
    }
  const [x, y, z] = point
  const inverse = invert(z)
  const bytes = new Uint8Array(65)
  bytes[0] = 4
  for (const [end, coordinate] of [
    [32, x],
    [64, y],
  ] as const) {
    let number = (((coordinate * inverse) % P) + P) % P
    for (let i = end; i > end - 32; i--) {
      bytes[i] = Number(number & 255n)
      number >>= 8n
    }
  }
  return bytes
}
