// biome-ignore-all lint/suspicious/noTemplateCurlyInString: S3's own variable

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../src/core/encoding/base64.ts'
import { credentialScope, signingContext } from '../../src/core/signing/scope.ts'
import * as plain from '../../src/crypto/sha256.ts'
import * as web from '../../src/crypto/webcrypto.ts'
import type { FromJson, PostTarget, PresignedPost, PresignPostOptions } from '../../src/index.ts'
import * as asynchronous from '../../src/index.ts'
import { fillForm } from '../../src/s3/post/form-data.ts'
import { postForm, preparePost, readPost } from '../../src/s3/post/presigned-post.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'
import { docExamples } from '../support/fixtures.ts'
import { signatureOf } from '../support/oracle.ts'
import { character } from '../support/unicode.ts'

const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLETOKEN//8='
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const signedAt = Date.UTC(2015, 11, 29)
const bucket = { bucket: 'photos', region: 'eu-west-1' }

type Options = Partial<PresignPostOptions>

/** Returns a form, after checking that both entries create the same one. */
async function post(target: Partial<PostTarget>, options: Options = {}): Promise<PresignedPost> {
  const all = { credentials, now: signedAt, ...options } as never
  const [one, other] = [
    await asynchronous.presignPost({ ...bucket, ...target }, all),
    synchronous.presignPost({ ...bucket, ...target }, all),
  ]
  expect(JSON.stringify(other)).toBe(JSON.stringify(one))
  return one
}

/** Returns the error that both entries throw. */
async function failure(target: Partial<PostTarget>, options: Options = {}): Promise<Error & { code: string }> {
  const all = { credentials, now: signedAt, ...options } as never
  let thrown: Error | undefined
  try {
    synchronous.presignPost({ ...bucket, ...target }, all)
  } catch (error) {
    thrown = error as Error
  }
  const rejected = await asynchronous.presignPost({ ...bucket, ...target }, all).then(
    () => undefined,
    (error: Error) => error,
  )
  expect(rejected).toEqual(thrown)
  expect(String(thrown?.stack)).not.toContain(SECRET)
  expect(String(thrown?.stack)).not.toContain(TOKEN)
  return thrown as Error & { code: string }
}

/** The start of a message after its argument, by `reason`. */
const REASONS: Record<string, string> = {
  missing: 'is missing',
  type: 'has the wrong type',
  invalid: 'is not valid',
  range: 'is out of range',
  conflict: 'is set twice',
  mismatch: 'does not match',
  unsendable: 'would change in transit',
  reserved: 'is added by signing',
}

interface Policy {
  expiration: string
  conditions: (Record<string, string> | [string, unknown, unknown])[]
}

function policyOf({ fields }: Pick<PresignedPost, 'fields'>): Policy {
  return JSON.parse(Buffer.from(fields.policy!, 'base64').toString('utf8'))
}

/** Signature Version 4 by node:crypto. */
function sign(text: string, scope: string): string {
  return signatureOf(SECRET, scope, text)
}

it('a form after JSON has a type in which its expiration is a string', async () => {
  const received: FromJson<PresignedPost> = JSON.parse(JSON.stringify(await post({ key: 'cat.jpg' })))
  const expiresAt: string = received.expiresAt
  expect(new Date(expiresAt)).toEqual((await post({ key: 'cat.jpg' })).expiresAt)
  // @ts-expect-error: a string has no such method
  expect(() => received.expiresAt.getTime()).toThrow(TypeError)
})

describe("the documentation's worked example", () => {
  const [example] = docExamples().filter(({ kind }) => kind === 'post-policy')
  const { expected, credentials, region, amzDate, policyBase64, published } = example as unknown as {
    expected: { policyText: string }
    credentials: { accessKeyId: string; secretAccessKey: string }
    region: string
    amzDate: string
    policyBase64: string
    published: { signature: string }
  }
  const scope = { date: amzDate.slice(0, 8), region, service: 's3' }

  it('has its policy, byte for byte', () => {
    expect(encodeBase64(expected.policyText)).toBe(policyBase64)
    expect(policyBase64).toMatch(/^eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0K/)
  })

  it('has its signature, from both implementations', async () => {
    const signature = '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e'
    expect(published.signature).toBe(signature)
    const { secretAccessKey } = credentials
    expect(plain.hmacHex(plain.importKey(secretAccessKey, undefined, scope), policyBase64)).toBe(signature)
    expect(await web.hmacHex(await web.importKey(secretAccessKey, undefined, scope), policyBase64)).toBe(signature)
  })

  it('is a form with the same fields', () => {
    const target = { bucket: 'sigv4examplebucket', keyPrefix: 'user/user1/', region }
    const input = readPost(target, { credentials, now: signedAt })
    const form = preparePost(input, credentials, signingContext(input.scope, Date.now()))
    expect(form.context).toMatchObject(scope)
    const { fields } = postForm(form, published.signature)
    expect(Object.entries(fields)).toEqual([
      ['key', 'user/user1/${filename}'],
      ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
      ['x-amz-credential', `${credentials.accessKeyId}/${credentialScope(scope)}`],
      ['x-amz-date', amzDate],
      ['policy', form.policy],
      ['x-amz-signature', published.signature],
    ])
  })

  it('is equivalent to a form that presignPost creates', async () => {
    const ours = synchronous.presignPost(
      { bucket: 'sigv4examplebucket', keyPrefix: 'user/user1/', region },
      {
        credentials,
        now: signedAt,
        expires: new Date('2015-12-30T12:00:00Z'),
        contentTypePrefix: 'image/',
        fields: {
          acl: 'public-read',
          success_action_redirect: 'http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html',
          'x-amz-meta-uuid': '14365123651274',
          'x-amz-server-side-encryption': 'AES256',
        },
        conditions: [['starts-with', '$x-amz-meta-tag', '']],
      },
    )
    const theirs = JSON.parse(expected.policyText) as Policy
    const sorted = ({ conditions }: Policy) => conditions.map((condition) => JSON.stringify(condition)).sort()
    expect(policyOf(ours).expiration).toBe(theirs.expiration)
    expect(sorted(policyOf(ours))).toEqual(sorted(theirs))
    const now = signedAt
    const tagged = { ...ours.fields, 'Content-Type': 'image/jpeg', 'x-amz-meta-tag': 'Some,Tag,For,Picture' }
    expect(asynchronous.checkPost(expected.policyText, tagged, { bucket: 'sigv4examplebucket', now })).toBeUndefined()
    expect(asynchronous.checkPost(policyBase64, tagged, { bucket: 'sigv4examplebucket', now })).toBeUndefined()
  })
})

