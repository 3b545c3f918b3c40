import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { Case } from '../case.ts'
import { type Clue, clue } from '../clue.ts'
import { decode, type ParsedRequest } from '../request/facts.ts'
import { escapeHints, type Hint, orderHints, pathHints, queryHints, whitespaceHints } from './encoding-hints.ts'

// Signs of clients, proxies and encoders that often break signatures, in a request without a visible problem.

/** Finds signs of common causes, the most specific first. `fits`: the signature is known to be correct. */
export function hintClues({ facts, secrets, unseen, known, response }: Case, fits: boolean | undefined): Clue[] {
  // services canonicalize these differently
  const encoded = [
    ...whitespaceHints(facts),
    ...queryHints(facts),
    ...pathHints(facts),
    ...(unseen.includes('unsigned-header') ? [] : hashHints(facts)),
  ]
  if (fits) return encoded.map((hint): Clue => ({ ...hint, ground: 'visible' }))
  // with the secret, the search has already tried these
  const untried = secrets
    ? []
    : [
        ...(known.method ? methodHints(facts) : []),
        ...unsentHints(facts, known.headers),
        ...underscoreHints(facts),
        ...emptyHints(facts, response),
        ...appendedHints(facts),
        ...typeHints(facts),
        ...orderHints(facts),
        ...encoded,
        ...chunkHints(facts),
        ...formBodyHints(facts),
      ]
  const hints = [
    ...untried,
    ...volatileHints(facts),
    ...proxyHints(facts, response),
    ...(secrets ? [] : [...escapeHints(facts), ...regionHints(facts)]),
  ]
  return hints.map((hint): Clue => ({ ...hint, ground: 'tolerable' }))
}

/** A preflight or HEAD request whose URL was probably presigned for a different method. */
function methodHints({ method, headers, location, parameters }: ParsedRequest): Hint[] {
  if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined)
    return [
      clue(
        'method',
        `The request was a CORS preflight, but the signature is for ${headers['access-control-request-method']}. The service does not have a CORS rule for this origin.`,
        headers['access-control-request-method'],
        method,
      ),
    ]
  const meant = operationMethod(parameters)
  if (location === 'query' && meant !== undefined && meant !== method)
    return [
      clue(
        'method',
        `The URL was presigned for ${meant}, as its other parameters show, and the request was ${method}.`,
        meant,
        method,
      ),
    ]
  if (location !== 'query' || method !== 'HEAD') return []
  return [clue('method', 'The request was HEAD. Most URLs are presigned for GET.', 'GET', 'HEAD')]
}

/** Operations in x-id, which SDKs add, and the start of their method. */
const OPERATIONS: readonly [start: RegExp, method: string][] = [
  [/^(?:Get|List)/, 'GET'],
  [/^(?:Put|UploadPart)/, 'PUT'],
  [/^Head/, 'HEAD'],
  [/^(?:Delete|Abort)/, 'DELETE'],
]

/** The method for which a URL was presigned, if its parameters belong to one. */
function operationMethod(parameters: ParsedRequest['parameters']): string | undefined {
  for (const { name, value = '' } of parameters) {
    if (/^x-id$/i.test(name)) return OPERATIONS.find(([start]) => start.test(value))?.[1]
    if (/^response-/i.test(name)) return 'GET'
    if (/^(?:content-type|x-amz-acl|x-amz-meta-.*|x-amz-tagging|x-amz-checksum-.*)$/i.test(name)) return 'PUT'
  }
  return undefined
}

