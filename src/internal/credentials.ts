export { type HeldCredentials, holdCredentials } from '../async/hold.ts'
export {
  type Credentials,
  checkCredentials,
  checkSecret,
  type ScopedCredentials,
  type SecretCredentials,
  type SigningKey,
} from '../core/signing/credentials.ts'
