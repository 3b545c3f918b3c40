import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { errorOf, run, type Setting } from '../support/cli.ts'

// A hostile server under audit: it sees the folder of the audit, and responds with whatever it likes. It must not choose what
// is deleted or when requests are signed, and it must not keep the audit from its end, or use up its memory.

/** Longer than a test may take: what waits for a response fails. */
const ENDLESS = ['--timeout', '10m']
const CONTROL = /[^\n\x20-\x7e…]/

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Received {
  readonly method: string
  /** The request target. */
  readonly target: string
  readonly text: string
  /** The folder of the audit, as soon as it is known. */
  readonly folder: string
}

/** Returns what to send; nothing if the attack itself writes to the socket. */
type Attack = (request: Received, socket: Socket) => string | undefined

const response = (body = '', status = '200 OK', more = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const list = (...keys: readonly string[]): string =>
  response(
    `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`,
  )
const DENIED = response('<Error><Code>AccessDenied</Code></Error>', '403 Forbidden')

const isList = ({ target }: Received): boolean => target.includes('list-type=2')

/** What is needed for an audit to send its tests: an empty bucket, valid writes, and a wrong signature that is rejected. */
const honest = (request: Received): string => {
  if (isList(request)) return list()
  return request.method === 'GET' ? DENIED : response()
}

/** Starts a server on raw sockets, and records what it receives. */
async function start(attack: Attack): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let folder = ''
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    let isDone = false
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', (piece) => {
      text += piece
      if (isDone || !text.includes('\r\n\r\n')) return
      isDone = true
      const [method = '', target = ''] = text.split(' ')
      folder ||= /sigv4-audit-[\da-f]{12}\//.exec(decodeURIComponent(text.slice(0, 200)))?.[0] ?? ''
      const request = { method, target, text, folder }
      received.push(request)
      const answer = attack(request, socket)
      if (answer !== undefined) socket.end(answer, 'latin1')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, received }
}

const ONE = ['--only', 'header/put']

const argumentsFor = (url: string, ...more: readonly string[]): string[] => [
  ...['audit', url, '--bucket', 'test', '--yes', '--region', 'us-east-1', '--rate', '10000'],
  ...more,
]

/** Audits a server, in at most so many seconds. */
async function audit(url: string, more: readonly string[] = ONE, setting: Setting = {}) {
  const outcome = await run(argumentsFor(url, ...more), setting)
  expect(outcome.stdout + outcome.stderr).not.toContain(SECRET)
  expect(outcome.stdout + outcome.stderr).not.toMatch(CONTROL)
  return outcome
}

const deletedIn = (received: readonly Received[]): string[] =>
  received.filter(({ method }) => method === 'DELETE').map(({ target }) => target)

/** Returns a promise, and the function that resolves it: Ctrl-C. */
function interruption(): [interrupted: Promise<void>, interrupt: () => void] {
  let interrupt = (): void => {}
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve
  })
  return [interrupted, interrupt]
}

describe('what is deleted', () => {
  it.each([
    '../mine.txt',
    '../../mine.txt',
    'header-put/../../mine.txt',
    '..',
    './../mine.txt',
    '%2e%2e/mine.txt',
    '..%2fmine.txt',
    '%252e%252e/mine.txt',
    '..\\mine.txt',
    '..;/mine.txt',
    '\u00c0\u00ae\u00c0\u00ae/mine.txt',
    '\uff0e\uff0e/mine.txt',
    '&#46;&#46;/mine.txt',
    '.&#x9;./mine.txt',
    'header-put/other.txt',
    'other-folder/up.txt',
    'header-put/up.txt/',
    'HEADER-PUT/up.txt',
  ])('is not a key of its folder that no test stores: %j', async (key) => {
    const { url, received } = await start((request) =>
      isList(request) && request.folder !== '' ? list(`${request.folder}${key}`) : honest(request),
    )
    const { stderr } = await audit(url)
    const folder = `/test/${received.at(-1)!.folder}`
    const own = ['read/read.txt', 'header-put/up.txt', 'header-put/read.txt', 'header-put/secret.txt']
    expect(deletedIn(received).filter((target) => !own.some((name) => target === folder + name))).toEqual([])
    // but the user learns of it
    expect(stderr).toMatch(/^Not deleted, because no test stored it:$/m)
  })

  it('is not a key outside of its folder', async () => {
    const { url, received } = await start((request) =>
      isList(request) && request.folder !== ''
        ? list('mine.txt', `x/${request.folder}up.txt`, `/${request.folder}up.txt`, '../mine.txt')
        : honest(request),
    )
    await audit(url)
    expect(deletedIn(received).every((target) => target.startsWith(`/test/${received.at(-1)!.folder}`))).toBe(true)
  })

  it('is a key that a test chose itself, even one that was rejected, and lists encode', async () => {
    const { url, received } = await start((request) => {
      if (!isList(request) || request.folder === '') return honest(request)
      const [one, other] = ['target-key-reserved/a+b=c&amp;d?e#f.txt', 'post-filename/up/cat.txt']
      const raw = 'post-filename/up/$&#123;filename}'
      const isGone = received.some(({ method }) => method === 'DELETE')
      return isGone ? list() : list(...[one, other, raw].map((key) => request.folder + key))
    })
    const { stderr } = await audit(url, ['--only', 'target/key-reserved,post/filename'])
    expect(stderr).toBe('')
    const folder = `/test/${received.at(-1)!.folder}`
    expect(deletedIn(received)).toEqual(
      expect.arrayContaining([
        `${folder}target-key-reserved/a%2Bb%3Dc%26d%3Fe%23f.txt`,
        `${folder}post-filename/up/cat.txt`,
        `${folder}post-filename/up/%24%7Bfilename%7D`,
      ]),
    )
  })
})

