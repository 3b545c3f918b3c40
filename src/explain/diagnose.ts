import type { Case } from './case.ts'
import type { Cause } from './causes.ts'
import { type Clue, clue, type Difference, type Symptom } from './clue.ts'
import { weighStrings } from './compare/strings.ts'
import { weighSearch } from './proof.ts'
import type { ParsedRequest } from './request/facts.ts'
import { type Reading, readCode } from './response/codes.ts'
import type { ServiceResponse } from './response/response.ts'
import { toldClues, versionTwoType } from './response/told.ts'
import { keySymptoms, serviceSymptoms } from './symptoms/context.ts'
import { startHints } from './symptoms/encoding-hints.ts'
import { endpointHints, resourceHints } from './symptoms/endpoint.ts'
import { formSymptoms } from './symptoms/form.ts'
import { hintClues, proxyHints } from './symptoms/hints.ts'
import { symptoms } from './symptoms/symptoms.ts'
import { isExplained } from './weigh.ts'

/** What is known of a case. */
export interface Diagnosis {
  readonly reading: Reading | undefined
  /** Whether the signature that was sent is the one that the credentials make; `undefined` without credentials. */
  readonly fits: boolean | undefined
  readonly clues: readonly Clue[]
  /** What was signed in place of the defaults of parts that the evidence does not show. */
  readonly required: readonly Difference[]
}

/** Collects all clues of a case. */
export function diagnose(given: Case): Diagnosis {
  const { facts, response, secrets, now, unseen, isRequestKnown } = given
  const reading = response && readingFor(readCode(response), facts, isRequestKnown)
  const all = isRequestKnown
    ? [
        ...symptoms(facts, now, given.isNowKnown),
        ...formSymptoms(facts, now),
        ...serviceSymptoms(facts, response, reading?.kind === 'mismatch'),
        ...keySymptoms(facts, secrets),
      ]
    : []
  const isAnonymous = !all.some(isLate) && (facts.form !== undefined || !isRead(reading))
  const isCut = reading?.kind === 'mismatch' && all.some(isUndated)
  const shown = all.filter(
    ({ cause }) =>
      !unseen.includes(cause) && !(cause === 'anonymous' && !isAnonymous) && !(CUT.includes(cause) && isCut),
  )
  const signedType = versionTwoType(response)
  const proof = secrets && facts.claim.signature ? weighSearch(given, secrets, shown) : undefined
  const clues: Clue[] = [...(proof?.clues ?? [])]
  const add = (more: readonly Clue[]): void => {
    for (const clue of more) clues.push(clue) // a call of push takes only so many arguments
  }
  // with &amp; in it, the service has read other parameters than were sent
  const isComputed = response?.canonicalRequest !== undefined
  if ((isRequestKnown || isComputed) && !shown.some(({ cause }) => cause === 'url-html-escaped')) {
    const strings = weighStrings(given, proof?.fits, shown)
    // whose they are is a guess if nothing else is known
    add(isRequestKnown ? strings : strings.map((each) => ({ ...each, ground: 'compared' })))
  }
  if (given.isRedirected && reading?.kind === 'mismatch' && facts.claim.signedHeaders.includes('host'))
    clues.push({
      cause: 'host',
      ground: 'visible',
      message: 'The request was redirected to a different host, but its signature covers the original host.',
    })
  add(undated(shown, given).map(clueOf))
  if (signedType !== undefined)
    clues.push({
      ...clue('header-changed', `Version 2 signs the Content-Type header, and the service received ${signedType}.`),
      ground: 'visible',
    })
  if (response && reading) add(toldBy(reading, response, facts, isRequestKnown))
  const hinted = given.hints.map((cause): Clue => ({ cause, ground: 'tolerable' }))
  if (reading?.kind === 'named') add(hinted.filter(({ cause }) => reading.causes.includes(cause)))
  // a different problem that the service found does not explain a wrong signature
  const causes = clues.filter(({ cause }) => !(cause === 'not-auth' && proof?.fits === false))
  const required = proof?.required ?? []
  if (!isExplained(causes)) add(unexplained(given, hinted, reading, proof?.fits, required))
  return { reading, fits: proof?.fits, clues, required }
}

