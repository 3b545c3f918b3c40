import type { ServiceResponse } from '../../format/format.ts'

/** AWS's own responses, which LocalStack recorded from AWS; `packages/sigv4-tools/fixtures/service-messages` has the messages. */
export const SNAPSHOT =
  'observed:https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3.snapshot.json'
const docs = (page: string): string => `docs:https://docs.aws.amazon.com/AmazonS3/latest/API/${page}.html`

export const ERRORS = docs('ErrorResponses')
export const QUERY_PAGE = docs('sigv4-query-string-auth')
export const HEADER_PAGE = docs('sigv4-auth-using-authorization-header')
export const CANONICAL_PAGE = docs('sig-v4-header-based-auth')
export const CHUNKS_PAGE = docs('sigv4-streaming')
export const TRAILERS_PAGE = docs('sigv4-streaming-trailers')
export const POST_PAGE = docs('sigv4-HTTPPOSTConstructPolicy')
export const FORMS_PAGE = docs('sigv4-HTTPPOSTForms')
export const V2_PAGE = 'docs:https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html'
export const IAM_PAGE = 'docs:https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html'
export const EVENTS_PAGE = 'docs:https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html'

const response = (status: number, code: string, source: string): ServiceResponse => ({ status, code, source })

/** The bytes have a different signature. */
export const DNM = response(403, 'SignatureDoesNotMatch', 'arithmetic')
export const UNKNOWN_KEY = response(403, 'InvalidAccessKeyId', ERRORS)
export const AHM = response(400, 'AuthorizationHeaderMalformed', SNAPSHOT)
export const AQPE = response(400, 'AuthorizationQueryParametersError', SNAPSHOT)
export const DENIED = response(403, 'AccessDenied', SNAPSHOT)
export const NOT_SIGNED = response(403, 'AccessDenied', SNAPSHOT)
export const HEADER_UNSIGNED = response(
  403,
  'AccessDenied',
  'observed:https://github.com/badslug/Paw-AWSSignature4DynamicValue/issues/4',
)
export const SKEWED = response(403, 'RequestTimeTooSkewed', ERRORS)
export const ARGUMENT = response(400, 'InvalidArgument', SNAPSHOT)
export const REQUEST = response(400, 'InvalidRequest', SNAPSHOT)
export const V2_REFUSED = response(400, 'InvalidRequest', SNAPSHOT)
export const HASH_MISMATCH = response(400, 'XAmzContentSHA256Mismatch', SNAPSHOT)
export const INCOMPLETE = response(400, 'IncompleteBody', ERRORS)
export const LENGTH = response(411, 'MissingContentLength', ERRORS)
export const SMALL_CHUNK = response(
  403,
  'InvalidChunkSizeError',
  'observed:https://github.com/jamhall/s3rver/blob/main/lib/signature/v4.js',
)
/** For a malformed chunk of any kind. */
export const CHUNK_FORMAT = response(400, 'IncompleteBody', 'observed:https://github.com/versity/versitygw/issues/1666')
export const TRAILER_FORMAT = response(
  400,
  'MalformedTrailerError',
  'observed:https://github.com/versity/versitygw/issues/1690',
)
export const CHECKSUM_TRAILER = response(
  400,
  'InvalidRequest',
  'observed:https://github.com/versity/versitygw/issues/1692',
)
export const BAD_DIGEST = response(400, 'BadDigest', ERRORS)
export const INVALID_DIGEST = response(400, 'InvalidDigest', ERRORS)
export const TOKEN = response(400, 'InvalidToken', ERRORS)
export const NO_TOKEN = response(403, 'InvalidAccessKeyId', 'observed:https://github.com/aws/aws-cli/issues/3793')
export const POLICY = response(403, 'AccessDenied', SNAPSHOT)
export const TOO_LARGE = response(400, 'EntityTooLarge', ERRORS)
export const TOO_SMALL = response(400, 'EntityTooSmall', ERRORS)
export const POLICY_DOCUMENT = response(400, 'InvalidPolicyDocument', ERRORS)

/** The same response with a different source. */
export const by = (source: string, other: ServiceResponse): ServiceResponse => ({ ...other, source })

/** The request cannot be accepted, but S3's response is not documented. */
export const REFUSED: ServiceResponse = { source: 'arithmetic' }

/** For a condition with an unknown operator: 403 AccessDenied there, 400 InvalidPolicyDocument in the constants of versitygw. */
export const UNKNOWN_OPERATOR: ServiceResponse = { source: 'observed:https://github.com/sivchari/kumo/pull/936' }

// Services other than S3, as their documentation describes it.

export const SERVICE_PAGE = 'docs:https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html'
export const INCOMPLETE_SIGNATURE = response(400, 'IncompleteSignature', SERVICE_PAGE)
export const SCOPE_OTHER = response(403, 'SignatureDoesNotMatch', SERVICE_PAGE)
export const UNSIGNED_OTHER = response(403, 'SignatureDoesNotMatch', IAM_PAGE)
