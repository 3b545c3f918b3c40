import { isSigV4Error } from '../core/errors.ts'
import { OPTIONS } from './options.ts'

/** What the user must mend: said in one line, with exit code 2. */
export class UsageError extends Error {}

export function usage(message: string): never {
  throw new UsageError(message)
}

/** An argument as messages may show it. Longer ones could be anything, a secret too. */
export function shown(argument: string): string {
  return /^[\w./:=-]{1,24}$/.test(argument) ? ` ${argument}` : ''
}

/** How the library calls things, and what they are on the command line. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/options\.credentials\.accessKeyId/g, 'the access key id'],
  [/options\.credentials\.secretAccessKey/g, 'the secret access key'],
  [/options\.credentials\.sessionToken/g, 'the session token'],
  [/options\.credentials\.expiration/g, 'the expiration of the credentials'],
  [/options\.contentLengthRange/g, '--min-size and --max-size'],
  [/options\.contentTypePrefix/g, '--content-type'],
  [/options\.fields\[("(?:[^"\\]|\\.)*")\]/g, '--field $1'],
  [/options\.query\[("(?:[^"\\]|\\.)*")\]/g, '--query $1'],
  [/target\.pathStyle must be true/g, '--path-style is needed'],
  [
    /target\.bucket must be the name of a bucket, and target\.key a string/g,
    's3:// must be followed by the name of a bucket',
  ],
  [/target\.keyPrefix|target\.key/g, 'the key'],
  [/: pass \{ bucket, key \}, the key not being/g, ': write s3://bucket/key, the key not being'],
  [/: pass options\.query/g, ''],
  [/: pass text\.toWellFormed\(\)/g, ''],
  [/headers has x-amz-content-sha256/g, '-H has x-amz-content-sha256'],
  [/headers\.host/g, '-H host'],
  [/headers\['([^']*)'\]/g, '-H $1'],
  [/^headers: /g, '-H '],
  [/options\.url|target\b(?!\.)/g, 'the URL'],
]

/** A message of the library in the words of the command line. */
export function translate(message: string): string {
  let text = message
  for (const [pattern, words] of NAMES) text = text.replace(pattern, words)
  return text.replace(/(?:options|target)\.([a-z]+(?:[A-Z][a-z]+)*)/g, (whole, name: string) => {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    return option in OPTIONS ? `--${option}` : whole
  })
}

/** What went wrong with a file, in words. */
export function fileTrouble(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'it may not be read',
    EPERM: 'it may not be read',
    EISDIR: 'it is a folder',
    ENOTDIR: 'there is no such file',
    ELOOP: 'it is a link to itself',
    ENAMETOOLONG: 'the name is too long',
  }
  return words[code ?? ''] ?? code ?? 'it cannot be read'
}

/** What to say of an error, in one line. */
export function describe(error: unknown): string {
  const { message = '', code } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  const line = message.replace(/\s+/g, ' ').trim()
  if (error instanceof UsageError) return line
  if (isSigV4Error(error) || /^ERR_INVALID_ARG_/.test(String(code))) return translate(line)
  return `something went wrong that should not: ${line || String(code)}`
}

/** Takes secrets that are known out of a text. */
export function hideSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let hidden = text
  for (const secret of secrets) if (secret && secret.length >= 8) hidden = hidden.replaceAll(secret, '[secret]')
  return hidden
}

/** Takes out of a message all that has the shape of a secret access key. */
export function hideShapes(text: string): string {
  const end = Math.min(lastOf(text, /[A-Z]/), lastOf(text, /[a-z]/))
  return text.replace(/[A-Za-z\d/+]+/g, (word, at: number) => (word.length === 40 && at <= end ? '[secret]' : word))
}

/** Where the last character of a class is; -1 if there is none. */
function lastOf(text: string, kind: RegExp): number {
  let at = text.length - 1
  while (at >= 0 && !kind.test(text[at]!)) at--
  return at
}
