import assert from 'node:assert/strict'
import { presignDelete, presignGet, presignPut } from '../../../src/index.ts'
import { PLAIN_KEYS } from '../../servers/keys.ts'
import { text } from '../../servers/wire.ts'
import { CleanUp } from '../clean-up.ts'
import { type Row, row } from '../row.ts'

/** Keys below the folder of the row; a key that goes up stays below it, even if S3 resolved its dots. */
const NAMES: Readonly<Record<string, string>> = {
  ...PLAIN_KEYS,
  'with a slash at its start': '/a.txt',
  'with trailing dots': 'folder./name...',
  'with ~ and *': '~a*~b*.txt',
  'with %2F and %2f': 'a%2Fb%2fc.txt',
  'with a + beside a space': '+ + a.txt',
  'of 1,024 bytes': 'segment/'.repeat(200),
}

export const pathRows: readonly Row[] = Object.entries(NAMES).map(([kind, name]) =>
  row(`key ${kind}`, async (lab) => {
    const { credentials, setting } = lab
    const key = kind === 'of 1,024 bytes' ? `${lab.key(name).slice(0, 1023)}k` : lab.key(name)
    const target = setting.place.object(key)
    const content = `the object with the key ${name}`
    await lab.accepted({ ...(await presignPut(target, { credentials })), body: content })
    const download = await presignGet(target, { credentials })
    assert.equal(text(await lab.accepted(download)), content)
    // an error of the encoding in both directions would cancel out
    const lists = new CleanUp()
    const { keys } = await lists.list(setting.place, lab.key(''))
    lab.requests += lists.requests
    assert.deepEqual(keys, [key], 'the object has another key')
    await lab.accepted(await presignDelete(target, { credentials }))
    await lab.missing(download)
  }),
)
