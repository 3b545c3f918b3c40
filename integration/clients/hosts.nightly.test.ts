import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { differences, filesOf } from '../../tools/hosts.ts'
import { pythonWithBotocore } from '../support/boto.ts'

// The hosts in fixtures/aws-endpoints, and the table of signing names, are what botocore defines.

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const [, version] = /^# botocore ([\d.]+)$/m.exec(read('fixtures/aws-endpoints/endpoints.txt'))!

it(`botocore ${version} defines the hosts in the repository`, async () => {
  const files = await filesOf(await pythonWithBotocore(version!))
  expect([...files.keys()]).toEqual([
    'fixtures/aws-endpoints/endpoints.txt',
    'fixtures/aws-endpoints/regions.txt',
    'src/core/signing/hosts.ts',
  ])
  for (const [path, text] of files) {
    expect(differences(read(path), text), path).toEqual([])
    expect(text === read(path), path).toBe(true) // the order of the lines, and the version
  }
})
