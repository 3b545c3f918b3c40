import { describe, expect, it, vi } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { COLOR, DATE, errorOf, HOST, NOW, presigned, record, run, start, succeed } from '../../support/cli.ts'

describe('inspect', () => {
  it('prints the contents of a URL, without credentials', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    expect(await succeed(['inspect', url, ...NOW], { env: {} })).toBe(
      [
        '  host             photos.s3.eu-west-1.amazonaws.com',
        '  bucket           photos',
        '  key              cat.jpg',
        '  signature in     the URL',
        '  access key ID    AKIDEXAMPLE',
        '  scope            20260131/eu-west-1/s3/aws4_request',
        '  signed           2026-01-31T12:00:00Z (5 minutes ago)',
        '  expires          2026-01-31T12:15:00Z (in 10 minutes)',
        '  headers to send  content-type',
        '',
      ].join('\n'),
    )
  })

  it('prints JSON', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'ASIAX', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: 'my-token' }
    const { stdout } = await run(['presign', 'get', `https://${HOST}/x`, '--now', DATE], { env })
    const json = await succeed(['inspect', stdout.trim(), ...NOW, '--json'])
    expect(JSON.parse(json)).toEqual({
      version: 1,
      host: HOST,
      path: '/x',
      bucket: 'photos',
      key: 'x',
      location: 'query',
      algorithm: 'AWS4-HMAC-SHA256',
      accessKeyId: 'ASIAX',
      credentialScope: '20260131/eu-west-1/s3/aws4_request',
      region: 'eu-west-1',
      service: 's3',
      signedAt: '2026-01-31T12:00:00.000Z',
      expiresAt: '2026-01-31T12:15:00.000Z',
      secondsUntilExpiry: 600,
      signedHeaders: ['host'],
      headersToSend: [],
      hasSessionToken: true,
      warnings: [],
    })
    expect(json).not.toContain('my-token')
  })

  it('exits with 1 and a fix if there is a problem', async () => {
    const { code, stdout, stderr } = await run(['inspect', await presigned('put'), '--now', '2026-01-31T13:00:00Z'])
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toContain('  expires          2026-01-31T12:15:00Z (45 minutes ago)\n')
    expect(stdout).toMatch(
      /\nProblem: The URL expired 45 minutes ago\.\nFix {7}Create a new URL, or presign with a longer expires option\.\nCause {5}expired\n/,
    )
    const json = await run(['inspect', await presigned('put'), '--now', '2026-01-31T13:00:00Z', '--json'])
    expect([json.code, JSON.parse(json.stdout).secondsUntilExpiry]).toEqual([1, -2700])
  })

  it('computes all durations from one time', async () => {
    const url = await presigned('get', '--expires', '1s')
    let time = Date.parse(DATE) + 57_300
    class Ticking extends Date {
      constructor(...args: [] | [number]) {
        super(args[0] ?? Ticking.now())
      }
      static override now = (): number => (time += 1000)
    }
    vi.stubGlobal('Date', Ticking)
    const { stdout } = await run(['inspect', url]).finally(() => vi.unstubAllGlobals())
    const [, expired] = /\nProblem: The URL expired (.*) ago\.\n/.exec(stdout) ?? []
    expect(stdout).toMatch(/ {2}expires {10}\S+ \(\d\d seconds ago\)/)
    expect(stdout).toContain(`(${expired} ago)\n  headers`)
  })

  it('parses a raw request, and a curl log', async () => {
    const { headers } = JSON.parse(await succeed(['sign', 'GET', `https://${HOST}/x`, '--now', DATE, '--json']))
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const raw = `GET /x HTTP/1.1\r\nHost: ${HOST}\r\n${lines.join('\r\n')}\r\n\r\n`
    const text = await succeed(['inspect', ...NOW], { stdin: raw })
    expect(text).toContain('  signature in     the Authorization header\n')
    expect(text).not.toContain('expires')
    const server = await record()
    const args = ['-sv', '--connect-to', `::${new URL(server.url).host}`, `http://${HOST}/x`]
    const { stderr: log } = await start('curl', [...args, ...lines.flatMap((line) => ['-H', line])]).ended
    await server.stop()
    expect(await succeed(['inspect', ...NOW], { stdin: log })).toBe(text)
    const twice = await run(['inspect', ...NOW], { stdin: log.replace('/x', '/y') + log })
    const line = log.split('\n').length + log.split('\n').findIndex((each) => each.startsWith('> GET '))
    expect(twice).toEqual({
      code: 0,
      stdout: text,
      stderr: `The input contains 2 requests. Using the one in line ${line}.\n`,
    })
  })

  it.each([
    ['a URL', (url: string) => `GET ${url}`],
    ['a fetch copy', (url: string) => `fetch("${url}", { "method": "GET" });`],
    ['a cURL copy', (url: string) => `curl '${url}' -X GET -H 'accept: */*'`],
    ['text of a console', (url: string) => `GET ${url} 403 (Forbidden)`],
    [
      'a HAR file',
      (url: string) =>
        JSON.stringify({
          log: { entries: [{ request: { method: 'GET', url, headers: [] }, response: { status: 403 } }] },
        }),
    ],
  ])('reads what explain reads: %s', async (_, paste) => {
    const { stdout } = await run(['inspect', ...NOW, '--json'], { stdin: paste(await presigned('get')) })
    expect(JSON.parse(stdout)).toMatchObject({ method: 'GET', host: HOST, bucket: 'photos', key: 'cat.jpg' })
  })

  it('reads the request in an error of S3', async () => {
    const canonical = `PUT\n/a%20b\n\nhost:${HOST}\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${'a'.repeat(64)}`
    const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'0'.repeat(64)}`
    const stdin = `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><StringToSign>${toSign}</StringToSign><SignatureProvided>${'1'.repeat(64)}</SignatureProvided><CanonicalRequest>${canonical}</CanonicalRequest></Error>`
    expect((await run(['inspect', ...NOW], { stdin })).stdout).toMatch(
      /^ {2}method {11}PUT\n {2}host {13}photos\S+\n {2}bucket {11}photos\n {2}key {14}a b\n/,
    )
    expect(await errorOf(['inspect'], { stdin: '<Error><Code>AccessDenied</Code></Error>' })).toBe(
      'the input does not show a request. Add the URL, or the output of curl -v.',
    )
  })

  it.each([
    [`https://s3.eu-west-1.amazonaws.com/photos/a/b`, 'photos', 'a/b'],
    [`https://photos.s3.amazonaws.com/`, 'photos', undefined],
    ['http://127.0.0.1:9000/photos/cat%20(1).jpg', 'photos', 'cat (1).jpg'],
    ['http://minio:9000/photos/a', 'photos', 'a'],
    ['https://account.r2.cloudflarestorage.com/photos/a', 'photos', 'a'],
    ['https://photos.fra1.digitaloceanspaces.com/a', 'photos', 'a'],
    ['https://files.example.com/photos/a', undefined, undefined],
    ['https://sqs.eu-west-1.amazonaws.com/1/queue', undefined, undefined],
  ])('finds the bucket and the key if the host shows where they are: %s', async (url, bucket, key) => {
    const found = JSON.parse((await run(['inspect', url, '--json'])).stdout)
    expect([found.bucket, found.key]).toEqual([bucket, key])
  })

  it('reports an unsigned request', async () => {
    expect(await run(['inspect', `https://${HOST}/x`])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /\n {2}signature in {2}none \(not signed\)\n\nProblem: The request was not signed\.\nFix {7}Sign the request, /,
      ),
    })
  })

  it('accepts unusual input', async () => {
    const url = await presigned('put')
    for (const odd of [
      url.replace('Expires=900', `Expires=${'9'.repeat(30)}`),
      url.replace('20260131T120000Z', '99991231T235959Z'),
      url.replace('20260131T120000Z', 'yesterday'),
      `${url}&%zz=%&=`,
      'https://?X-Amz-Signature',
    ]) {
      const { code, stderr } = await run(['inspect', odd, ...NOW])
      expect([code === 2, stderr], odd).toEqual([false, ''])
    }
  })

  it('is colored on terminals, fits their width, and does not control them', async () => {
    const url = (await presigned('put')).replace('AKIDEXAMPLE', 'AKI\x1b[31mD')
    const plain = await run(['inspect', url, ...NOW, '--no-color'], { columns: 80 })
    expect(plain.stdout).toContain('AKI\\x1b[31mD')
    const { stdout } = await run(['inspect', url, ...NOW], { columns: 80 })
    expect(stdout).toMatch(COLOR)
    expect(stdout.replaceAll(COLOR, '')).toBe(plain.stdout)
    const narrow = await run(['inspect', `${await presigned('put')}0`, ...NOW, '--no-color'], { columns: 40 })
    const below = narrow.stdout.slice(narrow.stdout.indexOf('\n\n')).split('\n')
    expect(below.filter((line) => line.length > 40)).toEqual([])
  })

  it.each([
    [['x'], "the URL must start with https:// or http://. To read a file, use 'npx sigv4-tools inspect < FILE'."],
    [['https://x/', 'y'], 'unexpected argument "y". Quote arguments that contain spaces or &.'],
    [['https://x/', '--now', 'x'], '--now must be a date such as 2026-01-31T12:00:00Z (got "x").'],
    [[], expect.stringMatching(/^standard input is empty\. Paste a presigned URL, the output of curl -v, /)],
  ])('reports invalid input in one line: %j', async (args, line) => {
    expect(await errorOf(['inspect', ...args])).toEqual(line)
  })
})
