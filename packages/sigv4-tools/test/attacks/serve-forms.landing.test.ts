import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { words } from '../../../../test/support/attacks/attacker.ts'
import {
  CONDITIONS,
  FIELDS,
  FORM_TYPE,
  formRequest,
  multipart,
  NOW,
  type Pair,
  part,
  replaced,
  sendKept,
  signedForm,
  titled,
} from '../../../../test/support/attacks/forms.ts'
import { byHeader, byQuery, type Reply, send, sendRaw } from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { all, type Started, start } from '../support/serve/start.ts'

// Forms over the network: what parses them, and that a rejected form stores nothing. What a policy allows is tested at
// verifyPost (test/attacks/form.test.ts), and through the server by the rows of the suite (../audit).

let started: Started
let attacks = 0

beforeAll(async () => {
  started = await start({ idleTimeout: '150ms', now: () => NOW })
  await s3('PUT', '/photos/kept', 'kept')
})

afterAll(() => started.stop())

const host = () => `127.0.0.1:${started.server.port}`
const s3 = (method: string, target: string, body = '') => {
  const [path, search = ''] = target.split('?')
  const query = Object.fromEntries(new URLSearchParams(search))
  const request = byHeader({ host: host(), method, path: path!, query, body, time: NOW })
  // A slash next to a dot segment is signed unchanged and sent as %2F, so that the segment is not resolved.
  const sent = request.target.replace(/\/(?=\.\.?(?:[/?]|$))|(?<=\/\.\.?)\//g, '%2F')
  return promptly(sendKept(started.server.port, { ...request, target: sent }))
}
const post = (body: Uint8Array, headers: Record<string, string> = {}, target = '/photos') => {
  attacks++
  return promptly(sendKept(started.server.port, formRequest(host(), body, headers, target)))
}

/** Rejects if there is no response within two seconds. */
async function promptly<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('there was no response within two seconds')), 2000)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

async function keys(): Promise<string[]> {
  const { text } = await s3('GET', '/photos?list-type=2&encoding-type=url')
  return all(text, 'Key')
    .map((key) => decodeURIComponent(key.replaceAll('+', ' ')))
    .filter((key) => key !== 'kept')
}

/** Removes the objects that an attack stored, and returns their keys. */
async function removed(): Promise<string[]> {
  const found = await keys()
  for (const key of found) await s3('DELETE', `/photos/${key.split('/').map(escaped).join('/')}`)
  return found
}

/** Sends a form that must be rejected and store nothing. */
async function refused(body: Uint8Array, headers: Record<string, string> = {}, target = '/photos'): Promise<string> {
  const { status, text } = await post(body, headers, target)
  expect(await removed(), text).toEqual([])
  expect(status, text).toBeGreaterThanOrEqual(400)
  expect(status, text).toBeLessThan(500)
  return /<Code>(\w+)<\/Code>/.exec(text)![1]!
}

