import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { decode, type Now, parseAmzDate, uriEncode } from '../../../../../src/internal/encoding.ts'
import { fail } from '../../../../../src/internal/errors.ts'
import { SESSION_HEADER, TOKEN_HEADER } from '../../../../../src/internal/http.ts'
import { checkMembers, isObject, members } from '../../../../../src/internal/options.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import { isSecretShaped } from '../../redaction/find.ts'
import { type Cause, causes } from '../model/causes.ts'
import { toEpochMs } from '../model/duration.ts'
import type { Shown } from '../model/traits.ts'
import { isSecretAsId, type ParsedRequest, parseRequest, type RequestAsSent } from '../request/facts.ts'
import { type Signer, signerIn } from '../request/signer.ts'
import { readMeaning } from '../response/errors.ts'
import { type ResponseAsReceived, readResponse } from '../response/response.ts'
import { type Budget, LARGEST_SEARCH } from './budget.ts'
import type { Case, SignedStrings } from './case.ts'
import { rebuild, withHeaders } from './rebuild.ts'

const INPUT = /* @__PURE__ */ members(
  'request response received accepted signer redirect endpoint hints credentials signed now items',
)

const SIGNED = /* @__PURE__ */ members('canonicalRequest stringToSign headers')

/** The evidence of a rejected request: `request`, or a `response` that contains the service's strings. */
export interface ExplainInput {
  /** The request as it was sent. @default rebuilt from the response */
  readonly request?: RequestAsSent | undefined
  /** The service's response. @default none: only the request is examined */
  readonly response?: ResponseAsReceived | undefined
  /** The request as the service received it, from its log or from a proxy directly in front of it. @default unknown */
  readonly received?: RequestAsSent | undefined
  /** A request with the same signature that the service accepted, such as the same URL with a different client. @default none */
  readonly accepted?: RequestAsSent | undefined
  /** The response before it, if that redirected the request. @default none */
  readonly redirect?: ResponseAsReceived | undefined
  /** Who signed: an official SDK, or a program that its user wrote. @default what the User-Agent header shows */
  readonly signer?: Signer | undefined
  /** The endpoint that the client used, as its configuration or its log shows it. @default none */
  readonly endpoint?: string | undefined
  /** Causes suggested by other evidence, such as a command, a version or a configuration. @default none */
  readonly hints?: readonly Cause[] | undefined
  /** The credentials that should have signed. With them, causes can be proven. @default none */
  readonly credentials?: SecretCredentials | undefined
  /** The strings that the client signed, or values of signed headers to try. @default none */
  readonly signed?: SignedStrings | undefined
  /**
   * Time at which the service received the request, a `Date` or epoch milliseconds.
   * @default the time of the response; without it, the signing date; otherwise the current time
   */
  readonly now?: Now | undefined
}

/** Reads the evidence, with defaults for missing parts. `limit`: what a search may try. */
export function readCase(input: ExplainInput, limit: Readonly<Budget> = LARGEST_SEARCH): Case {
  if (!isObject(input))
    fail('ERR_INVALID_ARG_TYPE', 'input', 'type', 'Pass { request, response }, or the result of parseEvidence.')
  // the result of parseEvidence can be passed on
  const given: ExplainInput & { items?: unknown } = input
  checkMembers('input', given, INPUT)
  const { endpoint, hints = [], redirect, signer } = input
  const signed = input.signed ?? {}
  checkStrings('input.credentials', input.credentials, ['sessionToken'], ['accessKeyId', 'secretAccessKey'])
  const credentials = asIssued(input.credentials)
  checkMembers('input.signed', signed, SIGNED)
  checkStrings('input.signed', signed, ['canonicalRequest', 'stringToSign'])
  for (const name of ['request', 'received', 'accepted'] as const)
    checkStrings(`input.${name}`, input[name], ['url', 'target', 'bodyHash'])
  if (!/^(?:[\da-f]{64})?$/.test(input.request?.bodyHash ?? ''))
    fail('ERR_INVALID_ARG_VALUE', 'input.request.bodyHash', 'invalid', 'Pass a SHA-256 in lowercase hex.')
  checkStrings('input.response', input.response, ['code', 'message'])
  checkHeaders(signed.headers)
  checkSurroundings(endpoint, hints, signer)
  const response = input.response ? readResponse(input.response) : undefined
  // the service's headers, otherwise the client's, for a request without headers
  const rebuilt = input.request?.headers
    ? undefined
    : ((response && rebuild(response, response.elements)) ?? rebuild(signed, undefined, !response))
  const request = input.request ? withHeaders(input.request, rebuilt?.request) : (rebuilt?.request ?? (response && {}))
  if (!isObject(request))
    fail('ERR_INVALID_ARG_TYPE', 'input.request', 'type', 'Pass { method, url, headers, body } as they were sent.')
  const facts = withToken(parseRequest(request), credentials)
  const reading = response && readMeaning(response)
  const isOther = credentials !== undefined && credentials !== null && isOtherKey(facts.claim, credentials)
  const seen = response?.time ?? (reading?.kind === 'mismatch' ? signingTime(facts) : undefined)
  const shown = new Set<Shown>(rebuilt ? rebuilt.shown : ['key', 'signature', 'sent'])
  // code shows headers without a URL
  const isMeant =
    input.request?.url !== undefined || input.request?.target !== undefined || facts.location !== undefined
  if ((input.request && (isMeant || !response)) || rebuilt) shown.add('request')
  if (input.request && isMeant) shown.add('target')
  if (request.method !== undefined) shown.add('method')
  if (request.headers !== undefined) shown.add('headers')
  if (input.request?.headers) shown.add('all headers')
  const hasBody = request.method === undefined || !/^(?:GET|HEAD|DELETE|OPTIONS)$/i.test(facts.method)
  if (facts.body !== undefined || facts.bodyHash !== undefined || !hasBody) shown.add('body')
  if (input.now !== undefined || response?.time !== undefined) shown.add('time')
  return {
    request,
    facts,
    shown,
    response,
    received: input.received ?? undefined,
    accepted: input.accepted ?? undefined,
    reading,
    isRedirected: redirect !== undefined && redirect !== null,
    endpoint,
    signer: signer ?? signerIn(facts),
    hints,
    secrets: isOther ? undefined : (credentials ?? undefined),
    otherKeyId: isOther ? credentials.accessKeyId : undefined,
    signed,
    now: toEpochMs(input.now ?? seen ?? Date.now(), 'input.now'),
    budget: { ...limit },
  }
}

