// biome-ignore-all lint/suspicious/noTemplateCurlyInString: S3's own variable
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/core/encoding/base64.ts'
import { MAX_FORM_SIZE } from '../../../src/s3/limits.ts'
import { checkPolicy, type FormDetails, type FormFields, policyOf, readForm } from '../../../src/s3/post/form.ts'
import {
  formatPolicy,
  metadataLength,
  type PolicyReason,
  parsePolicy,
  printCondition,
} from '../../../src/s3/post/policy.ts'
import { character } from '../../support/unicode.ts'

const text = () => fc.string({ unit: character, maxLength: 40 }) // any code points except lone surrogates
const NOW = Date.UTC(2015, 11, 29, 12)
const LATER = '2015-12-30T12:00:00.000Z'

/** Creates a policy with some conditions, including the bucket. */
function policy(...conditions: unknown[]): string {
  return JSON.stringify({ expiration: LATER, conditions: [{ bucket: 'photos' }, ...conditions] })
}

const anyKey = ['starts-with', '$key', '']

/** Evaluates a policy against fields, as `checkPost` does. */
function checkForm(policy: unknown, fields: FormFields, { now, ...facts }: FormDetails & { now: number }) {
  return checkPolicy(policy, readForm(fields, facts), now)
}

describe('a policy as a string', () => {
  it('is equivalent JSON in ASCII, with every $ in a value escaped', () => {
    const conditions = fc.array(
      fc.record({ operator: fc.constantFrom('eq' as const, 'starts-with' as const), name: text(), value: text() }),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(conditions, fc.nat(1e9), fc.nat(1e9), (conditions, min, more) => {
        const range = { operator: 'content-length-range' as const, min, max: min + more }
        const written = formatPolicy({ expiration: NOW, conditions: [...conditions, range] })
        expect(written).toMatch(/^[ -~]*$/)
        const read = JSON.parse(written)
        expect(read.expiration).toBe('2015-12-29T12:00:00.000Z')
        const expected = conditions.map(({ operator, name, value }) =>
          operator === 'eq' ? Object.fromEntries([[name, value]]) : [operator, `$${name}`, value],
        )
        expect(read.conditions).toEqual([...expected, ['content-length-range', min, min + more]])
        expect(parsePolicy(written)).toEqual({ expiration: NOW, conditions: [...conditions, range] })
      }),
    )
    expect(formatPolicy({ expiration: 0, conditions: [{ operator: 'eq', name: '__proto__', value: '$5' }] })).toBe(
      '{"expiration":"1970-01-01T00:00:00.000Z","conditions":[{"__proto__":"\\u00245"}]}',
    )
  })

  const parsed = { expiration: Date.parse(LATER), conditions: [{ operator: 'eq', name: 'acl', value: 'private' }] }

  it.each([
    ['JSON', `{"expiration": "${LATER}", "conditions": [{"acl": "private"}]}`],
    ['JSON after whitespace', `\r\n {"expiration": "${LATER}", "conditions": [{"acl": "private"}]}`],
    ['a parsed document', { expiration: LATER, conditions: [['eq', '$acl', 'private']] }],
    ['base64', Buffer.from(`{"expiration":"${LATER}","conditions":[["eq","$acl","private"]]}`).toString('base64')],
  ])('is parsed: %s', (_, given) => {
    expect(parsePolicy(given)).toEqual(parsed)
  })

  it.each([
    ['\\$5', '$5'],
    ['a\\vb', 'a\vb'],
    ['\\\\$5 \\\\v', '\\$5 \\v'],
    ['\\u00245 \\"', '$5 "'],
    ['\\\\\\$', '\\$'],
  ])('supports the escapes in the documentation: %s', (written, value) => {
    const text = `{"expiration":"${LATER}","conditions":[{"x":"${written}"}]}`
    for (const given of [text, encodeBase64(text)])
      expect(parsePolicy(given)).toMatchObject({ conditions: [{ name: 'x', value }] })
  })

  it('supports 64-bit sizes, as numbers or strings', () => {
    const range = (...sizes: unknown[]) => parsePolicy(policy(['content-length-range', ...sizes]))
    const all = { operator: 'content-length-range', min: 0, max: 2 ** 63 }
    for (const max of [2 ** 63, '9223372036854775807']) expect(range('0', max)).toMatchObject({ conditions: [{}, all] })
    expect(range(-1, '+5')).toMatchObject({ conditions: [{}, { min: -1, max: 5 }] })
    for (const max of [2 ** 65, '99999999999999999999', '', ' 1', '1e3', '0x10', null, true])
      expect(range(0, max)).toMatchObject({ message: 'Invalid Policy: Invalid JSON.' })
  })

  it.each([
    ['2015-12-30T12:00:00Z', LATER],
    ['2015-12-30T12:00:00.0Z', LATER],
    ['2015-12-30T14:30:00+02:30', LATER],
    ['2015-12-30T04:00:00.000-08:00', LATER],
    ['2015-12-30T12:00:00.123987Z', '2015-12-30T12:00:00.123Z'],
    ['2016-02-29T23:59:59Z', '2016-02-29T23:59:59.000Z'],
  ])('supports the expiration %s', (expiration, expected) => {
    expect(parsePolicy({ expiration, conditions: [] })).toMatchObject({ expiration: Date.parse(expected) })
  })

  it.each([
    '',
    '2015-12-30',
    '2015-12-30T12:00:00',
    '2015-12-30 12:00:00Z',
    '2015-02-29T12:00:00Z',
    '2015-13-01T12:00:00Z',
    '2015-12-30T24:00:00Z',
    '2015-12-30T12:00:60Z',
    '2015-12-30T12:00:00+24:00',
    '2015-12-30T12:00:00+05:60',
    '2015-12-30T12:00:00+0500',
    'Wed, 30 Dec 2015 12:00:00 GMT',
    'x2015-12-30T12:00:00Z',
    '2015-12-30T12:00:00Zx',
  ])('does not support the expiration %s', (expiration) => {
    const message = `Invalid Policy: Invalid 'expiration' value: '${expiration}'`
    expect(parsePolicy({ expiration, conditions: [] })).toMatchObject({
      reason: 'document',
      awsCode: 'InvalidPolicyDocument',
      message,
    })
  })

  it.each<[given: unknown, message: string, reason: PolicyReason]>([
    ['', "Expecting '{' but found End-of-Input", 'encoding'],
    ['*', 'invalid Base64 encoding.', 'encoding'],
    ['{', 'Invalid JSON.', 'encoding'],
    ['W10=', 'Invalid JSON.', 'document'],
    ['IA==', "Expecting '{' but found End-of-Input", 'encoding'],
    ['bnVsbA==', 'Invalid JSON.', 'encoding'],
    [undefined, 'Invalid JSON.', 'encoding'],
    [7, 'Invalid JSON.', 'encoding'],
    ['{"conditions":[]}', 'Policy missing expiration.', 'document'],
    [`{"expiration":"${LATER}"}`, 'Policy missing conditions.', 'document'],
    [{ expiration: LATER, conditions: {} }, "Invalid 'conditions' value: must be a List.", 'document'],
    [{ expiration: 7, conditions: [] }, 'Invalid JSON.', 'document'],
    [`{"expiration":"${LATER}","conditions":[],"__proto__":{}}`, "Unexpected: '__proto__'", 'document'],
    [policy('key'), 'Invalid condition test: must be a List or Object.', 'document'],
    [policy(null), 'Invalid condition test: must be a List or Object.', 'document'],
    [
      policy({ a: '1', b: '2' }),
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
      'document',
    ],
    [policy({}), 'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.', 'document'],
    [policy({ a: 1 }), 'Invalid Simple-Condition: value must be a string.', 'document'],
    [policy([]), 'Invalid Condition: missing operation identifier.', 'document'],
    [policy(['in', '$key', '']), "Invalid Condition: unknown operation 'in'.", 'document'],
    [policy(['EQUALS', '$key', '']), "Invalid Condition: unknown operation 'EQUALS'.", 'document'],
    [policy(['eq', '$key']), 'Invalid eq: wrong number of arguments.', 'document'],
    [policy(['eq', '$key', 'a', 'b']), 'Invalid eq: wrong number of arguments.', 'document'],
    [policy(['content-length-range', 1]), 'Invalid content-length-range: wrong number of arguments.', 'document'],
    [policy(['content-length-range', 1.5, 2]), 'Invalid JSON.', 'document'],
    [policy(['content-length-range', '1e3', 2000]), 'Invalid JSON.', 'document'],
    [policy(['content-length-range', 0, 1e300]), 'Invalid JSON.', 'document'],
    [policy(['eq', '$key', true]), 'Invalid JSON.', 'document'],
    [policy(['eq', 5, 'a']), 'Invalid JSON.', 'document'],
    [policy([['eq'], '$key', '']), 'Invalid JSON.', 'document'],
  ])('is rejected: %j', (given, message, reason) => {
    expect(parsePolicy(given)).toEqual({
      reason,
      awsCode: 'InvalidPolicyDocument',
      status: 400,
      message: `Invalid Policy: ${message}`,
      details: {},
    })
  })
})

