import { expect } from 'vitest'
import * as index from '../../src/index.ts'
import * as sync from '../../src/sync.ts'
import * as asynchronous from '../../src/tokens.ts'
import * as synchronous from '../../src/tokens-sync.ts'

// Compares ours with the results of official signers, by kind of token.

/** The arguments of an official signer, and its result. */
export interface Vector {
  readonly id: string
  readonly oracle?: string
  // biome-ignore lint/suspicious/noExplicitAny: each kind of token has its own arguments
  readonly input: any
  // biome-ignore lint/suspicious/noExplicitAny: and its own result
  readonly output: any
  readonly subprotocol?: string
}

export type Entry = typeof asynchronous & Pick<typeof index, 'presign' | 'sign'>
type Options = { credentials: asynchronous.SecretCredentials; now: Date }
/** What is compared: ours, and the official signer's. */
type Compared = readonly [ours: unknown, theirs: unknown]

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const decode = (text: string): string => Buffer.from(text, 'base64').toString()

/** Returns everything before the query, and the parameters in the order of their names, other than those of a client. */
function partsOf(url: string): string[] {
  const [start, query] = url.split('?')
  return [
    start!,
    ...query!
      .split('&')
      .filter((pair) => !/^(?:User-Agent|x-amz-user-agent)=/.test(pair))
      .sort(),
  ]
}
const urls = (ours: string, theirs: string): Compared => [partsOf(ours), partsOf(theirs)]

const lowercase = (headers: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** The headers of hvac, each of which is a list of one value. */
const strings = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(lowercase(headers)).map(([name, value]) => [name, String(value)]))

const FORM = 'application/x-www-form-urlencoded'
/** Parameters of a WebSocket that the service requires, from the vector. */
const ownParameters = (url: string): string => {
  const names = /^(?:X-Amz-(?:Algorithm|Credential|Date|Expires|Signature|SignedHeaders|Security-Token))$/
  const query = url.split('?')[1]!.split('&')
  return query.filter((pair) => !names.test(pair.split('=')[0]!)).join('&')
}
const webSocket = async (entry: Entry, { output }: Vector, options: Options, more = {}): Promise<Compared> => {
  const own = ownParameters(output)
  const target = output.split('?')[0] + (own && `?${own}`)
  const { url } = await entry.webSocketUrl(target, { ...options, ...more })
  const all = (address: string): string[] => [...new URL(address).searchParams].map(String).sort()
  return [
    [url.split('?')[0], all(url)],
    [output.split('?')[0], all(output)],
  ]
}

