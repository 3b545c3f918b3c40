import { describe, expect, it } from 'vitest'
import { presign, presignPut } from '../../../../../src/sync.ts'
import { bedrockKey, cacheToken, dsqlToken, eksToken, mskToken, rdsToken } from '../../../../../src/tokens-sync.ts'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { nextStep } from '../../../src/cli/output/next.ts'
import { type ExplainInput, explain, parseEvidence } from '../../../src/explain.ts'
import { runPrinted } from '../../support/printed.ts'

// The command that is printed for a token, and for a URL that has expired.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)
const options = { credentials, now: signedAt }
const late = signedAt + 90 * 60_000
const region = 'eu-west-1'
const host = 'mydb.123456789012.eu-west-1.rds.amazonaws.com'
const cluster = '4iabtwpsabc.dsql.eu-west-1.on.aws'

function commandOf(input: ExplainInput): string | undefined {
  return nextStep(explain(input), input)?.command
}

describe('the next step for a token that has expired', () => {
  it.each([
    ['RDS', rdsToken({ host, port: 5432, user: 'jane' }, options).token, `rds '${host}:5432' --user 'jane'`],
    ['Aurora DSQL', dsqlToken(cluster, options).token, `dsql '${cluster}'`],
    ['Aurora DSQL as admin', dsqlToken({ host: cluster, admin: true }, options).token, `dsql '${cluster}' --admin`],
    [
      'ElastiCache',
      cacheToken({ cache: 'my-cache', user: 'jane', region, serverless: true }, options).token,
      `cache 'my-cache' --user 'jane' --region eu-west-1 --serverless`,
    ],
    [
      'MemoryDB',
      cacheToken({ cache: 'my-cluster', user: 'jane', region, service: 'memorydb' }, options).token,
      `cache 'my-cluster' --user 'jane' --region eu-west-1 --service memorydb`,
    ],
    ['MSK', mskToken({ region }, options).token, 'msk --region eu-west-1'],
    ['EKS', eksToken({ cluster: 'demo', region }, options).token, 'eks CLUSTER --region eu-west-1'],
    ['Bedrock', bedrockKey({ region }, { ...options, expires: '1h' }).token, 'bedrock --region eu-west-1'],
  ])('is the command for it: %s', (_, token, command) => {
    for (const request of [{ url: token }, parseEvidence(`password: '${token}'`).request!])
      expect(commandOf({ request, now: late })).toBe(`npx sigv4-tools token ${command}`)
  })
})

it('is the command for a token that is wrong, not a new S3 URL', () => {
  const url = rdsToken({ host, port: 5432, user: 'jane' }, options).token.replace(':5432', '')
  const input = { request: { url }, response: { message: 'PAM authentication failed' }, now: signedAt }
  expect(commandOf(input)).toBe(`npx sigv4-tools token rds '${host}:PORT' --user 'jane'`)
  const forTunnel = url.replace(host, '127.0.0.1:54321')
  expect(commandOf({ ...input, request: { url: forTunnel } })).toBe(`npx sigv4-tools token rds HOST:PORT --user 'jane'`)
})

describe('the next step for a login that a service rejected', () => {
  it.each([
    ['FATAL:  PAM authentication failed for user "jane"', 'a new token for Amazon RDS', 'rds HOST:PORT --user USER'],
    ['FATAL:  unable to accept connection, access denied', 'a new token for Aurora DSQL', 'dsql HOST'],
    [
      'WRONGPASS invalid username-password pair',
      'a new token for Amazon ElastiCache',
      'cache NAME --user USER --region REGION',
    ],
    ['SASL authentication failed: Access denied', 'a new token for Amazon MSK', 'msk --region REGION'],
    ['error: You must be logged in to the server', 'a new token for Amazon EKS', 'eks CLUSTER --region REGION'],
    ['535 Authentication Credentials Invalid', 'the SMTP password for Amazon SES', 'ses-smtp --region REGION'],
  ])('is the command of its service: %s', (message, what, command) => {
    const input = { response: { message } }
    expect(nextStep(explain(input), input)).toEqual({
      text: `Create ${what}:`,
      command: `npx sigv4-tools token ${command}`,
    })
  })

  it('is not that of a login for a different error', () => {
    const input = { response: { message: 'Request has expired' } }
    expect(nextStep(explain(input), input)?.command).not.toContain('token')
  })
})