describe('a policy', () => {
  const tooLarge = {
    reason: 'form',
    awsCode: 'MaxPostPreDataLengthExceededError',
    status: 400,
    message: 'Your POST request fields preceding the upload file were too large.',
    details: {},
  }

  it('has at most 20,480 characters', () => {
    const padded = (length: number) => parsePolicy(`{${' '.repeat(length - 2)}}`)
    expect(padded(MAX_FORM_SIZE)).toMatchObject({ message: 'Invalid Policy: Policy missing expiration.' })
    expect(padded(MAX_FORM_SIZE + 1)).toEqual(tooLarge)
  })

  it('with a form has at most 20,480 bytes, including every name of the file', () => {
    const padded = (length: number, details: FormDetails, key = 'a') => {
      const form = readForm({ key, 'x-ignore-a': 'b'.repeat(length - 10 - 3 - key.length) }, details)
      return [form.fields.get('key'), checkPolicy(policy(anyKey), form, NOW)]
    }
    expect(padded(MAX_FORM_SIZE, {})).toEqual(['a', undefined])
    expect(padded(MAX_FORM_SIZE + 1, {})).toEqual(['a', tooLarge])
    const names = '${filename}${filename}'
    expect(padded(MAX_FORM_SIZE - 9, { filename: 'cat' }, names)).toEqual(['catcat', undefined])
    expect(padded(MAX_FORM_SIZE - 8, { filename: 'cat' }, names)).toEqual([names, tooLarge])
  })

  it('may have a number as a value', () => {
    expect(parsePolicy(policy(['eq', '$success_action_status', 201]))).toMatchObject({
      conditions: [{}, { operator: 'eq', name: 'success_action_status', value: '201' }],
    })
  })

  it('may be the fields of a form', () => {
    for (const document of [{ conditions: [] }, { expiration: LATER }, 'x', undefined])
      expect(policyOf(document)).toBe(document)
    expect(policyOf({ POLICY: 'x', key: 'a' })).toBe('x')
  })

  it('is printed without secrets', () => {
    const printed = (name: string) => printCondition({ operator: 'eq', name, value: 'secret' })
    for (const name of ['X-Amz-Security-Token', 'x-amz-server-side-encryption-customer-key'])
      expect(printed(name)).toBe(`["eq", "$${name}", "…"]`)
    for (const name of ['my-x-amz-security-token', 'x-amz-security-token-id', 'x-amz-customer-key-id'])
      expect(printed(name)).toBe(`["eq", "$${name}", "secret"]`)
  })
})

