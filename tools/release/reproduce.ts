import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { RELEASES, type Released, tagOf } from '../version.mjs'
import { differencesOf, readPacked } from './tarball.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

const USAGE = `Usage: npm run reproduce -- VERSION [options]

Builds the tag of a version in a temporary folder, and compares the packages that npm serves with the build, byte by byte.
sigv4 and its aliases have the tag v1.2.3, and sigv4-tools has tools-v1.2.3.

  --release NAME     Compare only sigv4 with its aliases, or only sigv4-tools
  --tarballs FOLDER  Compare the tarballs in a folder, not those of npm

The exit code is 0 if all packages are the same, 1 if not, and 2 if they cannot be compared.
`

/** Returns the published tarball of a package, or `undefined` if it does not have this version. */
export type Download = (name: string, version: string) => Promise<Buffer | undefined>

export const fromFolder =
  (folder: string): Download =>
  async (name, version) => {
    const path = join(folder, `${name}-${version}.tgz`)
    return existsSync(path) ? readFileSync(path) : undefined
  }

export const fromRegistry =
  (registry: string): Download =>
  async (name, version) => {
    const get = async (address: string): Promise<Response> => {
      try {
        return await fetch(address)
      } catch (error) {
        const { message, cause } = error as Error & { cause?: Error }
        throw new Error(`${address} cannot be reached: ${cause?.message || message}`)
      }
    }
    const answered = async (response: Response): Promise<Response> => {
      if (response.ok) return response
      throw new Error(`${response.url} returned status ${response.status}`)
    }
    const response = await get(`${registry.replace(/\/$/, '')}/${name}/${version}`)
    if (response.status === 404) return undefined
    const { dist } = (await (await answered(response)).json()) as { dist: { tarball: string } }
    return Buffer.from(await (await answered(await get(dist.tarball))).arrayBuffer())
  }

/** The packages of a release, or of both, as tarballs by name. */
export type Tarballs = ReadonlyMap<string, Buffer>

/** What to build: a tag or a commit, and the address of the repository that the packages contain. */
export interface Source {
  readonly ref: string
  readonly release?: Released
  readonly repository: string | undefined
}

