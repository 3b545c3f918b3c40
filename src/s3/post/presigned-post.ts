import { encodeOctets, utf8Length } from '../../core/encoding/base64.ts'
import { type Expires, type Now, readExpires } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import { checkContentType, SESSION_HEADER, SIGNING_FIELDS, TOKEN_HEADER } from '../../core/http/headers.ts'
import { isObject } from '../../core/kind.ts'
import { checkMembers, members } from '../../core/members.ts'
import { type Credentials, checkCredentials } from '../../core/signing/credentials.ts'
import { readS3Scope, S3_EXPRESS, type ScopeInput } from '../../core/signing/scope.ts'
import type { RequestContext } from '../../core/signing/string-to-sign.ts'
import { readBucket, type S3Object } from '../../core/signing/target.ts'
import { MAX_FORM_SIZE, MAX_KEY_SIZE, MAX_METADATA_SIZE } from '../limits.ts'
import {
  checkContradictions,
  checkFormString,
  FILENAME,
  type Field,
  fieldCondition,
  isFieldName,
  type PostCondition,
  readConditions,
  readRange,
} from './conditions.ts'
import { type Condition, type FieldCondition, formatPolicy, isExempt, meets, metadataLength } from './policy.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials expires region contentLengthRange contentType contentTypePrefix fields conditions now',
)

const TARGET = /* @__PURE__ */ members('bucket key keyPrefix region endpoint pathStyle')

/** The destination of a form: a bucket, and one key or all keys with a prefix. */
export interface PostTarget extends Omit<S3Object, 'key' | 'service'> {
  /** Key of the object, not encoded and not empty. The form must use exactly this key, without `${filename}`. */
  readonly key?: string | undefined
  /**
   * Start of the key, instead of `key`: the form may use any key with this prefix, and uses the prefix and `${filename}`,
   * the name of the uploaded file, unless the sender replaces the field. `''`: any key at all.
   */
  readonly keyPrefix?: string | undefined
}

/** Options of `presignPost`. */
export interface PresignPostOptions<Source = Credentials> {
  /** Credentials to sign with. */
  readonly credentials: Source
  /** Region of the credential scope; overrides the target's. @default the target's, or determined from the endpoint's host */
  readonly region?: string | undefined
  /** Lifetime of the form, from the signing date: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default `'15m'` */
  readonly expires?: Expires | undefined
  /** Time of signing: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
  /** Minimum and maximum size of the file in bytes. @default any size that S3 accepts */
  readonly contentLengthRange?: readonly [min: number, max: number] | undefined
  /** Content type of the object. @default none: the form has no such field, and S3 stores `binary/octet-stream` */
  readonly contentType?: string | undefined
  /**
   * Start of the content type, such as `'image/'`, instead of `contentType`. The form must have the field:
   * `toFormData` adds it from the file. @default none
   */
  readonly contentTypePrefix?: string | undefined
  /** Other fields, which the form must have with exactly these values: `acl`, `tagging`, `x-amz-meta-…`. @default none */
  readonly fields?: Readonly<Record<string, string | number | undefined>> | undefined
  /** Additional conditions, such as for a field that only the sender knows. @default none */
  readonly conditions?: readonly PostCondition[] | undefined
}

/** A form that uploads to S3 without credentials: send its fields in order by POST, and the file last. */
export interface PresignedPost {
  readonly url: string
  /** Every form field except the file, in order. */
  readonly fields: Record<string, string>
  /** Expiration of the form or of the credentials, whichever comes first. In JSON, it is a string: {@link FromJson}. */
  readonly expiresAt: Date
  /** Set if the credentials expire before the form would. */
  readonly limitedBy?: 'credentials'
}

/** A form to presign: the arguments as they were read, without time and credentials. */
export interface PostInput {
  readonly scope: ScopeInput
  readonly url: string
  /** The fields other than those that signing adds; the key first. */
  readonly fields: readonly Field[]
  /** Whether the key is fixed, and not only its prefix. */
  readonly hasKey: boolean
  /** The conditions for these fields, the bucket and the size. */
  readonly conditions: readonly Condition[]
  /** The caller's conditions. */
  readonly added: readonly Condition[]
  /** Returns the lifetime in seconds from the signing time. */
  readonly expires: (time: number) => number
}

