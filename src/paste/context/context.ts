import type { Cause } from '../../explain/model/causes.ts'
import type { RequestAsSent } from '../../explain/request/facts.ts'
import { type Found, known, type Paste } from '../model/found.ts'
import { endpointOf, twinsOf } from './endpoint.ts'
import { hintsOf } from './hints.ts'

// The context of a request in a paste: the client's configuration, and possible changes of the request.

/** The context of a request. */
export interface Context {
  readonly request?: RequestAsSent
  readonly endpoint?: string
  readonly hints?: readonly Cause[]
  /** The parts of the paste that show it. */
  readonly around: readonly Found[]
}

/** Reads the context of a request. `isShown`: whether its headers are known. */
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
