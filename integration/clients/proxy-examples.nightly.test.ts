import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { buildProgram, KEY, KEYS, start, stopAll, temporary } from '../../packages/sigv4-tools/test/support/cli.ts'
import { createCertificate } from '../../packages/sigv4-tools/test/support/proxy/certificate.ts'
import { SECRET } from '../../test/support/credentials.ts'
import { installOnce, installPackages, run, runInstaller, ServerUnavailable } from '../servers/install.ts'
import { startVerifyingStub } from '../support/verifying-stub.ts'

// The commands in examples/proxy and docs/proxy.md, and the programs there. The services that they reach verify each signature.

const FOLDER = fileURLToPath(new URL('../../examples/proxy/', import.meta.url))
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

interface Compose {
  services: Record<string, { command?: string[]; network_mode?: string; networks?: string[]; volumes?: string[] }>
  networks?: Record<string, { internal?: boolean } | null>
}

const files = temporary()
let program: string
let parse: (yaml: string) => unknown
let stub: Awaited<ReturnType<typeof startVerifyingStub>>

beforeAll(async () => {
  await installPackages(FOLDER)
  parse = createRequire(join(FOLDER, 'package.json'))('yaml').parse
  program = await buildProgram(files.folder)
  stub = await startVerifyingStub({
    credentials: (accessKeyId) => (accessKeyId === KEY ? SECRET : undefined),
    respond: () => ({ headers: { 'content-type': 'application/json' }, body: '{}' }),
  })
}, 300_000)

beforeEach(() => {
  stub.received.length = 0
  stub.rejected.length = 0
})

afterEach(stopAll)

afterAll(async () => {
  await stub?.close()
  files.remove()
})

const composeOf = (folder: string) => parse(read(`${folder}/compose.yaml`)) as Compose

/** Returns the arguments of the proxy in a Compose file. */
function argumentsOf(folder: string): string[] {
  const [npx, yes, sigv4, ...args] = composeOf(folder).services.proxy!.command!
  expect([npx, yes, sigv4]).toEqual(['npx', '--yes', 'sigv4-tools'])
  return args
}

/** Starts the program with these arguments, with a free port, and returns its endpoint on this machine. */
async function startProxy(args: readonly string[], env: Record<string, string> = KEYS): Promise<string> {
  const { until } = start(process.execPath, [program, ...args, '--port', '0'], { env })
  const [, port] = await until(/^ {2}endpoint +http:\/\/.+:(\d+)$/m)
  return `http://127.0.0.1:${port}`
}

/** Replaces the AWS host in arguments by a server, which does not identify a service and a region. */
function inFrontOf(server: string, args: readonly string[], service: string): string[] {
  const replaced = args.map((each) => (each.startsWith('https://') ? server : each))
  expect(replaced).not.toEqual(args)
  return [...replaced, '--service', service, '--region', 'eu-west-1']
}

function startTs(name: string, env: Record<string, string>) {
  const tsx = join(FOLDER, 'node_modules/tsx/dist/cli.mjs')
  return start(process.execPath, [tsx, join(FOLDER, name)], { env })
}

/** Runs a program of the folder, and returns what it prints. */
async function runTs(name: string, env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await startTs(name, env).ended
  return code === 0 ? stdout : `${stdout}${stderr}`
}

const placeholder = () => {
  const key = { Version: 1, AccessKeyId: 'PLACEHOLDER0123', SecretAccessKey: randomBytes(20).toString('hex') }
  return files.write('placeholder.json', JSON.stringify(key))
}

it('the programs compile', async () => {
  const tsc = join(FOLDER, 'node_modules/typescript/lib/tsc.js')
  expect(await run(process.execPath, [tsc, '-p', FOLDER])).toEqual({ status: 0, output: '' })
})

