import { FILE_COUNT } from '../../../../../src/internal/refusals.ts'
import { S3Error } from './errors.ts'

/** Maximum size of everything before the file: fields and part headers. */
const MAX_HEAD_SIZE = 64 * 1024
const MAX_FIELDS = 1000

/** A form whose file has not been read. */
export interface IncomingForm {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly filename: string
  /** Yields the bytes of the file, and discards the fields after it, as S3 does. */
  readonly file: () => AsyncGenerator<Uint8Array, undefined>
}

export function readBoundary(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i.exec(contentType) ?? []
  return quoted ?? plain ?? malformedForm()
}

export function isForm(contentType: string | undefined): contentType is string {
  return /^multipart\/form-data\s*(?:;|$)/i.test(contentType ?? '')
}

/** Reads a form up to its file. Each byte is searched only once. */
export async function readForm(body: AsyncGenerator<Uint8Array, unknown>, boundary: string): Promise<IncomingForm> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const head = Buffer.allocUnsafe(MAX_HEAD_SIZE)
  head.write('\r\n') // So that the first boundary also follows a line break.
  let size = 2
  let at = 0
  let rest: Uint8Array = new Uint8Array(0)

  async function more(): Promise<void> {
    const { done, value } = await body.next()
    if (done) malformedForm()
    const bytes = value.subarray(0, MAX_HEAD_SIZE - size)
    head.set(bytes, size)
    size += bytes.length
    rest = value.subarray(bytes.length)
  }

  /** Returns the position of a mark from `at` on, and reads until it is found. */
  async function find(mark: Buffer): Promise<number> {
    for (let from = at; ; ) {
      const found = head.subarray(0, size).indexOf(mark, from)
      if (found >= 0) return found
      if (size === MAX_HEAD_SIZE) throw new S3Error('MaxPostPreDataLengthExceededError')
      from = Math.max(at, size - mark.length + 1)
      await more()
    }
  }

  const line = Buffer.from('\r\n')
  const blankLine = Buffer.from('\r\n\r\n')
  const fields: [string, string][] = []
  at = (await find(delimiter)) + delimiter.length
  for (;;) {
    const lineEnd = await find(line)
    const after = head.subarray(at, lineEnd).toString('latin1').trim()
    if (after.startsWith('--')) throw missingFile()
    if (after !== '') malformedForm()
    at = lineEnd
    const headersEnd = await find(blankLine)
    const { name, filename } = readDisposition(decodeText(head.subarray(at, headersEnd)))
    at = headersEnd + blankLine.length
    if (name.toLowerCase() === 'file') {
      const first = [head.subarray(at, size), rest]
      return { fields, filename: filename ?? '', file: () => fileBody(first, body, delimiter) }
    }
    const end = await find(delimiter)
    if (fields.length === MAX_FIELDS) throw new S3Error('MaxPostPreDataLengthExceededError')
    fields.push([name, decodeText(head.subarray(at, end))])
    at = end + delimiter.length
  }
}

/** Yields the bytes before the next delimiter. */
async function* fileBody(
  first: readonly Uint8Array[],
  body: AsyncGenerator<Uint8Array, unknown>,
  delimiter: Buffer,
): AsyncGenerator<Uint8Array, undefined> {
  let held: Buffer = Buffer.from('\r\n') // An empty file starts with the delimiter.
  let start = 2
  let isOver = false
  async function* pieces() {
    yield* first
    for await (const bytes of { [Symbol.asyncIterator]: () => body }) yield bytes
  }
  for await (const bytes of pieces()) {
    if (isOver) continue
    const joined = Buffer.concat([held, bytes])
    const found = joined.indexOf(delimiter)
    isOver = found >= 0
    // The start of a delimiter may be at the end of this piece.
    const end = isOver ? found : Math.max(0, joined.length - delimiter.length + 1)
    if (end > start) yield joined.subarray(start, end)
    held = Buffer.from(joined.subarray(end))
    start = Math.max(0, start - end)
  }
  if (!isOver) malformedForm()
  return undefined
}

function readDisposition(headers: string): { name: string; filename: string | undefined } {
  const line = headers.split('\r\n').find((header) => /^content-disposition:/i.test(header)) ?? malformedForm()
  const parameter = (attribute: string): string | undefined => {
    const [, quoted, plain] =
      new RegExp(`;[ \\t]*${attribute}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s"]*))`, 'i').exec(line) ?? []
    return quoted?.replace(/\\(["\\])/g, '$1') ?? plain
  }
  if (!/^content-disposition:[ \t]*form-data[ \t]*(?:;|$)/i.test(line)) malformedForm()
  return { name: parameter('name') ?? malformedForm(), filename: parameter('filename') }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return malformedForm()
  }
}

function missingFile(): S3Error {
  return new S3Error('InvalidArgument', { ArgumentName: 'file', ArgumentValue: '0' }, FILE_COUNT[0])
}

function malformedForm(): never {
  throw new S3Error('MalformedPOSTRequest')
}
