import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type LoggedRequest, proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { fencesOf } from '../../test/support/docs/markdown.ts'
import { run, ServerUnavailable } from '../servers/install.ts'
import { isRequired } from '../servers/required.ts'
import { pythonWithBoto } from '../support/boto.ts'

// The rules and the commands of the AWS CLI in docs/proxy.md: the documented rules are sufficient, and if one is missing, the
// message contains it.

const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder/+1' }
const CREDENTIALS = { accessKeyId: 'AKIDALLOW', secretAccessKey: 'allow-secret/+1' }
const REGION = 'eu-west-1'

const shell = fencesOf('docs/proxy.md').filter(({ language }) => language === 'sh')
const at = shell.findIndex(({ code }) => code.includes('aws s3 ls'))
const commands = shell[at]!.code
const rules = [...shell[at - 1]!.code.matchAll(/--allow '([^']+)'/g)].map(([, rule]) => rule!)

const folder = mkdtempSync(join(tmpdir(), 'sigv4-allow-'))
let python = ''
let unavailable: string | undefined

beforeAll(async () => {
  writeFileSync(join(folder, 'film.mp4'), randomBytes(9_000_000))
  try {
    python = await pythonWithBoto()
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || isRequired('serve')) throw error
    unavailable = error.message
    console.log(`NOT RUN: the AWS CLI with rules (${error.message})`)
  }
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the commands through a proxy with these rules. */
async function runAll(allow: readonly string[], script: string) {
  const server = await serve({ credentials: CREDENTIALS, region: REGION, log: () => {} })
  const logged: LoggedRequest[] = []
  const { url, close } = await proxy({
    upstream: server.url,
    mode: 'resign',
    credentials: CREDENTIALS,
    clientCredentials: PLACEHOLDER,
    service: 's3',
    region: REGION,
    allow,
    log: (entry) => logged.push(entry),
  })
  onTestFinished(async () => {
    await close()
    await server.close()
  })
  const aws = `cd '${folder}' && aws() { '${python}' -m awscli "$@"; }`
  const none = join(folder, 'none')
  const result = await run('sh', ['-euc', `${aws}\n${script}`], {
    AWS_ACCESS_KEY_ID: PLACEHOLDER.accessKeyId,
    AWS_SECRET_ACCESS_KEY: PLACEHOLDER.secretAccessKey,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: none,
    AWS_SHARED_CREDENTIALS_FILE: none,
    NO_PROXY: '*',
  })
  return { ...result, logged }
}

it('the documented rules allow the documented commands', async ({ skip }) => {
  if (unavailable) return skip(unavailable)
  const { status, output, logged } = await runAll(rules, commands)
  expect([status, output], output).toEqual([0, expect.stringMatching(/ 9000000 film\.mp4$/m)])
  expect(readFileSync(join(folder, 'copy.mp4')).equals(readFileSync(join(folder, 'film.mp4')))).toBe(true)
  const sent = new Set(logged.map(({ method, path }) => `${method} ${path}`))
  expect([...sent].sort()).toEqual([
    'GET /photos',
    'GET /photos/film.mp4',
    'HEAD /photos/film.mp4',
    'POST /photos/film.mp4',
    'PUT /photos/film.mp4',
  ])
}, 120_000)

it.for([
  ['GET /photos', 'aws s3 ls s3://photos/'],
  ['POST /photos/film.mp4', 'aws s3 cp film.mp4 s3://photos/film.mp4'],
  ['DELETE /photos/film.mp4', 'aws s3 rm s3://photos/film.mp4'],
] as const)('the message of the AWS CLI names the rule %s', { timeout: 120_000 }, async ([rule, command], { skip }) => {
  if (unavailable) return skip(unavailable)
  const { status, output } = await runAll(['GET /photos/*', 'PUT /photos/*'], command)
  expect(status).not.toBe(0)
  expect(output).toContain(`sigv4-tools proxy: ${rule} is not allowed. Add '${rule}' to options.allow.`)
})
