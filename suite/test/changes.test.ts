import { describe, expect, it } from 'vitest'
import type { Test } from '../format/format.ts'
import { GROUPS } from './files.ts'

// An invalid test differs from its sibling in exactly the one thing that it states.

/** What may differ, by what a change is about. The first group of a pattern is the thing: all parts must have the same. */
const THINGS: Readonly<Record<string, RegExp>> = {
  method: /^(method)$/,
  path: /^(?:signed )?(path)$/,
  query: /^(?:signed )?(query)(?: .+)?$/,
  header: /^(?:signed )?header (.+)$/,
  target: /^(path|query .*)$/,
  body: /^(body)$/,
  signature: /^(?:header authorization|query X-Amz-Signature|field x-amz-signature)$()/,
  credential: /^(?:header authorization|query X-Amz-Credential|signed query|field x-amz-credential|step policy)$()/,
  scope:
    /^(?:header authorization|query X-Amz-Credential|signed query|step signature|key signature|field x-amz-credential|step policy)$()/,
  secret: /^(?:key .+)$()/,
  algorithm: /^(?:header authorization|query X-Amz-Algorithm|signed query|step signature)$()/,
  names: /^(?:header authorization|query X-Amz-SignedHeaders|signed (?:query|names|header .+))$()/,
  date: /^(?:(?:signed )?header x-amz-date|query X-Amz-Date|signed query|step signature)$()/,
  claim:
    /^(?:header (?:authorization|date|x-amz-date|x-amz-content-sha256)|(?:signed )?query.*|query .*|step version2|field (?:x-amz-.*|policy|AWSAccessKeyId|signature))$()/,
  token:
    /^(?:(?:signed )?(?:header|query) x-amz-security-token|signed query|signed names|header authorization|query X-Amz-SignedHeaders)$()/i,
  chunk: /^step (?:body|data\d|chunk\d)$()/,
  trailer: /^step (?:body|trailer\w*)$()/,
  field: /^field (.+)$/,
  file: /^(file)$/,
  policy: /^(?:step (?:policy|otherPolicy)|field policy)$()/,
  condition: /^(step policy)$/,
  expiration: /^(step policy)$/,
  event: /^(body)$/,
}

/** Parts that follow from others, and what they follow from. */
const FOLLOWERS: readonly (readonly [part: RegExp, from: RegExp])[] = [
  [/^(?:signed names|header authorization|query X-Amz-SignedHeaders|signed query)$/, /^(?:signed )?header /],
  [/^signed payload$/, /^(?:signed )?header x-amz-content-sha256$/],
  [/^step (?:hash|other)$/, /^header x-amz-content-sha256$/],
  [/^body$/, /^header x-amz-content-sha256$/],
  [/^header content-length$/, /^body$/],
  [/^header x-amz-security-token$/, /^signed names$/],
]

const withoutOffsets = (text: string): string => text.replace(/(\{\{(?:\w+ )?[A-Za-z]\w*)[+-]\d+\}\}/g, '$1}}')

/** Returns the problem with what a test states of its difference from its sibling. */
function problemWith(test: Test, sibling: Test): string | undefined {
  const { what, parts } = test.change!
  if (what === 'clock') {
    const signature = ({ sign, send }: Test): string =>
      withoutOffsets(
        JSON.stringify([
          sign.map(({ name, ...step }) => (name === 'signature' && 'hmac' in step ? step.hmac : step)),
          send,
        ]),
      )
    return signature(test) === signature(sibling) ? undefined : 'more than times differs'
  }
  const pattern = THINGS[what]
  if (!pattern) return `unknown: ${what}`
  const own = parts.filter(
    (part) =>
      !FOLLOWERS.some(
        ([follower, from]) =>
          follower.test(part) && parts.some((other) => other !== part && from.test(other) && !follower.test(other)),
      ),
  )
  const things = own.map((part) => pattern.exec(part))
  const other = own.find((_, i) => !things[i])
  if (other !== undefined) return `${what}, but also: ${other}`
  const names = new Set(things.map((found) => found![1]))
  return names.size === 1 ? undefined : `${names.size} things: ${[...names].join(', ')}`
}

/** Finds the parts of two requests that differ, in their bytes. */
function differsIn(one: Test, other: Test): string[] {
  const split = (http: string) => {
    const end = http.indexOf('\r\n\r\n')
    const [line = '', ...headers] = http.slice(0, end).split('\r\n')
    return {
      line,
      headers: headers.filter((header) => !/^(?:authorization|content-length):/i.test(header)),
      body: http.slice(end + 4),
    }
  }
  const [a, b] = [split(one.http), split(other.http)]
  const names = (headers: readonly string[], others: readonly string[]): string[] =>
    headers
      .filter(
        (header) =>
          headers.filter((each) => each === header).length !== others.filter((each) => each === header).length,
      )
      .map((header) => `header ${header.split(':')[0]!.toLowerCase()}`)
  return [
    ...(a.line === b.line ? [] : ['line']),
    ...names(a.headers, b.headers),
    ...names(b.headers, a.headers),
    ...(a.body === b.body ? [] : ['body']),
  ]
}

for (const { id, tests } of GROUPS)
  describe(id, () => {
    const changed = tests.filter(({ result }) => result === 'invalid')
    const siblingOf = ({ of }: Test): Test => tests.find((test) => test.id === of)!

    it.each(changed.map((test) => [test.id, test] as const))('%s differs in one thing', (_, test) => {
      expect(problemWith(test, siblingOf(test)), test.change!.parts.join('; ')).toBeUndefined()
    })

    it.each(changed.map((test) => [test.id, test] as const))('%s has only differences that it states', (_, test) => {
      const { what, parts } = test.change!
      if (what === 'clock') return
      const isStated = (difference: string): boolean =>
        difference === 'line'
          ? parts.some((part) => /^(?:method|path|version|query .*)$/.test(part)) || /signature/.test(parts.join())
          : difference === 'body'
            ? parts.some((part) => /^(?:body|file|field .+|step .+|key .+)$/.test(part)) ||
              test.sign.some(({ name }) => /^chunk|^policy/.test(name))
            : parts.includes(difference)
      const isFollowing = (difference: string): boolean =>
        difference === 'line' && parts.some((part) => /^(?:signed|key|step)/.test(part))
      expect(
        differsIn(test, siblingOf(test)).filter((difference) => !isStated(difference) && !isFollowing(difference)),
        parts.join('; '),
      ).toEqual([])
    })
  })

describe('a difference', () => {
  const [sibling] = GROUPS[0]!.tests as [Test]
  it.each([
    ['header', ['header a', 'header b']],
    ['header', ['header a', 'query b']],
    ['query', ['query a', 'method']],
    ['body', ['body', 'path']],
    ['signature', ['header authorization', 'key signature']],
    ['field', ['field a', 'field b']],
    ['unknown', ['method']],
  ])('in more than one %s is noticed', (what, parts) => {
    expect(problemWith({ ...sibling, change: { what, parts } }, sibling)).toBeDefined()
  })
})

it('what shows an effect is an invalid test of the same group, with the same flag', () => {
  const shown = GROUPS.flatMap((group) => group.tests.flatMap((test) => (test.provedBy ? [{ test, group }] : [])))
  expect(shown.length).toBeGreaterThan(3)
  for (const { test, group } of shown) {
    const proving = group.tests.find(({ id }) => id === test.provedBy)
    expect([proving?.result, proving?.flags, proving?.provedBy], test.id).toEqual(['invalid', test.flags, undefined])
  }
})
