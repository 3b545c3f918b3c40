import type { Cause } from './generator/causes.ts'
import type { Keys, Location, Pair } from './generator/signing.ts'
import { readFile } from './recording-files.ts'

/** What was sent to a real server, and what it answered. */
export interface RecordedCase {
  id: string
  /** What is wrong with it; `none`: nothing. */
  cause: Cause | 'none'
  /** What an honest expert could also call it, and why. */
  alternatives?: Cause[]
  because?: string
  /** What was signed is nowhere in the request: only the client could tell. */
  lost?: true
  location: Location
  server: ServerName
  /** Whether the server refused it: what is broken and was taken is tolerated by that server. */
  refused: boolean
  request: RecordedRequest
  /** What the client that made it signed. */
  signed: { canonicalRequest?: string; stringToSign?: string }
  response: { status: number; headers: Pair[]; body: string }
  /** The name of the credentials that the server knows. */
  credentials: string
  /** Epoch milliseconds. */
  now: number
}

/** As on the wire. */
export interface RecordedRequest {
  method: string
  target: string
  headers: Pair[]
  body?: string
  bodyEncoding?: 'base64'
}

export interface Recording {
  server: ServerName
  version: string
  region: string
  credentials: Record<string, Keys>
  cases: RecordedCase[]
}

export const SERVERS = [
  'localstack',
  'versitygw',
  'serve',
  'swift',
  'minio',
  'ceph',
  's3s',
  's3rver',
  'seaweedfs',
  'moto',
  'garage',
] as const
export type ServerName = (typeof SERVERS)[number]

/** Returns the recording of a server, or undefined if there is none. */
export const readRecording = (server: ServerName): Recording | undefined => readFile<Recording>('recorded', server)

export function bodyBytes({ body, bodyEncoding }: RecordedRequest): Buffer {
  return Buffer.from(body ?? '', bodyEncoding ?? 'utf8')
}
