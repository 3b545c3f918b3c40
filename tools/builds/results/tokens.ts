import fc from 'fast-check'
import type { Comparison } from './comparison.ts'
import * as values from './values.ts'

// Calls of the functions that return logins and their requests, of `tokens` and `tokens-sync`.

const { credentials, headers, query, region } = values
const hostOf = (host: string): fc.Arbitrary<unknown> =>
  values.mostly(fc.constantFrom(host, host, 'eu-west-1.example.com'), ['', 'https://a', 5, null, undefined])
const urlOf = (...urls: string[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...urls) }, { weight: 1, arbitrary: values.url })
const name = values.mostly(fc.constantFrom('a', 'my-name', 'é', 'a b', 'A&b'), ['', 5, null, undefined])
const expires = values.mostly(fc.constantFrom<unknown>(60, 299, 900, '15m', undefined), [0, '12h', null, 'a'], 9)
const members = (of: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: fc.record(of) }, { weight: 1, arbitrary: values.some(of) })
const options = (of: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.tuple(credentials, values.some(of)).map(([credentials, rest]) => ({ credentials, ...rest }))

const place = { region }
const signingDate = values.mostly(fc.constantFrom<unknown>(new Date(values.NOW), values.NOW, undefined), [null, 'a'])
const TOKEN = { expires, signingDate }
const TARGETS: Record<string, [target: fc.Arbitrary<unknown>, options: fc.Arbitrary<unknown>]> = {
  rdsToken: [
    members({
      host: hostOf('db.abc.eu-west-1.rds.amazonaws.com'),
      port: values.mostly(fc.nat(65_535), ['1', -1]),
      ...{ user: name, region },
    }),
    options(TOKEN),
  ],
  dsqlToken: [
    fc.oneof(
      hostOf('abc.dsql.us-east-1.on.aws'),
      members({ host: hostOf('abc.dsql.us-east-1.on.aws'), admin: fc.constantFrom(true, false, undefined, 1) }),
    ),
    options(TOKEN),
  ],
  cacheToken: [
    members({ cache: name, user: name, region, service: fc.constantFrom('memorydb', undefined, 's3') }),
    options(TOKEN),
  ],
  mskToken: [fc.oneof(hostOf('b-1.kafka.abc.kafka.eu-west-1.amazonaws.com:9098'), members(place)), options(TOKEN)],
  eksToken: [members({ cluster: name, region }), options({ signingDate })],
  bedrockKey: [members(place), options(TOKEN)],
  keyspacesResponse: [
    members({ challenge: fc.constantFrom('nonce=abc', 'a', '', 5), region }),
    options({ signingDate }),
  ],
  codecommitCredentials: [
    urlOf('https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a'),
    options({ region, signingDate }),
  ],
  sesSmtpPassword: [members(place), fc.record({ credentials })],
  callerIdentity: [
    members({ region, headers, parameters: fc.constantFrom('body', 'query', undefined, 'a') }),
    options({ signingDate }),
  ],
  s3ExpressSession: [
    members({
      bucket: fc.constantFrom('cache--use1-az4--x-s3', 'cache--use1-az4--x-s3', 'photos', ''),
      region: fc.constantFrom('us-east-1', 'eu-west-1'),
      mode: fc.constantFrom('ReadOnly', undefined, 'a'),
    }),
    options({ signingDate }),
  ],
  appSyncProtocols: [
    urlOf('https://abc.appsync-api.eu-west-1.amazonaws.com/graphql', 'https://api.example.com/graphql'),
    options({ region, signingDate }),
  ],
  webSocketUrl: [
    urlOf(
      'wss://abc.execute-api.eu-west-1.amazonaws.com/v1',
      'wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket',
    ),
    options({ region, service: values.service, query, expires: fc.oneof(expires, fc.constant(false)), signingDate }),
  ],
}

/** The functions that both entries have, with or without promises. */
export function tokenCalls(entry: 'tokens' | 'tokens-sync'): Comparison[] {
  return Object.entries(TARGETS).map(
    ([name, of]): Comparison => ({
      ...{ name: `${entry}.${name}`, group: 'sign', share: 1.5 },
      arbitrary: fc.tuple(...of),
    }),
  )
}
