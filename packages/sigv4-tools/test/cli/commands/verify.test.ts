import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { DATE, errorOf, HOST, KEYS, NOW, presigned, record, run, start, succeed, temporary } from '../../support/cli.ts'

/** Returns a request signed with an Authorization header, as it is sent. */
async function signed(method: string, body = '', ...more: string[]): Promise<string> {
  const url = `https://${HOST}/a%20b?x=1`
  const { headers } = JSON.parse(
    (await run(['sign', method, url, '--now', DATE, '--json', ...(body && ['--data', body]), ...more])).stdout,
  )
  const lines = Object.entries({ Host: HOST, ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) })
  return `${method} /a%20b?x=1 HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

describe('verify', () => {
  it('accepts a presigned URL and prints its contents', async () => {
    expect(await succeed(['verify', await presigned('get'), ...NOW])).toBe(
      [
        'Accepted: the signature is correct.',
        '',
        '  access key ID   AKIDEXAMPLE',
        '  scope           20260131/eu-west-1/s3/aws4_request',
        '  signed          2026-01-31T12:00:00Z (5 minutes ago)',
        '  expires         2026-01-31T12:15:00Z (in 10 minutes)',
        '  signature in    the URL',
        '  signed headers  host',
        '  body            not signed',
        '',
      ].join('\n'),
    )
  })

  it('prints JSON', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'my-token' }
    const { stdout: url } = await run(['presign', 'get', `https://${HOST}/x`, '--now', DATE], { env })
    const json = await succeed(['verify', url.trim(), ...NOW, '--json'], { env })
    expect(JSON.parse(json)).toEqual({
      version: 1,
      accepted: true,
      accessKeyId: 'AKIDEXAMPLE',
      scope: { date: '20260131', region: 'eu-west-1', service: 's3' },
      location: 'query',
      signedAt: '2026-01-31T12:00:00.000Z',
      expiresAt: '2026-01-31T12:15:00.000Z',
      signedHeaders: ['host'],
      payload: 'unsigned',
      temporary: true,
    })
    expect(json).not.toContain('my-token')
    const refused = await run(['verify', `${url.trim()}0`, ...NOW, '--json'], { env })
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({
      version: 1,
      accepted: false,
      code: 'ERR_SIGV4_SIGNATURE_MISMATCH',
      awsCode: 'SignatureDoesNotMatch',
      status: 403,
      details: { AWSAccessKeyId: 'AKIDEXAMPLE' },
    })
    expect(JSON.parse(refused.stdout)).not.toHaveProperty('stringToSign')
  })

  it('requires the method and headers sent with a URL', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const type = ['-H', 'Content-Type: image/png']
    expect((await run(['verify', url, ...NOW, '--method', 'put', ...type])).code).toBe(0)
    expect((await run(['verify', url, ...NOW, ...type])).code).toBe(1)
    expect((await run(['verify', url, ...NOW, '--method', 'PUT'])).code).toBe(1)
    expect((await run(['verify', url, ...NOW, '--method', 'PUT', '-H', 'content-type: image/gif'])).code).toBe(1)
  })

  it('reports that a URL was verified as GET if the signature does not match', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const hint = 'Verified as GET. For an upload, pass --method PUT, and its headers with -H.\n'
    for (const more of [[], ['--strings'], ['-H', 'content-type: image/png']])
      expect((await run(['verify', url, ...NOW, ...more])).stderr).toContain(hint)
    for (const more of [['--method', 'GET'], ['--json'], ['--now', '2026-02-01T00:00:00Z']])
      expect((await run(['verify', url, ...NOW, ...more])).stderr).not.toContain(hint)
    const stdin = (await signed('GET')).replace('x=1', 'x=2')
    const raw = await run(['verify', ...NOW], { stdin })
    expect([raw.code, raw.stderr]).toEqual([1, expect.not.stringContaining(hint)])
  })

  it('accepts a session token added after signing only with the option', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'token' }
    const appended = ['--session-token-placement', 'appended']
    const url = `https://data.iot.eu-west-1.amazonaws.com/mqtt`
    const { stdout } = await run(['presign', 'get', url, '--now', DATE, ...appended], { env })
    expect(await run(['verify', stdout.trim(), ...NOW, ...appended], { env })).toMatchObject({ code: 0 })
    expect(await run(['verify', stdout.trim(), ...NOW], { env })).toMatchObject({ code: 1 })
  })

  it('does not treat a missing body as empty', async () => {
    const hash = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' // The hash of "hello".
    const args = ['verify', await presigned('put', '--payload-hash', hash), ...NOW, '--method', 'PUT']
    args.push('-H', `x-amz-content-sha256: ${hash}`)
    expect((await run(args)).stdout).toContain('  body            signed but not checked')
    expect((await run([...args, '--data', 'hello'])).stdout).toContain('  body            signed and unchanged\n')
    expect((await run([...args, '--data', ''])).stdout).toMatch(
      /^Rejected: .*\n\n {2}error +XAmzContentSHA256Mismatch \(status 400\)\n/s,
    )
  })

  it.each([
    ['too late', ['--now', '2026-01-31T12:16:00Z'], 'AccessDenied (status 403)', 'Request has expired'],
    ['too early', ['--now', '2026-01-31T11:00:00Z'], 'AccessDenied (status 403)', 'Request is not yet valid'],
    [
      'a different region',
      [...NOW, '--region', 'us-east-1'],
      'AuthorizationQueryParametersError (status 400)',
      "expecting 'us-east-1'",
    ],
    [
      'a different service',
      [...NOW, '--service', 'sqs'],
      'AuthorizationQueryParametersError (status 400)',
      'incorrect service "s3"',
    ],
    ['a different host', [...NOW, '--host', 'example.com'], 'SignatureDoesNotMatch (status 403)', 'does not match'],
    ['the same scope', [...NOW, '--region', 'eu-west-1', '--service', 's3', '--host', HOST], '', 's3'],
  ])('applies the options: %s', async (_, args, error, text) => {
    const { code, stdout } = await run(['verify', await presigned('get'), ...args])
    expect(code).toBe(error === '' ? 0 : 1)
    expect(stdout).toMatch(error === '' ? /^Accepted: / : /^Rejected: /)
    expect(stdout).toContain(error)
    expect(stdout.replace(/\s+/g, ' ')).toContain(text)
  })

  it('names the expected key ID if the request has a different one', async () => {
    const env = { ...KEYS, AWS_ACCESS_KEY_ID: 'AKIAOTHER' }
    const { code, stdout } = await run(['verify', await presigned('get'), ...NOW], { env })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^Rejected: .*\n\n {2}error +InvalidAccessKeyId \(status 403\)\n {2}access key ID +AKIDEXAMPLE\n {2}access key ID expected +AKIAOTHER\n/,
    )
    expect(stdout).toMatch(/\n\nNext {6}Find the cause with the same input: npx sigv4-tools explain\n$/)
  })

  it.each([60, 80])(
    'fits a terminal of %i columns, except for long words, with one style of names',
    async (columns) => {
      const url = await presigned('put', '--content-type', 'image/png')
      const args = ['verify', url, ...NOW, '--no-color', '--method', 'PUT']
      const typed = ['-H', 'content-type: image/png']
      for (const more of [[], ['--region', 'x'], typed]) {
        const { stdout } = await run([...args, ...more], { columns })
        const lines = stdout.split('\n')
        expect(
          lines.filter(
            (line) =>
              line.length > columns &&
              line
                .trim()
                .replace(/^.* {2,}/, '')
                .includes(' '),
          ),
        ).toEqual([])
        const names = lines.flatMap((line) => /^ {2}(\S.*?) {2}/.exec(line)?.[1] ?? [])
        expect(names.length).toBeGreaterThan(2)
        for (const name of names) expect(name).toMatch(/^[a-z][a-z ]*(?:ID)?$/)
      }
      const names = Array.from({ length: 20 }, (_, i) => `x-header-${i}`)
      const long = await presigned('put', ...names.flatMap((name) => ['-H', `${name}: 1`]))
      const sent = names.flatMap((name) => ['-H', `${name}: 1`])
      const { code, stdout } = await run(['verify', long, ...NOW, '--method', 'PUT', '--no-color', ...sent], {
        columns,
      })
      expect(code).toBe(0)
      expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([])
    },
  )

  it('prints the signed strings only with --strings, without the session token', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'my-session-token' }
    const { stdout } = await run(['presign', 'get', `https://${HOST}/cat.jpg`, '--now', DATE], { env })
    const url = stdout.trim().replace('cat', 'dog')
    const plain = await run(['verify', url, ...NOW], { env })
    expect([plain.code, plain.stderr]).toEqual([
      1,
      'To print the canonical request and string to sign, pass --strings.\nVerified as GET. For an upload, pass --method PUT, and its headers with -H.\n',
    ])
    expect(plain.stdout).not.toContain('UNSIGNED-PAYLOAD')
    const full = await run(['verify', url, ...NOW, '--strings'], { env })
    expect(full.stdout).toContain(
      `\nString to sign\nAWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n`,
    )
    expect(full.stdout).toMatch(
      /\nCanonical request\nGET\n\/dog\.jpg\nX-Amz-Algorithm=.*&X-Amz-Security-Token=\[session token\]&.*\n/,
    )
    expect(full.stdout).toContain(`\nhost:${HOST}\n\nhost\nUNSIGNED-PAYLOAD\n`)
    const header = await run(['sign', 'GET', `https://${HOST}/x`, '--now', DATE], { env })
    const raw = `GET /y HTTP/1.1\nHost: ${HOST}\n${header.stdout}\n`
    const shown = await run(['verify', ...NOW, '--strings'], { env, stdin: raw })
    expect(shown.stdout).toContain('\nx-amz-security-token:[session token]\n')
    for (const { stdout } of [plain, full, shown]) expect(stdout).not.toContain('my-session-token')
  })

  it('prints neither session tokens for S3 Express nor keys', async () => {
    const secrets = ['cookie', 'x-amz-s3session-token', 'x-amz-server-side-encryption-customer-key', 'x-api-key']
    const headers = secrets.map((name) => `${name}: secret-of-${name}`).join('\n')
    const raw = `GET /x HTTP/1.1\nHost: ${HOST}\nX-Amz-Date: 20260131T120000Z\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n${headers}\nAuthorization: AWS4-HMAC-SHA256 Credential=${KEYS.AWS_ACCESS_KEY_ID}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=${['host', 'x-amz-content-sha256', 'x-amz-date', ...secrets].sort().join(';')}, Signature=${'0'.repeat(64)}\n\n`
    const { stdout } = await run(['verify', ...NOW, '--strings'], { env: KEYS, stdin: raw })
    for (const name of secrets) expect(stdout).toContain(`\n${name}:[`)
    expect(stdout).not.toContain('secret-of')
  })

  it('escapes control characters', async () => {
    const raw = `GET / HTTP/1.1\nHost: ${HOST}\nAuthorization: \x1b[31mred x\n\n`
    const { code, stdout } = await run(['verify', ...NOW], { stdin: raw })
    expect(code).toBe(1)
    expect(stdout).toContain('\\x1b[31mred')
    expect(stdout).not.toContain('\x1b')
  })
})

