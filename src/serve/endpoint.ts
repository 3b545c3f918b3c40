import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { SigV4VerifyError, type VerifiedRequest, type VerifyOptions, verify, verifyPost } from '../verify.ts'
import { type Address, readAddress } from './address.ts'
import { type Answer, type AnswerIds, errorAnswer, newIds, send } from './answer.ts'
import { drain, readBody } from './body.ts'
import type { Call } from './call.ts'
import { answerPreflight, type CorsRule, corsHeaders } from './cors.ts'
import { S3Error } from './errors.ts'
import { isForm, readBoundary } from './form.ts'
import { claimedKeyId, describeTarget, explanationLines, type Happening, logLine } from './log.ts'
import { type PostVerifier, postObject } from './post.ts'
import { perform } from './s3.ts'
import type { Store } from './store.ts'
import type { Uploads } from './upload.ts'

/** Adds to a refusal what can be found out about it. `body` is the document that is answered. */
export type Explain = (
  error: SigV4VerifyError,
  request: IncomingMessage,
  body: string,
) => string | undefined | Promise<string | undefined>

/** All that is there for a request. */
export interface Endpoint {
  readonly store: Store
  readonly uploads: Uploads
  readonly credentials: VerifyOptions['credentials']
  /** The one that requests must be signed for, if there is one. */
  readonly region: string | undefined
  /** Whether chunks that S3 rejects as too small are accepted. */
  readonly allowSmallChunks: boolean
  readonly cors: CorsRule | false
  readonly idleTimeout: number
  readonly now: () => number
  readonly log: ((line: string) => void) | undefined
  readonly explain: Explain | undefined
  /** Whether connections are to end with the answers that are under way. */
  readonly isClosing: () => boolean
}

/** A request under way. */
interface Exchange {
  readonly endpoint: Endpoint
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly ids: AnswerIds
  readonly happening: Happening
  /** The client waits to be told before it sends the body. */
  isAwaited: boolean
}

/** Answers one request; never throws. `isAwaited`: the client sends the body when it is told to. */
export async function respond(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  isAwaited: boolean,
): Promise<void> {
  const started = performance.now()
  const { method = '', url = '' } = request
  const happening: Happening = {
    who: claimedKeyId(request),
    method,
    what: url.split('?')[0]!,
    status: 0,
    milliseconds: 0,
  }
  const exchange: Exchange = { endpoint, request, response, ids: newIds(), happening, isAwaited }
  try {
    const answer = await answerTo(exchange).catch((error: unknown) => refuse(exchange, error))
    happening.status = answer.status
    await deliver(exchange, answer).catch(async (error: unknown) => {
      if (typeof answer.body === 'object') answer.body.destroy()
      if (response.headersSent || response.destroyed) throw error
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      const failed = await refuse(exchange, error) // headers that cannot be written
      happening.status = failed.status
      await deliver(exchange, failed)
    })
  } catch (error) {
    const { code, name } = Object(error) as NodeJS.ErrnoException
    happening.why = `the connection ended: ${code ?? name}`
    request.socket.destroy()
  }
  happening.milliseconds = performance.now() - started
  endpoint.log?.(logLine(happening))
}

async function answerTo(exchange: Exchange): Promise<Answer> {
  const { endpoint, request, happening } = exchange
  const { method = '', url = '', headers } = request
  const header = (name: string) => ownHeader(request, name)
  if (method === 'OPTIONS') return answerPreflight(endpoint.cors, header)
  const host = headers.host ?? ''
  const address = readAddress(url, host)
  happening.what = describeTarget(address.bucket, address.key, address.query)
  const now = endpoint.now()
  const { credentials, region } = endpoint
  const accepted = { credentials, service: 's3', now, ...(region !== undefined && { region }) }
  const common = {
    ...address,
    method,
    region: region ?? 'us-east-1',
    now,
    store: endpoint.store,
    uploads: endpoint.uploads,
    isChunked: false,
    location: `http://${host}${url.split('?')[0]}`,
  }
  const contentType = header('content-type')
  if (method === 'POST' && address.key === '' && isForm(contentType) && !isSigned(request, address)) {
    const call = { ...common, header, headerNames: Object.keys(headers), body: () => rawBody(exchange) }
    const verifier: PostVerifier = (fields, facts) => verifyPost(fields, { ...accepted, size: 'deferred', ...facts })
    return postObject(call, readBoundary(contentType), verifier, (accessKeyId, key) => {
      happening.who = accessKeyId
      happening.what += ` (form: ${describeTarget(address.bucket, key, new Map())})`
    })
  }
  const verified = await verify(request, {
    ...accepted,
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: endpoint.allowSmallChunks,
    pathNormalization: 'none', // readAddress reads paths as S3 does
  })
  happening.who = verified.accessKeyId
  const parameters = verified.location === 'query' ? headerParameters(address) : new Map<string, string>()
  const call: Call = {
    ...common,
    region: region ?? verified.scope.region,
    isChunked: verifiedHash(verified, address, header)?.startsWith('STREAMING-') ?? false,
    accessKeyId: verified.accessKeyId,
    header: (name) => header(name) ?? parameters.get(name),
    headerNames: [...new Set([...Object.keys(headers), ...parameters.keys()])],
    body: () => verified.verifyBody(rawBody(exchange)) as AsyncGenerator<Uint8Array, Record<string, string>>,
  }
  return perform(call)
}

