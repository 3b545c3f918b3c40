import { createHash, createHmac } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

// Handmade signed requests, in which every part can be invalid, and clients that send them unchanged.

export const KEY_ID = 'AKIDEXAMPLE'
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
export const REGION = 'us-east-1'

export interface Reply {
  status: number
  headers: Record<string, string>
  text: string
  body: Buffer
}

/** A request as it is sent. */
export interface Handmade {
  method: string
  /** Path and query. */
  target: string
  headers: Record<string, string>
  body?: string | Uint8Array
  /** The signed values. */
  canonical?: string
  toSign?: string
}

export interface Making {
  method?: string
  path?: string
  query?: Record<string, string>
  /** Sent and signed. */
  headers?: Record<string, string>
  /** Sent only. */
  unsigned?: Record<string, string>
  body?: string | Uint8Array
  payloadHash?: string
  host: string
  keyId?: string
  secret?: string
  /** In milliseconds. */
  time?: number
  date?: string
  region?: string
  service?: string
  terminator?: string
  credential?: string
  expires?: string
  token?: string
  /** Parameters to omit from a presigned URL. */
  without?: string[]
}

export function amzDate(time: number): string {
  return new Date(time).toISOString().replace(/-|:|\.\d+/g, '')
}

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

export function signature(making: Making, stringToSign: string, date: string): string {
  const { secret = SECRET, region = REGION, service = 's3', terminator = 'aws4_request' } = making
  const key = [date.slice(0, 8), region, service, terminator].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key as Buffer, stringToSign).toString('hex')
}

function scopeOf({ region = REGION, service = 's3', terminator = 'aws4_request' }: Making, date: string): string {
  return [date.slice(0, 8), region, service, terminator].join('/')
}

function stringToSign(making: Making, date: string, canonical: string): string {
  return ['AWS4-HMAC-SHA256', date, scopeOf(making, date), sha256(canonical)].join('\n')
}

function canonicalRequest(
  { method = 'GET', path = '/' }: Making,
  query: Record<string, string>,
  headers: Record<string, string>,
  payloadHash: string,
): string {
  const names = Object.keys(headers).sort()
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}\n`)
  return [method, path, pairs.sort().join('&'), lines.join(''), names.join(';'), payloadHash].join('\n')
}

/** Signs a request with an Authorization header. */
export function byHeader(making: Making): Handmade {
  const { method = 'GET', path = '/', query = {}, body = '', host, keyId = KEY_ID, token } = making
  const date = making.date ?? amzDate(making.time ?? Date.now())
  const payloadHash = making.payloadHash ?? sha256(body)
  const headers: Record<string, string> = { host, 'x-amz-content-sha256': payloadHash, 'x-amz-date': date }
  if (token) headers['x-amz-security-token'] = token
  Object.assign(headers, making.headers)
  const canonical = canonicalRequest(making, query, headers, payloadHash)
  const credential = making.credential ?? `${keyId}/${scopeOf(making, date)}`
  const names = Object.keys(headers).sort().join(';')
  const toSign = stringToSign(making, date, canonical)
  const made = signature(making, toSign, date)
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${made}`
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const length =
    body.length > 0 || method === 'PUT' ? { 'content-length': String(Buffer.from(body as string).length) } : {}
  return {
    method,
    target: path + (pairs.length > 0 ? `?${pairs.join('&')}` : ''),
    headers: { ...headers, ...length, ...making.unsigned, authorization },
    body,
    canonical,
    toSign,
  }
}

/** Presigns a request. */
export function byQuery(making: Making): Handmade {
  const { method = 'GET', path = '/', query = {}, body = '', host, keyId = KEY_ID, token } = making
  const date = making.date ?? amzDate(making.time ?? Date.now())
  const headers: Record<string, string> = { host, ...making.headers }
  const parameters: Record<string, string> = {
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': making.credential ?? `${keyId}/${scopeOf(making, date)}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': making.expires ?? '900',
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
    ...(token && { 'X-Amz-Security-Token': token }),
  }
  for (const name of making.without ?? []) delete parameters[name]
  const canonical = canonicalRequest(making, parameters, headers, making.payloadHash ?? 'UNSIGNED-PAYLOAD')
  const toSign = stringToSign(making, date, canonical)
  if (!making.without?.includes('X-Amz-Signature')) parameters['X-Amz-Signature'] = signature(making, toSign, date)
  const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const length = body.length > 0 ? { 'content-length': String(Buffer.from(body as string).length) } : {}
  const target = `${path}?${pairs.join('&')}`
  return { method, target, headers: { ...headers, ...length, ...making.unsigned }, body, canonical, toSign }
}

