import { createHash, randomBytes } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fail } from '../core/errors.ts'
import { isObject } from '../core/kind.ts'
import { isBucketName } from './address.ts'
import { isChecksum } from './checksums.ts'
import { areStorable } from './receive.ts'
import type { BlobStore, Content, StoredObject } from './store.ts'

// Each bucket is a folder. Each object is a JSON file, `<hash of the key>-<slug of the key>.json`, which contains the name of
// the data file: renaming the JSON file into place replaces the object atomically. Names are lowercase hex and a short
// slug, so that no key can leave the folder, collide with a folder, or differ from another key only in case.

const MARKER = 'bucket.json'
const LOOSE = /^[\da-f]{32}\.(?:data|draft)$/
const DATA = /^[\da-f]{32}\.data$/
const MAX_JSON_SIZE = 1024 * 1024
const MAX_TIME = 8.64e15 // ECMA-262, section 21.4.1.1
const ONE_MINUTE = 60 * 1000
const ONE_HOUR = 60 * ONE_MINUTE

interface FileContent extends Content {
  file: string
}

export function folderBlobStore(dir: string): BlobStore {
  const incoming = join(dir, '.incoming')
  try {
    mkdirSync(incoming, { recursive: true })
  } catch (error) {
    fail('ERR_INVALID_ARG_VALUE', 'options.dir', 'unusable', `${dir}: ${(error as Error).message.split(',')[0]}.`)
  }
  checkFolder(incoming)
  let loose: string[] = []
  let left = 0
  let checked = 0
  const folderOf = (bucket: string) => join(dir, `bucket-${bucket}`)
  const sidecarOf = (bucket: string, key: string) => join(folderOf(bucket), sidecarName(key))

  async function write(source: AsyncIterable<Uint8Array>): Promise<Content> {
    const file = join(incoming, `${randomBytes(16).toString('hex')}.data`)
    const fd = openSync(file, 'wx', 0o600) // Opened immediately: a stream would open it later, perhaps after its removal.
    try {
      await pipeline(source, createWriteStream(file, { fd }))
    } catch (error) {
      rmSync(file, { force: true })
      throw error
    }
    return contentOf(file, lstatSync(file).size)
  }

  const drop = (content: Content) => rmSync((content as FileContent).file, { force: true })

  return {
    write,
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
    *load() {
      loose = filesOf(incoming).filter((file) => LOOSE.test(basename(file)))
      for (const entry of readdirSync(dir, { withFileTypes: true })) {
        const bucket = entry.name.slice('bucket-'.length)
        if (!entry.isDirectory() || entry.name !== `bucket-${bucket}` || !isBucketName(bucket)) continue
        const { created } = readJson(join(dir, entry.name, MARKER)) ?? {}
        const { objects, others } = loadObjects(join(dir, entry.name))
        for (const file of others) loose.push(file)
        if (isCount(created) && created <= MAX_TIME) yield { bucket, created, objects }
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
    record(bucket, object) {
      const { content, ...metadata } = object
      const name = `${randomBytes(16).toString('hex')}.data`
      const file = join(folderOf(bucket), name)
      renameSync((content as FileContent).file, file)
      ;(content as FileContent).file = file
      replaceFile(
        sidecarOf(bucket, object.key),
        JSON.stringify({ ...metadata, size: content.size, data: name }, null, 1),
      )
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

function sidecarName(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40)
  const slug = key
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .slice(-60)
  return `${hash}-${slug.replace(/^-|-$/g, '')}.json`
}

/** Lists the regular files in a folder, and skips symbolic links. */
function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name }) => join(folder, name))
}

/** Returns the objects of a bucket, and the data files without an object. */
function loadObjects(folder: string): { objects: StoredObject[]; others: string[] } {
  const objects: StoredObject[] = []
  const files = new Set(filesOf(folder))
  const others = new Set(files)
  for (const sidecar of files) {
    const value = readJson(sidecar)
    if (!isSidecar(value) || basename(sidecar) !== sidecarName(value.key)) continue
    const { data, size, key, etag, modified, headers, checksum, parts } = value
    const file = join(folder, data)
    if (!others.has(file) || lstatSync(file, { throwIfNoEntry: false })?.size !== size) continue
    others.delete(file)
    objects.push({ key, etag, modified, headers, checksum, parts, content: contentOf(file, size) })
  }
  return { objects, others: [...others].filter((file) => LOOSE.test(basename(file))) }
}

type Sidecar = Omit<StoredObject, 'content'> & { data: string; size: number }

/** Whether a value is valid metadata of an object. The file may have been edited. */
function isSidecar(value: Record<string, unknown> | undefined): value is Sidecar & Record<string, unknown> {
  const { key, data, size, etag, modified, headers, checksum, parts } = value ?? {}
  return (
    matches(key, /^.{1,1024}$/s) &&
    Buffer.from(key).toString() === key && // No lone surrogates.
    matches(data, DATA) &&
    matches(etag, /^[\da-f]{32}(?:-\d{1,5})?$/) &&
    isCount(size) &&
    isCount(modified) &&
    modified <= MAX_TIME &&
    areStorable(headers) &&
    (checksum === undefined || isChecksum(checksum)) &&
    (parts === undefined || (Array.isArray(parts) && parts.every(isCount)))
  )
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function readJson(file: string): Record<string, unknown> | undefined {
  const stats = file.endsWith('.json') ? lstatSync(file, { throwIfNoEntry: false }) : undefined
  if (!stats?.isFile() || stats.size > MAX_JSON_SIZE) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isObject(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // It does not exist, or has a different format.
  }
}

/** Throws if a path is not a directory, because writes must not follow a symbolic link. */
function checkFolder(path: string): void {
  if (!lstatSync(path).isDirectory())
    fail('ERR_INVALID_ARG_VALUE', 'options.dir', 'unusable', `${path} is not a folder. Remove it.`)
}

/** Replaces a file atomically. */
function replaceFile(file: string, text: string): void {
  const draft = join(file, '..', `${randomBytes(16).toString('hex')}.draft`)
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
