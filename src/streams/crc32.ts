const table = /* @__PURE__ */ new Uint32Array(256)

/** Fills the table on first use: the CRC of each byte. */
function fillTable(): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    table[byte] = crc
  }
}

/** Computes the CRC-32 of bytes, as gzip does. `previous` is the CRC of the bytes before them. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  if (table[1] === 0) fillTable()
  let crc = ~previous
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!
  return ~crc >>> 0
}
