import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SigV4VerifyError, type VerifyOptions, verify } from '../../src/verify.ts'
import {
  accepted,
  asNode,
  asPairs,
  attacks,
  errorOf,
  type Forged,
  type Forging,
  forge,
  HOST,
  isS3,
  NOW,
  type Pair,
  scopedKey,
  target,
  words,
} from '../support/attacks/attacker.ts'
import { sendRaw } from '../support/hand.ts'
import { decode } from '../support/oracle.ts'

// An attacker must not have a request accepted that a URL parser reads differently from the signed one.

const attack = attacks()
const OPTIONS: VerifyOptions = { credentials: scopedKey, now: NOW }

/** A parsed target. */
interface Reading {
  host: string
  path: string
  parameters: string[]
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
/** Decodes decode as UTF-8, as a server does. */
const utf8 = (latin1: string): string => text(Buffer.from(latin1, 'latin1'))
const parameter = ([name, value]: readonly [string, string]): string => JSON.stringify([name, value])

/** Returns the signed target from the canonical request. */
function signedReading({ canonical, scope }: Forged): Reading {
  const [, path, query, ...lines] = canonical.split('\n')
  const host = lines.find((line) => line.startsWith('host:'))!.slice(5)
  const once = decode(path!)
  const isOnce = isS3(scope.split('/')[2]!)
  const pairs = query!.split('&').filter(Boolean)
  return {
    host,
    path: text(isOnce ? once : decode(once.toString('latin1'))),
    parameters: pairs.map((pair) => parameter(pair.split('=').map((part) => text(decode(part))) as Pair)).sort(),
  }
}

/** The parser of Node 20 keeps dot segments after a segment like `.a`, contrary to the URL standard. */
function withoutDots(pathname: string): string {
  const kept: string[] = []
  for (const [at, segment] of pathname.split('/').slice(1).entries()) {
    const isLast = at === pathname.split('/').length - 2
    const dots = segment.replace(/%2e/gi, '.')
    if (dots === '..') kept.pop()
    if (dots !== '..' && dots !== '.') kept.push(segment)
    else if (isLast) kept.push('')
  }
  return `/${kept.join('/')}`
}

/** Returns the target from `new URL(request.url, base)`, as servers parse it. */
function urlReading({ host, pathname, searchParams }: URL): Reading {
  const isSigned = ([name]: Pair): boolean => name !== 'X-Amz-Signature'
  return {
    host,
    path: text(decode(withoutDots(pathname))),
    parameters: [...searchParams].filter(isSigned).map(parameter).sort(),
  }
}

/** Throws if a URL parser reads an accepted target differently from the signed one. */
function expectSame(url: string, forged: Forged): void {
  const signed = signedReading(forged)
  for (const scheme of ['http', 'https']) {
    let read: URL
    try {
      read = new URL(utf8(url), `${scheme}://${signed.host}`)
    } catch (error) {
      throw new Error(`accepted, but it is not a URL: ${JSON.stringify(url)} ${error}`)
    }
    // Default ports and IPv4 addresses have several spellings. Everything else must equal the signed host.
    const isPlain = /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d*)?$/i.test(signed.host)
    const host = isPlain ? new URL(`${read.protocol}//${signed.host}`).host : signed.host
    const one = JSON.stringify({ ...signed, host })
    const other = JSON.stringify(urlReading(read))
    if (one !== other) throw new Error(`accepted ${JSON.stringify(url)}: signed ${one}, read ${other}`)
    if (read.username || read.password) throw new Error(`accepted with user info: ${JSON.stringify(url)}`)
    if (read.hash) throw new Error(`accepted with a fragment: ${JSON.stringify(url)}`)
  }
}

const KINDS: Forging[] = [
  { location: 'header', service: 's3' },
  { location: 'query', service: 's3' },
  { location: 'header', service: 'sqs' },
  { location: 'query', service: 'sqs' },
]

