// Tables of presigning and signing, on Node, Bun and Deno. Options: `tables`, a list of `{ table, task, contestants }` whose
// first contestant is the base, and `rounds`.
import { contestants as loaders } from './contestants/all.mjs'
import { checks } from './measure/oracle.mjs'
import { race } from './measure/race.mjs'
import { options, reason, report } from './measure/report.mjs'

const loaded = new Map()
for (const { table, task, contestants, atOnce } of options.tables) {
  const entries = []
  const leftOut = []
  for (const name of contestants) {
    try {
      if (!loaded.has(name)) loaded.set(name, await loaders[name]())
      const { [task]: run, isAsync } = loaded.get(name)
      if (!checks[task](await run(1))) throw new Error('it signs incorrectly')
      const all = (i) => Promise.all(Array.from({ length: atOnce }, (_, j) => run(i + j)))
      entries.push({ name, isAsync, run: atOnce ? all : run })
    } catch (error) {
      leftOut.push(`${name}: ${reason(error)}`)
    }
  }
  const rows = await race(entries, { rounds: options.rounds, base: contestants[0] })
  for (const row of atOnce ? rows : []) for (const key of ['ns', 'low', 'high']) row[key] /= atOnce
  report(table, rows, leftOut)
}
process.exit(0) // some clients keep the process alive
