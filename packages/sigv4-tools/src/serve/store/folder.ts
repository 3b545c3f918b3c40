import { randomBytes } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fail } from '../../../../../src/internal/errors.ts'
import { brokenRule } from '../http/address.ts'
import { readCreated, readSidecar, sidecarName } from './sidecar.ts'
import type { Bytes, Content, Journal, StoredObject } from './storage.ts'

// Each bucket is a folder. Each object is a JSON file, `<hash of the key>-<slug of the key>.json`, which contains the name of
// the data file: renaming the JSON file into place replaces the object atomically. Names are lowercase hex and a short
// slug, so that no key can leave the folder, collide with a folder, or differ from another key only in case.

const MARKER = 'bucket.json'
const LOOSE = /^[\da-f]{32}\.(?:data|draft)$/
const ONE_MINUTE = 60 * 1000
const ONE_HOUR = 60 * ONE_MINUTE

interface FileContent extends Content {
  file: string
}

export function openFolder(dir: string): { bytes: Bytes; journal: Journal } {
  const incoming = join(dir, '.incoming')
  try {
    mkdirSync(incoming, { recursive: true })
  } catch (error) {
    fail('ERR_INVALID_ARG_VALUE', 'options.dir', 'unusable', `${dir}: ${(error as Error).message.split(',')[0]}.`)
  }
  checkFolder(incoming)
  return { bytes: folderBytes(incoming), journal: folderJournal(dir, incoming) }
}

function folderBytes(incoming: string): Bytes {
  const drop = (content: Content) => rmSync((content as FileContent).file, { force: true })

  return {
    async write(source) {
      const file = join(incoming, randomName('data'))
      const fd = openSync(file, 'wx', 0o600) // Opened immediately: a stream would open it later, perhaps after its removal.
      try {
        await pipeline(source, createWriteStream(file, { fd }))
      } catch (error) {
        rmSync(file, { force: true })
        throw error
      }
      return contentOf(file, lstatSync(file).size)
    },
    // Appends to the file of the first part, so that at most one part is stored twice.
    async join(parts) {
      const [{ file }, ...rest] = parts as [FileContent, ...FileContent[]]
      try {
        for (const part of rest) {
          await pipeline(part.read(0, part.size), createWriteStream(file, { fd: openSync(file, 'a') }))
          drop(part)
        }
        return contentOf(file, lstatSync(file).size)
      } catch (error) {
        for (const part of parts) drop(part)
        throw error
      }
    },
    drop,
  }
}

function folderJournal(dir: string, incoming: string): Journal {
  let loose: string[] = []
  let left = 0
  let checked = 0
  const folderOf = (bucket: string) => join(dir, `bucket-${bucket}`)
  const sidecarOf = (bucket: string, key: string) => join(folderOf(bucket), sidecarName(key))

  return {
    *load() {
      loose = filesOf(incoming).filter(isLoose)
      for (const entry of readdirSync(dir, { withFileTypes: true })) {
        const bucket = entry.name.slice('bucket-'.length)
        if (!entry.isDirectory() || entry.name !== `bucket-${bucket}` || brokenRule(bucket)) continue
        const created = readCreated(join(dir, entry.name, MARKER))
        const { objects, others } = loadObjects(join(dir, entry.name))
        for (const file of others) loose.push(file)
        if (created !== undefined) yield { bucket, created, objects }
      }
    },
    leftovers() {
      if (Date.now() - checked < ONE_MINUTE) return left
      checked = Date.now()
      left = 0
      loose = loose.filter((file) => {
        const { size, mtimeMs } = lstatSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 }
        // By age, because another server may be writing to this folder.
        const isOver = checked - mtimeMs > ONE_HOUR
        if (isOver) rmSync(file, { force: true })
        else left += size
        return !isOver
      })
      return left
    },
    recordBucket(bucket, created) {
      mkdirSync(folderOf(bucket), { recursive: true })
      checkFolder(folderOf(bucket))
      replaceFile(join(folderOf(bucket), MARKER), JSON.stringify({ bucket, created }))
    },
    forgetBucket(bucket) {
      rmSync(join(folderOf(bucket), MARKER), { force: true })
      try {
        rmdirSync(folderOf(bucket))
      } catch {
        // The folder contains other files, which are kept.
      }
    },
    record(bucket, { content, ...metadata }) {
      const data = randomName('data')
      const moved = join(folderOf(bucket), data)
      const present = content as FileContent
      renameSync(present.file, moved)
      present.file = moved
      const sidecar = JSON.stringify({ ...metadata, size: content.size, data }, null, 1)
      replaceFile(sidecarOf(bucket, metadata.key), sidecar)
    },
    forget: (bucket, key) => rmSync(sidecarOf(bucket, key), { force: true }),
  }
}

function contentOf(file: string, size: number): FileContent {
  return {
    file,
    size,
    read(start, end) {
      if (start >= end) return Readable.from([])
      // Opened immediately, because the object may be replaced and its file removed later.
      return createReadStream(this.file, { fd: openSync(this.file, 'r'), start, end: end - 1 })
    },
  }
}

function randomName(extension: 'data' | 'draft'): string {
  return `${randomBytes(16).toString('hex')}.${extension}`
}

function isLoose(file: string): boolean {
  return LOOSE.test(basename(file))
}

/** Lists the regular files in a folder, and skips symbolic links. */
function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name }) => join(folder, name))
}

/** Returns the objects of a bucket, and the data files without an object. */
function loadObjects(folder: string): { objects: StoredObject[]; others: string[] } {
  const objects: StoredObject[] = []
  const files = filesOf(folder)
  const others = new Set(files)
  for (const file of files) {
    const sidecar = readSidecar(file)
    if (!sidecar || basename(file) !== sidecarName(sidecar.key)) continue
    const { data, size, key, etag, modified, headers, checksum, parts } = sidecar
    const content = contentOf(join(folder, data), size)
    if (!others.has(content.file) || lstatSync(content.file, { throwIfNoEntry: false })?.size !== size) continue
    others.delete(content.file)
    objects.push({ key, etag, modified, headers, checksum, parts, content })
  }
  return { objects, others: [...others].filter(isLoose) }
}

/** Throws if a path is not a directory, because writes must not follow a symbolic link. */
function checkFolder(path: string): void {
  if (!lstatSync(path).isDirectory())
    fail('ERR_INVALID_ARG_VALUE', 'options.dir', 'unusable', `${path} is not a folder. Remove it.`)
}

function replaceFile(file: string, text: string): void {
  const draft = join(file, '..', randomName('draft'))
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
