import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { Case } from '../case.ts'
import { type Clue, clue } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { methodOf } from '../request/operations.ts'
import { escapeHints, type Hint, orderHints, pathHints, queryHints, whitespaceHints } from './encoding-hints.ts'

// Signs of clients, proxies and encoders that often break signatures, in a request without a visible problem.

/** Hints that apply: pairs of a condition and a hint. */
const applying = (...hints: readonly [boolean, Hint][]): Hint[] => hints.flatMap(([is, hint]) => (is ? [hint] : []))

/** Finds signs of common causes, the most specific first. `fits`: the signature is known to be correct. */
export function hintClues(given: Case, fits: boolean | undefined): Clue[] {
  const { facts, secrets, unseen, response } = given
  const hash = 'x-amz-content-sha256'
  const isUnsigned =
    !unseen.includes('unsigned-header') &&
    facts.location !== 'post' &&
    facts.claim.algorithm !== undefined &&
    facts.headers[hash] !== undefined &&
    !facts.claim.signedHeaders.includes(hash)
  const message = `The header ${hash} was sent and is not signed, which some services reject.`
  // services canonicalize these differently
  const encoded = [
    ...whitespaceHints(facts),
    ...queryHints(facts),
    ...pathHints(facts),
    ...applying([isUnsigned, clue('unsigned-header', message, undefined, hash, hash)]),
  ]
  if (fits) return encoded.map((hint): Clue => ({ ...hint, ground: 'visible' }))
  const volatile = facts.claim.signedHeaders.filter(
    (name) =>
      /^(?:user-agent|accept-encoding|range|te|expect|connection|traceparent|x-amzn-trace-id)$/.test(name) ||
      ADDED.test(name),
  )
  const changed = volatile.map((name) => ({
    ...clue('header-changed', `The ${name} header is signed, but clients and proxies often change it.`),
    ...{ name, part: `the header ${name}` },
  }))
  const around = [...changed, ...proxyHints(facts, response)]
  // with the secret, the search has already tried the others
  const hints = secrets
    ? around
    : [...requestHints(given), ...encoded, ...bodyHints(facts), ...around, ...escapeHints(facts), ...regionHints(facts)]
  return hints.map((hint): Clue => ({ ...hint, ground: 'tolerable' }))
}

/** Headers that proxies add. */
const ADDED = /^(?:via|forwarded|x-forwarded-.+|x-real-ip|cf-.+|x-amz-cf-id)$/

/** Content types that clients set automatically. */
const DEFAULT_TYPES =
  /^(?:application\/x-www-form-urlencoded|text\/plain; ?charset=utf-8|application\/json(?:; ?charset=utf-8)?|multipart\/form-data\b.*|application\/octet-stream)$/i

/** Methods, headers and parameters that often differ from what was signed. */
function requestHints({ facts, known, response }: Case): Hint[] {
  const { method, headers, location, parameters, claim } = facts
  const isQuery = location === 'query'
  const preflight = headers['access-control-request-method']
  const isPreflight = method === 'OPTIONS' && preflight !== undefined
  const meant = operationMethod(parameters)
  const isOther = isQuery && meant !== undefined && meant !== method
  const names = claim.signedHeaders.filter((name) => name !== 'host')
  const odd = claim.signedHeaders.find((name) => /[_.]/.test(name))
  // each header once: a long one may be listed a million times
  const listed = new Set(claim.signedHeaders)
  const twice = Object.keys(headers).find((name) => listed.has(name) && /^([^,]+), ?\1$/.test(headers[name]!))
  const type = headers['content-type'] ?? ''
  const isDefaultPort = /:(?:80|443)$/.test(headers.host ?? '')
  const isLost = response?.canonicalRequest?.slice(-64) === EMPTY_HASH && /^(?:POST|PUT|PATCH)$/.test(method)
  const [first] = applying(
    [
      isPreflight,
      {
        ...clue(
          'method',
          `The request was a CORS preflight, but the signature is for ${preflight}. The service does not have a CORS rule for this origin.`,
          preflight,
          method,
        ),
        fix: `Add a CORS rule to the bucket that allows ${headers.origin ?? 'the origin'}, ${preflight} and the headers. Preflights are not signed.`,
      },
    ],
    [
      isOther,
      clue(
        'method',
        `The URL was presigned for ${meant}, as its other parameters show, and the request was ${method}.`,
        meant,
        method,
      ),
    ],
    [
      isQuery && method === 'HEAD',
      clue('method', 'The request was HEAD. Most URLs are presigned for GET.', 'GET', 'HEAD'),
    ],
  )
  return [
    ...(first && known.method ? [first] : []),
    ...applying(
      [
        isQuery && !known.headers && names.length > 0,
        {
          ...clue(
            'header-missing',
            `The URL requires headers that must be sent with their signed values: ${names.join(', ')}.`,
          ),
          fix: `Send ${names.join(', ')} with the signed value${names.length > 1 ? 's' : ''}.`,
        },
      ],
      [
        odd !== undefined,
        clue(
          'header-missing',
          `The signed header ${odd} has ${odd?.includes('_') ? 'an underscore' : 'a dot'} in its name. Proxies such as nginx drop such headers.`,
          undefined,
          undefined,
          odd,
        ),
      ],
      [
        isDefaultPort,
        clue(
          'host-port',
          `The host ${headers.host} has a default port, which most clients do not send.`,
          headers.host?.replace(/:\d+$/, ''),
          headers.host,
        ),
      ],
      [
        twice !== undefined,
        clue('header-changed', `The signed header ${twice} was sent twice.`, undefined, headers[twice ?? ''], twice),
      ],
      [
        isLost && !isQuery && type !== '',
        clue(
          'payload-mismatch',
          `The service received an empty body, although the request is ${method} with a content type.`,
          undefined,
          EMPTY_HASH,
        ),
      ],
    ),
    ...appendedHints(facts),
    ...applying([
      isQuery && claim.signedHeaders.includes('content-type') && DEFAULT_TYPES.test(type),
      clue(
        'header-changed',
        `The Content-Type header is signed, and the request contained ${type}, which clients often set automatically.`,
        undefined,
        type,
        'content-type',
      ),
    ]),
    ...orderHints(facts),
  ]
}

