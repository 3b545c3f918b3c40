import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { PACKAGES, packStaged, stage } from '../pack.ts'
import { type Project, runExample } from './example.ts'
import { publintMessages, typesOf } from './lint.ts'
import { build, compare, fromFolder } from './reproduce.ts'

// npm run release:check [-- --repository URL] takes every step of a release but the last one, which publishes. It takes
// 5 minutes on two cores. Until the repository has an address, links in the packages lead to a made-up one.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)
const run = (program: string, args: readonly string[], cwd = ROOT) =>
  execute(program, args, { cwd, maxBuffer: 1e8, env: { ...process.env, NO_COLOR: '1' } })

/** Why a step cannot run on this machine. */
class NotRun extends Error {}

const counts = { ok: 0, failed: 0, 'not run': 0 }

/** Prints the name of a step, runs it, and prints how it ended. */
async function step(name: string, act: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  const report = (result: keyof typeof counts, detail = ''): void => {
    counts[result]++
    console.log(
      `${result}, ${Math.round((performance.now() - start) / 1000)} s${detail.trimEnd().replaceAll('\n', '\n    ')}`,
    )
  }
  process.stdout.write(`${name}: `)
  try {
    await act()
    report('ok')
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
    if (error instanceof NotRun) report('not run', `. ${message}`)
    else report('failed', `\n${stdout}${stderr}`.trimEnd() || `\n${message}`)
  }
}

/** Fails with what was found, one per line. */
function none(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}

/** Returns the path of a program that integration/runtimes installs. */
function runtime(path: string): string {
  const program = join(ROOT, 'integration/runtimes/node_modules', path)
  if (existsSync(program)) return program
  throw new NotRun('It is missing: npm ci --ignore-scripts --prefix integration/runtimes')
}

/** A packed package. */
interface Packed {
  readonly name: string
  readonly version: string
  readonly tarball: string
  readonly readme: string
}

/** Packs a package, with an address of the repository. */
async function pack(folder: string, temporary: string, repository: string): Promise<Packed> {
  const [staged, tarballs] = [join(temporary, 'staged', folder), join(temporary, 'tarballs')]
  mkdirSync(tarballs, { recursive: true })
  stage(folder, staged, ROOT, repository)
  const { name, version } = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'))
  const { tarball } = await packStaged(staged, tarballs)
  return { name, version, tarball, readme: readFileSync(join(staged, 'README.md'), 'utf8') }
}

/** Runs the tests of what is published. */
async function runTests(temporary: string): Promise<void> {
  const output = join(temporary, 'tests.json')
  const reporter = ['--reporter', 'json', '--outputFile', output]
  await run('npx', ['vitest', 'run', 'integration/package', '--maxWorkers', '1', ...reporter]).catch((error) => {
    if (!existsSync(output)) throw error
  })
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: {
      message: string
      assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
    }[]
  }
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failures = tests.flatMap(({ fullName, failureMessages }) =>
    failureMessages.map((message) => `${fullName}: ${message}`),
  )
  none([...testResults.map(({ message }) => message).filter(Boolean), ...failures])
  const skipped = tests.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName.trim())
  if (skipped.length > 0)
    throw new NotRun(`${tests.length - skipped.length} passed, these did not run: ${skipped.join(', ')}`)
}

/** The projects in which the examples run. */
function projects(): Record<string, () => Omit<Project, 'name'>> {
  const node = (file: string) => [process.execPath, file]
  return {
    ESM: () => ({ file: 'index.js', command: node('index.js') }),
    CommonJS: () => ({ file: 'index.cjs', command: node('index.cjs') }),
    TypeScript: () => ({ file: 'index.ts', command: node('index.js') }),
    Deno: () => ({
      file: 'index.ts',
      command: [runtime('@deno/linux-x64-glibc/deno'), 'run', '--allow-all', '--check', 'index.ts'],
    }),
    Bun: () => ({ file: 'index.ts', command: [runtime('@oven/bun-linux-x64/bin/bun'), 'index.ts'] }),
  }
}

/** Compares all packages with those of a clean checkout in a different folder, built by a version of Node. */
async function rebuild(node: string, packed: readonly Packed[], temporary: string, repository: string): Promise<void> {
  const folder = mkdtempSync(join(temporary, 'a-different-folder-'))
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` }
  const built = await build({ ref: 'HEAD', repository }, folder, env)
  const tarballs = fromFolder(join(temporary, 'tarballs'))
  const problems = packed.map(async ({ name, version }) => {
    const expected = built.get(name)
    if (expected === undefined) return [`${name} was not built`]
    return (await compare(new Map([[name, expected]]), version, tarballs)).problems
  })
  none((await Promise.all(problems)).flat())
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { repository: { type: 'string', default: 'https://example.com/sigv4' } } })
  const { repository } = values
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-release-'))
  process.once('SIGINT', () => process.exit(130))
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))

  await step('The working tree is clean', async () =>
    none((await run('git', ['status', '--porcelain'])).stdout.split('\n').filter(Boolean)),
  )
  await step('npm run build', () => run('npm', ['run', 'build']))
  await step('Tests of what is published', () => runTests(temporary))
  await step('npm run figures -- --check', () => run('npm', ['run', 'figures', '--', '--check']))
  const packed: Packed[] = []
  for (const folder of PACKAGES)
    await step(`npm pack, ${folder}, for ${repository}`, async () => {
      packed.push(await pack(folder, temporary, repository))
    })
  const both = packed.filter(({ name }) => name === 'sigv4' || name === 'sigv4-tools')
  for (const { name, tarball } of packed) {
    await step(`publint, ${name}`, async () => none(await publintMessages(tarball)))
    await step(`npm publish --dry-run, ${name}`, () =>
      run('npm', ['publish', '--dry-run', '--ignore-scripts', '--access', 'public', tarball], temporary),
    )
  }
  // not of the aliases, whose types are in sigv4, which arethetypeswrong does not install
  for (const { name, tarball } of both)
    await step(`arethetypeswrong, ${name}`, async () => {
      const { problems } = await typesOf(tarball)
      // the tools are ES modules, which Node can require, but not all compilers
      none(problems.filter((kind) => name !== 'sigv4-tools' || kind !== 'CJSResolvesToESM'))
    })
  // the package of Deno is the one with which the workflow publishes
  await step('deno publish --dry-run', async () =>
    run(runtime('@deno/linux-x64-glibc/deno'), ['publish', '--dry-run', '--allow-dirty', '--no-check']),
  )
  for (const { name, readme } of both)
    for (const [project, settings] of Object.entries(projects()))
      await step(`The first example of ${name}, ${project}`, async () => {
        const tarballs = both.map(({ tarball }) => tarball)
        await runExample(readme, { name: project, ...settings() }, tarballs, join(temporary, name, project))
      })
  for (const [version, program] of [
    [process.versions.node, () => process.execPath],
    ['26', () => runtime('node26/bin/node')],
  ] as const)
    await step(`The same packages from a clean checkout with Node ${version}`, async () =>
      rebuild(program(), packed, temporary, repository),
    )
  console.log(`\n${counts.ok} ok, ${counts.failed} failed, ${counts['not run']} not run`)
  return counts.failed > 0 ? 1 : 0
}

process.exitCode = await main()
