import { readFile } from './recording-files.ts'

// Requests that a proxy changed after they had been signed with the right secret: packages/sigv4-tools/fixtures/transit

export type Pair = readonly [name: string, value: string]

/** What differs between the request of the client and the request that the server received. */
export interface Difference {
  /** `nothing`: neither a part that is signed, nor one that servers require to be signed. */
  part: 'host' | 'path' | 'query' | 'header' | 'method' | 'body' | 'nothing'
  /** The name of the header, in lowercase. */
  name?: string
  /** Only for headers. */
  is?: 'missing' | 'added' | 'changed'
}

/** Only what differs. A header is null if the server did not receive it. */
export interface Received {
  method?: string
  target?: string
  headers?: (readonly [name: string, value: string | null])[]
  body?: string
}

export interface TransitCase {
  /** The row and the request: `host-not-set/get-cli`. */
  id: string
  row: string
  /** Not read during development, as in `packages/sigv4-tools/fixtures/threads`. */
  isSetAside?: true
  /** The client that signs in this way. */
  client: string
  /** As the client has it. */
  request: { method: string; url: string; headers: Pair[]; body?: string }
  received: Received
  differs: Difference[]
  /** Further headers that differ, and that no signature contains. */
  alsoDiffers?: string[]
  response: { status: number; headers: Pair[]; body: string }
  /** Epoch milliseconds. */
  now: number
}

/** A case that the server accepted, although the proxy may have changed the request. */
export type AcceptedCase = Pick<TransitCase, 'id' | 'row' | 'client' | 'differs' | 'alsoDiffers'> & { status: number }

export interface TransitRecording {
  server: TransitServer
  version: string
  nginx: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  cases: TransitCase[]
  accepted: AcceptedCase[]
}

export const TRANSIT_SERVERS = ['minio', 'versitygw'] as const
export type TransitServer = (typeof TRANSIT_SERVERS)[number]

/** Returns the recording of a server, or undefined if there is none. */
export const readTransit = (server: TransitServer): TransitRecording | undefined =>
  readFile<TransitRecording>('transit', server)

/** Returns the complete request that the server received. */
export function receivedRequest({ request, received }: Pick<TransitCase, 'request' | 'received'>): {
  method: string
  target: string
  headers: Pair[]
  body: string
} {
  const changed = new Map(received.headers ?? [])
  const headers: Pair[] = request.headers.filter(([name]) => !changed.has(name.toLowerCase()))
  for (const [name, value] of changed) if (value !== null) headers.push([name, value])
  return {
    method: received.method ?? request.method,
    target: received.target ?? targetOf(request.url),
    headers,
    body: received.body ?? request.body ?? '',
  }
}

/** The request target of a URL, without decoding anything. */
export const targetOf = (url: string): string => /^[a-z]+:\/\/[^/]+(.*)$/s.exec(url)![1]!
