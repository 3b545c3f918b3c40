import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filesOf } from '../test/support/packed.ts'
import { packStaged, stage } from './pack.ts'
import { bundle, PROGRAMS, weight } from './programs.ts'

// Sizes of minimal programs, entries and packages, and start-up time of entries. Entries, packages and start-up are
// measured in dist/: npm run size

const root = process.cwd()
console.log('| program | gzip -9 | at most |\n| --- | ---: | ---: |')
for (const program of PROGRAMS) {
  // as in integration/package/package.landing.test.ts: from the build, not from the sources in tsconfig.json
  const text = await bundle(program, root, { minify: true, tsconfigRaw: {} })
  console.log(`| ${program[0]}, \`${program[1]}\` | ${weight(text)} | ${program[3] ?? ''} |`)
}

/** Returns the milliseconds that Node takes to run a script, beyond an empty one: the difference of the shortest times. */
function startUp(script: string): string {
  const files = [script, ''].map((text, i) => {
    const file = join(tmpdir(), `sigv4-size-${process.pid}-${i}.mjs`)
    writeFileSync(file, text)
    return file
  })
  const time = (file: string): number => {
    const start = performance.now()
    execFileSync(process.execPath, [file])
    return performance.now() - start
  }
  const times = Array.from({ length: 21 }, () => files.map(time))
  const [own, empty] = [0, 1].map((i) => Math.min(...times.map((pair) => pair[i]!)))
  const difference = own! - empty!
  return difference < 1 ? '< 1' : difference.toFixed(1)
}

console.log(
  '\n| entry | files, ESM | kB | files, CommonJS | kB | start-up, ms |\n| --- | ---: | ---: | ---: | ---: | ---: |',
)
for (const entry of ['index', 'sync', 'verify', 'trace', 'aws4']) {
  const cells = ['js', 'cjs'].flatMap((format): (string | number)[] => {
    const files = filesOf('dist', `${entry}.${format}`)
    return [files.size, Math.round([...files.values()].reduce((sum, size) => sum + size) / 1000)]
  })
  const url = pathToFileURL(join(root, `dist/${entry}.js`))
  console.log(`| ${entry} | ${cells.join(' | ')} | ${startUp(`import ${JSON.stringify(url)}`)} |`)
}

const temporary = mkdtempSync(join(tmpdir(), 'sigv4-size-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
const kB = (bytes: number): number => Math.round(bytes / 1000)
for (const folder of ['.', 'packages/sigv4-tools']) {
  const staged = join(temporary, folder)
  stage(folder, staged)
  const { files, size, unpackedSize } = await packStaged(staged)
  console.log(`\n${folder}: ${files.length} files, ${kB(size)} kB packed, ${kB(unpackedSize)} kB unpacked`)
  const kinds = { 'ES modules': 0, CommonJS: 0, declarations: 0, others: 0 }
  for (const path of files) {
    const [, end] = /^dist\/.*?(\.d\.c?ts|\.c?js)$/.exec(path) ?? []
    const kind = !end ? 'others' : end.startsWith('.d') ? 'declarations' : end === '.js' ? 'ES modules' : 'CommonJS'
    kinds[kind] += statSync(join(staged, path)).size
  }
  console.log(
    Object.entries(kinds)
      .map(([kind, size]) => `${kind} ${kB(size)}`)
      .join(', '),
  )
}
