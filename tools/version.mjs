import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// node tools/version.mjs PACKAGE VERSION writes a new version wherever the repository repeats it, dates its section of the
// changelog, and prints the commands that commit, tag, and push it, which starts the release.
//
// PACKAGE is sigv4 or sigv4-tools: each has its own version, tag, and changelog. The aliases have the version of sigv4.

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What is released together: the folder of the package, the start of its tags, its manifests, and the names that they have. */
export const RELEASES = {
  sigv4: {
    folder: '.',
    tag: 'v',
    manifests: ['package.json', 'jsr.json', ...['aws4', 'aws4fetch', 'smithy-signature-v4'].map(aliasOf)],
    names: /^sigv4(?:-as-[\w-]+)?$/,
    // what to install, and the head of the file that `sigv4-tools copy` prints
    mentions: /(\bsigv4-as-[\w-]+@|^\/\/ sigv4 )\d+\.\d+\.\d+/gm,
  },
  'sigv4-tools': {
    folder: 'packages/sigv4-tools',
    tag: 'tools-v',
    manifests: ['packages/sigv4-tools/package.json'],
    names: /^sigv4-tools$/,
    mentions: /(\bsigv4-tools@)\d+\.\d+\.\d+/g,
  },
}

function aliasOf(name) {
  return `packages/${name}/package.json`
}

/** Files that may name a version that is released: pages, workflows, and the reference. */
const MENTIONING = /^(?:docs|examples|packages)\/.*\.(?:md|yml)$|^(?:README\.md|llms\.txt|reference\/sigv4\.ts)$/

export const tagOf = (name, version) => `${RELEASES[name].tag}${version}`

const changelogOf = (name) => `${RELEASES[name].folder}/CHANGELOG.md`.replace(/^\.\//, '')

/** Returns the section of a version in the changelog of a package. */
export function notesOf(name, version, read) {
  const section = read(changelogOf(name))
    .split(/^## /m)
    .find((each) => each.startsWith(`${version} - `))
  if (section === undefined) throw new Error(`${changelogOf(name)} has no section for ${version}`)
  return section.slice(section.indexOf('\n')).trim()
}

/**
 * Returns the files that the new version of a package changes, by path.
 *
 * @param paths - The paths of all files.
 * @param date - The date of the release, as in `2026-01-31`.
 */
export function changesOf(name, version, { paths, read, date }) {
  const { manifests, names, mentions } = RELEASES[name]
  const changes = new Map()
  const change = (path, text) => text === read(path) || changes.set(path, text)

  const changelog = changelogOf(name)
  const heading = `## ${version} - Unreleased\n`
  if (!read(changelog).includes(heading)) throw new Error(`${changelog} has no section "${heading.trim()}"`)
  change(changelog, read(changelog).replace(heading, `## ${version} - ${date}\n`))

  for (const path of manifests) change(path, withVersion(read(path), version))
  for (const path of paths) {
    if (path.endsWith('package-lock.json')) change(path, withLocked(read(path), version, names))
    else if (MENTIONING.test(path) && !path.endsWith('CHANGELOG.md'))
      change(path, read(path).replace(mentions, `$1${version}`))
  }
  return changes
}

/** A manifest with a version, which an alias requires of `sigv4` too. */
function withVersion(manifest, version) {
  return manifest.replace(/("(?:version|sigv4)": )"\d+\.\d+\.\d+"/g, `$1"${version}"`)
}

/** A lock file with the version of the packages with these names. Those of examples and tests lock what they link to. */
function withLocked(text, version, names) {
  const lock = JSON.parse(text)
  let isChanged = false
  for (const [path, locked] of Object.entries(lock.packages)) {
    const name = locked.name ?? path.replace(/^.*(?:node_modules|packages)\//, '')
    if (!names.test(name) || locked.version === undefined) continue
    locked.version = version
    if (locked.dependencies?.sigv4) locked.dependencies.sigv4 = version
    if (path === '') lock.version = version
    isChanged = true
  }
  return isChanged ? `${JSON.stringify(lock, undefined, 2)}\n` : text
}

function main([name, version]) {
  if (!Object.hasOwn(RELEASES, name ?? '') || !/^\d+\.\d+\.\d+$/.test(version ?? '')) {
    console.error('Usage: node tools/version.mjs sigv4|sigv4-tools VERSION')
    return 2
  }
  const read = (path) => readFileSync(`${ROOT}${path}`, 'utf8')
  const paths = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  const changes = changesOf(name, version, { paths, read, date: new Date().toISOString().slice(0, 10) })
  for (const [path, text] of changes) writeFileSync(`${ROOT}${path}`, text)
  const tag = tagOf(name, version)
  console.log(`${[...changes.keys()].join('\n')}

git commit --all --message '${name} ${version}'
git tag --annotate ${tag} --message '${name} ${version}'
git push --follow-tags`)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2))
