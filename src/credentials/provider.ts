import { parseHttpDate } from '../core/encoding/time.ts'
import { type ErrorReason, fail, type SigV4Error } from '../core/errors.ts'
import { checkCredentials, type SecretCredentials } from '../core/signing/credentials.ts'
import { readServiceError, type ServiceError } from '../received/service-error.ts'
import { element } from '../received/xml.ts'
import type { ReadResponse } from './request.ts'

/** Returns credentials that can sign requests now. Errors contain the name of a part at its source. */
export function usable(
  credentials: { readonly [Part in keyof SecretCredentials]?: unknown },
  nameOf: (part: string) => string,
  hintOf: (reason: ErrorReason) => string,
): SecretCredentials {
  try {
    checkCredentials(credentials as SecretCredentials, Date.now() / 1000)
  } catch (error) {
    const { argument, reason } = error as SigV4Error & { argument: string; reason: ErrorReason }
    fail('ERR_SIGV4_CREDENTIALS_MISSING', nameOf(argument.split('.').pop()!), reason, hintOf(reason))
  }
  return credentials as SecretCredentials
}

/** Milliseconds by which clocks may differ: a date has whole seconds, and a response takes time. */
const TOLERANCE = 60_000

/** Converts a time from a service to the clock of this machine, which it is compared with. `date` is the service's current time. */
export function localTime(time: string, date: string): Date {
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
