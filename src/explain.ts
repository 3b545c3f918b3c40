import { parseAmzDate } from './core/encoding/time.ts'
import { fail } from './core/errors.ts'
import { isObject } from './core/kind.ts'
import type { SignedStrings } from './explain/case.ts'
import { readCode } from './explain/codes.ts'
import { type Facts, type RequestAsSent, readFacts } from './explain/facts.ts'
import { type Finding, hider, rank } from './explain/findings.ts'
import { moment } from './explain/inspect.ts'
import { judge } from './explain/judge.ts'
import type { Secrets } from './explain/keys.ts'
import { rebuild } from './explain/rebuild.ts'
import { type Answer, type ResponseAsReceived, readAnswer } from './explain/response.ts'
import { settle } from './explain/verdict.ts'

/** What is known of a request that was refused: `request`, or a `response` that shows what the service computed. */
export interface ExplainInput {
  /** The request as it was sent. @default what the response shows of it */
  readonly request?: RequestAsSent | undefined
  /** The answer of the service. @default none: what the request shows by itself */
  readonly response?: ResponseAsReceived | undefined
  /** The credentials that should have signed. With them, causes can be proven. @default none */
  readonly credentials?: Secrets | undefined
  /** What the client signed, if it can say so. @default none */
  readonly signed?: SignedStrings | undefined
  /** When the service saw the request, a `Date` or epoch milliseconds. @default the time of the answer; of one without time, when the request was signed; else the clock */
  readonly now?: Date | number | undefined
}

/** Why a signature does not match. */
export interface Explanation {
  /** In one sentence. */
  readonly verdict: string
  /** The causes, the best first. */
  readonly findings: Finding[]
}

const SECRETS = ['accessKeyId', 'secretAccessKey']
const STRINGS = ['canonicalRequest', 'stringToSign']
const LARGEST_SEARCH = 20_000
const LONGEST_SEARCH = 1000

/**
 * Says why a signed request was refused: the cause, how sure that is, and what to do. Works with whatever is there and
 * says what it would need to know more. It never throws on a mismatch and never shows a secret.
 *
 * @param input - The request as it was sent, and what else is known: the response, the credentials, what the client signed.
 * @returns `{ verdict, findings }`, the best finding first. `proven`: the hash, the canonical request or the signature that
 * was received is what comes out of that cause. At most 20,000 hypotheses, and a second, are spent on it.
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
  const { response } = input ?? {}
  const [credentials, signed] = [input?.credentials ?? undefined, input?.signed ?? {}]
  checkTexts('input.credentials', credentials ?? { accessKeyId: '', secretAccessKey: '' }, SECRETS)
  checkTexts('input.signed', { canonicalRequest: '', stringToSign: '', ...signed }, STRINGS)
  const answer = response ? readAnswer(response) : undefined
  const rebuilt = answer && !input.request ? rebuild(answer) : undefined
  const request = input?.request ?? rebuilt?.request
  if (!isObject(request))
    fail('ERR_INVALID_ARG_TYPE', 'input.request', 'type', 'Pass { method, url, headers, body } as they were sent.')
  const facts = readFacts(request)
  const seen = answer?.time ?? (answer && whenSigned(answer, facts)) ?? Date.now()
  const now = moment(input.now ?? seen, 'input.now')
  const end = Date.now() + LONGEST_SEARCH
  const budget = { left: LARGEST_SEARCH, isOver: () => Date.now() > end }
  const judgement = judge({
    request,
    unseen: rebuilt?.unseen ?? [],
    facts,
    answer,
    secrets: credentials,
    signed,
    now,
    budget,
  })
  const strings = [signed.canonicalRequest, answer?.canonicalRequest]
  const ranked = rank(judgement.candidates, hider(facts, credentials, strings))
  return settle(judgement, ranked, {
    answer,
    hasCredentials: credentials !== undefined,
    isSigned: facts.location !== undefined,
  })
}

function checkTexts(name: string, given: object, members: readonly string[]): void {
  for (const member of members)
    if (typeof (given as Record<string, unknown>)[member] !== 'string')
      fail('ERR_INVALID_ARG_TYPE', `${name}.${member}`, 'type', 'Pass a string.')
}

/** An answer that was kept without its time: whoever compares signatures has found the date right before. */
function whenSigned(answer: Answer, { claim }: Facts): number | undefined {
  const seconds = readCode(answer).kind === 'mismatch' ? parseAmzDate(claim.date ?? '') : undefined
  return seconds === undefined ? undefined : seconds * 1000
}

export type { SignedStrings } from './explain/case.ts'
export { type Cause, type CauseText, causes, causeText } from './explain/causes.ts'
export type { EvidenceItem, EvidenceKind } from './explain/evidence/found.ts'
export { type Evidence, parseEvidence } from './explain/evidence/parse.ts'
export type { RequestAsSent } from './explain/facts.ts'
export type { Confidence, Finding } from './explain/findings.ts'
export { type Inspection, inspect } from './explain/inspect.ts'
export type { ResponseAsReceived } from './explain/response.ts'
export { type Trace, type TraceOptions, type TraceRequest, trace } from './explain/trace.ts'
