import { describe, expect, it } from 'vitest'
import { runs } from '../../../../test/support/depth.ts'
import { SEED } from '../../../../test/support/random.ts'
import { explain } from '../../src/explain.ts'
import { ALL_FAULT_CASES, type FaultCase, sameRequest } from '../support/explain/generator/cases.ts'
import { CAUSES, type Cause } from '../support/explain/generator/causes.ts'
import { FORM_BASES, FORM_FAULTS, type FormRow } from '../support/explain/generator/faults-form.ts'
import { type FormBase, type FormHooks, produceForm } from '../support/explain/generator/form.ts'
import { type Random, randomFrom } from '../support/explain/generator/random.ts'
import {
  type Base,
  type Hooks,
  type Keys,
  type Pair,
  type Produced,
  produce,
  type Scene,
} from '../support/explain/generator/signing.ts'

// Whatever one or two faults a random request has, only these are called proven; and the explanation does not take long.

const COUNT = runs(60, 2000)

/** A request broken by one or two faults. */
interface Broken {
  id: string
  /** The causes of its faults, and what else an honest expert could call them. */
  right: readonly Cause[]
  faults: readonly Cause[]
  produced: Produced
  credentials: Keys
  now: number
}

type Picker = <T>(list: readonly T[]) => T

const START = Date.UTC(2021, 0, 1)
const YEARS = 8 * 365 * 86_400_000
const WORDS = [
  'a',
  'b c',
  'données',
  'x+y',
  '2026',
  'Ärger',
  'q=1',
  '100%',
  'ok',
  'dots.v1',
  '日本',
  '(1)',
  "it's",
  'A&B',
  '~me',
]
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const HOSTS = ['127.0.0.1:9000', '127.0.0.1:4566', 's3.us-east-1.amazonaws.com', 'minio.example.net', '[::1]:9000']
const PARAMETERS: Pair[] = [
  ['versionId', 'null'],
  ['start-after', 'données/b c'],
  ['encoding-type', 'url'],
  ['marker', 'a+b=c'],
  ['fetch-owner', 'true'],
]
const HEADERS: Pair[] = [
  ['Cache-Control', 'max-age=60, must-revalidate'],
  ['X-Amz-Meta-Note', 'number 7, "quoted"'],
  ['X-Amz-Meta-Empty', '-'],
  ['X-Amz-Tagging', 'a=b&c=d'],
  ['Accept-Language', 'de-DE'],
  ['X-Amz-Request-Payer', 'requester'],
]

/** Faults that only the response shows, or whose cause lies in nothing that was sent. */
const isLeftOut = ({ cause, row }: FaultCase): boolean => cause === 'not-auth' || row === 'nobody issued it'

const REQUEST_FAULTS = ALL_FAULT_CASES.filter((fault) => !isLeftOut(fault))
const FORM_ROWS = FORM_FAULTS.filter(({ cause }) => cause !== 'not-auth')

function randomScene(random: Random, pick: Picker): Scene {
  const text = (length: number) => Array.from({ length }, () => pick([...SECRET])).join('')
  const host = pick(HOSTS)
  return {
    ...{ host, virtualHost: host.replace('127.0.0.1', 's3.localhost').replace('[::1]', 's3.localhost') },
    bucket: pick(['photos', 'my-bucket', 'data.2026', 'b0']),
    region: 'us-east-1',
    credentials: {
      accessKeyId: `AKIA${text(16).toUpperCase()}`,
      // with what escaping changes, so that no fault of the secret is one that changes nothing
      secretAccessKey: `${text(20)}/+${text(18)}`,
      sessionToken: `IQoJb3JpZ2luX2Vj${text(40)}+/==`,
    },
    now: START + Math.floor(random() * YEARS),
  }
}

/** A request that has all that some faults need, and random things beside. */
function randomBase(
  bases: readonly Base[],
  faults: readonly FaultCase[],
  random: Random,
  pick: Picker,
): Base | undefined {
  const methods = new Set(faults.flatMap(({ cause, base }) => (cause === 'method' ? [base.method] : [])))
  if (methods.size > 1) return undefined
  const bodies = bases.flatMap(({ body }) => (body === undefined ? [] : [body]))
  const method =
    [...methods][0] ?? (bodies.length ? 'PUT' : pick([...bases.map((base) => base.method), 'GET', 'DELETE']))
  const more = <T>(list: readonly T[], share: number): T[] => list.filter(() => random() < share)
  const keys = bases.flatMap(({ key }) => (key === undefined ? [] : [key]))
  const isObject = keys.length > 0
  const file = keys.at(-1)?.split('/').at(-1) ?? ''
  const folder = keys.join('/').slice(0, keys.join('/').length - file.length)
  const named = (pairs: Pair[]): Pair[] => [...new Map(pairs.map((pair) => [pair[0].toLowerCase(), pair])).values()]
  return {
    name: bases.map(({ name }) => name).join(' + '),
    method,
    ...(isObject ? { key: `${folder}${pick(WORDS)} ${file}` } : {}),
    query: named([...more(PARAMETERS, 0.15), ...bases.flatMap(({ query = [] }) => query)]),
    headers: named([...more(HEADERS, 0.15), ...bases.flatMap(({ headers = [] }) => headers)]),
    ...(bodies.length && method !== 'GET' && method !== 'HEAD' ? { body: bodies[0]! } : {}),
    token: bases.some(({ token }) => token) || random() < 0.1,
    virtual: bases.some(({ virtual }) => virtual),
  }
}

