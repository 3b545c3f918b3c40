import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkPost } from '../../src/index.ts'
import { SigV4VerifyError, type VerifiedPost, type VerifyPostOptions, verifyPost } from '../../src/verify.ts'
import { words } from '../support/attacks/attacker.ts'
import {
  allows,
  BUCKET,
  CHANGES,
  CONDITIONS,
  FIELDS,
  type FormDraft,
  file,
  isSigned,
  NOW,
  type Pair,
  replaced,
  signedForm,
  titled,
} from '../support/attacks/forms.ts'
import { KEY_ID, SECRET } from '../support/credentials.ts'
import { byHeader, signature } from '../support/hand.ts'
import { signingKey } from '../support/oracle.ts'

// Changed forms. Whatever is accepted must be signed, and allowed by an independent evaluator.

const OTHER_SECRET = 'ixOFa8+h0rmbQhNmYpbw7h0rVbzDkUQsGTEXAMPL'
const SIZE = 10
let attacks = 0

type Fields = Parameters<typeof verifyPost>[0]
type Change = Partial<Omit<VerifyPostOptions, 'size'>> & { size?: unknown }

function complete(change: Change): VerifyPostOptions {
  const lookup = (id: string) => (id === KEY_ID ? SECRET : undefined)
  return { credentials: lookup, bucket: BUCKET, now: NOW, size: SIZE, ...change } as VerifyPostOptions
}

