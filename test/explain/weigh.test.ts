import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/explain/causes.ts'
import type { Clue, Ground } from '../../src/explain/clue.ts'
import { findingsOf } from '../../src/explain/findings.ts'
import type { Reading } from '../../src/explain/response/codes.ts'
import { weigh } from '../../src/explain/weigh.ts'

const clue = (cause: Cause, ground: Ground, message?: string): Clue => ({ cause, ground, message })
const named = (...causes: Cause[]): Reading => ({ kind: 'named', causes, isVague: false })
const vague = (...causes: Cause[]): Reading => ({ kind: 'named', causes, isVague: true })
const mismatch: Reading = { kind: 'mismatch', causes: [], isVague: true }

/** Causes and how sure they are, the first one first. */
const ranked = (reading: Reading | undefined, ...clues: Clue[]): string[] =>
  weigh(clues, reading).map(({ clue: { cause }, confidence }) => `${cause} ${confidence}`)

describe('the rule that ranks causes', () => {
  it('puts what was reproduced before all else, and calls only that proven', () => {
    expect(
      ranked(
        mismatch,
        clue('wrong-secret', 'common'),
        clue('header-changed', 'tolerable'),
        clue('wrong-secret', 'left'),
        clue('scope-date', 'visible'),
        clue('host', 'compared'),
        clue('method', 'reproduced'),
      ),
    ).toEqual([
      'method proven',
      'host likely',
      'scope-date likely',
      'wrong-secret likely',
      'header-changed possible',
      'wrong-secret possible',
    ])
  })

  it('puts what the service names and the request shows before what is only visible', () => {
    expect(ranked(named('expired', 'clock-past'), clue('scope-date', 'visible'), clue('expired', 'visible'))).toEqual([
      'expired likely',
      'scope-date likely',
    ])
  })

  it('puts what is visible before what only an error code suggests', () => {
    expect(
      ranked(
        vague('malformed-authorization', 'missing-header'),
        clue('malformed-authorization', 'told'),
        clue('scope-date', 'visible'),
      ),
    ).toEqual(['scope-date likely', 'malformed-authorization possible'])
  })

  it('puts what a precise error names with its values before what is only visible', () => {
    const clues = [clue('scope-date', 'visible'), clue('unsigned-header', 'told', 'Which one.')]
    expect(ranked(named('unsigned-header'), ...clues)).toEqual(['unsigned-header likely', 'scope-date likely'])
    expect(ranked(vague('unsigned-header'), ...clues)).toEqual(['scope-date likely', 'unsigned-header likely'])
  })

  it('does not take Version 2 for the reason if the service has read when the request expires', () => {
    const clues = [clue('signature-v2', 'visible'), clue('expired', 'told')]
    expect(ranked(named('expired', 'clock-past'), ...clues)).toEqual(['expired possible', 'signature-v2 possible'])
    expect(ranked(named('anonymous'), clue('signature-v2', 'visible'))).toEqual(['signature-v2 likely'])
  })

  it('puts what the service stopped at before a proof of something else, if the request shows it', () => {
    const clues = [clue('query-extra', 'reproduced'), clue('expired', 'visible')]
    expect(ranked(named('expired'), ...clues)).toEqual(['expired likely', 'query-extra proven'])
    expect(ranked(mismatch, ...clues)).toEqual(['query-extra proven', 'expired likely'])
  })

  it('puts a fault that makes a service read a different request first, whatever it returned', () => {
    expect(
      ranked(named('missing-param'), clue('missing-param', 'visible'), clue('url-html-escaped', 'visible')),
    ).toEqual(['url-html-escaped likely', 'missing-param likely'])
  })

  it('takes a fault that the service got past as one that it tolerates', () => {
    const past: Reading = { kind: 'elsewhere', causes: ['not-auth'], isVague: true }
    expect(ranked(past, clue('header-missing', 'visible'), clue('not-auth', 'told'))).toEqual([
      'not-auth likely',
      'header-missing possible',
    ])
  })

  it('calls a cause likely if the service names no other, or with the values of its message', () => {
    expect(ranked(named('scope-region'), clue('scope-region', 'told'))).toEqual(['scope-region likely'])
    expect(ranked(named('expired', 'clock-past'), clue('expired', 'told'), clue('clock-past', 'told'))).toEqual([
      'expired possible',
      'clock-past possible',
    ])
    expect(ranked(named('expired', 'clock-past'), clue('expired', 'told', 'The URL expired.'))).toEqual([
      'expired likely',
    ])
  })
})

describe('findings', () => {
  const causesOf = (...clues: Clue[]): Cause[] =>
    findingsOf(weigh(clues, mismatch), (text) => text).map(({ cause }) => cause)

  it('omit not-auth after a likely problem with the signature, but not after a possible one', () => {
    expect(causesOf(clue('host', 'compared'), clue('not-auth', 'left'))).toEqual(['host'])
    expect(causesOf(clue('host', 'tolerable'), clue('not-auth', 'common'))).toEqual(['host', 'not-auth'])
  })

  it('quote the values in messages and fixes', () => {
    const values = (cause: Cause, part: string | undefined, expected: string, actual: string): string[] => {
      const given: Clue = { cause, ground: 'compared', part, name: 'content-type', expected, actual }
      return findingsOf(weigh([given], mismatch), (text) => text).flatMap(({ message, fix }) => [message, fix])
    }
    expect(values('header-missing', 'the header content-type', 'image/png', 'missing')).toEqual([
      'The Content-Type header was signed as "image/png", but it was not sent.',
      'Send "Content-Type: image/png", or do not sign the header.',
    ])
    expect(values('method', 'the method', 'PUT', 'POST')).toEqual([
      'The request was signed for the method "PUT", but it was sent with "POST".',
      'Send the request with "PUT", or sign it for "POST".',
    ])
    expect(values('scope-region', undefined, 'eu-west-1', 'us-east-1')[1]).toBe('Sign for the region "eu-west-1".')
    expect(values('param-case', undefined, 'X-Amz-Date', 'x-amz-date')[1]).toBe('Send the parameter as "X-Amz-Date".')
  })
})