const NAMES = ['a', 'b', 'photos', 'cat.jpg', 'x y', '\xc3\xa9', '\xff', '~', '-_.']
const MARKS = words('/ // . .. /. /.. /./ /../ ... \\ + ; : @ , = & ! *')
const ODD = [...words('\' ( ) $ " < > ^ ` { } | [ ] # ?'), '\t', '\n', '\r', '\0', ' ']
const ESCAPES = words(`
  %2F %2f %5C %2e %2E %2e%2e .%2e %20 %2B %25 %252e %252F %00 %0A %C3%A9 %E9 %41 %7E %23 %3F %26 %3D %3B % %z %2 %u002e`)

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 4, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD) },
  { weight: 3, arbitrary: fc.constantFrom(...ESCAPES) },
)
const pathPieces = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('')}`)
const queryPieces = fc.oneof(
  fc.constant(''),
  fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
)

const EVIL = 'evil.example.com'
const AUTHORITIES = [
  ...words(`
    ${HOST} ${HOST}:80 ${HOST}:443 ${HOST}:8080 ${HOST}: ${HOST}:080 ${HOST}:80:80 ${HOST}. ${HOST.toUpperCase()}
    ${HOST.replace('.', '%2e')} ${HOST.replace('.', '\u3002')} ${HOST.replace('f', '\uff46')} ${HOST.replace('e', '\u00ad')}
    user@${HOST} user:password@${HOST} @${HOST} :@${HOST} ${HOST}@${EVIL} ${EVIL}@${HOST} ${EVIL}@${HOST}@${EVIL}
    ${EVIL}%40${HOST} ${EVIL}\\@${HOST} ${HOST}\\@${EVIL} ${HOST}\\evil ${HOST}#${EVIL} ${HOST}?${EVIL} ${EVIL}#${HOST}
    ${EVIL}?${HOST} ${EVIL}/${HOST} ${EVIL};${HOST} ${EVIL},${HOST} ${HOST},${EVIL} ${EVIL} a.${HOST} ${HOST}.${EVIL}
    ${HOST}%00 localhost 127.0.0.1 [::1] 0 :80 @ :`),
  ...['', `${HOST}\t`, `\t${HOST}`, `${HOST}\n`, ` ${HOST}`, `${HOST} `, `${HOST}\0`],
]
const SCHEMES = ['http://', 'https://', 'HTTP://', 'HtTpS://', 'ftp://', 'ws://', 'file://', 'javascript://', 'x://']
const SLASHES = [...words('http: http:/ http:/// http://// http:\\\\ http:/\\ // /\\'), 'http:\t//', 'h\nttp://']
const OTHER_SLASHES = [
  ...words('\\\\ \\/ /// //// : ://'),
  ...['/\t/', '/\n/', '/\r/', ' //', ' http://', '\thttp://', '\0http://'],
]

const prefix = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...SCHEMES), fc.constantFrom(...AUTHORITIES))
      .map(([scheme, authority]) => scheme + authority),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...SLASHES, ...OTHER_SLASHES), fc.constantFrom(...AUTHORITIES))
      .map(([slashes, authority]) => slashes + authority),
  },
)

describe('an accepted target', () => {
  it('is read by a URL parser as signed, in any signed form', async () => {
    let taken = 0
    let absolute = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...KINDS),
        prefix,
        pathPieces,
        queryPieces,
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        async (kind, start, path, query, isNode, which) => {
          // The attacker has a signature for any interpretation by the library, including the host.
          const host = which || !start ? HOST : start.replace(/^[^/\\]*[/\\]*/, '')
          const forged = forge({ ...kind, path, query, host })
          const url = start + target(forged)
          const request = { ...(isNode ? asNode : asPairs)(forged), url }
          const error = await errorOf(verify(request, OPTIONS))
          if (error) {
            await attack.rejected(Promise.reject(error), url)
            return
          }
          taken++
          if (start) absolute++
          expectSame(url, forged)
        },
      ),
      { numRuns: 5000 },
    )
    expect(taken).toBeGreaterThan(400)
    expect(absolute).toBeGreaterThan(5)
  })

  it('is read as signed if the target was changed after signing', async () => {
    const bases = KINDS.flatMap((kind) =>
      ['/', '/photos/cat.jpg', '/a/b/', '/r%C3%A9sum%C3%A9.pdf', '/a%20b/c', '/x%2Fy'].map((path) =>
        forge({ ...kind, path, query: 'a=b%2Fc&d=' }),
      ),
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bases),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2), piece), { minLength: 1, maxLength: 2 }),
        async (forged, edits) => {
          let url = target(forged)
          for (const [position, length, added] of edits) {
            const at = position % (url.length + 1)
            url = url.slice(0, at) + added + url.slice(at + length)
          }
          if (url === target(forged)) return
          const error = await errorOf(verify({ ...asNode(forged), url }, OPTIONS))
          if (error) {
            await attack.rejected(Promise.reject(error), url)
            return
          }
          taken++
          expectSame(url, forged)
        },
      ),
      { numRuns: 2000 },
    )
    expect(taken).toBeLessThan(400)
  })

  it('of any sequence of dots and slashes is read as signed', async () => {
    const parts = ['', '.', '..', '%2e', '%2E.', '.%2e', '%2e%2E', 'a', '%2F', '...', '+', '%2B']
    for (const kind of KINDS)
      for (const one of parts)
        for (const two of parts)
          for (const end of ['', '/', '/..', '/%2e%2e', '/a']) {
            const forged = forge({ ...kind, path: `/x/${one}/${two}${end}` })
            const error = await errorOf(verify(asNode(forged), OPTIONS))
            if (error) await attack.rejected(Promise.reject(error), forged.path)
            else expectSame(target(forged), forged)
          }
  })
})

/** The response to any target in a different form or for a different host. */
const INVALID = { code: 'ERR_SIGV4_AUTH_MALFORMED', awsCode: 'InvalidURI', status: 400 }

async function expectInvalid(request: Parameters<typeof verify>[0], what: unknown, options = OPTIONS): Promise<void> {
  const error = await attack.rejected(verify(request, options), what)
  if (error.code !== INVALID.code || error.awsCode !== INVALID.awsCode || error.status !== INVALID.status)
    throw new Error(`${error.status} ${error.awsCode} ${error.code}: ${JSON.stringify(what)}`)
}

describe('a target in absolute form', () => {
  const ACCEPTED = [
    ['http://', HOST, HOST],
    ['https://', HOST, HOST],
    ['HTTP://', HOST, HOST],
    ['http://', `${HOST}:80`, HOST],
    ['https://', `${HOST}:443`, HOST],
    ['http://', HOST, `${HOST}:80`],
    ['https://', HOST, `${HOST}:443`],
    ['http://', `${HOST}:8080`, `${HOST}:8080`],
    ['http://', '127.0.0.1:9000', '127.0.0.1:9000'],
    ['http://', '[::1]:9000', '[::1]:9000'],
  ] as const

  it.each(ACCEPTED)('%s%s is accepted with the Host header %s', async (scheme, authority, host) => {
    for (const kind of KINDS) {
      const forged = forge({ ...kind, host })
      await verify({ ...asPairs(forged), url: scheme + authority + target(forged) }, OPTIONS)
    }
  })

  it('for a different host, port or scheme is rejected', async () => {
    const same = new Set([HOST, `${HOST}:80`, `${HOST}:443`, `${HOST}:`, `${HOST}:080`, HOST.toUpperCase()])
    for (const kind of KINDS) {
      const forged = forge(kind)
      for (const authority of AUTHORITIES)
        for (const scheme of ['http://', 'https://'])
          for (const shape of [asNode, asPairs])
            if (authority.startsWith(`${HOST}?`))
              await attack.rejected(
                verify({ ...shape(forged), url: scheme + authority + target(forged) }, OPTIONS),
                'the path moved into the query',
              )
            else if (!same.has(authority))
              await expectInvalid({ ...shape(forged), url: scheme + authority + target(forged) }, [scheme, authority])
      for (const [scheme, authority] of [
        ['http://', `${HOST}:443`],
        ['https://', `${HOST}:80`],
        ['http://', `${HOST}:8080`],
      ] as const)
        await expectInvalid({ ...asNode(forged), url: scheme + authority + target(forged) }, [scheme, authority])
      for (const start of [...SCHEMES.slice(4), ...SLASHES, ...OTHER_SLASHES])
        for (const authority of [HOST, 'evil.example.com', `user@${HOST}`, ''])
          await expectInvalid({ ...asNode(forged), url: start + authority + target(forged) }, [start, authority])
    }
  })

  it('is rejected if the Host header has the same unusual authority', async () => {
    const ODD_HOSTS = AUTHORITIES.filter((one) => /[@\\%\s\0-\x20,;]|:80:|^:?$/.test(one) || one === ':80')
    expect(ODD_HOSTS.length).toBeGreaterThan(20)
    for (const kind of KINDS)
      for (const host of ODD_HOSTS)
        for (const path of ['/photos/cat.jpg', '/evil.example.com/photos/cat.jpg', '/'])
          for (const scheme of ['http://', 'https://']) {
            const forged = forge({ ...kind, host, path })
            const url = scheme + host + target(forged)
            for (const shape of [asNode, asPairs]) {
              const error = await errorOf(verify({ ...shape(forged), url }, OPTIONS))
              if (error) await attack.rejected(Promise.reject(error), url)
              else expectSame(url, forged)
            }
          }
  })

  it('with a port is rejected when the Host header has a different one', async () => {
    for (const [host, authority] of [
      [`${HOST}:8080`, HOST],
      [`${HOST}:8080`, `${HOST}:80`],
      [`${HOST}:8080`, `${HOST}:8081`],
      [`${HOST}:80`, `${HOST}:8080`],
      [HOST, `${HOST}:8080`],
      ['127.0.0.1', '127.0.0.1:1'],
      ['[::1]:9000', '[::1]'],
      ['[::1]', '[::2]'],
    ] as const)
      for (const kind of KINDS) {
        const forged = forge({ ...kind, host })
        for (const scheme of ['http://', 'https://'])
          await expectInvalid({ ...asNode(forged), url: scheme + authority + target(forged) }, [host, authority])
      }
  })

  it("is rejected with a scheme that differs from the connection's", async () => {
    for (const kind of KINDS) {
      const forged = forge(kind)
      const { rawHeaders = [], ...node } = asNode(forged)
      const encrypted = { ...node, rawHeaders, socket: { encrypted: true } }
      await verify({ ...encrypted, url: `https://${HOST}${target(forged)}` }, OPTIONS)
      await expectInvalid({ ...encrypted, url: `http://${HOST}${target(forged)}` }, 'http over TLS')
      for (const [scheme, other] of [
        ['https', 'http'],
        ['http', 'https'],
      ]) {
        const two = { ...node, rawHeaders: [':scheme', scheme!, ':authority', HOST, ...rawHeaders] }
        await verify({ ...two, url: `${scheme}://${HOST}${target(forged)}` }, OPTIONS)
        await expectInvalid({ ...two, url: `${other}://${HOST}${target(forged)}` }, `${other} with :scheme ${scheme}`)
      }
    }
  })
})