/** The result of an attack: the accepted form, or an error of the documented kind. */
async function attempt(fields: Fields, change: Change = {}): Promise<VerifiedPost | SigV4VerifyError> {
  attacks++
  try {
    return await verifyPost(fields, complete(change))
  } catch (error) {
    const { status, code, awsCode } = error as SigV4VerifyError
    expect(error).toBeInstanceOf(SigV4VerifyError)
    expect(code).toMatch(/^ERR_SIGV4_/)
    expect(awsCode).toMatch(/^\w+$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    return error as SigV4VerifyError
  }
}

/** Runs an attack that must be rejected, and returns the error. */
async function refused(fields: Fields, change: Change = {}): Promise<SigV4VerifyError> {
  const result = await attempt(fields, change)
  expect(result, `accepted: ${JSON.stringify(fields)}`).toBeInstanceOf(SigV4VerifyError)
  return result as SigV4VerifyError
}

/** Runs an attack that may be harmless: the evaluator allows what `verifyPost` and `checkPost` accept. */
async function checked(pairs: readonly Pair[], change: Change = {}): Promise<boolean> {
  const facts = { size: SIZE, bucket: BUCKET, ...change } as { size: number; filename?: string }
  const result = await attempt(pairs, change)
  const shown = JSON.stringify(pairs)
  const isAllowed = allows(pairs, facts)
  if (!(result instanceof SigV4VerifyError)) expect([isSigned(pairs), isAllowed], shown).toEqual([true, true])
  const policy = pairs.find(([name]) => name.toLowerCase() === 'policy')?.[1] ?? ''
  const isFine = checkPost(policy, pairs, { ...facts, now: NOW }) === undefined
  if (isFine) expect(isAllowed, shown).toBe(true)
  return !(result instanceof SigV4VerifyError)
}

const codes = ({ code, awsCode, status }: SigV4VerifyError) => [code.replace('ERR_SIGV4_', ''), awsCode, status]

const NAMES = signedForm().map(([name]) => name)

describe('the signed form', () => {
  it.each<[string, Fields]>([
    ['as pairs', signedForm()],
    ['as an object', Object.fromEntries(signedForm())],
    ['as pairs with a file', [...signedForm(), file()]],
    ['with names in uppercase', signedForm().map(([name, value]): Pair => [name.toUpperCase(), value])],
  ])('is accepted %s', async (_, fields) => {
    const result = (await attempt(fields)) as VerifiedPost
    expect([result.accessKeyId, result.fields?.get('key')]).toEqual([KEY_ID, 'user/ann/cat.png'])
  })

  it('is accepted in any order of its fields', async () => {
    const pairs = signedForm()
    for (let turn = 0; turn < pairs.length; turn++)
      expect(await checked([...pairs.slice(turn), ...pairs.slice(0, turn)])).toBe(true)
  })
})

describe('every field of a signed form', () => {
  it.each(Object.keys(CHANGES))('%s: accepted only if the policy allows it', async (title) => {
    let accepted = 0
    for (const name of NAMES) {
      const pairs = signedForm().flatMap(([given, value]) =>
        given === name ? CHANGES[title]!(given, value) : [[given, value] as Pair],
      )
      if (await checked(pairs)) accepted++
    }
    expect(accepted).toBeLessThanOrEqual(5) // The prefixes of key, type and note, and a signature in uppercase.
  })

  it('after the file does not count', async () => {
    for (const [name, value] of signedForm()) {
      await refused([...replaced(signedForm(), name), file(), [name, value]])
    }
    for (const name of ['acl2', 'x-amz-meta-other', 'success_action_redirect']) {
      const result = (await attempt([...signedForm(), file(), [name, 'evil']])) as VerifiedPost
      expect(result.fields.has(name)).toBe(false)
      expect([...result.fields.values()]).not.toContain('evil')
    }
  })
})

const EXTRA = [
  ...words(`
    acl2 tagging redirect success_action_redirect success_action_status Cache-Control Content-Disposition Content-Encoding
    Expires Content-MD5 x-amz-meta-other x-amz-storage-class x-amz-server-side-encryption
    x-amz-server-side-encryption-customer-key x-amz-website-redirect-location x-amz-security-token x-amz-checksum-sha256
    x-amz-grant-full-control AWSAccessKeyId Signature x-ignore x_ignore_a content-length-range expiration conditions $key
    key[]`),
  ...['', ' x-ignore-a', 'x-ignore\u2010a', 'x-ignore-\nkey'],
]

describe('a field that is sent twice', () => {
  const REPEATED = ['POLICY_VIOLATION', 'InvalidArgument', 400]
  const policy = new Map(signedForm()).get('Policy')!

  it.each(NAMES)('%s is rejected, whichever value the application would read', async (name) => {
    const value = new Map(signedForm()).get(name)!
    for (const second of [value, 'evil', ''])
      for (const other of [name, name.toLowerCase(), name.toUpperCase()]) {
        const pairs: Pair[] = [...signedForm(), [other, second]]
        const form = new FormData()
        for (const [given, text] of pairs) form.append(given, text)
        form.append('file', new File(['x'.repeat(SIZE)], 'cat.png'))
        const late = new FormData()
        for (const [given, text] of signedForm()) late.append(given, text)
        late.append('file', new File(['x'.repeat(SIZE)], 'cat.png'))
        late.append(other, second)
        const lists = { ...Object.fromEntries(signedForm()), [name]: [value, second] } as unknown as Fields
        const shapes: Fields[] = [
          pairs,
          new Set(pairs),
          form,
          [...pairs, file()],
          [[other, value], ...replaced(pairs, name), [name, second]],
          [...signedForm(), file(), [other, second]],
          late,
        ]
        if (other !== name) shapes.push({ ...Object.fromEntries(signedForm()), [other]: second })
        for (const fields of shapes) {
          expect(codes(await refused(fields)), `${name} ${other}`).toEqual(REPEATED)
          const violation = checkPost(policy, fields, { bucket: BUCKET, size: SIZE, now: NOW })
          expect(violation).toMatchObject({ reason: 'form', field: name.toLowerCase(), status: 400 })
        }
        await refused(lists)
        expect(checkPost(policy, lists, { bucket: BUCKET, size: SIZE, now: NOW })).toMatchObject({ reason: 'form' })
        await refused([[other, second], ...signedForm()])
      }
  })

  it('is rejected even if the policy does not cover it', async () => {
    for (const [one, other] of [
      ['x-ignore-a', 'x-ignore-a'],
      ['x-ignore-a', 'X-Ignore-A'],
    ] as const)
      for (const pairs of [
        [
          [one, '1'],
          [other, '2'],
        ],
        [[one, '1'], file(), [other, '2']],
        [file(), [one, '1'], [other, '2']],
        [file(), [one, ['1', '2']]],
        [[one, '1'], file(), [other, new File(['2'], 'a')]],
      ] as Pair[][])
        expect(codes(await refused([...signedForm(), ...pairs])), String(pairs)).toEqual(REPEATED)
  })

  it('without a right signature is rejected for its signature', async () => {
    const pairs: Pair[] = [...replaced(signedForm(), 'x-amz-signature', '0'.repeat(64)), ['key', 'evil']]
    expect(codes(await refused(pairs))).toEqual(['SIGNATURE_MISMATCH', 'SignatureDoesNotMatch', 403])
  })
})

describe('a control character or a lone surrogate', () => {
  const CODES = [
    ...Array.from({ length: 32 }, (_, i) => i).filter((code) => code !== 9),
    0x7f,
    0xd800,
    0xdbff,
    0xdc00,
    0xdfff,
  ]
  const UNSAFE = CODES.map((code) => String.fromCharCode(code))
  const SHOWN = ['POLICY_VIOLATION', 'InvalidArgument', 400]

  it.each(titled([...UNSAFE, '\r\n']))('%s is rejected in every field that the sender chooses', async (_, mark) => {
    for (const [name, value] of [
      ['key', 'user/ann/'],
      ['Content-Type', 'image/png'],
      ['x-amz-meta-note', ''],
    ] as const)
      for (const evil of [`${value}${mark}`, `${value}${mark}x: y`, `${value}a${mark}${mark}b`]) {
        const pairs = replaced(signedForm(), name, evil)
        const error = await refused(pairs)
        expect([...codes(error), error.details.ArgumentName], name).toEqual([...SHOWN, name.toLowerCase()])
        await refused(Object.fromEntries(pairs))
        const policy = new Map(pairs).get('Policy')!
        const violation = checkPost(policy, pairs, { bucket: BUCKET, size: SIZE, now: NOW })
        expect(violation).toMatchObject({ reason: 'form', field: name.toLowerCase(), awsCode: 'InvalidArgument' })
        expect(error.message + violation?.message).not.toContain(mark)
      }
    // also where the policy requires it, and where the policy does not apply
    const conditions = [...CONDITIONS, { 'Cache-Control': `a${mark}b` }]
    const fields: Pair[] = [...FIELDS, ['Cache-Control', `a${mark}b`]]
    expect(codes(await refused(signedForm({ conditions, fields })))).toEqual(SHOWN)
    expect(codes(await refused([...signedForm(), ['x-ignore-a', mark]]))).toEqual(SHOWN)
    expect(codes(await refused([...signedForm(), [`x-ignore-${mark}`, '']]))).toEqual(SHOWN)
    expect(codes(await refused([...signedForm(), [`x-ignore-${mark}`, ''], [`x-ignore-${mark}`, '']]))).toEqual(SHOWN)
  })

  it.each(titled([...UNSAFE, '\r\n']))(
    '%s is rejected in a file name that becomes a part of a field',
    async (_, mark) => {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: an S3 variable
      for (const [name, value] of [
        ['key', 'user/ann/${filename}'],
        ['Content-Type', 'image/${filename}'],
      ] as const) {
        // biome-ignore-end lint/suspicious/noTemplateCurlyInString: an S3 variable
        const pairs = replaced(signedForm(), name, value)
        for (const filename of [mark, `png${mark}x: y`, `a/b\\${mark}c`])
          expect(codes(await refused(pairs, { filename }))).toEqual(SHOWN)
      }
      expect(await checked(signedForm(), { filename: mark })).toBe(true)
    },
  )

  it('is not a tab, a line break in the base64 of a policy, or one between tags', async () => {
    expect(await checked(replaced(signedForm(), 'x-amz-meta-note', 'a\tb'))).toBe(true)
    for (const end of ['\n', '\r\n']) {
      const encode = (json: string) => Buffer.from(json).toString('base64').replace(/.{76}/g, `$&${end}`)
      expect(await checked(signedForm({ encode }))).toBe(true)
      const conditions = [...CONDITIONS, ['starts-with', '$tagging', '']]
      const tagging = `<Tagging>${end}</Tagging>`
      const { fields } = (await attempt([...signedForm({ conditions }), ['Tagging', tagging]])) as VerifiedPost
      expect(fields.get('tagging')).toBe(tagging)
      for (const evil of [`${tagging}\0`, `\x1b${tagging}`])
        await refused([...signedForm({ conditions }), ['tagging', evil]])
    }
  })
})

describe('a field that is not in the policy', () => {
  it.each(titled(EXTRA))('%s is rejected before the file, and ignored after it', async (_, name) => {
    for (const value of ['evil', '']) {
      await refused([...signedForm(), [name, value]])
      await refused([[name, value], ...signedForm()])
      await refused({ ...Object.fromEntries(signedForm()), [name]: value })
      expect(await checked([...signedForm(), file(), [name, value]])).toBe(true)
    }
  })

  it('with the prefix x-ignore- is accepted and does not change other fields', async () => {
    for (const name of [...EXTRA, ...NAMES].filter((name) => /^\S+$/.test(name)))
      for (const prefix of ['x-ignore-', 'X-IGNORE-']) {
        const result = (await attempt([[prefix + name, 'evil'], ...signedForm()])) as VerifiedPost
        const evil = [...result.fields].filter(([, value]) => value.includes('evil'))
        expect(evil).toEqual([[`x-ignore-${name.toLowerCase()}`, 'evil']])
      }
  })

  it.each(['others', 'PHOTOS', 'photos,photos', 'photos ', '', 'photos\0'])(
    'the bucket %j, if the form was sent to a different one, is rejected',
    async (bucket) => {
      for (const name of ['bucket', 'Bucket', 'BUCKET']) {
        const response = bucket.includes('\0') ? ['InvalidArgument', 400] : ['AccessDenied', 403]
        expect(codes(await refused([...signedForm(), [name, bucket]]))).toEqual(['POLICY_VIOLATION', ...response])
        expect(checkPost('{}', [[name, bucket]], { bucket: BUCKET, size: 1 })).toBeDefined()
        const pairs: Pair[] = [...signedForm(), [name, bucket]]
        const policy = new Map(pairs).get('Policy')!
        const violation = checkPost(policy, pairs, { bucket: BUCKET, size: SIZE, now: NOW })
        expect([violation?.awsCode, violation?.status]).toEqual(response)
      }
    },
  )

  it('the bucket of a different policy is rejected', async () => {
    const others = [{ bucket: 'others' }, ...CONDITIONS.slice(1)]
    await refused(signedForm({ conditions: others }))
    await refused([...signedForm({ conditions: others }), ['bucket', BUCKET]])
    await refused([...signedForm({ conditions: others }), ['bucket', 'others']])
    await refused(signedForm({ conditions: CONDITIONS.slice(1) }))
    expect(await checked([...signedForm(), ['bucket', BUCKET]])).toBe(true)
  })
})

describe('a key outside the prefix', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: an S3 variable
  const KEYS = [
    ...words(`
      user/ann user/annx USER/ANN/x /user/ann/x user//ann/x ./user/ann/x ../user/ann/x user/./ann/x user%2Fann%2Fx
      user%2fann/x user\\ann\\x user/bob/x user/bob/../ann/x user/ann,user/ann/x user\u2215ann\u2215x
      user\uff0fann\uff0fx \uff55ser/ann/x us\u0435r/ann/x user/an\u0303n/x \u200buser/ann/x`),
    ...['', ' user/ann/x', '\tuser/ann/x', '\0user/ann/x', 'user/ann\0/x', '\ufeffuser/ann/x', '${filename}'],
    ...['${filename}user/ann/x', '${filename}/user/ann/', 'user/${filename}/x', 'user/ann${filename}'],
  ]
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: S3's variable
  it.each(titled(KEYS))('%s is rejected', async (_, key) => {
    for (const filename of [undefined, 'cat.png', 'user/ann/cat.png', 'user\\ann\\cat.png', '..', 'a/..'])
      await refused(replaced(signedForm(), 'key', key), { filename })
  })

  it('in the other Unicode normalization form is a different key', async () => {
    for (const [one, other] of [
      ['caf\u00e9', 'cafe\u0301'],
      ['\u00c5', '\u212b'],
      ['\ufb01', 'fi'],
      ['\uac00', '\u1100\u1161'],
    ] as const)
      for (const condition of [{ key: one }, ['starts-with', '$key', one]])
        for (const [signed, sent] of [
          [condition, other],
          [Array.isArray(condition) ? ['starts-with', '$key', other] : { key: other }, one],
        ] as const)
          await refused(signedForm({ conditions: [{ bucket: BUCKET }, signed], fields: [['key', sent]] }))
  })
})

