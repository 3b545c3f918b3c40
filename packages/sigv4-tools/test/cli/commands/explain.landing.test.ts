import { spawn } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { parseEvidence } from '../../../src/explain.ts'
import { serve } from '../../../src/serve.ts'
import {
  buildProgram,
  COLOR,
  DATE,
  errorOf,
  HOST,
  KEY,
  KEYS,
  run,
  start,
  stopAll,
  succeed,
  temporary,
} from '../../support/cli.ts'

const TOKEN = 'FwoGZXIvYXdzEXAMPLE//token+with=marks'
const MISMATCH = '<Error><Code>SignatureDoesNotMatch</Code></Error>'

let server: Awaited<ReturnType<typeof serve>>
let files: ReturnType<typeof temporary>
beforeAll(async () => {
  files = temporary()
  server = await serve({ credentials: { accessKeyId: KEY, secretAccessKey: SECRET }, port: 0 })
})
afterAll(async () => {
  stopAll()
  await server.close()
  files.remove()
})

/** Returns the combined output of curl, as with `2>&1`. */
async function curl(...args: string[]): Promise<string> {
  const { code, stdout } = await start('sh', ['-c', 'exec curl "$@" 2>&1', 'curl', ...args], { cwd: files.folder })
    .ended
  expect(code).toBe(0)
  return stdout
}

/** Starts a different service. */
async function listen(response: RequestListener): Promise<{ url: string; close: () => void }> {
  const other = createServer(response)
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, close: () => void other.close() }
}

/** Presigns a URL of that server. */
async function presigned(method: string, ...more: string[]): Promise<string> {
  const args = ['presign', method, 's3://photos/cat.jpg', '--endpoint', server.url, '--region', 'eu-west-1', ...more]
  return (await run(args)).stdout.trim()
}

const upload = () => presigned('put', '--content-type', 'image/png')
const wrongType = ['-X', 'PUT', '-H', 'content-type: image/jpeg', '--data-binary', 'hello']
const isProven = {
  code: 1,
  stdout: expect.stringMatching(
    /\nFix {7}Send "Content-Type: image\/png"(?:.*\n)*Cause {5}header-changed \(proven\)\n/,
  ),
}

