export { type HeldCredentials, holdCredentials } from '../async/hold.ts'
export { checkCredentials, checkSecret, type SecretCredentials } from '../core/signing/credentials.ts'
