import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../../src/sigv4a.ts'
import { webSocketUrl } from '../../../../../src/tokens.ts'
import { bedrockKey, cacheToken, eksToken, mskToken, rdsToken } from '../../../../../src/tokens-sync.ts'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { explain, parseEvidence } from '../../../src/explain.ts'

// Tokens, URLs of WebSockets, and requests with Signature Version 4a in pasted text.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)
const options = { credentials, now: signedAt }
const now = signedAt + 60_000
const region = 'eu-west-1'
const host = 'mydb.123456789012.eu-west-1.rds.amazonaws.com'
const rds = rdsToken({ host, port: 5432, user: 'jane' }, options)
const msk = mskToken({ region }, options)

describe('Tokens', () => {
  const kinds: [start: string, method: string | undefined, token: string][] = [
    [`https://${host}:5432/?Action=connect&`, undefined, rds.token],
    ['https://c/?Action=connect&', undefined, cacheToken({ cache: 'c', user: 'jane', region }, options).token],
    ['https://kafka.eu-west-1.amazonaws.com/?Action=', undefined, msk.token],
    ['https://sts.eu-west-1.amazonaws.com/?Action=', undefined, eksToken({ cluster: 'c', region }, options).token],
    ['https://bedrock.amazonaws.com/?Action=', 'POST', bedrockKey({ region }, options).token],
  ]

  it.each(kinds)('are read alone, in a sentence and as a password: %s', (start, method, token) => {
    const texts = [
      token,
      `My token is ${token}, which fails.`,
      `PGPASSWORD="${token}" psql`,
      `authorization: Bearer ${token}`,
    ]
    for (const text of texts) {
      const { request } = parseEvidence(text)
      expect(request?.url?.startsWith(start), text).toBe(true)
      expect(request?.method).toBe(method)
    }
  })

  it('are explained with the error of the server that rejected them', () => {
    const errors = [
      [rds.token, 'FATAL:  PAM authentication failed for user "jane"'],
      [rds.token, "ERROR 1045 (28000): Access denied for user 'jane'@'10.0.0.1' (using password: YES)"],
      [rds.token, 'ReplyError: WRONGPASS invalid username-password pair or user is disabled.'],
      [msk.token, 'KafkaJSSASLAuthenticationError: SASL authentication failed: Access denied'],
    ]
    const expiry = signedAt + 900_000
    for (const [token, error] of errors) {
      const evidence = parseEvidence(`password: '${token}'\n${error}`)
      expect(evidence.response, error).toBeDefined()
      const late = explain({ ...evidence, now: expiry + 60_000 })
      expect(late.findings[0]).toMatchObject({ cause: 'expired', confidence: 'likely' })
      expect(late.findings[0]?.fix).toContain('new token')
      const early = explain({ ...evidence, now }).findings
      expect(early.filter(({ confidence }) => confidence !== 'possible')).toEqual([])
      expect(early.map(({ cause }) => cause)).not.toContain('host')
      const alone = explain({ ...parseEvidence(error!), now })
      expect(alone.findings.map(({ cause }) => cause)).toEqual(['expired', 'host', 'scope-region'])
    }
  })

  it('do not uncover another secret', () => {
    const { request } = parseEvidence(`password: 'Tr0ub4dor&3-and-more-digits'\n${rds.token}`)
    expect(JSON.stringify(parseEvidence(`password: 'Tr0ub4dor&3-and-more-digits'\n`))).not.toContain('Tr0ub4dor')
    expect(request?.url).toBe(`https://${rds.token}`)
    const form = `password=Tr0ub4dor3&url=https://${rds.token}`
    expect(JSON.stringify(parseEvidence(form))).not.toContain('Tr0ub4dor')
  })
})

it('URLs of WebSockets are read', async () => {
  const url = 'wss://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod'
  const { url: signed } = await webSocketUrl(url, options)
  for (const text of [signed, `socket=${signed} failed`]) {
    const evidence = parseEvidence(text)
    expect(evidence.request?.url).toBe(signed)
    expect(explain({ ...evidence, credentials, now }).signature).toBe('right')
  }
})

describe('Signature Version 4a', () => {
  const address = 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg'

  it('is read in a header', async () => {
    const { url, headers } = await sign({ url: address }, options)
    const lines = Object.entries({ host: new URL(url).host, ...headers }).map(([name, value]) => `> ${name}: ${value}`)
    const log = `> GET /cat.jpg HTTP/1.1\n${lines.join('\n')}\n> \n< HTTP/1.1 403 Forbidden`
    expect(parseEvidence(log).request?.headers).toHaveLength(lines.length)
    const { request } = parseEvidence(`GET ${url} with ${headers.authorization}`)
    expect(Object.fromEntries(request?.headers as [string, string][]).Authorization).toBe(headers.authorization)
  })

  it('is read in a URL that is broken over lines', async () => {
    const { url } = await presignGet(address, options)
    for (const width of [60, 66, 70, 75, 80]) {
      const lines = url.match(new RegExp(`.{1,${width}}`, 'g'))!
      expect(parseEvidence(lines.join('\n')).request?.url).toBe(url)
    }
  })

  it('is read in a string to sign', () => {
    const stringToSign = `AWS4-ECDSA-P256-SHA256\n20260131T120000Z\n20260131/s3/aws4_request\n${'0'.repeat(64)}`
    const { items } = parseEvidence(`Signing:\n${stringToSign}\n`)
    expect(items).toMatchObject([{ kind: 'string-to-sign' }])
  })
})
