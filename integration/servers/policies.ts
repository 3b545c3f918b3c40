// biome-ignore-all lint/suspicious/noTemplateCurlyInString: an S3 variable

import fc from 'fast-check'
import { signatureOf } from '../../test/support/oracle.ts'
import type { Difference } from './differences.ts'
import type { RunningServer } from './server.ts'

// Valid and invalid policies and forms of many kinds, signed with node:crypto.

/** A valid form, before errors are added. */
export interface Draft {
  expiration: unknown
  conditions: unknown[]
  /** Additional members of the policy. */
  more: Record<string, unknown>
  fields: [name: string, value: string][]
  content: string
  filename: string
  /** Base64 variant of the policy. */
  spelling: 'padded' | 'bare' | 'broken' | 'escaped'
}

type Change = (draft: Draft) => void

function condition(draft: Draft, field: string): number {
  return draft.conditions.findIndex((item) => JSON.stringify(item).toLowerCase().includes(`${field}"`))
}

function setField(name: string, value: string): Change {
  return ({ fields }) => {
    const field = fields.find(([other]) => other.toLowerCase() === name.toLowerCase())
    if (field) field[1] = value
    else fields.push([name, value])
  }
}

function drop(name: string): Change {
  return (draft) => {
    draft.fields = draft.fields.filter(([other]) => other.toLowerCase() !== name.toLowerCase())
  }
}

function add(...conditions: unknown[]): Change {
  return (draft) => {
    draft.conditions.push(...conditions)
  }
}

function replace(field: string, item: unknown): Change {
  return (draft) => {
    draft.conditions[condition(draft, field)] = item
  }
}

function typeByStart(type: string): Change {
  return (draft) => {
    setField('Content-Type', type)(draft)
    replace('content-type', ['starts-with', '$Content-Type', 'image/'])(draft)
  }
}

/** Returns metadata of a total size: names without their prefix, and values. */
function metadataOf(length: number): Change {
  return (draft) => {
    setField('x-amz-meta-any', 'ř'.repeat(1000).padEnd(length - 1000 - 'aone'.length - 'any'.length, 'x'))(draft)
    add(['starts-with', '$x-amz-meta-any', 'ř'])(draft)
  }
}

function expires(expiration: unknown): Change {
  return (draft) => {
    draft.expiration = expiration
  }
}

const soon = (zone: string, shift = 0): string => {
  const time = new Date(Date.now() + 600_000 + shift * 3_600_000).toISOString().slice(0, -1)
  return time + zone
}

