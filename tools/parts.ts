import { join } from 'node:path'

/** A part of `npm run test:all`. */
export interface Part {
  readonly name: string
  readonly what: string
  /** The folders whose tests it runs, those of all lanes. A folder below belongs to the part that names it. */
  readonly folders?: readonly string[]
  /** The folders whose packages it needs. */
  readonly packages?: readonly string[]
  /** What it runs after the tests. */
  readonly steps?: readonly string[]
}

const TOOLS = 'packages/sigv4-tools/test'

/** What the tests of each landing need besides the packages of the root. */
export const LANDING_PACKAGES = [
  'integration/runtimes',
  'integration/consumers',
  'integration/clients',
  'integration/browser-upload',
  'examples/browser-upload',
]

export const PARTS: readonly Part[] = [
  { name: 'library', what: 'sigv4, with many times the random cases', folders: ['test', 'reference'] },
  {
    name: 'explain',
    what: 'explain on all recordings and random faults, and its accuracy',
    folders: [`${TOOLS}/explain`, `${TOOLS}/docs`, `${TOOLS}/formats`, `${TOOLS}/redaction`],
    steps: ['tsx integration/recordings/score.ts'],
  },
  { name: 'tools', what: 'the other tools, and attacks on them', folders: [TOOLS] },
  { name: 'suite', what: 'the suite, and the table of audits', folders: ['suite', 'integration/audits'] },
  {
    name: 'repository',
    what: 'imports, pages, examples, and the API documentation',
    folders: ['tools'],
    packages: ['tools/api', 'integration/runtimes', 'integration/benchmarks'],
  },
  { name: 'package', what: 'the packages, their release, and reproducible builds', folders: ['integration/package'] },
  {
    name: 'consumers',
    what: 'bundlers, and all versions of TypeScript',
    folders: ['integration/consumers'],
    packages: ['integration/consumers'],
  },
  {
    name: 'runtimes',
    what: 'all engines and browsers',
    folders: ['integration/runtimes'],
    packages: ['integration/runtimes'],
  },
  {
    name: 'servers',
    what: 'LocalStack, MinIO, versitygw, Moto, Swift, and the program for AWS',
    folders: ['integration/servers', 'integration/aws'],
  },
  {
    name: 'clients',
    what: 'clients and SDKs in six languages, and official signers',
    folders: ['integration/clients', 'integration/signers'],
    packages: [
      ...['integration/clients', 'integration/clients/sigv4a', 'integration/signers', 'integration/runtimes'],
      ...['examples/browser-upload', 'examples/callers', 'examples/proxy', 'examples/tokens'],
    ],
  },
  {
    name: 'browsers',
    what: 'uploads and the debugger page, in three browsers',
    folders: ['integration/browser-upload', 'integration/browser-debugger'],
    packages: ['integration/browser-upload', 'examples/browser-upload', 'examples/callers', 'examples/uploads'],
  },
  {
    name: 'frameworks',
    what: 'verifying and uploading in web frameworks',
    folders: ['integration/frameworks'],
    packages: ['integration/frameworks', 'examples/uploads'],
  },
  {
    name: 'guides',
    what: 'recipes, migrations, test runners, and packages that use an alias',
    folders: [
      ...['integration/recipes', 'integration/migrating', 'integration/test-runners'],
      ...['integration/dependents', 'integration/others'],
    ],
    packages: [
      ...['integration/dependents', 'integration/migrating', 'integration/test-runners', 'integration/runtimes'],
      ...['examples/recipes', 'examples/tokens', 'examples/proxy'],
    ],
  },
  {
    name: 'evidence',
    what: 'large bodies, many requests at once, and random faults',
    folders: ['integration/evidence'],
    steps: ['tsx integration/evidence/main.ts'],
  },
  {
    name: 'figures',
    what: 'the numbers that pages state',
    packages: ['integration/benchmarks'],
    steps: ['tsx tools/figures.ts --check'],
  },
  {
    name: 'mutation',
    what: 'changes of the sources that no test detects',
    packages: ['tools/mutation'],
    steps: ['npm --prefix tools/mutation start'],
  },
]

/** The folders of all parts, and the part of each. */
const OWNERS = PARTS.flatMap((part) => (part.folders ?? []).map((folder) => [folder, part] as const))

/** Returns the part that runs a file of tests, the one with the deepest folder. */
export function partOf(file: string): Part | undefined {
  const owners = OWNERS.filter(([folder]) => file.startsWith(`${folder}/`))
  return owners.sort(([one], [other]) => other.length - one.length)[0]?.[1]
}

/** Returns the arguments with which vitest runs the tests of a part only. */
export function testsOf(part: Part): string {
  const folders = part.folders ?? []
  const below = OWNERS.filter(
    ([folder, owner]) => owner !== part && folders.some((each) => folder.startsWith(`${each}/`)),
  )
  // whole paths, because a filter matches any part of a path
  const filters = folders.map((folder) => JSON.stringify(`${join(import.meta.dirname, '..', folder)}/`))
  return [...filters, ...below.map(([folder]) => `--exclude '${folder}/**'`)].join(' ')
}
