import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import type { UploadRequest } from '../../examples/browser-upload/server/rules.ts'
import { ticketsOf } from '../../examples/browser-upload/server/ticket.ts'

// The tickets of the app without its server, with a test clock.

const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const STORAGE = {
  endpoint: 'http://127.0.0.1:9000',
  region: 'us-east-1',
  bucket: 'browser-uploads',
  credentials: { accessKeyId: 'any', secretAccessKey: 'secret' },
}
const UPLOAD: UploadRequest = { way: 'put', name: 'é.png', size: 3, type: 'image/png' }
const ALLOWED = { ...UPLOAD, key: 'uploads/1/é.png', user: 'alice' }

let time = START
const tickets = ticketsOf(STORAGE, '1d', () => time)
const seal = () => {
  time = START
  return tickets.seal(ALLOWED)
}
const INVALID = expect.objectContaining({ name: 'UploadError', status: 404 })
const EXPIRED = expect.objectContaining({ name: 'UploadError', status: 410, message: expect.stringMatching(/again/) })

/** Returns the error that `open` throws. */
function errorOf(sealed: unknown, user = 'alice', from = tickets): unknown {
  try {
    return { opened: from.open(sealed, user) }
  } catch (error) {
    return error
  }
}

it('a ticket opens unchanged until it expires', () => {
  const ticket = seal()
  const { expires, ...rest } = tickets.open(ticket, 'alice')
  expect(rest).toEqual(ALLOWED)
  expect(expires).toBe(START + DAY)
  time = START + DAY - 1
  expect(tickets.open(ticket, 'alice')).toMatchObject(ALLOWED)
  for (time of [START + DAY, START + DAY + 1, START + 400 * DAY]) expect(errorOf(ticket)).toEqual(EXPIRED)
})

it.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['12h', DAY / 2],
  ['30d', 30 * DAY],
])('a lifetime of %s', (lifetime, milliseconds) => {
  const { seal, open } = ticketsOf(STORAGE, lifetime, () => START)
  expect(open(seal(ALLOWED), 'alice').expires).toBe(START + milliseconds)
})

it.each(['', '0s', '0d', '-1d', '1', '1w', '1.5h', 'NaN', `${'9'.repeat(400)}d`])(
  'a lifetime of %j is rejected',
  (lifetime) => {
    expect(() => ticketsOf(STORAGE, lifetime)).toThrow(/^UPLOAD_TICKET_EXPIRES must be /)
  },
)

it('a ticket of a different user is rejected', () => {
  for (const user of ['bob', 'Alice', '', 'alice ', '__proto__']) expect(errorOf(seal(), user)).toEqual(INVALID)
})

it('a ticket of a different server is rejected', () => {
  const { credentials } = STORAGE
  for (const place of [
    { ...STORAGE, bucket: 'other' },
    { ...STORAGE, endpoint: undefined },
    { ...STORAGE, region: 'eu-west-1' },
    { ...STORAGE, credentials: { ...credentials, secretAccessKey: 'Secret' } },
  ])
    expect(errorOf(ticketsOf(place, '1d').seal(ALLOWED))).toEqual(INVALID)
})

it('a ticket signed with the S3 secret itself is rejected', () => {
  const [text] = seal().split('.')
  const hmac = createHmac('sha256', STORAGE.credentials.secretAccessKey).update(text!).digest('base64url')
  expect(errorOf(`${text}.${hmac}`)).toEqual(INVALID)
})

it('a ticket with any character changed or missing is rejected', () => {
  const ticket = seal()
  for (let at = 0; at < ticket.length; at++) {
    const [before, character, after] = [ticket.slice(0, at), ticket[at], ticket.slice(at + 1)]
    for (const other of ['', 'A', 'B', '.', '=', ' ', '\0', 'é'])
      if (other !== character) expect(errorOf(before + other + after), `${other} at ${at}`).toEqual(INVALID)
    expect(errorOf(before), `cut at ${at}`).toEqual(INVALID)
  }
})

it('a ticket in any other encoding is rejected', () => {
  const ticket = seal()
  const [text, hmac] = ticket.split('.') as [string, string]
  const base64 = (part: string) => Buffer.from(part, 'base64url').toString('base64')
  const json = Buffer.from(text, 'base64url').toString()
  // The last of 43 characters has two bits that decoders ignore.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = hmac.slice(0, -1) + alphabet[alphabet.indexOf(hmac.at(-1)!) ^ 1]
  expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(hmac, 'base64url'))
  for (const other of [
    `${text}.${twin}`,
    `${base64(text)}=.${hmac}`,
    `${text}.${base64(hmac)}`,
    `${text}.${Buffer.from(hmac, 'base64url').toString('hex')}`,
    `${json}.${hmac}`,
    `${encodeURIComponent(json)}.${hmac}`,
    ...[`${ticket}.`, `${ticket}.x`, `.${ticket}`, ` ${ticket}`, `${ticket}\n`, `\ufeff${ticket}`],
    ...[ticket + ticket, ticket.toUpperCase(), encodeURIComponent(`${ticket}=`)],
  ])
    expect(errorOf(other), other).toEqual(INVALID)
})

it('a value that is not a ticket is rejected', () => {
  for (const value of [
    ...[undefined, null, 0, true, '', '.', '..', '\ud800.\ud800', {}, { toString: 1, valueOf: 1 }, { length: 1 }],
    ...[[], ['a', 'b'], 'a'.repeat(100_000), '.'.repeat(100_000)],
  ])
    expect(errorOf(value)).toEqual(INVALID)
})

it('a ticket in an array is rejected', () => {
  expect(errorOf([seal()])).toEqual(INVALID)
})
