import { describe, expect, it } from 'vitest'
import { fail } from '../../../../../src/core/errors.ts'
import { describe as describeError, withFlags } from '../../../src/cli/program/errors.ts'
import { OPTIONS, type Option } from '../../../src/cli/program/options.ts'

const OPTION_ROWS = Object.entries<Option>(OPTIONS)

function thrown(...given: Parameters<typeof fail>): unknown {
  try {
    return fail(...given)
  } catch (error) {
    return error
  }
}

describe('a message of the library', () => {
  it.each([
    ["GET /a is not allowed. Add 'GET /a' to options.allow.", "GET /a is not allowed. Add 'GET /a' to --allow."],
    ['Not allowed with options.readOnly or options.allow.', 'Not allowed with --read-only or --allow.'],
    ['The host a is not a name of this proxy. Add it to options.allowHosts.', /Add it to --allow-host\.$/],
    ["Only the mode 'resign' can sign them again.", 'Only --resign can sign them again.'],
    ['Raise options.maxBody.', 'Raise --max-body.'],
    ['Pass options.somethingElse.', 'Pass options.somethingElse.'],
  ])('names options of the command line: %s', (message, expected) => {
    expect(withFlags(message)).toMatch(expected)
  })

  it.each<[given: Parameters<typeof fail>, expected: string]>([
    [
      ['ERR_INVALID_ARG_VALUE', 'options.health', 'invalid', 'It must differ from options.port.'],
      '--health is not valid. It must differ from --port.',
    ],
    [
      ['ERR_INVALID_ARG_VALUE', 'options.allowServices', 'unusable', "It requires the mode 'resign'."],
      '--allow-service cannot be used here. It requires --resign.',
    ],
    [['ERR_INVALID_ARG_VALUE', 'options.fields.bucket', 'mismatch'], '--field "bucket" does not match. Omit it.'],
    [
      ['ERR_INVALID_ARG_VALUE', 'options.fields["a"]', 'mismatch'],
      '--field "a" does not match. Its value must start with the prefix in the target or --content-type.',
    ],
    [
      ['ERR_INVALID_ARG_VALUE', 'request.headers["x-amz-content-sha256"]', 'reserved'],
      '-H "x-amz-content-sha256" is added by signing. Pass its value as --payload-hash.',
    ],
    [
      ['ERR_INVALID_ARG_VALUE', 'target.key', 'unsendable'],
      'the key would change in transit. It cannot be . or .. alone.',
    ],
  ])('names the option of an argument: %j', (given, expected) => {
    expect(describeError(thrown(...given))).toBe(expected)
  })
})

describe('the fixes of options', () => {
  it('name options that exist', () => {
    const named = OPTION_ROWS.flatMap(
      ([, { fixes = {} }]) =>
        Object.values(fixes)
          .join(' ')
          .match(/--[a-z][a-z-]+/g) ?? [],
    )
    expect(named.length).toBeGreaterThan(10)
    for (const flag of named) expect(OPTIONS).toHaveProperty([flag.slice(2)])
  })

  it('are for one option per argument', () => {
    const sets = OPTION_ROWS.flatMap(([, option]) => option.sets ?? [])
    expect(new Set(sets).size).toBe(sets.length)
  })
})
