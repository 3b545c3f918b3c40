import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSuite, printFile } from './build.ts'

// npm run suite: writes the files in suite/ from the rows in suite/generator/rows.

const folder = fileURLToPath(new URL('../', import.meta.url))
const files = buildSuite()
const names = new Set(files.map(({ topic }) => `${topic}.json`))
for (const name of readdirSync(folder))
  if (name.endsWith('.json') && name !== 'schema.json' && !names.has(name)) rmSync(`${folder}${name}`)
for (const file of files) writeFileSync(`${folder}${file.topic}.json`, printFile(file))
console.log(`${files.reduce((sum, { numberOfTests }) => sum + numberOfTests, 0)} tests in ${files.length} files`)
