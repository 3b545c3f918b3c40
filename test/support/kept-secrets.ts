// Signs with 200 secrets, each in new credentials, through the entry that is passed as the argument. Prints how many of them
// the strings of a heap snapshot contain.
import { getHeapSnapshot } from 'node:v8'

const { presignPut } = await import(`../../src/${process.argv[2]}.ts`)
const COUNT = 200
// built in pieces, so that no constant contains one
const MARK = ['kept', 'secret'].join('~')
for (let i = 0; i < COUNT; i++) {
  const secretAccessKey = Buffer.from(`${MARK}~${i}~`).toString()
  await presignPut(
    { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' },
    { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey } },
  )
}
// strings that a regular expression matched last are kept by the engine
;/x/.exec('x')
await new Promise((resolve) => setTimeout(resolve, 10))
;(globalThis as unknown as { gc(): void }).gc()
let json = ''
for await (const chunk of getHeapSnapshot()) json += chunk
const { strings } = JSON.parse(json) as { strings: string[] }
const found = new Set(
  strings.flatMap((string) => [...string.matchAll(/kept~secret~(\d+)~/g)].map(([, number]) => number)),
)
console.log(JSON.stringify({ signed: COUNT, kept: found.size }))
