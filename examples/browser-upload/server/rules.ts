/** How a file is sent. */
export type Way = 'put' | 'post' | 'multipart'

/** What a page says of the file that it wants to upload. None of it is known to be true. */
export interface Claim {
  way: Way
  name: string
  size: number
  type: string
}

const MiB = 1024 ** 2

/** The most bytes for each way; the page shows them, and the signatures hold them. */
export const LIMITS: Record<Way, number> = { put: 25 * MiB, post: 10 * MiB, multipart: 5 * 1024 * MiB }

/** What may be uploaded. Nothing that a browser would run as a page of the bucket's origin: no HTML, no SVG. */
export const TYPES = [
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'],
  ...['application/pdf', 'application/zip', 'text/plain', 'video/mp4', 'video/quicktime', 'video/webm'],
]

/** A claim that is refused, in words for whoever made it. */
export class ClaimRefused extends Error {
  override name = 'ClaimRefused'
}

/** Reads what a page claims, or refuses it. Who may upload at all is for your login to say, before this is reached. */
export function readClaim(body: unknown): Claim {
  const { way, name, size, type } = (body ?? {}) as Record<string, unknown>
  if (way !== 'put' && way !== 'post' && way !== 'multipart') throw new ClaimRefused('There is no such way to upload.')
  if (typeof name !== 'string' || name === '' || name.length > 150 || /[/\\]|^\.+$|[\p{Cc}\p{Cs}]/u.test(name))
    throw new ClaimRefused('The name of the file is empty, too long, or has characters that files do not have.')
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw new ClaimRefused(
      `Files of ${type ? `type ${String(type).slice(0, 60)}` : 'unknown type'} are not taken here.`,
    )
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) throw new ClaimRefused('The file is empty.')
  if (size > LIMITS[way])
    throw new ClaimRefused(`The file is too large: this way takes ${LIMITS[way] / MiB} MiB at most.`)
  return { way, name: name.normalize('NFC'), size, type }
}
