import { createReadStream } from 'node:fs'
import type { Call } from '../program/command.ts'
import { describeFileError, shown, usage } from '../program/errors.ts'

/** Maximum number of bytes read into memory. */
const MAX_SIZE = 512 * 1024 * 1024

/** Reads a complete file, or standard input for `-`. */
export async function readInput(call: Call, option: string, path: string, maxSize = MAX_SIZE): Promise<Buffer> {
  const isStdin = path === '-'
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of isStdin ? call.terminal.stdin : createReadStream(path)) {
      size += piece.length
      if (size > maxSize) break
      pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece)
    }
  } catch (error) {
    usage(
      `${option}: cannot read ${isStdin ? 'standard input' : `the file${shown(path)}`}: ${describeFileError(error)}.`,
    )
  }
  if (size > maxSize) usage(`${option} is larger than ${maxSize} bytes.`)
  return Buffer.concat(pieces)
}

/** Decodes UTF-8 or UTF-16, with or without a byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

export interface BodyOption {
  readonly bytes: Buffer
  readonly source: { readonly text: string } | { readonly file: string }
}

/** Reads the body from --data or --data-file. */
export async function readBody(call: Call): Promise<BodyOption | undefined> {
  const text = call.value('data')
  const file = call.value('data-file')
  if (text !== undefined && file !== undefined) usage('--data and --data-file cannot be combined.')
  if (text !== undefined) return { bytes: Buffer.from(text), source: { text } }
  return file === undefined ? undefined : { bytes: await readInput(call, '--data-file', file), source: { file } }
}
