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
import { areKeepable } from './receive.ts'
import type { Content, Shelf, StoredObject } from './store.ts'

// One folder a bucket. An object is a sidecar, `<hash of the key>-<what is readable of it>.json`, which names the file
// with its bytes: the rename of the sidecar is the moment at which the object changes. Names are lower-case hex and a
// short slug, so that no key can leave the folder, be a folder of another one, or differ from another in case alone.

const MARKER = 'bucket.json'
const LOOSE = /^[\da-f]{32}\.(?:data|draft)$/
const DATA = /^[\da-f]{32}\.data$/
const LARGEST_JSON = 1024 * 1024
const LAST_TIME = 8.64e15 // ECMA-262, section 21.4.1.1
const ONE_MINUTE = 60 * 1000
const ONE_HOUR = 60 * ONE_MINUTE

interface FileContent extends Content {
  file: string
}

export function folderShelf(dir: string): Shelf {
  const incoming = join(dir, '.incoming')
  mkdirSync(incoming, { recursive: true })
  checkFolder(incoming)
  let loose: string[] = []
  let left = 0
  let checked = 0
  const folderOf = (bucket: string) => join(dir, `bucket-${bucket}`)
  const sidecarOf = (bucket: string, key: string) => join(folderOf(bucket), sidecarName(key))

  async function keep(source: AsyncIterable<Uint8Array>): Promise<Content> {
    const file = join(incoming, `${randomBytes(16).toString('hex')}.data`)
    const fd = openSync(file, 'wx', 0o600) // now: a stream would open it later, perhaps after its removal
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
    keep,
    // in the file of the first part, so that the disk needs room for one extra part at most
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
        if (isCount(created) && created <= LAST_TIME) yield { bucket, created, objects }
      }
    },
    leftovers() {
      if (Date.now() - checked < ONE_MINUTE) return left
      checked = Date.now()
      left = 0
      loose = loose.filter((file) => {
        const { size, mtimeMs } = lstatSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 }
        // by age: another server may be writing to this folder
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
      writeWhole(join(folderOf(bucket), MARKER), JSON.stringify({ bucket, created }))
    },
    forgetBucket(bucket) {
      rmSync(join(folderOf(bucket), MARKER), { force: true })
      try {
        rmdirSync(folderOf(bucket))
      } catch {
        // something else is in there, which is not ours to remove
      }
    },
    record(bucket, object) {
      const { content, ...said } = object
      const name = `${randomBytes(16).toString('hex')}.data`
      const file = join(folderOf(bucket), name)
      renameSync((content as FileContent).file, file)
      ;(content as FileContent).file = file
      writeWhole(sidecarOf(bucket, object.key), JSON.stringify({ ...said, size: content.size, data: name }, null, 1))
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
      // opened here and now: a moment later the object may have been replaced and its file removed
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

/** Paths of the regular files in a folder; symbolic links are skipped. */
function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name }) => join(folder, name))
}

/** The objects of a bucket, and the files that belong to none of them. */
function loadObjects(folder: string): { objects: StoredObject[]; others: string[] } {
  const objects: StoredObject[] = []
  const files = new Set(filesOf(folder))
  const others = new Set(files)
  for (const sidecar of files) {
    const said = readJson(sidecar)
    if (!isSidecar(said) || basename(sidecar) !== sidecarName(said.key)) continue
    const { data, size, key, etag, modified, headers, checksum, parts } = said
    const file = join(folder, data)
    if (!others.has(file) || lstatSync(file, { throwIfNoEntry: false })?.size !== size) continue
    others.delete(file)
    objects.push({ key, etag, modified, headers, checksum, parts, content: contentOf(file, size) })
  }
  return { objects, others: [...others].filter((file) => LOOSE.test(basename(file))) }
}

type Sidecar = Omit<StoredObject, 'content'> & { data: string; size: number }

/** Whether a value is a sidecar that can be sent to a client. The file may have been edited. */
function isSidecar(said: Record<string, unknown> | undefined): said is Sidecar & Record<string, unknown> {
  const { key, data, size, etag, modified, headers, checksum, parts } = said ?? {}
  return (
    matches(key, /^.{1,1024}$/s) &&
    Buffer.from(key).toString() === key && // no lone surrogates
    matches(data, DATA) &&
    matches(etag, /^[\da-f]{32}(?:-\d{1,5})?$/) &&
    isCount(size) &&
    isCount(modified) &&
    modified <= LAST_TIME &&
    areKeepable(headers) &&
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
  if (!stats?.isFile() || stats.size > LARGEST_JSON) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isObject(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // not there, or not ours
  }
}

/** Throws if a path is not a folder: writes must not follow a symbolic link. */
function checkFolder(path: string): void {
  if (!lstatSync(path).isDirectory())
    fail('ERR_INVALID_ARG_VALUE', 'options.dir', 'unusable', `${path} is not a folder. Remove it.`)
}

/** Writes a file so that it is there whole or as it was. */
function writeWhole(file: string, text: string): void {
  const draft = join(file, '..', `${randomBytes(16).toString('hex')}.draft`)
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
