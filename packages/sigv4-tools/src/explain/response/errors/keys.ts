import type { ErrorRow } from './row.ts'

/** Requests without a signature, and without a permission. */
export const UNSIGNED: readonly ErrorRow[] = [
  {
    match:
      /User: anonymous|^AuthenticationRequired|anonymous (?:users|caller|requests?|access|GET)|without signing key|Signature is required/gi,
    reading: 'named',
    causes: ['anonymous'],
  },
  { match: /^MissingAuthenticationToken\w* (?:The )?Request/gi, reading: 'named', causes: ['anonymous'] },
  {
    match: /Missing Authentication Token|^MissingAuthenticationToken/gi,
    reading: 'suggested',
    causes: ['anonymous', 'path', 'method', 'not-auth'],
  },
  {
    match: /Unable to determine service\/operation/gi,
    reading: 'suggested',
    causes: ['path', 'method', 'scope-service', 'not-auth'],
  },
  {
    match: /Missing (?:authorization header|signature$)|^InvalidArgument Authorization$/gi,
    reading: 'named',
    causes: ['anonymous', 'malformed-authorization', 'missing-param'],
  },
  {
    match: /Error creating s3 auth info/gi,
    reading: 'suggested',
    causes: ['anonymous', 'signature-v2', 'header-missing', 'unsigned-header', 'signed-headers', 'missing-header'],
  },
  {
    match:
      /not authorized to (?:perform|access)|No authorization strategy|No account found|not signed up for|^OptInRequired|not allowed for this (?:key|request)|not entitled|s3-enabled|disabled by admin|^AccountProblem|^AllAccessDisabled|^AccessForbidden|^Malformed(?:Policy|XML)|plain HTTP connection|over a secure connection/gi,
    reading: 'elsewhere',
    causes: ['not-auth'],
  },
]

/** Logins, access keys, and session tokens. */
export const KEYS: readonly ErrorRow[] = [
  {
    match:
      /PAM authentication failed|Access denied for user|WRONGPASS|SASL authentication failed|accept connection, access denied|must be logged in to the server/gi,
    reading: 'suggested',
    causes: ['expired', 'host', 'scope-region', 'host-port', 'session-token', 'token-format', 'not-auth'],
  },
  {
    match: /^XMinioAdminInvalidSecretKey|Authentication Credentials Invalid/gi,
    reading: 'named',
    causes: ['wrong-secret'],
  },
  { match: /^XMinioAdminInvalidAccessKey/gi, reading: 'named', causes: ['malformed-credential', 'unknown-access-key'] },
  {
    match: /access key has length (64), should be (\d+)/gi,
    reading: 'named',
    causes: ['keys-swapped', 'unknown-access-key', 'malformed-credential'],
    values: ['sent', 'required'],
  },
  {
    match: /access key has length (\d+), should be (\d+)/gi,
    reading: 'named',
    causes: ['keys-swapped', 'unknown-access-key', 'malformed-credential'],
    values: ['sent', 'required'],
    about: 'unknown-access-key',
  },
  {
    match: /Malformed Access Key/gi,
    reading: 'named',
    causes: ['keys-swapped', 'unknown-access-key', 'malformed-credential'],
  },
  {
    match: /^Unauthorized Unauthorized$/gi,
    reading: 'suggested',
    causes: ['unknown-access-key', 'unsigned-header', 'keys-swapped'],
  },
  { match: /^UnauthorizedAccess Your account/gi, reading: 'named', causes: ['anonymous', 'unknown-access-key'] },
  {
    match: /component ".{0,200}aws4_request" is malformed/gi,
    reading: 'named',
    causes: ['malformed-credential', 'unknown-access-key'],
  },
  {
    match:
      /STREAMING-[A-Z\d-]{1,60} is not supported|chunked (?:encoding|transfer|upload).{0,40}not (?:supported|implemented)/gi,
    reading: 'named',
    causes: ['streaming'],
  },
  { match: /UNSIGNED-PAYLOAD.{0,60}not (?:allowed|supported|permitted)/gi, reading: 'named', causes: ['payload-hash'] },
  {
    match: /^AuthFailure|validate the provided access credentials/gi,
    reading: 'suggested',
    causes: [
      'unknown-access-key',
      'wrong-secret',
      'session-token',
      'clock-past',
      'clock-future',
      'keys-swapped',
      'scope-region',
    ],
  },
  {
    match:
      /^(?:InvalidAccessKeyId|XAdminUserNotFound|X(?:Minio)?AdminNoSuch|UnrecognizedClient|InvalidClientTokenId|UnknownAccessKey|UserSuspended|NotSignedUp)|(?:No such|Invalid Access) key(?::|$)|account is not signed up|Access Key Id you provided does not|Missing claims|AccessKeyDisabled|^ The security token included in the request is invalid/gi,
    reading: 'suggested',
    causes: ['unknown-access-key', 'keys-swapped', 'malformed-credential', 'session-token'],
  },
  { match: /Incorrect Authorization/gi, reading: 'named', causes: ['malformed-authorization'] },
  {
    match: /^InvalidSecurity/gi,
    reading: 'suggested',
    causes: ['wrong-secret', 'unknown-access-key', 'malformed-authorization', 'session-token'],
  },
  {
    match: /^InvalidToken|security.token|s3?session.token|Invalid token|No AWSAccessKey was|check claims failed/gi,
    reading: 'named',
    causes: ['session-token'],
  },
]
