import { afterEach, describe, expect, it, vi } from 'vitest'
import * as entry from '../../src/sigv4a.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// Hosts, region sets, credentials and errors of Signature Version 4a.

const credentials = { ...CREDENTIALS }
const ACCESS_POINT = 'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com'
const signedAt = 1_440_938_160_000
const options = { credentials, now: signedAt }

/** Options as an untyped caller passes them. */
const given = (changed: object): entry.PresignOptions => ({ ...options, ...changed })

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('sigv4/sigv4a', () => {
  const parameters = async (target: entry.Target, changed: object = {}) => {
    const { url } = await entry.presign('GET', target, given(changed))
    const { searchParams } = new URL(url)
    return [searchParams.get('X-Amz-Credential')!.split('/').slice(1).join('/'), searchParams.get('X-Amz-Region-Set')]
  }

  it.each([
    [ACCESS_POINT, 's3'],
    [`${ACCESS_POINT.toUpperCase()}:443`, 's3'],
    ['abcde.veo.endpoint.events.amazonaws.com', 'events'],
    ['abcde.veo.endpoint.events.api.aws', 'events'],
    ['abcde.456.endpoints.email.amazonaws.com', 'ses'],
    ['abcde.456.endpoints.email.global.api.aws', 'ses'],
    ['abcde.456.endpoints.email.us-gov.amazonaws.com', 'ses'],
    ['123456789012.cloudfront-kvs.global.api.aws', 'cloudfront-keyvaluestore'],
    ['partnercentral-channel.global.api.aws', 'partnercentral-channel'],
    ['partnercentral-channel-fips.us-gov.api.aws', 'partnercentral-channel'],
    ['partnercentral-prm.global.api.aws', 'partnercentral'],
    ['sustainability.global.api.aws', 'sustainability'],
  ])('signs for all regions of %s', async (host, service) => {
    expect(await parameters(`https://${host}/`)).toEqual([`20150830/${service}/aws4_request`, '*'])
    expect(await parameters(`https://${host}/`, { regionSet: 'eu-west-*' })).toEqual([
      `20150830/${service}/aws4_request`,
      'eu-west-*',
    ])
  })

  it.each([
    ['dynamodb.eu-west-1.amazonaws.com', 'dynamodb'],
    ['s3.eu-west-1.amazonaws.com', 's3'],
    ['abc.execute-api.eu-west-1.amazonaws.com', 'execute-api'],
    // not the endpoints of a service in several regions
    ['abcde.endpoint.events.amazonaws.com.example.com', undefined],
    ['notendpoint.events.amazonaws.com', 'events'],
  ])('determines the service of %s, and requires a region set', async (host, service) => {
    const call = async () => entry.presign('GET', `https://${host}/`, options)
    const argument = service ? 'options.regionSet' : 'options.service'
    await expect(call()).rejects.toMatchObject({ code: 'ERR_SIGV4_SCOPE_UNKNOWN', argument, reason: 'missing' })
    const changed = { regionSet: ['eu-west-1', 'eu-central-1'], ...(!service && { service: 'own' }) }
    expect(await parameters(`https://${host}/`, changed)).toEqual([
      `20150830/${service ?? 'own'}/aws4_request`,
      'eu-west-1,eu-central-1',
    ])
  })

  it('rejects a region beside the ARN of an access point, which would have no effect', async () => {
    const target = { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'k', region: 'eu-west-1' }
    await expect((async () => entry.presignGet(target, options))()).rejects.toThrow(
      'target.region cannot be used here. Pass options.regionSet.',
    )
  })

  it('puts the region set into a signed header', async () => {
    const { headers } = await entry.sign({ url: `https://${ACCESS_POINT}/k` }, { ...options, regionSet: ['*'] })
    expect(headers['x-amz-region-set']).toBe('*')
    expect(headers.authorization).toMatch(
      /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/20150830\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-region-set, Signature=30[\da-f]{130,142}$/,
    )
  })

  it('presigns without any header, and encodes the region set', async () => {
    const { url, headers, expiresAt } = await entry.presign('GET', `https://${ACCESS_POINT}/k`, given({ expires: 60 }))
    expect(url).toContain('&X-Amz-Region-Set=%2A&')
    expect(headers).toEqual({})
    expect(expiresAt).toEqual(new Date(signedAt + 60_000))
    const several = await entry.presign('GET', `https://${ACCESS_POINT}/k`, given({ regionSet: 'us-east-1,eu-west-*' }))
    expect(several.url).toContain('&X-Amz-Region-Set=us-east-1%2Ceu-west-%2A&')
  })

  it('accepts the ARN of a Multi-Region Access Point as a bucket', async () => {
    const bucket = 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap'
    for (const presign of [entry.presignGet, entry.presignPut]) {
      const { url } = await presign({ bucket, key: 'a/é (1).txt' }, options)
      expect(url).toMatch(`https://${ACCESS_POINT}/a/%C3%A9%20%281%29.txt?`)
    }
    const proxied = await entry.presignGet(
      { bucket, key: 'a', endpoint: 'https://proxy.example.com' },
      given({ regionSet: '*' }),
    )
    expect(proxied.url).toMatch('https://mfzwi23gnjvgw.mrap.proxy.example.com/a?')
    for (const other of [
      'arn:aws-cn:s3::123456789012:accesspoint/a.mrap',
      'arn:aws:s3:eu-west-1:123456789012:accesspoint/a',
    ])
      await expect(async () => entry.presignGet({ bucket: other, key: 'a' }, options)).rejects.toMatchObject({
        argument: 'target.bucket',
      })
  })

  it('presigns a regional bucket for a region set', async () => {
    const target = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
    expect(await parameters(target, { regionSet: 'eu-west-1' })).toEqual(['20150830/s3/aws4_request', 'eu-west-1'])
    await expect(async () => entry.presignGet(target, options)).rejects.toMatchObject({ argument: 'options.regionSet' })
  })

  it('supports the options of Signature Version 4', async () => {
    const { url, headers } = await entry.presignPut(
      `https://${ACCESS_POINT}/k`,
      given({ contentType: 'image/png', window: '1h' }),
    )
    expect(headers).toEqual({ 'content-type': 'image/png' })
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host')
    const download = await entry.presignGet(`https://${ACCESS_POINT}/k`, given({ download: 'a.txt' }))
    expect(new URL(download.url).searchParams.get('response-content-disposition')).toContain('a.txt')
  })

  it('adds a session token', async () => {
    const temporary = { ...credentials, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE/+==' }
    const { headers } = await entry.sign({ url: `https://${ACCESS_POINT}/k` }, { credentials: temporary })
    expect(headers['x-amz-security-token']).toBe(temporary.sessionToken)
    expect(headers.authorization).toContain('x-amz-region-set;x-amz-security-token,')
  })

  it.each([
    ['an unknown option', { expiresIn: 5 }, 'ERR_INVALID_ARG_VALUE', 'options.expiresIn', 'unknown'],
    ['a region', { region: 'us-east-1' }, 'ERR_INVALID_ARG_VALUE', 'options.region', 'unusable'],
    ['an empty region set', { regionSet: '' }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['an empty list of regions', { regionSet: [] }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    [
      'a list with an empty region',
      { regionSet: ['a', ''] },
      'ERR_SIGV4_SCOPE_UNKNOWN',
      'options.regionSet',
      'invalid',
    ],
    ['a space', { regionSet: 'a, b' }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['a line break', { regionSet: 'a\n' }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['a slash', { regionSet: 'a/b' }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['an object', { regionSet: {} }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['null', { regionSet: null }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.regionSet', 'invalid'],
    ['an invalid service', { service: 'a/b' }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.service', 'invalid'],
    ['seconds as the date', { now: 1_440_938_160 }, 'ERR_INVALID_ARG_VALUE', 'options.now', 'range'],
    [
      'no credentials',
      { credentials: undefined },
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials.accessKeyId',
      'missing',
    ],
    [
      'a signing key of Signature Version 4',
      {
        credentials: {
          accessKeyId: 'AKIDEXAMPLE',
          signingKey: { date: '20150830', region: 'us-east-1', service: 's3', key: new Uint8Array(32) },
        },
      },
      'ERR_SIGV4_KEY_SCOPE',
      'options.credentials.signingKey',
      'unusable',
    ],
  ])('rejects %s', async (_, changed, code, argument, reason) => {
    const url = `https://${ACCESS_POINT}/k`
    const expected = { code, argument, reason }
    const unused = 'now' in changed ? {} : { now: signedAt }
    await expect(async () =>
      entry.presign('GET', url, { credentials, ...unused, ...changed } as never),
    ).rejects.toMatchObject(expected)
    await expect(async () =>
      entry.presignPut(url, { credentials, ...unused, ...changed } as never),
    ).rejects.toMatchObject(expected)
    await expect(async () =>
      entry.sign({ url }, { credentials, ...unused, ...changed } as never),
    ).rejects.toMatchObject(expected)
  })

  it('has no secret in its messages', async () => {
    const { secretAccessKey } = credentials
    for (const changed of [
      { regionSet: `${secretAccessKey.replaceAll('/', '')}/` },
      { regionSet: [secretAccessKey] },
      { [secretAccessKey]: 1 },
      { service: secretAccessKey },
    ]) {
      const error = await Promise.resolve()
        .then(() => entry.presign('GET', `https://${ACCESS_POINT}/k`, given(changed)))
        .catch((thrown: unknown) => thrown)
      expect(String(error)).toMatch(/Error/)
      expect(String(error)).not.toContain('wJalrXUtnFEMI')
    }
  })

  it.each([undefined, null, 'us-east-1', credentials])('rejects %s as options', async (value) => {
    const expected = { code: 'ERR_INVALID_ARG_TYPE', argument: 'options' }
    await expect(async () => entry.presignGet(`https://${ACCESS_POINT}/k`, value as never)).rejects.toMatchObject(
      expected,
    )
    await expect(async () => entry.sign({ url: `https://${ACCESS_POINT}/k` }, value as never)).rejects.toMatchObject(
      expected,
    )
  })

  it('rejects a region set in the request', async () => {
    const url = `https://${ACCESS_POINT}/k`
    const added = `${url}?x-amz-region-set=%2A`
    const code = 'ERR_SIGV4_ALREADY_SIGNED'
    const headers = { 'X-Amz-Region-Set': '*' }
    await expect(async () => entry.presign('GET', added, options)).rejects.toMatchObject({ code, argument: 'target' })
    await expect(async () =>
      entry.presign('GET', url, given({ query: { 'X-Amz-Region-Set': '*' } })),
    ).rejects.toMatchObject({ code, argument: 'options.query["X-Amz-Region-Set"]' })
    await expect(async () => entry.presign('GET', url, given({ headers }))).rejects.toMatchObject({
      code,
      argument: 'options.headers["x-amz-region-set"]',
    })
    await expect(async () => entry.sign({ url: added }, options)).rejects.toMatchObject({
      code,
      argument: 'request.url',
    })
    await expect(async () => entry.sign({ url, headers }, options)).rejects.toMatchObject({
      code,
      argument: 'request.headers["x-amz-region-set"]',
    })
  })

  it('rejects the website of a bucket, which accepts no signature', async () => {
    const url = 'https://photos.s3-website.eu-west-1.amazonaws.com/k'
    await expect(async () => entry.presignGet(url, given({ regionSet: '*', service: 's3' }))).rejects.toMatchObject({
      code: 'ERR_SIGV4_SCOPE_UNKNOWN',
    })
  })

  it('changes none of its arguments', async () => {
    const frozen = Object.freeze({
      ...options,
      headers: Object.freeze({ 'x-amz-meta-a': '1' }),
      query: Object.freeze({ a: 'b' }),
    })
    const target = Object.freeze({ bucket: 'arn:aws:s3::123456789012:accesspoint/a.mrap', key: 'k' })
    expect((await entry.presignPut(target, frozen)).headers).toEqual({ 'x-amz-meta-a': '1' })
  })
})

describe('credentials', () => {
  const url = `https://${ACCESS_POINT}/k`
  const signatureOf = (signed: { url: string }) => new URL(signed.url).searchParams.get('X-Amz-Signature')!
  const stringToSign = 'AWS4-ECDSA-P256-SHA256\nmessage'

  it('are provided by a function', async () => {
    const { accessKeyId } = credentials
    const provided = vi.fn(async () => ({ ...credentials }))
    const { headers } = await entry.sign({ url }, { credentials: provided, now: signedAt })
    expect(headers.authorization).toContain(`Credential=${accessKeyId}/`)
    expect((await entry.presignGet(url, { credentials: provided, now: signedAt })).url).toContain(accessKeyId)
    expect(provided).toHaveBeenCalledTimes(2)
  })

  it('are derived from once, and again after a change', async () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    const imported = () => importKey.mock.calls.filter(([format]) => String(format) === 'pkcs8').length
    const changing = { ...credentials, secretAccessKey: 'w-of-this-test' }
    const own = { credentials: changing, now: signedAt }
    await Promise.all([entry.presignGet(url, own), entry.presignGet(`${url}2`, own)])
    await entry.presignGet(url, { ...own, regionSet: 'eu-west-1', now: signedAt + 864e5 })
    expect(imported()).toBe(1)
    changing.secretAccessKey = changing.secretAccessKey.replace('w', 'x')
    await entry.presignGet(url, own)
    expect(imported()).toBe(2)
    changing.accessKeyId = 'AKIDOTHER'
    await entry.presignGet(url, own)
    expect(imported()).toBe(3)
    // a key that cannot be read
    expect(importKey.mock.calls.filter(([format]) => String(format) === 'pkcs8').map((call) => call[3])).toEqual([
      false,
      false,
      false,
    ])
  })

  it('are derived from again after a failure', async () => {
    const own = { credentials: { ...credentials, secretAccessKey: 'of this test' }, now: signedAt }
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new Error('once'))
    await expect(entry.presignGet(url, own)).rejects.toThrow('once')
    expect(signatureOf(await entry.presignGet(url, own))).toMatch(/^30/)
  })

  it('cannot verify where the runtime exports no public key', async () => {
    const exportKey = vi.spyOn(crypto.subtle, 'exportKey')
    exportKey.mockRejectedValueOnce(new Error('as in Firefox'))
    await expect(entry.sigv4a.verifier({ ...credentials })).rejects.toMatchObject({
      code: 'ERR_SIGV4_CRYPTO_UNAVAILABLE',
      message: 'crypto.subtle cannot be used here. Firefox does not export public keys. Verify in a different runtime.',
    })
    expect(exportKey).toHaveBeenCalledTimes(1)
  })

  it('verify signatures of other implementations', async () => {
    const verifies = await entry.sigv4a.verifier({ ...credentials })
    const key = await entry.deriveSigningKey({ credentials })
    const { createPrivateKey, sign } = await import('node:crypto')
    const { pkcs8 } = await import('../../src/sigv4a/key.ts')
    const pem = createPrivateKey({ key: Buffer.from(pkcs8(key)), format: 'der', type: 'pkcs8' })
    const signature = sign('sha256', Buffer.from(stringToSign), pem).toString('hex')
    expect(await verifies(stringToSign, signature)).toBe(true)
    expect(await verifies(`${stringToSign}.`, signature)).toBe(false)
  })

  it('are verified with a key that is imported once', async () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    const own = { ...credentials }
    await Promise.all([entry.sigv4a.verifier(own), entry.sigv4a.verifier(own)])
    expect(importKey.mock.calls.filter(([format]) => String(format) === 'jwk')).toHaveLength(1)
    expect(entry.sigv4a.name).toBe('AWS4-ECDSA-P256-SHA256')
  })

  it('with a signing key cannot verify', async () => {
    const scoped = { accessKeyId: 'AKIDEXAMPLE', signingKey: { key: new Uint8Array(32) } } as never
    await expect(entry.sigv4a.verifier(scoped)).rejects.toMatchObject({ code: 'ERR_SIGV4_KEY_SCOPE' })
  })
})

describe('bodies', () => {
  const url = 'https://abcde.veo.endpoint.events.amazonaws.com/'
  const hash = '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

  it.each([
    ['a string', () => '{}'],
    ['bytes', () => Buffer.from('{}')],
    ['a Blob', () => new Blob(['{}'])],
  ])('%s is hashed', async (_, body) => {
    const { headers } = await entry.sign({ url, body: body() }, { ...options, payloadHashHeader: true })
    expect(headers['x-amz-content-sha256']).not.toBe(hash)
    expect(headers['x-amz-content-sha256']).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })

  it('a Request is signed, and remains usable', async () => {
    const request = new Request(url, { method: 'POST', body: '{}', headers: { 'x-amz-target': 'AWSEvents.PutEvents' } })
    const signed = await entry.sign(request, options)
    expect(signed.headers.authorization).toContain('x-amz-region-set;x-amz-target,')
    expect(await request.text()).toBe('{}')
  })

  it('a stream without its hash is rejected', async () => {
    const body = (async function* () {})()
    await expect(entry.sign({ url, body }, options)).rejects.toMatchObject({ code: 'ERR_SIGV4_BODY_NOT_HASHABLE' })
  })
})

describe('without crypto', () => {
  const url = `https://${ACCESS_POINT}/k`
  const code = 'ERR_SIGV4_CRYPTO_UNAVAILABLE'

  it('the functions say what they require', async () => {
    vi.stubGlobal('crypto', {})
    const expected = {
      code,
      message: 'crypto.subtle is missing. Use it on an https:// page, on localhost, or on a server.',
    }
    await expect(entry.presignGet(url, { credentials: { ...credentials } })).rejects.toMatchObject(expected)
    await expect(entry.sign({ url, body: 'a' }, { credentials: { ...credentials } })).rejects.toMatchObject(expected)
    await expect(entry.deriveSigningKey({ credentials })).rejects.toMatchObject(expected)
    await expect(entry.sigv4a.verifier({ ...credentials })).rejects.toMatchObject(expected)
  })
})