/** Sends raw bytes that must store nothing. The server must reject the request or close the connection. */
async function refusedRaw(body: Uint8Array, headers: Record<string, string>): Promise<void> {
  attacks++
  const lines = Object.entries({ host: host(), 'content-type': FORM_TYPE, ...headers, connection: 'close' })
  const head = `POST /photos HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const reply = await promptly(sendRaw(started.server.port, Buffer.concat([Buffer.from(head), body])))
  expect(reply).toMatch(/^$|^HTTP\/1\.1 4\d\d .*<Code>\w+<\/Code>/s)
  expect(await removed()).toEqual([])
}

const raw = (...pieces: (string | Uint8Array)[]) => Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))
const filePart = part('file', 'a file', 'cat.png')
const END = '--limit--\r\n'
const fieldParts = (pairs: readonly Pair[] = signedForm()) =>
  Buffer.concat(pairs.map(([name, value]) => part(name, value)))

describe('a signed form', () => {
  it('is stored unchanged', async () => {
    expect((await post(multipart(signedForm(), 'content'))).status).toBe(204)
    const { text, headers } = await s3('GET', '/photos/user/ann/cat.png')
    expect([text, headers['content-type'], headers['x-amz-meta-note']]).toEqual(['content', 'image/png', 'a note'])
    expect(await removed()).toEqual(['user/ann/cat.png'])
  })
})

describe('a part of a form', () => {
  const evil = (head: string, value = 'evil') => raw(`--limit\r\n${head}\r\n\r\n${value}\r\n`)

  it.each([
    [
      'two dispositions, the first ignored',
      'Content-Disposition: form-data; name="x-ignore-a"\r\nContent-Disposition: form-data; name="Cache-Control"',
    ],
    [
      'two dispositions, the second ignored',
      'Content-Disposition: form-data; name="Cache-Control"\r\nContent-Disposition: form-data; name="x-ignore-a"',
    ],
    ['two names', 'Content-Disposition: form-data; name="x-ignore-a"; name="Cache-Control"'],
    ['two names, the second ignored', 'Content-Disposition: form-data; name="Cache-Control"; name="x-ignore-a"'],
    ['a name in the file name', 'Content-Disposition: form-data; filename="; name=Cache-Control"; name="x-ignore-a"'],
    [
      'a name in the file name, quoted',
      'Content-Disposition: form-data; filename="\\"; name=\\"Cache-Control\\""; name="x-ignore-a"',
    ],
    ['a name in a different parameter', 'Content-Disposition: form-data; x="; name="Cache-Control"; name="x-ignore-a"'],
    ['an extended name', 'Content-Disposition: form-data; name="x-ignore-a"; name*=utf-8\'\'Cache-Control'],
    ['an extended name alone', "Content-Disposition: form-data; name*=utf-8''Cache-Control"],
    ['a name in pieces', 'Content-Disposition: form-data; name*0="Cache-"; name*1="Control"'],
    ['a name in single quotes', "Content-Disposition: form-data; name='Cache-Control'"],
    ['a name without quotes', 'Content-Disposition: form-data; name=Cache-Control'],
    ['a name with an escaped quote', 'Content-Disposition: form-data; name="x-ignore-a\\"; name=\\"Cache-Control"'],
    ['a name with an escaped letter', 'Content-Disposition: form-data; name="Cache\\-Control"'],
    ['a name that does not end', 'Content-Disposition: form-data; name="Cache-Control'],
    ['a name with a URL escape', 'Content-Disposition: form-data; name="x-ignore-a%22%0D%0A; name=%22Cache-Control"'],
    ['a name with NUL', 'Content-Disposition: form-data; name="Cache-Control\0"'],
    ['a name with spaces', 'Content-Disposition: form-data; name=" Cache-Control "'],
    ['a name in uppercase', 'CONTENT-DISPOSITION: FORM-DATA; NAME="CACHE-CONTROL"'],
    ['a folded header', 'Content-Disposition: form-data;\r\n name="Cache-Control"'],
    ['a header folded with a tab', 'Content-Disposition: form-data; x="\r\n\t"; name="Cache-Control"'],
    ['a disposition after a line feed', 'X: y\nContent-Disposition: form-data; name="Cache-Control"'],
    [
      'a disposition after a carriage return',
      'Content-Disposition: form-data; name="x-ignore-a"\rContent-Disposition: form-data; name="Cache-Control"',
    ],
    ['a space before the colon', 'Content-Disposition : form-data; name="Cache-Control"'],
    ['a different disposition', 'Content-Disposition: attachment; name="Cache-Control"'],
    ['no disposition', 'Content-Type: text/plain; name="Cache-Control"'],
    ['no headers', ''],
    [
      'parts in a part',
      'Content-Disposition: form-data; name="Cache-Control"\r\nContent-Type: multipart/mixed; boundary=x',
    ],
    ['an encoding', 'Content-Disposition: form-data; name="Cache-Control"\r\nContent-Transfer-Encoding: base64'],
    [
      'a character set',
      'Content-Disposition: form-data; name="Cache-Control"\r\nContent-Type: text/plain; charset=utf-16',
    ],
    ['an encoded word', 'Content-Disposition: form-data; name="=?utf-8?Q?Cache-Control?="'],
    ['the name of a character set', 'Content-Disposition: form-data; name="_charset_"'],
    ['an empty name', 'Content-Disposition: form-data; name=""'],
  ])('with %s never becomes a header of the object', async (_, head) => {
    for (const body of [
      raw(evil(head), fieldParts(), filePart, END),
      raw(fieldParts(), evil(head), filePart, END),
      raw(fieldParts(), evil(head, 'evil\r\nX-Evil: 1'), filePart, END),
    ]) {
      const { status, text } = await post(body)
      expect([204, 400, 403], text).toContain(status)
      const { headers } = await s3('HEAD', '/photos/user/ann/cat.png')
      expect([headers['cache-control'], headers['x-evil']]).toEqual([undefined, undefined])
      expect((await removed()).length).toBe(status === 204 ? 1 : 0)
    }
    await refused(raw(fieldParts(replaced(signedForm(), 'acl')), evil(head, 'private'), filePart, END))
  })

  it.each([...words('key KEY acl Content-Type x-amz-meta-note Policy X-Amz-Signature X-Amz-Credential X-Amz-Date')])(
    '%s after the file does not count',
    async (name) => {
      const signed = signedForm()
      const value = new Map(signed.map(([name, value]) => [name.toLowerCase(), value])).get(name.toLowerCase())!
      await refused(multipart(replaced(signed, name), 'a file', [part(name, value)]))
      expect(
        (await post(multipart(signed, 'a file', [part(name, 'user/ann/evil'), part('file', 'evil', 'evil')]))).status,
      ).toBe(204)
      const { text, headers } = await s3('GET', '/photos/user/ann/cat.png')
      expect([text, headers['content-type'], headers['x-amz-meta-note']]).toEqual(['a file', 'image/png', 'a note'])
      expect(await removed()).toEqual(['user/ann/cat.png'])
    },
  )

  it.each(['file', 'File', 'FILE'])('%s, sent as text, is the file', async (name) => {
    expect(await refused(raw(fieldParts(), part(name, Buffer.alloc(2000)), filePart, END))).toBe('EntityTooLarge')
    expect(await refused(raw(part(name, 'x'), fieldParts(), filePart, END))).toMatch(
      /^(?:InvalidArgument|AccessDenied)$/,
    )
  })

  it.each([...words(`.. ../.. a/../../kept ..\\..\\kept /photos/kept C:\\kept kept %2e%2e%2fkept a\\"b a'b`)])(
    'with the file name %j stays below the prefix',
    async (filename) => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
      for (const key of ['user/ann/${filename}', '${filename}', 'user/${filename}']) {
        const body = raw(fieldParts(replaced(signedForm(), 'key', key)), part('file', 'evil', filename), END)
        const { status } = await post(body)
        for (const stored of await removed()) expect(stored).toMatch(/^user\/ann\/[^/]*$/)
        expect(status).toBe(key.startsWith('user/ann/') ? 204 : 403)
        expect((await s3('GET', '/photos/kept')).text).toBe('kept')
      }
    },
  )

  it('with an extended file name does not change the key', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
    const fields = fieldParts(replaced(signedForm(), 'key', 'user/ann/${filename}'))
    const head = 'Content-Disposition: form-data; name="file"; filename="plain"; filename*=utf-8\'\'..%2f..%2fkept'
    await post(raw(fields, evil(head), END))
    expect(await removed()).toEqual(['user/ann/plain'])
    await post(raw(fields, evil('Content-Disposition: form-data; name="file"; filename*=utf-8\'\'..%2f..%2fkept'), END))
    for (const stored of await removed()) expect(stored).toMatch(/^user\/ann\/[^/]*$/)
  })
})

