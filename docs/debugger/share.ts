// What a link contains: the evidence, compressed into the fragment, which browsers do not send to servers.

/** Longest fragment; some programs cut longer links. */
const LONGEST_LINK = 16_000
/** Longest text that is read from a link. */
const LONGEST_TEXT = 1_000_000

/** Characters of a signature or token that a link contains. */
const KEPT = 8

const SIGNATURE = /((?:signature|signatureprovided)(?:=|%3d|>|":\s?"|: )\s?)([\da-f]{8})[\da-f]{56}/gi
const TOKEN = /(security-token(?:=|%3d|:\s?|":\s?"|>))([^\s"'<>&,]{8})[^\s"'<>&,…]+/gi

/**
 * The evidence for a link: signatures and tokens are shortened, lines with secrets and the values that must not be
 * shared are removed.
 */
export function shareable(
  text: string,
  secretLines: readonly (readonly [number, number])[],
  hidden: readonly string[],
): string {
  const lines = text.split('\n')
  for (const [first, last] of secretLines) for (let i = first; i <= last; i++) lines[i - 1] = '[removed]'
  let result = lines.join('\n').replace(SIGNATURE, '$1$2…').replace(TOKEN, '$1$2…')
  for (const value of hidden)
    for (const form of [value, encodeURIComponent(value)]) result = result.replaceAll(form, `${form.slice(0, KEPT)}…`)
  return result
}

/** Fills up shortened signatures, which would be malformed otherwise. They match nothing. */
export function restore(text: string): string {
  return text.replace(/(signature[^\da-f]{1,4}[\da-f]{8})…/gi, `$1${'0'.repeat(56)}`)
}

async function pipe(
  bytes: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough<Uint8Array>(stream as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>)
    .getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > most) throw new RangeError('The link contains too much.')
    chunks.push(next.value)
  }
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** The fragment of a link, or `undefined` if it would be too long. */
export async function toFragment(text: string): Promise<string | undefined> {
  const bytes = await pipe(new TextEncoder().encode(text), new CompressionStream('deflate-raw'), LONGEST_TEXT)
  if (bytes.length > (LONGEST_LINK * 3) / 4) return undefined
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return `#e=${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** The evidence in a fragment, or `undefined` if there is none. Throws if it is damaged. */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  const [, encoded] = /^#e=([\w-]+)$/.exec(fragment) ?? []
  if (encoded === undefined) return undefined
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new TextDecoder().decode(await pipe(bytes, new DecompressionStream('deflate-raw'), LONGEST_TEXT))
}