/** One client that goes wrong in two ways; undefined where both replace the same thing. */
function both(one: Hooks, other: Hooks): Hooks | undefined {
  if (one.key && other.key) return undefined
  return {
    client(...args) {
      one.client?.(...args)
      other.client?.(...args)
    },
    canonical(...args) {
      one.canonical?.(...args)
      other.canonical?.(...args)
    },
    lines(...args) {
      one.lines?.(...args)
      other.lines?.(...args)
    },
    ...(one.key || other.key ? { key: (one.key ?? other.key)! } : {}),
    signature(text, client) {
      const first = one.signature?.(text, client) ?? text
      return other.signature?.(first, client) ?? first
    },
    authorization(text, client) {
      const first = one.authorization?.(text, client) ?? text
      return other.authorization?.(first, client) ?? first
    },
    parameters(pairs, client) {
      const first = one.parameters?.(pairs, client) ?? pairs
      return other.parameters?.(first, client) ?? first
    },
    sent(...args) {
      one.sent?.(...args)
      other.sent?.(...args)
    },
  }
}

function bothForms(one: FormHooks, other: FormHooks): FormHooks | undefined {
  if ((one.key && other.key) || (one.file && other.file)) return undefined
  return {
    client(...args) {
      one.client?.(...args)
      other.client?.(...args)
    },
    policy(policy) {
      one.policy?.(policy)
      other.policy?.(policy)
    },
    text(base64) {
      const first = one.text?.(base64) ?? base64
      return other.text?.(first) ?? first
    },
    ...(one.key || other.key ? { key: (one.key ?? other.key)! } : {}),
    signature(text, form, policy) {
      const first = one.signature?.(text, form, policy) ?? text
      return other.signature?.(first, form, policy) ?? first
    },
    sent(...args) {
      one.sent?.(...args)
      other.sent?.(...args)
    },
    ...(one.file || other.file ? { file: (one.file ?? other.file)! } : {}),
  }
}

const isSame = (a: Produced, b: Produced): boolean =>
  sameRequest(a, b) && JSON.stringify(a.signed) === JSON.stringify(b.signed)

/** Pairs that meet in one place, where together they are a third fault and neither is left to be seen, and why. */
const MEETING: readonly [one: Cause, other: Cause, why: string][] = [
  [
    'query-plus',
    'url-double-encoded',
    'the plus that was sent for a blank is escaped: another value than either makes',
  ],
]

const meet = (one: Cause, other: Cause): boolean =>
  MEETING.some(([a, b]) => (a === one && b === other) || (a === other && b === one))

/**
 * Makes a request with one fault, or two of different causes: two of the same, as a path that is escaped three times,
 * are neither of them. Undefined where a fault changes nothing, or one undoes or hides the other: then the request is the
 * one that a single fault makes, or none. A hook that throws found nothing to break.
 */
function attempt<H>(
  hooks: readonly H[],
  join: (a: H, b: H) => H | undefined,
  make: (hooks?: H) => Produced,
): Produced | undefined {
  const [one, other] = hooks as [H, H?]
  const joined = other === undefined ? one : join(one, other)
  if (joined === undefined) return undefined
  try {
    const made = make(joined)
    const less = other === undefined ? [make()] : [make(), make(one), make(other)]
    return less.some((each) => isSame(each, made)) ? undefined : made
  } catch {
    return undefined
  }
}

function randomBroken(random: Random): Broken {
  const pick: Picker = (list) => list[Math.floor(random() * list.length)]!
  for (;;) {
    const count = random() < 0.35 ? 1 : 2
    const scene = randomScene(random, pick)
    const made = random() < 0.15 ? form(scene, count, pick) : request(scene, count, random, pick)
    if (!made) continue
    const { accessKeyId, secretAccessKey } = scene.credentials
    const { token, ...rest } = made
    return { ...rest, credentials: token ? scene.credentials : { accessKeyId, secretAccessKey }, now: scene.now }
  }
}

type Made = Omit<Broken, 'credentials' | 'now'> & { token: boolean }

