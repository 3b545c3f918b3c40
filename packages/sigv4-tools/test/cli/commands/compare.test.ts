import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { COLOR, DATE, errorOf, HOST, KEYS, presigned, run, temporary } from '../../support/cli.ts'

let files: ReturnType<typeof temporary>
beforeAll(() => {
  files = temporary()
})
afterAll(() => files.remove())

interface Difference {
  part: string
  a?: string
  b?: string
  isSigned: boolean
  rule: string
}

interface Side {
  description: string
  problems: unknown[]
  finding?: unknown
}

interface Comparison {
  isEqual: boolean
  a: Side
  b: Side
  differences: Difference[]
  equal: string[]
  unknown: string[]
}

/** Compares two sources, and returns the JSON. */
async function compare(a: string, b: string, stdin = ''): Promise<Comparison> {
  const { code, stdout, stderr } = await run(['compare', a, b, '--json'], { env: {}, stdin })
  expect(stderr).toBe('')
  const { version, ...comparison } = JSON.parse(stdout)
  expect(version).toBe(1)
  expect(code).toBe(comparison.isEqual ? 0 : 1)
  if (comparison.differences.length) expect(comparison.isEqual).toBe(false)
  return comparison
}

let count = 0
/** Writes a log of curl. */
function log(url: string, { method = 'GET', headers = {}, status = 200, body = '' } = {}): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `> ${name}: ${value}\n`)
  const text = `> ${method} ${pathname}${search} HTTP/1.1\n${lines.join('')}> \n< HTTP/1.1 ${status} X\n< \n${body}`
  return files.write(`${++count}.log`, text)
}

