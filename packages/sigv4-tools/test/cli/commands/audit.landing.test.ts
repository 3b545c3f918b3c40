import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { sign } from '../../../../../src/sync.ts'
import { verify } from '../../../../../src/verify.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { isDeep } from '../../../../../test/support/depth.ts'
import { isAccepted, judge, severityOf } from '../../../src/audit/verdict.ts'
import { type RunningServer, serve } from '../../../src/serve.ts'
import { errorOf, KEY, KEYS, run, type Setting, succeed } from '../../support/cli.ts'

// The command audit: serve has no findings, servers with holes have exactly these, and nothing is left behind.

const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
const FAST = ['--rate', '5000', '--region', 'us-east-1']

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function startServe(): Promise<RunningServer> {
  const server = await serve({ region: 'us-east-1', credentials })
  closing.push(() => server.close())
  return server
}

/** Sends a signed request to serve, in order to see what is stored. */
async function request(
  server: Pick<RunningServer, 'url'>,
  method: string,
  path: string,
  body?: string,
): Promise<string> {
  const options = { credentials, service: 's3', region: 'us-east-1' }
  const signed = sign({ method, url: `${server.url}${path}`, ...(body !== undefined && { body }) }, options)
  const response = await fetch(signed.url, { method, headers: signed.headers, ...(body !== undefined && { body }) })
  return response.text()
}

async function keysIn(server: Pick<RunningServer, 'url'>): Promise<string[]> {
  const xml = await request(server, 'GET', '/test?list-type=2')
  return [...xml.matchAll(/<Key>([^<]*)/g)].map(([, key]) => key!)
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Starts a server of plain responses, and counts its connections. */
async function startHttp(listener: RequestListener): Promise<{ url: string; connections: () => number }> {
  const server = createHttpServer(listener)
  let count = 0
  server.on('connection', () => count++)
  closing.push(() => server.closeAllConnections())
  return { url: await listen(server), connections: () => count }
}

/** Sends bytes to serve, and returns its response. */
function forward(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (piece) => {
      text += piece
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

/** Returns a response to the bytes of a request; nothing to leave it without one. */
type Respond = (bytes: string, send: (bytes: string) => Promise<string>) => Promise<string | undefined>

/** Starts a server in front of serve. */
async function startFront(target: RunningServer, respond: Respond): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let received = ''
    let isDone = false
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', async (piece) => {
      received += piece
      const end = received.indexOf('\r\n\r\n')
      const length = Number(/\ncontent-length: *(\d+)/i.exec(received.slice(0, end))?.[1] ?? 0)
      if (isDone || end < 0 || received.length < end + 4 + length) return
      isDone = true
      const response = await respond(received, (bytes) => forward(target.url, bytes))
      if (response !== undefined) socket.end(response, 'latin1')
    })
  })
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
  })
  return listen(server)
}

const statusOf = (response: string): number => Number(response.slice(9, 12))

interface Report {
  readonly suite: string
  readonly verifies: boolean
  readonly requests: number
  readonly stopped?: string
  readonly tests: readonly {
    readonly id: string
    readonly flags: readonly string[]
    readonly verdict: string
    readonly severity?: string
    readonly status: number
    readonly problem?: string
    readonly hasEffect?: boolean
  }[]
}

async function auditJson(url: string, ...args: string[]): Promise<[code: number | null, report: Report]> {
  const { code, stdout, stderr } = await run(['audit', url, '--bucket', 'test', ...FAST, '--json', ...args])
  if (stdout === '') throw new Error(stderr)
  return [code, JSON.parse(stdout) as Report]
}

const foundIn = ({ tests }: Report) =>
  tests.flatMap(({ id, severity, hasEffect }) => (severity ? [[id, severity, hasEffect] as const] : []))

