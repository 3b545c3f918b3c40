import { describe, expect, it } from 'vitest'
import * as tokens from '../../../../../src/tokens.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { errorOf, KEY, KEYS, run, succeed } from '../../support/cli.ts'

const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
const signedAt = new Date('2026-01-31T12:00:00Z')
const DATE = ['--now', '2026-01-31T12:00:00Z']
const region = 'eu-west-1'
const REGION = ['--region', region]
const RDS = 'mydb.123456789012.eu-west-1.rds.amazonaws.com'
const BROKER = 'b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098'
const REPOSITORY = 'protocol=https\nhost=git-codecommit.eu-west-1.amazonaws.com\npath=v1/repos/website\n\n'

const database = { host: RDS, port: 5432, user: 'jane' }
const options = { credentials, now: signedAt }

/** The arguments of a command, and the token that it prints. */
const ROWS: [args: string[], create: () => Promise<tokens.Token>][] = [
  [['rds', `${RDS}:5432`, '--user', 'jane'], () => tokens.rdsToken(database, options)],
  [
    ['rds', `${RDS}:5432`, '--user', 'jane', '--expires', '5m'],
    () => tokens.rdsToken(database, { ...options, expires: 300 }),
  ],
  [
    ['rds', 'db.example.com:3306', '--user', 'jane', ...REGION],
    () => tokens.rdsToken({ host: 'db.example.com', port: 3306, user: 'jane', region }, options),
  ],
  [['dsql', 'abc.dsql.eu-west-1.on.aws'], () => tokens.dsqlToken('abc.dsql.eu-west-1.on.aws', options)],
  [
    ['dsql', 'abc.dsql.eu-west-1.on.aws', '--admin'],
    () => tokens.dsqlToken({ host: 'abc.dsql.eu-west-1.on.aws', admin: true }, options),
  ],
  [
    ['cache', 'cache', '--user', 'jane', ...REGION],
    () => tokens.cacheToken({ cache: 'cache', user: 'jane', region }, options),
  ],
  [
    ['cache', 'cache', '--user', 'jane', '--serverless', ...REGION],
    () => tokens.cacheToken({ cache: 'cache', user: 'jane', region, serverless: true }, options),
  ],
  [
    ['cache', 'cache', '--user', 'jane', '--service', 'memorydb', ...REGION],
    () => tokens.cacheToken({ cache: 'cache', user: 'jane', region, service: 'memorydb' }, options),
  ],
  [['msk', BROKER], () => tokens.mskToken(BROKER, options)],
  [['msk', ...REGION], () => tokens.mskToken({ region }, options)],
  [['bedrock', ...REGION], () => tokens.bedrockKey({ region }, options)],
]