describe('presignPost', () => {
  it('returns ordered fields, a condition for each, policy and signature last', async () => {
    const { url, fields, expiresAt, ...rest } = await post(
      { key: 'résumé (1).pdf' },
      {
        contentType: 'application/pdf',
        contentLengthRange: [1, 1000],
        fields: { acl: 'private', success_action_status: 201, 'X-Amz-Meta-A': '$5', 'x-ignore-me': '' },
      },
    )
    const credential = 'AKIDEXAMPLE/20151229/eu-west-1/s3/aws4_request'
    expect(rest).toEqual({})
    expect(url).toBe('https://photos.s3.eu-west-1.amazonaws.com/')
    expect(expiresAt).toEqual(new Date('2015-12-29T00:15:00Z'))
    expect(Object.entries(fields)).toEqual([
      ['key', 'résumé (1).pdf'],
      ['Content-Type', 'application/pdf'],
      ['acl', 'private'],
      ['success_action_status', '201'],
      ['X-Amz-Meta-A', '$5'],
      ['x-ignore-me', ''],
      ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
      ['x-amz-credential', credential],
      ['x-amz-date', '20151229T000000Z'],
      ['policy', expect.any(String)],
      ['x-amz-signature', sign(fields.policy!, '20151229/eu-west-1/s3/aws4_request')],
    ])
    expect(policyOf({ fields })).toEqual({
      expiration: '2015-12-29T00:15:00.000Z',
      conditions: [
        { bucket: 'photos' },
        { key: 'résumé (1).pdf' },
        { 'Content-Type': 'application/pdf' },
        { acl: 'private' },
        { success_action_status: '201' },
        { 'X-Amz-Meta-A': '$5' },
        ['content-length-range', 1, 1000],
        { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
        { 'x-amz-credential': credential },
        { 'x-amz-date': '20151229T000000Z' },
      ],
    })
  })

  it.each(['', 'eu.', 'us.', 'fedramp.', 'a.new.one.'])(
    'rejects Cloudflare R2, which accepts no forms: %s',
    async (part) => {
      const endpoint = `https://0123456789abcdef0123456789abcdef.${part}r2.cloudflarestorage.com`
      const expected = {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_VALUE',
        argument: 'target.endpoint',
        reason: 'unusable',
        message:
          'target.endpoint cannot be used here. Cloudflare R2 does not accept forms. Use presignPut with contentLength.',
      }
      for (const target of [
        { endpoint },
        { endpoint: `${endpoint.toUpperCase()}:443` },
        { endpoint, pathStyle: false },
      ])
        await expect(post({ key: 'a', region: 'auto', ...target })).rejects.toMatchObject(expected)
      for (const host of ['r2.cloudflarestorage.com.example', 'xr2.cloudflarestorage.com'])
        expect((await post({ key: 'a', endpoint: `https://${host}` }, { region: 'auto' })).url).toContain(host)
    },
  )

  it.each(['$/${filename', '${Filename}', '$ {filename}', '{filename}'])(
    'accepts a key that only resembles the filename variable: %s',
    async (key) => {
      const form = await post({ key })
      expect(form.fields.key).toBe(key)
      expect(policyOf(form).conditions[1]).toEqual({ key })
    },
  )

  it.each([
    ['a', { contentLengthRange: [5 * 1024 ** 3, 5 * 1024 ** 3] }],
    ['a', { contentLengthRange: [0, Number.MAX_SAFE_INTEGER] }],
    ['a', { fields: { 'x-amz-meta-a': 'x'.repeat(1000), 'X-Amz-Meta-Bc': `${'ř'.repeat(522)}x` } }],
    ['ř'.repeat(512), {}],
  ] as [string, Options][])("accepts S3's limits: %s %j", async (key, options) => {
    const form = await post({ key }, options)
    expect(asynchronous.checkPost(form.fields, form.fields, { now: signedAt, size: 5 * 1024 ** 3 })).toBeUndefined()
  })

  it('accepts fields and conditions whose names only resemble reserved ones', async () => {
    const names = ['profile', 'filename', 'x-policy', 'policy-id', 'my-signature', 'x-amz-signature-id']
    const fields = Object.fromEntries(names.map((name) => [name, 'a']))
    const conditions = names.map((name) => ['starts-with', `$${name}`, ''] as const)
    const form = await post({ key: 'a' }, { fields, conditions: conditions as never })
    expect(form.fields).toMatchObject(fields)
    expect(policyOf(form).conditions).toEqual(expect.arrayContaining(conditions.map((condition) => [...condition])))
  })

  it("accepts the target's bucket as a field, undefined fields, and 1024 bytes in addition to the variable", async () => {
    const form = await post({ keyPrefix: 'a'.repeat(1024) }, { fields: { bucket: 'photos', acl: undefined } })
    expect(form.fields.bucket).toBe('photos')
    expect('acl' in form.fields).toBe(false)
    expect(policyOf(form).conditions.filter((condition) => 'bucket' in condition)).toHaveLength(1)
  })

  it('accepts line breaks in tags, as forms send them, and tabs', async () => {
    const form = await post({ key: 'a\tb' }, { fields: { tagging: '<Tagging>\r\n\t</Tagging>' } })
    expect(form.fields).toMatchObject({ key: 'a\tb', tagging: '<Tagging>\r\n\t</Tagging>' })
    expect(asynchronous.checkPost(form.fields, form.fields, { now: signedAt })).toBeUndefined()
  })

  it('accepts a condition on the key within its prefix', async () => {
    const form = await post({ keyPrefix: 'a/' }, { conditions: [['starts-with', '$key', 'a/b/']] })
    expect(form.fields.key).toBe('a/${filename}')
    expect(policyOf(form).conditions).toContainEqual(['starts-with', '$key', 'a/b/'])
  })

  it('allows any key with the prefix', async () => {
    const form = await post({ keyPrefix: 'user/eric/' }, { contentTypePrefix: 'image/' })
    expect(form.fields.key).toBe('user/eric/${filename}')
    expect(form.fields).not.toHaveProperty('Content-Type')
    expect(policyOf(form).conditions.slice(0, 3)).toEqual([
      { bucket: 'photos' },
      ['starts-with', '$key', 'user/eric/'],
      ['starts-with', '$Content-Type', 'image/'],
    ])
    expect((await post({ keyPrefix: '' })).fields.key).toBe('${filename}')
    const fields = { KEY: 'user/eric/cat', 'content-type': 'image/png' }
    const suggested = await post({ keyPrefix: 'user/' }, { contentTypePrefix: 'image/', fields })
    expect(Object.entries(suggested.fields).slice(0, 2)).toEqual([
      ['key', 'user/eric/cat'],
      ['Content-Type', 'image/png'],
    ])
    expect(Object.keys(suggested.fields).filter((name) => /key|type/i.test(name))).toEqual(['key', 'Content-Type'])
    expect(policyOf(suggested).conditions.slice(1, 3)).toEqual(policyOf(form).conditions.slice(1, 3).map(shorter))
    function shorter(condition: unknown): unknown {
      return JSON.parse(JSON.stringify(condition).replace('user/eric/', 'user/'))
    }
  })

  it('signs with a session token, which is a field with a condition', async () => {
    const temporary = { ...credentials, accessKeyId: 'ASIAEXAMPLE', sessionToken: TOKEN }
    const form = await post({ key: 'a' }, { credentials: temporary })
    expect(form.fields['x-amz-security-token']).toBe(TOKEN)
    expect(policyOf(form).conditions).toContainEqual({ 'x-amz-security-token': TOKEN })
  })

  it('expires with the credentials, and sets limitedBy', async () => {
    const expiration = new Date(signedAt + 60_500)
    const form = await post({ key: 'a' }, { credentials: { ...credentials, expiration } })
    expect(form).toMatchObject({ expiresAt: expiration, limitedBy: 'credentials' })
    expect(policyOf(form).expiration).toBe('2015-12-29T00:15:00.000Z')
    expect(await post({ key: 'a' }, { expires: 60, credentials: { ...credentials, expiration } })).not.toHaveProperty(
      'limitedBy',
    )
  })

  it.each([
    ['1s', '2015-12-29T00:00:01.000Z'],
    ['7d', '2016-01-05T00:00:00.000Z'],
    [new Date('2015-12-29T01:00:00.900Z'), '2015-12-29T01:00:00.000Z'],
  ])('expires like a presigned URL: %s', async (expires, expected) => {
    const form = await post({ key: 'a' }, { expires })
    expect([policyOf(form).expiration, form.expiresAt.toISOString()]).toEqual([expected, expected])
  })

  it.each([0, -1, 604_801, 1.5, '8d', new Date(signedAt), Number.NaN])('rejects the lifetime %s', async (expires) => {
    expect(await failure({ key: 'a' }, { expires })).toMatchObject({ code: 'ERR_SIGV4_EXPIRES_RANGE' })
  })

  it.each<[string, PostTarget, string, string]>([
    ['AWS', { bucket: 'photos', region: 'us-east-1' }, 'https://photos.s3.us-east-1.amazonaws.com/', 'us-east-1'],
    [
      'a name with dots',
      { bucket: 'my.photos', region: 'us-east-1' },
      'https://s3.us-east-1.amazonaws.com/my.photos/',
      'us-east-1',
    ],
    [
      'China',
      { bucket: 'photos', region: 'cn-north-1' },
      'https://photos.s3.cn-north-1.amazonaws.com.cn/',
      'cn-north-1',
    ],
    [
      'an endpoint',
      { bucket: 'photos', endpoint: 'http://localhost:4566', region: 'us-east-1' },
      'http://localhost:4566/photos/',
      'us-east-1',
    ],
    [
      'a host that contains its region',
      { bucket: 'photos', endpoint: 'https://s3.eu-central-003.backblazeb2.com', pathStyle: false },
      'https://photos.s3.eu-central-003.backblazeb2.com/',
      'eu-central-003',
    ],
  ])('posts to the bucket: %s', async (_, target, url, region) => {
    const form = await post({ region: undefined, ...target, key: 'a' })
    expect(form.url).toBe(url)
    expect(new URL(form.url).href).toBe(url)
    expect(form.fields['x-amz-credential']).toBe(`AKIDEXAMPLE/20151229/${region}/s3/aws4_request`)
    expect(form.fields['x-amz-signature']).toBe(sign(form.fields.policy!, `20151229/${region}/s3/aws4_request`))
  })

  it("prefers options.region to the target's region", async () => {
    const form = await post({ key: 'a' }, { region: 'us-west-2' })
    expect(form.fields['x-amz-credential']).toContain('/us-west-2/')
  })

  it('signs now by default', () => {
    const before = Math.floor(Date.now() / 1000)
    const { expiresAt } = synchronous.presignPost({ ...bucket, key: 'a' }, { credentials, expires: 60 })
    expect(Number(expiresAt) / 1000 - 60).toBeGreaterThanOrEqual(before)
    expect(Number(expiresAt) / 1000 - 60).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it('signs with a derived key, including a non-extractable one', async () => {
    const scope = { date: '20151229', region: 'eu-west-1', service: 's3' }
    const { accessKeyId } = credentials
    const expected = await post({ key: 'a' })
    const bytes = synchronous.deriveSigningKey(scope, { credentials })
    expect(await post({ key: 'a' }, { credentials: { accessKeyId, signingKey: bytes } })).toEqual(expected)
    const sealed = await asynchronous.deriveSigningKey(scope, { credentials, extractable: false })
    const options = { credentials: async () => ({ accessKeyId, signingKey: sealed }), now: signedAt }
    expect(await asynchronous.presignPost({ ...bucket, key: 'a' }, options)).toEqual(expected)
    const foreign = { ...bytes, region: 'us-east-1' }
    expect(await failure({ key: 'a' }, { credentials: { accessKeyId, signingKey: foreign } })).toMatchObject({
      code: 'ERR_SIGV4_KEY_SCOPE',
    })
  })

  it('reads its arguments once, before it awaits credentials', async () => {
    const target = { ...bucket, keyPrefix: 'a/' }
    const fields: Record<string, string> = { acl: 'private' }
    const condition: ['starts-with', '$acl', string] = ['starts-with', '$acl', 'p']
    const range: [number, number] = [1, 2]
    const expires = new Date(signedAt + 60_000)
    const date = new Date(signedAt)
    const options = { now: date, expires, fields, conditions: [condition], contentLengthRange: range }
    const expected = synchronous.presignPost(target, { credentials, ...options })
    const form = await asynchronous.presignPost(target, {
      ...options,
      credentials: async () => {
        target.keyPrefix = 'b/'
        fields.acl = 'public-read'
        condition[2] = 'q'
        range[1] = 100
        expires.setTime(0)
        date.setTime(0)
        return credentials
      },
    })
    expect(form).toEqual(expected)
  })

  it('does not change its arguments', async () => {
    const freeze = <Value extends object>(value: Value): Value => {
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner) freeze(inner)
      return Object.freeze(value)
    }
    const target = freeze({ ...bucket, keyPrefix: 'a/' })
    const options = freeze({
      credentials: { ...credentials },
      fields: { KEY: 'a/b', acl: 'private' },
      conditions: [['starts-with', '$acl', 'p'] as const],
      contentLengthRange: [1, 2] as const,
    })
    await post(target, options as Options)
  })
})

describe('a policy that no form can meet', () => {
  const name = (conditions: unknown) => ({ conditions }) as Options

  const VALUE = 'ERR_INVALID_ARG_VALUE'

  /** Asserts that an error matches a row: code, argument and reason, which start its message. */
  function check(error: Error, code: string, argument: string, reason: string, hint: RegExp): void {
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ name: 'TypeError', code, argument, reason })
    expect(error.message.startsWith(`${argument} ${REASONS[reason]}.`), error.message).toBe(true)
    expect(error.message.slice(argument.length)).toMatch(hint)
  }

  it.each<[string, Partial<PostTarget>, Options, argument: string, reason: string, hint?: RegExp]>([
    ['no key', {}, {}, 'target.key', 'missing', /target\.keyPrefix/],
    ['an empty key', { key: '' }, {}, 'target.key', 'missing'],
    ['key and prefix', { key: 'a/b', keyPrefix: 'a/' }, {}, 'target.key', 'conflict', /target\.keyPrefix/],
    ['key twice', { key: 'a' }, { fields: { Key: 'a' } }, 'target.key', 'conflict', /options\.fields\["Key"\]/],
    [
      'a key outside its prefix',
      { keyPrefix: 'a/' },
      { fields: { key: 'b/c' } },
      'options.fields["key"]',
      'mismatch',
      /target\.keyPrefix/,
    ],
    ...['${filename}', 'a/${filename}', '${filename}.png', 'a/${filename}/b-${filename}.bak'].flatMap(
      (text): [string, object, Options, string, string, RegExp][] => {
        const rest = ['invalid', /Omit \$\{filename\}.+prefix or a condition/] as const
        const key = { key: 'a' }
        return [
          ['the variable in the key', { key: text }, {}, 'target.key', ...rest],
          ['the variable in a prefix', { keyPrefix: text }, {}, 'target.keyPrefix', ...rest],
          ['the variable in the type', key, { contentType: text }, 'options.contentType', ...rest],
          ['the variable in its prefix', key, { contentTypePrefix: text }, 'options.contentTypePrefix', ...rest],
          ['the variable in a field', key, { fields: { acl: text } }, 'options.fields["acl"]', ...rest],
          [
            'the variable in the default key',
            { keyPrefix: '' },
            { fields: { key: text } },
            'options.fields["key"]',
            ...rest,
          ],
          ['the variable in a condition', key, name([['eq', '$acl', text]]), 'options.conditions[0]', ...rest],
        ]
      },
    ),
    ['a key of 1025 bytes', { key: `${'ř'.repeat(512)}a` }, {}, 'target.key', 'range', /1024 bytes/],
    ['a prefix of 1025 bytes', { keyPrefix: `${'ř'.repeat(512)}a` }, {}, 'target.keyPrefix', 'range', /1024 bytes/],
    ...(['contentType', 'contentTypePrefix'] as const).map(
      (name) =>
        [
          `a wildcard in ${name}`,
          { key: 'a' },
          { [name]: 'image/*' } as Partial<PresignPostOptions>,
          `options.${name}`,
          'invalid',
          /contentTypePrefix is 'image\/'/,
        ] as [string, Partial<PostTarget>, Partial<PresignPostOptions>, string, string, RegExp],
    ),
    [
      'two content types',
      { key: 'a' },
      { contentType: 'image/png', contentTypePrefix: 'image/' },
      'options.contentType',
      'conflict',
      /options\.contentTypePrefix/,
    ],
    [
      'a content type that is also in fields',
      { key: 'a' },
      { contentType: 'image/png', fields: { 'content-type': 'image/png' } },
      'options.contentType',
      'conflict',
      /options\.fields\["content-type"\]/,
    ],
    [
      'a content type outside its prefix',
      { key: 'a' },
      { contentTypePrefix: 'image/', fields: { 'content-type': 'text/html' } },
      'options.fields["content-type"]',
      'mismatch',
      /options\.contentTypePrefix/,
    ],
    [
      'a different bucket',
      { key: 'a' },
      { fields: { bucket: 'other' } },
      'options.fields.bucket',
      'mismatch',
      /target\.bucket/,
    ],
    [
      'the same field in two cases',
      { key: 'a' },
      { fields: { acl: 'private', ACL: 'private' } },
      'options.fields["ACL"]',
      'conflict',
    ],
    ...(
      [
        ['a negative minimum', [-1, 5]],
        ['a maximum below the minimum', [5, 4]],
        ['a fraction of a byte', [0, 4.5]],
        ['no maximum', [0, Number.POSITIVE_INFINITY]],
        ['a range of strings', '5'],
      ] as const
    ).map(([what, contentLengthRange]): [string, object, Options, string, string] => [
      what,
      { key: 'a' },
      { contentLengthRange: contentLengthRange as never },
      'options.contentLengthRange',
      'invalid',
    ]),
    ...(
      [
        ['an invalid condition', ['key'], /List or Object/],
        ['a condition with two properties', [{ a: '1', b: '2' }], /exactly one property/],
        ['an unknown operator', [['ends-with', '$key', 'a']], /unknown operation 'ends-with'/],
        ['a condition without $', [['eq', 'key', 'a']], /'\$key'/],
        ['a condition on the signature', [['eq', '$X-Amz-Signature', 'a']], /'\$key'/],
        ['a condition on the file', [{ file: 'a' }], /'\$key'/],
        ['a condition with a lone surrogate', [{ acl: '\ud800' }], /lone surrogate/],
        ['an invalid range', [['content-length-range', 9, 6]], /whole bytes/],
        ['a condition with the filename variable', [['eq', '$key', 'a/${filename}']], /\$\{filename\}/],
      ] as const
    ).map(([what, conditions, hint]): [string, object, Options, string, string, RegExp] => [
      what,
      { key: 'a' },
      name(conditions),
      'options.conditions[0]',
      'invalid',
      hint,
    ]),
    [
      'an invalid second condition',
      { key: 'a' },
      name([['starts-with', '$x-amz-meta-a', ''], 'key']),
      'options.conditions[1]',
      'invalid',
      /List or Object/,
    ],
    ...(
      [
        ['a condition that contradicts the key', { key: 'a/b' }, name([['starts-with', '$Key', 'b/']])],
        ['a condition that contradicts the prefix', { keyPrefix: 'a/' }, name([['starts-with', '$key', 'b/']])],
        [
          'a condition that contradicts the default key',
          { keyPrefix: 'a/' },
          { fields: { key: 'a/b' }, ...name([{ key: 'a/c' }]) },
        ],
        [
          'a condition that contradicts a field',
          { key: 'a' },
          { fields: { acl: 'private' }, ...name([{ ACL: 'public-read' }]) },
        ],
        ['a condition that contradicts the bucket', { key: 'a' }, name([['eq', '$bucket', 'other']])],
        ['a condition that contradicts the date', { key: 'a' }, name([{ 'x-amz-date': '20151229T000001Z' }])],
        [
          'ranges without overlap',
          { key: 'a' },
          { contentLengthRange: [1, 5], ...name([['content-length-range', 6, 9]]) },
        ],
        [
          'ranges without overlap, in reverse order',
          { key: 'a' },
          { contentLengthRange: [6, 9], ...name([['content-length-range', 1, 5]]) },
        ],
        [
          'a list of content types that contradicts a prefix',
          { key: 'a' },
          { contentType: 'image/png,text/html', ...name([['starts-with', '$content-type', 'image/']]) },
        ],
      ] as const
    ).map(([what, target, options]): [string, object, Options, string, string, RegExp] => [
      what,
      target,
      options as Options,
      'options.conditions[0]',
      'mismatch',
      /contradicts/,
    ]),
    [
      'conditions that contradict each other',
      { key: 'a' },
      name([['starts-with', '$x-amz-meta-a', 'a'], ['starts-with', '$x-amz-meta-a', 'ab'], { 'x-amz-meta-a': 'ac' }]),
      'options.conditions[2]',
      'mismatch',
      /contradicts/,
    ],
    [
      'more than 20 kB',
      { key: 'a' },
      { fields: { tagging: 'x'.repeat(9000) } },
      'options.fields',
      'range',
      /at most 20480 bytes of fields \(got 21\d{3}\)/,
    ],
    [
      'more than 2 kB of metadata',
      { key: 'a' },
      { fields: { 'x-amz-meta-a': 'x'.repeat(1000), 'X-Amz-Meta-Bc': 'ř'.repeat(523) } },
      'options.fields',
      'range',
      /at most 2048 bytes of metadata \(got 2049\)/,
    ],
    [
      'a minimum above the largest file',
      { key: 'a' },
      { contentLengthRange: [5 * 1024 ** 3 + 1, 6 * 1024 ** 3] },
      'options.contentLengthRange',
      'range',
      /5 GiB/,
    ],
    ...[
      'policy',
      'X-Amz-Signature',
      'x-amz-credential',
      'X-AMZ-DATE',
      'x-amz-algorithm',
      'x-amz-security-token',
      'file',
      'AWSAccessKeyId',
      'signature',
    ].map((field): [string, object, Options, string, string, RegExp] => [
      `a field named ${field}`,
      { key: 'a' },
      { fields: { [field]: 'x' } },
      `options.fields[${JSON.stringify(field)}]`,
      'reserved',
      /Omit it/,
    ]),
    ...['', 'a b', 'a"b', 'a\r\nb', 'é', 'a:b', '$key', '__proto__'].map(
      (field): [string, object, Options, string, string, RegExp] => [
        `a field named ${JSON.stringify(field)}`,
        { key: 'a' },
        { fields: { [field]: 'x' } }, // a computed name is an own property, even __proto__
        `options.fields[${JSON.stringify(field)}]`,
        'invalid',
        /letters, digits/,
      ],
    ),
    ...['\ud800', 'a\udc00b', '\udc00\ud800'].flatMap((text): [string, object, Options, string, string, RegExp][] => {
      const rest = ['invalid', /lone surrogate/] as const
      return [
        ['a lone surrogate in a field', { key: 'a' }, { fields: { acl: text } }, 'options.fields["acl"]', ...rest],
        ['a lone surrogate in the key', { key: text }, {}, 'target.key', ...rest],
        ['a lone surrogate in the prefix', { keyPrefix: text }, {}, 'target.keyPrefix', ...rest],
        ['a lone surrogate in the type', { key: 'a' }, { contentType: text }, 'options.contentType', ...rest],
      ]
    }),
    ...['a\nb', 'a\rb', '\n', '\r\r\n', 'a\r\nb', '\r\n'].map(
      (text): [string, object, Options, string, string, RegExp] => [
        'a line break',
        { key: text },
        {},
        'target.key',
        'unsendable',
        /line break/,
      ],
    ),
    [
      'a line break in tags that forms would change',
      { key: 'a' },
      { fields: { tagging: 'a\nb' } },
      'options.fields["tagging"]',
      'unsendable',
      /tagging.+\\r\\n/,
    ],
    ...['\0', 'a\x1bb', '\x08', '\v', '\x7f'].flatMap((text): [string, object, Options, string, string, RegExp][] => {
      const rest = ['invalid', /control character/] as const
      return [
        [
          'a control character in tags',
          { key: 'a' },
          { fields: { Tagging: text } },
          'options.fields["Tagging"]',
          ...rest,
        ],
        ['a control character in the key', { key: text }, {}, 'target.key', ...rest],
        ['a control character in the prefix', { keyPrefix: text }, {}, 'target.keyPrefix', ...rest],
        ['a control character in the type', { key: 'a' }, { contentType: text }, 'options.contentType', ...rest],
        ['a control character in a condition', { key: 'a' }, name([{ acl: text }]), 'options.conditions[0]', ...rest],
      ]
    }),
  ])('is an error: %s', async (_, target, options, argument, reason, hint = /./) => {
    check(await failure(target, options), VALUE, argument, reason, hint)
  })

  it.each<[string, unknown, Options, argument: string, hint?: RegExp]>([
    ['a number for the key', { key: 7 }, {}, 'target.key', /string/],
    ['a number for the prefix', { keyPrefix: 7 }, {}, 'target.keyPrefix', /string/],
    ['a number for the type', { key: 'a' }, { contentType: 7 as never }, 'options.contentType', /string/],
    ['conditions that are not an array', { key: 'a' }, name({}), 'options.conditions', /list/],
    ['pairs as fields', { key: 'a' }, { fields: [['a', 'b']] as never }, 'options.fields', /Object\.fromEntries/],
    ['a string as fields', { key: 'a' }, { fields: 'a=b' as never }, 'options.fields', /Object\.fromEntries/],
    ['an object as a field value', { key: 'a' }, { fields: { acl: {} as never } }, 'options.fields["acl"]', /string/],
  ])('is an error with an invalid argument: %s', async (_, target, options, argument, hint = /./) => {
    check(await failure(target as PostTarget, options), 'ERR_INVALID_ARG_TYPE', argument, 'type', hint)
  })

  it.each<[string, Partial<PostTarget>, Options, code: string, argument: string, reason: string]>([
    ['no options', {}, undefined as never, VALUE, 'target.key', 'missing'],
    ['an invalid bucket', { bucket: 'a/b', key: 'a' }, {}, VALUE, 'target.bucket', 'invalid'],
    ['no region', { region: undefined, key: 'a' }, {}, 'ERR_SIGV4_SCOPE_UNKNOWN', 'target.region', 'missing'],
    [
      'no region for an endpoint',
      { endpoint: 'http://localhost:9000', region: undefined, key: 'a' },
      {},
      'ERR_SIGV4_SCOPE_UNKNOWN',
      'options.region',
      'missing',
    ],
    [
      'no credentials',
      { key: 'a' },
      { credentials: undefined as never },
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials.accessKeyId',
      'missing',
    ],
    [
      'no token',
      { key: 'a' },
      { credentials: { ...credentials, accessKeyId: 'ASIA' } },
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials.sessionToken',
      'missing',
    ],
    ['no date', { key: 'a' }, { now: Number.NaN }, VALUE, 'options.now', 'invalid'],
    ['no lifetime', { key: 'a' }, { expires: 0 }, 'ERR_SIGV4_EXPIRES_RANGE', 'options.expires', 'range'],
  ])('is an error with %s', async (_, target, options, code, argument, reason) => {
    expect(await failure(target, options)).toMatchObject({ code, argument, reason })
  })

  it('is an error without target or options', async () => {
    for (const [target, options] of [
      [undefined, { credentials }],
      [{ ...bucket, key: 'a' }, undefined],
    ] as never[][]) {
      expect(() => synchronous.presignPost(target as never, options as never)).toThrow(TypeError)
      await expect(asynchronous.presignPost(target as never, options as never)).rejects.toThrow(TypeError)
    }
  })

  it('is an error that shows no secret field', async () => {
    const key = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYnk='
    const fields = { 'x-amz-server-side-encryption-customer-key': key }
    const temporary = { ...credentials, sessionToken: TOKEN }
    for (const field of ['x-amz-server-side-encryption-customer-key', 'x-amz-security-token']) {
      const error = await failure({ key: 'a' }, { credentials: temporary, fields, conditions: [{ [field]: 'other' }] })
      expect(error).toMatchObject({ code: VALUE, argument: 'options.conditions[0]', reason: 'mismatch' })
      for (const secret of [key, TOKEN, SECRET]) expect(error.message).not.toContain(secret)
    }
    const form = await post({ key: 'a' }, { credentials: temporary, fields })
    for (const field of ['x-amz-server-side-encryption-customer-key', 'x-amz-security-token']) {
      const thrownBy = synchronous.checkPost(form.fields, { ...form.fields, [field]: 'x' }, { now: signedAt })
      expect(thrownBy).toMatchObject({ reason: 'condition', awsCode: 'AccessDenied', field })
      for (const secret of [key, TOKEN, SECRET]) expect(JSON.stringify(thrownBy)).not.toContain(secret)
    }
  })
})