describe('a target in a different form', () => {
  it('is rejected as InvalidURI', async () => {
    const path = '/photos/cat.jpg'
    const TARGETS = [
      ...words(`
        * ? . .. photos/cat.jpg .${path} /${path} //${HOST}${path} ///${HOST}${path} /\\${HOST}${path} \\${path}
        \\photos\\cat.jpg /photos\\cat.jpg /photos/\\cat.jpg ${path}\\ ${path}# ${path}#a /photos#/cat.jpg
        ${HOST}${path} ${HOST}:443 :${path} @${path} ;${path} mailto:${path} javascript:${path} data:,${path} http:${path}`),
      ...[' ', '\t', '\n', '\0'].flatMap((mark) => [mark + path, path + mark]),
      ...['', `${path}\r\n`, `/\t${path}`],
      ...['\t', '\n', '\r', '\0', '\x1f', '\x7f'].map((mark) => `/photos/${mark}cat.jpg`),
    ]
    for (const kind of KINDS)
      for (const url of TARGETS) {
        const forged = forge({ ...kind, path: url })
        if (kind.location === 'query' && url.endsWith(' ')) continue // A space in the middle is part of the path.
        const sent = url.endsWith('?') ? url : target(forged)
        for (const shape of [asNode, asPairs]) await expectInvalid({ ...shape(forged), url: sent }, [kind, sent])
      }
  })

  it('is rejected with a backslash, a fragment or a control character in the query', async () => {
    for (const kind of KINDS)
      for (const query of [
        ...words('a=# a=b#c # a=% a=%z'),
        ...['a=\tb', 'a=\nb', 'a=\rb', 'a=\0b', 'a=b\t', 'a=b\n', '\ta=b'],
      ]) {
        const forged = forge({ ...kind, query })
        await expectInvalid(asNode(forged), query)
        if (kind.location === 'header')
          await expectInvalid({ ...asNode(forged), url: `/photos/cat.jpg?${query} ` }, query)
      }
  })
})

