import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import { CREDENTIALS } from '../../support/credentials.ts'
import { parametersOf, sign, UNSIGNED_PAYLOAD } from '../../support/oracle.ts'

// Multipart uploads: how an object is divided, what is signed, and how responses are parsed.

const credentials = { ...CREDENTIALS }
const target = { bucket: 'films', key: 'größe/a+b (1).mp4', region: 'eu-west-1' }
const signedAt = Date.UTC(2026, 0, 2, 3, 4, 5)
const common = { credentials, now: signedAt, expires: 600 }
const MiB = 1024 ** 2
const GiB = 1024 * MiB

/** Computes the signature of a presigned S3 request from its URL, method and headers alone. */
function signatureOf({ method, url }: { method: string; url: string }, headers: Record<string, string>): string {
  const { host, pathname, search } = new URL(url)
  const all: Record<string, string> = { ...headers, host }
  return sign({
    method,
    path: pathname,
    query: parametersOf(search.slice(1)).filter(([name]) => name !== 'X-Amz-Signature'),
    headers: Object.entries(all),
    signedHeaders: Object.keys(all).sort(),
    payloadHash: UNSIGNED_PAYLOAD,
    pathRule: 's3',
    amzDate: '20260102T030405Z',
    scope: ['20260102', 'eu-west-1', 's3', 'aws4_request'],
    secretAccessKey: credentials.secretAccessKey,
  }).signature
}

