import { printable } from '../redaction/unprintable.ts'
import type { Case } from './case/case.ts'
import type { Finding } from './findings.ts'
import type { Cause } from './model/causes.ts'
import { headerName, signedOption } from './model/clue.ts'
import { traitsOf } from './model/traits.ts'
import { isBodyMissing } from './request/pieces.ts'
import type { Language, Signer } from './request/signer.ts'
import { EXPLAIN_AGAIN } from './wording.ts'

/** Evidence that is missing; `body`: of the response. */
export type Wanted = 'request' | 'response' | 'body' | 'credentials'

/** The evidence that decides between two causes. */
export interface Decision {
  /** The evidence to add, and its purpose, in one sentence. */
  readonly evidence: string
  /** The command that shows it. */
  readonly command: string
  /** The causes between which it decides. */
  readonly between: readonly [Cause, Cause]
}

/** Returns the evidence that would make the result more certain. */
export function wantedOf({ shown, response, secrets, facts }: Case): Wanted[] {
  const wanted: Wanted[] = []
  if (!shown.has('request')) wanted.push('request')
  if (!response) wanted.push('response')
  if (response?.isBodyUnread || response?.isCut) wanted.push('body')
  if (!secrets && facts.claim.signature && !facts.claim.is4a) wanted.push('credentials')
  return wanted
}

/** Returns the one piece of evidence that decides between the first two causes, if both are only possible. */
export function decisionOf(
  findings: readonly Finding[],
  { shown, response, secrets, signed, facts, signer, request }: Case,
): Decision | undefined {
  const [first, second] = findings
  if (!first || !second || first.confidence !== 'possible' || second.confidence !== 'possible') return undefined
  const between = [first.cause, second.cause] as const
  const decide = (evidence: string, command: string): Decision => ({
    evidence: printable(evidence),
    command,
    between,
  })
  if (!shown.has('request'))
    return decide('Add the request that failed: it shows which of these causes is possible.', EXPLAIN_AGAIN)
  // what was not signed, or not shown, cannot be compared
  if (facts.location === undefined && !facts.parameters.some(({ decoded }) => decoded === 'Signature'))
    return decide(
      'Add the signed request, with its Authorization header or all of its X-Amz- parameters: it shows which of these causes is possible.',
      EXPLAIN_AGAIN,
    )
  if (secrets && isUnchecked(facts, signed))
    return decide(
      'Add the body exactly as it was sent, in request.body, or with --data-file or --data: curl -v does not print it.',
      'npx sigv4-tools explain --data-file BODY < LOG',
    )
  const inHeaders = [first, second].find(({ cause }) => traitsOf(cause).isInHeaders)
  if (!shown.has('all headers') && inHeaders) {
    const { cause, part } = inHeaders
    const what = part?.of === 'header' ? `the ${headerName(part.name)} header` : 'the headers'
    return decide(
      `Add the output of curl -v, or the signed request as your program prints it: it shows ${cause === 'method' ? 'the method' : what} as sent.`,
      EXPLAIN_AGAIN,
    )
  }
  if (!response)
    return decide(
      "Add the service's response: it contains the error and, from some services, the strings that they computed.",
      EXPLAIN_AGAIN,
    )
  if (!secrets && facts.claim.signature && !facts.claim.is4a)
    return decide(
      'Add the credentials that should have signed the request: they can prove one of these causes.',
      'npx sigv4-tools explain --profile NAME < LOG',
    )
  if (request.isReceived && signed.canonicalRequest === undefined)
    return decide(
      'Add the request as the client sent it, such as the output of curl -v: it shows what changed in transit.',
      'cat CLIENT_LOG RECEIVED_LOG | npx sigv4-tools explain',
    )
  const named = [first, second].find(({ part }) => part?.of === 'header')?.part?.name
  const isAssembly = findings.some(({ cause }) => traitsOf(cause).isAssembly)
  if (named !== undefined && !isAssembly)
    return decide(
      `Pass a value of ${named} that the client may have signed: if it is correct, it proves the cause.`,
      `npx sigv4-tools explain ${signedOption(named)} < LOG`,
    )
  if (isAssembly && signed.stringToSign === undefined)
    return decide(
      `Print ${signed.canonicalRequest === undefined ? 'the canonical request and ' : ''}the string to sign that the client computed, and add them: they show whether it assembled them incorrectly, and with the credentials, whether the secret access key is correct.`,
      printed(signer),
    )
  if (signed.canonicalRequest !== undefined) return undefined
  return decide(
    `Add the canonical request that the client computed, from its debug log${signer?.is === 'official' ? ' (such as aws --debug)' : ', or print it'}: it shows what differs, without the secret.`,
    'npx sigv4-tools explain < DEBUG_LOG',
  )
}

/** The statement that prints the strings of a program, in its language and unchanged. */
const PRINT: Readonly<Record<Language, string>> = {
  csharp: 'Console.WriteLine(canonicalRequest + "\\n\\n" + stringToSign);',
  go: 'fmt.Printf("%q\\n%q\\n", canonicalRequest, stringToSign)',
  java: 'System.out.println(canonicalRequest + "\\n\\n" + stringToSign);',
  javascript: 'console.log(JSON.stringify({ canonicalRequest, stringToSign }))',
  php: "echo json_encode(['canonicalRequest' => $canonicalRequest, 'stringToSign' => $stringToSign]);",
  powershell: '@{ canonicalRequest = $canonicalRequest; stringToSign = $stringToSign } | ConvertTo-Json',
  python: 'print(repr(canonical_request), repr(string_to_sign), sep="\\n")',
  ruby: 'p canonical_request, string_to_sign',
  rust: 'println!("{canonical_request:?}\\n{string_to_sign:?}");',
  shell: 'printf \'%s\\n\\n\' "$canonical_request" "$string_to_sign"',
}

function printed(signer: Signer | undefined): string {
  return signer?.language === undefined ? 'npx sigv4-tools explain < LOG' : PRINT[signer.language]
}

/** Returns whether a signature could not be checked, because the body is signed and nothing in the evidence shows it. */
export function isUnchecked(facts: Case['facts'], { canonicalRequest, stringToSign }: Case['signed']): boolean {
  return isBodyMissing(facts) && (canonicalRequest ?? stringToSign) === undefined
}

/** The evidence that decides if the client is right: the request as the service received it. */
export function receivedDecision([first, second]: readonly Finding[]): Decision {
  return {
    evidence:
      'Add the request as the service received it, from its log or from a proxy directly in front of it: it shows what changed in transit.',
    command: 'npx sigv4-tools proxy --watch http://SERVICE',
    between: [first!.cause, (second ?? first)!.cause],
  }
}
