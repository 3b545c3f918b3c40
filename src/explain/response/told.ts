import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import { type Clue, clue, type Told } from '../clue.ts'
import type { ServiceResponse } from './response.ts'
import { timesTold } from './told-times.ts'
import { statement, valuesTold } from './told-values.ts'

// Parses the values in a service's error: times, regions, services, headers. They are evidence on their own.

/** Parses what a service states about a cause, with its values; the most precise clue first. */
export function toldClues(response: ServiceResponse): Clue[] {
  const { elements, headers } = response
  const region = elements.get('Region') ?? elements.get('region') ?? headers.get('x-amz-bucket-region')
  const found = [
    ...timesTold(response),
    ...scopeTold(response, region),
    ...elementsTold(response),
    ...valuesTold(response.message, region),
  ]
  return found.map((each): Clue => ({ ...each, ground: 'told' }))
}

/** What a service states about the scope other than by a sentence of its own. */
function scopeTold({ message, elements }: ServiceResponse, region: string | undefined): Told[] {
  const sent = /unexpected scope: ([\w-]*)\/([\w-]*)\/([\w-]*)\/(\w*)/i.exec(message)
  if (sent && region && sent[2] !== region) return [statement('scope-region', { sent: sent[2], required: region })]
  if (sent && sent[3] !== 's3') return [statement('scope-service', { sent: sent[3], required: 's3' })]
  if (!/must be addressed using the specified endpoint/i.test(message)) return []
  const host = elements.get('Endpoint')
  return [
    ...(region ? [statement('scope-region', { required: region })] : []),
    ...(host ? [clue('host', `The service requires the host "${host}".`, host)] : []),
  ]
}

/** The content type in a string to sign of Version 2, which the service accepts. */
export function versionTwoType(response: ServiceResponse | undefined): string | undefined {
  const lines = (response?.stringToSign ?? '').split('\n')
  if (!/^(?:PUT|POST)$/.test(lines[0]!)) return undefined
  return lines
    .slice(1, 3)
    .find((line) => /^\s*[\w.+-]+\/[\w.+*-]+/.test(line))
    ?.trim()
}

const SIZES = [
  ['EntityTooLarge', 'policy-too-large', 'MaxSizeAllowed', 'allows at most'],
  ['EntityTooSmall', 'policy-too-small', 'MinSizeAllowed', 'requires at least'],
] as const

/** Parses the code and the elements of an error. */
function elementsTold({ code, message, elements }: ServiceResponse): Told[] {
  const parameter = /^[\w-]{1,100}$/.exec(elements.get('ParameterName') ?? '')?.[0]
  const unsigned = elements.get('HeadersNotSigned') || (/must be signed/i.test(message) ? parameter : undefined)
  if (unsigned) return [statement('unsigned-header', { name: unsigned })]
  if (parameter && /not in the request/i.test(message)) return [statement('header-missing', { name: parameter })]
  const hash = elements.get('ArgumentValue')
  if (hash !== undefined && /^x-amz-content-sha256$/i.test(elements.get('ArgumentName') ?? ''))
    return [clue('payload-hash', `The header x-amz-content-sha256 is "${hash}".`, undefined, hash)]
  if (/^ExpiredToken|token.{0,40}expired/i.test(`${code} ${message.slice(0, 4096)}`) && !/signature/i.test(message))
    return [clue('session-token', 'The session token had expired.')]
  for (const [error, cause, element, limit] of SIZES) {
    const [size, most] = [elements.get('ProposedSize'), elements.get(element)]
    if (code === error && size && most)
      return [clue(cause, `The file had ${size} bytes, but the policy ${limit} ${most}.`, most, size)]
  }
  const [sent, calculated] = [elements.get('ExpectedDigest'), elements.get('CalculatedDigest')]
  if (sent && calculated) {
    const cause = /Content-MD5/i.test(message) ? 'content-md5' : 'checksum'
    const sentence = `The client sent the digest ${sent}. The service computed ${calculated}.`
    return [clue(cause, sentence, sent, calculated)]
  }
  const stated = elements.get('ClientComputedContentSHA256')
  const computed = elements.get('S3ComputedContentSHA256')
  if (stated === undefined || computed === undefined) return []
  const bodyOf = (hash: string): string => (hash === EMPTY_HASH ? 'an empty body' : 'a different body')
  const sentence = `The client signed the hash of ${bodyOf(stated)}. The service received ${bodyOf(computed)}.`
  return [clue('payload-mismatch', sentence, stated, computed)]
}
