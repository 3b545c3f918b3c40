import {
  type PresignOptions,
  presign,
  presignDelete,
  presignGet,
  presignHead,
  presignPost,
  presignPut,
  type Target,
} from '../../../src/index.ts'
import { added, credentials, peer, type Row, target, temporary } from '../rows.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: S3 replaces it with the name of the file
const FILENAME = '${filename}'
const OBJECT = { Bucket: target.bucket, Key: target.key }

interface Call {
  command?: string
  input?: object
  options?: object
  client?: object
}

/** Presigns with the AWS SDK. */
function signed({ command = 'PutObject', input, options, client }: Call): Promise<string> {
  const sdk = peer('@aws-sdk/client-s3')
  const { getSignedUrl } = peer('@aws-sdk/s3-request-presigner')
  const s3 = new sdk.S3Client({ region: target.region, credentials, ...client })
  return getSignedUrl(s3, new sdk[`${command}Command`]({ ...OBJECT, ...input }), options)
}

function form(input: object): Promise<object> {
  const { S3Client } = peer('@aws-sdk/client-s3')
  const { createPresignedPost } = peer('@aws-sdk/s3-presigned-post')
  return createPresignedPost(new S3Client({ region: target.region, credentials }), { ...OBJECT, ...input })
}

/** Parameters that the AWS SDK adds to every URL; with them, the signatures are equal. */
const EXTRA = /^(?:x-id|X-Amz-Content-Sha256|x-amz-checksum-(?:crc32|mode)|x-amz-sdk-checksum-algorithm)$/

/** A row for `getSignedUrl`: what sigv4 presigns with the parameters that the AWS SDK adds. */
function url(option: string, call: Call, method: string, given: Partial<PresignOptions>, at: Target = target): Row {
  return [
    option,
    () => signed(call),
    async (theirs: string) => {
      const query = { ...added(theirs, EXTRA), ...given.query }
      return (await presign(method, at, { credentials, ...given, query })).url
    },
  ]
}

const METHODS = [
  ['GetObject', presignGet],
  ['PutObject', presignPut],
  ['HeadObject', presignHead],
  ['DeleteObject', presignDelete],
] as const

