import { describe, expect, it } from 'vitest'
import { CRC, KINDS, pass, UNSIGNED, upload } from '../support/verify/chunking.ts'
import { rejectionOf } from '../support/verify/helpers.ts'

// Trailing headers of chunked bodies.

describe('trailers', () => {
  const changes: [what: string, change: (text: string) => string][] = [
    ['missing', (text) => text.replace(/x-amz-checksum[^\n]*\n/, '')],
    ['missing, with their signature', (text) => text.replace(/x-amz-checksum[^\n]*\n(?:x-amz-trailer[^\n]*\n)?/, '')],
    ['more', (text) => text.replace('x-amz-checksum', 'x-amz-meta-a:b\r\nx-amz-checksum')],
    ['twice', (text) => text.replace(/(x-amz-checksum[^\n]*\n)/, '$1$1')],
    ['others', (text) => text.replace('x-amz-checksum-crc32c', 'x-amz-checksum-crc32')],
    ['without a colon', (text) => text.replace('crc32c:', 'crc32c ')],
    ['without a name', (text) => text.replace('x-amz-checksum-crc32c:', ':')],
    ['of a prototype', (text) => text.replace('x-amz-checksum-crc32c', '__proto__')],
    ['too long', (text) => text.replace('rth90Q==', 's'.repeat(9000))],
  ]

  it.each(changes)('that are %s are rejected', async (_, change) => {
    for (const kind of ['signed, with a trailer', 'unsigned, with a trailer']) {
      const { verifyBody, encoded } = await upload(['data'], KINDS[kind]!)
      const changed = change(String(encoded))
      expect(changed).not.toBe(String(encoded))
      const { text, code } = await pass(verifyBody([Buffer.from(changed)]))
      expect([kind, code]).toEqual([kind, 'ERR_SIGV4_PAYLOAD_MISMATCH'])
      expect('data'.startsWith(text)).toBe(true)
    }
  })

  it.each<[string, (text: string) => string, string]>([
    ['forged', (text) => text.replace('rth9', 'rth8'), 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    [
      'of a forged signature',
      (text) => text.replace(/(trailer-signature:)...../, '$100000'),
      'ERR_SIGV4_SIGNATURE_MISMATCH',
    ],
    ['unsigned', (text) => text.replace(/x-amz-trailer-signature[^\n]*\n/, ''), 'ERR_SIGV4_PAYLOAD_MISMATCH'],
    ['signed twice', (text) => text.replace(/(x-amz-trailer-signature[^\n]*\n)/, '$1$1'), 'ERR_SIGV4_PAYLOAD_MISMATCH'],
  ])('that are %s are rejected if they are signed', async (_, change, expected) => {
    const { verifyBody, encoded } = await upload(['data'], KINDS['signed, with a trailer']!)
    expect(await pass(verifyBody([Buffer.from(change(String(encoded)))]))).toMatchObject({
      code: expected,
      text: expected.includes('SIGNATURE') ? 'data' : expect.any(String),
    })
  })

  it('are accepted as documented: a blank line before their signature, whitespace, a line break without CR', async () => {
    const { verifyBody, encoded } = await upload(['data'], KINDS['signed, with a trailer']!)
    for (const text of [
      String(encoded).replace('x-amz-trailer-signature', '\r\nx-amz-trailer-signature'),
      String(encoded).replace('crc32c:', 'CRC32C: '),
      String(encoded).replace('==\r\n', '==\n\r\n'), // as AWS's page shows it
    ])
      expect(await pass(verifyBody([Buffer.from(text)]))).toEqual({
        text: 'data',
        trailers: { [CRC[0]]: CRC[1](Buffer.from('data')) },
        code: undefined,
      })
  })

  it.each(['', 'rth90Q=', 'rth90Q==a', '*rth90Q=', 'rth90*==', 'rth90Q=*', '========'])(
    'whose checksum is %j are rejected, with their name',
    async (value) => {
      const { verifyBody, encoded } = await upload(['data'], KINDS['unsigned, with a trailer']!)
      const read = async () => {
        for await (const _ of verifyBody([Buffer.from(String(encoded).replace('rth90Q==', value))]));
      }
      const message = 'Value for x-amz-checksum-crc32c trailing header is invalid.'
      expect(await rejectionOf(read())).toMatchObject({ code: 'ERR_SIGV4_PAYLOAD_MISMATCH', message })
    },
  )

  it('must be those in x-amz-trailer', async () => {
    for (const declared of ['x-amz-checksum-sha1', `${CRC[0]},x-amz-meta-a`, `${CRC[0]},${CRC[0]}`]) {
      const { verifyBody, encoded } = await upload(['data'], { kind: UNSIGNED, trailers: [CRC], declared })
      expect((await pass(verifyBody([encoded]))).code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
    }
    const { verifyBody, encoded } = await upload(['data'], {
      kind: UNSIGNED,
      trailers: [CRC],
      declared: `${CRC[0].toUpperCase()} ,`,
    })
    expect((await pass(verifyBody([encoded]))).trailers).toEqual({ [CRC[0]]: CRC[1](Buffer.from('data')) })
  })
})
