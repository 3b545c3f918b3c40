import assert from 'node:assert/strict'
import { type PresignPostOptions, presignPost } from '../../../src/index.ts'
import { text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { load, loadText } from './objects.ts'

const FILE = new File(['hello, hello'], 'hällo wörld.txt', { type: 'text/plain' })
const RANGE = [1, FILE.size] as const

const formFor = (lab: Lab, name: string, options: Omit<PresignPostOptions, 'credentials'> = {}) =>
  presignPost(lab.object(name), { credentials: lab.credentials, ...options })

export const formRows: readonly Row[] = [
  row('form: presignPost and FormData', async (lab) => {
    const fields = { 'x-amz-meta-note': "it's (me)!* $5, \\x", success_action_status: 201 }
    const options = { contentType: 'text/plain', contentLengthRange: RANGE, fields }
    const reply = await lab.form(await formFor(lab, 'a b+c%20d ř "q" & <x>.txt', options), FILE)
    assert.equal(reply.status, 201)
    const { body, headers } = await load(lab, 'a b+c%20d ř "q" & <x>.txt')
    assert.equal(new TextDecoder().decode(body), await FILE.text())
    assert.equal(headers.get('content-type'), 'text/plain')
    assert.equal(headers.get('x-amz-meta-note'), fields['x-amz-meta-note'])
  }),

  row('form: the file names the object', async (lab) => {
    const { key: _, ...bucket } = lab.object('')
    const post = await presignPost({ ...bucket, keyPrefix: lab.key('by/') }, { credentials: lab.credentials })
    await lab.form({ url: post.url, fields: post.fields }, FILE)
    assert.equal(await loadText(lab, 'by/hällo wörld.txt'), await FILE.text())
  }),

  row('form: a file that the policy does not allow', async (lab) => {
    const post = await formFor(lab, 'large', { contentLengthRange: [1, FILE.size - 1] })
    await lab.form(post, FILE, { status: 400, code: 'EntityTooLarge' })
  }),

  row('form: a field that the policy does not allow', async (lab) => {
    const { url, fields } = await formFor(lab, 'one')
    await lab.form({ url, fields: { ...fields, key: lab.key('other') } }, FILE, { status: 403, code: 'AccessDenied' })
  }),

  row('form: a wrong secret', async (lab) => {
    const { secretAccessKey, ...rest } = lab.credentials
    const credentials = { ...rest, secretAccessKey: `${secretAccessKey}x` }
    const post = await presignPost(lab.object('wrong'), { credentials })
    const reply = await lab.form(post, FILE, { status: 403, code: 'SignatureDoesNotMatch' })
    assert.match(text(reply), /<Message>/)
  }),
]
