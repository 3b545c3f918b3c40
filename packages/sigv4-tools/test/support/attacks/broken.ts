import { randomBelow } from '../../../../../test/support/random.ts'
import { KEY_ID, leak, titled } from './leaks.ts'

// Secrets that a line break splits, as terminals, mail programs, shells, and strings of JSON break lines: each name, in each
// format that is usual for it, in each encoding, with each kind of line break in each position.

/** Names of secrets, in the spelling of the clients and servers that use them. */
export const SECRET_NAMES = [
  'AWS_SECRET_ACCESS_KEY',
  'aws_secret_access_key',
  'SecretAccessKey',
  'secretAccessKey',
  'secret_access_key',
  'AWS Secret Access Key',
  'secret.key',
  'fs.s3a.secret.key',
  'secretKey',
  'secret_key',
  'secret-key',
  'Secret key',
  'SecretKey',
  'MINIO_ROOT_PASSWORD',
  'MINIO_SECRET_KEY',
  'rpc_secret',
  'applicationKey',
  'application_key',
  'B2_APPLICATION_KEY',
  'OS_PASSWORD',
  'ST_KEY',
  'X-Auth-Key',
  'X-Storage-Pass',
  'password',
  'passphrase',
  'private_key',
  'signing key',
  'kSigning',
  'x-amz-server-side-encryption-customer-key',
  'x-api-key',
  'accessKeySecret',
  'client_secret',
] as const

const TOKEN = 'FwoGZXIvYXdzEBYaDKq1zDx8rTn5u9vL8yLJASd3Kx7Qm2nPq4Rt6Vw8Xz0Bc2De4Fg6Hi8Jk'

/** How a name and its value are written. */
const FORMATS: Readonly<Record<string, (name: string, value: string) => string>> = {
  'a variable': (name, value) => `${name}=${value}`,
  'a variable before a command': (name, value) => `${name}=${value} aws s3 ls s3://photos/cats --region eu-west-1`,
  'a variable in quotes': (name, value) => `export ${name}="${value}" && aws s3 ls`,
  'a variable in single quotes': (name, value) => `${name}='${value}'; npm start`,
  'a configuration': (name, value) => `[default]\n${name} = ${value}\nregion = eu-west-1\noutput = json`,
  YAML: (name, value) => `  ${name}: ${value}\n  region: eu-west-1`,
  'JSON in one line': (name, value) =>
    `{"Credentials": {"AccessKeyId": "${KEY_ID}", "${name}": "${value}", "SessionToken": "${TOKEN}", "Expiration": "2026-01-31T12:00:00Z"}}`,
  'a prompt': (name, value) => `${name} [None]: ${value}\nDefault region name [None]: eu-west-1`,
  'a prompt with a value': (name, value) => `${name} [****************ABCD]: ${value}`,
  XML: (name, value) =>
    `<Credentials><${name.replace(/\W/g, '')}>${value}</${name.replace(/\W/g, '')}><Expiration>2026-01-31T12:00:00Z</Expiration></Credentials>`,
  JavaScript: (name, value) =>
    `new S3Client({ region: 'eu-west-1', credentials: { accessKeyId: '${KEY_ID}', ${name.replace(/\W/g, '')}: '${value}' } })`,
  Java: (name, value) => `System.setProperty("${name}", "${value}"); run(args);`,
  'a parameter': (name, value) => `https://example.com/login?${name.replace(/\W/g, '_')}=${value}&region=eu-west-1`,
}

/** The same for secrets beside their key ID, which have no name. */
const NAMELESS: Readonly<Record<string, (value: string) => string>> = {
  'a user of curl': (value) => `curl --user ${KEY_ID}:${value} https://photos.s3.eu-west-1.amazonaws.com/cat.jpg`,
  'a user of curl in quotes': (value) => `curl -u "${KEY_ID}:${value}" --aws-sigv4 "aws:amz:eu-west-1:s3" https://x.y/`,
  'an alias of mc': (value) => `mc alias set local http://localhost:9000 minioadmin ${value} --api S3v4`,
  'a URL': (value) => `s3://${KEY_ID}:${encodeURIComponent(value)}@photos/cats`,
  'a call': (value) => `session = AWS4Auth('${KEY_ID}', '${value}', 'eu-west-1', 's3')`,
}

const written = (text: string, write: (code: string) => string): string =>
  text.replace(/[^A-Za-z\d]/g, (mark) => write(mark.charCodeAt(0).toString(16).padStart(2, '0')))

/** Encodings of the value, or of the string with it. */
const ENCODINGS: Readonly<Record<string, (format: (value: string) => string, secret: string) => string>> = {
  raw: (format, secret) => format(secret),
  'percent-encoding': (format, secret) => format(written(secret, (code) => `%${code.toUpperCase()}`)),
  'percent-encoding, twice': (format, secret) => format(written(secret, (code) => `%25${code}`)),
  'JSON escapes': (format, secret) => format(written(secret, (code) => `\\u00${code}`)),
  'slashes of PHP': (format, secret) => format(secret.replaceAll('/', '\\/')),
  'JSON in a string': (format, secret) => `"${JSON.stringify(format(secret)).slice(1, -1)}"`,
  'HTML entities': (format, secret) => format(written(secret, (code) => `&#x${code};`)),
  'decimal entities': (format, secret) => format(written(secret, (code) => `&#${Number.parseInt(code, 16)};`)),
  HTML: (format, secret) => format(secret).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  Base64: (format, secret) => format(Buffer.from(secret).toString('base64')),
  'quoted-printable': (format, secret) => format(secret).replaceAll('=', '=3D'),
}