describe('a log of curl -v', () => {
  it('with its response is explained', async () => {
    const log = await curl('-sv', ...wrongType, await upload())
    expect(log).toContain('< HTTP/1.1 403 Forbidden')
    const { code, stdout, stderr } = await run(['explain'], { stdin: log })
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout.replace(/\d+–\d+/g, '…')).toBe(
      [
        'Read: PUT request from a curl log (lines …)',
        '      Response with status 403 (lines …)',
        '      XML error SignatureDoesNotMatch (lines …)',
        '',
        'Proven: The Content-Type header changed after signing: the client signed',
        '"image/png", and the request contained "image/jpeg".',
        '',
        '  Signed    image/png',
        '                  ^^',
        '  Received  image/jpeg',
        '                  ^^^',
        '',
        'Fix       Send "Content-Type: image/png", or create the signature for',
        '          "image/jpeg".',
        'Why       The browser, the HTTP library, or a proxy set its own value.',
        'Evidence  Applying this cause reproduces the received signature or hash.',
        'Cause     header-changed (proven)',
        'Next      Apply the fix, then check the new request:',
        '          npx sigv4-tools explain < LOG',
        '',
      ].join('\n'),
    )
  })

  it('is parsed with a progress meter, with or without carriage returns, and from Windows', async () => {
    const log = await curl('-v', ...wrongType, await upload())
    expect(log).toMatch(/% Total/)
    for (const text of [log, log.replaceAll('\r\n', '\n'), log.replaceAll(/\r?\n/g, '\r\n')])
      expect(await run(['explain'], { stdin: text })).toMatchObject(isProven)
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(await curl('-s', ...wrongType, await upload()), 'utf16le'),
    ])
    expect(await run(['explain'], { stdin: utf16 })).toMatchObject(isProven)
  })

  it('of an upload with 100 Continue contains the last response', async () => {
    const other = await listen((_, response) => response.writeHead(403).end(MISMATCH))
    const put = [
      'presign',
      'put',
      's3://photos/x',
      '--endpoint',
      other.url,
      '--region',
      'r',
      '--content-type',
      'image/png',
    ]
    const log = await curl('-sv', ...wrongType, '-H', 'Expect: 100-continue', (await run(put)).stdout.trim())
    other.close()
    expect(log).toMatch(/< HTTP\/1\.1 100/)
    expect(parseEvidence(log).response).toMatchObject({ status: 403, body: MISMATCH })
    expect(await run(['explain'], { stdin: log })).toMatchObject(isProven)
  })

  it('of an accepted request has nothing to explain', async () => {
    const log = await curl(
      '-sv',
      '-X',
      'PUT',
      '-H',
      'content-type: image/png',
      '--data-binary',
      'hello',
      await upload(),
    )
    expect(await succeed(['explain'], { stdin: log })).toMatch(
      /\n\nThe signature is correct, and the service accepted the request\.\n$/,
    )
  })

  it('with several requests uses the last one that was rejected', async () => {
    const [first, second] = [await curl('-sv', ...wrongType, await upload()), await curl('-sv', await presigned('get'))]
    for (const log of [first + second, second + first]) {
      const output = await run(['explain'], { stdin: log })
      expect(output).toMatchObject({ ...isProven, stderr: '' })
      expect(output.stdout).toContain('PUT request from a curl log, explained below')
    }
    const cut = second.slice(0, second.indexOf('< HTTP'))
    expect(parseEvidence(cut).response?.status).toBeUndefined()
    expect(parseEvidence(first + cut).request).toEqual(parseEvidence(first).request)
  })

  it('can lack the response body, which is then read from a file', async () => {
    const url = await upload()
    files.write('error.xml', '')
    const log = await curl('-sv', '-o', 'error.xml', ...wrongType, url)
    expect(log).not.toContain('<Error>')
    const file = `${files.folder}/error.xml`
    expect(await run(['explain', '--response', file], { stdin: log })).toMatchObject(isProven)
    // The status and time of the log are used.
    const cat = files.write('cat.jpg', 'a cat')
    const { stdout } = await run(['presign', 'get', `https://${HOST}/x`, '--now', DATE])
    const head = `> GET ${stdout.trim().slice(`https://${HOST}`.length)} HTTP/1.1\n> Host: ${HOST}\n> \n`
    const old = `${head}< HTTP/1.1 200 OK\n< Date: ${new Date(DATE).toUTCString()}\n< \n`
    expect(await succeed(['explain', '--response', cat], { stdin: old })).toMatch(
      /\n\nThe signature is correct, and the service accepted the request\.\n$/,
    )
  })

  it('of a different service can have a multiline JSON response', async () => {
    const type = 'com.amazon.coral.service#InvalidSignatureException'
    const other = await listen((_, response) => {
      response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0', date: new Date(DATE).toUTCString() })
      response.end(JSON.stringify({ __type: type, message: 'no' }, null, 2))
    })
    const url = `${other.url}/x`
    const region = ['--service', 'dynamodb', '--region', 'eu-west-1', '--now', DATE]
    const { headers } = JSON.parse(await succeed(['sign', 'POST', url, ...region, '--data', '{}', '--json']))
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const log = await curl('-sv', ...lines, '-H', 'content-type:', '--data-binary', '{}', `${url}?a=1`)
    other.close()
    expect(parseEvidence(log).response?.body).toContain('"__type"')
    const { code, stdout } = await run(['explain', '--data', '{}'], { stdin: log })
    expect([code, stdout]).toEqual([1, expect.stringContaining('\nCause     query-extra (proven)\n')])
  })
})

describe('a response alone', () => {
  it('of S3 is enough, as a body and with its headers', async () => {
    const url = await upload()
    for (const more of ['-s', '-si']) {
      const response = await curl(more, ...wrongType, url)
      expect(response).toMatch(more === '-s' ? /^<\?xml/ : /^HTTP\/1\.1 403/)
      expect(await run(['explain'], { stdin: response })).toMatchObject(isProven)
    }
    const response = `HTTP/1.1 100 Continue\r\n\r\n${await curl('-si', ...wrongType, url)}`
    expect(await run(['explain'], { stdin: response })).toMatchObject(isProven)
  })

  it('that was saved long ago is not blamed on the clock', async () => {
    const canonical = `PUT\n/cat.jpg\n\nhost:${HOST}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20200101T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD`
    const toSign = `AWS4-HMAC-SHA256\n20200101T000000Z\n20200101/eu-west-1/s3/aws4_request\n${'0'.repeat(64)}`
    const old = `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><StringToSign>${toSign}</StringToSign><SignatureProvided>${'1'.repeat(64)}</SignatureProvided><CanonicalRequest>${canonical}</CanonicalRequest></Error>`
    const { stdout } = await run(['explain', '--json'], { env: {}, stdin: old })
    const causes = JSON.parse(stdout).findings.map(({ cause }: { cause: string }) => cause)
    expect(causes[0]).toBe('wrong-secret')
    expect(causes.join()).not.toMatch(/clock|expired/)
  })

  it('of a service that shows neither key ID nor signature is not blamed for that', async () => {
    const strings =
      "The Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.eu-west-1.amazonaws.com\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/dynamodb/aws4_request\nabc'\n"
    const json = JSON.stringify({ __type: 'InvalidSignatureException', message: `no match.\n\n${strings}` })
    for (const env of [KEYS, {}]) {
      const { code, stdout } = await run(['explain', '--json'], { env, stdin: json })
      const { findings } = JSON.parse(stdout)
      expect([code, findings[0].cause]).toEqual([1, 'wrong-secret'])
      for (const { confidence } of findings) expect(confidence).toBe('possible')
    }
  })

  it.each([
    ['<Error><Code>AccessDenied</Code></Error>', 'XML error AccessDenied'],
    ['{"message":"Forbidden"}', 'JSON error "Forbidden"'],
    [`HTTP/1.1 403 Forbidden\r\nServer: AmazonS3\r\n\r\n${MISMATCH}`, 'Response with status 403'],
  ])('that does not show the request is not enough: %s', async (stdin, item) => {
    const { code, stdout } = await run(['explain'], { stdin })
    expect(code).not.toBe(2)
    expect(stdout).toContain(`Read: ${item} (line`)
    expect(stdout.replace(/\s+/g, ' ')).toContain('Next Add the request that failed')
    expect(stdout).not.toMatch(/proven\)|likely\)/)
  })
})