export function rows(): Row[] {
  return [
    [
      '`GetObjectCommand`, `PutObjectCommand`, …',
      () => Promise.all(METHODS.map(([command]) => signed({ command }))),
      (theirs: string[]) =>
        Promise.all(
          METHODS.map(
            async ([, method], i) => (await method(target, { credentials, query: added(theirs[i]!, EXTRA) })).url,
          ),
        ),
    ],
    url('`expiresIn`', { options: { expiresIn: 3600 } }, 'PUT', { expires: '1h' }),
    url('`signingDate`', { options: { signingDate: new Date(0) } }, 'PUT', { now: 0 }),
    url(
      '`signingRegion`, `signingService`',
      {
        client: { endpoint: 'https://files.example.com', forcePathStyle: true },
        options: { signingRegion: 'us-east-2', signingService: 's3-object-lambda' },
      },
      'PUT',
      { region: 'us-east-2', service: 's3-object-lambda' },
      'https://files.example.com/photos/r%C3%A9sum%C3%A9%20%281%29.pdf',
    ),
    url(
      "`ContentType` with `signableHeaders: new Set(['content-type'])`",
      { input: { ContentType: 'image/png' }, options: { signableHeaders: new Set(['content-type', 'host']) } },
      'PUT',
      { contentType: 'image/png' },
    ),
    url('`ContentType` alone', { input: { ContentType: 'image/png' } }, 'PUT', {}),
    url('`ContentLength`', { input: { ContentLength: 5 } }, 'PUT', { contentLength: 5 }),
    url(
      '`ContentDisposition`, `ContentEncoding`, `ContentMD5`, …',
      { input: { ContentDisposition: 'attachment', ContentEncoding: 'gzip' } },
      'PUT',
      { headers: { 'content-disposition': 'attachment', 'content-encoding': 'gzip' } },
    ),
    url('`CacheControl`', { input: { CacheControl: 'no-cache' } }, 'PUT', {
      headers: { 'cache-control': 'no-cache' },
      unsignedHeaders: ['cache-control'],
    }),
    url(
      '`Metadata`, `ACL`, `Tagging` with `unhoistableHeaders`',
      {
        input: { Metadata: { owner: 'eric' }, ACL: 'private' },
        options: { unhoistableHeaders: new Set(['x-amz-meta-owner', 'x-amz-acl']) },
      },
      'PUT',
      { headers: { 'x-amz-meta-owner': 'eric', 'x-amz-acl': 'private' } },
    ),
    url('`Metadata`, `ACL`, `Tagging` alone', { input: { Metadata: { owner: 'eric' }, ACL: 'private' } }, 'PUT', {
      query: { 'x-amz-meta-owner': 'eric', 'x-amz-acl': 'private' },
    }),
    url('`ServerSideEncryption`, `SSEKMSKeyId`', { input: { ServerSideEncryption: 'AES256' } }, 'PUT', {
      headers: { 'x-amz-server-side-encryption': 'AES256' },
    }),
    url(
      '`hoistableHeaders`',
      {
        input: { ServerSideEncryption: 'AES256' },
        options: { hoistableHeaders: new Set(['x-amz-server-side-encryption']) },
      },
      'PUT',
      { query: { 'x-amz-server-side-encryption': 'AES256' } },
    ),
    url(
      '`unsignableHeaders`',
      { input: { ContentEncoding: 'gzip' }, options: { unsignableHeaders: new Set(['content-encoding']) } },
      'PUT',
      { headers: { 'content-encoding': 'gzip' }, unsignedHeaders: ['content-encoding'] },
    ),
    url('`ChecksumSHA256`', { input: { ChecksumSHA256: 'A'.repeat(43).concat('=') } }, 'PUT', {
      query: { 'x-amz-checksum-sha256': 'A'.repeat(43).concat('=') },
    }),
    url(
      '`ResponseContentDisposition`',
      { command: 'GetObject', input: { ResponseContentDisposition: 'attachment; filename="cat.jpg"' } },
      'GET',
      { download: 'cat.jpg' },
    ),
    url('`ResponseContentType`, …', { command: 'GetObject', input: { ResponseContentType: 'text/plain' } }, 'GET', {
      query: { 'response-content-type': 'text/plain' },
    }),
    url('`VersionId`', { command: 'GetObject', input: { VersionId: 'v1' } }, 'GET', { query: { versionId: 'v1' } }),
    url(
      '`UploadPartCommand`: `PartNumber`, `UploadId`',
      { command: 'UploadPart', input: { PartNumber: 2, UploadId: 'u1' } },
      'PUT',
      { query: { partNumber: 2, uploadId: 'u1' } },
    ),
    url(
      '`endpoint`, `forcePathStyle`',
      { client: { endpoint: 'http://localhost:9000', forcePathStyle: true } },
      'PUT',
      {},
      { ...target, endpoint: 'http://localhost:9000' },
    ),
    url(
      '`useAccelerateEndpoint`, `useDualstackEndpoint`',
      { client: { useDualstackEndpoint: true } },
      'PUT',
      {},
      'https://photos.s3.dualstack.eu-west-1.amazonaws.com/r%C3%A9sum%C3%A9%20%281%29.pdf',
    ),
    url('`credentials`', { client: { credentials: async () => temporary } }, 'PUT', { credentials: temporary }),
    [
      '`requestChecksumCalculation`, `responseChecksumValidation`',
      () => {
        const client = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }
        return signed({ client })
      },
      async () => {
        const query = { 'x-id': 'PutObject', 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
        return (await presignPut(target, { credentials, query })).url
      },
    ],
    ...forms(),
  ]
}

function forms(): Row[] {
  return [
    ['`Bucket`, `Key`', () => form({ Expires: 900 }), () => presignPost(target, { credentials })],
    [
      `\`Key\` that ends with \`${FILENAME}\``,
      () => form({ Key: `user/eric/${FILENAME}`, Expires: 900 }),
      () => presignPost({ bucket: 'photos', keyPrefix: 'user/eric/', region: 'eu-west-1' }, { credentials }),
    ],
    ['`Expires`', () => form({}), () => presignPost(target, { credentials, expires: '1h' })],
    [
      '`Fields`',
      () => form({ Expires: 900, Fields: { acl: 'private', 'x-amz-meta-owner': 'eric' } }),
      () => presignPost(target, { credentials, fields: { acl: 'private', 'x-amz-meta-owner': 'eric' } }),
    ],
    [
      "`Conditions`: `['content-length-range', 1, 100]`",
      () => form({ Expires: 900, Conditions: [['content-length-range', 1, 100]] }),
      () => presignPost(target, { credentials, contentLengthRange: [1, 100] }),
    ],
    [
      "`Conditions`: `['starts-with', '$Content-Type', 'image/']`",
      () => form({ Expires: 900, Conditions: [['starts-with', '$Content-Type', 'image/']] }),
      () => presignPost(target, { credentials, contentTypePrefix: 'image/' }),
    ],
    [
      'other `Conditions`',
      () => form({ Expires: 900, Conditions: [['starts-with', '$x-amz-meta-tag', '']] }),
      () => presignPost(target, { credentials, conditions: [['starts-with', '$x-amz-meta-tag', '']] }),
    ],
  ]
}
