import { describe, expect, it } from 'vitest'
import * as aws4 from '../../../../src/aws4.ts'
import { presign, sign } from '../../../../src/sync.ts'
import { bedrockKey, cacheToken, dsqlToken, eksToken, mskToken, rdsToken } from '../../../../src/tokens-sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain, inspect, parseEvidence } from '../../src/explain.ts'

// Tokens that a service rejects, as users make them: each row has the page or thread that it comes from. A test of the
// command line prints the next step for them.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)
const options = { credentials, now: signedAt }
const now = signedAt + 60_000
const region = 'eu-west-1'
const host = 'mydb.123456789012.eu-west-1.rds.amazonaws.com'
const cluster = '4iabtwpsabc.dsql.eu-west-1.on.aws'
const sts = 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15'

interface Presigned {
  service: string
  expires?: number
  headers?: Record<string, string>
  region?: string
  method?: 'GET' | 'POST'
}

/** Signs a URL that no function for tokens makes, as a signer that does not compare the region with the host. */
function signedUrl(url: string, { method = 'GET', expires = 900, ...given }: Presigned): string {
  const { protocol, host, pathname, search } = new URL(url)
  const lifetime = `X-Amz-Date=20260131T120000Z&X-Amz-Expires=${expires}`
  const path = `${pathname}${search ? `${search}&` : '?'}${lifetime}`
  const request = { region, ...given, method, host, path, signQuery: true }
  return `${protocol}//${host}${aws4.sign(request, credentials).path}`
}
const bare = (url: string): string => url.replace(/^https?:\/\//, '')
const encoded = (text: string): string => Buffer.from(text).toString('base64url')
const eks = (url: string): string => `k8s-aws-v1.${encoded(url)}`
const rdsUrl = (query: string, given: Partial<Presigned> = {}, name = `${host}:5432`): string =>
  bare(signedUrl(`https://${name}/?${query}`, { service: 'rds-db', ...given }))
const cacheUrl = (query: string, given: Partial<Presigned> = {}, name = 'my-cache'): string =>
  bare(signedUrl(`https://${name}/?${query}`, { service: 'elasticache', ...given }))
const dsqlUrl = (query: string, given: Partial<Presigned> = {}, name = cluster): string =>
  bare(signedUrl(`https://${name}/?${query}`, { service: 'dsql', ...given }))
const mskUrl = (given: Partial<Presigned> = {}, name = 'kafka.eu-west-1.amazonaws.com'): string =>
  signedUrl(`https://${name}/?Action=kafka-cluster%3AConnect`, { service: 'kafka-cluster', ...given })
const eksUrl = (given: Partial<Presigned> = {}): string =>
  signedUrl(sts, { service: 'sts', expires: 60, headers: { 'x-k8s-aws-id': 'demo' }, ...given })
const bedrockUrl = (given: Partial<Presigned> = {}, name = 'bedrock.amazonaws.com'): string =>
  signedUrl(`https://${name}/?Action=CallWithBearerToken`, { service: 'bedrock', method: 'POST', ...given })

const RDS = rdsToken({ host, port: 5432, user: 'jane' }, options).token
const PAM = 'FATAL:  PAM authentication failed for user "jane"'
const MYSQL = "ERROR 1045 (28000): Access denied for user 'jane'@'10.0.0.1' (using password: YES)"
const REDIS = 'WRONGPASS invalid username-password pair or user is disabled.'
const DSQL = 'FATAL:  unable to accept connection, access denied'
const KUBECTL = 'error: You must be logged in to the server (Unauthorized)'
const KAFKA = 'SASL authentication failed: Access denied'

interface Row {
  readonly name: string
  readonly source: string
  readonly token: string
  readonly cause: string
  /** What the message contains. */
  readonly says: string | RegExp
  readonly error?: string
  readonly endpoint?: string
}

const RDS_DOCS =
  'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.AWSCLI.PostgreSQL.html'
const DSQL_DOCS = 'https://docs.aws.amazon.com/aurora-dsql/latest/userguide/SECTION_authentication-token.html'
const CACHE_DOCS = 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html'
const MEMORYDB_DOCS = 'https://docs.aws.amazon.com/memorydb/latest/devguide/auth-iam.html'
const MSK_DOCS = 'https://github.com/aws/aws-msk-iam-auth#details'
const EKS_DOCS = 'https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster'
const BEDROCK_DOCS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-generate.html'

const ROWS: Row[] = [
  {
    name: 'RDS, for a tunnel',
    source: 'https://github.com/TableProApp/TablePro/pull/1953',
    token: rdsUrl('Action=connect&DBUser=jane', {}, '127.0.0.1:54321'),
    error: PAM,
    cause: 'host',
    says: 'endpoint of Amazon RDS',
  },
  {
    name: 'RDS, without a port',
    source: 'https://github.com/aws/aws-sdk-go-v2/issues/428',
    token: rdsUrl('Action=connect&DBUser=jane', {}, host),
    error: PAM,
    cause: 'host-port',
    says: 'without a port',
  },
  {
    name: 'RDS, for a different port than that of the connection',
    source: RDS_DOCS,
    token: RDS,
    endpoint: `postgres://jane@${host}:5433/app`,
    error: PAM,
    cause: 'host-port',
    says: '5433',
  },
  {
    name: 'RDS, for a different host than that of the connection',
    source: RDS_DOCS,
    token: RDS,
    endpoint: `${host.replace('mydb', 'mydb-replica')}:5432`,
    error: PAM,
    cause: 'host',
    says: 'mydb-replica',
  },
  {
    name: 'RDS, with User instead of DBUser',
    source: 'https://github.com/aws/aws-sdk-ruby/issues/3183',
    token: rdsUrl('Action=connect&User=jane'),
    error: MYSQL,
    cause: 'missing-param',
    says: 'DBUser',
  },
  {
    name: 'RDS, without a user',
    source: RDS_DOCS,
    token: rdsUrl('Action=connect'),
    error: PAM,
    cause: 'missing-param',
    says: 'DBUser',
  },
  {
    name: 'RDS, for a different region',
    source: 'https://github.com/paws-r/paws/issues/324',
    token: rdsUrl('Action=connect&DBUser=jane', { region: 'us-east-1' }),
    error: PAM,
    cause: 'scope-region',
    says: 'us-east-1',
  },
  {
    name: 'RDS, signed for the service rds',
    source: 'https://github.com/awslabs/aws-sdk-rust/issues/951',
    token: rdsUrl('Action=connect&DBUser=jane', { service: 'rds' }),
    error: PAM,
    cause: 'scope-service',
    says: 'rds-db',
  },
  {
    name: 'RDS, valid for an hour',
    source: RDS_DOCS,
    token: rdsUrl('Action=connect&DBUser=jane', { expires: 3600 }),
    error: PAM,
    cause: 'expires-range',
    says: '900',
  },
  {
    name: 'RDS, as a URL',
    source: 'https://github.com/awslabs/aws-sdk-rust/issues/951',
    token: `https://${RDS}`,
    error: PAM,
    cause: 'token-format',
    says: 'https://',
  },
  {
    name: 'RDS, decoded',
    source: 'https://github.com/brendanhay/amazonka/issues/589',
    token: decodeURIComponent(RDS),
    error: PAM,
    cause: 'token-format',
    says: 'decoded',
  },
  {
    name: 'RDS, encoded as for a connection string',
    source: 'https://github.com/aws/aws-sdk-go/issues/2951',
    token: encodeURIComponent(RDS),
    error: PAM,
    cause: 'token-format',
    says: 'percent-encoded',
  },
  {
    name: 'RDS, its parameters encoded twice',
    source: 'https://github.com/aws/aws-sdk-go/issues/2951',
    token: RDS.replaceAll('%', '%25'),
    error: PAM,
    cause: 'url-double-encoded',
    says: 'twice',
  },
  {
    name: 'RDS, cut off by a client with a limit for passwords',
    source: RDS_DOCS,
    token: RDS.replace(/&X-Amz-Signature=.*/, ''),
    error: PAM,
    cause: 'missing-param',
    says: 'X-Amz-Signature',
  },
  {
    name: 'Aurora DSQL, with a port',
    source: DSQL_DOCS,
    token: dsqlUrl('Action=DbConnectAdmin', {}, `${cluster}:5432`),
    error: DSQL,
    cause: 'host-port',
    says: 'port',
  },
  {
    name: 'Aurora DSQL, with the action of RDS',
    source: DSQL_DOCS,
    token: dsqlUrl('Action=connect&DBUser=admin'),
    error: DSQL,
    cause: 'token-format',
    says: 'DbConnect',
  },
  {
    name: 'Aurora DSQL, as a URL',
    source: DSQL_DOCS,
    token: `https://${dsqlToken(cluster, options).token}`,
    error: DSQL,
    cause: 'token-format',
    says: 'https://',
  },
  {
    name: 'ElastiCache, for the endpoint instead of the name',
    source: 'https://github.com/choisungwook/portfolio/pull/522',
    token: cacheUrl('Action=connect&User=jane', {}, 'master.my-cache.abc123.euw1.cache.amazonaws.com'),
    error: REDIS,
    cause: 'host',
    says: 'name of the cache',
  },
  {
    name: 'ElastiCache, with a port',
    source: CACHE_DOCS,
    token: cacheUrl('Action=connect&User=jane', {}, 'my-cache:6379'),
    error: REDIS,
    cause: 'host-port',
    says: 'port',
  },
  {
    name: 'ElastiCache, with DBUser instead of User',
    source: CACHE_DOCS,
    token: cacheUrl('Action=connect&DBUser=jane'),
    error: REDIS,
    cause: 'missing-param',
    says: 'User',
  },
  {
    name: 'ElastiCache, valid for an hour',
    source: 'https://github.com/aws/aws-sdk-ruby/issues/3183',
    token: cacheUrl('Action=connect&User=jane', { expires: 3600 }),
    error: REDIS,
    cause: 'expires-range',
    says: '900',
  },
  {
    name: 'ElastiCache, as a URL',
    source: CACHE_DOCS,
    token: `http://${cacheToken({ cache: 'my-cache', user: 'jane', region }, options).token}`,
    error: REDIS,
    cause: 'token-format',
    says: 'http://',
  },
  {
    name: 'ElastiCache serverless, without ResourceType',
    source: 'https://github.com/BerriAI/litellm/pull/38413',
    token: cacheToken({ cache: 'my-cache', user: 'jane', region }, options).token,
    endpoint: 'rediss://my-cache-abc123.serverless.euw1.cache.amazonaws.com:6379',
    error: REDIS,
    cause: 'missing-param',
    says: 'ResourceType',
  },
  {
    name: 'MemoryDB, signed for ElastiCache',
    source: MEMORYDB_DOCS,
    token: cacheToken({ cache: 'my-cluster', user: 'jane', region }, options).token,
    endpoint: 'rediss://clustercfg.my-cluster.abc123.memorydb.eu-west-1.amazonaws.com:6379',
    error: REDIS,
    cause: 'scope-service',
    says: 'memorydb',
  },
  {
    name: 'MSK, for a different region',
    source: 'https://github.com/aws/aws-msk-iam-auth/issues/245',
    token: encoded(mskUrl({ region: 'us-west-1' })),
    error: KAFKA,
    cause: 'scope-region',
    says: 'us-west-1',
  },
  {
    name: 'MSK, for the region of the client instead of that of the broker',
    source: 'https://github.com/aws/aws-msk-iam-auth/issues/237',
    token: mskToken({ region: 'us-east-1' }, options).token,
    endpoint: 'b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098',
    error: KAFKA,
    cause: 'scope-region',
    says: 'eu-west-1',
  },
  {
    name: 'MSK, for the broker',
    source: MSK_DOCS,
    token: encoded(mskUrl({}, 'b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com')),
    error: KAFKA,
    cause: 'host',
    says: 'kafka.eu-west-1.amazonaws.com',
  },
  {
    name: 'MSK, not encoded',
    source: MSK_DOCS,
    token: `${mskUrl()}&User-Agent=demo`,
    error: KAFKA,
    cause: 'token-format',
    says: 'base64',
  },
  {
    name: 'MSK, valid for an hour',
    source: MSK_DOCS,
    token: encoded(mskUrl({ expires: 3600 })),
    error: KAFKA,
    cause: 'expires-range',
    says: '900',
  },
  {
    name: 'EKS, without the name of the cluster',
    source: 'https://github.com/crossplane-contrib/provider-aws/pull/901',
    token: eks(eksUrl({ headers: {} })),
    cause: 'signed-headers',
    says: 'x-k8s-aws-id',
  },
  {
    name: 'EKS, without a lifetime',
    source: 'https://github.com/denoland/clawpatrol/pull/365',
    token: eks(eksUrl().replace(/&X-Amz-Expires=60/, '')),
    cause: 'missing-param',
    says: 'X-Amz-Expires',
  },
  {
    name: 'EKS, valid for an hour',
    source: EKS_DOCS,
    token: eks(eksUrl({ expires: 3600 })),
    cause: 'expires-range',
    says: '900',
  },
  {
    name: 'EKS, with a header that a client added',
    source: 'https://github.com/eksctl-io/eksctl/pull/7487',
    token: eks(eksUrl({ headers: { 'x-k8s-aws-id': 'demo', 'amz-sdk-request': 'attempt=1' } })),
    cause: 'signed-headers',
    says: 'amz-sdk-request',
  },
  {
    name: 'EKS, padded',
    source: 'https://github.com/initializerr/k8s-api/pull/2',
    token: `k8s-aws-v1.${Buffer.from(`${eksUrl()}`).toString('base64url')}==`,
    cause: 'token-format',
    says: 'padding',
  },
  {
    name: 'EKS, encoded before it was encoded in base64',
    source: 'https://github.com/kubernetes-client/java/pull/4779',
    token: eks(encodeURIComponent(eksUrl())),
    cause: 'token-format',
    says: 'percent-encoded',
  },
  {
    name: 'EKS, without its prefix',
    source: EKS_DOCS,
    token: encoded(eksUrl()),
    cause: 'token-format',
    says: 'k8s-aws-v1.',
  },
  {
    name: 'EKS, not encoded',
    source: 'https://github.com/mhart/aws4/issues/108',
    token: eksUrl(),
    error: KUBECTL,
    cause: 'token-format',
    says: 'k8s-aws-v1.',
  },
  {
    name: 'Bedrock, for the endpoint of a region',
    source: BEDROCK_DOCS,
    token: `bedrock-api-key-${encoded(bedrockUrl({ expires: 3600 }, 'bedrock-runtime.eu-west-1.amazonaws.com'))}`,
    cause: 'host',
    says: 'bedrock.amazonaws.com',
  },
  {
    name: 'Bedrock, valid for a day',
    source: BEDROCK_DOCS,
    token: `bedrock-api-key-${encoded(bedrockUrl({ expires: 86_400 }))}`,
    cause: 'expires-range',
    says: '43200',
  },
  {
    name: 'Bedrock, without its prefix',
    source: BEDROCK_DOCS,
    token: encoded(bedrockUrl({ expires: 3600 })),
    cause: 'token-format',
    says: 'bedrock-api-key-',
  },
]

const VALID: [name: string, token: string][] = [
  ['RDS', RDS],
  [
    'RDS in China',
    rdsToken(
      { host: 'mydb.abc123.rds.cn-north-1.amazonaws.com.cn', port: 3306, user: 'a b', region: 'cn-north-1' },
      options,
    ).token,
  ],
  ['Aurora DSQL', dsqlToken({ host: cluster, admin: true }, { ...options, expires: '7d' }).token],
  ['ElastiCache', cacheToken({ cache: 'c', user: 'jane', region, serverless: true }, options).token],
  ['MemoryDB', cacheToken({ cache: 'c', user: 'jane', region, service: 'memorydb' }, options).token],
  ['MSK', mskToken({ region }, options).token],
  ['MSK in China', mskToken({ region: 'cn-north-1' }, options).token],
  ['EKS', eksToken({ cluster: 'demo', region }, options).token],
  ['Bedrock', bedrockKey({ region }, options).token],
]

describe('a wrong token', () => {
  it.each(ROWS)('is explained by its first cause: $name', ({ token, error, endpoint, cause, says, source }) => {
    expect(source).toMatch(/^https:\/\//)
    const response = error === undefined ? { status: 401, message: 'Unauthorized' } : { message: error }
    const [first] = explain({ request: { url: token }, response, endpoint, now }).findings
    expect(first).toMatchObject({ cause, message: expect.stringMatching(says) })
    if (error !== undefined) expect(first?.confidence).not.toBe('possible')
  })

  it.each(ROWS.filter(({ endpoint }) => !endpoint))('is reported by inspect: $name', ({ token, cause, says }) => {
    const { warnings } = inspect(token, { now })
    expect(warnings).toContainEqual(expect.objectContaining({ cause, message: expect.stringMatching(says) }))
  })

  it.each(ROWS.filter(({ error, endpoint }) => error && !endpoint))('is explained in a paste: $name', (row) => {
    for (const quoted of [`'${row.token}'`, row.token]) {
      const evidence = parseEvidence(`password: ${quoted}\n${row.error}`)
      expect(explain({ ...evidence, now }).findings[0]?.cause).toBe(row.cause)
    }
  })

  it.each(VALID)('is not found in a valid token for %s', (_, token) => {
    expect(inspect(token, { now }).warnings).toEqual([])
    for (const request of [{ url: token }, parseEvidence(`password: '${token}'`).request!])
      expect(explain({ request, now }).findings).toEqual([])
  })
})

it('has the limits of the functions that create tokens', () => {
  const created: [longest: number, create: (expires: number) => { token: string }][] = [
    [900, (expires) => rdsToken({ host, port: 5432, user: 'jane' }, { ...options, expires })],
    [604_800, (expires) => dsqlToken(cluster, { ...options, expires })],
    [900, (expires) => cacheToken({ cache: 'c', user: 'jane', region }, { ...options, expires })],
    [900, (expires) => mskToken({ region }, { ...options, expires })],
    [43_200, (expires) => bedrockKey({ region }, { ...options, expires })],
  ]
  for (const [longest, create] of created) {
    expect(inspect(create(longest).token, { now }).warnings).toEqual([])
    expect(() => create(longest + 1)).toThrow(/ERR_SIGV4_EXPIRES_RANGE|out of range/)
  }
})

describe('the name of a cluster, which a token for EKS signs and does not contain', () => {
  const token = eksToken({ cluster: 'demo', region }, options).token
  const unauthorized = { status: 401, body: '{"kind":"Status","status":"Failure","message":"Unauthorized","code":401}' }
  const explained = (given: Partial<ExplainInput> = {}) =>
    explain({ request: { url: token }, credentials, now, ...given })

  it.each([undefined, unauthorized])('is asked for, and the secret is not blamed: %o', (response) => {
    const { signature, findings, verdict } = explained({ response })
    expect(signature).toBe('unknown')
    expect(findings.map(({ cause }) => cause)).not.toContain('wrong-secret')
    expect(`${verdict} ${findings[0]?.fix}`).toMatch(/x-k8s-aws-id.*--signed 'x-k8s-aws-id: CLUSTER'/)
  })

  it('proves that the signature is right', () => {
    const { signature, verdict } = explained({ signed: { headers: { 'x-k8s-aws-id': 'demo' } } })
    expect({ signature, verdict }).toEqual({
      signature: 'right',
      verdict: 'The signature is correct if the request is sent with the header x-k8s-aws-id: demo.',
    })
  })

  it('does not hide a secret that is wrong', () => {
    const wrong = { ...credentials, secretAccessKey: 'a'.repeat(40) }
    const { signature, findings } = explained({
      credentials: wrong,
      signed: { headers: { 'x-k8s-aws-id': 'demo' } },
    })
    expect(signature).toBe('wrong')
    expect(findings.map(({ cause }) => cause)).toContain('wrong-secret')
  })
})

describe('a session token that is not signed', () => {
  const temporary = { ...credentials, sessionToken: 'IQoJb3JpZ2luX2VjEJrEXAMPLETOKEN' }
  const url = presign('GET', 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
    credentials: temporary,
    now: signedAt,
    sessionTokenPlacement: 'appended',
  }).url
  const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }

  it('has to be signed, not removed', () => {
    const request = { method: 'GET', url, headers: { host: 'photos.s3.eu-west-1.amazonaws.com' } }
    const [first] = explain({ request, response, credentials: temporary, now }).findings
    expect(first?.part?.name).toBe('X-Amz-Security-Token')
    expect(first?.fix).toBe(
      'Sign the session token that was issued with the access key, and send it as X-Amz-Security-Token.',
    )
  })

  it('has to be signed in a header', () => {
    const { url: address, headers } = sign(
      { url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' },
      { credentials, now: signedAt },
    )
    const sent = {
      host: 'photos.s3.eu-west-1.amazonaws.com',
      ...headers,
      'x-amz-security-token': temporary.sessionToken,
    }
    const { findings } = explain({ request: { method: 'GET', url: address, headers: sent }, response, now })
    const unsigned = findings.find(({ cause }) => cause === 'unsigned-header')
    expect(unsigned?.fix).toBe(
      'Sign the session token that was issued with the access key, and send it as X-Amz-Security-Token.',
    )
  })
})

describe('a token', () => {
  it.each([
    [
      'rds',
      bare(signedUrl(`https://${host}:5432/?DBUser=jane`, { service: 'rds-db' })),
      'missing-param',
      'The Action parameter was missing.',
    ],
    [
      'dsql',
      bare(signedUrl(`https://${cluster}/`, { service: 'dsql' })),
      'missing-param',
      'The Action parameter was missing.',
    ],
    ['eks', eks(eksUrl().replace('https:', 'http:')), 'token-format', 'a URL with http://'],
  ])('that lacks what its service requires is recognized in a paste: %s', (kind, text, cause, message) => {
    const [first] = explain({ ...parseEvidence(text), now }).findings
    expect(first).toMatchObject({ cause, confidence: 'likely', message: expect.stringContaining(message) })
    expect(first?.fix).toContain(`npx sigv4-tools token ${kind}`)
  })
})
