import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FAULTS } from '../packages/sigv4-tools/test/support/explain/generator/cases.ts'
import type { ServerName } from '../packages/sigv4-tools/test/support/explain/recorded.ts'
import {
  counts,
  FLOOR_OF_ALL,
  FLOOR_OF_HONESTY,
  FLOORS,
  recordings,
  scoresOf,
  showsStrings,
  summaryOf,
  type Tier,
} from '../packages/sigv4-tools/test/support/explain/scoring.ts'
import {
  scoreThreads,
  THREAD_FLOORS,
  type ThreadSet,
  threads,
} from '../packages/sigv4-tools/test/support/explain/threads.ts'
import { corpus } from '../test/support/aws4/corpus.ts'
import { MANY } from '../test/support/depth.ts'
import { read, readBlock, writeBlock } from '../test/support/docs/markdown.ts'
import { docExamples, endpointScopes, suiteCases } from '../test/support/fixtures.ts'
import { ROOT } from '../test/support/packed.ts'
import { comparison, published } from './features/main.ts'
import { bundle, PROGRAMS, weight } from './programs.ts'

// npm run figures               updates the figures on these pages from what they count or measure
// npm run figures -- --check    compares them instead, and prints each with its command; exits with 1 if one is not current

/** A figure on a page. */
interface Figure {
  readonly page: string
  /** The words around it, with one group for the figure. */
  readonly pattern: RegExp
  readonly value: () => string | Promise<string>
  /** The command whose result it is. A time is that of the last `npm run bench`, whose commit the page states. */
  readonly command: string
}

/** Lists the figures of a command. */
const by = (command: string, figures: readonly (readonly [string, RegExp, Figure['value']])[]): Figure[] =>
  figures.map(([page, pattern, value]) => ({ page, pattern, value, command }))

const SIZE = 'npm run size'
const COMPARE = 'npm run compare'
const BENCH = 'npm run bench'
const SCORE = 'npm run explain:score'

const grouped = (value: number): string => value.toLocaleString('en-US')
const percent = (share: number): string => String(Math.round(100 * share))

/** The first group of a pattern in a file. */
function found(path: string, pattern: RegExp): string {
  const [, value] = pattern.exec(read(path)) ?? []
  if (value === undefined) throw new Error(`${path} does not contain ${pattern}`)
  return value
}

/** Kilobytes of the first program of an entry whose description starts so: `npm run size`. */
const size = (what: string, entry: string) => async (): Promise<string> => {
  const program = PROGRAMS.find(([name, specifier]) => name.startsWith(what) && specifier === entry)!
  return (weight(await bundle(program, ROOT, { minify: true, tsconfigRaw: {} })) / 1000).toFixed(1)
}

const roundTrips = (server: string): string =>
  found(`integration/servers/${server}.landing.test.ts`, RegExp(`roundTrip\\(${server}, (\\d+)\\)`))

/** A row of an engine in which tests ran: its name without the version, and `all` if every entry works. */
const ENGINE = /^\| ([A-Z][\w ]*?)(?: \d+)? +\|.*\| (?:(all) +|.*)\| \d+ +\| \d+ +\|$/gim

/** The engines in which tests ran, or those in which every entry works. */
function enginesWith(all?: 'all'): Set<string> {
  const rows = [...read('docs/runtimes.md').matchAll(ENGINE)]
  return new Set(rows.filter(([, , entries]) => all === undefined || entries === all).map(([, engine]) => engine!))
}

/** Number of engines in which tests ran. */
const engines = (): string => String(enginesWith().size)

/** Number of those in which only some entries work. */
const enginesWithoutAll = (): string => String(enginesWith().size - enginesWith('all').size)

const casesOf = (tier: Tier): number =>
  [...recordings().values()].flatMap(({ cases }) => cases.filter((each) => counts(each, tier))).length
const recorded = (): string => grouped(casesOf('A'))

const threadFloor = (set: ThreadSet, form: 'structured' | 'pasted' = 'structured'): string =>
  percent(THREAD_FLOORS[set][form])

/** The number of cases in a set of threads, or only of those whose evidence is also structured. */
const threadCases = (set: ThreadSet, form = 'pasted'): string =>
  String(threads(set).filter((each) => form === 'pasted' || each.structured).length)

const exact = (part: number, whole: number): string => ((100 * part) / whole).toFixed(1)

/** The share of all recorded requests whose cause comes first. */
const share = (tier: Tier) => (): string => {
  const { first, cases } = summaryOf([...recordings().keys()].flatMap((server) => scoresOf(server, tier)))
  return exact(first, cases)
}

