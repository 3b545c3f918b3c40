/**
 * Replaces `SignatureV4` of the package @smithy/signature-v4, and is the `signerConstructor` of AWS SDK clients.
 *
 * @module
 */

export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type {
  DateInput,
  HeaderBag,
  HeaderNames,
  HttpRequest,
  Provided,
  QueryParameterBag,
  RequestPresigningArguments,
  RequestSigningArguments,
  SignatureV4CryptoInit,
  SignatureV4Init,
  SigningArguments,
} from './smithy/options.ts'
export { SignatureV4 } from './smithy/signature-v4.ts'
