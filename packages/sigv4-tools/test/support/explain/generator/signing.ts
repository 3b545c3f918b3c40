import {
  ALGORITHM,
  amzDateOf,
  authorization,
  byBytes,
  encode,
  headerBlock,
  hmacHex,
  joinParameters,
  sha256,
  sign,
  signingKey,
  signingParameters,
  sortParameters,
  UNSIGNED_PAYLOAD,
} from '../../../../../../test/support/oracle.ts'

// Clients that sign for S3: the oracle, in which each step can be replaced by what a broken client does.

export type Pair = [name: string, value: string]
export type Location = 'header' | 'query' | 'post'

export interface Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** Where a request goes to, and when. */
export interface Scene {
  host: string
  /** The host whose subdomains are buckets. */
  virtualHost: string
  bucket: string
  region: string
  credentials: Keys
  /** Epoch milliseconds. */
  now: number
}

/** What a client decides before it signs. Path and query are as on the wire, escaped. */
export interface Client {
  location: 'header' | 'query'
  credentials: Keys
  region: string
  service: string
  terminator: string
  algorithm: string
  amzDate: string
  scopeDate: string
  expires: string
  method: string
  path: string
  query: Pair[]
  headers: Pair[]
  /** Lowercase names of headers that are sent and not signed. */
  unsigned: string[]
  body: Buffer
  payloadHash: string
}

/** What goes into the canonical request. */
export interface Canonical {
  method: string
  path: string
  /** Sorted and joined when it is signed, unless `queryString` says what to sign. */
  query: Pair[]
  queryString?: string
  /** Lowercase names, trimmed values, sorted. */
  headers: Pair[]
  signedHeaders: string
  payloadHash: string
}

/** The string to sign without its last line. */
export interface Lines {
  algorithm: string
  date: string
  scope: string
}

/** What goes over the wire; changes here happen after signing. */
export interface Wire {
  method: string
  path: string
  /** `name=value`, or a name alone. */
  query: string[]
  separator: string
  headers: Pair[]
  body: Buffer
}

/** How a client, or what stands between it and the server, goes wrong. */
export interface Hooks {
  client?(client: Client, scene: Scene): void
  canonical?(canonical: Canonical, client: Client, scene: Scene): void
  lines?(lines: Lines, client: Client): void
  key?(client: Client): Buffer
  signature?(signature: string, client: Client): string
  /** The value of the Authorization header, or the parameters of the query, X-Amz-Signature last. */
  authorization?(value: string, client: Client): string
  parameters?(pairs: Pair[], client: Client): Pair[]
  sent?(wire: Wire, scene: Scene, client: Client, signed: Signing): void
}

export interface Signing {
  canonicalRequest: string
  stringToSign: string
  signature: string
  key: Buffer
}

/** A request with nothing wrong, from which others are made. */
export interface Base {
  name: string
  method: string
  /** Raw text; without one the request is the bucket's. */
  key?: string
  query?: Pair[]
  headers?: Pair[]
  body?: string | Buffer
  /** Signed with the session token of the scene. */
  token?: boolean
  /** The bucket in the host. */
  virtual?: boolean
}

export interface SentRequest {
  method: string
  target: string
  headers: Pair[]
  body: Buffer
}

export interface Produced {
  request: SentRequest
  signed: { canonicalRequest?: string; stringToSign?: string }
}

export const STREAMING = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'

export const encodePath = (key: string): string => encode(key, '/')

export const joinQuery = (query: Pair[]): string => joinParameters(sortParameters(query))

export const headerOf = (headers: Pair[], name: string): string | undefined =>
  headers.find(([header]) => header.toLowerCase() === name.toLowerCase())?.[1]

/** Replaces a header where it stands, or adds it at the end; without a value it is taken out. */
export function setHeader(headers: Pair[], name: string, value: string | undefined): void {
  const at = headers.findIndex(([header]) => header.toLowerCase() === name.toLowerCase())
  if (value === undefined) headers.splice(at, at < 0 ? 0 : 1)
  else if (at < 0) headers.push([name, value])
  else headers[at] = [headers[at]![0], value]
}

/** Who signs, when, and for what: the same for requests and forms. */
export type Signer = Pick<
  Client,
  'credentials' | 'region' | 'service' | 'terminator' | 'algorithm' | 'amzDate' | 'scopeDate'
>

export function signerOf(scene: Scene, base: { token?: boolean }): Signer {
  const { accessKeyId, secretAccessKey, sessionToken } = scene.credentials
  const date = amzDateOf(scene.now)
  return {
    credentials: { accessKeyId, secretAccessKey, ...(base.token && sessionToken ? { sessionToken } : {}) },
    region: scene.region,
    service: 's3',
    terminator: 'aws4_request',
    algorithm: ALGORITHM,
    amzDate: date,
    scopeDate: date.slice(0, 8),
  }
}

