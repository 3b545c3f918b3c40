import type { Case } from '../case.ts'
import type { Clue } from '../clue.ts'
import { decode, type ParsedRequest } from '../request/facts.ts'

// Signs of clients, proxies and encoders that often break signatures, in a request without a visible problem.

type Hint = Omit<Clue, 'ground'>

/** Finds signs of common causes, the most specific first. `fits`: the signature is known to be correct. */
export function hintClues({ facts, secrets, unseen, known }: Case, fits: boolean | undefined): Clue[] {
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
        ...methodHints(facts),
        ...unsentHints(facts, known.headers),
        ...appendedHints(facts),
        ...typeHints(facts),
        ...encoded,
        ...chunkHints(facts),
      ]
  const hints = [...untried, ...volatileHints(facts), ...proxyHints(facts), ...(secrets ? [] : escapeHints(facts))]
  return hints.map((hint): Clue => ({ ...hint, ground: 'tolerable' }))
}

/** A preflight or HEAD request whose URL was probably presigned for a different method. */
export function methodHints({ method, headers, location, parameters }: ParsedRequest): Hint[] {
  if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined)
    return [
      {
        cause: 'method',
        message: `The request was a CORS preflight, but the signature is for ${headers['access-control-request-method']}. The service does not have a CORS rule for this origin.`,
        expected: headers['access-control-request-method'],
        actual: method,
      },
    ]
  const isForGet = parameters.some(({ name }) => /^response-/i.test(name))
  if (location !== 'query' || method !== 'HEAD') return []
  return [
    {
      cause: 'method',
      message: `The request is HEAD; ${isForGet ? 'response-* parameters are for URLs presigned for GET' : 'most URLs are presigned for GET'}.`,
      expected: 'GET',
      actual: 'HEAD',
    },
  ]
}

/** Headers that a URL requires, if only the URL is known. */
function unsentHints({ claim, location }: ParsedRequest, isHeadKnown: boolean): Hint[] {
  const names = claim.signedHeaders.filter((name) => name !== 'host')
  if (location !== 'query' || isHeadKnown || names.length === 0) return []
  return [
    {
      cause: 'header-missing',
      message: `The URL requires headers that must be sent with their signed values: ${names.join(', ')}.`,
      expected: names.join(', '),
    },
  ]
}

/** Percent escapes, which clients handle differently. */
function escapeHints({ path, parameters }: ParsedRequest): Hint[] {
  const own = parameters.find(({ name, value = '' }) => !/^x-amz-/i.test(name) && /%(?!2F)/i.test(name + value))
  return [
    ...(/%[\da-f]{2}/i.test(path)
      ? [
          {
            cause: 'path-encoding',
            message:
              'The path contains percent escapes, which must be encoded exactly once and in the same way for signing.',
            actual: path,
          } as const,
        ]
      : []),
    ...(own
      ? [
          {
            cause: 'query-encoding',
            message: `The parameter ${own.name} contains escaped characters, which must be escaped once for signing, and in the same way.`,
            actual: `${own.name}=${own.value ?? ''}`,
          } as const,
        ]
      : []),
  ]
}

function chunkHints({ headers }: ParsedRequest): Hint[] {
  const hash = headers['x-amz-content-sha256'] ?? ''
  if (!hash.startsWith('STREAMING-')) return []
  return [
    {
      cause: 'streaming',
      message: `The body is sent in chunks (${hash}), which some S3-compatible services do not support.`,
      actual: hash,
    },
  ]
}

