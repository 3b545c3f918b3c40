import type * as credentials from '../../../src/credentials.ts'
import { equal, refused } from '../harness.ts'
import type { PlatformCase } from './platform.ts'

const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const CODE = 'ERR_SIGV4_CREDENTIALS_MISSING'

/** Credentials from variables in every engine, and from the responses of endpoints in engines with `fetch`. */
export function credentialCases(entry: typeof credentials): PlatformCase[] {
  const { fromContainer, fromEnvironment, fromS3Express, fromWebIdentity, isSigV4Error, SigV4Error } = entry
  return [
    [
      'returns the credentials of an object of variables, and names one that is missing',
      [],
      async () => {
        const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: '' }
        equal(fromEnvironment(env)(), { accessKeyId: 'AKIDEXAMPLE', secretAccessKey })
        const error = await refused(CODE, fromEnvironment({ ...env, AWS_SECRET_ACCESS_KEY: '' }))
        equal([isSigV4Error(error), error instanceof SigV4Error], [true, true])
        equal(error.message.slice(0, 34), 'AWS_SECRET_ACCESS_KEY is missing. ')
      },
    ],
    [
      'names the variable of a container that is missing',
      [],
      async () => {
        const message = await fromContainer()().catch(({ message }) => message)
        if (/env access/.test(message)) return // Deno, without the permission to read variables
        equal(message.slice(0, 50), 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is missing.')
      },
    ],
    [
      'names the token that is missing',
      ['Request'],
      async () => {
        const options = { token: '', roleArn: 'the role', roleSessionName: 'web', region: 'eu-west-1' }
        const { message } = await refused(CODE, fromWebIdentity(options))
        equal(message, 'options.token is missing. Pass it, or set AWS_WEB_IDENTITY_TOKEN_FILE.')
      },
    ],
    [
      'rejects a bucket without sessions',
      [],
      async () => {
        const iam = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey }
        const create = () => fromS3Express({ bucket: 'photos', region: 'us-east-1' }, { credentials: iam })
        await refused('ERR_INVALID_ARG_VALUE', create)
      },
    ],
    [
      'exchanges a token for credentials',
      ['Request'],
      async () => {
        const send = globalThis.fetch
        const sent: string[] = []
        globalThis.fetch = async (url, init) => {
          const request = new Request(url, init)
          sent.push(request.method, request.url, await request.text())
          return new Response(
            `<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>a&amp;b</SessionToken><Expiration>2099-01-31T12:00:00Z</Expiration></Credentials>`,
          )
        }
        try {
          const options = { token: 'the token', roleArn: 'the role', roleSessionName: 'web', region: 'eu-west-1' }
          equal(await fromWebIdentity(options)(), {
            accessKeyId: 'ASIAEXAMPLE',
            secretAccessKey,
            sessionToken: 'a&b',
            expiration: '2099-01-31T12:00:00.000Z',
          })
        } finally {
          globalThis.fetch = send
        }
        const form =
          'Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=the+role&RoleSessionName=web&WebIdentityToken=the+token'
        equal(sent, ['POST', 'https://sts.eu-west-1.amazonaws.com/', form])
      },
    ],
  ]
}
