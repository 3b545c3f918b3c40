import { existsSync, readFileSync } from 'node:fs'
import { unfold, unfoldForm, unfoldSigned } from './folded.ts'
import type { Cause } from './generator/causes.ts'
import type { Keys, Location, Pair } from './generator/signing.ts'

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
  /** The name of the credentials that the server knows; in the file `right` is left out. */
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

export const fileOf = (server: ServerName): URL => new URL(`../../../fixtures/recorded/${server}.json`, import.meta.url)

/** The recording of a server, as it was made; undefined where there is none. */
export function readRecording(server: ServerName): Recording | undefined {
  const file = fileOf(server)
  if (!existsSync(file)) return undefined
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording
  for (const recorded of recording.cases) {
    const { request, response } = recorded
    recorded.id += `/${server}`
    recorded.server = server
    recorded.credentials ??= 'right'
    const signed = unfoldSigned(recorded.signed, request)
    recorded.signed = signed
    if (request.body !== undefined) request.body = unfoldForm(request.body, signed, request)
    response.body = unfold(response.body, signed, request)
  }
  return recording
}

export function bodyBytes({ body, bodyEncoding }: RecordedRequest): Buffer {
  return Buffer.from(body ?? '', bodyEncoding ?? 'utf8')
}
