import { createReadStream } from 'node:fs'
import type { Call } from './command.ts'
import { fileTrouble, shown, usage } from './failure.ts'

/** Most that is read into memory. */
const LARGEST = 512 * 1024 * 1024

/** Reads all of a file, or of standard input for `-`. */
export async function readInput(call: Call, option: string, path: string, most = LARGEST): Promise<Buffer> {
  const isStdin = path === '-'
  const source = `${option}: ${isStdin ? 'standard input' : shown(path).trim() || 'the file'}`
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of isStdin ? call.terminal.stdin : createReadStream(path)) {
      size += piece.length
      if (size > most) break
      pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece)
    }
  } catch (error) {
    usage(`${source}: ${fileTrouble(error)}`)
  }
  if (size > most) usage(`${source} has more than ${most} bytes`)
  return Buffer.concat(pieces)
}

/** The text of a file that people write: without byte order mark, and as Windows saves it. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

/** A body that the options give. */
export interface GivenBody {
  readonly bytes: Buffer
  readonly source: { readonly text: string } | { readonly file: string }
}

/** The body of --data or --data-file. */
export async function readBody(call: Call): Promise<GivenBody | undefined> {
  const [text, file] = [call.value('data'), call.value('data-file')]
  if (text !== undefined && file !== undefined) usage('--data and --data-file are both given: say one')
  if (text !== undefined) return { bytes: Buffer.from(text), source: { text } }
  return file === undefined ? undefined : { bytes: await readInput(call, '--data-file', file), source: { file } }
}
