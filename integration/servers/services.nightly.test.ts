import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromWebIdentity } from '../../src/credentials.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import { SignatureV4 } from '../../src/smithy.ts'
import { installClients, type Loaded, VERSIONS } from '../support/smithy-clients.ts'
import { ServerUnavailable } from './install.ts'
import { installLocalStack, localstack } from './localstack.ts'
import { startMoto } from './moto.ts'
import { isRequired } from './required.ts'
import type { RunningServer } from './server.ts'

// STS and DynamoDB with AWS SDK clients that sign with sigv4/smithy, and with sigv4/fetch and sigv4/credentials.
//
// LocalStack does not verify these signatures: its success shows only that it finds the access key ID, and that clients
// can read its responses. Moto, which contains LocalStack's STS, verifies them with botocore. DynamoDB is only Moto's: that
// of LocalStack 4.13 cannot be imported in Python 3.11 or 3.12 (a TypeError in localstack/packages/api.py), and downloads
// Amazon's DynamoDB Local, which is not open source.

const LOCALSTACK = 'LocalStack, which does not verify signatures'
const MOTO = 'Moto, which verifies signatures'
const ROLE = { RoleArn: 'arn:aws:iam::123456789012:role/photos', RoleSessionName: 'eric' }
const ASSUMED = 'arn:aws:sts::123456789012:assumed-role/photos/eric'

let load: (name: string) => Loaded
const running: Record<string, RunningServer> = {}
let unavailable: string | undefined
/** The statuses of the responses, which not all clients report. */
let statuses: number[] = []
const sign = vi.spyOn(SignatureV4.prototype, 'sign')

beforeAll(async () => {
  const progress = (doing: string) => console.log(`localstack: ${doing}`)
  ;({ load } = await installClients())
  try {
    running[LOCALSTACK] = await localstack.start(progress)
    running[MOTO] = await startMoto(await installLocalStack(progress))
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || isRequired('localstack')) throw error
    unavailable = error.message
    console.log(`NOT RUN: STS and DynamoDB (${unavailable})`)
  }
})
afterAll(async () => {
  for (const server of Object.values(running)) await server.stop()
})
beforeEach(({ skip }) => {
  sign.mockClear()
  statuses = []
  if (unavailable) skip(unavailable)
})

type Service = 'STS' | 'DynamoDB'

/** Returns a function that sends commands with a client of the AWS SDK, whose signer is sigv4/smithy. */
function client(service: Service, version: string, server: string, options: object = {}) {
  const commands = load(`client-${service.toLowerCase()}-${version}`)
  const { endpoint, region, credentials } = running[server]!
  const defaults = { endpoint, region, credentials, maxAttempts: 1, signerConstructor: SignatureV4 }
  const sender = new commands[`${service}Client`]({ ...defaults, ...options })
  const record = (next: Loaded) => async (request: Loaded) => {
    const result = await next(request)
    statuses.push(result.response.statusCode)
    return result
  }
  sender.middlewareStack.add(record, { step: 'deserialize', priority: 'low' })
  return (name: string, input: object): Promise<Loaded> => sender.send(new commands[`${name}Command`](input))
}

describe.each(VERSIONS)('clients 3.%s', (version) => {
  it(`DynamoDB of ${MOTO}`, async () => {
    const send = client('DynamoDB', version, MOTO)
    const TableName = `albums-${version}`
    const Key = { owner: { S: 'éric' }, year: { N: '2026' } }
    const Item = { ...Key, title: { S: 'Zürich, 1/2 + 北京' } }
    await send('CreateTable', {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'owner', AttributeType: 'S' },
        { AttributeName: 'year', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'year', KeyType: 'RANGE' },
      ],
    })
    await send('PutItem', { TableName, Item })
    expect(await send('GetItem', { TableName, Key })).toMatchObject({ Item })
    const query = {
      TableName,
      KeyConditionExpression: '#owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: { ':owner': Key.owner },
    }
    expect(await send('Query', query)).toMatchObject({ Count: 1, Items: [Item] })
    await send('DeleteItem', { TableName, Key })
    expect(await send('Query', query)).toMatchObject({ Count: 0 })
    await send('DeleteTable', { TableName })
    expect(sign).toHaveBeenCalledTimes(7)
  })

  it.each([LOCALSTACK, MOTO])('STS of %s', async (server) => {
    const send = client('STS', version, server)
    expect(await send('GetCallerIdentity', {})).toMatchObject({ Arn: expect.stringMatching(/^arn:aws:iam::\d{12}:/) })
    const { Credentials } = await send('AssumeRole', ROLE)
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = Credentials
    const assumed = client('STS', version, server, { credentials: { accessKeyId, secretAccessKey, sessionToken } })
    expect(await assumed('GetCallerIdentity', {})).toMatchObject({ Arn: ASSUMED })
    const session = await send('GetSessionToken', { DurationSeconds: 900 })
    expect(session.Credentials).toMatchObject({ SessionToken: expect.any(String), Expiration: expect.any(Date) })
    expect(sign).toHaveBeenCalledTimes(4)
  })

  it('with a wrong secret, are rejected by Moto, but not by LocalStack', async () => {
    const wrong = (server: string) => ({ credentials: { ...running[server]!.credentials, secretAccessKey: 'wrong' } })
    const send = (service: Service, server: string) => client(service, version, server, wrong(server))
    // the clients cannot read Moto's error
    await expect(send('STS', MOTO)('GetCallerIdentity', {})).rejects.toThrow()
    await expect(send('DynamoDB', MOTO)('ListTables', {})).rejects.toThrow()
    await send('STS', LOCALSTACK)('GetCallerIdentity', {})
    expect(statuses).toEqual([403, 403, 200])
  })
})

describe('sigv4/fetch', () => {
  const post = (server: string, service: string, init: RequestInit, options: object = {}) => {
    const { endpoint, region, credentials } = running[server]!
    const signedFetch = createSignedFetch({ credentials, region, service, ...options })
    return signedFetch(endpoint, { method: 'POST', ...init })
  }
  const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' }
  const identity = () => ({ body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }) })

  it(`DynamoDB of ${MOTO}`, async () => {
    const response = await post(MOTO, 'dynamodb', { headers: json, body: '{}' })
    expect([response.status, await response.json()]).toEqual([200, { TableNames: [] }])
  })

  it.each([LOCALSTACK, MOTO])('STS of %s', async (server) => {
    const response = await post(server, 'sts', identity())
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<Arn>arn:aws:iam::')])
  })

  it('with a wrong secret, is rejected by Moto, but not by LocalStack', async () => {
    const wrong = { credentials: { ...running[MOTO]!.credentials, secretAccessKey: 'wrong' } }
    expect((await post(MOTO, 'dynamodb', { headers: json, body: '{}' }, wrong)).status).toBe(403)
    expect((await post(MOTO, 'sts', identity(), wrong)).status).toBe(403)
    expect((await post(LOCALSTACK, 'sts', identity(), wrong)).status).toBe(200)
  })

  it('signs with credentials that fromWebIdentity obtains from LocalStack, which verifies neither token nor signature', async () => {
    const { endpoint, region } = running[LOCALSTACK]!
    const credentials = fromWebIdentity({
      token: 'the token of the identity provider',
      roleArn: ROLE.RoleArn,
      roleSessionName: ROLE.RoleSessionName,
      region,
      endpoint,
    })
    expect((await credentials()).expiration!.getTime()).toBeGreaterThan(Date.now())
    const response = await post(LOCALSTACK, 'sts', identity(), { credentials })
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(`<Arn>${ASSUMED}</Arn>`)])
  })
})
