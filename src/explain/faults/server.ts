import { type Feature, recognizeServer } from '../../core/received/servers.ts'
import type { Case } from '../case/case.ts'
import type { Cause } from '../model/causes.ts'
import { fault, header, type Sign } from '../model/sign.ts'

// What the server does not support, and what it requires in addition to S3.

const SWITCH =
  "Set AWS_REQUEST_CHECKSUM_CALCULATION=when_required and AWS_RESPONSE_CHECKSUM_VALIDATION=when_required, or in code requestChecksumCalculation: 'WHEN_REQUIRED' (JavaScript), Config(request_checksum_calculation='when_required') (boto3)."

interface FeatureRow {
  readonly cause: Cause
  /** How a request shows it: the lines of the method, the headers, and the algorithm. */
  readonly shown: RegExp
  readonly what: string
  readonly fix: string
}

/** The features, the most specific first. */
const FEATURES: Readonly<Record<Feature, FeatureRow>> = {
  forms: {
    cause: 'not-supported',
    shown: /^POST.*\ncontent-type: multipart\/form-data/s,
    what: 'HTML forms',
    fix: 'Upload with a presigned URL instead: npx sigv4 presign put.',
  },
  'Signature Version 4a': {
    cause: 'algorithm',
    shown: /^algorithm: AWS4-ECDSA/m,
    what: 'Signature Version 4a',
    fix: 'Sign with Signature Version 4: import from sigv4 instead of sigv4/sigv4a.',
  },
  trailers: {
    cause: 'streaming',
    shown: /^x-amz-content-sha256: STREAMING-.*-TRAILER$|^x-amz-trailer: /m,
    what: 'checksums in trailers, which AWS SDKs send by default since January 2025',
    fix: SWITCH,
  },
  chunks: {
    cause: 'streaming',
    shown: /^x-amz-content-sha256: STREAMING-(?!.*EVENTS)/m,
    what: 'signed chunks',
    fix: 'Sign the body as a whole: chunkedEncodingEnabled(false) in Java, DisablePayloadSigning in .NET, sign instead of signChunks in sigv4.',
  },
  conditions: {
    cause: 'not-supported',
    shown: /^(?:PUT|POST|DELETE).*\nif-(?:none-)?match: /s,
    what: 'conditional writes',
    fix: 'Do not send If-None-Match or If-Match, or use a server that supports conditional writes.',
  },
  checksums: {
    cause: 'checksum',
    shown: /^x-amz-(?:sdk-checksum-algorithm|checksum-[\w-]+): /m,
    what: 'checksum headers, which AWS SDKs send by default since January 2025',
    fix: SWITCH,
  },
}

/** Errors of servers that do not support something. */
const UNSUPPORTED =
  /^501|NotImplemented|not (?:yet )?(?:implemented|supported)|Unsupported (?:header|Authorization Type)|XAmzContentSHA256Mismatch|MissingContentLength|UNSIGNED-PAYLOAD or a valid sha256/i

/** What a response shows of the server, and of what it does not support. */
export function observeServer(given: Case): Sign[] {
  if (!given.response || given.reading?.kind === 'accepted') return []
  return [...originFaults(given), ...unsignedFaults(given), ...featureFaults(given)]
}

/** The server that has responded, as far as it identifies itself. */
function serverOf({ facts: { headers, urlHost = '' }, response }: Case): ReturnType<typeof recognizeServer> {
  const ids = ['RequestId', 'HostId'].map((name) => response?.elements.get(name))
  const received = [...(response?.headers ?? [])].map(([name, value]) => `${name}: ${value}`)
  return recognizeServer([headers.host, urlHost, ...ids, ...received].join('\n').toLowerCase())
}

