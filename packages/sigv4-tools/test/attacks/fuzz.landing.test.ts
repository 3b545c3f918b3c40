import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SigV4VerifyError, verify, verifyPost } from '../../../../src/verify.ts'
import {
  allows,
  BUCKET,
  FORM_TYPE,
  formRequest,
  isSigned,
  multipart,
  NOW,
  type Pair,
  signedForm,
} from '../../../../test/support/attacks/forms.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { runs } from '../../../../test/support/depth.ts'
import { byHeader, byQuery, type Handmade, signature } from '../../../../test/support/hand.ts'
import { usedMemory } from '../../../../test/support/memory.ts'
import { amzDateOf, sha256 } from '../../../../test/support/oracle.ts'
import { randomBelow, SEED } from '../../../../test/support/random.ts'
import { type Started, start } from '../support/serve/start.ts'

// Signed requests and forms with random changes: none with a different meaning is accepted, and each error is typed.

const REQUESTS = runs(8000, 20_000)
const FORMS = runs(2000, 5000)
const ON_THE_WIRE = runs(2000, 10_000)
const HOST = 's3.us-east-1.amazonaws.com'

/** A request that can be changed. */
interface Draft {
  method: string
  target: string
  headers: Pair[]
  body: Buffer
}

const draftOf = ({ method, target, headers, body = '' }: Handmade): Draft => ({
  method,
  target,
  headers: Object.entries(headers),
  body: Buffer.from(body as string),
})

