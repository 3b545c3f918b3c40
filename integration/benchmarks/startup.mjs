// Whole processes, from their start to their end, that presign one URL. Options: `rounds`, `commands`: for each runtime the
// command that runs a file.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { credentials, EXPIRES, HOST, KEYS, pathOf, REGION, TYPE } from './measure/fixture.mjs'
import { isPresigned } from './measure/oracle.mjs'
import { median, shuffled } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const url = `https://${HOST}${pathOf(KEYS[1])}`
const literal = JSON.stringify
const keys = literal(credentials)
const [dist, folder] = ['../../dist/', '../../.cache/bench/'].map((path) => new URL(path, import.meta.url))
const ours = (entry) => `import { presignPut } from ${literal(new URL(entry, dist).href)}
const start = performance.now()
const { url } = await presignPut(${literal(url)}, { credentials: ${keys}, expires: ${EXPIRES}, headers: { 'content-type': '${TYPE}' }, region: '${REGION}', service: 's3' })`
const programs = {
  'an empty program': `const [start, url] = [performance.now(), '']`,
  'sigv4/sync': ours('sync.js'),
  sigv4: ours('index.js'),
  aws4: `import aws4 from ${literal(import.meta.resolve('aws4'))}
const start = performance.now()
const url = '${`https://${HOST}`}' + aws4.sign({ host: '${HOST}', path: '${pathOf(KEYS[1])}?X-Amz-Expires=${EXPIRES}', method: 'PUT', service: 's3', region: '${REGION}', signQuery: true, headers: { 'Content-Type': '${TYPE}' } }, ${keys}).path`,
  aws4fetch: `import { AwsV4Signer } from ${literal(import.meta.resolve('aws4fetch'))}
const start = performance.now()
const url = (await new AwsV4Signer({ ...${keys}, url: '${url}?X-Amz-Expires=${EXPIRES}', method: 'PUT', service: 's3', region: '${REGION}', signQuery: true, allHeaders: true, headers: { 'Content-Type': '${TYPE}' } }).sign()).url.href`,
}

mkdirSync(folder, { recursive: true })
const runs = []
for (const [runtime, command] of Object.entries(options.commands))
  for (const [name, program] of Object.entries(programs)) {
    const isPeer = name.startsWith('aws4')
    if (isPeer && runtime !== 'Node') continue
    const file = new URL(`start-${name.replace(/\W/g, '-')}.mjs`, folder)
    writeFileSync(file, `${program}\nconsole.log(JSON.stringify([performance.now() - start, url]))\n`)
    runs.push({ runtime, name, command: [...command, fileURLToPath(file)], total: [], first: [] })
  }
for (let round = 0; round <= options.rounds; round++)
  for (const run of shuffled(runs)) {
    const start = performance.now()
    const { stdout, stderr } = spawnSync(run.command[0], run.command.slice(1), { encoding: 'utf8' })
    const total = performance.now() - start
    if (!stdout.startsWith('[')) throw new Error(`${run.runtime}, ${run.name}: ${stderr}`)
    const [first, signed] = JSON.parse(stdout)
    if (signed && !isPresigned(signed, KEYS[1])) throw new Error(`${run.runtime}, ${run.name}: signed incorrectly`)
    if (round === 0) continue // fills the file cache
    run.total.push(total)
    run.first.push(first)
  }
const rows = runs.map(({ runtime, name, total, first }) => {
  const empty = runs.find((run) => run.runtime === runtime && run.name === 'an empty program')
  const over = median(total.map((ms, round) => ms - empty.total[round]))
  return {
    name: `${runtime}, ${name}`,
    total: median(total),
    ...(empty.name !== name && { over, first: median(first) }),
  }
})
report('startup', rows)
