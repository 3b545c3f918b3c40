import { fail } from '../core/errors.ts'

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
