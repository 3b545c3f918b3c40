import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { parseSections } from '../../../src/cli/input/profiles.ts'
import { errorOf, KEYS, run, temporary } from '../../support/cli.ts'

const GET = ['presign', 'get', 's3://photos/x', '--region', 'eu-west-1']
const NONE =
  'no credentials found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile NAME or --credentials FILE (never the keys themselves). Also read are AWS_PROFILE, the role in AWS_ROLE_ARN, and the role of an ECS task or EKS pod, but not the role of an EC2 instance.'

const CREDENTIALS = [
  '\ufeff# a comment at the very start',
  '[default]',
  'aws_access_key_id=AKIADEFAULT',
  'aws_secret_access_key=secret-of-default',
  '',
  '  ; another comment',
  '[ odd   spacing ]  # after a title',
  '\tAWS_Access_Key_Id   =   AKIAODD   ; after a value',
  `\taws_secret_access_key\t=\t${SECRET}\t# and one more`,
  '\taws_session_token = a=b==',
  '[nested]',
  's3 =',
  '  aws_access_key_id = AKIAWRONG',
  '  [default]',
  'aws_access_key_id = AKIANESTED',
  'aws_secret_access_key : secret-with-colon',
  '[half]',
  'aws_access_key_id = AKIAHALF',
  '[empty]',
  'aws_access_key_id =',
  'aws_secret_access_key =',
  '[twice]',
  'aws_access_key_id = AKIAFIRST',
  'aws_secret_access_key = first',
  '[twice]',
  'aws_access_key_id = AKIASECOND',
  '[temporary]',
  'aws_access_key_id = ASIATEMPORARY',
  'aws_secret_access_key = secret',
  '[spaces]',
  'aws_access_key_id = AKIA SPACE',
  'aws_secret_access_key = secret',
  'no equals sign here',
].join('\r\n')

const CONFIG = `[default]
region = eu-west-3
[profile odd spacing]
region=eu-north-1
[profile   "quoted name"]
aws_access_key_id = AKIAQUOTED
aws_secret_access_key = secret-of-quoted
region = us-west-2
[half]
aws_secret_access_key = not of a profile
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
aws_access_key_id = AKIAROLE
aws_secret_access_key = secret
[profile sso]
sso_session = my
[profile old-sso]
sso_start_url = https://x
[profile process]
credential_process = /bin/secret-program --password hush-hush
[profile only-region]
region = ap-south-1
[sso-session my]
sso_start_url = https://x
`

let files: ReturnType<typeof temporary>
beforeAll(() => {
  files = temporary()
  files.write('.aws/credentials', CREDENTIALS)
  files.write('.aws/config', CONFIG)
})
afterAll(() => files.remove())

/** Returns the key ID, region and token of a presigned URL, or the error message. */
async function identity(args: string[], env: Record<string, string> = {}, stdin?: string): Promise<string> {
  const setting = { env, home: files.folder, ...(stdin !== undefined && { stdin }) }
  const { code, stdout } = await run(['presign', 'get', 's3://photos/x', ...args], setting)
  if (code !== 0) return errorOf(['presign', 'get', 's3://photos/x', ...args], setting)
  const query = new URL(stdout).searchParams
  const [id, , region] = query.get('X-Amz-Credential')!.split('/')
  return [id, region, query.get('X-Amz-Security-Token')].filter(Boolean).join(' ')
}

