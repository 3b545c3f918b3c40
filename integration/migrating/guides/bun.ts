import { join } from 'node:path'
import { presign, presignGet, presignPut } from '../../../src/index.ts'
import { batch, dateOf } from '../batch.ts'
import { credentials, HERE, type Row, temporary } from '../rows.ts'

const BUN = join(HERE, '../runtimes/node_modules/@oven/bun-linux-x64/bin/bun')
const key = 'résumé (1).pdf'
const target = { bucket: 'photos', key, region: 'eu-west-1', pathStyle: true }

/** Presigns with Bun 1.4.5 in a process of its own. */
const call = batch<{ client: object; key: string; options: object }>(async () => [BUN, join(HERE, 'bun.js')])
const bun = (options: object = {}, client: object = {}) =>
  call({ client: { ...credentials, bucket: 'photos', region: 'eu-west-1', ...client }, key, options })

const get =
  (more: object = {}, where: object = target) =>
  async (theirs: string) =>
    (await presignGet(where as typeof target, { credentials, expires: '1d', now: dateOf(theirs), ...more })).url
const put = (more: object) => async (theirs: string) =>
  (await presignPut(target, { credentials, expires: '1d', now: dateOf(theirs), ...more })).url

export function rows(): Row[] {
  return [
    ['`accessKeyId`, `secretAccessKey`, `sessionToken`', bun({}, temporary), get({ credentials: temporary })],
    ['`bucket`, `region`', bun(), get()],
    ['`virtualHostedStyle: true`', bun({}, { virtualHostedStyle: true }), get({}, { ...target, pathStyle: false })],
    [
      '`endpoint`',
      bun({}, { endpoint: 'http://localhost:9000' }),
      get({}, { bucket: 'photos', key, region: 'eu-west-1', endpoint: 'http://localhost:9000' }),
    ],
    [
      '`presign(key, { method })`',
      bun({ method: 'DELETE' }),
      async (theirs: string) =>
        (await presign('DELETE', target, { credentials, expires: '1d', now: dateOf(theirs) })).url,
    ],
    ['`expiresIn`', bun({ expiresIn: 60 }), get({ expires: 60 })],
    ['`acl`', bun({ method: 'PUT', acl: 'public-read' }), put({ query: { 'X-Amz-Acl': 'public-read' } })],
    ['`type`', bun({ type: 'text/plain' }), get({ query: { 'response-content-type': 'text/plain' } })],
    [
      '`contentDisposition`',
      bun({ contentDisposition: 'attachment; filename="cat.pdf"' }),
      get({ download: 'cat.pdf' }),
    ],
    [
      '`storageClass`',
      bun({ method: 'PUT', storageClass: 'STANDARD_IA' }),
      put({ query: { 'x-amz-storage-class': 'STANDARD_IA' } }),
    ],
    ['`requestPayer`', bun({ requestPayer: true }), get({ query: { 'x-amz-request-payer': 'requester' } })],
  ]
}
