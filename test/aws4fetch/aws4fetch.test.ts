import * as aws4fetch from 'aws4fetch'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as entry from '../../src/aws4fetch.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// The examples in aws4fetch's documentation, and what a caller sees of the module.

const KEYS = { ...CREDENTIALS }
const URL_OF_API = 'https://lambda.us-east-1.amazonaws.com/2015-03-31/functions'
const OPTIONS = {
  ...KEYS,
  sessionToken: 'the/session+token=',
  service: 'lambda',
  region: 'us-east-1',
  cache: new Map<string, ArrayBuffer>(),
  retries: 10,
  initRetryMs: 50,
}
const AWS = {
  signQuery: true,
  ...OPTIONS,
  datetime: '20150830T123600Z',
  appendSessionToken: true,
  allHeaders: true,
  singleEncode: true,
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe.each([
  ['sigv4/aws4fetch', entry],
  ['aws4fetch', aws4fetch as unknown as typeof entry],
])('%s', (_, { AwsClient, AwsV4Signer }) => {
  const received: Request[] = []
  const receive = async (input: RequestInfo, init?: RequestInit) => {
    received.push(new Request(input, init))
    return Response.json({ my: 'event' })
  }

  it('invokes a function', async () => {
    vi.stubGlobal('fetch', receive)
    const aws = new AwsClient(KEYS)
    const response = await aws.fetch(`${URL_OF_API}/my-lambda/invocations`, { body: JSON.stringify({ my: 'event' }) })
    expect(await response.json()).toEqual({ my: 'event' })
    const { method, headers, url } = received.pop()!
    expect([method, url]).toEqual(['POST', `${URL_OF_API}/my-lambda/invocations`])
    const scope = '/us-east-1/lambda/aws4_request'
    expect(headers.get('authorization')).toContain(`${scope}, SignedHeaders=host;x-amz-date, `)
  })

  it('signs and sends with every option', async () => {
    vi.stubGlobal('fetch', receive)
    const aws = new AwsClient(OPTIONS)
    const init = { method: 'POST', headers: { 'content-type': 'a' }, body: '{}', keepalive: true, aws: AWS }
    const signed = await aws.sign(URL_OF_API, init)
    await aws.fetch(URL_OF_API, init)
    for (const { url, method } of [signed, received.pop()!]) {
      expect(method).toBe('POST')
      const { searchParams } = new URL(url)
      expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host')
      expect([...searchParams.keys()].slice(-2)).toEqual(['X-Amz-Signature', 'X-Amz-Security-Token'])
    }
  })

  it('signs with AwsV4Signer', async () => {
    const signer = new AwsV4Signer({
      ...AWS,
      url: URL_OF_API,
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: '{}',
      signQuery: false,
    })
    const { method, url, headers, body } = await signer.sign()
    expect([method, String(url), body]).toEqual(['POST', URL_OF_API, '{}'])
    expect(headers.get('authorization')).toBe(await signer.authHeader())
    expect(headers.get('authorization')).toContain(await signer.signature())
  })
})

describe('the entry', () => {
  it('has the names of aws4fetch', () => {
    expect(Object.keys(entry).sort()).toEqual(Object.keys(aws4fetch).sort())
  })

  it('has classes with the same methods', () => {
    const pairs = [
      [entry.AwsClient, aws4fetch.AwsClient],
      [entry.AwsV4Signer, aws4fetch.AwsV4Signer],
    ] as const
    for (const [own, theirs] of pairs) {
      const names = ({ prototype }: { prototype: object }) => Object.getOwnPropertyNames(prototype)
      expect(names(own)).toEqual(names(theirs))
      expect([own.name, own.length]).toEqual([theirs.name, theirs.length])
      // biome-ignore lint/suspicious/noExplicitAny: the argument is missing
      const message = (Class: any) => {
        try {
          return new Class()
        } catch (error) {
          return (error as Error).message
        }
      }
      expect(message(own)).toBe(message(theirs))
    }
  })

  it('uses the keys of a cache that aws4fetch filled, and the reverse', async () => {
    for (const [One, Other] of [
      [entry.AwsClient, aws4fetch.AwsClient],
      [aws4fetch.AwsClient, entry.AwsClient],
    ] as const) {
      const cache = new Map<string, ArrayBuffer>()
      await new One({ ...KEYS, cache }).sign(URL_OF_API)
      const [[name, key]] = [...cache] as [[string, ArrayBuffer]]
      expect([name.split(',').slice(2), key.byteLength]).toEqual([['us-east-1', 'lambda'], 32])
      cache.set(name, new ArrayBuffer(32))
      const signed = await Promise.all([One, Other].map((Client) => new Client({ ...KEYS, cache }).sign(URL_OF_API)))
      expect(cache.size).toBe(1)
      expect(signed[0]!.headers.get('authorization')).toBe(signed[1]!.headers.get('authorization'))
    }
  })
})
