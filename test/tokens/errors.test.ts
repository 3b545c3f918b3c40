import { describe, expect, it } from 'vitest'
import * as index from '../../src/index.ts'
import * as asynchronous from '../../src/tokens.ts'
import * as synchronous from '../../src/tokens-sync.ts'
import { CREDENTIALS } from '../support/credentials.ts'

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)

type Entry = typeof asynchronous
// biome-ignore lint/suspicious/noExplicitAny: the arguments are invalid
type Call = (entry: Entry, given: any) => unknown

const RDS = { host: 'db.1.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }
const CACHE = { cache: 'cache', user: 'jane', region: 'eu-west-1' }
const rds: Call = (entry, given) => entry.rdsToken({ ...RDS, ...given }, { credentials })
const dsql: Call = (entry, given) => entry.dsqlToken(given, { credentials })
const cache: Call = (entry, given) => entry.cacheToken({ ...CACHE, ...given }, { credentials })
const msk: Call = (entry, given) => entry.mskToken(given, { credentials })
const eks: Call = (entry, given) => entry.eksToken({ cluster: 'demo', region: 'eu-west-1', ...given }, { credentials })
const bedrock: Call = (entry, given) => entry.bedrockKey(given, { credentials })
const identity: Call = (entry, given) => entry.callerIdentity({ region: 'eu-west-1', ...given }, { credentials })
const keyspaces: Call = (entry, given) =>
  entry.keyspacesResponse({ challenge: 'nonce=1', region: 'eu-west-1', ...given }, { credentials })
const codecommit: Call = (entry, given) => entry.codecommitCredentials(given, { credentials })
const ses: Call = (entry, given) => entry.sesSmtpPassword({ region: 'eu-west-1' }, { credentials: given })
const express: Call = (entry, given) =>
  entry.s3ExpressSession({ bucket: 'photos--use1-az4--x-s3', region: 'us-east-1', ...given }, { credentials })
const appSync: Call = (entry, given) => entry.appSyncProtocols(given, { credentials })
const webSocket: Call = (entry, given) => entry.webSocketUrl(given, { credentials })

const SCOPE = 'ERR_SIGV4_SCOPE_UNKNOWN'
const TYPE = 'ERR_INVALID_ARG_TYPE'
const VALUE = 'ERR_INVALID_ARG_VALUE'
const KEYS = 'ERR_SIGV4_CREDENTIALS_MISSING'

/** A call, what is wrong with it, and the message. */
const ROWS: [call: Call, given: unknown, code: string, message: string][] = [
  // a host that does not identify the region, and hosts of other services
  [rds, { host: 'db.example.com' }, SCOPE, 'target.region is missing. Pass the endpoint of RDS, not a CNAME.'],
  [
    rds,
    { host: 'a.elb.eu-west-1.amazonaws.com' },
    SCOPE,
    'target.region is missing. Pass the endpoint of RDS, not a CNAME.',
  ],
  [
    rds,
    { host: 'db.1.eu-west-1.rds.amazonaws.com.example.com' },
    SCOPE,
    'target.region is missing. Pass the endpoint of RDS, not a CNAME.',
  ],
  [rds, { region: 'EU' }, SCOPE, 'target.region is not valid.'],
  [
    rds,
    { host: 'https://db.1.eu-west-1.rds.amazonaws.com' },
    VALUE,
    'target.host is not valid. Pass a name without scheme, port, and path.',
  ],
  [
    rds,
    { host: 'db.1.eu-west-1.rds.amazonaws.com:5432' },
    VALUE,
    'target.host is not valid. Pass a name without scheme, port, and path.',
  ],
  [
    rds,
    { host: 'db.1.eu-west-1.rds.amazonaws.com', region: 'us-east-1' },
    VALUE,
    'target.region does not match. Pass eu-west-1, as in the host.',
  ],
  [
    dsql,
    { host: 'a.dsql.eu-west-1.on.aws', region: 'us-east-1' },
    VALUE,
    'target.region does not match. Pass eu-west-1, as in the host.',
  ],
  [rds, { host: undefined }, VALUE, 'target.host is not valid. Pass a name without scheme, port, and path.'],
  [rds, { port: undefined }, VALUE, 'target.port is missing. Pass a number.'],
  [rds, { port: '5432' }, VALUE, 'target.port is not valid. Pass a number.'],
  [rds, { port: 65_536 }, VALUE, 'target.port is not valid. Pass a number.'],
  [rds, { user: '' }, VALUE, 'target.user is missing.'],
  [rds, { user: 1 }, TYPE, 'target.user has the wrong type. Pass a string.'],
  [rds, { user: '\ud800' }, VALUE, 'target.user is not valid. It contains a lone surrogate.'],
  [rds, { hostname: 'a' }, VALUE, 'target.hostname is unknown. Allowed: host, port, user, region.'],
  [dsql, 'dsql.example.com', SCOPE, 'target.region is missing. The host dsql.example.com does not identify it.'],
  [dsql, { host: 'a.dsql.eu-west-1.on.aws', admin: 'yes' }, TYPE, 'target.admin has the wrong type. Pass a boolean.'],
  [dsql, undefined, TYPE, 'target has the wrong type. Pass { host }.'],
  [
    cache,
    { cache: 'a.serverless.euw1.cache.amazonaws.com' },
    VALUE,
    'target.cache is not valid. Pass the name of the cache in lowercase, not its host.',
  ],
  [
    cache,
    { cache: 'My-Cache' },
    VALUE,
    'target.cache is not valid. Pass the name of the cache in lowercase, not its host.',
  ],
  [cache, { region: undefined }, SCOPE, "target.region is missing. Pass a region, such as 'eu-west-1'."],
  [cache, { service: 'redis' }, VALUE, "target.service is not valid. Pass 'elasticache' or 'memorydb'."],
  [cache, { serverless: 1 }, TYPE, 'target.serverless has the wrong type. Pass a boolean.'],
  [
    cache,
    { serverless: true, service: 'memorydb' },
    VALUE,
    'target.serverless cannot be used here. Only ElastiCache supports it.',
  ],
  [cache, { user: undefined }, TYPE, 'target.user has the wrong type. Pass a string.'],
  [
    msk,
    'broker.example.com:9098',
    SCOPE,
    'target.region is missing. The host broker.example.com:9098 does not identify it.',
  ],
  [msk, 'eu-west-1', VALUE, "target is not valid. Pass { region: 'eu-west-1' }."],
  [msk, ['b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098'], TYPE, 'target has the wrong type. Pass one broker.'],
  [msk, {}, SCOPE, "target.region is missing. Pass a region, such as 'eu-west-1'."],
  [eks, { cluster: '' }, VALUE, 'target.cluster is missing.'],
  [eks, { cluster: 'démo' }, VALUE, 'target.cluster is not valid. Pass its name.'],
  [eks, { cluster: 'a\nb' }, VALUE, 'target.cluster is not valid. Pass its name.'],
  [eks, { cluster: ' a' }, VALUE, 'target.cluster is not valid. Pass its name.'],
  [eks, { region: 'aws-global' }, SCOPE, 'target.region is not valid.'],
  [msk, { region: 'aws-global' }, SCOPE, 'target.region is not valid.'],
  [eks, { region: 'eu-west-1.evil.example/' }, SCOPE, 'target.region is not valid.'],
  [bedrock, { region: '' }, SCOPE, "target.region is missing. Pass a region, such as 'eu-west-1'."],
  [identity, { parameters: 'form' }, VALUE, "target.parameters is not valid. Pass 'body' or 'query'."],
  [identity, { region: undefined }, SCOPE, "target.region is missing. Pass a region, such as 'eu-west-1'."],
  [identity, { region: 'global' }, SCOPE, 'target.region is not valid.'],
  [
    identity,
    { headers: { host: 'sts.us-east-1.amazonaws.com' } },
    'ERR_SIGV4_REQUEST_UNSENDABLE',
    'target.headers["host"] does not match. Omit it.',
  ],
  [
    identity,
    { headers: { authorization: 'a' } },
    'ERR_SIGV4_ALREADY_SIGNED',
    'target.headers["authorization"] is added by signing.',
  ],
  [keyspaces, { challenge: 'hello' }, VALUE, "target.challenge is not valid. Pass the server's nonce=…."],
  [keyspaces, { challenge: undefined }, VALUE, "target.challenge is not valid. Pass the server's nonce=…."],
  [
    codecommit,
    'https://example.com/v1/repos/a',
    SCOPE,
    'options.region is missing. The host example.com does not identify it.',
  ],
  [
    codecommit,
    'https://git-codecommit.eu-west-1.amazonaws.com',
    VALUE,
    'target is not valid. Pass the URL of the repository.',
  ],
  [codecommit, 'website', VALUE, 'target is not valid. Pass an absolute http(s) URL without a user name or fragment.'],
  [
    ses,
    { ...credentials, sessionToken: 'token' },
    KEYS,
    'options.credentials.sessionToken cannot be used here. SES requires an IAM user.',
  ],
  [ses, { accessKeyId: 'AKIDEXAMPLE', signingKey: {} }, KEYS, 'options.credentials.secretAccessKey is missing.'],
  [
    express,
    { bucket: 'photos' },
    VALUE,
    'target.bucket is not valid. Pass a directory bucket, such as photos--use1-az4--x-s3.',
  ],
  ...['/photos--use1-az4--x-s3', 'photos--use1-az4--x-s3/a--use1-az4--x-s3', ['photos--use1-az4--x-s3'], undefined].map(
    (bucket): (typeof ROWS)[number] => [
      express,
      { bucket },
      VALUE,
      'target.bucket is not valid. Pass a directory bucket, such as photos--use1-az4--x-s3.',
    ],
  ),
  [express, { region: undefined }, SCOPE, 'target.region is missing. Pass it, or an endpoint.'],
  [
    appSync,
    'https://api.example.com/event',
    SCOPE,
    'options.region is missing. The host api.example.com does not identify it.',
  ],
  [
    appSync,
    'https://a.appsync-api.eu-west-1.amazonaws.com/',
    VALUE,
    'target is not valid. Pass the HTTP endpoint of the API, https://…/graphql or /event.',
  ],
  [
    appSync,
    'wss://a.appsync-api.eu-west-1.amazonaws.com/graphql',
    VALUE,
    'target is not valid. Pass the HTTP endpoint of the API, https://…/graphql or /event.',
  ],
  [webSocket, 'https://a.execute-api.eu-west-1.amazonaws.com/prod', VALUE, 'target is not valid. Pass a wss:// URL.'],
  [
    webSocket,
    'wss://mqtt.example.com/mqtt',
    SCOPE,
    'options.region is missing. The host mqtt.example.com does not identify it. Pass service too.',
  ],
  [
    webSocket,
    'wss://a-ats.iot.eu-west-1.amazonaws.com/',
    VALUE,
    'target is not valid. The path of a WebSocket of IoT is /mqtt.',
  ],
  [webSocket, undefined, TYPE, 'target has the wrong type. Pass a wss:// URL.'],
]

describe.each([
  ['asynchronous', asynchronous],
  ['synchronous', synchronous as unknown as Entry],
])('the %s functions', (_, entry) => {
  it.each(ROWS.map((row, number) => [row[3], number] as const))('reject: %s (%i)', async (message, number) => {
    const [call, given, code] = ROWS[number]!
    const error = await (async () => call(entry, given))().catch((error: unknown) => error)
    expect(error).toMatchObject({ code, message })
    expect(asynchronous.isSigV4Error(error)).toBe(/SIGV4/.test(code))
  })

  it.each(['iot', 'iotdata'])('reject the service %s for a WebSocket of IoT', async (service) => {
    const options = { credentials, region: 'eu-west-1', service }
    const call = async () => entry.webSocketUrl('wss://mqtt.example.com/mqtt', options)
    await expect(call()).rejects.toThrow("options.service is not valid. For MQTT, pass 'iotdevicegateway'.")
  })

  it('reject a region that is not that of an AWS host, unless it is the endpoint of a VPC', async () => {
    const sign = async (host: string) =>
      entry.codecommitCredentials(`https://${host}/v1/repos/a`, { credentials, region: 'us-east-1' })
    await expect(sign('git-codecommit.eu-west-1.amazonaws.com')).rejects.toThrow(
      'options.region does not match. Pass eu-west-1, as in the host.',
    )
    await sign('vpce-1-a.git-codecommit.eu-west-1.vpce.amazonaws.com')
    await sign('git.example.com')
  })

  it.each([
    ['rds', (given: asynchronous.Credentials) => entry.rdsToken(RDS, { credentials: given })],
    [
      'keyspaces',
      (given: asynchronous.Credentials) =>
        entry.keyspacesResponse({ challenge: 'nonce=1', region: 'eu-west-1' }, { credentials: given }),
    ],
    [
      'codecommit',
      (given: asynchronous.Credentials) =>
        entry.codecommitCredentials('https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a', {
          credentials: given,
        }),
    ],
  ])('check the credentials: %s', async (_, call) => {
    for (const given of [
      undefined,
      {},
      { ...credentials, secretAccessKey: '' },
      { ...credentials, accessKeyId: 'ASIAEXAMPLE' },
    ])
      await expect((async () => call(given as asynchronous.Credentials))()).rejects.toMatchObject({ code: KEYS })
  })

  it('accept a derived key, and reject one for a different service', async () => {
    const { accessKeyId } = credentials
    const date = '20260131'
    const signingKey = await index.deriveSigningKey({ date, region: 'eu-west-1', service: 'rds-db' }, { credentials })
    const options = { credentials: { accessKeyId, signingKey }, now: signedAt }
    const { token } = await entry.rdsToken(RDS, options)
    expect(token).toBe((await entry.rdsToken(RDS, { credentials, now: signedAt })).token)
    await expect((async () => entry.mskToken({ region: 'eu-west-1' }, options))()).rejects.toMatchObject({
      code: 'ERR_SIGV4_KEY_SCOPE',
    })
  })
})

it('synchronous functions reject a provider', () => {
  const provider = (() => credentials) as never
  const message = 'options.credentials has the wrong type. Call it first.'
  expect(() => synchronous.rdsToken(RDS, { credentials: provider })).toThrow(message)
  expect(() => synchronous.sesSmtpPassword({ region: 'eu-west-1' }, { credentials: provider })).toThrow(message)
})

describe('the region of a host', () => {
  const regionOf = (url: string): string => /X-Amz-Credential=[^%]+%2F\d+%2F([^%]+)%2F/.exec(url)![1]!

  it.each([
    ['db.1.us-gov-west-1.rds.amazonaws.com', 'us-gov-west-1'],
    ['db.1.cn-north-1.rds.amazonaws.com.cn', 'cn-north-1'],
    ['proxy.proxy-1.eusc-de-east-1.rds.amazonaws.eu', 'eusc-de-east-1'],
    ['DB.1.EU-WEST-1.RDS.AMAZONAWS.COM', 'eu-west-1'],
  ])('of RDS: %s', (host, region) => {
    const { token } = synchronous.rdsToken({ ...RDS, host }, { credentials })
    expect(regionOf(token)).toBe(region)
    expect(token.startsWith(`${host.toLowerCase()}:5432/?`)).toBe(true)
  })

  it.each([
    ['4iabtwpsabc.dsql.us-east-1.on.aws', 'us-east-1'],
    ['4iabtwpsabc.dsql-fnh4.us-east-2.on.aws', 'us-east-2'],
  ])('of DSQL: %s', (host, region) => {
    expect(regionOf(synchronous.dsqlToken(host, { credentials }).token)).toBe(region)
  })

  it.each([
    ['boot-abc.c2.kafka-serverless.eu-west-1.amazonaws.com:9098', 'eu-west-1'],
    ['b-1.demo.abc123.c2.kafka.cn-north-1.amazonaws.com.cn:9098', 'cn-north-1'],
  ])('of MSK, whose signers have one domain for all regions: %s', (host, region) => {
    const url = Buffer.from(synchronous.mskToken(host, { credentials }).token, 'base64').toString()
    expect(regionOf(url)).toBe(region)
    expect(url.startsWith(`https://kafka.${region}.amazonaws.com/?`)).toBe(true)
  })

  it.each([
    ['eu-west-1', 'sts.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['us-east-1', 'sts.us-east-1.amazonaws.com', 'us-east-1'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['cn-northwest-1', 'sts.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
    ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
    ['us-isof-south-1', 'sts.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1'],
    ['eu-isoe-west-1', 'sts.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1'],
    ['aws-global', 'sts.amazonaws.com', 'us-east-1'],
  ])('of STS: %s', (region, host, signed) => {
    const { url, headers } = synchronous.callerIdentity({ region }, { credentials })
    expect(url).toBe(`https://${host}/`)
    expect(headers.host).toBe(host)
    expect(headers.authorization).toContain(`/${signed}/sts/aws4_request`)
  })
})

describe('a WebSocket', () => {
  const sign = (url: string, options = {}) =>
    new URL(
      synchronous.webSocketUrl(url, { credentials: { ...credentials, sessionToken: 'a+b' }, now: signedAt, ...options })
        .url,
    )

  it('of IoT has the session token after the signature, and no expiry', () => {
    const { host, href } = sign('wss://a-ats.iot.eu-west-1.amazonaws.com/mqtt')
    expect(host).toBe('a-ats.iot.eu-west-1.amazonaws.com')
    expect(href).toMatch(/%2Feu-west-1%2Fiotdevicegateway%2F/)
    expect(href).toMatch(/&X-Amz-Signature=[\da-f]{64}&X-Amz-Security-Token=a%2Bb$/)
    expect(href).not.toContain('X-Amz-Expires')
    // a custom domain is the same
    const own = sign('wss://mqtt.example.com/mqtt', { region: 'eu-west-1', service: 'iotdevicegateway' }).href
    expect(own).toMatch(/&X-Amz-Security-Token=a%2Bb$/)
    expect(sign('wss://a-ats.iot.eu-west-1.amazonaws.com/mqtt', { expires: 60 }).href).toContain('X-Amz-Expires=60&')
  })

  it('of any other service has a signed session token, an expiry, and its own port', () => {
    const { host, searchParams } = sign('wss://transcribestreaming.eu-west-1.amazonaws.com:8443/a', {
      query: { b: 'c d' },
    })
    expect(host).toBe('transcribestreaming.eu-west-1.amazonaws.com:8443')
    expect([...searchParams.keys()].at(-1)).toBe('X-Amz-Signature')
    expect(searchParams.get('X-Amz-Security-Token')).toBe('a+b')
    expect(searchParams.get('X-Amz-Expires')).toBe('60')
    expect(searchParams.get('b')).toBe('c d')
    expect(sign('wss://a.execute-api.eu-west-1.amazonaws.com:443/prod').href).not.toContain(':443')
  })

  it.each([
    ['https', 'mqtt', 'iotdevicegateway'],
    ['wss', 'mqtt', 'iotdevicegateway'],
    ['https', 'topics/a', 'iotdata'],
  ])('%s://…/%s is signed by presign for %s', async (scheme, path, service) => {
    const target = `${scheme}://a-ats.iot.eu-west-1.amazonaws.com/${path}`
    const { url } = await index.presign('GET', target, { credentials })
    expect(url).toContain(`%2F${service}%2F`)
  })

  it('of AppSync has the path of the API', () => {
    const connect = (url: string, region?: string) => synchronous.appSyncProtocols(url, { credentials, region })
    const events = connect('https://a.appsync-api.eu-west-1.amazonaws.com/event')
    expect(events.url).toBe('wss://a.appsync-realtime-api.eu-west-1.amazonaws.com/event/realtime')
    expect(events.protocols[0]).toBe('aws-appsync-event-ws')
    expect(events.protocols[1]).toMatch(/^header-[\w-]+$/)
    const { host, authorization } = JSON.parse(Buffer.from(events.protocols[1].slice(7), 'base64url').toString())
    expect(host).toBe('a.appsync-api.eu-west-1.amazonaws.com')
    expect(authorization).toMatch(
      /\/eu-west-1\/appsync\/aws4_request, SignedHeaders=accept;content-encoding;content-type;host;x-amz-date, /,
    )
    expect(connect('https://api.example.com/graphql', 'eu-west-1').url).toBe('wss://api.example.com/graphql/realtime')
    expect(connect('https://api.example.com/event', 'eu-west-1').url).toBe('wss://api.example.com/event/realtime')
  })
})

it('an S3 Express session has one of two modes', () => {
  const target = { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }
  for (const mode of ['all', ''])
    expect(() => synchronous.s3ExpressSession(target, { credentials, mode: mode as 'ReadOnly' })).toThrow(
      "options.mode is not valid. Pass 'ReadOnly' or 'ReadWrite'.",
    )
})

it('an S3 Express session is a request with the mode and the hash of the empty body', () => {
  const target = { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }
  const { method, url, headers } = synchronous.s3ExpressSession(target, {
    credentials,
    now: signedAt,
    mode: 'ReadOnly',
  })
  expect([method, url]).toEqual([
    'GET',
    'https://photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/?session=',
  ])
  expect(headers['x-amz-create-session-mode']).toBe('ReadOnly')
  expect(headers['x-amz-content-sha256']).toMatch(/^e3b0c442/)
  expect(headers.authorization).toMatch(
    /\/us-east-1\/s3express\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-create-session-mode;x-amz-date, /,
  )
  expect(synchronous.s3ExpressSession(target, { credentials }).headers).not.toHaveProperty('x-amz-create-session-mode')
})

it('the challenge of Keyspaces may be any view of its bytes', () => {
  const sign = (challenge: unknown) =>
    synchronous.keyspacesResponse(
      { challenge: challenge as string, region: 'eu-west-1' },
      { credentials, now: signedAt },
    ).token
  const bytes = new Uint8Array([120, 44, ...Buffer.from('nonce=12')])
  for (const challenge of [
    bytes.subarray(2),
    new DataView(bytes.buffer, 2),
    new Uint16Array(bytes.buffer),
    bytes.buffer,
  ])
    expect(sign(challenge)).toBe(sign('nonce=12'))
})

it('no message contains a secret', async () => {
  for (const [call, given] of ROWS) {
    const error = await (async () => call(asynchronous, given))().catch((error: unknown) => error)
    expect(String(error)).not.toContain(credentials.secretAccessKey)
  }
})
