import { encodeBase64, utf8Length } from './base64.ts'
import { isObject } from './body.ts'
import {
  checkContradictions,
  checkFixed,
  checkText,
  FILENAME,
  type Field,
  fieldCondition,
  isFieldName,
  type PostCondition,
  readConditions,
  readRange,
} from './conditions.ts'
import type { Credentials } from './credentials.ts'
import { fail } from './errors.ts'
import {
  type Condition,
  type FieldCondition,
  formatPolicy,
  isExempt,
  MAX_FORM,
  MAX_METADATA,
  meets,
  metadataLength,
} from './policy.ts'
import { checkOptions, type ReadTarget, signingContext } from './request.ts'
import { s3HostScope } from './services.ts'
import { parseObject, type S3Object } from './target.ts'
import { type Expires, expiresSeconds } from './time.ts'

/** Where a form uploads to: a bucket, and one key or all keys with a prefix. */
export interface PostTarget extends Omit<S3Object, 'key'> {
  /** Key of the object, raw text. `${filename}` anywhere in it stands for the name of the file that is uploaded. */
  readonly key?: string | undefined
  /** Start of the key, in place of `key`: the form may name any key behind it. `''`: any key at all. */
  readonly keyPrefix?: string | undefined
}

/** Options of `presignPost`. */
export interface PresignPostOptions<Source = Credentials> {
  /** Who signs. */
  readonly credentials: Source
  /** Region of the credential scope; wins over that of the target. @default the target's, or what the endpoint's host says */
  readonly region?: string | undefined
  /** How long the form can be used, from the signing date: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default 900 */
  readonly expires?: Expires | undefined
  /** When the policy is signed, a `Date` or epoch milliseconds. @default now */
  readonly signingDate?: Date | number | undefined
  /** Fewest and most bytes that the file may have. @default any size, up to what S3 takes */
  readonly contentLengthRange?: readonly [min: number, max: number] | undefined
  /** Content type of the object. @default none: the form has no such field, and S3 stores `binary/octet-stream` */
  readonly contentType?: string | undefined
  /**
   * Start of the content type, such as `'image/'`, in place of `contentType`. The form must have the field:
   * `toFormData` adds it from the file. @default none
   */
  readonly contentTypePrefix?: string | undefined
  /** Further fields, which the form must have with exactly these values: `acl`, `tagging`, `x-amz-meta-…`. @default none */
  readonly fields?: Readonly<Record<string, string | number | undefined>> | undefined
  /** Further conditions, such as for a field that only the sender knows. @default none */
  readonly conditions?: readonly PostCondition[] | undefined
}

/** A form that uploads to S3 without credentials: send its fields in their order by POST, and the file last. */
export interface PresignedPost {
  readonly url: string
  /** Every field of the form but the file, in order. */
  readonly fields: Record<string, string>
  /** When the form stops working: the earlier of its expiry and the end of the credentials. */
  readonly expiresAt: Date
  /** Says that the credentials end before the form would expire. */
  readonly limitedBy?: 'credentials'
}

/** All that the caller said, before it is known who signs. */
export interface PostDraft {
  readonly target: ReadTarget
  readonly region: string | undefined
  readonly signingDate: number | undefined
  readonly expires: Expires
  readonly fields: readonly Field[]
  readonly conditions: readonly Condition[]
  /** Those of `options.conditions`. */
  readonly added: readonly Condition[]
}

/** A form without its signature, which is the HMAC of the policy. */
export interface PostPlan {
  readonly scope: string
  /** In base64, which is the string to sign. */
  readonly policy: string
  readonly url: string
  readonly fields: readonly Field[]
  readonly expiresAt: number
  readonly limitedBy: 'credentials' | undefined
}

/** Fields that the signer adds, those of Signature Version 2, and the file. */
const RESERVED =
  /^(?:file|policy|signature|awsaccesskeyid|x-amz-(?:algorithm|credential|date|security-token|signature))$/

/** Reads the arguments, which may change afterwards while credentials are awaited. */
export function draftPost(target: PostTarget, options: PresignPostOptions<unknown>): PostDraft {
  checkOptions(options)
  const { bucket, endpoint, pathStyle, key, keyPrefix } = target ?? {}
  const { contentType, contentTypePrefix, contentLengthRange, signingDate, expires = 900 } = options
  const region = options.region ?? target?.region
  const read = { ...parseObject({ bucket, key: '', endpoint, pathStyle }, region), region }
  if (key === undefined ? keyPrefix === undefined : key === '')
    fail(
      'ERR_INVALID_ARG_VALUE',
      "target.key or target.keyPrefix must say where to upload to; keyPrefix: '' allows every key",
    )
  const given = readFields(options.fields)
  const [keys, types] = [
    readBound('key', key, 'target.key', keyPrefix, 'target.keyPrefix', given),
    readBound(
      'Content-Type',
      contentType,
      'options.contentType',
      contentTypePrefix,
      'options.contentTypePrefix',
      given,
    ),
  ]
  const [name, value] = keys.field ?? ['key', `${keyPrefix}${FILENAME}`]
  if (utf8Length(value.replaceAll(FILENAME, '')) > 1024)
    fail('ERR_INVALID_ARG_VALUE', 'target.key must have at most 1024 bytes in UTF-8')
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
      fail('ERR_INVALID_ARG_VALUE', 'options.fields.bucket is another than target.bucket: leave it out')
  }
  const metadata = metadataLength(others.map(([name, value]) => [name, value.replaceAll(FILENAME, '')]))
  if (metadata > MAX_METADATA)
    fail('ERR_INVALID_ARG_VALUE', `options.fields have ${metadata} bytes of metadata; S3 takes ${MAX_METADATA}`)
  if (contentLengthRange !== undefined) conditions.push(readRange('options.contentLengthRange', contentLengthRange))
  return {
    target: read,
    region,
    signingDate: signingDate === undefined ? undefined : Number(signingDate),
    expires: typeof expires === 'object' && expires !== null ? new Date(Number(expires)) : expires,
    fields: [[name, value], ...(types.field ? [types.field] : []), ...others],
    conditions,
    added: readConditions(options.conditions),
  }
}

