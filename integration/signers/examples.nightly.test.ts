import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { succeed } from '../../packages/sigv4-tools/test/support/cli.ts'
import { installPackages, run } from '../servers/install.ts'

// The programs in examples/tokens compile with the types of the clients, and the kubeconfig names a command that works.

const FOLDER = fileURLToPath(new URL('../../examples/tokens/', import.meta.url))
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

beforeAll(() => installPackages(FOLDER))

it('they are all in the README, and one for each client', () => {
  const programs = readdirSync(FOLDER).filter((name) => /\.(?:ts|yaml)$/.test(name) && name !== 'credentials.ts')
  const listed = [...read('README.md').matchAll(/\]\(([\w-]+\.(?:ts|yaml))\)/g)].map(([, name]) => name)
  expect(listed.sort()).toEqual(programs.sort())
  const clients = Object.keys(JSON.parse(read('package.json')).dependencies).filter((name) => name !== 'sigv4')
  expect(programs.filter((name) => name.endsWith('.ts'))).toEqual(clients.map((name) => `${name}.ts`).sort())
})

it('they compile', async () => {
  const tsc = join(FOLDER, 'node_modules/typescript/lib/tsc.js')
  const { status, output } = await run(process.execPath, [tsc, '-p', FOLDER])
  expect(output).toBe('')
  expect(status).toBe(0)
})

it('the command in the kubeconfig prints what kubectl reads', async () => {
  const text = read('kubeconfig.yaml')
  const [, apiVersion] = /^ +apiVersion: (.+)$/m.exec(text)!
  const [, list] = /^ +args: \[(.+)]$/m.exec(text)!
  const [yes, name, ...args] = list!.split(', ')
  expect([yes, name]).toEqual(['--yes', 'sigv4-tools'])
  expect(JSON.parse(await succeed(args))).toMatchObject({
    kind: 'ExecCredential',
    apiVersion,
    status: { token: expect.stringMatching(/^k8s-aws-v1\.[\w-]+$/) },
  })
})
