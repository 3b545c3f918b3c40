// biome-ignore-all lint/suspicious/noTemplateCurlyInString: an S3 variable

import { describe, expect, it } from 'vitest'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { signatureOf } from '../../../../../test/support/oracle.ts'
import { errorOf, run, succeed } from '../../support/cli.ts'

const REGION = ['--region', 'eu-west-1']

interface Form {
  url: string
  fields: Record<string, string>
  expiresAt: string
}

async function post(...args: string[]): Promise<Form & { conditions: unknown[] }> {
  const form: Form = JSON.parse(await succeed(['post', ...args, ...REGION, '--json', '--now', '2026-01-31']))
  expect(Object.keys(form)).toEqual(['version', 'url', 'fields', 'fieldsToAdd', 'expiresAt'])
  const policy = form.fields.policy!
  expect(form.fields['x-amz-signature']).toBe(signatureOf(SECRET, '20260131/eu-west-1/s3/aws4_request', policy))
  return { ...form, conditions: JSON.parse(Buffer.from(policy, 'base64').toString()).conditions }
}

describe('post', () => {
  it('creates a form for one key', async () => {
    const { url, fields, conditions, expiresAt } = await post('s3://photos/a b/ä.jpg', '--expires', '1h')
    expect(url).toBe('https://photos.s3.eu-west-1.amazonaws.com/')
    expect(fields.key).toBe('a b/ä.jpg')
    expect(conditions).toEqual(expect.arrayContaining([{ bucket: 'photos' }, { key: 'a b/ä.jpg' }]))
    expect(expiresAt).toBe('2026-01-31T01:00:00.000Z')
  })

  it.each([
    ['s3://photos/user/eric/', 'user/eric/'],
    ['s3://photos/', ''],
  ])('lets the sender choose the rest of the key after %s', async (target, prefix) => {
    const { fields, conditions } = await post(target)
    expect(fields.key).toBe(`${prefix}\${filename}`)
    expect(conditions).toContainEqual(['starts-with', '$key', prefix])
  })

  it.each([
    [
      ['--max-size', '10MB'],
      [0, 10_000_000],
    ],
    [
      ['--max-size=10MiB', '--min-size=1'],
      [1, 10_485_760],
    ],
    [
      ['--min-size', '2 kB'],
      [2000, Number.MAX_SAFE_INTEGER],
    ],
    [
      ['--max-size', '0'],
      [0, 0],
    ],
  ])('limits the size: %j', async (args, range) => {
    const { conditions } = await post('s3://photos/x', ...args)
    expect(conditions).toContainEqual(['content-length-range', ...range])
  })

  it('signs the content type or its prefix, and additional fields', async () => {
    const exact = await post(
      's3://photos/x',
      '--content-type',
      'image/png',
      '--field',
      'x-amz-meta-a=b=c',
      '--field=acl=private',
    )
    expect(exact.fields).toMatchObject({ 'Content-Type': 'image/png', 'x-amz-meta-a': 'b=c', acl: 'private' })
    expect(exact.conditions).toContainEqual({ 'Content-Type': 'image/png' })
    for (const type of ['image/', 'image/*']) {
      const { fields, conditions } = await post('s3://photos/x', '--content-type', type)
      expect(fields).not.toHaveProperty('Content-Type')
      expect(conditions).toContainEqual(['starts-with', '$Content-Type', 'image/'])
    }
  })

  it('reports the field that the sender must add', async () => {
    const args = ['post', 's3://photos/x', ...REGION, '--content-type', 'image/*']
    const fieldsToAdd = [{ name: 'Content-Type', startsWith: 'image/' }]
    expect(JSON.parse(await succeed([...args, '--json']))).toMatchObject({ fieldsToAdd })
    expect((await run(args)).stderr).toBe(
      'Add this field, and the field "file" last:\n  Content-Type=… (it must start with "image/")\n',
    )
    for (const more of [
      ['--field', 'content-type=image/png'],
      ['--content-type', 'image/png'],
    ])
      expect((await run([...args, ...more])).stderr).toBe('')
  })

  it('prints a form as HTML: every field, those that the browser fills in, and the file last', async () => {
    const args = ['s3://photos/a"<&/', '--now', '2026-01-31', '--field', 'x-amz-meta-a=<b>&"']
    const html = await succeed(['post', ...args, ...REGION, '--html', '--content-type', 'image/'])
    const { url, fields } = await post(...args, '--content-type', 'image/')
    const decode = (text: string) => text.replace(/&(?:#(\d+)|(\w+));/g, (_, code) => String.fromCharCode(Number(code)))
    const inputs = [...html.matchAll(/<input (?:type="(\w+)" )?name="([^"]*)"(?: value="([^"]*)")?/g)].map(
      ([, type, name, value]) => [type, decode(name!), value && decode(value)],
    )
    expect(inputs).toEqual([
      ...Object.entries(fields).map(([name, value]) => ['hidden', name, value]),
      [undefined, 'Content-Type', 'image/'],
      ['file', 'file', undefined],
    ])
    expect(html).toMatch(
      /^<form action="([^"]*)" method="post" enctype="multipart\/form-data" accept-charset="utf-8">\n/,
    )
    expect(html).toContain(`action="${url}"`)
    expect(html).toMatch(/pattern="image\\\/\.\+" required><\/label>\n.*accept="image\/\*" required/)
    expect(html.trimEnd().endsWith('</form>')).toBe(true)
    expect(html.replace(/<\/?(?:form|input|label|button)[^<>]*>/g, '')).not.toMatch(/[<>]/)
  })

  it('prints an HTML form whose fields contain what a terminal would interpret or hide', async () => {
    const key = 'a\u{200d}b\u{202e}\xad\u{e0041}"><b>&amp;.jpg'
    const args = [`s3://photos/${key}`, '--field', 'tagging=<a>\r\n</a>', '--now', '2026-01-31']
    const html = await succeed(['post', ...args, ...REGION, '--html'])
    const values = new Map(
      [...html.matchAll(/ name="(\w+)" value="([^"<>]*)">$/gm)].map(([, name, value]) => [
        name,
        value!.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))),
      ]),
    )
    expect(values.get('key')).toBe(key)
    expect(values.get('tagging')).toBe('<a>\r\n</a>')
    expect(await errorOf(['post', 's3://photos/a\x85', ...REGION, '--html'])).toBe(
      'a field contains a control character, which --html cannot print.',
    )
  })

  it('supports a different server', async () => {
    expect((await post('s3://photos/x', '--endpoint', 'http://localhost:9000')).url).toBe(
      'http://localhost:9000/photos/',
    )
  })

  it('prints the URL and the fields, one per line', async () => {
    const args = ['s3://photos/x', '--now', '2026-01-31']
    const text = await succeed(['post', ...args, ...REGION])
    const { url, fields } = await post(...args)
    expect(text).toBe(
      `${url}\n\n${Object.entries(fields)
        .map((pair) => `${pair.join('=')}\n`)
        .join('')}`,
    )
  })

  it.each([
    [[], 'the target must be s3://bucket/key or s3://bucket/prefix/.'],
    [['https://photos.s3.eu-west-1.amazonaws.com/x'], 'the target must be s3://bucket/key or s3://bucket/prefix/.'],
    [['s3://photos'], 'the target does not contain a key. Pass s3://bucket/key, or s3://bucket/ for any key.'],
    [['s3://photos/x', 'y'], 'unexpected argument "y". Quote arguments that contain spaces or &.'],
    [
      ['s3://photos/x'],
      'the region is missing. Pass --region, pass --endpoint for an S3-compatible server, or set AWS_REGION.',
    ],
    [
      ['s3://photos/x', ...REGION, '--max-size', 'big'],
      '--max-size must be a size such as 5000000, 10MB or 10MiB (got "big").',
    ],
    [
      ['s3://photos/x', ...REGION, '--max-size', '10constructor'],
      '--max-size must be a size such as 5000000, 10MB or 10MiB (got "10constructor").',
    ],
    [['s3://photos/x', ...REGION, '--max-size=1', '--min-size=2'], '--min-size is larger than --max-size.'],
    [['s3://photos/x', ...REGION, '--field', 'x'], '--field must have the form NAME=VALUE.'],
    [['s3://photos/x', ...REGION, '--field', 'policy=x'], '--field "policy" is added by signing. Omit it.'],
    [['s3://photos/x', ...REGION, '--field', 'key=y'], 'the key is set twice. Omit --field key.'],
    [
      ['s3://photos/x', '--endpoint', 'https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com'],
      '--endpoint cannot be used here. Cloudflare R2 does not accept forms. Use presign put with --content-length.',
    ],
    [
      ['s3://photos/${filename}', ...REGION],
      'the key is not valid. Omit ${filename}: the sender chooses it. Pass a prefix or a condition instead.',
    ],
    [
      ['s3://photos/x', ...REGION, '--field', 'x-amz-meta-a=${filename}'],
      '--field "x-amz-meta-a" is not valid. Omit ${filename}: the sender chooses it. Pass a prefix or a condition instead.',
    ],
    [['s3://photos/x', ...REGION, '--field', 'bucket=y'], '--field "bucket" does not match. Omit it.'],
    [
      ['s3://photos/x', ...REGION, '--content-type=a/b', '--field=content-type=a/c'],
      '--content-type is set twice. Omit --field Content-Type.',
    ],
    [
      ['s3://photos/x', ...REGION, '--content-type=image/', '--field=content-type=a/c'],
      '--field "content-type" does not match. Its value must start with the prefix in the target or --content-type.',
    ],
    [
      ['s3://photos/x', ...REGION, '--min-size=6GiB'],
      '--min-size is out of range (got "6GiB"). S3 accepts files of up to 5 GiB.',
    ],
    [
      ['s3://photos/x', ...REGION, '--curl', '--content-type', 'image/'],
      '--curl requires a complete content type. Add one that --content-type allows, such as --field Content-Type=image/png.',
    ],
    [['s3://photos/x', ...REGION, '--html', '--json'], '--json and --html cannot be combined.'],
    [['s3://photos/x', ...REGION, '--method=PUT'], "--method is not an option of 'sigv4-tools post'."],
    [['s3://photos/x', ...REGION, '--header', 'a: b'], "--header is not an option of 'sigv4-tools post'."],
  ])('%j is rejected in one line', async (args, message) => {
    expect(await errorOf(['post', ...args])).toBe(message)
  })
})
