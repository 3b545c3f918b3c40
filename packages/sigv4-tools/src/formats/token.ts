import { decode, decodeBase64 } from '../../../../src/internal/encoding.ts'

// Tokens are presigned URLs that are sent in place of a password: without a scheme, or encoded.

/** The requirements of a service for its tokens. */
export interface Token {
  /** The signing name of the service. */
  readonly service: string
  readonly actions: readonly string[]
  /** The service that accepts the token. */
  readonly name: string
  /** The kind of `sigv4-tools token` that creates it. */
  readonly kind: string
  /** The longest lifetime of its URL, in seconds; for Amazon EKS, that of the token, whatever its URL states. */
  readonly maximum: number
  /** The parameter that is required in addition to those of every token, if any. */
  readonly required: string
  /** The form of the URL: `bare`, without a scheme; otherwise in base64, with this prefix. */
  readonly form: string
  /** The host that is signed, as a pattern, and in words. */
  readonly host: RegExp
  readonly place: string
  /** A parameter that is added after signing. */
  readonly unsigned: string
}

/**
 * The tokens, one per line: `service | actions | name | kind | longest lifetime | required parameter | form | host | host in words |
 * unsigned parameter`. docs/tokens.md contains the same limits, and their sources.
 */
const TOKENS = `rds-db | connect | Amazon RDS | rds | 900 | DBUser | bare | \\.rds\\. | the endpoint of Amazon RDS |
dsql | DbConnect DbConnectAdmin | Aurora DSQL | dsql | 604800 | | bare | \\.dsql(-[a-z\\d]+)?\\. | the endpoint of Aurora DSQL |
elasticache | connect | Amazon ElastiCache | cache | 900 | User | bare | ^[^.]+$ | the name of the cache |
memorydb | connect | Amazon MemoryDB | cache | 900 | User | bare | ^[^.]+$ | the name of the cache |
kafka-cluster | kafka-cluster:Connect | Amazon MSK | msk | 900 | | | ^kafka\\. | kafka.{region}.amazonaws.com | User-Agent
bedrock | CallWithBearerToken | Amazon Bedrock | bedrock | 43200 | | bedrock-api-key- | ^bedrock\\. | bedrock.amazonaws.com | Version
sts | GetCallerIdentity | Amazon EKS | eks | 900 | X-Amz-Expires | k8s-aws-v1. | ^sts\\. | an STS endpoint |`

/** Errors of a login with a token or a derived password, one per line: `kind of sigv4-tools token | service | error`. */
const LOGINS = `rds | Amazon RDS | PAM authentication failed|Access denied for user
dsql | Aurora DSQL | accept connection, access denied
cache | Amazon ElastiCache | WRONGPASS
msk | Amazon MSK | SASL authentication failed
eks | Amazon EKS | must be logged in to the server
ses-smtp | Amazon SES | Authentication Credentials Invalid`

/** A login that a service rejected. */
export interface RejectedLogin {
  readonly kind: string
  readonly name: string
}

/** Returns the service that rejected a login, by the message of its error. */
export function rejectedLogin(message: string): RejectedLogin | undefined {
  const rows = LOGINS.split('\n').map((line) => line.split(' | '))
  const [kind, name] = rows.find(([, , error = '']) => RegExp(error, 'i').test(message)) ?? []
  return kind === undefined || name === undefined ? undefined : { kind, name }
}

/** The header that names the cluster of a token for Amazon EKS, which signs it and does not contain it. */
export const CLUSTER_HEADER = 'x-k8s-aws-id'

/**
 * Returns the requirements for a token; `undefined` for any other URL. `isEks`: it has the prefix, or signs the name of a
 * cluster; `isBare`: it is written as only tokens are, so that its action may be missing.
 */
export function tokenOf(service: string | undefined, action = '', isEks = false, isBare = false): Token | undefined {
  const rows = TOKENS.split('\n').map(readRow)
  if (!isBare && !rows.some(({ actions }) => actions.includes(action))) return undefined
  const row = rows.find((each) => each.service === service)
  // STS serves other clients, too
  return row?.kind === 'eks' && !isEks ? undefined : row
}

function readRow(line: string): Token {
  const [service, actions, name, kind, maximum, required, form, host, place, unsigned] = line
    .split('|')
    .map((each) => each.trim()) as [string, string, string, string, string, string, string, string, string, string]
  const limits = { maximum: Number(maximum), required, form, host: RegExp(host), place, unsigned }
  return { service, actions: actions.split(' '), name, kind, ...limits }
}

/** An encoded token: with the prefix of Amazon EKS or Amazon Bedrock, or of an encoded URL, as for Amazon MSK. */
export const ENCODED_TOKEN = /(?:k8s-aws-v1\.|bedrock-api-key-|\baHR0cHM6Ly9)[\w+/-]{200,}={0,2}/

/** A URL, and how it was written. */
export interface WrittenUrl {
  readonly url: string
  /** `bare`: without a scheme; `URL`; otherwise in base64, with this prefix. */
  readonly form: string
  /** Whether it was padded in base64. */
  readonly isPadded: boolean
  /** Whether it was percent-encoded as if it were a single value. */
  readonly isEncoded: boolean
}

/** Reads the URL of a token, and how it was written. */
export function parseToken(text: string): WrittenUrl {
  const [, prefix = '', encoded = '', padding] =
    /^(k8s-aws-v1\.|bedrock-api-key-)?([\w+/-]{200,})(={0,2})$/.exec(text) ?? []
  const decoded = encoded && decodeBase64(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const isBase64 = decoded !== undefined && /(?:[?&]|%26)X-Amz-/.test(decoded)
  const written = isBase64 ? decoded : text
  const isEncoded = /^[^?&\s]{1,300}%3F.{1,300}%26X-Amz-/i.test(written)
  const url = isEncoded ? decode(written) : written
  const isBare = /^[a-z\d][\w.-]*(?::\d+)?\/\?/i.test(url) && /[?&](?:Action|X-Amz-[A-Za-z]+)=/.test(url)
  const form = isBase64 ? prefix : isBare ? 'bare' : 'URL'
  return { url: isBare ? `https://${url}` : url, form, isPadded: isBase64 && padding !== '', isEncoded }
}

/** Returns the URL of a token, and any other URL unchanged. */
export function readToken(text: string): string {
  return parseToken(text).url
}
