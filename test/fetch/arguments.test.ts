import { describe, expect, it } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// Arguments that the runtime's `Request` rejects: an error names the argument, and does not repeat a password in a URL.

const PASSWORD = 'hunter2-correct-horse'
const URL_OF_SERVICE = 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues'
const signedFetch = createSignedFetch({
  credentials: { ...CREDENTIALS },
  fetch: async () => new Response(''),
})

async function rejection(...args: unknown[]): Promise<Error> {
  const call = signedFetch as (...args: unknown[]) => Promise<unknown>
  return call(...args).then(
    () => expect.unreachable('The arguments were accepted.'),
    (error) => error,
  )
}

describe('a signed fetch', () => {
  it.each([
    '',
    'not a URL',
    '/path',
    'http://',
    'https://[::1',
    'https://host:99999/',
    'https://a b/',
    undefined,
    `https://jane:${PASSWORD}@sqs.eu-west-1.amazonaws.com/`,
    `https://jane:${PASSWORD}@[/`,
  ])('rejects the URL %j with the name of the argument', async (input) => {
    const error = await rejection(input)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: 'input', reason: 'invalid' })
    expect(error.message).toMatch(/^input is not valid\. Pass an absolute http\(s\) URL /)
    expect(`${error.stack} ${error.cause}`).not.toContain(PASSWORD)
  })

  it.each([
    ['method', { method: 'a b' }],
    ['method', { method: 'TRACE' }],
    ['headers', { headers: { 'a b': 'c' } }],
    ['headers', { headers: { a: `b\n${PASSWORD}` } }],
    ['headers', { headers: [['a']] }],
    ['body', { body: 'a', method: 'GET' }],
    ['body', { body: new Uint8Array(1) }],
    ['signal', { signal: 'a' }],
    ['redirect', { method: 'PUT', body: 'a', redirect: 'a' }],
  ])('rejects init.%s with the name of the argument', async (name, init) => {
    const error = await rejection(URL_OF_SERVICE, init)
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: `init.${name}` })
    expect(`${error.stack} ${error.cause}`).not.toContain(PASSWORD)
  })

  it.each([
    ['init', [true]],
    ['init', ['PUT']],
    ['init.aws', [{ aws: 'eu-west-1' }]],
  ])('rejects %s that is not an object', async (argument, rest) => {
    expect(await rejection(URL_OF_SERVICE, ...rest)).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', argument })
  })

  it('accepts null for no options, as fetch does', async () => {
    expect((await signedFetch(URL_OF_SERVICE, null as never)).status).toBe(200)
  })

  it('rejects a request whose body was read', async () => {
    const request = new Request(URL_OF_SERVICE, { method: 'POST', body: 'a' })
    await request.text()
    expect(await rejection(request)).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: 'input' })
  })
})
