import type { ErrorRow } from './row.ts'

/** The time of the request, and of a token. */
export const TIMES: readonly ErrorRow[] = [
  {
    match: /Request signature (?:has )?expired/gi,
    reading: 'named',
    causes: ['expired', 'clock-past', 'expires-range'],
  },
  {
    match: /Signature expired/gi,
    reading: 'named',
    causes: ['clock-timezone', 'clock-past', 'expired', 'date-mismatch'],
  },
  {
    match: /still later than|later than server time/gi,
    reading: 'named',
    causes: ['clock-timezone', 'clock-future', 'date-mismatch'],
  },
  {
    match: /^RequestExpired Request has expired/gi,
    reading: 'suggested',
    causes: ['session-token', 'clock-timezone', 'clock-past', 'expired'],
  },
  {
    match: /Date is too old/gi,
    reading: 'named',
    causes: ['expired', 'clock-past', 'clock-timezone', 'expires-range'],
  },
  {
    match: /^RequestTimeTooSkewed|difference between the request time|too far from|^RequestExpired/gi,
    reading: 'named',
    causes: ['clock-timezone', 'clock-past', 'clock-future', 'date-mismatch', 'expired'],
  },
  {
    match: /token.{0,40}(?:expired|refreshed)|^ExpiredToken|^TokenRefreshRequired/gi,
    reading: 'named',
    causes: ['session-token', 'expired', 'policy-expired'],
  },
]

/** The lifetime of a URL. */
export const LIFETIMES: readonly ErrorRow[] = [
  { match: /expiration date less than one week/gi, reading: 'named', causes: ['expires-range'] },
  {
    match: /has expired|expired (?:url|request)/gi,
    reading: 'named',
    causes: ['expired', 'clock-timezone', 'clock-past', 'expires-range', 'expires-format'],
  },
  {
    match: /not yet valid|not valid yet|in the future/gi,
    reading: 'named',
    causes: ['clock-timezone', 'clock-future'],
  },
]
