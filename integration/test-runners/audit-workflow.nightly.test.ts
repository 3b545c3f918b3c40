import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { read } from '../../test/support/docs/markdown.ts'
import { type Packed, pack } from '../../test/support/packed.ts'
import { checkCommand, printedCommands } from '../../tools/test/support/commands.ts'

// The steps of examples/audit.yml, with the installed package, as a runner of GitHub executes them. CI checks its syntax.

const WORKFLOW = read('examples/audit.yml')
const VARIABLES = Object.fromEntries(
  [...WORKFLOW.matchAll(/^ {6}([A-Z_\d]+): (.+)$/gm)].map(([, name, value]) => [name!, value!]),
)
const STEPS = [...WORKFLOW.matchAll(/^ {6}- run: (.+)\n(?: {8}shell: (bash)$)?/gm)].map(([, script, shell]) => ({
  script: script!,
  options: shell ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'],
}))

let packed: Packed
beforeAll(async () => {
  packed = await pack()
}, 120_000)
afterAll(() => packed?.remove())

/** Runs the steps with a server, and returns the exit codes and the summary. */
async function runSteps(url: string): Promise<{ codes: (number | null)[]; summary: string }> {
  const summary = join(packed.folder, `summary-${new URL(url).port}.md`)
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...VARIABLES, GITHUB_STEP_SUMMARY: summary }
  const codes: (number | null)[] = []
  for (const { script, options } of STEPS) {
    const args = [...options, '-c', script.replaceAll('http://127.0.0.1:9000', url)]
    const child = spawn('bash', args, { cwd: packed.folder, env, stdio: 'inherit' })
    codes.push(await new Promise((resolve) => child.on('exit', resolve)))
    if (codes.at(-1) !== 0) break
  }
  return { codes, summary: readFileSync(summary, 'utf8') }
}

it('the workflow has commands that exist, and three variables', () => {
  expect(Object.keys(VARIABLES)).toEqual(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'])
  const commands = STEPS.flatMap(({ script }) => printedCommands(script))
  expect(commands.map(([name]) => name)).toEqual(['sign', 'audit'])
  expect(commands.flatMap(checkCommand)).toEqual([])
})

it('the workflow succeeds with a server that has no findings', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = VARIABLES
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! }
  const server = await serve({ credentials, region: AWS_REGION! })
  const { codes, summary } = await runSteps(server.url)
  await server.close()
  expect(codes).toEqual([0, 0, 0])
  expect(summary).toMatch(/^\| CopySourceSmuggling \| \d+ \| 0 \| 0 \| 0 \|$/m)
})

it('the workflow fails with a server that does not verify', async () => {
  const server = createServer((_, response) => response.end('<ListBucketResult/>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { codes, summary } = await runSteps(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.close()
  expect(codes).toEqual([0, 0, 1])
  expect(summary).toContain('does not verify signatures')
})
