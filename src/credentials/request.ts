import { parseHttpDate } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { readServiceError, type ServiceError } from '../received/service-error.ts'
import { element } from '../received/xml.ts'
import { usable } from './usable.ts'

const ATTEMPTS = 3

/** A response, whose body has been read. */
export interface ReadResponse {
  readonly status: number
  readonly text: string
  /** The `Date` header of the response; empty if it is missing. */
  readonly date: string
}

/**
 * Sends a request, up to three times if there is no response within `limit` milliseconds, or one of an overloaded service,
 * or one that `isTransient` recognizes. The error names `argument`, because a URL may contain a secret.
 */
export async function send(
  argument: string,
  url: string,
  init: RequestInit,
  limit: number,
  isTransient: (text: string) => boolean = () => false,
): Promise<ReadResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      // a redirect would send a token elsewhere
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(limit) })
      const { status, headers } = response
      const text = await response.text()
      const mayPass = status >= 500 || status === 429 || isTransient(text)
      if (!mayPass || attempt === ATTEMPTS) return { status, text, date: headers.get('date') ?? '' }
    } catch (error) {
      if (attempt === ATTEMPTS) {
        const { cause, code, name } = error as Error & { cause?: { code?: unknown }; code?: unknown }
        const problem = [cause?.code, code, name].find((part) => typeof part === 'string')
        fail('ERR_SIGV4_CREDENTIALS_MISSING', argument, 'unusable', `There was no response: ${problem}.`)
      }
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * 100))
  }
}

/** Milliseconds by which clocks may differ: a date has whole seconds, and a response takes time. */
const TOLERANCE = 60_000

/** Converts a time from a service to the clock of this machine, which it is compared with. `date` is the service's current time. */
function localTime(time: string, date: string): Date {
  const now = parseHttpDate(date)
  const ahead = now === undefined ? 0 : Date.now() - now * 1000
  return new Date(Date.parse(time) + (Math.abs(ahead) > TOLERANCE ? ahead : 0))
}

/** Reads credentials in the XML of a service. Errors name `where` they were, and the fix. */
export function readXmlCredentials({ text, date }: ReadResponse, where: string, fix: string): SecretCredentials {
  const credentials = {
    accessKeyId: element(text, 'AccessKeyId'),
    secretAccessKey: element(text, 'SecretAccessKey'),
    sessionToken: element(text, 'SessionToken'),
    expiration: localTime(element(text, 'Expiration') ?? '', date),
  }
  return usable(
    credentials,
    (part) => `The ${part} in the ${where}`,
    () => fix,
  )
}

/** Reads the error in the body of a response. */
export function readXmlError(text: string): ServiceError {
  return readServiceError(() => undefined, text)
}
