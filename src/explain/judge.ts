import type { Case } from './case.ts'
import type { Cause } from './causes.ts'
import type { Symptom } from './clue.ts'
import { keySymptoms, serviceSymptoms } from './clues.ts'
import { type Reading, readCode } from './codes.ts'
import type { Facts } from './facts.ts'
import type { Candidate } from './findings.ts'
import { formSymptoms } from './form.ts'
import { weighSearch } from './proof.ts'
import { weighStrings } from './strings.ts'
import { symptoms } from './symptoms.ts'

/** What is to be said of a case. */
export interface Judgement {
  readonly reading: Reading | undefined
  /** Whether the signature that was sent is the one that the credentials make; `undefined` without credentials. */
  readonly fits: boolean | undefined
  readonly candidates: readonly Candidate[]
}

/** Symptoms that explain whatever a service answers: with them, it has read another request than was meant. */
const DEEP: readonly Cause[] = [
  'url-html-escaped',
  'signature-v2',
  'two-auths',
  'param-case',
  'keys-swapped',
  'url-double-encoded',
  'date-format',
  'malformed-authorization',
  'malformed-credential',
]

/** Weighs all evidence of a case. */
export function judge(given: Case): Judgement {
  const { facts, answer, secrets, now, unseen } = given
  const reading = answer && readingFor(readCode(answer), facts)
  const shown = [
    ...formSymptoms(facts, now),
    ...symptoms(facts, now),
    ...serviceSymptoms(facts, answer),
    ...keySymptoms(facts, secrets),
  ].filter(({ cause }) => !unseen.includes(cause))
  const candidates: Candidate[] = [...weighSymptoms(shown, reading), ...weighCodes(facts, shown, reading)]
  const proof = secrets && facts.claim.signature ? weighSearch(given, secrets, reading) : undefined
  for (const candidate of proof?.candidates ?? []) candidates.push(candidate)
  // with &amp; in it, the service has read other parameters than were sent
  if (!shown.some(({ cause }) => cause === 'url-html-escaped'))
    for (const candidate of weighStrings(given, proof?.fits)) candidates.push(candidate)
  const isExplained = candidates.some(({ score }) => score >= 60)
  if (!isExplained) for (const candidate of unexplained(facts, reading, proof?.fits)) candidates.push(candidate)
  return { reading, fits: proof?.fits, candidates }
}

/** Policies are for forms: elsewhere, a body that is too large has nothing to do with the signature. */
function readingFor(reading: Reading, { form, location }: Facts): Reading {
  const isPolicy = reading.causes.length > 0 && reading.causes.every((cause) => cause.startsWith('policy-'))
  return isPolicy && !form && location !== undefined ? { kind: 'fine', causes: ['not-auth'] } : reading
}

/** What may have been changed into something that nobody can guess. */
function changeable({ location, parameters, claim }: Facts): Cause[] {
  if (location === 'post') return ['tampered-policy']
  if (parameters.some(({ name }) => !/^x-amz-/i.test(name))) return ['query-changed', 'query-removed']
  const isBound = claim.signedHeaders.some((name) => !/^(?:host|x-amz-date|x-amz-content-sha256)$/.test(name))
  return isBound ? ['header-changed', 'path'] : ['path', 'host']
}

/** What is likely where nothing was found. */
function unexplained(facts: Facts, reading: Reading | undefined, fits: boolean | undefined): Candidate[] {
  const { claim, headers } = facts
  if (reading?.kind === 'accepted' && fits === false)
    return [
      {
        cause: 'wrong-secret',
        confidence: 'likely',
        score: 20,
        message: 'The signature is not the one that these credentials make.',
      },
    ]
  if (fits && reading?.kind === 'silent') return [{ cause: 'not-auth', confidence: 'likely', score: 50 }]
  if (fits && reading?.kind === 'mismatch')
    return [
      {
        cause: 'wrong-secret',
        confidence: 'likely',
        score: 50,
        message:
          'The signature is the one that these credentials make: the service holds another secret for this key id, or has seen another request.',
      },
    ]
  if (reading?.kind !== 'mismatch' && !(reading === undefined && fits === false)) return []
  const volatile = claim.signedHeaders.filter((name) =>
    /^(?:user-agent|accept-encoding|range|via|te|expect|connection|content-length)$/.test(name),
  )
  const isProxied = Object.keys(headers).some((name) =>
    /^(?:via|forwarded|x-forwarded-.+|x-real-ip|cf-.+|x-amz-cf-id)$/.test(name),
  )
  return [
    ...volatile.map(
      (name, i): Candidate => ({
        cause: name === 'content-length' ? 'content-length' : 'header-changed',
        confidence: 'possible',
        score: 48 - i,
        message: `The header ${name} is signed, and clients and proxies often change it.`,
      }),
    ),
    ...(isProxied
      ? [
          {
            cause: 'host',
            confidence: 'possible',
            score: 47,
            message: 'The request came through a proxy, which may have changed the Host header.',
          } as const,
        ]
      : []),
    { cause: 'wrong-secret', confidence: fits === false ? 'likely' : 'possible', score: 45 },
    ...changeable(facts).map((cause, i): Candidate => ({ cause, confidence: 'possible', score: 44 - i })),
  ]
}

function weighSymptoms(shown: readonly Symptom[], reading: Reading | undefined): Candidate[] {
  const isRefused = reading !== undefined && reading.kind !== 'accepted'
  const isOpen = reading === undefined || reading.kind === 'mismatch' || reading.kind === 'silent'
  return shown.map(({ cause, message, expected, actual, breaks }, i) => {
    const at = reading?.causes.indexOf(cause) ?? -1
    const isNamed = at >= 0
    const isDeep = isRefused && breaks && DEEP.includes(cause)
    const score = (isDeep ? 99 : isNamed ? 92 - at : isOpen ? (breaks ? 62 : 30) : 22) - i / 100
    const isTolerated = reading?.kind === 'accepted' && breaks
    const confidence = isDeep || isNamed || isTolerated || (isOpen && breaks) ? 'likely' : 'possible'
    return { cause, message, expected, actual, confidence, score }
  })
}

/** Causes that the answer can have, without a sign of them in the request. */
function weighCodes({ location }: Facts, shown: readonly Symptom[], reading: Reading | undefined): Candidate[] {
  const causes = (reading?.causes ?? []).filter((cause) => !(cause === 'anonymous' && location))
  return causes
    .filter((cause) => !shown.some((each) => each.cause === cause))
    .map((cause, i) => ({ cause, confidence: causes.length === 1 ? 'likely' : 'possible', score: 70 - i }))
}