describe('a raw request', () => {
  const accepted = { code: 0, stderr: '', stdout: expect.stringMatching(/^Accepted: /) }

  it('is parsed in every saved form', async () => {
    const raw = await signed('PUT', 'tøxt\r\n\r\nmore')
    for (const text of [
      raw,
      `\ufeff${raw}`,
      `\r\n\n${raw}`,
      `${raw}\n`,
      raw.replace(/^Host/m, 'hOsT'),
      raw.replace('HTTP/1.1', 'HTTP/2'),
    ]) {
      const outcome = await run(['verify', ...NOW], { stdin: text })
      expect(outcome).toMatchObject(accepted)
      expect(outcome.stdout).toContain('body            signed and unchanged\n')
    }
    const get = await signed('GET')
    for (const text of [get, get.trimEnd(), get.replaceAll('\r', ''), get.replaceAll('\r', '').trimEnd(), `${get}\n\n`])
      expect(await run(['verify', ...NOW], { stdin: text })).toMatchObject(accepted)
    const folded = get.replace(/^(authorization: \S+) /m, '$1\r\n   ')
    expect(folded).not.toBe(get)
    expect(await run(['verify', ...NOW], { stdin: folded })).toMatchObject(accepted)
  })

  it('can have an absolute target, chunks, and binary data', async () => {
    const get = await signed('GET')
    expect(await run(['verify', ...NOW], { stdin: get.replace('GET /', `GET https://${HOST}/`) })).toMatchObject(
      accepted,
    )
    const raw = (await signed('PUT', 'hello world')).replace(/Content-Length.*\r\n/, 'Transfer-Encoding: chunked\r\n')
    const chunked = raw.replace(/hello world$/, '5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')
    expect(await run(['verify', ...NOW], { stdin: chunked })).toMatchObject(accepted)
    const { folder, write, remove } = temporary()
    const bytes = Buffer.from([0, 255, 254, 10, 13, 128])
    const file = write('body', bytes)
    const binary = await signed('PUT', '', '--data-file', file)
    expect(folder).toBeTruthy()
    expect(await run(['verify', ...NOW], { stdin: Buffer.concat([Buffer.from(binary), bytes]) })).toMatchObject(
      accepted,
    )
    remove()
  })

  it('with a different or truncated body is rejected', async () => {
    const raw = await signed('PUT', 'hello')
    for (const [text, note] of [
      [raw.replace(/hello$/, 'hallo'), ''],
      [raw.replace(/hello$/, 'hell'), 'The body has 4 bytes, but Content-Length is 5. It was truncated or changed.\n'],
    ] as const) {
      const { code, stdout, stderr } = await run(['verify', ...NOW], { stdin: text })
      expect([code, stderr]).toEqual([1, note])
      expect(stdout).toMatch(/^Rejected: .*\n\n {2}error +XAmzContentSHA256Mismatch \(status 400\)\n/s)
    }
    expect(await run(['verify', ...NOW, '--data', 'hello'], { stdin: raw.replace(/hello$/, 'hallo') })).toMatchObject(
      accepted,
    )
  })

  it.each([
    ['', 'standard input is empty. Pass a raw HTTP request or the output of curl -v.'],
    [' \n\n', 'standard input is empty. Pass a raw HTTP request or the output of curl -v.'],
    ['hello', 'the input is not an HTTP request. Its first line must be similar to "GET /photos/cat.jpg HTTP/1.1".'],
    [
      'HTTP/1.1 200 OK\r\n\r\n',
      'the input is not an HTTP request. Its first line must be similar to "GET /photos/cat.jpg HTTP/1.1".',
    ],
    ['GET / HTTP/1.1\nhello', 'line 2 of the request is not a header: it does not contain a colon.'],
    ['GET / HTTP/1.1\nContent-Length: x\n\n', 'the Content-Length header is not a number.'],
    ['PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhel', 'the chunked body is truncated or malformed.'],
    ['PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\nfffffffff\nhel', 'the chunked body is truncated or malformed.'],
    ['PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\n', 'the chunked body is truncated or malformed.'],
  ])('%j is invalid', async (stdin, message) => {
    expect(await errorOf(['verify'], { stdin })).toBe(message)
  })

  it.each([
    [
      ['verify', 'photos/x'],
      "the URL must start with https:// or http://. To read a file, use 'npx sigv4-tools verify < FILE'.",
    ],
    [['verify', 'https://x/', 'y'], 'unexpected argument "y". Quote arguments that contain spaces or &.'],
    [['verify', '--method', 'PUT'], '--method requires a URL. Standard input contains the complete request.'],
    [['verify', '-H', 'a: b'], '--header requires a URL. Standard input contains the complete request.'],
    [['verify', '--credentials', '-'], 'standard input contains the request. Pass a file instead of -.'],
    [['verify', '--data-file', '-'], 'standard input contains the request. Pass a file instead of -.'],
    [['verify', 'https://x/', '--method', 'P T'], 'the method is not valid.'],
    [['verify', 'https://x/', '--now', 'now'], '--now must be a date such as 2026-01-31T12:00:00Z (got "now").'],
    [
      ['verify', 'https://x/', '--session-token-placement', 'x'],
      '--session-token-placement must be signed or appended (got "x").',
    ],
  ])('%j is rejected in one line', async (args, message) => {
    expect(await errorOf(args)).toBe(message)
  })

  it('prompts for input on a terminal', async () => {
    const stdin = Object.assign(
      (async function* () {
        yield Buffer.from(await signed('GET'))
      })(),
      { isTTY: true },
    )
    const { main } = await import('../../../src/cli/main.ts')
    let printed = ''
    const write = (text: string) => {
      printed += text
    }
    const output = { write }
    const terminal = {
      args: ['verify', ...NOW],
      env: KEYS,
      home: '/',
      stdin,
      isPiped: () => false,
      stdout: output,
      stderr: output,
    }
    expect(await main({ ...terminal, readOwn: () => Buffer.from(''), interrupted: async () => {} })).toBe(0)
    expect(printed).toMatch(/^Paste a raw HTTP request or the output of curl -v, then press Ctrl-D\.\nAccepted: /)
  })
})