describe('a URL', () => {
  it('with the response as a file: its body, or the complete response', async () => {
    const url = await upload()
    const args = ['explain', '--method', 'put', '-H', 'Content-Type: image/jpeg', url]
    for (const more of ['-s', '-si', '-sv']) {
      const file = files.write('response', await curl(more, ...wrongType, url))
      expect(await run([...args, '--response', file])).toMatchObject(isProven)
    }
    expect(await run([...args, '--data', 'hello'])).toMatchObject(isProven)
    expect(await run(args)).toMatchObject({ ...isProven, stderr: '' })
  })

  it('is compared with the specified time', async () => {
    const url = await presigned('get', '--now', DATE)
    expect(await succeed(['explain', url, '--now', DATE])).toBe(
      [
        'The signature is correct: these credentials produce it.',
        '',
        'Next      If the service rejects the request, explain it with its response:',
        '          curl -v … 2>&1 | npx sigv4-tools explain',
        '',
      ].join('\n'),
    )
    expect((await run(['explain', url, '--now', '2026-01-31T12:16:00Z'])).stdout).toContain(
      '\nCause     expired (likely)\n',
    )
  })
})

describe('--signed', () => {
  const wrong = async (): Promise<string[]> => {
    const url = await presigned('put', '--content-type', 'application/x-of-our-own')
    return ['explain', '--method', 'put', '-H', 'content-type: text/plain', url]
  }

  it('tries a value that the client may have signed', async () => {
    const args = await wrong()
    expect((await run(args)).stdout).not.toContain('proven')
    const { stdout } = await run([...args, '--signed', 'Content-Type: application/x-of-our-own'])
    expect(stdout).toContain('header-changed (proven)')
  })

  it('has one value for each header', async () => {
    const { code, stderr } = await run([...(await wrong()), '--signed', 'range: a', '--signed', 'Range: b'])
    expect(code).toBe(2)
    expect(stderr).toContain('sigv4-tools: --signed contains two values of "range". Try one at a time.')
  })
})

