import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../../../integration/support/starting.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { byHeader, send } from '../../../../../test/support/hand.ts'
import { serve } from '../../../src/serve.ts'
import { arrival } from '../../support/arrival.ts'
import { errorOf, KEY, KEYS, running, type Setting, temporary } from '../../support/cli.ts'
import { createCertificate } from '../../support/proxy/certificate.ts'
import { header, raw, startUpstream, statusOf, type Upstream, verified } from '../../support/proxy/upstream.ts'

// The command that starts a proxy, in this process.

let files: ReturnType<typeof temporary>
let upstream: Upstream
beforeAll(async () => {
  files = temporary()
  upstream = await startUpstream((_, response) => response.end('fine'))
})
beforeEach(() => upstream.requests.splice(0))
afterAll(async () => {
  files.remove()
  await upstream.stop()
})

const ES = ['--service', 'es', '--region', 'eu-west-1']
const S3 = ['--service', 's3', '--region', 'us-east-1']
const PEM = { type: 'pkcs8', format: 'pem' } as const
const CLIENT = '{"accessKeyId":"AKIDPLACEHOLDER","secretAccessKey":"placeholder"}'
const stopped = Promise.resolve()

/** Returns the content of a file with credentials. */
function contentOf(option: string, id: string): string {
  return option === '--credentials'
    ? JSON.stringify({ AccessKeyId: id, SecretAccessKey: SECRET })
    : `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${SECRET}\n`
}

/** Runs the command while `use` sends requests to it. */
async function during(args: readonly string[], use: (port: number) => Promise<unknown>, setting: Setting = {}) {
  const { port, stop } = await running(['proxy', ...args], setting)
  await use(port)
  await new Promise((resolve) => setTimeout(resolve, 50))
  return stop()
}

