import { describe, expect, it } from 'vitest'
import { trace } from '../../src/trace.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { signTarget, TARGET_NOW, targetCases } from '../support/targets.ts'

// A url that starts with a slash is the target, byte for byte: it is not parsed as a URL, which would change each of these.

describe.each(targetCases())('the target $url ($kind, in the $location)', (each) => {
  const { request, unsigned, canonicalRequest, signature, service } = signTarget(each)
  const { target, kind, location } = each

  it('is traced as it was sent', () => {
    const { canonicalRequest: traced, signature: found } = trace(unsigned, {
      credentials: CREDENTIALS,
      now: TARGET_NOW,
      location,
      region: 'eu-west-1',
      service,
    })
    expect(traced).toBe(canonicalRequest)
    expect(found).toBe(signature)
  })

  const options = { credentials: () => CREDENTIALS.secretAccessKey, now: TARGET_NOW, service }
  const pathNormalization = kind === 's3' ? 'none' : 'rfc3986'
  const invalid = { code: 'ERR_SIGV4_AUTH_MALFORMED', awsCode: 'InvalidURI' }
  const { rejected = [] } = target

  it(`is ${rejected === 'always' ? 'rejected as an invalid URI' : 'verified as it was sent'}`, async () => {
    const result = verify(request, { ...options, pathNormalization })
    if (rejected === 'always') await expect(result).rejects.toMatchObject(invalid)
    else expect((await result).accessKeyId).toBe(CREDENTIALS.accessKeyId)
  })

  it('is verified without pathNormalization if URL parsers read it alike', async () => {
    const result = verify(request, options)
    if (rejected === 'always' || rejected.includes(kind)) await expect(result).rejects.toMatchObject(invalid)
    else expect((await result).accessKeyId).toBe(CREDENTIALS.accessKeyId)
  })
})
