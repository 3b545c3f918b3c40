import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { deriveSigningKey, presign, presignDelete, presignGet, presignHead, presignPut } from '../../../src/index.ts'
import * as sync from '../../../src/sync.ts'
import { text } from '../../servers/wire.ts'
import { onAws, type Row, row } from '../row.ts'
import { loadText, store } from './objects.ts'

const HOUR = 60 * 60 * 1000

export const presignedRows: readonly Row[] = [
  row('presigned: PUT, GET, HEAD, and DELETE', async (lab) => {
    const { credentials } = lab
    const content = randomBytes(100_000)
    const target = lab.object('photo.bin')
    const headers = { 'x-amz-meta-note': "it's (me)!* $5" }
    const upload = await presignPut(target, { credentials, contentType: 'image/x-test', headers })
    await lab.accepted({ ...upload, body: content })
    const download = await presignGet(target, { credentials })
    const { body } = await lab.accepted(download)
    assert.equal(Buffer.compare(body, content), 0, 'the bytes that were read differ from those that were stored')
    const head = await lab.accepted(await presignHead(target, { credentials }))
    assert.equal(head.headers.get('content-length'), String(content.length))
    assert.equal(head.headers.get('content-type'), 'image/x-test')
    assert.equal(head.headers.get('x-amz-meta-note'), headers['x-amz-meta-note'])
    assert.equal((await lab.accepted(await presignDelete(target, { credentials }))).status, 204)
    await lab.missing(download)
    await lab.missing(await presignHead(target, { credentials }))
  }),

  row('presigned: a URL for seven days, and one that was signed half an hour ago', async (lab) => {
    const { credentials } = lab
    await store(lab, 'week', 'long')
    await lab.accepted(await presignGet(lab.object('week'), { credentials, expires: '7d' }))
    const now = Date.now() - HOUR / 2
    await lab.accepted(await presignGet(lab.object('week'), { credentials, expires: '1h', now }))
  }),

  row('presigned: a bound body, and another one', async (lab) => {
    const { credentials } = lab
    const payloadHash = createHash('sha256').update('bound').digest('hex')
    const upload = await presignPut(lab.object('bound'), { credentials, payloadHash })
    await lab.accepted({ ...upload, body: 'bound' })
    await lab.rejected({ ...upload, body: 'other' }, { status: 400, code: 'XAmzContentSHA256Mismatch' })
    assert.equal(await loadText(lab, 'bound'), 'bound')
  }),

  row('presigned: a bound content length', async (lab) => {
    const { credentials } = lab
    const upload = await presignPut(lab.object('length'), { credentials, contentLength: 5 })
    await lab.accepted({ ...upload, body: '12345' }, '12345')
    assert.equal(await loadText(lab, 'length'), '12345')
  }),

  row('presigned: a range that is signed', async (lab) => {
    const { credentials } = lab
    await store(lab, 'digits', '0123456789')
    const headers = { range: 'bytes=3-6' }
    const signedHeaders = ['range']
    const reply = await lab.accepted(await presignGet(lab.object('digits'), { credentials, headers, signedHeaders }))
    assert.deepEqual([reply.status, text(reply)], [206, '3456'])
  }),

  row('presigned: with a signing key instead of the secret', async (lab) => {
    const { accessKeyId, sessionToken } = lab.credentials
    const { region } = lab.setting.options
    const now = Date.now()
    const signingKey = await deriveSigningKey({ date: now, region, service: 's3' }, { credentials: lab.credentials })
    const credentials = { accessKeyId, signingKey, ...(sessionToken && { sessionToken }) }
    await lab.accepted({ ...(await presignPut(lab.object('key'), { credentials, now })), body: 'by its key' })
    assert.equal(await loadText(lab, 'key'), 'by its key')
  }),

  row('presigned: with sigv4/sync', async (lab) => {
    const { credentials } = lab
    await lab.accepted({ ...sync.presignPut(lab.object('sync ü'), { credentials }), body: 'sync' })
    await lab.accepted(sync.presignGet(lab.object('sync ü'), { credentials }))
  }),

  row('presigned: the bucket in the path', async (lab) => {
    const { credentials } = lab
    const target = { ...lab.object('in the path'), pathStyle: true }
    await lab.accepted({ ...(await presignPut(target, { credentials })), body: 'path' })
    assert.equal(await loadText(lab, 'in the path'), 'path')
  }),

  row(
    'presigned: the dual-stack host',
    async (lab) => {
      const { credentials, setting } = lab
      const { bucket, region } = setting.options
      await store(lab, 'dual', 'stack')
      const url = `https://${bucket}.s3.dualstack.${region}.amazonaws.com/${lab.key('dual')}`
      assert.equal(text(await lab.accepted(await presign('GET', url, { credentials }))), 'stack')
    },
    onAws,
  ),
]
