// biome-ignore-all lint/suspicious/noTemplateCurlyInString: S3's own variable

import { join } from 'node:path'
import { presign, presignGet, presignPost, presignPut } from '../../../src/index.ts'
import { pythonWithBoto } from '../../support/boto.ts'
import { batch, dateOf } from '../batch.ts'
import { credentials, HERE, type Row, target, temporary } from '../rows.ts'

/** Calls boto3 in a process of its own. */
const call = batch<object>(async () => [await pythonWithBoto(), join(HERE, 'boto.py')])
const client = {
  region_name: 'eu-west-1',
  aws_access_key_id: credentials.accessKeyId,
  aws_secret_access_key: credentials.secretAccessKey,
}
const OBJECT = { Bucket: 'photos', Key: target.key }

const url = (operation: string, params: object = {}, options: object = {}, more: object = {}) =>
  call({
    method: 'generate_presigned_url',
    args: [operation, { ...OBJECT, ...params }],
    options,
    ...{ client, ...more },
  })
const form = (key: string, options: object = {}) =>
  call({ method: 'generate_presigned_post', args: ['photos', key], options, client })

const common = (theirs: never) => ({ credentials, expires: '1h', now: dateOf(theirs) })
const get =
  (more: object = {}, where: object = target) =>
  async (theirs: never) =>
    (await presignGet(where as typeof target, { ...common(theirs), ...more })).url
const put = (more: object) => async (theirs: never) => (await presignPut(target, { ...common(theirs), ...more })).url
const post =
  (more: object = {}) =>
  (theirs: never) =>
    presignPost(target, { ...common(theirs), ...more })

export function rows(): Row[] {
  return [
    ["`generate_presigned_url('get_object', Params)`", url('get_object'), get()],
    ['`ExpiresIn`', url('get_object', {}, { ExpiresIn: 60 }), get({ expires: 60 })],
    [
      '`HttpMethod`',
      url('get_object', {}, { HttpMethod: 'HEAD' }),
      async (theirs) => (await presign('HEAD', target, common(theirs))).url,
    ],
    ['`ContentType`', url('put_object', { ContentType: 'text/plain' }), put({ contentType: 'text/plain' })],
    ['`ContentLength`', url('put_object', { ContentLength: 5 }), put({ contentLength: 5 })],
    [
      '`Metadata`, `ACL`, `CacheControl`, `ServerSideEncryption`, …',
      url('put_object', { Metadata: { owner: 'eric' }, ACL: 'private', CacheControl: 'no-cache' }),
      put({ headers: { 'x-amz-meta-owner': 'eric', 'x-amz-acl': 'private', 'cache-control': 'no-cache' } }),
    ],
    [
      '`Range`',
      url('get_object', { Range: 'bytes=0-1' }),
      get({ headers: { range: 'bytes=0-1' }, signedHeaders: ['range'] }),
    ],
    [
      '`ResponseContentType`, …',
      url('get_object', { ResponseContentType: 'text/plain' }),
      get({ query: { 'response-content-type': 'text/plain' } }),
    ],
    [
      '`ResponseContentDisposition`',
      url('get_object', { ResponseContentDisposition: 'attachment; filename="cat.pdf"' }),
      get({ download: 'cat.pdf' }),
    ],
    ['`VersionId`', url('get_object', { VersionId: 'v1' }), get({ query: { versionId: 'v1' } })],
    [
      "`'upload_part'`: `PartNumber`, `UploadId`",
      url('upload_part', { PartNumber: 1, UploadId: 'u' }),
      put({ query: { partNumber: 1, uploadId: 'u' } }),
    ],
    [
      '`aws_session_token`, …',
      url('get_object', {}, {}, { client: { ...client, aws_session_token: temporary.sessionToken } }),
      get({ credentials: temporary }),
    ],
    [
      '`endpoint_url`',
      url('get_object', {}, {}, { client: { ...client, endpoint_url: 'http://localhost:9000' }, style: 'path' }),
      get({}, { ...target, endpoint: 'http://localhost:9000' }),
    ],
    [
      "`addressing_style: 'path'`",
      url('get_object', {}, {}, { style: 'path' }),
      get({}, { ...target, pathStyle: true }),
    ],
    ['`generate_presigned_post(Bucket, Key)`', form(target.key), post()],
    [
      '`Key` that ends with `${filename}`',
      form('user/${filename}'),
      (theirs) => presignPost({ bucket: 'photos', keyPrefix: 'user/', region: 'eu-west-1' }, common(theirs)),
    ],
    [
      '`Fields`, with a condition for each',
      form(target.key, { Fields: { acl: 'private' }, Conditions: [{ acl: 'private' }] }),
      post({ fields: { acl: 'private' } }),
    ],
    [
      "`Conditions`: `['content-length-range', 1, 100]`",
      form(target.key, { Conditions: [['content-length-range', 1, 100]] }),
      post({ contentLengthRange: [1, 100] }),
    ],
    ['`ExpiresIn` of a form', form(target.key, { ExpiresIn: 60 }), post({ expires: 60 })],
  ]
}
