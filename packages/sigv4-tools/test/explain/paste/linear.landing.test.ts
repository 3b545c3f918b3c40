import { describe, expect, it } from 'vitest'
import { HOST } from '../../../../../test/support/attacks/attacker.ts'
import { CHARACTERS } from '../../../../../test/support/attacks/linear.ts'
import { runs } from '../../../../../test/support/depth.ts'
import { expectLinear } from '../../../../../test/support/linear.ts'
import { randomBelow, SEED } from '../../../../../test/support/random.ts'
import { shareable } from '../../../src/debugger/share.ts'
import { clean } from '../../../src/explain/paste/clean/clean.ts'
import { FENCE, type Reader } from '../../../src/explain/paste/model/found.ts'
import { READERS } from '../../../src/explain/paste/readers.ts'
import { explain, parseEvidence } from '../../../src/explain.ts'
import { createHider } from '../../../src/redaction/hide.ts'
import { PASTES } from '../../support/pastes.ts'

// Whatever people paste, reading it, explaining it and hiding its secrets takes linear time.

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

/** Reads and explains a paste of a length. */
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

  it.each(EXAMPLES.map(({ reader, kinds, paste }) => [`${reader}: ${kinds}`, paste] as const))(
    '%s',
    async (_, paste) => {
      await expectLinear(read(repeated([paste], '', otherThan(paste))), { length: LENGTH })
      await expectLinear(read(repeated([paste], `${otherThan(paste)}\n\n`)), { length: LENGTH })
    },
  )

  it('the shortest canonical requests, in turn with a different one', async () => {
    const one = 'PUT\n/a\n\nhost:a\n\nhost\nUNSIGNED-PAYLOAD'
    const other = one.replace('/a', '/b')
    expect(kindsOf(one)).toBe('canonical-request')
    await expectLinear(read(repeated([one, other])), { length: LENGTH })
  })
})

it('mixtures of items take linear time', async () => {
  const one = (): string => {
    const { paste } = EXAMPLES[random(EXAMPLES.length)]!
    return random(2) === 0 ? paste : otherThan(paste)
  }
  for (let i = 0; i < runs(6, 60); i++) {
    const some = Array.from({ length: 2 + random(5) }, one)
    await expectLinear(read(repeated(some, `${one()}\n\n`, one())), { length: LENGTH })
  }
})

describe('repetitions take linear time', () => {
  const hide = createHider(['wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzQQLMKEYa'])
  /** What a reader may take for the start of something, or a redactor for a secret or a line break in it. */
  const UNITS = [
    ...CHARACTERS,
    '> ',
    '`',
    '^',
    '`\n',
    '{\n',
    '{"a":',
    '[{',
    '<a>',
    '<Error>',
    '<Error>\n',
    '<Code>',
    'https://',
    'https://a.amazonaws.com/b ',
    '?X-Amz-Signature=',
    'curl ',
    'curl -d "\n',
    'fetch("https://a.b/c',
    'PUT\n/\n',
    'GET / HTTP/1.1\n',
    'a: b\n',
    'GET / HTTP/1.1\na: b\n',
    '> GET / HTTP/1.1\n',
    '< HTTP/1.1 403\n',
    'HTTP/1.1 403 Forbidden\n\n',
    'AWS4-HMAC-SHA256\n',
    `${'a'.repeat(64)}\n`,
    'SignatureDoesNotMatch ',
    'SignatureDoesNotMatch\n',
    'The Canonical String for this request should have been\n',
    'GET\\n',
    "'GET\\n' +\n",
    'Error executing "',
    'secretAccessKey: a1',
    'aws_secret_access_key=wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
    'web_1 | ',
    'web | a\n',
    '\x1b[',
    '\u200b',
    'Request URL: ',
    '41 ',
    '41 57 ',
    '```\n',
    `curl '${'https://a.s3.amazonaws.com/?X-Amz-Signature='}'\n`,
    'map[Authorization:[',
    '<Code>x</Code>\nproxy_pass http://a;\n',
    'SignatureDoesNotMatch\nlocation /a {\n',
    '<form action="https://a" ',
    '--x\nContent-Disposition: form-data; name="a"\n',
    'SignatureDoesNotMatch endpoint: "http://a.b ',
    'SignatureDoesNotMatch "/a" ',
    '{"level":1,"ts":1,"error":"',
    "{'a': b'a'\n",
    "b'a'\n",
    'SignatureDoesNotMatch echo $SECRET | base64\n',
    'SignatureDoesNotMatch boto3==1.35.3\n',
    'SignatureDoesNotMatch metadata: "a a" ',
    'method: PUT\nuri: https://a.s3.amazonaws.com/b\n',
    'Method: PUT, RequestUri: ',
    "Method: PUT, RequestUri: 'a', ",
    'StatusCode: 403, ReasonPhrase: ',
    "send: b'PUT / HTTP/1.1\\r\\n'\n",
    '"GET / HTTP/1.1\\r\\n',
    '"GET / HTTP/1.1\\r\\n" ',
    '--> PUT https://a ',
    '<-- 403 a https://',
    '<-- 403 ',
    'Sending HTTP request PUT https://a',
    'http-outgoing-0 >> "',
    'http-outgoing-0 >> "[0xc3][\\r][\\n]"\n',
    'header: a: ',
    'a [REQUEST a]\n',
    'a [RESPONSE]',
    'RESPONSE: (PUT https:',
    '\\xc3',
    `[a] => ${' '.repeat(1000)}`,
    'https://a.example/b?X-Amz-Signature=0 ',
    '{"a":[',
    '<Error><Code>',
    'x-amz-date: 20260131T120000Z\r\n',
    "curl -H 'a: b' \\\n",
    '2026-01-31 12:00:00 INFO nothing to see here\n',
    '%25\\u0026&amp;',
    '\r\n',
    ' \n',
    'a\n',
    '=\n',
    '\\\n',
    '\n> ',
    '\n    ',
    '\\n',
    'secret=',
    'secret=a\n',
    'secret\n',
    'secret="a\n',
    '\n>',
    '</',
    '&gt;',
    '%0A',
    '[None]',
    '[****',
    'wJalrXUt\n',
    'AKIAIOSFODNN7EXAMPLE:a\n',
    'mc alias set a b c d\n',
    `${'wJalrXUtn1'.repeat(20)}\n`,
  ]

  it.each(UNITS)('%j', async (unit) => {
    const text = (length: number) => unit.repeat(length / unit.length)
    await expectLinear(read(text), { length: LENGTH })
    await expectLinear((length) => () => shareable(text(length), []), { length: LENGTH })
    await expectLinear((length) => () => hide(text(length)), { length: LENGTH })
  })

  it('words after an error', () => {
    const error =
      'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.'
    const words = 'POST body keys with secret file multiple '
    return expectLinear(read((length) => `${error}\n${words.repeat(length / words.length)}`))
  })

  it('spaces before a line separator', () =>
    expectLinear(
      read((length) => `Array\n(\n    [headers] => Array\n    (\n    [host] => ${' '.repeat(length)}x\u2028y`),
    ))

  it.each([
    ['printable', 0x20, 0x7f],
    ['any', 0, 0xffff],
  ])('random characters: %s', (_, from, to) =>
    expectLinear(
      read((length) => Array.from({ length }, () => String.fromCharCode(from + random(to - from))).join('')),
      { length: LENGTH },
    ),
  )
})
