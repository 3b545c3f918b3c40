import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../../src/sigv4a.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { DATE, HOST, KEY, NOW, run, succeed } from '../../support/cli.ts'

// Requests with Signature Version 4a, and tokens, as verify, inspect and explain print them.

const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
const options = { credentials, now: Date.parse(DATE), regionSet: ['eu-west-1', 'us-*'] }
const address = `https://${HOST}/cat.jpg`

describe('Signature Version 4a', () => {
  it('is verified in a URL and in a request', async () => {
    const { url } = await presignGet(address, options)
    expect(await succeed(['verify', url, ...NOW])).toContain(
      [
        '  scope           20260131/s3/aws4_request',
        '  regions         eu-west-1,us-* (Signature Version 4a)',
        '  signed          2026-01-31T12:00:00Z (5 minutes ago)',
      ].join('\n'),
    )
    const { headers } = await sign({ url: address }, options)
    const lines = Object.entries({ host: HOST, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    const stdin = `GET /cat.jpg HTTP/1.1\r\n${lines.join('')}\r\n`
    expect(await succeed(['verify', ...NOW, '--region', 'us-east-1'], { stdin })).toContain('Accepted')
    const { code, stdout } = await run(['verify', ...NOW, '--region', 'ap-south-1'], { stdin })
    expect([code, stdout]).toEqual([1, expect.stringContaining('region')])
    const changed = await run(['verify', url.replace('cat.jpg', 'dog.jpg'), ...NOW])
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining('SignatureDoesNotMatch')])
  })

  it('is inspected, and explained without a verdict about the signature', async () => {
    const { url } = await presignGet(address, options)
    expect(await succeed(['inspect', url, ...NOW], { env: {} })).toContain(
      ['  scope            20260131/s3/aws4_request', '  regions          eu-west-1,us-* (Signature Version 4a)'].join(
        '\n',
      ),
    )
    const { code, stdout } = await run(['explain', url, ...NOW])
    expect(code).toBe(1)
    expect(stdout.replace(/\s+/g, ' ')).toContain('Signature Version 4a, was not checked')
    expect(stdout).toContain('npx sigv4-tools verify')
    const expired = await run(['explain', url, '--now', '2026-01-31T13:00:00Z'])
    expect(expired.stdout).not.toContain('presign get')
  })
})

describe('Tokens', () => {
  const command = 'token rds mydb.123456789012.eu-west-1.rds.amazonaws.com:5432 --user jane'
  const create = async (text: string): Promise<string> => (await succeed([...text.split(' '), '--now', DATE])).trim()

  it('are inspected as they are', async () => {
    expect(await succeed(['inspect', await create(command), ...NOW], { env: {} })).toBe(
      [
        '  token for      Amazon RDS, user jane',
        '  host           mydb.123456789012.eu-west-1.rds.amazonaws.com:5432',
        '  path           /',
        '  signature in   the URL',
        '  access key ID  AKIDEXAMPLE',
        '  scope          20260131/eu-west-1/rds-db/aws4_request',
        '  signed         2026-01-31T12:00:00Z (5 minutes ago)',
        '  expires        2026-01-31T12:15:00Z (in 10 minutes)',
        '',
      ].join('\n'),
    )
    const { status } = JSON.parse(await create('token eks my-cluster --region eu-west-1'))
    const stdin: string = status.token
    expect(await succeed(['inspect', ...NOW], { env: {}, stdin })).toContain('expires        2026-01-31T12:15:00Z')
  })

  it('are explained as they are', async () => {
    const token = await create(command)
    expect(await succeed(['explain', token, ...NOW])).toContain('The signature is correct')
    const { code, stdout } = await run(['explain', token, '--now', '2026-01-31T13:00:00Z'])
    expect(code).toBe(1)
    expect(stdout).toContain('The token expired 45 minutes before the request')
    expect(stdout).toContain(
      "npx sigv4-tools token rds 'mydb.123456789012.eu-west-1.rds.amazonaws.com:5432' --user 'jane'",
    )
    const asUrl = await run(['inspect', `https://${token}`, ...NOW], { env: {} })
    expect(asUrl.stdout).toContain('Amazon RDS requires the token without https://')
  })
})
