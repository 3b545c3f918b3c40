import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { UploadError, type UploadRequest } from './rules.ts'
import type { Storage } from './storage.ts'

/** An allowed upload. The server does not store it: the page keeps the ticket, and cannot forge one. */
export interface Ticket extends UploadRequest {
  user: string
  key: string
  partSize?: number
}

export interface Tickets {
  seal(ticket: Ticket): string
  /** Throws unless the ticket is from this server, for this user, and has not expired. */
  open(sealed: unknown, user: string): Ticket & { expires: number }
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Creates tickets that are valid for `lifetime` and for one bucket, signed with a key derived from the S3 secret. */
export function ticketsOf(
  storage: Omit<Storage, 'name' | 'isOwned' | 'stop'>,
  lifetime: string,
  now = Date.now,
): Tickets {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(lifetime) ?? []
  if (!count || !unit)
    throw new Error(`UPLOAD_TICKET_EXPIRES must be a duration such as 90s, 12h or 1d (got "${lifetime}").`)
  const { endpoint, region, bucket, credentials } = storage
  const purpose = JSON.stringify(['upload ticket', endpoint, region, bucket])
  const key = Buffer.from(hkdfSync('sha256', credentials.secretAccessKey, '', purpose, 32))
  const sign = (text: string): string => `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`

  return {
    seal(ticket) {
      const content = { ...ticket, expires: now() + Number(count) * UNITS[unit]! }
      return sign(Buffer.from(JSON.stringify(content)).toString('base64url'))
    },
    open(sealed, user) {
      // Compared as strings, because a different encoding of the same bytes is a different ticket.
      const given = typeof sealed === 'string' ? sealed : ''
      const [text = ''] = given.split('.')
      const [actual, expected] = [Buffer.from(given), Buffer.from(sign(text))]
      const isSigned = actual.length === expected.length && timingSafeEqual(actual, expected)
      const ticket = isSigned && JSON.parse(Buffer.from(text, 'base64url').toString())
      if (!ticket || ticket.user !== user) throw new UploadError('This upload was not started here.', 404)
      if (ticket.expires <= now()) throw new UploadError('This upload has expired. Start it again.', 410)
      return ticket
    },
  }
}
