export {
  CHECKSUM_WRONG,
  EXPIRED,
  EXPIRES_FORMAT,
  INTERNAL_ERROR,
  KEY_UNKNOWN,
  type Problem,
  type Refusal,
  SCOPE_TERMINATOR,
  TARGET,
  TOKEN_EXPIRED,
} from '../received/refusals.ts'
export {
  FIELD_MISSING,
  FILE_COUNT,
  FILE_LARGE,
  FILE_SMALL,
  FORM_LARGE,
  KEY_LONG,
  METADATA_LARGE,
} from '../s3/post/refusals.ts'
export { refuse } from '../verify/refuse.ts'
export { readClaimed, verifyClaimed } from '../verify/verify.ts'