describe('credentials in the environment', () => {
  it('are used', async () => {
    expect(await identity([], { ...KEYS, AWS_REGION: 'us-east-9' })).toBe('AKIDEXAMPLE us-east-9')
    expect(await identity([], { ...KEYS, AWS_REGION: 'us-east-9', AWS_SESSION_TOKEN: 'token' })).toBe(
      'AKIDEXAMPLE us-east-9 token',
    )
  })

  it('override AWS_PROFILE, but not --profile', async () => {
    expect(await identity([], { ...KEYS, AWS_PROFILE: 'quoted name' })).toBe('AKIDEXAMPLE us-west-2')
    expect(await identity(['--profile', 'quoted name'], KEYS)).toBe('AKIAQUOTED us-west-2')
    expect(
      await identity(['--profile', 'quoted name'], { ...KEYS, AWS_SESSION_TOKEN: 'x', AWS_REGION: 'us-east-9' }),
    ).toBe('AKIAQUOTED us-east-9')
  })

  it.each([
    [{}, NONE],
    [{ AWS_ACCESS_KEY_ID: 'a' }, 'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not.'],
    [{ AWS_SECRET_ACCESS_KEY: 'a' }, 'AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not.'],
    [{ ...KEYS, AWS_ACCESS_KEY_ID: 'a b' }, 'AWS_ACCESS_KEY_ID contains whitespace. Remove it.'],
    [{ ...KEYS, AWS_SECRET_ACCESS_KEY: 'a\n' }, 'AWS_SECRET_ACCESS_KEY contains whitespace. Trim it.'],
    [
      { ...KEYS, AWS_ACCESS_KEY_ID: 'ASIAX' },
      'AWS_SESSION_TOKEN is missing. An access key ID that starts with ASIA requires it.',
    ],
    [{ ...KEYS, AWS_SESSION_TOKEN: 'a\nb' }, 'AWS_SESSION_TOKEN contains whitespace. Remove it.'],
  ])('%j are rejected', async (env, message) => {
    expect(await errorOf(GET, { env })).toBe(message)
  })
})

describe('a profile without a region', () => {
  it.each([
    ['role', /^profile "role" assumes a role, which requires the AWS CLI\. /],
    ['sso', /^profile "sso" signs in with SSO, /],
    ['half', /^profile "half" in .* does not contain aws_secret_access_key\.$/],
    ['twice', /^the region is missing\. Pass --region, /],
  ])('reports what else it lacks first: %s', async (name, message) => {
    expect(await identity(['--profile', name])).toMatch(message)
    expect(await identity([], { AWS_PROFILE: name })).toMatch(message)
  })
})

describe('half of a key in the environment', () => {
  const url = `https://photos.s3.eu-west-1.amazonaws.com/x?X-Amz-Signature=${'0'.repeat(64)}`
  const warnings = [
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ] as const

  it.each(warnings)('is a warning for explain, which does not require credentials: %s', async (found, missing) => {
    const warning = `${found} is set, but ${missing} is not. Continuing without credentials.\n`
    const env = { [found]: 'x', AWS_PROFILE: 'default' }
    const explained = await run(['explain', url], { env, home: files.folder })
    expect([explained.code, explained.stderr]).toEqual([1, warning])
    expect(explained.stdout).toBe((await run(['explain', url], { env: {} })).stdout)
  })

  it.each(warnings)('is an error for the other commands: %s', async (found, missing) => {
    for (const args of [GET, ['verify', url], ['serve', '--port', '0']])
      expect(await errorOf(args, { env: { [found]: 'x' } })).toBe(`${found} is set, but ${missing} is not.`)
    expect((await run(['inspect', url], { env: { [found]: 'x' } })).stderr).toBe('')
  })
})

