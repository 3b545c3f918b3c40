import fc from 'fast-check'
import type { Build } from './comparison.ts'
import * as values from './values.ts'

// Forms: the arguments of `presignPost`, and forms that it signed, with changes.

const key = values.mostly(
  fc.oneof(
    values.text,
    fc.tuple(values.text, values.text).map((parts) => parts.join('/')),
  ),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
  ['', '${filename}', 'a/${filename}', 'x'.repeat(1025), '\ud800', 'a\nb', 5, null],
)

const BUCKET = { bucket: 'photos', region: 'eu-west-1' }

/** The target of `presignPost`. */
export const postTarget: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(values.place, fc.constantFrom('key', 'key', 'keyPrefix'), key)
      .map(([place, name, value]) => ({ ...place, [name]: value })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(undefined, null, {}, BUCKET, { ...BUCKET, key: 'a', keyPrefix: '' }),
  },
)

const fieldName = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      ...['acl', 'x-amz-meta-note', 'X-Amz-Meta-Note', 'tagging', 'success_action_status', 'Cache-Control'],
      'x-ignore-a',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('bucket', 'key', 'file', 'policy', 'x-amz-date', 'a b', '', '__proto__', 'content-type'),
  },
)
const fieldValue = values.mostly(fc.oneof(values.text, fc.nat(999)), [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
  ...['${filename}', 'a\r\nb', 'a\nb', '\ud800', 'x'.repeat(2049), undefined, null, {}],
])
const fields = values.mostly(
  fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
  [null, 5, 'a', [['acl', 'private']], new Map([['acl', 'private']]), undefined],
)
const range = values.mostly(fc.constantFrom([0, 1000], [1, 10], [5, 5], undefined), [
  ...[[10, 1], [-1, 1], [0.5, 1], [6e9, 7e9], 5, null, [1], ['1', '2']],
])
const condition = values.mostly(
  fc.oneof(
    fieldName.map((name) => ['starts-with', `$${name}`, '']),
    fc.tuple(fieldName, values.text).map(([name, value]) => ({ [name]: value })),
    fc.tuple(fieldName, values.text).map(([name, value]) => ['eq', `$${name}`, value]),
    fc.constantFrom(['content-length-range', 0, 100], ['content-length-range', 50, 5000]),
  ),
  [...[null, 5, [], {}, ['in', '$a', 'b'], ['eq', 'a', 'b'], ['eq', '$a', 5], { a: 'b', c: 'd' }, ['eq']]],
)
const POSTING = {
  region: values.region,
  expires: values.expires,
  signingDate: values.date,
  contentLengthRange: range,
  contentType: values.PRESIGNING.contentType,
  contentTypePrefix: values.mostly(fc.constantFrom('image/', ''), ['é', null, 5]),
  fields,
  conditions: values.mostly(fc.array(condition, { maxLength: 3 }), [null, {}, 'a', undefined]),
}

/** The options of `presignPost`. */
export const postOptions = values.options(POSTING)

/** A form, and how it is checked. */
export interface Form {
  /** The fields that were signed, among them the policy; or a policy. */
  readonly policy: unknown
  /** The fields that are sent. */
  readonly fields: unknown
  readonly details: unknown
}

/** A change of one field. */
type Change = readonly [kind: string, at: number, name: string, value: string]

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('drop', 'empty', 'flip', 'flip', 'flip', 'repeat', 'case', 'add', 'set', 'file', 'space'),
  fc.nat(2000),
  fc.oneof(fieldName, fc.constantFrom('bucket', 'key', 'x-amz-security-token', 'X-Amz-Signature', 'x-amz-credential')),
  values.text,
)

type Pairs = (readonly [name: string, value: unknown])[]

function changed(pairs: Pairs, [kind, at, name, value]: Change): Pairs {
  const i = at % pairs.length
  const [own = 'key', old = ''] = pairs[i] ?? []
  const replaced = (...others: Pairs): Pairs => [...pairs.slice(0, i), ...others, ...pairs.slice(i + 1)]
  if (kind === 'drop') return replaced()
  if (kind === 'empty') return replaced([own, ''])
  if (kind === 'flip') return replaced([own, flip(String(old), at)])
  if (kind === 'repeat') return replaced([own, old], [own, value])
  if (kind === 'case') return replaced([own.toUpperCase(), old])
  if (kind === 'space') return replaced([own, ` ${old}`])
  if (kind === 'set') return replaced([own, value])
  return kind === 'file' ? replaced(['file', value], [own, old]) : [...pairs, [name, value]]
}

/** Changes one bit of a string. */
export function flip(text: string, at: number): string {
  const i = at % (text.length || 1)
  return text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ (1 << (at % 7))) + text.slice(i + 1)
}

const details = values.some({
  size: values.mostly(fc.constantFrom<unknown>(5, 50, 500, 'deferred', undefined), [-1, '5', null, Number.NaN]),
  type: fc.constantFrom('image/png', 'text/plain', undefined),
  filename: fc.constantFrom('a.txt', 'b/c.png', undefined),
  bucket: fc.constantFrom('photos', 'photos', 'other'),
  now: values.mostly(fc.constantFrom<unknown>(values.NOW, new Date(values.NOW + 1e9), undefined), [Number.NaN, 'a']),
})

/** Returns the fields as pairs, as an object, or as a `FormData`. */
function shaped(pairs: Pairs, shape: string): unknown {
  if (shape === 'object') return Object.fromEntries(pairs)
  if (shape === 'pairs') return pairs
  const form = new FormData()
  for (const [name, value] of [...pairs, ...(pairs.some(([name]) => name === 'file') ? [] : [['file', 'a'] as const])])
    form.append(name, String(value))
  return form
}

const TOKENS = { ...values.KEYS, sessionToken: values.TOKEN }
const places = fc.tuple(fc.constantFrom('key', 'keyPrefix'), key).map(([name, value]) => ({ ...BUCKET, [name]: value }))
const signing = fc
  .tuple(fc.constantFrom<object>(values.KEYS, values.KEYS, TOKENS), values.some(POSTING))
  .map(([credentials, rest]) => ({ ...rest, credentials }))

/** Signs forms with a build: the fields of each. */
export function signForms({ sync }: Build, count: number, seed: number): Record<string, string>[] {
  return fc.sample(fc.tuple(places, signing), { numRuns: count, seed }).flatMap(([target, options]) => {
    try {
      return sync.presignPost(target, options).fields
    } catch {
      return []
    }
  })
}

/** Signed forms, with at least so many changes, and at most three. */
export function changedForms(signed: readonly Record<string, string>[], fewest: number): fc.Arbitrary<Form> {
  const shape = fc.constantFrom('object', 'pairs', 'pairs', 'form')
  return fc
    .tuple(fc.constantFrom(...signed), fc.array(change, { minLength: fewest, maxLength: 3 }), shape, details)
    .map(([fields, changes, shape, details]) => {
      const pairs = changes.reduce(changed, Object.entries(fields) as Pairs)
      return { policy: changes.length > 2 ? fields.policy : fields, fields: shaped(pairs, shape), details }
    })
}