describe('audit of serve', () => {
  it('finds nothing, and leaves the bucket as it was', async () => {
    const server = await startServe()
    await request(server, 'PUT', '/test/mine.txt', 'mine')
    const { code, stdout, stderr } = await run(['audit', server.url, '--bucket', 'test', ...FAST, '--yes', '--strict'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /: 6\d\d tests of suite \d\.\d+\.\d+, [78]\d\d requests, \d+ seconds\. /,
    )
    expect(stdout).toMatch(/\ntotal +6\d\d +0 +\d +0\n/)
    expect(stdout).toMatch(/\nNo findings\.\n$/)
    expect(stdout.match(/^[A-Z]\w+ +\d+ +0 +\d +0$/gm)!.length).toBeGreaterThan(30)
    expect(await keysIn(server)).toEqual(['mine.txt'])
    expect(await request(server, 'GET', '/test/mine.txt')).toBe('mine')
  })

  it('finds nothing of security if it accepts every region', async () => {
    const server = await serve({ credentials })
    closing.push(() => server.close())
    const [code, report] = await auditJson(server.url, '--only', 'ScopeMismatch,BadSignature')
    const found = report.tests.filter(({ severity }) => severity)
    expect(code).toBe(0)
    expect(found.length).toBeGreaterThan(5)
    expect([...new Set(found.map(({ flags, severity }) => `${severity} ${flags}`))]).toEqual([
      'interoperability ScopeMismatch',
    ])
  })

  it('finds nothing with a host that names the bucket', async () => {
    const { port } = new URL((await startServe()).url)
    const args = ['--bucket', 'test', '--virtual-host', ...FAST, '--strict', '--only', 'header/*,post/*']
    const stdout = await succeed(['audit', `http://test.s3.localhost:${port}`, ...args])
    expect(stdout).toMatch(/\ntotal +[12]\d\d +0 +\d +0\n/)
  })

  it('writes nothing if the host does not name a bucket', async () => {
    const server = await startServe()
    const message = await errorOf(['audit', server.url, '--bucket', 'test', '--virtual-host', ...FAST])
    expect(message).toContain(
      'does not return a list of objects. Check the bucket, and whether the host names the bucket.',
    )
    expect(await request(server, 'GET', '/')).not.toContain('sigv4-audit')
  })

  it('deletes what it stored even if the bucket does not list it', async () => {
    const server = await startServe()
    const empty = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult/>'
    const url = await startFront(server, async (bytes, send) => (bytes.includes('list-type') ? empty : send(bytes)))
    expect((await run(['audit', url, '--bucket', 'test', ...FAST, '--only', 'header/put'])).code).toBe(0)
    expect(await keysIn(server)).toEqual([])
  })

  it('shows its progress on a terminal', async () => {
    const { url } = await startServe()
    const args = ['audit', url, '--bucket', 'test', ...FAST, '--only', 'header/wrong-digit']
    const { stderr } = await run(args, { columns: 80 })
    expect(stderr).toContain('1 of 2 tests, header/')
    expect(stderr).toContain('deleting what was stored')
    expect(stderr.endsWith('\r\x1b[K')).toBe(true)
  })

  it('sends no more requests per second than it may', async () => {
    const server = await startServe()
    const start = performance.now()
    const args = ['--bucket', 'test', '--rate', '20', '--only', 'header/wrong-digit', '--json']
    const { requests } = JSON.parse(await succeed(['audit', server.url, ...args])) as Report
    expect(requests).toBeGreaterThan(8)
    expect(performance.now() - start).toBeGreaterThan((requests - 2) * 50)
  })

  it('with credentials that have a session token sends only the tests that need one', async () => {
    const token = 'FwoGZXIvYXdzEXAMPLE//TOKEN+with/all=characters=='
    const server = await serve({ region: 'us-east-1', credentials: { ...credentials, sessionToken: token } })
    closing.push(() => server.close())
    const args = ['audit', server.url, '--bucket', 'test', ...FAST]
    const { code, stdout } = await run(args, { env: { ...KEYS, AWS_SESSION_TOKEN: token } })
    expect(code).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toContain('only the tests of temporary credentials were sent')
    expect(stdout).toMatch(/\nSessionToken +1\d +0 +0 +0\n/)
    const { stderr } = await run([...args, '--only', 'Expiry'], { env: { ...KEYS, AWS_SESSION_TOKEN: token } })
    expect(stderr).toContain('need credentials without a session token')
  })

  it('reads responses in chunks, after interim ones, and that are not closed', async () => {
    const server = await startServe()
    const url = await startFront(server, async (bytes, send) => {
      const response = await send(bytes)
      const end = response.indexOf('\r\n\r\n')
      const body = response.slice(end + 4)
      if (body === '') return response
      const half = Math.ceil(body.length / 2)
      const chunks = [body.slice(0, half), body.slice(half)].filter((chunk) => chunk !== '')
      const framed = chunks.map((chunk) => `${chunk.length.toString(16)};a=b\r\n${chunk}\r\n`).join('')
      const head = response.slice(0, end).replace(/content-length: \d+/i, 'Transfer-Encoding: chunked')
      return `HTTP/1.1 100 Continue\r\n\r\n${head}\r\n\r\n${framed}0\r\nX-Trailer: a\r\n\r\n`
    })
    const [code, report] = await auditJson(url, '--only', 'CopySourceSmuggling,BadSignature', '--strict')
    expect([code, foundIn(report)]).toEqual([0, []])
    expect(report.tests.filter(({ verdict }) => verdict !== 'right')).toEqual([])
    expect(await keysIn(server)).toEqual([])
  })

  it('deletes nothing that it did not store, even if the server lists it', async () => {
    const server = await startServe()
    await request(server, 'PUT', '/test/mine.txt', 'mine')
    const deleted: string[] = []
    const url = await startFront(server, async (bytes, send) => {
      if (bytes.startsWith('DELETE ')) deleted.push(bytes.split(' ')[1]!)
      const response = await send(bytes)
      const others = '<Contents><Key>mine.txt</Key></Contents><Contents><Key>a/sigv4-audit-0/b</Key></Contents>'
      return response.includes('</ListBucketResult>')
        ? response.replace(/content-length: \d+\r\n/i, '').replace('</ListBucketResult>', `${others}$&`)
        : response
    })
    const args = ['--bucket', 'test', ...FAST, '--yes', '--only', 'header/put']
    expect((await run(['audit', url, ...args])).code).toBe(0)
    expect(deleted).toHaveLength(2)
    for (const target of deleted)
      expect(target).toMatch(/^\/test\/sigv4-audit-[\da-f]{12}\/(?:read\/read|header-put\/up)\.txt$/)
    expect(await keysIn(server)).toEqual(['mine.txt'])
  })

  it('names what the server does not delete', async () => {
    const server = await startServe()
    const denied = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'
    const url = await startFront(server, async (bytes, send) => (bytes.startsWith('DELETE ') ? denied : send(bytes)))
    const args = ['--bucket', 'test', ...FAST, '--only', 'header/put']
    const { code, stderr } = await run(['audit', url, ...args])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Not deleted, because the server rejected it:\n(?: {2}sigv4-audit-\S+\.txt\n){2}$/)
  })

  it('deletes what it stored if the bucket can no longer be listed', async () => {
    const server = await startServe()
    let lists = 0
    const denied = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'
    const url = await startFront(server, async (bytes, send) =>
      bytes.includes('list-type') && ++lists > 1 ? denied : send(bytes),
    )
    expect((await run(['audit', url, '--bucket', 'test', ...FAST, '--only', 'header/put'])).code).toBe(0)
    expect(await keysIn(server)).toEqual([])
  })

  it('sends the tests of a folder', async () => {
    const server = await startServe()
    const folder = await mkdtemp(join(tmpdir(), 'suite-'))
    closing.push(() => rm(folder, { recursive: true }))
    const file = JSON.parse(await readFile('suite/s3-header.json', 'utf8'))
    file.version = '9.8.7'
    const { tests } = file.testGroups.find(({ id }: { id: string }) => id === 's3-header')
    const own = tests.find(({ id }: { id: string }) => id === 'header/get')
    tests.splice(
      tests.indexOf(own),
      tests.length,
      { ...own, id: 'my/read' },
      { ...own, id: 'my/wrong', result: 'invalid' },
    )
    file.testGroups = file.testGroups.filter(({ tests: list }: { tests: unknown }) => list === tests)
    await writeFile(join(folder, 'mine.json'), JSON.stringify(file))
    const [code, report] = await auditJson(server.url, '--suite', folder)
    expect([code, report.suite]).toEqual([1, '9.8.7'])
    expect(report.tests.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['my/read', 'right'],
      ['my/wrong', 'accepted'],
    ])
    await writeFile(join(folder, 'z.json'), '{}')
    expect(await errorOf(['audit', '--suite', folder, '--list'])).toContain(
      '--suite: the file "z.json" is not in the format of the suite: schema must be sigv4-suite-1.',
    )
  })

  it('has the same tests as the files', async () => {
    const list = async (...args: string[]) => (await succeed(['audit', '--list', ...args])).split('\n').sort()
    expect(await list('--suite', 'suite')).toEqual(await list())
    expect(await succeed(['audit', '--list', '--service', 'tasks', '--suite', 'suite'])).toMatch(/^service\//)
  })

  it('reports missing files of the package', async () => {
    const readOwn = (): never => {
      throw Object.assign(new Error(), { code: 'ENOENT' })
    }
    expect(await errorOf(['audit', '--list'], { readOwn })).toContain('the file of the tests is missing. Install')
  })

  it.each([
    ['does not exist', 'nowhere', 'cannot read the folder "nowhere": it does not exist.'],
    ['has no tests', 'test', 'has no tests for S3 that can be sent.'],
  ])('a folder that %s is rejected', async (_, folder, message) => {
    expect(await errorOf(['audit', '--list', '--suite', folder])).toContain(message)
  })

  it('keeps what was stored if told to', async () => {
    const server = await startServe()
    const args = ['--bucket', 'test', ...FAST, '--only', 'header/put', '--keep', '--prefix', 'team']
    const { code, stderr } = await run(['audit', server.url, ...args])
    expect(code).toBe(0)
    const [, folder] = /^What was stored is in (team\/sigv4-audit-[\da-f]{12}\/)\n$/.exec(stderr)!
    expect(await keysIn(server)).toEqual([`${folder}header-put/up.txt`, `${folder}read/read.txt`])
  })
})

