import { expect } from 'vitest'
import { load, object, store, using } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import { accepted, send, text } from '../wire.ts'

const DAY = 24 * 60 * 60 * 1000

export const credentialCases: Case[] = [
  works('query', 'scoped signing key', async (bench) => {
    const { region, credentials } = bench.server
    await store(bench, 'scoped', 'by a key for one day')
    const date = new Date()
    const signingKey = await bench.sigv4.deriveSigningKey({ date, region, service: 's3' }, { credentials })
    const holder = { accessKeyId: credentials.accessKeyId, signingKey }
    const reply = await load(bench, 'scoped', { credentials: holder, now: date })
    expect(text(accepted(reply))).toBe('by a key for one day')
  }),

  works('query', "yesterday's scoped signing key for a URL of yesterday", async (bench) => {
    const { region, credentials } = bench.server
    await store(bench, 'scoped', 'yesterday')
    const date = new Date(Date.now() - DAY)
    const signingKey = await bench.sigv4.deriveSigningKey({ date, region, service: 's3' }, { credentials })
    const holder = { accessKeyId: credentials.accessKeyId, signingKey }
    const reply = await load(bench, 'scoped', { credentials: holder, now: date, expires: '2d' })
    expect(text(accepted(reply))).toBe('yesterday')
  }),

  // An invented token, which S3 rejects. A server without temporary credentials accepts it.
  isRejected('query', 'unknown session token', [400, 'InvalidToken'], async (bench) => {
    await store(bench, 'temporary', 'x')
    return load(bench, 'temporary', { credentials: temporary(bench.server.credentials) })
  }),

  isRejected('query', 'session token removed from the URL', [403, 'SignatureDoesNotMatch'], async (bench) => {
    await store(bench, 'temporary', 'x')
    const options = using(bench, { credentials: temporary(bench.server.credentials) })
    const url = new URL((await bench.sigv4.presignGet(object(bench, 'temporary'), options)).url)
    url.searchParams.delete('X-Amz-Security-Token')
    return send({ method: 'GET', url: url.href, headers: {} })
  }),
]

function temporary(credentials: { accessKeyId: string; secretAccessKey: string }) {
  return { ...credentials, sessionToken: 'invented+token/with=specials==' }
}
