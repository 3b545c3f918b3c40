import { CHUNKS, resignChunks, signChunks } from '../../../../../src/internal/aws-chunked.ts'
import { EMPTY_HASH } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { type Pair, TOKEN_HEADER } from '../../../../../src/internal/http.ts'
import { readReceived } from '../../../../../src/internal/received.ts'
import { appendsToken } from '../../../../../src/internal/services.ts'
import {
  type ChunkSigning,
  headersToAdd,
  parametersToAdd,
  preparePresign,
  prepareSign,
  readPresignAsSent,
  readSignAsSent,
  type SentRequest,
  type SignatureAlgorithm,
  type SigningOptions,
  signingContext,
} from '../../../../../src/internal/signing.ts'
import { SIGV4, signature } from '../../../../../src/internal/webcrypto.ts'
import { divideHeaders, type HeaderLists, headerLists } from '../http/headers.ts'
import type { Settings } from '../options/settings.ts'
import type { BodyPlan } from './body.ts'

/** A request to sign. */
export interface Draft {
  readonly method: string
  readonly path: string
  /** `undefined` if there is no question mark either. */
  readonly query: string | undefined
  /** Without the headers of the connection and of a signature. */
  readonly headers: readonly Pair[]
  readonly scope: { readonly service: string; readonly region: string }
  /** Whether the signature is in the query string. */
  readonly isPresigned: boolean
  readonly plan: BodyPlan
  readonly body: AsyncIterable<Uint8Array>
}

/** A request as it is sent. */
export interface Outgoing {
  readonly method: string
  readonly target: string
  readonly headers: HeaderLists
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined
}

/** Lifetime of a presigned request in seconds: it is sent immediately. */
const EXPIRES = 60

/** Signs a request. The bytes of its path and query are sent as they arrived. */
export async function signDraft(settings: Settings, draft: Draft, credentials: SecretCredentials): Promise<Outgoing> {
  const { host } = settings.upstream
  const { method, scope, plan, body } = draft
  const hasChunks = plan.kind === 'signed-chunks' || plan.kind === 'resigned-chunks'
  const { signed, unsigned: others } = divideHeaders(draft.headers, hasChunks)
  const target = joinTarget(draft.path, draft.query)
  const request = readReceived({ method, url: target, headers: [...signed, ['host', host]] }, undefined)
  const sent: Pair[] = [['host', host], ...others]
  if (hasChunks) {
    const { headers, encode } = await signInChunks(settings, draft, plan, request, credentials)
    // those that are not replaced are sent as they arrived: `request` has them decoded
    const isKept = (name: string): boolean => headers[name] === request.headers[name]
    sent.push(...signed.filter(([name]) => isKept(name)), ...Object.entries(headers).filter(([name]) => !isKept(name)))
    return { method, target, headers: headerLists(sent), body: encode(body) }
  }
  sent.push(...signed, ...bodyHeaders(plan))
  const content = plan.kind === 'none' ? undefined : plan.kind === 'stored' ? plan.body.read() : body
  const now = settings.now()
  const isAppended = draft.isPresigned && appendsToken(scope.service)
  const options: SigningOptions<unknown> = {
    ...scope,
    credentials,
    now,
    sessionTokenPlacement: isAppended ? 'appended' : 'signed',
    sessionTokenName: TOKEN_HEADER,
  }
  if (!draft.isPresigned) {
    const input = readSignAsSent(request, options, payloadHashOf(plan))
    const { payloadHash } = input
    const context = signingContext(input.scope, now)
    const unsigned = prepareSign(input, { body: undefined, payloadHash }, credentials, context)
    sent.push(...headersToAdd(unsigned, await signature(unsigned, credentials, SIGV4)))
    return { method, target, headers: headerLists(sent), body: content }
  }
  const input = readPresignAsSent(request, { ...options, expires: EXPIRES }, payloadHashOf(plan))
  const unsigned = preparePresign(input, credentials, signingContext(input.scope, now))
  const added = parametersToAdd(unsigned, await signature(unsigned, credentials, SIGV4))
  const query = draft.query ? `${draft.query}&${added}` : added
  return { method, target: joinTarget(draft.path, query), headers: headerLists(sent), body: content }
}

/** Signs a request whose chunks are signed, too. */
function signInChunks(
  { now }: Settings,
  { scope }: Draft,
  plan: BodyPlan & { readonly kind: 'signed-chunks' | 'resigned-chunks' },
  request: SentRequest,
  credentials: SecretCredentials,
) {
  const { method, path: url } = request
  const headers = Object.entries(request.headers)
  const algorithm = chunksAsSent(request)
  const options = { ...scope, algorithm, now: now(), sessionTokenName: TOKEN_HEADER } as const
  return plan.kind === 'signed-chunks'
    ? signChunks({ method, url, headers }, { ...options, credentials, decodedLength: plan.length })
    : resignChunks(
        { method, url, headers: [...headers, ['x-amz-content-sha256', plan.payloadHash]] },
        { ...options, from: plan.verified, credentials },
      )
}

/** Signature Version 4 for a request before chunks that is sent as it is, except for the headers that chunks replace. */
function chunksAsSent(request: SentRequest): SignatureAlgorithm {
  const host = request.headers.host!
  const algorithm: ChunkSigning = {
    ...CHUNKS,
    readSign: ({ headers }, options) =>
      readSignAsSent({ ...request, headers: { ...Object.fromEntries(headers as Pair[]), host } }, options, ''),
  }
  return algorithm as ChunkSigning & SignatureAlgorithm
}

function joinTarget(path: string, query: string | undefined): string {
  return query === undefined ? path : `${path}?${query}`
}

function payloadHashOf(plan: BodyPlan): string {
  if (plan.kind === 'streamed') return plan.payloadHash
  return plan.kind === 'stored' ? plan.body.hash : EMPTY_HASH
}

/** Returns the headers that describe the length of a body. */
export function bodyHeaders(plan: BodyPlan): Pair[] {
  const length = plan.kind === 'stored' ? plan.body.length : plan.kind === 'streamed' ? plan.length : 0
  if (length === undefined) return [['transfer-encoding', 'chunked']]
  return plan.kind === 'none' ? [] : [['content-length', String(length)]]
}
