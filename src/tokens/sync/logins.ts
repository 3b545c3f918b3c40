// @generated from src/tokens/async/logins.ts by npm run twins: change that file instead.

import type { UrlLike } from '../../core/http/url.ts'
import { resolved } from '../../core/signing/credentials.ts'
import { deriveSigningKey } from '../../crypto/sha256.ts'
import type { LoginOptions, RegionOptions, Token, TokenOptions } from '../recipe/recipe.ts'
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
  type SesOptions,
  type SesSmtpCredentials,
  type SesTarget,
  sesSmtpCredentials,
} from '../services/ses.ts'
import { complete } from './complete.ts'

/**
 * Creates the password of a database user of Amazon RDS or Aurora that signs in with IAM.
 *
 * @example
 * ```ts
 * import { rdsToken } from 'sigv4/tokens/sync'
 *
 * const database = { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }
 * const { token } = rdsToken(database, {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see `rdsToken` of `sigv4/tokens` for the full documentation.
 */
export function rdsToken(target: RdsTarget, options: TokenOptions): Token {
  return complete(readRdsToken(target, options), options.credentials)
}

/**
 * Creates the password of a database user of Amazon Aurora DSQL.
 *
 * @example
 * ```ts
 * import { dsqlToken } from 'sigv4/tokens/sync'
 *
 * const { token } = dsqlToken(
 *   { host: '4iabtwpsabc.dsql.eu-west-1.on.aws', admin: true },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `dsqlToken` of `sigv4/tokens` for the full documentation.
 */
export function dsqlToken(target: string | DsqlTarget, options: TokenOptions): Token {
  return complete(readDsqlToken(target, options), options.credentials)
}

/**
 * Creates the password of a user of Amazon ElastiCache or MemoryDB, for Valkey and Redis OSS.
 *
 * @example
 * ```ts
 * import { cacheToken } from 'sigv4/tokens/sync'
 *
 * const { token } = cacheToken(
 *   { cache: 'my-cache', user: 'jane', region: 'eu-west-1', serverless: true },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `cacheToken` of `sigv4/tokens` for the full documentation.
 */
export function cacheToken(target: CacheTarget, options: TokenOptions): Token {
  return complete(readCacheToken(target, options), options.credentials)
}

/**
 * Creates the token for `SASL/OAUTHBEARER` of Amazon MSK, provisioned or serverless.
 *
 * @example
 * ```ts
 * import { mskToken } from 'sigv4/tokens/sync'
 *
 * const { token, expiresAt } = mskToken('b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see `mskToken` of `sigv4/tokens` for the full documentation.
 */
export function mskToken(target: string | MskTarget, options: TokenOptions): MskToken {
  return complete(readMskToken(target, options), options.credentials)
}

/**
 * Creates the bearer token for the Kubernetes API of an Amazon EKS cluster, as `aws eks get-token`.
 *
 * @example
 * ```ts
 * import { eksToken } from 'sigv4/tokens/sync'
 *
 * const { token } = eksToken(
 *   { cluster: 'my-cluster', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `eksToken` of `sigv4/tokens` for the full documentation.
 */
export function eksToken(target: EksTarget, options: LoginOptions): Token {
  return complete(readEksToken(target, options), options.credentials)
}

/**
 * Creates a short-term API key for Amazon Bedrock, for clients that accept only a bearer token.
 *
 * @example
 * ```ts
 * import { bedrockKey } from 'sigv4/tokens/sync'
 *
 * const { token } = bedrockKey(
 *   { region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }, expires: '1h' },
 * )
 * ```
 * @see `bedrockKey` of `sigv4/tokens` for the full documentation.
 */
export function bedrockKey(target: BedrockTarget, options: TokenOptions): Token {
  return complete(readBedrockKey(target, options), options.credentials)
}

/**
 * Creates the response to the challenge of Amazon Keyspaces, for an authenticator of a Cassandra driver.
 *
 * @example
 * ```ts
 * import { keyspacesResponse } from 'sigv4/tokens/sync'
 *
 * const { token } = keyspacesResponse(
 *   { challenge: 'nonce=91703fdc2ef562e19fbdab0f58e42fe5', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `keyspacesResponse` of `sigv4/tokens` for the full documentation.
 */
export function keyspacesResponse(target: KeyspacesTarget, options: LoginOptions): Token {
  return complete(readKeyspacesResponse(target, options), options.credentials)
}

/**
 * Creates the user name and the password that Git sends to AWS CodeCommit.
 *
 * @example
 * ```ts
 * import { codecommitCredentials } from 'sigv4/tokens/sync'
 *
 * const { username, password } = codecommitCredentials(
 *   'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/website',
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `codecommitCredentials` of `sigv4/tokens` for the full documentation.
 */
export function codecommitCredentials(target: string | UrlLike, options: RegionOptions): CodeCommitCredentials {
  return complete(readCodecommitCredentials(target, options), options.credentials)
}

/**
 * Creates the user name and the password for the SMTP interface of Amazon SES, from the access key of an IAM user.
 *
 * @example
 * ```ts
 * import { sesSmtpPassword } from 'sigv4/tokens/sync'
 *
 * const { username, password } = sesSmtpPassword(
 *   { region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * ```
 * @see `sesSmtpPassword` of `sigv4/tokens` for the full documentation.
 */
export function sesSmtpPassword(target: SesTarget, options: SesOptions): SesSmtpCredentials {
  const parts = readSesSmtpPassword(target, options)
  const { credentials: source } = options
  const credentials = resolved(source)
  checkSesCredentials(credentials, Date.now())
  return sesSmtpCredentials(credentials, deriveSigningKey(credentials.secretAccessKey, parts))
}