describe('the end of an audit', () => {
  let count = 0
  const endless: Attack = (request) =>
    isList(request) && request.folder !== ''
      ? list(...Array.from({ length: 50 }, () => `${request.folder}header-put/${count++}.txt`))
      : honest(request)

  it('comes although every list has new keys', async () => {
    const { url, received } = await start(endless)
    const { stderr } = await audit(url)
    expect(received.length).toBeLessThan(50)
    expect(stderr.split('\n').length).toBeLessThan(60)
  })

  it('comes after Ctrl-C although every list has new keys', async () => {
    const { url, received } = await start(endless)
    expect((await audit(url, ONE, { interrupted: Promise.resolve() })).code).toBe(2)
    expect(received.length).toBeLessThan(50)
  })

  it('comes although each list has one more key of a test', async () => {
    const { url, received } = await start((request) => {
      if (!isList(request) || request.folder === '') return honest(request)
      // keys that tests store, one in each list
      return list(
        `${request.folder}target-key-${['space/a b', 'tilde/a-b_c.d~e', 'slashes/a//b', 'percent/100%25', 'colon/a:b@c'][count++ % 5]}.txt`,
      )
    })
    await audit(url, ['--only', 'target/key-*'])
    expect(received.filter(isList).length).toBeLessThan(20)
  })

  it('comes at once with Ctrl-C while it deletes, and names what is left', async () => {
    const [interrupted, interrupt] = interruption()
    const { url } = await start((request) => {
      if (request.method !== 'DELETE') return honest(request)
      setTimeout(interrupt, 100)
      return undefined
    })
    const { code, stderr } = await audit(url, [...ONE, ...ENDLESS], { interrupted: [interrupted, interrupted] })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^Not deleted, because it was interrupted:$/m)
    expect(stderr).toMatch(/^ {2}sigv4-audit-[\da-f]{12}\/header-put\/up\.txt$/m)
    expect(stderr).toContain('the audit was interrupted')
  })

  it('comes with a second Ctrl-C while it deletes after the first one', async () => {
    const [interrupted, interrupt] = interruption()
    const { url } = await start((request) => {
      if (request.method !== 'DELETE') return honest(request)
      setTimeout(interrupt, 100)
      return undefined
    })
    const { stderr } = await audit(url, [...ONE, ...ENDLESS], { interrupted: [Promise.resolve(), interrupted] })
    expect(stderr).toMatch(/^Not deleted, because it was interrupted:$/m)
  })

  it('comes although no deletion gets a response', async () => {
    const { url, received } = await start((request) => (request.method === 'DELETE' ? undefined : honest(request)))
    const { stderr } = await audit(url, ['--only', 'header/*', '--timeout', '1s', '--concurrency', '16'])
    const lists = received.flatMap((request, i) => (isList(request) ? [i] : []))
    expect(received.slice(lists.at(-2)).length).toBeLessThan(40)
    expect(stderr).toMatch(/^Not deleted, because the server did not respond:$/m)
    expect(stderr.split('\n').length).toBeGreaterThan(20)
  })

  it('comes although every response starts and never ends', async () => {
    let isStarted = false
    const { url, received } = await start((request, socket) => {
      if (request.target.includes('/header-')) isStarted = true
      if (!isStarted) return honest(request)
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\n')
      return undefined
    })
    const { stdout } = await audit(url, ['--only', 'header/*', '--timeout', '1s', '--concurrency', '16'])
    expect(received.length).toBeLessThan(120)
    expect(stdout).toContain('The server stopped responding.')
  })
})

