import { describe, expect, it } from 'vitest'
import * as aws4 from '../../../../src/aws4.ts'
import { presign, sign } from '../../../../src/index.ts'
import * as sigv4a from '../../../../src/sigv4a.ts'
import { crc32c, signChunks } from '../../../../src/streams.ts'
import * as tokens from '../../../../src/tokens.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain, inspect } from '../../src/explain.ts'

// Requests other than those of Signature Version 4 with one payload: Version 4a, chunks, events, tokens, windows, HTTP/2.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)
const options = { credentials, now: signedAt }
const now = signedAt + 60_000
const GLOBAL = 'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com'
const REGIONAL = 'photos.s3.eu-west-1.amazonaws.com'
const MISMATCH = {
  status: 403,
  body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error>',
}

/** The first causes that are more than possible, with and without the credentials. */
function surely(input: ExplainInput): string[] {
  const found = [undefined, credentials].map((known) =>
    explain({ now, ...input, credentials: known })
      .findings.filter(({ confidence }) => confidence !== 'possible')
      .map(({ cause }) => cause),
  )
  expect(found[0]).toEqual(found[1])
  return found[0]!
}

describe('Signature Version 4a', () => {
  const url = async (more = {}, host = GLOBAL): Promise<string> =>
    (await sigv4a.presignGet(`https://${host}/cat.jpg`, { ...options, ...more })).url
  const signed = () => sigv4a.sign({ method: 'PUT', url: `https://${GLOBAL}/cat.jpg`, body: 'x' }, options)

  it('is inspected: its scope, its regions and its dates', async () => {
    expect(inspect(await url(), { now })).toMatchObject({
      location: 'query',
      algorithm: 'AWS4-ECDSA-P256-SHA256',
      accessKeyId: 'AKIDEXAMPLE',
      credentialScope: '20260131/s3/aws4_request',
      region: '*',
      service: 's3',
      signedAt: new Date(signedAt),
      expiresAt: new Date(signedAt + 900_000),
      secondsUntilExpiry: 840,
      tokenFor: undefined,
      warnings: [],
    })
    expect(inspect(await signed(), { now })).toMatchObject({
      location: 'header',
      region: '*',
      service: 's3',
      warnings: [],
    })
  })

  it('is never called right or signed with the wrong secret, because it is not checked', async () => {
    const requests = [{ url: await url() }, await signed()]
    for (const request of requests)
      for (const response of [undefined, MISMATCH])
        for (const secretAccessKey of [credentials.secretAccessKey, 'a different secret']) {
          const explanation = explain({ request, response, credentials: { ...credentials, secretAccessKey }, now })
          expect(explanation).toMatchObject({ signature: 'unknown', findings: [] })
          expect(explanation.verdict).toContain('was not checked')
          expect(explanation.wanted).not.toContain('credentials')
        }
  })

  it('is explained as far as that is possible without the key', async () => {
    expect(surely({ request: { url: await url({ regionSet: 'us-east-1,us-*' }, REGIONAL) } })).toEqual(['scope-region'])
    expect(surely({ request: { url: await url({ regionSet: 'us-east-1,eu-*' }, REGIONAL) } })).toEqual([])
    expect(surely({ request: { url: await url() }, now: now + 900_000 })).toEqual(['expired'])
    expect(surely({ request: { url: (await url()).replace(/&X-Amz-Region-Set=[^&]*/, '') } })).toEqual([
      'missing-param',
    ])
    expect(surely({ request: { url: (await url()).replace(/20260131%2Fs3/, '20260130%2Fs3') } })).toEqual([
      'scope-date',
    ])
    expect(surely({ request: { url: (await url()).slice(0, -120) } })).toEqual(['malformed-signature'])
    const request = await signed()
    expect(surely({ request: { ...request, body: 'y' } })).toEqual(['payload-mismatch'])
    const { 'x-amz-region-set': _, ...headers } = request.headers
    expect(surely({ request: { ...request, headers } })).toContain('missing-header')
    const { findings, verdict } = explain({ request: { ...request, body: 'y' }, now })
    expect(findings[0]?.confidence).toBe('likely')
    expect(verdict).toContain('was not checked')
  })

  it('is compared with what the service computed', async () => {
    const upload = { method: 'PUT', url: `https://${REGIONAL}/cat.jpg`, body: 'x' }
    const { headers, ...request } = await sigv4a.sign(upload, { ...options, regionSet: 'eu-west-1' })
    const hash = headers['x-amz-content-sha256']
    const canonicalRequest = `PUT\n/cat.jpg\n\nhost:${REGIONAL}\nx-amz-content-sha256:${hash}\nx-amz-date:20260131T120000Z\nx-amz-region-set:us-east-1\n\nhost;x-amz-content-sha256;x-amz-date;x-amz-region-set\n${hash}`
    const stringToSign = `AWS4-ECDSA-P256-SHA256\n20260131T120000Z\n20260131/s3express/aws4_request\n${'0'.repeat(64)}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${stringToSign}</StringToSign><CanonicalRequest>${canonicalRequest}</CanonicalRequest></Error>`
    const { findings } = explain({ request: { ...request, headers }, response: { status: 403, body }, now })
    expect(findings.map(({ cause, part }) => [cause, part?.name ?? part?.of])).toEqual([
      ['scope-service', 'service'],
      ['header-changed', 'x-amz-region-set'],
    ])
  })

  it('is required by some hosts', async () => {
    const { url } = await presign('GET', `https://${REGIONAL}/cat.jpg`, options)
    const request = { url: url.replace(REGIONAL, GLOBAL) }
    const { verdict, findings } = explain({ request, now })
    expect(verdict).toContain('requires Signature Version 4a')
    expect(findings[0]).toMatchObject({ cause: 'algorithm', fix: expect.stringContaining('sigv4/sigv4a') })
    expect(inspect(request.url, { now }).warnings).toMatchObject([{ cause: 'algorithm' }])
  })
})

