import { describe, expect, it } from 'vitest'
import { checkPost, parseMultipartResponse } from '../../../../src/index.ts'
import { SigV4VerifyError, verify, verifyPost } from '../../../../src/verify.ts'
import { forge, forgeForm, HOST, NOW, scopedKey, target } from '../../../../test/support/attacks/attacker.ts'
import { encoded, forgeUpload, SIGNED, UNSIGNED } from '../../../../test/support/attacks/chunked.ts'
import { checkLinear } from '../../../../test/support/linear-work.ts'
import { randomBelow, SEED } from '../../../../test/support/random.ts'
import { parseHttp } from '../../src/cli/input/http.ts'
import { clean } from '../../src/explain/paste/clean/clean.ts'
import { FENCE, type Reader } from '../../src/explain/paste/model/found.ts'
import { READERS } from '../../src/explain/paste/readers.ts'
import { explain, inspect, parseEvidence } from '../../src/explain.ts'
import { PASTES } from '../support/pastes.ts'

// Valid items cost more than the worst character: a reader may compare each with all others. Everything that a reader
// accepts is repeated, with a different one of its kind at either end, or in turn with something else.

/** Two hundred items: if they are compared with each other, a block runs 20,000 times. */
const LENGTH = 100_000

const random = randomBelow(SEED)

/** Repeats items in turn up to a length, and puts others at the ends. */
const repeated =
  (items: readonly string[], first = '', last = '') =>
  (length: number): string => {
    let text = first
    for (let i = 0; text.length < length; i++) text += `${items[i % items.length]}\n\n`
    return text + last
  }

const read = (text: (length: number) => string) => (length: number) => {
  const paste = text(length)
  return () => explain({ request: { url: `https://${HOST}/`, headers: {} }, ...parseEvidence(paste) })
}

const kindsOf = (paste: string): string => String(parseEvidence(paste).items.map(({ kind }) => kind))

/** The reader of the first item of a paste. */
function readerOf(text: string): Reader | undefined {
  const { lines } = clean(text).paste
  const at = lines.findIndex((line) => line.trim() !== '' && line !== FENCE)
  return READERS.find((reader) => reader(clean(text).paste, at, lines[at] ?? ''))
}

const nameOf = ({ name }: Reader): string => name

interface Example {
  readonly paste: string
  /** Who reads its first item. */
  readonly reader: string
  /** The kinds of all its items. */
  readonly kinds: string
}

/** An item of each reader, and of each kind, as short as there is: more of them fit. */
const EXAMPLES: Example[] = []
for (const { paste } of [...PASTES].sort((one, other) => one.paste.length - other.paste.length)) {
  const found = readerOf(paste)
  const kinds = kindsOf(paste)
  if (!found || kinds === '') continue
  const reader = nameOf(found)
  const isKnown = EXAMPLES.some((other) => other.reader === reader) && EXAMPLES.some((other) => other.kinds === kinds)
  if (!isKnown) EXAMPLES.push({ paste, reader, kinds })
}

/** What makes an item a different one of its kind; the first that does is used. */
const CHANGES = [
  ['cat.jpg', 'dog.jpg'],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLF'],
  ['SignatureDoesNotMatch', 'AccessDenied'],
  ['RequestTimeTooSkewed', 'InvalidAccessKeyId'],
  ['Denied', 'denied'],
  ['dynamodb', 'sqs'],
  ['403', '404'],
  ['application/', 'text/'],
  ['Token', 'token'],
  ['not match', 'not match!'],
  ['InvalidSignature', 'IncompleteSignature'],
] as const

/** An item of the same kinds. */
function otherThan(paste: string): string {
  for (const [from, to] of CHANGES) {
    const changed = paste.replaceAll(from, to)
    if (changed !== paste && kindsOf(changed) === kindsOf(paste)) return changed
  }
  throw new Error(`no change makes this a different item: ${paste}`)
}

