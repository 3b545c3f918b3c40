import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { EMPTY_HASH, parsePayload } from '../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { type SigV4VerifyError, verify } from '../../../../src/verify.ts'
import type { ExplainInput, RequestAsSent } from '../explain.ts'
import { unexplainable } from '../server/explain.ts'
import { hostLines, pairsOf } from '../server/host.ts'
import type { Budget } from './budget.ts'
import { headerPairs, headerValue } from './http/headers.ts'
import { mayReject, readError } from './http/read-error.ts'
import type { LoggedRequest } from './options/options.ts'
import type { Settings } from './options/settings.ts'

/** Maximum number of bytes of a body that are kept for an explanation. Of a longer body, only the hash is known. */
const MAX_KEPT = 64 * 1024

/** Observed parts of a request and of its response. */
export interface Evidence {
  /** Bytes of the body of the request so far, and of the response. */
  received: number
  sent: number
  /** The hash of the body so far, if requests are watched. */
  readonly hash: Hash | undefined
  /** The body so far, if requests are watched and it is not too long. */
  readonly pieces: Uint8Array[]
  /** Whether the body was received completely. */
  isWhole: boolean
  /** The proxy's reason for rejecting the signature. */
  rejection: SigV4VerifyError | undefined
  /** A response that may reject the request. */
  response?: KeptResponse
}

interface KeptResponse {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly pieces: Uint8Array[]
  length: number
}

export function newEvidence({ mode }: Settings, incoming: IncomingMessage): Evidence {
  const { headers } = incoming
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  const hash = mode === 'watch' ? createHash('sha256') : undefined
  return { received: 0, sent: 0, hash, pieces: [], isWhole: isEmpty, rejection: undefined }
}

/** Passes a body on, and counts and hashes its bytes. `onRead` is called before the first one: a client may wait for that. */
export async function* observeBody(
  body: AsyncIterable<Uint8Array>,
  evidence: Evidence,
  onRead: () => void,
): AsyncGenerator<Uint8Array, void> {
  onRead()
  for await (const piece of body) {
    evidence.received += piece.length
    evidence.hash?.update(piece)
    if (evidence.received > MAX_KEPT) evidence.pieces.length = 0
    else if (evidence.hash) evidence.pieces.push(piece)
    yield piece
  }
  evidence.isWhole = true
}

/** Keeps the head of a response that may reject a signature. */
export function keepResponse(evidence: Evidence, status: number, rawHeaders: readonly string[]): void {
  if (status >= 400) evidence.response = { status, rawHeaders, pieces: [], length: 0 }
}

/** Keeps the start of the body of such a response. */
export function keepPiece({ response }: Evidence, piece: Uint8Array): void {
  if (!response || response.length >= MAX_KEPT) return
  response.pieces.push(piece.subarray(0, MAX_KEPT - response.length))
  response.length += piece.length
}

/** Errors that reject the credentials or the signature of a request. */
const REJECTIONS =
  /^(?:SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|InvalidSignatureException|UnrecognizedClientException|InvalidClientTokenId|ExpiredToken|ExpiredTokenException)$/

/** Explains that the service rejected the signature of the proxy, if its response has such an error. */
export function explainOwn(evidence: Evidence): Findings {
  const { response } = evidence
  if (!response || !mayReject(response.status)) return {}
  const { code } = readError(response.rawHeaders, response.pieces)
  if (!REJECTIONS.test(code ?? '')) return {}
  return {
    explanation: [
      `The service rejected the signature of the proxy (${code}). Check its credentials, service, and region.`,
    ],
  }
}

/** Problems that are reported once, because they apply to all requests. */
export interface Reported {
  isUnchecked: boolean
}

/** The explanation of a request, for the log. */
export type Findings = Pick<LoggedRequest, 'verdict' | 'cause' | 'explanation' | 'exchange'>

/**
 * Explains why a request was rejected, or that a wrong signature was accepted. The signature is checked as it was received,
 * to distinguish a change after the proxy from one before it.
 */
