import { amzDateOf } from '../../../../../../test/support/oracle.ts'
import { H, HQ, paramOf, Q, type Row, setParam } from './row.ts'
import { type Client, type Scene, setHeader } from './signing.ts'

// When, how long, for where: dates, expiry, scope, algorithm.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const clock = (offset: number, expires?: number) => ({
  client(client: Client, scene: Scene) {
    client.amzDate = amzDateOf(scene.now + offset)
    client.scopeDate = client.amzDate.slice(0, 8)
    if (expires !== undefined) client.expires = String(expires)
  },
})

const expires = (value: string) => ({
  client(client: Client) {
    client.expires = value
  },
})

const date = (write: (iso: string, now: number) => string) => ({
  client(client: Client, scene: Scene) {
    client.amzDate = write(new Date(scene.now).toISOString(), scene.now)
  },
})

const scope = (change: Partial<Client> | ((client: Client, scene: Scene) => Partial<Client>)) => ({
  client(client: Client, scene: Scene) {
    Object.assign(client, typeof change === 'function' ? change(client, scene) : change)
  },
})

const otherDay = (offset: number) =>
  scope((_client, scene) => ({ scopeDate: amzDateOf(scene.now + offset).slice(0, 8) }))

export const TIME_FAULTS: readonly Row[] = [
  {
    cause: 'expired',
    name: 'an hour too late',
    in: Q,
    bases: ['get-plain', 'put-meta'],
    hooks: clock(-2 * HOUR - 7 * MINUTE, 3600),
  },
  { cause: 'expired', name: 'a minute too late', in: Q, bases: ['get-space'], hooks: clock(-2 * MINUTE, 60) },
  {
    cause: 'expired',
    name: 'after its week',
    in: Q,
    bases: ['get-download', 'list-prefix'],
    hooks: clock(-9 * DAY - 11 * MINUTE, 604_800),
  },
  { cause: 'expired', name: 'made last year', in: Q, bases: ['get-utf8'], hooks: clock(-400 * DAY, 900) },

  { cause: 'expires-range', name: 'one second over a week', in: Q, bases: ['get-plain'], hooks: expires('604801') },
  { cause: 'expires-range', name: 'a year', in: Q, bases: ['put-text', 'get-utf8'], hooks: expires('31536000') },
  { cause: 'expires-range', name: 'milliseconds', in: Q, bases: ['get-space'], hooks: expires('3600000') },
  { cause: 'expires-range', name: 'negative', in: Q, bases: ['get-plain', 'list-prefix'], hooks: expires('-1') },
  {
    cause: 'expires-range',
    name: 'nothing',
    in: Q,
    bases: ['get-download'],
    alternatives: ['expired'],
    because: 'a URL that is good for no time is over at once',
    hooks: expires('0'),
  },

  { cause: 'expires-format', name: 'words', in: Q, bases: ['get-plain'], hooks: expires('15m') },
  { cause: 'expires-format', name: 'a fraction', in: Q, bases: ['get-space'], hooks: expires('900.5') },
  { cause: 'expires-format', name: 'undefined', in: Q, bases: ['put-text'], hooks: expires('undefined') },
  { cause: 'expires-format', name: 'empty', in: Q, bases: ['get-download'], hooks: expires('') },
  { cause: 'expires-format', name: 'a date', in: Q, bases: ['list-prefix'], hooks: expires('2030-01-01T00:00:00Z') },

  { cause: 'clock-past', name: '17 minutes', in: H, bases: ['get-plain', 'put-meta'], hooks: clock(-17 * MINUTE) },
  {
    cause: 'clock-past',
    name: 'three hours and some',
    in: H,
    bases: ['get-space'],
    hooks: clock(-3 * HOUR - 7 * MINUTE),
  },
  {
    cause: 'clock-past',
    name: 'two days',
    in: H,
    bases: ['list-prefix', 'put-text'],
    hooks: clock(-2 * DAY - 3 * MINUTE),
  },
  {
    cause: 'clock-past',
    name: 'the epoch',
    in: H,
    bases: ['get-utf8'],
    hooks: scope({ amzDate: '19700101T000321Z', scopeDate: '19700101' }),
  },
  { cause: 'clock-future', name: '20 minutes', in: HQ, bases: ['get-plain', 'put-meta'], hooks: clock(20 * MINUTE) },
  { cause: 'clock-future', name: 'an hour and some', in: HQ, bases: ['get-space'], hooks: clock(HOUR + 13 * MINUTE) },
  { cause: 'clock-future', name: 'three days', in: HQ, bases: ['list-prefix'], hooks: clock(3 * DAY + 5 * MINUTE) },
  ...([2, 9, -5, 5.5, -8, -3.5] as const).map(
    (hours, i): Row => ({
      cause: 'clock-timezone',
      name: `UTC${hours < 0 ? '' : '+'}${hours}`,
      in: HQ,
      bases: [(['get-plain', 'put-meta', 'get-space', 'list-prefix', 'put-text', 'get-utf8'] as const)[i]!],
      alternatives: ['expired'],
      because: 'a presigned URL may as well have been made some full hours ago',
      hooks: clock(hours * HOUR),
    }),
  ),

  {
    cause: 'date-format',
    name: 'ISO 8601 with separators',
    alternatives: ['scope-date'],
    because: 'a server that takes the first eight characters for the day finds another one',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: date((iso) => `${iso.slice(0, 19)}Z`),
  },
  {
    cause: 'date-format',
    name: 'milliseconds',
    in: HQ,
    bases: ['get-space'],
    hooks: date((iso) => iso.replace(/[-:]/g, '')),
  },
  {
    cause: 'date-format',
    name: 'of HTTP',
    alternatives: ['scope-date'],
    because: 'a server that takes the first eight characters for the day finds another one',
    in: HQ,
    bases: ['list-prefix'],
    hooks: date((_iso, now) => new Date(now).toUTCString()),
  },
  {
    cause: 'date-format',
    name: 'epoch seconds',
    alternatives: ['scope-date'],
    because: 'a server that takes the first eight characters for the day finds another one',
    in: HQ,
    bases: ['put-text'],
    hooks: date((_iso, now) => String(Math.floor(now / 1000))),
  },
  {
    cause: 'date-format',
    name: 'without Z',
    in: HQ,
    bases: ['get-utf8'],
    hooks: date((_iso, now) => amzDateOf(now).slice(0, -1)),
  },
  {
    cause: 'date-format',
    name: 'the day alone',
    in: Q,
    bases: ['get-download'],
    hooks: date((_iso, now) => amzDateOf(now).slice(0, 8)),
  },

  {
    cause: 'date-mismatch',
    name: 'the clock read twice',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: {
      lines(lines, client) {
        const [, head, seconds] = /^(.*)(\d\d)Z$/.exec(client.amzDate)!
        lines.date = `${head}${seconds === '59' ? '58' : String(Number(seconds) + 1).padStart(2, '0')}Z`
      },
    },
  },
  {
    cause: 'date-mismatch',
    name: 'date renewed for a retry, signature kept',
    in: HQ,
    bases: ['get-space', 'put-text'],
    alternatives: ['header-changed', 'query-changed'],
    because: 'the header or parameter that was changed is the date',
    hooks: {
      sent(wire, scene, client) {
        const renewed = amzDateOf(scene.now + 7000)
        if (client.location === 'query') setParam(wire, 'X-Amz-Date', renewed)
        else setHeader(wire.headers, 'X-Amz-Date', renewed)
      },
    },
  },
  {
    cause: 'date-mismatch',
    name: 'midnight in the string to sign',
    in: HQ,
    bases: ['list-prefix'],
    hooks: {
      lines(lines) {
        lines.date = `${lines.date.slice(0, 8)}T000000Z`
      },
    },
  },
  {
    cause: 'date-mismatch',
    name: 'another date among the canonical headers',
    in: H,
    bases: ['get-utf8'],
    alternatives: ['header-changed'],
    because: 'the header that differs is x-amz-date',
    hooks: {
      canonical(canonical, _client, scene) {
        setHeader(canonical.headers, 'x-amz-date', amzDateOf(scene.now - 3000))
      },
    },
  },

  {
    cause: 'scope-date',
    name: 'scope of yesterday kept',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: otherDay(-DAY),
  },
  {
    cause: 'scope-date',
    name: 'local day, already tomorrow',
    in: HQ,
    bases: ['get-space', 'list-prefix'],
    hooks: otherDay(DAY),
  },
  { cause: 'scope-date', name: 'scope of last month', in: HQ, bases: ['get-utf8'], hooks: otherDay(-30 * DAY) },
  {
    cause: 'scope-date',
    name: 'with separators',
    in: HQ,
    bases: ['put-text'],
    alternatives: ['malformed-credential'],
    because: 'a date of another form makes the credential malformed',
    hooks: scope(({ scopeDate }) => ({ scopeDate: scopeDate.replace(/(....)(..)(..)/, '$1-$2-$3') })),
  },
  {
    cause: 'scope-region',
    name: 'another region',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: scope({ region: 'eu-west-1' }),
  },
  {
    cause: 'scope-region',
    name: 'a zone for a region',
    in: HQ,
    bases: ['get-space'],
    hooks: scope({ region: 'us-east-1a' }),
  },
  { cause: 'scope-region', name: 'auto', in: HQ, bases: ['list-prefix'], hooks: scope({ region: 'auto' }) },
  { cause: 'scope-region', name: 'upper case', in: HQ, bases: ['put-text'], hooks: scope({ region: 'US-EAST-1' }) },
  {
    cause: 'scope-region',
    name: 'empty',
    in: HQ,
    bases: ['get-utf8'],
    alternatives: ['malformed-credential'],
    because: 'a part of the credential is empty',
    hooks: scope({ region: '' }),
  },
  {
    cause: 'scope-service',
    name: 'that of an API',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: scope({ service: 'execute-api' }),
  },
  { cause: 'scope-service', name: 'upper case', in: HQ, bases: ['get-space'], hooks: scope({ service: 'S3' }) },
  { cause: 'scope-service', name: 'sts', in: HQ, bases: ['list-prefix'], hooks: scope({ service: 'sts' }) },
  { cause: 'scope-terminator', name: 'aws4', in: HQ, bases: ['get-plain'], hooks: scope({ terminator: 'aws4' }) },
  {
    cause: 'scope-terminator',
    name: 'misspelled',
    in: HQ,
    bases: ['put-meta'],
    hooks: scope({ terminator: 'aws4_requst' }),
  },
  {
    cause: 'scope-terminator',
    name: 'upper case',
    in: HQ,
    bases: ['get-space'],
    hooks: scope({ terminator: 'AWS4_REQUEST' }),
  },

  {
    cause: 'algorithm',
    name: 'another hash',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: scope({ algorithm: 'AWS4-HMAC-SHA512' }),
  },
  {
    cause: 'algorithm',
    name: 'Signature Version 4A',
    in: HQ,
    bases: ['get-space'],
    hooks: scope({ algorithm: 'AWS4-ECDSA-P256-SHA256' }),
  },
  {
    cause: 'algorithm',
    name: 'lower case',
    in: HQ,
    bases: ['list-prefix'],
    hooks: scope({ algorithm: 'aws4-hmac-sha256' }),
  },
  {
    cause: 'algorithm',
    name: 'misspelled in the string to sign',
    in: HQ,
    bases: ['get-utf8', 'put-text'],
    hooks: {
      lines(lines) {
        lines.algorithm = 'AWS4-HMAC-SHA-256'
      },
    },
  },
  {
    cause: 'algorithm',
    name: 'changed after signing',
    in: Q,
    bases: ['get-download'],
    alternatives: ['query-changed'],
    because: 'the parameter that was changed is the algorithm',
    hooks: { sent: (wire) => setParam(wire, 'X-Amz-Algorithm', paramOf(wire, 'X-Amz-Algorithm')!.replace('256', '1')) },
  },
]
