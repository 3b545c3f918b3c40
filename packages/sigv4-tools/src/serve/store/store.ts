import type { Readable } from 'node:stream'
import { S3Error } from '../http/errors.ts'
import { compareKeys, positionOf } from './keys.ts'
import { createQuota, OVERHEAD, weight } from './quota.ts'
import type { Bytes, Content, Journal, StoredObject } from './storage.ts'
import { openUploads } from './uploads.ts'

const MAX_BUCKETS = 10_000

export interface Bucket {
  readonly name: string
  readonly created: number
  /** Keys in UTF-8 order. */
  readonly keys: string[]
  readonly objects: Map<string, StoredObject>
}

/** Throws if an object must not be replaced or removed. Runs synchronously before the change. */
export type Condition = (present: StoredObject | undefined) => void

export type Store = ReturnType<typeof openStore>

/** Opens a store of buckets and objects. Without a journal, they are discarded on exit. */
export function openStore(bytes: Bytes, maxBytes: number, journal?: Journal) {
  const buckets = new Map<string, Bucket>()
  /** Open streams of content, and whether it was removed in the meantime. */
  const readers = new Map<Content, { count: number; isDropped: boolean }>()
  const quota = createQuota(maxBytes, () => journal?.leftovers() ?? 0)
  const uploads = openUploads(quota, drop)

  /** Returns a bucket, and throws if it does not exist. */
  function bucket(name: string): Bucket {
    const found = buckets.get(name)
    if (!found) throw new S3Error('NoSuchBucket', { BucketName: name })
    return found
  }

  function find(name: string, key: string): StoredObject | undefined {
    return buckets.get(name)?.objects.get(key)
  }

  function addBucket(name: string, created: number): Bucket {
    const added = { name, created, keys: [], objects: new Map() }
    buckets.set(name, added)
    quota.add(OVERHEAD)
    return added
  }

  function makeBucket(name: string, now: number): Bucket {
    const present = buckets.get(name)
    if (present) return present
    if (buckets.size >= MAX_BUCKETS) throw new S3Error('TooManyBuckets')
    quota.require(OVERHEAD)
    journal?.recordBucket(name, now)
    return addBucket(name, now)
  }

  /** Removes content that does not belong to an object. */
  function drop(content: Content): void {
    const open = readers.get(content)
    if (open) open.isDropped = true
    else quota.release(content.size)
    bytes.drop(content)
  }

  for (const { bucket, created, objects } of journal?.load() ?? []) {
    const loaded = addBucket(bucket, created)
    for (const object of objects) {
      loaded.objects.set(object.key, object)
      quota.add(weight(object) + object.content.size)
    }
    for (const key of [...loaded.objects.keys()].sort(compareKeys)) loaded.keys.push(key)
  }
  journal?.leftovers() // Removes the old ones.

  return {
    quota,
    uploads,
    buckets: () => [...buckets.values()].sort((a, b) => compareKeys(a.name, b.name)),
    bucket,
    makeBucket,
    removeBucket(name: string): void {
      if (bucket(name).keys.length > 0) throw new S3Error('BucketNotEmpty', { BucketName: name })
      journal?.forgetBucket(name)
      buckets.delete(name)
      quota.release(OVERHEAD)
      for (const upload of uploads.list(name)) uploads.remove(upload)
    },
    /** Stores bytes that do not belong to an object yet. Nothing is kept if the source fails or space runs out. */
    async write(source: AsyncIterable<Uint8Array>): Promise<Content> {
      let written = 0
      async function* counted() {
        for await (const piece of source) {
          quota.reserve(piece.length)
          written += piece.length
          yield piece
        }
      }
      try {
        return await bytes.write(counted())
      } catch (error) {
        quota.release(written)
        throw error
      }
    },
    /** Joins parts into one content, and removes them, even if it fails. */
    async join(parts: readonly Content[]): Promise<Content> {
      try {
        return await bytes.join(parts)
      } catch (error) {
        for (const { size } of parts) quota.release(size)
        throw error
      }
    },
    /** Reads content. Its space is in use until the stream closes, even if the content is removed before. */
    read(content: Content, start: number, end: number): Readable {
      const stream = content.read(start, end)
      const open = readers.get(content) ?? { count: 0, isDropped: false }
      open.count++
      readers.set(content, open)
      return stream.once('close', () => {
        if (--open.count > 0) return
        readers.delete(content)
        if (open.isDropped) quota.release(content.size)
      })
    },
    drop,
    find,
    /** Returns an object, and throws if it does not exist. */
    object(name: string, key: string): StoredObject {
      const found = bucket(name).objects.get(key)
      if (!found) throw new S3Error('NoSuchKey', { Key: key })
      return found
    },
    /** Adds or replaces an object, and creates its bucket. Drops the content if the condition throws. */
    put(name: string, object: StoredObject, condition?: Condition): void {
      const before = find(name, object.key)
      try {
        condition?.(before)
        quota.require(weight(object))
        const { keys, objects } = makeBucket(name, object.modified)
        journal?.record(name, object)
        if (!before) keys.splice(positionOf(keys, object.key), 0, object.key)
        objects.set(object.key, object)
      } catch (error) {
        drop(object.content)
        throw error
      }
      quota.add(weight(object))
      if (!before) return
      quota.release(weight(before))
      drop(before.content)
    },
    remove(name: string, key: string, condition?: Condition): void {
      const object = find(name, key)
      condition?.(object)
      if (!object) return
      const { keys, objects } = bucket(name)
      journal?.forget(name, key)
      objects.delete(key)
      keys.splice(positionOf(keys, key), 1)
      quota.release(weight(object))
      drop(object.content)
    },
  }
}
