import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROOMS, twinOf, twins } from '../twins.ts'

// The synchronous drivers are written from the asynchronous ones.

describe('the synchronous drivers', () => {
  it.each(twins())('%s is current: npm run twins', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it.each([
    ['src/async', 'src/sync', ['hold.ts', 'sign.ts', 'signing-key.ts'], ['body.ts', 'sign.ts', 'signing-key.ts']],
    ['src/tokens/async', 'src/tokens/sync', ['options.ts'], []],
  ])('of %s are all but those that differ in kind', (from, to, ownOfAsync, ownOfSync) => {
    const { files } = ROOMS.find((room) => room.from === from)!
    const others = readdirSync(from).filter((name) => !ownOfAsync.includes(name) && name !== 'credentials.ts')
    expect(others.sort()).toEqual([...files].sort())
    expect(readdirSync(to).sort()).toEqual([...files, ...ownOfSync].sort())
  })

  it.each([
    ["readPresign('PUT'", "readPresign('POST'"],
    ['checkKey(target)\n', ''],
  ])('change with the asynchronous ones: %s', (from, to) => {
    const [room] = ROOMS
    const text = readFileSync(`${room!.from}/presign.ts`, 'utf8')
    expect(text).toContain(from)
    expect(twinOf(text.replace(from, to), 'presign.ts', room!)).not.toBe(twinOf(text, 'presign.ts', room!))
  })

  it('have no promises, no providers, and no import of Web Crypto', () => {
    for (const [path, text] of twins()) {
      const code = text.replace(/^\/\/.*/, '').replace(/\/\*\*.*?\*\//gs, '')
      expect(code, path).not.toMatch(/\b(?:async|await|Promise)\b|=== 'function'|webcrypto/)
    }
  })
})