describe('a path that a URL parser resolves', () => {
  const DOTS = ['.', '..', '%2e', '%2E', '%2e%2e', '%2E%2E', '.%2e', '%2e.', '.%2E']
  const PATHS = DOTS.flatMap((dots) => [
    `/${dots}`,
    `/a/${dots}`,
    `/a/${dots}/b`,
    `/${dots}/a`,
    `/a/b/${dots}/${dots}/c`,
  ])

  it('is rejected on S3, where dot segments are names', async () => {
    for (const path of PATHS)
      for (const location of ['header', 'query'] as const) await expectInvalid(asNode(forge({ location, path })), path)
    for (const path of ['/a+b', '/+', '/a/+/b', '/a%20b+c'])
      for (const location of ['header', 'query'] as const) await expectInvalid(asNode(forge({ location, path })), path)
  })

  it('is rejected on a service that resolves plain dots, when they are escaped or slashes repeat', async () => {
    const paths = [
      ...PATHS.filter((path) => /%2e/i.test(path)),
      '/a//b',
      '/a//',
      '//',
      '/a/b//',
      '/a///b',
      '/a//../b',
      '/a/.//b',
    ]
    for (const path of paths)
      for (const location of ['header', 'query'] as const)
        await expectInvalid(asNode(forge({ location, path, service: 'sqs' })), path)
  })

  it('is accepted where both read the same', async () => {
    for (const location of ['header', 'query'] as const) {
      for (const path of ['/...', '/a/.b', '/a..', '/a/b', '/a+b'])
        await verify(asNode(forge({ location, path, service: 'sqs' })), OPTIONS)
      // Not every URL parser resolves every dot segment, so the application must declare that it does.
      for (const path of ['/a/./b', '/a/../b', '/a/..', '/./', '/a/b/../../c']) {
        const request = asNode(forge({ location, path, service: 'sqs' }))
        await expectInvalid(request, path)
        await verify(request, { ...OPTIONS, pathNormalization: 'rfc3986' })
      }
      for (const path of ['/', '/a//b', '/a//', '/...', '/.a', '/a..', '/a%2Fb', '/a%2Bb', '/%2F..%2F', '/a%20b', '/~'])
        await verify(asNode(forge({ location, path })), OPTIONS)
    }
  })
})