/** Puts the session token of the credentials in place of one that was hidden before the request was shown. */
function withToken(facts: ParsedRequest, credentials: SecretCredentials | undefined): ParsedRequest {
  const { claim, headers, parameters } = facts
  const token = credentials?.sessionToken
  if (!token || !isMasked(claim.sessionToken) || claim.accessKeyId !== credentials.accessKeyId) return facts
  const isHidden = (name: string, value: string): boolean =>
    (name === TOKEN_HEADER || name === SESSION_HEADER) && isMasked(value)
  return {
    ...facts,
    claim: { ...claim, sessionToken: token },
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, isHidden(name, value) ? token : value]),
    ),
    parameters: parameters.map((each) =>
      isHidden(each.decoded.toLowerCase(), decode(each.value ?? '')) ? { ...each, value: uriEncode(token) } : each,
    ),
  }
}

/** Returns whether a well-formed credential names another access key than the credentials: their secret proves nothing. */
function isOtherKey(claim: ParsedRequest['claim'], credentials: SecretCredentials): boolean {
  const { accessKeyId, scope } = claim
  if (accessKeyId === undefined || scope.length !== 4 || isMasked(accessKeyId)) return false
  const plain = (id: string): string => decode(id).trim().toLowerCase()
  return !isSecretAsId(claim, credentials) && plain(accessKeyId) !== plain(credentials.accessKeyId)
}

/** Credentials as AWS issued them: a configuration in which they are swapped contains the ID and the secret, too. */
function asIssued(credentials: SecretCredentials | undefined): SecretCredentials | undefined {
  const { accessKeyId = '', secretAccessKey = '' } = credentials ?? {}
  const isSwapped = isSecretShaped(accessKeyId) && /^A[A-Z]{3}[A-Z\d]+$/.test(secretAccessKey)
  return isSwapped ? { ...credentials, accessKeyId: secretAccessKey, secretAccessKey: accessKeyId } : credentials
}

function checkStrings(
  name: string,
  given: object | undefined,
  optional: readonly string[],
  required: readonly string[] = [],
): void {
  for (const member of given ? [...required, ...optional] : []) {
    const value = (given as Record<string, unknown>)[member]
    if (typeof value !== 'string' && (value !== undefined || required.includes(member)))
      fail('ERR_INVALID_ARG_TYPE', `${name}.${member}`, 'type', 'Pass a string.')
  }
}

function checkHeaders(headers: unknown): void {
  if (headers === undefined) return
  if (!isObject(headers) || Object.values(headers).some((value) => typeof value !== 'string'))
    fail('ERR_INVALID_ARG_TYPE', 'input.signed.headers', 'type', 'Pass names and values as strings.')
}

function checkSurroundings(endpoint: unknown, hints: unknown, signer: Partial<Signer> | undefined): void {
  if (signer !== undefined && signer?.is !== 'own' && signer?.is !== 'official')
    fail('ERR_INVALID_ARG_VALUE', 'input.signer', 'invalid', "Pass { is: 'own' } or { is: 'official' }.")
  if (endpoint !== undefined && typeof endpoint !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'input.endpoint', 'type', 'Pass the URL of the endpoint.')
  if (!Array.isArray(hints)) fail('ERR_INVALID_ARG_TYPE', 'input.hints', 'type', 'Pass an array of causes.')
  const known = hints.length ? causes() : []
  if (hints.some((hint) => !known.includes(hint)))
    fail('ERR_INVALID_ARG_VALUE', 'input.hints', 'invalid', 'Pass causes, as causes() lists them.')
}

/** The signing date of a response without a time: a service that compares signatures has already accepted the date. */
function signingTime({ claim }: ParsedRequest): number | undefined {
  const seconds = parseAmzDate(claim.date ?? '')
  return seconds === undefined ? undefined : seconds * 1000
}
