import { STORED } from '../../packages/sigv4-tools/test/support/explain/generator/bases.ts'
import {
  FAULT_CASES,
  type FaultCase,
  makeFault,
  sameRequest,
} from '../../packages/sigv4-tools/test/support/explain/generator/cases.ts'
import {
  FORM_BASES,
  FORM_FAULTS,
  VALID_FORMS,
} from '../../packages/sigv4-tools/test/support/explain/generator/faults-form.ts'
import { produceForm } from '../../packages/sigv4-tools/test/support/explain/generator/form.ts'
import {
  type Location,
  type Produced,
  produce,
  type Scene,
} from '../../packages/sigv4-tools/test/support/explain/generator/signing.ts'
import { VALID_CASES, VALID_KEYS } from '../../packages/sigv4-tools/test/support/explain/generator/valid.ts'
import {
  type RecordedCase,
  type Recording,
  SERVERS,
  type ServerName,
} from '../../packages/sigv4-tools/test/support/explain/recorded.ts'
import { writeFile } from '../../packages/sigv4-tools/test/support/explain/recording-files.ts'
import { SERVERS as AUDITED } from '../../tools/servers.ts'
import { ServerUnavailable } from '../servers/install.ts'
import type { RunningServer } from '../servers/server.ts'
import { type About, type Recorder, recorderFor, TOKEN } from './recorder.ts'

// Sends every request of the generator to real servers and keeps their responses: npx tsx integration/recordings/record.ts [server …]

/** The names of the servers in tools/servers.ts; `serve` is started with keys that allow tokens. */
const NAMES: Record<Exclude<ServerName, 'serve'>, string> = {
  localstack: 'LocalStack',
  versitygw: 'versitygw',
  swift: 'Swift',
  minio: 'MinIO',
  ceph: 'Ceph',
  s3s: 's3s-fs',
  s3rver: 's3rver',
  seaweedfs: 'SeaweedFS',
  moto: 'Moto',
  garage: 'Garage',
}

function startServer(name: ServerName): Promise<RunningServer> {
  return name === 'serve' ? startServe() : AUDITED.find((server) => server.name === NAMES[name])!.start(say)
}

/** Where a server refuses any session token that it has not issued, right as the rest may be. */
const NO_TOKENS: Partial<Record<ServerName, readonly Location[]>> = {
  versitygw: ['query'],
  minio: ['header', 'query', 'post'],
  moto: ['header'],
}

/** What a server refuses although its signature is right, by id, and why. Faults of such requests prove nothing there. */
const REFUSED_RIGHT: Partial<Record<ServerName, readonly [ids: RegExp, why: string][]>> = {
  minio: [[/\/get-(?:dots|slashes)$/, 'keys are paths of a file system']],
  s3s: [[/\/(?:get-uploads|list-8)$/, 'it does not list uploads']],
  seaweedfs: [[/\/get-dots$/, 'keys are paths of a file system']],
  s3rver: [
    [/\/(?:get-uploads|list-8)$/, 'it does not list uploads'],
    [/\/get-slashes$/, 'keys are paths of a file system'],
    [/\/list-4$/, 'it fails on an empty prefix'],
  ],
}

/**
 * What a server rejects because it computes a signature that differs from S3's, or does not compute one: neither the
 * request nor the response is wrong, so it is omitted.
 */
const MISJUDGED: Partial<Record<ServerName, readonly [ids: RegExp, why: string][]>> = {}

/** Where a server reads no signature. */
const UNREAD: Partial<Record<ServerName, readonly Location[]>> = {
  swift: ['post'],
  moto: ['query', 'post'],
}

function say(text: string): void {
  console.error(text)
}

async function startServe(): Promise<RunningServer> {
  const { serve } = await import('../../packages/sigv4-tools/src/serve.ts')
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'serve-secret/+1' }
  const { url, port, close } = await serve({
    // the token is valid, and not needed
    credentials: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    region: 'us-east-1',
  })
  return {
    ...{ endpoint: url, virtualHostEndpoint: `http://s3.localhost:${port}`, region: 'us-east-1', credentials },
    version: 'of this repository',
    stop: close,
  }
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** What LocalStack looks at where it does not check signatures. */
const CHECKED = /^(?:header\/not-auth|post\/(?:not-auth|policy-|missing-field|clock-timezone))/

