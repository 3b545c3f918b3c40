import { describe, expect, it } from 'vitest'
import { chunkReader } from '../../../src/core/signing/aws-chunked.ts'
import { SigV4VerifyError } from '../../../src/verify.ts'

// The aws-chunked parser without signatures: what it accepts, and what it buffers.

const SIGNATURE = '5'.repeat(64)
const MIB = 1_048_576

/** Returns data and trailers of a body that is pushed in pieces, or the AWS code of the error. */
function parse(body: string | Buffer, signed: boolean, trailers: string[] = [], ...cuts: number[]) {
  const bytes = Buffer.from(body as string)
  const reader = chunkReader({ signed, trailers, minChunkSize: 0 })
  let data = ''
  let ends: unknown
  try {
    let at = 0
    for (const cut of [...cuts, bytes.length]) {
      for (const event of reader.push(bytes.subarray(at, cut)))
        if ('data' in event) data += Buffer.from(event.data)
        else ends = { ...event.trailers }
      at = cut
    }
    reader.end()
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    return { data, error: `${error.code} ${error.awsCode} ${error.status}` }
  }
  return { data, ends }
}

const INVALID = 'ERR_SIGV4_PAYLOAD_MISMATCH InvalidRequest 400'
const CUT = 'ERR_SIGV4_PAYLOAD_MISMATCH IncompleteBody 400'

const BODIES: [what: string, body: string, signed: boolean, trailers: string[]][] = [
  ['unsigned', '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', false, []],
  ['with trailers', '5\r\nhello\r\n6\r\n world\r\n0\r\na:b\r\nc: d e \r\n\r\n', false, ['a', 'c']],
  [
    'signed',
    `${['5', 'hello', '6', ' world', '0', ''].map((part, i) => (i % 2 ? part : `${part};chunk-signature=${SIGNATURE}`)).join('\r\n')}\r\n`,
    true,
    [],
  ],
]

