import { randomBits } from '../../../../../../test/support/random.ts'
import { ALL_FAULT_CASES, type FaultCase, makeFault, sameRequest } from './cases.ts'
import type { Cause } from './causes.ts'
import { FORM_BASES, FORM_FAULTS } from './faults-form.ts'
import { type FormBase, produceForm } from './form.ts'
import type { Base, Keys, Location, Pair, Produced, Scene } from './signing.ts'

/** A request that is broken in one way, by chance, without a server. */
export interface RandomFault {
  id: string
  cause: Cause
  /** What an honest expert could also call it. */
  alternatives: readonly Cause[]
  location: Location
  request: Produced['request']
  signed: Produced['signed']
  credentials: Keys
  /** Epoch milliseconds. */
  now: number
}

/** Returns numbers from 0 up to, but not including, 1. */
export type Random = () => number

/** A generator of its own, so that a run can be repeated from its seed. */
export function randomFrom(seed: number): Random {
  const bits = randomBits(seed)
  return () => bits() / 0x1_0000_0000
}

const YEAR = 365 * 86_400_000
const START = Date.UTC(2021, 0, 1)
const ID = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const WORDS = ['a', 'b c', 'données', 'x+y', '2026', 'Ärger', 'q=1', '100%', 'ok', 'long-name_with.dots', '日本', '(1)']

const HOSTS = [
  { host: '127.0.0.1:9000', virtualHost: 's3.localhost:9000', region: 'us-east-1' },
  { host: '127.0.0.1:4566', virtualHost: 's3.localhost.localstack.cloud:4566', region: 'us-east-1' },
  { host: 's3.us-east-1.amazonaws.com', virtualHost: 's3.us-east-1.amazonaws.com', region: 'us-east-1' },
  { host: 'minio.example.net', virtualHost: 'minio.example.net', region: 'us-east-1' },
]

/** A fault on a request that is varied: another key, values, time, host, bucket and credentials each time. */
export function randomFault(random: Random): RandomFault {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const text = (alphabet: string, length: number) => Array.from({ length }, () => pick([...alphabet])).join('')
  for (;;) {
    const credentials: Keys = {
      accessKeyId: `AKIA${text(ID, 16)}`,
      // with what escaping changes, so that no fault of the secret is one that changes nothing
      secretAccessKey: `${text(SECRET, 20)}/+${text(SECRET, 18)}`,
      sessionToken: `IQoJb3JpZ2luX2Vj${text(SECRET, 40)}+/==`,
    }
    const scene: Scene = {
      ...pick(HOSTS),
      bucket: pick(['photos', 'my-bucket', 'data.2026', 'b0']),
      credentials,
      now: START + Math.floor(random() * 8 * YEAR),
    }
    const isForm = random() < 0.15
    const made = isForm ? randomForm(scene, pick) : randomRequest(scene, pick)
    if (!made) continue
    const { token, ...rest } = made
    const { accessKeyId, secretAccessKey } = credentials
    return { ...rest, credentials: token ? credentials : { accessKeyId, secretAccessKey }, now: scene.now }
  }
}

type Picker = <T>(list: readonly T[]) => T
type Made = Omit<RandomFault, 'credentials' | 'now'> & { token: boolean }

function randomRequest(scene: Scene, pick: Picker): Made | undefined {
  const fault = pick(ALL_FAULT_CASES)
  // only the response shows it
  if (fault.cause === 'not-auth' || fault.row === 'nobody issued it') return undefined
  const base = varied(fault.base, pick)
  const produced = makeFault(scene, { ...fault, base })
  if (!produced) return undefined
  const { cause, alternatives, location } = fault
  return { ...produced, cause, alternatives, location, id: named(fault, base), token: !!base.token }
}

const named = ({ location, cause, row }: FaultCase, { key }: Base) => `${location}/${cause}/${row}/${key ?? ''}`

/** Another request of the same kind: what the fault needs stays in it. */
function varied(base: Base, pick: Picker): Base {
  const file = base.key?.split('/').at(-1)
  const folder = base.key?.slice(0, -file!.length) ?? ''
  const headers = (base.headers ?? []).map(
    ([name, value]): Pair => [name, name === 'X-Amz-Meta-Case-Id' ? pick(['1', '42', 'A 7', 'x']) : value],
  )
  return {
    ...base,
    ...(base.key === undefined ? {} : { key: `${folder}${pick(WORDS)} ${file}` }),
    ...(base.query
      ? { query: base.query.map(([n, v]): Pair => [n, n === 'max-keys' ? pick(['2', '10', '77']) : v]) }
      : {}),
    ...(base.headers ? { headers } : {}),
  }
}

function randomForm(scene: Scene, pick: Picker): Made | undefined {
  const row = pick(FORM_FAULTS)
  if (row.cause === 'not-auth') return undefined
  const base: FormBase = FORM_BASES[pick(row.bases)]
  const broken = produceForm(scene, base, row.hooks)
  if (sameRequest(broken, produceForm(scene, base))) return undefined
  const { cause, alternatives = [], name } = row
  return { ...broken, cause, alternatives, location: 'post', id: `post/${cause}/${name}`, token: !!base.token }
}
