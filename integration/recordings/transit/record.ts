import { parseArgs } from 'node:util'
import { fileOf, writeFile } from '../../../packages/sigv4-tools/test/support/explain/recording-files.ts'
import {
  type AcceptedCase,
  readTransit,
  TRANSIT_SERVERS,
  type TransitCase,
  type TransitRecording,
  type TransitServer,
} from '../../../packages/sigv4-tools/test/support/explain/transit.ts'
import { ServerUnavailable } from '../../servers/install.ts'
import { minio } from '../../servers/minio.ts'
import type { RunningServer } from '../../servers/server.ts'
import { versitygw } from '../../servers/versitygw.ts'
import { cut, NOT_KEPT } from '../recorder.ts'
import { type Answer, sendRaw } from '../wire.ts'
import { type Scene, type SignedRequest, signed, type Wanted } from './clients.ts'
import { compare } from './differs.ts'
import { type Hop, parseRequest, type ReceivedRequest, startHop } from './hop.ts'
import { type RunningNginx, startNginx } from './nginx.ts'
import { REQUESTS, type RequestName, STORED } from './requests.ts'
import { ROWS, type Row } from './rows.ts'

// npx tsx integration/recordings/transit/record.ts [server …] [--check]
//
// Sends requests that are signed with the right secret through nginx to real servers, and writes what differs and what the
// servers respond to packages/sigv4-tools/fixtures/transit. --check compares status and code of each case with the files, and writes nothing.
// NGINX_BIN and MINIO_BIN are nginx and MinIO, if they are not on the PATH.

const START = { minio: minio.start, versitygw: versitygw.start }

const BUCKET = 'transit'
const MOST_REDIRECTS = 3

const say = (text: string): void => console.error(text)

interface Setup {
  running: RunningServer
  hop: Hop
  nginx: RunningNginx
}

const portOf = (url: string): number => Number(new URL(url).port)

/** The bytes of a request, as a server parses them. */
function onWire({ method, target, headers, body }: SignedRequest): ReceivedRequest {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  const request = parseRequest(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`))
  if (!request) throw new Error(`incomplete: ${method} ${target}`)
  return request
}

function send(port: number, { method, target, headers, body }: SignedRequest, isTls = false): Promise<Answer> {
  const pairs = headers.map(([name, value]): [string, string] => [name, value])
  return sendRaw(port, { method, target, headers: pairs, body: Buffer.from(body) }, isTls)
}

/** Follows redirects as HTTP libraries do: all headers but Host stay. */
async function sendAndFollow(port: number, request: SignedRequest, isTls?: boolean): Promise<Answer> {
  let current = request
  for (let redirects = 0; ; redirects++) {
    const answer = await send(port, current, isTls)
    const location = answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
    if (
      answer.status < 300 ||
      answer.status === 304 ||
      answer.status > 399 ||
      !location ||
      redirects === MOST_REDIRECTS
    )
      return answer
    const [, host, target] = /^http:\/\/([^/]+)(.*)$/.exec(location)!
    const headers = current.headers.map(([name, value]) => [name, name === 'Host' ? host! : value] as const)
    current = { ...current, target: target!, headers }
  }
}

const sceneAt = (
  { region, credentials }: RunningServer,
  host: string,
  wanted: Wanted,
  bucketPath = `/${BUCKET}`,
): Scene => ({
  host: wanted.style === 'host' ? `${BUCKET}.s3.localhost${host.replace(/^[^:]*/, '')}` : host,
  bucketPath: wanted.style === 'host' ? '' : bucketPath,
  region,
  credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
  now: Math.floor(Date.now() / 1000) * 1000,
})

async function store({ running }: Setup): Promise<void> {
  const port = portOf(running.endpoint)
  const encodeKey = (key: string) =>
    key
      .split('/')
      .map((part) => encodeURIComponent(part))
      .join('/')
  for (const key of [undefined, ...STORED.map(encodeKey)]) {
    const wanted: Wanted = { client: 's3cmd', method: 'PUT', key, body: key === undefined ? '' : `content of ${key}` }
    const { status, body } = await send(port, signed(wanted, sceneAt(running, `127.0.0.1:${port}`, wanted)))
    if (status >= 300) say(`not stored: ${key ?? 'the bucket'} (${status} ${codeOf(body.toString('utf8'))})`)
  }
}

/** Sends each request without the proxy, and returns those that the server accepts. */
async function acceptedRequests({ running }: Setup): Promise<Set<RequestName>> {
  const port = portOf(running.endpoint)
  const accepted = new Set<RequestName>()
  for (const [name, wanted] of Object.entries(REQUESTS) as [RequestName, Wanted][]) {
    const { status, body } = await send(port, signed(wanted, sceneAt(running, `127.0.0.1:${port}`, wanted)))
    if (status < 300) accepted.add(name)
    else say(`not used: ${name} is rejected without the proxy (${status} ${codeOf(body.toString('utf8'))})`)
  }
  return accepted
}

const codeOf = (body: string): string => /<Code>([^<]*)/.exec(body)?.[1] ?? ''

type Recorded = { rejected: TransitCase } | { accepted: AcceptedCase } | undefined

async function record(setup: Setup, row: Row, name: RequestName): Promise<Recorded> {
  const { running, hop, nginx } = setup
  const wanted: Wanted = REQUESTS[name]
  const port = nginx.ports.get(row.name)!
  const scene = sceneAt(running, row.outside ?? `127.0.0.1:${port}`, wanted, row.bucketPath)
  const request = signed(wanted, scene)
  await hop.take()
  const answer = await sendAndFollow(port, request, row.isTls)
  const received = await hop.take()
  const id = `${row.name}/${name}`
  if (!received) {
    say(`not recorded: ${id} did not reach the server (${answer.status})`)
    return undefined
  }
  const { received: changes, differs, alsoDiffers } = compare(onWire(request), received)
  const about = { id, row: row.name, client: wanted.client }
  const also = alsoDiffers.length > 0 ? { alsoDiffers } : {}
  if (answer.status < 400) return { accepted: { ...about, differs, ...also, status: answer.status } }
  const sent = {
    method: request.method,
    url: `${row.isTls ? 'https' : 'http'}://${scene.host}${request.target}`,
    headers: request.headers,
    ...(wanted.body ? { body: wanted.body } : {}),
  }
  return {
    rejected: {
      ...{ id, row: row.name },
      ...(row.isSetAside ? { isSetAside: true } : {}),
      client: wanted.client,
      ...{ request: sent, received: changes, differs, ...also },
      response: {
        status: answer.status,
        headers: answer.headers.filter(([name]) => !NOT_KEPT.test(name)),
        body: cut(answer.body.toString('utf8')),
      },
      now: scene.now,
    },
  }
}

