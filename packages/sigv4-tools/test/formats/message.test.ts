import { describe, expect, it } from 'vitest'
import { bodyLength, parseHead, parseHeaders, readLoggedHead } from '../../src/formats/message.ts'

// What the command line and pastes read by the same rules.

describe('the head of a request', () => {
  it('has its headers as they were sent', () => {
    expect(parseHead(['PUT /a%20b?x= HTTP/1.1', 'Host: a.example', 'X-Empty:', 'x-amz-meta-a:  b: c '])).toEqual({
      method: 'PUT',
      url: '/a%20b?x=',
      headers: [
        ['Host', 'a.example'],
        ['X-Empty', ''],
        ['x-amz-meta-a', 'b: c'],
      ],
    })
  })

  it.each(['', 'hello', 'GET', 'GET example.com HTTP/1.1', 'HTTP/1.1 403 Forbidden', 'GET /a b HTTP/1.1'])(
    'is not one: %j',
    (line) => {
      expect(parseHead([line])).toBeUndefined()
    },
  )
})

describe('lines of headers', () => {
  it('that are folded or have no colon continue the header before them', () => {
    expect(parseHeaders(['Authorization: a,', '  b,', 'Signature=c', 'Host: d'])).toEqual([
      ['Authorization', 'a, b, Signature=c'],
      ['Host', 'd'],
    ])
  })

  it('keep the names of HTTP/2 and the space before a colon, and lose a first line without a colon', () => {
    expect(parseHeaders(['nothing', ':path: /a', 'Host : b'])).toEqual([
      [':path', '/a'],
      ['Host ', 'b'],
    ])
  })
})

describe('a log of curl', () => {
  const log = [
    '* Connected',
    '> GET /a HTTP/1.1',
    '> Host: a.example',
    '* a note',
    '> Accept: */*',
    '>',
    '< HTTP/1.1 200',
  ]

  it('contains the lines of a request, without notes', () => {
    const lines = ['GET /a HTTP/1.1', 'Host: a.example', 'Accept: */*']
    expect(readLoggedHead(log, 1)).toEqual({ lines, to: 5, isComplete: true })
    expect(readLoggedHead(log.slice(0, 5), 1)).toEqual({ lines, to: 4, isComplete: false })
    expect(readLoggedHead(log, 0)).toBeUndefined()
    expect(readLoggedHead(log, 2)).toBeUndefined()
  })

  it('that lacks an empty line ends a request at the next one', () => {
    const lines = ['> GET /a HTTP/1.1', '> Host: a.example', '> GET /b HTTP/2']
    expect(readLoggedHead(lines, 0)).toEqual({
      lines: ['GET /a HTTP/1.1', 'Host: a.example'],
      to: 1,
      isComplete: false,
    })
  })
})

it.each([
  [[], 0],
  [[['content-length', '5']], 5],
  [[['Content-Length', '5x']], undefined],
  [[['Transfer-Encoding', 'chunked']], undefined],
] as const)('the length of the body that %j announce is %s', (headers, length) => {
  expect(bodyLength(headers)).toBe(length)
})