function featureFaults(given: Case): Sign[] {
  const { facts, response, reading } = given
  const { status = '', code = '', message = '', elements } = response ?? {}
  const server = serverOf(given)
  const host = facts.headers.host ?? facts.urlHost ?? ''
  const isAws = /\.(?:amazonaws\.com(?:\.cn)?|aws)(?::\d+)?$/i.test(host)
  const isUnsupported = UNSUPPORTED.test(`${status} ${code} ${message}`)
  const is4a = facts.claim.is4a && /^4/.test(String(status)) && /Malformed|^InvalidArgument|^InvalidRequest/.test(code)
  if (isAws || (reading?.kind === 'elsewhere' && !isUnsupported)) return []
  const sent = Object.entries(facts.headers).map(([name, value]) => `${name}: ${value}`)
  // an error alone may name the hash
  const hash = `x-amz-content-sha256: ${/STREAMING-[\w-]{1,60}/.exec(message)?.[0]}`
  const request = [facts.method, ...sent, hash, `algorithm: ${facts.claim.algorithm}`].join('\n')
  // the name of a header that the error contains
  const named = (elements?.get('Header') ?? /[Hh]eader '([\w-]+)'/.exec(message)?.[1])?.slice(0, 100)
  const name = server?.name ?? 'The server'
  const causeOf = (cause: Cause): Cause => (reading?.kind === 'elsewhere' ? 'not-supported' : cause)
  for (const [feature, { cause, shown, what, fix }] of Object.entries(FEATURES)) {
    if (!shown.test(named === undefined ? request : `${facts.method}\n${named.toLowerCase()}: `)) continue
    const when = server?.lacks.get(feature)
    const isCertain = isUnsupported || (feature === 'Signature Version 4a' && is4a)
    if (!isCertain && (when === undefined || reading?.kind === 'ambiguous')) continue
    const verb = when?.startsWith('since') ? 'supports' : when ? 'did not support' : 'does not support'
    const object = named === undefined ? what : `the header ${named}`
    const since = when ? ` ${when.startsWith('since') ? 'only ' : ''}${when}` : ''
    const sign = fault(causeOf(cause), `${name} ${verb} ${object}${since}.`, { fix })
    return [isCertain || !when ? sign : { ...sign, ground: 'note' }]
  }
  if (named === undefined || !isUnsupported || /^transfer-encoding$/i.test(named)) return []
  const fix = `Do not send ${named}, or use a server that supports it.`
  return [
    fault('not-supported', `${name} does not support the header ${named}.`, { fix, part: header(named.toLowerCase()) }),
  ]
}

/** Headers that Ceph has required to be signed since its fix of CVE-2026-54330, in addition to those of S3. */
const CEPH_SIGNED = ['content-type', 'x-amz-content-sha256']

/** A header that Ceph rejects without a message because it is not signed. */
function unsignedFaults(given: Case): Sign[] {
  const { facts, response, shown } = given
  const { headers, claim, location } = facts
  const isDenied = response?.code === 'AccessDenied' && response.message === ''
  if (!isDenied || !shown.has('all headers') || location === undefined || location === 'post') return []
  const name = CEPH_SIGNED.find((each) => headers[each] !== undefined && !claim.signedHeaders.includes(each))
  if (name === undefined) return []
  const message = `The ${name} header was sent, but it was not signed. Ceph 19.2.6 and 20.2.4 reject such a request without a message.`
  const fix = `Sign ${name} with the other headers, or do not send it. Whoever runs the server can update it, or set rgw_sigv4_insecure. If that does not help, check the permissions of the access key.`
  const sign = fault('unsigned-header', message, { part: header(name), actual: name, fix })
  return [serverOf(given)?.name === 'Ceph' ? sign : { ...sign, ground: 'note' }]
}

/** A request that CloudFront signs for a Lambda function URL: the signature covers the hash that the client sends. */
function originFaults({ facts, response, reading, shown }: Case): Sign[] {
  const { method, headers, location, body } = facts
  const via = ['via', 'x-cache', 'x-amz-cf-id', 'server'].map((name) => response?.headers.get(name)).join(' ')
  const isSigned = location !== undefined || headers.authorization !== undefined
  const hasBody = /^(?:POST|PUT|PATCH)$/.test(method) && body?.length !== 0
  const isForwarded = /cloudfront/i.test(via) && response?.headers.has('x-amz-id-2') === false
  if (isSigned || !hasBody || !isForwarded || reading?.kind !== 'mismatch' || !shown.has('headers')) return []
  const hash = headers['x-amz-content-sha256']
  if (hash !== undefined && /^[\da-f]{64}$/.test(hash)) return []
  const sent =
    hash === undefined ? 'which the request did not contain' : 'which the request contained in a different form'
  const message = `CloudFront signed the request for the function. Its signature covers the SHA-256 of the body in x-amz-content-sha256, ${sent}.`
  const fix =
    'Send the SHA-256 of the body, in lowercase hexadecimal digits, as x-amz-content-sha256. The client needs no credentials.'
  return [
    fault('missing-header', message, { expected: 'x-amz-content-sha256', part: header('x-amz-content-sha256'), fix }),
  ]
}
