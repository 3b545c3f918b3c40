import { S3Error } from '../http/errors.ts'
import type { StoredObject } from './storage.ts'

/** Approximate memory for an object, a part, an upload or a bucket, in addition to its content. */
export const OVERHEAD = 1280
/** Memory for documents that are being received. */
const MAX_HELD = 32 * 1024 * 1024

/** Returns the approximate memory for an object or an upload, in addition to its content. */
export function weight({ key, headers }: Pick<StoredObject, 'key' | 'headers'>): number {
  let bytes = OVERHEAD + 2 * key.length
  for (const name in headers) bytes += 2 * (name.length + headers[name]!.length)
  return bytes
}

export type Quota = ReturnType<typeof createQuota>

/** Counts the space in use, content that is being received included. */
export function createQuota(maxBytes: number, leftovers: () => number) {
  let used = 0
  let held = 0

  /** Throws if there is not enough space. */
  function require(bytes: number): void {
    const free = maxBytes - used - leftovers()
    if (bytes > free)
      throw new S3Error('InsufficientStorage', {
        ProposedSize: bytes,
        FreeBytes: Math.max(0, free),
        MaxBytes: maxBytes,
      })
  }

  return {
    require,
    reserve(bytes: number): void {
      require(bytes)
      used += bytes
    },
    /** Counts bytes that are stored already. */
    add(bytes: number): void {
      used += bytes
    },
    release(bytes: number): void {
      used -= bytes
    },
    /** Counts memory for documents, which does not count toward the limit, so that a full store can be emptied. */
    hold(bytes: number): void {
      if (bytes > MAX_HELD - held) throw new S3Error('SlowDown')
      held += bytes
    },
  }
}
