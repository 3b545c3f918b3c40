// Loads an entry in this process, which has done nothing else, and presigns one URL; then 10,000, if an argument is `many`.
// The first argument is the file of the entry. Prints the nanoseconds of each part as JSON.
import { pathToFileURL } from 'node:url'
import { BUCKET, credentials, keyOf, REGION, TYPE } from '../../../integration/benchmarks/measure/fixture.mjs'

const [, , file, ...parts] = process.argv
const COUNT = 10_000
const put = (presignPut, i) =>
  presignPut({ bucket: BUCKET, key: keyOf(i), region: REGION }, { credentials, contentType: TYPE })

async function time(run) {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await run()
  const elapsed = (performance.now() - start) * 1e6
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) * 1e3, elapsed }
}

let presignPut
const first = await time(async () => {
  presignPut = (await import(pathToFileURL(file).href)).presignPut
  const { url } = await put(presignPut, 0)
  url.charCodeAt(url.length - 1)
})
const many = async () => {
  for (let i = 0; i < COUNT; i++) {
    const { url } = put(presignPut, i)
    url.charCodeAt(url.length - 1)
  }
}
console.log(JSON.stringify({ first, ...(parts.includes('many') && { many: await time(many) }) }))