describe('Bodies in pieces', () => {
  const CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
  const EVENTS = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'

  it('are signed with the algorithm of the request', async () => {
    const upload = await signChunks(
      { url: `https://${GLOBAL}/cat.jpg` },
      { ...options, decodedLength: 5, algorithm: sigv4a.sigv4a },
    )
    const encoded = upload.encode([new TextEncoder().encode('hello')])
    const pieces: Uint8Array[] = []
    for await (const piece of encoded) pieces.push(piece)
    const request = { ...upload, body: Buffer.concat(pieces) }
    expect(surely({ request })).toEqual([])
    const headers = { ...upload.headers, 'x-amz-content-sha256': CHUNKS }
    expect(surely({ request: { ...upload, headers } })).toEqual(['payload-hash'])
  })

  it('have trailing headers, whose signature can be the incorrect one', async () => {
    const upload = await signChunks(
      { url: `https://${REGIONAL}/cat.jpg` },
      { ...options, decodedLength: 5, checksum: crc32c },
    )
    const pieces: Uint8Array[] = []
    for await (const piece of upload.encode([new TextEncoder().encode('hello')])) pieces.push(piece)
    const body = Buffer.concat(pieces).toString()
    const wrong = body.replace(/(x-amz-trailer-signature:)[\da-f]{8}/, '$100000000')
    expect(explain({ request: { ...upload, body }, credentials, now }).signature).toBe('right')
    const { findings } = explain({ request: { ...upload, body: wrong }, credentials, now })
    expect(findings).toMatchObject([
      { cause: 'streaming-chunk-signature', message: 'The signature of the trailing headers was incorrect.' },
    ])
  })

  it('can be events, which only S3 rejects, and for which no other format is suggested', async () => {
    const events = (url: string, service: string) =>
      sign({ method: 'POST', url }, { ...options, region: 'us-east-1', service, payloadHash: EVENTS })
    const request = await events(
      'https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription',
      'transcribe',
    )
    for (const response of [undefined, MISMATCH])
      expect(explain({ request, response, now }).findings.map(({ cause }) => cause)).not.toContain('streaming')
    expect(explain({ request, credentials, now }).signature).toBe('right')
    expect(surely({ request: await events('https://photos.s3.us-east-1.amazonaws.com/cat.jpg', 's3') })).toEqual([
      'payload-hash',
    ])
    const stringToSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/us-east-1/transcribe/aws4_request\n${'0'.repeat(64)}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${stringToSign}</StringToSign></Error>`
    const { findings } = explain({ request, response: { status: 403, body }, signed: { stringToSign }, now })
    expect(findings[0]?.message).toContain('an event of the body')
  })
})

describe('Tokens', () => {
  const database = { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane doe' }
  const region = 'eu-west-1'
  const kinds: [name: string, user: string | undefined, seconds: number, create: () => Promise<{ token: string }>][] = [
    ['Amazon RDS', 'jane doe', 840, () => tokens.rdsToken(database, options)],
    ['Aurora DSQL', undefined, 840, () => tokens.dsqlToken('4iabtwpsabc.dsql.eu-west-1.on.aws', options)],
    ['Amazon ElastiCache', 'jane', 840, () => tokens.cacheToken({ cache: 'c', user: 'jane', region }, options)],
    [
      'Amazon MemoryDB',
      'jane',
      840,
      () => tokens.cacheToken({ cache: 'c', user: 'jane', region, service: 'memorydb' }, options),
    ],
    ['Amazon MSK', undefined, 840, () => tokens.mskToken({ region }, options)],
    ['Amazon EKS', undefined, 840, () => tokens.eksToken({ cluster: 'c', region }, options)],
    ['Amazon Bedrock', undefined, 43_140, () => tokens.bedrockKey({ region }, options)],
  ]

  it.each(kinds)(
    'for %s are inspected and explained as they are',
    async (tokenFor, tokenUser, secondsUntilExpiry, create) => {
      const { token } = await create()
      const expected = { location: 'query', tokenFor, tokenUser, secondsUntilExpiry, headersToSend: [], warnings: [] }
      expect(inspect(token, { now })).toMatchObject({ ...expected, accessKeyId: 'AKIDEXAMPLE', region })
      expect(explain({ request: { url: token }, now }).findings).toEqual([])
      expect(surely({ request: { url: token }, now: now + 86_400_000 })).toEqual(['expired'])
      if (tokenFor !== 'Amazon EKS')
        // of which only the cluster knows the signed header
        expect(explain({ request: { url: token }, credentials, now }).signature).toBe('right')
    },
  )

  it('are rejected for a different host, without a port, and for a different region', async () => {
    const url = async (change: object): Promise<string> =>
      (await tokens.rdsToken({ ...database, region, ...change }, options)).token
    expect(surely({ request: { url: await url({ host: 'db.example.com' }) } })).toEqual(['host'])
    const scheme = { ...options, service: 'rds-db', query: { Action: 'connect', DBUser: 'jane' } }
    // a signer that does not compare the region with the host
    const elsewhere = aws4.sign(
      {
        host: `${database.host}:5432`,
        path: '/?Action=connect&DBUser=jane&X-Amz-Date=20260131T120000Z&X-Amz-Expires=900',
        service: 'rds-db',
        region: 'us-east-1',
        signQuery: true,
      },
      credentials,
    )
    expect(surely({ request: { url: `${database.host}:5432${elsewhere.path}` } })).toEqual(['scope-region'])
    const portless = await presign('GET', `https://${database.host}/`, { ...scheme, region })
    expect(surely({ request: { url: portless.url } })).toEqual(['host-port'])
    const cache = await presign('GET', 'https://c.abc.euw1.cache.amazonaws.com/', {
      ...options,
      region,
      service: 'elasticache',
      query: { Action: 'connect', User: 'jane' },
    })
    expect(surely({ request: { url: cache.url } })).toEqual(['host'])
  })

  it('are not tokens if they are presigned for something else', async () => {
    const url = 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15'
    expect(inspect((await presign('GET', url, options)).url).tokenFor).toBeUndefined()
    expect(inspect(`k8s-aws-v1.${'a'.repeat(300)}`).location).toBeUndefined()
  })
})

