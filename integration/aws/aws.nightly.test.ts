import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { sign } from '../../src/index.ts'
import { ROOT } from '../../test/support/packed.ts'
import { ServerUnavailable } from '../servers/install.ts'
import { minio } from '../servers/minio.ts'
import { isRequired } from '../servers/required.ts'
import { onLoopback, type RunningServer } from '../servers/server.ts'
import { accepted, send } from '../servers/wire.ts'
import { CleanUp, type Left } from './clean-up.ts'
import { lackOf } from './lacks.ts'
import { bucketPlace } from './place.ts'
import { program } from './program.ts'
import { ROWS } from './rows.ts'
import { SESSION_SECRETS, standIn } from './stand-in.ts'

// The program runs against serve, MinIO, and a stand-in for AWS hosts. With AWS itself, only a maintainer can run it.

const BUCKET = `pictures-${randomBytes(5).toString('hex')}`
const EMPTY: Left = { keys: [], uploads: [] }
const running: Record<string, RunningServer> = {}
let unavailable = ''

beforeAll(async () => {
  const credentials = { accessKeyId: 'AKIDAWSROWS', secretAccessKey: 'aws-rows-secret/+1xyzXYZ0123' }
  const { port, close } = await serve({ credentials, region: 'us-east-1', log: () => {} })
  running.serve = onLoopback({ version: '0', port, stop: close }, credentials)
  try {
    running.minio = await minio.start((doing) => console.log(`minio: ${doing}`))
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || isRequired('minio')) throw error
    unavailable = error.message
    console.log(`NOT RUN: npm run aws with MinIO (${unavailable})`)
  }
  for (const server of Object.values(running)) await createBucket(server, BUCKET)
})
afterAll(async () => {
  for (const { stop } of Object.values(running)) await stop()
})
afterEach(() => void vi.unstubAllGlobals())

async function createBucket({ endpoint, region, credentials }: RunningServer, name: string): Promise<void> {
  accepted(
    await send(await sign({ method: 'PUT', url: `${endpoint}/${name}` }, { credentials, region, service: 's3' })),
  )
}

const environmentOf = ({ credentials }: RunningServer) => ({
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
})

const argumentsOf = ({ endpoint, region }: RunningServer) => [
  ...['--bucket', BUCKET, '--region', region, '--endpoint', endpoint, '--yes'],
]

/** Runs the program in this process. */
async function run(args: readonly string[], env: Record<string, string>) {
  const lines: string[] = []
  let report = ''
  const code = await program(args, {
    env,
    progress: (line) => void lines.push(line),
    print: (text) => {
      report = text
    },
    signal: new AbortController().signal,
  })
  return { code, report, rows: rowsOf(report), progress: lines.join('\n') }
}

/** The result of each row, by its name. */
function rowsOf(report: string): Map<string, string> {
  const lines = report.matchAll(/^\| (.*?) \| (ok|failed|not run) \| \d+ \| .* \|$/gm)
  return new Map(Array.from(lines, ([, name, result]) => [name!, result!]))
}

const named = (rows: ReadonlyMap<string, string>, wanted: string): string[] =>
  [...rows].filter(([, result]) => result === wanted).map(([name]) => name)

/** What a bucket contains. */
function contents({ endpoint, region, credentials }: RunningServer, bucket = BUCKET): Promise<Left> {
  const options = { bucket, region, endpoint } as Parameters<typeof bucketPlace>[0]
  return new CleanUp().list(bucketPlace(options, credentials), '')
}

const ONLY_ON_AWS = ROWS.filter(({ missing }) => missing).map(({ name }) => name)
const HEADERS = { serve: 'sigv4-serve', minio: 'MinIO' }

describe.each(['serve', 'minio'] as const)('%s', (name) => {
  const lacks = ROWS.filter((row) => lackOf(HEADERS[name], row.name)).map((row) => row.name)

  it('has no row that fails, and reports those that do not run', async ({ skip }) => {
    const server = running[name] ?? skip(unavailable)
    const { code, report, rows, progress } = await run(argumentsOf(server), environmentOf(server))
    expect(named(rows, 'failed')).toEqual([])
    expect(code).toBe(0)
    expect([...rows.keys()]).toEqual(ROWS.map((row) => row.name))
    expect(named(rows, 'not run').sort()).toEqual([...ONLY_ON_AWS, ...lacks].sort())
    expect(await contents(server)).toEqual(EMPTY)
    expect(report).toContain(`with ${name === 'serve' ? 'serve' : 'MinIO'}\n`)
    expect(report).toContain(`- Node: ${process.version}\n- Region: us-east-1\n- Date: 20`)
    expect(report).toContain('- Clean-up: everything that was stored is deleted')
    expect(report).not.toContain(BUCKET)
    for (const secret of Object.values(server.credentials)) expect(report + progress).not.toContain(secret)
  })

  it('fails each row that it is known not to support', async ({ skip }) => {
    const server = running[name] ?? skip(unavailable)
    if (lacks.length === 0) return
    const { rows } = await run([...argumentsOf(server), '--all'], environmentOf(server))
    expect(named(rows, 'failed').sort()).toEqual([...lacks].sort())
    expect(await contents(server)).toEqual(EMPTY)
  })
})

