import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { HERE } from './bundle.ts'
import type { Feature, SuiteResult } from './harness.ts'
import { type Command, runToEnd } from './process.ts'

/** A row of the table: an engine, and how it loads the package. */
export interface Lane {
  engine: string
  how: string
  /** The features that the engine lacks, exactly. */
  lacks: readonly Feature[]
}

/** The outcome of a lane: a result or a problem. */
export type Outcome = { version: string; ms: number } & (
  | { result: SuiteResult }
  | { failure: string }
  | { compiled: string[] }
)

/** A group of lanes that run together. */
export interface Launch {
  lanes: readonly Lane[]
  /** What to install if the engine is missing. */
  missing(): string | undefined
  /** Runs the lanes in the folder of the files. Returns their outcomes in order. */
  run(folder: string): Promise<Outcome[]>
}

/** Whether an engine is available, and which. */
export interface Found {
  /** How to install it. */
  missing: string | undefined
  version(): string
}

export const WITHIN = 60_000
export const MODULES = join(HERE, 'node_modules')
const NPM = 'npm ci --ignore-scripts --prefix integration/runtimes'

export function manifestVersion(name: string): string {
  return JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version.replace(/^v/, '')
}

/** An engine that prints its result, from the nested package or from Debian. */
export function shell(lane: Lane, found: Found, command: (folder: string) => Command): Launch {
  return {
    lanes: [lane],
    missing: () => found.missing,
    async run(folder) {
      const begun = Date.now()
      const { status, output } = await runToEnd(command(folder), WITHIN)
      return [outcomeOf(output, found.version(), Date.now() - begun, `exited with ${status}`)]
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

/** Programs of a Debian package. All of them are required. */
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