/** Line breaks, with what mail, terminals and languages add. */
export const BREAKS: Readonly<Record<string, string>> = {
  'a line feed': '\n',
  'a carriage return and line feed': '\r\n',
  indentation: '\n    ',
  'a tab': '\n\t',
  'a soft break of quoted-printable': '=\n',
  'a soft break with a carriage return': '=\r\n',
  'a quoted line': '\n> ',
  'a line that was quoted twice': '\n> > ',
  'a quoted soft break': '=\n> ',
  'a continued line': '\\\n',
  'a continued line with a carriage return': '\\\r\n',
  'an escape': '\\n',
  'an escape of both': '\\r\\n',
  'a flowed line': ' \n',
}

const random = randomBelow(20260131)
const pick = (characters: string, length: number): string =>
  Array.from({ length }, () => characters[random(characters.length)]!).join('')
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Secrets as AWS and MinIO create them, Backblaze, and Garage; a generated password, and the words of a person. */
export const SECRETS: readonly (() => string)[] = [
  () => pick(`${LETTERS}/+`, 40),
  () => `K00${pick(`${LETTERS}/+`, 28)}`,
  () => pick('0123456789abcdef', 64),
  () => `${pick(LETTERS, 23)}7`,
  () => 'correct-horse-battery-staple-7',
]

/** Whether a program can tell that a password is not a word. */
export const isRandom = (secret: string): boolean => !secret.startsWith('correct')
/** Names of headers, which are evidence of a request, as its session token is. */
export const isHeader = (name: string): boolean => /^x-(?:amz|api)/.test(name)

/** A string with a secret, at each of whose characters a line break may be. */
export interface Breakable {
  readonly name: string
  readonly format: string
  readonly encoding: string
  readonly text: string
  /** The secret as it is written there. */
  readonly from: number
  readonly to: number
  readonly secret: string
  /** What must not be shown: the secret, and its Base64. */
  readonly forms: readonly string[]
}

let made: Breakable[] | undefined

const MARK = '\u{f0000}'

/** Every name in every format and encoding. The kinds of secrets take turns. */
export function breakables(): Breakable[] {
  if (made) return made
  let turn = 0
  const named = SECRET_NAMES.flatMap((name) =>
    Object.entries(FORMATS).map(([format, write]) => ({ name, format, write: (value: string) => write(name, value) })),
  )
  const nameless = Object.entries(NAMELESS).map(([format, write]) => ({ name: '', format, write }))
  made = [...named, ...nameless].flatMap(({ name, format, write }) =>
    Object.entries(ENCODINGS).map(([encoding, encode]) => {
      const kinds = name === '' ? SECRETS.slice(0, 1) : SECRETS
      const secret = kinds[turn++ % kinds.length]!()
      const marked = encode((value) => write(`${MARK}${value}${MARK}`), secret)
      const from = marked.indexOf(MARK)
      const forms = encoding === 'Base64' ? [secret, Buffer.from(secret).toString('base64')] : [secret]
      const text = encode(write, secret)
      return { name, format, encoding, text, from, to: marked.lastIndexOf(MARK) - MARK.length, secret, forms }
    }),
  )
  return made
}

/** A secret with a line break. */
export interface Broken {
  readonly of: Breakable
  readonly at: number
  readonly kind: string
}

/**
 * Every name in every format and encoding, with every kind of line break, in positions that take turns; and, in all positions,
 * every name with every kind of line break, and every encoding with every kind of line break.
 */
export function* brokenSecrets(): Generator<Broken> {
  const kinds = Object.keys(BREAKS)
  const all = breakables()
  let turn = 0
  for (const of of all)
    for (const kind of kinds) yield { of, kind, at: of.from + ((turn++ * 7) % (of.to - of.from + 1)) }
  const [names, encodings] = [new Map<string, Breakable[]>(), new Map<string, Breakable[]>()]
  for (const of of all) {
    names.set(of.name, [...(names.get(of.name) ?? []), of])
    encodings.set(of.encoding, [...(encodings.get(of.encoding) ?? []), of])
  }
  for (const group of [...names.values(), ...encodings.values()])
    for (const kind of kinds) {
      const of = group[turn++ % group.length]!
      for (let at = of.from; at <= of.to; at++) yield { of, kind, at }
    }
}

/** Leaks in what is made of strings with a secret that a line break splits; with `every`, of one in so many. */
export function brokenLeaks(
  shownOf: (text: string) => string,
  every: number,
  isMeant: (of: Breakable) => boolean = () => true,
): { count: number; found: string[] } {
  const chosen = randomBelow(every)
  const found: string[] = []
  let count = 0
  for (const { of, at, kind } of brokenSecrets()) {
    if (chosen(every) > 0 || !isMeant(of)) continue
    count++
    const shown = shownOf(of.text.slice(0, at) + BREAKS[kind]! + of.text.slice(at))
    const title = `${of.name} in ${of.format}, ${of.encoding}, ${kind} at ${at - of.from}`
    for (const form of of.forms) found.push(titled(title, leak(shown, form)))
  }
  return { count, found }
}
