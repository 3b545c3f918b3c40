import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import * as original from '@smithy/signature-v4'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as ours from '../../src/smithy.ts'
import { KEY_ID, SECRET } from '../support/credentials.ts'
import { requestCall } from '../support/smithy/requests.ts'

// What packages import from @smithy/signature-v4 besides SignatureV4: @aws-sdk/s3-presigned-post derives a key, and
// @smithy/signature-v4a extends the base class.

const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const RUNS = 300

// biome-ignore lint/suspicious/noExplicitAny: calls that types do not allow
type Any = any

/** Returns what a call returns, or that it throws. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { returned: await call() }
  } catch {
    return 'threw'
  }
}

describe('the names', () => {
  const { default: _, ...theirs } = original as Record<string, unknown>

  it('are those of @smithy/signature-v4', () => {
    expect(Object.keys(theirs)).toHaveLength(39)
    expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(theirs)))
    expect(
      Object.keys(ours)
        .filter((name) => !(name in theirs))
        .sort(),
    ).toEqual(['SigV4Error', 'isSigV4Error'])
  })

  it.each(Object.entries(theirs).filter(([, value]) => typeof value !== 'function'))(
    '%s has the same value',
    (name, value) => {
      expect(new Map(Object.entries(ours)).get(name)).toEqual(value)
    },
  )
})

describe('a function returns what that of @smithy/signature-v4 returns:', () => {
  const calls: Record<string, (from: Any, request: Any, options: Any, init: Any) => unknown> = {
    getCanonicalHeaders: (from, request, { unsignableHeaders, signableHeaders }) =>
      Object.entries(from.getCanonicalHeaders(request, unsignableHeaders, signableHeaders)),
    getCanonicalQuery: (from, request) => from.getCanonicalQuery(request),
    getPayloadHash: (from, request) => from.getPayloadHash(request, Sha256),
    hasHeader: (from, { headers }) => ['ACCEPT', 'x-amz-date', 'nothing'].map((name) => from.hasHeader(name, headers)),
    moveHeadersToQuery: (from, request, options) => members(from.moveHeadersToQuery(request, options)),
    prepareRequest: (from, request) => members(from.prepareRequest(request)),
    SignatureV4Base: async (from, request, options, init) => {
      const signer = new (class extends from.SignatureV4Base {} as Any)({ ...init, sha256: Sha256 })
      const headers = from.getCanonicalHeaders(request)
      const { longDate, shortDate } = signer.formatDate(options.signingDate ?? 5)
      return [
        signer.createCanonicalRequest(request, headers, 'hash'),
        await signer.createStringToSign(longDate, shortDate, String(request.path), 'algorithm'),
        signer.getCanonicalHeaderList(headers),
        [typeof signer.credentialProvider, await signer.regionProvider(), signer.service, signer.sha256 === Sha256],
        [signer.uriEscapePath, signer.applyChecksum],
      ]
    },
  }
  const members = (request: Any) => {
    const { headers, query, ...others } = request
    return [Object.keys(request), Object.entries(headers ?? {}), Object.entries(query ?? {}), others]
  }

  it.each(Object.entries(calls))('%s', async (_, call) => {
    let returned = 0
    await fc.assert(
      fc.asyncProperty(requestCall, async ({ request, options = {}, init }) => {
        const given = members({ headers: {}, query: {}, ...(request as object) })
        const theirs = await outcome(() => call(original, request, options, init))
        if (theirs !== 'threw') returned++
        expect(await outcome(() => call(ours, request, options, init))).toEqual(theirs)
        expect(members({ headers: {}, query: {}, ...(request as object) })).toEqual(given)
      }),
      { numRuns: RUNS, seed: 20_260_131 },
    )
    expect(returned).toBeGreaterThan(RUNS / 2)
  })

  it('createScope', () => {
    expect(ours.createScope('20150830', 'eu-west-1', 'sqs')).toBe('20150830/eu-west-1/sqs/aws4_request')
    expect(ours.createScope(undefined as Any, '', '*')).toBe(original.createScope(undefined as Any, '', '*'))
  })

  it('for an HttpRequest, and for headers that inherit others', async () => {
    const headers = Object.assign(Object.create({ 'x-amz-content-sha256': 'inherited', accept: 'a' }), { host: 'a' })
    const request = new HttpRequest({ hostname: 'a', headers, body: 'a' })
    for (const from of [original, ours] as Any[]) {
      expect(await from.getPayloadHash({ headers, body: 'a' }, Sha256)).toMatch(/^ca978112/)
      expect(from.hasHeader('accept', headers)).toBe(false)
      expect(from.getCanonicalHeaders(request)).toEqual({ host: 'a' })
    }
  })
})

describe('getSigningKey', () => {
  beforeEach(() => {
    ours.clearCredentialCache()
    original.clearCredentialCache()
  })

  /** Counts how often a hash is created. */
  const counting = () => {
    function Hash(secret?: string): object {
      return new Sha256(secret)
    }
    return vi.fn(Hash)
  }
  const derive = (from: Any, Hash: unknown, credentials: object, ...scope: string[]): Promise<Uint8Array> =>
    from.getSigningKey(Hash, credentials, ...scope)

  it.each([
    ['a key', CREDENTIALS, ['20150830', 'eu-west-1', 'sqs']],
    ['temporary credentials', { ...CREDENTIALS, sessionToken: 'a' }, ['20150830', '', 'é']],
    ['a secret only', { secretAccessKey: 'é' }, ['20150830', 'eu-west-1', 's3']],
  ])('returns the same key: %s', async (_, credentials, scope) => {
    const key = await derive(ours, Sha256, credentials, ...scope)
    expect(key).toBeInstanceOf(Uint8Array)
    expect(key).toEqual(await derive(original, Sha256, credentials, ...scope))
  })

  it('keeps 50 keys until clearCredentialCache, and creates as many hashes', async () => {
    const counts: number[][] = []
    for (const from of [original, ours]) {
      const hash = counting()
      const seen: number[] = []
      const ask = async (region: string, credentials: object = CREDENTIALS) => {
        const key = await derive(from, hash, credentials, '20150830', region, 'sqs')
        seen.push(hash.mock.calls.length)
        return key
      }
      const first = await ask('r0')
      expect(await ask('r0', { ...CREDENTIALS })).toBe(first)
      await ask('r0', { ...CREDENTIALS, secretAccessKey: 'a different one' })
      for (let i = 2; i < 50; i++) await ask(`r${i}`)
      expect(await ask('r0')).toBe(first)
      await ask('r50')
      expect(await ask('r0')).not.toBe(first)
      from.clearCredentialCache()
      await ask('r50')
      counts.push(seen)
    }
    expect(counts[1]).toEqual(counts[0])
  })

  it('does not confuse scopes whose parts contain the separator', async () => {
    const one = await derive(ours, Sha256, CREDENTIALS, '20150830', 'a', 'b:c')
    const other = await derive(ours, Sha256, CREDENTIALS, '20150830', 'a:b', 'c')
    expect(one).not.toEqual(other)
  })

  it('rejects with the error of the hash, and keeps nothing', async () => {
    const error = new Error('no hash')
    const Broken = vi.fn(function Hash() {
      throw error
    })
    for (const from of [original, ours]) {
      await expect(derive(from, Broken, CREDENTIALS, '20150830', 'a', 'b')).rejects.toBe(error)
      await expect(derive(from, Sha256, CREDENTIALS, '20150830', 'a', 'b')).resolves.toHaveLength(32)
    }
  })
})

it('clearCredentialCache lets SignatureV4 derive its keys again', async () => {
  const subtle = vi.spyOn(crypto.subtle, 'importKey')
  vi.stubGlobal('process', { nextTick: process.nextTick }) // without node:crypto
  const signer = new ours.SignatureV4({ credentials: { ...CREDENTIALS }, region: 'eu-west-1', service: 'sqs' })
  const counts: number[] = []
  for (const clear of [false, false, true]) {
    if (clear) ours.clearCredentialCache()
    await signer.sign('a string', { signingDate: 0 })
    counts.push(subtle.mock.calls.length)
  }
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  expect(counts[1]).toBe(counts[0])
  expect(counts[2]).toBe(counts[0]! * 2)
})
