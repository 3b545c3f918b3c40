// AWS Signature Version 4 in one file, to read and to copy. It requires Web Crypto, and no package.
//
// sigv4 0.1.0, MIT License, Copyright (c) 2026 the sigv4 authors
// SPDX-License-Identifier: MIT
//
//   const target = { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' }
//   const { method, url, headers } = await presign(target, { service: 's3', region: 'eu-west-1', credentials })
//   await fetch(url, { method, headers, body: file })
//
// A signature proves that the sender knows a secret, without sending it. It takes four steps: a canonical request, a
// string to sign, a signing key, and the signature. The service repeats them with the request that it received. If one
// byte of what is hashed below differs, it returns SignatureDoesNotMatch.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  /** Part of temporary credentials, whose access key ID starts with ASIA, and required with them. */
  sessionToken?: string | undefined
}

export interface Options {
  /** The name to sign for. It is not always in the host: SES is `ses`, and its hosts start with `email`. */
  service: string
  region: string
  credentials: Credentials
  /** The time of signing. A request signed with headers must arrive within 5 minutes of it, or 15 for S3. */
  date?: Date | undefined
  /** How many seconds after `date` a presigned URL expires: up to 7 days, but never later than the credentials. */
  expires?: number | undefined
  /** SHA-256 of the body in lowercase hex, instead of `body`. A presigned S3 URL signs `UNSIGNED-PAYLOAD` without it. */
  payloadHash?: string | undefined
}

export interface HttpRequest {
  method: string
  url: string
  /**
   * What is signed in addition to `host`, and must be sent unchanged; an array is a header that is sent repeatedly. All
   * `x-amz-*` headers and `content-type` must be signed if they are sent. Do not pass what proxies change, such as
   * `user-agent`: add it after signing.
   */
  headers?: Record<string, string | string[]> | undefined
  body?: string | Bytes | undefined
}

/** What to send, and two strings to debug with: with SignatureDoesNotMatch, S3 returns its own. */
export interface SignedRequest {
  method: string
  url: string
  headers: Record<string, string>
  canonicalRequest: string
  stringToSign: string
}

type Bytes = Uint8Array<ArrayBuffer> | ArrayBuffer
const ALGORITHM = 'AWS4-HMAC-SHA256'

/**
 * The services that follow S3's rules: a path is encoded once and keeps `//`, a presigned URL need not sign the body,
 * and `sign` states the payload hash in `x-amz-content-sha256`. S3 Express sessions are not covered.
 */
const S3 = /^s3(-outposts|-object-lambda)?$/

/** Signs a request with headers, to be sent now. */
export async function sign(request: HttpRequest, options: Options): Promise<SignedRequest> {
  const { service, region, credentials, date = new Date() } = options
  const { host, origin, pathname, searchParams } = new URL(request.url)
  const method = request.method.toUpperCase()
  const amzDate = formatAmzDate(date)
  const scope = credentialScope(amzDate, region, service)
  const payloadHash = options.payloadHash ?? hex(await sha256(request.body ?? ''))
  // The host is as in the Host header: with its port, unless that is the default.
  const added: Record<string, string> = { host, 'x-amz-date': amzDate }
  // S3 compares signatures before it reads the body, so a header states its hash. OpenSearch Serverless needs it, too.
  if (S3.test(service) || service === 'aoss') added['x-amz-content-sha256'] = payloadHash
  // The token is signed, because it is an x-amz-* header like others.
  if (credentials.sessionToken) added['x-amz-security-token'] = credentials.sessionToken
  const headers = sortHeaders({ ...request.headers, ...added })
  const query = canonicalQuery([...searchParams])
  const canonical = canonicalRequest(method, canonicalUri(pathname, service), query, headers, payloadHash)
  const toSign = await stringToSign(canonical, amzDate, scope)
  const signature = hex(await hmac(await signingKey(credentials.secretAccessKey, scope), toSign))
  const credential = `${credentials.accessKeyId}/${scope}`
  const names = signedHeaders(headers)
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  const { host: _, ...sent } = Object.fromEntries(headers) // clients add the host
  const url = `${origin}${pathname}${query && `?${query}`}` // the path as passed, the query as signed: no + is left
  return { method, url, headers: { ...sent, authorization }, canonicalRequest: canonical, stringToSign: toSign }
}

