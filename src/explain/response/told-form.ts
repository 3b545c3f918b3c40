import { clue, type Told } from '../clue.ts'
import type { ServiceResponse } from './response.ts'

/** The names of a field without a condition. */
const EXTRA_FIELD =
  /Extra input fields: ([\w-]{1,100})|"([\w, -]{1,300})" not specified in|field "([\w-]{1,100})" is not covered|missing condition: ([\w-]{1,100})|Key '([\w-]{1,100})' is not allowed/i

/** Parses what an error states about a form: its conditions, fields and size. */
export function formTold({ message, code, elements }: ServiceResponse): Told[] {
  const { f, e, a } =
    /condition '[\w-]+' for field '(?<f>[^']{1,100})' failed: expected (?:prefix )?'(?<e>[^']{0,500})', got '(?<a>[^']{0,500})'/i.exec(
      message,
    )?.groups ?? {}
  if (f !== undefined && e !== undefined && a !== undefined)
    return [
      clue(
        'policy-condition',
        `The policy requires "${e}" for the ${f} field, but the form contained "${a}".`,
        e,
        a,
        f,
      ),
    ]
  const changed =
    /(x-amz-\w+) does not match policy|condition failed: "([\w-]{1,100})" does not|Key '([\w-]{1,100})' has value not allowed/i.exec(
      message,
    )
  if (changed) {
    const field = changed.slice(1).find((each) => each)!
    return [
      clue(
        'policy-condition',
        `The policy does not allow the value of the ${field} field.`,
        undefined,
        undefined,
        field,
      ),
    ]
  }
  const absent = /must contain a field named '([\w-]{1,100})'/i.exec(message)?.[1]
  if (absent)
    return [
      clue(
        /^policy$/i.test(absent) ? 'policy-missing' : 'missing-field',
        `The form did not contain a ${absent} field before the file.`,
        undefined,
        undefined,
        absent,
      ),
    ]
  const field = EXTRA_FIELD.exec(message)
    ?.slice(1)
    .find((each) => each)
  if (field) {
    const isOne = !field.includes(',')
    const message = `The policy does not contain a condition for the ${isOne ? 'field' : 'fields'} ${field}.`
    return [{ cause: 'policy-extra-field', message, ...(isOne ? { name: field } : {}) }]
  }
  const condition = /Policy Condition failed: (.{1,500})/i.exec(message)?.[1]
  if (condition)
    return [
      clue(
        'policy-condition',
        `The form did not meet the policy condition ${condition.trim().replace(/\.$/, '').replace(/\]\)$/, ']')}.`,
      ),
    ]
  const size = elements.get('ProposedSize')
  const [least, most] = [elements.get('MinSizeAllowed'), elements.get('MaxSizeAllowed')]
  if (code === 'EntityTooLarge' && size && most)
    return [clue('policy-too-large', `The file had ${size} bytes, but the policy allows at most ${most}.`, most, size)]
  if (code === 'EntityTooSmall' && size && least)
    return [
      clue('policy-too-small', `The file had ${size} bytes, but the policy requires at least ${least}.`, least, size),
    ]
  return []
}
