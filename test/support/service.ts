import { createServer, type Socket } from 'node:net'
import { chain, decode, encode, hmacHex, type PathRule, type Steps, sha256, sign, UNSIGNED_PAYLOAD } from './oracle.ts'

// A service: the bytes of a request as received, and the signature that the oracle computes from them. It is
// independent of src/, so that it cannot share a mistake.

/** A request as received. */
export interface Received {
  method: string
  /** The raw request target: path and query. */
  target: string
  /** In the received order, names as sent; Latin-1, one character per octet. */
  headers: [name: string, value: string][]
  body: Buffer
}

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
export const decodeOctets = (text: string): string => decode(text).toString('latin1')

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

const octets = (text: string): Buffer => Buffer.from(text, 'latin1')

/** The strings of a received request have one character per octet. */
const IN_OCTETS: Partial<Steps> = {
  requestHash: (canonicalRequest) => sha256(octets(canonicalRequest)),
  key: ({ secretAccessKey, scope }) => chain(`AWS4${secretAccessKey}`, scope.map(octets)),
  signature: ({ key, stringToSign }) => hmacHex(key, octets(stringToSign)),
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
  const isIgnored = (name: string): boolean =>
    name === 'X-Amz-Signature' || (unsignedToken && /^X-Amz-(?:Security|S3session)-Token$/.test(name))
  const absent = signedHeaders.find((name) => headerValue(received, name) === undefined)
  if (absent !== undefined) throw new Error(`${absent} is signed and was not sent`)
  const declared = headerValue(received, 'x-amz-content-sha256')
  const unsigned = rule === 's3' && location === 'query' ? UNSIGNED_PAYLOAD : undefined
  const payloadHash = declared ?? unsigned ?? sha256(received.body)
  if (/^[\da-f]{64}$/.test(payloadHash) && payloadHash !== sha256(received.body)) throw new Error('a different body')
  const scope = credential!.split('/').slice(-4)
  if (scope[3] !== 'aws4_request' || !date.startsWith(`${scope[0]}T`))
    throw new Error(`not a credential: ${credential}`)
  const { canonicalRequest, signature } = sign(
    {
      method: received.method,
      path,
      query: parameters
        .filter(([name]) => !isIgnored(name))
        .map(([name, value]) => [encode(octets(name)), encode(octets(value))]),
      headers: received.headers,
      signedHeaders,
      payloadHash,
      pathRule: rule,
      amzDate: date,
      scope,
      secretAccessKey: secret,
    },
    IN_OCTETS,
  )
  return {
    location,
    sent: sent!,
    expected: signature,
    canonicalRequest: canonicalRequest!,
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
