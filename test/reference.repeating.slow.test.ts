import { expect, it } from 'vitest'
import { compareWithPackage } from './support/reference.ts'

it('the reference signs 20,000 random requests like the package, with headers and as URLs', async () => {
  await compareWithPackage(20_000, (one, other) => expect(one).toEqual(other))
})