describe('an aws-chunked body', () => {
  it.each(BODIES)('that is %s is parsed the same when split at any two bytes', (_, body, signed, trailers) => {
    const result = parse(body, signed, trailers)
    expect(result).toEqual({ data: 'hello world', ends: trailers.length ? { a: 'b', c: 'd e' } : {} })
    for (let one = 0; one <= body.length; one++)
      for (let other = one; other <= body.length; other += signed ? 7 : 1)
        expect(parse(body, signed, trailers, one, other)).toEqual(result)
    expect(parse(body, signed, trailers, ...body.split('').keys())).toEqual(result)
  })

  it.each(BODIES)('that is %s is incomplete until its last byte', (_, body, signed, trailers) => {
    for (let at = 0; at < body.length; at++)
      expect(parse(body.slice(0, at), signed, trailers), String(at)).toMatchObject({ error: CUT })
  })

  it.each([
    ['no size', '\r\nhello\r\n0\r\n\r\n'],
    ['an invalid size', 'x\r\n'],
    ['a sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
    ['whitespace', '5 \r\nhello\r\n0\r\n\r\n'],
    ['a prefix', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a fraction', '5.0\r\nhello\r\n0\r\n\r\n'],
    ['sixteen digits', 'ffffffffffffffff\r\nhello\r\n'],
    ['nine digits', '000000005\r\nhello\r\n0\r\n\r\n'],
    ['a different extension', '5;name=value\r\nhello\r\n0\r\n\r\n'],
    ['a signature', `5;chunk-signature=${SIGNATURE}\r\nhello\r\n`],
    ['a shorter chunk', '6\r\nhello\r\n0\r\n\r\n'],
    ['a longer chunk', '4\r\nhello\r\n0\r\n\r\n'],
    ['no line break', '5\r\nhello0\r\n\r\n'],
    ['an additional line break', '5\r\nhello\r\n\r\n0\r\n\r\n'],
    ['data after the end', '0\r\n\r\n\r\n'],
    ['only a line feed after a size', '5\nhello\r\n0\r\n\r\n'],
    ['only a line feed after a chunk', '5\r\nhello\n0\r\n\r\n'],
    ['a NUL', '5\0\r\nhello\r\n0\r\n\r\n'],
    ['an undeclared trailer', '0\r\na:b\r\n\r\n'],
    ['only a line break', '\n'],
    ['a carriage return in a size', '5\r\r\nhello\r\n0\r\n\r\n'],
  ])('is rejected with %s', (_, body) => {
    const { error } = parse(body, false)
    expect(error).toBe(INVALID)
    expect(parse(body, false, [], ...body.split('').keys()).error).toBe(INVALID)
  })

  it.each([
    ['no signature', '5\r\nhello\r\n'],
    ['a short signature', `5;chunk-signature=${SIGNATURE.slice(1)}\r\nhello\r\n`],
    ['a long signature', `5;chunk-signature=${SIGNATURE}5\r\nhello\r\n`],
    ['a different name', `5;chunk-sig=${SIGNATURE}\r\nhello\r\n`],
    ['a space before the signature', `5; chunk-signature=${SIGNATURE}\r\nhello\r\n`],
    ['data after the signature', `5;chunk-signature=${SIGNATURE};a=b\r\nhello\r\n`],
    ['a chunk over 16 MiB', `1000001;chunk-signature=${SIGNATURE}\r\n`],
  ])('that is signed is rejected with %s', (_, body) => {
    expect(parse(body, true).error).toBe(INVALID)
  })

  it('may have sizes in upper case and with leading zeros', () => {
    expect(parse('00A\r\nhello worl\r\n000\r\n\r\n', false)).toEqual({ data: 'hello worl', ends: {} })
    expect(
      parse(`a;Chunk-Signature=${SIGNATURE}\r\nhello worl\r\n0;chunk-signature=${SIGNATURE}\r\n\r\n`, true).data,
    ).toBe('hello worl')
  })
})

describe('the parser', () => {
  /** Returns the number of bytes allocated in typed arrays during a call. */
  function allocated(run: () => void): number {
    const Real = globalThis.Uint8Array
    let total = 0
    const Counting: typeof Uint8Array = new Proxy(Real, {
      construct(target, args: unknown[], self): object {
        if (typeof args[0] === 'number') total += args[0]
        return Reflect.construct(target, args, self === Counting ? target : self)
      },
    })
    globalThis.Uint8Array = Counting
    try {
      run()
    } finally {
      globalThis.Uint8Array = Real
    }
    return total
  }

  it('allocates nothing for a declared size', () => {
    const reader = chunkReader({ signed: true, trailers: [], minChunkSize: 0 })
    const consumed = allocated(() => {
      reader.push(Buffer.from(`1000000;chunk-signature=${SIGNATURE}\r\n`))
      reader.push(Buffer.from('a'.repeat(100)))
    })
    expect(consumed).toBeGreaterThan(0)
    expect(consumed).toBeLessThan(1000)
  })

  it('buffers one signed chunk: less than three times 16 MiB while it grows', () => {
    const reader = chunkReader({ signed: true, trailers: [], minChunkSize: 0 })
    const piece = Buffer.alloc(65_536)
    let events: ReturnType<typeof reader.push> = []
    const consumed = allocated(() => {
      reader.push(Buffer.from(`1000000;chunk-signature=${SIGNATURE}\r\n`))
      for (let i = 0; i < 256; i++) events = reader.push(piece)
    })
    const [event] = events
    expect(event && 'data' in event && [event.data.length, event.data.buffer.byteLength]).toEqual([16 * MIB, 16 * MIB])
    expect(consumed).toBeGreaterThanOrEqual(16 * MIB)
    expect(consumed).toBeLessThan(3 * 16 * MIB)
  })

  it('does not buffer an unsigned chunk', () => {
    const reader = chunkReader({ signed: false, trailers: [], minChunkSize: 0 })
    const piece = Buffer.alloc(65_536)
    const consumed = allocated(() => {
      reader.push(Buffer.from('ffffffff\r\n'))
      for (let i = 0; i < 64; i++) reader.push(piece)
    })
    expect(consumed).toBeLessThan(1000)
  })

  it('buffers at most 8 KiB of an unterminated line, or of trailers', () => {
    for (const [start, more] of [
      ['', '0'],
      ['0\r\n', 'a'],
      ['0\r\n', 'a:'],
      [`0\r\n`, 'a1:\r\na2:\r\na3:\r\na4:\r\n'],
    ] as const) {
      const reader = chunkReader({ signed: false, trailers: ['a'], minChunkSize: 0 })
      reader.push(Buffer.from(start))
      let pushed = 0
      expect(() => {
        for (; pushed < 100_000; pushed += more.length)
          reader.push(Buffer.from(more.replace(/\d/g, (digit) => digit + pushed)))
      }).toThrow(SigV4VerifyError)
      expect(pushed).toBeLessThan(17_000)
    }
  })
})
