/**
 * Explains why a service rejected a signature, and shows each step of signing.
 *
 * @module
 */

import { parseAmzDate } from './core/encoding/time.ts'
import { fail } from './core/errors.ts'
import { isObject } from './core/kind.ts'
import { secretShapes, secretsOfCredential } from './core/secrets/find.ts'
import type { SecretCredentials } from './core/signing/credentials.ts'
import type { Case, SignedStrings } from './explain/case.ts'
import { causeText } from './explain/cause-text.ts'
import { type Cause, causes } from './explain/causes.ts'
import { diagnose } from './explain/diagnose.ts'
import { createRedactor, findingsOf } from './explain/findings.ts'
import { toEpochMs } from './explain/inspect.ts'
import { type ParsedRequest, parseRequest, type RequestAsSent } from './explain/request/facts.ts'
import { rebuild, withHeaders } from './explain/request/rebuild.ts'
import { readCode } from './explain/response/codes.ts'
import { type ResponseAsReceived, readResponse, type ServiceResponse } from './explain/response/response.ts'
import { type Explanation, summarize } from './explain/summarize.ts'
import { weigh } from './explain/weigh.ts'

/** What is known about a rejected request: `request`, or a `response` that contains what the service computed. */
export interface ExplainInput {
  /** The request as it was sent. @default rebuilt from the response */
  readonly request?: RequestAsSent | undefined
  /** The service's response. @default none: only the request is examined */
  readonly response?: ResponseAsReceived | undefined
  /** The response before it, if that redirected the request. @default none */
  readonly redirect?: ResponseAsReceived | undefined
  /** The endpoint that the client was configured with. @default none */
  readonly endpoint?: string | undefined
  /** Causes that something else than the request and the response suggests: a command, a version, a configuration. @default none */
  readonly hints?: readonly Cause[] | undefined
  /** The credentials that should have signed. With them, causes can be proven. @default none */
  readonly credentials?: SecretCredentials | undefined
  /** The strings that the client signed. @default none */
  readonly signed?: SignedStrings | undefined
  /** When the service saw the request, a `Date` or epoch milliseconds. @default the time of the response; without it, the signing date; otherwise the current time */
  readonly now?: Date | number | undefined
}

const SECRETS = ['accessKeyId', 'secretAccessKey']
const STRINGS = ['canonicalRequest', 'stringToSign']
const LARGEST_SEARCH = 20_000
const LONGEST_SEARCH = 1000

