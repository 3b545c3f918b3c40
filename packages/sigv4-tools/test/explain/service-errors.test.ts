import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { explain } from '../../src/explain.ts'
import { FORM_BASES } from '../support/explain/generator/faults-form.ts'
import { produceForm } from '../support/explain/generator/form.ts'
import { type Base, type Pair, produce, type Scene, setHeader } from '../support/explain/generator/signing.ts'

// What AWS and others return, as public threads quote it. The requests are not in the threads, or in part: they are
// made to go with the responses, and nothing is wrong with them but what the thread says.

interface Quoted {
  id: string
  server: string
  source: string
  status: number
  /** Null: the response alone does not show it. */
  cause: string | null
  alternatives?: string[]
  request: Stub
  headers?: Pair[]
  body: string
}

interface Stub {
  /** `strings`: the request that the canonical request in the response describes. `v2`: Signature Version 2, in a URL. */
  location: 'header' | 'query' | 'post' | 'v2' | 'strings'
  date?: string
  /** What was sent instead of a date. */
  amzDate?: string
  expires?: string
  region?: string
  service?: string
  accessKeyId?: string
  authorization?: string
  /** A header that was added after signing, one that is signed, and one that did not arrive. */
  added?: Pair
  signed?: Pair
  without?: string
}

interface Made {
  method: string
  url: string
  headers: Pair[]
  body?: Uint8Array
}

const answers: Quoted[] = JSON.parse(
  readFileSync(new URL('../../fixtures/service-errors/answers.json', import.meta.url), 'utf8'),
).answers

const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))

function requestOf({ request: stub, body }: Quoted): Made {
  if (stub.location === 'strings') return describedBy(body)
  if (stub.location === 'v2') {
    const query = `AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=${stub.expires}&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D`
    return { method: 'GET', url: `/photos/cat.jpg?${query}`, headers: [['Host', 's3.amazonaws.com']] }
  }
  const scene: Scene = {
    host: stub.service ? `${stub.service}.us-east-1.amazonaws.com` : 's3.us-east-1.amazonaws.com',
    virtualHost: 's3.us-east-1.amazonaws.com',
    bucket: 'photos',
    region: stub.region ?? 'us-east-1',
    credentials: { accessKeyId: stub.accessKeyId ?? 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not known here' },
    now: timeOf(stub.date ?? '20240101T120000Z'),
  }
  if (stub.location === 'post') return made(produceForm(scene, FORM_BASES.typed).request)

  const withBody = /SHA256Mismatch/.test(body)
  const base: Base = {
    name: 'quoted',
    method: withBody ? 'PUT' : 'GET',
    key: 'cat.jpg',
    ...(stub.signed ? { headers: [stub.signed] } : {}),
    ...(withBody ? { body: 'the body' } : {}),
  }
  const { request } = produce(scene, base, stub.location, {
    client(client) {
      client.unsigned = client.unsigned.filter((name) => name !== stub.signed?.[0])
      if (stub.expires) client.expires = stub.expires
      if (stub.amzDate) client.amzDate = stub.amzDate
      if (stub.service) client.service = stub.service
      if (withBody) client.payloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    },
    authorization: (value) =>
      stub.authorization ??
      (stub.without === 'X-Amz-Content-Sha256' ? value.replace(';x-amz-content-sha256', '') : value),
    sent(wire) {
      if (stub.added) setHeader(wire.headers, ...stub.added)
      if (stub.without) setHeader(wire.headers, stub.without, undefined)
      wire.query = wire.query.filter((pair) => pair.split('=')[0] !== stub.without)
      if (/<HeadersNotSigned>x-amz-content-sha256|'x-amz-content-sha256' must be included/.test(body)) {
        const at = wire.headers.findIndex(([name]) => name === 'Authorization')
        wire.headers[at] = ['Authorization', wire.headers[at]![1].replace(';x-amz-content-sha256', '')]
      }
    },
  })
  return made(request)
}

const made = ({ method, target, headers, body }: ReturnType<typeof produce>['request']): Made => ({
  ...{ method, url: target, headers },
  ...(body.length > 0 ? { body } : {}),
})

/** The request of a canonical request: its headers, and an Authorization that goes with them. */
function describedBy(body: string): Made {
  const message = body.startsWith('{') ? (JSON.parse(body).message ?? JSON.parse(body).errors[0].message) : body
  const [, canonical] = /(?:should have been\n'|<CanonicalRequest>)([^']*?)(?:'\n|$)/.exec(message)!
  const [method, path, query, ...rest] = canonical!.split('\n')
  const headers = rest
    .slice(0, rest.indexOf(''))
    .map((line): Pair => [line.split(':')[0]!, line.slice(line.indexOf(':') + 1)])
  const [, scope] = /AWS4-HMAC-SHA256\n\w+\n(\S+)/.exec(message)!
  const signed = headers.map(([name]) => name).join(';')
  const credential = `AKIAIOSFODNN7EXAMPLE/${scope}`
  const signature = 'b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78'
  headers.push([
    'authorization',
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`,
  ])
  return { method: method!, url: query ? `${path}?${query}` : path!, headers }
}

function explained(quoted: Quoted) {
  const { status, headers = [], body, request } = quoted
  const hasTime = /<ServerTime>/.test(body) || headers.some(([name]) => name === 'Date')
  return explain({
    request: requestOf(quoted),
    response: { status, headers, body },
    ...(hasTime
      ? {}
      : { now: timeOf(request.date ?? '20240101T120000Z') + (/expired: /.test(body) ? 20 * 60_000 : 0) }),
  })
}

describe('responses quoted in public', () => {
  it('are many, of many services, each with its source', () => {
    expect(answers.length).toBeGreaterThanOrEqual(55)
    expect(new Set(answers.map(({ server }) => server)).size).toBeGreaterThanOrEqual(20)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length)
    for (const { source } of answers)
      expect(source).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+$/)
  })

  it('do not contain real keys', () => {
    for (const { id, body } of answers) {
      expect(body.match(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g)?.filter((key) => !/EXAMPLE/.test(key)) ?? [], id).toEqual([])
    }
  })

  it.each(answers.map((quoted) => [quoted.id, quoted] as const))('%s', (_id, quoted) => {
    const { findings, verdict } = explained(quoted)
    const said = `${verdict} (${findings.map(({ cause, confidence }) => `${cause} ${confidence}`).join(', ')})`
    expect(verdict).not.toBe('')
    if (quoted.cause === null) {
      expect(
        findings.filter(({ confidence }) => confidence === 'proven'),
        said,
      ).toEqual([])
      expect(verdict, said).not.toMatch(/is right|Nothing is wrong/)
      return
    }
    const right = [quoted.cause, ...(quoted.alternatives ?? [])]
    expect(right, said).toContain(findings[0]?.cause)
  })
})