describe('a URL and standard input', () => {
  it.each([
    ['the body of the response', '-s'],
    ['the complete response', '-si'],
    ['a log of curl', '-sv'],
  ])('are combined: %s', async (_, form) => {
    const url = await upload()
    expect(await run(['explain', url], { stdin: await curl(form, ...wrongType, url) })).toMatchObject(isProven)
  })

  it('that contains a log of a different request use the URL', async () => {
    const stdin = await curl('-sv', ...wrongType, await presigned('put', '--content-type', 'image/gif'))
    const url = await presigned('get', '--now', DATE)
    const { stdout } = await run(['explain', url, '--json', '--now', DATE], { stdin })
    expect(stdout).not.toContain('image/gif')
    expect(JSON.parse(stdout).items).not.toHaveLength(0)
  })

  it('use the method and headers of the options', async () => {
    const url = await upload()
    const stdin = await curl('-sv', ...wrongType, url)
    const { stdout } = await run(['explain', url, '--method', 'PUT', '-H', 'content-type: image/gif'], { stdin })
    expect(stdout).toContain('"image/gif"')
  })

  it('use text that is not recognized as the body of the response', async () => {
    const { stdout } = await run(['explain', '--json', await presigned('get')], { stdin: 'The request was denied' })
    expect(JSON.parse(stdout).items).toEqual([])
    const { stdout: alone } = await run(['explain', '--json', await presigned('get')], { stdin: ' \n' })
    expect(JSON.parse(alone).signature).toBe('right')
  })

  it('are not combined if standard input is used for an option, or --response is set', async () => {
    const url = await presigned('get')
    const file = files.write('denied.json', '{"message":"Forbidden"}')
    const keys = JSON.stringify({ accessKeyId: KEY, secretAccessKey: SECRET })
    for (const [more, stdin, items] of [
      [['--credentials', '-'], keys, 0],
      [['--data-file', '-'], MISMATCH, 0],
      [['--response', file], MISMATCH, 1],
    ] as const) {
      const { stdout } = await run(['explain', url, '--json', ...more], { stdin, env: items ? KEYS : {} })
      expect(JSON.parse(stdout).items).toHaveLength(items)
      expect(stdout).not.toContain('SignatureDoesNotMatch')
    }
  })

  it('are combined if it is a file or a pipe, and a socket is not read', async () => {
    const program = await buildProgram(files.folder)
    const url = await upload()
    files.write('error.xml', await curl('-s', ...wrongType, url))
    for (const line of ['"$0" "$1" explain "$2" < error.xml', 'cat error.xml | "$0" "$1" explain "$2"']) {
      const setting = { cwd: files.folder }
      expect(await start('sh', ['-c', line, process.execPath, program, url], setting).ended).toMatchObject(isProven)
    }
    // Node passes a socket, which stays open here.
    const child = spawn(process.execPath, [program, 'explain', url], { env: KEYS, stdio: ['pipe', 'ignore', 'ignore'] })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    const closed = await start('sh', ['-c', '"$0" "$1" explain "$2" <&-', process.execPath, program, url]).ended
    expect(closed).toMatchObject({ code: 0, stderr: '' })
  })
})

interface Entry {
  url: string
  status: number
  method?: string
  headers?: Record<string, string>
  response?: string
  base64?: boolean
  post?: { text?: string; encoding?: string }
  bodySize?: number
}

/** A HAR file, as browsers save it. */
function har(...entries: Entry[]): string {
  const list = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => ({ name, value }))
  const text = (response: string, base64?: boolean) =>
    base64 ? { text: Buffer.from(response).toString('base64'), encoding: 'base64' } : { text: response }
  return JSON.stringify({
    log: {
      version: '1.2',
      entries: entries.map(
        ({ url, status, method = 'PUT', headers = {}, response = '', base64, post, bodySize = -1 }) => ({
          startedDateTime: new Date(DATE).toISOString(),
          request: { method, url, headers: list(headers), bodySize, ...(post && { postData: post }) },
          response: { status, headers: list({ date: new Date(DATE).toUTCString() }), content: text(response, base64) },
        }),
      ),
    },
  })
}

describe('a HAR file', () => {
  const page = { url: 'https://example.com/', method: 'GET', status: 200 }
  const icon = { url: 'https://example.com/favicon.ico', method: 'GET', status: 404 }
  let failed: Entry
  beforeAll(async () => {
    const { stdout } = await run([
      'presign',
      'put',
      `https://${HOST}/cat.jpg`,
      '--now',
      DATE,
      '--content-type',
      'image/png',
    ])
    const headers = { ':authority': HOST, ':method': 'PUT', 'content-type': 'image/jpeg' }
    failed = { url: stdout.trim(), status: 403, headers, response: MISMATCH }
  })

  it.each([
    ['the rejected one last', () => [page, failed]],
    ['the rejected one first', () => [failed, page]],
    ['followed by an unsigned failure', () => [failed, icon, page]],
    ['a body in base64', () => [{ ...failed, base64: true, post: { text: 'aGVsbG8=', encoding: 'base64' } }]],
    ['without a status, which browsers hide from pages', () => [page, { ...failed, status: 0, response: '' }, page]],
  ])('contains the rejected request: %s', async (_, entries) => {
    expect(await run(['explain'], { stdin: har(...entries()) })).toMatchObject({ ...isProven, stderr: '' })
    expect(await run(['explain'], { stdin: `\ufeff  ${har(...entries())}` })).toMatchObject(isProven)
  })

  it('contains a body only if it was sent', () => {
    const body = (post: Entry['post'], bodySize?: number) =>
      parseEvidence(har({ ...failed, ...(post && { post }), ...(bodySize !== undefined && { bodySize }) })).request
        ?.body
    expect(body({ text: 'aGVsbG8=', encoding: 'base64' })).toEqual(Uint8Array.from(Buffer.from('hello')))
    expect(body({ text: 'é' }, 2)).toBe('é')
    expect(body({ text: '\ufffdPNG' }, 4)).toBeUndefined()
    expect(body(undefined)).toBeUndefined()
    expect(body(undefined, 0)).toBe('')
  })

  it('without a signed request may omit the signature', async () => {
    const { stdout, stderr } = await run(['explain'], { stdin: har({ ...icon, status: 403 }) })
    expect(stderr).toBe('')
    expect(stdout.replace(/\n {6}/g, ' ')).toContain(
      'Read: GET request from a HAR file, without a signature: browsers omit Authorization from HAR files by default (line 1)',
    )
    expect(stdout).toContain('\nCause     anonymous (')
  })

  it.each(['{"log":1}', '{"log":{"entries":[]}}', '{"log":{"entries":[{"request":{"url":1}}]}}', '{"log":'])(
    'that is invalid is reported: %s',
    async (stdin) => {
      expect(await errorOf(['explain'], { stdin })).toMatch(
        /^nothing in the input was recognized\. Paste a presigned URL, /,
      )
    },
  )
})