describe('a fetch Request', () => {
  const init = (forged: Forged, more: Pair[] = []): RequestInit => ({
    method: forged.method,
    headers: [...forged.headers.filter(([name]) => name !== 'host'), ...more],
  })

  it('is accepted for the signed URL, and rejected for any other', async () => {
    for (const kind of KINDS)
      for (const scheme of ['http', 'https']) {
        const forged = forge(kind)
        await verify(new Request(`${scheme}://${HOST}${target(forged)}`, init(forged)), OPTIONS)
        await verify(new Request(`${scheme}://${HOST.toUpperCase()}${target(forged)}`, init(forged)), OPTIONS)
        for (const host of ['evil.example.com', `${HOST}:8080`, `a.${HOST}`, `${HOST}.`, 'localhost', '[::1]']) {
          const url = `${scheme}://${host}${target(forged)}`
          await attack.rejected(verify(new Request(url, init(forged)), OPTIONS), url)
          // With the signed host in the Host header.
          const request = new Request(url, init(forged, [['host', HOST]]))
          if (request.headers.get('host') === HOST)
            await attack.rejected(verify(request, OPTIONS), [url, 'Host header'])
          const forwarded = new Request(url, init(forged, [['x-forwarded-host', HOST]]))
          await attack.rejected(verify(forwarded, OPTIONS), [url, 'X-Forwarded-Host'])
        }
        for (const path of ['/photos/dog.jpg', '/photos/cat.jpg/', '/photos//cat.jpg', '//photos/cat.jpg', '/'])
          await attack.rejected(
            verify(new Request(`${scheme}://${HOST}${target({ ...forged, path })}`, init(forged)), OPTIONS),
            path,
          )
      }
  })

  it('is read as signed, for generated paths', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KINDS), pathPieces, queryPieces, async (kind, path, query) => {
        const forged = forge({ ...kind, path, query })
        let request: Request
        try {
          request = new Request(`https://${HOST}${utf8(target(forged))}`, init(forged))
        } catch {
          return
        }
        const error = await errorOf(verify(request, OPTIONS))
        if (error) {
          await attack.rejected(Promise.reject(error), request.url)
          return
        }
        taken++
        expectSame(request.url.replace(/#.*/, ''), forged)
      }),
      { numRuns: 1000 },
    )
    expect(taken).toBeGreaterThan(50)
  })
})