describe('the file name', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: an S3 variable
  const FILENAMES = [
    ...words(`
      cat.png / \\ .. ../.. ../../etc/passwd ..\\..\\boot.ini a/b\\c a\\b/c C:\\x\\y.png a/ a\\ %2e%2e%2fetc ..%2fetc
      \u2025/\u2025 \uff0f..\uff0fetc \u2215etc $& $\` $' $1 $$ $<name>`),
    ...['', 'a\r\nb/c', '\0/etc', '${filename}', 'x/${filename}', '${filename}/${filename}', '${key}'],
  ]
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: an S3 variable
  const last = (name: string) => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)

  it.each(titled(FILENAMES))('%s replaces the variable once, without its folders', async (_, filename) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
    const variable = '${filename}'
    for (const key of [`user/ann/${variable}`, `user/ann/${variable}${variable}`, `user/ann/\${file${variable}name}`]) {
      const pairs = replaced(signedForm(), 'key', key)
      expect(await checked(pairs, { filename })).toBe(true)
      const { fields } = (await attempt(pairs, { filename })) as VerifiedPost
      expect(fields.get('key')).toBe(key.split(variable).join(last(filename)))
    }
    for (const name of ['Content-Type', 'acl', 'x-amz-meta-note', 'policy', 'X-Amz-Signature', 'X-Amz-Credential'])
      await checked(replaced(signedForm(), name, variable), { filename })
  })

  it('of the File in a FormData counts as well', async () => {
    const form = new FormData()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
    for (const [name, value] of replaced(signedForm(), 'key', 'user/${filename}')) form.append(name, value)
    form.append('file', new File(['x'], 'ann/evil'))
    await refused(form, { size: undefined })
  })
})

