import { fail } from '../../../../../src/internal/errors.ts'
import type { SignedStrings } from '../case/case.ts'
import type { Cause } from '../model/causes.ts'
import type { RequestAsSent } from '../request/facts.ts'
import type { Signer } from '../request/signer.ts'
import type { ResponseAsReceived } from '../response/response.ts'
import { clean } from './clean/clean.ts'
import { endpointOf, twinsOf } from './context/endpoint.ts'
import { hintsOf } from './context/hints.ts'
import { signerOf } from './context/signer.ts'
import { chooseExchange } from './exchange/exchange.ts'
import { type EvidenceItem, type Found, known } from './model/found.ts'
import { hasUnreadSignature, readAll } from './readers.ts'

/** The evidence in a pasted text. It can be passed to `explain` unchanged: `explain({ ...parseEvidence(text), credentials })`. */
export interface Evidence {
  /** The request to explain. Its `headers` are missing if the text shows only its URL, and its `body` unless it is complete. */
  readonly request?: RequestAsSent
  /** The response to it. */
  readonly response?: ResponseAsReceived
  /** The response before it, if that redirected the request. */
  readonly redirect?: ResponseAsReceived
  /** The strings that the client signed, if it printed them. */
  readonly signed?: SignedStrings
  /** The request as the service received it, if the text contains it in addition to the one that was sent. */
  readonly received?: RequestAsSent
  /** A request with the same signature that the service accepted. */
  readonly accepted?: RequestAsSent
  /** Who signed, as code, names of clients, or words in the text show it. */
  readonly signer?: Signer
  /** The endpoint that the client was configured with, as it is written there. */
  readonly endpoint?: string
  /** Causes that commands, versions, the configuration of a proxy, or words in the text suggest, the likeliest first. */
  readonly hints?: readonly Cause[]
  /** Everything that was recognized, in order. Empty if nothing was. */
  readonly items: readonly EvidenceItem[]
}

/**
 * Reads a pasted text: a presigned URL, an error, a log, a HAR file, a command, in any combination and with prose
 * around it. Quotation marks of mail, Markdown, indentation and colors are removed.
 *
 * @param text - The text. Anything is accepted; reading takes time linear in its length.
 * @returns `{ request, response, received, accepted, redirect, signed, signer, endpoint, hints, items }`, each if the text contains it: of several requests, the last signed one
 * that was rejected. No secret access key is part of it, but a request keeps its session token, which may be signed; an
 * item of kind `credentials` reports the lines that must not be posted.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if `text` is not a string.
 * @example
 * ```ts
 * import { explain, parseEvidence } from 'sigv4-tools/explain'
 *
 * const evidence = parseEvidence(`$ curl -v -X PUT 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…'
 * > PUT /cat.jpg?X-Amz-Algorithm=… HTTP/1.1
 * > Host: photos.s3.eu-west-1.amazonaws.com
 * >
 * < HTTP/1.1 403 Forbidden
 * <Error><Code>SignatureDoesNotMatch</Code></Error>`)
 * console.log(evidence.items, explain(evidence).verdict)
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function parseEvidence(text: string): Evidence {
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', 'text', 'type', 'Pass the pasted text as a string.')
  const { paste, secrets } = clean(text)
  const found = readAll(paste)
  const { about, isShown, ...exchange } = chooseExchange(found, () => hasUnreadSignature(paste, found))
  const { request } = exchange
  const twins = request && !request.headers ? twinsOf(found, request.url) : undefined
  const endpoint = twins?.signed ?? endpointOf(paste, found)
  const hints = found.length > 0 ? hintsOf(paste, found, endpoint, isShown) : []
  const around = hints.map(({ line, description, cause }): Found => {
    const kind = cause === 'secret-whitespace' ? 'command' : 'configuration'
    return { kind, from: line, to: line, description }
  })
  const items = [...found, ...around, ...secrets]
    .sort((a, b) => a.from - b.from)
    .map((each): EvidenceItem => {
      const { kind, from, to, description } = each
      const lines = [paste.origins[from]! + 1, paste.origins[to]! + 1] as const
      return { kind, lines, description, ...(each === about && { isExplained: true }) }
    })
  const context = known({
    signer: found.length > 0 ? signerOf(paste, found) : undefined,
    request: twins && { ...request, url: twins.sent },
    endpoint,
    hints: hints.length > 0 ? [...new Set(hints.map(({ cause }) => cause))] : undefined,
  })
  return { ...exchange, ...context, items }
}