/** A request that was kept has expired by now, whatever was wrong with it: then the time is no more than a note. */
function undated(shown: readonly Symptom[], { isNowKnown, response }: Case): readonly Symptom[] {
  const isTime = ({ cause }: Symptom): boolean => /^(?:expired$|clock-|policy-expired$)/.test(cause)
  if (isNowKnown || !(response || shown.some((each) => each.breaks && !isTime(each)))) return shown
  return shown.map((each) => (isTime(each) ? { ...each, breaks: false } : each))
}

function clueOf({ breaks, ...symptom }: Symptom): Clue {
  return { ...symptom, ground: breaks ? 'visible' : 'tolerable' }
}

/** Policies are for forms: elsewhere, a body that is too large has nothing to do with the signature. */
function readingFor(reading: Reading, { form, location }: ParsedRequest, isRequestKnown: boolean): Reading {
  const isPolicy = reading.causes.length > 0 && reading.causes.every((cause) => cause.startsWith('policy-'))
  return isPolicy && isRequestKnown && !form && location !== undefined
    ? { kind: 'elsewhere', causes: ['not-auth'], isVague: true }
    : reading
}

/** Whether the service has read a signature. */
function isRead(reading: Reading | undefined): boolean {
  if (reading?.kind !== 'named') return reading?.kind === 'mismatch'
  const isMalformed = reading.causes[0]?.startsWith('malformed-')
  return !reading.causes.includes('anonymous') && !(reading.isVague && isMalformed)
}

/** What a request seems to lack if only a part of its headers is shown. */
const CUT: readonly Cause[] = ['missing-header', 'header-missing', 'session-token']

/** Whether a request has no date: then a service cannot compute a signature to compare. */
function isUndated({ cause, expected }: Symptom): boolean {
  return cause === 'missing-header' && expected === 'x-amz-date'
}

/** Whether a form has its fields, but after the file. */
function isLate({ cause }: Symptom): boolean {
  return cause === 'missing-field'
}

/** Whether a request can fail for a cause: a header that it does not have is not the wrong one. */
function isPossible(cause: Cause, { location, headers, body, form }: ParsedRequest): boolean {
  const names = Object.keys(headers)
  if (cause === 'anonymous') return location === undefined
  if (cause === 'streaming')
    return (
      names.length === 0 ||
      /^STREAMING-|aws-chunked/.test(`${headers['x-amz-content-sha256']} ${headers['content-encoding']}`)
    )
  if (cause === 'content-md5') return headers['content-md5'] !== undefined || form !== undefined || names.length === 0
  if (cause === 'checksum')
    return (
      names.length === 0 ||
      body === undefined ||
      names.some((name) => /^x-amz-(?:checksum-|sdk-checksum|trailer)/.test(name))
    )
  return true
}

/** What the service names: with the values of its message, otherwise every cause that its error can have. */
function toldBy({ causes }: Reading, response: ServiceResponse, facts: ParsedRequest, isRequestKnown: boolean): Clue[] {
  const id = response.elements.get('AWSAccessKeyId') ?? facts.claim.accessKeyId ?? ''
  const precise = toldClues(response)
  if (precise.some(({ cause }) => causes.includes(cause))) return [...precise]
  if (causes.includes('session-token') && id.startsWith('ASIA') && facts.claim.sessionToken === undefined)
    return [
      {
        cause: 'session-token',
        ground: 'told',
        message: 'The access key ID belongs to temporary credentials, which require their session token.',
      },
    ]
  const possible = causes.filter(
    (cause) =>
      (!isRequestKnown || isPossible(cause, facts)) && !(cause === 'keys-swapped' && /^A[KS]IA[A-Z\d]{12,}$/.test(id)),
  )
  return possible.map((cause) => ({ cause, ground: 'told' }))
}

/** What may have been changed to something that cannot be guessed. */
function changeable({ location, parameters, claim }: ParsedRequest): Cause[] {
  if (location === 'post') return ['tampered-policy']
  if (parameters.some(({ name }) => !/^x-amz-/i.test(name))) return ['query-changed', 'query-removed']
  const isBound = claim.signedHeaders.some((name) => !/^(?:host|x-amz-date|x-amz-content-sha256)$/.test(name))
  return isBound ? ['header-changed', 'path'] : ['path', 'host']
}