const headerOf = (bytes: string, name: string): string | undefined =>
  RegExp(`\r\n${name}: *([^\r]*)`, 'i').exec(bytes)?.[1]
const without = (bytes: string, name: string): string => bytes.replace(RegExp(`\r\n${name}:[^\r]*`, 'gi'), '')
const isSigned = (bytes: string, name: string): boolean =>
  RegExp(`SignedHeaders=[^,& ]*\\b${name}\\b`, 'i').test(bytes.replaceAll('%3B', ';'))

/** Writes an empty object with a header that was not signed. */
const write = (bytes: string, added: Record<string, string>, send: (bytes: string) => Promise<string>) => {
  const [, path = ''] = /^PUT ([^? ]+)/.exec(bytes) ?? []
  const url = `http://${headerOf(bytes, 'host')}${path}`
  const options = { credentials, service: 's3', region: 'us-east-1' }
  const signed = sign({ method: 'PUT', url, headers: added }, options)
  const headers = Object.entries(signed.headers).map((pair) => `${pair.join(': ')}\r\n`)
  const host = `Host: ${headerOf(bytes, 'host')}\r\nConnection: close\r\nContent-Length: 0\r\n`
  return send(`PUT ${path} HTTP/1.1\r\n${host}${headers.join('')}\r\n`)
}

/** Adds three holes: a header that copies and is not signed, downloads that delete, and a header that is ignored. */
const withHoles: Respond = async (bytes, send) => {
  const acl = headerOf(bytes, 'x-amz-acl')
  const checked = acl !== undefined && !isSigned(bytes, 'x-amz-acl') ? without(bytes, 'x-amz-acl') : bytes
  const source = headerOf(checked, 'x-amz-copy-source')
  if (source !== undefined && !isSigned(checked, 'x-amz-copy-source') && /[?&]X-Amz-Signature=/.test(checked)) {
    const response = await send(without(checked, 'x-amz-copy-source'))
    return statusOf(response) === 200 ? write(checked, { 'x-amz-copy-source': source }, send) : response
  }
  const response = await send(checked)
  if (!checked.startsWith('DELETE ') || statusOf(response) !== 403) return response
  const read = await send(checked.replace('DELETE', 'GET'))
  return statusOf(read) === 200 ? 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n' : response
}

describe('audit of a server with holes', () => {
  it('finds exactly these, with the effect of one that has one', async () => {
    const server = await startServe()
    const url = await startFront(server, withHoles)
    const [code, report] = await auditJson(url)
    const found = foundIn(report)
    expect(code).toBe(1)
    expect(found).toEqual([
      ['header/unsigned-acl', 'security', undefined],
      ['presigned/unsigned-acl', 'security', undefined],
      ['presigned/put-copy-source', 'security', true],
      ['target/method-get-delete', 'security', undefined],
      ['target/method-presigned-get-delete', 'security', undefined],
    ])
    expect(await keysIn(server)).toEqual([])
  })

  it('describes a finding: what it allows, the rule, and the source', async () => {
    const url = await startFront(await startServe(), withHoles)
    const args = ['audit', url, '--bucket', 'test', ...FAST, '--only', 'presigned/put-copy-source']
    const { code, stdout } = await run(args)
    expect(code).toBe(1)
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('security: CopySourceSmuggling')
    expect(text).toContain('accepted with status 200, and it took effect; S3 rejects it with 403 AccessDenied.')
    expect(text).toContain('rule x-amz-copy-source, or a header that belongs to it, is sent but not signed.')
    expect(text).toContain('allows The holder of an upload link can read every object that the signer can read.')
    expect(text).toContain('source docs:https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html')
    expect(text).toContain('npx sigv4-tools audit --show presigned/put-copy-source')
    expect(text).toContain('Findings: 1 of security, 0 of interoperability.')
    const markdown = (await run([...args, '--markdown'])).stdout
    expect(markdown).toContain('| CopySourceSmuggling | 0 | 1 | 0 | 0 |')
    expect(markdown).toContain('**security: CopySourceSmuggling**')
    expect(`${stdout}${markdown}`).not.toContain(SECRET)
  })

  it('that ignores what it should reject finds interoperability, which only --strict counts', async () => {
    const url = await startFront(await startServe(), (bytes, send) => send(without(bytes, 'x-amz-copy-source')))
    const args = ['--only', 'presigned/put-copy-source']
    const [code, report] = await auditJson(url, ...args)
    expect([code, foundIn(report)]).toEqual([0, [['presigned/put-copy-source', 'interoperability', false]]])
    expect((await auditJson(url, ...args, '--strict'))[0]).toBe(1)
  })

  it('finds by reading it back whether an unsigned header took effect', async () => {
    const url = await startFront(await startServe(), (bytes, send) => {
      const owner = headerOf(bytes, 'x-amz-meta-owner')
      const isAdded = owner !== undefined && !isSigned(bytes, 'x-amz-meta-owner')
      if (isAdded) return write(bytes, { 'x-amz-meta-owner': owner }, send)
      return send(without(bytes, 'x-amz-storage-class'))
    })
    const [code, report] = await auditJson(url, '--only', 'presigned/unsigned-meta,presigned/unsigned-storage-class')
    expect([code, foundIn(report)]).toEqual([
      1,
      [
        ['presigned/unsigned-storage-class', 'interoperability', false],
        ['presigned/unsigned-meta', 'security', true],
      ],
    ])
    expect(await succeed(['audit', '--show', 'presigned/unsigned-meta'])).toContain(
      'up.txt has the header x-amz-meta-owner: someone',
    )
  })

  it('that rejects valid requests finds these, and does not count what is derived from them', async () => {
    const denied = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n<Error><Code>AccessDenied</Code></Error>'
    const url = await startFront(await startServe(), async (bytes, send) =>
      /^GET [^ ]*X-Amz-Signature/.test(bytes) ? denied : send(bytes),
    )
    const [code, { tests }] = await auditJson(url, '--only', 'presigned/get*,Expiry')
    expect(code).toBe(0)
    const own = tests.filter(({ id }) => id.startsWith('presigned/'))
    expect(own.find(({ id }) => id === 'presigned/get')).toMatchObject({
      verdict: 'rejected',
      severity: 'interoperability',
    })
    expect(own.filter(({ verdict }) => verdict === 'untested').length).toBeGreaterThan(5)
    expect(own.filter(({ verdict }) => verdict === 'accepted')).toEqual([])
    const text = await succeed(['audit', url, '--bucket', 'test', ...FAST, '--only', 'presigned/get,Expiry'])
    expect(text.replace(/\s+/g, ' ')).toContain('a valid request, rejected with status 403 AccessDenied.')
    const markdown = await succeed(['audit', url, '--bucket', 'test', ...FAST, '--only', 'presigned/get', '--markdown'])
    expect(markdown).toContain('**interoperability: BadSignature**\n\n- source: ')
  })

  it.each([
    ['ignores', 'interoperability', false],
    ['uses', 'security', true],
  ] as const)('that %s a second lifetime of a URL finds %s', async (what, severity, hasEffect) => {
    const isDoubled = (bytes: string): boolean => /X-Amz-Expires=.*X-Amz-Expires=/.test(bytes)
    const url = await startFront(await startServe(), async (bytes, send) => {
      if (!isDoubled(bytes)) return send(bytes)
      if (what === 'uses') return 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'
      return send(bytes.replace(/(X-Amz-Expires=.*)&X-Amz-Expires=\d+/, '$1'))
    })
    const [, report] = await auditJson(url, '--only', 'presigned/doubled-expires-after')
    expect(foundIn(report)).toEqual([['presigned/doubled-expires-after', severity, hasEffect]])
  })

  it('that verifies only presigned URLs finds what it accepts with a header', async () => {
    const taken = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'
    const url = await startFront(await startServe(), async (bytes, send) => {
      const response = await send(bytes)
      return headerOf(bytes, 'authorization') !== undefined && statusOf(response) === 403 ? taken : response
    })
    const [code, report] = await auditJson(url, '--only', 'header/wrong-secret,presigned/wrong-secret')
    expect([code, report.verifies, foundIn(report)]).toEqual([
      1,
      true,
      [['header/wrong-secret', 'security', undefined]],
    ])
  })

  it('that does not verify stops after at most eight requests', async () => {
    const { url, connections } = await startHttp((_, response) => response.end('<ListBucketResult/>'))
    const { code, stdout } = await run(['audit', url, '--bucket', 'test', ...FAST])
    expect([code, stdout.replace(/\s+/g, ' ')]).toEqual([1, expect.stringContaining('does not verify signatures')])
    expect(connections()).toBeLessThanOrEqual(8)
    const [, report] = await auditJson(url)
    expect(report).toMatchObject({ verifies: false, tests: [] })
    expect((await run(['audit', url, '--bucket', 'test', ...FAST, '--markdown'])).stdout).toContain('does not verify')
  })
})

