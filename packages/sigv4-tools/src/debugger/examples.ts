import { deriveSigningKey, hmacHex, hmacKey } from '../../../../src/internal/sha256.ts'
import { trace } from '../../../../src/trace.ts'
import type { Cause } from '../explain.ts'

// Examples, computed with the clock of the moment. Their credentials are those of AWS's documentation.

const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'

/** Evidence as a user would paste it; `secret` goes into its own field. */
export interface Example {
  readonly paste: string
  readonly secret?: string
}

interface Signing {
  readonly method?: string
  readonly target?: string
  readonly headers?: Record<string, string>
  readonly secretAccessKey?: string
  readonly accessKeyId?: string
  /** Seconds before now. */
  readonly age?: number
  readonly expires?: number
  readonly region?: string
}

function amz(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function iso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function error(code: string, message: string, elements: Record<string, string> = {}): string {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const more = Object.entries(elements).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escaped(message)}</Message>${more.join('')}<RequestId>4442587FB7D0A2F9</RequestId></Error>`
}

/** A presigned URL, and what the service computes for it. */
function presigned(now: number, { method = 'GET', target = '/cat.jpg', headers = {}, age = 60, ...given }: Signing) {
  const [path, query = ''] = target.split('?')
  const signed = trace(
    { method, url: target, headers: { host: HOST, ...headers } },
    {
      location: 'query',
      region: given.region ?? 'eu-west-1',
      service: 's3',
      expires: given.expires ?? 900,
      now: new Date(now - age * 1000),
      credentials: { ...CREDENTIALS, accessKeyId: given.accessKeyId ?? CREDENTIALS.accessKeyId, sessionToken: 'token' },
      sessionTokenPlacement: 'appended',
    },
  )
  // clients that are at fault sign with secrets that this library rejects
  const key = deriveSigningKey(given.secretAccessKey ?? CREDENTIALS.secretAccessKey, signed.credentialScope.split('/'))
  const signature = hmacHex(hmacKey(key), signed.stringToSign)
  const line = signed.canonicalRequest.split('\n')[2] || query
  return { ...signed, signature, url: `https://${HOST}${path}?${line}&X-Amz-Signature=${signature}` }
}

/** A request with an Authorization header, as curl -v prints it. */
function signedRequest(now: number, { method = 'GET', target = '/cat.jpg', headers = {}, age = 2, ...given }: Signing) {
  const date = new Date(now - age * 1000)
  const all = { host: HOST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers }
  const accessKeyId = given.accessKeyId ?? CREDENTIALS.accessKeyId
  const signed = trace(
    { method, url: target, headers: all },
    {
      location: 'header',
      region: given.region ?? 'eu-west-1',
      service: 's3',
      now: date,
      credentials: { ...CREDENTIALS, accessKeyId },
    },
  )
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${signed.credentialScope}, SignedHeaders=${signed.signedHeaders}, Signature=${signed.signature}`
  return { ...signed, sent: { ...all, 'x-amz-date': amz(date.getTime()), authorization } }
}

function curl(
  method: string,
  target: string,
  headers: Record<string, string>,
  status: string,
  now: number,
  body: string,
): string {
  const sent = Object.entries(headers).map(([name, value]) => `> ${name}: ${value}`)
  return [
    `> ${method} ${target} HTTP/1.1`,
    ...sent,
    '>',
    `< HTTP/1.1 ${status}`,
    `< Date: ${new Date(now).toUTCString()}`,
    '< Content-Type: application/xml',
    '<',
    body,
  ].join('\n')
}

function targetOf(url: string): string {
  return url.slice(`https://${HOST}`.length)
}

/** The response of a service that computed a different string to sign. */
function mismatch(strings: { canonicalRequest: string; stringToSign: string }, signature: string): string {
  return error('SignatureDoesNotMatch', MISMATCH, {
    AWSAccessKeyId: CREDENTIALS.accessKeyId,
    StringToSign: strings.stringToSign,
    SignatureProvided: signature,
    CanonicalRequest: strings.canonicalRequest,
  })
}

