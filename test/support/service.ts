import { createHash, createHmac } from 'node:crypto'
import { createServer, type Socket } from 'node:net'

// A service: the bytes of a request as received, and the signature that it computes from them. It is independent of
// src/,
// so that it cannot share a mistake.

/** A request as received. */
export interface Received {
  method: string
  /** The raw request target: path and query. */
  target: string
  /** In the received order, names as sent; Latin-1, one character per octet. */
  headers: [name: string, value: string][]
  body: Buffer
}

/** How a service reads a path: S3 decodes it, others normalize it and encode it again. */
export type PathRule = 's3' | 'other' | 'other, not normalized'

export interface Verdict {
  location: 'header' | 'query'
  /** The received signature, and the expected one. */
  sent: string
  expected: string
  canonicalRequest: string
  signedHeaders: string[]
  credential: string
  date: string
  expires: number | undefined
  token: string | undefined
  payloadHash: string
}

/** Parses the bytes of a request. */
export function parseRequest(bytes: Buffer): Received {
  const end = bytes.indexOf('\r\n\r\n')
  const [line, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const [method, target, version, ...rest] = line!.split(' ')
  if (rest.length > 0 || version !== 'HTTP/1.1') throw new Error(`not a request line: ${line}`)
  const headers = lines.map((text): [string, string] => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon), text.slice(colon + 1)]
  })
  const received = { method: method!, target: target!, headers, body: bytes.subarray(end + 4) }
  return headerValue(received, 'transfer-encoding') ? { ...received, body: joinChunks(received.body) } : received
}

/** Returns the length of the first request in the received data; nothing while it is incomplete. */
function requestLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.subarray(0, end).toString('latin1').toLowerCase()
  const start = end + 4
  if (/\r\ntransfer-encoding: *chunked/.test(head)) {
    const last = bytes.indexOf('\r\n0\r\n\r\n', start - 2)
    return last < 0 ? undefined : last + 7
  }
  const length = start + Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0)
  return bytes.length < length ? undefined : length
}

function joinChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const start = bytes.indexOf('\r\n', at) + 2
    const size = Number.parseInt(bytes.subarray(at, start).toString('latin1'), 16)
    if (!size) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
}

function headerValue({ headers }: Received, wanted: string): string | undefined {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value.trim())
  return values.length > 0 ? values.join(',') : undefined
}

/**
 * Starts a server that records every request and responds with 200, and a client that reaches it under any host name.
 */