/** Replaces `fetch` by one that changes requests or responses. */
function stub(change: (send: typeof fetch, url: string, init: RequestInit) => Promise<Response>): void {
  const real = globalThis.fetch
  vi.stubGlobal('fetch', (input: string, init: RequestInit = {}) => change(real, String(input), init))
}

describe('a report is red', () => {
  const isPresigned = (url: string): boolean => url.includes('X-Amz-Signature=')

  it('if one digit of each presigned signature is changed in transit', async () => {
    const server = running.serve!
    stub((send, url, init) => {
      const changed = url.replace(/(?<=X-Amz-Signature=)./, (digit) => (digit === '0' ? '1' : '0'))
      return send(isPresigned(url) ? changed : url, init)
    })
    const { code, rows, report } = await run(argumentsOf(server), environmentOf(server))
    expect(code).toBe(1)
    expect(rows.get('presigned: PUT, GET, HEAD, and DELETE')).toBe('failed')
    expect(report).toContain('PUT: 403 SignatureDoesNotMatch')
    expect(named(rows, 'failed').length).toBeGreaterThan(50)
    expect(await contents(server)).toEqual(EMPTY)
  })

  it('if one byte of each body is changed in transit', async () => {
    const server = running.serve!
    stub((send, url, init) => {
      const body = init.method === 'PUT' && typeof init.body === 'string' ? `X${init.body.slice(1)}` : init.body
      return send(url, { ...init, ...(body && { body }) })
    })
    const { code, rows } = await run(argumentsOf(server), environmentOf(server))
    expect(code).toBe(1)
    expect(named(rows, 'failed')).toContain('key with spaces')
    expect(rows.get('form: presignPost and FormData')).toBe('ok')
  })

  it('if the server accepts what it must reject', async () => {
    const server = running.serve!
    stub(async (send, url, init) => {
      const response = await send(url, init)
      return response.status === 403 ? new Response(null, { status: 200 }) : response
    })
    const { code, rows } = await run(argumentsOf(server), environmentOf(server))
    expect(code).toBe(1)
    const rejections = [...rows.keys()].filter((name) => name.startsWith('rejected: ') && !name.includes('a body'))
    expect(rejections.length).toBeGreaterThan(5)
    expect(named(rows, 'failed')).toEqual(expect.arrayContaining(rejections))
  })

  it('if something cannot be deleted', async () => {
    const server = running.serve!
    stub((send, url, init) =>
      url.endsWith('?delete=') || url.endsWith('?delete') ? Promise.resolve(new Response('')) : send(url, init),
    )
    const args = [...argumentsOf(server), '--only', 'presigned: a range']
    const { code, report, progress } = await run(args, environmentOf(server))
    expect(code).toBe(1)
    expect(report).toContain('- Clean-up: 1 objects and 0 uploads are left\n')
    expect(progress).toMatch(/Look below sigv4-aws-[\da-f]{16}\/$/)
    vi.unstubAllGlobals()
    const { endpoint, region, credentials } = server
    const options = { bucket: BUCKET, region, endpoint } as Parameters<typeof bucketPlace>[0]
    expect(await new CleanUp().run(bucketPlace(options, credentials), 'sigv4-aws-')).toEqual(EMPTY)
  })
})

describe('before anything is stored, the program ends', () => {
  const ends = (args: readonly string[], env: Record<string, string> = environmentOf(running.serve!)) =>
    expect(run(args, env)).rejects

  it('with a wrong secret', async () => {
    const env = { ...environmentOf(running.serve!), AWS_SECRET_ACCESS_KEY: 'a-wrong-secret/+1xyzXYZ0123' }
    await ends(argumentsOf(running.serve!), env).toThrow('the response is 403 SignatureDoesNotMatch.')
  })

  it('without credentials, a bucket, a region, or a terminal to ask on', async () => {
    const args = argumentsOf(running.serve!)
    await ends(args, {}).toThrow('No credentials found')
    await ends(args.slice(2)).toThrow('--bucket is missing')
    await ends(['--bucket', BUCKET]).toThrow('--region is missing')
    await ends(args.filter((each) => each !== '--yes')).toThrow('--yes is required')
    await ends([...args, '--what']).toThrow("Unknown option '--what'")
  })

  it('if the bucket has versions', async () => {
    stub(async () => new Response('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'))
    await ends(argumentsOf(running.serve!)).toThrow('The bucket has versions')
  })
})

