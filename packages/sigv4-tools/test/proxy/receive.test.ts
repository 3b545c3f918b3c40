import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { receive } from '../../src/proxy/request/receive.ts'

// Requests that Node's parser rejects, in case the parser of another runtime does not.

const received = (rawHeaders: string[], change: Partial<IncomingMessage> = {}) =>
  receive({ method: 'POST', url: '/', rawHeaders: ['Host', 'localhost', ...rawHeaders], ...change } as IncomingMessage)

describe('receive', () => {
  it.each([
    ['two lengths', ['Content-Length', '1', 'content-length', '1']],
    ['a length and chunks', ['Content-Length', '1', 'Transfer-Encoding', 'chunked']],
    ['a length with a sign', ['Content-Length', '+1']],
    ['a length in hex', ['Content-Length', '0x1']],
    ['a line feed', ['X-A', '1\n2']],
    ['a carriage return', ['X-A', '1\r2']],
    ['a NUL', ['X-A', '\0']],
    ['a second host', ['HOST', 'localhost']],
    ['a different coding', ['Transfer-Encoding', 'gzip']],
  ])('rejects %s', (_, rawHeaders) => {
    expect(() => received(rawHeaders)).toThrow(expect.objectContaining({ name: 'ProxyError' }))
  })

  it.each(['http://localhost/', '*', 'a', '/a b', '/\t', '/#', '/\\', '/\u0100', ''])(
    'rejects the target %j',
    (url) => {
      expect(() => received([], { url })).toThrow(expect.objectContaining({ status: 400 }))
    },
  )

  it('returns what was received', () => {
    expect(received(['X-A', '1', 'Content-Length', '3'], { url: '/a?b?c' })).toMatchObject({
      path: '/a',
      query: 'b?c',
      hostName: 'localhost',
      bodyLength: 3,
    })
    expect(received(['Transfer-Encoding', 'Chunked']).bodyLength).toBeUndefined()
    expect(received([]).bodyLength).toBe(0)
  })
})