/** A form without its signature, which is the HMAC of the policy. */
export interface UnsignedPost {
  readonly context: RequestContext
  readonly url: string
  readonly fields: readonly Field[]
  /** The policy in base64, which is the string to sign. */
  readonly policy: string
  /** Expiration of the policy, epoch milliseconds. */
  readonly end: number
  /** Expiration of the form, epoch milliseconds: earlier if the credentials expire sooner. */
  readonly last: number
}

/** Endpoints of Cloudflare R2, which responds to forms with 501, in all jurisdictions. */
const R2 = /(?:^|\.)r2\.cloudflarestorage\.com(?::\d+)?$/

/** Other fields that the signer adds, fields of Signature Version 2, and the file. */
const RESERVED = ['file', 'policy', 'signature', 'awsaccesskeyid', TOKEN_HEADER, SESSION_HEADER]

/** Reads and checks the arguments of a form. */
export function readPost(target: PostTarget, options: PresignPostOptions<unknown>): PostInput {
  checkMembers('options', options, OPTIONS)
  const { bucket, key, keyPrefix } = target ?? {}
  const { contentType, contentTypePrefix, contentLengthRange } = options
  const parts = readBucket(target, options.region ?? target?.region)
  checkMembers('target', target, TARGET)
  if (R2.test(parts.host))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'target.endpoint',
      'unusable',
      'Cloudflare R2 does not accept forms. Use presignPut with contentLength.',
    )
  const scope = readS3Scope(parts, options)
  if (key === undefined ? keyPrefix === undefined : key === '')
    fail(
      'ERR_INVALID_ARG_VALUE',
      'target.key',
      'missing',
      "Pass target.key or target.keyPrefix. keyPrefix: '' allows any key.",
    )
  const given = readFields(options.fields)
  const keys = readBound('key', key, 'target.key', keyPrefix, 'target.keyPrefix', given)
  const types = readBound(
    'Content-Type',
    contentType,
    'options.contentType',
    contentTypePrefix,
    'options.contentTypePrefix',
    given,
  )
  if (contentType !== undefined) checkContentType(contentType)
  if (utf8Length(keys.field?.[1] ?? keyPrefix!) > MAX_KEY_SIZE)
    fail(
      'ERR_INVALID_ARG_VALUE',
      key === undefined ? 'target.keyPrefix' : 'target.key',
      'range',
      'S3 accepts keys of up to 1024 bytes in UTF-8.',
    )
  const conditions: Condition[] = [
    { operator: 'eq', name: 'bucket', value: bucket },
    ...keys.conditions,
    ...types.conditions,
  ]
  const others = [...given.values()]
  for (const field of others) {
    if (field[0].toLowerCase() !== 'bucket') {
      if (!isExempt(field[0].toLowerCase())) conditions.push(fieldCondition(field))
    } else if (field[1] !== bucket)
      fail('ERR_INVALID_ARG_VALUE', 'options.fields.bucket', 'mismatch', 'Omit it: the form uses target.bucket.')
  }
  const metadata = metadataLength(others)
  if (metadata > MAX_METADATA_SIZE)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.fields',
      'range',
      `S3 accepts at most ${MAX_METADATA_SIZE} bytes of metadata (got ${metadata}).`,
    )
  if (contentLengthRange !== undefined) conditions.push(readRange('options.contentLengthRange', contentLengthRange))
  const fields: Field[] = [
    keys.field ?? ['key', `${keyPrefix}${FILENAME}`],
    ...(types.field ? [types.field] : []),
    ...others,
  ]
  const added = readConditions(options.conditions)
  const expires = readExpires(options.expires)
  const url = parts.origin + parts.path
  const hasKey = keys.field !== undefined
  return { url, fields, hasKey, conditions, added, expires, scope }
}