export async function startRecorder() {
  const requests: Received[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0)
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy()))
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data])
      for (let length = requestLength(bytes); length !== undefined; length = requestLength(bytes)) {
        requests.push(parseRequest(bytes.subarray(0, length)))
        bytes = bytes.subarray(length)
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await fetch('data:,') // creates Node's own dispatcher, whose class is not exported
  const Agent = (globalThis as unknown as Record<symbol, { constructor: new (options: object) => object }>)[
    Symbol.for('undici.globalDispatcher.1')
  ]!.constructor
  const everyName = (_name: string, options: { all?: boolean }, done: (...found: unknown[]) => void) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  const dispatcher = new Agent({ connect: { lookup: everyName } })
  return {
    port,
    /** Returns the request that Node's fetch sends. */
    async fetch(url: string, init: object): Promise<Received> {
      const before = requests.length
      const response = await fetch(url, { ...init, dispatcher } as RequestInit)
      await response.arrayBuffer()
      if (requests.length !== before + 1) throw new Error(`${requests.length - before} requests came in`)
      return requests.at(-1)!
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Returns the octets of an escaped string, one character each. */
export function decodeOctets(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function encodeOctets(octets: string): string {
  return octets.replace(/[^A-Za-z\d._~-]/g, (octet) => {
    if (octet > '\xff') throw new Error('not an octet')
    return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

/** Returns names and values of a query as octets. A plus sign is a space here, as for S3. */
export function parseQuery(query: string): [name: string, value: string][] {
  if (query === '') return []
  return query.split('&').map((part) => {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(part.replaceAll('+', ' '))!
    return [decodeOctets(name!), decodeOctets(value!)]
  })
}

/** Decodes octets as UTF-8. */
export function utf8(octets: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(octets, 'latin1'))
}

/** Returns the key that S3 reads from the path of a request; in path style, the bucket precedes it. */
export function receivedKey(received: Received, before = '/'): string {
  const path = utf8(decodeOctets(received.target.split('?')[0]!.replaceAll('+', ' ')))
  if (!path.startsWith(before)) throw new Error(`${path} does not start with ${before}`)
  return path.slice(before.length)
}

function canonicalPath(path: string, rule: PathRule): string {
  if (rule === 's3') return decodeOctets(path.replaceAll('+', ' ')).split('/').map(encodeOctets).join('/')
  let segments = path.split('/').slice(1)
  if (rule === 'other') {
    const kept: string[] = []
    for (const [i, segment] of segments.entries()) {
      const last = i === segments.length - 1
      if (segment === '..') kept.pop()
      if (segment === '.' || segment === '..' || segment === '') {
        if (last && kept.at(-1) !== '') kept.push('')
      } else kept.push(segment)
    }
    segments = kept.length > 0 ? kept : ['']
  }
  return `/${segments.map(encodeOctets).join('/')}`
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'latin1').digest()
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Derives the signing key. */
export function referenceKey(secret: string, date: string, region: string, service: string): Buffer {
  return hmac(hmac(hmac(hmac(Buffer.from(`AWS4${secret}`), date), region), service), 'aws4_request')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Computes the signature that a received request should have, as the service does: from its bytes, the secret, and the
 * service's own name. `unsignedToken`: the security token is not signed.
 */
export function judge(received: Received, secret: string, rule: PathRule, unsignedToken = false): Verdict {
  const [path, query = ''] = received.target.split(/\?(.*)/s) as [string, string?]
  const parameters = parseQuery(query)
  const one = (name: string): string | undefined => {
    const found = parameters.filter(([other]) => other === name)
    if (found.length > 1) throw new Error(`${name} comes ${found.length} times`)
    return found[0]?.[1]
  }
  const authorization = headerValue(received, 'authorization')
  const location = authorization === undefined ? 'query' : 'header'
  const [, credential, names, sent] =
    location === 'header'
      ? /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([\da-f]{64})$/.exec(authorization!)!
      : [one('X-Amz-Algorithm'), one('X-Amz-Credential'), one('X-Amz-SignedHeaders'), one('X-Amz-Signature')]
  const date = location === 'header' ? headerValue(received, 'x-amz-date')! : one('X-Amz-Date')!
  const signedHeaders = names!.split(';')
  if (String(signedHeaders) !== String([...new Set(signedHeaders)].sort())) throw new Error(`not in order: ${names}`)
  for (const [name] of received.headers) {
    const lower = name.toLowerCase()
    const must =
      lower === 'host' ||
      (lower.startsWith('x-amz-') && !(unsignedToken && /^x-amz-(?:security|s3session)-token$/.test(lower)))
    if (must && !signedHeaders.includes(lower)) throw new Error(`${name} is not signed`)
  }
  const canonicalQuery = parameters
    .filter(
      ([name]) => name !== 'X-Amz-Signature' && !(unsignedToken && /^X-Amz-(?:Security|S3session)-Token$/.test(name)),
    )
    .map(([name, value]) => [encodeOctets(name), encodeOctets(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&')
  const canonicalHeaders = signedHeaders.map((name) => {
    const value = headerValue(received, name)
    if (value === undefined) throw new Error(`${name} is signed and was not sent`)
    return `${name}:${value.replace(/[ \t]+/g, ' ')}\n`
  })
  const declared = headerValue(received, 'x-amz-content-sha256')
  const unsigned = rule === 's3' && location === 'query' ? 'UNSIGNED-PAYLOAD' : undefined
  const payloadHash = declared ?? unsigned ?? sha256(received.body)
  if (/^[\da-f]{64}$/.test(payloadHash) && payloadHash !== sha256(received.body)) throw new Error('a different body')
  const canonicalRequest = [
    received.method,
    canonicalPath(path, rule),
    canonicalQuery,
    canonicalHeaders.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
  const [day, region, service, end] = credential!.split('/').slice(-4)
  if (end !== 'aws4_request' || !date.startsWith(`${day}T`)) throw new Error(`not a credential: ${credential}`)
  const scope = `${day}/${region}/${service}/${end}`
  const hash = createHash('sha256').update(canonicalRequest, 'latin1').digest('hex')
  return {
    location,
    sent: sent!,
    expected: hmac(
      referenceKey(secret, day!, region!, service!),
      `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`,
    ).toString('hex'),
    canonicalRequest,
    signedHeaders,
    credential: credential!,
    date,
    expires: one('X-Amz-Expires') === undefined ? undefined : Number(one('X-Amz-Expires')),
    token: location === 'header' ? headerValue(received, 'x-amz-security-token') : one('X-Amz-Security-Token'),
    payloadHash,
  }
}

/** Returns the request that a client would send for a result: for tests that need no socket. */
export function asReceived(
  { method, url, headers }: { method: string; url: string; headers: Record<string, string> },
  body: string | Uint8Array = '',
): Received {
  const { host, pathname, search } = new URL(url)
  return {
    method,
    target: pathname + search,
    headers: [['Host', host], ...Object.entries(headers)],
    body: Buffer.from(body as Uint8Array),
  }
}

/** Freezes a value of plain objects and lists recursively. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const key of Reflect.ownKeys(value)) deepFreeze((value as Record<PropertyKey, unknown>)[key])
  }
  return value
}

/** Returns the result of a call, or the error that it threw or rejected with. */
export type Outcome = { result: unknown } | { error: Error & { code?: string } }

export async function outcome(call: () => unknown): Promise<Outcome> {
  try {
    return { result: await call() }
  } catch (error) {
    return { error: error as Error & { code?: string } }
  }
}