/** The signature of a client, and the strings that the service computed from something else. */
function differing(now: number, client: Signing, service: Signing) {
  const [signed, computed] = [presigned(now, client), presigned(now, service)]
  return { signed, url: signed.url, response: mismatch(computed, signed.signature) }
}

type Make = (now: number) => Example

/** Examples by cause, the most common first, each with a title. */
export const EXAMPLES: readonly (readonly [cause: Cause, title: string, make: Make])[] = [
  [
    'expired',
    'Expired URL',
    (now) => {
      const { url } = presigned(now, { age: 1200 })
      const body = error('AccessDenied', 'Request has expired', {
        'X-Amz-Expires': '900',
        Expires: iso(now - 300_000),
        ServerTime: iso(now),
      })
      return { paste: `${url}\n\n${body}` }
    },
  ],
  [
    'header-changed',
    'Content type changed by the client',
    (now) => {
      const signed = { method: 'PUT', headers: { 'content-type': 'image/jpeg' } }
      const { url, response } = differing(now, signed, {
        ...signed,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      const headers = { Host: HOST, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '52311' }
      return {
        paste: curl('PUT', targetOf(url), headers, '403 Forbidden', now, response),
        secret: CREDENTIALS.secretAccessKey,
      }
    },
  ],
  [
    'header-missing',
    'Signed header not sent',
    (now) => {
      const signed = { method: 'PUT', headers: { 'content-type': 'image/jpeg' } }
      const { url } = presigned(now, signed)
      const response = mismatch(presigned(now, { ...signed, headers: { 'content-type': '' } }), 'x')
      const headers = { Host: HOST, Accept: '*/*', 'Content-Length': '52311' }
      return {
        paste: curl(
          'PUT',
          targetOf(url),
          headers,
          '403 Forbidden',
          now,
          response.replace(/<SignatureProvided>x<\/SignatureProvided>/, ''),
        ),
      }
    },
  ],
  [
    'method',
    'Different method',
    (now) => {
      const { url, response } = differing(now, { method: 'PUT' }, { method: 'GET' })
      return {
        paste: curl('GET', targetOf(url), { Host: HOST }, '403 Forbidden', now, response),
        secret: CREDENTIALS.secretAccessKey,
      }
    },
  ],
  [
    'scope-region',
    'Different region',
    (now) => {
      const { sent } = signedRequest(now, { region: 'us-east-1' })
      const body = error(
        'AuthorizationHeaderMalformed',
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        { Region: 'eu-west-1' },
      )
      return { paste: curl('GET', '/cat.jpg', sent, '400 Bad Request', now, body) }
    },
  ],
  [
    'clock-past',
    'Clock too slow',
    (now) => {
      const { sent } = signedRequest(now, { age: 4830 })
      const body = error(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        {
          RequestTime: amz(now - 4_830_000),
          ServerTime: iso(now),
          MaxAllowedSkewMilliseconds: '900000',
        },
      )
      return { paste: curl('GET', '/cat.jpg', sent, '403 Forbidden', now, body) }
    },
  ],
  [
    'unknown-access-key',
    'Unknown access key',
    (now) => {
      const { url } = presigned(now, { accessKeyId: 'AKIADELETEDKEYEXAMPLE' })
      const body = error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        AWSAccessKeyId: 'AKIADELETEDKEYEXAMPLE',
      })
      return { paste: `$ curl '${url}'\n${body}` }
    },
  ],
  [
    'secret-whitespace',
    'Line break in the secret',
    (now) => {
      const { url } = presigned(now, { secretAccessKey: `${CREDENTIALS.secretAccessKey}\n` })
      return { paste: `${url}\n\n${error('SignatureDoesNotMatch', MISMATCH)}`, secret: CREDENTIALS.secretAccessKey }
    },
  ],
  [
    'wrong-secret',
    'Wrong secret',
    (now) => {
      const signed = presigned(now, { secretAccessKey: 'secretOfAnotherAccountEXAMPLEKEY' })
      return {
        paste: `$ aws s3 presign s3://photos/cat.jpg\n${signed.url}\n\nclient canonical request:\n${signed.canonicalRequest}\n\n${mismatch(signed, signed.signature)}`,
      }
    },
  ],
  [
    'session-token',
    'Session token missing',
    (now) => {
      const { url } = presigned(now, { accessKeyId: 'ASIAIOSFODNN7EXAMPLE' })
      return {
        paste: `${url}\n\n${error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.')}`,
      }
    },
  ],
  [
    'url-html-escaped',
    'Ampersands escaped for HTML',
    (now) => {
      const { url } = presigned(now, {})
      const body = error(
        'AuthorizationQueryParametersError',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      )
      return { paste: `${url.replaceAll('&', '&amp;')}\n\n${body}` }
    },
  ],
  [
    'missing-param',
    'Unquoted URL in a shell',
    (now) => {
      const { url } = presigned(now, {})
      const body = error(
        'AuthorizationQueryParametersError',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      )
      return { paste: curl('GET', targetOf(url).replace(/&.*/, ''), { Host: HOST }, '400 Bad Request', now, body) }
    },
  ],
  [
    'query-extra',
    'Parameter added after signing',
    (now) => {
      const signed = presigned(now, {})
      const computed = presigned(now, { target: '/cat.jpg?width=200' })
      const url = signed.url.replace('?', '?width=200&')
      return { paste: `${url}\n\n${mismatch(computed, signed.signature)}`, secret: CREDENTIALS.secretAccessKey }
    },
  ],
  [
    'path-encoding',
    'Path encoded differently',
    (now) => {
      const sent = '/users/eric@example.com.pdf'
      const client = presigned(now, { target: sent })
      const canonical = client.canonicalRequest.replace(/\n.*\n/, `\n${sent}\n`)
      const service = mismatch(client, client.signature)
      return { paste: `${client.url}\n\nDEBUG canonical request:\n${canonical}\n\n${service}` }
    },
  ],
  [
    'host',
    'Host changed by a proxy',
    (now) => {
      const client = presigned(now, {})
      const change = (text: string): string => text.replace(`host:${HOST}`, 'host:storage.internal')
      return {
        paste: `${client.url}\n\nDEBUG canonical request:\n${client.canonicalRequest}\n\n${error('SignatureDoesNotMatch', MISMATCH, { CanonicalRequest: change(client.canonicalRequest) })}`,
      }
    },
  ],
  [
    'expires-range',
    'Lifetime over seven days',
    (now) => {
      const { url } = presigned(now, {})
      const body = error(
        'AuthorizationQueryParametersError',
        'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
      )
      return { paste: `${url.replace('X-Amz-Expires=900', 'X-Amz-Expires=2592000')}\n\n${body}` }
    },
  ],
  [
    'two-auths',
    'Two authentication methods',
    (now) => {
      const { url } = presigned(now, {})
      const body = error(
        'InvalidArgument',
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      )
      return {
        paste: curl(
          'GET',
          targetOf(url),
          { Host: HOST, Authorization: 'Bearer eyJhbGciOiJub25lIn0' },
          '400 Bad Request',
          now,
          body,
        ),
      }
    },
  ],
  [
    'payload-mismatch',
    'Body changed after signing',
    (now) => {
      const hash = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'
      const { sent } = signedRequest(now, { method: 'PUT', headers: { 'x-amz-content-sha256': hash } })
      const body = error(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        {
          ClientComputedContentSHA256: hash,
          S3ComputedContentSHA256: 'fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9',
        },
      )
      return { paste: curl('PUT', '/cat.jpg', sent, '400 Bad Request', now, body) }
    },
  ],
  [
    'policy-condition',
    'Form not allowed by its policy',
    () => {
      return {
        paste: error(
          'AccessDenied',
          'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "user/eric/"]',
        ),
      }
    },
  ],
  [
    'anonymous',
    'Request without a signature',
    (now) => {
      return {
        paste: curl('GET', '/cat.jpg', { Host: HOST }, '403 Forbidden', now, error('AccessDenied', 'Access Denied')),
      }
    },
  ],
]
