import type { Readable } from 'node:stream'

/** Immutable bytes. */
export interface Content {
  readonly size: number
  /** Reads the bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): Readable
}

/** Keeps bytes in memory or in a folder. */
export interface Bytes {
  write(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Joins parts into one content, and removes them, even if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  drop(content: Content): void
}
