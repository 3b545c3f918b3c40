import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { presignPut } from '../../src/sync.ts'
import { isDeep } from '../../test/support/depth.ts'
import { fromNpm, MODULES } from '../runtimes/engines.ts'
import { installPackages, run, ServerUnavailable } from '../servers/install.ts'
import { minio } from '../servers/minio.ts'
import { isRequired } from '../servers/required.ts'
import type { RunningServer } from '../servers/server.ts'
import { accepted, send } from '../servers/wire.ts'
import { pythonWithBoto } from '../support/boto.ts'
import { describeEventStreams } from './event-streams.ts'

// Popular clients have the same results with serve as with S3, and are rejected with a wrong secret.
// The same scripts run with MinIO, and with a placeholder key through a proxy, and must have the same results.

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const SERVERS = ['serve', 'proxy', 'minio'] as const
/** Each landing runs the clients of npm; Python, Bun, and curl are run nightly. */
const others = describe.runIf(isDeep)

/** The errors of rejected steps, as the client reports them. */
const REFUSALS: Record<string, Record<string, string>> = {
  'aws-sdk': {
    delete: '404 NoSuchKey',
    'rejected: wrong secret': '403 SignatureDoesNotMatch',
    'rejected: unknown key ID': '403 InvalidAccessKeyId',
    'rejected: presigned, wrong secret': '403 SignatureDoesNotMatch',
    'a stream in small pieces': '403 InvalidChunkSizeError',
  },
  aws4: {
    delete: '404 NoSuchKey',
    'rejected: wrong secret': '403 SignatureDoesNotMatch',
    'rejected: presigned, wrong secret': '403 SignatureDoesNotMatch',
  },
  aws4fetch: {
    delete: '404 NoSuchKey',
    'rejected: wrong secret': '403 SignatureDoesNotMatch',
    'rejected: presigned, wrong secret': '403 SignatureDoesNotMatch',
  },
  minio: { delete: 'NoSuchKey', 'rejected: wrong secret': 'SignatureDoesNotMatch' },
  boto: {
    delete: '404 NoSuchKey',
    'rejected: wrong secret': '403 SignatureDoesNotMatch',
    'rejected: unknown key ID': '403 InvalidAccessKeyId',
    'rejected: presigned, wrong secret': '403 SignatureDoesNotMatch',
  },
}

/** Steps with a different result on MinIO, which accepts chunks of any size. */
const ON_MINIO: Record<string, string> = { 'a stream in small pieces': 'accepted' }

/** Number of steps per client, so that a script that exits early fails. */
const STEPS = { 'aws-sdk': 25, aws4: 8, aws4fetch: 8, minio: 12, boto: 13 }

/** The clients whose first step creates the bucket. */
const CREATES_BUCKET = ['aws-sdk', 'minio', 'boto']

type ServerName = (typeof SERVERS)[number]

const servers: Partial<Record<ServerName, RunningServer>> = {}
let minioUnavailable = ''
/** The log of serve. */
const lines: string[] = []
/** Unique buckets, because a running server may have those of an earlier run. */
const suffix = randomBytes(4).toString('hex')

beforeAll(async () => {
  const credentials = { accessKeyId: 'AKIDCLIENTS', secretAccessKey: 'clients-secret/+1' }
  const region = 'eu-central-1'
  const { url, close } = await serve({ credentials, region, log: (line) => lines.push(line) })
  servers.serve = { version: '0', endpoint: url, virtualHostEndpoint: url, region, credentials, stop: close }
  servers.proxy = await startProxy(credentials, region)
  try {
    servers.minio = await minio.start((doing) => console.log(`minio: ${doing}`))
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || isRequired('minio')) throw error
    minioUnavailable = error.message
    console.log(`NOT RUN: clients on minio (${minioUnavailable})`)
  }
})

afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop()
})

/** Starts a server, and a proxy whose clients have a placeholder key. */
async function startProxy(credentials: RunningServer['credentials'], region: string): Promise<RunningServer> {
  const server = await serve({ credentials, region })
  const placeholder = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder/+1' }
  const { url, close } = await proxy({
    upstream: server.url,
    mode: 'resign',
    credentials,
    clientCredentials: placeholder,
    service: 's3',
    region,
    allowPresigned: true,
  })
  const stop = async () => {
    await close()
    await server.close()
  }
  return { version: '0', endpoint: url, virtualHostEndpoint: url, region, credentials: placeholder, stop }
}