describe('a profile', () => {
  it.each([
    [[], 'AKIADEFAULT eu-west-3'],
    [['--profile', 'default'], 'AKIADEFAULT eu-west-3'],
    [['--profile', 'odd spacing'], 'AKIAODD eu-north-1 a=b=='],
    [['--profile', 'quoted name'], 'AKIAQUOTED us-west-2'],
    [['--profile', 'nested', '--region', 'us-east-9'], 'AKIANESTED us-east-9'],
    [['--profile', 'twice', '--region', 'us-east-9'], 'AKIASECOND us-east-9'],
  ])('is read: %j', async (args, expected) => {
    expect(await identity(args)).toBe(expected)
  })

  it('is read from AWS_PROFILE, and from other files', async () => {
    expect(await identity([], { AWS_PROFILE: 'quoted name' })).toBe('AKIAQUOTED us-west-2')
    const file = files.write('elsewhere', '[x]\naws_access_key_id=AKIAX\naws_secret_access_key=y\n')
    const config = files.write('config', '[profile x]\nregion = eu-west-9\n')
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: config }
    expect(await identity(['--profile', 'x'], env)).toBe('AKIAX eu-west-9')
    const utf16 = files.write(
      'utf16',
      Buffer.from('\ufeff[x]\r\naws_access_key_id=AKIA16\r\naws_secret_access_key=y', 'utf16le'),
    )
    expect(await identity(['--profile', 'x'], { ...env, AWS_SHARED_CREDENTIALS_FILE: utf16 })).toBe('AKIA16 eu-west-9')
  })

  it.each([
    ['defualt', 'profile "defualt" is not in ~/.aws/credentials or ~/.aws/config. Did you mean default?'],
    ['unknown-one', 'profile "unknown-one" is not in ~/.aws/credentials or ~/.aws/config.'],
    ['', 'profile is not in ~/.aws/credentials or ~/.aws/config.'],
    ['half', 'profile "half" in ~/.aws/credentials does not contain aws_secret_access_key.'],
    ['empty', 'profile "empty" in ~/.aws/credentials contains neither aws_access_key_id nor aws_secret_access_key.'],
    [
      'only-region',
      'profile "only-region" in ~/.aws/config contains neither aws_access_key_id nor aws_secret_access_key.',
    ],
    [
      'role',
      `profile "role" assumes a role, which requires the AWS CLI. Run 'aws configure export-credentials --profile role | npx sigv4-tools presign … --credentials -'.`,
    ],
    [
      'sso',
      /^profile "sso" signs in with SSO, which requires the AWS CLI\. Run 'aws configure export-credentials --profile sso \|/,
    ],
    ['old-sso', /^profile "old-sso" signs in with SSO/],
    ['process', /^profile "process" runs a credential process, which requires the AWS CLI\. (?!.*hush)/],
    [
      'temporary',
      /^profile "temporary" in ~\/\.aws\/credentials: the session token is missing\. An access key ID that starts with ASIA/,
    ],
    ['spaces', /^profile "spaces" in ~\/\.aws\/credentials: the access key ID contains whitespace\. Remove it\.$/],
  ])('that cannot be used is reported: %s', async (name, message) => {
    const line = await errorOf([...GET, '--profile', name], { env: {}, home: files.folder })
    if (typeof message === 'string') expect(line).toBe(message)
    else expect(line).toMatch(message)
  })

  it('without files is missing, and unreadable files are named', async () => {
    expect(await errorOf([...GET, '--profile', 'x'], { env: {} })).toBe(
      'profile "x" is not in ~/.aws/credentials or ~/.aws/config. The files are missing or do not contain profiles.',
    )
    expect(await errorOf(GET, { env: { AWS_CONFIG_FILE: '/' } })).toBe(
      'cannot read the AWS_CONFIG_FILE: it is a directory.',
    )
  })

  it('does not include nested settings', () => {
    const sections = parseSections('[a]\nx = 1\n  y = 2\nz = 3\n [b]\nw = 4\n')
    expect([...sections].map(([name, settings]) => [name, [...settings]])).toEqual([
      [
        'a',
        [
          ['x', '1'],
          ['z', '3'],
          ['w', '4'],
        ],
      ],
    ])
    expect(parseSections('  [a]\n  x = 1\n  y = 2\n').get('a')).toEqual(
      new Map([
        ['x', '1'],
        ['y', '2'],
      ]),
    )
    expect(parseSections('x = 1\n[a]\n__proto__ = 2\n[__proto__]\nb = 3').get('__proto__')).toEqual(
      new Map([['b', '3']]),
    )
  })
})

