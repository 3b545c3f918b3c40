import { expect } from 'vitest'
import { type Bench, load, object, scoped, store, using } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import type { SessionCredentials } from '../server.ts'
import { accepted, type Reply, type Sendable, send, text } from '../wire.ts'
import { uploadCases } from './uploads.ts'

// Requests signed with temporary credentials from the server.

type Issue = (bench: Bench) => Promise<SessionCredentials>

/** The same bench, with temporary credentials instead of the permanent ones. */
function withCredentials(bench: Bench, credentials: Bench['server']['credentials']): Bench {
  return { ...bench, server: { ...bench.server, credentials } }
}

/** Signs and sends a GET request, a header-signed request or a form, optionally with the token replaced after signing. */
const SENDERS: Record<Case['location'], (bench: Bench, sent?: { token: string | undefined }) => Promise<Reply>> = {
  async query(bench, sent) {
    const { url } = await bench.sigv4.presignGet(object(bench, 'object'), using(bench))
    return send({ method: 'GET', url: sent ? withToken(url, sent.token) : url, headers: {} })
  },
  async header(bench, sent) {
    const request = await bench.sigv4.sign({ url: bench.sigv4.objectUrl(object(bench, 'object')) }, scoped(bench))
    const headers = sent ? replaced(request.headers, sent.token) : request.headers
    return send({ ...request, headers })
  },
  async form(bench, sent) {
    const { credentials } = bench.server
    const { url, fields } = await bench.sigv4.presignPost(object(bench, 'object'), { credentials })
    const body = bench.sigv4.toFormData({ fields: sent ? replaced(fields, sent.token) : fields }, 'form')
    return send({ method: 'POST', url, headers: {} }, { body })
  },
}

function withToken(signed: string, token: string | undefined): string {
  const url = new URL(signed)
  if (token === undefined) url.searchParams.delete('X-Amz-Security-Token')
  else url.searchParams.set('X-Amz-Security-Token', token)
  return url.href
}

function replaced(fields: Record<string, string>, token: string | undefined): Record<string, string> {
  const { 'x-amz-security-token': signed, ...rest } = fields
  expect(signed).toBeDefined()
  return token === undefined ? rest : { ...rest, 'x-amz-security-token': token }
}

/** Changes a character in the middle of the token: the last one can contain bits that decoders ignore. */
function altered(token: string): string {
  const middle = token.length >> 1
  return token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1)
}

export function sessionCases(issue: Issue): Case[] {
  const cases = [
    works('query', 'presigned PUT, GET and DELETE', presigned),
    works('header', 'header-signed PUT, GET and DELETE', headerSigned),
    works('query', 'scoped signing key', scopedKey),
    works('form', 'form', form),
    ...uploadCases,
  ]
  return [
    ...cases.map((one) => ({
      ...one,
      name: `session: ${one.name}`,
      run: async (bench: Bench) => one.run(withCredentials(bench, await issue(bench))),
    })),
    ...(Object.keys(SENDERS) as Case['location'][]).flatMap((location) => rejections(location, issue)),
  ]
}

async function presigned(bench: Bench): Promise<void> {
  await store(bench, 'a (b).txt', 'for a while')
  expect(text(accepted(await load(bench, 'a (b).txt')))).toBe('for a while')
  const removal = await bench.sigv4.presignDelete(object(bench, 'a (b).txt'), using(bench))
  expect(accepted(await send(removal)).status).toBe(204)
  expect((await load(bench, 'a (b).txt')).status).toBe(404)
}

async function headerSigned(bench: Bench): Promise<void> {
  const url = bench.sigv4.objectUrl(object(bench, 'a (b).txt'))
  const request = async (change: Partial<Sendable>) =>
    send(await bench.sigv4.sign({ url, ...change } as Sendable, scoped(bench)))
  accepted(await request({ method: 'PUT', body: 'for a while' }))
  expect(text(accepted(await request({})))).toBe('for a while')
  expect(accepted(await request({ method: 'DELETE' })).status).toBe(204)
  expect((await request({})).status).toBe(404)
}

async function scopedKey(bench: Bench): Promise<void> {
  const { region, credentials } = bench.server
  await store(bench, 'scoped', 'for one day')
  const date = new Date()
  const signingKey = await bench.sigv4.deriveSigningKey({ date, region, service: 's3' }, { credentials })
  const { accessKeyId, sessionToken } = credentials
  const reply = await load(bench, 'scoped', {
    credentials: { accessKeyId, sessionToken, signingKey },
    now: date,
  })
  expect(text(accepted(reply))).toBe('for one day')
}

async function form(bench: Bench): Promise<void> {
  accepted(await SENDERS.form(bench))
  expect(text(accepted(await load(bench, 'object')))).toBe('form')
}

/** S3 looks up the access key ID with its token before it verifies the signature: without the token, it is unknown. */
function rejections(location: Case['location'], issue: Issue): Case[] {
  const unknown: [number, string] = [403, 'InvalidAccessKeyId']
  const invalid: [number, string] = [400, 'InvalidToken']

  type Credentials = Bench['server']['credentials']
  type Change = { sent: { token: string | undefined } } | { credentials: Credentials }

  /** Sends an accepted request, and then the same request with a different token or credentials. */
  function rejection(
    name: string,
    s3: [number, string],
    change: (own: SessionCredentials, other: SessionCredentials) => Change,
  ): Case {
    return isRejected(location, `session: ${location}, ${name}`, s3, async (bench) => {
      const own = await issue(bench)
      const changed = change(own, await issue(bench))
      const session = withCredentials(bench, own)
      await store(session, 'object', 'for a while')
      accepted(await SENDERS[location](session))
      if ('sent' in changed) return SENDERS[location](session, changed.sent)
      return SENDERS[location](withCredentials(bench, changed.credentials))
    })
  }

  return [
    rejection('token removed after signing', unknown, () => ({ sent: { token: undefined } })),
    rejection('token altered after signing', invalid, (own) => ({ sent: { token: altered(own.sessionToken) } })),
    rejection('token replaced after signing', invalid, (_, other) => ({ sent: { token: other.sessionToken } })),
    rejection('signed without the token', unknown, ({ accessKeyId, secretAccessKey }) => ({
      credentials: { accessKeyId, secretAccessKey },
    })),
    rejection('signed with an altered token', invalid, (own) => ({
      credentials: { ...own, sessionToken: altered(own.sessionToken) },
    })),
    rejection('signed with the token of a different session', invalid, (own, other) => ({
      credentials: { ...own, sessionToken: other.sessionToken },
    })),
    rejection('signed with the secret of a different session', [403, 'SignatureDoesNotMatch'], (own, other) => ({
      credentials: { ...own, secretAccessKey: other.secretAccessKey },
    })),
  ]
}