/** Returns the server for a test, and skips the test if it is not available. */
function serverFor({ skip }: TestContext, name: ServerName): RunningServer {
  const server = servers[name]
  if (!server) return skip(minioUnavailable)
  return server
}

/** Returns the bucket of a client, and creates it for clients that cannot. */
async function bucketFor(client: string, { endpoint, region, credentials }: RunningServer): Promise<string> {
  const bucket = `${client}-${suffix}`
  if (!CREATES_BUCKET.includes(client))
    accepted(await send(presignPut(`${endpoint}/${bucket}`, { credentials, region, service: 's3' })))
  return bucket
}

/** Runs a client's script and compares its results. */
async function runClient(server: RunningServer, name: keyof typeof STEPS, command: string, args: string[]) {
  const { credentials } = server
  const bucket = await bucketFor(name, server)
  const before = lines.length
  const { status, output } = await run(command, args, {
    SERVE_ENDPOINT: server.endpoint,
    SERVE_REGION: server.region,
    SERVE_ACCESS_KEY: credentials.accessKeyId,
    SERVE_SECRET_KEY: credentials.secretAccessKey,
    SERVE_BUCKET: bucket,
    NO_PROXY: '*',
  })
  const log = lines.slice(before)
  const printed = output.split('\n').find((line) => line.startsWith('{'))
  expect(printed, `${name} exited with ${status}:\n${output}`).toBeDefined()
  const results = JSON.parse(printed!) as Record<string, true | string>
  const expected = Object.fromEntries(
    Object.keys(results).map((step) => [
      step,
      (server === servers.minio ? ON_MINIO[step] : undefined) ?? REFUSALS[name]![step] ?? true,
    ]),
  )
  expect(results, log.join('\n')).toEqual(expected)
  expect(Object.keys(results)).toHaveLength(STEPS[name])
  expect(Object.keys(results)).toEqual(expect.arrayContaining(Object.keys(REFUSALS[name]!)))
  if (server !== servers.serve) return
  // The log must match: accepted requests have a verified access key ID, the others were rejected for their signature.
  const refused = log.filter((line) => / {2}403 {2}/.test(line))
  const refusals = Object.values(REFUSALS[name]!).filter((code) =>
    /SignatureDoesNotMatch|InvalidAccessKeyId/.test(code),
  )
  expect(refused.length, log.join('\n')).toBeGreaterThanOrEqual(refusals.length)
  expect(
    log.filter((line) => / {2}20\d {2}/.test(line) && !line.includes(`  signed by ${credentials.accessKeyId}`)),
  ).toEqual([])
  for (const line of log) expect(line).not.toMatch(/ {2}500 {2}/)
}

describe('npm clients', () => {
  beforeAll(() => installPackages(FOLDER))

  describeEventStreams()

  describe.each(SERVERS)('%s', (serverName) => {
    it.for(['aws-sdk', 'aws4', 'aws4fetch', 'minio'] as const)('%s', async (name, context) => {
      await runClient(serverFor(context, serverName), name, process.execPath, [join(FOLDER, `${name}.mjs`)])
    })
  })
})