function ownHeader({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function isSigned({ headers }: IncomingMessage, { query }: Address): boolean {
  return headers.authorization !== undefined || query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
}

/** The payload hash that the signature covers: with a presigned URL, that excludes an unsigned header. */
function verifiedHash(
  { location, signedHeaders }: VerifiedRequest,
  { query }: Address,
  header: Call['header'],
): string | undefined {
  const name = 'x-amz-content-sha256'
  if (location === 'header') return header(name)
  return query.get('X-Amz-Content-Sha256') ?? (signedHeaders.includes(name) ? header(name) : undefined)
}

/** Parameters of a presigned URL that S3 reads as headers. Checksums it ignores there: signers add that of no body. */
function headerParameters({ query }: Address): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of query)
    if (/^x-amz-(?!sdk-|checksum-(?:crc|sha))/i.test(name)) found.set(name.toLowerCase(), value)
  return found
}

/** The body as it comes in; a client that asked is told here that it may send it. */
function rawBody(exchange: Exchange): AsyncGenerator<Uint8Array, Record<string, string>> {
  if (exchange.isAwaited) exchange.response.writeContinue()
  exchange.isAwaited = false
  return readBody(exchange.request, exchange.endpoint.idleTimeout)
}

/** The answer to a request that is refused or has failed. */
async function refuse(exchange: Exchange, error: unknown): Promise<Answer> {
  const { endpoint, request, happening, ids } = exchange
  if (request.errored || request.socket.destroyed) throw error // nobody is there to be told
  if (!(error instanceof S3Error || error instanceof SigV4VerifyError)) {
    const { name, code, message } = Object(error) as NodeJS.ErrnoException
    happening.why = `InternalError: ${[name, code, message].filter(Boolean).join(' ')}`
    return errorAnswer(new S3Error('InternalError'), ids)
  }
  happening.why = `${error.awsCode}: ${error.message}`
  const plain = errorAnswer(error, ids)
  if (error instanceof S3Error) return plain
  happening.explanation = await explanationOf(endpoint, error, request, plain.body)
  return errorAnswer(error, ids, happening.explanation)
}

async function explanationOf({ explain }: Endpoint, error: SigV4VerifyError, request: IncomingMessage, body: string) {
  try {
    const explanation = await explain?.(error, request, body)
    return explanation === undefined ? undefined : explanationLines(explanation).join('\n')
  } catch (failure) {
    return `(no explanation: ${Object(failure).message})`
  }
}

/** Sends an answer and sees to what is left of the request. */
async function deliver(exchange: Exchange, answer: Answer): Promise<void> {
  const { endpoint, request, response, ids, isAwaited } = exchange
  response.setHeader('server', 'sigv4-serve')
  response.setHeader('x-amz-request-id', ids.requestId)
  response.setHeader('x-amz-id-2', ids.hostId)
  const cors = corsHeaders(endpoint.cors, request.method ?? '', (name) => ownHeader(request, name))
  for (const name in cors) response.setHeader(name, cors[name]!)
  if (endpoint.isClosing() || isAwaited) response.shouldKeepAlive = false
  await send(response, answer)
  // who is still sending would not see an answer behind which the connection is cut
  if (!isAwaited && !(await drain(request))) return void request.socket.destroySoon()
  let isSent = response.writableFinished
  response.once('finish', () => {
    isSent = !request.socket.destroyed // Node also emits it for bytes that a destroyed socket drops
  })
  response.end()
  if (isSent || !response.socket) return
  await finished(response) // the next request waits, so that at most one response is kept for a client that reads none
  if (!isSent) throw Object.assign(new Error('The connection was closed.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
