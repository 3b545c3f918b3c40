import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { type EndpointResponse, startEndpoint } from '../../../../test/support/endpoint.ts'
import { buildProgram, start, stopAll, temporary } from '../support/cli.ts'
import { header, startUpstream, type Upstream, verified } from '../support/proxy/upstream.ts'

// The program in a task of Amazon ECS, and the proxy in a pod of Amazon EKS: the variables that the platform sets, and endpoints
// that respond as those of the platform do. Their errors are tested in input/role.test.ts and in test/credentials.

const ROLE = 'arn:aws:iam::123456789012:role/photos'
const GET = ['presign', 'get', 's3://photos/cat.jpg', '--region', 'eu-west-1']
const ES = ['--service', 'es', '--region', 'eu-west-1']

let files: ReturnType<typeof temporary>
let program: string
let upstream: Upstream
let respond: Parameters<typeof startUpstream>[0]
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  files = temporary()
  files.write('authorization', 'token-of-the-pod')
  program = await buildProgram(files.folder)
  upstream = await startUpstream((request, response, body) => respond!(request, response, body))
})
afterEach(async () => {
  stopAll()
  upstream.requests.splice(0)
  for (const close of closing.splice(0)) await close()
})
afterAll(async () => {
  stopAll()
  files.remove()
  await upstream.stop()
})

const cli = (args: string[], env: Record<string, string>) => start(process.execPath, [program, ...args], { env })

/** Returns when credentials expire, as AWS writes it. */
function expiry(milliseconds = 3_600_000): string {
  return new Date(Date.now() + milliseconds).toISOString().replace(/\.\d+/, '')
}

/** Starts an endpoint that numbers the credentials that it returns. */
async function endpoint(respond: (number: number) => EndpointResponse) {
  const started = await startEndpoint((_, number) => respond(number))
  closing.push(started.close)
  return started
}

const keys = (number: number) => ({
  AccessKeyId: `ASIATASK${number}`,
  SecretAccessKey: SECRET,
  Token: `token-${number}`,
})
/** Responses of the agent of ECS, and of that of EKS Pod Identity. */
const ofTask = (number: number, Expiration = expiry()): EndpointResponse => [
  200,
  JSON.stringify({ RoleArn: ROLE, ...keys(number), Expiration }),
]
const ofPod = (number: number, Expiration = expiry()): EndpointResponse => [
  200,
  JSON.stringify({ ...keys(number), AccountId: '123456789012', Expiration }),
]
describe('the program', () => {
  it('signs with the role of an ECS task, and prints nothing else', async () => {
    const { url, received } = await endpoint((number) => ofTask(number))
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v2/credentials/1` }
    const { code, stdout, stderr } = await cli(GET, env).ended
    expect([code, stderr]).toEqual([0, ''])
    const { searchParams } = new URL(stdout)
    expect(searchParams.get('X-Amz-Credential')).toMatch(/^ASIATASK1\//)
    expect(searchParams.get('X-Amz-Security-Token')).toBe('token-1')
    expect(received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/v2/credentials/1', undefined],
    ])
  })

  it('exits with 2 if there is no role either', async () => {
    const { code, stderr } = await cli(GET, {}).ended
    expect(code).toBe(2)
    expect(stderr).toMatch(/^sigv4-tools: no credentials found\. .* but not the role of an EC2 instance\./)
  })
})

describe('the proxy', () => {
  async function startProxy(env: Record<string, string>) {
    const running = cli(['proxy', upstream.url, ...ES, '--port', '0', '--json'], env)
    let stderr = ''
    running.child.stderr!.on('data', (text: string) => {
      stderr += text
    })
    await expect.poll(() => stderr, { timeout: 15_000 }).toMatch(/endpoint +\S+/)
    const [, url = ''] = /endpoint +(\S+)/.exec(stderr)!
    const tokens = () => upstream.requests.map((received) => header(received, 'x-amz-security-token'))
    return { ...running, url, tokens, stderr: () => stderr }
  }

  it('replaces the credentials of a pod when they have expired, and when the service rejects them', async () => {
    respond = (request, response) => {
      const isRejected = request.headers['x-amz-security-token'] === 'token-2'
      if (isRejected) response.writeHead(403).end('{"message":"The security token included in the request is expired"}')
      else response.end('fine')
    }
    const { url: agent, received } = await endpoint((number) => ofPod(number, expiry(number === 1 ? 4000 : 3_600_000)))
    const { url, tokens, child, ended } = await startProxy({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${files.folder}/authorization`,
    })
    expect((await fetch(url)).status).toBe(200)
    expect([tokens(), received.length]).toEqual([['token-1'], 1])
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect((await fetch(url)).status).toBe(200)
    expect(tokens()).toEqual(['token-1', 'token-2', 'token-3'])
    expect((await fetch(url)).status).toBe(200)
    expect(received).toHaveLength(3)
    for (const request of upstream.requests) verified(request, 'other')
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).accessKeyId)).toEqual(['ASIATASK1', 'ASIATASK3', 'ASIATASK3'])
  })
})
