import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { isDeep } from '../../../../test/support/depth.ts'
import { expectNone, KEY_ID, keyIdsWith, leak, linesWith, randomSecret } from '../support/attacks/leaks.ts'
import { errorOf, KEY, KEYS, type Outcome, run, type Setting, succeed, temporary } from '../support/cli.ts'

// External text in the program's output: it must not control a terminal, or hide or reorder characters.

const HOST = 'photos.s3.us-east-1.amazonaws.com'
const DATE = '20260131T120000Z'
const NOW = ['--now', DATE]
const S3 = ['--region', 'us-east-1']
const SIGNED = ['--now', DATE]

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i))
const C0 = [...range(0, 8), ...range(0x0b, 0x1f), '\x7f']
const C1 = range(0x80, 0x9f)
const FORMATS = [
  ...['\xad', '\u061c', ...range(0x200b, 0x200f), '\u2028', '\u2029', ...range(0x202a, 0x202e)],
  ...[...range(0x2060, 0x2064), ...range(0x2066, 0x2069), '\ufeff', '\u{e0001}', '\u{e0041}'],
]
const SURROGATES = ['\ud800', '\udfff']
const ALL = [...C0, ...C1, ...FORMATS, ...SURROGATES]
/** Groups, because an input that rejects one kind may accept a different one. */
const MARKS = [
  ...[C0, C1, FORMATS, SURROGATES].map((group) => group.join(' ')),
  ...['\x1b[2J\x1b]0;title\x07', '\x1b[31mred\x1b[39m', '\x9b31m', '\u202egpj.exe', 'one\r\ntwo\x1b[1A', '\r'],
]

const RAW = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
/** The color codes of the program. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are expected
const COLOR = /\x1b\[(?:1|2|22|31|32|36|39)m/g

let place: ReturnType<typeof temporary>
let url: string
beforeAll(async () => {
  place = temporary()
  url = (await succeed(['presign', 'get', 's3://photos/cat.jpg', ...S3, ...SIGNED])).trim()
})
afterAll(() => place.remove())

type Call = readonly [args: readonly string[], setting?: Setting]
/** Inputs with external text. */
type Channels = Readonly<Record<string, (mark: string) => Call>>

const request = (mark: string, at: string): string => {
  const put = (name: string): string => (name === at ? mark : '')
  const scope = `${KEY}${put('key id')}/20260131/us-east-1${put('region')}/s3/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date${put('signed')}, Signature=${'a'.repeat(64)}${put('signature')}`
  return `GET /a${put('path')} HTTP/1.1\nHost: ${HOST}${put('host')}\nX-Amz-Date: ${DATE}${put('date')}\nx-a${put('name')}: b${put('value')}\nAuthorization: ${put('authorization')}${authorization}\n\n`
}
const PARTS = ['key id', 'region', 'signed', 'signature', 'path', 'host', 'date', 'name', 'value', 'authorization']
const log = (text: string): string =>
  `* Connected\n${text.trim().replace(/^/gm, '> ')}\n> \n< HTTP/1.1 403 Forbidden\n< x: y\n< \n`
const error = (mark: string): string =>
  `<Error><Code>SignatureDoesNotMatch${mark}</Code><Message>m${mark}</Message><AWSAccessKeyId>${KEY}${mark}</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n${DATE}\n20260131/us-east-1/s3/aws4_request\n${mark}</StringToSign><CanonicalRequest>GET\n/${mark}\n\nhost:${HOST}${mark}\n\nhost\nUNSIGNED-PAYLOAD</CanonicalRequest></Error>`
const jsonError = (mark: string): string =>
  JSON.stringify({ __type: `InvalidSignatureException${mark}`, message: mark })
const har = (mark: string): string => {
  const headers = [
    { name: 'host', value: HOST + mark },
    { name: `x${mark}`, value: mark },
  ]
  const response = { status: 403, headers, content: { text: error(mark) } }
  return JSON.stringify({
    log: { entries: [{ request: { method: `GET${mark}`, url: url + mark, headers }, response }] },
  })
}
const credentials = (mark: string): string =>
  JSON.stringify({ Version: 1, AccessKeyId: KEY + mark, SecretAccessKey: SECRET + mark, SessionToken: `t${mark}` })
