import type { Refusal } from '../../received/refusals.ts'

// Reasons to refuse a form, as rows of the table of refusals. Pages that create forms do not load those for requests.

export const FIELD_MISSING: Refusal = [
  "Bucket POST must contain a field named '{ArgumentName}'.  If it is specified, please check the order of the fields.",
  'AUTH_MALFORMED',
  'InvalidArgument',
]
export const FILE_COUNT: Refusal = [
  'POST requires exactly one file upload per request.',
  'POLICY_VIOLATION',
  'InvalidArgument',
]
export const FILE_LARGE: Refusal = [
  'Your proposed upload exceeds the maximum allowed size',
  'POLICY_VIOLATION',
  'EntityTooLarge',
]
export const FILE_SMALL: Refusal = [
  'Your proposed upload is smaller than the minimum allowed size',
  'POLICY_VIOLATION',
  'EntityTooSmall',
]
export const FORM_LARGE: Refusal = [
  'Your POST request fields preceding the upload file were too large.',
  'POLICY_VIOLATION',
  'MaxPostPreDataLengthExceededError',
]
export const KEY_LONG: Refusal = ['Your key is too long', 'POLICY_VIOLATION', 'KeyTooLongError']
export const METADATA_LARGE: Refusal = [
  'Your metadata headers exceed the maximum allowed metadata size',
  'POLICY_VIOLATION',
  'MetadataTooLarge',
]
