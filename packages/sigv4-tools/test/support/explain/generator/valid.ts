import { createHash } from 'node:crypto'
import { BASES } from './bases.ts'
import { PUT_BIG, STREAM } from './faults-payload.ts'
import { type Base, type Hooks, type Pair, setHeader } from './signing.ts'

// Requests with nothing wrong, as varied as clients send them.

const KEYS = [
  'a',
  'index.html',
  'deep/er/and/deeper/still/file.tar.gz',
  'UPPER/lower/MiXeD.TXT',
  'with space.txt',
  'with+plus.txt',
  'with%percent.txt',
  'with%20literal.txt',
  'a&b=c?d#e.txt',
  'semi;colon,comma.txt',
  'at@colon:dollar$.txt',
  "quote'single(parens)star*bang!.txt",
  'double"quote.txt',
  'brackets[1]{2}.txt',
  'caret^pipe|tick`.txt',
  'tilde~dash-under_dot.txt',
  'ünïcödé.txt',
  'Ελληνικά/привет.txt',
  '東京/大阪.txt',
  'emoji-🎉.txt',
  'equals=sign=.txt',
]

const QUERIES: Pair[][] = [
  [['list-type', '2']],
  [
    ['list-type', '2'],
    ['prefix', 'with '],
  ],
  [
    ['list-type', '2'],
    ['prefix', 'ünï'],
    ['delimiter', '/'],
  ],
  [
    ['delimiter', '/'],
    ['list-type', '2'],
    ['max-keys', '3'],
    ['prefix', ''],
  ],
  [
    ['list-type', '2'],
    ['start-after', 'with+plus.txt'],
  ],
  [
    ['prefix', 'a&b=c'],
    ['encoding-type', 'url'],
  ],
  [['location', '']],
  [['uploads', '']],
  [['versioning', '']],
]

export interface ValidCase {
  notOn?: readonly string[]
  location: 'header' | 'query'
  base: Base
  hooks: Hooks
}

const reads = KEYS.map((key, i): Base => ({ name: `read-${i + 1}`, method: i % 5 === 4 ? 'HEAD' : 'GET', key }))

const writes = KEYS.filter((_, i) => i % 5 === 0).map(
  (key, i): Base => ({
    name: `write-${i + 1}`,
    method: 'PUT',
    key,
    headers: [
      ['Content-Type', ['text/plain', 'application/octet-stream', 'image/png'][i % 3]!],
      ...(i % 2 ? [['X-Amz-Meta-Note', `number  ${i},  "quoted"`] as Pair] : []),
      ['Cache-Control', `max-age=${i}`],
    ],
    body: i % 2 ? `body ${i}: ${key}` : '',
  }),
)

const lists = QUERIES.map((query, i): Base => ({ name: `list-${i + 1}`, method: 'GET', query }))

const header = (base: keyof typeof BASES, name: string, value: (body: Buffer) => string): ValidCase[] =>
  (['header', 'query'] as const).map((location) => ({
    location,
    base: { ...BASES[base]!, name: `${base}-${name.toLowerCase()}` },
    // they leave User-Agent out of the canonical request, signed or not
    notOn: name === 'User-Agent' ? (location === 'query' ? ['localstack'] : ['moto']) : [],
    hooks: {
      client(client) {
        client.unsigned = client.unsigned.filter((other) => other !== name.toLowerCase())
        setHeader(client.headers, name, value(client.body))
      },
    },
  }))

const digest = (algorithm: string) => (body: Buffer) => createHash(algorithm).update(body).digest('base64')

const plain = [...Object.values(BASES), ...reads, ...writes, ...lists].filter((base, i) => !base.query || i % 2 === 0)

export const VALID_CASES: readonly ValidCase[] = [
  ...(['header', 'query'] as const).flatMap((location) =>
    plain.map((base): ValidCase => ({ location, base, hooks: {} })),
  ),
  // with nothing wrong, what some faults are put into
  ...header('put-text', 'Content-Length', (body) => String(body.length)),
  ...header('put-meta', 'Content-MD5', digest('md5')),
  ...header('put-bare', 'X-Amz-Checksum-Sha256', digest('sha256')),
  ...header('get-plain', 'Accept-Encoding', () => 'identity'),
  ...header('get-space', 'User-Agent', () => 'my-app/1.0'),
  ...header('put-text', 'X-Amz-Acl', () => 'private'),
  // no chunked uploads there
  { location: 'header', base: PUT_BIG, hooks: STREAM, notOn: ['swift'] },
  { location: 'header', base: { ...BASES['put-text']!, name: 'put-chunk' }, hooks: STREAM, notOn: ['swift'] },
  {
    location: 'header',
    base: { ...BASES['put-text']!, name: 'put-unsigned' },
    hooks: {
      client(client) {
        client.payloadHash = 'UNSIGNED-PAYLOAD'
      },
    },
  },
]

/** What valid requests read, beside what the others do. */
export const VALID_KEYS: readonly string[] = KEYS
