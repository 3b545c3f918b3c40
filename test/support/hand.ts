import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { KEY_ID, SECRET } from './credentials.ts'
import {
  amzDateOf,
  authorization,
  base64,
  encode,
  type Pair,
  sha256,
  sign,
  signatureOf,
  signingFields,
  signingParameters,
  UNSIGNED_PAYLOAD,
} from './oracle.ts'

// Handmade signed requests, in which every part can be invalid, and clients that send them unchanged.

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

const scopeOf = ({ region = REGION, service = 's3', terminator = 'aws4_request' }: Making, date: string): string[] => [
  date.slice(0, 8),
  region,
  service,
  terminator,
]

export const signature = (making: Making, stringToSign: string, date: string): string =>
  signatureOf(making.secret ?? SECRET, scopeOf(making, date), stringToSign)

function claimOf(making: Making) {
  const amzDate = making.date ?? amzDateOf(making.time ?? Date.now())
  const credential = making.credential ?? [making.keyId ?? KEY_ID, ...scopeOf(making, amzDate)].join('/')
  return { amzDate, credential, sessionToken: making.token }
}

/** The parameters as sent. */
const encoded = (query: readonly Pair[]): Pair[] => query.map(([name, value]) => [encode(name), encode(value)])

/** Signs the headers, and a path and query as they are sent. */
function signed(making: Making, amzDate: string, headers: Record<string, string>, query: Pair[], payloadHash: string) {
  const { method = 'GET', path = '/', secret = SECRET } = making
  const signedHeaders = Object.keys(headers).sort()
  const scope = scopeOf(making, amzDate)
  const common = { method, path, query, signedHeaders, payloadHash, amzDate, scope, secretAccessKey: secret }
  return sign({ ...common, headers: Object.entries(headers), pathRule: 's3' }, { canonicalUri: () => path })
}

function lengthOf(body: string | Uint8Array, isAlways: boolean): Record<string, string> {
  return body.length > 0 || isAlways ? { 'content-length': String(Buffer.byteLength(body)) } : {}
}

/** Signs a request with an Authorization header. */
export function byHeader(making: Making): Handmade {
  const { method = 'GET', path = '/', body = '', host, token } = making
  const claim = claimOf(making)
  const payloadHash = making.payloadHash ?? sha256(body)
  const headers: Record<string, string> = {
    host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': claim.amzDate,
    ...(token && { 'x-amz-security-token': token }),
    ...making.headers,
  }
  const query = encoded(Object.entries(making.query ?? {}))
  const { canonicalRequest, stringToSign, signature } = signed(making, claim.amzDate, headers, query, payloadHash)
  return {
    method,
    target: path + (query.length > 0 ? `?${query.map((pair) => pair.join('=')).join('&')}` : ''),
    headers: {
      ...headers,
      ...lengthOf(body, method === 'PUT'),
      ...making.unsigned,
      authorization: authorization(claim, Object.keys(headers).sort().join(';'), signature),
    },
    body,
    canonical: canonicalRequest!,
    toSign: stringToSign,
  }
}

/** Presigns a request. */
export function byQuery(making: Making): Handmade {
  const { method = 'GET', path = '/', body = '', host, without = [] } = making
  const claim = claimOf(making)
  const headers: Record<string, string> = { host, ...making.headers }
  const parameters = signingParameters(claim, making.expires ?? '900', Object.keys(headers).sort().join(';'))
  const all = { ...making.query, ...Object.fromEntries(parameters) }
  for (const name of without) delete all[name]
  const query = encoded(Object.entries(all))
  const payloadHash = making.payloadHash ?? UNSIGNED_PAYLOAD
  const { canonicalRequest, stringToSign, signature } = signed(making, claim.amzDate, headers, query, payloadHash)
  if (!without.includes('X-Amz-Signature')) query.push(['X-Amz-Signature', signature])
  return {
    method,
    target: `${path}?${query.map((pair) => pair.join('=')).join('&')}`,
    headers: { ...headers, ...lengthOf(body, false), ...making.unsigned },
    body,
    canonical: canonicalRequest!,
    toSign: stringToSign,
  }
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
  const { time = Date.now(), host, path = '/bucket', file = 'a file' } = making
  const claim = claimOf({ ...making, date: amzDateOf(time) })
  const own: Record<string, string> = { key: 'uploaded', ...Object.fromEntries(signingFields(claim)) }
  const conditions = making.conditions ?? [{ bucket: 'bucket' }, ...Object.entries(own).map(([k, v]) => ({ [k]: v }))]
  const expiration = new Date(making.expiration ?? time + 60_000).toISOString()
  const policy = base64(JSON.stringify({ expiration, conditions }))
  const all: Record<string, string | null> = {
    ...own,
    policy: making.sentPolicy ?? policy,
    'x-amz-signature': signature(making, policy, claim.amzDate),
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
