import { createHmac, createPrivateKey, sign as signDigest } from 'node:crypto'
import { amzDate, KEY_ID, SECRET, sha256 } from '../../../packages/sigv4-tools/test/support/serve/hand.ts'
import {
  type ReceivedRequest,
  type Scope,
  type SigningKey,
  SigV4VerifyError,
  type VerifyOptions,
  verify,
} from '../../../src/verify.ts'

// The attacker's tools: a signer on node:crypto with replaceable parts, and checks of what verify returns.

export { amzDate, KEY_ID, SECRET, sha256 }
export const HOST = 'files.example.com'
export const NOW = Date.UTC(2015, 7, 30, 12, 36)
export const DAY = 86_400_000
export const REGION = 'us-east-1'
export const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
export const VERIFYING = {
  credentials: (id: string) => (id === KEY_ID ? CREDENTIALS : undefined),
  now: NOW,
} satisfies VerifyOptions

/** Finds the signing key of every scope, whatever the session token: derived by node:crypto, once. */
export function scopedKey(id: string, scope: Scope): SigningKey | undefined {
  if (id !== KEY_ID) return undefined
  const text = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const known = scopedKeys.get(text) ?? { ...scope, key: new Uint8Array(derive(SECRET, text)) }
  scopedKeys.set(text, known)
  return known
}
const scopedKeys = new Map<string, SigningKey>()

export type Pair = [name: string, value: string]

/** Splits a list of words at its whitespace. */
export const words = (text: string): string[] => text.trim().split(/\s+/)

export interface Forging {
  location?: 'header' | 'query'
  method?: string
  /** Path and query as sent, one character per octet. The signed path and query are derived from them. */
  path?: string
  query?: string
  /** The signed path and query, instead of those that are sent. */
  signedPath?: string
  signedQuery?: string
  host?: string
  /** Sent and signed. */
  headers?: Record<string, string>
  /** Sent only. */
  unsigned?: Record<string, string>
  body?: string | Uint8Array
  payloadHash?: string
  /** Names of headers or parameters that are neither sent nor signed. */
  without?: string[]
  /** Names of headers that are sent but not signed. */
  shrink?: string[]
  /** The value of SignedHeaders, instead of the sorted names. */
  signedHeaders?: string
  keyId?: string
  secret?: string
  /** The signing key, instead of the one derived from the secret. */
  key?: string | Uint8Array
  algorithm?: string
  date?: string
  time?: number
  expires?: string
  token?: string
  region?: string
  service?: string
  terminator?: string
  /** Date stamp of the scope, instead of the signing date. */
  day?: string
  /** The credential scope, instead of the one of day, region and service. */
  scope?: string
  credential?: string
  /** Signs strings, instead of the signing key. */
  sign?: (text: string) => string
  /** Sent instead of the signature. */
  signature?: string
}

/** A signed request that can be changed. */
export interface Forged {
  method: string
  path: string
  /** Parameters as sent, `name=value`. */
  query: string[]
  headers: Pair[]
  body: string | Uint8Array
  canonical: string
  toSign: string
  signature: string
  scope: string
  key: Uint8Array
  sign: (text: string) => string
}

export const hmac = (key: string | Uint8Array, text: string | Uint8Array): Buffer =>
  createHmac('sha256', key).update(text).digest()

export const hex = (key: string | Uint8Array, text: string): string => hmac(key, text).toString('hex')