describe('a content type outside the prefix', () => {
  const TYPES = [
    ...words(`
      text/html image IMAGE/png Image/png image/png,text/html text/html,image/png image/png,image/gif,text/html image/png,
      ,image/png image/png,,image/gif image/png,IMAGE/GIF image\uff0fpng im\u0430ge/png`),
    ...[' image/png', 'image/png, text/html', 'image/png,\0image/gif'],
  ]
  it.each(titled(TYPES))('%s is rejected', async (_, type) => {
    await refused(replaced(signedForm(), 'Content-Type', type))
    await refused(replaced(signedForm(), 'Content-Type'), { type })
    // A space counts in a single type, but not in a list.
    if (type !== ' image/png') {
      await refused([...signedForm(), ['content-type', type]])
      await refused([['CONTENT-TYPE', type], ...signedForm()])
    }
    const exact = { conditions: [{ bucket: BUCKET }, ['starts-with', '$key', ''], { 'Content-Type': 'image/png' }] }
    const fields: Pair[] = [
      ['key', 'a'],
      ['Content-Type', type],
    ]
    await refused(signedForm({ ...exact, fields }))
  })
})

describe('a name that only looks like a field', () => {
  const TWINS: Record<string, string[]> = {
    a: ['\u0430', '\uff41', '\u00e4'],
    c: ['\u0441', '\uff43'],
    e: ['\u0435', '\u00e9'],
    i: ['\u0131', '\u0130', '\u0456'],
    k: ['\u212a', '\uff4b'],
    l: ['1', '\u2113'],
    o: ['0', '\u043e'],
    p: ['\u0440'],
    s: ['\u017f'],
    y: ['\u0443'],
    '-': ['\u2010', '\u00ad', '_', '\u2212'],
  }
  it.each(NAMES)('%s is not the field', async (name) => {
    for (const [letter, twins] of Object.entries(TWINS))
      for (const twin of twins) {
        const at = name.toLowerCase().indexOf(letter)
        if (at < 0) continue
        const look = name.slice(0, at) + twin + name.slice(at + 1)
        await refused(signedForm().map(([given, value]): Pair => [given === name ? look : given, value]))
        await refused([...signedForm(), [look, 'evil']])
      }
  })
})