describe('the next step for a URL that has expired', () => {
  const target = { bucket: 'photos', key: 'a b.jpg', region }
  const commandFor = (url: string, headers: Record<string, string> = {}) => {
    const request = { method: 'PUT', url, headers: { host: new URL(url).host, ...headers } }
    return commandOf({ request, now: late })!
  }
  const local = { ...target, endpoint: 'http://127.0.0.1:9010' }
  const contentType = 'image/jpeg'

  it('is a command that runs, with the service and the signed headers', async () => {
    const { url, headers } = presignPut(local, { ...options, expires: 60, contentType })
    const command = commandFor(url, headers)
    expect(command).toBe(
      `npx sigv4-tools presign put 'http://127.0.0.1:9010/photos/a%20b.jpg' --region eu-west-1 --service s3 -H 'content-type: image/jpeg' --expires 1h`,
    )
    const { code, stdout } = await runPrinted(command)
    expect([code, new URL(stdout.trim()).searchParams.get('X-Amz-SignedHeaders')]).toEqual([0, 'content-type;host'])
  })

  it('does not name the service of a host that identifies it', async () => {
    const command = commandFor(presignPut(target, { ...options, expires: 60 }).url)
    expect(command).toBe(
      `npx sigv4-tools presign put 'https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg' --region eu-west-1 --expires 1h`,
    )
    expect((await runPrinted(command)).code).toBe(0)
  })

  it('contains no value that may be a secret, and runs no value', () => {
    const name = 'x-amz-server-side-encryption-customer-key'
    const { url, headers } = presignPut(local, {
      ...options,
      expires: 60,
      contentType,
      headers: { [name]: 'c2VjcmV0' },
    })
    expect(commandFor(url, headers)).toContain(` -H '${name}: VALUE'`)
    const injected = { ...headers, 'content-type': "a/b'; echo" }
    expect(commandFor(url, injected)).toContain(" -H 'content-type: VALUE'")
  })
})

it('does not run what a token contains', () => {
  const user = `jane'; echo $(id) "`
  const token = rdsToken({ host, port: 5432, user }, options).token
  expect(commandOf({ request: { url: token }, now: late })).toBe(`npx sigv4-tools token rds '${host}:5432' --user USER`)
})

it.each(['POST', 'OPTIONS', 'PATCH'] as const)('is not a usage error for an expired URL for %s', (method) => {
  const { url } = presign(method, 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', { ...options, expires: 60 })
  const request = { method, url, headers: { host: 'photos.s3.eu-west-1.amazonaws.com' } }
  const next = nextStep(explain({ request, now: late }), { request, now: late })
  expect(next?.command ?? '').not.toMatch(/presign (?!get|put|head|delete)/)
  expect(next?.text).toContain(`presign('${method}', url, options)`)
})

describe('the next step depends on what the user has passed', () => {
  const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
  const headers = {
    host: 'photos.s3.eu-west-1.amazonaws.com',
    'x-amz-date': '20260131T120000Z',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'ab'.repeat(32)}`,
  }
  const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
  const input = { request: { method: 'GET', url, headers }, response, now: signedAt }

  it('is to set variables if the keys were variables, not to name a profile', () => {
    expect(nextStep(explain(input), input)?.command).toContain('--profile')
    const next = nextStep(explain(input), input, { isEnvironment: true })
    expect(next?.command).toBeUndefined()
    expect(next?.text).toContain('Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to them')
  })

  it('is not curl if the request was in a log', () => {
    const { request } = { request: { ...input.request, headers: { ...headers, 'x-amz-date': '20260131' } } }
    const wrong = { request, response, now: signedAt }
    expect(nextStep(explain(wrong), wrong)?.command).toContain('curl')
    expect(nextStep(explain(wrong), wrong, { isLog: true })?.command).toBe('npx sigv4-tools explain < LOG')
  })

  it('does not ask for the canonical request of the client if it was passed', () => {
    const explanation = { ...explain(input), decides: undefined }
    const step = (signed?: ExplainInput['signed']) => nextStep(explanation as never, { ...input, signed })?.text
    expect(step()).toContain('can replace the secret')
    expect(step({ canonicalRequest: 'GET' })).not.toContain('can replace the secret')
  })
})
