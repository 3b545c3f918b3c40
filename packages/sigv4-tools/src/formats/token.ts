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
  /** The parameter that is required in addition to those of every token; empty if there is none. */
  readonly required: string
  /** The form of the URL: `bare`, without a scheme; otherwise in base64, with this prefix. */
  readonly form: string
  /** The host that is signed, as a pattern, and in words. */
  readonly host: RegExp
  readonly place: (region: string) => string
  /** A parameter that is added after signing; empty if there is none. */
  readonly unsigned: string
}

/** docs/tokens.md contains the same limits, and their sources. */
const TOKENS: readonly Token[] = [
  {
    service: 'rds-db',
    actions: ['connect'],
    name: 'Amazon RDS',
    kind: 'rds',
    maximum: 900,
    required: 'DBUser',
    form: 'bare',
    host: /\.rds\./,
    place: () => 'the endpoint of Amazon RDS',
    unsigned: '',
  },
  {
    service: 'dsql',
    actions: ['DbConnect', 'DbConnectAdmin'],
    name: 'Aurora DSQL',
    kind: 'dsql',
    maximum: 604_800,
    required: '',
    form: 'bare',
    host: /\.dsql(-[a-z\d]+)?\./,
    place: () => 'the endpoint of Aurora DSQL',
    unsigned: '',
  },
  {
    service: 'elasticache',
    actions: ['connect'],
    name: 'Amazon ElastiCache',
    kind: 'cache',
    maximum: 900,
    required: 'User',
    form: 'bare',
    host: /^[^.]+$/,
    place: () => 'the name of the cache',
    unsigned: '',
  },
  {
    service: 'memorydb',
    actions: ['connect'],
    name: 'Amazon MemoryDB',
    kind: 'cache',
    maximum: 900,
    required: 'User',
    form: 'bare',
    host: /^[^.]+$/,
    place: () => 'the name of the cache',
    unsigned: '',
  },
  {
    service: 'kafka-cluster',
    actions: ['kafka-cluster:Connect'],
    name: 'Amazon MSK',
    kind: 'msk',
    maximum: 900,
    required: '',
    form: '',
    host: /^kafka\./,
    place: (region) => `kafka.${region}.amazonaws.com`,
    unsigned: 'User-Agent',
  },
  {
    service: 'bedrock',
    actions: ['CallWithBearerToken'],
    name: 'Amazon Bedrock',
    kind: 'bedrock',
    maximum: 43_200,
    required: '',
    form: 'bedrock-api-key-',
    host: /^bedrock\./,
    place: () => 'bedrock.amazonaws.com',
    unsigned: 'Version',
  },
  {
    service: 'sts',
    actions: ['GetCallerIdentity'],
    name: 'Amazon EKS',
    kind: 'eks',
    maximum: 900,
    required: 'X-Amz-Expires',
    form: 'k8s-aws-v1.',
    host: /^sts\./,
    place: () => 'an STS endpoint',
    unsigned: '',
  },
]

/** A login with a token, or with a derived password, that a service rejected. */
export interface RejectedLogin {
  /** The kind of `sigv4-tools token` that creates it. */
  readonly kind: string
  /** The service. */
  readonly name: string
}

const LOGINS: readonly (RejectedLogin & { readonly error: RegExp })[] = [
  { kind: 'rds', name: 'Amazon RDS', error: /PAM authentication failed|Access denied for user/i },
  { kind: 'dsql', name: 'Aurora DSQL', error: /accept connection, access denied/i },
  { kind: 'cache', name: 'Amazon ElastiCache', error: /WRONGPASS/i },
  { kind: 'msk', name: 'Amazon MSK', error: /SASL authentication failed/i },
  { kind: 'eks', name: 'Amazon EKS', error: /must be logged in to the server/i },
  { kind: 'ses-smtp', name: 'Amazon SES', error: /Authentication Credentials Invalid/i },
]

/** Returns the service that rejected a login, by the message of its error. */
export function rejectedLogin(message: string): RejectedLogin | undefined {
  const row = LOGINS.find(({ error }) => error.test(message))
  return row && { kind: row.kind, name: row.name }
}

/** The header that names the cluster of a token for Amazon EKS, which signs it and does not contain it. */
export const CLUSTER_HEADER = 'x-k8s-aws-id'

/**
 * Returns the requirements for a token; `undefined` for any other URL. `isEks`: it has the prefix, or signs the name of a
 * cluster; `isBare`: it is written as only tokens are, so that its action may be missing.
 */
export function tokenOf(service: string | undefined, action = '', isEks = false, isBare = false): Token | undefined {
  if (!isBare && !TOKENS.some(({ actions }) => actions.includes(action))) return undefined
  const row = TOKENS.find((each) => each.service === service)
  // STS serves other clients, too
  return row?.kind === 'eks' && !isEks ? undefined : row
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