describe('a policy in a different spelling', () => {
  const signed = () => new Map(signedForm()).get('Policy')!
  const wrap = (text: string, length: number) => text.replace(new RegExp(`.{${length}}`, 'g'), '$&\r\n')
  const SPELLINGS: [title: string, spell: (policy: string) => string][] = [
    ['without padding', (policy) => `${policy}`.replace(/=+$/, '') + (policy.endsWith('=') ? '' : '=')],
    ['with more padding', (policy) => `${policy}=`],
    ['with four characters of padding', (policy) => `${policy}====`],
    ['with a space before', (policy) => ` ${policy}`],
    ['with a space after', (policy) => `${policy} `],
    ['with a line break after', (policy) => `${policy}\n`],
    ['with a space inside', (policy) => `${policy.slice(0, 40)} ${policy.slice(40)}`],
    ['in lines of 76', (policy) => wrap(policy, 76)],
    ['in lines of 64', (policy) => wrap(policy, 64)],
    ['with the alphabet for URLs', (policy) => `${policy.replaceAll('+', '-').replaceAll('/', '_')}-_`],
    ['with NUL after', (policy) => `${policy}\0`],
    ['with a byte order mark', (policy) => `\ufeff${policy}`],
    ['in base64 twice', (policy) => Buffer.from(policy).toString('base64')],
    ['as JSON', (policy) => Buffer.from(policy, 'base64').toString()],
    ['in hex', (policy) => Buffer.from(policy, 'base64').toString('hex')],
    ['percent-encoded', (policy) => policy.replace('e', '%65')],
    ['HTML-escaped', (policy) => policy.replace('e', '&#101;')],
    [
      'in a different base64 form of the same JSON',
      (policy) => {
        const json = `${Buffer.from(policy, 'base64')} `
        return Buffer.from(json).toString('base64')
      },
    ],
    [
      'with its JSON in a different order',
      (policy) => {
        const { expiration, conditions } = JSON.parse(`${Buffer.from(policy, 'base64')}`)
        return Buffer.from(JSON.stringify({ conditions, expiration })).toString('base64')
      },
    ],
    ['twice, with a comma', (policy) => `${policy},${policy}`],
    ['twice', (policy) => policy + policy],
    ['cut', (policy) => policy.slice(0, -4)],
    ['empty', () => '='],
  ]
  it.each(SPELLINGS)('%s is rejected as a wrong signature', async (_, spell) => {
    const pairs = replaced(signedForm(), 'policy', spell(signed()))
    expect(codes(await refused(pairs))).toEqual(['SIGNATURE_MISMATCH', 'SignatureDoesNotMatch', 403])
    await refused([...pairs, ['POLICY', signed()]])
    await refused([['policy', signed()], ...pairs])
  })

  it('with any character changed is rejected as a wrong signature', async () => {
    const policy = signed()
    for (let at = 0; at < policy.length; at += 2) {
      const other = policy[at] === 'A' ? 'B' : 'A'
      const changed = policy.slice(0, at) + other + policy.slice(at + 1)
      expect((await refused(replaced(signedForm(), 'policy', changed))).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
    }
  })

  it.each<[string, FormDraft]>([
    ['that is not valid JSON', { json: 'hello' }],
    ['of truncated JSON', { json: '{"expiration":"2099-01-01T00:00:00Z","conditions":[' }],
    ['of JSON with a comment', { json: '{"expiration":"2099-01-01T00:00:00Z","conditions":[]}//' }],
    ['of bytes that are not UTF-8', { encode: () => Buffer.from([0xff, 0xfe, 0xfd]).toString('base64') }],
  ])('%s, signed correctly, is rejected as a wrong signature', async (_, draft) => {
    const pairs = signedForm(draft)
    const error = await refused(pairs)
    expect(codes(error)).toEqual(['SIGNATURE_MISMATCH', 'SignatureDoesNotMatch', 403])
    expect([error.stringToSign, error.canonicalRequest]).toEqual([new Map(pairs).get('Policy'), undefined])
  })

  it('that is also the string to sign of a request is rejected, because it is not a policy', async () => {
    const request = byHeader({ host: 's3.amazonaws.com', time: NOW })
    const made = /Signature=(\w+)/.exec(request.headers.authorization!)![1]!
    for (const text of [request.toSign!, request.toSign!.replaceAll('\n', '\r\n')])
      await refused(replaced(replaced(signedForm(), 'policy', text), 'x-amz-signature', made))
  })
})

describe('a different policy or signature', () => {
  const open = { conditions: [{ bucket: BUCKET }, ['starts-with', '$key', '']], fields: [['key', 'evil']] as Pair[] }
  const of = (draft: FormDraft, name: string) => new Map(signedForm(draft)).get(name)!

  it('a signature of Signature Version 2 is rejected', async () => {
    const policy = of(open, 'Policy')
    const made = createHmac('sha1', SECRET).update(policy).digest('base64')
    const pairs: Pair[] = [
      ['key', 'a'],
      ['AWSAccessKeyId', KEY_ID],
      ['policy', policy],
      ['signature', made],
    ]
    expect(codes(await refused(pairs))).toEqual(['ALGORITHM_UNSUPPORTED', 'InvalidRequest', 400])
  })

  it('a signing key for a different scope is rejected with the error for forms', async () => {
    const scope = { date: '20261125', region: 'us-east-1', service: 's3' }
    const derive = (other: Partial<typeof scope>) => {
      const made = { ...scope, ...other }
      const parts = [made.date, made.region, made.service, 'aws4_request']
      return { ...made, key: new Uint8Array(signingKey(SECRET, parts)) }
    }
    expect(((await attempt(signedForm(), { credentials: () => derive({}) })) as VerifiedPost).accessKeyId).toBe(KEY_ID)
    for (const other of [{ date: '20261124' }, { region: 'eu-west-1' }, { service: 'sts' }]) {
      const credentials = () => derive(other)
      expect(codes(await refused(signedForm(), { credentials }))).toEqual(['SCOPE_MISMATCH', 'InvalidArgument', 400])
      const hidden = { credentials, hideUnknownKeys: true } as Change
      expect(codes(await refused(signedForm(), hidden))).toEqual(['SIGNATURE_MISMATCH', 'SignatureDoesNotMatch', 403])
      // The key itself, with the requested scope, signs a different string.
      const forged = { ...derive(other), ...scope }
      await refused(signedForm(), { credentials: () => forged })
    }
  })

  it('tokens must be those of the credentials', async () => {
    const credentials = () => ({ accessKeyId: KEY_ID, secretAccessKey: SECRET, sessionToken: 'token' })
    expect(((await attempt(signedForm({ token: 'token' }), { credentials })) as VerifiedPost).sessionToken).toBe(
      'token',
    )
    for (const token of ['Token', 'token ']) await refused(signedForm({ token }), { credentials })
    await refused([...signedForm({ token: 'token' }), ['X-AMZ-SECURITY-TOKEN', 'token']], { credentials })
    await refused([...signedForm(), ['x-amz-security-token', 'token']], { credentials })
    await refused([...signedForm(), ['x-ignore-x-amz-security-token', 'token']], { credentials })
  })

  it('one or more missing signing fields are rejected', async () => {
    const signing = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature', 'Policy']
    for (let set = 1; set < 2 ** signing.length; set++) {
      const missing = signing.filter((_, i) => set & (1 << i))
      const pairs = missing.reduce((left, name) => replaced(left, name), signedForm())
      const isAnonymous = signing.slice(0, 4).every((name) => missing.includes(name))
      const expected = isAnonymous ? ['AUTH_MISSING', 'AccessDenied', 403] : ['AUTH_MALFORMED', 'InvalidArgument', 400]
      expect(codes(await refused(pairs)), missing.join()).toEqual(expected)
      expect(
        codes(await refused(missing.reduce((left, name) => replaced(left, name, ''), signedForm()))).slice(1),
      ).toEqual(expected.slice(1))
    }
  })
})

describe('the end of a policy', () => {
  it('rejects from the first millisecond after it', async () => {
    const expiration = new Date(NOW + 600_000).toISOString()
    for (const late of [1, 999, 1000, 1001, 60_000, 86_400_000])
      expect(codes(await refused(signedForm({ expiration }), { now: NOW + 600_000 + late }))).toEqual([
        'EXPIRED',
        'AccessDenied',
        403,
      ])
  })

  it.each([
    ...words(`
      2026-11-25T11:59:59Z 2026-11-25T11:59:59.999Z 2026-11-25T12:59:59+01:00 2026-11-25T13:59:59.999+02:00 2026-11-25
      2026-11-26 2026-11-25T12:10:00 2026-11-31T12:10:00Z 2026-13-01T00:00:00Z 2026-11-25T25:00:00Z 20261125T121000Z
      99999-01-01T00:00:00Z +012026-11-25T12:10:00Z 2099-01-01t00:00:00z never Infinity`),
    ...['', ' 2099-01-01T00:00:00Z', '2099-01-01T00:00:00Z\n', 'Wed, 25 Nov 2099 12:00:00 GMT'],
    ...[null, true, 4102444800, 4102444800000, ['2099-01-01T00:00:00Z'], { $date: '2099-01-01T00:00:00Z' }, undefined],
  ])('at %j has expired, or is invalid', async (expiration) => {
    const json = JSON.stringify({
      expiration,
      conditions: JSON.parse(`${Buffer.from(new Map(signedForm()).get('Policy')!, 'base64')}`).conditions,
    })
    await refused(signedForm({ json }))
  })
})

describe('the size of the file', () => {
  const unknown = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('options.size') }
  const policy = () => new Map(signedForm()).get('Policy')!

  it.each<[string, () => Fields]>([
    ['no file', () => signedForm()],
    ['an object without a file', () => Object.fromEntries(signedForm())],
    ['a file that is null', () => [...signedForm(), ['file', null]]],
    ['a file that is a number', () => [...signedForm(), ['file', 5]]],
    ['a file that is an object', () => [...signedForm(), ['file', { name: 'cat.png' }]]],
    ['a file whose size is a string', () => [...signedForm(), ['file', { size: '5' }]]],
    ['a file whose size is not a number', () => [...signedForm(), ['file', { size: Number.NaN }]]],
    ['a file under an ignored name', () => [...signedForm(), ['x-ignore-file', 'x']]],
  ])('%s: unknown, throws', async (_, fields) => {
    attacks += 2
    await expect(verifyPost(fields(), complete({ size: undefined }))).rejects.toMatchObject(unknown)
    expect(() => checkPost(policy(), fields(), { bucket: BUCKET, now: NOW })).toThrow(expect.objectContaining(unknown))
  })

  it.each([
    ...[-1, -0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, '5', '', null, true],
    ...[[], [5], {}, 5n, new Date(5), 'DEFERRED', 'deferred '],
  ])('the size %s is never accepted', async (size) => {
    attacks += 2
    const ranges = [...CONDITIONS.slice(0, -1), ['content-length-range', 0, 1000]]
    await expect(verifyPost(signedForm({ conditions: ranges }), complete({ size }))).rejects.toThrow()
    let result: unknown
    try {
      const sent = signedForm({ conditions: ranges })
      result = checkPost(new Map(sent).get('Policy')!, sent, { bucket: BUCKET, now: NOW, size: size as number })
    } catch (error) {
      result = error
    }
    expect(result).toBeDefined()
  })

  const FILES: [string, (size: number) => unknown][] = [
    ['a string', (size) => 'x'.repeat(size)],
    ['a string of two-byte characters', (size) => (size % 2 ? 'x' : '') + '\u00e9'.repeat(size >> 1)],
    ['a string of four-byte characters', (size) => 'x'.repeat(size % 4) + '\u{1f600}'.repeat(size >> 2)],
    ['a Blob', (size) => new Blob(['x'.repeat(size)])],
    ['a File', (size) => new File(['x'.repeat(size)], 'cat.png')],
    ['bytes', (size) => new Uint8Array(size)],
    ['a view of bytes', (size) => new Uint8Array(size + 2000).subarray(1000, 1000 + size)],
    ['an ArrayBuffer', (size) => new ArrayBuffer(size)],
    ['two-byte numbers', (size) => (size % 2 ? new DataView(new ArrayBuffer(size)) : new Uint16Array(size / 2))],
  ]
  it.each(FILES)('of %s is its number of bytes', async (_, make) => {
    for (const [size, code] of [
      [0, 'EntityTooSmall'],
      [1, undefined],
      [1000, undefined],
      [1001, 'EntityTooLarge'],
      [5000, 'EntityTooLarge'],
    ] as const) {
      const result = await attempt([...signedForm(), ['file', make(size)]], { size: undefined })
      expect([size, (result as SigV4VerifyError).awsCode]).toEqual([size, code])
      const violation = checkPost(policy(), [...signedForm(), ['file', make(size)]], { bucket: BUCKET, now: NOW })
      expect([size, violation?.awsCode]).toEqual([size, code])
    }
  })

  // biome-ignore format: a table
  it.each([
    [[1, 1000], [5, 50], [5, 50]],
    [[5, 50], [1, 1000], [5, 50]],
    [[0, 10], [5, 1000], [5, 10]],
    [[5, 1000], [0, 10], [5, 10]],
    [['1', '20'], ['+2', 30], [2, 20]],
    [[-5, 10], [0, 9], [0, 9]],
  ] as const)('of the ranges %j and %j is limited by both', async (one, other, both) => {
    const conditions = [
      ...CONDITIONS.slice(0, -1),
      ['content-length-range', ...one],
      ['content-length-range', ...other],
    ]
    for (let size = 0; size <= 60; size++)
      expect(await checked(signedForm({ conditions }), { size }), `${size}`).toBe(size >= both[0] && size <= both[1])
    const { contentLengthRange } = (await attempt(signedForm({ conditions }), { size: 'deferred' })) as VerifiedPost
    expect(contentLengthRange).toEqual(both)
  })

  it('of disjoint ranges fits no file', async () => {
    const conditions = [...CONDITIONS.slice(0, -1), ['content-length-range', 1, 5], ['content-length-range', 10, 20]]
    for (let size = 0; size <= 30; size++) await refused(signedForm({ conditions }), { size })
    const result = await attempt(signedForm({ conditions }), { size: 'deferred' })
    if (!(result instanceof SigV4VerifyError))
      expect(result.contentLengthRange![0]).toBeGreaterThan(result.contentLengthRange![1])
  })

  it.each([
    ...[[10, 1], ['a', 'b'], [1, 1e300], [1, '1e3'], [1, 10.5], [1, null], [1], [1, 2, 3], ['$key', 5]],
    ...[
      ['0x1', '0xffff'],
      [1, ''],
      [1, '\u0661\u0660\u0660\u0660'],
    ],
  ])('in an invalid range %j %j %j is rejected', async (...range) => {
    await refused(signedForm({ conditions: [...CONDITIONS.slice(0, -1), ['content-length-range', ...range]] }))
  })
})