others('botocore', () => {
  let python: string

  beforeAll(async () => {
    python = await pythonWithBoto()
  })

  it.for(SERVERS)('boto3, %s', async (serverName, context) => {
    await runClient(serverFor(context, serverName), 'boto', python, [join(FOLDER, 'boto.py')])
  })

  it.for(SERVERS)('AWS CLI, %s: a file of 20 MiB there and back, in parts', async (serverName, context) => {
    const server = serverFor(context, serverName)
    const folder = mkdtempSync(join(tmpdir(), 'sigv4-aws-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [sent, received] = [join(folder, 'sent'), join(folder, 'received')]
    writeFileSync(sent, randomBytes(20 * 1024 * 1024))
    const aws = async (args: string[], secret = server.credentials.secretAccessKey) => {
      const { status, output } = await run(
        python,
        ['-m', 'awscli', '--endpoint-url', server.endpoint, '--region', server.region, 's3', ...args],
        {
          AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: secret,
          AWS_CONFIG_FILE: join(folder, 'none'),
          AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
          NO_PROXY: '*',
        },
      )
      return { status, output }
    }
    const bucket = `s3://aws-cli-${suffix}`
    for (const args of [
      ['mb', bucket],
      ['cp', sent, `${bucket}/a b+c/sent`],
      ['cp', `${bucket}/a b+c/sent`, received],
      ['rm', `${bucket}/a b+c/sent`],
    ])
      expect((await aws(args)).status, args.join(' ')).toBe(0)
    expect(readFileSync(received).equals(readFileSync(sent))).toBe(true)
    const { status, output } = await aws(['ls', bucket], 'wrong-secret')
    expect([status !== 0, output]).toEqual([true, expect.stringContaining('SignatureDoesNotMatch')])
  })
})

others.each(SERVERS)('the S3 client of Bun, %s', (serverName) => {
  it('stores, loads, lists, and deletes', async (context) => {
    const { missing } = fromNpm('@oven/bun-linux-x64')
    if (missing && !process.env.CI) context.skip(`NOT RUN: ${missing}`)
    const server = serverFor(context, serverName)
    const { status, output } = await run(join(MODULES, '@oven/bun-linux-x64', 'bin/bun'), [join(FOLDER, 'bun.mjs')], {
      S3_ENDPOINT: server.endpoint,
      S3_REGION: server.region,
      S3_ACCESS_KEY_ID: server.credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      S3_BUCKET: await bucketFor('bun', server),
      NO_PROXY: '*',
    })
    expect([status, output.trim()]).toEqual([0, '["SignatureDoesNotMatch",true,12582912,["a b+c","big"],false]'])
  })
})

others.each(SERVERS)('curl --aws-sigv4, %s', (serverName) => {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-curl-'))
  const file = join(folder, 'file.txt')
  writeFileSync(file, 'sent and received data')
  afterAll(() => rmSync(folder, { recursive: true }))

  async function curl(
    { endpoint, region, credentials }: RunningServer,
    path: string,
    args: string[],
    secret = credentials.secretAccessKey,
  ): Promise<string> {
    const common = ['--silent', '--show-error', '--noproxy', '*', '--max-time', '20', '-w', '\n%{http_code}']
    // Before 8.x, it signs this header but does not send it.
    const hash = ['-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD']
    const signing = [...hash, '--aws-sigv4', `aws:amz:${region}:s3`, '--user', `${credentials.accessKeyId}:${secret}`]
    const { status, output } = await run('curl', [...common, ...signing, ...args, endpoint + path])
    expect(status, output).toBe(0)
    return output
  }

  it('puts, gets, lists and deletes', async (context) => {
    const server = serverFor(context, serverName)
    const bucket = `/${await bucketFor('curl', server)}`
    expect(await curl(server, `${bucket}/file.txt`, ['--upload-file', file])).toMatch(/\n200$/)
    expect(await curl(server, `${bucket}/data.txt`, ['-X', 'PUT', '--data-binary', `@${file}`])).toMatch(/\n200$/)
    expect(await curl(server, `${bucket}/file.txt`, [])).toBe('sent and received data\n200')
    expect(await curl(server, `${bucket}/file.txt`, ['--range', '5-8'])).toBe('and \n206')
    expect(await curl(server, `${bucket}?list-type=2`, [])).toMatch(
      /<Key>data.txt<\/Key>.*<Key>file.txt<\/Key>.*\n200$/s,
    )
    expect(await curl(server, `${bucket}/file.txt`, ['-X', 'DELETE'])).toMatch(/^\n204$/)
    expect(await curl(server, `${bucket}/file.txt`, [])).toMatch(/<Code>NoSuchKey<.*\n404$/s)
  })

  it('is rejected with a wrong secret', async (context) => {
    const server = serverFor(context, serverName)
    const key = `/${await bucketFor('curl-refused', server)}/data.txt`
    expect(await curl(server, key, ['--upload-file', file])).toMatch(/\n200$/)
    const rejection = /<Code>SignatureDoesNotMatch<.*\n403$/s
    expect(await curl(server, key, [], 'wrong-secret')).toMatch(rejection)
    expect(await curl(server, key, ['--upload-file', file], 'wrong-secret')).toMatch(rejection)
  })
})
