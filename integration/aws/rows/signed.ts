import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { objectUrl, sign } from '../../../src/index.ts'
import * as sync from '../../../src/sync.ts'
import { text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { load } from './objects.ts'

const optionsOf = ({ credentials, setting }: Lab) => ({ credentials, region: setting.options.region, service: 's3' })

export const signedRows: readonly Row[] = [
  row('signed: PUT, GET, HEAD, and DELETE', async (lab) => {
    const url = objectUrl(lab.object('signed (1).bin'))
    const content = new Uint8Array(randomBytes(100_000))
    const send = async (method: string, body?: Uint8Array) => {
      const { body: _, ...signed } = await sign({ method, url, ...(body && { body }) }, optionsOf(lab))
      return { ...signed, body }
    }
    await lab.accepted(await send('PUT', content))
    const { body } = await lab.accepted(await send('GET'))
    assert.equal(Buffer.compare(body, content), 0, 'the bytes that were read differ from those that were stored')
    const head = await lab.accepted(await send('HEAD'))
    assert.equal(head.headers.get('content-length'), String(content.length))
    assert.equal((await lab.accepted(await send('DELETE'))).status, 204)
    await lab.missing(await send('GET'))
  }),

  row('signed: header values with spaces', async (lab) => {
    const headers = {
      'x-amz-meta-spaces': 'two  spaces   and more',
      'x-amz-meta-list': 'a, b,c',
      'x-amz-meta-empty': '',
    }
    const url = objectUrl(lab.object('spaces'))
    await lab.accepted(await sign({ method: 'PUT', url, headers, body: 'spaces' }, optionsOf(lab)))
    const reply = await load(lab, 'spaces')
    assert.equal(reply.headers.get('x-amz-meta-list'), 'a, b,c')
  }),

  row('signed: UNSIGNED-PAYLOAD', async (lab) => {
    const url = objectUrl(lab.object('unsigned'))
    const options = { ...optionsOf(lab), payloadHash: 'UNSIGNED-PAYLOAD' }
    await lab.accepted({ ...(await sign({ method: 'PUT', url }, options)), body: 'not hashed' })
    assert.equal(text(await load(lab, 'unsigned')), 'not hashed')
  }),

  row('signed: with sigv4/sync', async (lab) => {
    const url = objectUrl(lab.object('sync'))
    await lab.accepted(sync.sign({ method: 'PUT', url, body: 'sync' }, optionsOf(lab)))
    await lab.accepted(sync.sign({ url }, optionsOf(lab)))
  }),
]
