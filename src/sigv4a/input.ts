import { uriEncode } from '../core/encoding/percent.ts'
import { fail } from '../core/errors.ts'
import { REGION_SET_HEADER, REGION_SET_PARAMETER } from '../core/http/headers.ts'
import { isObject } from '../core/kind.ts'
import { checkMembers, members } from '../core/members.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { globalService, hostScope } from '../core/signing/hosts.ts'
import type {
  PresignOptions as CorePresignOptions,
  SignOptions as CoreSignOptions,
  RegionSet,
} from '../core/signing/options.ts'
import { downloadDisposition, type PresignInput, readPresign } from '../core/signing/presign.ts'
import type { HostReader } from '../core/signing/s3-hosts.ts'
import {
  checkScopePart,
  checkSigningHost,
  type ScopeInput,
  type ScopeReader,
  scopeInput,
  signingContext,
} from '../core/signing/scope.ts'
import { readSign, type SignInput, type UnsignedRequest } from '../core/signing/sign.ts'
import { ALGORITHM_4A, type RequestContext } from '../core/signing/string-to-sign.ts'
import type { Target } from '../core/signing/target.ts'

const PRESIGN_OPTIONS = /* @__PURE__ */ members(
  'credentials expires window regionSet service headers query contentType contentLength download payloadHash payloadHashHeader now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders',
)

const SIGN_OPTIONS = /* @__PURE__ */ members(
  'credentials regionSet service payloadHash payloadHashHeader now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders checksum',
)

/** The bucket of a Multi-Region Access Point, as the AWS SDKs accept it. Other partitions have none. */
const ACCESS_POINT = /^arn:aws:s3::\d{12}:accesspoint[/:]([\w-]+\.mrap)$/

/** Regions, separated by commas. */
const REGIONS = /^[\w*-]+(?:,[\w*-]+)*$/

interface RegionSetOption {
  /** The regions in which the request is valid. @default `'*'` for hosts that serve several regions */
  readonly regionSet?: RegionSet | undefined
}

/** Options of every `presign…` function. Those that the method does not support are errors. */
export interface PresignOptions<Source = SecretCredentials>
  extends Omit<CorePresignOptions<Source>, 'region'>,
    RegionSetOption {}

/** Options of `sign`. */
export interface SignOptions<Source = SecretCredentials>
  extends Omit<CoreSignOptions<Source>, 'region'>,
    RegionSetOption {}

/** Service, time, and regions to sign for. */
export interface RegionSetInput extends ScopeInput<undefined> {
  readonly regionSet: string
}

/** Reads and checks the arguments of a presigned request. The region set is one of its parameters. */
export function readPresign4a(
  method: string,
  target: Target,
  options: PresignOptions<unknown>,
  hosts: HostReader,
): PresignInput<RegionSetInput> {
  rejectRegion(options)
  checkMembers('options', options, PRESIGN_OPTIONS)
  const { regionSet, ...own } = options
  const rules = { readScope: scopeReader(regionSet, hosts), disposition: downloadDisposition }
  const input = readPresign(method, multiRegionTarget(target), own, rules)
  return { ...input, query: [...input.query, [REGION_SET_PARAMETER, uriEncode(input.scope.regionSet)]] }
}

/** Reads and checks the arguments of a request to sign. The region set is one of its headers. */
export function readSign4a(request: UnsignedRequest, options: SignOptions<unknown>): SignInput<RegionSetInput> {
  rejectRegion(options)
  checkMembers('options', options, SIGN_OPTIONS)
  const { regionSet, ...own } = options
  const input = readSign(request, own, scopeReader(regionSet, hostScope))
  return { ...input, headers: { ...input.headers, [REGION_SET_HEADER]: input.scope.regionSet } }
}

/** Returns the time and scope to sign a request with at `now`, epoch milliseconds. */
export function signingContext4a(input: RegionSetInput, now: number): RequestContext<undefined> {
  return signingContext(input, now, ALGORITHM_4A)
}

/** Returns a function that determines the service from the options, the target or its host, and the region set. */
function scopeReader(regionSet: RegionSet | undefined, hosts: HostReader): ScopeReader<RegionSetInput> {
  return ({ host, path, argument, service: target }, options) => {
    const known = globalService(host)
    if (!known) checkSigningHost(host, argument)
    const service = options.service || target || known || hosts(host, path).service
    checkScopePart('service', service, host)
    const scope = scopeInput(undefined, service!, options)
    return { ...scope, regionSet: readRegionSet(known && regionSet === undefined ? '*' : regionSet, host) }
  }
}

function readRegionSet(regionSet: RegionSet | undefined, host: string): string {
  if (regionSet === undefined)
    fail('ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'missing', `The host ${host} does not identify it.`)
  const regions = Array.isArray(regionSet) ? regionSet.join() : regionSet
  if (typeof regions !== 'string' || !REGIONS.test(regions))
    fail('ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid', "Pass regions, such as 'us-east-1,eu-west-*'.")
  return regions
}

/** Throws if a request has a region, as with Signature Version 4. */
function rejectRegion(options: object): void {
  if (isObject(options) && 'region' in options)
    fail('ERR_INVALID_ARG_VALUE', 'options.region', 'unusable', 'Pass options.regionSet.')
}

/** Returns the endpoint of a Multi-Region Access Point if the bucket is one. */
function multiRegionTarget(target: Target): Target {
  if (!isObject(target) || !('bucket' in target)) return target
  const [, bucket] = ACCESS_POINT.exec(String(target.bucket)) ?? []
  if (!bucket) return target
  if (target.region) fail('ERR_INVALID_ARG_VALUE', 'target.region', 'unusable', 'Pass options.regionSet.')
  const endpoint = target.endpoint ?? 'https://accesspoint.s3-global.amazonaws.com'
  return { ...target, bucket, endpoint, pathStyle: target.pathStyle ?? false }
}
