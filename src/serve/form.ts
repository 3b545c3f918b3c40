import { S3Error } from './errors.ts'

/** What may come before the file: fields and the headers of their parts. */
const LARGEST_HEAD = 64 * 1024
const MOST_FIELDS = 1000

/** A form as it comes in: what stands before the file, and the file still to be read. */
export interface IncomingForm {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly file: FormFile
}

export interface FormFile {
  readonly name: string
  /** Its bytes; what comes behind the file is dropped, as S3 does. */
  readonly body: () => AsyncGenerator<Uint8Array, undefined>
}

/** The boundary in the content type of a form. */
export function readBoundary(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i.exec(contentType) ?? []
  return quoted ?? plain ?? malformedForm()
}

export function isForm(contentType: string | undefined): contentType is string {
  return /^multipart\/form-data\s*(?:;|$)/i.test(contentType ?? '')
}

/** Reads a form up to its file. Every byte is looked at once: what was searched in vain is not searched again. */
export async function readForm(body: AsyncGenerator<Uint8Array, unknown>, boundary: string): Promise<IncomingForm> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const head = Buffer.allocUnsafe(LARGEST_HEAD)
  head.write('\r\n') // so that a boundary on the first line is one like all others
  let size = 2
  let at = 0
  let rest: Uint8Array = new Uint8Array(0)

  async function more(): Promise<void> {
    const { done, value } = await body.next()
    if (done) malformedForm()
    const taken = value.subarray(0, LARGEST_HEAD - size)
    head.set(taken, size)
    size += taken.length
    rest = value.subarray(taken.length)
  }

  /** The position of a mark from `at` on; reads until it is there. */
  async function find(mark: Buffer): Promise<number> {
    for (let from = at; ; ) {
      const found = head.subarray(0, size).indexOf(mark, from)
      if (found >= 0) return found
      if (size === LARGEST_HEAD) throw new S3Error('MaxPostPreDataLengthExceededError')
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
      return { fields, file: { name: filename ?? '', body: () => fileBody(first, body, delimiter) } }
    }
    const end = await find(delimiter)
    if (fields.length === MOST_FIELDS) throw new S3Error('MaxPostPreDataLengthExceededError')
    fields.push([name, decodeText(head.subarray(at, end))])
    at = end + delimiter.length
  }
}

/** What stands before the next delimiter. */
async function* fileBody(
  first: readonly Uint8Array[],
  body: AsyncGenerator<Uint8Array, unknown>,
  delimiter: Buffer,
): AsyncGenerator<Uint8Array, undefined> {
  let held: Buffer = Buffer.from('\r\n') // an empty file has its delimiter at once
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
    // what could be the start of a delimiter waits for the next piece
    const end = isOver ? found : Math.max(0, joined.length - delimiter.length + 1)
    if (end > start) yield joined.subarray(start, end)
    held = Buffer.from(joined.subarray(end))
    start = Math.max(0, start - end)
  }
  if (!isOver) malformedForm()
  return undefined
}

/** Name and file name of a part. */
function readDisposition(headers: string): { name: string; filename: string | undefined } {
  const line = headers.split('\r\n').find((header) => /^content-disposition:/i.test(header)) ?? malformedForm()
  const parameter = (wanted: string): string | undefined => {
    const [, quoted, plain] =
      new RegExp(`;[ \\t]*${wanted}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s"]*))`, 'i').exec(line) ?? []
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
  return new S3Error(
    'InvalidArgument',
    { ArgumentName: 'file', ArgumentValue: '0' },
    'POST requires exactly one file upload per request.',
  )
}

function malformedForm(): never {
  throw new S3Error('MalformedPOSTRequest')
}
