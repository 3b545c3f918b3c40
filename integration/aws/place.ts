import type { SecretCredentials } from '../../src/credentials.ts'
import { accessPoint, objectUrl, type S3Object, sign, type UnsignedRequest } from '../../src/index.ts'
import * as sigv4a from '../../src/sigv4a.ts'
import type { Sendable } from '../servers/wire.ts'
import type { Options } from './options.ts'

/** A bucket, or an access point, in which objects are stored. */
export interface Place {
  /** The object of a key. */
  object(key: string): S3Object
  /** The URL of the bucket, with a query string. */
  url(query?: string): string
  /** Signs a request with an Authorization header. */
  sign(request: UnsignedRequest): Promise<Sendable>
  /** Whether it has an operation that deletes a list of keys. */
  readonly deletesLists: boolean
}

type Signer = (request: UnsignedRequest) => Promise<Sendable>

function placeOf(bucket: Omit<S3Object, 'key'>, signer: Signer, deletesLists = true): Place {
  const object = (key: string): S3Object => ({ ...bucket, key })
  const url = (query = '') => new URL(`.${query}`, objectUrl(object('x'))).href
  return { object, url, sign: signer, deletesLists }
}

/** The bucket itself: in an AWS host, or in the path of another server. */
export function bucketPlace({ bucket, region, endpoint }: Options, credentials: SecretCredentials): Place {
  const target = { bucket, region, ...(endpoint && { endpoint, pathStyle: true }) }
  return placeOf(target, (request) => sign(request, { credentials, region, service: 's3' }))
}

/** An access point, by its ARN or alias. */
export function accessPointPlace(given: string, region: string, credentials: SecretCredentials): Place {
  const target = given.startsWith('arn:') ? accessPoint(given) : { bucket: given, region }
  return placeOf(target, (request) => sign(request, { credentials }))
}

/** An S3 Express directory bucket; `session` returns the credentials of its session. */
export function expressPlace(bucket: string, region: string, session: () => Promise<SecretCredentials>): Place {
  return placeOf({ bucket, region }, (request) => sign(request, { credentials: session }))
}

/** A Multi-Region Access Point, whose requests are signed with Signature Version 4a. */
export function multiRegionPlace(arn: string, credentials: SecretCredentials): Place {
  const [, name] = /:accesspoint[/:]([\w-]+\.mrap)$/.exec(arn) ?? []
  const url = (query = '') => `https://${name}.accesspoint.s3-global.amazonaws.com/${query}`
  const signer: Signer = (request) => sigv4a.sign(request, { credentials })
  return { object: (key) => ({ bucket: arn, key }), url, sign: signer, deletesLists: false }
}