describe('the parts of a FormData', () => {
  const formOf = (pairs: Iterable<readonly [string, string | Blob]>) => {
    const form = new FormData()
    for (const [name, value] of pairs) form.append(name, value)
    return form
  }
  const ONE = 'POST requires exactly one file upload per request.'

  it('without a file are rejected', async () => {
    for (const more of [[], [['x-ignore-file', 'x']], [['file[]', 'x']]] as Pair[][])
      for (const size of [undefined, SIZE, 'deferred']) {
        const error = await refused(formOf([...signedForm(), ...more]), { size })
        expect(error.awsCode).toMatch(
          more[0]?.[0] === 'file[]' ? /^(?:InvalidArgument|AccessDenied)$/ : /^InvalidArgument$/,
        )
        if (!more.length) expect(error.message).toBe(ONE)
      }
  })

  it.each(NAMES)('with a file as %s are rejected', async (name) => {
    for (const file of [new File(['user/ann/cat.png'], 'x'), new Blob(['user/ann/cat.png'])]) {
      const rest = replaced(signedForm(), name)
      await refused(formOf([[name, file], ...rest, ['file', new File(['x'], 'x')]]))
      await refused(formOf([...signedForm(), [name, file], ['file', new File(['x'], 'x')]]))
    }
  })

  it('with a file under a different name are rejected', async () => {
    for (const name of ['upload', 'x-ignore-upload', 'File2', 'file[]', ' file', 'ﬁle', '__proto__', 'toString'])
      await refused(formOf([...signedForm(), [name, new File(['x'], 'x')], ['file', new File(['x'], 'x')]]))
  })

  it('with a string as the file have the size of the string', async () => {
    expect((await refused(formOf([...signedForm(), ['file', 'x'.repeat(1001)]]), { size: undefined })).awsCode).toBe(
      'EntityTooLarge',
    )
    expect((await refused(formOf([...signedForm(), ['file', '']]), { size: undefined })).awsCode).toBe('EntityTooSmall')
  })

  it('with two files are never accepted for the size of one that get does not return', async () => {
    const [small, large] = [new File(['x'], 'small'), new File(['x'.repeat(5000)], 'large')]
    for (const [first, second] of [
      ['file', 'file'],
      ['FILE', 'file'],
      ['File', 'file'],
      ['file', 'FILE'],
    ] as const) {
      const form = formOf([...signedForm(), [first, small], [second, large]])
      const result = await attempt(form, { size: undefined })
      const returned = form.get('file') as File
      if (!(result instanceof SigV4VerifyError)) expect(returned.size).toBeLessThanOrEqual(1000)
      await refused(formOf([...signedForm(), [first, large], [second, small]]), { size: undefined })
    }
  })
})

