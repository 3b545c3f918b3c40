export { fail, fillIn, isSigV4Error, SigV4Error } from '../core/errors.ts'
export { hideRuns } from '../received/key-id.ts'
export {
  ERROR_TYPE,
  isExpiredToken,
  RESPONSE_HEADERS,
  readServiceError,
  type ServiceError,
} from '../received/service-error.ts'
export { formatErrorDocument, jsonResponse, xmlResponse } from '../verify/error-response.ts'
