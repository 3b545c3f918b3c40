import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Storage, Stored } from '../options/settings.ts'
import { reject } from './proxy-error.ts'

/** Maximum number of bytes in memory; a longer body is stored in a temporary file. */
const MAX_MEMORY = 1024 * 1024

/** A body that was read completely. */
export interface StoredBody {
  readonly length: number
  /** Its SHA-256 in lowercase hex. */
  readonly hash: string
  /** Reads the body from its start. */
  readonly read: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Called when it is verified. */
  readonly keep: () => void
  /** Frees its memory and removes the temporary file. */
  readonly remove: () => Promise<void>
}

/** Throws because a body is too long to be stored. */
export function rejectLength(maxBody: number): never {
  return reject(413, `The body is longer than ${maxBody} bytes. Raise options.maxBody.`)
}

/**
 * Reads and hashes a body of at most `maxBody` bytes. If it is not verified yet, `discard` ends it: it makes room for others
 * until `keep` of the result is called.
 */
export async function storeBody(
  source: AsyncIterable<Uint8Array>,
  maxBody: number,
  storage: Storage,
  discard?: () => void,
): Promise<StoredBody> {
  const hash = createHash('sha256')
  const pieces: Uint8Array[] = []
  const body: Stored = { length: 0, discard }
  let length = 0
  let inMemory = 0
  let file: TemporaryFile | undefined
  storage.bodies.add(body)
  const remove = async (): Promise<void> => {
    release(storage, body)
    await file?.remove()
  }
  try {
    for await (const piece of source) {
      length += piece.length
      if (length > maxBody) rejectLength(maxBody)
      reserve(storage, body, piece.length)
      hash.update(piece)
      pieces.push(piece)
      inMemory += piece.length
      if (inMemory <= MAX_MEMORY) continue
      file ??= await createFile()
      await file.handle.appendFile(Buffer.concat(pieces.splice(0)))
      inMemory = 0
    }
    await file?.handle.appendFile(Buffer.concat(pieces.splice(0)))
  } catch (error) {
    await remove()
    throw error
  }
  const stored = file
  return {
    length,
    hash: hash.digest('hex'),
    read: () => (stored ? readFile(stored.handle) : pieces),
    keep() {
      body.discard = undefined
    },
    remove,
  }
}

/** Takes space for a part of a body. The oldest bodies that are not verified make room for it. */
function reserve(storage: Storage, body: Stored, length: number): void {
  while (storage.used + length > storage.size) {
    const oldest = [...storage.bodies].find((other) => other !== body && other.discard)
    if (!oldest) break
    release(storage, oldest)
    oldest.discard!()
  }
  if (!storage.bodies.has(body) || storage.used + length > storage.size)
    reject(503, 'The space for stored bodies is full. Send the request again later.')
  body.length += length
  storage.used += length
}

function release(storage: Storage, body: Stored): void {
  if (storage.bodies.delete(body)) storage.used -= body.length
}

interface TemporaryFile {
  readonly handle: FileHandle
  readonly remove: () => Promise<void>
}

async function createFile(): Promise<TemporaryFile> {
  const path = join(tmpdir(), `sigv4-proxy-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  // it remains readable through its handle, and does not outlive a process that is killed; Windows deletes it later
  const isDeleted = await unlink(path).then(
    () => true,
    () => false,
  )
  return {
    handle,
    async remove() {
      await handle.close()
      if (!isDeleted) await unlink(path)
    },
  }
}

const PIECE = 256 * 1024

async function* readFile(handle: FileHandle): AsyncGenerator<Uint8Array, void> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
