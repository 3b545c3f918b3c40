import type { Cause } from '../model/causes.ts'
import { fill, header, type Part, parameterPart, type Sign, told } from '../model/sign.ts'
import type { Reading } from '../response/errors.ts'

// The values in the messages of services.

/** Sentences about the values of a message, by cause. */
const SENTENCES: Partial<Record<Cause, string>> = {
  'unsigned-header': 'The request contained headers that were not signed: {name}.',
  'header-missing': 'The request did not contain the signed header {name}.',
  'missing-header': 'The request did not contain the header {name}.',
  'missing-param': 'The URL did not contain {name}.',
  'malformed-authorization': 'The Authorization header did not contain {name}.',
  'date-format': 'The date is "{sent}". The required format is {required}.',
  'scope-region': 'The request was signed for the region "{sent}". The service requires the region "{required}".',
  'scope-service': 'The request was signed for the service "{sent}". The endpoint belongs to the service "{required}".',
  'scope-terminator': 'The credential scope ended with "{sent}". It must end with "{required}".',
  'scope-date': 'The request was signed for the date "{sent}". The service requires the date "{required}".',
  'keys-swapped': 'The access key ID has {sent} characters. The service requires {required}.',
  'unknown-access-key': 'The access key ID has {sent} characters. The service requires {required}.',
  'malformed-credential': 'The credential has {sent} parts. It must have {required}.',
  algorithm: 'The algorithm is "{sent}". The service requires {required}.',
  'policy-condition': 'The policy does not allow the value of the {name} field.',
  'policy-missing': 'The form did not contain a {name} field before the file.',
  'missing-field': 'The form did not contain a {name} field before the file.',
  'policy-extra-field': 'The policy does not contain a condition for the field {name}.',
}

/** What a service requires if its message does not contain it. */
const REQUIRED: Partial<Record<Cause, string>> = {
  'signed-headers': 'host',
  'date-format': 'yyyyMMddTHHmmssZ',
  'scope-date': 'yyyyMMdd',
  algorithm: 'AWS4-HMAC-SHA256',
}

/** What a message states with values. */
export function valuesTold(statements: Reading['statements'], region: string | undefined): Sign[] {
  return [...statements].map(([cause, { values, sentence }]) => {
    const [first] = values
    const names = new Set(values.map(({ name }) => name?.replace(/ +/g, ' ')))
    const required = first?.required ?? (cause === 'scope-region' ? region : REQUIRED[cause])
    return statement(cause, { ...first, required, name: [...names].join(', ') }, sentence)
  })
}

/** A sign with the values of its sentences: those of which the values are known. Several names are only in a sentence. */
export function statement(
  cause: Cause,
  values: Readonly<Record<string, string | undefined>>,
  sentences = SENTENCES[cause] ?? '',
): Sign {
  const { name = '', required, sent = cause === 'unsigned-header' ? name : undefined } = values
  const known = sentences
    .split(/(?<=\.) /)
    .filter((sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].every(([, key = '']) => values[key] !== undefined))
  const isOne = name !== '' && !name.includes(',')
  const part = isOne ? { part: partOf(cause, name) } : {}
  return told(cause, fill(known.join(' '), values), { expected: required, actual: sent, ...part })
}

/** The part of the request that a message names. */
function partOf(cause: Cause, name: string): Part {
  if (/^(?:policy-|missing-field)/.test(cause)) return { of: 'field', name }
  return cause === 'missing-param' ? parameterPart(name) : header(name)
}