const profiles = (mark: string, name: string): Setting => ({
  env: {
    AWS_SHARED_CREDENTIALS_FILE: place.write(
      'profiles',
      `[${name}]\naws_access_key_id = ${KEY}${mark}\naws_secret_access_key = ${SECRET}\n`,
    ),
    AWS_CONFIG_FILE: place.write('config', `[profile ${name}]\nregion = us-east-1${mark}\n`),
  },
})
const stdin = (...args: string[]): Channels =>
  Object.fromEntries(
    PARTS.flatMap((part): [string, (mark: string) => Call][] => [
      [`request, ${part}`, (mark) => [args, { stdin: request(mark, part) }]],
      [`log of curl, ${part}`, (mark) => [args, { stdin: log(request(mark, part)) }]],
    ]),
  )
const inUrl = (mark: string): string[] => [
  `${url}${mark}`,
  `${url}&x=${mark}`,
  url.replace('cat.jpg', `cat${mark}`),
  url.replace(KEY, `AKI${mark}D`),
  url.replace('us-east-1%2Fs3', `us-${mark}%2Fs3`),
  url.replace(`Date=${DATE}`, `Date=${mark}`),
  url.replace(HOST, `${mark}.example`),
]
const urls = (...args: string[]): Channels =>
  Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6].map((i) => [`URL, ${i}`, (mark: string): Call => [[...args, inUrl(mark)[i]!]]]),
  )
/** Credentials, profiles and file names, for commands that sign or verify. */
const identities = (...args: string[]): Channels => ({
  'credentials, content': (mark) => [[...args, '--credentials', '-', '-v'], { stdin: credentials(mark) }],
  'credentials, file name': (mark) => [[...args, '--credentials', `none${mark}`]],
  'credentials of the environment': (mark) => [[...args, '-v'], { env: { ...KEYS, AWS_ACCESS_KEY_ID: KEY + mark } }],
  'region of the environment': (mark) => [[...args, '-v'], { env: { ...KEYS, AWS_REGION: `us-east-1${mark}` } }],
  'profile name, unknown': (mark) => [[...args, '--profile', `p${mark}`], profiles('', 'q')],
  'profile name': (mark) => [[...args, '--profile', `p${mark}`, '-v'], profiles('', `p${mark}`)],
  'profile name, almost': (mark) => [[...args, '--profile', 'long-name-p'], profiles('', `long-name-p${mark}`)],
  'profile, content': (mark) => [[...args, '--profile', 'p', '-v'], profiles(mark, 'p')],
  'profile files': (mark) => [
    [...args, '--profile', 'p'],
    { env: { AWS_CONFIG_FILE: `/none${mark}`, AWS_SHARED_CREDENTIALS_FILE: `/none${mark}` } },
  ],
})
const options = (args: readonly string[], ...names: string[]): Channels =>
  Object.fromEntries([
    ...names.map((name) => [name, (mark: string): Call => [[...args, `${name}${mark}`]]]),
    ['unknown option', (mark: string): Call => [[...args, `--${mark}`]]],
    ['unknown option, almost', (mark: string): Call => [[...args, `--regio${mark}`]]],
    ['unexpected argument', (mark: string): Call => [[...args, 'x', mark]]],
  ])

/** Without credentials, `explain` skips its slow search for signatures. */
const withoutKeys = (channels: Channels): Channels =>
  Object.fromEntries(
    Object.entries(channels).map(([name, call]) => [
      name,
      (mark): Call => {
        const [args, setting] = call(mark)
        return [args, { ...setting, env: {} }]
      },
    ]),
  )

const presign = ['presign', 'get', 's3://photos/cat.jpg', ...SIGNED]
const sign = ['sign', 'PUT', 's3://photos/cat.jpg', ...SIGNED]
const post = ['post', 's3://photos/cat.jpg', ...SIGNED]

