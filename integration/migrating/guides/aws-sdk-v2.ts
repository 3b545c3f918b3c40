import { type PresignOptions, presign, presignPost, sign, type Target } from '../../../src/index.ts'
import { credentials, peer, type Row, type Signed, target, temporary } from '../rows.ts'

const OBJECT = { Bucket: target.bucket, Key: target.key }

// biome-ignore lint/suspicious/noExplicitAny: the package may not be installed when this is type-checked
function client(options: object = {}): any {
  const { S3, Credentials } = peer('aws-sdk')
  return new S3({
    region: target.region,
    signatureVersion: 'v4',
    credentials: new Credentials(credentials),
    ...options,
  })
}

interface Call {
  operation?: string
  params?: object
  client?: object
}

/** A row for `getSignedUrl`. */
function url(
  option: string,
  call: Call,
  given: Partial<PresignOptions> = {},
  method = 'GET',
  at: Target = target,
): Row {
  const { operation = 'getObject', params, client: options } = call
  return [
    option,
    () => client(options).getSignedUrl(operation, { ...OBJECT, ...params }),
    async () => (await presign(method, at, { credentials, ...given })).url,
  ]
}

/** Presigns a form with the AWS SDK, for the host of the bucket. */
function form(params: object): object {
  const { url, fields } = client().createPresignedPost({ Bucket: target.bucket, Expires: 900, ...params })
  return { url: url.replace(/https:\/\/(.*)\/photos$/, 'https://photos.$1'), fields }
}

/** Signs a request in the Authorization header with the AWS SDK. */
function signed(): Signed {
  const AWS = peer('aws-sdk')
  const request = new AWS.HttpRequest('https://search-a.eu-west-1.es.amazonaws.com/_search', target.region)
  Object.assign(request, { method: 'POST', body: '{}' })
  request.headers.Host = request.endpoint.host
  request.headers['Content-Type'] = 'application/json'
  new AWS.Signers.V4(request, 'es').addAuthorization(new AWS.Credentials(credentials), new Date())
  const { 'X-Amz-User-Agent': _, 'User-Agent': __, ...headers } = request.headers
  return { url: 'https://search-a.eu-west-1.es.amazonaws.com/_search', headers }
}

export function rows(): Row[] {
  return [
    url("`getSignedUrl('getObject', params)`", {}),
    [
      '`getSignedUrlPromise`',
      () => client().getSignedUrlPromise('deleteObject', OBJECT),
      async () => (await presign('DELETE', target, { credentials })).url,
    ],
    url('`Expires`', { params: { Expires: 3600 } }, { expires: '1h' }),
    url(
      '`ResponseContentDisposition`',
      { params: { ResponseContentDisposition: 'attachment; filename="cat.jpg"' } },
      { download: 'cat.jpg' },
    ),
    url(
      '`ResponseContentType`, …',
      { params: { ResponseContentType: 'text/plain' } },
      { query: { 'response-content-type': 'text/plain' } },
    ),
    url('`VersionId`', { params: { VersionId: 'v1' } }, { query: { versionId: 'v1' } }),
    url(
      "`getSignedUrl('uploadPart', …)`: `PartNumber`, `UploadId`",
      { operation: 'uploadPart', params: { PartNumber: 2, UploadId: 'u1' } },
      { query: { partNumber: 2, uploadId: 'u1' } },
      'PUT',
    ),
    url(
      '`ContentType`',
      { operation: 'putObject', params: { ContentType: 'image/png' } },
      { query: { 'Content-Type': 'image/png' } },
      'PUT',
    ),
    url(
      '`Metadata`, `ACL`, `CacheControl`, …',
      { operation: 'putObject', params: { Metadata: { owner: 'eric' }, ACL: 'private', CacheControl: 'no-cache' } },
      {
        headers: { 'x-amz-meta-owner': 'eric', 'x-amz-acl': 'private', 'cache-control': 'no-cache' },
        query: { 'x-amz-meta-owner': 'eric', 'x-amz-acl': 'private', 'Cache-Control': 'no-cache' },
      },
      'PUT',
    ),
    url('`credentials`', { client: { credentials: temporary } }, { credentials: temporary }),
    url(
      '`endpoint`, `s3ForcePathStyle`',
      { client: { endpoint: 'http://localhost:9000', s3ForcePathStyle: true } },
      {},
      'GET',
      {
        ...target,
        endpoint: 'http://localhost:9000',
      },
    ),
    url(
      '`useAccelerateEndpoint`, `useDualstackEndpoint`',
      { client: { useAccelerateEndpoint: true } },
      { region: 'eu-west-1' },
      'GET',
      'https://photos.s3-accelerate.amazonaws.com/r%C3%A9sum%C3%A9%20%281%29.pdf',
    ),
    url('`systemClockOffset`', { client: { systemClockOffset: 60_000 } }, { now: Date.UTC(2026, 0, 31, 12, 1) }),
    [
      '`createPresignedPost`: `Bucket`, `Fields: { key }`',
      () => form({ Fields: { key: target.key } }),
      () => presignPost(target, { credentials }),
    ],
    [
      '`createPresignedPost`: `Expires`',
      () => form({ Fields: { key: target.key }, Expires: undefined }),
      () => presignPost(target, { credentials, expires: '1h' }),
    ],
    [
      '`createPresignedPost`: other `Fields`',
      () => form({ Fields: { key: target.key, acl: 'private' } }),
      () => presignPost(target, { credentials, fields: { acl: 'private' } }),
    ],
    [
      '`createPresignedPost`: `Conditions`',
      () => form({ Fields: { key: target.key }, Conditions: [['content-length-range', 1, 100]] }),
      () => presignPost(target, { credentials, contentLengthRange: [1, 100] }),
    ],
    [
      '`new AWS.Signers.V4(request, service).addAuthorization(…)`',
      signed,
      () => {
        const headers = { 'content-type': 'application/json' }
        const request = {
          method: 'POST',
          url: 'https://search-a.eu-west-1.es.amazonaws.com/_search',
          headers,
          body: '{}',
        }
        return sign(request, { credentials, unsignedHeaders: ['content-type'] })
      },
    ],
  ]
}