function request(scene: Scene, count: number, random: Random, pick: Picker): Made | undefined {
  const first = pick(REQUEST_FAULTS)
  const faults = [first]
  while (faults.length < count) {
    const next = pick(REQUEST_FAULTS)
    if (next.location === first.location && next.cause !== first.cause && !meet(next.cause, first.cause))
      faults.push(next)
  }
  const base = randomBase(
    faults.map((fault) => fault.base),
    faults,
    random,
    pick,
  )
  if (!base) return undefined
  const produced = attempt(
    faults.map(({ hooks }) => hooks),
    both,
    (hooks) => produce(scene, base, first.location, hooks),
  )
  return produced && named(first.location, faults, produced, !!base.token, `${base.method} ${base.key ?? ''}`)
}

function form(scene: Scene, count: number, pick: Picker): Made | undefined {
  const rows: FormRow[] = [pick(FORM_ROWS)]
  while (rows.length < count) {
    const next = pick(FORM_ROWS)
    if (next.cause !== rows[0]!.cause) rows.push(next)
  }
  const base: FormBase = FORM_BASES[pick(pick(rows).bases)]
  const produced = attempt(
    rows.map(({ hooks }) => hooks),
    bothForms,
    (hooks) => produceForm(scene, base, hooks),
  )
  const faults = rows.map((row) => ({ ...row, alternatives: row.alternatives ?? [], row: row.name }))
  return produced && named('post', faults, produced, !!base.token, base.name)
}

function named(
  location: string,
  faults: readonly Pick<FaultCase, 'cause' | 'alternatives' | 'row'>[],
  produced: Produced,
  token: boolean,
  what: string,
): Made {
  return {
    id: `${location}: ${faults.map(({ cause, row }) => `${cause}/${row}`).join(' + ')} (${what})`,
    faults: faults.map(({ cause }) => cause),
    right: faults.flatMap(({ cause, alternatives }) => [cause, ...alternatives]),
    ...{ produced, token },
  }
}

/** The parts of a request that the evidence may not show. */
const HIDDEN = [['method'], ['headers'], ['body'], ['method', 'headers'], ['method', 'headers', 'body']] as const

const inputOf = ({ produced: { request }, credentials, now }: Broken) => ({
  request: { method: request.method, url: request.target, headers: request.headers, body: request.body },
  ...{ credentials, now },
})

/** The input without some parts of the request; a presigned URL shows its signature without headers. */
function without(input: ReturnType<typeof inputOf>, parts: readonly string[]): ReturnType<typeof inputOf> {
  const request = Object.fromEntries(Object.entries(input.request).filter(([name]) => !parts.includes(name)))
  return { ...input, request: request as typeof input.request }
}

/** What is called proven and is none of the faults of a request; undefined if there is no such thing. */
function wrongProof(broken: Broken, withStrings: boolean, hidden: readonly string[] = []): string | undefined {
  const input = without(inputOf(broken), hidden)
  const { findings } = explain(withStrings ? { ...input, signed: broken.produced.signed } : input)
  const right: readonly string[] = broken.right
  const wrong = findings.filter(({ cause, confidence }) => confidence === 'proven' && !right.includes(cause))
  return wrong.length ? `${broken.id}: ${wrong.map(({ cause, message }) => `${cause}: ${message}`)}` : undefined
}

describe('explain, on random requests', () => {
  it(`calls nothing proven but the one fault or the two that they have, in ${COUNT} requests`, () => {
    const random = randomFrom(SEED)
    const wrong: string[] = []
    const seen = new Set<Cause>()
    let pairs = 0
    for (let i = 0; i < COUNT; i++) {
      const broken = randomBroken(random)
      for (const cause of broken.faults) seen.add(cause)
      if (broken.faults.length > 1) pairs++
      // every other one with what the client signed
      const found = wrongProof(broken, i % 2 === 1)
      if (found !== undefined) wrong.push(`${i} ${found}`)
      const hidden = HIDDEN[i % HIDDEN.length]!
      const less = i % 2 === 0 && broken.id.startsWith('query') ? wrongProof(broken, false, hidden) : undefined
      if (less !== undefined) wrong.push(`${i} without ${hidden.join(', ')}: ${less}`)
    }
    expect(wrong).toEqual([])
    expect(pairs).toBeGreaterThan(COUNT / 2)
    const causes = Object.keys(CAUSES) as Cause[]
    if (COUNT >= 1000) expect(causes.filter((cause) => cause !== 'not-auth' && !seen.has(cause))).toEqual([])
  }, 10_800_000)
})

it('explain does not search for long on random requests', () => {
  const random = randomFrom(SEED + 1)
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const input = inputOf(randomBroken(random))
    const before = process.cpuUsage()
    explain(input)
    times.push(process.cpuUsage(before).user / 1000)
  }
  times.sort((a, b) => a - b)
  // a machine of 2025 takes about thirty milliseconds, and half a second
  expect(times[times.length >> 1]).toBeLessThan(300)
  expect(times.at(-1)).toBeLessThan(5000)
})