describe('a form against its policy', () => {
  const check = (given: unknown, fields: Record<string, string>, facts: object = {}) =>
    checkForm(given, fields, { bucket: 'photos', now: NOW, ...facts })
  const failed = (condition: string, field: string) => ({
    reason: 'condition',
    awsCode: 'AccessDenied',
    status: 403,
    message: `Invalid according to Policy: Policy Condition failed: ${condition}`,
    condition,
    field,
    details: {},
  })

  it('is accepted', () => {
    const conditions = [anyKey, { ACL: 'private' }, ['starts-with', '$content-TYPE', 'image/']]
    const fields = { KEY: 'a', acl: 'private', 'Content-Type': 'image/png', 'x-ignore-this': '', file: 'x' }
    expect(check(policy(...conditions), fields)).toBeUndefined()
  })

  it('is rejected after the policy has expired', () => {
    const at = (now: number) => check(policy(anyKey), { key: 'a' }, { now })
    expect(at(Date.parse(LATER))).toBeUndefined()
    const message = 'Invalid according to Policy: Policy expired.'
    const expired = { reason: 'expired', awsCode: 'AccessDenied', status: 403, message }
    expect(at(Date.parse(LATER) + 1)).toEqual({ ...expired, details: {} })
    expect(at(Number.NaN)).toMatchObject(expired)
  })

  it('must meet every condition', () => {
    expect(check(policy(anyKey, { acl: 'private' }), { key: 'a', acl: 'public-read' })).toEqual(
      failed('["eq", "$acl", "private"]', 'acl'),
    )
    expect(check(policy(['starts-with', '$key', 'b'], ['starts-with', '$key', 'bc']), { key: 'b' })).toEqual(
      failed('["starts-with", "$key", "bc"]', 'key'),
    )
    expect(check(policy(anyKey, ['starts-with', '$x-amz-meta-tag', '']), { key: 'a' })).toEqual(
      failed('["starts-with", "$x-amz-meta-tag", ""]', 'x-amz-meta-tag'),
    )
    expect(check(policy(anyKey, ['eq', 'key', 'a']), { key: 'a' })).toMatchObject({
      reason: 'condition',
      condition: '["eq", "key", "a"]',
    })
    expect(check(policy(anyKey), { key: 'a' }, { bucket: 'other' })).toEqual(
      failed('["eq", "$bucket", "photos"]', 'bucket'),
    )
    expect(check(policy(anyKey), { key: 'a', bucket: 'other' }, { bucket: undefined })).toMatchObject({
      field: 'bucket',
    })
    expect(check(policy(anyKey), { key: 'a' }, { bucket: undefined })).toBeUndefined()
    expect(check(policy(anyKey), { key: 'a', bucket: 'photos' })).toBeUndefined()
    expect(check(policy(anyKey), { key: 'a', bucket: 'other' })).toEqual(
      failed('["eq", "$bucket", "photos"]', 'bucket'),
    )
    const tag = policy(anyKey, ['starts-with', '$x-amz-meta-tag', 'a'])
    expect(check(tag, { key: 'a', 'x-amz-meta-tag': 'a,b' })).toBeUndefined() // only content types are lists
  })

  it.each([
    ['image/png', true],
    ['image/png,image/gif', true],
    [' image/png , image/gif', true],
    ['image/png,text/html', false],
    ['image/png,', false],
    [' image/png', false],
    ['text/image/', false],
  ])('with the content type prefix image/: %j is %s', (type, accepted) => {
    const conditions = policy(anyKey, ['starts-with', '$Content-Type', 'image/'])
    expect(check(conditions, { key: 'a', 'content-type': type }) === undefined).toBe(accepted)
    expect(check(conditions, { key: 'a' }, { type }) === undefined).toBe(accepted)
    expect(check(conditions, { key: 'a', 'content-type': type }, { type: 'image/gif' }) === undefined).toBe(accepted)
  })

  it('needs a condition for every field', () => {
    const extra = (field: string) => ({
      reason: 'extra-field',
      awsCode: 'AccessDenied',
      status: 403,
      message: `Invalid according to Policy: Extra input fields: ${field}`,
      field,
      details: {},
    })
    expect(check(policy(anyKey), { key: 'a', 'X-Amz-Meta-A': '1' })).toEqual(extra('x-amz-meta-a'))
    for (const name of ['my-file', 'file-a', 'policy2', 'x-amz-signature-a', 'a-x-ignore-b'])
      expect(check(policy(anyKey), { key: 'a', [name]: '' })).toEqual(extra(name))
    expect(check(policy(anyKey, ['eq', 'key', 'a']), { key: 'a', '': 'b' })).toEqual(extra(''))
    expect(check(policy(anyKey), { key: 'a' }, { type: 'image/png' })).toBeUndefined()
    expect(check({ expiration: LATER, conditions: [anyKey] }, { key: 'a' })).toEqual(extra('bucket'))
    const field = JSON.parse('{"key":"a","__proto__":"b"}')
    expect(check(policy(anyKey), field)).toEqual(extra('__proto__'))
    expect(check(policy(anyKey, JSON.parse('{"__proto__":"b"}')), field)).toBeUndefined()
    expect(check(policy(anyKey, { constructor: 'b' }), { key: 'a' })).toMatchObject({
      reason: 'condition',
      field: 'constructor',
    })
  })

  it('must have a file within the size limits', () => {
    const sized = policy(anyKey, ['content-length-range', '5', 10])
    const at = (size?: number | 'deferred') => check(sized, { key: 'a' }, { size })
    for (const size of [5, 10, 'deferred'] as const) expect(at(size)).toBeUndefined()
    for (const [size, reason] of [
      [undefined, 'missing'],
      [Number.NaN, 'invalid'],
      [-1, 'invalid'],
      ['5' as never, 'invalid'],
    ] as const)
      expect(() => at(size)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', argument: 'options.size', reason }),
      )
    expect(at(4)).toEqual({
      reason: 'too-small',
      awsCode: 'EntityTooSmall',
      status: 400,
      message: 'Your proposed upload is smaller than the minimum allowed size',
      condition: '["content-length-range", 5, 10]',
      details: { ProposedSize: '4', MinSizeAllowed: '5' },
    })
    expect(at(11)).toEqual({
      reason: 'too-large',
      awsCode: 'EntityTooLarge',
      status: 400,
      message: 'Your proposed upload exceeds the maximum allowed size',
      condition: '["content-length-range", 5, 10]',
      details: { ProposedSize: '11', MaxSizeAllowed: '10' },
    })
  })

  it("must stay within S3's limits", () => {
    const any = policy(anyKey, ['starts-with', '$x-amz-meta-a', ''], ['starts-with', '$x-amz-meta-bc', ''])
    const meta = (a: string, bc: string) => ({ key: 'a', 'x-amz-meta-a': a, 'X-Amz-Meta-Bc': bc })
    expect(check(any, meta('x'.repeat(1000), `x${'ř'.repeat(522)}`))).toBeUndefined()
    expect(check(any, meta('x'.repeat(1000), `xx${'ř'.repeat(522)}`))).toEqual({
      reason: 'form',
      awsCode: 'MetadataTooLarge',
      status: 400,
      message: 'Your metadata headers exceed the maximum allowed metadata size',
      details: { Size: '2049', MaxSizeAllowed: '2048' },
    })
    expect(metadataLength([['my-x-amz-meta-a', 'a']])).toBe(0)
    const key = (key: string) => check(policy(anyKey), { key })
    expect(key('ř'.repeat(512))).toBeUndefined()
    expect(key(`a${'ř'.repeat(512)}`)).toEqual({
      reason: 'form',
      awsCode: 'KeyTooLongError',
      status: 400,
      message: 'Your key is too long',
      field: 'key',
      details: { Size: '1025', MaxSizeAllowed: '1024' },
    })
    const size = (size: number) => check(policy(anyKey), { key: 'a' }, { size })
    expect(size(5_368_709_120)).toBeUndefined()
    expect(size(5_368_709_121)).toEqual({
      reason: 'too-large',
      awsCode: 'EntityTooLarge',
      status: 400,
      message: 'Your proposed upload exceeds the maximum allowed size',
      details: { ProposedSize: '5368709121', MaxSizeAllowed: '5368709120' },
    })
  })

  it('must have the required fields', () => {
    const missing = (name: string) => ({
      reason: 'missing-field',
      awsCode: 'InvalidArgument',
      status: 400,
      message: `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      field: name.toLowerCase(),
      details: { ArgumentName: name, ArgumentValue: '' },
    })
    expect(check(policy(anyKey), {})).toEqual(missing('key'))
    expect(check(policy(anyKey), { key: '' })).toEqual(missing('key'))
    const signed = ['policy', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature']
    for (const name of signed) {
      const others = signed.filter((other) => other !== name).map((other) => [other.toLowerCase(), 'x'])
      expect(check(policy(anyKey), { key: 'a', ...Object.fromEntries(others) })).toEqual(missing(name))
    }
  })

  it('has ${filename} replaced with the name of the file', () => {
    const named = policy(['starts-with', '$key', 'u/'], { 'x-amz-meta-name': 'cat.png' })
    const fields = { key: 'u/${filename}-${filename}', 'x-amz-meta-name': '${filename}' }
    for (const filename of ['cat.png', 'C:\\my pictures\\cat.png', '/home/me\n/cat.png', 'a/b\\cat.png'])
      expect(check(named, fields, { filename })).toBeUndefined()
    expect(check(named, fields, { filename: 'dog.png' })).toMatchObject({ field: 'x-amz-meta-name' })
    expect(check(named, fields)).toMatchObject({ field: 'x-amz-meta-name' })
    expect(readForm(fields, { filename: 'x/$&' }).fields.get('key')).toBe('u/$&-$&')
    expect(check(policy(anyKey), { key: '${filename}' }, { filename: 'folder/' })).toMatchObject({ field: 'key' })
  })

  it('is parsed as S3 does: names in any case, no values after the file', () => {
    const file = { name: 'cat.png', size: 3, type: 'image/png' }
    const form: [string, unknown][] = [
      ['KEY', 'a/${filename}'],
      ['X-Amz-Meta-A', 'one'],
      ['File', file],
      ['x-amz-meta-a', 'two'],
      ['acl', 'public-read'],
    ]
    const { fields, ...facts } = readForm(form, {})
    expect([...fields]).toEqual([
      ['key', 'a/cat.png'],
      ['x-amz-meta-a', 'one'],
    ])
    expect(facts).toMatchObject({
      repeated: 'x-amz-meta-a',
      size: 3,
      filename: 'cat.png',
      type: undefined,
      bucket: undefined,
    })
    expect(readForm(form, { size: 7, filename: 'dog' })).toMatchObject({ size: 7, filename: 'dog' })
  })

  it.each([new File(['x'], 'cat.png'), new Blob(['x'])])('has one file, named file', (file) => {
    const form = new FormData()
    form.append('key', 'a')
    form.append('Upload', file)
    expect(checkForm(policy(anyKey), form, { bucket: 'photos', now: NOW })).toEqual({
      reason: 'form',
      awsCode: 'InvalidArgument',
      status: 400,
      message: 'POST requires exactly one file upload per request.',
      field: 'upload',
      details: { ArgumentName: 'file', ArgumentValue: '0' },
    })
  })

  it('has exactly one file if it is a FormData', () => {
    const form = new FormData()
    form.append('key', 'a')
    const check = () => checkForm(policy(anyKey), form, { bucket: 'photos', now: NOW })
    const stray = { reason: 'form', field: 'file', details: { ArgumentName: 'file', ArgumentValue: '0' } }
    expect(check()).toMatchObject(stray)
    form.append('file', new Blob(['x']))
    expect(check()).toBeUndefined()
    form.append('file', new Blob(['y']))
    expect(check()).toMatchObject(stray)
  })

  it('has no Blob as a field, and no field twice', () => {
    const pairs: [string, unknown][] = [
      ['key', 'a'],
      ['upload', new Blob(['x'])],
    ]
    expect(checkForm(policy(anyKey), pairs, { now: NOW })).toMatchObject({ reason: 'form', field: 'upload' })
    const twice: [string, unknown][] = [
      ['key', 'a'],
      ['key', 'a'],
    ]
    for (const fields of [
      { key: ['a', 'b'] },
      { key: 'a', Key: 'a' },
      { KEY: ['a'] },
      twice,
      new Map(twice).set('KEY', 'a'),
    ])
      expect(check(policy(anyKey), fields as never)).toEqual({
        reason: 'form',
        awsCode: 'InvalidArgument',
        status: 400,
        message: "The field 'key' must be sent only once.",
        field: 'key',
        details: { ArgumentName: 'key', ArgumentValue: '' },
      })
  })

  it.each(['\0', '\x1b', '\r', '\n', '\r\n', '\x7f', '\ud800', '\udc00'])(
    'has no %j in its names or values',
    (mark) => {
      const unsafe = (field: string) => ({
        reason: 'form',
        awsCode: 'InvalidArgument',
        status: 400,
        message: 'A field contains a control character or a lone surrogate.',
        field,
        details: { ArgumentName: field, ArgumentValue: '' },
      })
      expect(check(policy(anyKey), { key: `a${mark}b` })).toEqual(unsafe('key'))
      expect(check(policy(anyKey), { key: 'a', 'x-ignore-a': mark })).toEqual(unsafe('x-ignore-a'))
      for (const value of ['', ['a', 'b']]) {
        const fields = { key: 'a', [`x-ignore-${mark}`]: value } as never
        expect(check(policy(anyKey), fields)).toEqual(unsafe(`x-ignore-${mark}`))
      }
      expect(check(policy(anyKey), { key: '${filename}' }, { filename: `cat${mark}` })).toEqual(unsafe('key'))
      expect(check(policy(anyKey), { key: 'a' }, { filename: mark })).toBeUndefined()
      expect(check(policy(anyKey, { tagging: mark }), { key: 'a', tagging: mark })).toEqual(
        mark.trim() ? unsafe('tagging') : undefined,
      )
    },
  )

  it('may have numbers and undefined values as fields, and a string as its file', () => {
    const fields = { key: 5 as never, acl: undefined as never }
    expect(check(policy({ key: '5' }), fields)).toBeUndefined()
    expect(readForm([['file', 'é']], {}).size).toBe(2)
  })

  it.each([undefined, null, 'key=a', 7])('is not %j', (fields) => {
    expect(() => checkForm(policy(), fields as never, { now: NOW })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'fields', reason: 'type' }),
    )
  })

  it('has strings as fields', () => {
    expect(() => check(policy(anyKey), { key: {} as string })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'fields["key"]', reason: 'type' }),
    )
  })
})

describe('a hostile form', () => {
  const form = { key: 'a' }
  const facts = { now: NOW, bucket: 'photos' }

  const list = <Item>(length: number, item: (i: number) => Item) => Array.from({ length }, (_, i) => item(i))
  it('of many conditions names the first that is not met', () => {
    const conditions = policy(anyKey, ...list(1000, (i) => ({ [`a${i}`]: '' })))
    expect(checkForm(conditions, form, facts)).toMatchObject({ field: 'a0' })
  })

  it('is evaluated against any policy without an exception', () => {
    const violations = fc.property(
      fc.anything({ withNullPrototype: true }),
      fc.string({ unit: character }),
      (item, key) => {
        for (const given of [
          item,
          { expiration: LATER, conditions: [item] },
          { expiration: LATER, conditions: item },
        ]) {
          const violation = checkForm(given, { key }, facts)
          expect(violation === undefined || violation.status >= 400).toBe(true)
        }
      },
    )
    fc.assert(violations, { numRuns: 1000 })
  })
})
