import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fencesOf } from '../../../../test/support/docs/markdown.ts'
import { causes, type Explanation } from '../../src/explain.ts'
import { type RunningServer, serve } from '../../src/serve/server.ts'
import { buildProgram, NOWHERE, temporary } from '../support/cli.ts'

// Runs the commands of docs/causes.md in a shell, with the program built from the sources and a local server. What they
// send and receive is passed to explain, as on the page.

const fences = fencesOf('docs/causes.md')
const page = readFileSync(new URL('../../../../docs/causes.md', import.meta.url), 'utf8')

/** Returns the only fence that contains a string. */
function fenceWith(part: string): string {
  const [found, ...others] = fences.filter(({ code }) => code.includes(part))
  if (!found || others.length > 0) throw new Error(`docs/causes.md must contain one fence with ${part}`)
  return found.code
}

/** The credentials of the page. */
const [, accessKeyId = '', secretAccessKey = ''] =
  /AWS_ACCESS_KEY_ID=(\S+) AWS_SECRET_ACCESS_KEY=(\S+)/.exec(fenceWith('sigv4-tools serve')) ?? []

/** The commands that reproduce each cause. */
const commands = new Map(
  page
    .split(/^## /m)
    .map((section): [string, string | undefined] => [
      section.split('\n')[0]!,
      /\*\*Reproduce it\.\*\*\n\n```sh\n(.*?)```/s.exec(section)?.[1],
    ])
    .filter((entry): entry is [string, string] => entry[1] !== undefined),
)

const found = new Map<string, Explanation>()
let files: ReturnType<typeof temporary>
let server: RunningServer

beforeAll(async () => {
  files = temporary()
  server = await serve({ credentials: { accessKeyId, secretAccessKey }, region: 'eu-west-1' })
  const program = await buildProgram(files.folder)
  // `explain` prints JSON, which this test reads
  files.write(
    'bin/npx',
    `#!/bin/sh\nshift\ncase "$1" in explain) set -- "$@" --json;; esac\nexec "${process.execPath}" "${program}" "$@"\n`,
  )
  mkdirSync(join(files.folder, 'work'))
  files.write('work/sign.cjs', fenceWith('node sign.cjs SENT'))
  files.write('work/form.cjs', fenceWith('the boundary x'))
  const script = [
    'chmod +x ../bin/npx',
    fenceWith('CURL_HOME'),
    ...[...commands].map(([cause, lines]) => `echo '--- ${cause}'\n(\n${lines})`),
  ].join('\n')
  const shell = spawn('sh', ['-c', script.replaceAll(':9000', `:${server.port}`)], {
    cwd: join(files.folder, 'work'),
    env: { PATH: `${join(files.folder, 'bin')}:${process.env.PATH}`, HOME: NOWHERE, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const output = await text(shell.stdout)
  for (const part of output.split(/^--- /m)) {
    const end = part.indexOf('\n')
    if (part.startsWith('{', end + 1)) found.set(part.slice(0, end), JSON.parse(part.slice(end)))
  }
}, 300_000)

afterAll(async () => {
  await server.close()
  files.remove()
})

it('has commands for each cause', () => {
  expect([...commands.keys()]).toEqual(causes())
})

it.each([...commands.keys()])('has commands that reproduce %s', (cause) => {
  expect(found.get(cause), 'nothing was printed').toBeDefined()
  expect(found.get(cause)!.findings[0]?.cause, found.get(cause)!.verdict).toBe(cause)
})