describe('the private report', () => {
  /** Returns the path of a new file in an empty folder. */
  const newFile = async (): Promise<string> => {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'report-'))
    closing.push(() => rm(folder, { recursive: true }))
    return join(folder, 'report.md')
  }
  const named =
    (respond: Respond): Respond =>
    async (bytes, send) =>
      (await respond(bytes, send))?.replace('\r\n', '\r\nServer: Holes/1.0 (test)\r\n')
  const isMissing = (file: string): Promise<boolean> =>
    stat(file).then(
      () => false,
      () => true,
    )
  const HOLES = ['--only', 'CopySourceSmuggling,UnsignedAmzHeader,MethodChanged,header/get']

  it('has each root cause with its evidence, those of security that took effect first', async () => {
    const received: string[] = []
    const respond = named((bytes, send) => {
      received.push(bytes)
      return withHoles(bytes, send)
    })
    const url = await startFront(await startServe(), respond)
    const file = await newFile()
    const { code, stdout, stderr } = await run(['audit', url, '--bucket', 'test', ...FAST, ...HOLES, '--report', file])
    expect([code, stderr]).toEqual([1, `The report is private, for the maintainers of the server: ${file}\n`])
    // what the command prints is unchanged
    expect(stdout).toContain('Findings: 5 of security, 0 of interoperability.')
    expect(stdout).not.toContain('Confidential')
    expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
    const report = await readFile(file, 'utf8')
    const lines = report.split('\n')
    expect(lines[0]).toBe(
      `**Confidential: for the maintainers of the server that was audited, ${url}, and only for them.**`,
    )
    expect(lines).toContain(`- **Server**: ${url}, bucket \`test\`, region \`us-east-1\``)
    expect(lines).toContain('- **Its header `Server`**: `Holes/1.0 (test)`')
    expect(report).toMatch(/\n- \*\*Date\*\*: 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n/)
    expect(report).toMatch(
      /\n- \*\*Tests\*\*: version \d+\.\d+\.\d+ of the suite of sigv4, sent by sigv4-tools 1\.2\.3\n/,
    )
    expect(lines.filter((line) => line.startsWith('#'))).toEqual([
      '# Requests that S3 rejects and this server accepts, and the reverse',
      '## Summary',
      '## 1. Security: CopySourceSmuggling',
      '## 2. Security: UnsignedAmzHeader',
      '## 3. Security: MethodChanged',
      '## How it was tested',
      '## Publication',
    ])
    const [, copies = '', headers = '', methods = ''] = report.split(/\n## (?=\d)|\n## How/)
    for (const line of [
      '- **What it allows**: The holder of an upload link can read every object that the signer can read.',
      '- **Effect**: It took effect: after `presigned/put-copy-source`, up.txt has the content of secret.txt.',
      '- **Rule**: S3 rejects such requests: x-amz-copy-source, or a header that belongs to it, is sent but not signed.',
      '. `presigned/put-empty` is a valid request that the server also accepts; this one differs in the header `x-amz-copy-source`:',
      'The server responded with status 200.',
    ])
      expect(copies).toContain(line)
    expect(copies).toContain(
      "- **Source**: AWS's documentation, <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>; ",
    )
    expect(copies).toMatch(
      /\n\| `presigned\/put-copy-source` \| The holder [^|]+ \| status 200, took effect \| 403 AccessDenied \(\[docs\]\(https:[^)]+\)\) \|\n/,
    )
    expect(headers).toContain('| `header/unsigned-acl` |')
    expect(headers).toContain('| `presigned/unsigned-acl` |')
    expect(headers).toContain('- **Effect**: Not checked. The finding is that the server accepts the requests.')
    expect(methods).toContain('| 403 SignatureDoesNotMatch |')
    expect(methods).toContain('the bytes that were sent have a different signature')
    // the complete request
    const requests = [...report.matchAll(/\n```http\n(.*?)\n```\n/gs)].map(([, text]) => text!)
    expect(requests).toHaveLength(3)
    const sent = received.map((bytes) => bytes.replaceAll('\r\n', '\n').replace(/\n$/, ''))
    expect(requests.filter((text) => !sent.includes(text))).toEqual([])
    expect(requests[0]).toMatch(/^PUT \/test\/sigv4-audit-[\da-f]{12}\/.*\nConnection: close\n$/s)
    expect(requests[0]).toMatch(/\nX-Amz-Copy-Source: \/test\/sigv4-audit-[\da-f]{12}\//)
    expect(report).toContain('Nothing in this report has been published.')
    expect(report).not.toContain(SECRET)
  })

  it('has commands that reproduce its findings', async () => {
    const server = await startServe()
    const url = await startFront(server, withHoles)
    const file = await newFile()
    await run(['audit', url, '--bucket', 'test', ...FAST, ...HOLES, '--prefix', 'team', '--report', file])
    const report = await readFile(file, 'utf8')
    const commands = [...report.matchAll(/```sh\nnpx sigv4-tools (.*)\n```/g)].map(([, line]) => line!)
    expect(commands[0]).toBe(
      `audit ${url} --bucket test --prefix team/ --region us-east-1 --only presigned/put-copy-source`,
    )
    expect(commands).toHaveLength(3)
    for (const command of commands) {
      const { code, stdout } = await run([...command.split(' '), '--rate', '5000'])
      expect([code, stdout]).toEqual([1, expect.stringContaining('Findings: 1 of security')])
    }
  })

  it('has findings of interoperability, and what the server failed to respond to', async () => {
    const server = await serve({ credentials })
    closing.push(() => server.close())
    const denied = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n<Error><Code>AccessDenied</Code></Error>'
    const url = await startFront(server, async (bytes, send) => {
      if (/^GET [^ ]*x-id=a-b_c\.d~e /.test(bytes)) return denied
      const response = await send(without(bytes, 'x-amz-copy-source'))
      return statusOf(response) === 403 && headerOf(bytes, 'authorization') ? '' : response
    })
    const file = await newFile()
    const only = [
      '--only',
      'ScopeMismatch,target/query-tilde,presigned/put-copy-source,presigned/copy,header/wrong-secret',
    ]
    const { code } = await run(['audit', url, '--bucket', 'test', ...FAST, ...only, '--report', file])
    expect(code).toBe(0)
    const report = await readFile(file, 'utf8')
    expect(report.split('\n').filter((line) => line.startsWith('## '))).toEqual([
      '## Summary',
      '## 1. Interoperability: ScopeMismatch',
      '## 2. Interoperability: CopySourceSmuggling',
      // the same class, with a different cause
      '## 3. Interoperability: CopySourceSmuggling, valid requests are rejected',
      '## 4. Interoperability: QueryCanonical, valid requests are rejected',
      '## Requests that the server failed to respond to',
      '## How it was tested',
      '## Publication',
    ])
    expect(report).toContain('None. The server accepts the requests, and ignores what is wrong with them.')
    expect(report).toMatch(/\n\| `target\/query-tilde` \| [^|]+ \| status 403 AccessDenied \| accepted \|\n/)
    expect(report).toContain('- **Rule**: S3 accepts these requests: they are correctly signed.')
    expect(report).toMatch(/\n- `header\/wrong-secret`: [^\n]+: closed without a response\n/)
  })

  it('without findings states so', async () => {
    const { url } = await startServe()
    const file = await newFile()
    expect(
      (await run(['audit', url, '--bucket', 'test', ...FAST, '--only', 'header/get', '--report', file])).code,
    ).toBe(0)
    const report = await readFile(file, 'utf8')
    expect(report).toContain('\n- **Result**: no findings\n')
    expect(report).toContain('\n## How it was tested\n')
    expect(report).not.toMatch(/## (?:1|Summary)/)
  })

  it('of a server that does not verify states so in a paragraph', async () => {
    const { url } = await startHttp((_, response) => response.end('<ListBucketResult/>'))
    const file = await newFile()
    expect((await run(['audit', url, '--bucket', 'test', ...FAST, '--report', file])).code).toBe(1)
    const report = await readFile(file, 'utf8')
    const paragraphs = report.split('\n\n').filter((text) => text.includes('does not verify signatures'))
    expect(paragraphs).toHaveLength(1)
    expect(paragraphs[0]).toContain(`\`npx sigv4-tools audit ${url} --bucket test --region us-east-1\``)
    expect(report).toMatch(/^\*\*Confidential: /)
    expect(report).not.toMatch(/## (?:1|Summary)|Result/)
  })

  it('of a service other than S3 has its command', async () => {
    const { url } = await startHttp((_, response) => response.writeHead(404).end())
    const file = await newFile()
    const args = ['audit', url, '--service', 'tasks', '--path', '/api', ...FAST, '--only', 'ClockSkew']
    expect((await run([...args, '--report', file])).code).toBe(1)
    const report = await readFile(file, 'utf8')
    expect(report).toMatch(
      /\nnpx sigv4-tools audit \S+ --service tasks --path \/api --region us-east-1 --only service\/\S+\n/,
    )
    expect(report).toContain(`- **Server**: ${url}, region \`us-east-1\`\n`)
  })

  it('has complete requests with a session token, but never the secret', async () => {
    const token = 'FwoGZXIvYXdzEXAMPLE//TOKEN+with/all=characters=='
    const server = await serve({ region: 'us-east-1', credentials: { ...credentials, sessionToken: token } })
    closing.push(() => server.close())
    let rejected = 0
    const respond: Respond = async (bytes, send) => {
      // what a server sends is in the report, and could be anything
      const taken = `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<Code>${SECRET}</Code>`
      const response = await send(bytes)
      // the first is not signed, and two have a wrong signature, which shows that the server verifies
      return statusOf(response) >= 400 && ++rejected > 3 ? taken : response
    }
    const secretive: Respond = async (bytes, send) =>
      (await respond(bytes, send))?.replace('\r\n', `\r\nServer: the ${SECRET} one\r\n`)
    const url = await startFront(server, secretive)
    const file = await newFile()
    const args = ['audit', url, '--bucket', 'test', ...FAST, '--only', 'session/presigned-doubled', '--report', file]
    expect((await run(args, { env: { ...KEYS, AWS_SESSION_TOKEN: token } })).code).toBe(1)
    const report = await readFile(file, 'utf8')
    expect(report).toContain('only the tests of temporary credentials were sent')
    expect(report).toContain(`&X-Amz-Security-Token=${encodeURIComponent(token)}&`)
    expect(report).toContain('- **Its header `Server`**: `the [secret] one`')
    expect(report).not.toContain(SECRET)
  })

  it('has the policy of a form in plain text, and bytes that cannot be printed as hex digits', async () => {
    const url = await startFront(await startServe(), async (bytes, send) => {
      const response = await send(bytes)
      const isOpen = bytes.startsWith('POST ') || bytes.includes('aws-chunked')
      return isOpen && statusOf(response) >= 400 ? 'HTTP/1.1 204 No Content\r\n\r\n' : response
    })
    const file = await newFile()
    const only = 'post/uncovered-acl,chunks/small,chunks/two-unequal'
    await run(['audit', url, '--bucket', 'test', ...FAST, '--only', only, '--report', file])
    const report = await readFile(file, 'utf8')
    expect(report).toMatch(/\n```\n\nIts policy is `\{"expiration":"20[^`]*"conditions":\[.*\]\}`\.\n/)
    expect(report).toContain('\n[8192 times a]\n')
    expect(report.length).toBeLessThan(20_000)
  })

  it('is not written after Ctrl-C, or if the server cannot be audited', async () => {
    const server = await startServe()
    let interrupt = (): void => {}
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve
    })
    const url = await startFront(server, (bytes, send) => {
      if (bytes.includes('/read/')) interrupt()
      return send(bytes)
    })
    const file = await newFile()
    const args = ['--bucket', 'test', ...FAST, '--report', file]
    expect(await errorOf(['audit', url, ...args], { interrupted })).toMatch(
      /^the audit was interrupted after \d+ requests, and what it stored is deleted\. --report was not written\.$/,
    )
    expect(await errorOf(['audit', 'http://127.0.0.1:1', ...args])).toContain('cannot be reached')
    expect(await readdir(join(file, '..'))).toEqual([])
  })

  it('is never overwritten, even if the file is created during the audit', async () => {
    const server = await startServe()
    const file = await newFile()
    const url = await startFront(server, async (bytes, send) => {
      if (bytes.startsWith('DELETE ')) await writeFile(file, 'mine')
      return send(bytes)
    })
    const args = ['audit', url, '--bucket', 'test', ...FAST, '--only', 'header/get', '--report', file]
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout]).toEqual([2, expect.stringContaining('No findings.')])
    expect(stderr).toContain('--report: cannot write the file: it already exists. Pass a different path.')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  describe('is refused before anything is sent', () => {
    const refusal = async (file: string, ...more: string[]): Promise<string> => {
      const { url, connections } = await startHttp((_, response) => response.end())
      const message = await errorOf(['audit', url, '--bucket', 'test', ...FAST, `--report=${file}`, ...more])
      expect(connections()).toBe(0)
      return message
    }

    it('if the file exists', async () => {
      const file = await newFile()
      await writeFile(file, 'mine')
      const message = '--report already exists. Pass the path of a new file: reports are not overwritten.'
      expect(await refusal(file)).toBe(message)
      // a folder is not a new file
      expect(await refusal(join(file, '..'))).toContain('--report already exists')
      expect(await readFile(file, 'utf8')).toBe('mine')
    })

    it.each(['-', '', 'folder/'])('if it is not a file: %j', async (file) => {
      expect(await refusal(file)).toMatch(/^--report must be a new file.*\. Pass its path\.$/)
    })

    it('if its folder does not exist', async () => {
      const file = join(await newFile(), 'report.md')
      expect(await refusal(file)).toBe(
        '--report is in a folder that does not exist. Create the folder, or pass a different path.',
      )
      expect(await isMissing(file)).toBe(true)
    })

    it('in a git repository, where it could be committed', async () => {
      const message =
        '--report is in a git repository. Pass a path outside of it: what is private could be committed and published.'
      const folder = join(await newFile(), '..')
      await mkdir(join(folder, 'clone', '.git'), { recursive: true })
      await mkdir(join(folder, 'clone', 'a', 'b'), { recursive: true })
      await mkdir(join(folder, 'worktree'))
      await writeFile(join(folder, 'worktree', '.git'), 'gitdir: ../clone/.git/worktrees/a\n')
      for (const place of ['clone', 'clone/a/b', 'worktree'])
        expect(await refusal(join(folder, place, 'report.md')), place).toBe(message)
      // the repository of these tests
      expect(await refusal('report.md')).toContain('--report is in a git repository (got "report.md").')
    })

    it.each([['--list'], ['--dry-run'], ['--show', 'header/get']])('without an audit: %s', async (...more) => {
      const file = await newFile()
      expect(await refusal(file, ...more)).toBe(
        `--report and ${more[0]} cannot be combined: only an audit has a report.`,
      )
      expect(await isMissing(file)).toBe(true)
    })
  })
})

describe('audit of a server that fails', () => {
  const failing = async (answer: string | undefined): Promise<string> =>
    startFront(await startServe(), async (bytes, send) => {
      const response = await send(bytes)
      return statusOf(response) === 403 && bytes.includes('Signature') ? answer : response
    })
  const only = ['--only', 'header/wrong-digit', '--only', 'header/wrong-secret', '--only', 'header/get']

  it.each([
    ['without a response', undefined, 'no response in time'],
    ['with an empty response', '', 'closed without a response'],
    ['with something else', '\0\x01SSH-2.0\r\n\r\n', 'not an HTTP response'],
  ])('%s has rows of errors', async (_, answer, problem) => {
    const url = await failing(answer)
    const [code, { tests }] = await auditJson(url, ...only, '--timeout', '1s')
    expect(code).toBe(0)
    expect(tests.map(({ verdict, problem }) => [verdict, problem])).toEqual([
      ['right', undefined],
      ['error', problem],
      ['error', problem],
    ])
    const { stdout } = await run(['audit', url, '--bucket', 'test', ...FAST, ...only, '--timeout', '1s'])
    expect(stdout).toContain(`\nErrors of the server\n  header/wrong-secret: ${problem}\n`)
  })

  it('with status 500 has rows of errors, and with a redirect is untested', async () => {
    const other = await startHttp((_, response) => response.end())
    const fail = await failing('HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n')
    const [, { tests }] = await auditJson(fail, ...only)
    expect(tests.map(({ verdict, status }) => [verdict, status])).toEqual([
      ['right', 200],
      ['error', 500],
      ['error', 500],
    ])
    const moved = await failing(`HTTP/1.1 307 Moved\r\nLocation: ${other.url}\r\nConnection: close\r\n\r\n`)
    const [, redirected] = await auditJson(moved, ...only)
    expect(redirected.tests.map(({ verdict }) => verdict)).toEqual(['right', 'untested', 'untested'])
    expect(other.connections()).toBe(0)
  })

  it.each([
    ['redirects', 307, 'redirects a valid request to list the bucket: status 307. Redirects are not followed.'],
    ['fails', 500, 'rejects a valid request to list the bucket: status 500. Check the credentials'],
    ['rejects', 403, 'rejects a valid request to list the bucket: status 403. Check the credentials'],
  ])('every time: it %s', async (_, status, message) => {
    const other = await startHttp((_, response) => response.end())
    const { url, connections } = await startHttp((_, response) => {
      response.writeHead(status, { location: other.url }).end()
    })
    expect(await errorOf(['audit', url, '--bucket', 'test', ...FAST])).toContain(message)
    expect([connections(), other.connections()]).toEqual([2, 0])
  })

  it('every time: it is missing, does not respond, or is not a server of HTTP', async () => {
    const silent = await startFront(await startServe(), async () => undefined)
    const args = ['--bucket', 'test', '--timeout', '1s']
    expect(await errorOf(['audit', silent, ...args])).toContain('no response in time')
    const strange = await startFront(await startServe(), async () => 'SSH-2.0-server\r\n')
    expect(await errorOf(['audit', strange, ...args])).toContain('not an HTTP response')
    expect(await errorOf(['audit', 'http://127.0.0.1:1', ...args])).toContain('no connection')
    const { url } = await startHttp((_, response) => response.end())
    expect(await errorOf(['audit', url.replace('http', 'https'), ...args])).toContain(
      'no TLS connection. Check the URL, and whether NODE_EXTRA_CA_CERTS must name its certificate.',
    )
  })

  it('at many requests in a row, and responds to valid ones, has rows of errors', async () => {
    const url = await startFront(await startServe(), async (bytes, send) => {
      const response = await send(bytes)
      return statusOf(response) === 400 ? undefined : response
    })
    const args = ['--only', 'MalformedClaim', '--timeout', '1s', '--concurrency', '16']
    const [code, { tests, stopped }] = await auditJson(url, ...args)
    expect([code, stopped]).toEqual([0, undefined])
    expect(tests.filter(({ problem }) => problem === 'no response in time').length).toBeGreaterThan(16)
    expect(tests.filter(({ verdict }) => verdict !== 'error' && verdict !== 'right')).toEqual([])
  })

  it('at a valid write cannot be audited', async () => {
    const url = await startFront(await startServe(), async (bytes, send) =>
      bytes.startsWith('PUT ') ? 'HTTP/1.1 507 Full\r\nContent-Length: 0\r\n\r\n' : send(bytes),
    )
    const message = await errorOf(['audit', url, '--bucket', 'test', ...FAST])
    expect(message).toContain('rejects a valid request to store an object: status 507. Check the credentials')
  })

  it('after a while stops the audit', async () => {
    let count = 0
    const url = await startFront(await startServe(), async (bytes, send) => (++count > 30 ? undefined : send(bytes)))
    const args = ['audit', url, '--bucket', 'test', ...FAST, '--timeout', '1s', '--concurrency', '16', '--keep']
    const { code, stdout } = await run(args)
    expect(code).toBe(0)
    expect(stdout).toContain('The server stopped responding. The other tests were not sent.')
  })
})

describe('an audit that is interrupted', () => {
  it.each(isDeep ? [0, 3, 9, 40, 77, 150, 260, 333, 420, 505] : [0, 9, 77, 333])(
    'after %i requests leaves nothing in the bucket',
    async (last) => {
      const server = await startServe()
      await request(server, 'PUT', '/test/mine.txt', 'mine')
      let interrupt = (): void => {}
      const interrupted = new Promise<void>((resolve) => {
        interrupt = resolve
      })
      let count = 0
      let later = 0
      const deleted: string[] = []
      const url = await startFront(server, (bytes, send) => {
        if (++count > last) interrupt()
        if (count > last && !/^DELETE |list-type/.test(bytes)) later++
        if (bytes.startsWith('DELETE ')) deleted.push(bytes.split(' ')[1]!)
        return send(bytes)
      })
      const args = ['audit', url, '--bucket', 'test', '--rate', '2000', '--region', 'us-east-1', '--yes']
      const message = await errorOf(args, { interrupted })
      expect(message).toMatch(/^the audit was interrupted after \d+ requests, and what it stored is deleted\.$/)
      expect(await keysIn(server)).toEqual(['mine.txt'])
      // what was under way, or comes before the tests
      expect(later).toBeLessThanOrEqual(20)
      expect(deleted.filter((target) => !/^\/test\/sigv4-audit-[\da-f]{12}\//.test(target))).toEqual([])
    },
  )
})

describe('an audit that asks', () => {
  const prepare = async (): Promise<string[]> => {
    const server = await startServe()
    await request(server, 'PUT', '/test/mine.txt', 'mine')
    return ['audit', server.url, '--bucket', 'test', ...FAST, '--only', 'header/get']
  }
  const asked = (stdin: string): Setting => ({ stdin, isInteractive: true })

  it('needs --yes if the bucket is not empty and there is no terminal', async () => {
    const args = await prepare()
    const message = await errorOf(args)
    expect(message).toMatch(/^The bucket test is not empty\. .* Pass --yes to do so, or a different bucket\.$/)
    expect((await run([...args, '--yes'])).code).toBe(0)
    expect((await run([...args, '-y'])).code).toBe(0)
  })

  it('continues only after a yes', async () => {
    const args = await prepare()
    const question =
      'The bucket test is not empty. The audit writes below sigv4-audit-… and deletes only what it stored.'
    for (const answer of ['n\n', '\n', ''])
      expect(await run(args, asked(answer))).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`${question} Continue? [y/N] sigv4-tools: the audit was not confirmed`),
      })
    expect((await run(args, asked('y\n'))).code).toBe(0)
    expect((await run(args, asked('Yes\n'))).code).toBe(0)
    const never = { ...asked(''), interrupted: Promise.resolve() }
    expect((await run(args, never)).code).toBe(2)
  })

  it.each(['s3.us-east-1.amazonaws.com', 's3.cn-north-1.amazonaws.com.cn', 'b.s3.amazonaws.com'])(
    'asks before it sends anything to %s',
    async (host) => {
      const message = await errorOf(['audit', `https://${host}`, '--bucket', 'test', ...FAST])
      expect(message).toContain(`${host} is AWS. The audit writes`)
      expect(message).toContain('Pass --yes')
    },
  )
})