const COMMANDS: Readonly<Record<string, Channels>> = {
  program: {
    command: (mark) => [[mark]],
    'command, almost': (mark) => [[`presign${mark}`]],
    'command, as an option': (mark) => [[`--${mark}`]],
    help: (mark) => [['help', `sign${mark}`]],
  },
  presign: {
    ...options(
      [...presign, ...S3],
      ...['-Hx-a: b', '-Hx-a', '--query=a=b', '--query=', '--download=', '--expires=1h', '--service=', '--endpoint=x'],
      ...['--endpoint=https://x/', '--payload-hash=', '--now=', '--region=', '--session-token-placement='],
    ),
    ...identities(...presign),
    method: (mark) => [['presign', `get${mark}`, url]],
    bucket: (mark) => [['presign', 'get', `s3://photos${mark}/x`, ...S3, ...SIGNED]],
    key: (mark) => [['presign', 'get', `s3://photos/x${mark}`, ...S3, ...SIGNED]],
    url: (mark) => [['presign', 'get', `https://${HOST}/x${mark}`, ...SIGNED]],
    'key, --curl': (mark) => [['presign', 'put', `s3://photos/x${mark}`, ...S3, ...SIGNED, '--curl']],
    'file, --curl': (mark) => [[...presign, ...S3, '--curl', `--file=x${mark}`]],
    'type, --curl': (mark) => [['presign', 'put', 's3://photos/x', ...S3, '--curl', `--content-type=a/${mark}`]],
    'key, --json': (mark) => [['presign', 'get', `s3://photos/x${mark}`, ...S3, ...SIGNED, '--json']],
  },
  sign: {
    ...options([...sign, ...S3], '-Hx-a: b', '-Hx', '--query=a=b', '--content-type=a/', '--data=', '--data-file=none'),
    ...identities(...sign),
    method: (mark) => [['sign', `GET${mark}`, url]],
    url: (mark) => [['sign', 'GET', `https://${HOST}/x${mark}`, ...SIGNED]],
    'data, --curl': (mark) => [[...sign, ...S3, '--curl', `--data=x${mark}`]],
    'file, --curl': (mark) => {
      const name = /\0/.test(mark) ? `none${mark}` : place.write(`body${mark}`, 'x')
      return [[...sign, ...S3, '--curl', `--data-file=${name}`]]
    },
    'header, --curl': (mark) => [[...sign, ...S3, '--curl', `-Hx-a: b${mark}`]],
    'query, --json': (mark) => [[...sign, ...S3, '--json', `--query=a=b${mark}`]],
  },
  post: {
    ...options([...post, ...S3], '--field=x-amz-meta-a=b', '--field=x-amz-meta-', '--content-type=a/b', '--max-size='),
    ...identities(...post),
    bucket: (mark) => [['post', `s3://photos${mark}/x`, ...S3, ...SIGNED]],
    key: (mark) => [['post', `s3://photos/x${mark}`, ...S3, ...SIGNED]],
    'key, --json': (mark) => [['post', `s3://photos/x${mark}`, ...S3, ...SIGNED, '--json']],
    'field, --json': (mark) => [[...post, ...S3, `--field=x-amz-meta-a=b${mark}`, '--json']],
    'key, --curl': (mark) => [['post', `s3://photos/x${mark}`, ...S3, ...SIGNED, '--curl']],
    'field, --curl': (mark) => [[...post, ...S3, `--field=x-amz-meta-a=b${mark}`, '--curl']],
    'type, --curl': (mark) => [[...post, ...S3, `--content-type=a/b${mark}`, '--curl']],
    'file, --curl': (mark) => [[...post, ...S3, `--file=x${mark}`, '--curl']],
  },
  inspect: { ...urls('inspect', ...NOW), ...stdin('inspect', ...NOW), ...options(['inspect', ...NOW], '--now=') },
  'inspect --json': { ...urls('inspect', ...NOW, '--json'), ...stdin('inspect', ...NOW, '--json') },
  verify: {
    ...urls('verify', ...NOW),
    ...stdin('verify', ...NOW, '--strings'),
    header: (mark) => [['verify', ...NOW, url, `-Hx-a${mark}: b${mark}`, '--strings']],
    method: (mark) => [['verify', ...NOW, url, `--method=GET${mark}`]],
    'region, service, host': (mark) => [
      ['verify', ...NOW, url, `--region=${mark}`, `--service=${mark}`, `--host=${mark}`],
    ],
    'key id, known': (mark) => [['verify', ...NOW, url], { env: { ...KEYS, AWS_ACCESS_KEY_ID: `OTHER${mark}` } }],
    'body, file name': (mark) => [['verify', ...NOW, url, `--data-file=none${mark}`]],
    ...identities('verify', ...NOW, `https://${HOST}/`),
  },
  'verify --json': { ...urls('verify', ...NOW, '--json'), ...stdin('verify', ...NOW, '--strings', '--json') },
  explain: {
    ...withoutKeys({ ...urls('explain', ...NOW), ...stdin('explain', ...NOW) }),
    header: (mark) => [['explain', ...NOW, url, `-Hx-a${mark}: b${mark}`, `--method=${mark}`]],
    xml: (mark) => [['explain', ...NOW], { stdin: error(mark) }],
    json: (mark) => [['explain', ...NOW], { stdin: jsonError(mark) }],
    har: (mark) => [['explain', ...NOW], { stdin: har(mark) }],
    'response, xml': (mark) => [['explain', ...NOW, url, '--response', place.write('error.xml', error(mark))]],
    'response, json': (mark) => [['explain', ...NOW, url, '--response', place.write('error.json', jsonError(mark))]],
    'response, file name': (mark) => [['explain', ...NOW, url, '--response', `none${mark}`]],
    ...identities('explain', ...NOW, `https://${HOST}/`),
  },
  'explain --json': {
    ...withoutKeys({ ...urls('explain', ...NOW, '--json'), ...stdin('explain', ...NOW, '--json') }),
    xml: (mark) => [['explain', ...NOW, '--json'], { stdin: error(mark) }],
    har: (mark) => [['explain', ...NOW, '--json'], { stdin: har(mark) }],
  },
}

