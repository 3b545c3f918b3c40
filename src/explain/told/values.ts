import type { Cause } from '../model/causes.ts'
import { fill, header, type Part, parameterPart, type Sign, told } from '../model/sign.ts'

// The values in the messages of services.

/** Sentences about the values of a message, by cause. */
const SENTENCES: Partial<Record<Cause, string>> = {
  'signed-headers': 'The Host header was not signed.',
  'unsigned-header': 'The request contained headers that were not signed: {name}.',
  'header-missing': 'The request did not contain the signed header {name}.',
  'missing-header': 'The request did not contain the header {name}.',
  'missing-param': 'The URL did not contain {name}.',
  'malformed-authorization': 'The Authorization header did not contain {name}.',
  'date-format': 'The date is "{sent}". The required format is {required}.',
  'scope-region': 'The request was signed for the region "{sent}". The service requires the region "{required}".',
  'scope-service': 'The request was signed for the service "{sent}". The endpoint belongs to the service "{required}".',
  'scope-terminator': 'The credential scope ended with "{sent}". It must end with "{required}".',
  'scope-date': 'The request was signed for the date "{sent}". The service requires the date "{required}".',
  'keys-swapped': 'The access key ID has {sent} characters. The service requires {required}.',
  'unknown-access-key': 'The access key ID has {sent} characters. The service requires {required}.',
  'malformed-credential': 'The credential has {sent} parts. It must have {required}.',
  algorithm: 'The algorithm is "{sent}". The service requires {required}.',
  'policy-condition': 'The policy does not allow the value of the {name} field.',
  'policy-missing': 'The form did not contain a {name} field before the file.',
  'missing-field': 'The form did not contain a {name} field before the file.',
  'policy-extra-field': 'The policy does not contain a condition for the field {name}.',
}

const BEARER = 'The Authorization header contains a bearer token instead of a signature.'
const SLASHES = 'The access key ID contains a slash, as secret access keys often do.'
const DATE_FORMAT = 'The date of the credential scope is "{sent}". The required format is {required}.'
const REQUIRES = 'The policy requires "{required}" for the {name} field, but the form contained "{sent}".'
const NOT_MET = 'The form did not meet the policy condition {condition}.'
const FIELDS = 'The policy does not contain a condition for the fields {name}.'

/** What a service requires if its message does not contain it. */
const REQUIRED: Partial<Record<Cause, string>> = {
  'signed-headers': 'host',
  'date-format': 'yyyyMMddTHHmmssZ',
  'scope-date': 'yyyyMMdd',
  algorithm: 'AWS4-HMAC-SHA256',
}

/**
 * Messages: pattern, cause, and the sentences if they are not the usual ones of the cause. The groups are `name`, of headers,
 * parameters or fields, `sent`, and `required`. A message may repeat its sentence for each name.
 */
