import { describe, expect, it } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as sigv4a from '../../src/sigv4a.ts'
import * as sync from '../../src/sync.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// The hosts and services are those of the endpoint rules of @aws-sdk/client-s3 3.1175.0.

const ACCOUNT = '123456789012'
const OUTPOST = 'op-01234567890123456'
const credentials = { ...CREDENTIALS }

const accessPoints: readonly (readonly [arn: string, host: string, region: string, service: string])[] = [
  ...(
    [
      ['aws', 'eu-west-1', 'amazonaws.com'],
      ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
      ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
      ['aws-eusc', 'eusc-de-east-1', 'amazonaws.eu'],
      ['aws-iso', 'us-iso-east-1', 'c2s.ic.gov'],
      ['aws-iso-b', 'us-isob-east-1', 'sc2s.sgov.gov'],
      ['aws-iso-e', 'eu-isoe-west-1', 'cloud.adc-e.uk'],
      ['aws-iso-f', 'us-isof-south-1', 'csp.hci.ic.gov'],
    ] as const
  ).flatMap(([partition, region, domain]) => [
    [
      `arn:${partition}:s3:${region}:${ACCOUNT}:accesspoint/photos`,
      `photos-${ACCOUNT}.s3-accesspoint.${region}.${domain}`,
      region,
      's3',
    ] as const,
    [
      `arn:${partition}:s3-object-lambda:${region}:${ACCOUNT}:accesspoint/photos`,
      `photos-${ACCOUNT}.s3-object-lambda.${region}.${domain}`,
      region,
      's3-object-lambda',
    ] as const,
    [
      `arn:${partition}:s3-outposts:${region}:${ACCOUNT}:outpost/${OUTPOST}/accesspoint/photos`,
      `photos-${ACCOUNT}.${OUTPOST}.s3-outposts.${region}.${domain}`,
      region,
      's3-outposts',
    ] as const,
  ]),
  [
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint:photos`,
    `photos-${ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com`,
    'eu-west-1',
    's3',
  ],
  [
    `arn:aws:s3-outposts:eu-west-1:${ACCOUNT}:outpost:${OUTPOST}:accesspoint:photos`,
    `photos-${ACCOUNT}.${OUTPOST}.s3-outposts.eu-west-1.amazonaws.com`,
    'eu-west-1',
    's3-outposts',
  ],
]

describe.each([
  ['sigv4', asynchronous],
  ['sigv4/sync', sync],
])('accessPoint of %s', (_, { accessPoint, objectUrl, presignGet, presignPut }) => {
  it.each(accessPoints)('reads %s', async (arn, host, region, service) => {
    const target = { ...accessPoint(arn), key: 'a/résumé (1).pdf' }
    expect(objectUrl(target)).toBe(`https://${host}/a/r%C3%A9sum%C3%A9%20%281%29.pdf`)
    const { url } = await presignGet(target, { credentials })
    expect(url).toContain(`https://${host}/a/r%C3%A9sum%C3%A9%20%281%29.pdf?`)
    const scope = new URL(url).searchParams.get('X-Amz-Credential')!.split('/').slice(2)
    expect(scope).toEqual([region, service, 'aws4_request'])
    const request = { method: 'GET', url: url.slice(`https://${host}`.length), headers: { host } }
    const verified = await verify(request, { credentials: () => credentials.secretAccessKey, region, service })
    expect(verified.accessKeyId).toBe(credentials.accessKeyId)
  })

  it('accepts a different endpoint, such as one for dual-stack', async () => {
    const endpoint = 'https://s3-accesspoint.dualstack.eu-west-1.amazonaws.com'
    const target = { ...accessPoint(`arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos`), key: 'cat.jpg', endpoint }
    const { url } = await presignPut(target, { credentials })
    expect(url).toContain(`https://photos-${ACCOUNT}.s3-accesspoint.dualstack.eu-west-1.amazonaws.com/cat.jpg?`)
  })

  it.each([
    `arn:aws:s3::${ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap`,
    `arn:aws:s3::${ACCOUNT}:accesspoint:mfzwi23gnjvgw.mrap`,
  ])('names sigv4/sigv4a for %s', (arn) => {
    expect(() => accessPoint(arn)).toThrow(
      expect.objectContaining({
        code: 'ERR_SIGV4_SCOPE_UNKNOWN',
        argument: 'arn',
        reason: 'unusable',
        message: "arn cannot be used here. Pass a Multi-Region Access Point as the bucket to 'sigv4/sigv4a'.",
      }),
    )
  })

  it.each([
    '',
    'photos',
    'arn:aws:s3:::photos',
    'arn:aws:s3:::photos/cat.jpg',
    `arn:aws:s3:eu-west-1:${ACCOUNT}:bucket/photos`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos.x`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos/object/cat.jpg`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos_x`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos\n`,
    `arn:aws:s3:eu-west-1::accesspoint/photos`,
    `arn:aws:s3:evil.example/:${ACCOUNT}:accesspoint/photos`,
    `arn:aws:s3::${ACCOUNT}:accesspoint/photos`,
    `arn:aws:s3:europe:${ACCOUNT}:accesspoint/photos`,
    `arn:aws:s3:eu-west-1:1234:accesspoint/photos`,
    `arn:aws:s3-outposts:eu-west-1:${ACCOUNT}:accesspoint/photos`,
    `arn:aws:s3-outposts:eu-west-1:${ACCOUNT}:outpost/${OUTPOST}`,
    `arn:aws:s3-outposts:eu-west-1:${ACCOUNT}:outpost/${OUTPOST}/bucket/photos`,
    `arn:aws:s3:eu-west-1:${ACCOUNT}:outpost/${OUTPOST}/accesspoint/photos`,
    `arn:aws:s3express:us-east-1:${ACCOUNT}:accesspoint/photos--use1-az4--xa-s3`,
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:photos`,
    ` arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos`,
    ` arn:aws:s3::${ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap`,
    `arn:aws:s3::${ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap/object/cat.jpg`,
  ])('rejects %j', (arn) => {
    expect(() => accessPoint(arn)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        argument: 'arn',
        reason: 'invalid',
        message:
          'arn is not valid. Pass the ARN of an access point, such as arn:aws:s3:eu-west-1:123456789012:accesspoint/photos.',
      }),
    )
  })

  it.each([undefined, null, 1, {}, ['arn']])('rejects %j, which is not a string', (arn) => {
    expect(() => accessPoint(arn as string)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        argument: 'arn',
        reason: 'type',
        message: 'arn has the wrong type. Pass the ARN of an access point.',
      }),
    )
  })

  it.each([
    `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint/photos`,
    `arn:aws:s3::${ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap`,
  ])('is named by the error for the bucket %s', async (bucket) => {
    const message = 'target.bucket is not valid. For an ARN, use accessPoint.'
    const target = { bucket, key: 'cat.jpg', region: 'eu-west-1' }
    await expect((async () => presignGet(target, { credentials }))()).rejects.toThrow(message)
    expect(() => objectUrl(target)).toThrow(message)
  })

  it('presigns for an access point of a directory bucket by its name', async () => {
    const bucket = 'photos--use1-az4--xa-s3'
    const { url } = await presignGet({ bucket, key: 'cat.jpg', region: 'us-east-1' }, { credentials })
    expect(url).toContain(`https://${bucket}.s3express-use1-az4.us-east-1.amazonaws.com/cat.jpg?`)
    expect(url).toContain('%2Fs3express%2Faws4_request')
  })
})

it('is a target for Signature Version 4a, too, which Outposts accept', async () => {
  const arn = `arn:aws:s3-outposts:eu-west-1:${ACCOUNT}:outpost/${OUTPOST}/accesspoint/photos`
  const target = { ...sync.accessPoint(arn), key: 'cat.jpg' }
  const { url } = await sigv4a.presignGet(target, { credentials, regionSet: 'eu-west-1' })
  expect(url).toContain(`https://photos-${ACCOUNT}.${OUTPOST}.s3-outposts.eu-west-1.amazonaws.com/cat.jpg?`)
  expect(url).toContain('%2Fs3-outposts%2Faws4_request')
})
