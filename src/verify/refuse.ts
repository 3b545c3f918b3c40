import { fillIn } from '../core/errors.ts'
import type { Location } from '../received/claim.ts'
import type { Problem, Refusal } from '../received/refusals.ts'
import { type ErrorDetails, type ExpectedStrings, SigV4VerifyError } from './verify-error.ts'

/** The location of a signature: the Authorization header, the query, or the fields of a form. */
export type ClaimLocation = Location | 'form'

/** AWS's code for a claim that is malformed, or not accepted, depends on its location. */
export const AWS_CODES = {
  header: 'AuthorizationHeaderMalformed',
  query: 'AuthorizationQueryParametersError',
  form: 'InvalidArgument',
} as const

/** Maximum length of a value of the request in an error: escaping can make it several times as long. */
const LONGEST = 1024

/**
 * Throws because the request must be refused. Values with the name of one of AWS's elements become its details.
 *
 * @param location - The location of the signature, if AWS's words depend on it.
 */
export function refuse(
  [message, code = 'AUTH_MALFORMED', awsCode, status = 400]: Refusal,
  given: ErrorDetails = {},
  location: ClaimLocation = 'header',
  strings?: ExpectedStrings,
): never {
  const values = shortened(given)
  const claim = location === 'header' ? 'The authorization header is malformed; ' : ''
  const words: Readonly<Record<string, string>> = {
    ...values,
    claim,
    credential: location === 'query' ? 'Error parsing the X-Amz-Credential parameter; ' : claim,
  }
  const isInField = location === 'form' && message.startsWith('{credential}')
  const details: Record<string, string> = isInField ? { ArgumentName: 'X-Amz-Credential' } : {}
  for (const name of Object.keys(values))
    if (/^[A-Z]/.test(name))
      // a token stays out of logs and responses
      Object.defineProperty(details, name, { value: values[name], enumerable: name !== 'Token-0' })
  throw new SigV4VerifyError(
    `ERR_SIGV4_${code}`,
    awsCode ?? AWS_CODES[location],
    status,
    fillIn(message, words),
    details,
    strings,
  )
}

function shortened(values: ErrorDetails): Record<string, string> {
  const found: Record<string, string> = {}
  // none is cut: a part of a secret is not recognized as one
  for (const [name, value] of Object.entries(values))
    found[name] = value.length > LONGEST && name !== 'Token-0' ? `[${value.length} characters]` : value
  return found
}

export function refuseProblem(found: Problem, location?: ClaimLocation, more?: ErrorDetails): never
export function refuseProblem(found: Problem | undefined, location?: ClaimLocation, more?: ErrorDetails): void
export function refuseProblem(found: Problem | undefined, location?: ClaimLocation, more?: ErrorDetails): void {
  if (found) refuse(found.refusal, { ...more, ...found.values }, location)
}
