import { afterAll, describe, expect, it } from 'vitest'
import { CHARACTERS, many, repeating } from '../../../../test/support/attacks/linear.ts'
import { KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import { expectLinear, type Make } from '../../../../test/support/linear.ts'
import { parseHttp } from '../../src/cli/input/http.ts'
import { parseCanonicalRequest } from '../../src/formats/canonical-request.ts'
import { type LogEvent, logEntry } from '../../src/serve/http/log.ts'
import { memoryBytes } from '../../src/serve/store/memory.ts'
import type { Journal } from '../../src/serve/store/storage.ts'
import { openStore } from '../../src/serve/store/store.ts'
import { run, temporary } from '../support/cli.ts'

// The command line and the store take linear time, whatever they read.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const URL_ = `https://${HOST}/cat.jpg`
const { folder, write, remove } = temporary()
afterAll(remove)

const cli = async (args: string[], stdin = '', env = {}): Promise<void> => {
  const keys = { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET }
  const { code, stderr } = await run(args, { stdin, env: { ...keys, ...env }, home: folder })
  if (![0, 1, 2].includes(code!) || stderr.includes('something went wrong'))
    throw new Error(`${args[0]} exited with ${code}: ${stderr.slice(0, 200)}`)
}
const raw = (header: string): string => `GET /cat.jpg HTTP/1.1\r\nHost: ${HOST}\r\n${header}\r\n\r\n`
const log = (line: string): string =>
  `> GET /cat.jpg HTTP/1.1\r\n> Host: ${HOST}\r\n${line}\r\n>\r\n< HTTP/1.1 403 Forbidden\r\n<\r\n`
const har = (text: string): string =>
  JSON.stringify({
    log: {
      entries: [
        {
          request: { method: 'GET', url: URL_ + text, headers: [{ name: 'a', value: text }] },
          response: { status: 403, headers: [], content: { text } },
        },
      ],
    },
  })
const profiled = (text: string) =>
  cli(['presign', 'get', URL_, '--profile', 'p'], '', { AWS_SHARED_CREDENTIALS_FILE: write('p', text) })
const told = (text: string) => cli(['explain', '--response', write('r', text), 'get', URL_])

describe('the command line takes linear time for a character, repeated in', () => {
  const ROWS: Record<string, (x: string) => unknown> = {
    URL: (x) => cli(['presign', 'get', `${URL_}${x}a`]),
    object: (x) => cli(['presign', 'get', `s3://a${x}a/b`, '--region', 'eu-west-1']),
    option: (x) => cli(['presign', 'get', URL_, `--a${x}a`]),
    header: (x) => cli(['sign', 'GET', URL_, '-H', `a: a${x}a`]),
    request: (x) => cli(['verify', '-'], raw(`a: a${x}a`)),
    'end of a line': (x) => cli(['inspect', '-'], raw(`a: a\r\n${x}a`)),
    log: (x) => cli(['explain', '-'], log(`> a: a${x}a`)),
    'first line': (x) => cli(['inspect', '-'], `GET /${x}a HTTP/1.1\r\nHost: a\r\n\r\n`),
    HAR: (x) => cli(['explain', '-'], har(`a${x}a`)),
    response: (x) => told(`HTTP/1.1 403 Forbidden\r\na: b\r\n\r\n${x}a`),
    'response of a log': (x) => told(`< HTTP/1.1 403 Forbidden\n< \n${x}a`),

    credentials: (x) =>
      cli(['presign', 'get', URL_, '--credentials', '-'], `{"AccessKeyId":"a${x}a","SecretAccessKey":"a"}`),
    'value of a profile': (x) => profiled(`[p]\naws_access_key_id = a${x}a\naws_secret_access_key = b`),
    'title of a profile': (x) => profiled(`[p${x}a]\na = b`),
  }

  it.each(Object.entries(ROWS))('%s', async (_, call) => {
    for (const character of CHARACTERS) await expectLinear(repeating(call, character), { length: 50_000 })
  })
})

describe('the command line takes linear time for', () => {
  const readHttp = (text: string) => {
    const bytes = Buffer.from(text)
    return () => parseHttp({ note: () => {} }, bytes)
  }
  const REQUEST = `PUT /a HTTP/1.1\r\nHost: ${HOST}\r\n`
  const LOG = `> PUT /a HTTP/1.1\n> Host: ${HOST}\n`
  const ROWS: Record<string, Make> = {
    headers: (length) => readHttp(`${REQUEST}${many(length, (i) => `a${i}: b\r\n`)}\r\n`),
    'the same header': (length) => readHttp(`${REQUEST}${many(length, () => 'a: b\r\n')}\r\n`),
    'lines of one header': (length) => readHttp(`${REQUEST}a: b\r\n${many(length, () => ' c\r\n')}\r\n`),
    chunks: (length) =>
      readHttp(`${REQUEST}Transfer-Encoding: chunked\r\n\r\n${many(length, () => '1\r\na\r\n')}0\r\n\r\n`),
    'headers in a log': (length) => readHttp(`${LOG}${many(length, (i) => `> a${i}: b\n`)}>\n`),
    'other lines in a log': (length) => readHttp(`${LOG}${many(length, () => '* a\n')}>\n`),
    'requests in a log': (length) => readHttp('> PUT /a HTTP/1.1\n>\n< HTTP/1.1 200 OK\n'.repeat(length / 4)),
    'unfinished requests in a log': (length) => readHttp('> PUT /a HTTP/1.1\n< a\n'.repeat(length / 4)),
    'interim responses': (length) => {
      const text = 'HTTP/1.1 100 Continue\n\n'.repeat(length / 23)
      return () => told(text)
    },
  }

  it.each(Object.entries(ROWS))('%s', (_, make) => expectLinear(make))
})

describe('the command compare takes linear time for many', () => {
  const HOST = 'Host: s3.eu-west-1.amazonaws.com'
  it.each<[string, (count: number) => string]>([
    ['values of one parameter', (count) => `GET /?${'a=1&'.repeat(count)} HTTP/1.1\n${HOST}\n\n`],
    [
      'parameters',
      (count) => `GET /?${Array.from({ length: count }, (_, i) => `a${i}&`).join('')} HTTP/1.1\n${HOST}\n\n`,
    ],
    [
      'headers, which a URL does not show',
      (count) => `GET / HTTP/1.1\n${HOST}\n${Array.from({ length: count }, (_, i) => `a${i}: 1\n`).join('')}\n`,
    ],
  ])('%s', (_, request) =>
    expectLinear(
      (count) => {
        const stdin = request(count)
        return async () => {
          const args = ['compare', 'https://s3.eu-west-1.amazonaws.com/?b', '-', '--json']
          const { code, stderr } = await run(args, { env: {}, stdin })
          expect([code, stderr]).toEqual([1, ''])
        }
      },
      { length: 20_000 },
    ),
  )
})

describe('serve takes linear time for', () => {
  const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u
  const line = (change: Partial<LogEvent>) =>
    logEntry({ time: 0, method: 'GET', target: '/x', status: 403, milliseconds: 1, ...change })

  it('loading objects in any order', () =>
    expectLinear(
      (count) => {
        const content = { size: 0, read: () => null as never }
        const objects = Array.from({ length: count }, (_, i) => {
          const key = String((i * 7_919) % count).padStart(6, '0')
          return { key, content, etag: '', modified: 0, headers: {} }
        })
        const journal = { load: () => [{ bucket: 'bucket', created: 0, objects }], leftovers: () => 0 }
        return () => {
          const store = openStore(memoryBytes(), Number.POSITIVE_INFINITY, journal as unknown as Journal)
          const { keys } = store.bucket('bucket')!
          expect([keys.length, keys[0], Number(keys.at(-1))]).toEqual([count, '000000', count - 1])
        }
      },
      { length: 100_000 },
    ))

  it.each<[string, (length: number) => string]>([
    ['hostile characters', (length) => '\x1b\u202e'.repeat(length)],
    ['spaces before a character', (length) => `${' '.repeat(length)}x`],
    ['line breaks', (length) => '\n'.repeat(length)],
    ['lines', (length) => 'x\n'.repeat(length)],
  ])('truncating a log line with %s', (_, make) =>
    expectLinear((length) => {
      const text = make(length)
      return () => {
        const lines = line({ claimedBy: text, method: text, target: text, error: text, explanation: text }).split('\n')
        expect(lines.length).toBeLessThanOrEqual(101)
        for (const each of lines) {
          expect(each.length).toBeLessThan(20_000)
          expect(each).toMatch(PRINTABLE)
        }
      }
    }),
  )
})

it('a canonical request of which many headers are hidden is parsed in linear time', () =>
  expectLinear(
    (count) => {
      const names = Array.from({ length: count }, (_, i) => `x-amz-meta-h${i}`)
      const text = ['GET', '/', '', ...names.map(() => '***'), '', names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n')
      return () => expect(parseCanonicalRequest(text)?.headers.at(-1)).toEqual([names.at(-1), '***'])
    },
    { length: 20_000 },
  ))
