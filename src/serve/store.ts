import type { Readable } from 'node:stream'
import type { Checksum } from './checksums.ts'
import { S3Error } from './errors.ts'

/** Bytes that are kept somewhere and never change. */
export interface Content {
  readonly size: number
  /** The bytes from `start` up to `end`, the latter not among them. */
  read(start: number, end: number): Readable
}

export interface StoredObject {
  readonly key: string
  readonly content: Content
  /** MD5 in hex, or `…-N` for N parts; without quotes. */
  readonly etag: string
  /** Epoch milliseconds, of a whole second: HTTP dates have no more. */
  readonly modified: number
  /** What is sent with it: content type, metadata, … */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum?: Checksum | undefined
  /** Sizes of the parts that it was put together from. */
  readonly parts?: readonly number[] | undefined
}

/** Where bytes are: in memory or in a folder. What it is told to record outlives it only in a folder. */
export interface Shelf {
  keep(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Makes one content of parts, which are gone afterwards, also if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  drop(content: Content): void
  /** What an earlier run left. */
  load(): Iterable<{ bucket: string; created: number; objects: readonly StoredObject[] }>
  recordBucket(bucket: string, created: number): void
  forgetBucket(bucket: string): void
  record(bucket: string, object: StoredObject): void
  forget(bucket: string, key: string): void
  /** Bytes of files that belong to nothing: an earlier run was writing them when it ended. */
  leftovers(): number
}

export interface Bucket {
  readonly name: string
  readonly created: number
  /** Keys in the order of their UTF-8. */
  readonly keys: readonly string[]
  get(key: string): StoredObject | undefined
}

/** Whether an object may be replaced or removed: throws if not. Runs at the moment of the change, with nothing in between. */
export type Condition = (present: StoredObject | undefined) => void

/** Buckets and objects; what is being received counts as much as what is stored. */
export interface Store {
  buckets(): Bucket[]
  bucket(name: string): Bucket | undefined
  makeBucket(name: string, now: number): void
  removeBucket(name: string): void
  /** Throws if there is no room for so many bytes. */
  expectRoom(bytes: number): void
  /** Keeps bytes that belong to no object yet; nothing of them is left if the source fails or there is no room. */
  take(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Makes one content of parts, which are gone afterwards, also if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  /** Counts memory for something other than content; throws if there is no room for it. */
  reserve(bytes: number): void
  unreserve(bytes: number): void
  /** Gives up content that belongs to no object. */
  release(content: Content): void
  /** Makes content an object, in place of the one that was there; gives the content up if the condition throws. */
  put(bucket: string, object: StoredObject, condition?: Condition): void
  remove(bucket: string, key: string, condition?: Condition): void
  /** Bytes that are taken. */
  used(): number
}

interface MutableBucket extends Bucket {
  readonly keys: string[]
  readonly objects: Map<string, StoredObject>
}

/** Bytes of memory for an object, a part, an upload or a bucket in addition to its content, approximately. */
export const OVERHEAD = 1280
const MOST_BUCKETS = 10_000

export function openStore(shelf: Shelf, maxBytes: number): Store {
  const buckets = new Map<string, MutableBucket>()
  let used = 0
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

  function expectRoom(bytes: number): void {
    if (used + leftovers + bytes <= maxBytes) return
    leftovers = shelf.leftovers()
    const free = maxBytes - used - leftovers
    if (bytes > free)
      throw new S3Error('InsufficientStorage', {
        ProposedSize: bytes,
        FreeBytes: Math.max(0, free),
        MaxBytes: maxBytes,
      })
  }

  function release(content: Content): void {
    used -= content.size
    shelf.drop(content)
  }

  for (const { bucket, created, objects } of shelf.load()) {
    const loaded = add(bucket, created)
    for (const object of objects) {
      loaded.objects.set(object.key, object)
      used += weight(object) + object.content.size
    }
    for (const key of [...loaded.objects.keys()].sort(compareKeys)) loaded.keys.push(key)
  }
  leftovers = shelf.leftovers()

  return {
    buckets: () => [...buckets.values()].sort((a, b) => compareKeys(a.name, b.name)),
    bucket: (name) => buckets.get(name),
    makeBucket(name, now) {
      if (buckets.has(name)) return
      if (buckets.size >= MOST_BUCKETS) throw new S3Error('TooManyBuckets')
      expectRoom(OVERHEAD)
      shelf.recordBucket(name, now)
      add(name, now)
    },
    removeBucket(name) {
      if (buckets.get(name)!.keys.length > 0) throw new S3Error('BucketNotEmpty', { BucketName: name })
      shelf.forgetBucket(name)
      buckets.delete(name)
      used -= OVERHEAD
    },
    expectRoom,
    async take(source) {
      let taken = 0
      async function* counted() {
        for await (const bytes of source) {
          expectRoom(bytes.length)
          used += bytes.length
          taken += bytes.length
          yield bytes
        }
      }
      try {
        return await shelf.keep(counted())
      } catch (error) {
        used -= taken
        throw error
      }
    },
    async join(parts) {
      try {
        return await shelf.join(parts)
      } catch (error) {
        for (const { size } of parts) used -= size
        throw error
      }
    },
    reserve(bytes) {
      expectRoom(bytes)
      used += bytes
    },
    unreserve(bytes) {
      used -= bytes
    },
    release,
    put(name, object, condition) {
      const bucket = buckets.get(name)
      try {
        if (!bucket) throw new S3Error('NoSuchBucket', { BucketName: name })
        condition?.(bucket.objects.get(object.key))
        expectRoom(weight(object))
        shelf.record(name, object)
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
      shelf.forget(name, key)
      bucket.objects.delete(key)
      bucket.keys.splice(positionOf(bucket.keys, key), 1)
      used -= weight(object)
      release(object.content)
    },
    used: () => used + leftovers,
  }
}

/** Bytes of memory for an object or an upload in addition to its content, approximately. */
export function weight({ key, headers }: Pick<StoredObject, 'key' | 'headers'>): number {
  let bytes = OVERHEAD + 2 * key.length
  for (const name in headers) bytes += 2 * (name.length + headers[name]!.length)
  return bytes
}

/** Where the first key stands that is not before `key`. */
export function positionOf(keys: readonly string[], key: string): number {
  return firstAt(keys, (other) => compareKeys(other, key) >= 0)
}

/** Where the first key stands that comes after all that start with `prefix`. */
export function positionAfter(keys: readonly string[], prefix: string): number {
  return firstAt(keys, (other) => !other.startsWith(prefix) && compareKeys(other, prefix) > 0)
}

/** The first position for which `is` says yes, in a list in which it says yes from there on. */
function firstAt(keys: readonly string[], is: (key: string) => boolean): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(keys[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** The order of UTF-8, which is that of code points: UTF-16 has surrogates before U+E000. */
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
