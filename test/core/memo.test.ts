import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Memo, memoOf, remember } from '../../src/core/memo.ts'

/** Calls `remember` with each of the options in turn and says for which of them `make` was called. */
function made(...calls: object[]): boolean[] {
  const memo: Memo<object> = {}
  return calls.map((options) => {
    let called = false
    const result = remember(memo, ['PUT'], options, () => {
      called = true
      return { of: { ...options } }
    })
    expect(result).toEqual({ of: { ...options } })
    return called
  })
}

const primitive = fc.oneof(fc.constant(undefined), fc.constant(1), fc.constant('a'), fc.constant(''))
const name = fc.constantFrom('a', 'b', 'headers', '0')
const anyOptions = fc.dictionary(name, fc.oneof(primitive, fc.dictionary(name, primitive, { noNullPrototype: true })), {
  noNullPrototype: true,
})

describe('a memo', () => {
  it('gives the last result while options say the same', () => {
    expect(made({ expires: 9 }, { expires: 9 }, { expires: 9 })).toEqual([true, false, false])
    expect(made({ headers: { a: 'b' } }, { headers: { a: 'b' } })).toEqual([true, false])
    expect(made({}, {})).toEqual([true, false])
  })

  it.each<[what: string, one: object, other: object]>([
    ['a value', { expires: 9 }, { expires: 10 }],
    ['a name', { region: 'a' }, { service: 'a' }],
    ['one more', { expires: 9 }, { expires: 9, region: 'a' }],
    ['one less', { expires: 9, region: 'a' }, { expires: 9 }],
    ['a header', { headers: { a: 'b' } }, { headers: { a: 'c' } }],
    ['a header less', { headers: { a: 'b' } }, { headers: {} }],
    ['no headers for empty ones', { headers: {} }, { headers: undefined }],
    ['null for empty headers', { headers: {} }, { headers: null }],
    ['a text for an object', { headers: { 0: 'x' } }, { headers: 'x' }],
    ['where a list ends', { headers: { a: 'b' }, c: 'd' }, { headers: { a: 'b', c: 'd' } }],
    ['a number for its text', { expires: 9 }, { expires: '9' }],
  ])('sees a change: %s', (_, one, other) => {
    expect(made(one, other)).toEqual([true, true])
    expect(made(other, one)).toEqual([true, true])
  })

  it.each<[what: string, options: object]>([
    ['lists', { unsignedHeaders: ['a'] }],
    ['dates', { expires: new Date(0) }],
    ['Headers', { headers: new Headers({ a: 'b' }) }],
    ['maps', { headers: new Map([['a', 'b']]) }],
    [
      'classes',
      Object.assign(
        Object.create({
          get expires() {
            return 9
          },
        }),
        { region: 'a' },
      ),
    ],
    ['headers with lists', { headers: { a: ['b'] } }],
  ])('does not remember %s', (_, options) => {
    expect(made(options, options)).toEqual([true, true])
  })

  it('sees what its caller changes in a remembered object', () => {
    const options = { headers: { a: 'b' } }
    const memo: Memo<string> = {}
    const read = (): string => remember(memo, [], options, () => options.headers.a)
    expect(read()).toBe('b')
    options.headers.a = 'c'
    expect(read()).toBe('c')
  })

  it('sees other inputs, and forgets nothing when making fails', () => {
    const memo: Memo<number> = {}
    expect(remember(memo, [1], {}, () => 1)).toBe(1)
    expect(() =>
      remember(memo, [2], {}, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(remember(memo, [1], {}, () => 3)).toBe(1)
  })

  it('never takes options for others', () => {
    const entries = (options: object): unknown[] =>
      Object.entries(options).map(([key, value]) => [key, typeof value === 'object' && value ? entries(value) : value])
    fc.assert(
      fc.property(anyOptions, anyOptions, (one, other) => {
        const [, again] = made(one, other)
        const same = JSON.stringify(entries(one), said) === JSON.stringify(entries(other), said)
        expect(again).toBe(!same)
      }),
    )
  })

  it('belongs to one credentials object', () => {
    const memos = new WeakMap<object, Memo<number>>()
    const credentials = {}
    expect(memoOf(memos, credentials)).toBe(memoOf(memos, credentials))
    expect(memoOf(memos, {})).not.toBe(memoOf(memos, credentials))
    expect(memoOf(memos, undefined as never)).toEqual({})
  })
})

/** JSON that tells `undefined` from nothing. */
function said(_: string, value: unknown): unknown {
  return value === undefined ? ['undefined'] : value
}
