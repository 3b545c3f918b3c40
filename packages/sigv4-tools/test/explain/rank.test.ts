import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Case } from '../../src/explain/case/case.ts'
import { findingsOf } from '../../src/explain/findings.ts'
import type { Cause } from '../../src/explain/model/causes.ts'
import type { Clue, Ground, Part } from '../../src/explain/model/clue.ts'
import type { Shown } from '../../src/explain/model/traits.ts'
import { OBSERVERS, type Observed, type Ranked, rank } from '../../src/explain/rank.ts'
import { parseRequest } from '../../src/explain/request/facts.ts'
import type { Reading } from '../../src/explain/response/errors.ts'

const clue = (cause: Cause, ground: Ground, message?: string): Clue => ({ cause, ground, message })
const statements: Reading['statements'] = new Map()
const named = (...causes: Cause[]): Reading => ({ kind: 'named', causes, isVague: false, statements })
const vague = (...causes: Cause[]): Reading => ({ kind: 'named', causes, isVague: true, statements })
const mismatch: Reading = { kind: 'mismatch', causes: [], isVague: true, statements }

const SHOWN: readonly Shown[] = ['request', 'method', 'headers', 'all headers', 'key', 'signature', 'sent', 'time']

const FINDS: Readonly<Record<Ground, keyof Observed>> = {
  reproduced: 'proof',
  compared: 'strings',
  fault: 'faults',
  note: 'faults',
  stated: 'told',
  told: 'told',
  trace: 'traces',
  left: 'remaining',
  either: 'remaining',
  prior: 'priors',
}

/** The clues as their observers find them; `order`: in which the observers run. */
function observed(clues: readonly Clue[], order: readonly (keyof Observed)[] = OBSERVERS): Observed {
  return Object.fromEntries(
    order.map((name) => [name, clues.filter(({ ground }) => FINDS[ground] === name)]),
  ) as unknown as Observed
}

function caseOf(reading: Reading | undefined, shown = SHOWN, hints: Cause[] = []): Case {
  const request = { method: 'GET', url: '/' }
  return {
    request,
    facts: parseRequest(request),
    reading,
    shown: new Set(shown),
    hints,
    response: reading && {},
  } as never
}

const rankAll = (reading: Reading | undefined, clues: readonly Clue[], order?: readonly (keyof Observed)[]): Ranked[] =>
  rank(observed(clues, order), caseOf(reading), undefined)

/** Causes and how sure they are, the first one first. */
const ranked = (reading: Reading | undefined, ...clues: Clue[]): string[] =>
  rankAll(reading, clues).map(({ clue: { cause }, confidence }) => `${cause} ${confidence}`)

