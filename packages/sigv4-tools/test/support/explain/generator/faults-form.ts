import { createHmac } from 'node:crypto'
import { DOC_CREDENTIALS } from '../../../../../../test/support/credentials.ts'
import { amzDateOf, chain, signingKey } from '../../../../../../test/support/oracle.ts'
import type { Cause } from './causes.ts'
import type { Form, FormBase, FormHooks } from './form.ts'
import type { Pair, Scene } from './signing.ts'

// What goes wrong with uploads by a form.

export interface FormRow {
  cause: Cause
  name: string
  bases: readonly (keyof typeof FORM_BASES)[]
  hooks: FormHooks
  alternatives?: readonly Cause[]
  because?: string
  /** What was signed is nowhere in the form. */
  lost?: true
}

export const FORM_BASES = {
  plain: { name: 'plain', key: 'uploads/plain.txt' },
  typed: {
    name: 'typed',
    key: 'uploads/typed.png',
    fields: [
      ['Content-Type', 'image/png'],
      ['x-amz-meta-user', 'Jane Doe'],
      ['success_action_status', '201'],
    ],
    content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 128]),
  },
  prefix: {
    name: 'prefix',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 fills it in
    key: 'uploads/user 1/${filename}',
    fields: [['Content-Type', 'text/plain']],
    conditions: [
      ['starts-with', '$key', 'uploads/user 1/'],
      ['starts-with', '$Content-Type', 'text/'],
      ['content-length-range', 1, 1000],
    ],
  },
  utf8: {
    name: 'utf8',
    key: 'uploads/größe 東京.txt',
    fields: [['x-amz-meta-note', 'ascii only']],
    content: 'größer\n',
  },
  token: { name: 'token', key: 'uploads/token.txt', token: true },
} as const satisfies Record<string, unknown> as unknown as Record<
  'plain' | 'typed' | 'prefix' | 'utf8' | 'token',
  FormBase
>

const DAY = 86_400_000
const HOUR = 3_600_000

const secret = (change: (secret: string) => string): FormHooks => ({
  client(form) {
    form.credentials = { ...form.credentials, secretAccessKey: change(form.credentials.secretAccessKey) }
  },
})
const form = (change: (form: Form, scene: Scene) => Partial<Form>): FormHooks => ({
  client: (before, scene) => void Object.assign(before, change(before, scene)),
})
const signature = (change: (signature: string) => string): FormHooks => ({ signature: change })
const without = (...names: string[]): FormHooks => ({
  sent(fields) {
    for (const name of names) {
      const at = fields.findIndex(([field]) => field === name)
      if (at >= 0) fields.splice(at, 1)
    }
  },
})
const sent = (name: string, change: (value: string) => string): FormHooks => ({
  sent(fields) {
    const at = fields.findIndex(([field]) => field === name)
    if (at >= 0) fields[at] = [name, change(fields[at]![1])]
    else fields.unshift([name, change('')])
  },
})
const added = (...pairs: Pair[]): FormHooks => ({ sent: (fields) => void fields.unshift(...pairs) })
const policy = (change: (policy: Record<string, unknown>) => void): FormHooks => ({ policy: change })
const expired = (offset: number): FormHooks =>
  form((_form, { now }) => ({ expiration: new Date(now + offset).toISOString() }))
const rewritten = (change: (json: string) => string) =>
  sent('policy', (base64) => Buffer.from(change(Buffer.from(base64, 'base64').toString())).toString('base64'))

const scopeOf = ({ scopeDate, region, service, terminator }: Form) => [scopeDate, region, service, terminator] as const