describe('boundaries', () => {
  const signed = multipart(signedForm(), 'a file')

  it.each([
    ['that is missing', 'multipart/form-data'],
    ['that is empty', 'multipart/form-data; boundary='],
    ['that is empty, in quotes', 'multipart/form-data; boundary=""'],
    ['that is different', 'multipart/form-data; boundary=other'],
    ['that is similar', 'multipart/form-data; boundary=limits'],
    ['in a different case', 'multipart/form-data; boundary=LIMIT'],
    ['that is too long', `multipart/form-data; boundary=${'x'.repeat(71)}`],
    ['in quotes that do not end', 'multipart/form-data; boundary="limit'],
    ['with a space', 'multipart/form-data; boundary=li mit'],
    ['with a percent-encoded line feed', 'multipart/form-data; boundary=limit%0d%0a'],
    ['twice, starting with a different one', 'multipart/form-data; boundary=other; boundary=limit'],
    ['of a different type', 'multipart/mixed; boundary=limit'],
    ['of a longer type', 'multipart/form-data-x; boundary=limit'],
    ['of two types', 'text/plain, multipart/form-data; boundary=limit'],
    ['of a URL-encoded form', 'application/x-www-form-urlencoded; boundary=limit'],
    ['that matches everything as a regular expression', 'multipart/form-data; boundary=.....'],
    ['that is a part of it', 'multipart/form-data; boundary=imit'],
  ])('%s are rejected', async (_, type) => {
    await refused(signed, { 'content-type': type })
  })

  it.each([
    ['only line feeds', Buffer.from(signed.toString().replaceAll('\r\n', '\n'))],
    ['only carriage returns', Buffer.from(signed.toString().replaceAll('\r\n', '\r'))],
    ['only line feeds between headers', Buffer.from(signed.toString().replaceAll('"\r\n\r\n', '"\n\n'))],
    ['no dashes', Buffer.from(signed.toString().replaceAll('--limit', 'limit'))],
    ['one dash', Buffer.from(signed.toString().replaceAll('--limit', '-limit'))],
    ['three dashes', Buffer.from(signed.toString().replaceAll('--limit', '---limit'))],
    ['letters after it', Buffer.from(signed.toString().replaceAll('--limit\r\n', '--limitless\r\n'))],
    ['an end before the first part', raw('--limit--\r\n', signed)],
    ['an end before the file', raw(fieldParts(), '--limit--\r\n', filePart, END)],
    ['an end before the last field', raw(fieldParts().subarray(0, -1), '\n--limit--\r\n', filePart, END)],
    ['no end', signed.subarray(0, -'\r\n--limit--\r\n'.length)],
    ['half an end', signed.subarray(0, -'mit--\r\n'.length)],
    ['no file', raw(fieldParts(), END)],
    ['no parts', raw(END)],
    ['nothing', raw('')],
    ['a line break only', raw('\r\n')],
    ['a file only', raw(filePart, END)],
    ['bytes that are not UTF-8 in a name', raw(part('a', 'x').subarray(0, -5), Buffer.from([0xff]), signed)],
    [
      'a name that is not UTF-8',
      raw('--limit\r\nContent-Disposition: form-data; name="', Buffer.from([0xc3, 0x28]), '"\r\n\r\nx\r\n', signed),
    ],
    [
      'an overlong slash in the key',
      raw(
        fieldParts(replaced(signedForm(), 'key')),
        '--limit\r\nContent-Disposition: form-data; name="key"\r\n\r\nuser/ann/..',
        Buffer.from([0xc0, 0xaf]),
        'x\r\n',
        filePart,
        END,
      ),
    ],
    [
      'a key that is not UTF-8',
      raw(
        fieldParts(replaced(signedForm(), 'key')),
        '--limit\r\nContent-Disposition: form-data; name="key"\r\n\r\nuser/ann/',
        Buffer.from([0xff]),
        '\r\n',
        filePart,
        END,
      ),
    ],
    ['1,001 fields', raw(...Array.from({ length: 1001 }, () => part('x-ignore-a', '')), signed)],
    ['fields of 64 KiB', raw(part('x-ignore-a', 'x'.repeat(65_536)), signed)],
    ['fields of 21,000 bytes', raw(part('x-ignore-a', 'x'.repeat(21_000)), signed)],
    [
      'headers of 64 KiB',
      raw(
        `--limit\r\nX: ${'x'.repeat(65_536)}\r\nContent-Disposition: form-data; name="x-ignore-a"\r\n\r\n\r\n`,
        signed,
      ),
    ],
  ])('with %s are rejected', async (_, body) => {
    await refused(body)
    if (body.length > 0) await refused(body, { expect: '100-continue' })
  })

  it('around the form do not change what is stored', async () => {
    for (const [body, type] of [
      [raw('a preamble\r\n', signed), FORM_TYPE],
      [raw(fieldParts(), filePart, END, multipart([['key', 'evil']], 'evil')), FORM_TYPE],
      [signed, 'multipart/form-data; boundary="limit"'],
      [signed, 'Multipart/Form-Data; charset=utf-8; Boundary=limit'],
      [signed, 'multipart/form-data; boundary=limit; boundary=other'],
    ] as const) {
      const { status } = await post(body, { 'content-type': type })
      const { text } = await s3('GET', '/photos/user/ann/cat.png')
      if (status === 204) expect(text).toBe('a file')
      expect(await removed()).toEqual(status === 204 ? ['user/ann/cat.png'] : [])
    }
  })

  it.each([
    '--limit',
    '\n--limit',
    '\r--limit',
    '\r\n-limit',
    '\r\n--limi',
    '\r\n --limit',
    '-\r\n-limit--',
    '\r\n\r\n',
    '\r\n--',
    '\r\n--LIMIT--',
  ])('that only resemble it, like %j, stay in the file', async (content) => {
    for (const text of [`a${content}b`, `-${content}${content}`, `a${content}`]) {
      expect((await post(multipart(signedForm(), text))).status).toBe(204)
      expect((await s3('GET', '/photos/user/ann/cat.png')).text).toBe(text)
      await removed()
    }
  })

  it.each([
    ['less than sent', (length: number) => ({ 'content-length': String(length - 30) })],
    ['more than sent', (length: number) => ({ 'content-length': String(length + 30) })],
    ['nothing', () => ({ 'content-length': '0' })],
    ['not a number', () => ({ 'content-length': 'x' })],
    ['a negative number', () => ({ 'content-length': '-1' })],
    ['two lengths in a list', (length: number) => ({ 'content-length': `${length}, ${length - 30}` })],
    ['a sign', (length: number) => ({ 'content-length': `+${length}` })],
    ['no length', () => ({})],
    ['chunks', () => ({ 'transfer-encoding': 'chunked' })],
    ['a length and chunks', (length: number) => ({ 'content-length': String(length), 'transfer-encoding': 'chunked' })],
  ])('of a body with %s are rejected', async (_, headers) => {
    await refusedRaw(signed, headers(signed.length))
    const chunked = raw(`${signed.length.toString(16)}\r\n`, signed, '\r\n0\r\n\r\n')
    await refusedRaw(chunked, headers(signed.length) as Record<string, string>)
  })
})