/** The servers that return their strings. */
const showing = (): ServerName[] =>
  [...recordings()].filter(([, { cases }]) => cases.some(showsStrings)).map(([server]) => server)

/** The number of recorded requests of these servers, in tier C. */
const ofShowing = (): number =>
  showing().flatMap((server) =>
    recordings()
      .get(server)!
      .cases.filter((each) => counts(each, 'C')),
  ).length

function honestShare(): string {
  const { honest, cases } = summaryOf(showing().flatMap((server) => scoresOf(server, 'C')))
  return exact(honest, cases)
}

const threadScores = new Map<ThreadSet, ReturnType<typeof scoreThreads>>()

/** The share of a set of threads whose cause comes first. */
const threadShare = (set: ThreadSet, form: 'structured' | 'pasted') => async (): Promise<string> => {
  const scores = threadScores.get(set) ?? scoreThreads(set)
  threadScores.set(set, scores)
  const list = (await scores)[form]
  return exact(list.filter(({ isRight }) => isRight).length, list.length)
}

/** The last cell of a row, in percent. */
const measuredCell = (name: string): RegExp => RegExp(`^\\| ${name} \\|.*\\| ([\\d.]+)% \\|$`, 'm')

const row = (fn: string): RegExp => RegExp(`\\| ${fn}[^|]* \\| ([\\d.]+) \\|`)

/** A cell of the table of docs/comparison.md, which `npm run compare` writes. */
const compared = (name: string, column: number) => (): string => {
  const line = read('docs/comparison.md')
    .split('\n')
    .find((each) => each.startsWith(`| ${name} |`))
  return line?.split(' | ')[column]?.replace(/ \|$/, '') ?? UNKNOWN
}

/** The same without its unit. */
const comparedNumber = (name: string, column: number) => (): string => compared(name, column)().replace(' kB', '')

/** The recipes on the page of widgets. */
const RECIPES = {
  Uppy: 'uppy.ts',
  FilePond: 'filepond.ts',
  Dropzone: 'dropzone.ts',
  'react-dropzone': 'react-dropzone.tsx',
  XMLHttpRequest: 'xhr.ts',
  axios: 'axios.ts',
}

const WIDGETS = {
  Uppy: '@uppy/aws-s3',
  FilePond: 'filepond',
  Dropzone: 'dropzone',
  'react-dropzone': 'react-dropzone',
}

/** The number of lines of recipes, without blank lines and comments. */
const codeLines = (...files: string[]): string => {
  const lines = files.flatMap((file) => read(`examples/uploads/${file}`).split('\n'))
  return String(lines.filter((line) => !/^\s*(?:\/\/.*|\/\*\*.*\*\/)?$/.test(line)).length)
}

const BENCHMARKS = 'docs/benchmarks.md'
const UNKNOWN = '…'

/** Rows of the summary of the benchmarks that the comparison repeats. */
const TASKS =
  /^\| (?:Task|---|Presign a PUT URL, credentials|Sign a POST to DynamoDB|Presign a PUT URL, Node|The same, Chromium|10,000 URLs|Sign a POST) ?/