/** A request with a body in signed chunks. */
function chunked(host: string, sizes: number[], time = NOW): Draft {
  const length = sizes.reduce((sum, size) => sum + size, 0)
  const signed = byHeader({
    host,
    time,
    method: 'PUT',
    path: '/photos/chunks',
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': `${length}` },
  })
  const date = amzDateOf(time)
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`
  let previous = /Signature=(\w+)/.exec(signed.headers.authorization!)![1]!
  const pieces = [...sizes, 0].map((size) => {
    const data = 'x'.repeat(size)
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', date, scope, previous, sha256(''), sha256(data)].join('\n')
    previous = signature({ host }, text, date)
    return `${size.toString(16)};chunk-signature=${previous}\r\n${data}\r\n`
  })
  const body = pieces.join('')
  return draftOf({ ...signed, headers: { ...signed.headers, 'content-length': `${body.length}` }, body })
}

/** Valid requests of each kind. */
function seedsFor(host: string, time: number): Draft[] {
  const common = { host, time, path: '/photos/caf%C3%A9.jpg' }
  return [
    draftOf(byHeader(common)),
    draftOf(
      byHeader({
        ...common,
        query: { versionId: '1', prefix: 'a/b c' },
        headers: { range: 'bytes=0-9', 'x-amz-meta-a': 'one two' },
      }),
    ),
    draftOf(byHeader({ ...common, method: 'PUT', body: 'hello', headers: { 'content-type': 'image/png' } })),
    draftOf(byQuery(common)),
    draftOf(
      byQuery({
        ...common,
        method: 'PUT',
        query: { partNumber: '1', uploadId: 'abc' },
        headers: { 'content-type': 'image/png' },
      }),
    ),
    draftOf(byQuery({ ...common, query: { 'response-content-type': 'text/plain' }, expires: '60' })),
    chunked(host, [10], time),
    chunked(host, [8192, 5], time),
  ]
}

const JUNK = [
  '\0',
  '\n',
  '\r\n',
  '%',
  '%zz',
  '%00',
  '%2e',
  '%2F',
  '%20',
  '+',
  '"',
  ' ',
  '\t',
  ',',
  ';',
  '=',
  '&',
  '/',
  '//',
  '../',
  '?',
  '#',
  '\\',
  '\xff',
  '\x80',
  '\u00e9',
  '\u0130',
  '\u212a',
  '\u202e',
  '\ufeff',
  '\ud800',
  '\u{1f600}',
  '-1',
  '0',
  '9999999999',
  '1e9',
  'null',
  '__proto__',
  'a'.repeat(300),
  'STREAMING-',
  'UNSIGNED-PAYLOAD',
  'AWS4-HMAC-SHA256',
]

/** Changes a string in one position. `other` is spliced in. */
function changeText(text: string, other: string, chance: (below: number) => number): string {
  const at = chance(text.length + 1)
  const end = Math.min(text.length, at + 1 + chance(8))
  const some = text.slice(at, end)
  switch (chance(13)) {
    case 0:
      return (
        text.slice(0, at) +
        String.fromCharCode(text.charCodeAt(Math.min(at, text.length - 1)) ^ (1 << chance(8))) +
        text.slice(at + 1)
      )
    case 1:
      return text.slice(0, at) + text.slice(end)
    case 2:
      return text.slice(0, end) + some + text.slice(end)
    case 3:
      return text.slice(0, at) + text.slice(end, end + 3) + some + text.slice(end + 3)
    case 4:
      return text.slice(0, at) + other.slice(chance(other.length + 1))
    case 5:
      return (
        text.slice(0, at) + (some === some.toUpperCase() ? some.toLowerCase() : some.toUpperCase()) + text.slice(end)
      )
    case 6:
      return text.slice(0, at) + encodeURIComponent(some.replace(/[\ud800-\udfff]/g, '')) + text.slice(end)
    case 7:
      return (
        text.slice(0, at) +
        [...some].map((c) => `%${c.charCodeAt(0).toString(16).slice(-2).padStart(2, '0')}`).join('') +
        text.slice(end)
      )
    case 8:
      return text.replace(/%[\da-f]{2}/i, (octet) => String.fromCharCode(Number.parseInt(octet.slice(1), 16)))
    case 9:
      return other
    case 10:
      return ''
    default:
      return text.slice(0, at) + JUNK[chance(JUNK.length)]! + text.slice(chance(2) ? at : end)
  }
}

/** Changes a request in one to three positions. */
function changeRequest(seeds: readonly Draft[], chance: (below: number) => number): Draft {
  const seed = seeds[chance(seeds.length)]!
  const other = seeds[chance(seeds.length)]!
  const changed: Draft = { ...seed, headers: seed.headers.map(([name, value]) => [name, value]) }
  for (let n = 1 + chance(3); n > 0; n--) {
    const { headers } = changed
    const i = chance(headers.length + 1)
    const [name, value] = headers[i] ?? ['x-amz-meta-b', 'b']
    const [foreign, given] = other.headers[chance(other.headers.length)]!
    const kind = chance(16)
    if (kind < 4) changed.target = changeText(changed.target, other.target, chance)
    else if (kind < 8) headers[i] = [name, changeText(value, given, chance)]
    else if (kind === 8) headers[i] = [changeText(name, foreign, chance) || 'x', value]
    else if (kind === 9) headers.splice(i, 1)
    else if (kind === 10) headers.splice(i, 0, [chance(2) ? name : foreign.toUpperCase(), chance(2) ? value : given])
    else if (kind === 11)
      headers.push([['x-amz-', 'X-Amz-Meta-', 'x-amz-acl'][chance(3)]!, changeText(value, given, chance)])
    else if (kind === 12) changed.method = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'get', 'G\u00cbT', ''][chance(8)]!
    else if (kind === 13) {
      // A header becomes a parameter, or a parameter a header.
      const [, moved, text] = /[?&]([^=&]+)=([^&]*)/.exec(changed.target) ?? []
      if (moved && chance(2)) headers.push([moved.toLowerCase(), text!])
      changed.target += `${changed.target.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(Buffer.from(value).toString())}`
    } else if (kind === 14)
      changed.body = Buffer.from(
        changeText(changed.body.toString('latin1'), other.body.toString('latin1'), chance),
        'latin1',
      )
    else
      changed.target =
        ['http://', 'https://', '//', 'http://evil.example', `http://${HOST}`][chance(5)]! + changed.target
  }
  return changed
}

/** Decodes octets that are UTF-8. */
function asText(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  return /[^\0-\xff]/.test(text) || bytes.toString().includes('\ufffd') ? text : bytes.toString()
}

