/**
 * Replaces the package @smithy/signature-v4. `SignatureV4` is also the `signerConstructor` of AWS SDK clients; the other
 * names are those that packages import to sign on their own.
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
export { getCanonicalHeaders, getCanonicalQuery } from './smithy/canonical.ts'
export {
  ALGORITHM_IDENTIFIER,
  ALGORITHM_IDENTIFIER_V4A,
  ALGORITHM_QUERY_PARAM,
  ALWAYS_UNSIGNABLE_HEADERS,
  AMZ_DATE_HEADER,
  AMZ_DATE_QUERY_PARAM,
  AUTH_HEADER,
  CREDENTIAL_QUERY_PARAM,
  DATE_HEADER,
  EVENT_ALGORITHM_IDENTIFIER,
  EXPIRES_QUERY_PARAM,
  GENERATED_HEADERS,
  HOST_HEADER,
  KEY_TYPE_IDENTIFIER,
  MAX_CACHE_SIZE,
  MAX_PRESIGNED_TTL,
  PROXY_HEADER_PATTERN,
  REGION_SET_PARAM,
  SEC_HEADER_PATTERN,
  SHA256_HEADER,
  SIGNATURE_HEADER,
  SIGNATURE_QUERY_PARAM,
  SIGNED_HEADERS_QUERY_PARAM,
  signatureV4aContainer,
  TOKEN_HEADER,
  TOKEN_QUERY_PARAM,
  UNSIGNABLE_PATTERNS,
  UNSIGNED_PAYLOAD,
} from './smithy/constants.ts'
export { clearCredentialCache, createScope, getSigningKey } from './smithy/derivation.ts'
export type {
  DateInput,
  EventCredentials,
  EventSigningArguments,
  FormattedEvent,
  HashConstructor,
  HeaderBag,
  HeaderNames,
  HttpRequest,
  Message,
  MessageHeaders,
  MessageHeaderValue,
  MessageSigningArguments,
  OptionalSigV4aSigner,
  Provided,
  QueryParameterBag,
  RequestPresigningArguments,
  RequestSigningArguments,
  ResolvedCredentials,
  SignableMessage,
  SignatureV4CryptoInit,
  SignatureV4Init,
  SignedMessage,
  SigningArguments,
} from './smithy/options.ts'
export {
  getPayloadHash,
  hasHeader,
  moveHeadersToQuery,
  type PreparedRequest,
  prepareRequest,
} from './smithy/request.ts'
export { SignatureV4 } from './smithy/signature-v4.ts'
export { SignatureV4Base } from './smithy/signature-v4-base.ts'
