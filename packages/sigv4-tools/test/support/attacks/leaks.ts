import { expect } from 'vitest'
import { randomBelow } from '../../../../../test/support/random.ts'

// Secrets as they are in text: escaped, in literals of languages, or joined to their key ID; and someone who collects the
// parts that are shown of them.

export const KEY_ID = 'AKIAIOSFODNN7EXAMPLE'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const MOST_SHOWN = 8

const below = randomBelow(20260131)
const pick = (characters: string): string => characters[below(characters.length)]!

/** A string with a secret. */
export type Case = readonly [title: string, text: string, secret: string]

/** A random secret access key, of which a third of the characters need an escape. */
export function randomSecret(): string {
  return Array.from({ length: 40 }, () => (below(6) === 0 ? pick('+/') : pick(BASE64))).join('')
}

/** A secret in two parts, each too long to be shown. */
export function halves(secret: string): [string, string] {
  const at = 9 + below(secret.length - 18)
  return [secret.slice(0, at), secret.slice(at)]
}

const encoded = (text: string, write: (code: string) => string) =>
  text.replace(/[/+]/g, (mark) => write(mark.charCodeAt(0).toString(16).padStart(2, '0')))
const percent = (text: string) => encoded(text, (code) => `%${code}`)

/** The secret as a part of a longer string, in the escapes of languages and formats. */
export const ESCAPES: Readonly<Record<string, (secret: string) => string>> = {
  'no escapes': (secret) => secret,
  'slashes of PHP': (secret) => secret.replaceAll('/', '\\/'),
  'slashes of PHP, in JSON': (secret) => secret.replaceAll('/', '\\\\\\/'),
  'escapes of JSON': (secret) => encoded(secret, (code) => `\\u00${code.toUpperCase()}`),
  'escapes of JSON, in JSON': (secret) => encoded(secret, (code) => `\\\\u00${code}`),
  'escapes of C': (secret) => encoded(secret, (code) => `\\x${code}`),
  'octal escapes': (secret) => encoded(secret, (code) => `\\0${Number.parseInt(code, 16).toString(8)}`),
  'escapes of Swift': (secret) => encoded(secret, (code) => `\\u{${code}}`),
  'decimal entities': (secret) => encoded(secret, (code) => `&#${Number.parseInt(code, 16)};`),
  'hexadecimal entities': (secret) => encoded(secret, (code) => `&#x${code};`),
  'named entities': (secret) => secret.replaceAll('/', '&sol;').replaceAll('+', '&plus;'),
  'entities, escaped': (secret) => encoded(secret, (code) => `&amp;#${Number.parseInt(code, 16)};`),
  'percent-encoding': percent,
  'percent-encoding, twice': (secret) => encoded(secret, (code) => `%25${code.toUpperCase()}`),
  'all characters percent-encoded': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  'characters that cannot be seen': (secret) => halves(secret).join('\u200b'),
}

/** The secret as an expression: a string literal, or several. */
const LITERALS: Readonly<Record<string, (one: string, other: string) => string>> = {
  'one literal': (one, other) => `"${one}${other}"`,
  JavaScript: (one, other) => `'${one}' + '${other}'`,
  Java: (one, other) => `"${one}"\n        + "${other}"`,
  'C#': (one, other) => `@"${one}" +\n    $"${other}"`,
  'PHP and Perl': (one, other) => `"${one}" . "${other}"`,
  'PHP, without spaces': (one, other) => `'${one}'.'${other}'`,
  Python: (one, other) => `('${one}'\n              '${other}')`,
  'Python, bytes': (one, other) => `b'${one}' b'${other}'`,
  C: (one, other) => `"${one}" "${other}"`,
  Go: (one, other) => `"${one}" +\n\t\t"${other}"`,
  Lua: (one, other) => `"${one}" .. "${other}"`,
  'Visual Basic': (one, other) => `"${one}" & _\n    "${other}"`,
  Elixir: (one, other) => `"${one}" <> "${other}"`,
  Haskell: (one, other) => `"${one}" ++ "${other}"`,
  OCaml: (one, other) => `"${one}" ^ "${other}"`,
  SQL: (one, other) => `'${one}' || '${other}'`,
  D: (one, other) => `"${one}" ~ "${other}"`,
  Ruby: (one, other) => `'${one}' \\\n  '${other}'`,
  'Ruby, appended': (one, other) => `'${one}' << '${other}'`,
  Kotlin: (one, other) => `"${one}".plus("${other}")`,
  StringBuilder: (one, other) => `new StringBuilder("${one}").append("${other}")`,
  'String.join': (one, other) => `String.join("", "${one}", "${other}")`,
  'an array': (one, other) => `['${one}', '${other}'].join('')`,
  'a format': (one, other) => `sprintf('%s%s', '${one}', '${other}')`,
  'an operator of Python': (one, other) => `'%s${one}' % '${other}'`,
  'an unknown operator': (one, other) => `'${one}' ⊕ '${other}'`,
  'an unknown escape': (one, other) => `"${one}\u2027${other}"`,
  PowerShell: (one, other) => `"${one}" + \`\n  "${other}"`,
  'a continued line': (one, other) => `"${one}\\\n${other}"`,
  'a continued line of a shell': (one, other) => `${one}\\\n${other}`,
  'a continued line of Windows': (one, other) => `${one}^\n${other}`,
  'strings of a shell': (one, other) => `${one}"${other}"`,
  'folded YAML': (one, other) => `>-\n  ${one}\n  ${other}`,
  'a broken line': (one, other) => `${one}\n${other}`,
  'HTML entities': (one, other) => `&quot;${one}&quot; + &quot;${other}&quot;`,
  'JSON in a string': (one, other) => `\\"${one}\\" + \\"${other}\\"`,
}

