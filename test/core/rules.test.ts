import { describe, expect, it } from 'vitest'
import { checkOptions, choiceRule, optionRules, typeRule } from '../../src/core/rules.ts'

interface Options {
  size?: number
  kind?: string
  form?: string
  source?: object
}

const OPTIONS = optionRules<Options>({
  size: typeRule('number', (size: number) => (size > 0 ? undefined : ['range', 'Pass 1 or more.'])),
  kind: choiceRule('one', 'two', 'three'),
  form: choiceRule('round'),
  source: undefined,
})

const check = (options: object): void => checkOptions('options', options as Options, OPTIONS)

describe('options', () => {
  it('with values that the rules allow are accepted', () => {
    check({})
    check({ size: 1, kind: 'three', form: 'round', source: {} })
    check({ size: undefined, kind: undefined })
  })

  it.each([
    [{ sise: 1 }, 'ERR_INVALID_ARG_VALUE', 'options.sise is unknown. Allowed: size, kind, form, source.'],
    [{ size: '1' }, 'ERR_INVALID_ARG_TYPE', 'options.size has the wrong type. Pass a number.'],
    [{ size: 0 }, 'ERR_INVALID_ARG_VALUE', 'options.size is out of range. Pass 1 or more.'],
    [{ kind: 'four' }, 'ERR_INVALID_ARG_VALUE', "options.kind is not valid. Pass 'one', 'two' or 'three'."],
    [{ kind: null }, 'ERR_INVALID_ARG_VALUE', "options.kind is not valid. Pass 'one', 'two' or 'three'."],
    [{ form: 'square' }, 'ERR_INVALID_ARG_VALUE', "options.form is not valid. Pass 'round'."],
    [null, 'ERR_INVALID_ARG_TYPE', 'options has the wrong type. Pass { size }.'],
  ])('%j are rejected', (options, code, message) => {
    expect(() => check(options as object)).toThrow(expect.objectContaining({ code, message }))
  })
})
