import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { isDeep } from '../../../../test/support/depth.ts'
import { SERVERS } from '../support/explain/recorded.ts'
import { fileOf, type RecordingFolder, readFile, readText, writeFile } from '../support/explain/recording-files.ts'
import { TRANSIT_SERVERS } from '../support/explain/transit.ts'

const folder = mkdtempSync(join(tmpdir(), 'sigv4-recordings-'))
const written = pathToFileURL(`${folder}/`)
afterAll(() => rmSync(folder, { recursive: true }))

const all: (readonly [folder: RecordingFolder, server: string])[] = [
  ...SERVERS.map((server) => ['recorded', server] as const),
  ...TRANSIT_SERVERS.map((server) => ['transit', server] as const),
]
const few: typeof all = [
  ['recorded', 'moto'],
  ['transit', 'minio'],
]

it.each(isDeep ? all : few)(
  '%s/%s: the recorder writes the same bytes for what is read',
  (of, server) => {
    writeFile(of, readFile(of, server)!, written)
    expect(readText(of, server, written)).toBe(readText(of, server))
    expect(readFileSync(fileOf(of, server, written)).equals(readFileSync(fileOf(of, server)))).toBe(true)
  },
  60_000,
)

it('all recordings take less than 1 MB', () => {
  const sizes = all.map(([of, server]) => statSync(fileOf(of, server)).size)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(1_000_000)
})
