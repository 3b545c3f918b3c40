import { describe, expect, it } from 'vitest'
import { parsePayload } from '../../src/core/signing/payload.ts'
import { chunkFormat, chunkReader } from '../../src/received/aws-chunked.ts'
import { CHUNK_FORMAT, CHUNK_MISSING, TRAILER_FORMAT } from '../../src/received/refusals.ts'
import { refuseProblem } from '../../src/verify/refuse.ts'
import { SigV4VerifyError } from '../../src/verify.ts'

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
        if ('refusal' in event) refuseProblem(event)
        else if ('data' in event) data += Buffer.from(event.data)
        else ends = { ...event.trailers }
      at = cut
    }
    refuseProblem(reader.end())
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    const end = error.message === CHUNK_MISSING[0] ? ', incomplete' : ''
    return { data, error: `${error.code} ${error.awsCode} ${error.status}${end}` }
  }
  return { data, ends }
}

const INVALID = 'ERR_SIGV4_PAYLOAD_MISMATCH IncompleteBody 400'
const INVALID_TRAILER = 'ERR_SIGV4_PAYLOAD_MISMATCH MalformedTrailerError 400'
const CUT = `${INVALID}, incomplete`

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
    ['only a line break', '\n'],
    ['a carriage return in a size', '5\r\r\nhello\r\n0\r\n\r\n'],
  ])('is rejected with %s', (_, body) => {
    const { error } = parse(body, false)
    expect(error).toBe(INVALID)
    expect(parse(body, false, [], ...body.split('').keys()).error).toBe(INVALID)
  })

  it.each([
    ['an undeclared trailer', '0\r\na:b\r\n\r\n'],
    ['the signature of its trailers', `0\r\nx-amz-trailer-signature:${SIGNATURE}\r\n\r\n`],
  ])('is rejected with %s', (_, body) => {
    expect(parse(body, false).error).toBe(INVALID_TRAILER)
    expect(parse(body, false, [], ...body.split('').keys()).error).toBe(INVALID_TRAILER)
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

  it('that is signed is rejected with the signature of trailers that it does not declare', () => {
    const body = `0;chunk-signature=${SIGNATURE}\r\nx-amz-trailer-signature:${SIGNATURE}\r\n\r\n`
    expect(parse(body, true).error).toBe(INVALID_TRAILER)
  })

  it('is rejected with a trailer that has no colon or no signature', () => {
    expect(parse('0\r\nab\r\n\r\n', false, ['a']).error).toBe(INVALID_TRAILER)
    const unsigned = `0;chunk-signature=${SIGNATURE}\r\na:b\r\n`
    expect(parse(unsigned, true, ['a']).error).toBe(CUT)
    expect(parse(`${unsigned}\r\n`, true, ['a']).error).toBe(INVALID_TRAILER) // a signature may follow one blank line
    expect(parse(`${unsigned}\r\n\r\n`, true, ['a']).error).toBe(INVALID_TRAILER)
  })

  it('may have lines of 8192 bytes', () => {
    const trailer = (length: number) => `a:${'b'.repeat(length - 2)}`
    expect(parse(`0\r\n${trailer(8192)}\n\r\n`, false, ['a'])).toMatchObject({ ends: { a: trailer(8192).slice(2) } })
    expect(parse(`0\r\n${trailer(8192)}\r\n\r\n`, false, ['a']).error).toBe(INVALID)
    expect(parse(`0\r\n${trailer(8193)}`, false, ['a']).error).toBe(INVALID)
  })

  it('has no chunk under the minimum size except the last', () => {
    const small = (...sizes: number[]) => {
      const reader = chunkReader({ signed: false, trailers: [], minChunkSize: 8192 })
      try {
        const bodies = [...sizes.map((size) => `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`), '0\r\n\r\n']
        for (const event of bodies.flatMap((body) => reader.push(Buffer.from(body))))
          if ('refusal' in event) refuseProblem(event)
      } catch (error) {
        const { code, awsCode, status, message, details } = error as SigV4VerifyError
        return [code, awsCode, status, message, details]
      }
      return 'accepted'
    }
    const rejected = (Chunk: string, BadChunkSize: string) => [
      'ERR_SIGV4_PAYLOAD_MISMATCH',
      'InvalidChunkSizeError',
      403,
      'Only the last chunk is allowed to have a size less than 8192 bytes',
      { Chunk, BadChunkSize },
    ]
    expect(small(8192, 8191)).toBe('accepted')
    expect(small(8191, 1)).toEqual(rejected('2', '8191'))
    expect(small(8192, 8192, 100, 9000)).toEqual(rejected('4', '100'))
  })

  it('may have sizes in uppercase and with leading zeros', () => {
    expect(parse('00A\r\nhello worl\r\n000\r\n\r\n', false)).toEqual({ data: 'hello worl', ends: {} })
    expect(
      parse(`a;Chunk-Signature=${SIGNATURE}\r\nhello worl\r\n0;chunk-signature=${SIGNATURE}\r\n\r\n`, true).data,
    ).toBe('hello worl')
  })
})

describe('chunkFormat', () => {
  it('reads x-amz-trailer only if the payload hash announces trailers', () => {
    const trailers = (hash: string) => chunkFormat({ 'x-amz-trailer': 'a, B' }, parsePayload(hash) as never, false)
    expect(trailers('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toMatchObject({ trailers: ['a', 'b'] })
    expect(trailers('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')).toMatchObject({ trailers: [] })
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

  it('returns copies of unsigned bytes, because a source may reuse its buffer', () => {
    const buffer = Uint8Array.from(Buffer.from('2\r\nab'))
    const [event] = chunkReader({ signed: false, trailers: [], minChunkSize: 0 }).push(buffer)
    buffer.fill(0)
    expect(event && 'data' in event && String(Buffer.from(event.data))).toBe('ab')
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
      let problem: unknown
      for (; pushed < 100_000 && !problem; pushed += more.length)
        problem = reader
          .push(Buffer.from(more.replace(/\d/g, (digit) => digit + pushed)))
          .find((event) => 'refusal' in event)
      expect([CHUNK_FORMAT, TRAILER_FORMAT]).toContainEqual((problem as { refusal: unknown }).refusal)
      expect(pushed).toBeLessThan(17_000)
    }
  })
})
