import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// Names that functions and options had before anything was published, and the ones that they have. The old ones are not
// accepted, and are in no file but those about other packages, which have some of them.

/** Words, or patterns for words that have other meanings elsewhere. */
const RENAMED: readonly (readonly [old: string | RegExp, name: string, where: string])[] = [
  ['signingDate', 'now', 'options of all functions that sign'],
  ['signingDate', 'signedAt', 'results of verify and inspect'],
  ['signing-date', '--now', 'the command line'],
  ['clockOffset', 'now', 'signEvents'],
  ['signHeaders', 'signedHeaders', 'options of all functions that sign'],
  ['durationSeconds', 'duration', 'fromWebIdentity'],
  ['deriveSigningKey4a', 'deriveSigningKey', 'sigv4/sigv4a'],
  [/\btrace\(\s*\{[^}]*\btarget:/, 'url', 'the request of trace'],
  [
    /\bderiveSigningKey\(\s*(?:\w*[cC]redentials|CREDENTIALS)\s*,/,
    'deriveSigningKey(scope, { credentials })',
    'arguments',
  ],
  [/\bfromS3Express\(\s*(?:bucket|BUCKET|'[^']*')\s*,/, 'fromS3Express({ bucket, region }, …)', 'arguments'],
  [/\bresignChunks\([^;]*\bfrom: \w+, to: /, 'credentials', 'options of resignChunks'],
  [
    /\b(?:expireToken|credentialsMaxAge)['"]?: \d|\bserve\(\{[^}]*\bidleTimeout: \d|\bretry: \{[^}]*baseDelay: [1-9]/,
    "'50ms'",
    'durations of timers',
  ],
  ['checksumAlgorithm', 'checksum', 'presignMultipartUpload'],
  [/\bnpx sigv4\s/, 'npx sigv4-tools', 'the command'],
]

/** Files about other packages, whose words these are, and about the names themselves. */
const OTHERS = [
  /^(?:src|test)\/(?:smithy|support\/smithy|aws4fetch|aws4)[./]/,
  /^docs\/(?:api\/smithy|migrating\/|comparison|aws4)/,
  /^integration\/(?:signers|migrating|clients|others)\//,
  /^integration\/(?:package\/package|runtimes\/cases\/smithy|benchmarks\/)/,
  /^fixtures\/signature-v4\//,
  /^test\/crypto\/runtime-crypto/,
  /^tools\/(?:features\/packages\.ts|test\/(?:names|docs\/docs)\.test\.ts)$/,
]

/** Files that name an old word to say what it is called here. */
const EXPLAINED = [
  /^docs\/errors\.md$/,
  /^src\/core\/members\.ts$/,
  /^test\/core\/errors\.test\.ts$/,
  /^test\/s3\/multipart\/checksums/,
  /fixtures\/threads\//,
  /^test\/fetch\/retries/,
  /(?:^|\/)test\/support\/misused\.ts$/,
]

const files = execFileSync('git', [
  'ls-files',
  '-z',
  '--',
  '*.ts',
  '*.mts',
  '*.mjs',
  '*.js',
  '*.md',
  '*.json',
  '*.txt',
  '*.yml',
])
  .toString()
  .split('\0')
  .filter((file) => file !== '' && !/(?:^|\/)package-lock\.json$/.test(file))
  .filter((file) => ![...OTHERS, ...EXPLAINED].some((other) => other.test(file)))
const texts = files.map((file) => [file, readFileSync(file, 'utf8')] as const)

const patternOf = (old: string | RegExp): RegExp => (typeof old === 'string' ? RegExp(`(?<![\\w-])${old}\\b`) : old)

it.each(RENAMED)('%s is %s: %s', (old) => {
  const pattern = patternOf(old)
  expect(texts.filter(([, text]) => pattern.test(text)).map(([file]) => file)).toEqual([])
})

it.each([
  ['signingDate', '{ credentials, signingDate }', '{ credentials, now }'],
  [
    RENAMED.find(([, name]) => name === 'url')![0],
    "trace({ method: 'GET', target: '/' })",
    "trace({ method: 'GET', url: '/' })",
  ],
  [RENAMED.at(-1)![0], 'npx sigv4 serve', 'npx sigv4-tools serve'],
])('%s is found', (old, wrong, right) => {
  expect([patternOf(old).test(wrong), patternOf(old).test(right)]).toEqual([true, false])
})

// Pages about other packages are not searched for old words, but what they name here must exist.

const options = new Set(
  Array.from(readFileSync('docs/options.md', 'utf8').matchAll(/^\| `([\w.]+)` \|/gm), ([, name]) => name),
)
/** Pages outside of code; of the tables in pages about migrating, the first column is about the other package. */
const proseOf = (file: string): string =>
  readFileSync(file, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/^\|[^|]+\|/gm, (cell) => (file.startsWith('docs/migrating/') ? '' : cell))
/** Returns the options in a string of Markdown that no function has. */
const unknownIn = (text: string): string[] =>
  [...text.matchAll(/`[^`\n]*`/g)]
    .flatMap(([code]) => [...code.matchAll(/(?<!\/)\boptions\.(\w+)/g)].map(([, name]) => name!))
    .filter((name) => !options.has(name))

it('every `options.` in a page is an option that exists', () => {
  const pages = files.concat(
    execFileSync('git', ['ls-files', '-z', '--', 'docs/migrating/*.md']).toString().split('\0').filter(Boolean),
  )
  const own = [...new Set(pages)].filter((file) => /\.(?:md|txt)$/.test(file) && !file.startsWith('docs/api/'))
  expect(options.size).toBeGreaterThan(100)
  expect(own.length).toBeGreaterThan(40)
  expect(own.flatMap((file) => unknownIn(proseOf(file)).map((name) => `${file}: options.${name}`))).toEqual([])
  expect(unknownIn('`signingDate` is `options.signingDate`, and `region` is `options.region`')).toEqual(['signingDate'])
})
