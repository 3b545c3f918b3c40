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

const LONGEST_NAME = 150

/**
 * Names that cannot be the end of a key: paths, the start of `${filename}`, which S3 replaces in forms, control
 * characters, characters that reverse the text, and names without a visible character.
 */
const REJECTED_NAME = /[/\\]|\$\{|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{NChar}\p{Bidi_Control}]|^[.\s\p{Cf}]*$/u

/** What is refused, in words for whoever uploads. */
export class ClaimRefused extends Error {
  override name = 'ClaimRefused'
  readonly status: number

  constructor(message: string, status = 422) {
    super(message)
    this.status = status
  }
}

/** Reads what a page claims, or refuses it. Who may upload at all is for your login to say, before this is reached. */
export function readClaim(body: unknown): Claim {
  const { way, name: rawName, size, type } = (body ?? {}) as Record<string, unknown>
  if (way !== 'put' && way !== 'post' && way !== 'multipart') throw new ClaimRefused('There is no such way to upload.')
  if (typeof rawName !== 'string' || rawName === '') throw new ClaimRefused('The file has no name.')
  const name = rawName.normalize('NFC')
  if (name.length > LONGEST_NAME)
    throw new ClaimRefused(`The name of the file is too long: ${LONGEST_NAME} characters at most.`)
  if (REJECTED_NAME.test(name))
    throw new ClaimRefused('The name of the file has characters that are not accepted here.')
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw new ClaimRefused(
      `Files of ${type && typeof type === 'string' ? `type ${type.slice(0, 60)}` : 'unknown type'} are not accepted.`,
    )
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) throw new ClaimRefused('The file is empty.')
  if (size > LIMITS[way])
    throw new ClaimRefused(`The file is too large: ${LIMITS[way] / MiB} MiB at most can be uploaded this way.`)
  return { way, name, size, type }
}
