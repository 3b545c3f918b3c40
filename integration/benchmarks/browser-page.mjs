// Runs in Chromium. The server of the page checks a URL of each contestant before it is timed.

import { Sha256 } from '@aws-crypto/sha256-js'
import * as library from '../../dist/index.js'
import * as sync from '../../dist/sync.js'
import { ours } from './contestants/ours.mjs'
import { aws4fetch, smithy } from './contestants/web.mjs'
import { race } from './measure/race.mjs'

const post = (path, value) => fetch(path, { method: 'POST', body: JSON.stringify(value) })

async function main({ rounds, tables }) {
  const contestants = {
    'sigv4/sync': ours(sync, false),
    sigv4: ours(library, true),
    aws4fetch: await aws4fetch(),
    '@smithy/signature-v4': await smithy(Sha256),
  }
  const results = {}
  for (const { table, task, contestants: names } of tables) {
    const entries = []
    for (const name of names) {
      const { [task]: run, isAsync } = contestants[name]
      if (!(await post('/check', { task, url: await run(1) })).ok) throw new Error(`${name} signs incorrectly`)
      entries.push({ name, isAsync, run })
    }
    results[table] = await race(entries, { rounds, base: names[0] })
  }
  return { tables: results, version: navigator.userAgent }
}

main(await (await fetch('/options')).json()).then(
  (result) => post('/result', result),
  (error) => post('/result', { error: String(error.stack) }),
)
