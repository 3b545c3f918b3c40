import { fail } from '../core/errors.ts'
import { isAwsRegion, regionalHost } from '../core/signing/s3-hosts.ts'
import type { S3Object } from '../core/signing/target.ts'

/** The services that have access points: the start of their hosts, before the region, and whether they are on an Outpost. */
const ACCESS_POINTS: Readonly<Record<string, readonly [host: string, isOnOutpost: boolean]>> = {
  s3: ['s3-accesspoint', false],
  's3-object-lambda': ['s3-object-lambda', false],
  's3-outposts': ['s3-outposts', true],
}

/** The target of an object of an access point, without its key. */
export type AccessPoint = Required<Omit<S3Object, 'key'>>

/**
 * Reads the ARN of an S3 access point, of an access point on an Outpost, or of an Object Lambda access point. All AWS
 * partitions are supported. Pass the result with a key wherever an S3 object can be passed.
 *
 * @param arn - The ARN: `arn:aws:s3:eu-west-1:123456789012:accesspoint/photos`. The alias of an access point is a bucket
 * name, and needs no ARN.
 * @returns The members of an S3 object other than `key`: `{ bucket, region, endpoint, pathStyle, service }`. To use a dual-stack, FIPS,
 * or VPC endpoint, replace `endpoint`.
 * @throws `ERR_SIGV4_SCOPE_UNKNOWN` for a Multi-Region Access Point, which requires `sigv4/sigv4a`; `TypeError` with
 * `ERR_INVALID_ARG_VALUE` for any other ARN, and with `ERR_INVALID_ARG_TYPE` for a value that is not a string.
 * @example
 * ```ts
 * import { accessPoint, presignGet } from 'sigv4'
 *
 * const photos = accessPoint('arn:aws:s3:eu-west-1:123456789012:accesspoint/photos')
 * const { url } = await presignGet(
 *   { ...photos, key: 'cat.jpg' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * // https://photos-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
 */
export function accessPoint(arn: string): AccessPoint {
  if (typeof arn !== 'string') fail('ERR_INVALID_ARG_TYPE', 'arn', 'type', 'Pass the ARN of an access point.')
  if (/^arn:[\w-]+:s3::\d+:accesspoint[/:][\w-]+\.mrap$/.test(arn))
    fail(
      'ERR_SIGV4_SCOPE_UNKNOWN',
      'arn',
      'unusable',
      "Pass a Multi-Region Access Point as the bucket to 'sigv4/sigv4a'.",
    )
  const [, service = '', region = '', account, outpost, name] =
    /^arn:aws[a-z-]*:(s3[a-z-]*):([a-z\d-]+):(\d{12}):(?:outpost[/:]([a-z\d-]+)[/:])?accesspoint[/:]([a-z\d-]+)$/.exec(
      arn,
    ) ?? []
  const [host, isOnOutpost] = ACCESS_POINTS[service] ?? []
  if (!host || !isAwsRegion(region) || isOnOutpost !== (outpost !== undefined))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'arn',
      'invalid',
      'Pass the ARN of an access point, such as arn:aws:s3:eu-west-1:123456789012:accesspoint/photos.',
    )
  const endpoint = `https://${outpost ? `${outpost}.` : ''}${regionalHost(host, region)}`
  return { bucket: `${name}-${account}`, region, endpoint, pathStyle: false, service }
}