/** The default region of many clients, at a host of a different cloud that seems to name its region. */
function regionHints({ headers, urlHost, claim }: ParsedRequest): Hint[] {
  const host = headers.host ?? urlHost ?? ''
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

/** A form, which clients encode again after they have hashed it. */
function formBodyHints({ method, headers, location }: ParsedRequest): Hint[] {
  const type = headers['content-type'] ?? ''
  if (location !== 'header' || method !== 'POST' || !/^application\/x-www-form-urlencoded/i.test(type)) return []
  return [
    clue(
      'payload-mismatch',
      'The body is a URL-encoded form, which some clients encode after hashing it.',
      undefined,
      type,
    ),
  ]
}

/** A body that was lost, as the hash of an empty one shows. */
function emptyHints({ method, headers, location }: ParsedRequest, response: Case['response']): Hint[] {
  const hash = response?.canonicalRequest?.slice(-64)
  if (hash !== EMPTY_HASH || location === 'query' || !/^(?:POST|PUT|PATCH)$/.test(method) || !headers['content-type'])
    return []
  return [
    clue(
      'payload-mismatch',
      `The service received an empty body, although the request is ${method} with a content type.`,
      undefined,
      EMPTY_HASH,
    ),
  ]
}

/** Names that proxies such as nginx drop. */
function underscoreHints({ claim }: ParsedRequest): Hint[] {
  const name = claim.signedHeaders.find((each) => each.includes('_'))
  if (name === undefined) return []
  return [
    clue(
      'header-missing',
      `The signed header ${name} has an underscore in its name. Proxies such as nginx drop such headers.`,
      undefined,
      undefined,
      name,
    ),
  ]
}

/** Headers that a URL requires, if only the URL is known. */
function unsentHints({ claim, location }: ParsedRequest, isHeadKnown: boolean): Hint[] {
  const names = claim.signedHeaders.filter((name) => name !== 'host')
  if (location !== 'query' || isHeadKnown || names.length === 0) return []
  return [
    clue(
      'header-missing',
      `The URL requires headers that must be sent with their signed values: ${names.join(', ')}.`,
      names.join(', '),
    ),
  ]
}

function chunkHints({ headers }: ParsedRequest): Hint[] {
  const hash = headers['x-amz-content-sha256'] ?? ''
  if (!hash.startsWith('STREAMING-')) return []
  return [
    clue(
      'streaming',
      `The body is sent in chunks (${hash}), which some S3-compatible services do not support.`,
      undefined,
      hash,
    ),
  ]
}

function hashHints({ headers, claim, location }: ParsedRequest): Hint[] {
  const name = 'x-amz-content-sha256'
  if (location === 'post' || headers[name] === undefined || claim.signedHeaders.includes(name)) return []
  return [
    clue(
      'unsigned-header',
      'The header x-amz-content-sha256 was sent and is not signed, which some services reject.',
      undefined,
      name,
      name,
    ),
  ]
}

/** Content types that clients set automatically. */
const DEFAULT_TYPES =
  /^(?:application\/x-www-form-urlencoded|text\/plain; ?charset=utf-8|application\/json(?:; ?charset=utf-8)?|multipart\/form-data\b.*|application\/octet-stream)$/i

function typeHints({ headers, claim, location }: ParsedRequest): Hint[] {
  const type = headers['content-type']
  if (
    location !== 'query' ||
    type === undefined ||
    !claim.signedHeaders.includes('content-type') ||
    !DEFAULT_TYPES.test(type)
  )
    return []
  return [
    clue(
      'header-changed',
      `The Content-Type header is signed, and the request contained ${type}, which clients often set automatically.`,
      undefined,
      type,
      'content-type',
    ),
  ]
}

/** Parameters after the signature, in a query string that would be sorted without them. */
function appendedHints({ parameters, location }: ParsedRequest): Hint[] {
  if (location !== 'query') return []
  const names = parameters.map(({ name }) => decode(name))
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

function volatileHints({ claim }: ParsedRequest): Hint[] {
  const volatile = claim.signedHeaders.filter((name) =>
    /^(?:user-agent|accept-encoding|range|via|te|expect|connection)$/.test(name),
  )
  return volatile.map((name) => ({
    cause: 'header-changed',
    name,
    part: `the header ${name}`,
    message: `The ${name} header is signed, but clients and proxies often change it.`,
  }))
}

/** A proxy in front of the service, as headers of the request or the response show. */
export function proxyHints(
  { headers, claim }: Pick<ParsedRequest, 'headers' | 'claim'>,
  response: Case['response'],
): Hint[] {
  const isProxied = Object.keys(headers).some((name) =>
    /^(?:via|forwarded|x-forwarded-.+|x-real-ip|cf-.+|x-amz-cf-id)$/.test(name),
  )
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
