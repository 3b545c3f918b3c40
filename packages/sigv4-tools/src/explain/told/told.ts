import { EMPTY_HASH } from '../../../../../src/internal/canonical-request.ts'
import { checkUnsigned } from '../../../../../src/internal/received.ts'
import { rejectedLogin } from '../../formats/token.ts'
import { isSecretShaped } from '../../redaction/find.ts'
import type { Case } from '../case/case.ts'
import type { Stated, StatedValues } from '../causes/row.ts'
import { HASH_FIX } from '../faults/body.ts'
import { gatewayAnswer } from '../faults/context.ts'
import { quotedFaults } from '../faults/faults.ts'
import { isAwsHost } from '../faults/host.ts'
import { SWITCH } from '../faults/server-features.ts'
import { type Cause, rowOf } from '../model/causes.ts'
import { type Clue, header, type Part, parameterPart, told } from '../model/clue.ts'
import { traitsOf } from '../model/traits.ts'
import type { ParsedRequest } from '../request/facts.ts'
import type { Reading } from '../response/errors.ts'
import type { ServiceResponse } from '../response/response.ts'
import { timesTold } from './times.ts'

/** Returns the causes that the service states: with the values of its error, otherwise every cause that its error can have. */
export function observeTold(given: Case): Clue[] {
  const { reading, response, facts, shown } = given
  if (!response || !reading) return []
  const isOpen = (cause: Cause): boolean => !shown.has('request') || isPossible(cause, facts)
  // nothing but the browser shows such a response
  if (reading.causes[0] === 'cors') return [corsTold(reading, facts)]
  const id = response.elements.get('AWSAccessKeyId') ?? facts.claim.accessKeyId ?? ''
  if (isSecretShaped(id))
    return [
      told('keys-swapped', 'The credential contained what looks like a secret access key instead of an access key ID.'),
    ]
  const quoted = quotedFaults(response).map((each): Clue => ({ ...each, ground: 'stated' }))
  const precise = [...quoted, ...preciselyTold(response, reading)].filter(({ cause }) => isOpen(cause))
  if (precise.some(({ cause }) => reading.causes.includes(cause))) return precise
  if (reading.causes.includes('session-token') && id.startsWith('ASIA') && facts.claim.sessionToken === undefined)
    return [
      told('session-token', 'The access key ID belongs to temporary credentials, which require their session token.'),
    ]
  const isKeyId = /^A[KS]IA[A-Z\d]{12,}$/.test(id)
  // the sentence about the route contains both
  const isRoute = facts.location === undefined && gatewayAnswer(given).message !== undefined
  // every header that was sent is signed, and some servers return this error for one that they did not receive, too
  const isLost = reading.causes.includes('header-missing') && isEverySigned(given)
  const excluded = [
    ...(isKeyId ? ['keys-swapped'] : []),
    ...(isRoute ? ['path', 'method'] : []),
    ...(isLost ? ['unsigned-header', 'signed-headers'] : []),
  ]
  const possible = reading.causes.filter((cause) => isOpen(cause) && !excluded.includes(cause))
  // the error is not about the signature of such a request
  const isElsewhere = reading.kind === 'named' && possible.length === 0
  // the part that was cut off may name a fault of the signature
  return (isElsewhere ? (['not-auth'] as const) : possible)
    .filter((cause) => cause !== 'not-auth' || !response.isCut)
    .map((cause): Clue => ({ cause, ground: 'told', ...specifics(cause, given) }))
}

/** Returns whether a request is known to have signed every header that servers require to be signed. */
function isEverySigned({ facts: { headers, location, claim }, shown }: Case): boolean {
  const isSigned = location === 'header' || location === 'query'
  const named = ['content-type', 'content-md5', 'x-amz-content-sha256']
  return isSigned && shown.has('all headers') && checkUnsigned(headers, claim.signedHeaders, named) === undefined
}

/** The message and the fix of a cause that an error has only with one service, or with some servers. */
function specifics(cause: Cause, given: Case): Partial<Clue> {
  if (cause === 'anonymous') return gatewayAnswer(given)
  if (cause === 'not-supported') return { message: CHECKSUMS, fix: SWITCH }
  if (cause === 'header-missing' && isEverySigned(given)) return LOST
  const login = cause === 'expired' ? rejectedLogin(given.response?.message ?? '') : undefined
  if (login === undefined) return {}
  const fix = `Create a new token for each connection: npx sigv4-tools token ${login.kind}.`
  return { message: 'The token had expired.', fix }
}