/** What is likely if nothing was found. */
function unexplained(
  given: Case,
  hinted: readonly Clue[],
  reading: Reading | undefined,
  fits: boolean | undefined,
  required: readonly Difference[],
): Clue[] {
  const { facts, isRequestKnown } = given
  if (fits && reading && reading.kind !== 'accepted' && required.length) return required.map(requiredClue)
  if (reading?.kind === 'accepted' && fits === false)
    return [
      {
        cause: 'wrong-secret',
        ground: 'left',
        message: 'These credentials produce a different signature.',
      },
    ]
  if (fits && reading?.kind === 'silent')
    return [{ cause: 'not-auth', ground: 'left', message: 'These credentials produce the received signature.' }]
  if (fits && reading?.kind === 'mismatch')
    return [
      ...hintClues(given, true),
      {
        cause: 'wrong-secret',
        ground: 'left',
        message:
          'These credentials produce the received signature: the service has a different secret for this access key ID, or it received a different request.',
      },
    ]
  const isOpen = reading === undefined || reading.kind === 'ambiguous' || reading.kind === 'silent'
  if (isOpen && fits === undefined) {
    const clues = [...(isRequestKnown ? hintClues(given, fits) : []), ...hinted]
    if (isRequestKnown && facts.location === undefined && reading) clues.push({ cause: 'anonymous', ground: 'common' })
    return clues
  }
  if (reading?.kind !== 'mismatch' && !(isOpen && fits === false)) return []
  const surroundings: Clue[] = [
    ...[...endpointHints(facts, given.endpoint), ...resourceHints(facts, given.response, given.known.target)].map(
      (hint): Clue => ({ ...hint, ground: 'tolerable' }),
    ),
    ...hinted,
  ]
  if (!isRequestKnown) return [...surroundings, ...usual(given).map((hint): Clue => ({ ground: 'common', ...hint }))]
  const hints = [...surroundings, ...hintClues(given, fits)]
  return [
    ...hints,
    fits === false && hints.length === 0
      ? {
          cause: 'wrong-secret',
          ground: 'left',
          message:
            'This secret access key did not create the signature, and no common change to the request explains it.',
        }
      : { cause: 'wrong-secret', ground: 'common' },
    ...changeable(facts).map((cause): Clue => ({ cause, ground: 'common' })),
  ]
}

/** The signature is right for a request that may not have been sent. */
function requiredClue(difference: Difference): Clue {
  const { cause, name, expected } = difference
  const message = `The signature is correct for a request with ${requirement(difference)}. The evidence does not show what was sent.`
  return { cause, name, expected, ground: 'left', message }
}

/** A part of the request, as it was signed. */
export function requirement({ part, name, expected }: Difference): string {
  return name === undefined ? `${part} ${expected}` : `the header ${name}: ${expected}`
}

/** What most often leads to a signature that does not match, the likeliest first. */
function usual({ facts, response }: Case): (Omit<Clue, 'ground'> & Partial<Clue>)[] {
  const { stringToSign = '', message = '' } = response ?? {}
  // the string to sign of Version 2 starts with the method
  if (/^(?:GET|PUT|POST|HEAD|DELETE)\n/.test(stringToSign)) return [{ cause: 'signature-v2', ground: 'visible' }]
  const hints: ReturnType<typeof usual> = [...startHints(response?.canonicalRequest), ...proxyHints(facts, response)]
  // Google Cloud Storage, whose front end changes a header that the AWS SDKs sign
  if (/^Access denied\.?$/.test(message))
    hints.unshift(
      clue(
        'header-changed',
        'Google Cloud Storage changes Accept-Encoding, which several AWS SDKs sign.',
        undefined,
        undefined,
        'accept-encoding',
      ),
    )
  // of 75 public threads with no more than such an error: 11 with a wrong or changed secret, 11, 9, 7, 6, and 5
  const causes: Cause[] = [
    'wrong-secret',
    'header-changed',
    'path-encoding',
    'payload-mismatch',
    'path-normalization',
    'host',
  ]
  return [...hints, ...causes.map((cause) => ({ cause }))]
}