/** By the ID of a result, a function that creates ours from the same arguments. */
export const KINDS: Record<string, (entry: Entry, vector: Vector, options: Options) => Promise<Compared>> = {
  rds: async (entry, { input: { hostname, port, username }, output }, options) =>
    urls((await entry.rdsToken({ host: hostname, port, user: username }, options)).token, output),
  'rds-odd-user': async (entry, { input: { hostname, port, username, region }, output }, options) =>
    urls((await entry.rdsToken({ host: hostname, port, user: username, region }, options)).token, output),
  'dsql-connect': async (entry, { input, output }, options) =>
    urls((await entry.dsqlToken(input.hostname, options)).token, output),
  'dsql-connect-admin': async (entry, { input, output }, options) =>
    urls((await entry.dsqlToken({ host: input.hostname, admin: true }, options)).token, output),
  eks: async (entry, { input: { cluster, region }, output }, options) => {
    const { token } = await entry.eksToken({ cluster, region }, options)
    const [prefix, ours] = token.split('.')
    expect(prefix).toBe('k8s-aws-v1')
    expect(ours).toMatch(/^[\w-]+$/)
    return urls(decode(ours!), decode(output.split('.')[1]))
  },
  codecommit: async (entry, { input, output }, options) => {
    const { username, password } = await entry.codecommitCredentials(input.url, options)
    return [{ username, password }, output]
  },
  'bedrock-api-key': async (entry, { input: { region, expires }, output }, options) => {
    const { token } = await entry.bedrockKey({ region }, { ...options, expires })
    const { token: usual } = await entry.bedrockKey({ region }, options)
    expect(usual).toBe(token)
    const content = (key: string): string => {
      expect(key).toMatch(/^bedrock-api-key-[A-Za-z\d+/]+=*$/)
      expect(key.slice('bedrock-api-key-'.length).length % 4).toBe(0)
      return decode(key.slice('bedrock-api-key-'.length))
    }
    return urls(content(token), content(output))
  },
  keyspaces: async (entry, { input: { challenge, region }, output }, options) => {
    const { token } = await entry.keyspacesResponse({ challenge, region }, options)
    const bytes = await entry.keyspacesResponse({ challenge: Buffer.from(challenge), region }, options)
    expect(bytes.token).toBe(token)
    return [token, output]
  },
  'mongodb-aws': async (entry, { input: { serverNonceBase64 }, output }, options) => {
    const nonce = { 'X-MongoDB-Server-Nonce': serverNonceBase64, 'X-MongoDB-GS2-CB-Flag': 'n' }
    const { headers } = await entry.callerIdentity({ region: 'us-east-1', headers: nonce }, options)
    return [
      { a: headers.authorization, d: headers['x-amz-date'] },
      { a: output.a, d: output.d },
    ]
  },
  vault: async (entry, { input: { serverId, host }, output }, options) => {
    expect(host).toBe('sts.amazonaws.com')
    const given = { 'X-Vault-AWS-IAM-Server-ID': serverId, 'Content-Type': `${FORM}; charset=utf-8` }
    const { method, url, body, headers } = await entry.callerIdentity({ region: 'aws-global', headers: given }, options)
    return [
      { method, url: base64(url), body: base64(body!), headers },
      {
        method: output.iam_http_request_method,
        url: output.iam_request_url,
        body: output.iam_request_body,
        headers: strings(JSON.parse(decode(output.iam_request_headers))),
      },
    ]
  },
  'gcp-wif': async (entry, { input: { region, audience }, output }, options) => {
    const target = { region, headers: { 'x-goog-cloud-target-resource': audience }, parameters: 'query' } as const
    const { method, url, headers } = await entry.callerIdentity(target, options)
    return googleParts({ method, url, headers }, output)
  },
  'gcp-wif-google-auth-library': async (entry, { input: { region, audience }, output }, options) => {
    const { method, url, headers } = await entry.callerIdentity({ region, parameters: 'query' }, options)
    return googleParts({ method, url, headers: { ...headers, 'x-goog-cloud-target-resource': audience } }, output)
  },
  snowflake: async (entry, { input: { region }, output }, options) => {
    const audience = { 'x-snowflake-audience': 'snowflakecomputing.com' }
    const target = { region, headers: audience, parameters: 'query' } as const
    const { method, url, headers } = await entry.callerIdentity(target, options)
    return [{ url, method, headers }, JSON.parse(decode(output))]
  },
  msk: async (entry, { input: { region }, output }, options) => {
    const { token } = await entry.mskToken({ region }, options)
    expect(token).toMatch(/^[\w-]+$/)
    expect(decode(token)).toMatch(/&User-Agent=sigv4$/)
    const host = `b-1.demo.abc123.c2.kafka.${region}.amazonaws.com`
    expect((await entry.mskToken(host, options)).token).toBe(token)
    return urls(decode(token), decode(output))
  },
  elasticache: async (entry, vector, options) => cache(entry, vector, options, {}),
  'elasticache-serverless': async (entry, vector, options) => cache(entry, vector, options, { serverless: true }),
  memorydb: async (entry, vector, options) => cache(entry, vector, options, { service: 'memorydb' }),
  // requests with the keys of a session: the token has a separate name
  's3express-header': async (entry, { input: { url, sessionToken }, output }, { credentials, now: signedAt }) => {
    const { sessionToken: _, ...keys } = credentials
    const headers = { 'x-amz-s3session-token': sessionToken }
    return [(await entry.sign({ url, headers }, { credentials: keys, now: signedAt })).headers, lowercase(output)]
  },
  's3express-query': async (entry, { input: { expires, sessionToken }, output }, { credentials, now: signedAt }) => {
    const { sessionToken: _, ...keys } = credentials
    const query = { 'X-Amz-S3session-Token': sessionToken }
    const payloadHash = 'UNSIGNED-PAYLOAD'
    const options = { credentials: keys, now: signedAt, expires, query, payloadHash }
    return urls((await entry.presign('GET', output.split('?')[0], options)).url, output)
  },
  'kvs-webrtc': webSocket,
  'iot-mqtt': webSocket,
  'agentcore-ws': webSocket,
  'ec2-instance-connect': webSocket,
  'apigateway-ws': (entry, vector, options) => webSocket(entry, vector, options, { expires: vector.input.expires }),
  'transcribe-websocket': webSocket,
  'rekognition-liveness': webSocket,
  'appsync-connect': async (entry, { input, subprotocol }, options) => {
    const { url, protocols } = await entry.appSyncProtocols(input.url.replace('/connect', ''), options)
    expect(url).toBe(input.url.replace('https:', 'wss:').replace('-api', '-realtime-api').replace('/connect', ''))
    return [protocols, ['graphql-ws', subprotocol]]
  },
  // these need no function of their own
  polly: async (entry, { input: { expires }, output }, options) => {
    const url = `https://polly.us-east-1.amazonaws.com/v1/speech?${ownParameters(output)}`
    return urls((await entry.presign('GET', url, { ...options, expires })).url, output)
  },
  'lattice-query': async (entry, { input: { host, path, expires }, output }, options) => {
    const lattice = { payloadHash: 'UNSIGNED-PAYLOAD', payloadHashHeader: true, expires }
    return urls(
      (await entry.presign('GET', `https://${host}${path}`, { ...options, ...lattice })).url,
      `https://${host}${output.path}`,
    )
  },
  'lattice-header': async (entry, { input: { host, path }, output }, options) => {
    const lattice = { payloadHash: 'UNSIGNED-PAYLOAD', payloadHashHeader: true }
    const { headers } = await entry.sign({ url: `https://${host}${path}` }, { ...options, ...lattice })
    return [{ host, ...headers }, lowercase(Object.fromEntries(output.headers))]
  },
  'ses-smtp': async (entry, { input: { region, secretAccessKey }, output }) => {
    const options = { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey } }
    return [await entry.sesSmtpPassword({ region }, options), { username: 'AKIDEXAMPLE', password: output }]
  },
}

async function cache(
  entry: Entry,
  { input: { cache, params, region }, output }: Vector,
  options: Options,
  more: { serverless?: boolean; service?: 'memorydb' },
): Promise<Compared> {
  return urls((await entry.cacheToken({ cache, user: params.User, region, ...more }, options)).token, output)
}

function googleParts(ours: { method: string; url: string; headers: Record<string, string> }, output: string): Compared {
  const { method, url, headers } = JSON.parse(decodeURIComponent(output))
  const theirs = Object.fromEntries(headers.map(({ key, value }: { key: string; value: string }) => [key, value]))
  return [ours, { method, url: url.replace('com?', 'com/?'), headers: lowercase(theirs) }]
}

export const ENTRIES: [string, Entry][] = [
  ['asynchronous', { ...asynchronous, presign: index.presign, sign: index.sign }],
  ['synchronous', { ...synchronous, presign: sync.presign, sign: sync.sign } as unknown as Entry],
]
