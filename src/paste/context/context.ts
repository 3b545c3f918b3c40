import type { Cause } from '../../explain/model/causes.ts'
import type { RequestAsSent } from '../../explain/request/facts.ts'
import { type Found, known, type Paste } from '../model/found.ts'
import { endpointOf, twinsOf } from './endpoint.ts'
import { hintsOf } from './hints.ts'

// What a paste shows around the request: how the client was configured, and what may have changed the request.

/** What was found around a request. */
export interface Context {
  readonly request?: RequestAsSent
  readonly endpoint?: string
  readonly hints?: readonly Cause[]
  /** What shows it. */
  readonly around: readonly Found[]
}

/** Reads what is around a request. `isShown`: whether its headers are known. */
export function readContext(
  paste: Paste,
  found: readonly Found[],
  request: RequestAsSent | undefined,
  isShown: boolean,
): Context {
  const twins = request && !request.headers ? twinsOf(found, request.url) : undefined
  const endpoint = twins?.signed ?? endpointOf(paste, found)
  const hints = found.length > 0 ? hintsOf(paste, found, endpoint, isShown) : []
  return {
    ...known({
      request: twins && { ...request, url: twins.sent },
      endpoint,
      hints: hints.length > 0 ? [...new Set(hints.map(({ cause }) => cause))] : undefined,
    }),
    around: hints.map(({ line, description, cause }) => {
      const kind = cause === 'secret-whitespace' ? 'command' : 'configuration'
      return { kind, from: line, to: line, description }
    }),
  }
}
