import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verify } from '../../src/verify.ts'

// Clients of HTTP/2, such as the AWS SDK for JavaScript, sign :authority in place of the Host header.

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const AMZ_DATE = '20150830T123600Z'
const now = Date.UTC(2015, 7, 30, 12, 36)
const options = { credentials: () => SECRET, now }

/** Signs a request with node:crypto. */
function request(signed: Record<string, string>, sent: Record<string, string> = signed) {
  const all = { ...signed, 'x-amz-date': AMZ_DATE }
  const names = Object.keys(all).sort()
  const lines = names.map((name) => `${name}:${all[name as keyof typeof all]}\n`).join('')
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const canonicalRequest = ['GET', '/', '', lines, names.join(';'), hash('')].join('\n')
  const scope = ['20150830', 'us-east-1', 'transcribe', 'aws4_request']
  const toSign = ['AWS4-HMAC-SHA256', AMZ_DATE, scope.join('/'), hash(canonicalRequest)].join('\n')
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const signature = hmac(scope.reduce<string | Buffer>(hmac, `AWS4${SECRET}`) as Buffer, toSign).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { method: 'GET', url: '/', headers: { ...sent, 'x-amz-date': AMZ_DATE, authorization }, body: '' }
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