describe('a log of curl -v', () => {
  let server: Awaited<ReturnType<typeof record>>
  let files: ReturnType<typeof temporary>
  beforeAll(async () => {
    server = await record()
    files = temporary()
  })
  afterAll(async () => {
    await server.stop()
    files.remove()
  })

  /** Returns both outputs of curl, which signs the request. */
  async function curl(...args: string[]): Promise<string> {
    const user = ['--user', `AKIDEXAMPLE:${SECRET}`, '--aws-sigv4', 'aws:amz:us-east-1:execute-api']
    const { code, stdout, stderr } = await start('curl', ['-v', ...user, ...args], { cwd: files.folder }).ended
    expect(code).toBe(0)
    return stderr + stdout
  }

  it('of a GET is verified', async () => {
    const log = await curl(`${server.url}/a/b?x=1&y=%20`)
    expect(await run(['verify'], { stdin: log })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('us-east-1/execute-api'),
    })
    expect(await run(['verify'], { stdin: log.replaceAll('\r', '') })).toMatchObject({ code: 0 })
    expect(await run(['verify'], { stdin: log.replaceAll(/[ \r]+$/gm, '') })).toMatchObject({ code: 0 })
    expect(await run(['verify'], { stdin: log.replace('/a/b', '/a/c') })).toMatchObject({ code: 1 })
  })

  it('of an upload requires the body', async () => {
    const file = files.write('body', 'hello')
    const log = await curl('-H', 'content-type: text/plain', '--data-binary', `@${file}`, `${server.url}/a`)
    expect(await errorOf(['verify'], { stdin: log })).toBe(
      'the signature covers the body, which is missing. Pass it with --data or --data-file.',
    )
    expect(await run(['verify', '--data-file', file], { stdin: log })).toMatchObject({ code: 0 })
    expect(await run(['verify', '--data', 'hello'], { stdin: log })).toMatchObject({ code: 0 })
    expect(await run(['verify', '--data', 'hallo'], { stdin: log })).toMatchObject({ code: 1 })
  })

  it('of a --curl command is verified with or without the body', async () => {
    const file = files.write('it.txt', 'hello')
    const args = ['sign', 'PUT', `${server.url}/photos/x`, '--service=s3', '--region=r', '--data-file', file, '--curl']
    const { stdout: command } = await run(args)
    const { stderr: log } = await start('sh', ['-c', command.replace('curl', 'curl -sv')]).ended
    const unchecked = await run(['verify'], { stdin: log })
    expect(unchecked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('body            signed but not checked'),
    })
    const checked = await run(['verify', '--data', 'hello'], { stdin: log })
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('body            signed and unchanged'),
    })
    expect(await run(['verify', '--data', 'hallo'], { stdin: log })).toMatchObject({ code: 1 })
  })

  it('with several requests uses the last one', async () => {
    const [first, second] = [await curl(`${server.url}/first`), await curl(`${server.url}/second`)]
    const { code, stderr } = await run(['verify'], { stdin: first.replace('/first', '/wrong') + second })
    expect([code, stderr]).toEqual([0, 'The log contains 2 requests. Using the last one.\n'])
    expect((await run(['verify'], { stdin: first + second.replace('/second', '/wrong') })).code).toBe(1)
  })

  it('can lack the empty lines', async () => {
    const [first, second] = [await curl(`${server.url}/first`), await curl(`${server.url}/second`)]
    const log = (first + second).replaceAll(/^> *\r?\n/gm, '')
    expect(log).not.toBe(first + second)
    expect((await run(['verify'], { stdin: log })).code).toBe(0)
  })

  it('is distinguished from a body that looks like one', async () => {
    const log = await curl(`${server.url}/x`)
    const fake = '> GET /fake HTTP/1.1\n'
    expect(await run(['verify'], { stdin: log + fake })).toMatchObject({ code: 0, stderr: '' })
  })

  it('of HTTP/2 is parsed', async () => {
    // The lines of curl 7.88.1 with --http2-prior-knowledge.
    const { headers } = JSON.parse(await succeed(['sign', 'GET', `https://${HOST}/x`, '--now', DATE, '--json']))
    const log = [
      '* h2h3 [:method: GET]',
      '* h2h3 [:path: /x]',
      '* Using Stream ID: 1 (easy handle 0x55f0c0a3e2b0)',
      '> GET /x HTTP/2',
      `> Host: ${HOST}`,
      ...Object.entries(headers).map(([name, value]) => `> ${name}: ${value}`),
      '> user-agent: curl/7.88.1',
      '> accept: */*',
      '> ',
      '< HTTP/2 200 ',
      '',
    ].join('\r\n')
    expect(await run(['verify', ...NOW], { stdin: log })).toMatchObject({ code: 0 })
  })
})