describe('output formats', () => {
  const broken = async () => [`${await upload()}&utm=1`, '--method', 'PUT', '-H', 'content-type: image/png']

  it('is JSON with --json, whatever other options are set', async () => {
    const { code, stdout, stderr } = await run(['explain', ...(await broken()), '--json'], { columns: 80 })
    expect([code, stderr]).toEqual([1, ''])
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: expect.stringMatching(/^Proven: /),
      findings: [{ cause: 'query-extra', confidence: 'proven', expected: 'not signed', actual: '1' }],
    })
  })

  it('is colored on terminals, and fits their width', async () => {
    const args = ['explain', ...(await broken())]
    const plain = await run([...args, '--no-color'], { columns: 80 })
    expect(plain.stdout).not.toMatch(COLOR)
    for (const columns of [40, 60, 80, 300]) {
      const { stdout } = await run(args, { columns })
      expect(stdout).toMatch(COLOR)
      if (columns === 80) expect(stdout.replaceAll(COLOR, '')).toBe(plain.stdout)
      const lines = stdout.replaceAll(COLOR, '').split('\n')
      const command = '  curl -v … 2>&1 | npx sigv4-tools explain' // which cannot be wrapped
      expect(lines.filter((line) => line.length > Math.min(columns, 100) && line !== command)).toEqual([])
    }
  })

  it('does not control a terminal', async () => {
    const { stdout } = await run(['explain', '--all', `${await presigned('get')}&a=%1B[31m\x1b[31m&b=\x1b[32m`])
    for (const mark of ['[U+001B][31m', '[U+001B][32m']) expect(stdout).toContain(mark)
    expect(stdout).not.toContain('\x1b')
  })

  it('suggests credentials as proof', async () => {
    const { code, stdout, stderr } = await run(['explain', ...(await broken())], { env: {} })
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Next Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the credentials that should have signed, or add --profile NAME or --credentials FILE (JSON with accessKeyId and secretAccessKey), and run the same command again. ',
    )
    // The same command, after either of them.
    const file = files.write('keys.json', JSON.stringify({ accessKeyId: KEY, secretAccessKey: SECRET }))
    for (const [more, env] of [
      [[], KEYS],
      [['--credentials', file], {}],
    ] as const)
      expect((await run(['explain', ...(await broken()), ...more], { env })).stdout).toContain(
        '\nCause     query-extra (proven)\n',
      )
  })

  it.each(['text', '--json'])('does not contain a secret or token: %s', async (form) => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: TOKEN }
    const { stdout } = await run(['presign', 'get', `https://${HOST}/x`, '--now', DATE], { env })
    const url = stdout.trim()
    const more = form === 'text' ? [] : [form]
    const forms = [SECRET, TOKEN].flatMap((text) => [
      text,
      encodeURIComponent(text),
      encodeURIComponent(encodeURIComponent(text)),
      encodeURIComponent(text).toLowerCase(),
    ])
    const swapped = url.replace(KEY, encodeURIComponent(SECRET))
    for (const sent of [`${url}&a=1`, url.replace('token', 'Token'), swapped, url.replaceAll('%2F', '%252F')])
      for (const args of [
        ['explain', sent, '--now', DATE],
        ['inspect', sent, '--now', DATE],
      ])
        for (const identity of [env, {}]) {
          const output = await run([...args, ...more], { env: identity })
          const isInspect = args[0] === 'inspect' || identity !== env
          const text = isInspect ? (output.stdout + output.stderr).replaceAll('Token+with', TOKEN) : output.stdout
          expect(forms.filter((each) => text.includes(each))).toEqual([])
          expect(output.code).not.toBe(2)
        }
    const log = `> GET /x HTTP/1.1\n> Host: ${HOST}\n> Authorization: Basic ${Buffer.from(SECRET).toString('base64')}\n> X-Amz-Security-Token: ${TOKEN}\n> \n< HTTP/1.1 403 Forbidden\n< \n${MISMATCH}\n`
    const output = await run(['explain', ...more], { stdin: log })
    for (const each of [...forms, Buffer.from(SECRET).toString('base64')]) expect(output.stdout).not.toContain(each)
  })
})

