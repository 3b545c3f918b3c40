import { type VerifiedRequest, type VerifyOptions, verify as verifyRequest } from '../../src/verify.ts'

// sigv4/verify as the applications import it, which also records what it returns or throws.

export { toErrorResponse } from '../../src/verify.ts'

/** The outcome of a request; neither if the application did not call `verify`. */
export interface Outcome {
  payload?: string
  body?: Uint8Array | undefined
  error?: { code?: string | undefined; argument?: string | undefined }
}

let last: Outcome = {}
let host: string | undefined

/** Sets the option `host` of all applications. */
export function setHost(name: string | undefined): void {
  host = name
}

/** Returns the outcome of the last request, once. */
export function takeOutcome(): Outcome {
  const outcome = last
  last = {}
  return outcome
}

export async function verify(
  request: Parameters<typeof verifyRequest>[0],
  options: VerifyOptions,
): Promise<VerifiedRequest> {
  try {
    const signed = await verifyRequest(request, { ...options, host })
    last = { payload: signed.payload, body: signed.body }
    return signed
  } catch (error) {
    last = { error: error as { code?: string; argument?: string } }
    throw error
  }
}
