/** How a file is sent. */
export type Way = 'put' | 'post' | 'multipart'

/** A file that the page wants to upload, as described by the page. */
export interface UploadRequest {
  way: Way
  name: string
  size: number
  type: string
}

const MiB = 1024 ** 2

/** Maximum sizes in bytes. The page shows them, and the signatures enforce them. S3 copies objects of up to 5 GiB. */
export const LIMITS: Record<Way, number> = { put: 25 * MiB, post: 10 * MiB, multipart: 5 * 1024 * MiB }

/** Accepted types. HTML and SVG are excluded, because browsers would run their scripts in the bucket's origin. */
export const TYPES = [
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'],
  ...['application/pdf', 'application/zip', 'text/plain', 'video/mp4', 'video/quicktime', 'video/webm'],
]

const MAX_NAME_LENGTH = 150

/**
 * Names that cannot end a key: paths, the start of `${filename}`, which S3 replaces in forms, control characters,
 * characters that reverse text, and names without a visible character.
 */
const REJECTED_NAME = /[/\\]|\$\{|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{NChar}\p{Bidi_Control}]|^[.\s\p{Cf}]*$/u

/** A rejected request, with a message for the user. */
export class UploadError extends Error {
  override name = 'UploadError'
  readonly status: number

  constructor(message: string, status = 422) {
    super(message)
    this.status = status
  }
}

/** Parses and checks a page's request. Who may upload at all is decided by your login. */
export function parseUploadRequest(body: unknown): UploadRequest {
  const { way, name: rawName, size, type } = (body ?? {}) as Record<string, unknown>
  if (way !== 'put' && way !== 'post' && way !== 'multipart')
    throw new UploadError('This upload method is not supported.')
  if (typeof rawName !== 'string' || rawName === '') throw new UploadError('The file does not have a name.')
  const name = rawName.normalize('NFC')
  if (name.length > MAX_NAME_LENGTH)
    throw new UploadError(`The file name is too long. Use up to ${MAX_NAME_LENGTH} characters.`)
  if (REJECTED_NAME.test(name)) throw new UploadError('The file name contains characters that are not accepted.')
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw new UploadError(
      `Files of ${type && typeof type === 'string' ? `type ${type.slice(0, 60)}` : 'unknown type'} are not accepted.`,
    )
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) throw new UploadError('The file is empty.')
  if (size > LIMITS[way])
    throw new UploadError(`The file is too large. This method accepts up to ${LIMITS[way] / MiB} MiB.`)
  return { way, name, size, type }
}
