import type { MultipartPlan } from 'sigv4/sync'

/** An upload in parts that has begun: enough to go on with it after the page is gone. */
export interface Saved extends MultipartPlan {
  name: string
  ticket: string
  uploadId: string
}

const PREFIX = 'upload:'

/** Where an upload of a file is kept. A file that was changed since is another one. */
export function placeOf({ name, size, lastModified }: File): string {
  return `${PREFIX}${name}:${size}:${lastModified}`
}

export function recall(place: string): Saved | undefined {
  try {
    const text = localStorage.getItem(place)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined // storage may be forbidden
  }
}

export function remember(place: string, saved: Saved): void {
  try {
    localStorage.setItem(place, JSON.stringify(saved))
  } catch {
    // then the upload cannot go on in another page, and that is all
  }
}

export function forget(place: string): void {
  try {
    localStorage.removeItem(place)
  } catch {
    // as above
  }
}

/** All that has begun and is not done. */
export function unfinished(): { place: string; saved: Saved }[] {
  try {
    return Object.keys(localStorage)
      .filter((place) => place.startsWith(PREFIX))
      .flatMap((place) => {
        const saved = recall(place)
        return saved ? [{ place, saved }] : []
      })
  } catch {
    return []
  }
}