describe('through a Node server, over a raw socket', () => {
  let port = 0
  let seen: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    seen.push(request.url!)
    verify(request, OPTIONS).then(
      () => response.end('accepted'),
      (error) => {
        response.statusCode = error instanceof SigV4VerifyError ? error.status : 500
        response.end(String(error.awsCode ?? error))
      },
    )
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  async function ask(forged: Forged, url: string): Promise<string> {
    const lines = forged.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const text = `${forged.method} ${url} HTTP/1.1\r\nConnection: close\r\n${lines}\r\n`
    const reply = await sendRaw(port, Buffer.from(text, 'latin1'))
    return reply.slice(9, 12)
  }

  it('the signed target is accepted in both forms', async () => {
    for (const kind of KINDS)
      for (const host of [HOST, `127.0.0.1:${port}`]) {
        const forged = forge({ ...kind, host })
        expect(await ask(forged, target(forged))).toBe('200')
        expect(await ask(forged, `http://${host}${target(forged)}`)).toBe('200')
        if (host === HOST) expect(await ask(forged, `HTTP://${HOST}:80${target(forged)}`)).toBe('200')
      }
  })

  it('every other target is rejected', async () => {
    seen = []
    for (const kind of KINDS) {
      const forged = forge(kind)
      const own = target(forged)
      const TARGETS = [
        ...AUTHORITIES.filter(
          (one) => !/^files\.example\.com(?::|:80|:080)?$/i.test(one) && !/[^\x21-\x7e]/.test(one),
        ).map((authority) => `http://${authority}${own}`),
        `https://${HOST}:80${own}`,
        `ftp://${HOST}${own}`,
        `//${HOST}${own}`,
        `/${own}`,
        `http:${own}`,
        `http:/${HOST}${own}`,
        `http:///${HOST}${own}`,
        `${own}#a`,
        own.replace('/photos/', '/photos/../photos/'),
        own.replace('/photos/', '/photos/%2e%2e/photos/'),
        own.replace('/photos/', '/photos\\'),
        own.replace('/photos/', '\\photos/'),
        '*',
        HOST,
        `${HOST}:443`,
        own.slice(1),
        `\xc3\xa9${own}`,
        `${own.replace('cat', 'c\xffat')}`,
      ]
      for (const url of TARGETS) {
        const status = await ask(forged, url)
        if (url.startsWith('/photos/../photos/') && kind.service === 'sqs') continue // Resolved by both.
        if (!/^4\d\d$/.test(status)) throw new Error(`${status}: ${url}`)
        attack.counted()
      }
    }
    expect(seen.length).toBeGreaterThan(100) // Node's parser does not reject all of them.
  })
})

