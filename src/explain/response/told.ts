import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { Cause } from '../causes.ts'
import { type Clue, clue, type Told } from '../clue.ts'
import type { ServiceResponse } from './response.ts'
import { timesTold } from './told-times.ts'
import { statement, valuesTold } from './told-values.ts'

// Parses the values in a service's error: times, regions, services, headers. They are evidence on their own.

/** Parses what a service states about a cause, with its values; the most precise clue first. */
export function toldClues(response: ServiceResponse): Clue[] {
  const found = [
    ...timesTold(response),
    ...scopeTold(response),
    ...elementsTold(response),
    ...valuesTold(response.message),
  ]
  return found.map((each): Clue => ({ ...each, ground: 'told' }))
}

/** The parts of the scope: cause and patterns, with the groups `sent` and `required`. */
const SCOPES: readonly [Cause, RegExp[]][] = [
  [
    'scope-region',
    [
      /region ['"](?<sent>[^'"]*)['"] is wrong; expecting ['"](?<required>[^'"]+)['"]/i,
      /region ['"](?<sent>[^'"]*)['"] is wrong/i,
      /region is wrong; expecting ['"](?<required>[^'"]+)['"]/i,
      /region name '(?<sent>[^']*)' is not valid(?:.{0,80}\b(?<required>auto)\b)?/i,
      /bucket is in this region: (?<required>[a-z\d-]+)/i,
      /region.{0,30}expect(?:ing|ed)[: ]+['"]?(?<required>[a-z\d-]+)/i,
      /scoped to a valid region, not ['"](?<sent>[^'"]*)['"]/i,
    ],
  ],
  [
    'scope-service',
    [
      /incorrect service(?: "(?<sent>[^"]*)")?\. This endpoint belongs to "(?<required>[^"]+)"/i,
      /scoped to correct service: ['"]?(?<required>[a-z\d-]+)/i,
      /unknown service '(?<sent>[^']*)' in .{0,30}expected '(?<required>[^']+)'/i,
      /credential service should be (?<required>[\w-]+), not (?<sent>[\w-]*)/i,
      /service.{0,30}expect(?:ing|ed)[: ]+['"]?(?<required>[a-z\d-]+)/i,
    ],
  ],
  [
    'scope-terminator',
    [
      /incorrect terminal "(?<sent>[^"]*)"\. This endpoint uses "(?<required>[^"]+)"/i,
      /valid terminator: '(?<required>[^']+)', not '(?<sent>[^']*)'/i,
      /termination string should be (?<required>\w+), not (?<sent>\w*)/i,
    ],
  ],
  [
    'scope-date',
    [
      /'(?<sent>\d*)' != '(?<required>\d{8})', from/i,
      /credential date "(?<sent>[^"]*)".{0,60}X-Amz-Date: "(?<required>[^"]*)"/i,
      /credential signed date (?<sent>\w*) does not match (?<required>\w+)/i,
    ],
  ],
]

function scopeTold({ message, elements, headers }: ServiceResponse): Told[] {
  const region = elements.get('Region') ?? elements.get('region') ?? headers.get('x-amz-bucket-region')
  const sent = /unexpected scope: ([\w-]*)\/([\w-]*)\/([\w-]*)\/(\w*)/i.exec(message)
  if (sent && region && sent[2] !== region) return [scopeClue('scope-region', region, sent[2])]
  if (sent && sent[3] !== 's3') return [scopeClue('scope-service', 's3', sent[3])]
  const found: Told[] = []
  for (const [cause, patterns] of SCOPES) {
    const groups = patterns.map((pattern) => pattern.exec(message)?.groups).find((each) => each)
    if (groups) found.push(scopeClue(cause, groups.required ?? region, groups.sent))
  }
  if (/must be addressed using the specified endpoint/i.test(message)) {
    const host = elements.get('Endpoint')
    if (region) found.push(scopeClue('scope-region', region, undefined))
    if (host) found.push(clue('host', `The service requires the host "${host}".`, host))
  }
  return found
}

function scopeClue(cause: Cause, expected: string | undefined, actual: string | undefined): Told {
  const part = cause.slice('scope-'.length)
  const isEnd = cause === 'scope-terminator'
  const signed = isEnd
    ? `The credential scope ended with "${actual}".`
    : `The request was signed for the ${part} "${actual}".`
  const requires = part === 'service' ? 'endpoint belongs to' : 'service requires'
  const required = isEnd ? `It must end with "${expected}".` : `The ${requires} the ${part} "${expected}".`
  const sentences = [actual === undefined ? '' : signed, expected === undefined ? '' : required]
  return clue(cause, sentences.filter((each) => each).join(' '), expected, actual)
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