describe('names of prototypes', () => {
  const PROTOTYPES = words('__proto__ constructor prototype toString valueOf hasOwnProperty __defineGetter__')

  it.each(PROTOTYPES)('%s as a field is an ordinary field', async (name) => {
    for (const value of ['evil', '', '{"key":"x"}']) {
      await refused([...signedForm(), [name, value]])
      await refused([[name, value], ...signedForm()])
      await refused(
        JSON.parse(
          JSON.stringify(Object.fromEntries(signedForm())).replace(
            '{',
            `{${JSON.stringify(name)}:${JSON.stringify(value)},`,
          ),
        ),
      )
    }
    const conditions = [...CONDITIONS, JSON.parse(`{${JSON.stringify(name)}:"exact"}`)]
    expect(await checked(signedForm({ conditions }))).toBe(false)
    expect(await checked([[name, 'other'], ...signedForm({ conditions })])).toBe(false)
    const { fields } = (await attempt([[name, 'exact'], ...signedForm({ conditions })])) as VerifiedPost
    expect(fields.get(name.toLowerCase())).toBe('exact')
    expect(({} as Record<string, unknown>).exact).toBeUndefined()
  })

  it.each(PROTOTYPES)('%s in the JSON of a policy has no effect', async (name) => {
    const conditions = JSON.parse(`${Buffer.from(new Map(signedForm()).get('Policy')!, 'base64')}`).conditions
    const inner = JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions })
    await refused(signedForm({ json: `{${JSON.stringify(name)}:${inner}}` }))
    await refused(signedForm({ json: `{${JSON.stringify(name)}:1,${inner.slice(1)}` }))
    await refused(
      signedForm({ json: `{"expiration":"2099-01-01T00:00:00Z",${JSON.stringify(name)}:{"conditions":[]}}` }),
    )
    await refused(signedForm({ conditions: [...CONDITIONS, [name, '$key', 'user']] }))
    await refused(signedForm({ conditions: [...CONDITIONS, ['eq', `$${name}`, 'x']] }))
    await refused(signedForm({ conditions: [...CONDITIONS, { [`${name}x`]: 'a', other: 'b' }] }))
  })

  it.each(PROTOTYPES)('%s as a key ID of a lookup in an object is never accepted', async (keyId) => {
    attacks += 4
    const secrets: Record<string, string> = { [KEY_ID]: SECRET }
    for (const secret of ['', 'undefined', '[object Object]', 'function Object() { [native code] }'])
      await expect(
        verifyPost(signedForm({ keyId, secret }), complete({ credentials: (id) => secrets[id] })),
      ).rejects.toThrow()
  })
})