const LOST: Partial<Clue> = {
  message: 'Every header that was sent is signed, so a proxy may have removed a signed one.',
  fix: 'Make every proxy forward the signed headers unchanged, or do not sign those that it removes.',
}

const CHECKSUMS = 'The server does not support the checksums that AWS SDKs send by default since January 2025.'

/** Returns whether a request can fail for a cause: a header that it does not have is not the wrong one. */
function isPossible(cause: Cause, facts: ParsedRequest): boolean {
  const { location, headers, body, form, token } = facts
  const names = Object.keys(headers)
  if (cause === 'not-supported') return !isAwsHost(facts)
  // a token shows them
  if (token && traitsOf(cause).isInToken) return false
  if (cause === 'anonymous') return location === undefined
  // policies are for forms; a form may not be shown
  if (traitsOf(cause).of === 'form') return form !== undefined || location === undefined
  if (names.length === 0) return true
  if (cause === 'streaming')
    return /^STREAMING-(?!.*EVENTS)|aws-chunked/.test(
      `${headers['x-amz-content-sha256']} ${headers['content-encoding']}`,
    )
  if (cause === 'content-md5') return headers['content-md5'] !== undefined || form !== undefined
  if (cause !== 'checksum' || body === undefined) return true
  return names.some((name) => /^x-amz-(?:checksum-|sdk-checksum|trailer)/.test(name))
}

/** Returns the clues that an error states with values; the most precise first. */
export function preciselyTold(response: ServiceResponse, { statements }: Reading): Clue[] {
  const { elements, headers } = response
  const region = elements.get('Region') ?? elements.get('region') ?? headers.get('x-amz-bucket-region')
  return [
    ...timesTold(response),
    ...scopeTold(response, region),
    ...elementsTold(response),
    ...valuesTold(statements, region),
  ]
}

function corsTold({ kind }: Reading, { method }: ParsedRequest): Clue {
  if (kind !== 'elsewhere' && method !== 'OPTIONS') return { cause: 'cors', ground: 'told' }
  const fix = 'Add a CORS rule for the origin, the method, and the headers.'
  const message = (the: 'The' | 'the'): string => `${the} preflight request, which is not signed, was not allowed.`
  return told('cors', message('The'), { clause: message('the'), fix })
}

/** Returns the clues that a message states with values. */
function valuesTold(statements: Reading['statements'], region: string | undefined): Clue[] {
  return [...statements].map(([cause, { values, stated }]) => {
    const [first] = values
    const names = new Set(values.map(({ name }) => name?.replace(/ +/g, ' ')))
    const required = first?.required ?? (cause === 'scope-region' ? region : rowOf(cause).required)
    return statement(cause, { ...first, required, name: [...names].join(', ') }, stated)
  })
}

/** A clue with the sentences of which the values are known. Several names are only in a sentence. */
function statement(cause: Cause, values: StatedValues, sentences: Stated = rowOf(cause).stated ?? {}): Clue {
  const { name = '', required, sent = cause === 'unsigned-header' ? name : undefined } = values
  const isOne = name !== '' && !name.includes(',')
  const part = isOne ? { part: partOf(cause, name) } : {}
  return told(cause, stated(sentences, values), { expected: required, actual: sent, ...part })
}

/** The sentences of which the values are known. */
function stated(sentences: Stated, { name, sent, required, condition }: StatedValues): string {
  const { sentAlone = sentences.sent } = sentences
  const withSent = required === undefined ? sentAlone : sentences.sent
  const known = [
    sentences.always,
    name !== undefined && sentences.name?.(name),
    sent !== undefined && withSent?.(sent),
    required !== undefined && sentences.required?.(required),
    condition !== undefined && sentences.condition?.(condition),
    name !== undefined && sent !== undefined && required !== undefined && sentences.values?.({ name, sent, required }),
  ]
  return known.filter((sentence) => sentence).join(' ')
}

function partOf(cause: Cause, name: string): Part {
  const { names } = traitsOf(cause)
  if (names === 'field') return { of: 'field', name }
  return names === 'parameter' ? parameterPart(name) : header(name)
}

/** Returns the clues about the scope that a service states without a specific sentence. */
function scopeTold({ message, elements }: ServiceResponse, region: string | undefined): Clue[] {
  const sent = /unexpected scope: ([\w-]*)\/([\w-]*)\/([\w-]*)\/(\w*)/i.exec(message)
  if (sent && region && sent[2] !== region) return [statement('scope-region', { sent: sent[2], required: region })]
  if (sent && sent[3] !== 's3') return [statement('scope-service', { sent: sent[3], required: 's3' })]
  if (!/must be addressed using the specified endpoint/i.test(message)) return []
  const host = elements.get('Endpoint')
  return [
    ...(region ? [statement('scope-region', { required: region })] : []),
    ...(host ? [told('host', `The service requires the host "${host}".`, { expected: host })] : []),
  ]
}