/** Returns the summary of docs/benchmarks.md, which `npm run bench` writes, or the rows of it that match. */
function summary(rows = /^\|/): string[] {
  if (!existsSync(join(ROOT, BENCHMARKS))) return []
  const [, section = ''] = read(BENCHMARKS).split(/^## Summary$/m)
  return section
    .split(/^## /m)[0]!
    .split('\n')
    .filter((line) => rows.test(line))
}

/** Returns the table about speed on the page of the comparison. */
export function speed(): string {
  const rows = summary(TASKS)
  return rows.length > 2 ? rows.join('\n') : 'Not measured yet.'
}

/** How many times as fast as another library ours is, in the last column of a table of the benchmarks. */
const ratio = (table: string, other: string) => (): string => {
  const [, section = ''] = read(BENCHMARKS).split(`<!-- ${table} -->`)
  return RegExp(`^\\| ${other} \\|.*\\| ([\\d.]+) × \\|$`, 'm').exec(section.split('<!--')[0]!)?.[1] ?? UNKNOWN
}

/** How many AWS hosts there are in botocore's endpoint rules. */
const awsHosts = (): string =>
  grouped(new Set([...endpointScopes().keys()].map((place) => place.replace(/\/.*/, ''))).size)

/** Sizes in the README, and in the list of all entries. */
const SIZES: readonly (readonly [string, RegExp, Figure['value']])[] = [
  ['README.md', row('`presignGet`'), size('presignPut', 'sigv4')],
  ['README.md', row('`presignPost`'), size('presignPost', 'sigv4')],
  ['README.md', row('`presignMultipartParts`'), size('presignMultipartParts', 'sigv4')],
  ['README.md', row('`createSignedFetch`'), size('createSignedFetch', 'sigv4/fetch')],
  ['README.md', row('`verify`'), size('verify', 'sigv4/verify')],
  ['README.md', /`sigv4\/aws4`, … \| the same names \| ([\d.]+) \|/, size('sign', 'sigv4/aws4')],
  ['README.md', row('`explain`'), size('explain', 'sigv4-tools/explain')],
  ['docs/README.md', /`presignPut` \| ([\d.]+) \|\n\| \| \| `presignPost`/, size('presignPut', 'sigv4')],
  ['docs/README.md', row('`presignPost`'), size('presignPost', 'sigv4')],
  ['docs/README.md', row('`presignMultipartParts`'), size('presignMultipartParts', 'sigv4')],
  ['docs/README.md', /\| \| \| `sign` \| ([\d.]+) \|/, size('sign ', 'sigv4')],
  ['docs/README.md', /without-await\) \| `presignPut` \| ([\d.]+) \|/, size('presignPut', 'sigv4/sync')],
  ['docs/README.md', row('`createSignedFetch`'), size('createSignedFetch', 'sigv4/fetch')],
  ['docs/README.md', row('`verify`'), size('verify', 'sigv4/verify')],
  ['docs/README.md', row('`rdsToken`'), size('rdsToken', 'sigv4/tokens')],
  ['docs/README.md', row('`signChunks`'), size('signChunks', 'sigv4/streams')],
  ['docs/README.md', row('`presignGet`'), size('presignGet', 'sigv4/sigv4a')],
  ['docs/README.md', row('`trace`'), size('trace', 'sigv4/trace')],
  ['docs/README.md', /aws4\.md\) \| `sign` \| ([\d.]+) \|/, size('sign', 'sigv4/aws4')],
  ['docs/README.md', row('`AwsClient`'), size('AwsClient', 'sigv4/aws4fetch')],
  ['docs/README.md', row('`SignatureV4`'), size('SignatureV4', 'sigv4/smithy')],
  ['docs/README.md', row('`explain`'), size('explain', 'sigv4-tools/explain')],
  ['docs/questions.md', /Why ([\d.]+) kB/, size('presignPut', 'sigv4')],
  ['docs/questions.md', /`sigv4\/aws4fetch` is ([\d.]+) kB/, size('AwsClient', 'sigv4/aws4fetch')],
]

