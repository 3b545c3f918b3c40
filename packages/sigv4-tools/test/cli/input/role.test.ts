import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { type EndpointResponse, startEndpoint } from '../../../../../test/support/endpoint.ts'
import { errorOf, KEYS, run, temporary } from '../../support/cli.ts'

// The order of a task's or pod's credentials among all others: as in the AWS SDKs and in docs/cli.md.

const GET = ['presign', 'get', 's3://photos/x', '--region', 'eu-west-1']
const ROLE = 'arn:aws:iam::123456789012:role/photos'
const IDENTITY = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwb2QifQ.c2lnbmF0dXJl'

let files: ReturnType<typeof temporary>
let sts: Awaited<ReturnType<typeof startEndpoint>>
let agent: Awaited<ReturnType<typeof startEndpoint>>
let respond: EndpointResponse
let [home, empty] = ['', '']

beforeAll(async () => {
  files = temporary()
  const keys = `aws_access_key_id = AKIAPROFILE\naws_secret_access_key = ${SECRET}\n`
  files.write('home/.aws/credentials', `[default]\n${keys}[other]\n${keys.replace('PROFILE', 'OTHER')}`)
  files.write('role/.aws/config', '[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = other\n')
  files.write('region/.aws/config', '[default]\nregion = eu-north-1\n')
  files.write('token', `${IDENTITY}\n`)
  home = `${files.folder}/home`
  empty = `${files.folder}/empty`
  const expiration = () => new Date(Date.now() + 3_600_000).toISOString()
  sts = await startEndpoint(() => [
    200,
    `<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>ASIAIDENTITY</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${expiration()}</Expiration></Credentials></AssumeRoleWithWebIdentityResponse>`,
  ])
  agent = await startEndpoint(() => respond)
})
beforeEach(() => {
  const Expiration = new Date(Date.now() + 3_600_000).toISOString()
  respond = [200, JSON.stringify({ AccessKeyId: 'ASIATASK', SecretAccessKey: SECRET, Token: 'session', Expiration })]
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const { received } of [sts, agent]) received.splice(0)
})
afterAll(async () => {
  files.remove()
  await Promise.all([sts.close(), agent.close()])
})

const identity = () => ({
  AWS_WEB_IDENTITY_TOKEN_FILE: `${files.folder}/token`,
  AWS_ROLE_ARN: ROLE,
  AWS_ENDPOINT_URL_STS: sts.url,
})
const container = () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials` })
const PLATFORM = [
  ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_ENDPOINT_URL_STS', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ...[
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
  ],
]

/** The setting of a program, whose variables are also those of this process, as the library reads them. */
function setting(env: Record<string, string | undefined>, folder = empty) {
  for (const name of PLATFORM) vi.stubEnv(name, env[name])
  return { env, home: folder }
}

/** Returns the key ID that a command signs with. */
async function keyId(env: Record<string, string | undefined>, folder?: string, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await run([...GET, ...more], setting(env, folder))
  if (code !== 0) throw new Error(stderr)
  return new URL(stdout).searchParams.get('X-Amz-Credential')!.split('/')[0]!
}

describe('the order of credentials', () => {
  it('is environment keys, web identity, profile, container', async () => {
    const all = { ...identity(), ...container() }
    expect(await keyId({ ...KEYS, ...all }, home)).toBe('AKIDEXAMPLE')
    expect([sts.received.length, agent.received.length]).toEqual([0, 0])
    expect(await keyId(all, home)).toBe('ASIAIDENTITY')
    expect(await keyId({ ...all, AWS_PROFILE: 'other' }, home)).toBe('ASIAIDENTITY')
    expect([sts.received.length, agent.received.length]).toEqual([2, 0])
    expect(await keyId(container(), home)).toBe('AKIAPROFILE')
    expect(await keyId({ ...container(), AWS_PROFILE: 'other' }, home)).toBe('AKIAOTHER')
    expect(agent.received).toEqual([])
    expect(await keyId(container())).toBe('ASIATASK')
    expect(await keyId(container(), `${files.folder}/region`)).toBe('ASIATASK')
    expect([sts.received.length, agent.received.length]).toEqual([2, 2])
  })

  it('starts with the options', async () => {
    const all = { ...identity(), ...container() }
    expect(await keyId(all, home, '--profile', 'other')).toBe('AKIAOTHER')
    const file = files.write('keys.json', JSON.stringify({ AccessKeyId: 'AKIAFILE', SecretAccessKey: SECRET }))
    expect(await keyId(all, home, '--credentials', file)).toBe('AKIAFILE')
    expect([sts.received, agent.received]).toEqual([[], []])
  })

  it('does not continue after a profile that requires the AWS CLI', async () => {
    expect(await errorOf(GET, setting(container(), `${files.folder}/role`))).toMatch(
      /^profile "default" assumes a role/,
    )
    expect(agent.received).toEqual([])
  })

  it('is not followed by commands that do not require credentials', async () => {
    const url = `https://photos.s3.eu-west-1.amazonaws.com/x?X-Amz-Signature=${'0'.repeat(64)}`
    await run(['explain', url], setting({ ...identity(), ...container() }))
    await run(['serve', '--port', '0'], {
      ...setting({ ...identity(), ...container() }),
      interrupted: Promise.resolve(),
    })
    expect([sts.received, agent.received]).toEqual([[], []])
  })
})