describe('the options', () => {
  const URL = 'http://127.0.0.1:9000'

  it('--list prints the tests, --only and --skip select them', async () => {
    const all = (await succeed(['audit', '--list'])).trimEnd().split('\n')
    expect(all.length).toBeGreaterThan(500)
    expect(all[0]).toMatch(/^header\/get +valid +BadSignature +\S/)
    const ids = async (...args: string[]): Promise<string[]> =>
      (JSON.parse(await succeed(['audit', '--list', '--json', ...args])) as { tests: { id: string }[] }).tests.map(
        ({ id }) => id,
      )
    expect(await ids('--only', 'header/put')).toEqual(['header/put'])
    expect(await ids('--only', 'header/wrong-*', '--skip', '*-write', '--skip', 'header/wrong-digit')).toEqual([
      'header/wrong-secret',
      'header/wrong-secret-delete',
    ])
    expect((await ids('--only', 'Expiry, ClockSkew')).every((id) => id.includes('/'))).toBe(true)
    expect(await ids('--service', 'service', '--only', 'service/get')).toEqual(['service/get'])
  })

  it('--show prints a request, what is signed, and why it is rejected', async () => {
    const text = await succeed(['audit', '--show', 'presigned/put-copy-source'])
    expect(text).toMatch(/^presigned\/put-copy-source\n/)
    expect(text).toMatch(/\n {4}PUT \/examplebucket\/up\.txt\?X-Amz-Algorithm=AWS4-HMAC-SHA256&/)
    expect(text).toMatch(/\n {4}X-Amz-Copy-Source: \/examplebucket\/secret\.txt\n/)
    expect(text).toMatch(/\n {2}signature\n {4}AWS4-HMAC-SHA256\n {4}20260310T120000Z\n/)
    expect(text).toMatch(/S3 responds +403 AccessDenied/)
    expect(text).not.toContain('{{')
    const { id, note } = JSON.parse(await succeed(['audit', '--show', 'header/wrong-digit', '--json']))
    expect([id, note.severity]).toEqual(['header/wrong-digit', 'security'])
    for (const id of ['header/get', 'post/form', 'header/v2'])
      expect((await run(['audit', '--show', id])).stdout).toBeDefined()
  })

  it('--dry-run prints requests with the current time, and sends nothing', async () => {
    const { url, connections } = await startHttp((_, response) => response.end())
    const args = ['audit', url, '--bucket', 'test', '--only', 'header/put', '--dry-run']
    const text = await succeed(args)
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    expect(text).toMatch(
      /^# header\/put, valid: .*\nPUT \/test\/sigv4-audit-[\da-f]{12}\/header-put\/up.txt HTTP\/1.1\n/,
    )
    expect(text).toContain(`Credential=${KEY}/${day}/`)
    const json = await succeed([...args, '--json', '--virtual-host', '--prefix', 'a/b/'])
    const [first] = (JSON.parse(json) as { requests: { id: string; request: string }[] }).requests
    expect(first!.request).toMatch(/^PUT \/a\/b\/sigv4-audit-/)
    expect(`${text}${json}`).not.toContain(SECRET)
    expect(connections()).toBe(0)
  })

  it.each([
    [[], 'the URL is missing.'],
    [['127.0.0.1:9000'], 'the URL must start with https:// or http://'],
    [[`${URL}/test`, '--bucket', 'b'], 'the URL must consist of a host and a port only.'],
    [['http://a:b@127.0.0.1', '--bucket', 'b'], 'the URL must consist of a host and a port only.'],
    [[URL], '--bucket is missing.'],
    [[URL, '--bucket', 'a/b'], '--bucket is not the name of a bucket'],
    [[URL, '--bucket', 'b', '--prefix', '../a'], '--prefix must be a folder'],
    [[URL, '--bucket', 'b', '--prefix', '/a'], '--prefix must be a folder'],
    [[URL, '--bucket', 'b', '--only', 'Nothing'], '--only is not a class or ID of a test (got "Nothing").'],
    [[URL, '--bucket', 'b', '--skip', 'x/*'], '--skip is not a class or ID of a test'],
    [[URL, '--bucket', 'b', '--skip', '*'], '--skip leaves no tests.'],
    [['--show', 'nothing'], '--show is not the ID of a test (got "nothing").'],
    [[URL, '--bucket', 'b', '--concurrency', '0'], '--concurrency must be an integer between 1 and 64'],
    [[URL, '--bucket', 'b', '--rate', 'x'], '--rate must be an integer'],
    [[URL, '--bucket', 'b', '--timeout', '0'], '--timeout must be at least 1s.'],
    [[URL, '--bucket', 'b', '--region', 'a b'], '--region must be a name'],
    [[URL, '--bucket', 'b', '--only', 'SessionToken'], 'the selected tests need credentials with a session token.'],
    [[URL, '--json', '--markdown'], '--json and --markdown cannot be combined.'],
    [[URL, '--path', '/x'], '--path requires --service.'],
    [[URL, '--service', 's3'], '--service must be the signing name of a service other than s3'],
    [[URL, '--service', 'sqs', '--bucket', 'b'], '--service and --bucket cannot be combined.'],
    [[URL, '--service', 'sqs', '--path', 'x'], '--path must start with a slash'],
    [[URL, '--service', 'sqs', '--path', '/a/../b'], '--path must start with a slash'],
  ])('are checked: %j', async (args, message) => {
    expect(await errorOf(['audit', ...args])).toContain(message)
  })

  it('need credentials', async () => {
    expect(await errorOf(['audit', URL, '--bucket', 'b'], { env: {} })).toContain('no credentials found')
  })
})