describe('invalid input', () => {
  it.each([
    [['x'], "the URL must start with https:// or http://. To read a file, use 'npx sigv4-tools explain < FILE'."],
    [
      ['C:\\error.xml'],
      "the URL must start with https:// or http://. To read a file, use 'npx sigv4-tools explain < FILE'.",
    ],
    [['ftp://x'], 'the URL must start with https:// or http://.'],
    [['https://'], 'the URL must start with https:// or http://.'],
    [['https://x/', 'y'], 'unexpected argument "y". Quote arguments that contain spaces or &.'],
    [['--method', 'GET'], '--method requires a URL. Standard input contains the complete request.'],
    [['-H', 'a: b'], '--header requires a URL. Standard input contains the complete request.'],
    [['--credentials', '-'], 'standard input contains the request. Pass a file instead of -.'],
    [['--data-file', '-'], 'standard input contains the request. Pass a file instead of -.'],
    [
      ['https://x/', '--response', '/nonexistent/x'],
      '--response: cannot read the file "/nonexistent/x": it does not exist.',
    ],
    [['https://x/', '--now', 'today'], '--now must be a date such as 2026-01-31T12:00:00Z (got "today").'],
    [['https://x/', '-H', 'a'], "-H must have the form 'NAME: VALUE'."],
    [[], expect.stringMatching(/^standard input is empty\. Paste a presigned URL, /)],
  ])('is reported in one line: %j', async (args, line) => {
    expect(await errorOf(['explain', ...args])).toEqual(line)
  })

  it.each(['hello', '[1]', '\0\x01\x02', '> nonsense'])('is not recognized: %j', async (stdin) => {
    expect(await errorOf(['explain'], { stdin })).toMatch(
      /^nothing in the input was recognized\. Paste .* or a canonical request\. Paste all of it, except the secret\.$/,
    )
  })

  it.each([
    ['< HTTP/1.1 403 Forbidden\n< \n', 'Read: Response with status 403 (lines 1–2)'],
    [
      `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'a'.repeat(64)}`,
      'Read: String to sign (lines 1–4)',
    ],
  ])('alone is recognized, and the missing input is named: %j', async (stdin, line) => {
    const { code, stdout } = await run(['explain'], { stdin })
    expect(code).toBe(1)
    expect(stdout).toContain(line)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/Add the request(?: that failed|, such as)/)
  })
})