/** Normalizes the escapes in a part of a target. What cannot be decoded is unchanged. */
function plain(text: string): string {
  const octets = asText(text)
    .replace(/[^\0-\x7f]+/gu, (part) => Buffer.from(part).toString('latin1'))
    .replaceAll('+', ' ')
  return octets.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Returns the meaning of a request without its body: requests with the same meaning have the same signature. */
function meaning({ method, target, headers }: Draft, signed: ReadonlySet<string>): string {
  const [whole = '', authority = ''] = /^https?:\/\/([^/?]*)(?=\/)/i.exec(target) ?? []
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value)
  // An absolute target replaces the host, or repeats it.
  const named: Pair[] = authority && !hosts.length ? [['host', authority]] : []
  const sameHost = (host: string) => host.toLowerCase() === (hosts[0] ?? authority).toLowerCase()
  const local = [authority, ...hosts].every(sameHost) ? target.slice(whole.length) : target
  const [path, ...rest] = local.split('?') as [string, ...string[]]
  const query = rest.join('?').split('&').filter(Boolean)
  const pairs = query.map((pair) => {
    const [name, ...value] = pair.split('=') as [string, ...string[]]
    const text = plain(value.join('='))
    return `${plain(name)}=${plain(name) === 'X-Amz-Signature' ? text.toLowerCase() : text}`
  })
  const values = new Map<string, string[]>()
  for (const [name, value] of [...headers, ...named]) {
    const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    if (lower === 'authorization') {
      const parts = value.replace(/(Signature=)(\S+)/, (_, before, hex) => before + hex.toLowerCase()).split(/[\s,]+/)
      values.set(lower, [...(values.get(lower) ?? []), parts.filter(Boolean).sort().join(' ')])
    } else if (signed.has(lower) || (lower.startsWith('x-amz-') && lower !== 'x-amz-content-sha256'))
      values.set(lower, [
        ...(values.get(lower) ?? []),
        asText(value)
          .replace(/[\t-\r ]+/g, ' ')
          .replace(/^ | $/g, ''),
      ])
  }
  // A missing signed header equals an empty one.
  const lines = [...values].map(([name, all]) => `${name}:${all.join(',')}`).filter((line) => !/:$/.test(line))
  return [method, plain(path), ...pairs.sort(), ...lines.sort()].join('\n')
}

/** Returns the names of the signed headers, without the payload hash header if it is unsigned. */
function signedNames({ target, headers }: Draft): Set<string> {
  const all = headers.filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => value)
  const parameters = target.split(/[?&]/).map(plain)
  const names = [
    ...all.map((value) => /SignedHeaders=([^,\s]*)/.exec(value)?.[1]),
    ...parameters.map((pair) => /^X-Amz-SignedHeaders=(.*)/.exec(pair)?.[1]),
  ]
  return new Set(names.flatMap((list) => list?.split(';') ?? []))
}

/** The meanings of the valid requests, which splices can restore. */
const meaningsOf = (seeds: readonly Draft[]) => seeds.map((seed) => meaning(seed, signedNames(seed)))

/** The number of errors by code. */
class Codes {
  readonly counts = new Map<string, number>()

  add(error: unknown, shown: string): void {
    expect(error, shown).toBeInstanceOf(SigV4VerifyError)
    const { code, status, awsCode } = error as SigV4VerifyError
    expect(status >= 400 && status < 500 && /^\w+$/.test(awsCode), `${status} ${awsCode} ${shown}`).toBe(true)
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1)
  }

  of(name: string): number {
    return this.counts.get(`ERR_SIGV4_${name}`) ?? 0
  }
}

