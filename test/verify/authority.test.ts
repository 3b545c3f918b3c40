import { describe, expect, it } from 'vitest'
import { verify } from '../../src/verify.ts'
import { SECRET } from '../support/credentials.ts'
import { authorization, EMPTY_HASH, sign } from '../support/oracle.ts'

// Clients of HTTP/2, such as the AWS SDK for JavaScript, sign :authority in place of the Host header.

const AMZ_DATE = '20150830T123600Z'
const now = Date.UTC(2015, 7, 30, 12, 36)
const options = { credentials: () => SECRET, now }

/** Signs a request by the oracle. */
function request(signed: Record<string, string>, sent: Record<string, string> = signed) {
  const all = { ...signed, 'x-amz-date': AMZ_DATE }
  const signedHeaders = Object.keys(all).sort()
  const scope = ['20150830', 'us-east-1', 'transcribe', 'aws4_request']
  const { signature } = sign({
    ...{ method: 'GET', path: '/', query: [], headers: Object.entries(all), signedHeaders, payloadHash: EMPTY_HASH },
    ...{ pathRule: 'other', amzDate: AMZ_DATE, scope, secretAccessKey: SECRET },
  })
  const value = authorization({ credential: `AKIDEXAMPLE/${scope.join('/')}` }, signedHeaders.join(';'), signature)
  return { method: 'GET', url: '/', headers: { ...sent, 'x-amz-date': AMZ_DATE, authorization: value }, body: '' }
}

const rejection = (code: string) => expect.objectContaining({ code })

describe(':authority as a signed header', () => {
  it('is accepted in place of host, and beside it', async () => {
    const { signedHeaders } = await verify(request({ ':authority': 'a.example' }), options)
    expect(signedHeaders).toEqual([':authority', 'x-amz-date'])
    await verify(request({ ':authority': 'a.example', host: 'a.example' }), options)
  })

  it('is rejected for a different host', async () => {
    const changed = verify(request({ ':authority': 'a.example' }, { ':authority': 'b.example' }), options)
    await expect(changed).rejects.toThrow(rejection('ERR_SIGV4_SIGNATURE_MISMATCH'))
    const added = verify(
      request({ ':authority': 'a.example' }, { ':authority': 'a.example', host: 'b.example' }),
      options,
    )
    await expect(added).rejects.toThrow(rejection('ERR_SIGV4_AUTH_AMBIGUOUS'))
  })

  it('is rejected if the request does not contain it, even if it was signed as empty', async () => {
    for (const signed of ['', 'a.example']) {
      const sent = verify(request({ ':authority': signed }, { host: 'a.example' }), options)
      await expect(sent).rejects.toThrow(rejection('ERR_SIGV4_HEADER_NOT_SIGNED'))
    }
  })

  it('has the value of options.host if a proxy changed it', async () => {
    const sent = request({ ':authority': 'a.example' }, { ':authority': '10.0.0.1:8080' })
    await expect(verify(sent, options)).rejects.toThrow(rejection('ERR_SIGV4_SIGNATURE_MISMATCH'))
    await verify(sent, { ...options, host: 'a.example' })
    const other = verify(request({ ':authority': 'b.example' }), { ...options, host: 'a.example' })
    await expect(other).rejects.toThrow(rejection('ERR_SIGV4_SIGNATURE_MISMATCH'))
  })

  it('is the only pseudo-header that may be signed', async () => {
    const path = verify(request({ ':authority': 'a.example', ':path': '/' }), options)
    await expect(path).rejects.toThrow(rejection('ERR_SIGV4_AUTH_MALFORMED'))
  })
})
