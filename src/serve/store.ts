import type { Readable } from 'node:stream'
import type { Checksum } from './checksums.ts'
import { S3Error } from './errors.ts'

/** Immutable bytes. */
export interface Content {
  readonly size: number
  /** Reads the bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): Readable
}

export interface StoredObject {
  readonly key: string
  readonly content: Content
  /** MD5 in hex, or `…-N` for N parts, without quotation marks. */
  readonly etag: string
  /** Epoch milliseconds, rounded to a second: the precision of HTTP dates. */
  readonly modified: number
  /** Headers to send with the object, such as its content type. */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum?: Checksum | undefined
  /** Sizes of the parts of a multipart upload. */
  readonly parts?: readonly number[] | undefined
}

/** Stores bytes in memory or in a folder. Records persist only in a folder. */
export interface BlobStore {
  write(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Joins parts into one content, and removes them, even if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  drop(content: Content): void
  /** Loads the buckets and objects of an earlier run. */
  load(): Iterable<{ bucket: string; created: number; objects: readonly StoredObject[] }>
  recordBucket(bucket: string, created: number): void
  forgetBucket(bucket: string): void
  record(bucket: string, object: StoredObject): void
  forget(bucket: string, key: string): void
  /** Returns the size of incomplete files of an earlier run. */
  leftovers(): number
}

export interface Bucket {
  readonly name: string
  readonly created: number
  /** Keys in UTF-8 order. */
  readonly keys: readonly string[]
  get(key: string): StoredObject | undefined
}

/** Throws if an object must not be replaced or removed. Runs synchronously before the change. */
export type Condition = (present: StoredObject | undefined) => void

/** Buckets and objects. Content that is being received counts toward the size limit. */
export interface Store {
  buckets(): Bucket[]
  bucket(name: string): Bucket | undefined
  makeBucket(name: string, now: number): void
  removeBucket(name: string): void
  /** Throws if there is not enough space. */
  requireSpace(bytes: number): void
  /** Stores bytes that do not belong to an object yet. Nothing is kept if the source fails or space runs out. */
  write(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Joins parts into one content, and removes them, even if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  /** Reserves memory for something other than content. Throws if there is not enough space. */
  reserve(bytes: number): void
  unreserve(bytes: number): void
  /** Counts memory for documents, which does not count toward the limit, so that a full store can be emptied. */
  hold(bytes: number): void
  /** Reads content. Its space is in use until the stream closes, even if the content is removed before. */
  read(content: Content, start: number, end: number): Readable
  /** Removes content that does not belong to an object. */
  release(content: Content): void
  /** Adds or replaces an object. Removes the content if the condition throws. */
  put(bucket: string, object: StoredObject, condition?: Condition): void
  remove(bucket: string, key: string, condition?: Condition): void
  /** The number of bytes in use. */
  used(): number
}

interface MutableBucket extends Bucket {
  readonly keys: string[]
  readonly objects: Map<string, StoredObject>
}

/** Approximate memory for an object, a part, an upload or a bucket, in addition to its content. */
export const OVERHEAD = 1280
const MAX_BUCKETS = 10_000
/** Memory for documents that are being received. */
const MAX_HELD = 32 * 1024 * 1024

export function openStore(blobs: BlobStore, maxBytes: number): Store {
  const buckets = new Map<string, MutableBucket>()
  /** Open streams of content, and whether it was removed in the meantime. */
  const readers = new Map<Content, { count: number; isReleased: boolean }>()
  let used = 0
  let held = 0
  let leftovers = 0

  function add(name: string, created: number): MutableBucket {
    const objects = new Map<string, StoredObject>()
    const bucket = { name, created, keys: [], objects, get: (key: string) => objects.get(key) }
    buckets.set(name, bucket)
    used += OVERHEAD
    return bucket
  }

  function insert(bucket: MutableBucket, object: StoredObject): void {
    if (!bucket.objects.has(object.key)) bucket.keys.splice(positionOf(bucket.keys, object.key), 0, object.key)
    bucket.objects.set(object.key, object)
    used += weight(object)
  }

  function requireSpace(bytes: number): void {
    if (used + leftovers + bytes <= maxBytes) return
    leftovers = blobs.leftovers()
    const free = maxBytes - used - leftovers
    if (bytes > free)
      throw new S3Error('InsufficientStorage', {
        ProposedSize: bytes,
        FreeBytes: Math.max(0, free),
        MaxBytes: maxBytes,
      })
  }

  function release(content: Content): void {
    const open = readers.get(content)
    if (open) open.isReleased = true
    else used -= content.size
    blobs.drop(content)
  }

  function read(content: Content, start: number, end: number): Readable {
    const stream = content.read(start, end)
    const open = readers.get(content) ?? { count: 0, isReleased: false }
    open.count++
    readers.set(content, open)
    return stream.once('close', () => {
      if (--open.count > 0) return
      readers.delete(content)
      if (open.isReleased) used -= content.size
    })
  }

  for (const { bucket, created, objects } of blobs.load()) {
    const loaded = add(bucket, created)
    for (const object of objects) {
      loaded.objects.set(object.key, object)
      used += weight(object) + object.content.size
    }
    for (const key of [...loaded.objects.keys()].sort(compareKeys)) loaded.keys.push(key)
  }
  leftovers = blobs.leftovers()

  return {
    buckets: () => [...buckets.values()].sort((a, b) => compareKeys(a.name, b.name)),
    bucket: (name) => buckets.get(name),
    makeBucket(name, now) {
      if (buckets.has(name)) return
      if (buckets.size >= MAX_BUCKETS) throw new S3Error('TooManyBuckets')
      requireSpace(OVERHEAD)
      blobs.recordBucket(name, now)
      add(name, now)
    },
    removeBucket(name) {
      if (buckets.get(name)!.keys.length > 0) throw new S3Error('BucketNotEmpty', { BucketName: name })
      blobs.forgetBucket(name)
      buckets.delete(name)
      used -= OVERHEAD
    },
    requireSpace,
    async write(source) {
      let written = 0
      async function* counted() {
        for await (const bytes of source) {
          requireSpace(bytes.length)
          used += bytes.length
          written += bytes.length
          yield bytes
        }
      }
      try {
        return await blobs.write(counted())
      } catch (error) {
        used -= written
        throw error
      }
    },
    async join(parts) {
      try {
        return await blobs.join(parts)
      } catch (error) {
        for (const { size } of parts) used -= size
        throw error
      }
    },
    reserve(bytes) {
      requireSpace(bytes)
      used += bytes
    },
    unreserve(bytes) {
      used -= bytes
    },
    hold(bytes) {
      if (bytes > MAX_HELD - held) throw new S3Error('SlowDown')
      held += bytes
    },
    read,
    release,
    put(name, object, condition) {
      const bucket = buckets.get(name)
      try {
        if (!bucket) throw new S3Error('NoSuchBucket', { BucketName: name })
        condition?.(bucket.objects.get(object.key))
        requireSpace(weight(object))
        blobs.record(name, object)
      } catch (error) {
        release(object.content)
        throw error
      }
      const before = bucket.objects.get(object.key)
      insert(bucket, object)
      if (before) {
        used -= weight(before)
        release(before.content)
      }
    },
    remove(name, key, condition) {
      const bucket = buckets.get(name)
      const object = bucket?.objects.get(key)
      condition?.(object)
      if (!bucket || !object) return
      blobs.forget(name, key)
      bucket.objects.delete(key)
      bucket.keys.splice(positionOf(bucket.keys, key), 1)
      used -= weight(object)
      release(object.content)
    },
    used: () => used + leftovers,
  }
}

/** Returns the approximate memory for an object or an upload, in addition to its content. */
export function weight({ key, headers }: Pick<StoredObject, 'key' | 'headers'>): number {
  let bytes = OVERHEAD + 2 * key.length
  for (const name in headers) bytes += 2 * (name.length + headers[name]!.length)
  return bytes
}

/** Returns the index of the first key that is not before `key`. */
export function positionOf(keys: readonly string[], key: string): number {
  return firstAt(keys, (other) => compareKeys(other, key) >= 0)
}

/** Returns the index of the first key after all keys that start with `prefix`. */
export function positionAfter(keys: readonly string[], prefix: string): number {
  return firstAt(keys, (other) => !other.startsWith(prefix) && compareKeys(other, prefix) > 0)
}

/** Returns the first index for which a monotonic predicate is true. */
function firstAt(keys: readonly string[], is: (key: string) => boolean): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(keys[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Compares keys in UTF-8 order, which is the order of code points. In UTF-16, surrogates precede U+E000. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
}
