import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

// The files of packages/sigv4-tools/fixtures/recorded and transit: JSON, compressed with Brotli, which stores no time and
// no operating system. A string that a response repeats, even as hexadecimal bytes, takes almost no space.

const FIXTURES = new URL('../../../fixtures/', import.meta.url)

/** The largest window, so that each case can refer to all cases before it. */
const WINDOW = constants.BROTLI_MAX_WINDOW_BITS

export type RecordingFolder = 'recorded' | 'transit'

interface AnyRecording {
  server: string
}

export const fileOf = (folder: RecordingFolder, server: string, base = FIXTURES): URL =>
  new URL(`${folder}/${server}.json.br`, base)

/** Returns the JSON of a recording, or undefined if there is none. */
export function readText(folder: RecordingFolder, server: string, base?: URL): string | undefined {
  const file = fileOf(folder, server, base)
  return existsSync(file) ? brotliDecompressSync(readFileSync(file)).toString('utf8') : undefined
}

export function readFile<T extends AnyRecording>(folder: RecordingFolder, server: T['server']): T | undefined {
  const text = readText(folder, server)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

export function writeFile(folder: RecordingFolder, recording: AnyRecording, base?: URL): void {
  const bytes = Buffer.from(format(recording))
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  const file = fileOf(folder, recording.server, base)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, brotliCompressSync(bytes, { params }))
}

/** Returns JSON with one line for each part of a case, so that differences are readable. */
function format(recording: AnyRecording): string {
  const line = (value: unknown): string => JSON.stringify(value)
  const lines = (value: object, write: (part: unknown) => string): string =>
    `{\n${Object.entries(value)
      .map(([name, part]) => `${line(name)}: ${write(part)}`)
      .join(',\n')}\n}`
  const list = (values: readonly object[]): string => `[\n${values.map((each) => lines(each, line)).join(',\n')}\n]`
  return `${lines(recording, (part) => (Array.isArray(part) ? list(part) : line(part)))}\n`
}