/** Creates a request that deletes objects. */
export function deletion(body: string | Uint8Array): Omit<Making, 'host'> {
  const sum = createHash('sha256').update(body).digest('base64')
  return {
    method: 'POST',
    path: '/bucket',
    query: { delete: '' },
    body,
    headers: { 'x-amz-checksum-sha256': sum },
  }
}

/** Reads a complete response. */
export async function readReply(response: IncomingMessage): Promise<Reply> {
  const body = Buffer.concat(await response.toArray())
  const headers = response.headers as Record<string, string>
  return { status: response.statusCode!, headers, text: body.toString(), body }
}

/** Sends a request unchanged. */
export function send(port: number, { method, target, headers, body }: Handmade): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: target,
      headers,
      setHost: false,
      agent: false,
    })
    request.on('error', reject).on('response', (response) => readReply(response).then(resolve, reject))
    request.end(body)
  })
}

/** Sends bytes, and collects the response until the connection closes. */
export function sendRaw(port: number, bytes: string | Uint8Array, end = false): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => (end ? socket.end(bytes) : socket.write(bytes)))
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    socket.on('error', () => {}).on('close', () => resolve(received))
  })
}

/** Formats a request. */
export function wire({ method, target, headers, body = '' }: Handmade): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${Buffer.from(body as string).toString('latin1')}`
}

/** Returns the elements of an error document in order. */
export function elements(text: string): Record<string, string> {
  const inner = /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error>(.*)<\/Error>$/s.exec(text)?.[1]
  if (inner === undefined) throw new Error(`not an error document: ${text}`)
  const found: Record<string, string> = {}
  for (const [, name, value] of inner.matchAll(/<([\w-]+)>(.*?)<\/\1>/gs))
    found[name!] = value!.replace(/&(?:lt|gt|amp|quot|#(\d+)|#x([\da-f]+));/g, (entity, decimal, hex) =>
      decimal || hex
        ? String.fromCharCode(decimal ? Number(decimal) : Number.parseInt(hex, 16))
        : { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' }[entity as '&lt;']!,
    )
  return found
}

export interface FormMaking extends Making {
  /** The fields before the file; `null` omits one. */
  fields?: Record<string, string | null>
  conditions?: unknown[]
  expiration?: number
  /** Replaces the policy after signing. */
  sentPolicy?: string
  file?: string
}

/** Creates a form with a policy. */
export function byForm(making: FormMaking): Handmade {
  const { keyId = KEY_ID, time = Date.now(), host, path = '/bucket', file = 'a file' } = making
  const date = amzDate(time)
  const own: Record<string, string> = {
    key: 'uploaded',
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': making.credential ?? `${keyId}/${scopeOf(making, date)}`,
    'x-amz-date': date,
  }
  const conditions = making.conditions ?? [{ bucket: 'bucket' }, ...Object.entries(own).map(([k, v]) => ({ [k]: v }))]
  const expiration = new Date(making.expiration ?? time + 60_000).toISOString()
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
  const all: Record<string, string | null> = {
    ...own,
    policy: making.sentPolicy ?? policy,
    'x-amz-signature': signature(making, policy, date),
    ...making.fields,
  }
  const parts = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`],
  )
  parts.push(`--limit\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n${file}\r\n--limit--\r\n`)
  const body = parts.join('')
  const headers = { host, 'content-type': 'multipart/form-data; boundary=limit', 'content-length': String(body.length) }
  return { method: 'POST', target: path, headers, body, toSign: policy }
}