describe('proxy', () => {
  it('signs, logs one line per request, and prints a summary when it is interrupted', async () => {
    const { code, stdout, stderr } = await during([upstream.url, ...ES], async (port) => {
      expect(await raw(port, 'GET /index/_search?q=secret')).toMatch(/^HTTP\/1\.1 200 .*fine/s)
      await raw(port, 'GET /', ['Host: evil.example'])
    })
    expect(code).toBe(0)
    verified(upstream.take(), 'other')
    expect(stdout).toMatch(
      /^sigv4-tools proxy: signs every request\n {2}endpoint {4}http:\/\/127\.0\.0\.1:\d+\n {2}upstream {4}http/,
    )
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d 200 GET {8}↓ 4 B +\d+ ms \/index\/_search AKIDEXAMPLE$/m)
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d 403 GET .*\n {4}The host evil\.example is not a name of this proxy/m)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stdout).not.toContain('q=secret')
    expect(stderr).toMatch(/^\nStopped after 2 requests, of which 1 failed: 0 B received, \d+ B sent\.\n$/)
  })

  it('prints one JSON object per request with --json, and nothing else to standard output', async () => {
    const { stdout, stderr } = await during([upstream.url, ...ES, '--json'], (port) => raw(port, 'GET /a'))
    const lines = stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ version: 1, method: 'GET', path: '/a', status: 200, accessKeyId: KEY, sent: 4 }),
    ])
    expect(stderr).toContain('sigv4-tools proxy: signs every request')
  })

  it('prints a generated placeholder key with --resign, which clients can use', async () => {
    const args = [upstream.url, '--resign', ...S3]
    const { stdout } = await during(args, async () => undefined)
    expect(stdout).toMatch(/export AWS_ACCESS_KEY_ID=AKIA\w{16}\n {2}export AWS_SECRET_ACCESS_KEY=\S{40}\n/)
    expect(stdout).not.toContain(SECRET)
    const file = files.write('placeholder.json', CLIENT)
    const own = await during([...args, '--client-credentials', file], async (port) => {
      const host = `localhost:${port}`
      const made = byHeader({ host, keyId: 'AKIDPLACEHOLDER', secret: 'placeholder', path: '/bucket' })
      expect((await send(port, made)).status).toBe(200)
    })
    expect(own.stdout).toContain('client key  AKIDPLACEHOLDER')
    expect(own.stdout).not.toContain('export')
    expect(verified(upstream.take(), 's3').credential).toMatch(/^AKIDEXAMPLE\//)
  })

  it('signs again for the region of the environment, if the host does not identify one', async () => {
    const env = { ...KEYS, AWS_REGION: 'local' }
    const { stdout } = await during(
      [upstream.url, '--resign', '--service', 's3', '--client-credentials', files.write('client.json', CLIENT)],
      async (port) => {
        const making = { host: `localhost:${port}`, keyId: 'AKIDPLACEHOLDER', secret: 'placeholder', path: '/bucket' }
        expect((await send(port, byHeader({ ...making, region: 'local' }))).status).toBe(200)
        expect((await send(port, byHeader(making))).status).toBe(400)
      },
      { env },
    )
    expect(stdout).toContain(' 400 ')
  })

  it('rejects the key to sign with as the placeholder key', async () => {
    const file = files.write('same.json', JSON.stringify({ AccessKeyId: KEY, SecretAccessKey: 'placeholder' }))
    expect(await errorOf(['proxy', upstream.url, '--resign', ...S3, '--client-credentials', file])).toMatch(
      /^--client-credentials contains the access key ID of the credentials to sign with\./,
    )
  })

  it('prints what it allows, what it signs for, and a URL that other machines can use', async () => {
    const bannerOf = async (...args: string[]) => (await during(args, async () => undefined)).stdout
    const s3 = 'https://s3.eu-west-1.amazonaws.com'
    const rules = ['--read-only', '--allow', 'GET /a/*', '--allow', 'HEAD /a/*']
    const agent = await bannerOf(s3, '--resign', '--host', '0.0.0.0', '--allow-host', 'proxy', ...rules)
    expect(agent).toMatch(/^ {2}endpoint {4}http:\/\/proxy:\d+$/m)
    expect(agent).toMatch(/^ {2}export AWS_ENDPOINT_URL=http:\/\/proxy:\d+\n {2}export AWS_REGION=eu-west-1\n/m)
    expect(agent).toMatch(
      /^ {2}methods {5}only GET, HEAD, and OPTIONS\n {2}allows {6}GET \/a\/\*\n {14}HEAD \/a\/\*\n/m,
    )
    expect(agent).toMatch(/^ {2}access key {2}AKIDEXAMPLE\n {2}client key {2}AKIA/m)
    const scopes = ['--service', 's3', '--allow-region', 'eu-west-1', '--allow-region', 'local']
    const open = await bannerOf(upstream.url, '--resign', '--host', '0.0.0.0', ...scopes)
    expect(open).toMatch(/^ {2}endpoint {4}http:\/\/127\.0\.0\.1:\d+$/m)
    expect(open).toMatch(/^ {2}note .* --allow-host$/m)
    expect(open).toMatch(/\n\nSet AWS_REGION as well, to the region that requests are signed for\.\n/)
    expect(open).not.toContain('export AWS_REGION')
    const search = await bannerOf('https://search-logs.eu-west-1.es.amazonaws.com')
    expect(search).toMatch(
      /^ {2}signs for {3}es in eu-west-1\n {2}access key {2}AKIDEXAMPLE\n {2}allows {6}all requests\n/m,
    )
    for (const text of [agent, open, search]) expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it.each<[string, string[], string, Record<string, string>]>([
    ['XML', ['--resign', ...S3], '<Error><Code>InvalidAccessKeyId</Code></Error>', {}],
    ['JSON', ES, '{"__type":"com.amazon.coral.service#InvalidSignatureException"}', {}],
    ['a header', ES, '{}', { 'x-amzn-errortype': 'UnrecognizedClientException' }],
    ['no such error', ES, '<Error><Code>AccessDenied</Code></Error>', {}],
  ])('names the rejection of its own signature in %s', async (_, args, body, headers) => {
    const { url, stop } = await startUpstream((_, response) => response.writeHead(403, headers).end(body))
    const file = files.write('client.json', CLIENT)
    const client = args.includes('--resign') ? ['--client-credentials', file] : []
    const { stdout } = await during([url, ...args, ...client], async (port) => {
      const made = byHeader({ host: 'localhost', keyId: 'AKIDPLACEHOLDER', secret: 'placeholder', path: '/bucket' })
      await send(port, made)
    })
    await stop()
    const [code] = /Inv\w+|Unr\w+/.exec(body + headers['x-amzn-errortype']) ?? []
    const [, ...lines] = stdout
      .slice(stdout.indexOf(' 403 '))
      .replace(/(\n +.*)\n +/g, '$1 ')
      .split('\n')
    expect(lines).toEqual(
      code === undefined
        ? ['']
        : [
            `    The service rejected the signature of the proxy (${code}). Check its credentials, service, and region.`,
            '',
          ],
    )
  })

  it('shows why a command for credentials fails later, in the log', async () => {
    const expiration = new Date(Date.now() + 2500).toISOString()
    const fields = {
      Version: 1,
      AccessKeyId: KEY,
      SecretAccessKey: SECRET,
      SessionToken: 'a-long-session',
      Expiration: expiration,
    }
    const source = files.write('session.json', JSON.stringify(fields))
    const ended = `${source}.ended`
    const command = `if [ -e ${ended} ]; then echo 'a-long-session expired: run aws sso login' >&2; exit 1; fi; cat ${source}`
    const { stdout } = await during(
      [upstream.url, ...ES, '--credential-command', command],
      async (port) => {
        expect(statusOf(await raw(port, 'GET /'))).toBe(200)
        files.write('session.json.ended', '')
        expect(statusOf(await raw(port, 'GET /'))).toBe(200)
        await sleep(2600)
        const response = await raw(port, 'GET /')
        expect(statusOf(response)).toBe(503)
        expect(response).not.toContain('sso')
      },
      { env: { PATH: process.env.PATH } },
    )
    expect(stdout.slice(stdout.indexOf(' 503 ')).replace(/\n +/g, ' ')).toContain(
      'The credentials could not be obtained: --credential-command failed with exit code 1: [secret] expired: run aws sso login.',
    )
  })

  it('counts a request that is pending when it is interrupted, and mentions that it waits', async () => {
    const { url, stop } = await startUpstream(() => undefined)
    const { stdout, stderr } = await during([url, ...ES], async (port) => {
      const arrived = arrival(2) // at the proxy, and at the upstream
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'))
      socket.on('error', () => undefined)
      await arrived
    })
    await stop()
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d - .* \/slow/m)
    expect(stderr).toMatch(/^\nWaiting for 1 request …\n\nStopped after 1 request, of which 1 failed/)
  })

  it('names an upstream that does not support TLS', async () => {
    const { stdout } = await during([upstream.url.replace('http:', 'https:'), ...ES], async (port) => {
      expect(statusOf(await raw(port, 'GET /'))).toBe(502)
    })
    expect(stdout.replace(/\n +/g, ' ')).toMatch(
      /cannot connect to 127\.0\.0\.1:\d+: it does not support TLS\. The upstream may be an http:\/\/ URL\./,
    )
  })

  it('does not refer to options of other commands', async () => {
    const { url, stop } = await startUpstream((_, response) =>
      response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>'),
    )
    const { stdout } = await during([url, '--watch'], async (port) => {
      const headers = { 'content-type': 'text/csv', 'x-amz-meta-owner': 'maria' }
      await send(port, byHeader({ host: `127.0.0.1:${port}`, secret: 'another-secret', path: '/bucket', headers }))
    })
    await stop()
    expect(stdout).toMatch(/^ {4}Fix: Use the secret access key that belongs to this access key ID\.$/m)
  })

  it('with --watch explains a changed header as docs/proxy.md shows', async () => {
    const page = readFileSync(new URL('../../../../../docs/proxy.md', import.meta.url), 'utf8')
    const server = await serve({ credentials: { accessKeyId: KEY, secretAccessKey: SECRET } })
    const { stdout } = await during([server.url, '--watch'], async (port) => {
      const made = byHeader({
        host: `127.0.0.1:${port}`,
        method: 'PUT',
        path: '/photos/cat.jpg',
        headers: { 'content-type': 'image/jpeg' },
        body: 'hello world',
      })
      await send(port, { ...made, headers: { ...made.headers, 'content-type': 'image/png' } })
    })
    await server.close()
    const [, shown = ''] = /^```text\n(\d\d:\d\d:\d\d 403 PUT [^`]*)```/m.exec(page) ?? []
    const withoutTime = (text: string) => text.replace(/^\d\d:\d\d:\d\d/, '').replace(/ +\d+ ms/, ' ms')
    const line = stdout.slice(stdout.search(/^\d\d:\d\d:\d\d/m))
    // the request and the response are different ones: those of the page have fewer headers
    const [cause = '', exchange = ''] = withoutTime(line).split(/(?= {4}\* Received by )/)
    const [shownCause = '', shownExchange = ''] = withoutTime(shown).split(/(?= {4}\* Received by )/)
    expect(shownCause).toBe(cause)
    const names = (text: string) => [...text.matchAll(/^ {4}([<>] [\w-]+):/gm)].map(([, name]) => name!.toLowerCase())
    expect(names(shownExchange).length).toBeGreaterThan(6)
    expect(names(exchange)).toEqual(expect.arrayContaining(names(shownExchange)))
  })

  it('names the cause of a rejected signature first with --watch, and how to fix it', async () => {
    const { url, stop } = await startUpstream((_, response) =>
      response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>'),
    )
    const { stdout, stderr } = await during([url, '--watch'], async (port) => {
      const made = byHeader({ host: `127.0.0.1:${port}`, secret: 'another-secret', path: '/bucket' })
      await send(port, made)
    })
    await stop()
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d 403 GET .* \/bucket AKIDEXAMPLE wrong-secret\n {4}/m)
    expect(stdout).toMatch(/^ {4}Fix: /m)
    expect(stderr).toContain('Causes: wrong-secret (1).')
  })

  it('has a port for health checks, which it prints', async () => {
    const health = await freePort()
    const { stdout } = await during([upstream.url, ...ES, '--health', String(health)], async () => {
      expect(statusOf(await raw(health, 'GET /'))).toBe(200)
    })
    expect(stdout).toMatch(
      /^sigv4-tools proxy: .*\n {2}endpoint .*\n {2}upstream .*\n {2}health {6}http:\/\/127\.0\.0\.1:\d+\n/,
    )
    expect(stdout).toContain(`http://127.0.0.1:${health}\n`)
    const [, inUse] = /:(\d+)$/.exec(upstream.url)!
    const args = ['proxy', upstream.url, ...ES, '--port', '0', '--health', inUse!]
    expect(await errorOf(args, { interrupted: stopped })).toBe(
      `port ${inUse} is in use. Pass a different --health, or 0 for any free port.`,
    )
  })

  it('listens with https if it has a certificate, and names the note for a service that it watches', async () => {
    const { certFile, keyFile } = createCertificate(files.folder)
    const args = ['https://s3.eu-west-1.amazonaws.com', '--watch', '--tls-cert', certFile, '--tls-key', keyFile]
    const { code, stdout } = await during(args, async () => undefined)
    expect(code).toBe(0)
    expect(stdout).toMatch(/endpoint {4}https:\/\/127\.0\.0\.1:\d+\n/)
    expect(stdout).toMatch(/Requests for the host of the service are forwarded\s+unchanged/)
    const errors = [
      [['--tls-cert', certFile], '--tls-cert requires --tls-key, the private key of the certificate.'],
      [['--tls-key', keyFile], '--tls-key requires --tls-cert, the certificate of the private key.'],
      [['--tls-cert', 'no.pem', '--tls-key', keyFile], '--tls-cert: cannot read the file "no.pem": it does not exist.'],
      [['--tls-cert', certFile, '--tls-key', 'no.pem'], '--tls-key: cannot read the file "no.pem": it does not exist.'],
      [['--tls-cert', keyFile, '--tls-key', keyFile], '--tls-cert is not valid. Pass a certificate in PEM format.'],
    ] as const
    for (const [wrong, message] of errors)
      expect(await errorOf(['proxy', upstream.url, ...ES, ...wrong], { interrupted: stopped })).toBe(message)
    const own = files.write('own.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PEM))
    const mixed = ['proxy', upstream.url, ...ES, '--tls-cert', certFile, '--tls-key', own]
    expect(await errorOf(mixed)).toBe(
      '--tls-key does not match. Pass the private key of the certificate in --tls-cert.',
    )
  })

  it.each(['--credentials', '--profile', 'the default profile'])(
    'reads the files of %s when they change',
    async (option) => {
      const name = option === '--credentials' ? 'changing.json' : '.aws/credentials'
      const save = (id: string) => files.write(name, contentOf(option, id))
      const path = save(KEY)
      const args = option === '--credentials' ? [option, path] : option === '--profile' ? [option, 'default'] : []
      const keyOf = async (port: number): Promise<string | undefined> => {
        expect(statusOf(await raw(port, 'GET /'))).toBe(200)
        return /Credential=(\w+)/.exec(header(upstream.take(), 'authorization')!)?.[1]
      }
      const setting = { env: {}, home: files.folder }
      await during(
        [upstream.url, ...ES, ...args],
        async (port) => {
          expect(await keyOf(port)).toBe(KEY)
          save('AKIDCHANGED')
          await sleep(1100)
          expect(await keyOf(port)).toBe('AKIDCHANGED')
          files.write(name, 'half of a fi')
          await sleep(1100)
          expect(await keyOf(port)).toBe('AKIDCHANGED')
          save('AKIDLATER')
          await sleep(1100)
          expect(await keyOf(port)).toBe('AKIDLATER')
        },
        setting,
      )
    },
  )

  it.each<[string, string[], Setting, boolean]>([
    ['on a terminal', [], { columns: 80 }, true],
    ['with --json', ['--json'], { columns: 80 }, false],
    ['without a terminal', [], {}, false],
  ])('shows the progress of a long upload %s: %j', async (_, args, setting, isShown) => {
    const { stdout, stderr } = await during(
      [upstream.url, '--resign', ...S3, '--client-credentials', files.write('client.json', CLIENT), ...args],
      async (port) => {
        const socket = connect(port, '127.0.0.1')
        const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined))
        const made = byHeader({
          host: 'localhost',
          method: 'PUT',
          path: '/bucket/key',
          payloadHash: 'UNSIGNED-PAYLOAD',
          keyId: 'AKIDPLACEHOLDER',
          secret: 'placeholder',
        })
        const lines = Object.entries({ ...made.headers, 'content-length': '4000000', connection: 'close' })
        socket.write(
          `PUT ${made.target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
        )
        socket.write(Buffer.alloc(1_000_000))
        await sleep(2600)
        socket.end(Buffer.alloc(3_000_000))
        await closed
      },
      setting,
    )
    expect(stdout).toMatch(/PUT/)
    if (!isShown) return expect(stderr).not.toMatch(/↑|\r/)
    const lines = stderr.replaceAll('\r\x1b[K', '<erased>')
    expect(lines).toMatch(/^↑ 1\.0 MB of 4\.0 MB {2}25 % {2}\d+ kB\/s {2}\/bucket\/key<erased>/)
    expect(lines).toMatch(/<erased>\nStopped after 1 request/)
  })

  it('runs a command for credentials, and reads its token from a file', async () => {
    const output = JSON.stringify({ Version: 1, AccessKeyId: KEY, SecretAccessKey: SECRET, SessionToken: 'a-session' })
    const source = files.write('credentials.json', output)
    const token = files.write('token', 'a-token-of-many-characters\n')
    const args = [upstream.url, ...ES, '--credential-command', `cat ${source}`, '--token', token]
    const { stdout, stderr } = await during(
      args,
      (port) => raw(port, 'GET /', ['Authorization: Bearer a-token-of-many-characters']),
      { env: { PATH: process.env.PATH } },
    )
    expect(header(upstream.take(), 'x-amz-security-token')).toBe('a-session')
    expect(stdout + stderr).not.toMatch(/a-token|a-session/)
  })

  it.each<[string, string[], RegExp, Setting?]>([
    ['no upstream', [], /^the upstream is missing\. Use 'npx sigv4-tools proxy https:\/\/…'\./],
    [
      'no scheme',
      ['search.example'],
      /^the upstream must start with https:\/\/ or http:\/\/ \(got "search\.example"\)\./,
    ],
    ['no URL', ['https://'], /^the upstream is not valid\. Pass https:\/\/HOST/],
    [
      'a path',
      ['https://a.execute-api.eu-west-1.amazonaws.com/prod'],
      /^the upstream is not valid\. .* A path is --prefix\./,
    ],
    [
      'an unknown service',
      ['https://example.com', '--region', 'eu-west-1'],
      /^--service is missing\. The host example\.com does not identify it\./,
    ],
    ['an unknown region', ['https://example.com', '--service', 'es'], /^--region is missing\. Pass it/],
    [
      'an unknown service, which clients could choose',
      ['http://localhost:9000', '--resign', '--region', 'eu-west-1'],
      /^--service is missing\. The host localhost:9000 does not identify it\. Pass what clients may sign for\./,
    ],
    [
      'an unknown region, which clients could choose',
      ['http://localhost:9000', '--resign', '--allow-service', 's3'],
      /^--region is missing\. Pass it/,
    ],
    ['no encryption', ['http://example.com', ...ES], /^--allow-http is missing\. .*Pass https:\/\/…, or --allow-http/],
    [
      'an open address',
      [`http://localhost`, ...ES, '--host', '0.0.0.0'],
      /^--token is missing\. .*Pass --token FILE or --resign/,
    ],
    [
      'watching on an open address',
      ['http://localhost', '--watch', '--host', '0.0.0.0'],
      /^--host cannot be used here.*--watch is for this machine only/,
    ],
    ['two modes', ['http://localhost', '--watch', '--resign'], /^--resign and --watch cannot be combined\./],
    [
      'a placeholder without its mode',
      ['http://localhost', '--client-credentials', 'x'],
      /^--client-credentials requires --resign\./,
    ],
    [
      'a placeholder that does not exist',
      ['http://localhost', '--resign', '--client-credentials', 'no.json'],
      /^--client-credentials: cannot read the file "no\.json": it does not exist\. Omit --client-credentials to generate a key/,
    ],
    [
      'an option of another mode',
      ['http://localhost', ...ES, '--allow-presigned'],
      /^--allow-presigned cannot be used here\. It requires --resign\./,
    ],
    [
      'the port of health checks in use twice',
      ['http://localhost', ...ES, '--health', '8081', '--port', '8081'],
      /^--health is not valid \(got "8081"\)\. It must differ from --port\./,
    ],
    ['no port', ['http://localhost', ...ES, '--health', '/'], /^--health must be/],
    ['an origin for all', ['http://localhost', ...ES, '--cors', '*'], /^--cors is not valid/],
    ['an empty rule', ['http://localhost', ...ES, '--allow', ''], /^--allow requires a value: --allow 'METHOD PATH'\./],
    ['a rule without a method', ['http://localhost', ...ES, '--allow', '/index'], /^--allow is not valid/],
    [
      'no credentials',
      ['http://localhost', ...ES],
      /^no credentials found\. .*, or pass --credential-command COMMAND, --profile/,
      { env: {} },
    ],
    [
      'a service that requires credentials',
      ['https://s3.eu-west-1.amazonaws.com', '--watch'],
      /^.*s3\.eu-west-1\.amazonaws\.com accepts only requests for its own host/,
      { env: {} },
    ],
    [
      'a command that fails',
      ['http://localhost', ...ES, '--credential-command', 'echo no >&2; exit 3'],
      /^--credential-command failed with exit code 3: no\./,
      { env: { PATH: process.env.PATH } },
    ],
    [
      'a command and a file',
      ['http://localhost', ...ES, '--credential-command', 'x', '--profile', 'x'],
      /^--credential-command cannot be combined with/,
    ],
  ])('fails with %s, and names what to pass', async (_, args, message, setting = {}) => {
    expect(await errorOf(['proxy', '--port', '0', ...args], { interrupted: stopped, ...setting })).toMatch(message)
  })
})
