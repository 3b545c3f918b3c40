import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAULTS } from '../packages/sigv4-tools/test/support/explain/generator/cases.ts'
import {
  counts,
  FLOOR_OF_ALL,
  FLOOR_OF_HONESTY,
  FLOORS,
  recordings,
} from '../packages/sigv4-tools/test/support/explain/scoring.ts'
import { type ThreadSet, threads } from '../packages/sigv4-tools/test/support/explain/threads.ts'
import { corpus } from '../test/support/aws4/corpus.ts'
import { read, writeBlock } from '../test/support/docs/markdown.ts'
import { docExamples, endpointScopes, suiteCases } from '../test/support/fixtures.ts'
import { ROOT } from '../test/support/packed.ts'
import { bundle, PROGRAMS, weight } from './programs.ts'

// `npx tsx tools/figures.ts` updates the figures on these pages from what they count or measure.

/** A figure: a page, the words around it with one group for the figure, and its value. */
interface Figure {
  page: string
  pattern: RegExp
  value: () => string | Promise<string>
}

const figure = (page: string, pattern: RegExp, value: Figure['value']): Figure => ({ page, pattern, value })

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
  found(`integration/servers/${server}.test.ts`, RegExp(`roundTrip\\(${server}, (\\d+)\\)`))
const TRIPS = ['localstack', 'versitygw', 'minio']

/** Number of engines in which tests ran, without their versions. */
function engines(): string {
  const rows = [...read('docs/runtimes.md').matchAll(/^\| ([A-Z][\w ]*?)(?: \d+)? +\|.*\| (\d+) +\| \d+ +\|$/gim)]
  return String(new Set(rows.map(([, engine]) => engine)).size)
}

const recorded = (): string => {
  const cases = [...recordings().values()].flatMap((recording) => recording.cases)
  return grouped(cases.filter((each) => counts(each, 'A')).length)
}

const threadFloor = (half: string, form = 'structured'): string =>
  percent(
    Number(
      found('packages/sigv4-tools/test/explain/threads.slow.test.ts', RegExp(`${half}'?: \\{.*${form}: ([\\d.]+)`)),
    ),
  )

/** The number of cases in a set of threads, or only of those whose evidence is also structured. */
const threadCases = (set: ThreadSet, form = 'pasted'): string =>
  String(threads(set).filter((each) => form === 'pasted' || each.structured).length)

const row = (fn: string): RegExp => RegExp(`\\| ${fn}[^|]* \\| ([\\d.]+) \\|`)

/** A cell of the table of docs/comparison.md, which `npm run compare` writes. */
const compared = (name: string, column: number) => (): string => {
  const line = read('docs/comparison.md')
    .split('\n')
    .find((each) => each.startsWith(`| ${name} |`))
  return line?.split(' | ')[column]?.replace(/ \|$/, '') ?? UNKNOWN
}

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
  /^\| (?:Task|---|Presign a PUT URL as|Sign a POST to DynamoDB|Presign a PUT URL, Node|The same, Chromium|10,000 URLs|Sign a POST) ?/

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

/** The time of an entry of this package in a table of the benchmarks. */
const measured = (table: string, entry: string) => (): string => {
  const [, section = ''] = read(BENCHMARKS).split(`<!-- ${table} -->`)
  return RegExp(`^\\| ${entry} \\| ([\\d.,]+ \\S+) \\|`, 'm').exec(section.split('<!--')[0]!)?.[1] ?? UNKNOWN
}
const asWritten = measured('inline', 'sigv4')
const asWrittenSync = measured('inline', 'sigv4/sync')

/** How many AWS hosts there are in botocore's endpoint rules. */
const awsHosts = (): string =>
  grouped(new Set([...endpointScopes().keys()].map((place) => place.replace(/\/.*/, ''))).size)

