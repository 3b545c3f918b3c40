import { existsSync, readFileSync } from 'node:fs'
import { stringToSignOf } from '../../../../../test/support/oracle.ts'

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

export const transitFileOf = (server: TransitServer): URL =>
  new URL(`../../../fixtures/transit/${server}.json`, import.meta.url)

/** JSON that occurs in most cases, and what stands for it in the files, which remain JSON. */
const REPEATED: readonly Pair[] = [
  ['{empty hash}', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [
    '{mismatch}',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  ['{xml}', JSON.stringify('<?xml version="1.0" encoding="UTF-8"?>').slice(1, -1)],
  ['{credential}', 'AWS4-HMAC-SHA256 Credential=roundtripuser/'],
  ['{presigned}', 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=roundtripuser%2F'],
  ['"{nginx}"', '["Server","nginx/1.22.1"]'],
  ['"{xml type}"', '["Content-Type","application/xml"]'],
  ['"{invocation}"', JSON.stringify(['amz-sdk-invocation-id', '3f0c9a52-7f4d-4d6e-9a43-1f0e8b7c2d11'])],
]

/** The content of the elements in which a server repeats what is known without it. */
function echoes(body: string, { url, headers }: TransitCase['request']): Pair[] {
  const text = `${decodeURIComponent(url.slice(url.indexOf('?') + 1))}&${headers.map((pair) => pair.join('=')).join('&')}`
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? ''
  const found: Pair[] = [['SignatureProvided', find(/Signature=([0-9a-f]{64})/)]]
  const canonicalRequest = decodeXml(/<CanonicalRequest>([^<]*)/.exec(body)?.[1] ?? '')
  if (canonicalRequest === '') return found
  const scope = find(/Credential=[^/]*\/([^,&]*)/)
  const stringToSign = stringToSignOf(canonicalRequest, find(/X-Amz-Date=(\w+)/i), scope)
  return [
    ...found,
    ['StringToSign', stringToSign.replaceAll('\n', '&#xA;')],
    ['StringToSignBytes', bytesOf(stringToSign)],
    ['CanonicalRequestBytes', bytesOf(canonicalRequest)],
  ]
}

const decodeXml = (text: string): string =>
  text
    .replace(/&#x([0-9A-F]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const bytesOf = (text: string): string =>
  Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')

/** Empties the elements that repeat what is known, if they can be restored. */
export function foldEchoes(body: string, request: TransitCase['request']): string {
  const folded = echoes(body, request).reduce(
    (text, [name, content]) => text.replace(`<${name}>${content}</${name}>`, `<${name}></${name}>`),
    body,
  )
  return unfoldEchoes(folded, request) === body ? folded : body
}

const unfoldEchoes = (body: string, request: TransitCase['request']): string =>
  echoes(body, request).reduce(
    (text, [name, content]) => text.replace(`<${name}></${name}>`, () => `<${name}>${content}</${name}>`),
    body,
  )

/** Replaces what occurs in most cases. */
export const foldRepeated = (json: string): string =>
  REPEATED.reduce((text, [short, long]) => text.replaceAll(long, short), json)

/** Returns the recording of a server, or undefined if there is none. */
export function readTransit(server: TransitServer): TransitRecording | undefined {
  const file = transitFileOf(server)
  if (!existsSync(file)) return undefined
  const json = REPEATED.reduce((text, [short, long]) => text.replaceAll(short, long), readFileSync(file, 'utf8'))
  const recording = JSON.parse(json) as TransitRecording
  for (const recorded of recording.cases) {
    recorded.row = rowOf(recorded)
    recorded.response.body = unfoldEchoes(recorded.response.body, recorded.request)
  }
  for (const recorded of recording.accepted) recorded.row = rowOf(recorded)
  return recording
}

const rowOf = ({ id }: { id: string }): string => id.slice(0, id.indexOf('/'))

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
