import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

// What two tarballs of npm contain, compared byte by byte.

const BLOCK = 512
/** Fields of a header that follow from the content: its size, and the checksum of the header. */
const DERIVED = [
  [124, 136],
  [148, 156],
] as const

/** A file in an archive, or what else its header declares. */
export interface Entry {
  readonly name: string
  readonly header: Buffer
  readonly content: Buffer
}

/** Returns the entries of a tarball, in their order. Throws if it contains bytes that belong to none. */
export function entriesOf(tarball: Buffer): Entry[] {
  const tar = gunzipSync(tarball)
  const entries: Entry[] = []
  let at = 0
  while (at < tar.length && tar[at] !== 0) {
    const header = tar.subarray(at, at + BLOCK)
    const [name, size, prefix] = [text(header, 0, 100), text(header, 124, 136), text(header, 345, 500)]
    const start = at + BLOCK
    const end = start + Number.parseInt(size, 8)
    if (!(end <= tar.length)) throw new Error(`The size of ${name} is not valid.`)
    entries.push({ name: prefix === '' ? name : `${prefix}/${name}`, header, content: tar.subarray(start, end) })
    at = Math.ceil(end / BLOCK) * BLOCK
    if (tar.subarray(end, at).some((byte) => byte !== 0)) throw new Error(`${name} is followed by hidden bytes.`)
  }
  if (tar.subarray(at).some((byte) => byte !== 0)) throw new Error('The last file is followed by hidden bytes.')
  return entries
}

/** A field of a header, which ends with a zero byte. */
function text(header: Buffer, start: number, end: number): string {
  const field = header.toString('utf8', start, end)
  return field.replace(/\0.*$/s, '').trim()
}

/** Returns a file of a package, such as `README.md`. */
export function fileOf(tarball: Buffer, path: string): Buffer | undefined {
  return entriesOf(tarball).find(({ name }) => name === `package/${path}`)?.content
}

/** The integrity of a tarball, as registries and lock files show it. */
export function integrityOf(tarball: Buffer): string {
  return `sha512-${createHash('sha512').update(tarball).digest('base64')}`
}

/** How two tarballs relate. */
export interface Comparison {
  /** Empty if both have the same files. */
  readonly differences: readonly string[]
  /** What differs in compressed bytes only: `the tarball`, and files whose names end with `.gz`. */
  readonly compressed: readonly string[]
}

/**
 * Compares a published tarball with one that was built: the bytes, then the files with their names, modes, and times. Only
 * the compression may differ, which depends on the zlib of Node.
 */
export function compareTarballs(published: Buffer, built: Buffer): Comparison {
  if (published.equals(built)) return { differences: [], compressed: [] }
  let both: [Entry[], Entry[]]
  try {
    both = [entriesOf(published), entriesOf(built)]
  } catch (error) {
    return { differences: [(error as Error).message], compressed: [] }
  }
  const [theirs, ours] = both
  const differences: string[] = []
  const compressed = ['the tarball']
  const names = [...new Set(both.flatMap((entries) => entries.map(({ name }) => name)))]
  for (const name of names) {
    const [one, other] = both.map((entries) => entries.filter((entry) => entry.name === name))
    const path = name.replace(/^package\//, '')
    if (one!.length === 0) differences.push(`${path}: only in the build`)
    else if (other!.length === 0) differences.push(`${path}: only in the published package`)
    else if (one!.length > 1 || other!.length > 1) differences.push(`${path}: is contained more than once`)
    else {
      const difference = compareEntries(one![0]!, other![0]!)
      if (difference === 'compressed') compressed.push(path)
      else if (difference !== undefined) differences.push(`${path}: ${difference}`)
    }
  }
  const order = (entries: Entry[]): string => entries.map(({ name }) => name).join('\n')
  if (differences.length === 0 && order(theirs) !== order(ours)) differences.push('the files have a different order')
  return { differences, compressed: differences.length === 0 ? compressed : [] }
}

/** Returns how two entries of the same name differ, or `compressed` if only their compression does. */
function compareEntries(published: Entry, built: Entry): string | undefined {
  const [header, expected] = [published, built].map((entry) => withoutDerived(entry.header))
  if (!header!.equals(expected!)) {
    const modes = [header!, expected!].map((each) => text(each, 100, 108))
    const what = modes[0] === modes[1] ? '' : `, mode ${modes[0]} published, ${modes[1]} built`
    return `its header differs, first at byte ${firstDifference(header!, expected!)}${what}`
  }
  const [one, other] = [published.content, built.content]
  if (one.equals(other)) return undefined
  if (published.name.endsWith('.gz') && unzipped(one)?.equals(unzipped(other) ?? Buffer.of())) return 'compressed'
  return `${one.length} bytes published, ${other.length} built, first difference at byte ${firstDifference(one, other)}`
}

function withoutDerived(header: Buffer): Buffer {
  const copy = Buffer.from(header)
  for (const [start, end] of DERIVED) copy.fill(0, start, end)
  return copy
}

/** The number of bytes that two buffers have in common at the start. */
function firstDifference(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at
  return length
}

function unzipped(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return undefined
  }
}
