import { presignGet, presignPut } from '../../../src/index.ts'
import { credentials, peer, type Row } from '../rows.ts'

const ENDPOINT = 'https://storage.example.com/photos'
const key = 'résumé (1).pdf'
const target = { bucket: 'photos', key, region: 'eu-west-1', endpoint: 'https://storage.example.com' }
const HOUR = { credentials, expires: '1h' }

/** Presigns with s3mini. */
const mini =
  (method: 'GET' | 'PUT', more: readonly unknown[] = [], options: object = {}) =>
  () =>
    new (peer('s3mini').S3mini)({
      ...credentials,
      endpoint: ENDPOINT,
      region: 'eu-west-1',
      ...options,
    }).getPresignedUrl(method, key, ...more)

export function rows(): Row[] {
  return [
    ['`accessKeyId`, `secretAccessKey`', mini('GET'), async () => (await presignGet(target, HOUR)).url],
    [
      '`endpoint`',
      mini('GET', [], { endpoint: 'https://photos.storage.example.com' }),
      async () => (await presignGet({ ...target, pathStyle: false }, HOUR)).url,
    ],
    [
      '`region`',
      mini('GET', [], { region: 'auto' }),
      async () => (await presignGet({ ...target, region: 'auto' }, HOUR)).url,
    ],
    ["`getPresignedUrl('GET', key)`", mini('GET'), async () => (await presignGet(target, HOUR)).url],
    ["`getPresignedUrl('PUT', key)`", mini('PUT'), async () => (await presignPut(target, HOUR)).url],
    ['`expiresIn`', mini('GET', [60]), async () => (await presignGet(target, { credentials, expires: 60 })).url],
    [
      '`queryParams`',
      mini('GET', [3600, { versionId: 'v1' }]),
      async () => (await presignGet(target, { ...HOUR, query: { versionId: 'v1' } })).url,
    ],
    [
      '`headers`',
      mini('PUT', [3600, {}, { 'Content-Type': 'text/plain', 'x-amz-meta-owner': 'eric' }]),
      async () =>
        (await presignPut(target, { ...HOUR, contentType: 'text/plain', headers: { 'x-amz-meta-owner': 'eric' } })).url,
    ],
  ]
}
