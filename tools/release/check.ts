import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { PACKAGES, packStaged, releaseOf, stage } from '../pack.ts'
import { tagOf } from '../version.mjs'
import { PROJECTS, runExample } from './example.ts'
import { deadLinks, packedLinks, Unreachable } from './links.ts'
import { publintMessages, typesOf } from './lint.ts'
import { fileOf } from './tarball.ts'

// npm run release:check [-- --repository URL] takes every step of a release but the last one, which publishes.
//
// Until the repository has an address, its links lead to a made-up one.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Why a step cannot run on this machine. */
class NotRun extends Error {}

type Result = 'ok' | 'failed' | 'not run'
const results: Result[] = []

function report(result: Result, name: string, detail = ''): void {
  results.push(result)
  const lines = detail.trim().split('\n')
  if (result === 'not run') console.log(`not run  ${name} (${lines.join(' ')})`)
  else console.log(`${result.padEnd(8)} ${name}`)
  if (result === 'failed') for (const line of lines.slice(0, 40)) console.log(`         ${line}`)
}

async function step(name: string, act: () => unknown): Promise<void> {
  try {
    await act()
    report('ok', name)
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
    if (error instanceof NotRun || error instanceof Unreachable) report('not run', name, message)
    else report('failed', name, stdout + stderr || message)
  }
}

/** Fails with what was found, one per line. */
function none(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}

/** A packed package. */
interface Packed {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly tarball: string
  readonly bytes: Buffer
}

/** Packs all packages, with an address of the repository. */
async function packAll(temporary: string, repository: string): Promise<Packed[]> {
  const tarballs = join(temporary, 'tarballs')
  mkdirSync(tarballs)
  const packing = PACKAGES.map(async (folder) => {
    const staged = join(temporary, 'staged', folder)
    stage(folder, staged, ROOT, repository)
    const { tarball } = await packStaged(staged, tarballs)
    const { name, version } = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'))
    return { folder, name, version, tarball, bytes: readFileSync(tarball) }
  })
  return Promise.all(packing)
}

/** Runs the tests of what is published, and reports each group of them as a step. */
async function runTests(temporary: string): Promise<void> {
  const output = join(temporary, 'tests.json')
  const options = ['--project', 'package', '--reporter', 'json', '--outputFile', output]
  // its exit code is in the results
  await run('npx', ['vitest', 'run', ...options, '--maxWorkers', '1'], { cwd: ROOT, maxBuffer: 1e8 }).catch(() => {})
  if (!existsSync(output)) throw new Error('vitest ended without results')
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: {
      message: string
      assertionResults: { ancestorTitles: string[]; title: string; status: string; failureMessages: string[] }[]
    }[]
  }
  const groups = new Map<string, Map<string, string>>()
  for (const { message, assertionResults } of testResults) {
    if (message) report('failed', 'a file of tests', message)
    for (const { ancestorTitles, title, status, failureMessages } of assertionResults) {
      const group = ancestorTitles.find((each) => each !== '') ?? 'other tests'
      const problems = groups.get(group) ?? groups.set(group, new Map()).get(group)!
      if (status === 'failed') problems.set(`failed: ${title}`, failureMessages.join('\n'))
      else if (status !== 'passed') problems.set(`not run: ${title}`, '')
    }
  }
  for (const [group, problems] of groups) {
    const failed = [...problems].filter(([title]) => title.startsWith('failed'))
    const name = `tests of ${group}`
    if (failed.length > 0) report('failed', name, failed.map(([title, why]) => `${title}: ${why}`).join('\n'))
    else if (problems.size > 0) report('not run', name, [...problems.keys()].join(', ').replaceAll('not run: ', ''))
    else report('ok', name)
  }
}

/** Publishes to JSR, but for the last step. The package of Deno is the one with which the workflow publishes. */
async function publishToJsr(): Promise<void> {
  const folder = join(ROOT, 'integration/runtimes/node_modules/@deno')
  const [installed] = existsSync(folder) ? readdirSync(folder) : []
  if (installed === undefined)
    throw new NotRun('Deno is missing: npm ci --ignore-scripts --prefix integration/runtimes')
  await run(join(folder, installed, 'deno'), ['publish', '--dry-run', '--allow-dirty', '--no-check'], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1' },
  })
}

/** Compares the tarballs with a build of the commit in a clean clone. */
async function reproduce(packed: readonly Packed[], temporary: string, repository: string): Promise<void> {
  const registry = join(temporary, 'tarballs')
  for (const version of new Set(packed.map((each) => each.version))) {
    const options = [version, '--ref', 'HEAD', '--registry', registry, '--repository', repository]
    await run('npx', ['tsx', 'tools/release/reproduce.ts', ...options], { cwd: ROOT })
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { repository: { type: 'string', default: 'https://example.com/sigv4' } } })
  const { repository } = values
  if (!/^https:\/\/[^/]+\/.*[^/]$/.test(repository)) {
    console.error('--repository must be the address of a repository, such as https://github.com/owner/sigv4')
    return 2
  }
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-release-'))
  process.once('SIGINT', () => process.exit(130))
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))

  await step('the working tree is clean', () =>
    none(execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean)),
  )
  await step('both packages are built', () => run('npm', ['run', 'build'], { cwd: ROOT, maxBuffer: 1e8 }))
  await step('what is published passes its tests', () => runTests(temporary))
  let packed: Packed[] = []
  await step(`the packages are packed, for ${repository}`, async () => {
    packed = await packAll(temporary, repository)
  })
  const others = new Set<string>()
  for (const { name, folder, version, tarball, bytes } of packed) {
    await step(`links of ${name}`, () => {
      const links = packedLinks(bytes, folder, `${repository}/blob/${tagOf(releaseOf(folder), version)}/`)
      for (const link of links.others) others.add(link)
      none(links.broken)
    })
    await step(`publint of ${name}`, async () => none(await publintMessages(tarball)))
    await step(`types of ${name}`, async () => {
      const { problems } = await typesOf(tarball)
      // the tools are ES modules, which Node can require, but not all compilers
      none(problems.filter((kind) => releaseOf(folder) === 'sigv4' || kind !== 'CJSResolvesToESM'))
    })
    await step(`npm publish --dry-run of ${name}`, () =>
      run('npm', ['publish', '--dry-run', '--ignore-scripts', '--access', 'public', tarball], { cwd: temporary }),
    )
  }
  await step('links to other sites', async () => none(await deadLinks([...others].sort())))
  await step('deno publish --dry-run, to JSR', publishToJsr)
  const both = packed.filter(({ name }) => name === 'sigv4' || name === 'sigv4-tools')
  for (const { name, bytes } of both)
    for (const project of PROJECTS)
      await step(`the first example of ${name}, in a project of ${project}`, () => {
        const tarballs = both.map(({ tarball }) => tarball)
        return runExample(String(fileOf(bytes, 'README.md')), project, tarballs, join(temporary, name, project))
      })
  await step('a clean clone produces the same packages', () => reproduce(packed, temporary, repository))

  const count = (result: Result): number => results.filter((each) => each === result).length
  console.log(`\n${count('ok')} ok, ${count('failed')} failed, ${count('not run')} not run`)
  return count('failed') > 0 ? 1 : 0
}

process.exitCode = await main()
