import type { SigV4VerifyErrorCode } from '../core/errors.ts'

/** A reason to refuse a request: AWS's message, our code without its prefix, AWS's code and status. */
export type Refusal = readonly [message: string, code?: Suffix<SigV4VerifyErrorCode>, awsCode?: string, status?: number]
type Suffix<Code extends string> = Code extends `ERR_SIGV4_${infer Name}` ? Name : never

/** A refusal, and the values that describe it. Those with the name of one of AWS's elements are details of the response. */
export interface Problem {
  readonly refusal: Refusal
  readonly values?: Readonly<Record<string, string>>
}

/** The message for an error of the service itself. */
export const INTERNAL_ERROR = 'We encountered an internal error. Please try again.'

// Every reason to refuse a request; those for forms are in ../s3/post/refusals.ts. Without a code it is AUTH_MALFORMED; without
// AWS's code, that depends on the location of the signature. In messages, `{name}` stands for a value, `{claim}` for AWS's
// words about an Authorization header, and `{credential}` for those about a credential.

export const AUTH_MISSING: Refusal = ['Access Denied', 'AUTH_MISSING', 'AccessDenied', 403]
export const AUTH_TWICE: Refusal = [
  'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
  'AUTH_AMBIGUOUS',
  'InvalidArgument',
]
export const SIGNATURE_V2: Refusal = [
  'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  'ALGORITHM_UNSUPPORTED',
  'InvalidRequest',
]
export const AUTH_SCHEME: Refusal = ['Unsupported Authorization Type', 'ALGORITHM_UNSUPPORTED', 'InvalidArgument']
export const ALGORITHM_OTHER: Refusal = ['X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"', 'ALGORITHM_UNSUPPORTED']
export const AUTH_PARTS: Refusal = [
  '{claim}it must contain Credential, SignedHeaders and Signature once each, separated by commas.',
]
export const AUTH_PART_MISSING: Refusal = ['{claim}missing {name}.']
export const PARAMETER_CASE: Refusal = ['The parameter name {name} is case-sensitive.']
export const PARAMETER_UTF8: Refusal = ['The parameter {name} is not valid UTF-8.']
export const PARAMETER_REPEATED: Refusal = ['The parameter {name} must be sent only once.', 'AUTH_AMBIGUOUS']
export const PARAMETERS_MISSING: Refusal = [
  'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
]
export const SCOPE_SERVICE: Refusal = [
  '{credential}incorrect service "{service}". This endpoint belongs to "{accepted}".',
  'SCOPE_MISMATCH',
]
export const SCOPE_REGION: Refusal = [
  "{credential}the region '{region}' is wrong; expecting '{Region}'",
  'SCOPE_MISMATCH',
]
export const SCOPE_KEY: Refusal = ['{credential}the key of this credential is not valid for {scope}.', 'SCOPE_MISMATCH']
export const DATE_MISSING: Refusal = [
  'AWS authentication requires a valid Date or x-amz-date header',
  'AUTH_MALFORMED',
  'AccessDenied',
  403,
]
export const DATE_FORMAT: Refusal = [`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`]
export const HEADER_ALTERED: Refusal = [
  'The header {name} has different values in headers and rawHeaders.',
  'AUTH_AMBIGUOUS',
  'InvalidRequest',
]
export const HEADER_REPEATED: Refusal = [
  'The signed header {name} must be sent only once.',
  'AUTH_AMBIGUOUS',
  'InvalidRequest',
]
export const HEADER_FOLDED: Refusal = [
  'The signed header {name} contains a control character.',
  'AUTH_MALFORMED',
  'InvalidRequest',
]
export const HOST_TWICE: Refusal = ['Host and :authority must be the same.', 'AUTH_AMBIGUOUS', 'InvalidRequest']
export const TARGET: Refusal = ["Couldn't parse the specified URI.", 'AUTH_MALFORMED', 'InvalidURI']
export const HASH_MISSING: Refusal = [
  'Missing required header for this request: x-amz-content-sha256',
  'AUTH_MALFORMED',
  'InvalidRequest',
]
export const HASH_DIFFERS: Refusal = [
  'The header x-amz-content-sha256 differs from the signed value.',
  'AUTH_AMBIGUOUS',
  'InvalidRequest',
]
export const HASH_FORMAT: Refusal = [
  'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
  'AUTH_MALFORMED',
  'InvalidArgument',
]
export const BODY_UNSIGNED: Refusal = ['The body must be signed', 'PAYLOAD_UNCHECKED', 'AccessDenied', 403]
export const BODY_UNAVAILABLE: Refusal = [
  "The body is signed but not available. Pass it as options.body, or set payload: 'deferred'.",
  'PAYLOAD_UNCHECKED',
  'InvalidRequest',
]
export const BODY_EVENTS: Refusal = [
  "The body is a stream of signed events. Set payload: 'deferred', and pass it to verifyEvents.",
  'PAYLOAD_UNCHECKED',
  'InvalidRequest',
]
export const BODY_HASH: Refusal = [
  "The provided 'x-amz-content-sha256' header does not match what was computed.",
  'PAYLOAD_MISMATCH',
  'XAmzContentSHA256Mismatch',
]
export const BODY_LENGTH_MISSING: Refusal = [
  'You must provide the x-amz-decoded-content-length HTTP header.',
  'PAYLOAD_MISMATCH',
  'MissingContentLength',
  411,
]
export const BODY_LENGTH: Refusal = [
  'The length of the decoded body does not match x-amz-decoded-content-length',
  'PAYLOAD_MISMATCH',
  'IncompleteBody',
]
export const KEY_UNKNOWN: Refusal = [
  'The AWS Access Key Id you provided does not exist in our records.',
  'ACCESS_KEY_UNKNOWN',
  'InvalidAccessKeyId',
  403,
]
export const SIGNATURE: Refusal = [
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  'SIGNATURE_MISMATCH',
  'SignatureDoesNotMatch',
  403,
]
export const TOKEN_INVALID: Refusal = [
  'The provided token is malformed or otherwise invalid.',
  'ACCESS_KEY_UNKNOWN',
  'InvalidToken',
]
export const TOKEN_EXPIRED: Refusal = ['The provided token has expired.', 'EXPIRED', 'ExpiredToken']
export const CREDENTIAL_FORMAT: Refusal = [
  '{credential}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
]
export const CREDENTIAL_KEY: Refusal = ['{credential}a non-empty Access Key (AKID) must be provided in the credential.']
export const SCOPE_TERMINATOR: Refusal = [
  '{credential}incorrect terminal "{terminator}". This endpoint uses "aws4_request".',
  'SCOPE_MISMATCH',
]
export const SCOPE_DATE: Refusal = [
  '{credential}Invalid credential date "{date}". This date is not the same as X-Amz-Date: "{day}".',
  'SCOPE_MISMATCH',
]
export const EXPIRES_NEGATIVE: Refusal = ['X-Amz-Expires must be non-negative']
export const EXPIRES_FORMAT: Refusal = ['X-Amz-Expires should be a number']
export const EXPIRES_WEEK: Refusal = [
  'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
]
export const EXPIRES_MAXIMUM: Refusal = ['X-Amz-Expires must be at most {maximum} seconds for this endpoint']
export const TIME_SKEWED: Refusal = [
  'The difference between the request time and the current time is too large.',
  'TIME_SKEWED',
  'RequestTimeTooSkewed',
  403,
]
export const NOT_YET_VALID: Refusal = ['Request is not yet valid', 'NOT_YET_VALID', 'AccessDenied', 403]
export const EXPIRED: Refusal = ['Request has expired', 'EXPIRED', 'AccessDenied', 403]
export const SIGNED_HEADERS: Refusal = [
  '{claim}SignedHeaders must be unique header names in lowercase, sorted and separated by semicolons.',
]
export const HEADER_UNSIGNED: Refusal = [
  'There were headers present in the request which were not signed',
  'HEADER_NOT_SIGNED',
  'AccessDenied',
  403,
]
export const CHECKSUM_UNKNOWN: Refusal = [
  'The checksum {algorithm} in x-amz-trailer cannot be checked. Pass its implementation in options.checksums.',
  'PAYLOAD_UNCHECKED',
  'InvalidRequest',
]
export const CHECKSUM_FORMAT: Refusal = [
  'Value for {name} trailing header is invalid.',
  'PAYLOAD_MISMATCH',
  'InvalidRequest',
]
export const CHECKSUM_WRONG: Refusal = [
  'The {algorithm} you specified did not match the calculated checksum.',
  'PAYLOAD_MISMATCH',
  'BadDigest',
]
export const HEADER_REQUIRED: Refusal = [
  'The request must contain the signed headers {HeadersNotSigned}.',
  'HEADER_NOT_SIGNED',
  'AccessDenied',
  403,
]
export const CHUNK_FORMAT: Refusal = ['{reason}', 'PAYLOAD_MISMATCH', 'IncompleteBody']
export const TRAILER_FORMAT: Refusal = ['{reason}', 'PAYLOAD_MISMATCH', 'MalformedTrailerError']
export const CHUNK_MISSING: Refusal = ['The request body terminated unexpectedly', 'PAYLOAD_MISMATCH', 'IncompleteBody']
export const CHUNK_SMALL: Refusal = [
  'Only the last chunk is allowed to have a size less than 8192 bytes',
  'PAYLOAD_MISMATCH',
  'InvalidChunkSizeError',
  403,
]
