import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../../test/support/oracle.ts'
import { explain } from '../../src/explain.ts'

// What a signer of one's own signs if a program prints more than a digest, or if a value was not set.

const HOST = 'localhost:9000'
const DATE = '20260131T120000Z'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const now = Date.UTC(2026, 0, 31, 12, 0, 5)
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The steps of the signer, of which one is wrong. */
interface Steps {
  secret?: string | Buffer
  signedHost?: string
  sentHash?: (digits: string) => string
  signedHash?: (digits: string) => string
  requestHash?: (digits: string) => string
  signature?: (digits: string) => string
  hexStep?: number
}

const same = (digits: string): string => digits

function explainSigned(steps: Steps): ReturnType<typeof explain> {
  const { secret = SECRET, signedHost = HOST, sentHash = same, signedHash = same, requestHash = same } = steps
  const hash = sentHash(sha256('hello'))
  const scope = ['20260131', 'us-east-1', 's3', 'aws4_request']
  const names = 'host;x-amz-content-sha256;x-amz-date'
  const headers = [`host:${signedHost}`, `x-amz-content-sha256:${hash}`, `x-amz-date:${DATE}`]
  const canonical = ['PUT', '/photos/cat.txt', '', ...headers, '', names, signedHash(hash)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', DATE, scope.join('/'), requestHash(sha256(canonical))].join('\n')
  const key = scope.reduce<string | Buffer>(
    (previous, part, i) => {
      const next = hmac(previous, part)
      return i === steps.hexStep ? next.toString('hex') : next
    },
    Buffer.concat([Buffer.from('AWS4'), Buffer.from(secret)]),
  )
  const signature = (steps.signature ?? same)(hmac(key, toSign).toString('hex'))
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`
  return explain({
    request: {
      method: 'PUT',
      url: `http://${HOST}/photos/cat.txt`,
      headers: { host: HOST, 'x-amz-content-sha256': hash, 'x-amz-date': DATE, authorization },
      body: 'hello',
    },
    response: { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' },
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET },
    now,
  })
}

const unpadded = (digits: string): string => digits.replace(/../g, (byte) => Number.parseInt(byte, 16).toString(16))
const PRINTED: [what: string, print: (digits: string) => string][] = [
  ['openssl', (digits) => `(stdin)= ${digits}`],
  ['OpenSSL 3', (digits) => `SHA2-256(stdin)= ${digits}`],
  ['sha256sum', (digits) => `${digits}  -`],
]

it('is right without a mistake', () => {
  expect(explainSigned({}).verdict).toMatch(/^The signature is correct/)
})

describe.each(PRINTED)('the output of %s', (_, print) => {
  it('as the hash of the canonical request is proven, and the fix names the digits', () => {
    const [first] = explainSigned({ requestHash: print }).findings
    expect(first).toMatchObject({ cause: 'string-to-sign', confidence: 'proven' })
    expect(first?.fix).toMatch(/without what the command prints/)
  })

  it('as the payload hash that is only signed is proven', () => {
    const [first] = explainSigned({ signedHash: print }).findings
    expect(first).toMatchObject({ cause: 'payload-hash', confidence: 'proven' })
    expect(first?.fix).toMatch(/without what the command prints/)
  })

  it('as x-amz-content-sha256 is named, and the fix is to send only the digits', () => {
    const [first] = explainSigned({ sentHash: print }).findings
    expect(first?.confidence).not.toBe('possible')
    expect(first?.message).toMatch(/x-amz-content-sha256/)
    expect(first?.fix).toMatch(/only the 64 digits/)
  })

  it('as the signature is named, and the fix is to send only the digits', () => {
    const [first] = explainSigned({ signature: print }).findings
    expect(first).toMatchObject({ cause: 'malformed-signature', confidence: 'likely' })
    expect(first?.fix).toMatch(/only the 64 digits/)
  })
})

describe('bytes that are written without their leading zeros', () => {
  it('are proven in the hash of the canonical request', () => {
    const [first] = explainSigned({ requestHash: unpadded }).findings
    expect(first).toMatchObject({ cause: 'string-to-sign', confidence: 'proven' })
    expect(first?.fix).toMatch(/two digits for each byte/)
  })

  it('are proven in the signature', () => {
    const [first] = explainSigned({ signature: unpadded }).findings
    expect(first).toMatchObject({ cause: 'malformed-signature', confidence: 'proven' })
    expect(first?.fix).toMatch(/two hexadecimal digits/)
  })

  it('are named in x-amz-content-sha256', () => {
    const [first] = explainSigned({ sentHash: unpadded }).findings
    expect(first).toMatchObject({ cause: 'payload-hash', confidence: 'likely' })
    expect(first?.fix).toMatch(/two hexadecimal digits/)
  })
})

describe('a value that was not set', () => {
  it.each(['undefined', 'null', 'None', 'nil', ''])('is proven as the secret: %j', (secret) => {
    const [first] = explainSigned({ secret }).findings
    expect(first).toMatchObject({ cause: 'wrong-secret', confidence: 'proven' })
    expect(first?.message).toMatch(/before it was set/)
    expect(first?.fix).toMatch(/^Set the variable/)
  })

  it.each([
    ['undefined', /"undefined"/, /^Set the host/],
    ['', /an empty host/, /localhost:9000|that the service receives/],
  ])('is proven as the host: %j', (signedHost, message, fix) => {
    const [first] = explainSigned({ signedHost }).findings
    expect(first).toMatchObject({ cause: 'host', confidence: 'proven' })
    expect(first?.message).toMatch(message)
    expect(first?.fix).toMatch(fix)
  })
})

describe('a secret in another form', () => {
  it.each<[string, string | Buffer]>([
    ['decoded from base64', Buffer.from(SECRET, 'base64')],
    ["b''", `b'${SECRET}'`],
  ])('is proven: %s', (how, secret) => {
    const [first] = explainSigned({ secret }).findings
    expect(first).toMatchObject({ cause: 'secret-encoding', confidence: 'proven' })
    expect(first?.message).toContain(how)
    // as a mistake of two
    const found = explainSigned({ secret, hexStep: 1 }).findings
    expect(found.map(({ cause }) => cause)).toEqual(expect.arrayContaining(['secret-encoding', 'key-derivation']))
  })

  it('is proven together with a header that has lost its port', () => {
    const found = explainSigned({ secret: Buffer.from(SECRET, 'base64'), signedHost: 'localhost' }).findings
    expect(found.map(({ cause }) => cause)).toEqual(expect.arrayContaining(['secret-encoding', 'host-port']))
    expect(found[0]?.confidence).toBe('proven')
  })
})

it.each([0, 1, 2])('a hexadecimal string in one step of the key is proven: step %i', (hexStep) => {
  const [first] = explainSigned({ hexStep }).findings
  expect(first).toMatchObject({ cause: 'key-derivation', confidence: 'proven' })
  expect(first?.message).toContain(['date', 'region', 'service'][hexStep])
})