const outputs = ({ stdout, stderr }: Outcome): string => stdout + stderr

async function check([args, setting]: Call): Promise<Outcome> {
  const outcome = await run(args, setting)
  expect(RAW.exec(outputs(outcome))?.[0], JSON.stringify([args, outcome])).toBeUndefined()
  if (args.includes('--json') && outcome.code !== 2) JSON.parse(outcome.stdout)
  return outcome
}

describe.each(Object.entries(COMMANDS))('%s', (_, channels) => {
  it.each(Object.entries(channels))('prints no unescaped control or format character: %s', async (_, call) => {
    // the first have every character; the others are tested at night
    for (const mark of isDeep ? MARKS : MARKS.slice(0, 5)) await check(call(mark))
    const [args, setting] = call('\x1b[31mred\x1b[39m\u202e')
    const plain = await run(args, setting)
    const colored = await run(args, { ...setting, env: { ...(setting?.env ?? KEYS), FORCE_COLOR: '1' } })
    const stripped = outputs(colored).replace(COLOR, '')
    expect(RAW.exec(stripped)?.[0]).toBeUndefined()
    if (args.includes('--now') || args.includes('--now')) expect(stripped).toBe(outputs(plain))
  })
})

it.each(['inspect', 'explain'])('%s escapes every such character', async (command) => {
  for (const mark of ALL) {
    const code = mark.codePointAt(0)!.toString(16).padStart(2, '0')
    const call = COMMANDS[command]!['URL, 4']!(`[${mark}]`)
    expect((await check(call)).stdout).toContain(`[${code.length > 2 ? `\\u{${code}}` : `\\x${code}`}]`)
  }
})

it('JSON escapes every such character and keeps its value', async () => {
  // keys of forms have no control characters below U+0080
  for (const mark of ALL.filter((each) => each > '\x7f' && !SURROGATES.includes(each))) {
    const { stdout } = await check([['post', `s3://photos/${mark}`, ...S3, ...SIGNED, '--json']])
    expect(JSON.parse(stdout).fields.key).toBe(mark)
  }
})