describe('random changes', () => {
  it(`to ${REQUESTS} requests: none with a different meaning is accepted`, async () => {
    const chance = randomBelow(SEED)
    const seeds = seedsFor(HOST, NOW)
    const meanings = meaningsOf(seeds)
    const options = {
      credentials: (id: string) => (id === 'AKIDEXAMPLE' ? SECRET : undefined),
      region: 'us-east-1',
      service: 's3',
      now: NOW,
    }
    for (const { headers, ...seed } of seeds)
      expect((await verify({ ...seed, url: seed.target, headers }, options)).accessKeyId).toBe('AKIDEXAMPLE')
    const codes = new Codes()
    let same = 0
    let before = 0
    for (let round = 0; round < REQUESTS; round++) {
      if (round === REQUESTS / 5) before = usedMemory()
      const changed = changeRequest(seeds, chance)
      const { method, target, headers, body } = changed
      const shown = JSON.stringify({ method, target, headers, body: body.subarray(0, 200).toString('latin1') })
      const given = [Object.fromEntries(headers), headers][chance(2)]!
      const sent: Draft = { ...changed, headers: Array.isArray(given) ? headers : Object.entries(given) }
      try {
        const result = await verify({ method, url: target, headers: given, body }, {
          ...options,
          hideUnknownKeys: round % 4 === 0,
        } as never)
        const at = meanings.indexOf(meaning(sent, signedNames(sent)))
        expect(at, `accepted ${shown}`).toBeGreaterThanOrEqual(0)
        const seed = seeds[at]!
        // The body is the signed one, or unsigned.
        if (result.payload === 'unsigned') expect(result.location, shown).toBe('query')
        else {
          const original = await verify({ ...seed, url: seed.target }, options)
          expect(Buffer.from(result.body!).equals(Buffer.from(original.body!)), shown).toBe(true)
        }
        same++
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error
        codes.add(error, shown)
      }
    }
    expect(usedMemory() - before).toBeLessThan(8 * 1024 * 1024)
    const refused = [...codes.counts.values()].reduce((sum, count) => sum + count, 0)
    expect(refused + same).toBe(REQUESTS)
    expect(refused).toBeGreaterThan(REQUESTS * 0.7)
    for (const name of [
      'AUTH_MISSING',
      'AUTH_MALFORMED',
      'AUTH_AMBIGUOUS',
      'ALGORITHM_UNSUPPORTED',
      'SCOPE_MISMATCH',
      'ACCESS_KEY_UNKNOWN',
      'HEADER_NOT_SIGNED',
      'PAYLOAD_MISMATCH',
      'SIGNATURE_MISMATCH',
    ])
      expect(codes.of(name), `${name} of ${JSON.stringify([...codes.counts])}`).toBeGreaterThan(5)
    expect(codes.of('SIGNATURE_MISMATCH')).toBeGreaterThan(REQUESTS * 0.1)
  })

  it(`to ${FORMS} forms: none that violates the policy is accepted`, async () => {
    const chance = randomBelow(SEED + 1)
    const seeds = [
      signedForm(),
      signedForm({ conditions: [{ bucket: BUCKET }, ['starts-with', '$key', '']], fields: [['key', 'a']] }),
      signedForm({
        conditions: [{ bucket: BUCKET }, ['starts-with', '$key', 'a/'], ['content-length-range', 0, 5]],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
        fields: [['key', 'a/${filename}']],
      }),
    ]
    const options = {
      credentials: (id: string) => (id === 'AKIDEXAMPLE' ? SECRET : undefined),
      bucket: BUCKET,
      region: 'us-east-1',
      now: NOW,
    }
    const codes = new Codes()
    let accepted = 0
    for (let round = 0; round < FORMS; round++) {
      const seed = seeds[chance(seeds.length)]!
      const other = seeds[chance(seeds.length)]!
      const pairs: Pair[] = seed.map(([name, value]) => [name, value])
      for (let n = 1 + chance(3); n > 0; n--) {
        const i = chance(pairs.length)
        const [name, value] = pairs[i] ?? ['key', 'a']
        const [foreign, given] = other[chance(other.length)]!
        const kind = chance(10)
        if (kind < 4) pairs[i] = [name, changeText(value, given, chance)]
        else if (kind === 4) pairs[i] = [changeText(name, foreign, chance), value]
        else if (kind === 5) pairs.splice(i, 1)
        else if (kind === 6) pairs.splice(i, 0, [foreign, given])
        else if (kind === 7) pairs.push([changeText(`x-ignore-${name}`, foreign, chance), value])
        else if (kind === 8) pairs.splice(i, 0, ['file', 'abc'])
        else [pairs[i], pairs[0]] = [pairs[0]!, [name, value]]
      }
      const size = chance(2000)
      const filename = changeText('cat.png', 'a/b', chance)
      const shown = JSON.stringify({ pairs, size, filename })
      try {
        const { accessKeyId } = await verifyPost(pairs, { ...options, size, filename })
        expect(accessKeyId).toBe('AKIDEXAMPLE')
        expect([isSigned(pairs), allows(pairs, { size, filename })], shown).toEqual([true, true])
        accepted++
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error
        codes.add(error, shown)
      }
    }
    expect(accepted).toBeGreaterThan(50)
    expect(accepted).toBeLessThan(FORMS / 2)
    for (const name of [
      'AUTH_MALFORMED',
      'ALGORITHM_UNSUPPORTED',
      'SCOPE_MISMATCH',
      'ACCESS_KEY_UNKNOWN',
      'POLICY_VIOLATION',
      'SIGNATURE_MISMATCH',
    ])
      expect(codes.of(name), `${name} of ${JSON.stringify([...codes.counts])}`).toBeGreaterThan(5)
  })
})