describe('compare', () => {
  it.each([
    ['the method', 'method', { method: 'PUT' }, { method: 'POST' }],
    ['a header', 'header x-a', { headers: { 'X-A': '1' } }, { headers: { 'x-a': '2' } }],
    ['a header that only one has', 'header x-a', {}, { headers: { 'x-a': '2' } }],
  ])('reports %s', async (_, part, one, other) => {
    const url = await presigned('get')
    const { differences } = await compare(log(url, one), log(url, other))
    expect(differences.map(({ part }) => part)).toEqual([part])
  })

  it.each([
    ['the key', 'path', ['get'], (url: string) => url.replace('cat', 'dog')],
    ['the host', 'host', ['get'], (url: string) => url.replace('photos.', 'films.')],
    ['a parameter', 'query parameter x', ['get', '--query', 'x=1'], (url: string) => url.replace('x=1', 'x=2')],
    ['an additional parameter', 'query parameter utm', ['get'], (url: string) => `${url}&utm=1`],
    ['the region', 'region', ['get'], (url: string) => url.replace('%2Feu-west-1', '%2Fus-east-1')],
    ['the service', 'service', ['get'], (url: string) => url.replace('%2Fs3%2F', '%2Fs3express%2F')],
    ['the access key', 'access key ID', ['get'], (url: string) => url.replace('AKIDEXAMPLE', 'AKIDOTHER')],
    ['the lifetime', 'lifetime', ['get'], (url: string) => url.replace('Expires=900', 'Expires=60')],
    ['the signed headers', 'signed headers', ['get'], (url: string) => url.replace('ers=host', 'ers=host%3Brange')],
    ['a session token', 'session token', ['get'], (url: string) => `${url}&X-Amz-Security-Token=secret-token`],
  ])('reports %s', async (_, part, args, change) => {
    const url = await presigned(args[0]!, ...args.slice(1))
    const { differences, equal } = await compare(url, change(url))
    expect(differences.map(({ part }) => part)).toEqual([part])
    expect(differences[0]!.rule).toMatch(/\w\.$/)
    expect(equal).not.toContain(part)
    expect(equal.length).toBeGreaterThan(5)
  })

  it('does not report what has the same canonical form, or differs between any two requests', async () => {
    const url = await presigned('get', '--query', 'a=1', '--query', 'b= ')
    const other = (await run(['presign', 'get', url.replace(/\?.*/, ''), '--query', 'b= ', '--query', 'a=1'])).stdout
    expect((await compare(url, other.trim().replace('b=%20', 'b=+'))).differences).toEqual([])
    expect((await compare(url, url.replace('cat.jpg', 'c%61t.jpg'))).differences).toEqual([])
    const [plus, space] = ['c+t.jpg', 'c%20t.jpg'].map((name) => url.replace('cat.jpg', name))
    expect((await compare(plus!, space!)).differences).toEqual([])
    const [one, two] = [log(url, { headers: { 'X-A': ' 1  2 ' } }), log(url, { headers: { 'x-a': '1 2' } })]
    expect((await compare(one, two)).differences).toEqual([])
  })

  it('reports whether a header is signed, and by which of them', async () => {
    const [plain, typed] = [await presigned('put'), await presigned('put', '--content-type', 'image/png')]
    const header = async (a: string, b: string, name = 'content-type') =>
      (await compare(a, b)).differences.find(({ part }) => part === `header ${name}`)
    const types = [{ headers: { 'content-type': 'image/png' } }, { headers: { 'content-type': 'image/jpeg' } }] as const
    expect(await header(log(typed, types[0]), log(typed, types[1]))).toEqual({
      part: 'header content-type',
      a: 'image/png',
      b: 'image/jpeg',
      isSigned: true,
      rule: 'Both sign it, so each must send the value that it signed.',
    })
    expect((await header(log(plain, types[0]), log(typed, types[1])))?.rule).toMatch(/^Only B signs it, so B must/)
    expect((await header(log(plain, types[0]), log(plain, types[1])))?.isSigned).toBe(false)
    const acl = log(plain, { headers: { 'x-amz-acl': 'private' } })
    expect((await header(acl, log(plain), 'x-amz-acl'))?.rule).toMatch(/S3 rejects x-amz- headers/)
  })

  it('compares unsigned requests', async () => {
    const { differences, equal } = await compare('https://photos.example/a', 'https://photos.example/b')
    expect(differences.map(({ part }) => part)).toEqual(['path'])
    expect(equal).toEqual(['host'])
  })

  it('does not compare what only one of them shows', async () => {
    const url = await presigned('get')
    const { differences, unknown } = await compare(url, log(url, { headers: { accept: '*/*' } }))
    expect(differences).toEqual([])
    expect(unknown).toEqual(expect.arrayContaining(['method', 'header accept']))
  })

  it('reads URLs, files, and standard input, with the cause if one was rejected', async () => {
    const url = await presigned('get')
    const body = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
    const { a, b } = await compare(url, '-', `GET ${url}\n\nHTTP/1.1 403 Forbidden\n\n${body}`)
    expect([a.description, a.finding]).toEqual(['URL', undefined])
    expect(b.description).toMatch(/ with status 403$/)
    expect(b.finding).toMatchObject({ cause: 'expired', fix: expect.any(String) })
    const { stdout } = await run(['compare', url, '-'], { env: {}, stdin: `GET ${url}\n\nHTTP/1.1 403 X\n\n${body}` })
    expect(stdout).toMatch(/^A .*\nB .*\n\nProblem of B: [^\n]*expired.*\nFix {7}Create a new URL.*\nNo difference/s)
  })

  it('does not report requests as equal if only one of them shows a signed part', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const rejected = log(url, { method: 'PUT', headers: { 'content-type': 'image/jpeg', accept: '*/*' }, status: 403 })
    const { code, stdout } = await run(['compare', url, rejected], { env: {} })
    expect(stdout.replace('which\nare', 'which are')).toContain(
      '\nNo difference in what both show; only B shows the method and content-type, which are signed; only B failed (status 403).\n',
    )
    expect(code).toBe(1)
    const { isEqual, differences } = await compare(rejected, url)
    expect([isEqual, differences]).toEqual([false, []])
  })

  it('does not report requests as equal if only one of them failed', async () => {
    const url = await presigned('get')
    const { stdout } = await run(['compare', log(url), log(url, { status: 403 })], { env: {} })
    expect(stdout).toContain('\nNo difference in what both show; only B failed (status 403).\n')
    expect(await compare(log(url), log(url, { status: 403 }))).toMatchObject({ isEqual: false, differences: [] })
    expect((await compare(log(url, { status: 403 }), log(url, { status: 403 }))).isEqual).toBe(true)
    expect((await compare(log(url), log(url))).isEqual).toBe(true)
  })

  it('prints the problem first, then signed parts, then the unsigned ones in one line', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const works = { method: 'PUT', headers: { 'user-agent': 'curl/8', accept: '*/*', 'content-type': 'image/png' } }
    const fails = { method: 'PUT', headers: { 'user-agent': 'curl/9', accept: '*', 'content-type': 'image/jpeg' } }
    const body = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
    const args = ['compare', log(url, works), log(url, { ...fails, status: 403, body })]
    const { stdout } = await run(args, { env: {} })
    const lines = [
      'Problem of B:',
      'Fix ',
      '3 parts differ, 1 of them signed.',
      'header content-type',
      'Not signed, differ: ',
    ]
    const at = lines.map((line) => stdout.indexOf(`\n${line}`))
    expect(at.every((each) => each >= 0)).toBe(true)
    expect(at).toEqual([...at].sort((a, b) => a - b))
    expect(stdout).toContain('\nNot signed, differ: user-agent, accept\n')
    expect(stdout).not.toContain('curl/9')
  })

  it('states that no signed part differs', async () => {
    const url = await presigned('get')
    const summary = async (...headers: Record<string, string>[]) =>
      (await run(['compare', ...headers.map((each) => log(url, { headers: each }))], { env: {} })).stdout
    expect(await summary({ accept: 'a' }, { accept: 'b' })).toContain('\n1 part differs, which is not signed.\n')
    expect(await summary({ accept: 'a', dnt: '1' }, {})).toContain('\n2 parts differ, none of them signed.\n')
    expect(await summary({ 'x-amz-acl': 'private' }, {})).toContain('\nRule      It is not signed. S3 rejects x-amz-')
  })

  it('prints each difference with its values and a rule, and the rest in one line', async () => {
    const url = await presigned('get')
    const { stdout } = await run(['compare', url, url.replace('cat', 'dog')], { columns: 80 })
    expect(stdout).toMatch(COLOR)
    expect(stdout.replaceAll(COLOR, '').split('\nProblem')[0]).toBe(
      [
        'A         URL',
        'B         URL',
        '',
        '1 part differs.',
        '',
        'path',
        '  A  /cat.jpg',
        '      ^^^',
        '  B  /dog.jpg',
        '      ^^^',
        'Rule      The path is signed. S3 encodes it once, and other services encode it',
        '          twice.',
        '',
        'Equal     host, signature in, access key ID, region, service, signed headers,',
        '          payload hash, lifetime',
        'Ignored   date and signature, which differ between any two requests',
        '',
      ].join('\n'),
    )
    expect((await run(['compare', url, url])).stdout).toContain('\nThe requests are equal.\n')
  })

  it('prints neither tokens nor secrets', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'a-session-token' }
    const args = ['presign', 'get', `https://${HOST}/x`, '--now', DATE]
    const url = (await run(args, { env })).stdout.trim()
    const headers = { authorization: 'Basic c2VjcmV0', cookie: 'secret-cookie', 'x-amz-meta-a': SECRET }
    const [one, other] = [log(url, { headers }), log(url.replace('a-session', 'b-session'), { status: 403 })]
    for (const more of [[], ['--json']]) {
      const { stdout } = await run(['compare', one, other, ...more], { env })
      expect(stdout).toContain('session token')
      for (const secret of ['session-token', 'c2VjcmV0', 'secret-cookie', SECRET]) expect(stdout).not.toContain(secret)
    }
  })

  it.each([
    [[], "a request is missing. Use 'npx sigv4-tools compare A B'."],
    [['https://x/'], "a request is missing. Use 'npx sigv4-tools compare A B'."],
    [['-', '-'], 'A and B cannot both be standard input.'],
    [['https://x/', 'https://y/', 'z'], 'unexpected argument "z". Quote arguments that contain spaces or &.'],
    [['https://x/', '/nonexistent/x'], 'B: cannot read the file "/nonexistent/x": it does not exist.'],
    [['-', 'https://x/'], expect.stringMatching(/^A is empty\. Paste a presigned URL, /)],
  ])('reports invalid input in one line: %j', async (args, line) => {
    expect(await errorOf(['compare', ...args])).toEqual(line)
  })

  it('reports input without a request', async () => {
    const nothing = files.write('nothing', 'hello')
    expect(await errorOf(['compare', 'https://x/', nothing])).toMatch(/^nothing in B was recognized\. Paste /)
    const error = files.write('error', '<Error><Code>AccessDenied</Code></Error>')
    expect(await errorOf(['compare', error, 'https://x/'])).toBe(
      'A does not show a request. Add the URL, or the output of curl -v.',
    )
  })
})
