import { fromEnvironment } from '../../../src/credentials.ts'
import { createSignedFetch, type SignedFetchOptions } from '../../../src/fetch.ts'
import { presign } from '../../../src/index.ts'
import { type EndpointResponse, startEndpoint } from '../../../test/support/endpoint.ts'
import { credentials, NOW, peer, type Row, type Signed, temporary, withEnvironment } from '../rows.ts'

const API = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/notes'
const SEARCH = 'https://search.example.com/notes'
const ACCEPT = 'application/json, text/plain, */*'
const options = { region: 'eu-west-1', service: 'execute-api' }
const ROLE = { RoleArn: 'arn:aws:iam::123456789012:role/notes', RoleSessionName: 'notes' }

/** Signs with aws4-axios, and returns what axios would send. */
async function signed(interceptor: object, url = API, config: object = {}): Promise<Signed> {
  const { aws4Interceptor } = peer('aws4-axios')
  const client = peer('axios').create()
  let sent: Signed | undefined
  client.defaults.adapter = async (config: { headers: { toJSON(): object } }) => {
    sent = { url: client.getUri(config), headers: config.headers.toJSON() }
    return { data: '', status: 200, headers: {}, config }
  }
  client.interceptors.request.use(aws4Interceptor({ instance: client, credentials, options, ...interceptor }))
  await client.request({ url, ...config })
  return sent!
}

/** Sends a request with axios and a signed fetch, and returns it. */
async function sent(options: Partial<SignedFetchOptions>, url = API, config: object = {}): Promise<Signed> {
  let sent: Signed | undefined
  const signedFetch = createSignedFetch({
    credentials,
    ...options,
    fetch: async (input, init) => {
      // the adapter adds user-agent, which is not signed
      const { 'user-agent': _, ...headers } = init!.headers as Record<string, string>
      sent = { url: input instanceof Request ? input.url : String(input), headers }
      return new Response('')
    },
  })
  const client = peer('axios').create({ adapter: 'fetch', env: { fetch: signedFetch } })
  await client.request({ url, ...config })
  return sent!
}

/** Runs a function with an STS that returns the credentials of a role. */
async function withSts(run: () => Promise<Signed>): Promise<Signed> {
  const keys = `<AccessKeyId>${temporary.accessKeyId}</AccessKeyId><SecretAccessKey>${temporary.secretAccessKey}</SecretAccessKey>`
  const rest = `<SessionToken>${temporary.sessionToken}</SessionToken><Expiration>${new Date(NOW + 3_600_000).toISOString()}</Expiration>`
  const respond = ({ body }: { body: string }): EndpointResponse => {
    const isRole = body.includes('RoleSessionName=notes')
    const result = `<AssumeRoleResult><Credentials>${keys}${rest}</Credentials></AssumeRoleResult>`
    return [isRole ? 200 : 400, `<AssumeRoleResponse>${result}</AssumeRoleResponse>`, { 'content-type': 'text/xml' }]
  }
  const { url, close } = await startEndpoint(respond)
  const variables = { AWS_ENDPOINT_URL_STS: url, AWS_REGION: 'eu-west-1' }
  return withEnvironment(credentials, variables, run).finally(close)
}

export function rows(): Row[] {
  const assumed = async () => {
    const { fromTemporaryCredentials } = peer('@aws-sdk/credential-providers')
    return withSts(() => sent({ credentials: fromTemporaryCredentials({ params: ROLE }) }))
  }
  const role = { assumeRoleArn: ROLE.RoleArn, assumeRoleSessionName: ROLE.RoleSessionName }
  return [
    ['`instance`', () => signed({}), () => sent({})],
    ['`credentials`', () => signed({ credentials: temporary }), () => sent({ credentials: temporary })],
    [
      '`credentials: { getCredentials }`',
      () => signed({ credentials: { getCredentials: async () => temporary } }),
      () => sent({ credentials: async () => temporary }),
    ],
    [
      'no `credentials`',
      () => withEnvironment(temporary, {}, () => signed({ credentials: undefined })),
      () => withEnvironment(temporary, {}, () => sent({ credentials: fromEnvironment() })),
    ],
    [
      '`options.service`, `options.region`',
      () => signed({ options: { service: 'es', region: 'eu-west-1' } }, SEARCH),
      () => sent({ service: 'es', region: 'eu-west-1' }, SEARCH),
    ],
    [
      '`options.signQuery`',
      async () => ((await signed({ options: { ...options, signQuery: true } })) as { url: string }).url,
      // aws4-axios also signs the headers of axios
      async () => (await presign('GET', API, { credentials, expires: false, headers: { accept: ACCEPT } })).url,
    ],
    [
      '`options.addContentSha`',
      () => signed({ options: { ...options, addContentSha: true } }),
      // signed here: unsignedHeaders reproduces the signature of aws4-axios
      () => sent({ payloadHashHeader: true, unsignedHeaders: ['x-amz-content-sha256'] }),
    ],
    [
      '`options.assumeRoleArn`',
      () => withSts(() => signed({ credentials: undefined, options: { ...options, ...role } })),
      assumed,
    ],
    [
      '`options.assumeRoleSessionName`',
      () => withSts(() => signed({ credentials: undefined, options: { ...options, ...role } })),
      assumed,
    ],
    [
      '`options.assumedRoleExpirationMarginSec`',
      () =>
        withSts(() =>
          signed({ credentials: undefined, options: { ...options, ...role, assumedRoleExpirationMarginSec: 300 } }),
        ),
      assumed,
    ],
  ]
}