/** Builds packages from a clean checkout in a new folder, with the commands of .github/workflows/pack.yml. */
export async function build(
  { ref, release, repository }: Source,
  folder: string,
  env = process.env,
): Promise<Tarballs> {
  const [checkout, archive, tarballs] = ['checkout', 'checkout.tar', 'tarballs'].map((name) => join(folder, name))
  const run = (cwd: string, program: string, ...args: string[]) => execute(program, args, { cwd, env, maxBuffer: 1e8 })
  mkdirSync(checkout!, { recursive: true })
  // git must not change line ends
  await run(ROOT, 'git', '-c', 'core.autocrlf=false', 'archive', '--output', archive!, ref)
  await run(checkout!, 'tar', '-xf', archive!)
  await run(checkout!, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
  await run(checkout!, 'npm', 'run', 'build')
  const options = Object.entries({ release, repository }).flatMap(([name, value]) =>
    value ? [`--${name}`, value] : [],
  )
  await run(checkout!, 'npx', 'tsx', 'tools/pack.ts', tarballs!, ...options)
  const files = readdirSync(tarballs!).filter((name) => name.endsWith('.tgz'))
  return new Map(
    files.map((file) => [file.replace(/-\d+\.\d+\.\d+\.tgz$/, ''), readFileSync(join(tarballs!, file))] as const),
  )
}

/** How published packages relate to a build of their source, a line for each. */
export interface Comparison {
  readonly same: readonly string[]
  readonly problems: readonly string[]
}

/** Compares packages with a build. */
export async function compare(built: Tarballs, version: string, download: Download): Promise<Comparison> {
  const [same, problems]: [string[], string[]] = [[], []]
  for (const [name, expected] of built) {
    const published = await download(name, version)
    if (published === undefined) {
      problems.push(`${name}@${version} is not published`)
      continue
    }
    try {
      const differences = differencesOf(published, expected)
      if (differences.length > 0) problems.push([`${name}@${version} differs:`, ...differences].join('\n  '))
      else if (published.equals(expected)) same.push(`${name}@${version}: the same bytes`)
      else same.push(`${name}@${version}: the same files, compressed differently`)
    } catch (error) {
      problems.push(`${name}@${version} is malformed: ${(error as Error).message}`)
    }
  }
  return { same, problems }
}

/**
 * Compares the published packages of a release with a build of its tag. Returns `undefined` if neither the tag nor the
 * published version exists.
 *
 * @param builds - Builds the tag.
 * @param root - The repository with the tags.
 */
export async function reproduce(
  release: Released,
  version: string,
  download: Download,
  builds: (source: Source) => Promise<Tarballs>,
  root = ROOT,
): Promise<Comparison | undefined> {
  const tag = tagOf(release, version)
  const published = await download(release, version)
  const tagged = await versionAt(`refs/tags/${tag}`, release, root)
  if (published === undefined && tagged === undefined) return undefined
  const fail = (problem: string): Comparison => ({ same: [], problems: [problem] })
  if (tagged === undefined)
    return fail(
      `${release}@${version} is published, but this clone does not have the tag ${tag}. Run git fetch --tags. If the tag is still missing, nothing shows where the package is from.`,
    )
  if (tagged !== version) return fail(`The tag ${tag} contains ${release} ${tagged}, not ${version}.`)
  if (published === undefined) return fail(`${release}@${version} is not published, but the tag ${tag} exists.`)
  let repository: string | undefined
  try {
    const { url } = JSON.parse(readPacked(published, 'package.json')).repository ?? {}
    repository = url?.replace(/^git\+|\.git$/g, '')
  } catch (error) {
    return fail(`${release}@${version} is malformed: ${(error as Error).message}`)
  }
  return compare(await builds({ ref: `refs/tags/${tag}`, release, repository }), version, download)
}

/** Returns the version of a release in the sources at a tag, or `undefined` if the tag does not exist. */
async function versionAt(ref: string, release: Released, root: string): Promise<string | undefined> {
  const path = `${RELEASES[release].folder}/package.json`.replace(/^\.\//, '')
  try {
    return JSON.parse((await execute('git', ['show', `${ref}:${path}`], { cwd: root })).stdout).version
  } catch {
    return undefined
  }
}

async function main(temporary: string): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { release: { type: 'string' }, tarballs: { type: 'string' } },
    allowPositionals: true,
  })
  const releases = (Object.keys(RELEASES) as Released[]).filter((name) =>
    [undefined, name as string].includes(values.release),
  )
  const [version = ''] = positionals
  if (!/^\d+\.\d+\.\d+$/.test(version) || positionals.length > 1 || releases.length === 0) {
    console.error(USAGE)
    return 2
  }
  // npm starts scripts in the root; a folder is relative to where the command was entered
  const folder = values.tarballs && resolve(process.env.INIT_CWD ?? '.', values.tarballs)
  const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org'
  const download = folder ? fromFolder(folder) : fromRegistry(registry)
  const builds = (source: Source): Promise<Tarballs> => {
    console.log(
      `Building ${source.ref} with Node ${process.versions.node}, for ${source.repository ?? 'no repository'}`,
    )
    return build(source, join(temporary, source.release!))
  }
  const found: Comparison[] = []
  for (const release of releases) {
    const comparison = await reproduce(release, version, download, builds)
    if (comparison === undefined) continue
    found.push(comparison)
    for (const line of comparison.same) console.log(line)
    for (const problem of comparison.problems) console.error(problem)
  }
  if (found.length > 0) return found.some(({ problems }) => problems.length > 0) ? 1 : 0
  console.error(`Version ${version} of ${releases.join(' and ')} is not published, and has no tag in this clone.`)
  return 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-reproduce-'))
  process.once('SIGINT', () => process.exit(130))
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
  try {
    process.exitCode = await main(temporary)
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
    console.error(`${message}\n${stdout}${stderr}`.trim())
    process.exitCode = 2
  }
}
