import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { Cause } from '../causes.ts'
import { type Clue, clue, type Told } from '../clue.ts'
import type { ServiceResponse } from './response.ts'
import { formTold } from './told-form.ts'
import { timesTold } from './told-times.ts'

// Parses the values in a service's error: times, regions, services, headers. They are evidence on their own.

/** Parses what a service states about a cause, with its values; the most precise clue first. */
export function toldClues(response: ServiceResponse): Clue[] {
  const found = [
    ...timesTold(response),
    ...scopeTold(response),
    ...namesTold(response),
    ...valuesTold(response),
    ...digestsTold(response),
    ...formTold(response),
  ]
  return found.map((each): Clue => ({ ...each, ground: 'told' }))
}

/** The parts of the scope: pattern, cause; groups `e`: expected, `a`: actual. */
const SCOPES: readonly [RegExp, Cause][] = [
  [/region ['"](?<a>[^'"]*)['"] is wrong; expecting ['"](?<e>[^'"]+)['"]/i, 'scope-region'],
  [/region ['"](?<a>[^'"]*)['"] is wrong/i, 'scope-region'],
  [/region is wrong; expecting ['"](?<e>[^'"]+)['"]/i, 'scope-region'],
  [/region name '(?<a>[^']*)' is not valid(?:.{0,80}\b(?<e>auto)\b)?/i, 'scope-region'],
  [/bucket is in this region: (?<e>[a-z\d-]+)/i, 'scope-region'],
  [/region.{0,30}expect(?:ing|ed)[: ]+['"]?(?<e>[a-z\d-]+)/i, 'scope-region'],
  [/scoped to a valid region, not ['"](?<a>[^'"]*)['"]/i, 'scope-region'],
  [/incorrect service(?: "(?<a>[^"]*)")?\. This endpoint belongs to "(?<e>[^"]+)"/i, 'scope-service'],
  [/scoped to correct service: ['"]?(?<e>[a-z\d-]+)/i, 'scope-service'],
  [/unknown service '(?<a>[^']*)' in .{0,30}expected '(?<e>[^']+)'/i, 'scope-service'],
  [/credential service should be (?<e>[\w-]+), not (?<a>[\w-]*)/i, 'scope-service'],
  [/service.{0,30}expect(?:ing|ed)[: ]+['"]?(?<e>[a-z\d-]+)/i, 'scope-service'],
  [/incorrect terminal "(?<a>[^"]*)"\. This endpoint uses "(?<e>[^"]+)"/i, 'scope-terminator'],
  [/valid terminator: '(?<e>[^']+)', not '(?<a>[^']*)'/i, 'scope-terminator'],
  [/termination string should be (?<e>\w+), not (?<a>\w*)/i, 'scope-terminator'],
  [/'(?<a>\d*)' != '(?<e>\d{8})', from/i, 'scope-date'],
  [/credential date "(?<a>[^"]*)".{0,60}X-Amz-Date: "(?<e>[^"]*)"/i, 'scope-date'],
  [/credential signed date (?<a>\w*) does not match (?<e>\w+)/i, 'scope-date'],
]

function scopeTold({ message, elements, headers }: ServiceResponse): Told[] {
  const region = elements.get('Region') ?? elements.get('region') ?? headers.get('x-amz-bucket-region')
  const sent = /unexpected scope: ([\w-]*)\/([\w-]*)\/([\w-]*)\/(\w*)/i.exec(message)
  if (sent && region && sent[2] !== region) return [scopeClue('scope-region', region, sent[2])]
  if (sent && sent[3] !== 's3') return [scopeClue('scope-service', 's3', sent[3])]
  const found: Told[] = []
  for (const [pattern, cause] of SCOPES) {
    const { e, a } = pattern.exec(message)?.groups ?? {}
    if ((e === undefined && a === undefined) || found.some((each) => each.cause === cause)) continue
    found.push(scopeClue(cause, e ?? region, a))
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

const NOT_SIGNED = 'The request contained headers that were not signed:'

/** Names of headers, parameters and fields: pattern, cause, and the sentence that starts the list of names. */
const NAMES: readonly [RegExp, Cause, string][] = [
  [/which were not signed[:\s]+([\w-]+(?:, [\w-]+)*)/i, 'unsigned-header', NOT_SIGNED],
  [/Header\(s\) not signed: ([\w-]+(?:, [\w-]+)*)/i, 'unsigned-header', NOT_SIGNED],
  [/Header [`'"]([\w-]+)[`'"] should be signed/i, 'unsigned-header', NOT_SIGNED],
  [/'([\w-]+)' must be included in signature/i, 'unsigned-header', NOT_SIGNED],
  [
    /signed header [`'"]([\w-]+)[`'"] is not present/i,
    'header-missing',
    'The request did not contain the signed header',
  ],
  [/'([\w-]+)' is named as a SignedHeader, but/i, 'header-missing', 'The request did not contain the signed header'],
  [/required header for this request: (x-amz-[\w-]+)/i, 'missing-header', 'The request did not contain the header'],
  [/missing (?:header: )?(x-amz-(?:content-sha256|date))/i, 'missing-header', 'The request did not contain the header'],
  [/Required search parameters? ([\w-]+(?:, {1,2}[\w-]+)*) missing/i, 'missing-param', 'The URL did not contain'],
  [/(X-Amz-\w+) not found in query/i, 'missing-param', 'The URL did not contain'],
  [
    /(?:[Mm]issing|find) (Credential|SignedHeaders|Signature)\b/,
    'malformed-authorization',
    'The Authorization header did not contain',
  ],
]

/** Messages with a sentence for each name. */
const REPEATED: readonly [RegExp, Cause, string][] = [
  [/query-string parameters must include '(X-Amz-\w+)'/gi, 'missing-param', 'The URL did not contain'],
  [
    /requires '(Credential|SignedHeaders|Signature)' parameter/gi,
    'malformed-authorization',
    'The Authorization header did not contain',
  ],
]

function namesTold({ message, elements }: ServiceResponse): Told[] {
  const text = message.slice(0, 4096)
  if (/'Host'(?: or ':authority')? must be a 'SignedHeader'|Host header not signed|`Host` should be signed/i.test(text))
    return [clue('signed-headers', 'The Host header was not signed.', 'host')]
  const stated = elements.get('HeadersNotSigned')
  if (stated) return [nameClue('unsigned-header', NOT_SIGNED, stated)]
  const parameter = /^[\w-]{1,100}$/.exec(elements.get('ParameterName') ?? '')?.[0]
  if (parameter && /must be signed/i.test(text)) return [nameClue('unsigned-header', NOT_SIGNED, parameter)]
  if (parameter && /not in the request/i.test(text))
    return [nameClue('header-missing', 'The request did not contain the signed header', parameter)]
  for (const [pattern, cause, start] of NAMES) {
    const names = pattern.exec(text)?.[1]
    if (names) return [nameClue(cause, start, names.replace(/ +/g, ' '))]
  }
  for (const [pattern, cause, start] of REPEATED) {
    const names = [...text.matchAll(pattern)].map(([, name]) => name!)
    if (names.length) return [nameClue(cause, start, [...new Set(names)].join(', '))]
  }
  return []
}

/** `unsigned-header` has an actual value, since the headers were received. */
function nameClue(cause: Cause, start: string, names: string): Told {
  const name = names.includes(',') ? {} : { name: names }
  return { cause, message: `${start} ${names}.`, ...name, ...(cause === 'unsigned-header' ? { actual: names } : {}) }
}

const AMZ_DATE = 'yyyyMMddTHHmmssZ'

/** Single values: pattern, cause, sentence; groups `a`: actual, `e`: expected. */
const VALUES: readonly [RegExp, Cause, string, string?][] = [
  [
    /'basic format'\. Got '(?<a>[^']{0,100})'/i,
    'date-format',
    'The date is "{a}". The required format is {e}.',
    AMZ_DATE,
  ],
  [
    /Date provided in .{1,30} \((?<a>[^()]{0,100})\) didn't/i,
    'date-format',
    'The date is "{a}". The required format is {e}.',
    AMZ_DATE,
  ],
  [
    /incorrect date format "(?<a>[^"]{0,100})"/i,
    'scope-date',
    'The date of the credential scope is "{a}". The required format is {e}.',
    'yyyyMMdd',
  ],
  [
    /access key has length (?<a>\d+), should be (?<e>\d+)/i,
    'unknown-access-key',
    'The access key ID has {a} characters. The service requires {e}.',
  ],
  [
    /at least (?<e>\d+) slash-separated parts, not (?<a>\d+)/i,
    'malformed-credential',
    'The credential has {a} parts. It must have {e}.',
  ],
  [
    /Unsupported AWS 'algorithm': '(?<a>[^']{0,100})'/i,
    'algorithm',
    'The algorithm is "{a}". The service requires {e}.',
    'AWS4-HMAC-SHA256',
  ],
]

function valuesTold({ code, message, elements }: ServiceResponse): Told[] {
  const text = message.slice(0, 4096)
  for (const [pattern, cause, sentence, required] of VALUES) {
    const { a, e = required } = pattern.exec(text)?.groups ?? {}
    if (a === undefined || e === undefined) continue
    // secrets of Cloudflare R2 have 64 characters
    const isSecret = cause === 'unknown-access-key' && a === '64'
    const filled = sentence.replace(/\{([ae])\}/g, (_, name) => (name === 'a' ? a : e))
    return [clue(isSecret ? 'keys-swapped' : cause, filled, e, a)]
  }
  const hash = elements.get('ArgumentValue')
  if (hash !== undefined && /^x-amz-content-sha256$/i.test(elements.get('ArgumentName') ?? ''))
    return [clue('payload-hash', `The header x-amz-content-sha256 is "${hash}".`, undefined, hash)]
  if (/(?:^|: )'Bearer /.test(text))
    return [clue('malformed-authorization', 'The Authorization header contains a bearer token instead of a signature.')]
  if (/^ExpiredToken|token.{0,40}expired/i.test(`${code} ${text}`) && !/signature/i.test(text))
    return [clue('session-token', 'The session token had expired.')]
  return []
}

function digestsTold({ message, elements }: ServiceResponse): Told[] {
  const [sent, calculated] = [elements.get('ExpectedDigest'), elements.get('CalculatedDigest')]
  if (sent && calculated)
    return [
      clue(
        /Content-MD5/i.test(message) ? 'content-md5' : 'checksum',
        `The client sent the digest ${sent}. The service computed ${calculated}.`,
        sent,
        calculated,
      ),
    ]
  const stated = elements.get('ClientComputedContentSHA256')
  const computed = elements.get('S3ComputedContentSHA256')
  if (stated === undefined || computed === undefined) return []
  const which = stated === EMPTY_HASH ? 'the hash of an empty body' : 'the hash of a different body'
  const received =
    computed === EMPTY_HASH ? 'The service received an empty body.' : 'The service received a different body.'
  return [clue('payload-mismatch', `The client signed ${which}. ${received}`, stated, computed)]
}
