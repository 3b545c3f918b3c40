import assert from 'node:assert/strict'
import { type Attempt, createSignedFetch } from '../../../src/fetch.ts'
import { objectUrl } from '../../../src/index.ts'
import type { Lab } from '../lab.ts'
import { type Row, row, withOption } from '../row.ts'
import { store } from './objects.ts'

const HOUR = 60 * 60 * 1000

/** A signed fetch, and the reasons of its retries. */
function create(lab: Lab) {
  const { credentials, fetch, setting } = lab
  const retries: (Attempt['retry'] | undefined)[] = []
  const onAttempt = ({ retry }: Attempt) => void (retry && retries.push(retry))
  const signing = setting.options.endpoint === undefined ? {} : { region: setting.options.region, service: 's3' }
  return { retries, signedFetch: createSignedFetch({ credentials, fetch, onAttempt, ...signing }) }
}

async function read(response: Response): Promise<string> {
  const content = await response.text()
  assert(response.ok, `${response.status} ${/<Code>(\w+)/.exec(content)?.[1] ?? ''}`)
  return content
}

export const fetchRows: readonly Row[] = [
  row('signed fetch: PUT, GET, and DELETE', async (lab) => {
    const { signedFetch } = create(lab)
    const url = objectUrl(lab.object('fetched (1).json'))
    await read(
      await signedFetch(url, { method: 'PUT', body: '{"a":1}', headers: { 'content-type': 'application/json' } }),
    )
    assert.equal(await read(await signedFetch(url)), '{"a":1}')
    await read(await signedFetch(url, { method: 'DELETE' }))
    assert.equal((await signedFetch(url)).status, 404)
  }),

  row('signed fetch: a clock that is an hour slow is corrected', async (lab) => {
    await store(lab, 'clock', 'late')
    const { signedFetch, retries } = create(lab)
    const { now } = Date
    Date.now = () => now() - HOUR
    try {
      assert.equal(await read(await signedFetch(objectUrl(lab.object('clock')))), 'late')
    } finally {
      Date.now = now
    }
    assert.deepEqual(retries, ['clock'])
  }),

  row(
    'signed fetch: follows the region of a bucket',
    async (lab) => {
      const { otherRegionBucket, region } = lab.setting.options
      const { signedFetch, retries } = create(lab)
      const query = `list-type=2&max-keys=1&prefix=${encodeURIComponent(lab.key(''))}`
      await read(await signedFetch(`https://${otherRegionBucket}.s3.${region}.amazonaws.com/?${query}`))
      assert.deepEqual(retries, ['region'])
    },
    withOption('otherRegionBucket', '--other-region-bucket'),
  ),
]