function hashHints({ headers, claim, location }: ParsedRequest): Hint[] {
  const name = 'x-amz-content-sha256'
  if (location === 'post' || headers[name] === undefined || claim.signedHeaders.includes(name)) return []
  return [
    {
      cause: 'unsigned-header',
      name,
      message: 'The header x-amz-content-sha256 was sent and is not signed, which some services reject.',
      actual: name,
    },
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
    {
      cause: 'header-changed',
      name: 'content-type',
      message: `The Content-Type header is signed, and the request contained ${type}, which clients often set automatically.`,
      actual: type,
    },
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

function whitespaceHints({ headers, claim }: ParsedRequest): Hint[] {
  const names = claim.signedHeaders.filter((name) => /^\s|\s$|\s\s/.test(headers[name] ?? ''))
  return names.map((name) => ({
    cause: 'header-whitespace',
    name,
    part: `the header ${name}`,
    message: `The ${name} header contains repeated or surrounding spaces, which must be collapsed and trimmed for signing.`,
    actual: headers[name],
  }))
}

function queryHints({ parameters }: ParsedRequest): Hint[] {
  const hints: Hint[] = []
  const own = parameters.filter(({ name }) => !/^x-amz-/i.test(name))
  const bare = own.find(({ name, value }) => name !== '' && value === undefined)
  if (bare)
    hints.push({
      cause: 'query-empty-value',
      message: `The ${bare.name} parameter does not have a =. It must be signed as ${bare.name}= with an empty value.`,
      actual: bare.name,
      expected: `${bare.name}=`,
    })
  const raw = own.find(({ name, value = '' }) => /[^\w.~%+-]/.test(name + value))
  if (raw)
    hints.push({
      cause: 'query-encoding',
      message: `The ${raw.name} parameter contains an unescaped ${/[^\w.~%+-]/.exec(raw.name + (raw.value ?? ''))![0]}, which must be percent-encoded for signing.`,
      actual: `${raw.name}=${raw.value ?? ''}`,
    })
  const plus = own.find(({ name, value = '' }) => name.includes('+') || value.includes('+'))
  if (plus)
    hints.push({
      cause: 'query-plus',
      message: `The ${plus.name} parameter contains a +, which services decode as a space.`,
      actual: `${plus.name}=${plus.value ?? ''}`,
    })
  const names = own.map(({ name }) => name)
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined)
    hints.push({
      cause: 'query-duplicate',
      message: `The ${twice} parameter appears more than once.`,
      actual: twice,
    })
  return hints
}

function pathHints({ path }: ParsedRequest): Hint[] {
  if (/%25[\da-f]{2}/i.test(path))
    return [
      {
        cause: 'path-double-encoding',
        message: 'The path contains percent escapes that are encoded twice.',
        actual: path,
      },
    ]
  const lower = /%(?:[a-f][\da-f]|\d[a-f])/.test(path)
  const found = /[^\w.~/%-]/.exec(path)?.[0]
  return [
    ...(found === undefined
      ? []
      : [
          {
            cause: 'path-encoding',
            message: `The path contains an unescaped ${found}, which must be percent-encoded for signing.`,
            actual: found,
          } as const,
        ]),
    ...(/%20%20/.test(path)
      ? [
          {
            cause: 'path-encoding',
            message: 'The path contains two spaces in a row: services decode an unescaped + as a space. Send + as %2B.',
            actual: path,
          } as const,
        ]
      : []),
    ...(/\/\.{0,2}(?:\/|$)/.test(path.slice(1))
      ? [
          {
            cause: 'path-normalization',
            message: 'The path contains an empty or dot segment, which clients and proxies often resolve.',
            actual: path,
          } as const,
        ]
      : []),
    ...(lower
      ? [
          {
            cause: 'path-encoding-case',
            message: 'The path contains lowercase percent escapes.',
            actual: path,
          } as const,
        ]
      : []),
  ]
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

function proxyHints({ headers }: ParsedRequest): Hint[] {
  const isProxied = Object.keys(headers).some((name) =>
    /^(?:via|forwarded|x-forwarded-.+|x-real-ip|cf-.+|x-amz-cf-id)$/.test(name),
  )
  return isProxied
    ? [{ cause: 'host', message: 'The request passed through a proxy, which may have changed the Host header.' }]
    : []
}
