import { randomUUID } from 'node:crypto'
import {
  type Expires,
  type PresignedMultipartParts,
  type PresignedMultipartUpload,
  type PresignedPost,
  type PresignedRequest,
  presignDelete,
  presignGet,
  presignHead,
  presignMultipartParts,
  presignMultipartUpload,
  presignPost,
  presignPut,
} from 'sigv4'
import { LIMITS, UploadError, type UploadRequest } from './rules.ts'
import type { Storage } from './storage.ts'
import type { Ticket, Tickets } from './ticket.ts'

/** The presigned requests for a file, as plain data. */
export type Started = { ticket: string } & (
  | { way: 'put'; put: PresignedRequest }
  | { way: 'post'; post: PresignedPost }
  | { way: 'multipart'; upload: PresignedMultipartUpload }
)

/** A completed upload. */
export interface Finished {
  name: string
  size: number
  type: string
  /** Downloads the object under its original name. */
  url: string
}

export interface Signing {
  start(user: string, file: UploadRequest): Promise<Started>
  parts(user: string, ticket: unknown, uploadId: unknown, numbers: unknown): Promise<PresignedMultipartParts>
  finish(user: string, ticket: unknown): Promise<Finished>
}

/** Maximum number of parts per request of the page. */
const MAX_PARTS = 64

export function signingFor(storage: Storage, tickets: Tickets, expires: Expires): Signing {
  const { credentials } = storage
  const targetOf = (key: string) => ({
    bucket: storage.bucket,
    key,
    region: storage.region,
    endpoint: storage.endpoint,
  })

  return {
    async start(user, file) {
      const { way, name, size, type } = file
      const target = targetOf(`uploads/${randomUUID()}/${name}`)
      // Headers are ASCII, so the name is encoded.
      const metadata = { 'x-amz-meta-name': encodeURIComponent(name), 'x-amz-meta-size': String(size) }
      const common = { credentials, expires }
      const ticket = tickets.seal({ ...file, user, key: target.key })
      if (way === 'put') {
        const options = { ...common, contentType: type, contentLength: size, headers: metadata }
        return { way, ticket, put: await presignPut(target, options) }
      }
      if (way === 'post') {
        const post = await presignPost(target, {
          ...common,
          contentType: type,
          contentLengthRange: [1, LIMITS.post],
          fields: { success_action_status: 201, ...metadata },
        })
        return { way, ticket, post }
      }
      const upload = await presignMultipartUpload(target, { ...common, size, contentType: type, headers: metadata })
      return { way, ticket: tickets.seal({ ...file, user, key: target.key, partSize: upload.partSize }), upload }
    },

    async parts(user, sealed, uploadId, numbers) {
      const { way, key, size, partSize } = tickets.open(sealed, user)
      if (
        way !== 'multipart' ||
        typeof uploadId !== 'string' ||
        uploadId.length > 2000 ||
        !Array.isArray(numbers) ||
        numbers.length > MAX_PARTS
      )
        throw new UploadError(`Pass the upload ID, and up to ${MAX_PARTS} part numbers.`)
      return presignMultipartParts(targetOf(key), { credentials, expires, size, partSize, uploadId, parts: numbers })
    },

    /**
     * Checks in S3 whether the object is as allowed, because the page cannot be trusted, and otherwise deletes it. The
     * result is a copy: until its signatures expire, the page can replace the upload, but nothing was signed for the copy.
     */
    async finish(user, sealed) {
      const ticket = tickets.open(sealed, user)
      const target = targetOf(ticket.key)
      const head = await presignHead(target, { credentials })
      const response = await fetch(head.url, head)
      // S3 returns 403 for a missing object if the caller may not list the bucket.
      if (response.status === 404 || response.status === 403) throw new UploadError('The file did not arrive.', 409)
      if (!response.ok) throw new Error(`HEAD of an uploaded object failed with status ${response.status}`)
      if (!isAsAllowed(response.headers, ticket)) {
        const remove = await presignDelete(target, { credentials })
        await fetch(remove.url, remove)
        throw new UploadError('The uploaded file differs from the requested one, and was deleted.', 409)
      }
      const { name, size, type } = ticket
      const kept = targetOf(`files/${randomUUID()}/${name}`) // Store this key in your database.
      const headers = {
        'x-amz-copy-source': [storage.bucket, ...ticket.key.split('/')].map(encodeURIComponent).join('/'),
        'x-amz-copy-source-if-match': response.headers.get('etag') ?? '', // What was checked is what is copied.
      }
      const copy = await presignPut(kept, { credentials, headers })
      const copied = await fetch(copy.url, copy)
      if (copied.status === 412) throw new UploadError('The file was replaced while it was checked.', 409)
      // S3 can report an error with status 200.
      if (!copied.ok || !(await copied.text()).includes('<CopyObjectResult'))
        throw new Error(`Copying an uploaded object failed with status ${copied.status}`)
      const { url } = await presignGet(kept, { credentials, download: name })
      return { name, size, type, url }
    },
  }
}

function isAsAllowed(headers: Headers, { name, size, type }: Ticket): boolean {
  return (
    Number(headers.get('content-length')) === size &&
    headers.get('content-type') === type &&
    headers.get('x-amz-meta-name') === encodeURIComponent(name) &&
    headers.get('x-amz-meta-size') === String(size)
  )
}
