import { spawn } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'
import { stage } from '../../tools/pack.ts'
import { createBucket } from '../servers/audit.ts'
import { cacheFolder, lastLines } from '../servers/install.ts'
import { minio } from '../servers/minio.ts'
import type { Bucket, Project, Replaced, Suite } from './projects.ts'
import { type Counts, compareRequests, countTests } from './results.ts'

// Clones and installs a project, and runs its tests twice: as they are, and with our alias in the place of a package.

const ALIASES: Readonly<Record<Replaced, string>> = {
  aws4: 'packages/aws4',
  aws4fetch: 'packages/aws4fetch',
  '@smithy/signature-v4': 'packages/smithy-signature-v4',
}

const MINUTES = 60_000
const QUIET = '--ignore-scripts --no-audit --no-fund'
/** With the versions of the lock file, if there is one that this npm accepts. */
const INSTALL = `[ -f package-lock.json ] && npm ci ${QUIET} || npm install ${QUIET} --legacy-peer-deps`

export interface Outcome {
  readonly before: Counts
  /** Of a project without tests, `passed` is the number of requests that are the same, and `failed` of those that are not. */
  readonly after: Counts
  /** How many signatures our package made. */
  readonly signatures: number
  /** The versions of the package that was replaced. */
  readonly versions: readonly string[]
}

/** Runs a project. Its folder, and what it printed, remain in the cache folder. */
export async function runProject(project: Project, say: (text: string) => void): Promise<Outcome> {
  const root = join(cacheFolder(), 'others', project.name.replace(/^\W+/, '').replace(/\W+/g, '-'))
  rmSync(root, { recursive: true, force: true })
  mkdirSync(join(root, 'home'), { recursive: true })
  const clone = join(root, 'clone')
  const { folder, test, compare } = await prepare(project, clone, root, say)

  const copies = findPackages(clone, project.replaces)
  if (copies.length === 0) throw new Error(`${project.replaces} is not installed`)
  const versions = [...new Set(copies.map((copy) => readJson(join(copy, 'package.json')).version as string))].sort()
  const { environment = {}, server: variablesOf = undefined } = 'repository' in project ? project : {}
  const server = variablesOf ? await startServer() : undefined
  const variables = { ...environment, ...(server && variablesOf?.(server)) }
  try {
    const testOnce = async (name: string): Promise<string> => {
      say(`testing ${name}`)
      const { output } = await run(test, folder, root, 15 * MINUTES, variables)
      writeFileSync(join(root, `${name}.log`), output)
      return output
    }
    const before = await testOnce('before')
    for (const copy of copies) replace(copy, project.replaces)
    const after = await testOnce('after')
    const signatures = copies.reduce((sum, copy) => sum + sizeOf(join(copy, 'signatures')), 0)
    return { ...compare(before, after), signatures, versions }
  } finally {
    await server?.stop()
  }
}

interface Prepared {
  readonly folder: string
  readonly test: string
  readonly compare: (before: string, after: string) => Pick<Outcome, 'before' | 'after'>
}

async function prepare(project: Project, clone: string, root: string, say: (text: string) => void): Promise<Prepared> {
  if ('repository' in project) {
    say('cloning')
    await checkOut(project, clone, root)
    const folder = join(clone, project.folder ?? '')
    say('installing')
    await succeed(project.install ?? INSTALL, folder, root, 15 * MINUTES)
    const read = (output: string): Counts => {
      const counts = countTests(output)
      if (!counts) throw new Error(`no counts in the output of ${project.test}:\n${lastLines(output)}`)
      return counts
    }
    return { folder, test: project.test, compare: (before, after) => ({ before: read(before), after: read(after) }) }
  }
  say('installing')
  cpSync(join(ROOT, 'integration/others/drivers'), clone, { recursive: true })
  writeFileSync(join(clone, 'package.json'), '{ "private": true, "type": "module" }')
  await succeed(`npm install ${QUIET} --save-exact ${project.packages.join(' ')}`, clone, root, 15 * MINUTES)
  return {
    folder: clone,
    test: `${project.program ?? 'node'} --require ./clock.cjs ${project.driver}`,
    compare: compareRequests,
  }
}

/** Starts MinIO, and creates a bucket. */
async function startServer(): Promise<Bucket & { stop(): Promise<void> }> {
  const running = await minio.start(() => {})
  const bucket = 'others'
  await createBucket(running, bucket)
  return { ...running, bucket, stop: () => running.stop() }
}

async function checkOut({ repository, commit, only }: Suite, clone: string, root: string): Promise<void> {
  mkdirSync(clone)
  const git = (args: string): Promise<void> => succeed(`git ${args}`, clone, root, 10 * MINUTES)
  await git('init --quiet')
  await git(`remote add origin https://github.com/${repository}`)
  if (only) await git(`sparse-checkout set --no-cone ${only.map((pattern) => `'${pattern}'`).join(' ')}`)
  await git(`fetch --quiet --depth 1 ${only ? '--filter=blob:none ' : ''}origin ${commit}`)
  await git('checkout --quiet FETCH_HEAD')
}

/** Puts our alias where a package was, with its own copy of the library, and counts what it signs. */
function replace(copy: string, replaced: Replaced): void {
  rmSync(copy, { recursive: true })
  stage(ALIASES[replaced], copy)
  stage('.', join(copy, 'node_modules/sigv4'))
  copyFileSync(join(ROOT, 'integration/others/count.cjs'), join(copy, 'count.cjs'))
  appendFileSync(join(copy, 'index.js'), `\nrequire('./count.cjs')(module.exports)\n`)
  const module = join(copy, 'index.mjs')
  if (existsSync(module))
    appendFileSync(
      module,
      `import { AwsV4Signer } from 'sigv4/aws4fetch'\nimport count from './count.cjs'\ncount({ AwsV4Signer })\n`,
    )
}

/** Returns the folders of all installed copies of a package. */
function findPackages(folder: string, name: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name === '.git') return []
    const path = join(folder, entry.name)
    const found = entry.name === 'node_modules' ? join(path, name) : undefined
    const isPackage =
      found !== undefined && existsSync(join(found, 'package.json')) && !lstatSync(found).isSymbolicLink()
    return [...(isPackage ? [found] : []), ...findPackages(path, name)]
  })
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'))
}

async function succeed(command: string, folder: string, root: string, timeout: number): Promise<void> {
  const { status, output } = await run(command, folder, root, timeout)
  if (status !== 0) throw new Error(`${command} exited with ${status}:\n${lastLines(output)}`)
}

/** What others' programs get from the environment: no credentials, and a home without settings. */
function variablesFor(folder: string, root: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|LANG|TMPDIR|GIT_|npm_config_|NODE_EXTRA)/i.test(name),
  )
  const { PATH, ...rest } = Object.fromEntries(kept)
  const binaries = [join(folder, 'node_modules/.bin'), join(root, 'clone/node_modules/.bin')]
  return {
    ...rest,
    PATH: [...binaries, PATH].join(delimiter),
    HOME: join(root, 'home'),
    CI: '1',
    NO_COLOR: '1',
    ...more,
  }
}

function run(
  command: string,
  folder: string,
  root: string,
  timeout: number,
  more?: Readonly<Record<string, string>>,
): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = variablesFor(folder, root, more)
    const child = spawn('bash', ['-c', command], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), timeout)
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: status ?? 1, output })
    })
  })
}
