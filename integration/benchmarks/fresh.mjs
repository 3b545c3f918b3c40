// Presigns 10,000 URLs in this process, which has done nothing else. Options: `contestant`, `mode`, `none` or
// `one by one` or `all at once`. Prints milliseconds and the peak of the memory.
import { contestants } from './contestants/all.mjs'
import { KEYS } from './measure/fixture.mjs'
import { isPresigned } from './measure/oracle.mjs'
import { options, report } from './measure/report.mjs'

const COUNT = 10_000
const { contestant, mode } = options
const { put, isAsync } = mode === 'none' ? { put: String } : await contestants[contestant]()
const urls = new Array(COUNT)
const start = performance.now()
if (mode === 'all at once')
  for (const [i, url] of (await Promise.all(Array.from({ length: COUNT }, (_, i) => put(i)))).entries()) urls[i] = url
else if (isAsync) for (let i = 0; i < COUNT; i++) urls[i] = await put(i)
else for (let i = 0; i < COUNT; i++) urls[i] = put(i)
for (const url of urls) url.charCodeAt(url.length - 1)
const ms = performance.now() - start
const peak = process.resourceUsage().maxRSS * 1024
for (const i of mode === 'none' ? [] : [0, COUNT - 1])
  if (!isPresigned(urls[i], KEYS[i & 1023])) throw new Error('it signs incorrectly')
report('fresh', [{ name: contestant, mode, ms, peak }])
process.exit(0)