/** Servers that compare no signature: what they do not find is what was asked for, whatever was signed. */
const UNCOMPARED: readonly ServerName[] = ['s3rver']

/** Whether a case is worth its place: where a server does not check signatures, one of each cause shows that. */
function worthwhile(server: ServerName, seen: Set<string>, location: Location, cause: string): boolean {
  const key = `${location}/${cause}`
  if (server !== 'localstack' || location === 'query' || CHECKED.test(key)) return true
  if (seen.has(key)) return false
  seen.add(key)
  return true
}

const reads = (server: ServerName, location: Location): boolean => !UNREAD[server]?.includes(location)

const lacksTokens = (server: ServerName, location: Location): boolean => !!NO_TOKENS[server]?.includes(location)

const isListed = (list: readonly [ids: RegExp, why: string][] = [], id: string): boolean =>
  list.some(([ids]) => ids.test(id))

/** Whether what came back is worth its place: where a server compares no signature, one that it takes shows that. */
function tells(server: ServerName, seen: Set<string>, { location, cause, refused, response }: RecordedCase): boolean {
  if (!UNCOMPARED.includes(server) || cause === 'not-auth') return true
  if (refused) return response.status !== 404
  const key = `${location}/${cause}`
  return !seen.has(key) && !!seen.add(key)
}

async function recordValid(server: ServerName, recorder: Recorder): Promise<void> {
  const keep = async (name: string, location: Location, token: boolean, make: (scene: Scene) => Produced) => {
    const refused = token && lacksTokens(server, location)
    const cause = refused ? 'session-token' : 'none'
    const about: About = {
      id: `${location}/${cause}/${refused ? 'no-temporary-credentials/' : ''}${name}`,
      cause,
      location,
    }
    const recorded = await recorder.record(about, token, make)
    if (!recorded?.refused || cause !== 'none') return
    if (isListed(MISJUDGED[server], about.id)) recorder.cases.pop()
    if (isListed(REFUSED_RIGHT[server], about.id))
      Object.assign(recorded, { id: `${location}/not-auth/right-and-refused/${name}`, cause: 'not-auth' })
  }
  for (const { location, base, hooks, notOn } of VALID_CASES) {
    if (notOn?.includes(server) || !reads(server, location)) continue
    await keep(slug(base.name), location, !!base.token, (scene) => produce(scene, base, location, hooks))
  }
  if (!reads(server, 'post')) return
  for (const base of VALID_FORMS) await keep(base.name, 'post', !!base.token, (scene) => produceForm(scene, base))
}

const answerOf = (status: number, body: string): string => `${status} ${/<Code>[^<]*/.exec(body)?.[0]}`

/**
 * Records a fault, unless the server returns the same response to the request without it: then it rejects something else.
 */
function controlled(server: ServerName, recorder: Recorder) {
  const known = new Map<string, string | undefined>()
  const seen = new Set<string>()
  const refusal = async (key: string, right: (scene: Scene) => Produced): Promise<string | undefined> => {
    if (!known.has(key)) {
      const { status, body } = await recorder.send(right)
      known.set(key, status < 300 ? undefined : answerOf(status, body.toString('utf8')))
      if (status >= 300) say(`${server} refuses ${key} when it is right: ${known.get(key)}`)
    }
    return known.get(key)
  }
  return async (
    about: About,
    base: { name: string; token?: boolean },
    right: (scene: Scene) => Produced,
    make: (scene: Scene) => Produced | undefined,
  ): Promise<void> => {
    const { location, cause } = about
    // the fault is in the token, or there is none in the signature
    const exempt = cause === 'not-auth' || (base.token && lacksTokens(server, location))
    const before = exempt ? undefined : await refusal(`${location} ${base.name}`, right)
    const recorded = await recorder.record(about, !!base.token, make)
    if (!recorded) return
    const { status, body } = recorded.response
    if (answerOf(status, body) === before || !tells(server, seen, recorded)) recorder.cases.pop()
  }
}

