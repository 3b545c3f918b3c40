import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeep } from '../../test/support/depth.ts'
import { type Packed, pack } from '../../test/support/packed.ts'
import { startJobs } from '../../test/support/pool.ts'
import { BUNDLERS } from './bundlers.ts'
import { jestConsumer, nextConsumer, nodeConsumer } from './frameworks.ts'
import { type Consumer, EXPECTED, HERE } from './projects.ts'
import { typescriptConsumers, VERSIONS } from './typescript.ts'

/** The outcome of a consumer. */
export interface Result {
  name: string
  version: string
  ms: number
  sizes: Record<string, number>
  problem: string | undefined
}

/** How to install the tools. */
export function missing(): string | undefined {
  const isThere = ['typescript-7.0', 'next', 'jest-environment-jsdom'].every((name) =>
    existsSync(join(HERE, 'node_modules', name)),
  )
  return isThere ? undefined : 'npm ci --ignore-scripts --prefix integration/consumers'
}

/** The longest first. */
const ALL = [
  'Next.js, edge route',
  ...VERSIONS.map((release) => `TypeScript ${release}`),
  'Jest, CommonJS, node',
  'Jest, CommonJS, jsdom',
  'Vite',
  'webpack',
  'Rollup',
  'esbuild, esm',
  'esbuild, cjs',
  'esbuild, iife',
  'Node, import and require',
]

/** The oldest and the newest TypeScript, a bundler, and Node: the others are run nightly. */
const ESSENTIAL = [
  `TypeScript ${VERSIONS[0]}`,
  `TypeScript ${VERSIONS.at(-1)}`,
  'esbuild, esm',
  'Node, import and require',
]

export const NAMES: readonly string[] = isDeep ? ALL : ESSENTIAL

/** Installs the package next to the tools. */
export function install(): Promise<Packed> {
  return pack(join(HERE, '.cache'))
}

/** Runs the consumers, two at a time, and yields their results in the order of their names. */
export function startConsumers({ folder, entries }: Packed): Promise<Result>[] {
  const consumers = [
    nextConsumer(),
    ...typescriptConsumers(entries.map(({ specifier }) => specifier)),
    jestConsumer('node'),
    jestConsumer('jsdom'),
    ...BUNDLERS.map((make) => make()),
    nodeConsumer(),
  ]
  return startJobs(
    NAMES.map((name, i) => async () => {
      const own = join(folder, `project-${i}`)
      mkdirSync(own)
      return check(consumers.find((consumer) => consumer.name === name)!, own)
    }),
  )
}

async function check(consumer: Consumer, folder: string): Promise<Result> {
  const begun = Date.now()
  const result = { name: consumer.name, version: consumer.version, sizes: {}, problem: undefined }
  try {
    const { printed, sizes = {} } = await consumer.run(folder)
    const lines = printed.flatMap((text) => text.trim().split('\n'))
    // `true` is the result of isSigV4Error.
    const wrong = lines.find((line) => line !== EXPECTED && line !== 'true')
    const problem = wrong ?? (lines.includes(EXPECTED) ? undefined : 'nothing was printed')
    return { ...result, sizes, ms: Date.now() - begun, problem }
  } catch (error) {
    return { ...result, ms: Date.now() - begun, problem: String((error as Error).message) }
  }
}

/** Formats the results as Markdown, with sizes in bytes after gzip -9. */
export function table(results: readonly Result[]): string {
  const programs = [...new Set(results.flatMap(({ sizes }) => Object.keys(sizes)))]
  const head = ['consumer', 'version', 'ms', ...programs]
  const lines = results.map(({ name, version, ms, sizes, problem }) => [
    name,
    version,
    problem === undefined ? String(ms) : 'FAILED',
    ...programs.map((program) => String(sizes[program] ?? '')),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)))
  const write = (line: string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [write(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.map(write)].join('\n')
}
