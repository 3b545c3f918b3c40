import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { presign } from '../../src/sync.ts'
import type { Group, Test } from '../../suite/format/format.ts'
import { GROUPS, TESTS } from '../../suite/test/files.ts'
import { headerOf, splitRequest } from '../../suite/test/requests.ts'
import { pythonWithBoto } from '../support/boto.ts'

// botocore signs the valid requests of the suite to the same signatures.

/** Parameters of a request as botocore takes them, and the signature that was sent. */
function caseOf({ http }: Test, { setting, profile }: Group) {
  const raw = splitRequest(http)
  const { accessKeyId, secretAccessKey, region, service } = setting
  const common = { accessKeyId, secretAccessKey, region, service, method: raw.method }
  if (profile === 's3-post') {
    const field = (name: string): string => new RegExp(`name="${name}"\r\n\r\n(.*?)\r\n`, 'is').exec(raw.body)![1]!
    const time = field('x-amz-date')
    const form = { ...common, kind: 'form', url: '', body: '', headers: [], names: [], time, policy: field('policy') }
    return [form, field('x-amz-signature')] as const
  }
  const { searchParams } = new URL(raw.target, 'http://host')
  const authorization = headerOf(raw, 'authorization')
  const isQuery = authorization === undefined
  const part = (name: string): string => RegExp(`${name}=([^,]*)`).exec(authorization ?? '')?.[1] ?? ''
  const names = isQuery ? searchParams.get('X-Amz-SignedHeaders')! : part('SignedHeaders')
  const date = headerOf(raw, 'date')
  const time =
    searchParams.get('X-Amz-Date') ??
    headerOf(raw, 'x-amz-date') ??
    new Date(date!).toISOString().replace(/[-:]|\.\d+/g, '')
  const request = {
    ...common,
    kind: `${service === 's3' ? 's3' : 'other'} ${isQuery ? 'query' : 'header'}`,
    url: `https://host${raw.target.replace(/&X-Amz-Signature=\w+/, '')}`,
    body: profile === 'events' ? '' : raw.body,
    headers: raw.headers.filter(([name]) => name.toLowerCase() !== 'authorization'),
    names: names.split(';'),
    time,
  }
  return [request, isQuery ? searchParams.get('X-Amz-Signature') : part('Signature')] as const
}

it('signs every valid request of the suite to the same signature', async () => {
  const valid = TESTS.filter(([{ result }, { profile }]) => result === 'valid' && profile !== 'sigv4a')
  const cases = valid.map(([test, group]) => caseOf(test, group))
  const input = JSON.stringify(cases.map(([request]) => request))
  const script = fileURLToPath(new URL('suite.py', import.meta.url))
  const { stdout, stderr } = spawnSync(await pythonWithBoto(), [script], { input, encoding: 'utf8' })
  expect(stdout, stderr).not.toBe('')
  const signatures = JSON.parse(stdout) as string[]
  expect(valid.length).toBeGreaterThan(100)
  const ofTests = (list: readonly unknown[]) => Object.fromEntries(valid.map(([{ id }], i) => [id, list[i]]))
  expect(ofTests(signatures)).toEqual(ofTests(cases.map(([, signature]) => signature)))
})

describe('the runner', () => {
  const runner = fileURLToPath(new URL('../../suite/runner.py', import.meta.url))
  const { accessKeyId, secretAccessKey } = GROUPS.find(({ id }) => id === 's3-header')!.setting

  /** Runs the runner, and returns its exit status and the last line of its output. */
  async function run(url: string, ...more: string[]) {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: '',
    }
    const child = spawn('python3', [runner, url, '--bucket', 'suite', ...more], { env })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data
      })
    return new Promise<{ status: number | null; output: string }>((resolve) =>
      child.on('close', (status) => resolve({ status, output })),
    )
  }

  /** Runs a server that has the same response to every request. */
  async function runOn(status: number, headers: Record<string, string> = {}) {
    const server = createServer((request, response) =>
      request.resume().on('end', () => response.writeHead(status, headers).end()),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const result = await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    return result
  }

  it('has only right results with serve, and leaves nothing there', async () => {
    const credentials = { accessKeyId, secretAccessKey }
    const server = await serve({ credentials, region: 'us-east-1' })
    const { status, output } = await run(server.url)
    expect(output).toMatch(/^[56]\d\d right, 0 wrong, 0 untested, 0 errors, \d+ either$/m)
    expect(status).toBe(0)
    const list = await presign('GET', `${server.url}/suite?list-type=2`, {
      credentials,
      region: 'us-east-1',
      service: 's3',
    })
    expect(await (await fetch(list.url)).text()).toContain('<KeyCount>0</KeyCount>')
    await server.close()
  })

  it('finds what a server accepts that verifies nothing', async () => {
    const { status, output } = await runOn(200, { 'X-Amz-Meta-Owner': 'someone' })
    expect(output).toContain('presigned/put-copy-source is invalid, got 200, without an effect\n')
    expect(output).toContain('presigned/unsigned-meta is invalid, got 200, and the fault took effect\n')
    expect(output).toContain('presigned/unsigned-redirect is invalid, got 200, without an effect\n')
    expect(Number(/right, (\d+) wrong, \d+ untested/.exec(output)![1])).toBeGreaterThan(300)
    expect(status).toBe(1)
  })

  it('reports a server that rejects valid requests', async () => {
    expect(await runOn(403)).toMatchObject({ status: 2, output: expect.stringContaining('rejects a valid write') })
  })

  it('ends with a hostile server, deletes only keys of its tests, and signs for no time that the server chooses', async () => {
    const deleted: string[] = []
    const times: string[] = []
    let prefix = ''
    let keys = 0
    const server = createServer((request, response) => {
      prefix ||= /suite-[\da-f]{8}\//.exec(request.url!)?.[0] ?? ''
      times.push(String(request.headers['x-amz-date'] ?? ''))
      if (request.method === 'DELETE') deleted.push(request.url!.split('?')[0]!)
      const listed = ['../../mine.txt', 'header-put/..%2fmine.txt', `${keys++}.txt`, 'header-put/up.txt']
      const list = listed.map((key) => `<Key>${prefix}${key}</Key>`).join('')
      response.sendDate = false
      response.setHeader('Date', 'Fri, 31 Dec 9999 23:59:59 GMT')
      // a response that never ends
      if (request.url!.includes('/header-put/up.txt') && request.method === 'PUT') {
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      } else request.resume().on('end', () => response.end(list))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { output } = await run(url, '--only', 'header/put', '--timeout', '1')
    server.close()
    expect(output).toMatch(/^Not deleted: suite-[\da-f]{8}\/\.\.\/\.\.\/mine\.txt$/m)
    expect(output).toMatch(/^Not deleted: suite-[\da-f]{8}\/\d+\.txt$/m)
    expect(deleted.length).toBeGreaterThan(1)
    const isOwn = (target: string): boolean =>
      /^\/suite\/suite-[\da-f]{8}\/[a-z]+-[\w-]+\//.test(target) && !/mine|\/\.\.\/|%2f/i.test(target)
    expect(deleted.filter((target) => !isOwn(target))).toEqual([])
    const year = new Date().getUTCFullYear()
    expect(times.filter((time) => time !== '' && Math.abs(Number(time.slice(0, 4)) - year) > 1)).toEqual([])
  })
})