describe('a value that cannot be sent in a header', () => {
  const CONTROLS = [
    '\r\nX-Evil: 1',
    '\nX-Evil: 1',
    '\rX-Evil: 1',
    '\r\n\r\n<script>',
    '\0',
    '\x01',
    '\x0b',
    '\x0c',
    '\x1b[2J',
    '\x7f',
  ]
  const OTHERS = ['\x80', '\x85', '\x9b31m', '\u0100', '\u2028', '\u202e', '\u{1f600}', '\ufffd', '\ufeff']
  const names = words(`
    Content-Type Cache-Control Content-Disposition Content-Language Content-Encoding Expires
    x-amz-website-redirect-location x-amz-meta-note`)
  const form = (name: string, value: string) => {
    const conditions = [{ bucket: 'photos' }, ['starts-with', '$key', ''], ['starts-with', `$${name}`, '']]
    return signedForm({
      conditions,
      fields: [
        ['key', 'cat'],
        [name, value],
      ],
    })
  }

  it.each(names)('as %s is rejected, and an object with others can be read', async (name) => {
    for (const control of CONTROLS)
      for (const value of [`image/png${control}`, `${control}image/png`, `image/${control}png`, `gzip, ${control}, br`])
        await refused(multipart(form(name, value)))
    for (const other of OTHERS)
      for (const value of [`image/png${other}`, other]) {
        const { status, text } = await post(multipart(form(name, value)))
        expect([204, 400], text).toContain(status)
        for (const method of ['GET', 'HEAD']) {
          const { headers, status: read } = await s3(method, '/photos/cat')
          expect([read, headers['x-evil']]).toEqual([status === 204 ? 200 : 404, undefined])
        }
        await removed()
      }
  })

  it.each(
    titled([
      'x-amz-meta-a b',
      'x-amz-meta-a:b',
      'x-amz-meta-\u00e9',
      'x-amz-meta-',
      'x-amz-meta-a\x7f',
      'x-amz-meta-(',
      'x-amz-meta-__proto__',
      'x-amz-meta-\u212a',
    ]),
  )('in the name %s does not keep the object from being read', async (_, name) => {
    const { status, text } = await post(multipart(form(name, 'value')))
    expect([204, 400], text).toContain(status)
    expect((await s3('GET', '/photos/cat')).status).toBe(status === 204 ? 200 : 404)
    expect((await s3('HEAD', '/photos/cat')).status).toBe(status === 204 ? 200 : 404)
    await removed()
  })

  it.each(
    titled([
      'https://evil.example/\r\nSet-Cookie: a=b',
      'https://evil.example/\nX-Evil: 1',
      'https://evil.example\r\n\r\n<script>',
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,<script>',
      'file:///etc/passwd',
      '//evil.example',
      '\thttps://evil.example/',
      'https://\u202eevil.example/',
      'https://evil.example/\u{1f600}?a=\r\n',
      'http://[::1',
    ]),
  )('in the redirect address %s adds nothing to the response', async (_, redirect) => {
    for (const name of ['success_action_redirect', 'redirect']) {
      const { status, headers } = await post(multipart(form(name, redirect)))
      expect([204, 303, 400]).toContain(status)
      expect([headers['x-evil'], headers['set-cookie']]).toEqual([undefined, undefined])
      if (status === 303) expect(headers.location).toMatch(/^https?:\/\/[\x21-\x7e]+$/)
      await removed()
    }
  })

  it('in a key is encoded in the response', async () => {
    for (const key of ['a\r\nX-Evil: 1', 'a\0b', 'a\x1b[2J', '<b>&"', '\u202e', '\u{1f600}', ' ', 'a b+c', "']]>"]) {
      const fields: Pair[] = [
        ['key', key],
        ['success_action_status', '201'],
      ]
      const conditions = [{ bucket: 'photos' }, ['starts-with', '$key', ''], { success_action_status: '201' }]
      const { headers, text, status } = await post(multipart(signedForm({ conditions, fields })))
      expect([201, 400], text).toContain(status)
      expect(headers['x-evil']).toBeUndefined()
      if (status === 201) expect(headers.location).toMatch(/^[\x21-\x7e]+$/)
      expect(text).not.toMatch(/[^\P{Cc}\t\n\r]|<b>/u)
      expect(await removed()).toEqual(status === 201 ? [key] : [])
    }
  })
})

