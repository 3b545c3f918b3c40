import type * as asynchronous from '../../../src/tokens.ts'
import type * as synchronous from '../../../src/tokens-sync.ts'
import { equal } from '../harness.ts'
import type { Case } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const options = { credentials, now: 1_440_938_160_000 }
const region = 'us-east-1'

/** Tokens, and the start of their signatures by official signers (fixtures/tokens) where these signed the same. */
export function tokenCases(tokens: typeof asynchronous | typeof synchronous): Case[] {
  const calls: Record<string, readonly [call: () => unknown, signature?: string]> = {
    rdsToken: [
      () =>
        tokens.rdsToken(
          { host: 'mydb.123456789012.us-east-1.rds.amazonaws.com', port: 3306, user: 'jane_doe' },
          options,
        ),
      '9cf0f7d1',
    ],
    dsqlToken: [() => tokens.dsqlToken({ host: 'abc.dsql.us-east-1.on.aws', admin: true }, options)],
    cacheToken: [() => tokens.cacheToken({ cache: 'my-cache', user: 'jane', region, serverless: true }, options)],
    mskToken: [() => tokens.mskToken({ region }, options)],
    eksToken: [() => tokens.eksToken({ cluster: 'my-cluster', region }, options)],
    bedrockKey: [() => tokens.bedrockKey({ region }, options)],
    callerIdentity: [
      () => tokens.callerIdentity({ region, headers: { 'X-Vault-AWS-IAM-Server-ID': 'vault' } }, options),
    ],
    keyspacesResponse: [() => tokens.keyspacesResponse({ challenge: 'nonce=1234', region }, options)],
    codecommitCredentials: [
      () => tokens.codecommitCredentials('https://git-codecommit.us-east-1.amazonaws.com/v1/repos/a', options),
    ],
    sesSmtpPassword: [() => tokens.sesSmtpPassword({ region }, { credentials })],
    s3ExpressSession: [() => tokens.s3ExpressSession({ bucket: 'photos--use1-az4--x-s3', region }, options)],
    appSyncProtocols: [
      () => tokens.appSyncProtocols('https://abc.appsync-api.us-east-1.amazonaws.com/graphql', options),
    ],
    webSocketUrl: [() => tokens.webSocketUrl('wss://abc.execute-api.us-east-1.amazonaws.com/prod', options)],
  }
  const created = Object.entries(calls).map(
    ([name, [call, signature = '']]): Case => [
      name,
      async (output) => {
        const result = JSON.parse(JSON.stringify(await call()))
        output(name, result)
        equal(JSON.stringify(result).includes(signature), true, 'signature')
      },
    ],
  )
  const errors: Case = [
    'its errors are recognized',
    async () => {
      let error: unknown
      try {
        await tokens.eksToken(
          { cluster: 'my-cluster', region },
          { credentials: { ...credentials, secretAccessKey: '' } },
        )
      } catch (caught) {
        error = caught
      }
      equal([tokens.isSigV4Error(error), error instanceof tokens.SigV4Error], [true, true])
    },
  ]
  return [...created, errors]
}
