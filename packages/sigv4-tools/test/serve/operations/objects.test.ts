import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byQuery, elements, send } from '../../../../../test/support/hand.ts'
import { all, newFolder, type Started, start } from '../../support/serve/start.ts'

// Operations on objects, with both object stores.

const md5 = (data: string | Uint8Array, as: 'hex' | 'base64' = 'hex') => createHash('md5').update(data).digest(as)
const TEXT = '0123456789'
const TAG = `"${md5(TEXT)}"`
const MODIFIED = Date.UTC(2024, 5, 1, 12)
const BEFORE = new Date(MODIFIED - 1000).toUTCString()
const AT = new Date(MODIFIED).toUTCString()

describe.each(['memory', 'folder'] as const)('objects in %s', (place) => {
  const { dir, remove } = newFolder()
  let now = MODIFIED
  let started: Started
  const s3: Started['s3'] = (method, target, change) => started.s3(method, target, { time: now, ...change })

  beforeAll(async () => {
    started = await start({ now: () => now, ...(place === 'folder' && { dir }) })
    await s3('PUT', '/bucket/object', { body: TEXT, headers: { 'content-type': 'text/x', 'x-amz-meta-who': 'me' } })
  })

  afterAll(async () => {
    await started.stop()
    remove()
  })

  it('are returned with their content and metadata', async () => {
    const { status, text, headers } = await s3('GET', '/bucket/object')
    expect([status, text]).toEqual([200, TEXT])
    expect(headers).toMatchObject({
      etag: TAG,
      'content-type': 'text/x',
      'content-length': '10',
      'x-amz-meta-who': 'me',
      'last-modified': AT,
      'accept-ranges': 'bytes',
    })
    const head = await s3('HEAD', '/bucket/object')
    expect([head.status, head.text, head.headers['content-length'], head.headers.etag]).toEqual([200, '', '10', TAG])
  })

  it('keep content headers without the aws-chunked coding', async () => {
    const kept = {
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment; filename="x"',
      'content-encoding': 'aws-chunked,gzip',
      'content-language': 'de',
      expires: 'Thu, 01 Dec 1994 16:00:00 GMT',
    }
    await s3('PUT', '/bucket/kept', { body: 'x', headers: kept })
    const { headers } = await s3('GET', '/bucket/kept')
    expect(headers).toMatchObject({ ...kept, 'content-encoding': 'gzip', 'content-type': 'binary/octet-stream' })
  })

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, TEXT, 'bytes 0-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=0-1,4-5', 200, TEXT, undefined],
    ['bytes=4-2', 200, TEXT, undefined],
    ['chapters=1', 200, TEXT, undefined],
    ['bytes=-', 200, TEXT, undefined],
  ])('range %s', async (range, status, text, contentRange) => {
    const reply = await s3('GET', '/bucket/object', { headers: { range } })
    expect([reply.status, reply.text, reply.headers['content-range']]).toEqual([status, text, contentRange])
    expect(reply.headers['content-length']).toBe(String(text.length))
  })

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('range %s is not satisfiable', async (range) => {
    const { status, text } = await s3('GET', '/bucket/object', { headers: { range } })
    expect(status).toBe(416)
    expect(elements(text)).toMatchObject({ Code: 'InvalidRange', RangeRequested: range, ActualObjectSize: '10' })
  })

  it.each([
    [{ 'if-match': TAG }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-none-match': TAG }, 304],
    [{ 'if-none-match': `"other", W/${TAG}` }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': AT }, 304],
    [{ 'if-modified-since': BEFORE }, 200],
    [{ 'if-unmodified-since': AT }, 200],
    [{ 'if-unmodified-since': BEFORE }, 412],
    [{ 'if-unmodified-since': 'yesterday' }, 200],
    [{ 'if-match': TAG, 'if-unmodified-since': BEFORE }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': AT }, 200],
  ])('condition %j: %i', async (headers, status) => {
    const reply = await s3('GET', '/bucket/object', { headers: headers as Record<string, string> })
    expect(reply.status).toBe(status)
    expect(reply.text).toMatch(status === 200 ? /^0123456789$/ : status === 304 ? /^$/ : /<Code>PreconditionFailed</)
    if (status === 304) expect(reply.headers.etag).toBe(TAG)
  })

  it.each([
    ['/bucket/object', { 'if-none-match': '*' }, 412, 'PreconditionFailed'],
    ['/bucket/new', { 'if-none-match': '*' }, 200, undefined],
    ['/bucket/object', { 'if-none-match': TAG }, 501, 'NotImplemented'],
    ['/bucket/object', { 'if-match': '"other"' }, 412, 'PreconditionFailed'],
    ['/bucket/object', { 'if-match': TAG }, 200, undefined],
    ['/bucket/absent', { 'if-match': TAG }, 404, 'NoSuchKey'],
  ])('writing %s with %j: %i', async (target, headers, status, code) => {
    const reply = await s3('PUT', target, { body: TEXT, headers: headers as Record<string, string> })
    expect(reply.status).toBe(status)
    if (code) expect(elements(reply.text).Code).toBe(code)
  })

  it('are removed under a condition, and only once', async () => {
    await s3('PUT', '/bucket/gone', { body: TEXT })
    expect((await s3('DELETE', '/bucket/gone', { headers: { 'if-match': '"other"' } })).status).toBe(412)
    expect((await s3('DELETE', '/bucket/gone', { headers: { 'if-match': TAG } })).status).toBe(204)
    expect((await s3('GET', '/bucket/gone')).status).toBe(404)
    expect((await s3('DELETE', '/bucket/gone')).status).toBe(204)
  })

  it('are returned with overridden headers', async () => {
    const query = { 'response-content-type': 'text/y', 'response-content-disposition': 'attachment; filename="é.txt"' }
    const { headers } = await s3('GET', '/bucket/object', { query })
    expect(headers).toMatchObject({ 'content-type': 'text/y', 'content-disposition': 'attachment; filename="é.txt"' })
    for (const value of ['a\r\nset-cookie: x=y', '€', 'a\0']) {
      const reply = await s3('GET', '/bucket/object', { query: { 'response-content-type': value } })
      expect([reply.status, elements(reply.text).Code]).toEqual([400, 'InvalidArgument'])
    }
  })

  it.each([
    'a/../b',
    './a',
    '..',
    '.',
    '/',
    '//a//',
    'a',
    'a/b',
    'a/',
    'A',
    'é',
    'e\u0301',
    '日本/語',
    '😀',
    'a b+c',
    '%2F',
    '100%',
    'con',
    'nul.txt',
    '__proto__',
    'a\\b',
    'x'.repeat(1024),
    '\u0001',
    ' ',
    'a?b#c&d=e',
  ])('with the key %j are separate from others', async (key) => {
    const path = `/keys/${encodeURIComponent(key)
      .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
      .replace(/%2F/g, '/')}`
    expect((await s3('PUT', path, { body: `the object ${key}` })).status).toBe(200)
    expect((await s3('GET', path)).text).toBe(`the object ${key}`)
  })

  it('with names that file systems and URLs treat as equal are separate', async () => {
    const { text } = await s3('GET', '/keys?list-type=2&encoding-type=url')
    const keys = all(text, 'Key').map((key) => decodeURIComponent(key.replaceAll('+', ' ')))
    expect(keys).toHaveLength(25)
    expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    for (const key of ['a', 'A', 'a/', 'a/b', '..', '%2F', 'é', 'e\u0301']) expect(keys).toContain(key)
  })

  it('with more than 2,048 bytes of metadata are rejected', async () => {
    const reply = await s3('PUT', '/bucket/metadata', { body: '', headers: { 'x-amz-meta-a': 'x'.repeat(2048) } })
    expect(elements(reply.text)).toMatchObject({ Code: 'MetadataTooLarge', Size: '2049', MaxSizeAllowed: '2048' })
  })

  it('with a key of more than 1,024 bytes are rejected', async () => {
    const reply = await s3('PUT', `/keys/${'%C3%A9'.repeat(513)}`, { body: '' })
    expect([reply.status, elements(reply.text)]).toMatchObject([
      400,
      { Code: 'KeyTooLongError', Size: '1026', MaxSizeAllowed: '1024' },
    ])
  })

  it('are copied, with their metadata or new metadata', async () => {
    const copy = (headers: Record<string, string>) => s3('PUT', '/bucket/copy', { headers })
    await s3('PUT', '/bucket/source', { body: TEXT, headers: { 'content-type': 'text/x', 'x-amz-meta-who': 'me' } })
    const reply = await copy({ 'x-amz-copy-source': '/bucket/source' })
    expect([reply.status, all(reply.text, 'ETag')]).toEqual([200, [`&quot;${md5(TEXT)}&quot;`]])
    expect((await s3('GET', '/bucket/copy')).headers).toMatchObject({ etag: TAG, 'content-type': 'text/x' })
    await copy({
      'x-amz-copy-source': 'bucket/source',
      'x-amz-metadata-directive': 'REPLACE',
      'content-type': 'text/z',
    })
    const { headers } = await s3('GET', '/bucket/copy')
    expect([headers['content-type'], headers['x-amz-meta-who']]).toEqual(['text/z', undefined])
    const code = async (headers: Record<string, string>) => elements((await copy(headers)).text).Code
    expect(await code({ 'x-amz-copy-source': 'bucket/copy' })).toBe('InvalidRequest')
    expect(await code({ 'x-amz-copy-source': 'bucket/none' })).toBe('NoSuchKey')
    expect(await code({ 'x-amz-copy-source': 'bucket' })).toBe('InvalidArgument')
    expect(await code({ 'x-amz-copy-source': 'bucket/source?versionId=3' })).toBe('InvalidArgument')
    expect((await copy({ 'x-amz-copy-source': 'bucket/source?versionId=null' })).status).toBe(200)
    expect(await code({ 'x-amz-copy-source': 'bucket/source', 'x-amz-metadata-directive': 'KEEP' })).toBe(
      'InvalidArgument',
    )
    expect(await code({ 'x-amz-copy-source': 'bucket/object', 'x-amz-copy-source-if-none-match': TAG })).toBe(
      'PreconditionFailed',
    )
    expect(await code({ 'x-amz-copy-source': 'bucket/object', 'x-amz-copy-source-if-match': '"x"' })).toBe(
      'PreconditionFailed',
    )
  })

  it('are listed in pages, grouped by prefix, and from a key on', async () => {
    const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd', '\ue000', '😀']
    for (const key of keys) await s3('PUT', `/list/${key.split('/').map(encodeURIComponent).join('/')}`, { body: key })
    const list = async (query: string) => {
      const { text } = await s3('GET', `/list?${query}`)
      return {
        text,
        keys: all(text, 'Key'),
        prefixes: all(text, 'Prefix').slice(1),
        next: all(text, 'NextContinuationToken')[0],
      }
    }
    expect((await list('list-type=2')).keys).toEqual(keys)
    expect((await list('')).keys).toEqual(keys)
    const found: string[] = []
    let token: string | undefined
    do {
      const page = await list(`list-type=2&delimiter=/&max-keys=2${token ? `&continuation-token=${token}` : ''}`)
      expect(page.keys.length + page.prefixes.length).toBeLessThanOrEqual(2)
      found.push(...page.keys, ...page.prefixes)
      token = page.next
    } while (token)
    expect(found).toEqual(['a', 'b/', 'd', '\ue000', '😀'])
    expect(await list('list-type=2&delimiter=/&prefix=b/')).toMatchObject({ keys: ['b/1', 'b/2'], prefixes: ['b/c/'] })
    expect((await list('list-type=2&start-after=b/2')).keys).toEqual(keys.slice(3))
    expect((await list('marker=b/2')).keys).toEqual(keys.slice(3))
    expect((await list('list-type=2&prefix=nothing')).keys).toEqual([])
    expect(all((await list('list-type=2&max-keys=1&fetch-owner=true')).text, 'DisplayName')).toHaveLength(1)
    const marker = all((await list('delimiter=/&max-keys=2')).text, 'NextMarker')
    expect(marker).toEqual(['b/'])
    expect((await list('delimiter=/&marker=b/')).keys).toEqual(['d', '\ue000', '😀'])
    expect(all((await list('list-type=2&max-keys=0')).text, 'IsTruncated')).toEqual(['false'])
    for (const query of ['max-keys=x', 'max-keys=-1', 'encoding-type=x', 'list-type=2&continuation-token=%00'])
      expect(elements((await list(query)).text).Code, query).toBe('InvalidArgument')
  })

  it('are deleted in batches', async () => {
    const remove = (body: string, headers: Record<string, string> = { 'content-md5': md5(body, 'base64') }) =>
      s3('POST', '/list?delete', { body, headers })
    const { text } = await remove(
      '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object><Object><Key>&#xe000;</Key></Object><Object><Key>none</Key></Object></Delete>',
    )
    expect(all(text, 'Key')).toEqual(['a', '\ue000', 'none'])
    expect(all((await s3('GET', '/list?list-type=2')).text, 'Key')).toEqual(['b/1', 'b/2', 'b/c/3', 'd', '😀'])
    const quiet = await remove('<Delete><Quiet>true</Quiet><Object><Key>d</Key></Object></Delete>')
    expect(all(quiet.text, 'Key')).toEqual([])
    const code = async (reply: Promise<{ text: string }>) => elements((await reply).text).Code
    const cdata = await remove('\ufeff<Delete><Object><Key><![CDATA[a&b]]></Key></Object></Delete>')
    expect(all(cdata.text, 'Key')).toEqual(['a&amp;b'])
    expect(await code(remove('<Delete></Delete>'))).toBe('MalformedXML')
    expect(await code(remove('<Delete><Object><Key/></Object></Delete>'))).toBe('MalformedXML')
    expect(await code(remove('<Delete>a<Object><Key>d</Key></Object></Delete>'))).toBe('MalformedXML')
    expect(await code(remove('<Delete><Object><Key>&#1;&unknown;</Key></Object></Delete>'))).toBe('MalformedXML')
    expect(await code(remove('<Delete/>', { 'x-amz-checksum-crc32': 'AAAAAA==' }))).toBe('BadDigest')
    expect(await code(remove('<Delete><Object><Key>d</Key></Object>'))).toBe('MalformedXML')
    expect(await code(remove('<Delete><Object><Key>d</Key></Object></Delete>', {}))).toBe('InvalidRequest')
    expect(await code(remove('<Delete/>', { 'content-md5': md5('other', 'base64') }))).toBe('BadDigest')
  })

  it('create their bucket by the first upload', async () => {
    const code = async (method: string, target: string) => {
      const { status, text } = await s3(method, target)
      return text === '' ? status : elements(text).Code
    }
    expect(await code('HEAD', '/fresh')).toBe(404)
    expect(await code('GET', '/fresh')).toBe('NoSuchBucket')
    await s3('PUT', '/fresh/a', { body: '' })
    expect(await code('HEAD', '/fresh')).toBe(200)
    expect(await code('DELETE', '/fresh')).toBe('BucketNotEmpty')
    await s3('DELETE', '/fresh/a')
    expect(await code('DELETE', '/fresh')).toBe(204)
    expect(await code('HEAD', '/fresh')).toBe(404)
    expect(await code('PUT', '/fresh')).toBe(200)
    expect(await code('PUT', '/fresh')).toBe(200)
    for (const [name, rule] of [
      ['ab', 'have 3 to 63 characters'],
      ['..', 'have 3 to 63 characters'],
      ['x'.repeat(64), 'have 3 to 63 characters'],
      ['Upper', 'contain only lowercase letters, digits, hyphens, and dots'],
      ['under_score', 'contain only lowercase letters, digits, hyphens, and dots'],
      ['-a-', 'start and end with a letter or a digit'],
      ['a..b', 'not contain two dots in a row'],
      ['1.2.3.4', 'not be an IP address'],
      ['xn--a', 'not start with xn-- or sthree-'],
      ['a--ol-s3', 'not end with -s3alias or --ol-s3'],
    ]) {
      const { Code, Message } = elements((await s3('PUT', `/${name}`)).text)
      expect([Code, Message]).toEqual([
        'InvalidBucketName',
        `The specified bucket is not valid: its name must ${rule}.`,
      ])
    }
    const names = all((await s3('GET', '/')).text, 'Name')
    expect(names).toEqual(['bucket', 'fresh', 'keys', 'list'])
    expect(await code('POST', '/fresh')).toBe('MethodNotAllowed')
    expect(await code('POST', '/')).toBe('MethodNotAllowed')
    expect(await code('PATCH', '/fresh/a')).toBe('MethodNotAllowed')
    expect(await code('GET', '/fresh?acl')).toBe('NotImplemented')
    expect(all((await s3('GET', '/fresh?location')).text, 'Code')).toEqual([])
  })

  it('are found in the bucket that the host names', async () => {
    const host = `fresh.s3.localhost:${started.server.port}`
    expect((await s3('PUT', '/a/b', { body: 'virtual', host })).status).toBe(200)
    expect((await s3('GET', '/fresh/a/b')).text).toBe('virtual')
    expect(all((await s3('GET', '/?list-type=2', { host })).text, 'Key')).toEqual(['a/b'])
  })

  it('accept metadata in the parameters of a presigned URL, but not checksums, as in S3', async () => {
    const query = {
      'x-amz-meta-who': 'url',
      'x-amz-checksum-crc32': 'AAAAAA==',
      'x-amz-sdk-checksum-algorithm': 'CRC32',
    }
    const request = byQuery(started.making({ method: 'PUT', path: '/bucket/url', query, body: 'x', time: now }))
    expect((await send(started.server.port, request)).status).toBe(200)
    expect((await s3('GET', '/bucket/url')).headers).toMatchObject({ 'x-amz-meta-who': 'url' })
  })

  it('have increasing dates', async () => {
    now += 5500
    await s3('PUT', '/bucket/object', { body: TEXT })
    expect((await s3('HEAD', '/bucket/object')).headers['last-modified']).toBe(new Date(MODIFIED + 5000).toUTCString())
  })
})
