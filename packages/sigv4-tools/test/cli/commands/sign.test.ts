import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../../test/support/oracle.ts'
import { asReceived } from '../../../../../test/support/service.ts'
import { errorOf, KEYS, run, succeed, temporary, verified } from '../../support/cli.ts'

const TABLES = 'https://dynamodb.eu-west-1.amazonaws.com/'
const DATE = ['--now', '20260131T120000Z']

let files: ReturnType<typeof temporary>
beforeAll(() => {
  files = temporary()
})
afterAll(() => files.remove())

async function sign(...args: string[]): Promise<{ method: string; url: string; headers: Record<string, string> }> {
  return JSON.parse(await succeed(['sign', ...args, '--json']))
}

describe('sign', () => {
  it('prints the headers, one per line', async () => {
    const args = ['sign', 'POST', TABLES, '-d', '{}', '-H', 'X-Amz-Target: DynamoDB_20120810.ListTables', ...DATE]
    const text = await succeed(args)
    const headers = Object.fromEntries(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/: (.*)/s).slice(0, 2)),
    )
    expect(Object.keys(headers)).toEqual(['x-amz-target', 'x-amz-date', 'authorization'])
    verified(asReceived({ method: 'POST', url: TABLES, headers }, '{}'), 'other')
    expect(await sign(...args.slice(1))).toEqual({ version: 1, method: 'POST', url: TABLES, headers })
  })

  it('prints the URL if it differs from the argument', async () => {
    const { stdout, stderr } = await run([
      'sign',
      'get',
      's3://photos/a b',
      '--region',
      'eu-west-1',
      '--query',
      'versionId=ä',
    ])
    expect(stdout).toMatch(/^x-amz-date: /)
    expect(stderr).toBe(
      'Send them with a GET request to:\n  https://photos.s3.eu-west-1.amazonaws.com/a%20b?versionId=%C3%A4\n',
    )
  })

  it('signs the body of an option, a file or standard input', async () => {
    const body = Buffer.from([0, 255, 10, 13, 10, 39])
    const file = files.write('body', body)
    const put = ['PUT', 's3://photos/x', '--region', 'eu-west-1']
    for (const [args, stdin, hash] of [
      [['--data', 'tøxt'], '', sha256('tøxt')],
      [['--data', ''], '', sha256('')],
      [['--data-file', file], '', sha256(body)],
      [['--data-file', '-'], body, sha256(body)],
      [[], 'not read', sha256('')],
      [['--data', 'x', '--payload-hash', 'UNSIGNED-PAYLOAD'], '', 'UNSIGNED-PAYLOAD'],
    ] as const) {
      const { code, stdout } = await run(['sign', ...put, ...args, '--json'], { stdin })
      expect(code).toBe(0)
      expect(JSON.parse(stdout).headers['x-amz-content-sha256']).toBe(hash)
    }
  })

  it('supports the request options', async () => {
    const { url, headers } = await sign(
      ...['GET', 's3://photos/x', '--endpoint', 'http://localhost:9000', '--region', 'us-east-1', ...DATE],
      ...['--query', 'a=1', '--query=a=2&', '--content-type', 'text/plain', '-H', 'range: bytes=0-1'],
    )
    expect(url).toBe('http://localhost:9000/photos/x?a=1&a=2%26')
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      range: 'bytes=0-1',
      'x-amz-date': '20260131T120000Z',
    })
    const { signedHeaders } = verified(asReceived({ method: 'GET', url, headers }))
    expect(signedHeaders).toEqual(['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date'])
    const custom = await sign(
      'GET',
      'https://api.example.com/a?b=c',
      '--region',
      'here',
      '--service',
      'execute-api',
      '--query',
      'd=e',
    )
    expect(custom.url).toBe('https://api.example.com/a?b=c&d=e')
    expect(custom.headers.authorization).toContain('/here/execute-api/aws4_request')
  })

  it('leaves the session token unsigned if requested', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'token' }
    const args = ['sign', 'GET', TABLES, '--json', '--session-token-placement', 'appended']
    const { headers } = JSON.parse(await succeed(args, { env }))
    expect(headers['x-amz-security-token']).toBe('token')
    expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date,')
  })

  it.each([
    [[], "the method is missing. Use 'npx sigv4-tools sign GET URL'."],
    [[TABLES], "the method must precede the URL. Use 'npx sigv4-tools sign GET URL'."],
    [
      ['GET', 's3://photos/', '--region', 'eu-west-1'],
      'the target does not contain a key. For the bucket, pass https://photos.s3.eu-west-1.amazonaws.com/.',
    ],
    [['GET'], 'the target is missing. Pass https://… or s3://bucket/key.'],
    [['G E T', TABLES], 'the method is not valid.'],
    [['GET', TABLES, 'x'], 'unexpected argument "x". Quote arguments that contain spaces or &.'],
    [['GET', TABLES, '-d', 'x', '--data-file', 'y'], '--data and --data-file cannot be combined.'],
    [
      ['GET', TABLES, '--data-file', '/nonexistent/x'],
      '--data-file: cannot read the file "/nonexistent/x": it does not exist.',
    ],
    [['GET', TABLES, '--data-file', '/'], '--data-file: cannot read the file "/": it is a directory.'],
    [
      ['GET', TABLES, '--data-file', '-', '--credentials', '-'],
      '--credentials and --data-file cannot both read standard input.',
    ],
    [
      ['GET', TABLES, '--content-type=a', '-H', 'content-type: b'],
      '--content-type and -H content-type cannot be combined.',
    ],
    [['--method=GET', TABLES], "--method is not an option of 'sigv4-tools sign'. The method is the first argument."],
    [['GET', TABLES, '--expires', '5m'], "--expires is not an option of 'sigv4-tools sign'."],
    [['GET', TABLES, '-H', 'authorization: x'], '-H "authorization" is added by signing. Pass the request unsigned.'],
    [
      ['GET', TABLES, '-H', 'x-amz-content-sha256: x'],
      '-H "x-amz-content-sha256" is added by signing. Pass its value as --payload-hash.',
    ],
  ])('%j is rejected in one line', async (args, message) => {
    expect(await errorOf(['sign', ...args])).toBe(message)
  })
})