/** Bodies that are sent in chunks, or that clients encode again after hashing them. */
function bodyHints({ method, headers, location }: ParsedRequest): Hint[] {
  const { 'x-amz-content-sha256': hash = '', 'content-type': type = '' } = headers
  const isForm =
    location === 'header' &&
    method === 'POST' &&
    /^(?:application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type)
  return applying(
    [
      hash.startsWith('STREAMING-'),
      clue(
        'streaming',
        `The body is sent in chunks (${hash}), which some S3-compatible services do not support.`,
        undefined,
        hash,
      ),
    ],
    [
      isForm,
      clue('payload-mismatch', 'The body is a form, which some clients encode after hashing it.', undefined, type),
    ],
  )
}

/** The method for which a URL was presigned, if its parameters belong to one. */
function operationMethod(parameters: ParsedRequest['parameters']): string | undefined {
  for (const { name, value = '' } of parameters) {
    if (/^x-id$/i.test(name)) return methodOf(value)
    if (/^response-/i.test(name)) return 'GET'
    if (/^(?:content-type|x-amz-acl|x-amz-meta-.*|x-amz-tagging|x-amz-checksum-.*)$/i.test(name)) return 'PUT'
  }
  return undefined
}

/** The default region of many clients, at a host of a different cloud that seems to name its region. */
function regionHints({ headers, urlHost, claim }: ParsedRequest): Hint[] {
  const host = headers.host ?? urlHost ?? ''
  if (host.length > 300) return [] // DNS allows 253 characters
  const [, named = ''] = /(?:^|\.)s3[.-]([a-z]{2,}[a-z\d-]*)\.[a-z\d.-]+$/i.exec(host) ?? []
  const isOther = claim.scope[1] === 'us-east-1' && named !== '' && named !== 'us-east-1'
  if (!isOther || /amazonaws|localhost|example$/.test(host)) return []
  return [
    clue(
      'scope-region',
      `The request was signed for us-east-1, the default of many clients, but the host ${host} may be in the region ${named}.`,
      named,
      'us-east-1',
    ),
  ]
}

/** Parameters after the signature, in a query string that would be sorted without them. */
function appendedHints({ parameters, location }: ParsedRequest): Hint[] {
  if (location !== 'query') return []
  const names = parameters.map(({ decoded }) => decoded)
  const at = names.findIndex((name) => name.toLowerCase() === 'x-amz-signature')
  const isSigned = (name: string): boolean => /^(?:x-amz-.*|x-id|response-.*)$/i.test(name)
  const appended = names.slice(at + 1).filter((name) => !isSigned(name))
  const isSorted = names.every((name, i) => i === 0 || names[i - 1]! <= name)
  if (at < 0 || appended.length === 0 || isSorted) return []
  return appended.map((name) => ({
    cause: 'query-extra',
    name,
    part: `the parameter ${name}`,
    message: `The ${name} parameter follows X-Amz-Signature, so it was probably added after signing.`,
    actual: name,
  }))
}

/** A proxy in front of the service, as headers of the request or the response show. */
export function proxyHints(
  { headers, claim }: Pick<ParsedRequest, 'headers' | 'claim'>,
  response: Case['response'],
): Hint[] {
  const isProxied = Object.keys(headers).some((name) => ADDED.test(name))
  const server = response?.headers.get('server') ?? ''
  const name = /cloudflare|nginx|openresty|envoy|istio|caddy|traefik|varnish|haproxy|apache/i.exec(server)?.[0]
  if (!isProxied && name === undefined) return []
  const proxy = name === undefined ? 'a proxy' : `a proxy (${name})`
  // a proxy that caches asks for what it can cache
  const isEncoded = claim.signedHeaders.includes('accept-encoding') || claim.signedHeaders.length === 0
  return [
    ...(/cloudflare/i.test(proxy) && isEncoded
      ? [
          clue(
            'header-changed',
            `The request passed through ${proxy}, which replaces Accept-Encoding.`,
            undefined,
            undefined,
            'accept-encoding',
          ),
        ]
      : []),
    clue('host', `The request passed through ${proxy}, which may have changed the Host header.`),
  ]
}