/** Completes a form except for its signature. */
export function preparePost(
  input: PostInput,
  credentials: Credentials<unknown>,
  context: RequestContext,
): UnsignedPost {
  const { url, conditions, added } = input
  checkCredentials(credentials, context.time * 1000)
  const { algorithm, amzDate, scope, time } = context
  const { accessKeyId, sessionToken, expiration } = credentials
  const signing: Field[] = [
    ['x-amz-algorithm', algorithm],
    ['x-amz-credential', `${accessKeyId}/${scope}`],
    ['x-amz-date', amzDate],
  ]
  if (sessionToken) signing.push([input.scope.service === S3_EXPRESS ? SESSION_HEADER : TOKEN_HEADER, sessionToken])
  const fields = [...input.fields, ...signing]
  const end = (time + input.expires(time)) * 1000
  const all = [...conditions, ...added, ...signing.map(fieldCondition)]
  const policy = encodeOctets(formatPolicy({ expiration: end, conditions: all })) // ASCII
  let length = policy.length
  for (const [name, value] of fields) length += name.length + utf8Length(value)
  if (length > MAX_FORM_SIZE)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.fields',
      'range',
      `S3 accepts at most ${MAX_FORM_SIZE} bytes of fields (got ${length}).`,
    )
  checkContradictions(conditions, added, input.hasKey ? fields : fields.slice(1)) // the sender may replace the default key
  return { context, url, fields, policy, end, last: Math.min(end, Number(expiration ?? end)) }
}

/** Adds the signature to a form. */
export function postForm({ url, fields, policy, end, last }: UnsignedPost, signature: string): PresignedPost {
  const form: Record<string, string> = {}
  for (const [name, value] of fields) form[name] = value
  form.policy = policy
  form['x-amz-signature'] = signature
  const result: PresignedPost = { url, fields: form, expiresAt: new Date(last) }
  return last < end ? Object.assign(result, { limitedBy: 'credentials' }) : result
}

/** Reads a field with separate options: its exact value, or its prefix. */
function readBound(
  name: string,
  exact: string | undefined,
  exactIs: string,
  prefix: string | undefined,
  prefixIs: string,
  given: Map<string, Field>,
): { readonly field: Field | undefined; readonly conditions: readonly FieldCondition[] } {
  const field = given.get(name.toLowerCase())
  if (exact !== undefined && (prefix !== undefined || field))
    fail(
      'ERR_INVALID_ARG_VALUE',
      exactIs,
      'conflict',
      `Omit ${field ? `options.fields[${JSON.stringify(field[0])}]` : prefixIs}.`,
    )
  if (exact !== undefined) {
    checkFormString(exactIs, exact, name.toLowerCase())
    return { field: [name, exact], conditions: [fieldCondition([name, exact])] }
  }
  if (prefix === undefined) return { field: undefined, conditions: [] } // an exact value may still be among the fields
  checkFormString(prefixIs, prefix, name.toLowerCase())
  const condition: FieldCondition = { operator: 'starts-with', name, value: prefix }
  if (field && !meets(condition, field[1]))
    fail(
      'ERR_INVALID_ARG_VALUE',
      `options.fields[${JSON.stringify(field[0])}]`,
      'mismatch',
      `It must start with ${prefixIs}.`,
    )
  given.delete(name.toLowerCase())
  return { field: field && [name, field[1]], conditions: [condition] }
}

function readFields(given: PresignPostOptions['fields']): Map<string, Field> {
  if (given !== undefined && (!isObject(given) || Symbol.iterator in given))
    fail('ERR_INVALID_ARG_TYPE', 'options.fields', 'type', 'Pass Object.fromEntries(fields).')
  const fields = new Map<string, Field>()
  for (const name of Object.keys(given ?? {})) {
    const value = given![name]
    if (value === undefined) continue
    const argument = `options.fields[${JSON.stringify(name)}]`
    const field = name.toLowerCase()
    if (!isFieldName(name))
      fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'Use only letters, digits, -, and _ in its name.')
    if ([...RESERVED, ...SIGNING_FIELDS.map((each) => each.toLowerCase())].includes(field))
      fail('ERR_INVALID_ARG_VALUE', argument, 'reserved', 'Omit it.')
    if (fields.has(field)) fail('ERR_INVALID_ARG_VALUE', argument, 'conflict')
    const string = typeof value === 'number' ? String(value) : value
    checkFormString(argument, string, field)
    fields.set(field, [name, string])
  }
  return fields
}