function amzDate(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** Changes to a form and its policy, which remains valid. Several are combined. */
const CHANGES: Record<string, Change> = {
  'key elsewhere': setField('key', 'elsewhere'),
  'key empty': setField('key', ''),
  'key missing': drop('key'),
  'key in upper case': setField('key', 'U/A'),
  'key not ASCII': setField('key', 'u/ř 日🙂'),
  'type changed': setField('Content-Type', 'application/json'),
  'type is a list': setField('Content-Type', 'image/png, image/gif'),
  'type is a list, by prefix': typeByStart('image/png, image/gif'),
  'type is a list with an unknown member, by prefix': typeByStart('image/png,text/html'),
  'type is a list with an empty member, by prefix': typeByStart('image/png,'),
  'type is a list with a leading space, by prefix': typeByStart(' image/png,image/gif'),
  'type with a leading space, by prefix': typeByStart(' image/png'),
  'type missing': drop('Content-Type'),
  'type by prefix': replace('content-type', ['starts-with', '$Content-Type', 'image/']),
  'type of any value': replace('content-type', ['starts-with', '$content-type', '']),
  'metadata of any value': add(['starts-with', '$x-amz-meta-any', '']),
  'metadata of any value, present': (draft) => {
    add(['starts-with', '$x-amz-meta-any', ''])(draft)
    setField('x-amz-meta-any', 'thing')(draft)
  },
  'metadata without a condition': setField('x-amz-meta-extra', 'x'),
  'metadata empty': setField('x-amz-meta-a', ''),
  'metadata twice': ({ fields }) => fields.push(['x-amz-meta-a', 'two']),
  'metadata with a dollar': (draft) => {
    setField('x-amz-meta-b', '$5 \\ "q"')(draft)
    add({ 'X-Amz-Meta-B': '$5 \\ "q"' })(draft)
  },
  'metadata with a dollar, escaped': (draft) => {
    setField('x-amz-meta-b', '$5')(draft)
    add({ 'x-amz-meta-b': '$5' })(draft)
    draft.spelling = 'escaped'
  },
  'metadata of 2 kB': metadataOf(2048),
  'metadata of more than 2 kB': metadataOf(2049),
  'metadata not ASCII': (draft) => {
    setField('x-amz-meta-b', 'ü🙂')(draft)
    add(['eq', '$x-amz-meta-b', 'ü🙂'])(draft)
  },
  'a number in a condition': (draft) => {
    setField('success_action_status', '201')(draft)
    add(['eq', '$success_action_status', 201])(draft)
  },
  'ignored field': setField('x-ignore-anything', 'x'),
  'unknown field': setField('submit', 'Upload'),
  'unknown field with its condition': (draft) => {
    setField('submit', 'Upload')(draft)
    add(['starts-with', '$submit', ''])(draft)
  },
  'bucket as a field': setField('bucket', 'policies'),
  'bucket as a different field': setField('bucket', 'other'),
  'bucket by prefix': replace('bucket', ['starts-with', '$bucket', 'pol']),
  'different bucket': replace('bucket', { bucket: 'other' }),
  'bucket without a condition': (draft) => {
    draft.conditions.splice(condition(draft, 'bucket'), 1)
  },
  'condition names in a different case': (draft) => {
    draft.conditions = draft.conditions.map((item) =>
      Array.isArray(item) && String(item[1]).startsWith('$') ? [item[0], String(item[1]).toUpperCase(), item[2]] : item,
    )
  },
  'field names in a different case': (draft) => {
    draft.fields = draft.fields.map(([name, value]) => [name.toUpperCase(), value])
  },
  'key twice in conditions': add(['starts-with', '$key', 'u/a']),
  'key twice, contradictory': add({ key: 'u/b' }),
  'date against its condition': setField('x-amz-date', amzDate(Date.now() - 600_000)),
  'size as text': add(['content-length-range', '1', '100']),
  'size too large': add(['content-length-range', 0, 3]),
  'size too small': add(['content-length-range', 100, 200]),
  'size exact': add(['content-length-range', 7, 7]),
  'size too large, before other conditions': (draft) => {
    draft.conditions.unshift(['content-length-range', 0, 6])
  },
  'size up to the largest number': add(['content-length-range', '0', '9223372036854775807']),
  'size reversed': add(['content-length-range', 100, 1]),
  'size negative': add(['content-length-range', -5, 100]),
  'file empty': (draft) => {
    draft.content = ''
  },
  'file not ASCII': (draft) => {
    draft.content = 'žluťoučký\r\nkůň'
  },
  expired: expires(soon('Z', -1)),
  'expires by a skewed clock': expires(soon('+05:00', 5)),
  'expired by a skewed clock': expires(soon('+05:00')),
  'expires in whole seconds': expires(`${soon('').slice(0, 19)}Z`),
  'expires in microseconds': expires(soon('123Z')),
  'conditions without an item': (draft) => {
    draft.conditions = []
  },
  'condition on __proto__': add(JSON.parse('{"__proto__":"x"}')),
  'field __proto__ with its condition': (draft) => {
    setField('__proto__', 'x')(draft)
    add(JSON.parse('{"__proto__":"x"}'))(draft)
  },
  'base64 without padding': (draft) => {
    draft.spelling = 'bare'
  },
  'file name in the key': (draft) => {
    setField('key', 'u/a-${filename}')(draft)
    draft.filename = 'C:\\folder/ř.txt'
  },
  'file name in the key, required': (draft) => {
    setField('key', 'u/a-${filename}')(draft)
    add({ key: 'u/a-a.png' })(draft)
  },
  'type twice': ({ fields }) => fields.push(['Content-Type', 'image/png']),
  'fields of 30 kB': (draft) => {
    setField('x-amz-meta-any', 'x'.repeat(30_000))(draft)
    add(['starts-with', '$x-amz-meta-any', ''])(draft)
  },
  'key of 1100 bytes': setField('key', `u/${'ř'.repeat(550)}`),
}

/** Changes that make the policy invalid. */
const FAULTS: Record<string, Change> = {
  'size with a fraction': add(['content-length-range', 0.5, 100]),
  'size of three': add(['content-length-range', 1, 2, 3]),
  'expires without a zone': expires(soon('')),
  'expires in an unknown zone': expires(soon('+25:00')),
  'expires as a date': expires('2099-01-01'),
  'expires on an invalid day': expires('2099-02-30T00:00:00Z'),
  'expires as a number': expires(4_000_000_000),
  'expires as null': expires(null),
  'expires missing': expires(undefined),
  'no conditions': (draft) => {
    draft.conditions = undefined as never
  },
  'conditions null': (draft) => {
    draft.conditions = null as never
  },
  'conditions of an invalid type': add('key'),
  'conditions of null': add(null),
  'condition empty': add([]),
  'condition an empty object': add({}),
  'condition of two': add({ acl: 'private', tagging: '' }),
  'condition of a number': add({ acl: 1 }),
  'condition of a list': add(['eq', '$acl', ['private']]),
  'operator unknown': add(['ends-with', '$key', 'a']),
  'operator in a different case': add(['Starts-With', '$key', '']),
  'operator a number': add([1, '$key', '']),
  'condition without a dollar': add(['starts-with', 'key', 'u/']),
  'condition of only a dollar': add(['starts-with', '$', '']),
  'condition too short': add(['eq', '$key']),
  'more in the policy': (draft) => {
    draft.more.version = '2012-10-17'
  },
  'conditions in a different case': (draft) => {
    draft.more.Conditions = []
  },
  'base64 broken': (draft) => {
    draft.spelling = 'broken'
  },
}

/** Differences between a server and checkPost, by recipe. */
export interface PolicyDifferences {
  results: Readonly<Record<string, Difference>>
  /** Recipes with the same response but a different message; `'own'`: messages are not compared. */
  wording: Readonly<Record<string, string>> | 'own'
}

const otherBucket = 'the field is not compared with the bucket; checkPost rejects a form with two buckets'

export const VERSITYGW: PolicyDifferences = {
  results: {
    'file name in the key, required': {
      status: 403,
      code: 'AccessDenied',
      why: 'the file name variable is not replaced',
    },
    'metadata with a dollar, escaped': {
      status: 400,
      code: 'InvalidPolicyDocument',
      why: 'escapes outside JSON are not supported',
    },
    'bucket as a different field': { status: 204, why: otherBucket },
    'operator in a different case': {
      status: 400,
      code: 'InvalidPolicyDocument',
      why: 'operators must be lowercase',
    },
    'metadata twice': { status: 403, code: 'AccessDenied', why: 'repeated metadata is joined by a comma' },
    'type twice': { status: 204, why: 'the last of several fields counts, except for metadata' },
    'fields of 30 kB': { status: 400, code: 'MetadataTooLarge', why: 'metadata is limited, the form is not' },
    'conditions null': { status: 403, code: 'AccessDenied', why: 'null is an empty list' },
  },
  wording: {
    'conditions without an item': 'it reports one of several fields',
    'expires as null': 'null is an empty string',
    'conditions of null': 'null is an empty list',
  },
}

const minioDenies = (why: string): Difference => ({ status: 403, code: 'AccessDenied', why })
const minioAccepts = (why: string): Difference => ({ status: 204, why })
const malformedPolicy: Difference = {
  status: 403,
  code: 'PostPolicyInvalidKeyName',
  why: 'its own code for a policy that it cannot parse',
}
const notBase64: Difference = {
  status: 400,
  code: 'MalformedPOSTRequest',
  why: 'only padded base64 is decoded, and its code is the one for the form',
}
const wholeType = minioAccepts('the content type is compared as one string, not as a list')
const lastRange = 'only the last content-length-range is checked'
const noMetadataLimit = minioAccepts('the size of the metadata is not limited')

export const MINIO: PolicyDifferences = {
  results: {
    'key empty': minioDenies('an empty key is compared with its condition'),
    'key missing': { status: 400, code: 'MalformedPOSTRequest', why: 'its own code for a form without a key' },
    'type is a list with an unknown member, by prefix': wholeType,
    'type is a list with an empty member, by prefix': wholeType,
    'type is a list with a leading space, by prefix': minioDenies('the space before the content type is not removed'),
    'metadata twice': minioDenies('a repeated field does not meet its condition'),
    'type twice': minioDenies('a repeated field does not meet its condition'),
    'metadata of any value': minioAccepts('a missing field matches the empty prefix'),
    'metadata with a dollar, escaped': malformedPolicy,
    'metadata of more than 2 kB': noMetadataLimit,
    'a number in a condition': malformedPolicy,
    'bucket as a different field': minioAccepts(otherBucket),
    'bucket by prefix': minioDenies('starts-with is not supported for the bucket'),
    'size too large, before other conditions': minioAccepts(lastRange),
    'size reversed': { status: 400, code: 'EntityTooSmall', why: 'the minimum is compared first' },
    'condition on __proto__': minioAccepts('conditions on unknown fields are not checked'),
    'base64 without padding': notBase64,
    'fields of 30 kB': minioAccepts('the limit for the fields of a form is higher than 20 kB'),
    'size with a fraction': minioAccepts('fractions are truncated'),
    'size of three': malformedPolicy,
    'expires without a zone': malformedPolicy,
    'expires in an unknown zone': malformedPolicy,
    'expires as a date': malformedPolicy,
    'expires on an invalid day': malformedPolicy,
    'expires as a number': malformedPolicy,
    'expires as null': malformedPolicy,
    'expires missing': malformedPolicy,
    'no conditions': minioDenies('missing conditions are an empty list'),
    'conditions null': minioDenies('null is an empty list'),
    'conditions of an invalid type': malformedPolicy,
    'conditions of null': { status: 500, code: 'InternalError', why: 'its own bug' },
    'condition empty': malformedPolicy,
    'condition an empty object': minioAccepts('an object may have any number of properties'),
    'condition of two': minioDenies('each property of the object is a condition, and these are not met'),
    'condition of a number': malformedPolicy,
    'condition of a list': malformedPolicy,
    'operator unknown': malformedPolicy,
    'operator a number': malformedPolicy,
    'condition without a dollar': malformedPolicy,
    'condition of only a dollar': minioAccepts('conditions on unknown fields are not checked'),
    'condition too short': malformedPolicy,
    'more in the policy': malformedPolicy,
    'conditions in a different case': minioDenies('names are compared without case: the second, empty list counts'),
    'base64 broken': notBase64,
    // Changes without an effect when used alone.
  },
  wording: 'own',
}

/** Returns the changes one by one, and then reproducible combinations of two and three. */
export function recipes(count: number, differences: PolicyDifferences): string[][] {
  const names = Object.keys(CHANGES)
  const alone = [[], ...[...names, ...Object.keys(FAULTS)].map((name) => [name])]
  const alike = names.filter((name) => !(name in differences.results))
  // If a server checks only one of two ranges, types as one string, or no metadata limit, at most one change of each is made.
  const mostAlike = 'size too large, before other conditions' in differences.results ? 1 : 3
  const isMixed = (recipe: string[]): boolean =>
    ['size', 'type', 'metadata'].every((start) => recipe.filter((name) => name.startsWith(start)).length <= mostAlike)
  const several = fc.uniqueArray(fc.constantFrom(...alike), { minLength: 2, maxLength: 3 }).filter(isMixed)
  return [...alone, ...fc.sample(several, { seed: 7, numRuns: count - alone.length })]
}

/** Creates and signs the form of a recipe. */
export function formOf(recipe: readonly string[], { credentials, region }: RunningServer): Draft & { policy: string } {
  const date = amzDate(Date.now())
  const day = date.slice(0, 8)
  const signing: [string, string][] = [
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', `${credentials.accessKeyId}/${day}/${region}/s3/aws4_request`],
    ['x-amz-date', date],
  ]
  const draft: Draft = {
    expiration: soon('Z'),
    conditions: [
      { bucket: 'policies' },
      ['starts-with', '$key', 'u/'],
      { 'Content-Type': 'image/png' },
      ['eq', '$x-amz-meta-a', 'one'],
      ['content-length-range', 0, 1000],
      ...signing.map(([name, value]) => ({ [name]: value })),
    ],
    more: {},
    fields: [['key', 'u/a'], ['Content-Type', 'image/png'], ['x-amz-meta-a', 'one'], ...signing],
    content: 'content',
    filename: 'a.png',
    spelling: 'padded',
  }
  for (const name of recipe) (CHANGES[name] ?? FAULTS[name]!)(draft)
  const { expiration, conditions, more } = draft
  let json = JSON.stringify({ expiration, conditions, ...more })
  if (draft.spelling === 'escaped') json = json.replace('"$5', '"\\$5')
  // Without this, padding would depend on the length of the access key ID.
  if (draft.spelling === 'bare' && Buffer.byteLength(json) % 3 === 0) json += ' '
  let policy = Buffer.from(json).toString('base64')
  if (draft.spelling === 'bare') policy = policy.replace(/=+$/, '')
  if (draft.spelling === 'broken') policy = `${policy.replace(/=+$/, '')}-_`
  const signature = signatureOf(credentials.secretAccessKey, [day, region, 's3', 'aws4_request'], policy)
  draft.fields.push(['policy', policy], ['x-amz-signature', signature])
  return { ...draft, policy }
}
