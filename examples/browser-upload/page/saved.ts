import type { MultipartPlan } from 'sigv4/sync'

/** A multipart upload in progress: everything required to resume it on a later page. */
export interface Saved extends MultipartPlan {
  name: string
  ticket: string
  uploadId: string
}

const PREFIX = 'upload:'

/** Returns the storage key of a file's upload. A changed file has a different key. */
export function storageKey({ name, size, lastModified }: File): string {
  return `${PREFIX}${name}:${size}:${lastModified}`
}

export function recall(storedKey: string): Saved | undefined {
  try {
    const text = localStorage.getItem(storedKey)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined // Storage may be unavailable.
  }
}

export function remember(storedKey: string, saved: Saved): void {
  try {
    localStorage.setItem(storedKey, JSON.stringify(saved))
  } catch {
    // Without storage, the upload cannot be resumed on a later page.
  }
}

export function forget(storedKey: string): void {
  try {
    localStorage.removeItem(storedKey)
  } catch {
    // Storage may be unavailable.
  }
}

/** Lists the unfinished uploads. */
export function unfinished(): { storedKey: string; saved: Saved }[] {
  try {
    return Object.keys(localStorage)
      .filter((storedKey) => storedKey.startsWith(PREFIX))
      .flatMap((storedKey) => {
        const saved = recall(storedKey)
        return saved ? [{ storedKey, saved }] : []
      })
  } catch {
    return []
  }
}