describe('a form at a different URL', () => {
  const signed = () => multipart(signedForm())

  it.each([
    ...words(`
      / /others /photos/user/ann/cat.png /photos/kept /others/user/ann/cat.png /photos%2fx /PHOTOS /photos/../others
      //photos /photos%00 /pho%74os%20 /. /.. /%2e%2e/photos`),
  ])('at %s is rejected', async (target) => {
    await refused(signed(), {}, target)
    expect((await s3('GET', '/others')).status).toBe(404)
  })

  it.each([
    ...words('?delete ?uploads ?uploadId=x&partNumber=1 ?acl ?X-Amz-Algorithm=AWS4-HMAC-SHA256 ?X-Amz-Signature=x'),
    '?x-amz-algorithm=x',
  ])('with the query %s is an ordinary form', async (query) => {
    const { status } = await post(signed(), {}, `/photos${query}`)
    expect([204, 400, 403, 501]).toContain(status)
    expect(await removed()).toEqual(status === 204 ? ['user/ann/cat.png'] : [])
    expect((await s3('GET', '/photos/kept')).text).toBe('kept')
  })

  it('with a different method is rejected', async () => {
    for (const method of ['PUT', 'GET', 'DELETE', 'HEAD']) {
      attacks++
      const request = { ...formRequest(host(), signed()), method }
      expect((await promptly(send(started.server.port, request))).status).toBe(403)
      expect(await removed()).toEqual([])
    }
  })

  it('with a signed request around it is rejected unless that signature is correct', async () => {
    const body = signed()
    const inner = { method: 'POST', path: '/photos', host: host(), time: NOW, headers: { 'content-type': FORM_TYPE } }
    const unsigned: Record<string, string>[] = [
      { authorization: 'AWS4-HMAC-SHA256 x' },
      { authorization: '' },
      { authorization: 'Basic YTpi' },
      { authorization: byHeader({ ...inner, body: 'other', secret: 'other' }).headers.authorization! },
    ]
    for (const headers of unsigned) await refused(body, headers)
    await refused(body, {}, byQuery({ ...inner, headers: {}, secret: 'other' }).target)
    for (const secret of [undefined, 'other'])
      expect(
        (
          await promptly(
            send(started.server.port, {
              ...byHeader({ ...inner, ...(secret && { secret }), body: body.toString(), payloadHash: sha256(body) }),
            }),
          )
        ).status,
      ).toBeGreaterThanOrEqual(400)
    expect(await removed()).toEqual([])
  })

  it('with a wrong checksum is rejected', async () => {
    const sum = Buffer.from(sha256('a different file'), 'hex').toString('base64')
    const values: Pair[][] = [
      [['x-amz-checksum-sha256', sum]],
      [['x-amz-checksum-sha256', '']],
      [['x-amz-checksum-sha256', 'x']],
      [['x-amz-checksum-md5', sum]],
      [['Content-MD5', 'AAAAAAAAAAAAAAAAAAAAAA==']],
      [['Content-MD5', 'x']],
      [['x-amz-sdk-checksum-algorithm', 'SHA256']],
      [
        ['x-amz-checksum-crc32', 'AAAAAA=='],
        ['x-amz-checksum-sha256', sum],
      ],
      [['x-amz-trailer', 'x-amz-checksum-crc32']],
    ]
    for (const more of values) {
      const conditions = [...CONDITIONS, ...more.map(([name]) => ['starts-with', `$${name}`, ''])]
      await refused(multipart(signedForm({ conditions, fields: [...FIELDS, ...more] })))
    }
  })
})

describe('a form, interrupted', () => {
  it('at any byte stores nothing', async () => {
    const body = multipart(signedForm())
    const head = `POST /photos HTTP/1.1\r\nhost: ${host()}\r\ncontent-type: ${FORM_TYPE}\r\ncontent-length: ${body.length}\r\n\r\n`
    const whole = raw(head, body)
    const ends = Array.from({ length: 60 }, (_, i) => Math.floor((i * (whole.length - 1)) / 59))
    const replies = await Promise.all(
      ends.map((end) => promptly(sendRaw(started.server.port, whole.subarray(0, end), true))),
    )
    attacks += ends.length
    for (const reply of replies) expect(reply).not.toMatch(/^HTTP\/1\.1 2/)
    expect(await removed()).toEqual([])
  })
})

describe('this suite', () => {
  it('runs all of its attacks, without internal errors of the server', async () => {
    expect(started.lines.filter((line) => / {2}5\d\d {2}|InternalError/.test(line))).toEqual([])
    expect(attacks).toBeGreaterThan(900)
    const kept: Reply = await s3('GET', '/photos/kept')
    expect(kept.text).toBe('kept')
  })
})
