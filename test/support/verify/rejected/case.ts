import type { VerifyOptions } from '../../../../src/verify.ts'
import type { received } from '../helpers.ts'

// The format of the rejected requests.

export type Location = 'header' | 'query'
export type Arrived = ReturnType<typeof received> & { headers: Record<string, string> }

/** A rejected request: a valid one that is changed, or verified with different options. */
export interface Case {
  is: string
  code: string
  aws: string
  status: number
  message?: string | RegExp
  details?: Record<string, string>
  /** Additional options to sign the valid request with. */
  signing?: object
  change?: (request: Arrived) => unknown
  options?: Partial<VerifyOptions>
}

export const setParameter =
  (name: string, value: string | undefined) =>
  (request: Arrived): void => {
    const rest = request.url
      .split('?')[1]!
      .split('&')
      .filter((part) => !part.startsWith(`${name}=`))
    if (value !== undefined) rest.push(`${name}=${value}`)
    request.url = `${request.url.split('?')[0]}?${rest.join('&')}`
  }

export const setAuthorization =
  (...change: [RegExp | string, string]) =>
  (request: Arrived): void => {
    request.headers.authorization = request.headers.authorization!.replace(...change)
  }

export const setHeader =
  (name: string, value: string | undefined) =>
  (request: Arrived): void => {
    if (value === undefined) delete request.headers[name]
    else request.headers[name] = value
  }

export const AQPE = { code: 'AUTH_MALFORMED', aws: 'AuthorizationQueryParametersError', status: 400 } as const
export const AHM = { code: 'AUTH_MALFORMED', aws: 'AuthorizationHeaderMalformed', status: 400 } as const
export const MISSING_PARAMETER =
  'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.'
export const NOT_SIGNED = { code: 'HEADER_NOT_SIGNED', aws: 'AccessDenied', status: 403 } as const
export const WRONG =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
export const URI = {
  code: 'AUTH_MALFORMED',
  aws: 'InvalidURI',
  status: 400,
  message: "Couldn't parse the specified URI.",
} as const