describe('a request that signs :authority in place of host, as over HTTP/2', () => {
  const signed = (authority: string): Forged => forge({ without: ['host'], headers: { ':authority': authority } })
  const sent = (authority: string | undefined, ...more: Pair[]): Forged => {
    const { headers, ...rest } = signed(HOST)
    const own = headers.filter(([name]) => name !== ':authority')
    return {
      ...rest,
      headers: [...(authority === undefined ? [] : ([[':authority', authority]] as Pair[])), ...own, ...more],
    }
  }
  const OTHER = 'other.example.com'

  it('is accepted for the host that was signed', async () => {
    await accepted(sent(HOST), OPTIONS)
    await accepted(sent(HOST, ['host', HOST]), OPTIONS)
    await accepted(sent(OTHER, ['host', '10.0.0.1:8080']), { ...OPTIONS, host: HOST })
  })

  it('is rejected for every other host', async () => {
    const changes: Forged[] = [
      sent(OTHER),
      sent(''),
      sent(`${HOST}.`),
      sent(`${HOST}:444`),
      sent(HOST, ['host', OTHER]),
      sent(HOST, ['Host', OTHER]),
      sent(HOST, ['host', '']),
      sent(HOST, ['host', HOST.toUpperCase()]),
      sent(HOST, ['host', HOST], ['host', OTHER]),
      sent(HOST, [':authority', OTHER]),
      sent(HOST, [':authority', HOST]),
      sent(OTHER, ['host', HOST]),
      sent(OTHER, [':authority', HOST]),
      sent(undefined),
      sent(undefined, ['host', HOST]),
      sent(undefined, ['authority', HOST]),
    ]
    for (const changed of changes)
      for (const shape of [asPairs, asNode]) await attack.rejected(verify(shape(changed), OPTIONS), changed.headers)
    for (const changed of changes.slice(0, 9))
      await attack.rejected(verify(asPairs(changed), { ...OPTIONS, host: OTHER }), changed.headers)
  })

  it('is rejected if no host is signed, or another pseudo-header', async () => {
    const empty = signed('')
    const headers = empty.headers.filter(([name]) => name !== ':authority')
    for (const more of [[], [['host', HOST]] as Pair[]])
      await attack.rejectedInAllShapes({ ...empty, headers: [...headers, ...more] }, 'empty', OPTIONS, /NOT_SIGNED/)
    const unsigned = forge({ without: ['host'], unsigned: { ':authority': HOST } })
    await attack.rejectedInAllShapes(unsigned, 'unsigned', OPTIONS, /HEADER_NOT_SIGNED/)
    for (const name of [':path', ':method', ':scheme', ':', '::authority', ':authority '])
      await attack.rejectedInAllShapes(forge({ headers: { [name]: HOST } }), name, OPTIONS)
    for (const signedHeaders of [':authority', ':authority;:authority', 'host;:authority', ':Authority', ''])
      await attack.rejectedInAllShapes(
        forge({ without: ['host'], headers: { ':authority': HOST }, signedHeaders }),
        signedHeaders,
        OPTIONS,
      )
  })
})

it('at least 11,000 targets were tried', () => {
  expect(attack.count).toBeGreaterThan(11_000)
})