function begin(scene: Scene, base: Base, location: 'header' | 'query'): Client {
  const path = base.key === undefined ? '' : `/${encodePath(base.key)}`
  return {
    location,
    ...signerOf(scene, base),
    expires: '900',
    method: base.method,
    path: base.virtual ? path || '/' : `/${scene.bucket}${path}`,
    query: (base.query ?? []).map(([name, value]): Pair => [encode(name), encode(value)]),
    headers: [
      ['Host', base.virtual ? `${scene.bucket}.${scene.virtualHost}` : scene.host],
      ...(base.headers ?? []).map(([name, value]): Pair => [name, value]),
    ],
    unsigned: ['user-agent', 'accept', 'content-length', 'connection'],
    body: Buffer.from(base.body ?? ''),
    payloadHash: location === 'query' ? UNSIGNED_PAYLOAD : sha256(base.body ?? ''),
  }
}

/** Signs a request as a client would that does what the hooks say, and returns what arrives at the server. */
export function produce(scene: Scene, base: Base, location: 'header' | 'query', hooks: Hooks = {}): Produced {
  const client = begin(scene, base, location)
  hooks.client?.(client, scene)
  const { credentials, algorithm, amzDate, headers } = client
  const scope = [client.scopeDate, client.region, client.service, client.terminator]
  const credential = [credentials.accessKeyId, ...scope].join('/')

  if (location === 'header') {
    headers.push(['X-Amz-Date', amzDate])
    if (credentials.sessionToken) headers.push(['X-Amz-Security-Token', credentials.sessionToken])
    headers.push(['X-Amz-Content-Sha256', client.payloadHash])
  }
  const canonicalHeaders = headers
    .map(([name, value]): Pair => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')])
    .filter(([name]) => !client.unsigned.includes(name))
    .sort(([a], [b]) => byBytes(a, b))
  const signedHeaders = canonicalHeaders.map(([name]) => name).join(';')
  const claim = { algorithm, credential, amzDate, sessionToken: credentials.sessionToken }
  const parameters =
    location === 'header'
      ? []
      : signingParameters(claim, client.expires, signedHeaders).map(([name, value]): Pair => [name, encode(value)])

  const canonical: Canonical = {
    method: client.method,
    path: client.path,
    query: [...client.query, ...parameters],
    headers: canonicalHeaders,
    signedHeaders,
    payloadHash: client.payloadHash,
  }
  hooks.canonical?.(canonical, client, scene)
  const lines: Lines = { algorithm, date: amzDate, scope: scope.join('/') }
  hooks.lines?.(lines, client)
  const key = hooks.key?.(client) ?? signingKey(credentials.secretAccessKey, scope)
  const { method, path } = canonical
  const { canonicalRequest, stringToSign, signature } = sign(
    {
      ...{
        method,
        path,
        query: [],
        headers: [],
        signedHeaders: [],
        payloadHash: canonical.payloadHash,
        pathRule: 's3',
      },
      ...{ algorithm: lines.algorithm, amzDate: lines.date, scope, secretAccessKey: credentials.secretAccessKey },
    },
    {
      canonicalUri: () => path,
      canonicalQuery: () => canonical.queryString ?? joinQuery(canonical.query),
      canonicalHeaders: () => headerBlock(canonical.headers),
      signedHeaders: () => canonical.signedHeaders,
      scope: () => lines.scope,
      key: () => key,
      signature: ({ stringToSign: text }) => {
        const right = hmacHex(key, text)
        return hooks.signature?.(right, client) ?? right
      },
    },
  )

  const wire: Wire = {
    method: client.method,
    path: client.path,
    query: client.query.map(([name, value]) => `${name}=${value}`),
    separator: '&',
    headers,
    body: client.body,
  }
  if (location === 'header') {
    const value = authorization(claim, signedHeaders, signature)
    headers.push(['Authorization', hooks.authorization?.(value, client) ?? value])
  } else {
    const all: Pair[] = [...parameters, ['X-Amz-Signature', signature]]
    wire.query.push(...(hooks.parameters?.(all, client) ?? all).map(([name, value]) => `${name}=${value}`))
  }
  hooks.sent?.(wire, scene, client, { canonicalRequest: canonicalRequest!, stringToSign, signature, key })
  return { request: toRequest(wire), signed: { canonicalRequest: canonicalRequest!, stringToSign } }
}

export function toRequest(wire: Wire): SentRequest {
  const { method, path, query, separator, headers, body } = wire
  const carriesBody = body.length > 0 || method === 'PUT' || method === 'POST'
  if (carriesBody && headerOf(headers, 'content-length') === undefined) {
    headers.push(['Content-Length', String(body.length)])
  }
  const target = query.length > 0 ? `${path}?${query.join(separator)}` : path
  return { method, target, headers, body }
}
