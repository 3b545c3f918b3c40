// Stops the clock, and makes what clients choose at random the same, so that two runs send the same bytes.

const crypto = require('node:crypto')
const { syncBuiltinESMExports } = require('node:module')

const NOW = Date.parse('2026-01-02T03:04:05Z')

globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [NOW] : given))
  }
  static now() {
    return NOW
  }
}
Math.random = () => 0.5
let count = 0
const randomUUID = () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`
crypto.randomUUID = randomUUID
globalThis.crypto.randomUUID = randomUUID
syncBuiltinESMExports()
