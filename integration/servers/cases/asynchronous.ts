import { expect } from 'vitest'
import { deriveSigningKey, objectUrl, presignGet, presignPut, sign } from '../../../src/index.ts'
import { load, object, scoped, store } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { accepted, send, text } from '../wire.ts'

/** Features of the asynchronous entry only. */
export const asynchronousCases: Case[] = [
  works('query', 'credentials from a provider', async (bench) => {
    const credentials = async () => ({ ...bench.server.credentials })
    const upload = await presignPut(object(bench, 'provided'), { credentials })
    accepted(await send(upload, { body: 'by a provider' }))
    expect(text(accepted(await load(bench, 'provided')))).toBe('by a provider')
  }),

  works('query', 'scoped signing key as a CryptoKey', async (bench) => {
    await store(bench, 'sealed', 'by a CryptoKey')
    const { region, credentials } = bench.server
    const date = new Date()
    const scope = { date, region, service: 's3' }
    const signingKey = await deriveSigningKey(scope, { credentials, extractable: false })
    expect(signingKey.key).toMatchObject({ extractable: false })
    const holder = { accessKeyId: credentials.accessKeyId, signingKey }
    const download = await presignGet(object(bench, 'sealed'), { credentials: holder, now: date })
    expect(text(accepted(await send(download)))).toBe('by a CryptoKey')
  }),

  works('header', 'header: a Request', async (bench) => {
    const url = objectUrl(object(bench, 'request'))
    const headers = { 'content-type': 'text/plain', 'x-amz-meta-note': 'kept' }
    const request = new Request(url, { method: 'PUT', headers, body: 'from a Request' })
    accepted(await send(await sign(request, scoped(bench))))
    const reply = accepted(await load(bench, 'request'))
    expect([text(reply), reply.headers.get('x-amz-meta-note')]).toEqual(['from a Request', 'kept'])
  }),

  works('header', 'header: PUT of a Blob', async (bench) => {
    const url = objectUrl(object(bench, 'blob'))
    const headers = { 'content-type': 'text/plain' }
    const body = new Blob(['two', ' parts'])
    accepted(await send(await sign({ method: 'PUT', url, headers, body }, scoped(bench))))
    expect(text(accepted(await load(bench, 'blob')))).toBe('two parts')
  }),
]
