import type { IncomingMessage } from 'node:http'
import { checksumName } from '../../../../src/internal/checksums.ts'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { TOKEN_HEADER } from '../../../../src/internal/http.ts'
import { readClaimed, verifyClaimed } from '../../../../src/internal/refusals.ts'
import { sigv4a } from '../../../../src/sigv4a.ts'
import { type CredentialsLookup, type VerifyOptions, verifyPost } from '../../../../src/verify.ts'
import { shownKeyId } from '../redaction/find.ts'
import { framingProblem } from '../server/framing.ts'
import type { Faults } from './faults.ts'
import { readAddress } from './http/address.ts'
import { checkPage, preflightResponse } from './http/cors.ts'
import { S3Error, UNREADABLE } from './http/errors.ts'
import { isForm, readBoundary } from './http/form.ts'
import { describeTarget, type LogEvent } from './http/log.ts'
import type { ServiceResponse } from './http/response.ts'
import { postObject } from './operations/post-object.ts'
import type { Body, UnverifiedRequest } from './operations/request.ts'
import { perform } from './routes.ts'
import type { Store } from './store/store.ts'

/** Settings and store, which all requests share. */
export interface Endpoint {
  readonly store: Store
  readonly lookup: CredentialsLookup
  /** The credentials that the lookup finds, if there is only one key. */
  readonly credentials: SecretCredentials | undefined
  /** The region that requests must be signed for, or any. */
  readonly region: string | undefined
  /** The errors to test clients with. */
  readonly faults: Faults
  /** Whether to accept chunks that S3 rejects as too small. */
  readonly allowSmallChunks: boolean
  /** Origins whose pages are allowed, in addition to those of this machine. */
  readonly cors: readonly string[]
  /** Whether to explain rejected signatures. */
  readonly explain: boolean
  readonly idleTimeout: number
  readonly now: () => number
  readonly log: ((event: LogEvent) => void) | undefined
  /** Returns whether to close connections after the pending responses. */
  readonly isClosing: () => boolean
}

/** Verifies a request, performs its operation, and notes in `event` what it is. */
export async function handle(
  endpoint: Endpoint,
  request: IncomingMessage,
  event: LogEvent,
  body: Body,
  accept: () => void,
): Promise<ServiceResponse> {
  checkPage(endpoint.cors, request)
  checkFraming(request)
  const { method = '', url = '' } = request
  if (method === 'OPTIONS') return preflightResponse(request)
  endpoint.faults.admit()
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  const host = headers.get('host') ?? ''
  const address = readAddress(url, host)
  event.target = describeTarget(address.bucket, address.key, address.query)
  const received: UnverifiedRequest = {
    ...address,
    method,
    headers,
    region: endpoint.region ?? 'us-east-1',
    now: Math.floor(endpoint.now() / 1000) * 1000,
    store: endpoint.store,
    location: `http://${host}${url.split('?')[0]}`,
    body,
  }
  const type = headers.get('content-type')
  return method === 'POST' && address.key === '' && isForm(type) && !isSigned(received)
    ? handleForm(endpoint, event, received, readBoundary(type), accept)
    : handleSigned(endpoint, event, received, request, accept)
}

/** Rejects a body whose end different servers could read in different ways. */
function checkFraming({ rawHeaders }: IncomingMessage): void {
  const problem = framingProblem(rawHeaders)
  if (problem === 'ambiguous') throw new S3Error('BadRequest', {}, UNREADABLE)
  if (problem === 'coding') throw new S3Error('NotImplemented', { Header: 'Transfer-Encoding' })
}

function isSigned({ headers, query }: UnverifiedRequest): boolean {
  return headers.has('authorization') || query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
}

/** Returns the options for verifying a signature. */
function acceptance({ lookup, region, now }: Endpoint) {
  return { credentials: lookup, service: 's3', now: now(), ...(region !== undefined && { region }) }
}

function handleForm(
  endpoint: Endpoint,
  event: LogEvent,
  form: UnverifiedRequest,
  boundary: string,
  accept: () => void,
) {
  const options = { ...acceptance(endpoint), size: 'deferred' } as const
  return postObject(form, boundary, async (fields, details) => {
    const verified = await verifyPost(fields, { ...options, ...details })
    accept()
    endpoint.faults.checkRegion(verified.scope.region, form.bucket, form.headers.get('host') ?? '')
    endpoint.faults.checkToken(verified.sessionToken)
    event.signedBy = shownKeyId(verified.accessKeyId)
    event.target = `${describeTarget(form.bucket, verified.fields.get('key') ?? '')} from a form`
    return verified
  })
}

async function handleSigned(
  endpoint: Endpoint,
  event: LogEvent,
  received: UnverifiedRequest,
  request: IncomingMessage,
  accept: () => void,
): Promise<ServiceResponse> {
  const options: VerifyOptions = {
    ...acceptance(endpoint),
    algorithms: [sigv4a],
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: endpoint.allowSmallChunks,
  }
  // readAddress reads paths as S3 does
  const { verified, payload } = await verifyClaimed(readClaimed(request, options), options)
  accept()
  const { accessKeyId, location, scope, verifyBody } = verified
  const parameters = location === 'query' ? headerParameters(received) : new Map<string, string>()
  const headers = new Map([...parameters, ...received.headers])
  endpoint.faults.checkRegion(scope.region, received.bucket, headers.get('host') ?? '')
  endpoint.faults.checkToken(headers.get(TOKEN_HEADER))
  event.signedBy = shownKeyId(accessKeyId)
  return perform({
    ...received,
    // that of Signature Version 4a is a set
    region: endpoint.region ?? (/^[\w-]+$/.test(scope.region) ? scope.region : received.region),
    isChunked: payload.kind === 'chunks',
    accessKeyId,
    headers,
    body: verifyBody(received.body) as Body,
  })
}

/** Returns parameters of a presigned URL that S3 treats as headers, except checksums, which signers compute without the body. */
function headerParameters({ query }: UnverifiedRequest): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of query) {
    const header = name.toLowerCase()
    if (/^x-amz-(?!sdk-)/.test(header) && checksumName(header) === undefined) found.set(header, value)
  }
  return found
}
