import assert from 'node:assert/strict'
import { presign, presignGet } from '../../../src/index.ts'
import { text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { store } from './objects.ts'

/** Lists with a presigned URL and with an Authorization header. */
async function list(lab: Lab, query: Record<string, string>): Promise<string[]> {
  const { credentials, setting } = lab
  const options = { credentials, region: setting.options.region, service: 's3' }
  const presigned = await presign('GET', setting.place.url(), { ...options, query })
  const byUrl = text(await lab.accepted(presigned))
  const encoded = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
  const bySignature = text(
    await lab.accepted(await setting.place.sign({ url: setting.place.url(`?${encoded.join('&')}`) })),
  )
  const keysIn = (xml: string) => Array.from(xml.matchAll(/<Key>([^<]*)<\/Key>/g), ([, key]) => key!)
  assert.deepEqual(keysIn(bySignature), keysIn(byUrl))
  return keysIn(byUrl)
}

export const queryRows: readonly Row[] = [
  row('query: response headers with characters that are escaped', async (lab) => {
    const { credentials } = lab
    await store(lab, 'report', 'report')
    const disposition = `attachment; filename="a b+c%20d~*'()!;:@&=$,/?#[].txt"`
    const query = {
      'response-content-disposition': disposition,
      'response-content-type': 'text/plain; charset="utf-8"',
    }
    const reply = await lab.accepted(await presignGet(lab.object('report'), { credentials, query }))
    assert.equal(reply.headers.get('content-disposition'), disposition)
    assert.equal(reply.headers.get('content-type'), query['response-content-type'])
  }),

  row('query: a file name that is not ASCII', async (lab) => {
    const { credentials } = lab
    await store(lab, 'report', 'report')
    const reply = await lab.accepted(
      await presignGet(lab.object('report'), { credentials, download: 'résumé (1)+日本.pdf' }),
    )
    assert.match(reply.headers.get('content-disposition') ?? '', /filename\*=UTF-8''r%C3%A9sum%C3%A9/)
  }),

  row('query: a list with a prefix that is escaped', async (lab) => {
    for (const name of ['a b+c%20d~ř*/one', 'a b+c%20d~ř*/two', 'a']) await store(lab, name, name)
    const keys = await list(lab, { 'list-type': '2', prefix: lab.key('a b+c%20d~ř*/'), 'start-after': lab.key('a') })
    assert.deepEqual(keys, [lab.key('a b+c%20d~ř*/one'), lab.key('a b+c%20d~ř*/two')])
  }),

  row('query: parameters without a value', async (lab) => {
    await store(lab, 'a', 'a')
    const keys = await list(lab, { 'list-type': '2', prefix: lab.key(''), delimiter: '', 'encoding-type': 'url' })
    assert.deepEqual(keys.map(decodeURIComponent), [lab.key('a')])
  }),

  row('query: parameters that sort by bytes, and repeated unknown ones', async (lab) => {
    const { credentials } = lab
    await store(lab, 'a', 'a')
    const query = { 'x-id': 'GetObject', B: '2', a: ['2', '1', ''], 'a-b': '1', A: 'ü', _: '~' }
    await lab.accepted(await presignGet(lab.object('a'), { credentials, query }))
  }),
]
