import { isS3 } from '../core/services.ts'
import { DOMAIN, isAwsRegion, REGION, s3HostScope } from '../core/signing/s3-hosts.ts'
import { element } from '../received/xml.ts'
import type { Failure } from './failure.ts'

/** S3 hosts on AWS: the labels before the region, the region, and the domain of the partition. */
const S3_HOST = /* @__PURE__ */ s3Host()

function s3Host(): RegExp {
  return RegExp(`^((?:.+\\.)?s3(?:-fips)?(?:\\.dualstack)?)(?:[.-]${REGION})?\\.(${DOMAIN})$`)
}

/** The target that a request is redirected to. */
export interface NewTarget {
  readonly reason: 'region' | 'redirect'
  readonly url: string
  readonly region?: string | undefined
}

/** Returns the target in the region of a bucket, if S3 reports that the request was signed for another. */
export function regionalTarget(
  url: string,
  region: string | undefined,
  method: string,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  { code, text = '' }: Failure,
): NewTarget | undefined {
  const isMoved = status === 301 && !headers.has('location')
  if (!isMoved && !(status === 400 && (code === 'AuthorizationHeaderMalformed' || method === 'HEAD'))) return undefined
  const found = headers.get('x-amz-bucket-region') ?? element(text, 'Region') ?? ''
  if (found === region || !isAwsRegion(found)) return undefined
  const next = new URL(url)
  const { hostname } = next
  next.hostname = hostname.replace(S3_HOST, `$1.${found}.$3`)
  // any other endpoint is sent the same request, signed for the region, unless its name contains a different one
  const known = next.hostname === hostname ? s3HostScope(hostname).region : undefined
  if (known && known !== 'auto' && known !== found) return undefined
  return { reason: 'region', url: next.href, region: found }
}

/**
 * Returns the target of a redirect, if it may receive the session token: on the same origin or, from S3, on an S3 host in
 * the same partition. Other names in AWS's domains may belong to anyone.
 */
export function redirectTarget(
  url: string,
  service: string | undefined,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
): NewTarget | undefined {
  const location = headers.get('location')
  if (!location || (status !== 307 && status !== 308)) return undefined
  let next: URL
  try {
    next = new URL(location, url)
  } catch {
    return undefined
  }
  const { origin, host } = new URL(url)
  const target = { reason: 'redirect', url: next.origin + next.pathname + next.search } as const
  if (next.origin === origin) return target
  const [, , , domain] = S3_HOST.exec(host) ?? []
  const [, , region, nextDomain] = S3_HOST.exec(next.host) ?? []
  const staysInS3 = isS3(service) && next.protocol === 'https:' && domain !== undefined && domain === nextDomain
  return staysInS3 ? { ...target, region } : undefined
}