describe('the output', () => {
  const canonical = (type: string) =>
    `PUT\n/cat.jpg\n\ncontent-type:${type}\nhost:${HOST}\nx-amz-date:20260131T120000Z\n\ncontent-type;host;x-amz-date\n${'a'.repeat(64)}`
  const error = (type: string) =>
    `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'b'.repeat(64)}</StringToSign><CanonicalRequest>${canonical(type)}</CanonicalRequest></Error>`

  it('lists causes that are only possible, and their details with --all', async () => {
    const args = ['explain', await presigned('put', '--content-type', 'image/png')]
    const { stdout } = await run(args, { stdin: MISMATCH, env: {} })
    const [, list = ''] =
      /^Possible cause: .+\n(?:.+\n)*\nIf so .+\n(?: .+\n)*Check .+\n(?: .+\n)*\nOther possible causes of this error:\n((?: {2,}\S.*\n)+)\nNext /m.exec(
        stdout,
      ) ?? []
    expect(list.match(/^ {2}[a-z]/gm)).toHaveLength(2)
    expect(stdout).not.toMatch(/^(?:Cause|Fix) {3}/m)
    const all = await run([...args, '--all'], { stdin: MISMATCH, env: {} })
    const [, more = '0'] = /\n\n(?:(\d+) more possible causes?|Details): --all\n$/.exec(stdout) ?? []
    expect(all.stdout.match(/^Cause {5}/gm)).toHaveLength(3 + Number(more))
    expect(all.stdout.match(/\n\nFix /g)).toHaveLength(3 + Number(more))
    expect(all.stdout).not.toContain('--all')
  })

  it('counts only the causes that it did not print', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const sent = ['--method', 'POST', '-H', 'content-type: image/jpeg']
    const json = JSON.parse((await run(['explain', url, ...sent, '--json'], { stdin: MISMATCH })).stdout)
    const confidences = json.findings.map(({ confidence }: { confidence: string }) => confidence)
    expect(confidences).toEqual(['proven', 'proven'])
    const { stdout } = await run(['explain', url, ...sent], { stdin: MISMATCH })
    expect(stdout.match(/^(?:Proven|Also proven): /gm)).toHaveLength(2)
    expect(stdout).toMatch(/\nDetails: --all\n$/)
  })

  it('for an error alone lists common causes in complete sentences, and their details with --all', async () => {
    for (const columns of [40, 80]) {
      const { stdout } = await run(['explain', '--no-color'], { stdin: MISMATCH, env: {}, columns })
      const [, list = ''] = /\nOther common causes of this error:\n((?: {2,}\S.*\n)+)\nNext /.exec(stdout) ?? []
      expect(list.match(/^ {2}[a-z]/gm)).toHaveLength(2)
      expect(stdout.replace(/\s+/g, ' ')).toContain(
        'The error alone does not show the cause. Common cause: The request was signed with the wrong secret access key. If so ',
      )
      expect(stdout).not.toMatch(/^(?:Cause|Fix) {3}/m)
      expect(stdout).toMatch(/\nDetails: --all\n$/)
    }
    const { stdout } = await run(['explain', '--all'], { stdin: MISMATCH, env: {} })
    expect(stdout.match(/^Cause {5}/gm)).toHaveLength(3)
  })

  it('labels what was not proven as sent', async () => {
    const url = (await presigned('get')).replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512')
    for (const args of [[`${url}0`], [url.replace(/X-Amz-SignedHeaders=host/, 'X-Amz-SignedHeaders=Host')]])
      expect((await run(['explain', ...args], { env: {} })).stdout).not.toMatch(/^ {2}Received /m)
    const { stdout } = await run(['explain', (await presigned('get')).replaceAll('&', '&amp;')], { env: {} })
    expect(stdout).toMatch(/\n {2}Required {2}.*\n.*\n {2}Sent {6}/)
  })

  it('cuts the words of a service between words, and marks the cut', async () => {
    const message = 'User: anonymous is not authorized to perform: es:ESHttpGet with an explicit deny in a policy. '
    const stdin = JSON.stringify({ message: message.repeat(5) })
    const { stdout } = await run(['explain', '--all'], { stdin, env: {} })
    const [words] = /^Read: JSON error .*?(?=\n\n)/s.exec(stdout) ?? []
    expect(words?.length).toBeGreaterThan(300)
    expect(words).toMatch(/User: anonymous…" \(line 1\)$/)
    expect(stdout).toMatch(/explicit deny in a policy\. User: anonymous…\n/)
  })

  it('shows the canonical requests of client and service: different lines below each other, or both in columns', async () => {
    const stdin = `${canonical('image/png')}\n\n${error('image/png ')}`
    const narrow = await run(['explain', '--no-color'], { stdin, env: {}, columns: 80 })
    expect(narrow.stdout).toContain(
      [
        '  The canonical requests differ in 1 of 9 lines:',
        '',
        '  Client   content-type:image/png',
        '                                 ^',
        '  Service  content-type:image/png[U+0020 SPACE]',
        '                                 ^^^^^^^^^^^^^^',
      ].join('\n'),
    )
    const wide = await run(['explain', '--no-color'], { stdin, env: {}, columns: 100 })
    expect(wide.stdout).toMatch(/\n {2}Client {40,}Service\n {2}PUT {40,}PUT\n/)
    expect(wide.stdout).toMatch(/\n {2}content-type:image\/png {20,}content-type:image\/png\[U\+0020 SPACE\]\n/)
  })

  it('shows at most eight lines that differ, cut to the width, and lines that one side does not have', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `x-amz-meta-${i}`)
    const head = `PUT\n/cat.jpg\n\nhost:${HOST}\nx-amz-date:20260131T120000Z`
    const long = 'x'.repeat(120)
    const ours = `${head}\n${names.map((name) => `${name}:${long}\n`).join('')}\nhost;x-amz-date;${names.join(';')}\n${'a'.repeat(64)}`
    const theirs = `${head}\n\nhost;x-amz-date\n${'a'.repeat(64)}`
    const stdin = `${ours}\n\n${error('image/png').replace(canonical('image/png'), theirs)}`
    const { stdout } = await run(['explain', '--no-color'], { stdin, env: {}, columns: 60 })
    expect(stdout).toContain('\n  2 more lines\n')
    expect(stdout).toMatch(/\n {2}Client {3}x-amz-meta-0:x{10,}…\n/)
    expect(stdout).toContain('\n  Service  (no line)')
  })

  it('reads UTF-16 with the bytes of a word in either order', async () => {
    const bytes = Buffer.from(`\ufeff${MISMATCH}`, 'utf16le').swap16()
    expect((await run(['explain'], { stdin: bytes, env: {} })).stdout).toContain(
      'Read: XML error SignatureDoesNotMatch',
    )
  })
})