it.each([
  ['--data', [...sign, '--data=x']],
  ['--data-file', [...sign, '--data-file=x']],
  ['--file', [...presign, '--file=x']],
  ['--file', [...post, '--file=x']],
  ['--field', [...post, '--field=x-amz-meta-a=x']],
  ['--content-type', [...post, '--content-type=a/x']],
  ['the key', ['post', 's3://photos/x']],
])('a command for curl is rejected if it contains %s', async (name, args) => {
  for (const mark of [...ALL, ...MARKS].filter((each) => each !== '\r')) {
    const flags = [...S3, '--curl']
    const typed = [...args.slice(0, -1), `${args.at(-1)}${mark}`]
    expect(await errorOf([...typed, ...flags])).toBe(
      `${name} contains a control or format character, which --curl cannot print.`,
    )
  }
})

it.each([
  ['--region', (mark: string): Call => [['serve', '--port=0', `--region=r${mark}`]]],
  ['--dir', (mark: string): Call => [['serve', '--port=0', `--dir=${place.folder}/x${mark.replaceAll('\0', '')}`]]],
  ['--host', (mark: string): Call => [['serve', '--port=0', `--host=127.0.0.1${mark}`]]],
  ['profile', (mark: string): Call => [['serve', '--port=0', '--profile=p', '-v'], profiles(mark, 'p')]],
  ['unknown option', (mark: string): Call => [['serve', `--${mark}`]]],
])('serve prints no unescaped control or format character: %s', async (_, call) => {
  for (const mark of ['\x1b[2J', '\x9b31m', '\u202e', FORMATS.join('')]) {
    const [args, setting] = call(mark)
    await check([args, { ...setting, interrupted: Promise.resolve() }])
  }
})

describe('a secret that was joined to a key ID, or stands in its place, is not printed', () => {
  const ids = [...keyIdsWith()].filter((_, i) => i % 3 === 0)
  const withId = (id: string): string => url.replace(KEY, () => encodeURIComponent(id))
  const raw = (id: string): string => request('', '').replace(KEY, () => id)
  const own = (id: string): Setting => ({
    env: { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: 'a secret that is wrong' },
  })

  it.each<[string, (id: string) => Call]>([
    ['inspect URL', (id) => [['inspect', ...NOW, withId(id)]]],
    ['inspect URL --json', (id) => [['inspect', ...NOW, '--json', withId(id)]]],
    ['inspect < REQUEST', (id) => [['inspect', ...NOW], { stdin: raw(id) }]],
    ['inspect --json < REQUEST', (id) => [['inspect', ...NOW, '--json'], { stdin: raw(id) }]],
    ['explain URL', (id) => [['explain', ...NOW, '--all', withId(id)], { env: {} }]],
    ['explain URL --json', (id) => [['explain', ...NOW, '--json', withId(id)], { env: {} }]],
    ['explain < REQUEST', (id) => [['explain', ...NOW, '--all'], { env: {}, stdin: raw(id) }]],
    ['explain --json < LOG', (id) => [['explain', ...NOW, '--json'], { env: {}, stdin: log(raw(id)) }]],
    ['verify URL', (id) => [['verify', ...NOW, withId(id)]]],
    ['verify URL --json', (id) => [['verify', ...NOW, '--json', withId(id)]]],
    ['verify --strings URL', (id) => [['verify', ...NOW, '--strings', withId(id)], own(id)]],
    ['verify --strings --json URL', (id) => [['verify', ...NOW, '--strings', '--json', withId(id)], own(id)]],
    ['verify --strings < REQUEST', (id) => [['verify', ...NOW, '--strings'], { ...own(id), stdin: raw(id) }]],
  ])('by %s', async (_, call) => {
    const found: string[] = []
    for (const [title, id, secret] of ids) {
      const outcome = await run(...call(id))
      found.push(leak(outputs(outcome), secret) && `${title}: ${outputs(outcome)}`)
    }
    expectNone(found)
  })

  it('by --verbose', async () => {
    const found: string[] = []
    for (const [title, id, secret] of ids) {
      const { stderr } = await run([...presign, ...S3, '-v'], own(id))
      found.push(leak(stderr, secret) && `${title}: ${stderr}`)
    }
    expectNone(found)
  })
})

