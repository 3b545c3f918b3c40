import assert from 'node:assert/strict'
import { explain, parseEvidence } from '../../../packages/sigv4-tools/src/explain.ts'
import type { SecretCredentials } from '../../../src/credentials.ts'
import { objectUrl, presignGet, presignPut, sign } from '../../../src/index.ts'
import { type Reply, type Sendable, text } from '../../servers/wire.ts'
import { bytesOf } from '../agreement.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { store } from './objects.ts'

const HOUR = 60 * 60 * 1000
const MISMATCH = { status: 403, code: 'SignatureDoesNotMatch' } as const

const optionsOf = ({ credentials, setting }: Lab) => ({ credentials, region: setting.options.region, service: 's3' })

const wrong = ({ secretAccessKey, ...rest }: SecretCredentials): SecretCredentials => ({
  ...rest,
  secretAccessKey: `${secretAccessKey.slice(0, -1)}${secretAccessKey.endsWith('x') ? 'y' : 'x'}`,
})

/** Confirms that `explain` names a cause first, given the request, the response, and the right credentials. */
function explains({ credentials }: Lab, request: Sendable, reply: Reply, cause: string, part?: string): void {
  const { method, url, headers, body } = request
  const { findings } = explain({
    request: { method, url, headers, body: bytesOf(body) },
    response: { status: reply.status, headers: Object.fromEntries(reply.headers), body: text(reply) },
    credentials,
  })
  assert.equal(findings[0]?.cause, cause)
  if (part !== undefined) assert.match(findings[0].message, RegExp(part, 'i'))
}

export const rejectionRows: readonly Row[] = [
  row('rejected: an expired URL', async (lab) => {
    const { credentials } = lab
    await store(lab, 'expired', 'x')
    const request = await presignGet(lab.object('expired'), { credentials, expires: '1m', now: Date.now() - HOUR })
    const reply = await lab.rejected(request, { status: 403, code: 'AccessDenied' })
    explains(lab, request, reply, 'expired')
  }),

  row('rejected: a wrong secret, which explain names', async (lab) => {
    const url = objectUrl(lab.object('secret'))
    const options = { ...optionsOf(lab), credentials: wrong(lab.credentials) }
    const request = { body: undefined, ...(await sign({ method: 'PUT', url, body: 'x' }, options)) }
    explains(lab, request, await lab.rejected(request, MISMATCH), 'wrong-secret')
    const presigned = await presignGet(lab.object('secret'), { credentials: wrong(lab.credentials) })
    explains(lab, presigned, await lab.rejected(presigned, MISMATCH), 'wrong-secret')
  }),

  row('rejected: a header that was changed after signing', async (lab) => {
    const url = objectUrl(lab.object('header'))
    const signed = await sign({ method: 'PUT', url, headers: { 'x-amz-meta-a': 'one' } }, optionsOf(lab))
    await lab.rejected({ ...signed, body: undefined, headers: { ...signed.headers, 'x-amz-meta-a': 'two' } }, MISMATCH)
  }),

  row('rejected: a key, a method, a parameter, and a signature that were changed after signing', async (lab) => {
    const { credentials } = lab
    await store(lab, 'one', '1')
    const request = await presignGet(lab.object('one'), { credentials })
    await lab.rejected({ ...request, url: request.url.replace('/one?', '/two?') }, MISMATCH)
    await lab.rejected({ ...request, method: 'DELETE' }, MISMATCH)
    await lab.rejected({ ...request, url: `${request.url}&response-content-type=text%2Fhtml` }, MISMATCH)
    const url = request.url.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    await lab.rejected({ ...request, url }, MISMATCH)
    await lab.accepted(request)
  }),

  row('rejected: a body that was changed after signing', async (lab) => {
    const request = await sign({ method: 'PUT', url: objectUrl(lab.object('body')), body: 'one' }, optionsOf(lab))
    await lab.rejected({ ...request, body: 'two' }, { status: 400, code: 'XAmzContentSHA256Mismatch' })
  }),

  row('rejected: metadata that was not signed', async (lab) => {
    const { credentials } = lab
    const { headers, ...request } = await presignPut(lab.object('metadata'), { credentials })
    const sent = { ...request, headers: { ...headers, 'x-amz-meta-a': 'one' }, body: 'x' }
    await lab.rejected(sent, { status: 403, code: 'AccessDenied' })
  }),

  row('rejected: a date of an hour ago', async (lab) => {
    const { body: _, ...request } = await sign(
      { url: objectUrl(lab.object('date')) },
      { ...optionsOf(lab), now: Date.now() - HOUR },
    )
    await lab.rejected(request, { status: 403, code: 'RequestTimeTooSkewed' })
  }),

  row('rejected: an unknown access key ID', async (lab) => {
    const { secretAccessKey } = lab.credentials
    const credentials = { accessKeyId: 'AKIA2SIGV4UNKNOWNKEY', secretAccessKey }
    const request = await presignGet(lab.object('unknown'), { credentials })
    await lab.rejected(request, { status: 403, code: 'InvalidAccessKeyId' })
  }),

  row('response: its strings are read, and are those of verify', async (lab) => {
    const url = objectUrl(lab.object('strings ü'))
    const options = { ...optionsOf(lab), credentials: wrong(lab.credentials) }
    const { body: _, ...request } = await sign({ url }, options)
    const document = text(await lab.rejected(request, MISMATCH))
    // rejected() has compared it with that of verify
    assert(document.includes('<CanonicalRequest>GET\n'), 'the response contains no canonical request')
    const evidence = parseEvidence(document)
    assert(evidence.response, 'parseEvidence recognizes no response')
    const { signature, findings } = explain({ ...evidence, credentials: lab.credentials })
    assert.deepEqual([signature, findings[0]?.cause], ['wrong', 'wrong-secret'])
  }),
]