const SMTP = 'The SMTP password was wrong: it is not the secret access key, but derived from it for one region.'
const SMTP_FIX = 'Use the user name and the password that npx sigv4-tools token ses-smtp prints.'
const MD5_FIX =
  'Send the base64-encoded MD5 digest of the body as Content-MD5. AWS SDKs send other checksums since January 2025: add the digest in a hook of the client, or use an earlier version.'

function elementsTold({ code, message, elements }: ServiceResponse): Clue[] {
  const parameter = /^[\w-]{1,100}$/.exec(elements.get('ParameterName') ?? '')?.[0]
  const unsigned = elements.get('HeadersNotSigned') || (/must be signed/i.test(message) ? parameter : undefined)
  if (unsigned) return [statement('unsigned-header', { name: unsigned })]
  if (parameter && /not in the request/i.test(message)) return [statement('header-missing', { name: parameter })]
  const hash = elements.get('ArgumentValue')
  if (hash !== undefined && /^x-amz-content-sha256$/i.test(elements.get('ArgumentName') ?? ''))
    return [told('payload-hash', `The header x-amz-content-sha256 is "${hash}".`, { actual: hash })]
  if (/^ExpiredToken|token.{0,40}expired/i.test(`${code} ${message.slice(0, 4096)}`) && !/signature/i.test(message))
    return [told('session-token', 'The session token had expired.')]
  if (rejectedLogin(message)?.kind === 'ses-smtp') return [told('wrong-secret', SMTP, { fix: SMTP_FIX })]
  if (/missing (?:required )?header.{0,40}Content-MD5(?! or)/i.test(message))
    return [told('missing-header', 'The request did not contain Content-MD5.', { fix: MD5_FIX })]
  const size = elements.get('ProposedSize')
  const [cause, limit, expected] =
    code === 'EntityTooLarge'
      ? (['policy-too-large', 'allows at most', elements.get('MaxSizeAllowed')] as const)
      : (['policy-too-small', 'requires at least', elements.get('MinSizeAllowed')] as const)
  if (size && expected)
    return [told(cause, `The file had ${size} bytes, but the policy ${limit} ${expected}.`, { expected, actual: size })]
  const sent = elements.get('ExpectedDigest')
  const calculated = elements.get('CalculatedDigest')
  if (sent && calculated) {
    const cause = /Content-MD5/i.test(message) ? 'content-md5' : 'checksum'
    const sentence = `The client sent the digest ${sent}. The service computed ${calculated}.`
    return [told(cause, sentence, { expected: sent, actual: calculated })]
  }
  const stated = elements.get('ClientComputedContentSHA256')
  const computed = elements.get('S3ComputedContentSHA256')
  if (stated === undefined || computed === undefined) return []
  const bodyOf = (hash: string): string => (hash === EMPTY_HASH ? 'an empty body' : 'a body')
  const isEmpty = stated === EMPTY_HASH || computed === EMPTY_HASH
  const sentence = isEmpty
    ? `The client signed the hash of ${bodyOf(stated)}. The service received ${bodyOf(computed)}.`
    : 'The client signed the hash of a different body than the service received.'
  const fix = stated === EMPTY_HASH ? HASH_FIX : undefined
  return [told('payload-mismatch', sentence, { expected: stated, actual: computed, fix })]
}

/** Returns the clues in a string to sign of Version 2, which the service computed. It starts with the method. */
export function observeVersionTwo({ response, shown }: Case): Clue[] {
  const [method = '', ...lines] = (response?.stringToSign ?? '').split('\n')
  if (!/^(?:GET|PUT|POST|HEAD|DELETE)$/.test(method) || lines.length === 0) return []
  const type = /^(?:PUT|POST)$/.test(method)
    ? lines.slice(0, 2).find((line) => /^\s*[\w.+-]+\/[\w.+*-]+/.test(line))
    : undefined
  const changed: Clue = {
    cause: 'header-changed',
    ground: 'fault',
    message: `Signature Version 2 signs the Content-Type header, and the service received ${type?.trim()}.`,
    part: header('content-type'),
  }
  const clues: Clue[] = type === undefined ? [] : [changed]
  if (!shown.has('request')) clues.push({ cause: 'signature-v2', ground: 'fault' })
  return clues
}
