import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { releaseOf } from '../pack.ts'
import { RELEASES, type Released, tagOf } from '../version.mjs'
import { compareTarballs, fileOf, integrityOf } from './tarball.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const USAGE = `Usage: npm run reproduce -- VERSION [options]

Builds the tag of a version in a temporary clone, and compares the tarballs of the registry with the build, byte by byte.
sigv4 and its aliases have the tag v1.2.3, sigv4-tools has tools-v1.2.3: packages with a tag of the version are compared.

  --registry PLACE   URL of a registry, or a folder with tarballs of npm pack (default: the registry of npm)
  --ref REF          commit or branch to build instead of the tags
  --repository URL   address in package.json and in links (default: the origin of this clone, then what is published)
`

/** A problem that is reported without a stack. */
class Failure extends Error {}

const git = (...command: string[]): string => execFileSync('git', command, { cwd: ROOT, encoding: 'utf8' }).trim()

/** Returns the commit of a tag, a branch, or a hash. */
function commitOf(ref: string): string | undefined {
  try {
    const quiet = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
    return execFileSync('git', quiet, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}

/** Returns the names of the packages of a release at a commit, if it has this version there. */
function packagesAt(commit: string, name: Released, version: string): string[] {
  const folders = git('ls-tree', '--name-only', `${commit}:packages`).split('\n')
  const manifests = ['.', ...folders.map((folder) => `packages/${folder}`)]
    .filter((folder) => releaseOf(folder) === name)
    .map((folder) => JSON.parse(git('show', `${commit}:${folder === '.' ? '' : `${folder}/`}package.json`)))
  if (manifests.find((manifest) => manifest.name === name)?.version !== version) return []
  const other = manifests.find((manifest) => manifest.version !== version)
  if (other) throw new Failure(`${other.name} has version ${other.version} at ${commit}, and ${name} has ${version}.`)
  return manifests.map((manifest) => manifest.name)
}

/** Returns the published tarball of a package, or `undefined` if the version does not exist. */
function published(name: string, version: string, registry: string | undefined, folder: string): Buffer | undefined {
  const file = `${name}-${version}.tgz`
  if (registry !== undefined && !/^https?:/.test(registry)) {
    const path = join(registry, file)
    return existsSync(path) ? readFileSync(path) : undefined
  }
  const options = ['--json', '--ignore-scripts', '--pack-destination', folder]
  if (registry !== undefined) options.push('--registry', registry)
  try {
    // outside of the repository, whose own packages npm would take
    execFileSync('npm', ['pack', `${name}@${version}`, ...options], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { code, summary } = errorOf((error as { stdout?: string }).stdout)
    if (code === 'E404' || code === 'ETARGET') return undefined
    throw new Failure(`${name}@${version} cannot be downloaded: ${summary ?? (error as Error).message}`)
  }
  return readFileSync(join(folder, file))
}

/** The error in the output of npm. */
function errorOf(output = ''): { code?: string; summary?: string } {
  try {
    return JSON.parse(output).error ?? {}
  } catch {
    return {}
  }
}

/** The address of the repository on the web, from that of a remote or a manifest. */
export function addressOf(remote: string | undefined): string | undefined {
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](.+)$/.exec(remote ?? '')
  const address = ssh ? `https://${ssh[1]}/${ssh[2]}` : remote?.replace(/^git\+/, '')
  return address && /^https?:/.test(address) ? address.replace(/\/?(?:\.git)?$/, '') : undefined
}

function origin(): string | undefined {
  try {
    return addressOf(
      execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim(),
    )
  } catch {
    return undefined
  }
}

/** Packs a release from a clean clone, with the commands of .github/workflows/pack.yml. */
function pack(clone: string, release: Released, repository: string | undefined): string {
  const destination = join(clone, '..', `built-${release}`)
  const address = repository === undefined ? [] : ['--repository', repository]
  run(clone, 'npx', 'tsx', 'tools/pack.ts', destination, '--release', release, ...address)
  return destination
}