describe('forms with any content', () => {
  const text = fc.string({ unit: character, maxLength: 30 }).map((text) => text.replace(/[^\P{Cc}\t\x80-\x9f]/gu, ' '))
  const name = fc.stringMatching(/^x-amz-meta-[a-z\d-]{1,8}$/)
  const fields = fc.dictionary(name, text, { maxKeys: 4 })
  const key = text.filter((key) => key !== '')
  const NOW = signedAt + 1000

  it('are the same from both entries, signed as by node:crypto, and accepted by their own policy', async () => {
    const options = fc.record(
      {
        fields,
        contentType: text.map((text) => `a/b;${text}`),
        contentLengthRange: fc.constant<[number, number]>([1, 9]),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(key, fc.boolean(), options, text, async (key, open, options, filename) => {
        const form = await post(open ? { keyPrefix: key } : { key }, options)
        expect(form.fields['x-amz-signature']).toBe(sign(form.fields.policy!, '20151229/eu-west-1/s3/aws4_request'))
        const { conditions } = policyOf(form)
        const names = conditions.map((one) => (Array.isArray(one) ? String(one[1]).slice(1) : Object.keys(one)[0]))
        for (const name of Object.keys(form.fields))
          if (!/^(?:policy|x-amz-signature)$/.test(name))
            expect(names.filter((other) => other === name)).toHaveLength(1)
        expect(Object.keys(form.fields).slice(-2)).toEqual(['policy', 'x-amz-signature'])
        const facts = { size: 5, now: NOW, bucket: 'photos', filename }
        const expanded = form.fields.key!.replaceAll('${filename}', () => filename.replace(/^.*[/\\]/s, ''))
        if (expanded === '') return
        expect(synchronous.checkPost(form.fields, form.fields, facts)).toBeUndefined()
        // the form that users send is the form that was signed
        const sent = new Response(synchronous.toFormData(form, new File(['12345'], filename)))
        expect([...(await sent.formData())].slice(0, -1)).toEqual(Object.entries(form.fields))
      }),
      { numRuns: 300 },
    )
  })

  it('are rejected after any one field is changed, removed or added', async () => {
    await fc.assert(
      fc.asyncProperty(key, fields, text, fc.nat(), async (key, fields, other, index) => {
        const form = await post({ key }, { fields, contentType: 'image/png' })
        const named = Object.keys(form.fields).filter((name) => !/^(?:policy|x-amz-signature)$/.test(name))
        const name = named[index % named.length]!
        const check = (fields: Record<string, string>) =>
          asynchronous.checkPost(form.fields, fields, { size: 5, now: NOW, bucket: 'photos', type: 'image/png' })
        expect(check(form.fields)).toBeUndefined()
        if (other !== form.fields[name])
          expect(check({ ...form.fields, [name]: other })).toMatchObject({ field: name.toLowerCase() })
        const { [name]: _, ...without } = form.fields
        if (name !== 'Content-Type') expect(check(without)).toMatchObject({ field: name.toLowerCase() })
        expect(check({ ...form.fields, 'x-amz-meta-': '' })).toMatchObject({ field: 'x-amz-meta-' })
      }),
      { numRuns: 300 },
    )
  })
})

describe.each([
  ['sigv4', asynchronous],
  ['sigv4/sync', synchronous],
])('toFormData of %s', (_, { toFormData, checkPost }) => {
  const presigned = (options: Options = {}, target: object = { keyPrefix: 'a/' }) =>
    synchronous.presignPost({ ...bucket, ...target } as PostTarget, { credentials, now: signedAt, ...options } as never)
  const cat = new File(['GIF89a'], 'cat.gif', { type: 'image/gif' })

  it('appends the fields in order, and the file last', () => {
    const form = presigned({ contentType: 'image/gif', fields: { acl: 'private' } })
    const entries = [...toFormData(form, cat)]
    expect(entries.slice(0, -1)).toEqual(Object.entries(form.fields))
    expect(entries.at(-1)).toEqual(['file', cat])
    expect((entries.at(-1)![1] as File).name).toBe('cat.gif')
  })

  it('accepts a form that was serialized as JSON', () => {
    const form = presigned()
    expect([...toFormData(JSON.parse(JSON.stringify(form)), cat)]).toEqual([...toFormData(form, cat)])
  })

  it.each<[string, asynchronous.PostFile, string]>([
    ['a Blob', new Blob(['a\nb']), 'a\nb'],
    ['a string', 'a\nbé', 'a\nbé'],
    ['bytes', new Uint8Array([0, 97, 10, 98, 0]).subarray(1, 4), 'a\nb'],
    ['an ArrayBuffer', new Uint8Array([97, 10, 98]).buffer, 'a\nb'],
  ])('accepts %s unchanged', async (_, file, expected) => {
    const sent = await new Response(toFormData(presigned(), file)).formData()
    const received = sent.get('file') as File
    expect(await received.text()).toBe(expected)
    expect(received.name).toBe('file')
  })

  it('sets the name of the file', () => {
    const named = (file: asynchronous.PostFile) =>
      (toFormData(presigned(), file, { filename: 'dög.gif' }).get('file') as File).name
    expect([cat, new Blob(['x']), 'x'].map(named)).toEqual(['dög.gif', 'dög.gif', 'dög.gif'])
  })

  it('adds the content type of the file if the policy requires one', () => {
    const open = presigned({ contentTypePrefix: '' })
    expect(toFormData(open, cat).get('Content-Type')).toBe('image/gif')
    expect([...toFormData(open, cat)].at(-1)![0]).toBe('file')
    for (const untyped of ['x', new File(['x'], 'x')])
      expect(toFormData(open, untyped).get('Content-Type')).toBe('application/octet-stream')
    expect(toFormData(open, 'x', { fields: { 'content-type': 'text/x' } }).get('content-type')).toBe('text/x')
    expect(toFormData(presigned(), cat).has('Content-Type')).toBe(false)
    expect([...toFormData({ fields: { key: 'a' } } as never, cat)].map(([name]) => name)).toEqual(['key', 'file'])
    expect(toFormData(presigned({ contentType: 'text/plain' }), cat).getAll('Content-Type')).toEqual(['text/plain'])
  })

  it('replaces and adds fields of the sender', () => {
    const form = presigned({ conditions: [['starts-with', '$x-amz-meta-tag', '']] }, { keyPrefix: 'a/' })
    const filled = toFormData(form, cat, { fields: { KEY: 'a/b', 'x-amz-meta-tag': 'mine' } })
    expect(filled.getAll('key')).toEqual(['a/b'])
    expect([...filled].map(([name]) => name)).toEqual([...Object.keys(form.fields), 'x-amz-meta-tag', 'file'])
    expect(checkPost(form.fields, filled, { now: signedAt, bucket: 'photos' })).toBeUndefined()
    const away = toFormData(form, cat, { fields: { key: 'b', 'x-amz-meta-tag': 'mine' } })
    expect(checkPost(form.fields, away, { now: signedAt })).toMatchObject({ field: 'key' })
  })

  it('omits undefined values, and converts numbers', () => {
    const own = { success_action_status: 201, 'x-amz-meta-a': undefined }
    const filled = toFormData(presigned(), cat, { fields: own })
    expect(filled.get('success_action_status')).toBe('201')
    expect(filled.has('x-amz-meta-a')).toBe(false)
  })

  it('appends one file', () => {
    expect(() => toFormData(presigned(), cat, { fields: { File: 'another' } })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        message: 'options.fields.file cannot be used here. Pass the file as an argument.',
      }),
    )
  })

  it('passes on the file of React Native under its name', () => {
    const appended: unknown[][] = []
    class NativeFormData {
      append(...parts: unknown[]): void {
        appended.push(parts)
      }
    }
    const file = { uri: 'file:///cat.gif', name: 'cat.gif', type: 'image/gif' }
    fillForm(presigned({ contentTypePrefix: 'image/' }), file, {}, NativeFormData, Blob as never)
    expect(appended.at(-1)).toEqual(['file', file])
    expect(appended).toContainEqual(['Content-Type', 'image/gif'])
    const named = { ...file, name: 'dog.gif' }
    fillForm(presigned(), file, { filename: 'dog.gif' }, NativeFormData, Blob as never)
    expect(appended.at(-1)).toEqual(['file', named])
    fillForm(presigned(), { uri: file.uri }, {}, NativeFormData, Blob as never)
    expect(appended.at(-1)).toEqual(['file', { uri: file.uri, name: 'file' }])
  })

  it.each<[string, unknown, unknown]>([
    ['a path', { path: '/cat.gif' }, undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a number', 7, undefined],
    ['a list', [cat], undefined],
    ['an invalid form', cat, {}],
    ['no form', cat, null],
  ])('rejects %s', (_, file, form = presigned()) => {
    expect(() => toFormData(form as never, file as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message:
          file === cat
            ? 'post has the wrong type. Pass the result of presignPost.'
            : 'file has the wrong type. Pass a File, a Blob, a string or bytes.',
      }),
    )
  })

  it.each(['FormData', 'Blob'])('explains the alternative without %s', (name) => {
    const { [name]: kept } = globalThis as unknown as Record<string, unknown>
    Reflect.deleteProperty(globalThis, name)
    try {
      expect(() => toFormData(presigned(), 'x')).toThrow(
        expect.objectContaining({
          code: 'ERR_SIGV4_REQUEST_UNSENDABLE',
          message: 'FormData or Blob is missing. Send post.fields in order, and the file last.',
        }),
      )
    } finally {
      Object.defineProperty(globalThis, name, { value: kept, configurable: true, writable: true })
    }
  })

  it('returns a form that checkPost accepts with the details of its file', () => {
    const form = presigned({ contentTypePrefix: 'image/', contentLengthRange: [1, 6] })
    const check = (file: File) => checkPost(form.fields, toFormData(form, file), { now: signedAt, bucket: 'photos' })
    expect(check(cat)).toBeUndefined()
    expect(check(new File(['GIF89a!'], 'cat.gif', { type: 'image/gif' }))).toMatchObject({ awsCode: 'EntityTooLarge' })
    expect(check(new File([], 'cat.gif', { type: 'image/gif' }))).toMatchObject({ awsCode: 'EntityTooSmall' })
    expect(check(new File(['x'], 'cat.txt', { type: 'text/plain' }))).toMatchObject({ field: 'content-type' })
  })
})

