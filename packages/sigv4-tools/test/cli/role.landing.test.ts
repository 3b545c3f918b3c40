import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { type EndpointResponse, startEndpoint } from '../../../../test/support/endpoint.ts'
import { buildProgram, start, stopAll, temporary } from '../support/cli.ts'
import { header, startUpstream, type Upstream, verified } from '../support/proxy/upstream.ts'

// The program in a task of Amazon ECS and in a pod of Amazon EKS: the variables that the platform sets, and endpoints that
// respond as those of the platform do.

const ROLE = 'arn:aws:iam::123456789012:role/photos'
const IDENTITY = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwb2QifQ.c2lnbmF0dXJl'
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
  files.write('identity', IDENTITY)
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
/** A response of STS. */
const assumed = (number: number): EndpointResponse => [
  200,
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAPOD${number}</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>token-${number}</SessionToken><Expiration>${expiry()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
]

function identityOf(url: string) {
  return {
    AWS_WEB_IDENTITY_TOKEN_FILE: `${files.folder}/identity`,
    AWS_ROLE_ARN: ROLE,
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_STS: url,
  }
}

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

  it('signs with EKS Pod Identity, whose token is in a file', async () => {
    const { url, received } = await endpoint((number) => ofPod(number))
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${files.folder}/authorization`,
    }
    const { code, stdout, stderr } = await cli(['token', 'eks', 'demo', '--region', 'eu-west-1'], env).ended
    expect([code, stderr, JSON.parse(stdout).kind]).toEqual([0, '', 'ExecCredential'])
    expect(received[0]!.headers.authorization).toBe('token-of-the-pod')
  })

  it('signs with the role of a service account', async () => {
    const { url, received } = await endpoint(assumed)
    const { code, stdout, stderr } = await cli(GET, identityOf(url)).ended
    expect([code, stderr]).toEqual([0, ''])
    expect(new URL(stdout).searchParams.get('X-Amz-Credential')).toMatch(/^ASIAPOD1\//)
    const form = new URLSearchParams(received[0]!.body)
    expect([form.get('RoleArn'), form.get('WebIdentityToken')]).toEqual([ROLE, IDENTITY])
  })

  it.each<[string, EndpointResponse, RegExp]>([
    [
      'no token',
      [401, ''],
      /^sigv4-tools: AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be used here\. .* 401, and no token was/,
    ],
    [
      'no role',
      [404, ''],
      /^sigv4-tools: AWS_CONTAINER_CREDENTIALS_FULL_URI .* status 404\. Check the role of the task or pod\./,
    ],
  ])('exits with 2 and names the problem: %s', async (_, response, message) => {
    const { url } = await endpoint(() => response)
    const { code, stdout, stderr } = await cli(GET, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url }).ended
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('exits with 2 and the error of STS, without the token', async () => {
    const body = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized: ${IDENTITY}</Message></Error></ErrorResponse>`
    const { url } = await endpoint(() => [403, body])
    const { code, stderr } = await cli(GET, identityOf(url)).ended
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^sigv4-tools: AWS_ROLE_ARN cannot be used here\. STS returned AccessDenied\. Not authorized: \[hidden\]/,
    )
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

  it('uses the role of a service account, and names what is wrong when it can no longer be assumed', async () => {
    respond = (_, response) => response.writeHead(403).end('<Error><Code>ExpiredToken</Code></Error>')
    const { url: sts } = await endpoint((number) =>
      number === 1
        ? assumed(number)
        : [
            400,
            '<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>Expired</Message></Error></ErrorResponse>',
          ],
    )
    const { url, child, ended } = await startProxy(identityOf(sts))
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([503, expect.not.stringContaining('ASIAPOD')])
    expect((await fetch(url)).status).toBe(403) // it is not asked again at once
    child.kill('SIGINT')
    const { stdout } = await ended
    expect(JSON.parse(stdout.split('\n')[0]!).error).toBe(
      'The credentials could not be obtained: AWS_ROLE_ARN cannot be used here. STS returned ExpiredTokenException. Expired',
    )
  })
})