describe('audit of a service other than S3', () => {
  const start = (check: boolean) =>
    startHttp(async (message, response) => {
      const pieces: Buffer[] = []
      for await (const piece of message) pieces.push(piece)
      const { method = '', url = '', rawHeaders } = message
      const received = { method, url, headers: {}, rawHeaders, body: Buffer.concat(pieces) }
      const options = { credentials: () => credentials, region: 'us-east-1', service: 'tasks' }
      const error = await verify(received, options).then(
        () => undefined,
        (error: { status: number; awsCode: string }) => error,
      )
      const isRejected = error && (check || error.awsCode !== 'RequestTimeTooSkewed')
      // what is verified need not exist
      response.writeHead(isRejected ? error.status : 404).end()
    })

  it('finds nothing if its requests are verified', async () => {
    const { url } = await start(true)
    const args = ['audit', url, '--service', 'tasks', '--path', '/api', ...FAST, '--json', '--strict']
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toBe('')
    const report = JSON.parse(stdout) as Report
    expect([code, foundIn(report)]).toEqual([0, []])
    expect(report.tests.length).toBeGreaterThan(60)
  })

  it('finds what is accepted', async () => {
    const { url } = await start(false)
    const args = ['audit', url, '--service', 'tasks', '--path', '/api', ...FAST, '--json']
    const { code, stdout } = await run(args)
    const found = foundIn(JSON.parse(stdout) as Report)
    expect(code).toBe(1)
    expect(found.length).toBeGreaterThan(0)
    for (const [, severity] of found) expect(severity).toBe('security')
    const selected = await run([...args.slice(0, -1), '--only', 'ClockSkew'])
    expect([selected.code, selected.stdout]).toEqual([1, expect.stringContaining('security: ClockSkew')])
  })

  it('requires that a valid request is accepted', async () => {
    const { url } = await startHttp((_, response) => response.writeHead(403).end())
    const args = ['audit', url, '--service', 'tasks', ...FAST]
    expect(await errorOf(args)).toContain('rejects a valid request to the service: status 403.')
  })
})

