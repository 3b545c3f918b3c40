import { describe, expect, it } from 'vitest'
import { isSameScope } from '../../src/core/signing/scope.ts'
import {
  forgetSigningKeys,
  type KeyCache,
  scopedKey,
  signingCache,
  verifyingCache,
} from '../../src/crypto/key-cache.ts'
import * as asynchronous from '../../src/index.ts'

import * as synchronous from '../../src/sync.ts'

const SCOPE = { date: '20150830', region: 'eu-west-1', service: 's3' }

describe('keys that are cached by secret', () => {
  const scope = (change: object = {}) => ({ ...SCOPE, ...change })
  /** Returns a function that reads a cache, and what was derived for it. */
  function reader(cache: KeyCache<string> = signingCache(isSameScope)) {
    const derived: string[] = []
    const read = (secretAccessKey: string, change?: object) =>
      scopedKey(
        cache,
        { accessKeyId: 'AKID', secretAccessKey },
        scope(change),
        (secret, _, { date, region, service }) => {
          derived.push([secret, date, region, service].join())
          return `${derived.at(-1)}`
        },
      )
    return { read, derived, cache }
  }

  it('are at most 50: a new one replaces the least recently used one', () => {
    const { read, derived, cache } = reader()
    for (let i = 0; i < 50; i++) read(`${i}`)
    read('0')
    read('50')
    expect(derived).toHaveLength(51)
    expect(cache.recent).toHaveLength(50)
    for (const kept of ['50', '0', ...Array.from({ length: 48 }, (_, i) => `${i + 2}`)]) read(kept)
    expect(derived).toHaveLength(51)
    read('1')
    expect(derived).toHaveLength(52)
    for (let i = 0; i < 1000; i++) read(`secret ${i}`)
    expect(cache.recent!.map(({ source }) => source)).toEqual(Array.from({ length: 50 }, (_, i) => `secret ${999 - i}`))
  })

  it('are for one day: a key for a later day removes them, one for an earlier day does not', () => {
    const { read, derived, cache } = reader()
    for (const region of ['a', 'b']) read('secret', { region })
    read('secret', { date: '20150829' })
    expect(cache.recent).toHaveLength(3)
    read('secret', { date: '20150831' })
    expect(cache.recent!.map(({ name }) => name.date)).toEqual(['20150831'])
    read('secret', { date: '20150831' })
    expect(derived).toHaveLength(4)
  })

  it('belong to one secret and scope, whose parts are compared separately', () => {
    const { read, derived } = reader()
    const parts: [string, object][] = [
      ['ab', { region: 'c' }],
      ['a', { region: 'bc' }],
      ['a', { region: 'b', service: 'c' }],
      ['a', { region: 'bc', service: '' }],
      ['a20150830', { region: 'c' }],
    ]
    for (let round = 0; round < 2; round++)
      for (const [secret, change] of parts) expect(read(secret, change).split(',')[0]).toBe(secret)
    expect(derived).toHaveLength(parts.length)
  })

  it('do not include passed signing keys, or keys that verify', () => {
    const { read, cache } = reader(verifyingCache(isSameScope))
    read('secret')
    read('secret')
    expect(cache.recent).toBeUndefined()
    const scoped: KeyCache<string> = signingCache(isSameScope)
    const signingKey = { ...SCOPE, key: new Uint8Array(32) }
    scopedKey(scoped, { accessKeyId: 'AKID', signingKey }, SCOPE, () => 'key')
    expect(scoped.recent).toEqual([])
  })
})

describe('forgetSigningKeys', () => {
  it('empties every cache, so that keys are derived again', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
    const caches: KeyCache<string>[] = [signingCache(isSameScope), verifyingCache(isSameScope)]
    for (const cache of caches) {
      let derived = 0
      const read = (given: object = credentials) =>
        scopedKey(cache, given as typeof credentials, SCOPE, () => `${++derived}`)
      expect([read(), read()]).toEqual(['1', '1'])
      forgetSigningKeys()
      expect([read(), read()]).toEqual(['2', '2'])
    }
    expect(caches.map(({ recent }) => recent?.length)).toEqual([0, undefined])
  })

  it('changes no result, and is the same function in both entries', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
    const target = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
    const before = synchronous.presignPut(target, { credentials, now: 0 })
    asynchronous.forgetSigningKeys()
    expect(synchronous.presignPut(target, { credentials, now: 0 })).toEqual(before)
    const pending = asynchronous.presignPut(target, { credentials, now: 0 })
    asynchronous.forgetSigningKeys()
    expect(await pending).toEqual(before)
    expect(synchronous.forgetSigningKeys).toBe(asynchronous.forgetSigningKeys)
  })
})
