import fc from 'fast-check'
import { presignPost } from '../../../src/sync.ts'
import * as values from './values.ts'

// Forms: the arguments of `presignPost`, and forms that are signed, with changes.

// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
const key = values.mostly(values.text, fc.constantFrom('${filename}', 'a/${filename}', 'a/b'), 3)
const named = fc.tuple(fc.constantFrom('key', 'key', 'keyPrefix'), key).map(([name, value]) => ({ [name]: value }))

/** The target of `presignPost`. */
export const postTarget = fc
  .tuple(values.object, named)
  .map(([{ key: _, ...place }, named]) => ({ ...place, ...named }))

const fieldName = fc.constantFrom(
  ...['acl', 'x-amz-meta-note', 'X-Amz-Meta-Note', 'tagging', 'success_action_status', 'Cache-Control', 'x-ignore-a'],
)
const condition = fc.oneof<fc.Arbitrary<unknown>[]>(
  fieldName.map((name) => ['starts-with', `$${name}`, '']),
  fc.tuple(fieldName, values.text).map(([name, value]) => ({ [name]: value })),
  fc.tuple(fieldName, values.text).map(([name, value]) => ['eq', `$${name}`, value]),
  fc.constantFrom(['content-length-range', 0, 100], ['content-length-range', 50, 5000]),
)
const POSTING = {
  region: values.region,
  expires: values.expires,
  now: values.SIGNING.now!,
  contentLengthRange: fc.constantFrom([0, 1000], [1, 10], [5, 5], undefined),
  contentType: values.PRESIGNING.contentType,
  contentTypePrefix: fc.constantFrom('image/', ''),
  fields: fc.dictionary(fieldName, fc.oneof<fc.Arbitrary<unknown>[]>(values.text, fc.nat(999)), { maxKeys: 3 }),
  conditions: fc.array(condition, { maxLength: 3 }),
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

type Pairs = (readonly [name: string, value: unknown])[]

/** A change of one field. */
const change = fc.record({
  kind: fc.constantFrom('drop', 'empty', 'flip', 'flip', 'flip', 'repeat', 'case', 'add', 'set', 'file', 'space'),
  at: fc.nat(2000),
  name: fc.oneof(fieldName, fc.constantFrom('bucket', 'key', 'x-amz-security-token', 'X-Amz-Signature', 'file', '')),
  value: values.text,
})
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never

function changed(pairs: Pairs, { kind, at, name, value }: Change): Pairs {
  const i = at % pairs.length
  const [own = 'key', old = ''] = pairs[i] ?? []
  const replaced: Record<string, Pairs> = {
    drop: [],
    empty: [[own, '']],
    flip: [[own, flip(String(old), at)]],
    repeat: [...[[own, old] as const], [own, value]],
    case: [[own.toUpperCase(), old]],
    space: [[own, ` ${old}`]],
    set: [[own, value]],
    file: [...[['file', value] as const], [own, old]],
    add: [...[[own, old] as const], [name, value]],
  }
  return [...pairs.slice(0, i), ...replaced[kind]!, ...pairs.slice(i + 1)]
}

/** Changes one bit of a string. */
export function flip(text: string, at: number): string {
  const i = at % (text.length || 1)
  return text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ (1 << (at % 7))) + text.slice(i + 1)
}

const details = values.some({
  size: fc.constantFrom<unknown>(5, 50, 500, 'deferred', undefined, -1, '5'),
  type: fc.constantFrom('image/png', 'text/plain', undefined),
  filename: fc.constantFrom('a.txt', 'b/c.png', undefined),
  bucket: fc.constantFrom('photos', 'photos', 'other'),
  now: fc.constantFrom<unknown>(values.NOW, new Date(values.NOW + 1e9), undefined, Number.NaN),
})

/** Returns the fields as pairs, as an object, or as a `FormData`. */
function shaped(pairs: Pairs, shape: string): unknown {
  if (shape === 'object') return Object.fromEntries(pairs)
  if (shape === 'pairs') return pairs
  const form = new FormData()
  const file: Pairs = pairs.some(([name]) => name === 'file') ? [] : [['file', 'a']]
  for (const [name, value] of [...pairs, ...file]) form.append(name, String(value))
  return form
}

const keys = fc.constantFrom<object>(values.KEYS, values.KEYS, { ...values.KEYS, sessionToken: values.TOKEN })
const signed = fc.tuple(named, keys, values.some(POSTING)).map(([named, credentials, rest]) => {
  try {
    const target = { ...{ bucket: 'photos', region: 'eu-west-1' }, ...named }
    return presignPost(target as never, { ...rest, credentials } as never).fields
  } catch {
    return undefined
  }
})

/** Signed forms, with at least so many changes, and at most three. */
export function changedForms(fewest: number): fc.Arbitrary<Form> {
  const shape = fc.constantFrom('object', 'pairs', 'pairs', 'form')
  const fields = signed.filter((fields) => fields !== undefined)
  return fc
    .tuple(fields, fc.array(change, { minLength: fewest, maxLength: 3 }), shape, details)
    .map(([fields, changes, shape, details]) => {
      const pairs = changes.reduce(changed, Object.entries(fields!) as Pairs)
      return { policy: changes.length > 2 ? fields!.policy : fields, fields: shaped(pairs, shape), details }
    })
}