describe('access keys in the wrong variables', () => {
  const commands = [
    [...presign, '-v'],
    [...sign, '-v'],
    [...post, '-v'],
    ['verify', 'https://a.example/', '-v'],
    ['explain', 'https://a.example/'],
    ['serve', '--port=0', '-v'],
  ]

  /** The problem with access keys in the environment, and whatever else is printed. */
  async function problemWith(command: readonly string[], id: string, secret: string): Promise<string> {
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: 'us-east-1' }
    const outcome = await run(command, { env, interrupted: Promise.resolve() })
    expect([outcome.code, outcome.stdout]).toEqual([2, ''])
    return outcome.stderr.replace('region: us-east-1, from AWS_REGION\n', '').replace(/ See 'npx [^']*'\.\n$/, '')
  }

  it('are rejected, and neither is printed', async () => {
    for (const command of commands) {
      const secret = randomSecret()
      expect(await problemWith(command, secret, KEY_ID)).toBe(
        'sigv4-tools: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are swapped. Set each one to its own value.',
      )
      expect(await problemWith(command, secret, secret)).toBe(
        'sigv4-tools: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are the same. Set each one to its own value.',
      )
      for (const id of [`${KEY_ID}:${secret}`, `${KEY_ID}/${secret}`, `${secret}.${KEY_ID}`])
        expect(await problemWith(command, id, secret)).toBe(
          'sigv4-tools: AWS_ACCESS_KEY_ID contains AWS_SECRET_ACCESS_KEY. Remove it there.',
        )
    }
  })

  it('are rejected in a profile and in --credentials', async () => {
    const secret = randomSecret()
    const stdin = JSON.stringify({ AccessKeyId: secret, SecretAccessKey: KEY_ID })
    expect(await errorOf([...presign, ...S3, '--credentials', '-', '-v'], { env: {}, stdin })).toBe(
      '--credentials: the access key ID and the secret access key are swapped. Set each one to its own value.',
    )
    const { env } = profiles('', 'p')
    place.write('profiles', `[p]\naws_access_key_id = ${secret}\naws_secret_access_key = ${KEY_ID}\n`)
    const problem = await errorOf([...presign, ...S3, '--profile', 'p', '-v'], { env: env! })
    expect(problem).toMatch(/^profile "p" in .*: the access key ID and the secret access key are swapped\. /)
    expect(leak(problem, secret)).toBe('')
  })

  it('of local servers, which may be the same, are accepted', async () => {
    for (const key of ['test', 'minioadmin', 'a-longer-name-of-a-local-user'])
      await succeed([...presign, ...S3], { env: { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: key } })
  })
})

it('the secret in the environment is not in an error, however it is written in the arguments', async () => {
  const found: string[] = []
  for (const [title, line, secret] of [...linesWith()].filter((_, i) => i % (isDeep ? 4 : 16) === 0)) {
    const env = { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: secret }
    const part = secret.slice(0, 20)
    const value = line.replace(/^[\w "'$<:]*?(?:=>|=|:|>)/, '')
    for (const args of [
      [value],
      [part],
      [...presign, ...S3, part],
      [...presign, `--region=${part}`],
      ['explain', '--response', part, url],
      [line],
      ['presign', 'get', value],
      [...presign, `--region=${value}`],
      [...presign, ...S3, `--expires=${value}`],
      [...sign, ...S3, `-H${line}`],
      [...post, ...S3, `--field=${line}`],
      ['verify', value],
      ['explain', '--response', value, url],
    ]) {
      const outcome = await run(args, { env })
      found.push(leak(outcome.stderr, secret) && `${title}: ${args} ${outcome.stderr}`)
    }
  }
  expectNone(found)
})
