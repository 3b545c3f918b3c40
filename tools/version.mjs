import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

// Run by `npm version`: repeats the new version in jsr.json, reference/sigv4.ts, examples/audit.yml and its page, the packages in
// `packages` and their lock file, and dates its section of CHANGELOG.md. With --notes, prints that section instead.

const root = new URL('../', import.meta.url)
const read = (name) => readFileSync(new URL(name, root), 'utf8')
const { version } = JSON.parse(read('package.json'))
const changelog = read('CHANGELOG.md')

if (process.argv.includes('--notes')) {
  const section = changelog.split(/^## /m).find((each) => each.startsWith(`${version} - `))
  console.log(section.slice(section.indexOf('\n')).trim())
} else {
  const heading = `## ${version} - Unreleased\n`
  if (!changelog.includes(heading)) throw new Error(`CHANGELOG.md has no section "${heading.trim()}"`)
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(new URL('CHANGELOG.md', root), changelog.replace(heading, `## ${version} - ${today}\n`))
  for (const name of [
    'jsr.json',
    ...readdirSync(new URL('packages', root)).map((name) => `packages/${name}/package.json`),
  ]) {
    const manifest = read(name).replace(/("(?:version|sigv4)": )"[\d.]+"/g, `$1"${version}"`)
    writeFileSync(new URL(name, root), manifest)
  }
  const lock = JSON.parse(read('package-lock.json'))
  lock.packages['packages/sigv4-tools'].version = version
  writeFileSync(new URL('package-lock.json', root), `${JSON.stringify(lock, undefined, 2)}\n`)
  const reference = read('reference/sigv4.ts').replace(/^(\/\/ sigv4 )[\d.]+/m, `$1${version}`)
  writeFileSync(new URL('reference/sigv4.ts', root), reference)
  for (const name of ['docs/suite.md', 'examples/audit.yml']) {
    const text = read(name).replace(/(npx --yes sigv4-tools@)[\d.]+/g, `$1${version}`)
    writeFileSync(new URL(name, root), text)
  }
}