describe('a verdict', () => {
  it.each([
    ['invalid', 403, 200, 'right'],
    ['invalid', 200, 200, 'accepted'],
    ['invalid', 303, 200, 'accepted'],
    ['invalid', 200, 403, 'untested'],
    ['invalid', 403, 500, 'untested'],
    ['invalid', 404, 200, 'untested'],
    ['invalid', 405, 200, 'untested'],
    ['invalid', 501, 200, 'untested'],
    ['invalid', 301, 200, 'untested'],
    ['invalid', 500, 200, 'error'],
    ['invalid', 0, 200, 'error'],
    ['valid', 204, undefined, 'right'],
    ['valid', 403, undefined, 'rejected'],
    ['valid', 404, undefined, 'untested'],
    ['valid', 503, undefined, 'error'],
    ['acceptable', 403, 200, 'either'],
    ['acceptable', 200, 200, 'either'],
    ['acceptable', 0, 200, 'error'],
  ] as const)('of an %s request with status %i, whose sibling has %s, is %s', (result, status, sibling, verdict) => {
    expect(judge({ result }, 's3', { status, sibling })).toBe(verdict)
  })

  it('is one of security only if the fault may have had an effect', () => {
    const note = { severity: 'security' } as const
    expect(severityOf('accepted', note, true)).toBe('security')
    expect(severityOf('accepted', note, undefined)).toBe('security')
    expect(severityOf('accepted', note, false)).toBe('interoperability')
    expect(severityOf('rejected', note, undefined)).toBe('interoperability')
    expect(severityOf('untested', note, undefined)).toBeUndefined()
  })

  it('of a service compares with the response to a valid request', () => {
    expect(isAccepted('service', { status: 404, sibling: undefined })).toBe(true)
    expect(isAccepted('service', { status: 403, sibling: undefined })).toBe(false)
    expect(isAccepted('service', { status: 404, sibling: 404 })).toBe(true)
    expect(isAccepted('service', { status: 200, sibling: 404 })).toBe(false)
  })
})