export const FIGURES: readonly Figure[] = [
  figure('README.md', row('`presignGet`'), size('presignPut', 'sigv4')),
  figure('README.md', row('the same names'), size('presignPut', 'sigv4/sync')),
  figure('README.md', row('`presignPost`'), size('presignPost', 'sigv4')),
  figure('README.md', row('`presignMultipartParts`'), size('presignMultipartParts', 'sigv4')),
  figure('README.md', /`sigv4` \| `sign` \| ([\d.]+) \|/, size('sign ', 'sigv4')),
  figure('README.md', row('`createSignedFetch`'), size('createSignedFetch', 'sigv4/fetch')),
  figure('README.md', row('`rdsToken`'), size('rdsToken', 'sigv4/tokens')),
  figure('README.md', row('`signChunks`'), size('signChunks', 'sigv4/streams')),
  figure('README.md', row('`sigv4/sigv4a` \\| `presignGet`'), size('presignGet', 'sigv4/sigv4a')),
  figure('README.md', row('`verify`'), size('verify', 'sigv4/verify')),
  figure('README.md', row('`trace`'), size('trace', 'sigv4/trace')),
  figure('README.md', row('`explain`'), size('explain', 'sigv4-tools/explain')),
  figure('README.md', /`sigv4\/aws4` \| `sign` \| ([\d.]+) \|/, size('sign', 'sigv4/aws4')),
  figure('README.md', row('`AwsClient`'), size('AwsClient', 'sigv4/aws4fetch')),
  figure('README.md', row('`SignatureV4`'), size('SignatureV4', 'sigv4/smithy')),
  figure('README.md', /an `AwsClient` of ([\d.]+ kB)/, compared('Size, sending requests', 3)),
  figure('README.md', /its signer alone has ([\d.]+ kB)/, compared('Size', 3)),
  figure('README.md', /dependencies, sigv4 takes ([\d.]+ [kM]B)/, compared('Installed', 1)),
  figure('README.md', /takes [^,]+, aws4 ([\d.]+ [kM]B)/, compared('Installed', 2)),
  figure('README.md', /, aws4fetch ([\d.]+ [kM]B)/, compared('Installed', 3)),
  figure('README.md', /, @smithy\/signature-v4 ([\d.]+ [kM]B)/, compared('Installed', 4)),
  figure('README.md', /AWS SDK's presigner ([\d.]+ [kM]B)/, compared('Installed', 5)),
  figure('README.md', /presigns a URL in ([\d.,]+ \S+|…) on Node/, asWritten),
  figure('README.md', /and `sigv4\/sync` in ([\d.,]+ \S+|…)\. Web/, asWrittenSync),
  figure('README.md', /all (\d+) cases of AWS's/, () => String(suiteCases().length)),
  figure('README.md', /at least (\d+) signed requests/, () =>
    String(TRIPS.reduce((sum, server) => sum + Number(roundTrips(server)), 0)),
  ),
  figure('README.md', /runs in (\d+) runtimes/, engines),
  figure('README.md', /as botocore ([\d.]+) signs/, () =>
    found('fixtures/aws-endpoints/endpoints.txt', /botocore ([\d.]+)/),
  ),
  figure('README.md', /for ([\d,]+) AWS hosts/, awsHosts),
  figure('README.md', /at least (\d+)% of/, () => percent(FLOOR_OF_ALL)),
  figure('README.md', /% of ([\d,]+) requests/, recorded),
  figure('README.md', /recorded on (\d+) servers/, () => String(recordings().size)),
  figure('README.md', /cause in (\d+)% from/, () => threadFloor('set-aside')),
  figure('README.md', /in (\d+)% from the text/, () => threadFloor('set-aside', 'pasted')),
  figure('README.md', /facts \((\d+) cases\)/, () => threadCases('set-aside', 'structured')),
  figure('README.md', /posted \((\d+) cases\)/, () => threadCases('set-aside')),
  ...Object.entries(RECIPES).map(([name, file]) =>
    figure('docs/upload-widgets.md', RegExp(`\\| \\[${name}\\]\\(#[a-z-]+\\)[^|]* \\| (\\d+) \\|`), () =>
      codeLines(file),
    ),
  ),
  ...Object.entries({ ...WIDGETS, axios: 'axios' }).map(([name, packageName]) =>
    figure('docs/upload-widgets.md', RegExp(`\\| \\[${name}\\]\\(#[a-z-]+\\) ([\\d.]+) \\|`), () =>
      found('examples/uploads/package.json', RegExp(`"${packageName}": "([\\d.]+)"`)),
    ),
  ),
  figure('docs/upload-widgets.md', /the server, (\d+) lines/, () => codeLines('sign-upload.ts', 'session.ts')),
  figure('docs/upload-widgets.md', /-asks-the-server\), (\d+) lines/, () => codeLines('sign.ts')),
  figure('docs/upload-widgets.md', /#a-multipart-upload\), (\d+) lines/, () => codeLines('multipart.ts')),
  figure('docs/comparison.md', /`sigv4` needs ([\d.,]+ \S+|…) for a URL/, asWritten),
  figure('docs/comparison.md', /`sigv4\/sync` ([\d.,]+ \S+|…)\. With/, asWrittenSync),
  figure('docs/comparison.md', /at once, `sigv4` needs ([\d.,]+ \S+|…) for/, measured('at-once', 'sigv4')),
  figure('docs/testing.md', /the (\d+) cases of AWS's/, () => String(suiteCases().length)),
  figure('docs/testing.md', /(\d+) worked examples/, () => String(docExamples().length)),
  figure('docs/testing.md', /of ([\d,]+) AWS hosts/, awsHosts),
  figure('docs/testing.md', /(\d+) with LocalStack/, () => roundTrips('localstack')),
  figure('docs/testing.md', /(\d+) with versitygw/, () => roundTrips('versitygw')),
  figure('docs/testing.md', /(\d+) with MinIO/, () => roundTrips('minio')),
  figure('docs/debugging.md', /in (\d+) ways/, () => String(FAULTS.length)),
  figure('docs/debugging.md', /\| request, response, credentials \| (\d+)%/, () => percent(FLOOR_OF_ALL)),
  figure('docs/debugging.md', /\| request, response, credentials \| \d+% \| (\d+)%/, () => percent(FLOORS.A!.first)),
  figure('docs/debugging.md', /string to sign \| (\d+)%/, () => percent(FLOORS.B!.first)),
  figure('docs/debugging.md', /string to sign \| \d+% \| (\d+)%/, () => percent(FLOORS.B!.first)),
  figure('docs/debugging.md', /cannot be determined \| \| (\d+)%/, () => percent(FLOOR_OF_HONESTY)),
  figure('docs/debugging.md', /seen during development \| (\d+)%/, () => threadFloor('known')),
  figure('docs/debugging.md', /held out during development \| (\d+)%/, () => threadFloor('set-aside')),
  figure('docs/debugging.md', /as pasted, seen \| (\d+)%/, () => threadFloor('known', 'pasted')),
  figure('docs/debugging.md', /as pasted, held out \| (\d+)%/, () => threadFloor('set-aside', 'pasted')),
  figure('docs/debugging.md', /removed or truncated by their authors \| (\d+)%/, () => threadFloor('posted', 'pasted')),
  figure('docs/debugging.md', /response, credentials \| 95% \| 90% \| ([\d,]+) \|/, recorded),
  figure('docs/debugging.md', /without credentials: the correct cause \| \| \| ([\d,]+) \|/, recorded),
  figure('docs/debugging.md', /seen during development \|[^|]*\|[^|]*\| (\d+) \|/, () =>
    threadCases('known', 'structured'),
  ),
  figure('docs/debugging.md', /held out during development \|[^|]*\|[^|]*\| (\d+) \|/, () =>
    threadCases('set-aside', 'structured'),
  ),
  figure('docs/debugging.md', /as pasted, seen \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('known')),
  figure('docs/debugging.md', /as pasted, held out \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('set-aside')),
  figure('docs/debugging.md', /truncated by their authors \|[^|]*\|[^|]*\| (\d+) \|/, () => threadCases('posted')),
  figure('docs/debugging.md', /after ([\d,]+) hypotheses/, () =>
    grouped(Number(found('packages/sigv4-tools/src/explain/case/budget.ts', /hypotheses: ([\d_]+)/).replace('_', ''))),
  ),
  figure('docs/post-forms.md', /on (\d+) policies/, () =>
    found('integration/servers/policies.test.ts', /FORMS = (\d+)/),
  ),
  figure('docs/migrating/from-smithy-signature-v4.md', /signature-v4 ([\d.]+), and no/, () =>
    found('package.json', /"@smithy\/signature-v4": "([\d.]+)"/),
  ),
  figure('docs/aws4.md', /aws4\) ([\d.]+) and/, () => found('package.json', /"aws4": "([\d.]+)"/)),
  figure('docs/aws4.md', /on (\d+) recorded calls/, () => String(corpus.length)),
  figure('docs/aws4.md', /and ([\d,]+) random requests/, () =>
    grouped(Number(found('vitest.config.ts', /AWS4_RUNS: '(\d+)'/))),
  ),
]

/** Returns the figure as the page states it. */
export function stated({ page, pattern }: Figure): string {
  return found(page, pattern)
}

async function main(): Promise<void> {
  writeBlock('docs/comparison.md', 'speed', speed())
  for (const { page, pattern, value } of FIGURES) {
    const markdown = read(page)
    const match = pattern.exec(markdown)
    if (!match) throw new Error(`${page} does not contain ${pattern}`)
    const now = await value()
    if (match[1] === now) continue
    console.log(`${page}: ${match[0]} → ${now}`)
    const written = match[0].replace(RegExp(`${match[1]}(?!.*${match[1]})`, 's'), () => now)
    writeFileSync(
      join(ROOT, page),
      markdown.replace(match[0], () => written),
    )
  }
}

if (process.argv[1]?.endsWith('figures.ts')) await main()
