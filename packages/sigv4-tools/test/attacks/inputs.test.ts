// biome-ignore-all lint/suspicious/noTemplateCurlyInString: S3's own variable

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as asynchronous from '../../../../src/index.ts'
import * as synchronous from '../../../../src/sync.ts'
import { allows, type Pair, replaced } from '../../../../test/support/attacks/forms.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type Started, start } from '../support/serve/start.ts'

// A user whose input a server signs: a key, a name, a type. No input may widen what the result allows.

const ENTRIES = [
  ['sigv4', asynchronous],
  ['sigv4/sync', synchronous],
] as const
type Entry = typeof asynchronous

const credentials = { ...CREDENTIALS }
const NOW = Date.UTC(2026, 10, 25, 12)
let attacks = 0

/** Runs a call, and returns its result or the error that it throws or rejects with. */
async function attempt<Result>(call: () => Result | Promise<Result>): Promise<Result | (TypeError & { code: string })> {
  attacks++
  try {
    return await call()
  } catch (error) {
    return error as TypeError & { code: string }
  }
}

/** Asserts that a call throws the error of an argument, and returns it. */
async function rejected(call: () => unknown): Promise<{ code: string; argument: string; reason: string }> {
  const error = (await attempt(call)) as { code: string; argument: string; reason: string }
  expect(error, `signed: ${(error as { url?: string }).url}`).toBeInstanceOf(TypeError)
  expect(error.code).toMatch(/^ERR_INVALID_ARG_(?:TYPE|VALUE)$/)
  return error
}

type Target = { bucket: string; key: string; region: string; endpoint?: string; pathStyle?: boolean }
const upload = { credentials, size: 1 }

/** Everything that signs for an S3 object. */
const SIGNERS: Record<string, (entry: Entry, target: Target) => unknown> = {
  'presign GET': ({ presign }, target) => presign('GET', target, { credentials }),
  'presign PUT': ({ presign }, target) => presign('PUT', target, { credentials }),
  'presign POST': ({ presign }, target) => presign('POST', target, { credentials, query: { delete: '' } }),
  presignGet: ({ presignGet }, target) => presignGet(target, { credentials }),
  'presignGet with a list': ({ presignGet }, target) => presignGet(target, { credentials, query: { 'list-type': 2 } }),
  'presignGet with a file name': ({ presignGet }, target) => presignGet(target, { credentials, download: 'cat.jpg' }),
  presignPut: ({ presignPut }, target) => presignPut(target, { credentials, contentType: 'image/png' }),
  presignHead: ({ presignHead }, target) => presignHead(target, { credentials }),
  presignDelete: ({ presignDelete }, target) => presignDelete(target, { credentials }),
  presignPost: ({ presignPost }, target) => presignPost(target, { credentials }),
  presignMultipartUpload: ({ presignMultipartUpload }, target) => presignMultipartUpload(target, upload),
  presignMultipartParts: ({ presignMultipartParts }, target) =>
    presignMultipartParts(target, { ...upload, uploadId: 'id' }),
  objectUrl: ({ objectUrl }, target) => objectUrl(target),
}