export function derive(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

/** Decodes the escapes of a string, one character per octet. */
export function octets(text: string): Buffer {
  const decoded = text.replace(/%([\da-f]{2})/gi, (_, pair) => String.fromCharCode(Number.parseInt(pair, 16)))
  return Buffer.from(decoded, 'latin1')
}

export function encode(bytes: Uint8Array | string, keep = ''): string {
  let text = ''
  for (const byte of Buffer.from(bytes as string)) {
    const mark = String.fromCharCode(byte)
    const isPlain = /[\w.~-]/.test(mark) || keep.includes(mark)
    text += isPlain ? mark : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

export const isS3 = (service: string): boolean => /^s3(?:express|-outposts|-object-lambda)?$/.test(service)

/** RFC 3986 section 5.2.4, with empty segments merged. */
function normalized(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments)
    if (segment === '..') kept.pop()
    else if (segment !== '.' && segment !== '') kept.push(segment)
  const isFolder = /\/\.{0,2}$/.test(path) && kept.length > 0
  return `/${kept.join('/')}${isFolder ? '/' : ''}`
}

export function canonicalPath(path: string, service: string): string {
  return isS3(service)
    ? encode(octets(path.replaceAll('+', '%20')), '/')
    : encode(Buffer.from(normalized(path), 'latin1'), '/')
}

export function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter(Boolean)
  const encoded = pairs.map((pair) => {
    const [name, ...value] = pair.replaceAll('+', '%20').split('=')
    return [encode(octets(name!)), encode(octets(value.join('=')))] as const
  })
  const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
  encoded.sort((one, other) => order(one[0], other[0]) || order(one[1], other[1]))
  return encoded.map(([name, value]) => `${name}=${value}`).join('&')
}

export function forge(forging: Forging = {}): Forged {
  const { location = 'header', method = 'GET', path = '/photos/cat.jpg', query = '', host = HOST } = forging
  const { keyId = KEY_ID, secret = SECRET, algorithm = 'AWS4-HMAC-SHA256', region = REGION, service = 's3' } = forging
  const { terminator = 'aws4_request', body = '', without = [], shrink = [] } = forging
  const date = forging.date ?? amzDate(forging.time ?? NOW)
  const scope = forging.scope ?? [forging.day ?? date.slice(0, 8), region, service, terminator].join('/')
  const credential = forging.credential ?? `${keyId}/${scope}`
  const isHeader = location === 'header'
  const payloadHash = forging.payloadHash ?? (isHeader || !isS3(service) ? sha256(body) : 'UNSIGNED-PAYLOAD')
  const sent: Record<string, string> = {
    host,
    ...(isHeader && isS3(service) && { 'x-amz-content-sha256': payloadHash }),
    ...(isHeader && { 'x-amz-date': date }),
    ...(isHeader && forging.token !== undefined && { 'x-amz-security-token': forging.token }),
    ...forging.headers,
  }
  for (const name of without) delete sent[name]
  const names = Object.keys(sent)
    .filter((name) => !shrink.includes(name))
    .sort()
  const signedHeaders = forging.signedHeaders ?? names.join(';')
  const parameters: Record<string, string> = isHeader
    ? {}
    : {
        'X-Amz-Algorithm': algorithm,
        'X-Amz-Credential': credential,
        'X-Amz-Date': date,
        'X-Amz-Expires': forging.expires ?? '900',
        'X-Amz-SignedHeaders': signedHeaders,
        ...(forging.token !== undefined && { 'X-Amz-Security-Token': forging.token }),
      }
  for (const name of without) delete parameters[name]
  const added = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const own = query.split('&').filter(Boolean)
  const signedQuery = [forging.signedQuery ?? query, ...added].filter(Boolean).join('&')
  const lines = names.map((name) => `${name}:${sent[name]!.replace(/[\t ]+/g, ' ').trim()}\n`)
  const canonical = [
    method,
    canonicalPath(forging.signedPath ?? path, service),
    canonicalQuery(signedQuery),
    lines.join(''),
    signedHeaders,
    payloadHash,
  ].join('\n')
  const toSign = [algorithm, date, scope, sha256(canonical)].join('\n')
  const key = Buffer.from((forging.key as string | undefined) ?? derive(secret, scope))
  const { sign = (text: string): string => hex(key, text) } = forging
  const signature = forging.signature ?? sign(toSign)
  const headers = Object.entries({ ...sent, ...forging.unsigned }) as Pair[]
  if (body.length) headers.push(['content-length', String(Buffer.byteLength(body))])
  if (isHeader)
    headers.push([
      'authorization',
      `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    ])
  else if (!without.includes('X-Amz-Signature')) added.push(`X-Amz-Signature=${encode(signature)}`)
  return { method, path, query: [...own, ...added], headers, body, canonical, toSign, signature, scope, key, sign }
}

export const ECDSA = 'AWS4-ECDSA-P256-SHA256'

/** Signs with the key that Signature Version 4a derives from a secret. */
export function signer4a(secret = SECRET, keyId = KEY_ID): (text: string) => string {
  const input = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    Buffer.from(`${ECDSA}\0${keyId}`),
    Buffer.from([1, 0, 0, 1, 0]),
  ])
  const scalar = BigInt(`0x${hmac(`AWS4A${secret}`, input).toString('hex')}`) + 1n
  const pkcs8 = `3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420${scalar.toString(16).padStart(64, '0')}`
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'hex'), format: 'der', type: 'pkcs8' })
  return (text) => signDigest('sha256', Buffer.from(text), key).toString('hex')
}

/** Signs a request with Signature Version 4a; `regionSet` is sent as it is. */
export function forge4a({ regionSet = REGION, ...forging }: Forging & { regionSet?: string } = {}): Forged {
  const { service = 's3', time = NOW, location, headers, query } = forging
  const isQuery = location === 'query'
  return forge({
    algorithm: ECDSA,
    scope: `${amzDate(time).slice(0, 8)}/${service}/aws4_request`,
    sign: signer4a(forging.secret, forging.keyId),
    ...forging,
    headers: { ...(!isQuery && { 'x-amz-region-set': regionSet }), ...headers },
    query: [query, isQuery && `X-Amz-Region-Set=${encode(regionSet)}`].filter(Boolean).join('&'),
  })
}

export type Sent = ReceivedRequest & { url: string }

export function target({ path, query }: Pick<Forged, 'path' | 'query'>): string {
  return query.length ? `${path}?${query.join('&')}` : path
}

/** The format of Node's `IncomingMessage`: the first Authorization header wins in `headers`, and `rawHeaders` has all. */
export function asNode(forged: Forged): Sent {
  const headers: Record<string, string> = {}
  for (const [name, value] of forged.headers) headers[name.toLowerCase()] ??= value
  const { method, body } = forged
  return { method, url: target(forged), headers, rawHeaders: forged.headers.flat(), body }
}

export function asPairs(forged: Forged): Sent {
  const { method, headers, body } = forged
  return { method, url: target(forged), headers, body }
}

/** An object, with repeated headers in a list. */
export function asObject(forged: Forged): Sent {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of forged.headers) {
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  const { method, body } = forged
  return { method, url: target(forged), headers, body }
}

export const SHAPES = [asNode, asPairs, asObject]

/** Fields of a form with a policy. */
export function forgeForm(forging: Forging & { fields?: Record<string, string>; expiration?: unknown } = {}) {
  const { keyId = KEY_ID, secret = SECRET, region = REGION, service = 's3', token } = forging
  const date = forging.date ?? amzDate(forging.time ?? NOW)
  const scope = [forging.day ?? date.slice(0, 8), region, service, forging.terminator ?? 'aws4_request'].join('/')
  const own: Record<string, string> = {
    key: 'cat.jpg',
    'x-amz-algorithm': forging.algorithm ?? 'AWS4-HMAC-SHA256',
    'x-amz-credential': forging.credential ?? `${keyId}/${scope}`,
    'x-amz-date': date,
    ...(token !== undefined && { 'x-amz-security-token': token }),
  }
  const conditions = [{ bucket: 'photos' }, ...Object.entries(own).map(([name, value]) => ({ [name]: value }))]
  const expiration = forging.expiration ?? new Date((forging.time ?? NOW) + 900_000).toISOString()
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
  const key = Buffer.from((forging.key as string | undefined) ?? derive(secret, scope))
  const fields: Record<string, string> = {
    ...own,
    policy,
    'x-amz-signature': forging.signature ?? hex(key, policy),
    ...forging.fields,
  }
  return { fields, policy, key, scope }
}

/** The outcome of a request: `undefined` if it was accepted, otherwise the error. */
export async function errorOf(promise: Promise<unknown>): Promise<Error | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error as Error
  }
}

function described(what: unknown): string {
  return typeof what === 'string' ? what : JSON.stringify(what, (_, value) => value ?? String(value)).slice(0, 3000)
}

/** Counts attacks: a table that is lost fails the test of its file. */
export function attacks() {
  let count = 0
  const isRejection = (error: unknown): error is SigV4VerifyError =>
    error instanceof SigV4VerifyError && error.status >= 400 && error.status < 500 && !!error.awsCode
  return {
    get count() {
      return count
    },
    /** Counts an attack that was rejected over the wire. */
    counted(): void {
      count++
    },
    /** Throws unless the promise is rejected with a `SigV4VerifyError` of status 4xx. */
    async rejected(promise: Promise<unknown>, what: unknown, code?: RegExp): Promise<SigV4VerifyError> {
      count++
      const error = await errorOf(promise)
      if (!error) throw new Error(`accepted: ${described(what)}`)
      if (!isRejection(error)) throw new Error(`not a rejection: ${error.stack} ${described(what)}`)
      if (code && !code.test(error.code)) throw new Error(`${error.code} is not ${code}: ${described(what)}`)
      return error
    },
    /** Throws unless the promise is rejected with the `TypeError` of an invalid argument. */
    async wrongArgument(promise: Promise<unknown>, what: unknown): Promise<void> {
      count++
      const error = await errorOf(promise)
      if (!error) throw new Error(`accepted: ${described(what)}`)
      const { code } = error as { code?: string }
      if (!(error instanceof TypeError && /^ERR_INVALID_ARG_(?:TYPE|VALUE)$/.test(code ?? '')))
        throw new Error(`not the TypeError of an argument: ${error.name} ${code} ${error.message}, ${described(what)}`)
    },
    /** Throws if the promise is resolved, or rejected with anything but a rejection or the `TypeError` of an argument. */
    async notAccepted(promise: Promise<unknown>, what: unknown): Promise<Error> {
      count++
      const error = await errorOf(promise)
      if (!error) throw new Error(`accepted: ${described(what)}`)
      const { code } = error as { code?: string }
      if (!isRejection(error) && !/^ERR_INVALID_ARG_(?:TYPE|VALUE)$/.test(code ?? ''))
        throw new Error(`neither a rejection nor a TypeError: ${error.stack} ${described(what)}`)
      return error
    },
    /** Throws unless a request is rejected. Its headers are passed in each way in turn. */
    async rejectedInAnyShape(forged: Forged, what: unknown, options: VerifyOptions = VERIFYING, code?: RegExp) {
      const shape = SHAPES[count % SHAPES.length]!
      await this.rejected(verify(shape(forged), options), [what, shape.name], code)
    },
    /** Throws unless a request is rejected however its headers are passed. */
    async rejectedInAllShapes(forged: Forged, what: unknown, options: VerifyOptions = VERIFYING, code?: RegExp) {
      for (const shape of SHAPES) await this.rejected(verify(shape(forged), options), [what, shape.name], code)
    },
  }
}

/** Asserts that a request is accepted, because an attack on an invalid request proves nothing. */
export async function accepted(forged: Forged, options: VerifyOptions = VERIFYING): Promise<void> {
  for (const shape of SHAPES) {
    const error = await errorOf(verify(shape(forged), options))
    if (error) throw new Error(`a genuine request is rejected (${shape.name}): ${error.message} ${described(forged)}`)
  }
}
