import { createHash, randomBytes } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isBucketName } from './address.ts'
import type { Content, Shelf, StoredObject } from './store.ts'

// One folder a bucket. An object is a sidecar, `<hash of the key>-<what is readable of it>.json`, which names the file
// with its bytes: the rename of the sidecar is the moment at which the object changes. Names are lower-case hex and a
// short slug, so that no key can leave the folder, be a folder of another one, or differ from another in case alone.

const MARKER = 'bucket.json'
const LOOSE = /^[\da-f]{32}\.(?:data|draft)$/
const ONE_HOUR = 60 * 60 * 1000

interface FileContent extends Content {
  file: string
}

export function folderShelf(dir: string): Shelf {
  const incoming = join(dir, '.incoming')
  mkdirSync(incoming, { recursive: true })
  const folderOf = (bucket: string) => join(dir, `bucket-${bucket}`)
  const sidecarOf = (bucket: string, key: string) => join(folderOf(bucket), sidecarName(key))

  async function keep(source: AsyncIterable<Uint8Array>): Promise<Content> {
    const file = join(incoming, `${randomBytes(16).toString('hex')}.data`)
    try {
      await pipeline(source, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    } catch (error) {
      rmSync(file, { force: true })
      throw error
    }
    return contentOf(file, statSync(file).size)
  }

  return {
    keep,
    join: (parts) => keep(Readable.from(inTurn(parts))),
    drop: (content) => rmSync((content as FileContent).file, { force: true }),
    *load() {
      sweep(incoming, new Set())
      for (const name of readdirSync(dir)) {
        const bucket = name.slice('bucket-'.length)
        const created = name === `bucket-${bucket}` && isBucketName(bucket) && readJson(join(dir, name, MARKER))
        if (created) yield { bucket, created: Number(created.created) || 0, objects: loadObjects(join(dir, name)) }
      }
    },
    recordBucket(bucket, created) {
      mkdirSync(folderOf(bucket), { recursive: true })
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

async function* inTurn(parts: readonly Content[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield* part.read(0, part.size)
}

function sidecarName(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40)
  const slug = key
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .slice(-60)
  return `${hash}-${slug.replace(/^-|-$/g, '')}.json`
}

function loadObjects(folder: string): StoredObject[] {
  const objects: StoredObject[] = []
  const used = new Set<string>()
  for (const name of readdirSync(folder)) {
    const said = name === MARKER ? undefined : readJson(join(folder, name))
    if (!isSidecar(said) || name !== sidecarName(said.key)) continue
    const file = join(folder, said.data)
    if (statSync(file, { throwIfNoEntry: false })?.size !== said.size) continue
    const { data, size, ...object } = said
    used.add(data)
    objects.push({ ...object, content: contentOf(file, size) })
  }
  sweep(folder, used)
  return objects
}

type Sidecar = Omit<StoredObject, 'content'> & { data: string; size: number }

function isSidecar(said: unknown): said is Sidecar {
  const { key, data, size, etag, modified, headers } = (said ?? {}) as Partial<Sidecar>
  return (
    [key, data, etag].every((text) => typeof text === 'string') &&
    [size, modified].every(Number.isSafeInteger) &&
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((value) => typeof value === 'string') &&
    LOOSE.test(data!)
  )
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!file.endsWith('.json')) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // not there, or not ours
  }
}

/** Writes a file so that it is there whole or as it was. */
function writeWhole(file: string, text: string): void {
  const draft = join(file, '..', `${randomBytes(16).toString('hex')}.draft`)
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

/** Removes what a run that was cut off has left: by age, since another server may be writing here. */
function sweep(folder: string, used: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    if (!LOOSE.test(name) || used.has(name)) continue
    const file = join(folder, name)
    if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > ONE_HOUR) rmSync(file, { force: true })
  }
}
