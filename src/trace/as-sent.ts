import { readExpires } from '../core/encoding/time.ts'
import { wellFormed } from '../core/encoding/utf8.ts'
import { type HeaderRecord, headerFilter, signedNames } from '../core/http/headers.ts'
import { formatQuery, parseQuery, sortPairs } from '../core/http/query.ts'
import { requiresPayloadHash } from '../core/services.ts'
import { canonicalHeaders, canonicalValue } from '../core/signing/canonical-request.ts'
import { hostScope } from '../core/signing/hosts.ts'
import type { PresignOptions, SigningOptions } from '../core/signing/options.ts'
import type { PresignInput } from '../core/signing/presign.ts'
import { readScope } from '../core/signing/scope.ts'
import { readSessionToken } from '../core/signing/session-token.ts'
import type { SignInput } from '../core/signing/sign.ts'
import { receivedUri, statedHash } from '../received/canonicalize.ts'

// The counterparts of `readSign` and `readPresign` for requests whose bytes stay as they are: nothing in them is rejected
// because a client would change it, and nothing is normalized.

/** A request exactly as it is sent, its host among the headers. */
export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderRecord
}

/** The input for signing a request that is sent unchanged, with the hash of its body. */
export interface SentInput extends SignInput {
  readonly payloadHash: string
}

/** Reads a request that is signed by headers. `bodyHash` is used unless the options or a header contain a hash. */
export function readSignAsSent(request: SentRequest, options: SigningOptions<unknown>, bodyHash: string): SentInput {
  const { own, ...input } = readSent(request, options)
  const { path, query } = request
  const payloadHash = options.payloadHash ?? request.headers['x-amz-content-sha256'] ?? bodyHash
  return {
    ...input,
    url: query ? `${path}?${query}` : path,
    host: canonicalValue(input.headers.host!),
    query: formatQuery(sortPairs(own)),
    payloadHash,
    checksum: undefined,
    hasPayloadHash: options.payloadHashHeader ?? requiresPayloadHash(input.scope.service, payloadHash),
  }
}

/** Reads a request that is signed by query parameters. */
export function readPresignAsSent(
  request: SentRequest,
  options: SigningOptions<unknown> & Pick<PresignOptions<unknown>, 'expires'>,
  bodyHash: string,
): PresignInput {
  const { own, isSigned, ...input } = readSent(request, options)
  const { expires } = options
  const names = signedNames(input.headers, isSigned)
  const coverage = { s3: input.scope.s3, query: own, signedHeaders: names }
  return {
    ...input,
    url: request.path,
    query: own,
    names,
    lines: canonicalHeaders(input.headers, names),
    payloadHash: options.payloadHash ?? statedHash(request.headers, 'query', coverage) ?? bodyHash,
    expires: expires === false ? undefined : readExpires(expires),
  }
}

/** Reads the input that both have in common. */
function readSent({ method, path, query, headers }: SentRequest, options: SigningOptions<unknown>) {
  const { host = '' } = headers
  // as part of the target, the region may have any form
  const { region, ...others } = options
  const scope = readScope({ host, path, argument: 'request', region }, others, hostScope)
  const uri = receivedUri(path, scope.s3, options)
  const own = parseQuery(query)
  const sent: HeaderRecord = { host }
  for (const name of Object.keys(headers)) sent[wellFormed(name)] = headers[name]!
  return {
    scope,
    method,
    uri,
    own,
    headers: sent,
    isSigned: headerFilter(options),
    token: readSessionToken(options, scope, { host, argument: 'request.url' }, own, headers, 'request'),
  }
}