describe('the role of a pod or task', () => {
  it('is named with --verbose', async () => {
    const { stderr } = await run([...GET, '-v'], setting(container()))
    expect(stderr).toContain('access key ID: ASIATASK, from AWS_CONTAINER_CREDENTIALS_FULL_URI\n')
    const other = await run([...GET, '-v'], setting(identity()))
    expect(other.stderr).toContain('access key ID: ASIAIDENTITY, from AWS_WEB_IDENTITY_TOKEN_FILE\n')
    expect(new URLSearchParams(sts.received[0]!.body).get('RoleArn')).toBe(ROLE)
  })

  it('is obtained from STS in the region of the environment, or from the endpoint there', async () => {
    const sent: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      sent.push(url)
      return new Response('', { status: 404 })
    })
    const { AWS_ENDPOINT_URL_STS, ...others } = identity()
    await run(GET, setting({ ...others, AWS_REGION: 'eu-west-2' }))
    await run(GET, setting({ ...others, AWS_DEFAULT_REGION: 'eu-west-3' }))
    await run(GET, setting(others))
    await run(GET, setting({ ...others, AWS_REGION: 'eu-west-2', AWS_ENDPOINT_URL: 'http://localhost:4566' }))
    const ignored = { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
    await run(GET, setting({ ...others, AWS_REGION: 'eu-west-2', ...ignored }))
    vi.unstubAllGlobals()
    expect(sent).toEqual([
      'https://sts.eu-west-2.amazonaws.com',
      'https://sts.eu-west-3.amazonaws.com',
      'https://sts.eu-west-1.amazonaws.com', // --region
      'http://localhost:4566',
      'https://sts.eu-west-2.amazonaws.com',
    ])
  })

  it('that is incomplete is reported', async () => {
    const without = (name: string) => ({ ...identity(), [name]: undefined })
    expect(await errorOf(GET, setting(without('AWS_ROLE_ARN')))).toBe(
      'AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not.',
    )
    const args = ['sign', 'GET', 'https://sts.amazonaws.com/']
    expect(await errorOf(args, setting(without('AWS_ENDPOINT_URL_STS')))).toBe(
      "the STS region is missing. Set AWS_REGION to the pod's region.",
    )
    expect(await errorOf(GET, setting({ ...identity(), AWS_ENDPOINT_URL_STS: 'sts' }))).toBe(
      'the STS endpoint in the environment is not a valid URL. Correct AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL.',
    )
    const missing = `${files.folder}/missing`
    expect(await errorOf(GET, setting({ ...identity(), AWS_WEB_IDENTITY_TOKEN_FILE: missing }))).toBe(
      'AWS_WEB_IDENTITY_TOKEN_FILE cannot be used here. Its file cannot be read: ENOENT.',
    )
    // a role without a token belongs to something else
    expect(await keyId({ AWS_ROLE_ARN: ROLE }, home)).toBe('AKIAPROFILE')
  })

  it('that the endpoint does not return is reported, without a secret', async () => {
    respond = [401, '{"message":"unauthorized"}']
    expect(await errorOf(GET, setting(container()))).toBe(
      'AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be used here. The response has status 401, and no token was sent. Set AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN.',
    )
    const uri = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://creds.example/a' }
    expect(await errorOf(GET, setting(uri))).toMatch(
      /^AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be used here\. It must/,
    )
  })
})
