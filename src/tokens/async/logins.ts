import type { UrlLike } from '../../core/http/url.ts'
import { deriveSigningKey } from '../../crypto/webcrypto.ts'
import type { Token } from '../recipe/recipe.ts'
import { type BedrockTarget, readBedrockKey } from '../services/bedrock.ts'
import { type CodeCommitCredentials, readCodecommitCredentials } from '../services/codecommit.ts'
import {
  type CacheTarget,
  type DsqlTarget,
  type RdsTarget,
  readCacheToken,
  readDsqlToken,
  readRdsToken,
} from '../services/databases.ts'
import { type EksTarget, readEksToken } from '../services/eks.ts'
import { type MskTarget, type MskToken, readMskToken } from '../services/kafka.ts'
import { type KeyspacesTarget, readKeyspacesResponse } from '../services/keyspaces.ts'
import {
  checkSesCredentials,
  readSesSmtpPassword,
  type SesSmtpCredentials,
  type SesTarget,
  sesSmtpCredentials,
} from '../services/ses.ts'
import { complete } from './complete.ts'
import type { LoginOptions, RegionOptions, SesOptions, TokenOptions } from './options.ts'

/**
 * Creates the password of a database user of Amazon RDS or Aurora that signs in with IAM.
 *
 * The connection must use TLS. The token is checked when a connection is opened, so open connections outlive it: create
 * one for each new connection.
 *
 * @param target - `{ host, port, user, region? }`: the endpoint of the instance, cluster or proxy, its port, and the
 * database user.
 * @param options - Credentials, and `expires`: at most 15 minutes, the default.
 * @returns `{ token, expiresAt, limitedBy? }`; `token` is the password.
 * @throws `ERR_SIGV4_SCOPE_UNKNOWN` if the host is a CNAME, which RDS rejects, and `target.region` is missing; `ERR_SIGV4_EXPIRES_RANGE`; the errors of credentials, `ERR_SIGV4_CREDENTIALS_MISSING` and
 * `ERR_SIGV4_KEY_SCOPE`; `TypeError` for any other invalid argument.
 * @example
 * ```ts
 * import { rdsToken } from 'sigv4/tokens'
 *
 * const database = { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }
 * const { token } = await rdsToken(database, {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
 */
export async function rdsToken(target: RdsTarget, options: TokenOptions): Promise<Token> {
  return complete(readRdsToken(target, options), options.credentials)
}

/**
 * Creates the password of a database user of Amazon Aurora DSQL.
 *
 * The user `admin` needs a different token than all others: pass `admin: true`.
 *
 * @param target - The endpoint of the cluster, or `{ host, admin?, region? }`.
 * @param options - Credentials, and `expires`: 15 minutes by default, at most 7 days.
 * @returns `{ token, expiresAt, limitedBy? }`; `token` is the password.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { dsqlToken } from 'sigv4/tokens'
 *
 * const { token } = await dsqlToken(
 *   { host: '4iabtwpsabc.dsql.eu-west-1.on.aws', admin: true },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/aurora-dsql/latest/userguide/SECTION_authentication-token.html
 */
export async function dsqlToken(target: string | DsqlTarget, options: TokenOptions): Promise<Token> {
  return complete(readDsqlToken(target, options), options.credentials)
}

/**
 * Creates the password of a user of Amazon ElastiCache or MemoryDB, for Valkey and Redis OSS.
 *
 * The connection must use TLS. It is closed after 12 hours, unless the client sends `AUTH` with a new token. The name of
 * the cache is signed, not its host.
 *
 * @param target - `{ cache, user, region, service?, serverless? }`; `service` is `'elasticache'` or `'memorydb'`.
 * @param options - Credentials, and `expires`: at most 15 minutes, the default.
 * @returns `{ token, expiresAt, limitedBy? }`; `token` is the password.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { cacheToken } from 'sigv4/tokens'
 *
 * const { token } = await cacheToken(
 *   { cache: 'my-cache', user: 'jane', region: 'eu-west-1', serverless: true },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export async function cacheToken(target: CacheTarget, options: TokenOptions): Promise<Token> {
  return complete(readCacheToken(target, options), options.credentials)
}

/**
 * Creates the token for `SASL/OAUTHBEARER` of Amazon MSK, provisioned or serverless.
 *
 * Kafka clients authenticate again before the token expires, and must then be the same principal: assume a role with a
 * constant session name. Like AWS's own signers, it signs for `kafka.{region}.amazonaws.com` in China, too.
 *
 * @param target - The host of a broker, or `{ region }`.
 * @param options - Credentials, and `expires`: at most 15 minutes, the default.
 * @returns `{ token, expiresAt, refreshAt, limitedBy? }`; at `refreshAt`, 80% of the lifetime has passed.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { mskToken } from 'sigv4/tokens'
 *
 * const { token, expiresAt } = await mskToken('b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html
 */