const FIGURES: readonly Figure[] = [
  ...by(SIZE, SIZES),
  ...by(COMPARE, [
    ['README.md', /its `AwsClient` is ([\d.]+ kB)/, compared('Size, sending requests', 3)],
    ['docs/questions.md', /that of aws4fetch is (\d\.\d)\./, comparedNumber('Size, sending requests', 3)],
    ['docs/questions.md', /if aws4fetch has ([\d.]+)\?/, comparedNumber('Size', 3)],
  ]),
  ...by(BENCH, [
    ['README.md', /presigns ([\d.]+) × as fast as aws4 and/, ratio('inline', 'aws4')],
    ['README.md', /to DynamoDB ([\d.]+) × as fast/, ratio('inline-json', 'aws4')],
    ['README.md', /and ([\d.]+) × as fast as aws4fetch/, ratio('inline', 'aws4fetch')],
    ['README.md', /`sigv4\/sync` presigns ([\d.]+) × as fast/, ratio('put', 'aws4')],
  ]),
  ...by('npx vitest run test/vectors.test.ts', [
    ['README.md', /All (\d+) cases of AWS's/, () => String(suiteCases().length)],
    ['docs/testing.md', /the (\d+) cases of AWS's/, () => String(suiteCases().length)],
    ['docs/testing.md', /(\d+) worked examples/, () => String(docExamples().length)],
  ]),
  ...by('npm run hosts', [
    ['README.md', /match botocore ([\d.]+)/, () => found('fixtures/aws-endpoints/endpoints.txt', /botocore ([\d.]+)/)],
    ['README.md', /For ([\d,]+) AWS hosts/, awsHosts],
    ['docs/testing.md', /of ([\d,]+) AWS hosts/, awsHosts],
  ]),
  ...by('npm run runtimes', [
    ['README.md', /(\d+) runtimes produce/, engines],
    ['README.md', /(\d+) of them only with `sigv4\/sync`/, enginesWithoutAll],
  ]),
  ...by('npx vitest run integration/servers', [
    ['docs/testing.md', /(\d+) with LocalStack/, () => roundTrips('localstack')],
    ['docs/testing.md', /(\d+) with versitygw/, () => roundTrips('versitygw')],
    ['docs/testing.md', /(\d+) with MinIO/, () => roundTrips('minio')],
    [
      'docs/post-forms.md',
      /on (\d+) policies/,
      () => found('integration/servers/policies.nightly.test.ts', /FORMS = (\d+)/),
    ],
  ]),
  ...by(SCORE, [
    ['README.md', /% of ([\d,]+) requests/, recorded],
    ['README.md', /generator, for (\d+) servers/, () => String(recordings().size)],
    ['README.md', /% of ([\d,]+) excerpts/, () => threadCases('set-aside')],
    ['README.md', /% of ([\d,]+) unedited ones/, () => threadCases('posted')],
    ['docs/questions.md', /broke ([\d,]+) requests/, recorded],
    ['docs/debugging.md', /in (\d+) ways/, () => String(FAULTS.length)],
    ['docs/debugging.md', /\| request, response, credentials \| (\d+)%/, () => percent(FLOOR_OF_ALL)],
    ['docs/debugging.md', /\| request, response, credentials \| \d+% \| (\d+)%/, () => percent(FLOORS.A!.first)],
    ['docs/debugging.md', /string to sign \| (\d+)%/, () => percent(FLOORS.B!.first)],
    ['docs/debugging.md', /string to sign \| \d+% \| (\d+)%/, () => percent(FLOORS.B!.first)],
    ['docs/debugging.md', /cannot be determined \| \| (\d+)%/, () => percent(FLOOR_OF_HONESTY)],
    ['docs/debugging.md', /seen during development \| (\d+)%/, () => threadFloor('known')],
    ['docs/debugging.md', /held out during development \| (\d+)%/, () => threadFloor('set-aside')],
    ['docs/debugging.md', /as pasted, seen \| (\d+)%/, () => threadFloor('known', 'pasted')],
    ['docs/debugging.md', /as pasted, held out \| (\d+)%/, () => threadFloor('set-aside', 'pasted')],
    ['docs/debugging.md', /truncated by their authors, seen \| (\d+)%/, () => threadFloor('posted', 'pasted')],
    ['docs/debugging.md', /response, credentials \| \d+% \| \d+% \| ([\d,]+) \|/, recorded],
    ['docs/debugging.md', /without credentials: the correct cause \| \| \| ([\d,]+) \|/, recorded],
    ['docs/debugging.md', /string to sign \| \d+% \| \d+% \| ([\d,]+) \|/, () => grouped(casesOf('B'))],
    ['docs/debugging.md', /cannot be determined \| \| \d+% \| ([\d,]+) \|/, () => grouped(ofShowing())],
    [
      'docs/debugging.md',
      /seen during development \|[^|]*\|[^|]*\| (\d+) \|/,
      () => threadCases('known', 'structured'),
    ],
    [
      'docs/debugging.md',
      /held out during development \|[^|]*\|[^|]*\| (\d+) \|/,
      () => threadCases('set-aside', 'structured'),
    ],
    ['docs/debugging.md', /as pasted, seen \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('known')],
    ['docs/debugging.md', /as pasted, held out \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('set-aside')],
    ['docs/debugging.md', /truncated by their authors, seen \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('posted')],
    [
      'docs/debugging.md',
      /after ([\d,]+) hypotheses/,
      () =>
        grouped(
          Number(found('packages/sigv4-tools/src/explain/case/budget.ts', /hypotheses: ([\d_]+)/).replace('_', '')),
        ),
    ],

    ['README.md', /first in ([\d.]+)% of/, share('A')],
    ['README.md', /and in ([\d.]+)% without/, share('C')],
    ['README.md', /first in ([\d.]+)% of \d+ excerpts/, threadShare('set-aside', 'pasted')],
    ['README.md', /in ([\d.]+)% of \d+ unedited ones/, threadShare('posted', 'pasted')],
    ['docs/debugging.md', measuredCell('request, response, credentials'), share('A')],
    ['docs/debugging.md', measuredCell('.*string to sign'), share('B')],
    ['docs/debugging.md', measuredCell('.*without credentials: the correct cause'), share('C')],
    ['docs/debugging.md', measuredCell('.*cannot be determined'), honestShare],
    ['docs/debugging.md', measuredCell('.*seen during development'), threadShare('known', 'structured')],
    ['docs/debugging.md', measuredCell('.*held out during development'), threadShare('set-aside', 'structured')],
    ['docs/debugging.md', measuredCell('.*as pasted, seen'), threadShare('known', 'pasted')],
    ['docs/debugging.md', measuredCell('.*as pasted, held out'), threadShare('set-aside', 'pasted')],
    ['docs/debugging.md', measuredCell('.*truncated by their authors, seen'), threadShare('posted', 'pasted')],
  ]),
  ...by('npx tsx tools/figures.ts', [
    ...Object.entries(RECIPES).map(
      ([name, file]) =>
        [
          'docs/upload-widgets.md',
          RegExp(`\\| \\[${name}\\]\\(#[a-z-]+\\)[^|]* \\| (\\d+) \\|`),
          () => codeLines(file),
        ] as const,
    ),
    ...Object.entries({ ...WIDGETS, axios: 'axios' }).map(
      ([name, packageName]) =>
        [
          'docs/upload-widgets.md',
          RegExp(`\\| \\[${name}\\]\\(#[a-z-]+\\) ([\\d.]+) \\|`),
          () => found('examples/uploads/package.json', RegExp(`"${packageName}": "([\\d.]+)"`)),
        ] as const,
    ),
    ['docs/upload-widgets.md', /the server, (\d+) lines/, () => codeLines('sign-upload.ts', 'session.ts')],
    ['docs/upload-widgets.md', /-asks-the-server\), (\d+) lines/, () => codeLines('sign.ts')],
    ['docs/upload-widgets.md', /#a-multipart-upload\), (\d+) lines/, () => codeLines('multipart.ts')],
    [
      'docs/migrating/from-smithy-signature-v4.md',
      /signature-v4 ([\d.]+), and no/,
      () => found('package.json', /"@smithy\/signature-v4": "([\d.]+)"/),
    ],
    ['docs/aws4.md', /aws4\) ([\d.]+) and/, () => found('package.json', /"aws4": "([\d.]+)"/)],
  ]),
  ...by('npx vitest run test/aws4/differential', [
    ['docs/aws4.md', /on (\d+) recorded calls/, () => String(corpus.length)],
    ['docs/aws4.md', /and ([\d,]+) random requests/, () => grouped(MANY)],
  ]),
  ...by('npx vitest run test/aws4fetch', [
    [
      'docs/migrating/from-aws4fetch.md',
      /the (\d+) assertions/,
      () => found('test/aws4fetch/suite.test.ts', /toBe\((\d+)\)/),
    ],
    ['docs/migrating/from-aws4fetch.md', /on ([\d,]+) random requests/, () => grouped(MANY)],
  ]),
]

/** Returns the figure as the page states it. */
function stated({ page, pattern }: Figure): string {
  return found(page, pattern)
}

/** Times on a page are comparable only if one run measured them: returns the commits that it states. */
function commitsOn(page: string): Set<string> {
  return new Set([...read(page).matchAll(/^Measured on .* at commit (\w+)/gm)].map(([, commit = '']) => commit))
}

/** Writes the current value of a figure into its page. */
function update({ page, pattern }: Figure, now: string): void {
  const markdown = read(page)
  const match = pattern.exec(markdown)!
  const written = match[0].replace(RegExp(`${match[1]}(?!.*${match[1]})`, 's'), () => now)
  writeFileSync(
    join(ROOT, page),
    markdown.replace(match[0], () => written),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
  if (!values.check) writeBlock('docs/comparison.md', 'speed', speed())
  const [commit = 'not measured', ...others] = commitsOn(BENCHMARKS)
  let isCurrent = others.length === 0 && readBlock('docs/comparison.md', 'speed') === speed()
  if (others.length) console.log(`${BENCHMARKS} has times of ${others.length + 1} commits: run npm run bench`)
  for (const figure of FIGURES) {
    const { page, command } = figure
    const [before, now] = [stated(figure), await figure.value()]
    if (values.check) {
      const source = command === BENCH ? `${command}, at commit ${commit}` : command
      console.log(`${before === now ? 'ok ' : 'BAD'} ${page.padEnd(24)} ${before.padStart(8)}  ${source}`)
    }
    if (before === now) continue
    console.log(`${page}: ${figure.pattern.exec(read(page))![0].split('\n')[0]} → ${now}`)
    if (values.check) isCurrent = false
    else update(figure, now)
  }
  if (values.check) {
    const isSame = published() === (await comparison())
    console.log(`${isSame ? 'ok ' : 'BAD'} docs/comparison.md                 npm run compare -- --write`)
    if (!isSame || !isCurrent) process.exitCode = 1
  }
}

if (process.argv[1]?.endsWith('figures.ts')) await main()
