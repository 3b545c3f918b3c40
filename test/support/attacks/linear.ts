import type { Make } from '../linear.ts'

// Inputs that a reader may process in more than linear time.

/** Characters that mean something in some format, whose repetitions a reader may process in more than linear time. */
export const CHARACTERS = [...' \t\r\n%&;,/.=+"\'<>{}[]()\\\0é0a-:*', '\u2028', '\u{1f600}', '\ud800']

/** Whether an error is documented. */
function isTyped(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code)
  return /^ERR_SIGV4_/.test(code) || (error instanceof TypeError && /^ERR_INVALID_ARG_/.test(code))
}

/** Returns calls with a character, repeated. Only documented errors, and those of a class, may be thrown. */
export const repeating =
  (call: (text: string) => unknown, character: string, allowed: typeof Error | undefined = undefined): Make =>
  (length) => {
    const text = character.repeat(length)
    return async () => {
      try {
        await call(text)
      } catch (error) {
        if (!isTyped(error) && !(allowed && error instanceof allowed)) throw error
      }
    }
  }

/** Returns calls whose rejection is as fine as a result. */
export const settling =
  (make: Make): Make =>
  (length) => {
    const call = make(length)
    return async () => {
      try {
        await call()
      } catch {
        // a rejection may not take longer
      }
    }
  }

/** Creates items up to a length. */
export function many(length: number, item: (i: number) => string): string {
  const parts: string[] = []
  for (let size = 0; size < length; ) {
    const next = item(parts.length)
    parts.push(next)
    size += next.length
  }
  return parts.join('')
}

export type Pair = [name: string, value: string]

/** Repeats a header with different values until the head has a length. */
function headers(length: number, header: (i: number) => Pair): Pair[] {
  const pairs: Pair[] = []
  for (let size = 0; size < length; ) {
    const pair = header(pairs.length)
    pairs.push(pair)
    size += pair[0].length + pair[1].length + 4
  }
  return pairs
}

const names = (length: number): string[] => headers(length, (i) => [`a${i}`, '']).map(([name]) => name)

/** Headers of a length. */
export const SHAPES: Readonly<Record<string, (length: number) => Pair[]>> = {
  'a repeated header': (length) => headers(length, () => ['a', '']),
  'a repeated header with different values': (length) => headers(length, (i) => ['a', `${i}`]),
  'a repeated x-amz- header': (length) => headers(length, () => ['x-amz-meta-a', 'b']),
  'different headers': (length) => headers(length, (i) => [`a${i}`, '']),
  'different x-amz- headers': (length) => headers(length, (i) => [`x-amz-${i}`, 'b']),
  'different headers, each twice': (length) => headers(length, (i) => [`a${i >> 1}`, `${i}`]),
  'a long value': (length) => [['x-amz-meta-a', 'a'.repeat(length)]],
  'spaces in a value': (length) => [['x-amz-meta-a', `a${' '.repeat(length)}b`]],
  'commas in a value': (length) => [['x-amz-meta-a', ', '.repeat(length / 2)]],
  'bytes in a value': (length) => [['x-amz-meta-a', '\xc3\xa9'.repeat(length / 2)]],
  'a repeated content-encoding': (length) => headers(length, () => ['content-encoding', 'aws-chunked']),
  'a list in content-encoding': (length) => [['content-encoding', 'gzip,'.repeat(length / 5)]],
  'names in connection, and their headers': (length) => [
    ['connection', names(length / 2).join(',')],
    ...headers(length / 2, (i): Pair => [`a${i}`, '']),
  ],
  'a repeated connection': (length) => headers(length, (i) => ['connection', `a${i}`]),
  'names in x-amz-trailer': (length) => [['x-amz-trailer', names(length).join(',')]],
  cookies: (length) => headers(length, (i) => ['cookie', `a${i}=b`]),
  'encodings in the source of a copy': (length) => [['x-amz-copy-source', `bucket/${'%c0%ae'.repeat(length / 6)}`]],
  'a repeated origin': (length) => headers(length, () => ['origin', 'http://localhost']),
}

export const namesOf = (pairs: readonly Pair[]): string[] => [...new Set(pairs.map(([name]) => name))]

const KEY = 'AKIDEXAMPLE'

/** A request with such headers, with a signature that covers those in `signed`. */
export function received(pairs: readonly Pair[], signed: readonly string[] = [], change: readonly Pair[] = []) {
  const list = [...new Set(['host', 'x-amz-content-sha256', 'x-amz-date', ...signed])].sort().join(';')
  const base: Pair[] = [
    ['Host', 'localhost'],
    ['X-Amz-Date', '20260131T120000Z'],
    ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'],
    [
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${KEY}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=${list}, Signature=${'0'.repeat(64)}`,
    ],
  ]
  const rawHeaders = [...base, ...pairs].flat()
  const headers: Record<string, string> = {}
  for (const [name, value] of [...base, ...pairs, ...change]) headers[name.toLowerCase()] ??= value
  return { method: 'GET', url: '/bucket/key', headers, rawHeaders }
}
