import { presign, presignGet, presignPost, presignPut } from '../../../src/index.ts'
import { credentials, NOW, peer, type Row, temporary } from '../rows.ts'

const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials
const LOCAL = { endPoint: 'localhost', port: 9000, useSSL: false, region: 'us-east-1', accessKey, secretKey }
const KEY = 'résumé (1).pdf'
const target = { bucket: 'photos', key: KEY, region: 'us-east-1', endpoint: 'http://localhost:9000' }
const WEEK = '7d'

// biome-ignore lint/suspicious/noExplicitAny: the package may not be installed when this is type-checked
const client = (options: object = {}): any => new (peer('minio').Client)({ ...LOCAL, ...options })

/** Presigns a form with minio-js for 15 minutes. */
async function form(...calls: [method: string, ...values: unknown[]][]): Promise<object> {
  const policy = client().newPostPolicy()
  policy.setBucket('photos')
  policy.setExpires(new Date(NOW + 900_000))
  if (!calls.some(([method]) => method.startsWith('setKey'))) policy.setKey(KEY)
  for (const [method, ...values] of calls) policy[method](...values)
  const { postURL, formData } = await client().presignedPostPolicy(policy)
  return { url: postURL, fields: formData }
}

export function rows(): Row[] {
  return [
    [
      '`endPoint`, `port`, `useSSL`',
      () => client().presignedGetObject('photos', KEY, 60),
      async () => (await presignGet(target, { credentials, expires: 60 })).url,
    ],
    [
      '`region`',
      () => client({ region: 'eu-west-1' }).presignedGetObject('photos', KEY, 60),
      async () => (await presignGet({ ...target, region: 'eu-west-1' }, { credentials, expires: 60 })).url,
    ],
    [
      '`pathStyle: false`',
      () =>
        client({ endPoint: 's3.example.com', port: 443, useSSL: true, pathStyle: false }).presignedGetObject(
          'photos',
          KEY,
          60,
        ),
      async () => {
        const hosted = { ...target, endpoint: 'https://s3.example.com', pathStyle: false }
        return (await presignGet(hosted, { credentials, expires: 60 })).url
      },
    ],
    [
      '`accessKey`, `secretKey`, `sessionToken`',
      () => client({ sessionToken: temporary.sessionToken }).presignedGetObject('photos', KEY, 60),
      async () => (await presignGet(target, { credentials: temporary, expires: 60 })).url,
    ],
    [
      '`presignedGetObject(bucket, key)`',
      () => client().presignedGetObject('photos', KEY),
      async () => (await presignGet(target, { credentials, expires: WEEK })).url,
    ],
    [
      '`presignedPutObject(bucket, key)`',
      () => client().presignedPutObject('photos', KEY),
      async () => (await presignPut(target, { credentials, expires: WEEK })).url,
    ],
    [
      '`presignedUrl(method, bucket, key)`',
      () => client().presignedUrl('DELETE', 'photos', KEY),
      async () => (await presign('DELETE', target, { credentials, expires: WEEK })).url,
    ],
    [
      '`expiry`',
      () => client().presignedPutObject('photos', KEY, 3600),
      async () => (await presignPut(target, { credentials, expires: '1h' })).url,
    ],
    [
      '`respHeaders`',
      () => client().presignedGetObject('photos', KEY, 60, { 'response-content-type': 'text/plain' }),
      async () => {
        const query = { 'response-content-type': 'text/plain' }
        return (await presignGet(target, { credentials, expires: 60, query })).url
      },
    ],
    [
      '`reqParams`',
      () => client().presignedUrl('GET', 'photos', KEY, 60, { versionId: 'v1' }),
      async () => (await presignGet(target, { credentials, expires: 60, query: { versionId: 'v1' } })).url,
    ],
    [
      '`requestDate`',
      () => client().presignedGetObject('photos', KEY, 60, {}, new Date(0)),
      async () => (await presignGet(target, { credentials, expires: 60, now: 0 })).url,
    ],
    ['`setBucket`, `setKey`', () => form(), () => presignPost(target, { credentials })],
    [
      '`setKeyStartsWith`',
      () => form(['setKeyStartsWith', 'user/eric/']),
      async () => {
        const { key: _, ...bucket } = target
        const post = await presignPost({ ...bucket, keyPrefix: 'user/eric/' }, { credentials })
        return { ...post, fields: { ...post.fields, key: 'user/eric/' } }
      },
    ],
    [
      '`setExpires`',
      () => form(['setExpires', new Date(NOW + 60_000)]),
      () => presignPost(target, { credentials, expires: new Date(NOW + 60_000) }),
    ],
    [
      '`setContentType`',
      () => form(['setContentType', 'image/png']),
      () => presignPost(target, { credentials, contentType: 'image/png' }),
    ],
    [
      '`setContentTypeStartsWith`',
      () => form(['setContentTypeStartsWith', 'image/']),
      async () => {
        const post = await presignPost(target, { credentials, contentTypePrefix: 'image/' })
        return { ...post, fields: { ...post.fields, 'Content-Type': 'image/' } }
      },
    ],
    [
      '`setContentLengthRange`',
      () => form(['setContentLengthRange', 1, 100]),
      () => presignPost(target, { credentials, contentLengthRange: [1, 100] }),
    ],
    [
      '`setContentDisposition`',
      () => form(['setContentDisposition', 'attachment']),
      () => presignPost(target, { credentials, fields: { 'Content-Disposition': 'attachment' } }),
    ],
    [
      '`setUserMetaData`',
      () => form(['setUserMetaData', { owner: 'eric' }]),
      () => presignPost(target, { credentials, fields: { 'x-amz-meta-owner': 'eric' } }),
    ],
  ]
}