export const FORM_FAULTS: readonly FormRow[] = [
  {
    cause: 'wrong-secret',
    name: 'that of another environment',
    bases: ['plain', 'typed'],
    hooks: secret(() => DOC_CREDENTIALS.secretAccessKey),
  },
  {
    cause: 'unknown-access-key',
    name: 'key of another account',
    bases: ['plain', 'prefix'],
    hooks: form(() => ({
      credentials: { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY' },
    })),
  },
  {
    cause: 'keys-swapped',
    name: 'arguments in the wrong order',
    bases: ['plain', 'typed'],
    hooks: form(({ credentials: { accessKeyId, secretAccessKey } }) => ({
      credentials: { accessKeyId: secretAccessKey, secretAccessKey: accessKeyId },
    })),
  },
  { cause: 'secret-whitespace', name: 'line end', bases: ['plain', 'utf8'], hooks: secret((s) => `${s}\n`) },
  {
    cause: 'secret-encoding',
    name: 'base64',
    bases: ['prefix'],
    hooks: secret((s) => Buffer.from(s).toString('base64')),
  },
  { cause: 'secret-encoding', name: 'quotes left on', bases: ['typed'], hooks: secret((s) => `"${s}"`) },
  {
    cause: 'key-derivation',
    name: 'AWS4 in front of the secret forgotten',
    bases: ['plain'],
    hooks: { key: (f) => chain(f.credentials.secretAccessKey, scopeOf(f)) },
  },
  {
    cause: 'key-derivation',
    name: 'key of another region kept',
    bases: ['typed'],
    hooks: { key: (f) => signingKey(f.credentials.secretAccessKey, [f.scopeDate, 'eu-west-1', 's3', 'aws4_request']) },
  },
  {
    cause: 'session-token',
    name: 'in the form and not in the policy',
    bases: ['plain', 'typed'],
    alternatives: ['policy-extra-field'],
    because: 'the field that the policy does not speak of is the token',
    hooks: added(['x-amz-security-token', 'IQoJb3JpZ2luX2VjEXAMPLETOKEN']),
  },
  {
    cause: 'session-token',
    name: 'in the policy and not in the form',
    bases: ['token'],
    alternatives: ['policy-condition'],
    because: 'the field that does not meet its condition is the token',
    hooks: without('x-amz-security-token'),
  },

  { cause: 'policy-expired', name: 'an hour and some ago', bases: ['plain', 'typed'], hooks: expired(-HOUR - 420_000) },
  { cause: 'policy-expired', name: 'a minute ago', bases: ['prefix'], hooks: expired(-60_000) },
  {
    cause: 'policy-expired',
    name: 'seconds taken for milliseconds',
    bases: ['utf8'],
    hooks: form((_form, { now }) => ({ expiration: new Date(now / 1000).toISOString() })),
  },
  {
    cause: 'clock-timezone',
    name: 'expiration in local time',
    bases: ['plain', 'prefix'],
    alternatives: ['policy-expired'],
    because: 'it may as well have been made some full hours ago',
    hooks: expired(-4 * HOUR),
  },
  {
    cause: 'date-format',
    name: 'ISO 8601 with separators',
    bases: ['plain', 'typed'],
    hooks: form((_form, { now }) => ({ amzDate: `${new Date(now).toISOString().slice(0, 19)}Z` })),
  },
  {
    cause: 'date-format',
    name: 'epoch seconds',
    bases: ['prefix'],
    hooks: form((_form, { now }) => ({ amzDate: String(Math.floor(now / 1000)) })),
  },
  {
    cause: 'scope-date',
    name: 'scope of yesterday kept',
    bases: ['plain', 'typed'],
    hooks: form((_form, { now }) => ({ scopeDate: amzDateOf(now - DAY).slice(0, 8) })),
  },
  {
    cause: 'scope-region',
    name: 'another region',
    bases: ['plain', 'typed'],
    hooks: form(() => ({ region: 'eu-west-1' })),
  },
  { cause: 'scope-region', name: 'auto', bases: ['prefix'], hooks: form(() => ({ region: 'auto' })) },
  {
    cause: 'scope-service',
    name: 'that of an API',
    bases: ['plain', 'typed'],
    hooks: form(() => ({ service: 'execute-api' })),
  },
  {
    cause: 'scope-terminator',
    name: 'misspelled',
    bases: ['plain', 'typed'],
    hooks: form(() => ({ terminator: 'aws4_requst' })),
  },
  {
    cause: 'algorithm',
    name: 'another hash',
    bases: ['plain', 'typed'],
    hooks: form(() => ({ algorithm: 'AWS4-HMAC-SHA512' })),
  },
  {
    cause: 'signature-v2',
    name: 'an old form',
    bases: ['plain', 'typed'],
    hooks: {
      client(f) {
        f.fields.push(['AWSAccessKeyId', f.credentials.accessKeyId])
      },
      sent(fields, _scene, f) {
        const text = fields.find(([name]) => name === 'policy')![1]
        without('x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature').sent!(fields, _scene, f)
        fields.push(['signature', createHmac('sha1', f.credentials.secretAccessKey).update(text).digest('base64')])
      },
      policy(p) {
        p.conditions = (p.conditions as object[]).filter(
          (c) => !Object.keys(c).some((name) => name.startsWith('x-amz-') && !name.startsWith('x-amz-meta')),
        )
      },
    },
  },
  {
    cause: 'anonymous',
    name: 'no field of a signature',
    bases: ['plain', 'typed'],
    hooks: without('x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature', 'policy'),
  },
  {
    cause: 'malformed-credential',
    name: 'key id alone',
    bases: ['plain'],
    hooks: sent('x-amz-credential', (c) => c.split('/')[0]!),
  },
  {
    cause: 'malformed-credential',
    name: 'escaped for a URL',
    bases: ['typed', 'prefix'],
    hooks: sent('x-amz-credential', encodeURIComponent),
  },
  { cause: 'malformed-signature', name: 'last digit lost', bases: ['plain'], hooks: signature((s) => s.slice(0, -1)) },
  {
    cause: 'malformed-signature',
    name: 'base64',
    bases: ['typed'],
    hooks: signature((s) => Buffer.from(s, 'hex').toString('base64')),
  },
  { cause: 'malformed-signature', name: 'empty', bases: ['prefix'], hooks: signature(() => '') },
  {
    cause: 'tampered-signature',
    name: 'one digit',
    bases: ['plain', 'typed'],
    hooks: signature((s) => s.slice(0, -1) + (s.endsWith('0') ? '1' : '0')),
  },
  { cause: 'signature-case', name: 'upper case', bases: ['plain', 'typed'], hooks: signature((s) => s.toUpperCase()) },

  {
    cause: 'policy-missing',
    name: 'not sent',
    bases: ['plain', 'typed'],
    alternatives: ['missing-field'],
    because: 'the policy is a field',
    hooks: without('policy'),
  },
  {
    cause: 'policy-malformed',
    name: 'not base64',
    bases: ['plain'],
    hooks: { text: (base64) => Buffer.from(base64, 'base64').toString() },
  },
  {
    cause: 'policy-malformed',
    name: 'base64 of base64',
    bases: ['utf8'],
    hooks: { text: (base64) => Buffer.from(base64).toString('base64') },
  },
  {
    cause: 'policy-malformed',
    name: 'comma at the end',
    bases: ['typed'],
    hooks: {
      text: (base64) =>
        Buffer.from(Buffer.from(base64, 'base64').toString().replace(/\]\}$/, ',]}')).toString('base64'),
    },
  },
  {
    cause: 'policy-malformed',
    name: 'no expiration',
    bases: ['plain'],
    hooks: policy((p) => void Reflect.deleteProperty(p, 'expiration')),
  },
  {
    cause: 'policy-malformed',
    name: 'no conditions',
    bases: ['typed'],
    alternatives: ['policy-extra-field'],
    because: 'a policy without conditions speaks of no field',
    hooks: policy((p) => void Reflect.deleteProperty(p, 'conditions')),
  },
  {
    cause: 'policy-malformed',
    name: 'expiration in epoch seconds',
    bases: ['prefix'],
    hooks: policy((p) => void Object.assign(p, { expiration: Math.floor(Date.parse(p.expiration as string) / 1000) })),
  },
  {
    cause: 'policy-malformed',
    name: 'expiration of HTTP',
    bases: ['utf8'],
    hooks: policy((p) => void Object.assign(p, { expiration: new Date(p.expiration as string).toUTCString() })),
  },
  {
    cause: 'policy-condition',
    name: 'another key',
    bases: ['plain', 'typed'],
    hooks: sent('key', () => 'other/place.txt'),
  },
  {
    cause: 'policy-condition',
    name: 'another start',
    bases: ['prefix'],
    hooks: sent('key', () => 'uploads/user 2/a.txt'),
  },
  {
    cause: 'policy-condition',
    name: 'another type',
    bases: ['typed', 'prefix'],
    hooks: sent('Content-Type', () => 'application/pdf'),
  },
  { cause: 'policy-condition', name: 'metadata not sent', bases: ['typed'], hooks: without('x-amz-meta-user') },
  {
    cause: 'policy-condition',
    name: 'another bucket',
    bases: ['plain'],
    hooks: form(() => ({ bucket: 'another-bucket' })),
  },
  {
    cause: 'policy-extra-field',
    name: 'metadata',
    bases: ['plain', 'prefix'],
    hooks: added(['x-amz-meta-extra', 'one more']),
  },
  { cause: 'policy-extra-field', name: 'type', bases: ['plain'], hooks: added(['Content-Type', 'text/plain']) },
  {
    cause: 'policy-extra-field',
    name: 'redirect',
    bases: ['typed'],
    hooks: added(['success_action_redirect', 'http://localhost/done']),
  },
  {
    cause: 'policy-extra-field',
    name: 'own field of the page',
    bases: ['utf8'],
    hooks: added(['csrf_token', 'd41d8cd98f00b204']),
  },
  {
    cause: 'policy-too-large',
    name: 'twice',
    bases: ['prefix'],
    hooks: form((f) => ({ file: { ...f.file, content: Buffer.alloc(2000, 'x') } })),
  },
  {
    cause: 'policy-too-large',
    name: 'one byte',
    bases: ['prefix'],
    hooks: form((f) => ({ file: { ...f.file, content: Buffer.alloc(1001, 'x') } })),
  },
  {
    cause: 'policy-too-small',
    name: 'empty',
    bases: ['prefix'],
    hooks: form((f) => ({ file: { ...f.file, content: Buffer.alloc(0) } })),
  },
  {
    cause: 'policy-too-small',
    name: 'below the smallest',
    bases: ['plain'],
    hooks: form((f) => ({ conditions: [...f.conditions, ['content-length-range', 100, 1000]] })),
  },
  {
    cause: 'tampered-policy',
    name: 'prolonged',
    lost: true,
    bases: ['plain', 'typed'],
    hooks: rewritten((json) => json.replace(/"expiration":"\d{4}/, '"expiration":"2099')),
  },
  {
    cause: 'tampered-policy',
    name: 'range widened',
    lost: true,
    bases: ['prefix'],
    hooks: rewritten((json) => json.replace('1000]', '100000]')),
  },
  {
    cause: 'tampered-policy',
    name: 'written anew with blanks',
    bases: ['utf8'],
    hooks: rewritten((json) => JSON.stringify(JSON.parse(json), null, 1)),
  },
  ...(['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature', 'key'] as const).map(
    (name, i): FormRow => ({
      cause: 'missing-field',
      name: `${name} not sent`,
      bases: [(['plain', 'typed', 'prefix', 'utf8', 'plain'] as const)[i]!],
      alternatives: ['policy-condition'],
      because: 'the policy asks for the field that is missing',
      hooks: without(name),
    }),
  ),
  { cause: 'missing-field', name: 'no file', bases: ['plain'], hooks: { file: 'missing' } },
  { cause: 'missing-field', name: 'file under another name', bases: ['typed'], hooks: { file: 'misnamed' } },
  { cause: 'missing-field', name: 'file before the fields', bases: ['prefix'], hooks: { file: 'first' } },
  {
    cause: 'not-auth',
    name: 'no such bucket',
    bases: ['plain', 'typed'],
    hooks: form(() => ({ bucket: 'no-such-bucket-here', sentTo: 'no-such-bucket-here' })),
  },
]

const KEYS = [
  'a.txt',
  'with space.txt',
  'with+plus.txt',
  'ünïcödé/東京.txt',
  'deep/er/still.txt',
  'a&b=c.txt',
  "it's (ok)!.txt",
  '100%.txt',
]

/** Forms with nothing wrong. */
export const VALID_FORMS: readonly FormBase[] = [
  ...Object.values(FORM_BASES),
  ...KEYS.flatMap((key, i): FormBase[] => [
    { name: `exact-${i + 1}`, key: `forms/${key}`, content: `content ${i}` },
    {
      name: `start-${i + 1}`,
      key: `forms/${key}`,
      fields: [['Content-Type', i % 2 ? 'text/plain' : 'application/octet-stream']],
      conditions: [
        ['starts-with', '$key', 'forms/'],
        ['starts-with', '$Content-Type', ''],
      ],
    },
    {
      name: `range-${i + 1}`,
      key: `forms/${key}`,
      conditions: [
        ['eq', '$key', `forms/${key}`],
        ['content-length-range', 0, 100 * (i + 1)],
      ],
      content: 'x'.repeat(100 * (i + 1)),
    },
    {
      name: `status-${i + 1}`,
      key: `forms/${key}`,
      fields: [
        ['success_action_status', i % 2 ? '201' : '200'],
        ['x-amz-meta-number', String(i)],
      ],
    },
    ...(i % 2 ? [{ name: `empty-${i + 1}`, key: `forms/empty/${key}`, content: '' }] : []),
  ]),
]