describe('the rule that ranks causes', () => {
  it('puts what was reproduced before all else, and calls only that proven', () => {
    const clues = [
      clue('header-changed', 'note'),
      clue('scope-date', 'fault'),
      clue('host', 'compared'),
      clue('method', 'reproduced'),
    ]
    const expected = ['method proven', 'host likely', 'scope-date likely', 'header-changed possible']
    expect(ranked(mismatch, ...clues)).toEqual(expected)
  })

  it('names what is left, what is traced and what is common only if nothing else explains the error', () => {
    const rest = [
      clue('path', 'prior'),
      clue('host', 'trace'),
      clue('wrong-secret', 'left'),
      clue('header-changed', 'either'),
    ]
    expect(ranked(mismatch, ...rest)).toEqual([
      'wrong-secret likely',
      'header-changed possible',
      'host possible',
      'path possible',
    ])
    expect(ranked(mismatch, ...rest, clue('scope-date', 'fault'))).toEqual(['scope-date likely'])
    // a fault that a service may tolerate explains nothing
    expect(ranked(mismatch, ...rest, clue('scope-date', 'note'))).toHaveLength(5)
  })

  it('keeps what the caller suggests if the service names it', () => {
    const clues = observed([clue('expired', 'told'), clue('clock-past', 'told'), clue('clock-past', 'trace')])
    const reading = named('expired', 'clock-past')
    const first = (hints: Cause[]): string => rank(clues, caseOf(reading, SHOWN, hints), undefined)[0]!.clue.cause
    expect([first(['clock-past']), first([])]).toEqual(['clock-past', 'expired'])
  })

  it('drops what the evidence cannot show', () => {
    const clues = observed([clue('unsigned-header', 'fault'), clue('expired', 'fault'), clue('host', 'fault')])
    const causes = (...shown: Shown[]): Cause[] =>
      rank(clues, caseOf(mismatch, shown), undefined).map(({ clue: { cause } }) => cause)
    expect(causes(...SHOWN)).toEqual(['unsigned-header', 'expired', 'host'])
    expect(causes('request', 'headers', 'time')).toEqual(['host'])
    // without the time of the request, an expired one may have been kept
    expect(causes('request', 'sent')).toEqual(['host', 'expired'])
  })

  it('lets a fault explain the differences that follow from it, and is proven by what was reproduced', () => {
    const date: Part = { of: 'header', name: 'x-amz-date' }
    const difference: Clue = { cause: 'date-mismatch', ground: 'reproduced', part: date, expected: 'a', actual: 'b' }
    const fault: Clue = { ...clue('missing-param', 'fault'), expected: 'X-Amz-Date' }
    expect(ranked(mismatch, difference)).toEqual(['date-mismatch proven'])
    expect(ranked(mismatch, difference, fault)).toEqual(['missing-param proven'])
  })

  it('does not count a fault for less because a difference that follows from it was compared', () => {
    const token = clue('malformed-authorization', 'fault')
    const difference: Clue = {
      cause: 'scope-region',
      ground: 'compared',
      part: { of: 'header', name: 'x-amz-signature' },
    }
    const reading = named('algorithm', 'malformed-authorization')
    expect(ranked(reading, difference, token, clue('algorithm', 'fault'))).toEqual([
      'malformed-authorization likely',
      'algorithm likely',
    ])
  })

  it('does not depend on the order in which the observers run', () => {
    const causes: Cause[] = ['host', 'method', 'path', 'expired', 'scope-date', 'wrong-secret', 'query-extra']
    const grounds = Object.keys(FINDS) as Ground[]
    const readings = [undefined, mismatch, named('expired', 'host'), vague('scope-date')]
    fc.assert(
      fc.property(
        fc.array(fc.record({ cause: fc.constantFrom(...causes), ground: fc.constantFrom(...grounds) })),
        fc.shuffledSubarray([...OBSERVERS], { minLength: OBSERVERS.length }),
        fc.constantFrom(...readings),
        (clues, order, reading) => {
          expect(rankAll(reading, clues, order)).toEqual(rankAll(reading, clues))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('puts what the service names and the request shows before what is only visible', () => {
    expect(ranked(named('expired', 'clock-past'), clue('scope-date', 'fault'), clue('expired', 'fault'))).toEqual([
      'expired likely',
      'scope-date likely',
    ])
  })

  it('puts what is visible before what only an error code suggests', () => {
    expect(
      ranked(
        vague('malformed-authorization', 'missing-header'),
        clue('malformed-authorization', 'told'),
        clue('scope-date', 'fault'),
      ),
    ).toEqual(['scope-date likely', 'malformed-authorization possible'])
  })

  it('puts what a precise error names with its values before what is only visible', () => {
    const clues = [clue('scope-date', 'fault'), clue('unsigned-header', 'stated', 'Which one.')]
    expect(ranked(named('unsigned-header'), ...clues)).toEqual(['unsigned-header likely', 'scope-date likely'])
    expect(ranked(vague('unsigned-header'), ...clues)).toEqual(['scope-date likely', 'unsigned-header likely'])
  })

  it('does not take Version 2 for the reason if the service has read when the request expires', () => {
    const clues = [clue('signature-v2', 'fault'), clue('expired', 'told')]
    expect(ranked(named('expired', 'clock-past'), ...clues)).toEqual(['expired possible', 'signature-v2 possible'])
    expect(ranked(named('anonymous'), clue('signature-v2', 'fault'))).toEqual(['signature-v2 likely'])
  })

  it('puts what the service stopped at before a proof of something else, if the request shows it', () => {
    const clues = [clue('query-extra', 'reproduced'), clue('expired', 'fault')]
    expect(ranked(named('expired'), ...clues)).toEqual(['expired likely', 'query-extra proven'])
    expect(ranked(mismatch, ...clues)).toEqual(['query-extra proven', 'expired likely'])
  })

  it('puts a fault that makes a service read a different request first, whatever it returned', () => {
    expect(ranked(named('missing-param'), clue('missing-param', 'fault'), clue('url-html-escaped', 'fault'))).toEqual([
      'url-html-escaped likely',
      'missing-param likely',
    ])
  })

  it('takes a fault that the service got past as one that it tolerates', () => {
    const past: Reading = { kind: 'elsewhere', causes: ['not-auth'], isVague: true, statements }
    expect(ranked(past, clue('header-missing', 'fault'), clue('not-auth', 'told'))).toEqual([
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
    expect(ranked(named('expired', 'clock-past'), clue('expired', 'stated', 'The URL expired.'))).toEqual([
      'expired likely',
    ])
  })
})

describe('findings', () => {
  it('omit not-auth after a likely problem with the signature, but not after a possible one', () => {
    expect(ranked(mismatch, clue('host', 'compared'), clue('not-auth', 'told'))).toEqual(['host likely'])
    const possible = [clue('host', 'note'), clue('not-auth', 'prior')]
    expect(ranked(mismatch, ...possible)).toEqual(['host possible', 'not-auth possible'])
  })

  it('quote the values in messages and fixes', () => {
    const values = (cause: Cause, part: Part | undefined, given: Partial<Clue>): string[] =>
      findingsOf(rankAll(mismatch, [{ cause, ground: 'compared', part, ...given }]), (text) => text).flatMap(
        ({ message, fix }) => [message, fix],
      )
    const header: Part = { of: 'header', name: 'content-type' }
    expect(values('header-missing', header, { expected: 'image/png', absent: 'received' })).toEqual([
      'The Content-Type header was signed as "image/png", but it was not sent.',
      'Send "Content-Type: image/png", or do not sign the header.',
    ])
    expect(values('method', { of: 'method' }, { expected: 'PUT', actual: 'POST' })).toEqual([
      'The request was signed for the method "PUT", but it was sent with "POST".',
      'Send the request with "PUT", or sign it for "POST".',
    ])
    const region = { expected: 'eu-west-1', actual: 'us-east-1' }
    expect(values('scope-region', undefined, region)[1]).toBe('Sign for the region "eu-west-1".')
    const date = { expected: 'X-Amz-Date', actual: 'x-amz-date' }
    expect(values('param-case', undefined, date)[1]).toBe('Send the parameter as "X-Amz-Date".')
  })
})