async function recordAll(server: TransitServer, setup: Setup): Promise<TransitRecording> {
  const { running, nginx } = setup
  await store(setup)
  const usable = await acceptedRequests(setup)
  const cases: TransitCase[] = []
  const accepted: AcceptedCase[] = []
  for (const [done, row] of ROWS.entries()) {
    if (done % 20 === 0) say(`${server}: ${done} of ${ROWS.length} rows`)
    for (const name of row.sends) {
      if (!usable.has(name)) continue
      const recorded = await record(setup, row, name)
      if (!recorded) continue
      if ('rejected' in recorded) cases.push(recorded.rejected)
      else accepted.push(recorded.accepted)
    }
  }
  const { accessKeyId, secretAccessKey } = running.credentials
  return {
    ...{ server, version: running.version, nginx: nginx.version, region: running.region },
    credentials: { accessKeyId, secretAccessKey },
    ...{ cases, accepted },
  }
}

/** Status and code of each case, by its id. */
const verdicts = ({ cases, accepted }: TransitRecording): Map<string, string> =>
  new Map([
    ...cases.map(({ id, response }) => [id, `${response.status} ${codeOf(response.body)}`.trim()] as const),
    ...accepted.map(({ id, status }) => [id, `${status}`] as const),
  ])

/** Returns the cases whose verdict is not as in the file. */
function changedVerdicts(recording: TransitRecording): string[] {
  const stored = readTransit(recording.server)
  if (!stored) return [`${fileOf('transit', recording.server).pathname} does not exist. Record it without --check.`]
  const [before, after] = [verdicts(stored), verdicts(recording)]
  const ids = [...new Set([...before.keys(), ...after.keys()])]
  return ids
    .filter((id) => before.get(id) !== after.get(id))
    .map(
      (id) => `${recording.server} ${id}: ${before.get(id) ?? 'not recorded'}, now ${after.get(id) ?? 'not recorded'}`,
    )
}

async function withServer(server: TransitServer): Promise<TransitRecording> {
  const running = await START[server](say)
  const stops = [running.stop]
  try {
    const hop = await startHop(portOf(running.endpoint))
    stops.unshift(hop.stop)
    const nginx = await startNginx(hop.port)
    stops.unshift(nginx.stop)
    return await recordAll(server, { running, hop, nginx })
  } finally {
    for (const stop of stops) await stop()
  }
}

function keep(recording: TransitRecording, isCheck: boolean): boolean {
  const { server, version, nginx, cases, accepted } = recording
  say(`${server} ${version}, nginx ${nginx}: ${cases.length} rejected, ${accepted.length} accepted`)
  if (isCheck) {
    const changed = changedVerdicts(recording)
    for (const line of changed) say(line)
    return changed.length === 0
  }
  writeFile('transit', recording)
  return true
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.find((name) => !(name in START))
if (unknown !== undefined) throw new Error(`The server ${unknown} is unknown. Use ${TRANSIT_SERVERS.join(' or ')}.`)
for (const server of TRANSIT_SERVERS) {
  if (positionals.length > 0 && !positionals.includes(server)) continue
  try {
    if (!keep(await withServer(server), values.check ?? false)) process.exitCode = 1
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error
    say(`NOT RECORDED: ${server} (${error.message})`)
    process.exitCode = 1
  }
}
