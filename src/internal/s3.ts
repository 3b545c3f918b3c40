export {
  MAX_FORM_SIZE,
  MAX_KEY_SIZE,
  MAX_LISTED,
  MAX_METADATA_SIZE,
  MAX_PARTS,
  MAX_UPLOAD_SIZE,
  MIN_PART_SIZE,
} from '../s3/limits.ts'
export { evaluatePolicy } from '../s3/post/form.ts'
export { formTooLarge, type PolicyReason, parsePolicy } from '../s3/post/policy.ts'
