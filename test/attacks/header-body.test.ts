import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Body, type BodySource, SigV4VerifyError, type VerifyOptions, verify } from '../../src/verify.ts'
import {
  accepted,
  asNode,
  asObject,
  asPairs,
  attacks,
  errorOf,
  type Forged,
  type Forging,
  forge,
  HOST,
  NOW,
  type Pair,
  scopedKey,
  target,
  words,
} from '../support/attacks/attacker.ts'
import { type Chunking, data, encoded, forgeUpload, SIGNED, UNSIGNED, type Upload } from '../support/attacks/chunked.ts'
import { sendRaw } from '../support/hand.ts'
import { hmacHex, sha256 } from '../support/oracle.ts'
import { crc32cOf } from '../support/verify/chunking.ts'

// An attacker must not change a signed header, or the body, of a request.

const attack = attacks()
const OPTIONS: VerifyOptions = { credentials: scopedKey, now: NOW }
const DEFERRED: VerifyOptions = { ...OPTIONS, payload: 'deferred', allowUnsignedPayload: true }

describe('a signed header', () => {
  /** Normalizes a value as signing does. */
  const folded = (value: string): string => value.replace(/[\t ]+/g, ' ').trim()
  const VALUES: [name: string, value: string][] = [
    ['x-amz-meta-note', 'one two'],
    ['x-amz-copy-source', '/photos/cat.jpg'],
    ['x-amz-acl', 'private'],
    ['content-type', 'text/plain; charset=utf-8'],
    ['content-disposition', 'attachment; filename="a b.txt"'],
    ['x-amz-tagging', 'a=b&c=d,e'],
  ]
  /** What replaces a part of a value: the first of each kind. */
  const SUBSTITUTES: [from: string | RegExp, to: readonly string[]][] = [
    [' ', ['\u00a0', '\u2003', '\u3000', '', '%20', '+', ',', '\0', '\\ ']],
    [/^/, ['\u00a0', '\ufeff', '\0', ',', '"']],
    [/$/, ['\u00a0', '\u200b', '\0', ',', ';', '\r\nx-amz-acl: public-read', '\nx-amz-meta-b:c']],
    [/^.*$/, ['$&, $&', '"$&"', '', ' ', 'undefined', '=?utf-8?q?$&?=']],
    [/"/g, ['', "'"]],
    [/[=;]/, [' $& ']],
    ['; ', [';']],
    [',', [', ']],
    ['e', ['\u0435']], // Cyrillic
    ['a', ['\uff41', 'a\u0301']], // full width, and an accent
    ['/', ['%2F', '//', '\\']],
    [/^./, ['']],
    [/.$/, ['']],
  ]
  const CHANGES: ((value: string) => string)[] = [
    ...SUBSTITUTES.flatMap(([from, to]) => to.map((text) => (value: string) => value.replace(from, text))),
    (value) => value.toUpperCase(),
    (value) => value.split('').reverse().join(''),
    encodeURIComponent,
    (value) => Buffer.from(value).toString('base64'),
  ]

  it('is rejected with every change that signing does not normalize', async () => {
    let changed = 0
    for (const location of ['header', 'query'] as const)
      for (const [name, value] of VALUES) {
        const forged = forge({ location, headers: { [name]: value } })
        await accepted(forged, OPTIONS)
        for (const change of CHANGES) {
          const other = change(value)
          if (folded(other) === folded(value)) continue
          changed++
          const headers = forged.headers.map(([one, old]): Pair => [one, one === name ? other : old])
          await attack.rejectedInAllShapes({ ...forged, headers }, [name, other], OPTIONS)
        }
      }
    expect(changed).toBeGreaterThan(300)
  })

  it('is rejected when it is split, joined, repeated or moved', async () => {
    for (const location of ['header', 'query'] as const)
      for (const value of ['one,two', 'one, two', 'one;two', 'one two', 'one,one', ',', 'one,']) {
        const forged = forge({ location, headers: { 'x-amz-meta-note': value, 'content-type': 'a/b' } })
        const rest = forged.headers.filter(([name]) => name !== 'x-amz-meta-note')
        const send = (...values: string[]): Forged => ({
          ...forged,
          headers: [...rest, ...values.map((one): Pair => ['x-amz-meta-note', one])],
        })
        const others = [
          ['one'],
          ['two'],
          ['two', 'one'],
          ['one', 'two', ''],
          ['', 'one', 'two'],
          ['one', 'three'],
          ['one', 'one', 'one'],
          [value, value],
          ['one,two', 'three'],
          ['onetwo'],
        ]
        for (const values of others)
          if (values.join() !== value) await attack.rejectedInAllShapes(send(...values), [value, values], OPTIONS)
        // Node drops repeated headers of some names from `headers`, so that the application sees only the first.
        const [first, ...more] = value.split(',')
        if (more.length)
          await attack.rejected(verify(asNode(send(first!, ...more)), OPTIONS), value, /AMBIGUOUS|SIGNATURE_MISMATCH/)
        const folds = [['content-type', `a/b\r\n x-amz-meta-note: ${value}`] satisfies Pair]
        await attack.rejectedInAllShapes(
          { ...forged, headers: [...rest.filter(([name]) => name !== 'content-type'), ...folds] },
          value,
          OPTIONS,
        )
      }
  })

  it('is rejected in an unsigned encoding', async () => {
    const utf8 = Buffer.from('r\u00e9sum\u00e9 \u20ac').toString('latin1')
    for (const location of ['header', 'query'] as const) {
      const forged = forge({ location, headers: { 'x-amz-meta-note': 'placeholder' } })
      const signed = (text: string, octets: Buffer): Forged => {
        const canonical = Buffer.concat(
          forged.canonical
            .split('placeholder')
            .flatMap((part, i) => (i ? [octets, Buffer.from(part)] : [Buffer.from(part)])),
        )
        const toSign = forged.toSign.replace(/[\da-f]{64}$/, sha256(canonical))
        return resigned({
          ...forged,
          toSign,
          headers: forged.headers.map(([n, v]): Pair => [n, v === 'placeholder' ? text : v]),
        })
      }
      const right = signed(utf8, Buffer.from('r\u00e9sum\u00e9 \u20ac'))
      expect(await errorOf(verify(asNode(right), OPTIONS))).toBeUndefined()
      for (const text of ['r\xe9sum\xe9 \x80', utf8.slice(0, -1), `${utf8}\x80`, 'resume EUR'])
        await attack.rejected(verify(asNode(signed(text, Buffer.from('r\u00e9sum\u00e9 \u20ac'))), OPTIONS), text)
      // Invalid UTF-8 sequences must be distinguished.
      const REPLACEMENT = '\xef\xbf\xbd'
      const signedOctets = ['\xff', '\xfe', '\xc3', '\xc3\xc3', '\xed\xa0\x80', '\xc0\xaf', '\x80']
      for (const octets of [...signedOctets, REPLACEMENT, `${REPLACEMENT}\xff`])
        for (const other of ['\xff', '\xff\xff', '\xfd', '\xc4', REPLACEMENT, '/', '?', ''])
          if (octets !== other)
            await attack.rejected(verify(asNode(signed(other, Buffer.from(octets, 'latin1'))), OPTIONS), [
              octets,
              other,
            ])
    }
  })

  it('that Node does not pass on unchanged is rejected', async () => {
    const NAMES = words(`
      content-type user-agent referer from etag expires if-modified-since if-unmodified-since last-modified location
      max-forwards retry-after server age proxy-authorization date cookie accept cache-control range x-amz-meta-a x-custom
      set-cookie content-encoding`)
    let taken = 0
    const server = createServer((request, response) => {
      verify(request, OPTIONS).then(
        ({ signedHeaders }) => {
          taken++
          response.end(JSON.stringify(signedHeaders.map((name) => [name, request.headers[name]])))
        },
        (error) => {
          response.statusCode = error instanceof SigV4VerifyError ? error.status : 500
          response.end('{}')
        },
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    for (const name of NAMES)
      for (const location of ['header', 'query'] as const)
        for (const values of [
          ['one', 'two'],
          ['one', 'one'],
          ['', 'two'],
          ['one', ''],
          ['one', 'two', 'three'],
        ])
          for (const comma of [',', ', ', ';', '; ']) {
            const forged = forge({ location, headers: { [name]: values.join(comma) } })
            const rest = forged.headers.filter(([one]) => one !== name)
            const headers = [...rest, ...values.map((value): Pair => [name, value])]
            const lines = headers.map(([one, value]) => `${one}: ${value}\r\n`).join('')
            const reply = await sendRaw(port, `GET ${target(forged)} HTTP/1.1\r\nConnection: close\r\n${lines}\r\n`)
            const [status, body] = [reply.slice(9, 12), reply.split('\r\n\r\n')[1]!]
            if (status === '200') {
              // The application reads the signed value, except for spaces after commas.
              const text = /\[.*\]/s.exec(body)![0]
              const seen = new Map(JSON.parse(text) as [string, string | string[]][]).get(name)
              expect(String(seen).replaceAll(', ', ','), name).toBe(values.join(comma).replaceAll(', ', ','))
            } else if (!/^4\d\d$/.test(status)) throw new Error(`${status}: ${name} ${values}`)
            else attack.counted()
          }
    await new Promise((resolve) => server.close(resolve))
    expect(taken).toBeLessThan(NAMES.length * 20)
  })
})

/** Signs a changed string to sign. */
function resigned(forged: Forged): Forged {
  const made = hmacHex(forged.key, forged.toSign)
  const swap = (text: string): string => text.replace(forged.signature, made)
  return {
    ...forged,
    signature: made,
    query: forged.query.map(swap),
    headers: forged.headers.map(([n, v]): Pair => [n, swap(v)]),
  }
}

describe('an unsigned payload', () => {
  it('is rejected if the body must be signed', async () => {
    for (const payloadHash of ['UNSIGNED-PAYLOAD', UNSIGNED])
      for (const body of ['', 'the body'])
        for (const payload of ['required', 'deferred'] as const)
          for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
            const header = forge({ payloadHash, body, method })
            for (const allowUnsignedPayload of [undefined, false])
              await attack.rejectedInAllShapes(header, payloadHash, { ...OPTIONS, payload, allowUnsignedPayload })
            const query = forge({ location: 'query', body, method })
            await attack.rejectedInAllShapes(query, 'presigned', { ...OPTIONS, payload, allowUnsignedPayload: false })
          }
  })

  it('is rejected in every other spelling, although it is signed', async () => {
    const real = sha256('the body')
    const WRONG = [
      ...words(`
        unsigned-payload UNSIGNED UNSIGNED-PAYLOAD-TRAILER UNSIGNED_PAYLOAD STREAMING-UNSIGNED-PAYLOAD
        STREAMING-UNSIGNED-PAYLOAD-TRAILER-TRAILER STREAMING-AWS4-HMAC-SHA256 STREAMING-AWS4-HMAC-SHA256-EVENTS
        STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD STREAMING- streaming-aws4-hmac-sha256-payload
        STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER STREAMING-NONE STREAMING-AWS4-HMAC-SHA1-PAYLOAD undefined null
        none * - 0 ${real.toUpperCase()} ${real.slice(1)} ${real}0 ${real},${real} sha256:${real}`),
      ...['', ' ', 'UNSIGNED-PAYLOAD ', 'z'.repeat(64), '\uff10'.repeat(64)],
      Buffer.from(real, 'hex').toString('base64'),
    ]
    for (const payloadHash of WRONG)
      for (const payload of ['required', 'deferred'] as const)
        for (const allowUnsignedPayload of [undefined, true, false]) {
          const options = { ...OPTIONS, payload, allowUnsignedPayload }
          if (payloadHash.trim() === payloadHash) {
            const header = forge({ payloadHash, method: 'PUT', body: 'the body' })
            await attack.rejectedInAllShapes(header, payloadHash, options)
          }
          const sent = { 'x-amz-content-sha256': payloadHash }
          await attack.rejectedInAllShapes(
            forge({ location: 'query', method: 'PUT', body: 'the body', unsigned: sent }),
            ['not signed', payloadHash],
            options,
          )
        }
  })

  it('of a presigned URL is rejected with a mismatching payload hash header', async () => {
    const right = { 'x-amz-content-sha256': sha256('the body') }
    const base: Forging = { location: 'query', method: 'PUT', body: 'the body', unsigned: right }
    await accepted(forge(base), OPTIONS)
    for (const body of ['', 'the bodx', 'the body ', 'the bod']) {
      const error = await attack.rejected(verify(asNode({ ...forge(base), body }), OPTIONS), body, /PAYLOAD_MISMATCH/)
      expect([error.awsCode, error.status]).toEqual(['XAmzContentSHA256Mismatch', 400])
      const { verifyBody } = await verify({ ...asNode(forge(base)), body: undefined }, DEFERRED)
      await attack.rejected(drain(verifyBody([Buffer.from(body)])).ended, body, /PAYLOAD_MISMATCH/)
      await attack.rejected(verify({ ...asNode(forge(base)), body: undefined }, { ...OPTIONS, body }), body)
    }
    for (const kind of [SIGNED, `${SIGNED}-TRAILER`, UNSIGNED])
      await attack.rejectedInAllShapes(
        forge({ ...base, unsigned: { 'x-amz-content-sha256': kind, 'x-amz-decoded-content-length': '8' } }),
        kind,
        { ...DEFERRED, allowUnsigned: ['x-amz-decoded-content-length'] },
      )
    for (const kind of [SIGNED, `${SIGNED}-TRAILER`, UNSIGNED])
      await attack.rejectedInAllShapes(forge({ ...base, unsigned: { 'x-amz-content-sha256': kind } }), kind, DEFERRED)
  })
})

/** Reads a verified body, and keeps the bytes that were returned. */
function drain(checked: AsyncGenerator<Uint8Array, Record<string, string>>) {
  const parts: Buffer[] = []
  const read = async () => {
    for (;;) {
      const { done, value } = await checked.next()
      if (done) return value
      parts.push(Buffer.from(value))
    }
  }
  return { parts, ended: read() }
}

describe('a body with a single hash', () => {
  const BODY = 'Action=SendMessage&MessageBody=hello%20world'
  const hash = { 'x-amz-content-sha256': sha256(BODY) }
  const KINDS: Record<string, Forging> = {
    'S3, Authorization header': { method: 'PUT', body: BODY },
    'SQS, Authorization header': { method: 'POST', service: 'sqs', body: BODY },
    'SQS, Authorization header with a hash': { method: 'POST', service: 'sqs', body: BODY, headers: hash },
    'SQS, presigned': { method: 'POST', service: 'sqs', location: 'query', body: BODY },
    'S3, presigned with a signed hash': {
      method: 'PUT',
      location: 'query',
      body: BODY,
      headers: hash,
      payloadHash: sha256(BODY),
    },
    'S3, presigned with a hash in the query': {
      method: 'PUT',
      location: 'query',
      body: BODY,
      query: `X-Amz-Content-Sha256=${sha256(BODY)}`,
      payloadHash: sha256(BODY),
    },
  }
  const others = (): Buffer[] => {
    const bytes = Buffer.from(BODY)
    const list = [
      Buffer.alloc(0),
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      Buffer.from(`${BODY}\n`),
      Buffer.from(`\ufeff${BODY}`),
      Buffer.from(` ${BODY}`),
      Buffer.from(`${BODY}\0`),
      Buffer.from(BODY.toUpperCase()),
      Buffer.from(decodeURIComponent(BODY)),
      Buffer.from(BODY, 'utf16le'),
      Buffer.from(bytes).reverse(),
      Buffer.from('undefined'),
      Buffer.from('[object Object]'),
      Buffer.from('{}'),
      Buffer.alloc(bytes.length),
      Buffer.from(sha256(BODY)),
    ]
    for (let at = 0; at < bytes.length; at += 5) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1
      list.push(flipped)
    }
    return list
  }

  it.each(Object.keys(KINDS))('%s: is rejected with any byte changed', async (kind) => {
    const forged = forge(KINDS[kind])
    await accepted(forged, OPTIONS)
    for (const body of others()) {
      const length = forged.headers.map(
        ([name, value]): Pair => [name, name === 'content-length' ? `${body.length}` : value],
      )
      for (const headers of [forged.headers, length]) {
        const other = { ...forged, headers, body }
        for (const shape of [asNode, asPairs, asObject]) {
          await attack.rejected(
            verify(shape(other), OPTIONS),
            [kind, String(body)],
            /PAYLOAD_MISMATCH|SIGNATURE_MISMATCH/,
          )
        }
        const given = { ...asNode(forged), body: undefined }
        const buffer = body.buffer.slice(body.byteOffset, body.byteOffset + body.length) as ArrayBuffer
        for (const one of [body, buffer] as Body[])
          await attack.rejected(verify(given, { ...OPTIONS, body: one }), [kind, String(body)], /MISMATCH/)
        // The option takes precedence over the body of the request.
        await attack.rejected(verify(asNode(forged), { ...OPTIONS, body }), [kind, String(body)], /MISMATCH/)
      }
    }
  })

  it.each(Object.keys(KINDS))('%s: is not accepted without the body', async (kind) => {
    const forged = forge(KINDS[kind])
    for (const headers of [
      forged.headers,
      forged.headers.filter(([name]) => name !== 'content-length'),
      forged.headers.map(([name, value]): Pair => [name, name === 'content-length' ? '0' : value]),
      [...forged.headers, ['transfer-encoding', 'chunked'] satisfies Pair],
    ])
      for (const body of [
        undefined,
        null,
        '',
        new Uint8Array(0),
        {},
        { Action: 'SendMessage' },
        [],
        Readable.from([]),
      ]) {
        const request = { ...asNode({ ...forged, headers }), body }
        await attack.notAccepted(verify(request, OPTIONS), [kind, body, String(headers)])
      }
  })

  it('an empty one is not accepted with a body that was not given', async () => {
    for (const location of ['header', 'query'] as const)
      for (const more of [
        ['content-length', '1'],
        ['transfer-encoding', 'chunked'],
        ['content-length', '18446744073709551616'],
      ] as Pair[]) {
        const forged = forge({ location, method: 'PUT', service: 'sqs' })
        const request = { ...asNode({ ...forged, headers: [...forged.headers, more] }), body: undefined }
        await attack.notAccepted(verify(request, OPTIONS), more)
        const { headers, ...http2 } = asNode(forged)
        await attack.notAccepted(
          verify({ ...http2, headers, body: undefined, httpVersionMajor: 2 } as typeof request, OPTIONS),
          'HTTP/2',
        )
      }
  })

  it.each(Object.keys(KINDS))('%s: deferred, ends with an error unless all bytes are unchanged', async (kind) => {
    const forged = forge(KINDS[kind])
    const request = { ...asNode(forged), body: undefined }
    if (kind === 'SQS, presigned' || kind === 'SQS, Authorization header') {
      // The hash is computed from the body.
      await attack.notAccepted(verify(request, DEFERRED), kind)
      return
    }
    const result = await verify(request, DEFERRED)
    expect(result.payload).toBe('deferred')
    const right = Buffer.from(BODY)
    for (const sources of [split(right, 1), split(right, 7), [right]]) await drain(result.verifyBody(sources)).ended
    for (const body of others())
      for (const source of [
        [body],
        split(body, 7),
        Readable.from(split(body, 5)),
        webStream(split(body, 9)),
      ] as BodySource[])
        await attack.rejected(drain(result.verifyBody(source)).ended, [kind, String(body)], /PAYLOAD_MISMATCH/)
  })

  it('is rejected in a fetch Request', async () => {
    for (const kind of Object.keys(KINDS)) {
      const forged = forge(KINDS[kind])
      const headers = forged.headers.filter(([name]) => !/^(?:host|content-length)$/.test(name))
      const make = (body: string | Buffer) =>
        new Request(`https://${HOST}${target(forged)}`, {
          method: forged.method,
          headers,
          body: Buffer.from(body as string),
        })
      await verify(make(BODY), OPTIONS)
      for (const body of others()) await attack.rejected(verify(make(body), OPTIONS), [kind, String(body)], /MISMATCH/)
      const used = make(BODY)
      await used.arrayBuffer()
      await attack.notAccepted(verify(used, OPTIONS), 'an already read body')
    }
  })
})

function* split(bytes: Uint8Array, length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += length) yield Uint8Array.from(bytes.subarray(at, at + length))
}

function webStream(parts: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

describe('a body in signed chunks', () => {
  const PARTS = [data(8192, 1), data(8192, 2), data(9000, 3), data(10, 4)]
  const CRC: [string, string] = ['x-amz-checksum-crc32c', crc32cOf(Buffer.concat(PARTS))]
  const KINDS: Record<string, Chunking> = {
    signed: {},
    'signed, with trailers': { trailers: [CRC, ['x-amz-meta-end', 'yes']] },
  }

  async function verifyBodyOf(upload: Upload, options = DEFERRED) {
    const result = await verify({ ...asNode(upload.forged), body: undefined }, options)
    expect(result.payload).toBe('deferred')
    return result.verifyBody
  }

  /** Throws unless the body ends with an error, and only verified chunks were returned before it. */
  async function expectRejected(upload: Upload, body: Buffer, what: unknown, code = /MISMATCH/): Promise<void> {
    const verifyBody = await verifyBodyOf(upload)
    const sizes = [body.length || 1, 4096, 1000]
    const size = sizes[attack.count % sizes.length]!
    const { parts, ended } = drain(verifyBody(split(body, size)))
    await attack.rejected(ended, what, code)
    const known = upload.chunks.map((chunk) => chunk.data)
    for (const [i, part] of parts.entries())
      if (!known[i]?.equals(part)) throw new Error(`an unchecked chunk was returned: ${i} ${JSON.stringify(what)}`)
  }

  it.each(Object.entries(KINDS))('%s: is accepted unchanged', async (_, chunking) => {
    const upload = forgeUpload(PARTS, chunking)
    const verifyBody = await verifyBodyOf(upload)
    const body = encoded(upload)
    for (const source of [[body], split(body, 8191), split(body, 100)]) {
      const { parts, ended } = drain(verifyBody(source))
      expect(await ended).toEqual(Object.fromEntries(chunking.trailers ?? []))
      expect(Buffer.concat(parts).equals(upload.decoded)).toBe(true)
    }
    const result = await verify({ ...asNode(upload.forged), body }, OPTIONS)
    expect(result.payload).toBe('verified')
  })

  it.each(Object.entries(KINDS))(
    '%s: is rejected with swapped, dropped, repeated or mixed chunks',
    async (_, chunking) => {
      const upload = forgeUpload(PARTS, chunking)
      const other = forgeUpload([data(8192, 5), data(8192, 6), data(9000, 7), data(10, 8)], {
        ...chunking,
        path: '/photos/dog.jpg',
      })
      const same = forgeUpload([data(8192, 5), data(8192, 6), data(9000, 7), data(10, 8)], chunking)
      const { chunks, trailer } = upload
      const send = (list: Upload['chunks'], lines = trailer) => encoded({ chunks: list, trailer: lines })
      const replace = (at: number, change: Partial<Upload['chunks'][0]>) =>
        chunks.map((one, i) => (i === at ? { ...one, ...change } : one))
      const empty = chunks.at(-1)!
      for (const [at, chunk] of chunks.entries()) {
        const isLast = at === chunks.length - 1
        await expectRejected(upload, send(chunks.filter((_, i) => i !== at)), ['dropped', at])
        if (!isLast)
          await expectRejected(upload, send([...chunks.slice(0, at), chunk, ...chunks.slice(at)]), ['doubled', at])
        await expectRejected(upload, send([...chunks.slice(0, at), empty, ...chunks.slice(at)]), ['ended early', at])
        await expectRejected(upload, send(chunks.slice(0, at)), ['cut', at])
        await expectRejected(upload, send(chunks.slice(at + 1)), ['started late', at])
        for (const [to, two] of chunks.entries()) {
          if (at === to) continue
          const swapped = chunks.map((one, i) => (i === at ? two : i === to ? chunk : one))
          await expectRejected(upload, send(swapped), ['swapped', at, to])
          await expectRejected(upload, send(replace(at, { signature: two.signature })), ['signature of', at, to])
          await expectRejected(upload, send(replace(at, { data: two.data, size: two.size })), ['data of', at, to])
        }
        for (const foreign of [other, same]) {
          if (foreign === same && at === 0) continue // What was signed for the same position of the same request is genuine.
          await expectRejected(upload, send(replace(at, foreign.chunks[at]!)), ['replayed', at])
          if (!isLast)
            await expectRejected(upload, send(replace(at, { data: foreign.chunks[at]!.data })), ['foreign data', at])
          await expectRejected(upload, send(replace(at, { signature: foreign.chunks[at]!.signature })), [
            'foreign signature',
            at,
          ])
        }
        for (const signature of [
          '',
          '0'.repeat(64),
          chunk.signature!.toUpperCase(),
          chunk.signature!.slice(1),
          `${chunk.signature}0`,
          upload.forged.signature,
          undefined,
        ])
          if (signature !== chunk.signature)
            await expectRejected(upload, send(replace(at, { signature })), ['signature', at, signature])
        for (const bit of [0, 4000, 8191, 9]) {
          if (bit >= chunk.data.length) continue
          const changed = Buffer.from(chunk.data)
          changed[bit]! ^= 1
          await expectRejected(upload, send(replace(at, { data: changed })), ['changed', at, bit])
        }
      }
      await expectRejected(upload, encoded(other), 'the body of a different request')
      await expectRejected(upload, upload.decoded, 'the decoded body')
      await expectRejected(upload, Buffer.alloc(0), 'nothing')
      await expectRejected(upload, Buffer.from('0\r\n\r\n'), 'no chunk')
      await expectRejected(upload, Buffer.concat([send(chunks), send(chunks)]), 'the body twice')
      for (const more of ['x', '\r\n', '0\r\n\r\n', '\0'])
        await expectRejected(upload, Buffer.concat([send(chunks), Buffer.from(more)]), ['more', more])
    },
  )

  it.each(Object.entries(KINDS))('%s: is rejected with wrong chunk sizes', async (_, chunking) => {
    const upload = forgeUpload(PARTS, chunking)
    const { chunks, trailer } = upload
    for (const [at, { size, data: bytes }] of chunks.entries())
      for (const lie of [
        ...[bytes.length + 1, bytes.length + 2, bytes.length * 2, Math.max(bytes.length - 1, 1)].map((n) =>
          n.toString(16),
        ),
        ...words(
          `1 ffffffff 100000000 7fffffff -1 -${size} +${size} 0x${size} ${size}h ${size}.0 g 1e3 ${size}; ${size};a=b`,
        ),
        ...words(`${size};chunk-signature=${'0'.repeat(64)} 000000000${size} \uff11`),
        ...['', ` ${size}`, `${size} `, `${size}\t`, `${size}\r`, ...(bytes.length ? ['0'] : [])],
      ]) {
        if (lie === size) continue
        const list = chunks.map((one, i) => (i === at ? { ...one, size: lie } : one))
        await expectRejected(upload, encoded({ chunks: list, trailer }), ['size', at, lie])
      }
  })

  it('is rejected with changed trailers', async () => {
    const upload = forgeUpload(PARTS, KINDS['signed, with trailers'])
    const [one, two, signature] = upload.trailer as [string, string, string]
    const plain = forgeUpload(PARTS)
    const TRAILERS = [
      [],
      [one],
      [two],
      [signature],
      [one, two],
      [one, signature],
      [two, signature],
      [two, one, signature],
      [signature, one, two, 'x:y'],
      [one, one, two, signature],
      [one, two, signature, signature],
      [one, two, 'x-amz-meta-more:1', signature],
      [one, two, signature, 'x-amz-meta-more:1'],
      [`${one}x`, two, signature],
      [one.replace('Q', 'R'), two, signature],
      [one, two.replace('yes', 'no'), signature],
      [one, 'x-amz-meta-end:', signature],
      [one, two.replace('end', 'fin'), signature],
      [one.replace(':', ': x'), two, signature],
      [one, two, signature.replace(/.$/, (mark) => (mark === '0' ? '1' : '0'))],
      [one, two, signature.toUpperCase()],
      [one, two, 'x-amz-trailer-signature:'],
      [one, two, `x-amz-trailer-signature:${'0'.repeat(64)}`],
      [one, two, `x-amz-trailer-signature:${upload.chunks.at(-1)!.signature}`],
      [`${one}\r\n${two}`, 'x:y', signature],
      ['x-amz-acl:public-read', one, two, signature],
      [one.replace(':', ' '), two, signature],
      [`:${one}`, two, signature],
      ['__proto__:x', two, signature],
      [one, `${two}\0`, signature],
    ]
    for (const trailer of TRAILERS) await expectRejected(upload, encoded({ ...upload, trailer }), trailer)
    for (const trailer of [[one], ['x-amz-acl:public-read'], [signature], [one, two, signature]])
      await expectRejected(plain, encoded({ ...plain, trailer }), trailer)
    for (const [declared, trailers] of [
      [`${CRC[0]},${CRC[0]}`, [CRC]],
      [`${CRC[0]},${CRC[0]}`, [CRC, CRC]],
      [`${CRC[0]},${CRC[0].toUpperCase()}`, [CRC]],
      [`${CRC[0]}, x-amz-meta-a , ${CRC[0]}`, [CRC, ['x-amz-meta-a', '1']]],
      [CRC[0], []],
      [CRC[0], [CRC, ['x-amz-meta-a', '1']]],
      ['x-amz-meta-a', [CRC]],
      ['x-amz-trailer-signature', []],
    ] as [string, [string, string][]][])
      for (const kind of [SIGNED, UNSIGNED] as const) {
        const odd = forgeUpload(PARTS, { kind, declared, trailers })
        const body = encoded(odd)
        await attack.rejected(readUpload(odd, body), [kind, declared, trailers], /PAYLOAD_MISMATCH/)
      }
  })

  /** Verifies a request and its chunked body, and returns the first rejection. */
  async function readUpload(upload: Upload, body: Buffer, options = DEFERRED): Promise<Buffer> {
    const { verifyBody } = await verify({ ...asNode(upload.forged), body: undefined }, options)
    const { parts, ended } = drain(verifyBody([body]))
    await ended
    return Buffer.concat(parts)
  }

  it('is rejected with a wrong decoded length', async () => {
    const total = PARTS.reduce((sum, { length }) => sum + length, 0)
    const LENGTHS = [
      ...words(
        `0 1 ${total - 1} ${total + 1} ${total * 2} -${total} +${total} ${total}.0 ${total}e0 0x${total.toString(16)}`,
      ),
      ...words(`${total},${total} NaN Infinity 18446744073709551616 \uff11 x`),
      ...[null, ''],
    ]
    for (const length of LENGTHS)
      for (const kind of [SIGNED, UNSIGNED] as const) {
        const upload = forgeUpload(PARTS, { kind, length })
        await attack.rejected(readUpload(upload, encoded(upload)), [kind, length], /PAYLOAD_MISMATCH/)
        await attack.rejected(
          verify({ ...asNode(upload.forged), body: encoded(upload) }, { ...OPTIONS, allowUnsignedPayload: true }),
          [kind, length],
          /PAYLOAD_MISMATCH/,
        )
      }
    // changed after signing
    const { forged } = forgeUpload(PARTS)
    for (const length of LENGTHS.filter((one) => one !== null))
      await attack.rejected(
        verify(
          {
            ...asNode({
              ...forged,
              headers: forged.headers.map(
                ([name, value]): Pair => [name, name === 'x-amz-decoded-content-length' ? length : value],
              ),
            }),
            body: undefined,
          },
          DEFERRED,
        ),
        length,
      )
  })

  it('is rejected with a chunk of less than 8192 bytes that is not the last, unless small chunks are allowed', async () => {
    const SMALL: [number[], size: number][] = [
      [[1, 1], 1],
      [[8191, 10], 8191],
      [[8192, 8191, 8192], 8191],
      [[8192, 8192, 100, 1], 100],
      [[5, 9000], 5],
    ]
    for (const [sizes, size] of SMALL)
      for (const kind of [SIGNED, UNSIGNED] as const) {
        const upload = forgeUpload(
          sizes.map((length, i) => data(length, i)),
          { kind },
        )
        const error = await attack.rejected(readUpload(upload, encoded(upload)), sizes, /PAYLOAD_MISMATCH/)
        expect(error).toMatchObject({ awsCode: 'InvalidChunkSizeError', status: 403 })
        expect(error.details).toMatchObject({ Chunk: expect.stringMatching(/^\d$/), BadChunkSize: String(size) })
        const body = await readUpload(upload, encoded(upload), { ...DEFERRED, allowSmallChunks: true })
        expect(body.equals(upload.decoded)).toBe(true)
      }
    for (const sizes of [[], [1], [8192], [8192, 1], [9000, 8192, 8191]])
      for (const kind of [SIGNED, UNSIGNED] as const) {
        const upload = forgeUpload(
          sizes.map((length, i) => data(length, i)),
          { kind },
        )
        expect((await readUpload(upload, encoded(upload))).equals(upload.decoded)).toBe(true)
      }
  })

  it('is rejected with any change that affects the decoded body', async () => {
    const uploads = Object.values(KINDS).map((chunking) => forgeUpload(PARTS, chunking))
    const piece = fc.constantFrom(
      ...['', '\r', '\n', '\r\n', '0', '1', 'a', ';', ' ', '\0', '0\r\n', '0\r\n\r\n', 'x-amz-meta-a:b\r\n', 'ff'],
    )
    let same = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...uploads),
        fc.nat(),
        fc.integer({ min: 0, max: 70 }),
        piece,
        fc.boolean(),
        async (upload, position, length, text, isHead) => {
          const body = encoded(upload)
          // Chunk headers and trailers are a small part of the bytes.
          const at = isHead
            ? [0, 8192 + 86, body.length - 300, body.length - 5][position % 4]! + (position % 90)
            : position % body.length
          const changed = Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at + length)])
          if (changed.equals(body)) return
          const { parts, ended } = drain((await verifyBodyOf(upload))([changed]))
          const error = await errorOf(ended)
          const out = Buffer.concat(parts)
          if (!upload.decoded.subarray(0, out.length).equals(out)) throw new Error('unsigned bytes were returned')
          if (!error) {
            if (!out.equals(upload.decoded)) throw new Error('accepted with different bytes')
            expect(await ended).toEqual(
              Object.fromEntries(
                upload.trailer.filter((line) => !line.startsWith('x-amz-trailer')).map((line) => line.split(':')),
              ),
            )
            same++
          } else await attack.rejected(Promise.reject(error), [at, length, text])
        },
      ),
      { numRuns: 500 },
    )
    expect(same).toBeLessThan(50)
  })

  it('unsigned, is rejected with invalid chunk framing, and never reported as verified', async () => {
    const upload = forgeUpload(PARTS, { kind: UNSIGNED, trailers: [CRC] })
    const result = await verify({ ...asNode(upload.forged), body: encoded(upload) }, DEFERRED)
    expect(result.payload).toBe('unsigned')
    const { chunks, trailer } = upload
    const bodies = [
      ...chunks.map((_, at) => encoded({ chunks: chunks.filter((_, i) => i !== at), trailer })),
      ...chunks
        .slice(0, -1)
        .map((chunk, at) => encoded({ chunks: [...chunks.slice(0, at), chunk, ...chunks.slice(at)], trailer })),
      ...['0', '1', '2001', 'g', ''].map((size) =>
        encoded({ chunks: chunks.map((one, i) => (i ? one : { ...one, size })), trailer }),
      ),
      encoded({ chunks: chunks.map((one) => ({ ...one, signature: '0'.repeat(64) })), trailer }),
      encoded({ chunks, trailer: [] }),
      encoded({ chunks, trailer: [...trailer, ...trailer] }),
      encoded({ chunks, trailer: [...trailer, 'x-amz-acl:public-read'] }),
      encoded({ chunks, trailer: [...trailer, `x-amz-trailer-signature:${'0'.repeat(64)}`] }),
      Buffer.concat([encoded(upload), Buffer.from('x')]),
      upload.decoded,
      Buffer.alloc(0),
    ]
    for (const [i, body] of bodies.entries()) await attack.rejected(readUpload(upload, body), i, /PAYLOAD_MISMATCH/)
  })
})

it('at least 7000 changes of headers and bodies were tried', () => {
  expect(attack.count).toBeGreaterThan(7000)
})