describe('Other URLs', () => {
  it('of WebSockets are explained', async () => {
    const { url } = await tokens.webSocketUrl('wss://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod', options)
    expect(explain({ request: { url }, credentials, now }).signature).toBe('right')
  })

  it('are valid although their date is the start of a window', async () => {
    const late = signedAt + 4_000_000
    const window = { ...options, now: late, expires: '2h', window: '1h' } as const
    const { url } = await presign('GET', `https://${REGIONAL}/cat.jpg`, window)
    const { signedAt: start, warnings } = inspect(url, { now: late })
    expect(late - Number(start)).toBeGreaterThan(900_000)
    expect(warnings).toEqual([])
    expect(explain({ request: { url }, credentials, now: late }).signature).toBe('right')
  })
})

describe('HTTP/2', () => {
  it('signs :authority in place of host, and may send both', async () => {
    const { url, headers } = await sign({ url: `https://${REGIONAL}/cat.jpg` }, options)
    const authorization = headers.authorization!.replace('=host;', '=:authority;')
    const sent = { ...headers, authorization, ':authority': REGIONAL }
    for (const request of [
      { url, headers: sent },
      { url, headers: { host: REGIONAL, ...sent } },
    ]) {
      expect(explain({ request, now }).findings).toEqual([])
      expect(inspect(request, { now })).toMatchObject({ warnings: [] })
      expect(inspect(request, { now }).headersToSend).not.toContain(':authority')
    }
    const presigned = await presign('GET', `https://${REGIONAL}/cat.jpg`, options)
    expect(inspect(presigned.url.replace('=host', '=%3Aauthority'), { now }).warnings).toEqual([])
  })
})
