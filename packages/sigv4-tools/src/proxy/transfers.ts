import type { IncomingMessage, ServerResponse } from 'node:http'
import { printable } from '../redaction/unprintable.ts'
import type { Evidence } from './watch.ts'

/** A request whose response is not complete. */
export interface Transfer {
  readonly method: string
  /** The path, without the query string, which may contain secrets. */
  readonly path: string
  /** Milliseconds since it arrived. */
  readonly milliseconds: number
  /** Bytes of the body of the request so far. */
  readonly received: number
  /** Bytes of the complete body, if that is known. */
  readonly requestLength: number | undefined
  /** Bytes of the body of the response so far. */
  readonly sent: number
  /** Bytes of the complete body, if that is known. */
  readonly responseLength: number | undefined
}

/** A request that the proxy handles. */
export interface Pending {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly evidence: Evidence
  /** Time of arrival, from `performance.now()`. */
  readonly started: number
}

/** Describes a request that is not complete. */
export function transferOf({ incoming, response, evidence, started }: Pending): Transfer {
  const { method = '', url = '', headers } = incoming
  return {
    method,
    path: shownPath(url),
    milliseconds: performance.now() - started,
    received: evidence.received,
    requestLength: lengthOf(headers['content-length']),
    sent: evidence.sent,
    responseLength: lengthOf(response.getHeader('content-length')),
  }
}

function lengthOf(header: unknown): number | undefined {
  return header === undefined ? undefined : Number(header)
}

/** Returns the path of a target, without a host, which may contain a password, and without the query string. */
export function shownPath(url: string): string {
  return printable(url.replace(/^\w+:\/\/[^/?]*/, '').split(/[?#]/, 1)[0]!)
}