export async function mskToken(target: string | MskTarget, options: TokenOptions): Promise<MskToken> {
  return complete(readMskToken(target, options), options.credentials)
}

/**
 * Creates the bearer token for the Kubernetes API of an Amazon EKS cluster, as `aws eks get-token`.
 *
 * The cluster accepts it for 15 minutes, although the URL in it states 60 seconds.
 *
 * @param target - `{ cluster, region }`: the name of the cluster.
 * @param options - Credentials.
 * @returns `{ token, expiresAt, limitedBy? }`, for the header `authorization: Bearer …`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { eksToken } from 'sigv4/tokens'
 *
 * const { token } = await eksToken(
 *   { cluster: 'my-cluster', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html
 */
export async function eksToken(target: EksTarget, options: LoginOptions): Promise<Token> {
  return complete(readEksToken(target, options), options.credentials)
}

/**
 * Creates a short-term API key for Amazon Bedrock, for clients that accept only a bearer token.
 *
 * It is valid in one region, with the permissions of the credentials.
 *
 * @param target - `{ region }`.
 * @param options - Credentials, and `expires`: at most 43,200 seconds, which is 12 hours and the default.
 * @returns `{ token, expiresAt, limitedBy? }`; `token` is the key, for `AWS_BEARER_TOKEN_BEDROCK`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { bedrockKey } from 'sigv4/tokens'
 *
 * const { token } = await bedrockKey(
 *   { region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }, expires: '1h' },
 * )
 * ```
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export async function bedrockKey(target: BedrockTarget, options: TokenOptions): Promise<Token> {
  return complete(readBedrockKey(target, options), options.credentials)
}

/**
 * Creates the response to the challenge of Amazon Keyspaces, for an authenticator of a Cassandra driver.
 *
 * The driver first sends `SigV4\0\0`, and then the response to the server's challenge.
 *
 * @param target - `{ challenge, region }`: the challenge that the server sent, `nonce=…`.
 * @param options - Credentials.
 * @returns `{ token, expiresAt, limitedBy? }`; `token` is the response.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { keyspacesResponse } from 'sigv4/tokens'
 *
 * const { token } = await keyspacesResponse(
 *   { challenge: 'nonce=91703fdc2ef562e19fbdab0f58e42fe5', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/keyspaces/latest/devguide/programmatic.credentials.SigV4_KEYSPACES.html
 */
export async function keyspacesResponse(target: KeyspacesTarget, options: LoginOptions): Promise<Token> {
  return complete(readKeyspacesResponse(target, options), options.credentials)
}

/**
 * Creates the user name and the password that Git sends to AWS CodeCommit.
 *
 * They are valid for 15 minutes, and for one repository.
 *
 * @param target - The URL of the repository, `https://git-codecommit.{region}.amazonaws.com/v1/repos/{name}`.
 * @param options - Credentials, and the `region` if the host does not identify it.
 * @returns `{ username, password, expiresAt, limitedBy? }`.
 * @throws The errors of {@link rdsToken}.
 * @example
 * ```ts
 * import { codecommitCredentials } from 'sigv4/tokens'
 *
 * const { username, password } = await codecommitCredentials(
 *   'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/website',
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html
 */
export async function codecommitCredentials(
  target: string | UrlLike,
  options: RegionOptions,
): Promise<CodeCommitCredentials> {
  return complete(readCodecommitCredentials(target, options), options.credentials)
}

/**
 * Creates the user name and the password for the SMTP interface of Amazon SES, from the access key of an IAM user.
 *
 * The password does not expire: it works in one region until the access key is deactivated. Temporary credentials have
 * none.
 *
 * @param target - `{ region }`.
 * @param options - Credentials with the secret, and without a session token.
 * @returns `{ username, password }`; both are long-lived secrets.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING` for temporary credentials, or without the secret; `ERR_SIGV4_SCOPE_UNKNOWN`
 * without a region.
 * @example
 * ```ts
 * import { sesSmtpPassword } from 'sigv4/tokens'
 *
 * const { username, password } = await sesSmtpPassword(
 *   { region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
 */
export async function sesSmtpPassword(target: SesTarget, options: SesOptions): Promise<SesSmtpCredentials> {
  const parts = readSesSmtpPassword(target, options)
  const { credentials: source } = options
  const credentials = typeof source === 'function' ? await source() : source
  checkSesCredentials(credentials, Date.now())
  return sesSmtpCredentials(credentials, await deriveSigningKey(credentials.secretAccessKey, parts))
}
