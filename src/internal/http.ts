export { bodyContent } from '../core/http/body.ts'
export {
  isReserved,
  listedNames,
  PRESIGNED_PARAMETERS,
  REGION_SET_HEADER,
  REGION_SET_PARAMETER,
  SESSION_HEADER,
  SIGNING_FIELDS,
  TOKEN_HEADER,
  TOKEN_PARAMETER,
  withoutHops,
} from '../core/http/headers.ts'
export { resolveDots } from '../core/http/path.ts'
export { formatQuery, type Pair, parseQuery, sortPairs, splitQuery, splitTarget } from '../core/http/query.ts'
export { normalizeOrigin, parseUrl } from '../core/http/url.ts'