describe('--credentials', () => {
  const pair = { AccessKeyId: 'AKIAFILE', SecretAccessKey: SECRET }
  const later = new Date(Date.now() + 3_600_000).toISOString()

  it.each([
    [{ Version: 1, ...pair }, 'AKIAFILE us-east-9'],
    [{ Version: 1, ...pair, SessionToken: 'token', Expiration: later }, 'AKIAFILE us-east-9 token'],
    [
      { Credentials: { ...pair, SessionToken: 'token', Expiration: later }, AssumedRoleUser: {} },
      'AKIAFILE us-east-9 token',
    ],
    [{ AccessKey: { UserName: 'eric', ...pair, Status: 'Active' } }, 'AKIAFILE us-east-9'],
    [{ ...pair, SessionToken: null, Expiration: null }, 'AKIAFILE us-east-9'],
    [{ accessKeyId: 'AKIAFILE', secretAccessKey: SECRET }, 'AKIAFILE us-east-9'],
    [
      { accessKeyId: 'AKIAFILE', secretAccessKey: SECRET, sessionToken: 'token', expiration: new Date(later) },
      'AKIAFILE us-east-9 token',
    ],
  ])('reads %j', async (json, expected) => {
    const text = JSON.stringify(json)
    const env = { ...KEYS, AWS_PROFILE: 'x' }
    expect(await identity(['--region', 'us-east-9', '--credentials', '-'], env, text)).toBe(expected)
    for (const content of [text, `\ufeff${text}\r\n`, Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      const file = files.write('credentials.json', content)
      expect(await identity(['--region', 'us-east-9', '--credentials', file], env)).toBe(expected)
    }
  })

  it.each([
    [
      '',
      `--credentials is empty. Pass JSON with accessKeyId and secretAccessKey, or the output of 'aws configure export-credentials'.`,
    ],
    [
      `${SECRET}\n`,
      `--credentials is not valid JSON. Pass JSON with accessKeyId and secretAccessKey, or the output of 'aws configure export-credentials'.`,
    ],
    [
      `{"SecretAccessKey": "${SECRET}"`,
      `--credentials is not valid JSON. Pass JSON with accessKeyId and secretAccessKey, or the output of 'aws configure export-credentials'.`,
    ],
    ['null', '--credentials must contain AccessKeyId and SecretAccessKey as strings.'],
    ['[]', '--credentials must contain AccessKeyId and SecretAccessKey as strings.'],
    [
      JSON.stringify({ SecretAccessKey: SECRET }),
      '--credentials must contain AccessKeyId and SecretAccessKey as strings.',
    ],
    [
      JSON.stringify({ ...pair, AccessKeyId: 1 }),
      '--credentials must contain AccessKeyId and SecretAccessKey as strings.',
    ],
    [JSON.stringify({ ...pair, Version: 2 }), '--credentials: Version must be 1.'],
    [JSON.stringify({ ...pair, SessionToken: 1 }), '--credentials: SessionToken must be a string.'],
    [
      JSON.stringify({ ...pair, Expiration: 'soon' }),
      '--credentials: Expiration must be a date such as 2026-01-31T12:00:00Z.',
    ],
    [
      JSON.stringify({ ...pair, Expiration: 5 }),
      '--credentials: Expiration must be a date such as 2026-01-31T12:00:00Z.',
    ],
    [
      JSON.stringify({ ...pair, Expiration: '2020-01-01T00:00:00Z' }),
      '--credentials: the session has expired. Get new credentials.',
    ],
    [
      JSON.stringify({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 1 }),
      '--credentials: SessionToken must be a string.',
    ],
    [
      JSON.stringify({ accessKeyId: 'a', secretAccessKey: 'b', expiration: '2020-01-01T00:00:00Z' }),
      '--credentials: the session has expired. Get new credentials.',
    ],
  ])('rejects %.30s', async (stdin, message) => {
    expect(await errorOf([...GET, '--credentials', '-'], { env: {}, stdin })).toBe(message)
  })

  it('names a file that cannot be read', async () => {
    expect(await errorOf([...GET, '--credentials', '/nonexistent/x'])).toBe(
      '--credentials: cannot read the file "/nonexistent/x": it does not exist.',
    )
    expect(await errorOf([...GET, '--credentials', '/'])).toBe(
      '--credentials: cannot read the file "/": it is a directory.',
    )
    const large = files.write('large', Buffer.alloc(1024 * 1024 + 1, 32))
    expect(await errorOf([...GET, '--credentials', large])).toMatch(/^--credentials is larger than 1048576 bytes\.$/)
  })

  it('that have expired still verify earlier requests', async () => {
    const env = { ...KEYS, AWS_ACCESS_KEY_ID: 'ASIAX', AWS_SESSION_TOKEN: 'token' }
    const signed = await run([...GET, '--now', '2020-01-01'], { env })
    const stdin = JSON.stringify({
      AccessKeyId: 'ASIAX',
      SecretAccessKey: SECRET,
      SessionToken: 'token',
      Expiration: '2020-01-02',
    })
    const args = ['verify', signed.stdout.trim(), '--now', '2020-01-01T00:01:00Z', '--credentials', '-']
    expect(await run(args, { env: {}, stdin })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Accepted/) })
  })
})
