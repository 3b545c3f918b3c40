// biome-ignore-all lint/suspicious/noTemplateCurlyInString: an S3 variable
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { deriveSigningKey, type PresignedPost, type PresignPostOptions, presignPost } from '../../../src/index.ts'
import { crc32, crc32c, crc64nvme, sha1, sha256 } from '../../../src/streams.ts'
import { type Bench, load, object, scoped, using } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import { accepted, type Reply, send, sendRaw, text } from '../wire.ts'

const HOUR = 60 * 60 * 1000
const TEXT = new File(['hello, hello'], 'hällo wörld.txt', { type: 'text/plain' })
const PNG = new File([new Uint8Array([137, 80, 78, 71, 0, 13, 10, 13])], 'cat.png', { type: 'image/png' })

type PostOptions = Partial<PresignPostOptions> & { key?: string; keyPrefix?: string; bucket?: string; region?: string }

/** Presigns a form for the key `name` of the case, or as the options specify. */
async function formFor(bench: Bench, name: string, { key, keyPrefix, bucket, ...options }: PostOptions = {}) {
  const { key: own, ...place } = object(bench, name)
  const target = {
    ...place,
    bucket: bucket ?? place.bucket,
    ...(keyPrefix === undefined ? { key: key ?? own } : { keyPrefix: bench.prefix + keyPrefix }),
  }
  const { credentials } = bench.server
  return (await bench.sigv4.presignPost(target, { credentials, ...options } as never)) as PresignedPost
}

/** Sends a form as users do, with some fields changed or omitted. */
async function sendForm(
  bench: Bench,
  post: Pick<PresignedPost, 'url' | 'fields'>,
  file: Blob | string,
  change: Record<string, string | undefined> = {},
): Promise<Reply> {
  const fields = Object.fromEntries(
    Object.entries({ ...post.fields, ...change }).filter((field): field is [string, string] => field[1] !== undefined),
  )
  const body = bench.sigv4.toFormData({ fields }, file)
  return send({ method: 'POST', url: post.url, headers: {} }, { body, redirect: 'manual' } as object)
}