export async function explainRequest(
  settings: Settings,
  incoming: IncomingMessage,
  evidence: Evidence,
  credentials: SecretCredentials | undefined,
  reported: Reported,
  budget: Budget,
): Promise<Findings> {
  const { method, url, headers, rawHeaders } = incoming
  const { response, received, pieces, rejection } = evidence
  const isWatched = settings.mode === 'watch'
  if (!isWatched && !rejection) return explainOwn(evidence)
  if (!isWatched && rejection?.code === 'ERR_SIGV4_ACCESS_KEY_UNKNOWN')
    return { explanation: [`Fix: Sign with the access key ID ${credentials?.accessKeyId}, which this proxy accepts.`] }
  const hash = evidence.hash?.digest('hex') ?? EMPTY_HASH
  const bodyHash = evidence.isWhole && (isWatched || received === 0) ? hash : undefined
  const isRejected = response !== undefined && mayReject(response.status)
  const verdict = rejection ? 'wrong' : await checkSignature(settings, incoming, credentials, bodyHash, isRejected)
  const body = received > MAX_KEPT ? { bodyHash: bodyHash! } : { body: Buffer.concat(pieces) }
  const request = {
    ...{ method, url, headers, rawHeaders, ...(bodyHash !== undefined && body) },
    isReceived: isWatched,
  }
  const { host } = settings.upstream
  const input = { request, now: settings.now(), signed: { headers: { host } }, ...(credentials && { credentials }) }
  if (!response || !isRejected) {
    // a different error, such as that of a missing object, does not show whether the signature was checked
    const isAccepted = response === undefined
    if (verdict !== 'wrong' || (isAccepted && reported.isUnchecked)) return { verdict }
    if (isAccepted) reported.isUnchecked = true // before the next request, which may be explained at the same time
    const { lines, signature: _, isOpen: __, ...cause } = await explained(budget, input)
    if (!isAccepted) return { verdict, ...cause, explanation: lines }
    return {
      verdict,
      ...cause,
      explanation: [
        `${settings.upstream.host} accepted this request although its signature is wrong, so it may not check signatures.`,
        ...lines,
      ],
    }
  }
  const { lines, signature, isOpen, ...cause } = await explained(budget, {
    ...input,
    response: {
      status: response.status,
      headers: headerPairs(response.rawHeaders),
      body: Buffer.concat(response.pieces),
    },
  })
  if (verdict === 'right' && signature !== 'right')
    lines.push('The signature was correct when the proxy received the request.')
  if (!isWatched) return { ...cause, explanation: lines }
  lines.push(...hostLines(incoming, [host, ...ownHosts(incoming)], isOpen && verdict !== 'right'))
  return {
    verdict,
    ...cause,
    explanation: lines,
    exchange: await exchangeOf(host, incoming, evidence, response, bodyHash, credentials),
  }
}

/** The hosts by which clients reach the proxy directly. */
function ownHosts({ socket }: IncomingMessage): string[] {
  return [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`]
}

/** Formats a rejected request and its response. */
async function exchangeOf(
  upstream: string,
  { method = '', url = '', httpVersion, rawHeaders }: IncomingMessage,
  { received, sent }: Evidence,
  response: KeptResponse,
  bodyHash: string | undefined,
  credentials: SecretCredentials | undefined,
): Promise<readonly string[]> {
  const { exchangeLines } = await import('../server/received.ts')
  const request = { method, url, httpVersion, rawHeaders, bodyLength: received, bodyHash }
  const { status, rawHeaders: headers, pieces } = response
  return exchangeLines(
    upstream,
    request,
    { status, headers: pairsOf(headers), body: Buffer.concat(pieces), bodyLength: sent },
    credentials,
  )
}

/**
 * Checks a signature as it was received. A request without one is wrong only if it is rejected: a form has its signature in
 * the body, and anyone may read a public object. So is one with the key of a different client.
 */
async function checkSignature(
  { now }: Settings,
  { method, url, rawHeaders }: IncomingMessage,
  credentials: SecretCredentials | undefined,
  bodyHash: string | undefined,
  isRejected: boolean,
): Promise<'right' | 'wrong' | 'unchecked'> {
  if (credentials === undefined || bodyHash === undefined) return 'unchecked'
  const headers = headerPairs(rawHeaders)
  const stated = headerValue(headers, 'x-amz-content-sha256')
  if (parsePayload(stated ?? '')?.kind === 'hash' && stated !== bodyHash) return 'wrong'
  const isUnstated = stated === undefined && headers.some(([name]) => name === 'authorization')
  try {
    await verify(
      {
        method,
        url,
        headers: {},
        rawHeaders: isUnstated ? [...rawHeaders, 'x-amz-content-sha256', bodyHash] : rawHeaders,
      },
      {
        credentials: (id) => (id === credentials.accessKeyId ? credentials : undefined),
        now: now(),
        payload: 'deferred',
        allowUnsignedPayload: true,
      },
    )
    return 'right'
  } catch (error) {
    const { code } = error as SigV4VerifyError
    const isUnknown = code === 'ERR_SIGV4_AUTH_MISSING' || code === 'ERR_SIGV4_ACCESS_KEY_UNKNOWN'
    return isUnknown && !isRejected ? 'unchecked' : 'wrong'
  }
}

interface Explained extends Pick<Findings, 'cause'> {
  readonly lines: string[]
  readonly signature?: string
  /** Whether the cause is only possible. */
  readonly isOpen: boolean
}

/**
 * Explains a request if there is time. The code is loaded when it is first needed: with a small heap, the garbage collection
 * of bodies takes less time.
 */
async function explained(
  budget: Budget,
  input: ExplainInput & { readonly request: RequestAsSent },
): Promise<Explained> {
  const { url = '', rawHeaders = [] } = input.request
  const reason = unexplainable(url, rawHeaders)
  if (reason !== undefined) return unexplained(reason)
  const { explainWithin } = await import('../explain/explain.ts')
  const explanation = budget.spend((search) => explainWithin(input, search))
  if (!explanation)
    return unexplained(`earlier explanations took too long. Send the request again in ${inSeconds(budget.wait())}.`)
  const { verdict, findings, signature } = explanation
  const [first] = findings
  return first
    ? { cause: first.cause, lines: [verdict, `Fix: ${first.fix}`], signature, isOpen: first.confidence === 'possible' }
    : { lines: [verdict], signature, isOpen: false }
}

function inSeconds(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}

function unexplained(reason: string): Explained {
  return { lines: [`No explanation: ${reason}`], isOpen: true }
}