describe('a command', () => {
  beforeAll(() => {
    const credentials = JSON.stringify({ Version: 1, AccessKeyId: KEY, SecretAccessKey: SECRET })
    chmodSync(files.write('aws', `#!/bin/sh\necho '${credentials}'\n`), 0o755)
  })

  const started = async (args: readonly string[]): Promise<string> => {
    const { certFile, keyFile } = createCertificate(files.folder)
    const local: Record<string, string> = {
      '/run/secrets/token': files.write('token', 'a-token-of-many-characters'),
      'cert.pem': certFile,
      'key.pem': keyFile,
      '443': '0',
      '8081': '0',
    }
    const replaced = args.map((each) => {
      if (each.startsWith('$(dig ')) return '127.0.0.1'
      return local[each] ?? each.replace('/run/secrets/placeholder', placeholder())
    })
    const env = { ...KEYS, PATH: `${files.folder}:${process.env.PATH}` }
    const { until } = start(process.execPath, [program, ...replaced, '--port', '0'], { env })
    const [, upstream] = await until(/^ {2}upstream +(\S+)$/m)
    return upstream!
  }

  it.each(['opensearch', 'prometheus', 'agent'])('in the Compose file of %s starts a proxy', async (folder) => {
    const args = argumentsOf(folder)
    expect(await started(args)).toBe(args.find((each) => each.startsWith('https://')))
  })

  it.each([
    ['README.md', 4],
    ['../../docs/proxy.md', 7],
  ])('in %s starts a proxy', async (page, count) => {
    const commands = [...read(page).matchAll(/npx (?:--yes )?sigv4-tools (proxy .+)$/gm)].map(([, command]) => command!)
    expect(commands.length).toBeGreaterThanOrEqual(count)
    for (const command of commands) {
      const args = [...command.matchAll(/(['"])(.*?)\1|\S+/g)].map(([word, , quoted]) => quoted ?? word)
      expect(await started(args)).toBe(args[1])
    }
  })

  it('in the README creates a placeholder key', () => {
    const [command] = /^node -p .+(?= > agent\/placeholder\.json$)/m.exec(read('README.md'))!
    expect(JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' }))).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^PLACEHOLDER[\da-f]{8}$/),
      SecretAccessKey: expect.stringMatching(/^[\da-f]{40}$/),
    })
  })
})

describe('a Compose file', () => {
  it.each([
    ['opensearch', 'grafana'],
    ['prometheus', 'prometheus'],
  ])('of %s publishes no port of the proxy, which only %s reaches', (folder, other) => {
    const { services } = composeOf(folder)
    expect(Object.keys(services)).toEqual([other, 'proxy'])
    expect(services.proxy).not.toHaveProperty('ports')
    expect(services.proxy!.network_mode).toBe(`service:${other}`)
    expect(argumentsOf(folder).join(' ')).not.toMatch(/--host|--token/)
  })

  it('of the agent has an internal network, and no keys for the agent', () => {
    const { services, networks } = composeOf('agent')
    const { agent, proxy } = services
    expect(agent!.networks).toEqual(['agents'])
    expect(networks!.agents!.internal).toBe(true)
    expect(proxy!.networks).toEqual(['default', 'agents'])
    expect(proxy).not.toHaveProperty('ports')
    expect(agent!.volumes!.join()).not.toContain('.aws')
  })

  it.each(['opensearch', 'prometheus', 'agent'])('of %s mounts files that exist', (folder) => {
    const mounted = Object.values(composeOf(folder).services).flatMap(({ volumes = [] }) => volumes)
    const own = mounted.filter((each) => each.startsWith('./')).map((each) => each.split(':')[0]!)
    for (const path of own) expect(() => read(join(folder, path))).not.toThrow()
  })
})

describe('opensearch', () => {
  const GRAFANA = { 'user-agent': 'Grafana', 'content-type': 'application/json', 'accept-encoding': 'gzip' }
  const search = '{"ignore_unavailable":true,"index":"logs-*","search_type":"query_then_fetch"}\n{"size":0}\n'
  const grafana = async () => startProxy(inFrontOf(stub.url, argumentsOf('opensearch'), 'es'))

  it.each([
    ['GET', '/', undefined],
    ['GET', '/logs-*/_mapping', undefined],
    ['GET', '/logs-*,%3Clogs-%7Bnow%2Fd%7D%3E,%E6%97%A5%E8%AA%8C/_field_caps?fields=*', undefined],
    ['POST', '/_msearch?max_concurrent_shard_requests=5', search],
    ['POST', '/_opendistro/_ppl', '{"query":" source = `logs-*` | where a < 1"}\n'],
  ])('accepts %s %s of Grafana', async (method, target, body) => {
    const { status } = await fetch((await grafana()) + target, { method, headers: GRAFANA, body: body ?? null })
    expect(status).toBe(200)
    expect(stub.received).toMatchObject([{ method, target, headers: { 'user-agent': 'Grafana' } }])
    expect(stub.received[0]!.body.toString()).toBe(body ?? '')
  })

  it.each([
    ['DELETE', '/logs-1'],
    ['POST', '/_bulk'],
    ['POST', '/logs-1/_doc/_msearch'],
    ['PUT', '/logs-1/_doc/1'],
  ])('does not receive %s %s from Grafana', async (method, target) => {
    expect((await fetch((await grafana()) + target, { method, headers: GRAFANA, body: '{}' })).status).toBe(403)
    expect([stub.received, stub.rejected]).toEqual([[], []])
  })

  it('accepts compressed searches of its client, with names that must be encoded', async () => {
    const endpoint = await startProxy(inFrontOf(stub.url, ['proxy', 'https://'], 'es'))
    expect(await runTs('opensearch/search.ts', { ENDPOINT: endpoint })).toBe('search 200\nmsearch 200\nget 200\n')
    const index = ['logs-*', '<logs-{now/d}>', '日誌']
    const [found, both, note] = stub.received
    expect(decodeURIComponent(found!.target)).toBe(`/${index}/_search`)
    expect([found!.headers['content-encoding'], both!.headers['content-encoding']]).toEqual(['gzip', 'gzip'])
    expect(JSON.parse(gunzipSync(found!.body).toString())).toEqual({ query: { match: { text: 'Grüße' } } })
    expect([both!.method, both!.target, both!.headers['content-type']]).toEqual([
      'POST',
      '/_msearch',
      'application/x-ndjson',
    ])
    expect(gunzipSync(both!.body).toString().trimEnd().split('\n')).toHaveLength(4)
    expect(note!.target).toBe('/logs-1/_doc/a%2Fb%20c%2Bd%25')
    expect(stub.rejected).toEqual([])
  })
})

describe('prometheus', () => {
  let prometheus: string | undefined
  let reason = ''
  beforeAll(async () => {
    try {
      prometheus = await installPrometheus()
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error
      reason = error.message
      console.log(`NOT RUN: Prometheus with the proxy (${reason})`)
    }
  })

  it('writes remotely, with its own configuration', async ({ skip }) => {
    if (!prometheus) return skip(reason)
    const endpoint = await startProxy(inFrontOf(stub.url, argumentsOf('prometheus'), 'aps'))
    const config = read('prometheus/prometheus.yml')
      .replace('http://127.0.0.1:8080', endpoint)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
    const args = [`--config.file=${files.write('prometheus.yml', config)}`, '--web.listen-address=127.0.0.1:0']
    start(prometheus, [...args, `--storage.tsdb.path=${join(files.folder, 'tsdb')}`])
    await expect.poll(() => stub.received.length, { timeout: 60_000 }).toBeGreaterThan(0)
    expect(stub.rejected).toEqual([])
    const [, path] = /http:\/\/127\.0\.0\.1:8080(\S+)/.exec(read('prometheus/prometheus.yml'))!
    for (const { method, target, headers, body, signed } of stub.received) {
      expect([method, target, signed.scope.service]).toEqual(['POST', path, 'aps'])
      expect(headers).toMatchObject({ 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' })
      expect(signed.payload).toBe('verified')
      expect(body.toString('latin1')).toContain('__name__')
    }
  })
})

/** Returns a Prometheus of this machine, or that of Debian, which is unpacked and not installed. */
async function installPrometheus(): Promise<string> {
  if ((await run('prometheus', ['--version'])).status === 0) return 'prometheus'
  const script =
    'cd "$0" && apt-get download prometheus && dpkg-deb --extract prometheus_*.deb . && rm prometheus_*.deb'
  const folder = await installOnce('prometheus-debian', (draft) => runInstaller('sh', ['-c', script, draft]))
  return join(folder, 'usr/bin/prometheus')
}

describe('mcp', () => {
  const targets = [...read('README.md').matchAll(/MCP_URL='?http:\/\/127\.0\.0\.1:8080([^\s']+)/g)].map(
    ([, target]) => target!,
  )
  const SCOPE = ['--service', 'bedrock-agentcore', '--region', 'eu-west-1']
  let server: { url: string; stop: () => Promise<string> }
  beforeEach(async () => {
    const { child, ended, until } = startTs('mcp/server.ts', { ...KEYS, PORT: '0' })
    const stop = async () => {
      child.kill('SIGTERM')
      return (await ended).stdout
    }
    const [url] = await until(/^http:\S+$/m)
    server = { url, stop }
  })
  afterEach(() => server.stop())

  it.each([
    ['API Gateway', ['--prefix', '/prod'], targets[0]!, '/prod'],
    ['AgentCore', [], targets[1]!, ''],
  ])(
    'at a path of %s, a client responds to a question in the middle of a response',
    async (_, options, target, prefix) => {
      const endpoint = await startProxy(['proxy', server.url, ...SCOPE, ...options])
      expect(await runTs('mcp/client.ts', { MCP_URL: endpoint + target })).toBe(
        'tools add_note delete_notes\nadd 1: Grüße\nasked Delete 1 notes?\ndelete deleted: Grüße\n',
      )
      const accepted = (await server.stop()).split('\n').slice(1, -1)
      expect(new Set(accepted)).toEqual(new Set(['POST', 'GET'].map((each) => `${each} ${prefix}${target} ${KEY}`)))
    },
  )

  it('responds with JSON', async () => {
    const endpoint = await startProxy(['proxy', server.url, ...SCOPE])
    const output = await runTs('mcp/client.ts', { MCP_URL: `${endpoint}/json`, NO_STREAM: 'true' })
    expect(output).toBe('tools add_note delete_notes\nadd 1: Grüße\n')
  })

  it('rejects a client without the proxy, and a proxy with another key', async () => {
    expect(await runTs('mcp/client.ts', { MCP_URL: `${server.url}/mcp` })).toContain('MissingAuthenticationToken')
    const endpoint = await startProxy(['proxy', server.url, ...SCOPE], { ...KEYS, AWS_SECRET_ACCESS_KEY: 'wrong' })
    expect(await runTs('mcp/client.ts', { MCP_URL: `${endpoint}/mcp` })).toContain('InvalidSignatureException')
  })
})

describe('agent', () => {
  let server: Awaited<ReturnType<typeof serve>>
  let endpoint: string
  let key: string
  beforeEach(async () => {
    const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
    server = await serve({ credentials, region: 'eu-west-1', log: () => {} })
    key = placeholder()
    const args = argumentsOf('agent').map((each) => each.replace('/run/secrets/placeholder', key))
    endpoint = await startProxy(inFrontOf(server.url, args, 's3'))
  })
  afterEach(() => server.close())

  const environment = (keyFile: string): Record<string, string> => ({
    AWS_CONFIG_FILE: files.write('config', read('agent/config').replace('/run/secrets/placeholder', keyFile)),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  })

  it('uploads, downloads, and lists with a placeholder key', async () => {
    expect(await runTs('agent/s3.ts', environment(key))).toBe(
      'a b+c/ü*(1).txt 7 unchanged\nlarge.bin 6291456 unchanged\nstream.bin 12582912 unchanged\n3 objects\n',
    )
  })

  it('has neither the keys of the proxy nor other buckets', async () => {
    const outside = await runTs('agent/s3.ts', { ...environment(key), AWS_ENDPOINT_URL: server.url })
    expect(outside).toContain('InvalidAccessKeyId')
    expect(await runTs('agent/s3.ts', { ...environment(key), S3_BUCKET: 'films' })).toContain('403')
    const wrong = files.write('wrong.json', '{"Version":1,"AccessKeyId":"PLACEHOLDER0123","SecretAccessKey":"wrong"}')
    expect(await runTs('agent/s3.ts', environment(wrong))).toContain('SignatureDoesNotMatch')
  })

  it('reaches the proxy by the name of its service', async () => {
    const responseTo = (host: string) =>
      new Promise<string>((resolve, reject) => {
        const sent = request(`${endpoint}/photos`, { headers: { host } }, (response) => resolve(text(response)))
        sent.on('error', reject).end()
      })
    expect(await responseTo('proxy:8080')).toContain('<Code>AccessDenied</Code>')
    expect(await responseTo('other:8080')).toContain('The host other is not a name of this proxy')
  })
})