/** Signs a URL, which works for anyone who has it, until it expires. The `headers` returned must be sent with it. */
export async function presign(request: HttpRequest, options: Options): Promise<SignedRequest> {
  const { service, region, credentials, date = new Date(), expires = 900 } = options
  if (!(expires >= 1 && expires <= 604_800)) throw new RangeError('options.expires must be 1 to 604800 seconds.')
  const { host, origin, pathname, searchParams } = new URL(request.url)
  const method = request.method.toUpperCase()
  const amzDate = formatAmzDate(date)
  const scope = credentialScope(amzDate, region, service)
  // The body of an upload is unknown when its URL is signed. S3 accepts this in place of its hash; others do not.
  const defaultHash = S3.test(service) ? 'UNSIGNED-PAYLOAD' : hex(await sha256(request.body ?? ''))
  const payloadHash = options.payloadHash ?? defaultHash
  const added: Record<string, string> = { host }
  if (S3.test(service) && payloadHash !== 'UNSIGNED-PAYLOAD') added['x-amz-content-sha256'] = payloadHash
  const headers = sortHeaders({ ...request.headers, ...added })
  const parameters = [
    ...searchParams,
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', amzDate],
    ['X-Amz-Expires', String(expires)],
    ['X-Amz-SignedHeaders', signedHeaders(headers)],
  ]
  // The token is a parameter, and signed. AWS IoT is an exception: there it is added after the signature.
  if (credentials.sessionToken) parameters.push(['X-Amz-Security-Token', credentials.sessionToken])
  const query = canonicalQuery(parameters)
  const canonical = canonicalRequest(method, canonicalUri(pathname, service), query, headers, payloadHash)
  const toSign = await stringToSign(canonical, amzDate, scope)
  const signature = hex(await hmac(await signingKey(credentials.secretAccessKey, scope), toSign))
  const { host: _, ...sent } = Object.fromEntries(headers)
  const url = `${origin}${pathname}?${query}&X-Amz-Signature=${signature}`
  return { method, url, headers: sent, canonicalRequest: canonical, stringToSign: toSign }
}

/** Step 1: six parts, in lines. The headers have one line each, with single spaces, and an empty line after the last. */
export function canonicalRequest(method: string, uri: string, query: string, headers: string[][], hash: string) {
  const lines = headers.map(([name, value = '']) => `${name}:${value.replace(/[\t\n\r ]+/g, ' ')}`)
  return [method, uri, query, ...lines, '', signedHeaders(headers), hash].join('\n')
}

/** Returns the path, encoded. `path` is as it is sent: encoded already, and `URL` has resolved its dot segments. */
export function canonicalUri(path: string, service: string): string {
  // In S3, a path is the key of an object, which S3 decodes. It is encoded once: %20 is signed as %20, and // as //.
  if (S3.test(service)) return decodeURIComponent(path).split('/').map(encode).join('/')
  // The others encode the path again, exactly as it was sent: %20 is signed as %2520. They merge slashes: // is /.
  return path.replace(/\/+/g, '/').split('/').map(encode).join('/')
}

/** Returns the parameters, encoded, then sorted. `URLSearchParams` decodes `+` as a space, which is signed as %20. */
export function canonicalQuery(parameters: string[][]): string {
  return parameters
    .map(([name = '', value = '']) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y)) // as pairs: the string `a-b=` would precede `a=`
    .map(([name, value]) => `${name}=${value}`) // an empty value keeps its equals sign
    .join('&')
}

/** Returns the headers with lowercase names, sorted. Repeated values are trimmed and joined in order, as `a,b`. */
function sortHeaders(headers: Record<string, string | string[]>): string[][] {
  const joined: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) joined[name.toLowerCase()] = [value].flat().map(trim).join(',')
  return Object.entries(joined).sort(([a], [b]) => compare(a, b))
}

function signedHeaders(headers: string[][]): string {
  return headers.map(([name]) => name).join(';')
}

/** Step 2: when it was signed, for what, and the hash of the canonical request. */
export async function stringToSign(canonical: string, amzDate: string, scope: string): Promise<string> {
  return [ALGORITHM, amzDate, scope, hex(await sha256(canonical))].join('\n')
}

/** Limits a signature to the day of the date (in UTC), one region, and one service. */
function credentialScope(amzDate: string, region: string, service: string): string {
  return `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`
}

/** Step 3: a key derived from the secret and the parts of the scope: date, region, service, and `aws4_request`. */
export async function signingKey(secretAccessKey: string, scope: string): Promise<ArrayBuffer> {
  let key: Bytes = utf8(`AWS4${secretAccessKey}`)
  for (const part of scope.split('/')) key = await hmac(key, part)
  return key as ArrayBuffer
}

/** Step 4: the HMAC of the string to sign with that key, which is the signature. Step 3 uses it, too. */
export async function hmac(key: Bytes, text: string): Promise<ArrayBuffer> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return crypto.subtle.sign('HMAC', imported, utf8(text))
}

function sha256(data: string | Bytes): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', typeof data === 'string' ? utf8(data) : data)
}

export const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('')
const trim = (text: string) => text.trim()
const utf8 = (text: string) => new TextEncoder().encode(text)
const formatAmzDate = (date: Date) => date.toISOString().replace(/[-:]|\.\d+/g, '') // 20150830T123600Z
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b)) // by bytes, unlike localeCompare

/** Encodes everything but `A-Z a-z 0-9 - . _ ~`. JavaScript's function keeps five more characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
