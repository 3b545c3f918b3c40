import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Claim, ClaimRefused } from './rules.ts'

/** What the server has allowed. It keeps no list of uploads: the page keeps the ticket, and cannot write one. */
export interface Ticket extends Claim {
  key: string
  partSize?: number
}

export interface Tickets {
  seal(ticket: Ticket): string
  open(sealed: unknown): Ticket
}

/** Tickets that only the holder of a secret can write. */
export function ticketsOf(secret: string): Tickets {
  const mark = (text: string): string =>
    createHmac('sha256', `upload tickets of ${secret}`).update(text).digest('base64url')
  return {
    seal(ticket) {
      const text = Buffer.from(JSON.stringify(ticket)).toString('base64url')
      return `${text}.${mark(text)}`
    },
    open(sealed) {
      const [text = '', given = ''] = String(sealed).split('.')
      const [one, other] = [Buffer.from(mark(text)), Buffer.from(given)]
      if (one.length !== other.length || !timingSafeEqual(one, other))
        throw new ClaimRefused('This upload was not started here.', 404)
      return JSON.parse(Buffer.from(text, 'base64url').toString())
    },
  }
}
