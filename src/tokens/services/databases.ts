import { uriEncode } from '../../core/encoding/percent.ts'
import { MAX_EXPIRES } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import {
  bareToken,
  type Recipe,
  readUrl,
  TOKEN_OPTIONS,
  type Token,
  type TokenOptions,
  urlRecipe,
} from '../recipe/recipe.ts'
import { checkHostName, checkString, PASS_REGION, readRegion } from '../recipe/region.ts'

/** A database of RDS or Aurora. */
export interface RdsTarget {
  /** The endpoint of the instance, cluster or proxy: a CNAME is rejected by RDS. */
  readonly host: string
  /** Port of the endpoint, which is signed. */
  readonly port: number
  /** The database user. */
  readonly user: string
  /** Region of the database. @default determined from `host` */
  readonly region?: string | undefined
}

const RDS_TARGET = /* @__PURE__ */ members('host port user region')

export function readRdsToken(target: RdsTarget, options: TokenOptions<unknown>): Recipe<Token> {
  checkMembers('target', target, RDS_TARGET)
  checkMembers('options', options, TOKEN_OPTIONS)
  const { host, port, user } = target
  checkHostName(host)
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    fail('ERR_INVALID_ARG_VALUE', 'target.port', port === undefined ? 'missing' : 'invalid', 'Pass a number.')
  checkString(user, 'target.user')
  const region = readRegion(target.region, host, '@\\.rds', 'target.region', 'Pass the endpoint of RDS, not a CNAME.')
  const scope = { service: 'rds-db', region }
  const url = `https://${host}:${port}/?Action=connect&DBUser=${uriEncode(user, 'target.user')}`
  return urlRecipe(readUrl('GET', url, scope, options, 900), bareToken)
}

/** A cluster of Aurora DSQL. */
export interface DsqlTarget {
  /** The endpoint of the cluster. */
  readonly host: string
  /** Whether to connect as the user `admin`. @default `false` */
  readonly admin?: boolean | undefined
  /** Region of the database. @default determined from `host` */
  readonly region?: string | undefined
}

const DSQL_TARGET = /* @__PURE__ */ members('host admin region')

export function readDsqlToken(given: string | DsqlTarget, options: TokenOptions<unknown>): Recipe<Token> {
  const target = typeof given === 'string' ? { host: given } : given
  checkMembers<DsqlTarget, 'host admin region'>('target', target, DSQL_TARGET)
  checkMembers('options', options, TOKEN_OPTIONS)
  const { host, admin = false, region }: DsqlTarget = target
  checkHostName(host)
  if (typeof admin !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'target.admin', 'type', 'Pass a boolean.')
  const scope = { service: 'dsql', region: readRegion(region, host, 'dsql(?:-[a-z\\d]+)?\\.@') }
  const url = `https://${host}/?Action=${admin ? 'DbConnectAdmin' : 'DbConnect'}`
  return urlRecipe(readUrl('GET', url, scope, options, MAX_EXPIRES), bareToken)
}

/** A cache of ElastiCache or a cluster of MemoryDB. */
export interface CacheTarget {
  /** Name of the replication group, serverless cache or cluster: not its host. */
  readonly cache: string
  /** The user, whose ID and name are the same. */
  readonly user: string
  /** Region of the cache. */
  readonly region: string
  /** Service of the cache. @default `'elasticache'` */
  readonly service?: 'elasticache' | 'memorydb' | undefined
  /** Whether the cache is an ElastiCache serverless cache. @default `false` */
  readonly serverless?: boolean | undefined
}

const CACHES: Readonly<Record<string, { readonly hasServerless: boolean }>> = {
  elasticache: { hasServerless: true },
  memorydb: { hasServerless: false },
}

const CACHE_TARGET = /* @__PURE__ */ members('cache user region service serverless')

export function readCacheToken(target: CacheTarget, options: TokenOptions<unknown>): Recipe<Token> {
  checkMembers('target', target, CACHE_TARGET)
  checkMembers('options', options, TOKEN_OPTIONS)
  const { cache, user, service = 'elasticache', serverless = false } = target
  if (typeof cache !== 'string' || !/^[a-z][a-z\d-]*$/.test(cache))
    fail('ERR_INVALID_ARG_VALUE', 'target.cache', 'invalid', 'Pass the name of the cache in lowercase, not its host.')
  checkString(user, 'target.user')
  const rules = Object.hasOwn(CACHES, service) ? CACHES[service] : undefined
  if (!rules) fail('ERR_INVALID_ARG_VALUE', 'target.service', 'invalid', "Pass 'elasticache' or 'memorydb'.")
  if (typeof serverless !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'target.serverless', 'type', 'Pass a boolean.')
  if (serverless && !rules.hasServerless)
    fail('ERR_INVALID_ARG_VALUE', 'target.serverless', 'unusable', 'Only ElastiCache supports it.')
  const scope = { service, region: checkRegion(target.region, PASS_REGION) }
  const type = serverless ? '&ResourceType=ServerlessCache' : ''
  const url = `https://${cache}/?Action=connect${type}&User=${uriEncode(user, 'target.user')}`
  return urlRecipe(readUrl('GET', url, scope, options, 900), bareToken)
}
