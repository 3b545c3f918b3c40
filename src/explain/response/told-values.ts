import type { Cause } from '../causes.ts'
import { clue, fill, type Told } from '../clue.ts'

// The values in the messages of services.

export const UNSIGNED = 'The request contained headers that were not signed: {name}.'
export const ABSENT = 'The request did not contain the signed header {name}.'

/**
 * What messages state: cause, sentence, and patterns. Groups, which the sentence contains in braces: `name` of headers,
 * parameters or fields, `sent`, `required`. The fourth element is the required value if a message does not contain it.
 */
const STATEMENTS: readonly [Cause, sentence: string, patterns: readonly RegExp[], required?: string][] = [
  [
    'signed-headers',
    'The Host header was not signed.',
    [/'Host'(?: or ':authority')? must be a 'SignedHeader'|Host header not signed|`Host` should be signed/gi],
    'host',
  ],
  [
    'unsigned-header',
    UNSIGNED,
    [
      /which were not signed[:\s]+(?<name>[\w-]+(?:, [\w-]+)*)/gi,
      /Header\(s\) not signed: (?<name>[\w-]+(?:, [\w-]+)*)/gi,
      /Header [`'"](?<name>[\w-]+)[`'"] should be signed/gi,
      /'(?<name>[\w-]+)' must be included in signature/gi,
    ],
  ],
  [
    'header-missing',
    ABSENT,
    [/signed header [`'"](?<name>[\w-]+)[`'"] is not present/gi, /'(?<name>[\w-]+)' is named as a SignedHeader, but/gi],
  ],
  [
    'missing-header',
    'The request did not contain the header {name}.',
    [
      /required header for this request: (?<name>x-amz-[\w-]+)/gi,
      /missing (?:header: )?(?<name>x-amz-(?:content-sha256|date))/gi,
    ],
  ],
  [
    'missing-param',
    'The URL did not contain {name}.',
    [
      /Required search parameters? (?<name>[\w-]+(?:, {1,2}[\w-]+)*) missing/gi,
      /(?<name>X-Amz-\w+) not found in query/gi,
      /query-string parameters must include '(?<name>X-Amz-\w+)'/gi,
    ],
  ],
  [
    'malformed-authorization',
    'The Authorization header did not contain {name}.',
    [
      /(?:[Mm]issing|find) (?<name>Credential|SignedHeaders|Signature)\b/g,
      /requires '(?<name>Credential|SignedHeaders|Signature)' parameter/gi,
    ],
  ],
  [
    'malformed-authorization',
    'The Authorization header contains a bearer token instead of a signature.',
    [/(?:^|: )'Bearer /g],
  ],
  [
    'date-format',
    'The date is "{sent}". The required format is {required}.',
    [/'basic format'\. Got '(?<sent>[^']{0,100})'/gi, /Date provided in .{1,30} \((?<sent>[^()]{0,100})\) didn't/gi],
    'yyyyMMddTHHmmssZ',
  ],
  [
    'scope-date',
    'The date of the credential scope is "{sent}". The required format is {required}.',
    [/incorrect date format "(?<sent>[^"]{0,100})"/gi],
    'yyyyMMdd',
  ],
  [
    'keys-swapped', // secrets of Cloudflare R2 have 64 characters
    'The access key ID has {sent} characters. The service requires {required}.',
    [/access key has length (?<sent>64), should be (?<required>\d+)/gi],
  ],
  [
    'unknown-access-key',
    'The access key ID has {sent} characters. The service requires {required}.',
    [/access key has length (?<sent>\d+), should be (?<required>\d+)/gi],
  ],
  [
    'malformed-credential',
    'The credential has {sent} parts. It must have {required}.',
    [/at least (?<required>\d+) slash-separated parts, not (?<sent>\d+)/gi],
  ],
  [
    'algorithm',
    'The algorithm is "{sent}". The service requires {required}.',
    [/Unsupported AWS 'algorithm': '(?<sent>[^']{0,100})'/gi],
    'AWS4-HMAC-SHA256',
  ],
  [
    'policy-condition',
    'The policy requires "{required}" for the {name} field, but the form contained "{sent}".',
    [
      /condition '[\w-]+' for field '(?<name>[^']{1,100})' failed: expected (?:prefix )?'(?<required>[^']{0,500})', got '(?<sent>[^']{0,500})'/gi,
    ],
  ],
  [
    'policy-condition',
    'The policy does not allow the value of the {name} field.',
    [
      /(?<name>x-amz-\w+) does not match policy/gi,
      /condition failed: "(?<name>[\w-]{1,100})" does not/gi,
      /Key '(?<name>[\w-]{1,100})' has value not allowed/gi,
    ],
  ],
  [
    'policy-missing',
    'The form did not contain a {name} field before the file.',
    [/must contain a field named '(?<name>policy)'/gi],
  ],
  [
    'missing-field',
    'The form did not contain a {name} field before the file.',
    [/must contain a field named '(?<name>[\w-]{1,100})'/gi],
  ],
  [
    'policy-extra-field',
    'The policy does not contain a condition for the field {name}.',
    [
      /Extra input fields: (?<name>[\w-]{1,100})/gi,
      /"(?<name>[\w-]{1,300})" not specified in/gi,
      /field "(?<name>[\w-]{1,100})" is not covered/gi,
      /missing condition: (?<name>[\w-]{1,100})/gi,
      /Key '(?<name>[\w-]{1,100})' is not allowed/gi,
    ],
  ],
  [
    'policy-extra-field',
    'The policy does not contain a condition for the fields {name}.',
    [/"(?<name>[\w, -]{1,300})" not specified in/gi],
  ],
  [
    'policy-condition',
    'The form did not meet the policy condition {condition}.',
    [/Policy Condition failed: (?<condition>.{0,500}\]|.{1,500})/gi],
  ],
]

/** Parses the values in a message: those of the first pattern that matches. */
export function valuesTold(message: string): Told[] {
  const text = message.slice(0, 4096)
  for (const [cause, sentence, patterns, required] of STATEMENTS)
    for (const pattern of patterns) {
      // some messages repeat their sentence for each name
      const found = [...text.matchAll(pattern)].map(({ groups }) => groups ?? {})
      const names = new Set(found.map(({ name }) => name?.replace(/ +/g, ' ')))
      if (found[0]) return [statement(cause, sentence, { required, ...found[0], name: [...names].join(', ') })]
    }
  return []
}

/** A clue with the values of its sentence. Several names are only in the sentence. */
export function statement(cause: Cause, sentence: string, values: Readonly<Record<string, string | undefined>>): Told {
  const { name = '', required, sent = cause === 'unsigned-header' ? name : undefined } = values
  return clue(cause, fill(sentence, values), required, sent, name === '' || name.includes(',') ? undefined : name)
}
