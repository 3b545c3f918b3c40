import type { ErrorRow } from './row.ts'

/** Messages with words that rows after them match, too. */
export const FIRST: readonly ErrorRow[] = [
  { match: /preflight|Access-Control-Allow-[HM]|CORSResponse/gi, reading: 'elsewhere', causes: ['cors'] },
  {
    match: /CORS policy|Cross-Origin Request|Access-Control-Allow-Origin|access control checks/gi,
    reading: 'ambiguous',
    causes: ['cors'],
  },
  {
    match: /valid JWT token|Security Token may be lost/gi,
    reading: 'named',
    causes: ['session-token', 'wrong-secret'],
  },
  { match: /signature we calculated|signature validation failed|Code=InvalidSignature/gi, reading: 'mismatch' },
  {
    match: /in Authorization header: 'Bearer/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'malformed-credential', 'signed-headers', 'missing-header'],
    stated: { always: 'The Authorization header contained a bearer token instead of a signature.' },
  },
  {
    match: /key=value pair/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'malformed-credential', 'signed-headers', 'missing-header'],
  },
]