describe('items of one kind take linear time', () => {
  it('and there is an example for each reader', () => {
    const names = READERS.map(nameOf)
    expect(new Set(names).size).toBe(READERS.length)
    expect([...new Set(EXAMPLES.map(({ reader }) => reader))].sort()).toEqual(names.sort())
  })

  const check = async (one: string, other: string): Promise<void> => {
    await checkLinear('and a different one at the end', read(repeated([one], '', other)), LENGTH)
    await checkLinear('and a different one at the start', read(repeated([one], `${other}\n\n`)), LENGTH)
  }

  it.each(EXAMPLES.map(({ reader, kinds, paste }) => [`${reader}: ${kinds}`, paste] as const))('%s', (_, paste) =>
    check(paste, otherThan(paste)),
  )

  it('the shortest canonical requests', async () => {
    const one = 'PUT\n/a\n\nhost:a\n\nhost\nUNSIGNED-PAYLOAD'
    const other = one.replace('/a', '/b')
    expect(kindsOf(one)).toBe('canonical-request')
    await check(one, other)
    await checkLinear('in turn with a different one', read(repeated([one, other])), LENGTH)
  })
})

it('mixtures of items take linear time', async () => {
  const one = (): string => {
    const { paste } = EXAMPLES[random(EXAMPLES.length)]!
    return random(2) === 0 ? paste : otherThan(paste)
  }
  for (let i = 0; i < 12; i++) {
    const some = Array.from({ length: 2 + random(5) }, one)
    await checkLinear(`mixture ${i}`, read(repeated(some, `${one()}\n\n`, one())), LENGTH)
  }
})

