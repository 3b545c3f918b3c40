import { describe, expect, it } from 'vitest'
import { isSignedWithIam, readSessionToken } from '../../../src/core/signing/session-token.ts'

const HOST = 'photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com'
const url = { host: HOST, argument: 'target' }
const scope = (service: string) => ({ service, region: 'us-east-1', now: undefined, s3: true })

describe('a request to S3 Express', () => {
  it.each([
    ['s3express-control.us-east-1.amazonaws.com', [], {}, true],
    ['photos.s3express-control-fips.us-east-1.amazonaws.com', [], {}, true],
    ['s3express-controlled.us-east-1.amazonaws.com', [], {}, false],
    ['mys3express-control.us-east-1.amazonaws.com', [], {}, false],
    [HOST, ['session'], {}, true],
    [HOST, ['sessions', 'prefix'], {}, false],
    [HOST, [], { 'x-amz-copy-source': '/a/b' }, true],
    [HOST, [], { 'x-amz-acl': 'private' }, false],
  ])('to %s with %j and %j is signed with IAM: %s', (host, parameters, headers, expected) => {
    expect(isSignedWithIam(host, parameters, headers)).toBe(expected)
  })

  it('has the token of a session, unless it is signed with IAM', () => {
    const express = readSessionToken({} as never, scope('s3express'), url, [], {}, 'request')
    expect(express).toEqual({ name: 'x-amz-s3session-token', isSigned: true, given: undefined })
    const create = readSessionToken({} as never, scope('s3express'), url, [['session', '']], {}, 'request')
    expect(create.name).toBe('x-amz-security-token')
    expect(readSessionToken({} as never, scope('s3'), url, [], {}, 'request').name).toBe('x-amz-security-token')
  })

  it.each([
    ['in its URL', [['X-Amz-S3session-Token', 'a']], {}, undefined, 'target'],
    [
      'in the query option',
      [['X-Amz-S3session-Token', 'a']],
      {},
      { 'X-Amz-S3session-Token': 'a' },
      'options.query["X-Amz-S3session-Token"]',
    ],
    ['in its URL, with other parameters', [['X-Amz-S3session-Token', 'a']], {}, { prefix: 'a' }, 'target'],
    ['in its headers', [], { 'x-amz-s3session-token': 'a' }, undefined, 'request.headers["x-amz-s3session-token"]'],
    ['nowhere', [['prefix', 'a']], { 'x-amz-acl': 'a' }, { prefix: 'a' }, undefined],
  ] as const)('that has a token %s names its place', (_, query, headers, added, given) => {
    expect(readSessionToken({} as never, scope('s3express'), url, query, headers, 'request', added).given).toBe(given)
  })

  it('to another service does not look for one', () => {
    const headers = { 'x-amz-s3session-token': 'a' }
    expect(readSessionToken({} as never, scope('s3'), url, [], headers, 'options').given).toBeUndefined()
  })
})

it('the name and the place of a token are one of two', () => {
  const read = (options: object) => readSessionToken(options as never, scope('s3'), url, [], {}, 'options')
  expect(read({ sessionTokenPlacement: 'appended', sessionTokenName: 'x-amz-s3session-token' })).toEqual({
    name: 'x-amz-s3session-token',
    isSigned: false,
    given: undefined,
  })
  expect(() => read({ sessionTokenPlacement: 'after' })).toThrow('options.sessionTokenPlacement')
  expect(() => read({ sessionTokenName: 'x-amz-token' })).toThrow('options.sessionTokenName')
})