export const formCases: Case[] = [
  works('form', 'form: bytes, content type, metadata and headers', async (bench) => {
    const fields = {
      'x-amz-meta-note': "it's (me)!* $5, \\x",
      'Cache-Control': 'max-age=60',
      'Content-Disposition': 'attachment; filename="a b.png"',
    }
    const post = await formFor(bench, 'picture', { contentType: 'image/png', contentLengthRange: [8, 8], fields })
    accepted(await sendForm(bench, post, PNG))
    const { body, headers } = accepted(await load(bench, 'picture'))
    expect(body).toEqual(new Uint8Array(await PNG.arrayBuffer()))
    expect(headers.get('content-type')).toBe('image/png')
    expect(headers.get('cache-control')).toBe('max-age=60')
    expect(headers.get('content-disposition')).toBe('attachment; filename="a b.png"')
    expect(headers.get('x-amz-meta-note')).toBe(fields['x-amz-meta-note'])
  }),

  ...['a b+c%20d', "it's (1)!*~", 'řeka/日本/🙂', '"q" & <x>', '${file} $key'].map((key) =>
    works('form', `form: key ${key}`, async (bench) => {
      accepted(await sendForm(bench, await formFor(bench, key), 'named'))
      expect(text(accepted(await load(bench, key)))).toBe('named')
    }),
  ),

  works('form', 'form: the sender chooses the key under a prefix', async (bench) => {
    const post = await formFor(bench, '', { keyPrefix: 'home/' })
    for (const key of ['home/one', 'home/t/wo']) accepted(await sendForm(bench, post, key, { key: bench.prefix + key }))
    expect(text(accepted(await load(bench, 'home/t/wo')))).toBe('home/t/wo')
  }),

  works('form', 'form: the content type is that of the file, within a prefix', async (bench) => {
    const post = await formFor(bench, 'open', { contentTypePrefix: 'text/' })
    accepted(await sendForm(bench, post, TEXT))
    const reply = accepted(await load(bench, 'open'))
    expect(text(reply)).toBe('hello, hello')
    expect(reply.headers.get('content-type')).toBe('text/plain')
  }),

  works('form', 'form: the file names the object', async (bench) => {
    accepted(await sendForm(bench, await formFor(bench, '', { keyPrefix: 'by/' }), TEXT))
    expect(text(accepted(await load(bench, 'by/hällo wörld.txt')))).toBe('hello, hello')
  }),

  works('form', 'form: an empty file', async (bench) => {
    accepted(await sendForm(bench, await formFor(bench, 'empty', { contentLengthRange: [0, 0] }), ''))
    expect(accepted(await load(bench, 'empty')).body).toHaveLength(0)
  }),

  works('form', 'form: two megabytes', async (bench) => {
    const content = new Uint8Array(2_000_000).map((_, index) => index % 251)
    const post = await formFor(bench, 'large', { contentLengthRange: [1, 2_000_000] })
    accepted(await sendForm(bench, post, new Blob([content])))
    expect(Buffer.compare(accepted(await load(bench, 'large')).body, content)).toBe(0)
  }),

  works('form', 'form: 201 response with a document', async (bench) => {
    const reply = await sendForm(bench, await formFor(bench, 'told', { fields: { success_action_status: 201 } }), 'x')
    expect(accepted(reply).status).toBe(201)
    expect(text(reply)).toContain(`<Key>${bench.prefix}told</Key>`)
  }),

  works('form', 'form: redirect response', async (bench) => {
    const fields = { success_action_redirect: 'https://example.com/done?a=b' }
    const reply = await sendForm(bench, await formFor(bench, 'told', { fields }), 'x')
    expect(reply.status).toBe(303)
    const { origin, searchParams } = new URL(reply.headers.get('location')!)
    expect(origin).toBe('https://example.com')
    expect([searchParams.get('a'), searchParams.get('key')]).toEqual(['b', `${bench.prefix}told`])
  }),

  works('form', 'form: tags', async (bench) => {
    const tagging = '<Tagging><TagSet>\r\n<Tag><Key>colour</Key><Value>blue</Value></Tag></TagSet></Tagging>'
    accepted(await sendForm(bench, await formFor(bench, 'tagged', { fields: { tagging } }), 'x'))
    expect(text(accepted(await load(bench, 'tagged', { query: { tagging: '' } })))).toContain('<Key>colour</Key>')
  }),

  works('form', 'form: a checksum', async (bench) => {
    const sha256 = createHash('sha256').update('checked').digest('base64')
    const fields = { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': sha256 }
    accepted(await sendForm(bench, await formFor(bench, 'checked', { fields }), 'checked'))
    const look = await bench.sigv4.presignHead(
      object(bench, 'checked'),
      using(bench, { headers: { 'x-amz-checksum-mode': 'ENABLED' } }),
    )
    expect(accepted(await send(look)).headers.get('x-amz-checksum-sha256')).toBe(sha256)
  }),

  works('form', 'form: a storage class and an ACL', async (bench) => {
    const fields = { 'x-amz-storage-class': 'STANDARD', acl: 'private' }
    accepted(await sendForm(bench, await formFor(bench, 'stored', { fields }), 'x'))
    expect(text(accepted(await load(bench, 'stored')))).toBe('x')
  }),

  works('form', 'form: encryption by the server', async (bench) => {
    const fields = { 'x-amz-server-side-encryption': 'AES256' }
    accepted(await sendForm(bench, await formFor(bench, 'encrypted', { fields }), 'x'))
    expect(text(accepted(await load(bench, 'encrypted')))).toBe('x')
  }),

  works('form', 'form: unchanged', async (bench) => {
    const { url, fields } = await formFor(bench, 'bound', {
      contentType: 'text/x-bound',
      contentLengthRange: [TEXT.size, TEXT.size],
      fields: {
        acl: 'private',
        success_action_status: 200,
        'Cache-Control': 'no-cache',
        'Content-Disposition': 'inline',
        'Content-Encoding': 'identity',
        Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
        'x-amz-meta-a': '$1',
        'x-amz-storage-class': 'STANDARD',
        'x-amz-website-redirect-location': '/elsewhere',
      },
    })
    for (const name of Object.keys(fields).filter((name) => !/^(?:policy|x-amz-signature)$/.test(name)))
      for (const value of [`${fields[name]}1`, fields[name]!.slice(0, -1), undefined]) {
        const { status } = await sendForm(bench, { url, fields }, TEXT, { [name]: value })
        expect(status, `${name}: ${value}`).toBeGreaterThanOrEqual(400)
      }
    expect((await load(bench, 'bound')).status).toBe(404)
    expect(accepted(await sendForm(bench, { url, fields }, TEXT)).status).toBe(200)
    expect(text(accepted(await load(bench, 'bound')))).toBe('hello, hello')
  }),

  works('form', 'form: a field that S3 ignores', async (bench) => {
    accepted(await sendForm(bench, await formFor(bench, 'ignored'), 'x', { 'x-ignore-me': 'anything' }))
  }),

  works('form', 'form: field names in a different case', async (bench) => {
    const { url, fields } = await formFor(bench, 'cased', { contentType: 'text/x-cased' })
    const { 'Content-Type': type, 'x-amz-date': date, ...rest } = fields
    const changed = { 'X-AMZ-Date': date!, 'Content-Type': type!, ...rest }
    accepted(await sendForm(bench, { url, fields: changed }, 'x'))
    expect(accepted(await load(bench, 'cased')).headers.get('content-type')).toBe('text/x-cased')
  }),

  works('form', 'form: an additional condition for a field of the sender', async (bench) => {
    const post = await formFor(bench, 'more', { conditions: [['starts-with', '$x-amz-meta-tag', '']] })
    accepted(await sendForm(bench, post, 'x', { 'x-amz-meta-tag': 'mine' }))
    expect(accepted(await load(bench, 'more')).headers.get('x-amz-meta-tag')).toBe('mine')
  }),

  works('form', 'form: signed two hours ago for a day', async (bench) => {
    const post = await formFor(bench, 'old', { now: Date.now() - 2 * HOUR, expires: '1d' })
    accepted(await sendForm(bench, post, 'x'))
  }),

  works('form', 'form: the bucket in the host', async (bench) => {
    const { region, virtualHostEndpoint: endpoint, credentials } = bench.server
    const target = { bucket: bench.bucket, key: `${bench.prefix}hosted`, region, endpoint, pathStyle: false }
    const { url, fields } = await bench.sigv4.presignPost(target, { credentials })
    expect(new URL(url).pathname).toBe('/')
    const form = new Response(bench.sigv4.toFormData({ fields }, 'x'))
    const headers = { 'content-type': form.headers.get('content-type')! }
    accepted(await sendRaw({ method: 'POST', url, headers, body: new Uint8Array(await form.arrayBuffer()) }))
    expect(text(accepted(await load(bench, 'hosted')))).toBe('x')
  }),

  works('form', 'form: signed with a CryptoKey', async (bench) => {
    const { region, credentials } = bench.server
    const signedAt = Date.now()
    const scope = { date: signedAt, region, service: 's3' }
    const signingKey = await deriveSigningKey(scope, { credentials, extractable: false })
    const holder = { accessKeyId: credentials.accessKeyId, signingKey }
    const post = await presignPost(object(bench, 'sealed'), { credentials: async () => holder, now: signedAt })
    accepted(await sendForm(bench, post, 'sealed'))
    expect(text(accepted(await load(bench, 'sealed')))).toBe('sealed')
  }),
]

const DENIED: [number, string] = [403, 'AccessDenied']
const MISMATCH: [number, string] = [403, 'SignatureDoesNotMatch']
const ARGUMENT: [number, string] = [400, 'InvalidArgument']

/** Returns a different string of the same length, so that only the value is wrong. */
function altered(signature: string): string {
  return signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
}

/** Creates a case that rejects a form with a changed or missing field. */
function fieldCase(
  name: string,
  s3: [number, string],
  change: (bench: Bench, post: PresignedPost) => Record<string, string | undefined>,
  options: PostOptions = {},
): Case {
  return isRejected('form', `form: ${name}`, s3, async (bench) => {
    const post = await formFor(bench, 'upload', options)
    return sendForm(bench, post, TEXT, change(bench, post))
  })
}

/** Creates a case that rejects an unchanged form. */
function formCase(name: string, s3: [number, string], options: (bench: Bench) => PostOptions): Case {
  return isRejected('form', `form: ${name}`, s3, async (bench) =>
    sendForm(bench, await formFor(bench, 'upload', options(bench)), TEXT),
  )
}

const fields = { 'x-amz-meta-a': 'one' }

export const formRejections: Case[] = [
  ...[crc32, crc32c, crc64nvme, sha1, sha256].map((checksum) => {
    const { algorithm } = checksum
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    return isRejected('form', `form: ${algorithm} and one changed byte`, [400, 'BadDigest'], async (bench) => {
      const running = checksum.create()
      running.update('upload')
      const fields = { 'x-amz-checksum-algorithm': algorithm, [name]: running.digest() }
      const post = await formFor(bench, `form-${algorithm}`, { fields })
      accepted(await sendForm(bench, post, 'upload'))
      return sendForm(bench, post, 'uploae')
    })
  }),
  fieldCase('different key', DENIED, ({ prefix }) => ({ key: `${prefix}other` })),
  fieldCase('a key outside the prefix', DENIED, ({ prefix }) => ({ key: `${prefix}away/x` }), { keyPrefix: 'home/' }),
  fieldCase('different content type', DENIED, () => ({ 'Content-Type': 'text/html' }), { contentType: 'text/plain' }),
  fieldCase('metadata changed', DENIED, () => ({ 'x-amz-meta-a': 'two' }), { fields }),
  fieldCase('metadata missing', DENIED, () => ({ 'x-amz-meta-a': undefined }), { fields }),
  fieldCase('metadata added', DENIED, () => ({ 'x-amz-meta-b': 'two' }), { fields }),
  fieldCase('a content type that is not in the policy', DENIED, () => ({ 'Content-Type': 'text/plain' })),
  fieldCase('the date changed', DENIED, (_, post) => ({
    'x-amz-date': post.fields['x-amz-date']!.replace(/\d{2}Z$/, (seconds) => (seconds === '00Z' ? '01Z' : '00Z')),
  })),
  fieldCase('signature altered', MISMATCH, (_, post) => ({
    'x-amz-signature': altered(post.fields['x-amz-signature']!),
  })),
  fieldCase('policy altered', MISMATCH, (_, { fields: { policy } }) => ({
    policy: Buffer.from(Buffer.from(policy!, 'base64').toString().replace('}', ' }')).toString('base64'),
  })),
  fieldCase('signature missing', ARGUMENT, () => ({ 'x-amz-signature': undefined })),
  fieldCase('credential missing', ARGUMENT, () => ({ 'x-amz-credential': undefined })),
  fieldCase('key missing', ARGUMENT, () => ({ key: undefined })),
  formCase('the file too large', [400, 'EntityTooLarge'], () => ({ contentLengthRange: [1, TEXT.size - 1] })),
  formCase('the file too small', [400, 'EntityTooSmall'], () => ({ contentLengthRange: [TEXT.size + 1, 1000] })),
  formCase('content type of the file outside the prefix', DENIED, () => ({ contentTypePrefix: 'image/' })),
  formCase('expired', DENIED, () => ({ now: Date.now() - HOUR / 2, expires: 60 })),
  formCase('secret wrong', MISMATCH, ({ server: { credentials } }) => ({
    credentials: { ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` },
  })),
  formCase('access key unknown', [403, 'InvalidAccessKeyId'], ({ server: { credentials } }) => ({
    credentials: { ...credentials, accessKeyId: 'AKIAUNKNOWN' },
  })),
  formCase('region wrong', ARGUMENT, () => ({ region: 'eu-north-1' })),
  formCase('unknown session token', [400, 'InvalidToken'], ({ server: { credentials } }) => ({
    credentials: { ...credentials, sessionToken: 'unknown/token+this==' },
  })),
  isRejected('form', 'form: sent to a different bucket', DENIED, async (bench) => {
    const bucket = `${bench.bucket}-other`
    const create = await bench.sigv4.presignPut(`${bench.server.endpoint}/${bucket}`, scoped(bench))
    await send(create)
    const { url } = await formFor(bench, 'upload', { bucket })
    const { fields } = await formFor(bench, 'upload')
    return sendForm(bench, { url, fields }, TEXT)
  }),
  isRejected('form', 'form: fields after the file', ARGUMENT, async (bench) => {
    const { url, fields } = await formFor(bench, 'upload')
    const form = new FormData()
    form.append('file', TEXT)
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    return send({ method: 'POST', url, headers: {} }, { body: form })
  }),
]
