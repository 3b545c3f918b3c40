import { describe, expect, it } from 'vitest'
import {
  chunksPayload,
  hashPayload,
  isUnsigned,
  type Payload,
  parsePayload,
} from '../../../src/core/signing/payload.ts'

const HASH = '0123456789abcdef'.repeat(4)

describe('a payload hash', () => {
  it.each<[text: string, payload: Payload, unsigned: boolean]>([
    [HASH, hashPayload(HASH), false],
    ['UNSIGNED-PAYLOAD', { kind: 'unsigned', text: 'UNSIGNED-PAYLOAD' }, true],
    ['STREAMING-AWS4-HMAC-SHA256-EVENTS', { kind: 'events', text: 'STREAMING-AWS4-HMAC-SHA256-EVENTS' }, false],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', chunksPayload('AWS4-HMAC-SHA256', false), false],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', chunksPayload('AWS4-HMAC-SHA256', true), false],
    ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', chunksPayload('AWS4-ECDSA-P256-SHA256', false), false],
    ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER', chunksPayload('AWS4-ECDSA-P256-SHA256', true), false],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', chunksPayload(undefined, true), true],
  ])('%s is parsed as it is formatted', (text, payload, unsigned) => {
    expect(payload.text).toBe(text)
    expect(parsePayload(text)).toEqual(payload)
    expect(isUnsigned(payload)).toBe(unsigned)
  })

  it.each([
    '',
    HASH.toUpperCase(),
    `${HASH}0`,
    HASH.slice(1),
    `${HASH}\n`,
    'unsigned-payload',
    'UNSIGNED-PAYLOAD-TRAILER',
    'STREAMING-UNSIGNED-PAYLOAD', // S3 defines it only with trailers
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILERS',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n',
    'X-STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA1-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256',
  ])('%j is not a valid one', (text) => {
    expect(parsePayload(text)).toBeUndefined()
  })
})