describe('responses', () => {
  const INTERIM = 'HTTP/1.1 100 Continue\r\n\r\n'

  it.each([
    ['interim responses without an end', (socket: Socket) => socket.end(INTERIM.repeat(100_000))],
    [
      'interim responses in one piece, and a response',
      (socket: Socket) => socket.end(INTERIM.repeat(20_000) + response()),
    ],
    ['headers without an end', (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(500_000)}`)],
    ['one header without an end', (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(5_000_000)}`)],
    [
      'a chunk size without an end',
      (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(5_000_000)}`),
    ],
    [
      'trailing headers without an end',
      (socket: Socket) =>
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(800_000)}`),
    ],
    [
      'many tiny chunks',
      (socket: Socket) =>
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(800_000)}`),
    ],
  ])(
    'do not crash the audit, or keep it busy: %s',
    async (_, write) => {
      let times = 0
      const { url, received } = await start((request, socket) => {
        if (!request.target.includes('/header-put/up.txt') || request.method !== 'PUT') return honest(request)
        times++
        write(socket)
        return undefined
      })
      await audit(url, [...ONE, '--timeout', '3s'])
      expect(times).toBe(1)
      // what was stored is deleted
      expect(deletedIn(received).some((target) => target.endsWith('/header-put/up.txt'))).toBe(true)
    },
    30_000,
  ) // three seconds until the timeout, and a tenth of one to parse

  it.each([
    ['a byte of a header at a time', 'HTTP/1.1 200 OK\r\nX-A: '],
    ['a byte of a body at a time', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'],
    ['a huge chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length that is not a number', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
  ])(
    'that drip end with --timeout: %s',
    async (_, head) => {
      const { url } = await start((request, socket) => {
        if (!request.target.includes('/header-put/up.txt') || request.method !== 'PUT') return honest(request)
        socket.write(head)
        const timer = setInterval(() => socket.write('a'), 20)
        socket.on('close', () => clearInterval(timer))
        return undefined
      })
      // would never end otherwise
      await audit(url, [...ONE, '--timeout', '1s'])
    },
    20_000,
  )

  it('end with their length', async () => {
    const { url } = await start((request) => {
      if (!isList(request)) return honest(request)
      return `HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<ListBucketResult/>\n<Key>mine.txt</Key>`
    })
    // the key is not a part of the list
    expect((await run(argumentsFor(url, ...ONE).filter((argument) => argument !== '--yes'))).stderr).toBe('')
  })

  it('are not kept', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const used: number[] = []
    const big = '\u00e9'.repeat(1024 * 1024)
    const { url } = await start((request) => {
      if (!/\/header-|\/read\//.test(request.target) || isList(request) || request.method === 'DELETE')
        return honest(request)
      if (used.length % 40 === 0) collect()
      used.push(process.memoryUsage().heapUsed)
      return request.method === 'GET' ? response(big, '403 Forbidden') : response(big)
    })
    await audit(url, ['--only', 'header/*'])
    collect()
    used.push(process.memoryUsage().heapUsed)
    expect(used.length).toBeGreaterThan(150)
    const samples = used.filter((_, i) => i % 40 === 0)
    expect(samples.at(-1)! - samples[0]!).toBeLessThan(60 * 1024 * 1024)
  })

  it('do not write to the terminal', async () => {
    const evil = '\u001b]0;evil\u0007\u001b[2J\u009b31m\r\u0008'
    const { url } = await start((request) => {
      if (isList(request))
        return request.folder === '' ? list() : list(`${request.folder}${evil}`, `${request.folder}&#27;[2J&#x202e;`)
      if (request.method === 'GET')
        return response(
          `<Error><Code>${evil}</Code><Message>${evil}</Message></Error>`,
          `403 ${evil}`,
          `X-${evil}: ${evil}\r\n`,
        )
      return request.target.includes('/header-put')
        ? response(`<Error><Code>A${evil}</Code></Error>`, `400 ${evil}`)
        : response()
    })
    for (const format of [[], ['--json'], ['--markdown']]) {
      const { stdout, stderr } = await audit(url, ['--only', 'header/put*', ...format])
      expect(stdout).not.toContain('evil')
      expect(stderr).not.toContain(']0;evil')
    }
    const rejecting = await start(() =>
      response(`<Error><Code>${evil}</Code></Error>`, `500 ${evil}`, `Location: ${evil}\r\n`),
    )
    expect(await errorOf(argumentsFor(rejecting.url))).not.toMatch(CONTROL)
  })

  it('write only text to a private report, and no Markdown', async () => {
    const evil = `\`\`evil\u001b[2J\u0085\n# evil\r<b>|[evil](https://evil.example)\`${'x'.repeat(10_000)}`
    const folder = mkdtempSync(join(tmpdir(), 'report-'))
    closing.push(() => rmSync(folder, { recursive: true }))
    const { url } = await start((request) => {
      if (isList(request)) return list()
      const more = `Server: ${evil}\r\n`
      if (request.method === 'GET') return response('<Error><Code>A</Code></Error>', '403 Forbidden', more)
      return response(`<Error><Code>${evil}</Code></Error>`, `200 ${evil}`, more)
    })
    const file = join(folder, 'report')
    await audit(url, ['--only', 'header/put*', '--report', file])
    const report = readFileSync(file, 'utf8')
    expect(report).not.toMatch(CONTROL)
    expect(report).toMatch(/^\*\*Confidential: /)
    expect(report.split('\n').filter((line) => line.includes('evil'))).toEqual([
      expect.stringMatching(/^- \*\*Its header `Server`\*\*: ``` ``evil\\x1b\[2J\\x85\\x0a# evil\\x0d<b>.{1,100} ```$/),
    ])
  })

  it('with entities, nested elements, or references to nothing are lists like others', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1000)}"><!ENTITY c "${'&a;'.repeat(1000)}">]>`
    const { url, received } = await start((request) =>
      isList(request) && request.folder !== ''
        ? response(
            `${bomb}<ListBucketResult>${'<Key>'.repeat(100_000)}<Key>${request.folder}&c;&constructor;&__proto__;&#99999999999999;&#xd800;&#0;</Key></ListBucketResult>`,
          )
        : honest(request),
    )
    const { stderr } = await audit(url)
    expect(stderr).not.toContain('native')
    expect(deletedIn(received).every((target) => /\/(?:read|header-put)\/\w+\.txt$/.test(target))).toBe(true)
  })

  it('cannot list more keys than were requested, or longer ones than S3 has', async () => {
    const { url } = await start((request) =>
      isList(request) && request.folder !== ''
        ? list(
            ...Array.from({ length: 20_000 }, (_, i) => `${request.folder}${i}`),
            `${request.folder}${'a'.repeat(100_000)}`,
          )
        : honest(request),
    )
    expect((await audit(url)).stderr.length).toBeLessThan(100_000)
  })
})

