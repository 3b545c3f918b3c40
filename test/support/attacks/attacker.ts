import { createPrivateKey, sign as signDigest } from 'node:crypto'
import {
  type ReceivedRequest,
  type Scope,
  type SigningKey,
  SigV4VerifyError,
  type VerifyOptions,
  verify,
} from '../../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../credentials.ts'
import {
  ALGORITHM,
  amzDateOf,
  authorization,
  base64,
  encode,
  hmac,
  hmacHex,
  type PathRule,
  parametersOf,
  sha256,
  sign,
  signingFields,
  signingKey,
  signingParameters,
  UNSIGNED_PAYLOAD,
} from '../oracle.ts'

// The attacker's tools: the oracle with replaceable values, and checks of what verify returns.

export const HOST = 'files.example.com'
export const NOW = Date.UTC(2015, 7, 30, 12, 36)
export const DAY = 86_400_000
export const REGION = 'us-east-1'
export const VERIFYING = {
  credentials: (id: string) => (id === KEY_ID ? CREDENTIALS : undefined),
  now: NOW,
} satisfies VerifyOptions

/** Finds the signing key of every scope, whatever the session token: derived by node:crypto, once. */
export function scopedKey(id: string, scope: Scope): SigningKey | undefined {
  if (id !== KEY_ID) return undefined
  const text = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const known = scopedKeys.get(text) ?? { ...scope, key: new Uint8Array(signingKey(SECRET, text)) }
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

export const isS3 = (service: string): boolean => /^s3(?:express|-outposts|-object-lambda)?$/.test(service)

const ruleOf = (service: string): PathRule => (isS3(service) ? 's3' : 'other')

/** Who signs, for what: the same in requests and forms. */
function claimOf(forging: Forging) {
  const { keyId = KEY_ID, secret = SECRET, region = REGION, service = 's3', algorithm = ALGORITHM } = forging
  const amzDate = forging.date ?? amzDateOf(forging.time ?? NOW)
  const parts = [forging.day ?? amzDate.slice(0, 8), region, service, forging.terminator ?? 'aws4_request']
  const scope = forging.scope ?? parts.join('/')
  const credential = forging.credential ?? `${keyId}/${scope}`
  const key = Buffer.from((forging.key as string | undefined) ?? signingKey(secret, scope))
  return { algorithm, credential, amzDate, sessionToken: forging.token, scope, secret, service, key }
}

export function forge(forging: Forging = {}): Forged {
  const { location = 'header', method = 'GET', path = '/photos/cat.jpg', query = '', host = HOST } = forging
  const { body = '', without = [], shrink = [] } = forging
  const claim = claimOf(forging)
  const { algorithm, amzDate, scope, secret, service, key } = claim
  const isHeader = location === 'header'
  const payloadHash = forging.payloadHash ?? (isHeader || !isS3(service) ? sha256(body) : UNSIGNED_PAYLOAD)
  const sent: Record<string, string> = {
    host,
    ...(isHeader && isS3(service) && { 'x-amz-content-sha256': payloadHash }),
    ...(isHeader && { 'x-amz-date': amzDate }),
    ...(isHeader && forging.token !== undefined && { 'x-amz-security-token': forging.token }),
    ...forging.headers,
  }
  for (const name of without) delete sent[name]
  const names = Object.keys(sent)
    .filter((name) => !shrink.includes(name))
    .sort()
  const signedHeaders = forging.signedHeaders ?? names.join(';')
  const added = (isHeader ? [] : signingParameters(claim, forging.expires ?? '900', signedHeaders))
    .filter(([name]) => !without.includes(name))
    .map((pair) => pair.map((text) => encode(text)).join('='))
  const own = query.split('&').filter(Boolean)
  const { sign: signString = (text: string): string => hmacHex(key, text) } = forging
  const signed = sign(
    {
      method,
      path: forging.signedPath ?? path,
      query: parametersOf([forging.signedQuery ?? query, ...added].join('&')),
      headers: Object.entries(sent),
      signedHeaders: names,
      payloadHash,
      pathRule: ruleOf(service),
      algorithm,
      amzDate,
      scope: scope.split('/'),
      secretAccessKey: secret,
    },
    {
      signedHeaders: () => signedHeaders,
      signature: ({ stringToSign }) => forging.signature ?? signString(stringToSign),
    },
  )
  const { canonicalRequest: canonical = '', stringToSign: toSign, signature } = signed
  const headers = Object.entries({ ...sent, ...forging.unsigned }) as Pair[]
  if (body.length) headers.push(['content-length', String(Buffer.byteLength(body))])
  if (isHeader) headers.push(['authorization', authorization(claim, signedHeaders, signature)])
  else if (!without.includes('X-Amz-Signature')) added.push(`X-Amz-Signature=${encode(signature)}`)
  const all = [...own, ...added]
  return { method, path, query: all, headers, body, canonical, toSign, signature, scope, key, sign: signString }
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
    scope: `${amzDateOf(time).slice(0, 8)}/${service}/aws4_request`,
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
  const { key, scope, ...claim } = claimOf(forging)
  const own: Record<string, string> = { key: 'cat.jpg', ...Object.fromEntries(signingFields(claim)) }
  const conditions = [{ bucket: 'photos' }, ...Object.entries(own).map(([name, value]) => ({ [name]: value }))]
  const expiration = forging.expiration ?? new Date((forging.time ?? NOW) + 900_000).toISOString()
  const policy = base64(JSON.stringify({ expiration, conditions }))
  const fields: Record<string, string> = {
    ...own,
    policy,
    'x-amz-signature': forging.signature ?? hmacHex(key, policy),
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
