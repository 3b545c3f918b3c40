import type { SigV4VerifyErrorCode } from '../core/errors.ts'
import type { ChunkProblem } from '../core/received/aws-chunked.ts'
import type { Problem } from '../core/received/claim.ts'
import { type ErrorDetails, type ExpectedStrings, SigV4VerifyError } from './verify-error.ts'

/** The location of a signature: the Authorization header, the query, or the fields of a form. */
export type ClaimLocation = 'header' | 'query' | 'form'

/** A reason to refuse a request: our code without its prefix, AWS's code and status, and AWS's message. */
type Refusal = readonly [code: Suffix<SigV4VerifyErrorCode>, awsCode: string, status: number, message: string]
type Suffix<Code extends string> = Code extends `ERR_SIGV4_${infer Name}` ? Name : never

/** AWS's code for a claim that cannot be read depends on its location. */
const BY_LOCATION = 'by location'
const AWS_CODES = {
  header: 'AuthorizationHeaderMalformed',
  query: 'AuthorizationQueryParametersError',
  form: 'InvalidArgument',
} as const

/**
 * Every reason to refuse a request. In messages, `{name}` stands for a value, `{claim}` for AWS's words about an
 * Authorization header, and `{credential}` for those about a credential.
 */
export const REFUSALS = {
  'auth-missing': ['AUTH_MISSING', 'AccessDenied', 403, 'Access Denied'],
  'auth-twice': [
    'AUTH_AMBIGUOUS',
    'InvalidArgument',
    400,
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
  ],
  'signature-v2': [
    'ALGORITHM_UNSUPPORTED',
    'InvalidRequest',
    400,
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  ],
  'auth-scheme': ['ALGORITHM_UNSUPPORTED', 'InvalidArgument', 400, 'Unsupported Authorization Type'],
  algorithm: ['ALGORITHM_UNSUPPORTED', BY_LOCATION, 400, 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"'],
  'auth-parts': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    '{claim}it must contain Credential, SignedHeaders and Signature once each, separated by commas.',
  ],
  'auth-part-missing': ['AUTH_MALFORMED', BY_LOCATION, 400, '{claim}missing {name}.'],
  'parameter-case': ['AUTH_MALFORMED', BY_LOCATION, 400, 'The parameter name {name} is case-sensitive.'],
  'parameter-utf8': ['AUTH_MALFORMED', BY_LOCATION, 400, 'The parameter {name} is not valid UTF-8.'],
  'parameter-repeated': ['AUTH_AMBIGUOUS', BY_LOCATION, 400, 'The parameter {name} must be sent only once.'],
  'token-twice': [
    'AUTH_AMBIGUOUS',
    'AuthorizationQueryParametersError',
    400,
    'The parameter X-Amz-Security-Token must be sent only once.',
  ],
  'parameters-missing': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
  ],
  'field-missing': [
    'AUTH_MALFORMED',
    'InvalidArgument',
    400,
    "Bucket POST must contain a field named '{ArgumentName}'.  If it is specified, please check the order of the fields.",
  ],
  'credential-format': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    '{credential}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  ],
  'credential-key': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    '{credential}a non-empty Access Key (AKID) must be provided in the credential.',
  ],
  'scope-terminator': [
    'SCOPE_MISMATCH',
    BY_LOCATION,
    400,
    '{credential}incorrect terminal "{terminator}". This endpoint uses "aws4_request".',
  ],
  'scope-service': [
    'SCOPE_MISMATCH',
    BY_LOCATION,
    400,
    '{credential}incorrect service "{service}". This endpoint belongs to "{accepted}".',
  ],
  'scope-region': [
    'SCOPE_MISMATCH',
    BY_LOCATION,
    400,
    "{credential}the region '{region}' is wrong; expecting '{Region}'",
  ],
  'scope-date': [
    'SCOPE_MISMATCH',
    BY_LOCATION,
    400,
    '{credential}Invalid credential date "{date}". This date is not the same as X-Amz-Date: "{day}".',
  ],
  'scope-key': ['SCOPE_MISMATCH', BY_LOCATION, 400, '{credential}the key of this credential is not valid for {scope}.'],
  'date-missing': [
    'AUTH_MALFORMED',
    'AccessDenied',
    403,
    'AWS authentication requires a valid Date or x-amz-date header',
  ],
  'date-format': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
  ],
  'expires-negative': ['AUTH_MALFORMED', BY_LOCATION, 400, 'X-Amz-Expires must be non-negative'],
  'expires-format': ['AUTH_MALFORMED', BY_LOCATION, 400, 'X-Amz-Expires should be a number'],
  'expires-week': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
  ],
  'expires-maximum': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    'X-Amz-Expires must be at most {maximum} seconds for this endpoint',
  ],
  'time-skewed': [
    'TIME_SKEWED',
    'RequestTimeTooSkewed',
    403,
    'The difference between the request time and the current time is too large.',
  ],
  'not-yet-valid': ['NOT_YET_VALID', 'AccessDenied', 403, 'Request is not yet valid'],
  expired: ['EXPIRED', 'AccessDenied', 403, 'Request has expired'],
  'signed-headers': [
    'AUTH_MALFORMED',
    BY_LOCATION,
    400,
    '{claim}SignedHeaders must be unique header names in lowercase, sorted and separated by semicolons.',
  ],
  'header-unsigned': [
    'HEADER_NOT_SIGNED',
    'AccessDenied',
    403,
    'There were headers present in the request which were not signed',
  ],
  'header-altered': [
    'AUTH_AMBIGUOUS',
    'InvalidRequest',
    400,
    'The header {name} has different values in headers and rawHeaders.',
  ],
  'header-repeated': ['AUTH_AMBIGUOUS', 'InvalidRequest', 400, 'The signed header {name} must be sent only once.'],
  'header-folded': ['AUTH_MALFORMED', 'InvalidRequest', 400, 'The signed header {name} contains a control character.'],
  'host-twice': ['AUTH_AMBIGUOUS', 'InvalidRequest', 400, 'Host and :authority must be the same.'],
  target: ['AUTH_MALFORMED', 'InvalidURI', 400, "Couldn't parse the specified URI."],
  'hash-missing': [
    'AUTH_MALFORMED',
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  ],
  'hash-format': [
    'AUTH_MALFORMED',
    'InvalidArgument',
    400,
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
  ],
  'body-unsigned': ['PAYLOAD_UNCHECKED', 'AccessDenied', 403, 'The body must be signed'],
  'body-unavailable': [
    'PAYLOAD_UNCHECKED',
    'InvalidRequest',
    400,
    "The body is signed but not available. Pass it as options.body, or set payload: 'deferred'.",
  ],
  'body-hash': [
    'PAYLOAD_MISMATCH',
    'XAmzContentSHA256Mismatch',
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
  'body-length-missing': [
    'PAYLOAD_MISMATCH',
    'MissingContentLength',
    411,
    'You must provide the x-amz-decoded-content-length HTTP header.',
  ],
  'body-length': [
    'PAYLOAD_MISMATCH',
    'IncompleteBody',
    400,
    'The length of the decoded body does not match x-amz-decoded-content-length',
  ],
  'chunk-format': ['PAYLOAD_MISMATCH', 'InvalidRequest', 400, '{reason}'],
  'chunk-missing': ['PAYLOAD_MISMATCH', 'IncompleteBody', 400, 'The request body terminated unexpectedly'],
  'chunk-small': [
    'PAYLOAD_MISMATCH',
    'InvalidChunkSizeError',
    403,
    'Only the last chunk is allowed to have a size less than 8192 bytes',
  ],
  'key-unknown': [
    'ACCESS_KEY_UNKNOWN',
    'InvalidAccessKeyId',
    403,
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  signature: [
    'SIGNATURE_MISMATCH',
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  'token-invalid': ['ACCESS_KEY_UNKNOWN', 'InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
  'token-expired': ['EXPIRED', 'ExpiredToken', 400, 'The provided token has expired.'],
} as const satisfies Record<string, Refusal>

/** The name of a reason to refuse a request. */
export type RefusalName = keyof typeof REFUSALS

/** What a refusal states in addition to its row. */
interface Circumstances {
  readonly location?: ClaimLocation | undefined
  readonly strings?: ExpectedStrings | undefined
}

/** Throws because the request must be refused. Values with the name of one of AWS's elements become its details. */
export function refuse(
  name: RefusalName,
  values: ErrorDetails = {},
  { location = 'header', strings }: Circumstances = {},
): never {
  const [code, awsCode, status, message]: Refusal = REFUSALS[name]
  const claim = location === 'header' ? 'The authorization header is malformed; ' : ''
  const credential = location === 'query' ? 'Error parsing the X-Amz-Credential parameter; ' : claim
  const stated: Record<string, string> = { ...values, claim, credential }
  const details: Record<string, string> = {}
  for (const [element, value] of Object.entries(values))
    if (/^[A-Z]/.test(element))
      Object.defineProperty(details, element, { value, enumerable: element !== TOKEN, configurable: true })
  throw new SigV4VerifyError(
    `ERR_SIGV4_${code}`,
    awsCode === BY_LOCATION ? AWS_CODES[location] : awsCode,
    status,
    message.replace(/\{(\w+)\}/g, (_, value: string) => stated[value] ?? ''),
    details,
    strings,
  )
}

/** The element for a rejected token. Non-enumerable, so that neither logs nor responses contain it. */
const TOKEN = 'Token-0'

/** Throws if a check found a problem. */
export function refuseProblem(
  found: Problem | ChunkProblem | undefined,
  location?: ClaimLocation,
  more: ErrorDetails = {},
): void {
  if (found) refuse(found.problem, { ...more, ...found.values }, { location })
}
