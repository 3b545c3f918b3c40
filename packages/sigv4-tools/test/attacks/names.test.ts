import { describe, expect, it } from 'vitest'
import { checkPost, presignGet, presignPost, sign } from '../../../../src/index.ts'
import { trace } from '../../../../src/trace.ts'
import { toErrorResponse, verify } from '../../../../src/verify.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { serve } from '../../src/serve.ts'

// Names of members: a secret in place of a name, two names joined, names that are inherited, and what is passed for options.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const OBJECT = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const SQS = { url: 'https://sqs.eu-west-1.amazonaws.com/' }
const lookup = { credentials: () => SECRET }

async function errorOf(call: () => unknown): Promise<Error & { argument?: string; reason?: string }> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('a secret that is passed as a name', () => {
  it.each<[string, (name: string) => unknown]>([
    ['an option', (name) => presignGet(OBJECT, { credentials, [name]: 'AKIDEXAMPLE' })],
    ['the only option', (name) => presignGet(OBJECT, { [name]: 'AKIDEXAMPLE' } as never)],
    ['a part of an option', (name) => presignGet(OBJECT, { credentials, [`key ${name}`]: '' })],
    ['an option of verify', (name) => verify({ headers: {} }, { ...lookup, [name]: '' })],
    ['an option of toErrorResponse', (name) => toErrorResponse(new Error('a'), { [name]: '' })],
    ['an option of trace', (name) => trace({ url: '/', headers: { host: 'a.example' } }, { credentials, [name]: '' })],
    ['an option of serve', (name) => serve({ [name]: '' })],
    ['a member of the target', (name) => presignGet({ ...OBJECT, [name]: '' }, { credentials })],
    ['a header', (name) => presignGet(OBJECT, { credentials, headers: { [`${name}:`]: '' } })],
    ['a signed header', (name) => sign({ ...SQS, headers: { [`${name}:`]: '' } }, { credentials })],
    ['a field', (name) => presignPost(OBJECT, { credentials, fields: { [`${name}/`]: '' } })],
  ])('is not in the message: %s', async (_, call) => {
    for (const name of [SECRET, SECRET.replace(/\W/g, 'x')]) {
      const { message, argument } = await errorOf(() => call(name))
      expect(`${message} ${argument}`.toLowerCase()).not.toContain(name.toLowerCase())
      expect(argument).toContain('[hidden]')
    }
  })

  it('of any size leaves the message short', async () => {
    const { message } = await errorOf(() => presignGet(OBJECT, { credentials, ['x'.repeat(1e6)]: 1 }))
    expect(message.length).toBeLessThan(400)
  })
})

describe('options', () => {
  it('whose name is two names joined are unknown', async () => {
    for (const name of ['region service', 'credentials expires', ' region', '', ' ']) {
      const { message } = await errorOf(() => presignGet(OBJECT, { credentials, [name]: 1 }))
      expect(message).toMatch(`options.${name} is unknown. Allowed: credentials, `)
    }
  })

  it('from JSON cannot set a prototype', async () => {
    const given = JSON.parse('{ "__proto__": { "region": "us-east-1" } }')
    const { message } = await errorOf(() => presignGet(OBJECT, { credentials, ...given }))
    expect(message).toMatch('options.__proto__ is unknown.')
  })

  it('may be instances, frozen, or without a prototype', async () => {
    class Options {
      credentials = credentials
      get expires() {
        return 60
      }
    }
    const none = Object.assign(Object.create(null), { credentials })
    for (const options of [new Options(), Object.freeze({ credentials }), none, new Proxy({ credentials }, {})])
      expect((await presignGet(Object.freeze({ ...OBJECT }), options)).url).toContain('X-Amz-Signature=')
  })

  it('may inherit members of a library', async () => {
    class Old {
      credentials = credentials
    }
    Object.assign(Old.prototype, { toJSON: () => '' })
    expect((await presignGet(OBJECT, new Old())).url).toContain('X-Amz-Signature=')
    Object.assign(Object.prototype, { extend: () => '' })
    try {
      expect((await presignGet(OBJECT, { credentials })).url).toContain('X-Amz-Signature=')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'extend')
    }
  })
})

it('a file can be passed for its size and type', async () => {
  const limits = { credentials, contentLengthRange: [1, 3], contentType: 'text/plain' } as const
  const { fields } = await presignPost(OBJECT, limits)
  expect(checkPost(fields, fields, new File(['cat'], 'cat.txt', { type: 'text/plain' }))).toBeUndefined()
  expect(checkPost(fields, fields, new File(['cats'], 'cat.txt'))?.reason).toBe('too-large')
})
