import { EVENTS_PAYLOAD } from '../../../../../src/internal/canonical-request.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import type { Case } from '../case/case.ts'
import { type Clue, fault, header } from '../model/clue.ts'
import { hashOfBody } from '../request/facts.ts'
import { isAwsHost } from './host.ts'
import { serverName, usedFeature } from './server-features.ts'

// Features that the server does not support, and its requirements in addition to S3's.

/** Errors for unsupported features. */
const UNSUPPORTED =
  /^501|NotImplemented|not (?:yet )?(?:implemented|supported)|Unsupported (?:header|Authorization Type)|XAmzContentSHA256Mismatch|MissingContentLength|UNSIGNED-PAYLOAD or a valid sha256/i

const DECODED_LENGTH = 'x-amz-decoded-content-length'

/** Returns clues about the server, and about features that it does not support. */
export function observeServer(given: Case): Clue[] {
  const { response, reading, facts } = given
  if (reading?.kind === 'accepted') return []
  if (!response) return lengthFaults(given)
  const { headers, urlHost = '' } = facts
  const ids = ['RequestId', 'HostId'].map((name) => response.elements.get(name))
  const received = [...response.headers].map((pair) => pair.join(': '))
  const server = serverName([headers.host, urlHost, ...ids, ...received].join('\n').toLowerCase())
  return [
    ...lengthFaults(given),
    ...originFaults(given),
    ...unsignedFaults(given, server),
    ...featureFaults(given, server),
  ]
}

/** A body in chunks without its length, which every server requires. A service that compared the signatures has it. */
function lengthFaults({ facts, reading, shown }: Case): Clue[] {
  const { headers, claim } = facts
  const isChunked = headers['x-amz-content-sha256']?.startsWith('STREAMING-') && isS3(claim.scope[2] ?? '')
  const isShown = shown.has('all headers') && headers['x-amz-content-sha256'] !== EVENTS_PAYLOAD
  if (!isChunked || !isShown || headers[DECODED_LENGTH] !== undefined || reading?.kind === 'mismatch') return []
  const message = `The request is sent in chunks, but did not contain ${DECODED_LENGTH}.`
  return [fault('missing-header', message, { expected: DECODED_LENGTH, part: header(DECODED_LENGTH) })]
}

/** A feature that the server does not support, or a header that it names. */
function featureFaults(given: Case, server: string | undefined): Clue[] {
  const { facts, response, reading } = given
  const { method, headers, claim } = facts
  const { status = '', code = '', message = '', elements } = response ?? {}
  const isElsewhere = reading?.kind === 'elsewhere'
  const isUnsupported = UNSUPPORTED.test(`${status} ${code} ${message}`)
  if (isAwsHost(facts) || (isElsewhere && !isUnsupported) || /\bKMS\b/.test(message)) return []
  const named = (elements?.get('Header') ?? /header '([\w-]+)'/i.exec(message)?.[1])?.slice(0, 100)
  const sent = Object.entries(headers).map((pair) => pair.join(': '))
  // an error alone may name the hash
  const hash = `x-amz-content-sha256: ${/STREAMING-[\w-]{1,60}/.exec(message)?.[0]}`
  const lines = named ? [`${named.toLowerCase()}:`] : [...sent, hash, `algorithm: ${claim.algorithm}`]
  const used = usedFeature([method, ...lines].join('\n'), server)
  const name = server ?? 'The server'
  if (!used) {
    if (!named || !isUnsupported || /^transfer-encoding$/i.test(named)) return []
    const fix = `Do not send ${named}, or use a server that supports it.`
    const part = header(named.toLowerCase())
    return [fault('not-supported', `${name} does not support the header ${named}.`, { fix, part })]
  }
  if (used.name === 'chunks' && lengthFaults(given).length > 0) return []
  const { cause, what, when, fix, isUnread: isUnreadable = false } = used
  const isRefused = isUnreadable && /Malformed|^InvalidArgument|^InvalidRequest/.test(code)
  const isUnread = isUnreadable && when === undefined && !isUnsupported && !isRefused
  if (!isUnsupported && !isRefused && !isUnread && (when === undefined || reading?.kind === 'ambiguous')) return []
  const period = when === 'always' ? undefined : when
  const isSince = period?.startsWith('since')
  const verb = isUnread ? 'may not support' : isSince ? 'supports' : period ? 'did not support' : 'does not support'
  const time = period ? `${isSince ? ' only' : ''} ${period}` : ''
  const ground = isUnread || (period && !isUnsupported && !isRefused) ? 'note' : 'fault'
  const sentence = `${name} ${verb} ${named ? `the header ${named}` : what}${time}.`
  return [{ cause: isElsewhere ? 'not-supported' : cause, ground, message: sentence, fix }]
}

/** A header that Ceph rejects without a message unless it is signed, since its fix of CVE-2026-54330. */
function unsignedFaults({ facts, response, shown }: Case, server: string | undefined): Clue[] {
  const { headers, claim, location } = facts
  const isDenied = response?.code === 'AccessDenied' && response.message === '' && shown.has('all headers')
  const name = ['content-type', 'x-amz-content-sha256'].find(
    (each) => headers[each] !== undefined && !claim.signedHeaders.includes(each),
  )
  if (!isDenied || !name || location === undefined || location === 'post') return []
  const message = `The ${name} header was sent, but it was not signed. Ceph 19.2.6 and 20.2.4 reject such a request without a message.`
  const fix = `Sign ${name} with the other headers, or do not send it. The administrator can update the server, or set rgw_sigv4_insecure. If that does not help, check the permissions of the access key.`
  const clue = fault('unsigned-header', message, { part: header(name), actual: name, fix })
  return [server === 'Ceph' ? clue : { ...clue, ground: 'note' }]
}

/** A request that CloudFront signs for a Lambda function URL: the signature covers the hash that the client sends. */
function originFaults({ facts, response, reading, shown }: Case): Clue[] {
  const { method, headers, location, body } = facts
  const via = ['via', 'x-cache', 'x-amz-cf-id'].map((name) => response?.headers.get(name)).join(' ')
  const isForwarded = /cloudfront/i.test(via) && !response?.headers.has('x-amz-id-2') && reading?.kind === 'mismatch'
  const isUnsigned = location === undefined && headers.authorization === undefined && shown.has('headers')
  const hash = headers['x-amz-content-sha256'] ?? ''
  if (!isForwarded || !isUnsigned || !/^P(?:OST|UT|ATCH)$/.test(method) || body?.length === 0) return []
  const computed = hashOfBody(facts)
  if (/^[\da-f]{64}$/.test(hash)) {
    const message = `CloudFront signed the request for the function, with the hash in x-amz-content-sha256, which ${computed === undefined ? 'must be' : 'was not'} that of the body.`
    const fix = 'Compute the hash of exactly the bytes that are sent, and send it as x-amz-content-sha256.'
    const clue = fault('payload-mismatch', message, { expected: hash, actual: computed, fix })
    return computed === hash ? [] : [computed === undefined ? { ...clue, ground: 'note' } : clue]
  }
  const sent = hash === '' ? 'which the request did not contain' : `which was "${hash.slice(0, 100)}"`
  const message = `CloudFront signed the request for the function. Its signature covers the SHA-256 of the body in x-amz-content-sha256, ${sent}.`
  const fix =
    'Send the SHA-256 of the body, in lowercase hexadecimal digits, as x-amz-content-sha256. The client needs no credentials.'
  const name = 'x-amz-content-sha256'
  return [fault('missing-header', message, { expected: name, part: header(name), fix })]
}
