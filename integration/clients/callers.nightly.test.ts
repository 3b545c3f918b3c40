import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SECRET } from '../../test/support/credentials.ts'
import { installPackages, run } from '../servers/install.ts'
import { type StubRequest, type StubResponse, startVerifyingStub } from '../support/verifying-stub.ts'

// Each program in examples/callers/signing sends a request with its client to a service that verifies it.

const FOLDER = fileURLToPath(new URL('../../examples/callers/', import.meta.url))
const SECRETS: Readonly<Record<string, string>> = {
  AKIDEXAMPLE: SECRET,
  AKIDPROFILE: 'secret-of-the-profile',
  ASIAROLE: 'secret-of-the-role',
}

const folder = mkdtempSync(join(tmpdir(), 'sigv4-signing-'))
let stub: Awaited<ReturnType<typeof startVerifyingStub>>
let respond: (request: StubRequest, number: number) => StubResponse
let env: Record<string, string>

beforeAll(async () => {
  await installPackages(FOLDER)
  const { WebSocketServer } = createRequire(join(FOLDER, 'package.json'))('ws')
  const sockets = new WebSocketServer({ noServer: true })
  stub = await startVerifyingStub({
    credentials: (accessKeyId) => SECRETS[accessKeyId],
    respond: (request, number) => respond(request, number),
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client: WebSocketLike) =>
        client.on('message', (message) => client.send(gremlinResponse(message))),
      ),
  })
  env = {
    ENDPOINT: stub.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: SECRET,
    NO_PROXY: '*',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  }
}, 300_000)

beforeEach(() => {
  stub.received.length = 0
  stub.rejected.length = 0
})

afterAll(async () => {
  await stub?.close()
  rmSync(folder, { recursive: true })
})

interface WebSocketLike {
  on(event: 'message', listener: (message: Buffer) => void): void
  send(message: Buffer): void
}

/** Returns the response to a traversal in GraphBinary: a list with a traverser of the number 5. */
function gremlinResponse(message: Buffer): Buffer {
  const start = 2 + message[0]! // the media type, and the version
  const requestId = message.subarray(start, start + 16).toString('hex')
  const status = '000000c8 01 00000000'
  const list = '0900 00000001 2100 0000000000000001 0100 00000005'
  return Buffer.from(`81 00 ${requestId} ${status} 00000000 ${list}`.replaceAll(' ', ''), 'hex')
}

/** Runs a program, and returns what it prints. */
async function runProgram(name: string, more: Record<string, string> = {}): Promise<string> {
  const tsx = join(FOLDER, 'node_modules/tsx/dist/cli.mjs')
  const { output } = await run(process.execPath, [tsx, join(FOLDER, 'signing', `${name}.ts`)], { ...env, ...more })
  return output
}

const scopes = (): string[] => stub.received.map(({ signed: { scope } }) => `${scope.region} ${scope.service}`)
const JSON_TYPE = { 'content-type': 'application/json' }

/** Clients that send one request, and those that send it again after an error of the service. */
const ONCE = ['axios-node', 'undici-agent', 'undici-request']
const REPEATING = ['axios', 'got', 'ky', 'undici-fetch']
const GRAPHQL = ['apollo-client', 'graphql-request']

it('each program has a test', () => {
  const programs = readdirSync(join(FOLDER, 'signing')).map((name) => basename(name, '.ts'))
  const others = ['aws-sdk-credentials', 'gremlin', 'opensearch', 'setup']
  expect(programs.sort()).toEqual([...ONCE, ...REPEATING, ...GRAPHQL, ...others].sort())
})