describe('valid parts of one request take linear time', () => {
  const many = (part: (i: number) => string, length: number): string => {
    const parts: string[] = []
    for (let i = 0, size = 0; size < length; i++) {
      const next = part(i)
      size += next.length
      parts.push(next)
    }
    return parts.join('')
  }
  const options = { credentials: scopedKey, now: NOW }
  const form = { ...options, bucket: 'photos', size: 1 }
  const named = (length: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: length / 20 }, (_, i) => [`x-amz-meta-a${i}`, 'b']))
  const checkChunks = (count: number, kind: typeof SIGNED | typeof UNSIGNED, isByteByByte = false) => {
    const upload = forgeUpload(
      Array.from({ length: count }, () => Buffer.from('a')),
      { kind },
    )
    const { forged } = upload
    const body = encoded(upload)
    const pieces = isByteByByte ? Array.from(body, (byte) => Uint8Array.of(byte)) : [body]
    const request = { method: forged.method, url: target(forged), headers: forged.headers }
    const deferred = { payload: 'deferred', allowSmallChunks: true, allowUnsignedPayload: true } as const
    return async () => {
      const { verifyBody } = await verify(request, { ...options, ...deferred })
      let size = 0
      for await (const bytes of verifyBody(pieces)) size += bytes.length
      expect(size).toBe(count)
    }
  }
  const expectRejection = (error: unknown): void => expect(error).toBeInstanceOf(SigV4VerifyError)
  const readHttp = (text: string) => {
    const bytes = Buffer.from(text)
    return () => parseHttp({ note: () => {} }, bytes)
  }
  const REQUEST = `PUT /a HTTP/1.1\r\nHost: ${HOST}\r\n`
  const LOG = `> PUT /a HTTP/1.1\n> Host: ${HOST}\n`
  const ROWS: Record<string, (length: number) => () => unknown> = {
    'inspect: empty parameters': (length) => () => inspect(`https://${HOST}/?${'&%'.repeat(length / 2)}`),
    'inspect: parameters': (length) => () => inspect(`https://${HOST}/?${many((i) => `a${i}=b&`, length)}`),
    'verify: signed headers': (length) => {
      const forged = forge({ headers: named(length) })
      return () => verify({ url: target(forged), headers: forged.headers }, options)
    },
    'verify: headers and rawHeaders': (length) => {
      const forged = forge({ unsigned: named(length) })
      const headers = Object.fromEntries(forged.headers)
      return () => verify({ url: target(forged), headers, rawHeaders: forged.headers.flat() }, options).catch(() => {})
    },
    'verify: repeated pairs in rawHeaders': (length) => {
      const count = length / 10
      const forged = forge({ unsigned: { 'x-a': Array.from({ length: count }, () => 'b').join(', ') } })
      const headers = Object.fromEntries(forged.headers)
      const once = forged.headers.filter(([name]) => name !== 'x-a')
      const rawHeaders = [...once, ...Array.from({ length: count }, () => ['x-a', 'b'])].flat()
      return () => verify({ url: target(forged), headers, rawHeaders }, options)
    },
    'verifyBody: signed chunks': (length) => checkChunks(length / 100, SIGNED),
    'verifyBody: unsigned chunks': (length) => checkChunks(length / 2, UNSIGNED),
    'verifyBody: signed chunks byte by byte': (length) => checkChunks(length / 100, SIGNED, true),
    'verifyPost: fields': (length) => {
      const { fields } = forgeForm({ fields: named(5 * length) })
      return () => verifyPost(fields, form).catch(expectRejection)
    },
    'verifyPost: repeated fields': (length) => {
      const { fields } = forgeForm()
      const repeats = Array.from({ length }, (): [string, string] => ['x-amz-meta-a', 'b'])
      return () => verifyPost([...Object.entries(fields), ...repeats], form).catch(expectRejection)
    },
    'verify: parameters': (length) => {
      const forged = forge({ query: many((i) => `a${i}=b&`, length) })
      return () => verify({ url: target(forged), headers: forged.headers }, options)
    },
    'checkPost: conditions': (length) => {
      const conditions = Array.from({ length: length / 20 }, (_, i) => ['eq', `$x-amz-meta-a${i}`, 'b'])
      const policy = { expiration: new Date(NOW + 1000).toISOString(), conditions }
      return () => checkPost(policy as never, forgeForm().fields, { size: 1 } as never)
    },
    'checkPost: variables': (length) => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
      const note = '${filename}'.repeat(length / 8)
      const policy = { expiration: new Date(NOW + 1000).toISOString(), conditions: [] }
      const filename = 'n'.repeat(length / 2)
      return () => checkPost(policy as never, { key: 'a', 'x-amz-meta-note': note }, { filename, size: 1 })
    },
    'parseMultipartResponse: parts': (length) => {
      const parts = many((i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>"a"</ETag></Part>`, length)
      return () => parseMultipartResponse(`<ListPartsResult>${parts}</ListPartsResult>`)
    },
    'CLI: headers': (length) => readHttp(`${REQUEST}${many((i) => `a${i}: b\r\n`, length)}\r\n`),
    'CLI: the same header': (length) => readHttp(`${REQUEST}${many(() => 'a: b\r\n', length)}\r\n`),
    'CLI: lines of one header': (length) => readHttp(`${REQUEST}a: b\r\n${many(() => ' c\r\n', length)}\r\n`),
    'CLI: chunks': (length) =>
      readHttp(`${REQUEST}Transfer-Encoding: chunked\r\n\r\n${many(() => '1\r\na\r\n', length)}0\r\n\r\n`),
    'CLI: headers in a log': (length) => readHttp(`${LOG}${many((i) => `> a${i}: b\n`, length)}>\n`),
    'CLI: other lines in a log': (length) => readHttp(`${LOG}${many(() => '* a\n', length)}>\n`),
    'CLI: requests in a log': (length) => readHttp('> PUT /a HTTP/1.1\n>\n< HTTP/1.1 200 OK\n'.repeat(length / 4)),
    'CLI: unfinished requests in a log': (length) => readHttp('> PUT /a HTTP/1.1\n< a\n'.repeat(length / 4)),
  }

  it.each(Object.entries(ROWS))('%s', async (name, make) => {
    await checkLinear(name, make)
  })
})
