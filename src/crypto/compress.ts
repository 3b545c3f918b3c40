/**
 * Computes the first 32 bits of the fractional parts of the `root`-th roots of the first `count` primes (FIPS 180-4
 * sections 4.2.2 and 5.3.3): less code than the list, and a test compares them with it.
 */
function fractions(count: number, root: number): Int32Array {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) {
    let divisor = 2
    while (divisor * divisor <= n && n % divisor) divisor++
    if (divisor * divisor > n) found.push((n ** (1 / root) * 0x100000000) | 0)
  }
  return Int32Array.from(found)
}

export const K = /* @__PURE__ */ fractions(64, 3)

export const INITIAL = /* @__PURE__ */ fractions(8, 2)

/** Processes the block at an offset (FIPS 180-4 section 6.2.2). */
export type Compress = (state: Int32Array, block: DataView, offset: number) => void

export const compress = /* @__PURE__ */ createCompress()

/**
 * Keeps what every block needs in a closure: bundlers turn a module's constants into variables, which engines read
 * again on every use. Each iteration runs four rounds, so that the variables change their roles instead of their values.
 */
function createCompress(): Compress {
  const k = K
  const w = new Int32Array(64)
  // biome-ignore format: a round is three lines
  return (state, block, offset) => {
    for (let t = 0; t < 16; t++) w[t] = block.getInt32(offset + t * 4)
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15]!
      const y = w[t - 2]!
      w[t] = w[t - 16]! + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[t - 7]! + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    for (let t = 0; t < 64; t += 4) {
      h = h + k[t]! + w[t]! + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) | 0
      d = d + h | 0
      h = h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0
      g = g + k[t + 1]! + w[t + 1]! + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ d & (e ^ f)) | 0
      c = c + g | 0
      g = g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + (h & a ^ b & (h ^ a)) | 0
      f = f + k[t + 2]! + w[t + 2]! + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ c & (d ^ e)) | 0
      b = b + f | 0
      f = f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + (g & h ^ a & (g ^ h)) | 0
      e = e + k[t + 3]! + w[t + 3]! + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ b & (c ^ d)) | 0
      a = a + e | 0
      e = e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + (f & g ^ h & (f ^ g)) | 0
      let swapped = a
      a = e
      e = swapped
      swapped = b
      b = f
      f = swapped
      swapped = c
      c = g
      g = swapped
      swapped = d
      d = h
      h = swapped
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
    state[4]! += e
    state[5]! += f
    state[6]! += g
    state[7]! += h
  }
}