/** Matches an error with this code, argument and reason, whose message contains a hint. */
function errorWith(code: string, argument: string, reason: string, hint: string) {
  const words = [argument, hint].map((text) => text.replace(/[.[\]{}"]/g, '\\$&'))
  const message = expect.stringMatching(new RegExp(`^${words[0]} [a-z ]+\\..*${words[1]}`, 'i'))
  return expect.objectContaining({ name: 'TypeError', code, argument, reason, message })
}

const queryOf = (url: string) =>
  Object.fromEntries([...new URL(url).searchParams].filter(([name]) => !name.startsWith('X-Amz-')))
const sentSignature = (url: string) => new URL(url).searchParams.get('X-Amz-Signature')

describe.each([
  ['sigv4', asynchronous],
  ['sigv4/sync', synchronous],
] as const)('%s', (_, { presignMultipartUpload, presignMultipartParts }) => {
  it('presigns the creation with content type and headers', async () => {
    const upload = await presignMultipartUpload(target, {
      ...common,
      size: 20 * MiB,
      contentType: 'video/mp4',
      headers: { 'x-amz-meta-name': 'gr%C3%B6%C3%9Fe' },
    })
    const headers = { 'content-type': 'video/mp4', 'x-amz-meta-name': 'gr%C3%B6%C3%9Fe' }
    expect(upload).toMatchObject({
      size: 20 * MiB,
      partSize: 8 * MiB,
      partCount: 3,
      create: { method: 'POST', headers },
    })
    expect(upload.create.url).toMatch(
      /^https:\/\/films\.s3\.eu-west-1\.amazonaws\.com\/gr%C3%B6%C3%9Fe\/a%2Bb%20%281%29\.mp4\?/,
    )
    expect(queryOf(upload.create.url)).toEqual({ uploads: '' })
    expect(sentSignature(upload.create.url)).toBe(signatureOf(upload.create, headers))
    expect(upload.create.expiresAt).toEqual(new Date(signedAt + 600_000))
  })

  it('presigns each part with its length, and the other requests', async () => {
    const uploadId = 'a.b_c-d~e/f+g=&h'
    const size = 17 * MiB + 1
    const all = await presignMultipartParts(target, { ...common, size, uploadId })
    expect(all).toMatchObject({ size, partSize: 8 * MiB, partCount: 3, uploadId })
    expect(all.parts.map(({ partNumber, start, end }) => [partNumber, start, end])).toEqual([
      [1, 0, 8 * MiB],
      [2, 8 * MiB, 16 * MiB],
      [3, 16 * MiB, size],
    ])
    for (const part of all.parts) {
      expect(part).toMatchObject({ method: 'PUT', headers: {} })
      expect(queryOf(part.url)).toEqual({ uploadId, partNumber: String(part.partNumber) })
      const length = { 'content-length': String(part.end - part.start) }
      expect(sentSignature(part.url)).toBe(signatureOf(part, length))
    }
    expect(all.list.map(({ method, url }) => [method, queryOf(url)])).toEqual([
      ['GET', { uploadId, 'max-parts': '1000', 'part-number-marker': '0' }],
    ])
    expect([all.complete.method, queryOf(all.complete.url)]).toEqual(['POST', { uploadId }])
    expect([all.abort.method, queryOf(all.abort.url)]).toEqual(['DELETE', { uploadId }])
    const body = { 'content-type': 'application/xml' }
    expect(all.complete.headers).toEqual(body)
    expect(sentSignature(all.complete.url)).toBe(signatureOf(all.complete, body))
    for (const request of [...all.list, all.abort]) {
      expect(request.headers).toEqual({})
      expect(sentSignature(request.url)).toBe(signatureOf(request, {}))
    }
  })

  it('presigns only the requested parts', async () => {
    const options = { ...common, size: 5 * GiB, uploadId: 'id' }
    const { parts } = await presignMultipartParts(target, { ...options, parts: new Set([640, 7]) })
    expect(parts.map(({ partNumber, start, end }) => [partNumber, start, end])).toEqual([
      [640, 639 * 8 * MiB, 5 * GiB],
      [7, 48 * MiB, 56 * MiB],
    ])
    expect((await presignMultipartParts(target, { ...options, parts: [] })).parts).toEqual([])
    expect((await presignMultipartParts(target, { ...options, parts: [7, 7] })).parts).toHaveLength(1)
    expect((await presignMultipartParts(target, options)).parts).toHaveLength(640)
  })

  it('lists all parts in pages', async () => {
    const { list, partCount } = await presignMultipartParts(target, {
      ...common,
      size: 5 * 1024 * GiB,
      uploadId: 'id',
      parts: [],
    })
    expect(partCount).toBe(Math.ceil((5 * 1024 * GiB) / (525 * MiB)))
    expect(list.map(({ url }) => Number(queryOf(url)['part-number-marker']))).toEqual([
      0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000,
    ])
  })

  it('returns plain data', async () => {
    const start = await presignMultipartUpload(target, { ...common, size: 1 })
    const rest = await presignMultipartParts(target, { ...common, size: 1, uploadId: 'id' })
    for (const result of [start, rest]) {
      const back = JSON.parse(JSON.stringify(result), (name, value) => (name === 'expiresAt' ? new Date(value) : value))
      expect(back).toEqual(result)
    }
  })

  it.each([
    [{ size: -1 }, 'options.size', 'invalid', '48.8 TiB'],
    [{ size: 1.5 }, 'options.size', 'invalid', '48.8 TiB'],
    [{ size: Number.NaN }, 'options.size', 'invalid', '48.8 TiB'],
    [{ size: '5' }, 'options.size', 'invalid', '48.8 TiB'],
    [{}, 'options.size', 'invalid', '48.8 TiB'],
    [{ size: 50_000 * GiB + 1 }, 'options.size', 'invalid', '48.8 TiB'],
    [{ size: 1, partSize: 5 * MiB - 1 }, 'options.partSize', 'invalid', '5 MiB to 5 GiB'],
    [{ size: 1, partSize: 5 * GiB + 1 }, 'options.partSize', 'invalid', '5 MiB to 5 GiB'],
    [{ size: 1, partSize: 5.5 * MiB + 0.5 }, 'options.partSize', 'invalid', '5 MiB to 5 GiB'],
    [{ size: 50_000 * MiB + 1, partSize: 5 * MiB }, 'options.partSize', 'range', `at least ${5 * MiB + 1}`],
  ])('rejects %j', async (wrong, argument, reason, hint) => {
    const error = errorWith('ERR_INVALID_ARG_VALUE', argument, reason, hint)
    const options = { ...common, ...wrong } as { size: number; credentials: typeof credentials }
    await expect((async () => presignMultipartUpload(target, options))()).rejects.toEqual(error)
    await expect((async () => presignMultipartParts(target, { ...options, uploadId: 'id' }))()).rejects.toEqual(error)
  })

  it.each([
    [{ size: 0 }, 8 * MiB, 1, [0, 0]],
    [{ size: 1 }, 8 * MiB, 1, [0, 1]],
    [{ size: 5 * MiB - 1, partSize: 5 * MiB }, 5 * MiB, 1, [0, 5 * MiB - 1]],
    [{ size: 5 * MiB, partSize: 5 * MiB }, 5 * MiB, 1, [0, 5 * MiB]],
    [{ size: 5 * MiB + 1, partSize: 5 * MiB }, 5 * MiB, 2, [5 * MiB, 5 * MiB + 1]],
    [{ size: 50_000 * MiB - 1, partSize: 5 * MiB }, 5 * MiB, 10_000, [49_995 * MiB, 50_000 * MiB - 1]],
    [{ size: 50_000 * MiB, partSize: 5 * MiB }, 5 * MiB, 10_000, [49_995 * MiB, 50_000 * MiB]],
    [{ size: 80_000 * MiB }, 8 * MiB, 10_000, [79_992 * MiB, 80_000 * MiB]],
    [{ size: 80_000 * MiB + 1 }, 9 * MiB, 8889, [79_992 * MiB, 80_000 * MiB + 1]],
    [{ size: 5 * 1024 * GiB - 1, partSize: 5 * GiB }, 5 * GiB, 1024, [5115 * GiB, 5120 * GiB - 1]],
    [{ size: 5 * 1024 * GiB, partSize: 5 * GiB }, 5 * GiB, 1024, [5115 * GiB, 5120 * GiB]],
    [{ size: 50_000 * GiB - 1 }, 5 * GiB, 10_000, [49_995 * GiB, 50_000 * GiB - 1]],
    [{ size: 50_000 * GiB }, 5 * GiB, 10_000, [49_995 * GiB, 50_000 * GiB]],
    [{ size: 49_990 * GiB + 1, partSize: 5 * GiB }, 5 * GiB, 9999, [49_990 * GiB, 49_990 * GiB + 1]],
  ])('divides at part boundaries: %j', async (cut, partSize, partCount, [start, end]) => {
    const plan = { size: cut.size, partSize, partCount }
    expect(await presignMultipartUpload(target, { ...common, ...cut })).toMatchObject(plan)
    const { parts, ...rest } = await presignMultipartParts(target, {
      ...common,
      ...cut,
      uploadId: 'id',
      parts: [partCount],
    })
    expect(rest).toMatchObject(plan)
    expect(parts).toMatchObject([{ partNumber: partCount, start, end }])
    expect(rest.list).toHaveLength(Math.ceil(partCount / 1000))
  })

  it.each([
    [{ uploadId: '' }, 'ERR_INVALID_ARG_TYPE', 'options.uploadId', 'type', 'parseMultipartResponse'],
    [{ uploadId: undefined }, 'ERR_INVALID_ARG_TYPE', 'options.uploadId', 'type', 'parseMultipartResponse'],
    [{ parts: 3 }, 'ERR_INVALID_ARG_TYPE', 'options.parts', 'type', 'list'],
    [{ parts: [0] }, 'ERR_INVALID_ARG_VALUE', 'options.parts', 'range', '1 to 2'],
    [{ parts: [3] }, 'ERR_INVALID_ARG_VALUE', 'options.parts', 'range', '1 to 2'],
    [{ parts: ['1'] }, 'ERR_INVALID_ARG_VALUE', 'options.parts', 'range', '1 to 2'],
  ])('rejects parts with %j', async (wrong, code, argument, reason, hint) => {
    const options = { ...common, size: 9 * MiB, uploadId: 'id', ...wrong } as Parameters<
      typeof presignMultipartParts
    >[1]
    await expect((async () => presignMultipartParts(target, options as never))()).rejects.toEqual(
      errorWith(code, argument, reason, hint),
    )
  })

  it.each([undefined, null, 5])('rejects the options %j', async (wrong) => {
    const error = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'options', reason: 'type' })
    await expect((async () => presignMultipartUpload(target, wrong as never))()).rejects.toEqual(error)
    await expect((async () => presignMultipartParts(target, wrong as never))()).rejects.toEqual(error)
  })

  it.each([undefined, null, {}, 'https://films.s3.eu-west-1.amazonaws.com/a', { ...target, key: '' }])(
    'rejects the target %j',
    async (wrong) => {
      const error = errorWith('ERR_INVALID_ARG_VALUE', 'target.key', 'missing', 'bucket, key')
      const options = { ...common, size: 1, uploadId: 'id' }
      await expect((async () => presignMultipartUpload(wrong as never, options))()).rejects.toEqual(error)
      await expect((async () => presignMultipartParts(wrong as never, options))()).rejects.toEqual(error)
    },
  )

  it("covers every byte once, within S3's limits", async () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 200 * MiB }), fc.integer({ min: 0, max: 5 * 1024 * GiB }))
    const partSizes = fc.option(fc.integer({ min: 5 * MiB, max: 5 * GiB }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(sizes, partSizes, async (size, partSize) => {
        fc.pre(partSize === undefined || size / partSize <= 10_000)
        const { partCount } = await presignMultipartUpload(target, { ...common, size, partSize })
        expect(partCount).toBeLessThanOrEqual(10_000)
        const numbers = [1, 2, Math.ceil(partCount / 2), partCount - 1, partCount]
        const parts = numbers.filter((number) => number >= 1 && number <= partCount)
        const { parts: request } = await presignMultipartParts(target, {
          ...common,
          size,
          partSize,
          uploadId: 'i',
          parts,
        })
        for (const { partNumber, start, end } of request) {
          if (partNumber === 1) expect(start).toBe(0)
          if (partNumber === partCount) expect(end).toBe(size)
          else expect(end - start).toBeGreaterThanOrEqual(5 * MiB)
          expect(end - start).toBeLessThanOrEqual(5 * GiB)
          const next = request.find((other) => other.partNumber === partNumber + 1)
          if (next) expect(next.start).toBe(end)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('both entries', () => {
  it('return the same result', async () => {
    const options = { ...common, size: 30 * MiB, partSize: 6 * MiB, contentType: 'text/plain' }
    expect(await asynchronous.presignMultipartUpload(target, options)).toEqual(
      synchronous.presignMultipartUpload(target, options),
    )
    const rest = { ...common, size: 30 * MiB, partSize: 6 * MiB, uploadId: 'id' }
    expect(await asynchronous.presignMultipartParts(target, rest)).toEqual(
      synchronous.presignMultipartParts(target, rest),
    )
  })

  it('call a provider once, and ignore later changes to their arguments', async () => {
    let calls = 0
    const location = { ...target }
    const options = {
      ...common,
      expires: new Date(signedAt + 60_000),
      size: 30 * MiB,
      uploadId: 'id',
      credentials: async () => {
        calls++
        await new Promise((resolve) => setTimeout(resolve, 5))
        return credentials
      },
    }
    const promise = asynchronous.presignMultipartParts(location, options)
    location.key = 'other'
    options.uploadId = 'other'
    options.expires.setTime(0)
    const expected = { ...options, credentials, uploadId: 'id', expires: 60 }
    expect(await promise).toEqual(synchronous.presignMultipartParts(target, expected))
    expect(calls).toBe(1)
  })
})

describe('multipartCompletionBody', () => {
  const { multipartCompletionBody } = synchronous
  const read = (text: string) => new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Part' }).parse(text)

  it('contains all parts in order, for any XML parser', () => {
    const parts = fc.uniqueArray(
      fc.record({ partNumber: fc.integer({ min: 1, max: 10_000 }), etag: fc.stringMatching(/^[\da-f-]{1,40}$/) }),
      {
        selector: ({ partNumber }) => partNumber,
        minLength: 1,
      },
    )
    fc.assert(
      fc.property(parts, (given) => {
        const quoted = given.map(({ partNumber, etag }) => ({ partNumber, etag: `"${etag}a"` }))
        const { Part } = read(multipartCompletionBody(quoted)).CompleteMultipartUpload
        expect(Part).toEqual(
          [...quoted]
            .sort((one, other) => one.partNumber - other.partNumber)
            .map(({ partNumber, etag }) => ({ PartNumber: String(partNumber), ETag: etag })),
        )
      }),
    )
  })

  it("has S3's namespace, and is escaped", () => {
    expect(multipartCompletionBody([{ partNumber: 1, etag: '"a<&>b"' }])).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><PartNumber>1</PartNumber><ETag>"a&#60;&#38;&#62;b"</ETag></Part></CompleteMultipartUpload>',
    )
  })

  it('keeps every ETag as S3 returned it, whatever a proxy added', () => {
    const body = multipartCompletionBody([{ partNumber: 1, etag: '"a"' }])
    for (const etag of ['a', 'W/"a"']) expect(multipartCompletionBody([{ partNumber: 1, etag }])).toBe(body)
  })

  it('contains a part once if two pages list it', () => {
    const one = { partNumber: 1, etag: '"a"' }
    const other = { partNumber: 2, etag: '"b"' }
    expect(multipartCompletionBody([one, other, { ...other, etag: 'b' }], 2)).toBe(
      multipartCompletionBody([one, other], 2),
    )
    expect(multipartCompletionBody([{ partNumber: 10_000, etag: '"z"' }, one])).toContain(
      '<PartNumber>10000</PartNumber>',
    )
  })

  const part = (partNumber: number) => ({ partNumber, etag: '"e"' })
  it.each([
    [[], undefined, 'Part 1', 'missing'],
    [[part(1), part(3)], 3, 'Part 2', 'missing'],
    [[part(1), part(2)], 3, 'Part 3', 'missing'],
    [[part(1), part(2)], 1, 'Part 2', 'range'],
    [[part(1), { ...part(1), etag: '"f"' }], undefined, 'Part 1', 'conflict'],
    [[part(1), part(2)], Number.NaN, 'partCount', 'invalid'],
    [[part(1), part(2)], '2' as never, 'partCount', 'invalid'],
    [[{ partNumber: 0, etag: '"e"' }], undefined, 'parts', 'range'],
    [[{ partNumber: 10_001, etag: '"e"' }], undefined, 'parts', 'range'],
    [[{ partNumber: '1' as never, etag: '"e"' }], undefined, 'parts', 'range'],
    [[null as never, part(1)], undefined, 'parts', 'range'],
    [Object.assign(new Array(3), [part(1)]), undefined, 'parts', 'range'],
    ...['""', '"e', 'e"', 'a b', '"a\n"', '"a\0"', '"é"', '"a" "b"', '', undefined as never].map(
      (etag): [{ partNumber: number; etag: string }[], undefined, string, string] => [
        [{ partNumber: 7, etag }],
        undefined,
        'The etag of part 7',
        'missing',
      ],
    ),
  ])('rejects %j of %j', (parts, partCount, argument, reason) => {
    const hints: Record<string, string> = {
      'Part missing': 'Upload it',
      'Part range': 'partCount is 1',
      'Part conflict': 'ETags differ',
      'parts range': '1 to 10000',
      'The missing': 'expose the ETag',
      'partCount invalid': '',
    }
    const hint = hints[`${argument.split(' ')[0]} ${reason}`]!
    expect(() => multipartCompletionBody(parts, partCount)).toThrow(
      errorWith('ERR_INVALID_ARG_VALUE', argument, reason, hint),
    )
  })

  it('rejects a value that is not iterable', () => {
    for (const wrong of [{}, undefined, 'parts', 5])
      expect(() => multipartCompletionBody(wrong as never)).toThrow(
        errorWith('ERR_INVALID_ARG_TYPE', 'parts', 'type', 'partNumber, etag'),
      )
  })
})

describe('parseMultipartResponse', () => {
  const { parseMultipartResponse } = synchronous
  const created = `<?xml version="1.0" encoding="UTF-8"?>
<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><Key>k</Key><UploadId>a&amp;b&#x3D;</UploadId></InitiateMultipartUploadResult>`
  const completed = `<?xml version="1.0" encoding="UTF-8"?>\n\n \n<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>l</Location><ETag>&quot;abc-2&quot;</ETag></CompleteMultipartUploadResult>`

  it.each([
    ['create', created, { kind: 'created', uploadId: 'a&b=' }],
    ['create, after a byte order mark', `\ufeff${created}`, { kind: 'created', uploadId: 'a&b=' }],
    ['create, without an upload ID', created.replace(/a&.*;/, ''), { kind: 'unreadable' }],
    ['complete', completed, { kind: 'completed', etag: '"abc-2"' }],
    [
      'complete, with status 200 and an error',
      '<?xml version="1.0" encoding="UTF-8"?>\n\n<Error><Code>InternalError</Code><Message>Try again &lt;soon&gt;.</Message></Error>',
      { kind: 'error', awsCode: 'InternalError', message: 'Try again <soon>.' },
    ],
    ['complete, truncated', completed.slice(0, -1), { kind: 'unreadable' }],
    ['complete, without an end', '<?xml version="1.0" encoding="UTF-8"?>\n\n', { kind: 'unreadable' }],
    [
      'complete without ETag',
      '<CompleteMultipartUploadResult><Location>l</Location></CompleteMultipartUploadResult>',
      { kind: 'unreadable' },
    ],
    ['an object that contains a different response', `<html>${completed}</html>`, { kind: 'unreadable' }],
    ['complete, after other text', `x${completed}`, { kind: 'unreadable' }],
    ['complete, before other text', `${completed}x`, { kind: 'unreadable' }],
    ['complete, before a line break', `${completed}\n`, { kind: 'completed', etag: '"abc-2"' }],
    ['complete, with an empty error', '<Error></Error>', { kind: 'error', awsCode: '', message: '' }],
    ['nothing', '', { kind: 'unreadable' }],
    [
      'list, empty',
      '<ListPartsResult><UploadId>id</UploadId><IsTruncated>false</IsTruncated></ListPartsResult>',
      { kind: 'parts', parts: [] },
    ],
    [
      'list',
      '<ListPartsResult><Part><PartNumber>2</PartNumber><ETag>"x"</ETag><Size>5242880</Size></Part>\n<Part>\n <PartNumber>10</PartNumber><LastModified>t</LastModified><ETag>&#34;y&#34;</ETag><Size>1</Size></Part></ListPartsResult>',
      {
        kind: 'parts',
        parts: [
          { partNumber: 2, etag: '"x"', size: 5242880 },
          { partNumber: 10, etag: '"y"', size: 1 },
        ],
      },
    ],
    [
      'list, with an empty part',
      '<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>"x"</ETag><Size>0</Size></Part></ListPartsResult>',
      { kind: 'parts', parts: [{ partNumber: 1, etag: '"x"', size: 0 }] },
    ],
    [
      'list, with the part number 0',
      '<ListPartsResult><Part><PartNumber>0</PartNumber><ETag>"x"</ETag><Size>1</Size></Part></ListPartsResult>',
      { kind: 'unreadable' },
    ],
    [
      'list, with parts without a number',
      '<ListPartsResult><Part><ETag>"x"</ETag><Size>1</Size></Part></ListPartsResult>',
      { kind: 'unreadable' },
    ],
    [
      'list, with parts without a size',
      '<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></ListPartsResult>',
      { kind: 'unreadable' },
    ],
    [
      'list, with parts without an ETag',
      '<ListPartsResult><Part><PartNumber>1</PartNumber><Size>1</Size></Part></ListPartsResult>',
      { kind: 'unreadable' },
    ],
  ])('parses the response to %s', (_, text, response) => {
    expect(parseMultipartResponse(text)).toEqual(response)
  })

  it('accepts any string, and nothing else', () => {
    expect(() => parseMultipartResponse(undefined as never)).toThrow(
      errorWith('ERR_INVALID_ARG_TYPE', 'text', 'type', 'body of a response'),
    )
    expect(parseMultipartResponse('<Error><Code>&#x110000;&nbsp;</Code></Error>')).toMatchObject({
      awsCode: '&#x110000;&nbsp;',
    })
    fc.assert(fc.property(fc.string(), (text) => parseMultipartResponse(text).kind === 'unreadable'))
  })
})