function run(cwd: string, program: string, ...args: string[]): void {
  try {
    execFileSync(program, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Failure(`${program} ${args.join(' ')} failed in a clone of the commit:\n${stdout}${stderr}`)
  }
}

/** Clones the repository at a commit, and builds all packages. */
function build(commit: string, into: string): string {
  const clone = join(into, 'clone')
  mkdirSync(into)
  // a checkout must not change line ends
  execFileSync('git', ['clone', '--quiet', '--shared', '--no-checkout', '-c', 'core.autocrlf=false', ROOT, clone])
  execFileSync('git', ['checkout', '--quiet', '--detach', commit], { cwd: clone })
  run(clone, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
  run(clone, 'npm', 'run', 'build')
  return clone
}

interface Options {
  readonly registry?: string | undefined
  readonly ref?: string | undefined
  readonly repository?: string | undefined
}

/** Compares all packages of a version. Returns whether they are the same. */
function reproduce(version: string, options: Options, temporary: string): boolean {
  const names = Object.keys(RELEASES) as Released[]
  if (options.ref !== undefined && commitOf(options.ref) === undefined)
    throw new Failure(`${options.ref} does not exist in this clone. Run git fetch.`)
  if (options.registry !== undefined && !/^https?:/.test(options.registry) && !existsSync(options.registry))
    throw new Failure(`The folder ${options.registry} does not exist.`)
  const refs = names.map((name) => ({ name, ref: options.ref ?? `refs/tags/${tagOf(name, version)}` }))
  const found = refs.flatMap(({ name, ref }) => {
    const commit = commitOf(ref)
    const packages = commit === undefined ? [] : packagesAt(commit, name, version)
    if (commit !== undefined && options.ref === undefined && packages.length === 0)
      throw new Failure(`The tag ${tagOf(name, version)} does not contain version ${version} of ${name}.`)
    return packages.length === 0 ? [] : [{ name, commit: commit!, packages }]
  })
  if (found.length === 0)
    throw new Failure(
      options.ref === undefined
        ? `Neither ${tagOf('sigv4', version)} nor ${tagOf('sigv4-tools', version)} is a tag in this clone. Run git fetch --tags, or pass --ref.`
        : `No package has version ${version} at ${options.ref}.`,
    )

  const downloads = join(temporary, 'published')
  mkdirSync(downloads)
  const download = (name: string): Buffer | undefined => published(name, version, options.registry, downloads)
  let isSame = true
  // a version that was published without its tag comes from elsewhere
  for (const name of names.filter((name) => !found.some((each) => each.name === name)))
    if (download(name) !== undefined) {
      console.log(
        `no source   ${name}@${version} is published, but ${options.ref ?? tagOf(name, version)} does not contain it`,
      )
      isSame = false
    }
  const releases = found.map((each) => ({
    ...each,
    tarballs: each.packages.map((name) => ({ name, published: download(name) })),
  }))
  for (const { name } of releases
    .flatMap(({ tarballs }) => tarballs)
    .filter(({ published }) => published === undefined)) {
    console.log(`missing     ${name}@${version} is not published`)
    isSame = false
  }

  const clones = new Map<string, string>()
  for (const { name, commit, tarballs } of releases) {
    const existing = tarballs.filter(
      (each): each is { name: string; published: Buffer } => each.published !== undefined,
    )
    if (existing.length === 0) continue
    const stated = JSON.parse(String(fileOf(existing[0]!.published, 'package.json') ?? '{}')).repository?.url
    const repository = options.repository ?? origin() ?? addressOf(stated)
    const clone = clones.get(commit) ?? build(commit, join(temporary, commit))
    clones.set(commit, clone)
    const npm = execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim()
    const ref = options.ref ?? tagOf(name, version)
    console.log(`\n${ref} is commit ${commit}, built with Node ${process.versions.node} and npm ${npm}`)
    console.log(`The address of its repository is ${repository ?? 'not known'}`)
    const built = pack(clone, name, repository)
    for (const { name, published } of existing) {
      const expected = readFileSync(join(built, `${name}-${version}.tgz`))
      const { differences, compressed } = compareTarballs(published, expected)
      if (differences.length > 0) isSame = false
      const verdict = differences.length > 0 ? 'different  ' : compressed.length > 0 ? 'same files ' : 'same       '
      console.log(`${verdict} ${name}@${version} ${integrityOf(published)}`)
      if (differences.length > 0) console.log(`            built: ${integrityOf(expected)}`)
      for (const difference of differences) console.log(`            ${difference}`)
      if (compressed.length > 0)
        console.log(`            compressed differently by another zlib: ${compressed.join(', ')}`)
    }
  }
  return isSame
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { registry: { type: 'string' }, ref: { type: 'string' }, repository: { type: 'string' } },
    allowPositionals: true,
  })
  const [version = '', ...others] = positionals
  if (!/^\d+\.\d+\.\d+$/.test(version) || others.length > 0) {
    console.error(USAGE)
    return 2
  }
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-reproduce-'))
  process.once('SIGINT', () => process.exit(130))
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
  // npm runs scripts in the root; a folder is relative to where the command was entered
  const { registry } = values
  const isFolder = registry !== undefined && !/^https?:/.test(registry)
  const place = isFolder ? resolve(process.env.INIT_CWD ?? '.', registry) : registry
  try {
    if (reproduce(version, { ...values, registry: place }, temporary)) return 0
    console.error(`\nVersion ${version} was not reproduced.`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    console.error(error.message)
  }
  return 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main()