it('reads an access key from a profile', async () => {
  const server = running.serve!
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-aws-'))
  const { accessKeyId, secretAccessKey } = server.credentials
  writeFileSync(
    join(folder, 'credentials'),
    `[tests]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n[sso]\nsso_session = x\n`,
  )
  const env = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'), AWS_CONFIG_FILE: join(folder, 'config') }
  const file = join(folder, 'report.md')
  const args = [...argumentsOf(server), '--only', 'signed: PUT', '--report', file]
  const { code, report } = await run([...args, '--profile', 'tests'], env)
  expect(code).toBe(0)
  expect(readFileSync(file, 'utf8')).toBe(report)
  await expect(run([...args, '--profile', 'sso'], env)).rejects.toThrow('export-credentials')
  rmSync(folder, { recursive: true })
})

describe('as a program', () => {
  const start = (server: RunningServer, ...more: string[]): { child: ChildProcess; output: () => string } => {
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
    // without a shell or npm between them, which would receive the signal too
    const child = spawn(
      process.execPath,
      [
        '--import',
        tsx.replace('cli.mjs', 'loader.mjs'),
        join(ROOT, 'integration/aws/main.ts'),
        ...argumentsOf(server),
        ...more,
      ],
      {
        env: { ...process.env, ...environmentOf(server) },
      },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text
      })
    return { child, output: () => output }
  }

  it('deletes everything when it is interrupted, and reports what did not run', async () => {
    const server = running.serve!
    const { child, output } = start(server)
    await expect.poll(output).toContain('ok       signed: PUT')
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
    expect(output()).toContain('| not run | 0 | it was interrupted |')
    expect(output()).toContain('- Clean-up: everything that was stored is deleted')
    expect(await contents(server)).toEqual(EMPTY)
    expect(output()).not.toContain(server.credentials.secretAccessKey)
  })

  it('has exit code 2 and one line for wrong use', async () => {
    const { child, output } = start(running.serve!, '--only', 'nothing')
    const [code] = await once(child, 'close')
    expect([code, output()]).toEqual([2, 'No row has a name that starts with --only.\n'])
  })
})

it('sends every row to AWS hosts, verified by a stand-in', async () => {
  const server = running.serve!
  const buckets = { elsewhere: 'elsewhere', point: 'the-point', express: 'the-express', multiRegion: 'the-mrap' }
  for (const bucket of Object.values(buckets)) await createBucket(server, bucket)
  const region = 'us-east-1'
  const { fetch, hosts } = standIn(server.endpoint, server.credentials, [
    { host: /^elsewhere\./, service: 's3', bucket: buckets.elsewhere, region: 'eu-west-1' },
    { host: /^point-/, service: 's3', bucket: buckets.point, region },
    { host: /s3express/, service: 's3express', bucket: buckets.express, region },
    { host: /mrap/, service: 's3', bucket: buckets.multiRegion, region: '*' },
    { host: /s3\./, service: 's3', bucket: BUCKET, region },
  ])
  vi.stubGlobal('fetch', fetch)
  const { code, rows, report, progress } = await run(
    [
      ...['--bucket', BUCKET, '--region', region, '--yes', '--services', '--other-region-bucket', 'elsewhere'],
      ...['--access-point', 'arn:aws:s3:us-east-1:123456789012:accesspoint/point'],
      ...['--express', 'photos--use1-az4--x-s3'],
      ...['--multi-region-access-point', 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap'],
    ],
    environmentOf(server),
  )
  expect(named(rows, 'failed')).toEqual([])
  expect(named(rows, 'ok')).toEqual(ROWS.map((row) => row.name))
  expect(code).toBe(0)
  expect([...hosts].sort()).toEqual([
    'dynamodb.us-east-1.amazonaws.com',
    'elsewhere.s3.eu-west-1.amazonaws.com',
    'elsewhere.s3.us-east-1.amazonaws.com',
    'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com',
    'photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com',
    `${BUCKET}.s3.dualstack.us-east-1.amazonaws.com`,
    `${BUCKET}.s3.us-east-1.amazonaws.com`,
    'point-123456789012.s3-accesspoint.us-east-1.amazonaws.com',
    's3.us-east-1.amazonaws.com',
    'sts.us-east-1.amazonaws.com',
  ])
  for (const name of ['123456789012', 'mfzwi23gnjvgw', 'photos--use1-az4--x-s3', BUCKET])
    expect(report).not.toContain(name)
  for (const secret of [...SESSION_SECRETS, ...Object.values(server.credentials)])
    expect(report + progress).not.toContain(secret)
  vi.unstubAllGlobals()
  for (const bucket of [BUCKET, ...Object.values(buckets)]) expect(await contents(server, bucket)).toEqual(EMPTY)
})