/**
 * Explains why a signed request was rejected: the cause, its confidence, and the fix. Works with partial evidence, and
 * the verdict names what else would help. Never throws on a mismatch, and never returns a secret.
 *
 * @param input - The request as it was sent, and, if known, the response, the credentials and the strings that the client signed.
 * @returns `{ verdict, signature, findings }`, the most likely finding first. `proven`: the received hash, canonical request
 * or signature was reproduced with this cause. The search is limited to 20,000 hypotheses and one second.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if there is no request and no response that shows one, or if something
 * is of the wrong kind; `ERR_INVALID_ARG_VALUE` for a bad `now`. Never for what a request or a response is like.
 * @example
 * ```ts
 * import { explain } from 'sigv4/explain'
 *
 * const { verdict, findings } = explain({
 *   request: { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Signature=…', headers: { 'content-type': 'image/png' } },
 *   response: { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' },
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * console.log(verdict, findings[0]?.fix)
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function explain(input: ExplainInput): Explanation {
  const [credentials, signed] = [input?.credentials ?? undefined, input?.signed ?? {}]
  checkTexts('input.credentials', credentials, SECRETS)
  checkTexts('input.signed', signed, STRINGS)
  checkSurroundings(input ?? {})
  const response = input?.response ? readResponse(input.response) : undefined
  // what the service, or else the client, shows of a request without headers
  const rebuilt = input?.request?.headers
    ? undefined
    : ((response && rebuild(response, response.elements)) ?? rebuild(signed, undefined, !response))
  const request = input?.request ? withHeaders(input.request, rebuilt?.request) : (rebuilt?.request ?? (response && {}))
  if (!isObject(request))
    fail('ERR_INVALID_ARG_TYPE', 'input.request', 'type', 'Pass { method, url, headers, body } as they were sent.')
  const isRequestKnown = (input.request ?? rebuilt) !== undefined
  const facts = parseRequest(request)
  const seen = response?.time ?? (response && whenSigned(response, facts)) ?? Date.now()
  const now = toEpochMs(input.now ?? seen, 'input.now')
  const end = Date.now() + LONGEST_SEARCH
  const given: Case = {
    request,
    isRequestKnown,
    known: {
      method: request.method !== undefined,
      target: input.request !== undefined,
      headers: request.headers !== undefined,
      body:
        facts.body !== undefined ||
        (request.method !== undefined && /^(?:GET|HEAD|DELETE|OPTIONS)$/i.test(facts.method)),
    },
    isRedirected: input.redirect !== undefined,
    endpoint: input.endpoint,
    hints: input.hints ?? [],
    unseen:
      rebuilt?.unseen ?? (request.headers ? [] : facts.location === undefined ? [...HEADERS, 'anonymous'] : HEADERS),
    facts,
    response,
    secrets: credentials,
    signed,
    now,
    isNowKnown: input.now !== undefined || response?.time !== undefined,
    budget: { left: LARGEST_SEARCH, isOver: () => Date.now() > end },
  }
  const diagnosis = diagnose(given)
  const { canonicalRequest, stringToSign, message = '' } = response ?? {}
  const hide = createRedactor(
    facts,
    credentials,
    [signed.canonicalRequest, signed.stringToSign, canonicalRequest, stringToSign, message],
    [...secretsOfCredential(response?.elements.get('AWSAccessKeyId') ?? ''), ...secretShapes(message)],
  )
  const weighed = weigh(diagnosis.clues, diagnosis.reading)
  // hidden before it is cut: a part of a secret is one too
  const said = hide([response?.code, response?.message].filter((each) => each).join(': ')).slice(0, 300)
  const explanation = summarize(diagnosis, findingsOf(weighed, hide, said), given, hide)
  const [client, service] = [signed.canonicalRequest, response?.canonicalRequest]
  return client === undefined || service === undefined || client === service
    ? explanation
    : { ...explanation, canonicalRequests: { client: hide(client), service: hide(service) } }
}

/** Causes that a URL alone cannot show. */
const HEADERS: readonly Cause[] = ['header-missing', 'missing-header', 'unsigned-header', 'content-length']

/** Checks that members are strings; those of credentials are required. */
function checkTexts(name: string, given: object | undefined, members: readonly string[]): void {
  for (const member of given ? members : []) {
    const value = (given as Record<string, unknown>)[member]
    if (typeof value !== 'string' && (value !== undefined || members === SECRETS))
      fail('ERR_INVALID_ARG_TYPE', `${name}.${member}`, 'type', 'Pass a string.')
  }
}

function checkSurroundings({ endpoint, hints }: Partial<ExplainInput>): void {
  if (endpoint !== undefined && typeof endpoint !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'input.endpoint', 'type', 'Pass the URL of the endpoint.')
  if (hints !== undefined && !Array.isArray(hints))
    fail('ERR_INVALID_ARG_TYPE', 'input.hints', 'type', 'Pass an array of causes.')
  const known = hints?.length ? causes() : []
  if (hints?.some((hint) => !known.includes(hint)))
    fail('ERR_INVALID_ARG_VALUE', 'input.hints', 'invalid', 'Pass causes, as causes() lists them.')
}

/** The signing date of a response without a time: a service that compares signatures has already accepted the date. */
function whenSigned(response: ServiceResponse, { claim }: ParsedRequest): number | undefined {
  const seconds = readCode(response).kind === 'mismatch' ? parseAmzDate(claim.date ?? '') : undefined
  return seconds === undefined ? undefined : seconds * 1000
}

export type { Expires } from './core/encoding/time.ts'
export type { ReceivedHeaders, ReceivedRequest } from './core/received/request.ts'
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { SignedStrings } from './explain/case.ts'
export type { Cause, CauseText } from './explain/causes.ts'
export { type DiffSegments, highlightDiff } from './explain/compare/highlight.ts'
export type { Finding } from './explain/findings.ts'
export { type Inspection, inspect } from './explain/inspect.ts'
export type { RequestAsSent, SignatureLocation } from './explain/request/facts.ts'
export type { ResponseAsReceived } from './explain/response/response.ts'
export type { Explanation } from './explain/summarize.ts'
export { type Trace, type TraceOptions, type TraceRequest, trace } from './explain/trace.ts'
export type { Confidence } from './explain/weigh.ts'
export type { EvidenceItem, EvidenceKind } from './paste/model/found.ts'
export { type Evidence, parseEvidence } from './paste/parse.ts'
export { causes, causeText }