describe('token', () => {
  it.each(ROWS)('prints what the library returns: %j', async (args, create) => {
    const token = await create()
    expect(await succeed(['token', ...args, ...DATE])).toBe(`${token.token}\n`)
    const json = JSON.parse(await succeed(['token', ...args, ...DATE, '--json']))
    expect(json).toEqual({ version: 1, ...JSON.parse(JSON.stringify(token)) })
  })

  it('reads the region from the environment, except for a database, whose endpoint identifies it', async () => {
    const env = { ...KEYS, AWS_REGION: 'ap-south-1' }
    for (const args of [
      ['rds', 'db.example.com:5432', '--user', 'jane'],
      ['dsql', 'db.example.com'],
    ])
      expect(await errorOf(['token', ...args], { env })).toContain(
        'the host must be the endpoint of the database, not a CNAME (got "db.example.com"). If it is the endpoint, pass --region.',
      )
    const msk = (await succeed(['token', 'msk', 'broker.example.com:9098'], { env })).trim()
    expect(Buffer.from(msk, 'base64url').toString()).toContain('%2Fap-south-1%2F')
    expect(await succeed(['token', 'rds', `${RDS}:5432`, '--user', 'jane'], { env })).toContain('%2Feu-west-1%2F')
    expect(await succeed(['token', 'cache', 'a', '--user', 'jane'], { env })).toContain('%2Fap-south-1%2F')
  })

  it('reports that the credentials expire first', async () => {
    const stdin = JSON.stringify({ AccessKeyId: KEY, SecretAccessKey: SECRET, Expiration: '2999-01-01T00:00:00Z' })
    const late = ['--credentials', '-', '--now', '2998-12-31T23:50:00Z']
    const { code, stderr } = await run(['token', 'rds', `${RDS}:5432`, '--user', 'jane', ...late], { stdin })
    expect([code, stderr]).toEqual([
      0,
      'The credentials expire first: the token is valid until 2999-01-01T00:00:00Z.\n',
    ])
    // kubectl would show it with every command
    const eks = await run(['token', 'eks', 'demo', ...REGION, ...late], { stdin })
    expect(eks.stderr).toBe('')
    expect(JSON.parse(eks.stdout).status.expirationTimestamp).toBe('2998-12-31T23:59:00Z')
  })

  it('prints for kubectl an ExecCredential, in the version that it requests', async () => {
    const { token } = await tokens.eksToken({ cluster: 'demo', region }, options)
    const status = { expirationTimestamp: '2026-01-31T12:14:00Z', token }
    const args = ['token', 'eks', 'demo', ...REGION, ...DATE]
    const expected = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', spec: {}, status }
    expect(JSON.parse(await succeed(args))).toEqual(expected)
    const beta = 'client.authentication.k8s.io/v1beta1'
    const info = JSON.stringify({ kind: 'ExecCredential', apiVersion: beta, spec: { interactive: true } }, null, 1)
    const env = { ...KEYS, KUBERNETES_EXEC_INFO: info }
    expect(JSON.parse(await succeed(args, { env }))).toEqual({ ...expected, apiVersion: beta })
    expect(JSON.parse(await succeed([...args, '--json']))).toMatchObject({ version: 1, token })
  })

  it('responds to git for CodeCommit only', async () => {
    const url = 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/website'
    const { username, password, expiresAt } = await tokens.codecommitCredentials(url, options)
    const args = ['token', 'codecommit', 'get', ...DATE]
    const expiry = Number(expiresAt) / 1000
    const printed = `username=${username}\npassword=${password}\npassword_expiry_utc=${expiry}\n`
    expect(await succeed(args, { stdin: REPOSITORY })).toBe(printed)
    expect(await succeed(args, { stdin: REPOSITORY.replaceAll('\n', '\r\n') })).toBe(printed)
    for (const stdin of ['', 'protocol=https\nhost=example.com\npath=a\n\n', REPOSITORY.replace('https', 'ssh')])
      expect(await succeed(args, { stdin })).toBe('')
    const other = { stdin: 'protocol=https\nhost=git.example.com:8443\npath=a\n\n' }
    // a region names no host, so git would send the session token to any
    expect(await succeed([...args, ...REGION], other)).toBe('')
    expect(await succeed([...args, ...REGION, '--host', 'Git.Example.com:8443'], other)).toMatch(/^username=/)
    for (const host of [
      'git.example.com',
      'example.com',
      'xgit.example.com:8443',
      'git-codecommit.eu-west-1.amazonaws.com',
    ])
      expect(await succeed([...args, ...REGION, '--host', host], other), host).toBe('')
    expect(await succeed([...args, '--host', 'git.example.com'], { stdin: REPOSITORY })).toBe('')
    expect(await succeed([...args, '--host', 'git-codecommit.eu-west-1.amazonaws.com'], { stdin: REPOSITORY })).toBe(
      printed,
    )
    for (const action of ['store', 'erase'])
      expect(await succeed(['token', 'codecommit', action], { stdin: REPOSITORY })).toBe('')
  })

  it('responds to git only for a name with an optional port', async () => {
    const name = 'git-codecommit.eu-west-1.amazonaws.com'
    const separators = [
      '/',
      '@',
      '?',
      '#',
      '\\',
      '%',
      '%2f',
      '%40',
      '%00',
      ' ',
      '\t',
      '\0',
      '\x7f',
      '\u3002',
      ':80@',
      ':',
      '://',
      '[',
      '&',
    ]
    for (const separator of separators)
      for (const host of [
        `evil.example${separator}.${name}`,
        `evil.example${separator}${name}`,
        `${name}${separator}evil.example`,
      ])
        for (const options of [[], ['--region', 'eu-west-1']]) {
          const stdin = `protocol=https\nhost=${host}\npath=v1/repos/website\n\n`
          expect(await succeed(['token', 'codecommit', 'get', ...options], { stdin }), host).toBe('')
        }
    const stdin = REPOSITORY.replace(name, `${name}:443`)
    expect(await succeed(['token', 'codecommit', 'get', ...DATE], { stdin })).toMatch(/^username=/)
  })

  it('prints the password for SMTP', async () => {
    const { username, password } = await tokens.sesSmtpPassword({ region }, { credentials })
    expect(await succeed(['token', 'ses-smtp', ...REGION])).toBe(`${password}\n`)
    const json = JSON.parse(await succeed(['token', 'ses-smtp', ...REGION, '--json']))
    expect(json).toEqual({ version: 1, username, password })
  })

  it.each([
    [[], 'the kind of token is missing. Pass one of rds, dsql, cache, msk, eks, bedrock, codecommit, ses-smtp.'],
    [['s3'], 'the kind of token must be one of rds, dsql, cache, msk, eks, bedrock, codecommit, ses-smtp (got "s3").'],
    [['rds'], "the host is missing. Use 'npx sigv4-tools token rds HOST:PORT'."],
    [['rds', RDS, '--user', 'jane'], 'the port is missing. Pass HOST:PORT.'],
    [['rds', `${RDS}:99999`, '--user', 'jane'], 'the port is not valid. Pass a number.'],
    [['rds', 'https://a', '--user', 'jane'], 'the host must be a name, or HOST:PORT (got "https://a").'],
    [['rds', `${RDS}:5432`], 'the user is missing. Pass --user NAME.'],
    [['rds', `${RDS}:5432`, '--user', 'jane', '--expires', '1h'], '--expires must be between 1s and 15m (got "1h").'],
    [['bedrock', ...REGION, '--expires', '13h'], '--expires must be between 1s and 12h (got "13h").'],
    [['eks', 'demo', ...REGION, '--expires', '1m'], '--expires is not supported for eks.'],
    [['eks', ...REGION], "the name of the cluster is missing. Use 'npx sigv4-tools token eks NAME'."],
    [['msk', ...REGION, '--user', 'jane'], '--user is not supported for msk.'],
    [
      ['cache', 'a', '--user', 'jane', '--service', 'redis', ...REGION],
      '--service must be elasticache or memorydb (got "redis").',
    ],
    [
      ['cache', 'a.example', '--user', 'jane', ...REGION],
      'the name of the cache is not valid. Pass the name of the cache in lowercase, not its host.',
    ],
    [
      ['cache', 'a', '--user', 'jane', '--serverless', '--service', 'memorydb', ...REGION],
      '--serverless cannot be used here. Only ElastiCache supports it.',
    ],
    [['bedrock'], 'the region is missing. Pass --region or set AWS_REGION.'],
    [['bedrock', 'a', ...REGION], 'unexpected argument "a". Quote arguments that contain spaces or &.'],
    [['codecommit'], 'codecommit requires the action get, which git passes.'],
    [['eks', 'demo', ...REGION, '--host', 'a'], '--host is not supported for eks.'],
    [['codecommit', 'get', '--host', 'https://a'], '--host must be a name, or NAME:PORT (got "https://a").'],
    [['codecommit', 'get', '--credentials', '-'], '--credentials'],
    [['ses-smtp', ...REGION, ...DATE], '--now is not supported for ses-smtp.'],
  ])('rejects %j', async (args, message) => {
    expect(await errorOf(['token', ...args])).toContain(message)
  })

  it('shows in its help a credential helper for one host', async () => {
    const { stdout } = await run(['help', 'token'], { env: { NO_COLOR: '1' } })
    expect(stdout).toContain('credential.https://git-codecommit.eu-west-1.amazonaws.com.helper')
    expect(stdout).not.toContain(' credential.helper')
  })

  it('requires a region for a host that does not identify it', async () => {
    const stdin = 'protocol=https\nhost=git.example.com\npath=a\n\n'
    const args = ['token', 'codecommit', 'get', '--host', 'git.example.com']
    expect(await errorOf(args, { stdin })).toContain('--region is missing.')
  })

  it('needs the path of the repository', async () => {
    expect(await errorOf(['token', 'codecommit', 'get'], { stdin: REPOSITORY.replace(/path.*\n/, '') })).toContain(
      "git did not pass the path. Run 'git config --global credential.UseHttpPath true'.",
    )
  })
})
