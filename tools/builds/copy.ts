import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENTRIES as OF_LIBRARY } from '../entries.js'

// Two builds of the library, for the tools that compare them.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ROLLUP = 'node_modules/rollup/dist/bin/rollup'
const TOOLS = 'packages/sigv4-tools'

/** The entries that are compared, by the name of their file: those of the library, and what explains. */
export const ENTRIES: readonly string[] = [...OF_LIBRARY.map(({ name }) => name), 'explain']

/**
 * Copies two builds to temporary folders, which are removed when the process exits. Each is a folder, or a git revision,
 * which is built first. Even the same build twice is loaded as two programs, from paths of the same length.
 */
export function copyBuilds(old: string, next: string): readonly [old: string, next: string] {
  const parent = mkdtempSync(join(tmpdir(), 'sigv4-builds-'))
  process.on('exit', () => rmSync(parent, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  return [copyBuild('OLD', old, join(parent, 'a')), copyBuild('NEW', next, join(parent, 'b'))]
}

function copyBuild(label: string, given: string, to: string): string {
  const folder = [resolve(given), resolve(given, 'dist')].find((each) => existsSync(join(each, 'index.js')))
  mkdirSync(to)
  if (folder) {
    console.log(`${label}: ${folder}`)
    copyPackages(folder, to)
  } else {
    buildRevision(label, given, to)
  }
  writeFileSync(join(to, 'package.json'), '{ "type": "module" }\n')
  return to
}

function buildRevision(label: string, revision: string, to: string): void {
  const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
  if (!commit) fail(`${label} must be a folder that contains index.js, or a git revision (got "${revision}")`)
  console.log(`${label}: ${revision} is ${commit.slice(0, 10)}, which is built in a temporary worktree with rollup`)
  const tree = `${to}-tree`
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, commit], { cwd: ROOT })
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    for (const config of ['rollup.config.js', `${TOOLS}/rollup.config.js`].filter((name) =>
      existsSync(join(tree, name)),
    ))
      execFileSync(process.execPath, [ROLLUP, '-c', config, '--silent'], {
        cwd: tree,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    copyPackages(join(tree, 'dist'), to)
  } finally {
    execFileSync('git', ['worktree', 'remove', '--force', tree], { cwd: ROOT })
  }
}

/**
 * Copies the modules of the library, and those of the tools beside it. `explain` and `trace` were one entry of the library
 * until version 0.1.0, so each build has both names.
 */
function copyPackages(dist: string, to: string): void {
  copyModules(dist, to)
  const tools = join(dist, '..', TOOLS, 'dist')
  if (!existsSync(join(to, 'trace.js'))) writeFileSync(join(to, 'trace.js'), "export { trace } from './explain.js'\n")
  if (!existsSync(join(to, 'explain.js')) && existsSync(join(tools, 'explain.js'))) {
    mkdirSync(join(to, 'tools'))
    copyModules(tools, join(to, 'tools'))
    writeFileSync(join(to, 'explain.js'), "export * from './tools/explain.js'\n")
  }
}

function copyModules(from: string, to: string): void {
  for (const file of readdirSync(from)) if (file.endsWith('.js')) cpSync(join(from, file), join(to, file))
}

function git(...command: string[]): string {
  try {
    return execFileSync('git', command, { cwd: ROOT, encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** Ends the process because it was called incorrectly. */
export function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