const PLACES: Omit<Target, 'key'>[] = [
  { bucket: 'photos', region: 'eu-west-1' },
  { bucket: 'photos', region: 'eu-west-1', pathStyle: true },
  { bucket: 'my.photos', region: 'eu-west-1' },
  { bucket: 'photos', region: 'us-east-1', endpoint: 'http://localhost:9000' },
  { bucket: 'photos', region: 'us-east-1', endpoint: 'http://localhost:9000/s3/' },
  { bucket: 'photos', region: 'us-east-1', endpoint: 'https://s3.example.com', pathStyle: false },
  { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' },
]

describe.each(ENTRIES)('an empty key, %s', (_, entry) => {
  it.each(Object.keys(SIGNERS))('%s does not sign for the bucket', async (name) => {
    for (const place of PLACES) {
      const error = await rejected(() => SIGNERS[name]!(entry as Entry, { ...place, key: '' }))
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: 'target.key', reason: 'missing' })
    }
  })

  it.each(Object.keys(SIGNERS))('%s does not sign for the bucket if the key is not a string', async (name) => {
    for (const key of [undefined, null, 0, false, [], [''], {}, Object('')] as never[]) {
      const error = await rejected(() => SIGNERS[name]!(entry as Entry, { ...PLACES[0]!, key }))
      expect(error.argument).toBe('target.key')
    }
    const { key, ...bucket } = { ...PLACES[0]!, key: '' }
    await rejected(() => SIGNERS[name]!(entry as Entry, bucket as Target))
  })

  it.each(Object.keys(SIGNERS).filter((name) => name !== 'presignPost'))(
    '%s signs for an object whatever else the key is',
    async (name) => {
      for (const key of [
        '/',
        '//',
        ' ',
        '\t',
        '?',
        '#',
        '?list-type=2',
        '%',
        '%2F',
        '\ufeff',
        '\u200b',
        'a/..',
        './a',
      ]) {
        const result = (await attempt(() => SIGNERS[name]!(entry as Entry, { ...PLACES[0]!, key }))) as Record<
          string,
          never
        >
        const { url } = result.create ?? result.complete ?? (typeof result === 'string' ? { url: result } : result)
        const { pathname, hostname } = new URL(url as unknown as string)
        expect([hostname, pathname], `${name} ${key}`).toEqual([
          'photos.s3.eu-west-1.amazonaws.com',
          expect.stringMatching(/^\/./),
        ])
      }
    },
  )

  it('an empty upload ID does not sign for the object itself', async () => {
    for (const uploadId of ['', undefined, null, [], ['']] as never[])
      await rejected(() => (entry as Entry).presignMultipartParts({ ...PLACES[0]!, key: 'a' }, { ...upload, uploadId }))
  })
})

describe('a server that signs for the key in the path of a request', () => {
  let started: Started
  let endpoint: string
  beforeAll(async () => {
    started = await start()
    endpoint = `http://127.0.0.1:${started.server.port}`
    await started.s3('PUT', '/photos/private/cat.jpg', { body: 'a cat' })
    await started.s3('PUT', '/empty')
  })
  afterAll(() => started.stop())

  /** The route of docs/recipes.md, for any method; then the client sends the URL. */
  async function route(entry: Entry, method: string, bucket: string, path: string): Promise<string> {
    const key = decodeURIComponent(path.slice(1))
    const result = await attempt(() =>
      entry.presign(method, { bucket, key, region: 'us-east-1', endpoint }, { credentials }),
    )
    if (result instanceof Error) return 'rejected'
    const response = await fetch(result.url, { method })
    return `${response.status} ${await response.text()}`
  }

  it.each(ENTRIES)('does not list, create or delete a bucket: %s', async (_, entry) => {
    const served = entry as Entry
    expect(await route(served, 'GET', 'photos', '/private/cat.jpg')).toBe('200 a cat')
    expect(await route(served, 'GET', 'photos', '/')).not.toContain('cat.jpg')
    expect(await route(served, 'PUT', 'created', '/')).toBe('rejected')
    expect(await route(served, 'DELETE', 'empty', '/')).toBe('rejected')
    const { text } = await started.s3('GET', '/')
    expect(text).toContain('<Name>empty</Name>')
    expect(text).not.toContain('<Name>created</Name>')
  })

  it.each(ENTRIES)('signs for a bucket whose URL the server passes: %s', async (_, entry) => {
    const { presignGet } = entry as Entry
    const options = { credentials, region: 'us-east-1', service: 's3', query: { 'list-type': 2 } }
    for (const bucket of [`${endpoint}/photos`, `${endpoint}/photos/`]) {
      const { url } = await presignGet(bucket, options)
      expect(await (await fetch(url)).text()).toContain('<Key>private/cat.jpg</Key>')
    }
  })
})

const bucket = { bucket: 'photos', region: 'eu-west-1' }
const signing = { credentials, now: NOW }

/** A form with a part that a user chose, and what that user sends instead. */
type Form = readonly [sign: (entry: Entry, input: string) => unknown, field: string, evil: readonly string[]]