describe('the signing time', () => {
  const DAY = 86_400_000
  const signedAt = (text: string): number => {
    const [, date = '', time = ''] = /x-amz-date: (\d{8})T(\d{6})Z/i.exec(text) ?? []
    return Date.parse(`${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`)
  }

  it.each([
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Sat, 13 Sep 275760 00:00:00 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '+275760-09-13T00:00:00Z',
    '-271821-04-20T00:00:00Z',
    new Date(Date.now() + 2 * DAY).toUTCString(),
    new Date(Date.now() - 7 * DAY).toUTCString(),
    '99999999999999999999',
  ])('is not one that the server chooses: %s', async (date) => {
    const { url, received } = await start((request) => honest(request).replace('\r\n', `\r\nDate: ${date}\r\n`))
    expect((await audit(url)).code).not.toBe(null)
    const times = received.map(({ text }) => signedAt(text)).filter((time) => !Number.isNaN(time))
    expect(times.length).toBeGreaterThan(3)
    for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThanOrEqual(DAY)
  })

  it('is that of a server whose clock is an hour off', async () => {
    const off = new Date(Date.now() + 3_600_000).toUTCString()
    const { url, received } = await start((request) => honest(request).replace('\r\n', `\r\nDate: ${off}\r\n`))
    await audit(url)
    const [first] = received.map(({ text }) => signedAt(text)).filter((time) => !Number.isNaN(time))
    expect(Math.abs(first! - Date.parse(off))).toBeLessThan(60_000)
  })
})