/** Names of a secret, with what precedes its value. */
const NAMES = [
  'secretAccessKey: ',
  '"SecretAccessKey":',
  "'secret' => ",
  'AWS_SECRET_ACCESS_KEY=',
  'aws_secret_access_key = ',
  '<SecretAccessKey>',
  '$env:AWS_SECRET_ACCESS_KEY = ',
  'String secretKey = ',
  'MINIO_ROOT_PASSWORD: ',
]

const IDS = [KEY_ID, 'minioadmin', 'ASIAIOSFODNN7EXAMPLE', 'GOOG1EXAMPLEEXAMPLEEXAMPLE']
/** Characters that join a secret to its key ID. */
const JOINTS = [
  ':',
  '/',
  '.',
  '|',
  '=',
  ';',
  ',',
  '-',
  '_',
  '@',
  '~',
  '',
  ': ',
  '%3A',
  '%2F',
  '!',
  "'+'",
  '" . "',
  '::',
]

/** What an attacker reads in a string: its escapes decoded, and what separates the parts of a string removed. */
function read(text: string): string[] {
  const decode = (escaped: string): string =>
    escaped
      .replace(
        /\\+u\{?(?:00)?([\da-f]{2})\}?|\\+x([\da-f]{2})|%(?:25)*([\da-f]{2})|&(?:amp;)*#x([\da-f]+);/gi,
        (_, a, b, c, d) => String.fromCharCode(Number.parseInt(a ?? b ?? c ?? d, 16)),
      )
      .replace(/\\0(\d\d)/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
      .replace(/&(?:amp;)*#(\d+);/g, (_, decimal) => String.fromCharCode(Number(decimal)))
      .replace(/&(?:amp;)*sol;/g, '/')
      .replace(/&(?:amp;)*plus;/g, '+')
  const plain = decode(decode(text))
  return [text, plain, plain.replace(/[^A-Za-z\d/+…[\]]+/g, '')]
}

/** The longest part of a secret that someone reads in a string, if it is longer than allowed. */
export function leak(text: string, secret: string): string {
  let longest = ''
  for (const shown of read(text))
    for (let from = 0; from < secret.length; from++)
      for (let to = from + MOST_SHOWN + 1; to <= secret.length && shown.includes(secret.slice(from, to)); to++)
        if (to - from > longest.length) longest = secret.slice(from, to)
  return longest && `${longest} of ${secret} in ${text}`
}

/** Lines with a secret, in every escape and literal, after every name. */
export function* linesWith(): Generator<Case> {
  for (const name of NAMES) {
    for (const [title, literal] of Object.entries(LITERALS)) {
      const secret = randomSecret()
      yield [`${name}, ${title}`, name + literal(...halves(secret)), secret]
    }
    for (const [title, written] of Object.entries(ESCAPES))
      for (const quote of ['"', "'", '']) {
        const secret = randomSecret()
        yield [`${name}, ${title}`, `${name}${quote}${written(secret)}${quote}`, secret]
      }
  }
  let turn = 0
  for (const [escaped, written] of Object.entries(ESCAPES))
    for (const [title, literal] of Object.entries(LITERALS)) {
      const secret = randomSecret()
      const [one, other] = halves(secret)
      const name = NAMES[turn++ % NAMES.length]!
      yield [`${name}, ${title}, ${escaped}`, name + literal(written(one), written(other)), secret]
    }
}

/** Key IDs with a secret that was joined to them. */
export function* keyIdsWith(): Generator<Case> {
  let turn = 0
  for (const [title, written] of Object.entries(ESCAPES))
    for (const joint of JOINTS) {
      const [secret, id] = [randomSecret(), IDS[turn++ % IDS.length]!]
      yield [`${id}${joint}, ${title}`, `${id}${joint}${written(secret)}`, secret]
      yield [`${joint}${id}, ${title}`, `${written(secret)}${joint}${id}`, secret]
    }
  for (const [title, written] of Object.entries(ESCAPES)) {
    const secret = randomSecret()
    yield [title, written(secret), secret]
  }
}

/** Leaks of the secrets in what is made of strings, each with its title. */
export function leaks(cases: readonly Case[], shownOf: (text: string) => string): string[] {
  return cases.map(([title, text, secret]) => titled(title, leak(shownOf(text), secret)))
}

export function titled(title: string, problem: string): string {
  return problem && `${title}: ${problem}`
}

/** Expects that there are no leaks. They are collected first, so that one does not hide others. */
export function expectNone(found: readonly string[]): void {
  const problems = found.filter((each) => each !== '')
  expect([problems.length, ...problems.slice(0, 5).map((each) => each.slice(0, 1000))]).toEqual([0])
}
