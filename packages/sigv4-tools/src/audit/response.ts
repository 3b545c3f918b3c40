/** Maximum length of a response, of a head, and of the line before a chunk: longer ones are not read to their end. */
const MAX_LENGTH = 4 * 1024 * 1024
const MAX_HEAD = 64 * 1024
/** Maximum number of responses such as 100 Continue before the final one. */
const MAX_INTERIM = 20

/** Reads one response in pieces of any size. Every byte is read once, so that the time depends only on the length. */
export class ResponseReader {
  /** The head of the final response, as much of it as was received. */
  head = ''
  /** Whether the response is complete, or is not read any further. */
  isDone = false
  readonly #isHead: boolean
  readonly #body: string[] = []
  #state: 'head' | 'body' | 'chunk' | 'size' | 'trailer' = 'head'
  /** What was received, and cannot be read before more is received. */
  #rest = ''
  #length = 0
  #interim = 0
  /** Bytes that are missing until the end of the body or the chunk. */
  #missing = Number.POSITIVE_INFINITY

  constructor(isHead: boolean) {
    this.#isHead = isHead
  }

  get body(): string {
    return this.#body.join('')
  }

  push(piece: string): void {
    this.#length += piece.length
    this.#rest += piece
    while (!this.isDone && this.#readNext());
    if (this.#length > MAX_LENGTH) this.isDone = true
  }

  /** Reads a head, a line, or what was received of the body. Returns whether more may follow. */
  #readNext(): boolean {
    if (this.#state === 'body' || this.#state === 'chunk') return this.#readBody()
    const end = this.#state === 'head' ? '\r\n\r\n' : '\r\n'
    const at = this.#rest.indexOf(end)
    const text = at < 0 ? this.#rest : this.#rest.slice(0, at)
    if (this.#state === 'head') this.head = text.slice(0, MAX_HEAD)
    if (text.length > MAX_HEAD) this.isDone = true
    if (at < 0 || this.isDone) return false
    this.#rest = this.#rest.slice(at + end.length)
    if (this.#state === 'head') this.#endHead()
    else if (this.#state === 'size') this.#readSize(text)
    else this.isDone = text === ''
    return true
  }

  #readBody(): boolean {
    const part = this.#rest.slice(0, this.#missing)
    this.#body.push(part)
    this.#rest = this.#rest.slice(part.length)
    this.#missing -= part.length
    if (this.#missing > 0) return false
    if (this.#state === 'chunk') this.#state = 'size'
    else this.isDone = true
    return true
  }

  #endHead(): void {
    if (/^HTTP\/1\.\d 1\d\d/.test(this.head)) {
      this.isDone = ++this.#interim > MAX_INTERIM
      return
    }
    const length = headerOf(this.head, 'content-length')
    if (this.#isHead || /^HTTP\/1\.\d (?:204|304)/.test(this.head)) this.isDone = true
    else if (length !== undefined) this.#startBody('body', /^\d+$/.test(length) ? Number(length) : undefined)
    else if (/chunked/i.test(headerOf(this.head, 'transfer-encoding') ?? '')) this.#state = 'size'
    else this.#startBody('body')
  }

  /** Reads the size of a chunk. The line is empty at the end of the previous chunk. */
  #readSize(line: string): void {
    if (line === '') return
    const size = Number.parseInt(line, 16)
    if (size === 0) this.#state = 'trailer'
    else if (size > 0) this.#startBody('chunk', size)
    else this.#startBody('body')
  }

  /** A body without a known length ends with the connection. */
  #startBody(state: 'body' | 'chunk', length = Number.POSITIVE_INFINITY): void {
    this.#state = state
    this.#missing = length
  }
}

/** Returns the value of a header of a response. */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((line) => line.toLowerCase().startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}