/** Where a server uses the input of a user in a form. */
const FORMS: Record<string, Form> = {
  'the name of a file in the key': [
    ({ presignPost }, input) => presignPost({ ...bucket, key: `uploads/7/${input}.png` }, signing),
    'key',
    ['uploads/7/evil.html', 'uploads/7/'],
  ],
  'a user name in the key': [
    ({ presignPost }, input) => presignPost({ ...bucket, key: `${input}/avatar.png` }, signing),
    'key',
    ['admin/avatar.png', 'index.html'],
  ],
  'a key in fields': [
    ({ presignPost }, input) =>
      presignPost({ ...bucket, keyPrefix: '' }, { ...signing, fields: { key: input }, conditions: [{ key: input }] }),
    'key',
    ['admin/avatar.png'],
  ],
  'the owner in metadata': [
    ({ presignPost }, input) =>
      presignPost({ ...bucket, key: 'a' }, { ...signing, fields: { 'x-amz-meta-owner': input } }),
    'x-amz-meta-owner',
    ['admin', ''],
  ],
  'a content type': [
    ({ presignPost }, input) => presignPost({ ...bucket, key: 'a' }, { ...signing, contentType: `${input}/plain` }),
    'Content-Type',
    ['text/html'],
  ],
  'a subtype': [
    ({ presignPost }, input) => presignPost({ ...bucket, key: 'a' }, { ...signing, contentType: `image/${input}` }),
    'Content-Type',
    ['image/svg+xml'],
  ],
  'a content type in fields': [
    ({ presignPost }, input) => presignPost({ ...bucket, key: 'a' }, { ...signing, fields: { 'Content-Type': input } }),
    'Content-Type',
    ['text/html'],
  ],
  'a redirect': [
    ({ presignPost }, input) =>
      presignPost(
        { ...bucket, key: 'a' },
        { ...signing, fields: { success_action_redirect: `https://${input}.example.com/` } },
      ),
    'success_action_redirect',
    ['https://evil.example/', 'https://'],
  ],
  'a storage class': [
    ({ presignPost }, input) =>
      presignPost({ ...bucket, key: 'a' }, { ...signing, fields: { 'x-amz-storage-class': input } }),
    'x-amz-storage-class',
    ['GLACIER'],
  ],
}

describe.each(ENTRIES)('the variable ${filename} in a form, %s', (_, entry) => {
  it.each(Object.keys(FORMS))('%s does not let the sender choose a different value', async (name) => {
    const [sign, field, evil] = FORMS[name]!
    for (const input of ['${filename}', '${filename}${filename}', '${filename}x', '$${filename}', '${${filename}']) {
      const result = (await attempt(() => sign(entry as Entry, input))) as asynchronous.PresignedPost
      for (const value of evil) {
        const fields = replaced(Object.entries(result.fields ?? {}) as Pair[], field, value)
        for (const filename of [undefined, 'evil', 'a/b'])
          expect(allows(fields, { size: 1, filename, now: NOW }), `${input}: ${value}`).toBe(false)
      }
      expect(result, `signed: ${input}`).toBeInstanceOf(TypeError)
      expect(result).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', reason: 'invalid' })
    }
  })

  it.each(Object.keys(FORMS))('%s may contain what only resembles it', async (name) => {
    const [sign, field, evil] = FORMS[name]!
    for (const input of ['cat', '$filename', '{filename}', '${file}', '${filename', '$&', '$1', "$'"]) {
      if (/^a (?:content type|subtype)$/.test(name) && /[{}]/.test(input)) {
        await expect(attempt(() => sign(entry as Entry, input))).resolves.toMatchObject({ reason: 'invalid' })
        continue
      }
      const { fields } = (await attempt(() => sign(entry as Entry, input))) as asynchronous.PresignedPost
      const pairs = Object.entries(fields) as Pair[]
      expect(allows(pairs, { size: 1, filename: 'evil', now: NOW }), input).toBe(true)
      for (const value of evil)
        expect(allows(replaced(pairs, field, value), { size: 1, filename: 'evil', now: NOW }), input).toBe(false)
    }
  })

  it('a prefix lets the sender choose what follows it, and nothing else', async () => {
    const { presignPost } = entry as Entry
    const { fields } = await presignPost({ ...bucket, keyPrefix: 'uploads/7/' }, signing)
    expect(fields.key).toBe('uploads/7/${filename}')
    const pairs = Object.entries(fields) as Pair[]
    const sent = (key: string, filename: string) => allows(replaced(pairs, 'key', key), { size: 1, filename, now: NOW })
    expect([sent(fields.key!, 'cat.png'), sent('uploads/7/a/b', 'x'), sent('uploads/8/a', 'x')]).toEqual([
      true,
      true,
      false,
    ])
    expect([sent('${filename}', 'uploads/7/x'), sent('uploads/${filename}', '7/x')]).toEqual([false, false])
  })
})

it('runs all of its attacks', () => expect(attacks).toBeGreaterThan(900))