/** A field with options of its own: its exact value, or how the value starts. */
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
      `${exactIs} is given and ${field ? `options.fields[${JSON.stringify(field[0])}]` : prefixIs} as well: say one`,
    )
  if (exact !== undefined) {
    checkText(exactIs, exact)
    return { field: [name, exact], conditions: [fieldCondition([name, exact])] }
  }
  if (prefix === undefined) return { field: undefined, conditions: [] } // an exact value may still be among the fields
  checkText(prefixIs, prefix)
  checkFixed(prefixIs, prefix)
  const condition: FieldCondition = { operator: 'starts-with', name, value: prefix }
  if (field && !meets(condition, field[1].split(FILENAME)[0]!))
    fail('ERR_INVALID_ARG_VALUE', `options.fields[${JSON.stringify(field[0])}] must start with ${prefixIs}`)
  given.delete(name.toLowerCase())
  return { field: field && [name, field[1]], conditions: [condition] }
}

/** Reads `fields`: by lower-case name, in their order. */
function readFields(given: PresignPostOptions['fields']): Map<string, Field> {
  if (given !== undefined && (!isObject(given) || Symbol.iterator in given))
    fail('ERR_INVALID_ARG_TYPE', 'options.fields must be an object: pass Object.fromEntries(fields)')
  const fields = new Map<string, Field>()
  for (const name of Object.keys(given ?? {})) {
    const value = given![name]
    if (value === undefined) continue
    const where = `options.fields[${JSON.stringify(name)}]`
    const field = name.toLowerCase()
    if (!isFieldName(name)) fail('ERR_INVALID_ARG_VALUE', `${where} must have a name of letters, digits, - and _`)
    if (RESERVED.test(field))
      fail('ERR_INVALID_ARG_VALUE', `${where} comes from presignPost or toFormData: leave it out`)
    if (fields.has(field)) fail('ERR_INVALID_ARG_VALUE', `${where} is there twice, in upper and in lower case`)
    const text = typeof value === 'number' ? String(value) : value
    checkText(where, text)
    fields.set(field, [name, text])
  }
  return fields
}

/** Plans a form. */
export function planPost(draft: PostDraft, credentials: Credentials<unknown>, now: number): PostPlan {
  const { target, region, conditions, added } = draft
  const time = Math.floor((draft.signingDate ?? now) / 1000)
  const { scope, amzDate } = signingContext(target, { credentials, region }, credentials, time, s3HostScope)
  const expires = expiresSeconds(draft.expires, time)
  const { accessKeyId, sessionToken, expiration } = credentials
  const signing: Field[] = [
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', `${accessKeyId}/${scope}`],
    ['x-amz-date', amzDate],
  ]
  if (sessionToken) signing.push(['x-amz-security-token', sessionToken])
  const fields = [...draft.fields, ...signing]
  const end = (time + expires) * 1000
  const all = [...conditions, ...added, ...signing.map(fieldCondition)]
  const policy = encodeBase64(formatPolicy({ expiration: end, conditions: all }))
  let length = policy.length
  for (const [name, value] of fields) length += name.length + utf8Length(value)
  if (length > MAX_FORM)
    fail(
      'ERR_INVALID_ARG_VALUE',
      `options.fields and options.conditions make ${length} bytes of form; S3 takes ${MAX_FORM}`,
    )
  checkContradictions(conditions, added, fields) // compares every pair, so only once their number is limited
  const last = Number(expiration ?? end)
  return {
    scope,
    policy,
    url: target.origin + target.path,
    fields: [...fields, ['policy', policy]],
    expiresAt: Math.min(end, last),
    limitedBy: last < end ? 'credentials' : undefined,
  }
}

/** Puts the signature in. */
export function applyPost({ url, fields, expiresAt, limitedBy }: PostPlan, signature: string): PresignedPost {
  const form = Object.fromEntries([...fields, ['x-amz-signature', signature]])
  const result = { url, fields: form, expiresAt: new Date(expiresAt) }
  return limitedBy ? { ...result, limitedBy } : result
}