describe('an ambiguous policy', () => {
  const signing = signedForm()
    .slice(4, 7)
    .map(([name, value]) => ({ [name]: value }))
  const conditions = (...more: unknown[]) => JSON.stringify([{ bucket: BUCKET }, ...signing, ...more])

  it.each<[string, string]>([
    [
      'two expirations, the last expired',
      `{"expiration":"2099-01-01T00:00:00Z","expiration":"2000-01-01T00:00:00Z","conditions":${conditions(['starts-with', '$key', ''])}}`,
    ],
    [
      'two lists, the last strict',
      `{"conditions":${conditions(['starts-with', '$key', ''])},"expiration":"2099-01-01T00:00:00Z","conditions":${conditions({ key: 'other' })}}`,
    ],
    [
      'two values of a condition, the last strict',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions().slice(0, -1)},{"key":"user/ann/cat.png","key":"other"}]}`,
    ],
    [
      'a name with an escape',
      `{"\\u0065xpiration":"2000-01-01T00:00:00Z","conditions":${conditions(['starts-with', '$key', ''])}}`,
    ],
    [
      'a second name with an escape',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions(['starts-with', '$key', ''])},"condition\\u0073":${conditions({ key: 'other' })}}`,
    ],
    [
      'a name in a different case',
      `{"Expiration":"2099-01-01T00:00:00Z","conditions":${conditions(['starts-with', '$key', ''])}}`,
    ],
    [
      'a second name in a different case',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions(['starts-with', '$key', ''])},"Conditions":[]}`,
    ],
    [
      'a backslash before a dollar sign',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions().slice(0, -1)},["eq","\\$key","\\\\$key"]]}`,
    ],
    [
      'text after the end',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions({ key: 'user/ann/cat.png' })}}{}`,
    ],
    [
      'NUL after the end',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":${conditions({ key: 'user/ann/cat.png' })}}\0`,
    ],
    [
      'a condition within a condition',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":[${conditions({ key: 'user/ann/cat.png' })}]}`,
    ],
    [
      'conditions with numeric keys',
      `{"expiration":"2099-01-01T00:00:00Z","conditions":{"0":{"key":"user/ann/cat.png"},"length":1}}`,
    ],
    ['conditions as a string', `{"expiration":"2099-01-01T00:00:00Z","conditions":"[]"}`],
    ['no conditions', `{"expiration":"2099-01-01T00:00:00Z","conditions":[]}`],
    ['a list', `[{"expiration":"2099-01-01T00:00:00Z","conditions":[]}]`],
    ['null', 'null'],
    ['a string', '"policy"'],
    ['a number', '1'],
  ])('%s is rejected', async (_, json) => {
    await refused(signedForm({ json, fields: [['key', 'user/ann/cat.png']] }))
  })

  const fields: Pair[] = [['key', 'user/ann/cat.png']]
  it.each<[unknown]>([
    [['StArTs-WiTh', '$key', 'other/']],
    [['STARTS-WITH', '$key', 'USER/']],
    [['EQ', '$key', 'user/ann/']],
    [['Eq', '$KEY', 'user/ann/CAT.png']],
    [['CONTENT-LENGTH-RANGE', 11, 20]],
    [['Content-Length-Range', 0, 9]],
    [['eq', 'key', 'user/ann/cat.png']],
    [['eq', '$$key', 'user/ann/cat.png']],
    [['eq', '$ key', 'user/ann/cat.png']],
    [['eq', '$', 'user/ann/cat.png']],
    [['eq', '$key', ['user/ann/cat.png']]],
    [['eq', '$key', null]],
    [['eq', '$key']],
    [['eq', '$key', 'user/ann/cat.png', '']],
    [['ends-with', '$key', '.png']],
    [['starts-with ', '$key', 'user/']],
    [['starts\u2010with', '$key', 'user/']],
    [['eq\0', '$key', 'user/ann/cat.png']],
    [['', '$key', '']],
    [[]],
    [[['eq', '$key', 'user/ann/cat.png']]],
    [{}],
    [{ key: ['user/ann/cat.png'] }],
    [{ key: null }],
    [{ key: 'user/ann/cat.png', acl: 'private' }],
    [{ $key: 'user/ann/cat.png' }],
    ['$key'],
    [null],
    [true],
    [1],
  ])('the condition %j that is malformed or not met is rejected', async (condition) => {
    await refused(signedForm({ fields, conditions: [{ bucket: BUCKET }, ['starts-with', '$key', ''], condition] }))
    await refused(signedForm({ fields, conditions: [condition, { bucket: BUCKET }, ['starts-with', '$key', '']] }))
    await refused(signedForm({ fields, conditions: [{ bucket: BUCKET }, condition] }))
  })

  it('operators in any case have their meaning', async () => {
    for (const [operator, ...rest] of [
      ['StArTs-WiTh', '$key', 'user/'],
      ['STARTS-WITH', '$KEY', 'user/ann/'],
      ['EQ', '$key', 'user/ann/cat.png'],
      ['Eq', '$Key', 'user/ann/cat.png'],
      ['Content-Length-Range', 1, 10],
    ] as const)
      expect(
        await checked(
          signedForm({ fields, conditions: [{ bucket: BUCKET }, ['starts-with', '$key', ''], [operator, ...rest]] }),
        ),
        operator,
      ).toBe(true)
  })
})

describe('values of other types', () => {
  it.each([
    ['an array', ['user/ann/cat.png']],
    ['an object', { key: 1 }],
    ['null', null],
    ['a function', () => 'user/ann/cat.png'],
    ['a symbol', Symbol('key')],
    ['a boolean', true],
  ])('%s is never accepted', async (_, value) => {
    for (const name of NAMES) {
      attacks++
      const fields = { ...Object.fromEntries(signedForm()), [name]: value } as unknown as Fields
      await expect(verifyPost(fields, complete({}))).rejects.toThrow()
    }
  })
})

describe('this suite', () => {
  it('signs independently what the library accepts, and its evaluator can reject', () => {
    expect(isSigned(signedForm())).toBe(true)
    expect(allows(signedForm(), { size: 1 })).toBe(true)
    expect(allows(signedForm(), { size: 0 })).toBe(false)
    expect(isSigned(signedForm({ secret: OTHER_SECRET }))).toBe(false)
    expect(signature({ host: '' }, 'a', '20261125')).toMatch(/^[\da-f]{64}$/)
    expect(FIELDS).toHaveLength(4)
  })

  it('runs all of its attacks', () => {
    expect(attacks).toBeGreaterThan(2950)
  })
})