describe('the next step', () => {
  const next = async (args: readonly string[], stdin = '') => {
    const { stdout } = await run(['explain', ...args], { stdin })
    return /\nNext {6}((?:.*\n)*?)(?:\n|$)/.exec(stdout)?.[1]?.replace(/\s+/g, ' ').trim()
  }

  it('is to check names and permissions if access is denied to a correct signature', async () => {
    const file = files.write('denied', 'HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code></Error>')
    const url = await presigned('get', '--now', DATE)
    expect(await next([url, '--response', file, '--now', DATE])).toMatch(/^Check the names of the bucket and key/)
  })

  it.each([
    [
      'a host without a region',
      [`https://files.example.com/cat.jpg`],
      `npx sigv4-tools presign get 'https://files.example.com/cat.jpg'`,
    ],
    [
      'a key with other characters',
      [`https://${HOST}/cat(1).jpg`],
      'npx sigv4-tools presign get s3://BUCKET/KEY --expires 1h',
    ],
  ])('is to presign an expired URL again: %s', async (_, args, command) => {
    const query = (await presigned('get', '--now', DATE)).split('?')[1]
    const [url, ...others] = [...args].reverse()
    expect(await next([...others.reverse(), `${url}?${query}`])).toContain(`Create a new URL: ${command}`)
  })

  it('is to presign an expired URL again in code if its method has no command', async () => {
    const query = (await presigned('get', '--now', DATE)).split('?')[1]
    expect(await next(['--method', 'X-Y', `https://${HOST}/cat.jpg?${query}`])).toContain(
      "Create a new URL in code: presign('XY', url, options).",
    )
  })

  it('is to presign the URL in a log again', async () => {
    const query = (await presigned('put', '--now', DATE)).split('?')[1]
    for (const [host, url, service] of [
      [HOST, `https://${HOST}`, ''],
      ['127.0.0.1:9000', 'http://127.0.0.1:9000', ' --service s3'],
    ])
      expect(await next([], `> PUT /photos/cat.jpg?${query} HTTP/1.1\n> Host: ${host}\n> \n`)).toBe(
        `Create a new URL: npx sigv4-tools presign put '${url}/photos/cat.jpg' --region eu-west-1${service} --expires 1h`,
      )
  })
})

describe('serve --explain', () => {
  it('responds with the explanation, and logs it', async () => {
    const program = await buildProgram(files.folder)
    const child = start(process.execPath, [program, 'serve', '--explain', '--port', '0'])
    const [, url] = await child.until(/endpoint\s+(http:\/\/127\.0\.0\.1:\d+)/)
    const target = ['--endpoint', url!, '--region', 'eu-west-1']
    const { stdout } = await run(['presign', 'put', 's3://photos/cat.jpg', ...target, '--content-type', 'image/png'])
    const response = await curl('-s', ...wrongType, stdout.trim())
    const [, explanation] = /<Explanation>([^<]*)<\/Explanation><\/Error>$/.exec(response) ?? []
    expect(explanation?.replaceAll('&#34;', '"').replaceAll('&quot;', '"')).toMatch(
      /^Proven: The Content-Type header changed after signing: .* Fix: Send "Content-Type: image\/png", or create the signature for "image\/jpeg"\.$/,
    )
    await child.until(/SignatureDoesNotMatch.*\n {4}Proven: The Content-Type header changed/)
    const right = await curl(
      '-s',
      '-X',
      'PUT',
      '-H',
      'content-type: image/png',
      '--data-binary',
      'hello',
      stdout.trim(),
    )
    expect(right).toBe('')
    const form = await run(['post', 's3://photos/user/', ...target, '--json'])
    const { fields } = JSON.parse(form.stdout)
    const list = Object.entries({ ...fields, 'x-amz-signature': '0'.repeat(64) }) as [string, string][]
    const refused = await curl(
      '-s',
      ...list.flatMap(([name, value]) => ['--form-string', `${name}=${value}`]),
      '-F',
      'file=x',
      `${url}/photos`,
    )
    // The signature of a form is in its body, which is not available.
    expect(refused).toMatch(/<Explanation>Possible cause: /)
    expect(refused).not.toContain('was not signed')
    child.child.kill('SIGINT')
    const { code, stdout: log } = await child.ended
    expect(code).toBe(0)
    expect(log + response + refused).not.toContain(SECRET)
  })
})