describe('checkPost', () => {
  const form = synchronous.presignPost({ ...bucket, key: 'a' }, { credentials, expires: 60 })
  const json = Buffer.from(form.fields.policy!, 'base64').toString()

  it.each([
    ['the fields', form.fields],
    [
      'the fields in uppercase',
      Object.fromEntries(Object.entries(form.fields).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['base64', form.fields.policy],
    ['JSON', json],
    ['a parsed document', JSON.parse(json)],
  ])('accepts the policy as %s', (_, policy) => {
    for (const { checkPost } of [asynchronous, synchronous]) {
      expect(checkPost(policy, form.fields)).toBeUndefined()
      expect(checkPost(policy, form.fields, { now: Date.now() + 61_000 })).toMatchObject({ status: 403 })
      expect(checkPost(policy, form.fields, { now: new Date(Date.now() + 61_000) })).toMatchObject({ status: 403 })
      expect(checkPost(policy, { ...form.fields, key: 'b' })).toMatchObject({ condition: '["eq", "$key", "a"]' })
    }
  })

  it('accepts null as facts', () => {
    for (const { checkPost } of [asynchronous, synchronous])
      expect(checkPost(form.fields, form.fields, null as never)).toBeUndefined()
  })

  it('reports fields without a policy', () => {
    expect(synchronous.checkPost({ key: 'a' }, form.fields)).toMatchObject({ awsCode: 'InvalidPolicyDocument' })
  })
})
