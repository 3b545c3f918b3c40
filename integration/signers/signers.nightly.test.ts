import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { ENTRIES, KINDS, type Vector } from '../../test/support/tokens.ts'
import { installOnce, installPackages, run, runInstaller } from '../servers/install.ts'

// The official signers of tokens, run with a fixed clock, create the same tokens as ours.

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const SIGNING_DATE = '2026-01-31T12:34:56Z'
const keys = { accessKeyId: 'AKIDSIGNERS', secretAccessKey: 'signers/secret+key=' }
const CREDENTIALS = [keys, { ...keys, accessKeyId: 'ASIASIGNERS', sessionToken: 'FwoGZXIvYXdzEA//session+token==' }]

const region = 'ap-southeast-2'
const audience = '//iam.googleapis.com/projects/9876/locations/global/workloadIdentityPools/p/providers/a'
const postgres = {
  hostname: `app.cluster-c1.${region}.rds.amazonaws.com`,
  port: 5432,
  username: 'o’brien & söhne',
  region,
}
const mysql = { ...postgres, port: 3306, username: 'app_user' }
const dsql = { hostname: `abcdefghij.dsql.${region}.on.aws`, region }
const user = { Action: 'connect', User: 'app-user' }

/** The arguments for both languages. */
const BOTH: [id: string, input: object][] = [
  ['rds', mysql],
  ['dsql-connect', dsql],
  ['dsql-connect-admin', dsql],
  ['msk', { region }],
  ['bedrock-api-key', { region, expires: 43_200 }],
  ['gcp-wif-google-auth-library', { region, audience }],
]

/** The arguments for one of them. */
const JAVASCRIPT: typeof BOTH = [
  ...BOTH,
  ['snowflake', { region }],
  ['iot-mqtt', { host: `abc123-ats.iot.${region}.amazonaws.com`, region }],
  ['appsync-connect', { url: `https://xyz.appsync-api.${region}.amazonaws.com/graphql/connect`, region }],
]
const PYTHON: typeof BOTH = [
  ...BOTH,
  ['rds', postgres],
  ['elasticache', { cache: 'app-cache', params: user, region }],
  ['elasticache-serverless', { cache: 'app-cache', params: { ...user, ResourceType: 'ServerlessCache' }, region }],
  ['memorydb', { cache: 'app-cluster', params: user, region }],
  ['eks', { cluster: 'production_1', region }],
  ['eks', { cluster: 'production', region: 'cn-north-1' }],
  ['codecommit', { url: `https://git-codecommit.${region}.amazonaws.com/v1/repos/web-site`, region }],
  ['codecommit', { url: `https://git-codecommit-fips.us-west-2.amazonaws.com:443/v1/repos/a`, region: 'us-west-2' }],
  ['keyspaces', { challenge: 'nonce=00112233445566778899aabbccddeeff', region }],
  [
    'mongodb-aws',
    { serverNonceBase64: Buffer.alloc(64, 'nonce').toString('base64'), stsHost: 'sts.us-east-1.amazonaws.com' },
  ],
  ['vault', { serverId: 'vault.internal:8200', host: 'sts.amazonaws.com', region: 'us-east-1' }],
  ['gcp-wif', { region, audience }],
]

/** Runs the signers of one language. */
async function official(command: string[], cases: typeof BOTH, credentials: (typeof CREDENTIALS)[number]) {
  const given = { credentials, signingDate: SIGNING_DATE, cases: cases.map(([id, input]) => ({ id, input })) }
  const [program, ...args] = command
  const { status, output } = await run(program!, [...args, JSON.stringify(given)], { NODE_NO_WARNINGS: '1' })
  const [, results] = /^RESULTS (.+)$/m.exec(output) ?? []
  if (status !== 0 || !results) throw new Error(output.slice(-3000))
  return JSON.parse(results) as unknown[]
}

/** Compares each result with that of both of our entries. */
async function compare(command: string[], cases: typeof BOTH, credentials: (typeof CREDENTIALS)[number]) {
  const results = await official(command, cases, credentials)
  expect(results).toHaveLength(cases.length)
  for (const [i, [id, input]] of cases.entries()) {
    const vector = { id, input, output: results[i], subprotocol: subprotocol(results[i]) } as Vector
    for (const [name, entry] of ENTRIES) {
      const [ours, theirs] = await KINDS[id]!(entry, vector, { credentials, now: new Date(SIGNING_DATE) })
      expect(ours, `${id}, ${name}`).toEqual(theirs)
    }
  }
}

/** The headers of AppSync as a subprotocol. */
function subprotocol(headers: unknown): string {
  return `header-${Buffer.from(JSON.stringify(headers)).toString('base64url')}`
}

describe.each(CREDENTIALS)('with the credentials of $accessKeyId', (credentials) => {
  it('npm packages create the same tokens', async () => {
    await compare([process.execPath, join(FOLDER, 'official.mjs')], JAVASCRIPT, credentials)
  })

  it('Python packages create the same tokens', async () => {
    await compare([join(python, 'bin', 'python'), join(FOLDER, 'official.py')], PYTHON, credentials)
  })
})

let python: string

beforeAll(async () => {
  const requirements = join(FOLDER, 'requirements.txt')
  const pins = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8)
  const version = await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
  if (version.status !== 0) throw new Error(`needs Python 3 with venv: ${version.output}`)
  const [folder] = await Promise.all([
    installOnce(`signers-python${version.output.trim()}-${pins}`, async (draft) => {
      await runInstaller('python3', ['-m', 'venv', draft])
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
      await runInstaller(join(draft, 'bin', 'python'), pip)
    }),
    installPackages(FOLDER),
  ])
  python = folder
})