describe('the signature is valid: a request of', () => {
  it.each([...ONCE, ...REPEATING])('%s', async (name) => {
    respond = (_, number) => ({
      status: REPEATING.includes(name) && number === 1 ? 503 : 200,
      headers: JSON_TYPE,
      body: '{}',
    })
    expect(await runProgram(name)).toBe('200\n')
    expect(stub.rejected).toEqual([])
    expect(scopes()).toEqual(Array(REPEATING.includes(name) ? 2 : 1).fill('eu-west-1 execute-api'))
    for (const { method, target, headers, body } of stub.received) {
      expect([method, new URL(target, stub.url).pathname]).toEqual(['PUT', '/notes/1'])
      expect(new URL(target, stub.url).searchParams.get('tag')).toBe('a b+c:d')
      expect(headers['content-type']).toMatch(/^application\/json/)
      expect(JSON.parse(body.toString())).toEqual({ text: 'Grüße' })
    }
  })

  it.each(GRAPHQL)('%s', async (name) => {
    respond = (_, number) => {
      const body = JSON.stringify({ data: { note: { text: 'Grüße', __typename: 'Note' } } })
      return number === 1 ? { status: 503 } : { headers: JSON_TYPE, body }
    }
    expect(await runProgram(name)).toBe('Grüße\n')
    expect(scopes()).toEqual(Array(2).fill('eu-west-1 appsync'))
    expect(stub.received[0]).toMatchObject({ method: 'POST', target: '/graphql' })
  })

  it('opensearch, which sends it again after an error of the service', async () => {
    respond = (_, number) => ({ status: number === 1 ? 503 : 201, headers: JSON_TYPE, body: '{"result":"created"}' })
    expect(await runProgram('opensearch')).toBe('201\n')
    expect(scopes()).toEqual(Array(2).fill('eu-west-1 es'))
    expect(stub.received[0]).toMatchObject({ method: 'PUT', target: '/notes/_doc/a%20b?refresh=true' })
    expect(stub.received[0]!.body.toString()).toBe('{"text":"Grüße"}')
  })

  it('gremlin, in the handshake of its WebSocket', async () => {
    expect(await runProgram('gremlin')).toBe('{ value: 5, done: false }\n')
    expect(scopes()).toEqual(['eu-west-1 neptune-db'])
    expect(stub.received[0]).toMatchObject({ method: 'GET', target: '/gremlin' })
  })
})

it.each([...ONCE, ...REPEATING, ...GRAPHQL, 'opensearch', 'gremlin'])('%s fails with a wrong secret', async (name) => {
  respond = () => ({ status: 200, headers: JSON_TYPE, body: '{}' })
  expect(await runProgram(name, { AWS_SECRET_ACCESS_KEY: 'wrong' })).toContain('403')
  expect(stub.received).toEqual([])
  expect(stub.rejected).not.toEqual([])
})

it('aws-sdk-credentials signs with the environment, a profile, and an assumed role', async () => {
  const expiration = new Date(Date.now() + 3_600_000).toISOString()
  respond = ({ method }) => {
    if (method === 'GET') return {}
    const keys = `<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>${SECRETS.ASIAROLE}</SecretAccessKey>`
    const credentials = `<Credentials>${keys}<SessionToken>token</SessionToken><Expiration>${expiration}</Expiration></Credentials>`
    const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${credentials}</AssumeRoleResult></AssumeRoleResponse>`
    return { headers: { 'content-type': 'text/xml' }, body }
  }
  writeFileSync(
    join(folder, 'credentials'),
    `[dev]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = ${SECRETS.AKIDPROFILE}\n`,
  )
  const files = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'), AWS_CONFIG_FILE: join(folder, 'config') }
  const output = await runProgram('aws-sdk-credentials', { ...files, AWS_ENDPOINT_URL_STS: stub.url })
  expect(output).toBe('200\n200\n200\n')
  const signers = stub.received.map(({ signed }) => `${signed.accessKeyId} ${signed.scope.service}`)
  expect(signers).toEqual([
    'AKIDEXAMPLE execute-api',
    'AKIDPROFILE execute-api',
    'AKIDEXAMPLE sts',
    'ASIAROLE execute-api',
  ])
})
