import { gunzipSync } from 'node:zlib'
import { parseTar } from 'nanotar'

/** A file in a tarball of npm. */
interface File {
  /** Its permissions, such as `644`. */
  readonly mode: string
  readonly content: Uint8Array
}

/** Returns the files of a package by path, such as `README.md`. */
function filesOf(tar: Uint8Array): Map<string, File> {
  const entries = parseTar(tar).map(({ name, attrs, data = new Uint8Array() }): [string, File] => [
    name.replace(/^package\//, ''),
    { mode: attrs?.mode?.replace(/^0+/, '') ?? '', content: data },
  ])
  return new Map(entries)
}

/** Returns a file of a package. Throws if the tarball is malformed, or does not contain the file. */
export function readPacked(tarball: Uint8Array, path: string): string {
  const file = filesOf(gunzipSync(tarball)).get(path)
  if (file === undefined) throw new Error(`${path} is missing`)
  return Buffer.from(file.content).toString()
}

/**
 * Returns how a published tarball differs from one that was built, a line for each file, or nothing if both contain the
 * same bytes before compression, which depends on the zlib of Node.
 */
export function differencesOf(published: Uint8Array, built: Uint8Array): string[] {
  const [one, other] = [gunzipSync(published), gunzipSync(built)]
  if (one.equals(other)) return []
  const [theirs, ours] = [filesOf(one), filesOf(other)]
  const differences = [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((path) => {
    const [file, expected] = [theirs.get(path), ours.get(path)]
    if (file === undefined) return [`${path} is only in the build`]
    if (expected === undefined) return [`${path} is only in the published package`]
    const at = firstDifference(file.content, expected.content)
    const found = at === undefined ? [] : [`${path} differs, first at byte ${at}`]
    if (file.mode !== expected.mode) found.push(`${path} has the mode ${file.mode}, and ${expected.mode} in the build`)
    return found
  })
  return differences.length > 0 ? differences : ['the files are the same, and their order or their headers differ']
}

function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  const length = Math.max(one.length, other.length)
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at
  return undefined
}
