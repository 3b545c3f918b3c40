import type { Cause } from '../model/causes.ts'
import { type Clue, fill, header, type Part, parameterPart, told } from '../model/clue.ts'
import { meansOf } from '../model/means.ts'
import { traitsOf } from '../model/traits.ts'
import type { Reading } from '../response/errors.ts'

// The values in the messages of services.

/** The value that a service requires, if its message does not contain it. */
const REQUIRED: Partial<Record<Cause, string>> = {
  'signed-headers': 'host',
  'date-format': 'yyyyMMddTHHmmssZ',
  'scope-date': 'yyyyMMdd',
  algorithm: 'AWS4-HMAC-SHA256',
}

/** Returns the clues that a message states with values. */
export function valuesTold(statements: Reading['statements'], region: string | undefined): Clue[] {
  return [...statements].map(([cause, { values, sentence }]) => {
    const [first] = values
    const names = new Set(values.map(({ name }) => name?.replace(/ +/g, ' ')))
    const required = first?.required ?? (cause === 'scope-region' ? region : REQUIRED[cause])
    return statement(cause, { ...first, required, name: [...names].join(', ') }, sentence)
  })
}

/** A clue with the values of its sentences: those of which the values are known. Several names are only in a sentence. */
export function statement(
  cause: Cause,
  values: Readonly<Record<string, string | undefined>>,
  sentences = meansOf(cause).stated,
): Clue {
  const { name = '', required, sent = cause === 'unsigned-header' ? name : undefined } = values
  const known = sentences
    .split(/(?<=\.) /)
    .filter((sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].every(([, key = '']) => values[key] !== undefined))
  const isOne = name !== '' && !name.includes(',')
  const part = isOne ? { part: partOf(cause, name) } : {}
  const said = fill(known.join(' '), values)
  // a value without the right one
  const isOpen = cause.startsWith('scope-') && required === undefined && said.includes('signed for')
  const message = isOpen ? `${said.slice(0, -1)}, which the service does not accept.` : said
  return told(cause, message, { expected: required, actual: sent, ...part })
}

function partOf(cause: Cause, name: string): Part {
  if (traitsOf(cause).of === 'form' || cause === 'missing-field') return { of: 'field', name }
  return cause === 'missing-param' ? parameterPart(name) : header(name)
}
