import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { HERE } from './bundle.ts'
import type { Feature, SuiteResult } from './harness.ts'
import { type Command, runToEnd } from './process.ts'

/** One row of the table: an engine, and how the package came into it. */
export interface Lane {
  engine: string
  how: string
  /** What the engine lacks: neither more nor less. */
  lacks: readonly Feature[]
}

/** What became of a lane: its result, or what there was instead of one. */
export type Outcome = { version: string; ms: number } & (
  | { result: SuiteResult }
  | { failure: string }
  | { compiled: string[] }
)

/** Lanes that are run together. */
export interface Launch {
  lanes: readonly Lane[]
  /** What to install, if the engine is not there. */
  missing(): string | undefined
  /** Runs the lanes over the files in the folder; gives their outcomes in order. */
  run(folder: string): Promise<Outcome[]>
}

/** Whether an engine is on this machine, and which. */
export interface Found {
  /** What to do if it is not. */
  missing: string | undefined
  version(): string
}

export const WITHIN = 60_000
export const MODULES = join(HERE, 'node_modules')
const NPM = 'npm ci --ignore-scripts --prefix test/runtimes'

export function manifestVersion(name: string): string {
  return JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version.replace(/^v/, '')
}

/** An engine that prints its result: of the nested package, or of Debian. */
export function shell(lane: Lane, found: Found, command: (folder: string) => Command): Launch {
  return {
    lanes: [lane],
    missing: () => found.missing,
    async run(folder) {
      const begun = Date.now()
      const { status, output } = await runToEnd(command(folder), WITHIN)
      return [outcomeOf(output, found.version(), Date.now() - begun, `ended with ${status}`)]
    },
  }
}

export function outcomeOf(output: string, version: string, ms: number, otherwise: string): Outcome {
  const [, json] = /RESULT (\{.*\}) END/s.exec(output) ?? []
  const result = json === undefined ? { crash: `${otherwise}: ${output.slice(-1500)}` } : JSON.parse(json)
  return { version, ms, ...('crash' in result ? { failure: result.crash } : { result }) }
}

export function fromNpm(name: string): Found {
  const isThere = existsSync(join(MODULES, name, 'package.json'))
  return { missing: isThere ? undefined : NPM, version: () => manifestVersion(name) }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the format of dpkg-query
const FORMAT = ['-W', '-f', '${Version}']

/** Programs of a package of Debian, all of which must be there. */
export function fromDebian(name: string, ...files: string[]): Found {
  const folders = process.env.PATH!.split(delimiter)
  const isThere = (file: string): boolean =>
    ['', ...folders].some((folder) => existsSync(folder ? join(folder, file) : file))
  return {
    missing: files.every(isThere) ? undefined : `apt-get install ${name}`,
    version: () =>
      execFileSync('dpkg-query', [...FORMAT, name.split(' ')[0]!], { encoding: 'utf8' }).replace(/-.*/, ''),
  }
}