async function recordFaults(server: ServerName, recorder: Recorder): Promise<void> {
  const seen = new Set<string>()
  const record = controlled(server, recorder)
  for (const fault of FAULT_CASES) {
    const { cause, location, row, base } = fault
    if (fault.notOn.includes(server) || !reads(server, location) || !worthwhile(server, seen, location, cause)) continue
    // what a server tolerates may have changed the object
    if (base.key !== undefined && STORED.includes(base.key)) await recorder.put(base.key)
    const id = `${location}/${cause}/${slug(row)}/${slug(base.name)}`
    const right = (scene: Scene) => produce(scene, base, location)
    await record({ id, ...aboutOf(fault), location }, base, right, (scene) => makeFault(scene, fault))
  }
  if (!reads(server, 'post')) return
  for (const row of FORM_FAULTS) {
    for (const base of row.bases.map((name) => FORM_BASES[name])) {
      if (!worthwhile(server, seen, 'post', row.cause)) continue
      const id = `post/${row.cause}/${slug(row.name)}/${base.name}`
      const right = (scene: Scene) => produceForm(scene, base)
      await record({ id, ...aboutOf(row), location: 'post' }, base, right, (scene) => {
        const broken = produceForm(scene, base, row.hooks)
        return row.cause !== 'not-auth' && sameRequest(broken, right(scene)) ? undefined : broken
      })
    }
  }
}

type Named = Pick<FaultCase, 'cause' | 'because' | 'lost'> & { alternatives?: FaultCase['alternatives'] }

function aboutOf({ cause, alternatives = [], because, lost }: Named): Omit<About, 'id' | 'location'> {
  return {
    cause,
    ...(alternatives.length > 0 ? { alternatives: [...alternatives] } : {}),
    ...(because === undefined ? {} : { because }),
    ...(lost ? { lost } : {}),
  }
}

async function recordAll(server: ServerName, running: RunningServer): Promise<Recording> {
  const recorder = recorderFor(server, running)
  await recorder.put()
  for (const key of [...STORED, ...VALID_KEYS]) await recorder.put(key)
  await recordValid(server, recorder)
  await recordFaults(server, recorder)

  const cases = recorder.cases.sort((a, b) => (a.id < b.id ? -1 : 1))
  const wronged = cases.filter(({ cause, refused }) => cause === 'none' && refused)
  if (wronged.length > 0) {
    const list = wronged.map(({ id, response }) => `\n  ${id}: ${response.status} ${response.body.slice(0, 300)}`)
    throw new Error(`${server} refuses what is right:${list.join('')}`)
  }
  const repeated = cases.filter(({ id }, i) => id === cases[i + 1]?.id)
  if (repeated.length > 0) throw new Error(`these cases have the same id: ${repeated.map(({ id }) => id).join(', ')}`)
  const { accessKeyId, secretAccessKey } = running.credentials
  const right = { accessKeyId, secretAccessKey }
  const credentials = { right, 'with token': { ...right, sessionToken: TOKEN } }
  for (const each of cases) each.id += `/${server}`
  return { server, version: running.version, region: running.region, credentials, cases }
}

const asked = process.argv.slice(2)
for (const server of SERVERS) {
  if (asked.length > 0 && !asked.includes(server)) continue
  let running: RunningServer
  try {
    running = await startServer(server)
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error
    say(`NOT RECORDED: ${server} (${error.message})`)
    continue
  }
  try {
    const recording = await recordAll(server, running)
    writeFile('recorded', recording)
    const refused = recording.cases.filter((recorded) => recorded.refused).length
    say(`${server} ${recording.version}: ${recording.cases.length} cases, ${refused} refused`)
  } finally {
    await running.stop()
  }
}
