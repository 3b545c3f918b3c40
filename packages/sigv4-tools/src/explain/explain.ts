import { isSecretName, secretShapes, secretsOfCredential } from '../redaction/find.ts'
import type { Budget } from './case/budget.ts'
import { type ExplainInput, readCase } from './case/read.ts'
import { observeFaults } from './faults/faults.ts'
import { observeGate } from './faults/gate.ts'
import { observeServer } from './faults/server.ts'
import { describeClues, type Finding } from './findings.ts'
import { type Observed, rank } from './rank.ts'
import { createRedactor, hideNamed } from './redact.ts'
import { observePriors, observeRemaining } from './remaining.ts'
import { type Explanation, report } from './report.ts'
import { type Proof, prove } from './search/proof.ts'
import { observeStrings } from './search/strings.ts'
import { observeTold, observeVersionTwo } from './told/told.ts'
import { isSignedAsReceived, observeExchanges } from './traces/exchanges.ts'
import { observeTraces } from './traces/traces.ts'
import { shorten } from './wording.ts'

/**
 * Explains why a signed request was rejected: the cause, its confidence, and the fix. Works with partial evidence, and
 * names what else would help. Never throws on a mismatch, and never returns a secret.
 *
 * @param input - The request as it was sent, and, if known, the response, the credentials and the strings that the client signed.
 * @returns `{ verdict, signature, findings, wanted, decides }`, the most likely finding first. `proven`: the received hash,
 * canonical request or signature was reproduced with this cause. The search is limited to 250,000 hypotheses, and to 900
 * million characters that are written and hashed for them: one to two seconds. It does not depend on the clock, so that the same
 * evidence has the same result on every machine.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if there is no request and no response that shows one, or if something
 * is of the wrong kind; `ERR_INVALID_ARG_VALUE` for an invalid `now` or `hints`. Never for the content of a request or a response.
 * @example
 * ```ts
 * import { explain } from 'sigv4-tools/explain'
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
  return explainWithin(input)
}

/** The same with a different limit, for programs that explain the requests of others. */
export function explainWithin(input: ExplainInput, limit?: Readonly<Budget>): Explanation {
  return explainForProgram(input, limit).explanation
}

/** An explanation, and those of its findings that have the usual fix of their cause, and so its usual origin. */
export interface Explained {
  readonly explanation: Explanation
  readonly usual: ReadonlySet<Finding>
}

/** The same for programs that print the usual origin of a cause. */
export function explainForProgram(input: ExplainInput, limit?: Readonly<Budget>): Explained {
  const given = readCase(input, limit)
  const { facts, response, signed } = given
  const gate = observeGate(given)
  const proof: Proof = gate ? { clues: [], required: [] } : prove(given)
  if (!proof.fits && isSignedAsReceived(given))
    return explainForProgram({ ...input, request: { ...given.received, isReceived: true }, received: undefined }, limit)
  const observed: Partial<Observed> = gate
    ? { faults: [gate] }
    : {
        proof: proof.clues,
        strings: observeStrings(given, proof),
        exchanges: observeExchanges(given, proof.fits),
        faults: [...observeFaults(given), ...observeServer(given), ...observeVersionTwo(given)],
        told: observeTold(given),
        traces: observeTraces(given, proof.fits),
        remaining: observeRemaining(given, proof),
        priors: observePriors(given, proof),
      }
  const { canonicalRequest: service, stringToSign, message = '', code } = response ?? {}
  const { canonicalRequest: client } = signed
  const tried = Object.entries(signed.headers ?? {})
  const hide = createRedactor(
    facts,
    input.credentials ?? undefined,
    [client, signed.stringToSign, service, stringToSign, message],
    [
      ...secretsOfCredential(response?.elements.get('AWSAccessKeyId') ?? ''),
      ...secretShapes(message),
      ...tried.filter(([name]) => isSecretName(name)).map(([, value]) => value),
    ],
  )
  // hidden before it is cut: a part of a secret is one too
  const said = shorten(hide([code, message].filter((each) => each).join(': ')), 300)
  const described = describeClues(rank(observed, given, proof.fits), hide, said)
  const explanation = report(described, proof, given, hide, gate !== undefined)
  const usual = new Set(described.flatMap(({ finding, isUsual }) => (isUsual ? [finding] : [])))
  if (client === undefined || service === undefined || client === service) return { explanation, usual }
  const canonicalRequests = { client: hideNamed(hide(client)), service: hideNamed(hide(service)) }
  return { explanation: { ...explanation, canonicalRequests }, usual }
}