const STATEMENTS: readonly [RegExp, Cause, sentences?: string][] = [
  [/region ['"](?<sent>[^'"]*)['"] is wrong; expecting ['"](?<required>[^'"]+)['"]/gi, 'scope-region'],
  [/region ['"](?<sent>[^'"]*)['"] is wrong/gi, 'scope-region'],
  [/region is wrong; expecting ['"](?<required>[^'"]+)['"]/gi, 'scope-region'],
  [/region name '(?<sent>[^']*)' is not valid(?:.{0,80}\b(?<required>auto)\b)?/gi, 'scope-region'],
  [/bucket is in this region: (?<required>[a-z\d-]+)/gi, 'scope-region'],
  [/region.{0,30}expect(?:ing|ed)[: ]+['"]?(?<required>[a-z\d-]+)/gi, 'scope-region'],
  [/scoped to a valid region, not ['"](?<sent>[^'"]*)['"]/gi, 'scope-region'],
  [/incorrect service(?: "(?<sent>[^"]*)")?\. This endpoint belongs to "(?<required>[^"]+)"/gi, 'scope-service'],
  [/scoped to correct service: ['"]?(?<required>[a-z\d-]+)/gi, 'scope-service'],
  [/unknown service '(?<sent>[^']*)' in .{0,30}expected '(?<required>[^']+)'/gi, 'scope-service'],
  [/credential service should be (?<required>[\w-]+), not (?<sent>[\w-]*)/gi, 'scope-service'],
  [/service.{0,30}expect(?:ing|ed)[: ]+['"]?(?<required>[a-z\d-]+)/gi, 'scope-service'],
  [/incorrect terminal "(?<sent>[^"]*)"\. This endpoint uses "(?<required>[^"]+)"/gi, 'scope-terminator'],
  [/valid terminator: '(?<required>[^']+)', not '(?<sent>[^']*)'/gi, 'scope-terminator'],
  [/termination string should be (?<required>\w+), not (?<sent>\w*)/gi, 'scope-terminator'],
  [/'(?<sent>\d*)' != '(?<required>\d{8})', from/gi, 'scope-date'],
  [/credential date "(?<sent>[^"]*)".{0,60}X-Amz-Date: "(?<required>[^"]*)"/gi, 'scope-date'],
  [/credential signed date (?<sent>\w*) does not match (?<required>\w+)/gi, 'scope-date'],
  [
    /'Host'(?: or ':authority')? must be a 'SignedHeader'|Host header not signed|`Host` should be signed/gi,
    'signed-headers',
  ],
  [/which were not signed[:\s]+(?<name>[\w-]+(?:, [\w-]+)*)/gi, 'unsigned-header'],
  [/Header\(s\) not signed: (?<name>[\w-]+(?:, [\w-]+)*)/gi, 'unsigned-header'],
  [/Header [`'"](?<name>[\w-]+)[`'"] should be signed/gi, 'unsigned-header'],
  [/'(?<name>[\w-]+)' must be included in signature/gi, 'unsigned-header'],
  [/signed header [`'"](?<name>[\w-]+)[`'"] is not present/gi, 'header-missing'],
  [/header '(?<name>[\w-]+)' is listed in signed headers, but/gi, 'header-missing'],
  [/'(?<name>[\w-]+)' is named as a SignedHeader, but/gi, 'header-missing'],
  [/required header for this request: (?<name>x-amz-[\w-]+)/gi, 'missing-header'],
  [/missing (?:header: )?(?<name>x-amz-(?:content-sha256|date))/gi, 'missing-header'],
  [/Required search parameters? (?<name>[\w-]+(?:, {1,2}[\w-]+)*) missing/gi, 'missing-param'],
  [/(?<name>X-Amz-\w+) not found in query/gi, 'missing-param'],
  [/query-string parameters must include '(?<name>X-Amz-\w+)'/gi, 'missing-param'],
  [/(?:[Mm]issing|find) (?<name>Credential|SignedHeaders|Signature)\b/g, 'malformed-authorization'],
  [/requires '(?<name>Credential|SignedHeaders|Signature)' parameter/gi, 'malformed-authorization'],
  [/(?:^|: )'Bearer /g, 'malformed-authorization', BEARER],
  [/'basic format'\. Got '(?<sent>[^']{0,100})'/gi, 'date-format'],
  [/Date provided in .{1,30} \((?<sent>[^()]{0,100})\) didn't/gi, 'date-format'],
  [/incorrect date format "(?<sent>[^"]{0,100})"/gi, 'scope-date', DATE_FORMAT],
  [/access key has length (?<sent>64), should be (?<required>\d+)/gi, 'keys-swapped'], // a secret of Cloudflare R2
  [/access key has length (?<sent>(?!64,)\d+), should be (?<required>\d+)/gi, 'unknown-access-key'],
  [/at least (?<required>\d+) slash-separated parts, not (?<sent>\d+)/gi, 'malformed-credential'],
  [/slash-delimited.{0,80}got '(?!A[KS]IA)[\w+]{0,39}\/[\w+/]{1,39}\/\d{8}\//gi, 'keys-swapped', SLASHES],
  [/Unsupported AWS 'algorithm': '(?<sent>[^']{0,100})'/gi, 'algorithm'],
  [
    /condition '[\w-]+' for field '(?<name>[^']{1,100})' failed: expected (?:prefix )?'(?<required>[^']{0,500})', got '(?<sent>[^']{0,500})'/gi,
    'policy-condition',
    REQUIRES,
  ],
  [/(?<name>x-amz-\w+) does not match policy/gi, 'policy-condition'],
  [/condition failed: "(?<name>[\w-]{1,100})" does not/gi, 'policy-condition'],
  [/Key '(?<name>[\w-]{1,100})' has value not allowed/gi, 'policy-condition'],
  [/must contain a field named '(?<name>policy)'/gi, 'policy-missing'],
  [/must contain a field named '(?<name>(?!policy')[\w-]{1,100})'/gi, 'missing-field'],
  [/Extra input fields: (?<name>[\w-]{1,100})/gi, 'policy-extra-field'],
  [/"(?<name>[\w-]{1,300})" not specified in/gi, 'policy-extra-field'],
  [/"(?<name>[\w, -]{1,300})" not specified in/gi, 'policy-extra-field', FIELDS],
  [/field "(?<name>[\w-]{1,100})" is not covered/gi, 'policy-extra-field'],
  [/missing condition: (?<name>[\w-]{1,100})/gi, 'policy-extra-field'],
  [/Key '(?<name>[\w-]{1,100})' is not allowed/gi, 'policy-extra-field'],
  [/Policy Condition failed: (?<condition>.{0,500}\]|.{1,500})/gi, 'policy-condition', NOT_MET],
]

/** Parses the values in a message: those of each part of the scope, otherwise of the first pattern that matches. */
export function valuesTold(message: string, region: string | undefined): Sign[] {
  const text = message.slice(0, 4096)
  const found = new Map<Cause, Sign>()
  for (const [pattern, cause, sentences] of STATEMENTS) {
    const [first, ...more] = groupsOf(text, pattern)
    if (!first || found.has(cause) || (found.size && !cause.startsWith('scope-'))) continue
    const names = new Set([first, ...more].map(({ name }) => name?.replace(/ +/g, ' ')))
    const required = first.required ?? (cause === 'scope-region' ? region : REQUIRED[cause])
    found.set(cause, statement(cause, { ...first, required, name: [...names].join(', ') }, sentences))
  }
  return [...found.values()]
}

/** The named groups of each match. With `exec`, because compilers that support these in old engines leave out `matchAll`. */
function groupsOf(text: string, pattern: RegExp): Record<string, string | undefined>[] {
  const found: Record<string, string | undefined>[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) found.push(match.groups ?? {})
  return found
}

/** A sign with the values of its sentences: those of which the values are known. Several names are only in a sentence. */
export function statement(
  cause: Cause,
  values: Readonly<Record<string, string | undefined>>,
  sentences = SENTENCES[cause] ?? '',
): Sign {
  const { name = '', required, sent = cause === 'unsigned-header' ? name : undefined } = values
  const known = sentences
    .split(/(?<=\.) /)
    .filter((sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].every(([, key]) => values[key!] !== undefined))
  const isOne = name !== '' && !name.includes(',')
  const part = isOne ? { part: partOf(cause, name) } : {}
  return told(cause, fill(known.join(' '), values), { expected: required, actual: sent, ...part })
}

/** The part of the request that a message names. */
function partOf(cause: Cause, name: string): Part {
  if (/^(?:policy-|missing-field)/.test(cause)) return { of: 'field', name }
  return cause === 'missing-param' ? parameterPart(name) : header(name)
}
