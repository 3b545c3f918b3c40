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
import type { Place } from './place.ts'
import { type Claim, ClaimRefused, LIMITS } from './rules.ts'
import type { Ticket, Tickets } from './ticket.ts'

/** What the page gets to send a file with: plain data. */
export type Started = { ticket: string } & (
  | { way: 'put'; put: PresignedRequest }
  | { way: 'post'; post: PresignedPost }
  | { way: 'multipart'; upload: PresignedMultipartUpload }
)

/** What is in the bucket when an upload is done. */
export interface Finished {
  name: string
  size: number
  type: string
  /** Shows the object, under the name of the file. */
  url: string
}

export interface Signing {
  start(user: string, claim: Claim): Promise<Started>
  parts(user: string, ticket: unknown, uploadId: unknown, numbers: unknown): Promise<PresignedMultipartParts>
  finish(user: string, ticket: unknown): Promise<Finished>
}

/** Parts that are signed for one question of the page. */
const MOST_AT_ONCE = 64

export function signingFor(place: Place, tickets: Tickets, expires: Expires): Signing {
  const { credentials } = place
  const targetOf = (key: string) => ({ bucket: place.bucket, key, region: place.region, endpoint: place.endpoint })

  return {
    async start(user, claim) {
      const { way, name, size, type } = claim
      const target = targetOf(`uploads/${randomUUID()}/${name}`)
      // headers are ASCII; encoded, the name comes back as it was
      const metadata = { 'x-amz-meta-name': encodeURIComponent(name), 'x-amz-meta-size': String(size) }
      const common = { credentials, expires }
      const ticket = tickets.seal({ ...claim, user, key: target.key })
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
      return { way, ticket: tickets.seal({ ...claim, user, key: target.key, partSize: upload.partSize }), upload }
    },

    async parts(user, sealed, uploadId, numbers) {
      const { way, key, size, partSize } = tickets.open(sealed, user)
      if (
        way !== 'multipart' ||
        typeof uploadId !== 'string' ||
        uploadId.length > 2000 ||
        !Array.isArray(numbers) ||
        numbers.length > MOST_AT_ONCE
      )
        throw new ClaimRefused(`Ask with the upload id, and for ${MOST_AT_ONCE} parts at most.`)
      return presignMultipartParts(targetOf(key), { credentials, expires, size, partSize, uploadId, parts: numbers })
    },

    /** Believes nothing that the page says: asks S3 whether the object is there, and keeps only what was allowed. */
    async finish(user, sealed) {
      const ticket = tickets.open(sealed, user)
      const target = targetOf(ticket.key)
      const head = await presignHead(target, { credentials })
      const response = await fetch(head.url, head)
      // S3 says 403 of what is not there to those who may not list the bucket
      if (response.status === 404 || response.status === 403) throw new ClaimRefused('The file did not arrive.', 409)
      if (!response.ok) throw new Error(`HEAD of an upload: the storage answered ${response.status}`)
      if (!isAsAllowed(response.headers, ticket)) {
        const remove = await presignDelete(target, { credentials })
        await fetch(remove.url, remove)
        throw new ClaimRefused('What arrived is not the file that was announced. It was deleted.', 409)
      }
      const { name, size, type } = ticket
      const { url } = await presignGet(target, { credentials, download: name })
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