describe('random changes in transit', () => {
  let started: Started

  beforeAll(async () => {
    started = await start({ now: () => NOW, idleTimeout: '150ms', maxBytes: 16 * 1024 * 1024 })
  })
  afterAll(() => started.stop())

  /** Encodes a request: non-Latin-1 text is sent as UTF-8. */
  function bytesOf({ method, target, headers, body }: Draft): Buffer {
    const head = `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    return Buffer.concat([
      Buffer.from(
        head.replace(/[^\0-\xff]+/g, (text) => Buffer.from(text).toString('latin1')),
        'latin1',
      ),
      body,
    ])
  }

  /** Parses a request as a server does, or returns nothing if it is invalid HTTP. */
  function parse(bytes: Buffer): Draft | undefined {
    const at = bytes.indexOf('\r\n\r\n')
    if (at < 0) return undefined
    const [first, ...lines] = bytes.subarray(0, at).toString('latin1').split('\r\n') as [string, ...string[]]
    const [, method, target] = /^([A-Z-]+) (\S+) HTTP\/1\.1$/.exec(first) ?? []
    const headers = lines.map((line): Pair => {
      const colon = line.indexOf(':')
      return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()]
    })
    const length = Number(headers.find(([name]) => /^content-length$/i.test(name))?.[1] ?? 0)
    if (method === undefined || target === undefined) return undefined
    return { method, target, headers, body: bytes.subarray(at + 4, at + 4 + length) }
  }

  /** Sends requests one after another on persistent connections. */
  function newConnection(port: number) {
    let socket: Socket | undefined
    return (bytes: Buffer): Promise<string> =>
      new Promise((resolve) => {
        let received = ''
        if (!socket || socket.destroyed) socket = connect(port, '127.0.0.1').on('error', () => {})
        const used = socket
        const finish = () => {
          clearTimeout(timer)
          used.off('data', read).off('close', finish)
          // Only a single complete response can be followed by another one.
          if (!isWhole()) used.destroy()
          resolve(received)
        }
        const timer = setTimeout(finish, 3000)
        const isWhole = () => {
          const [, head, length] = /^(HTTP\/1\.1 .*?content-length: (\d+)\r\n.*?\r\n\r\n)/is.exec(received) ?? []
          return (
            head !== undefined &&
            received.length === head.length + (bytes.toString('latin1', 0, 5) === 'HEAD ' ? 0 : Number(length))
          )
        }
        const read = (data: Buffer) => {
          received += data.toString('latin1')
          if (
            isWhole() ||
            (/^HTTP\/1\.1 \d{3} .*\r\n\r\n$/s.test(received) && /^(?:HTTP\/1\.1 (?:204|304))/.test(received))
          )
            finish()
          else if (bytes.toString('latin1', 0, 5) === 'HEAD ' && received.includes('\r\n\r\n')) finish()
        }
        used.on('data', read).on('close', finish)
        used.write(bytes)
      })
  }

  it(`to ${ON_THE_WIRE} requests: none with a different meaning is accepted, and none fails`, async () => {
    const chance = randomBelow(SEED + 2)
    const host = `127.0.0.1:${started.server.port}`
    const seeds = seedsFor(host, NOW)
    const meanings = meaningsOf(seeds)
    const conditions = [{ bucket: BUCKET }, ['starts-with', '$key', 'form/'], ['content-length-range', 1, 100]]
    const form = signedForm({ conditions, fields: [['key', 'form/a']] })
    const formSeed = draftOf({
      ...formRequest(host, multipart(form)),
      headers: { host, 'content-type': FORM_TYPE, 'content-length': '' },
    })
    const withLength = (draft: Draft): Draft => ({
      ...draft,
      headers: [
        ...draft.headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
        ['content-length', `${draft.body.length}`],
      ],
    })
    await started.s3('PUT', '/photos/caf%C3%A9.jpg', { body: 'x'.repeat(100), time: NOW })
    const codes = new Map<string, number>()
    let forms = 0
    const rounds = Array.from({ length: ON_THE_WIRE }, (_, round) => round)
    const client = async () => {
      const exchange = newConnection(started.server.port)
      for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
        const isForm = chance(6) === 0
        let changed = isForm ? { ...formSeed } : changeRequest(seeds, chance)
        if (isForm) {
          for (let n = 1 + chance(3); n > 0; n--)
            changed.body = Buffer.from(changeText(changed.body.toString('latin1'), 'x'.repeat(200), chance), 'latin1')
        }
        if (isForm || chance(3)) changed = withLength(changed)
        let bytes = bytesOf(changed)
        if (!isForm && chance(4) === 0) {
          const at = chance(bytes.length)
          bytes = Buffer.concat([
            bytes.subarray(0, at),
            Buffer.from(JUNK[chance(JUNK.length)]!),
            bytes.subarray(at + chance(3)),
          ])
        }
        const reply = await exchange(bytes)
        const shown = `${JSON.stringify(bytes.subarray(0, 3000).toString('latin1'))} ${reply.slice(0, 300)}`
        const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(reply) ?? []
        const code = /<Code>(\w+)<\/Code>/.exec(reply)?.[1] ?? status ?? 'closed'
        codes.set(code, (codes.get(code) ?? 0) + 1)
        expect(reply === '' || /^(?:2\d\d|30\d|4\d\d|501)$/.test(status!), shown).toBe(true)
        if (!status?.startsWith('2')) continue
        const read = parse(bytes)
        if (read?.method === 'OPTIONS') continue
        if (isForm) {
          forms++
          expect(status, shown).toBe('204')
          continue
        }
        expect(meanings, shown).toContain(read && meaning(read, signedNames(read)))
      }
    }
    const before = usedMemory()
    await Promise.all(Array.from({ length: 16 }, client))
    expect(usedMemory() - before).toBeLessThan(16 * 1024 * 1024)
    for (const code of [
      '200',
      'AccessDenied',
      'SignatureDoesNotMatch',
      'AuthorizationHeaderMalformed',
      'AuthorizationQueryParametersError',
      'InvalidArgument',
      'BadRequest',
      'MalformedPOSTRequest',
      'InvalidURI',
    ])
      expect(codes.get(code) ?? 0, `${code} of ${JSON.stringify([...codes])}`).toBeGreaterThan(2)
    expect(started.lines.filter((line) => / {2}500 {2}|InternalError/.test(line))).toEqual([])
    // The accepted forms stored what their policy allows.
    expect(forms).toBeLessThan(ON_THE_WIRE / 6)
    const { text } = await started.s3('GET', '/photos?list-type=2&encoding-type=url', { time: NOW })
    for (const [, key] of text.matchAll(/<Key>([^<]*)<\/Key>/g))
      expect(decodeURIComponent(key!)).toMatch(/^(?:form\/|caf\u00e9\.jpg$|chunks$)/)
    expect((await started.s3('GET', '/photos/caf%C3%A9.jpg', { time: NOW })).status).toBe(200)
  })
})
