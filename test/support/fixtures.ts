import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SECRET } from './credentials.ts'

// Parsers of fixtures/. They compute nothing that a test compares.

const FIXTURES = new URL('../../fixtures/', import.meta.url)

export type Location = 'header' | 'query'
export type Pair = [name: string, value: string]

/** A request as sent. */
export interface WireRequest {
  method: string
  /** Path, and the query if there is a question mark; raw, as in the file. */
  target: string
  headers: Pair[]
  body: string
}

/** How a case of the suite is signed. */
export interface SuiteContext {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string | undefined
  omitSessionToken: boolean
  amzDate: string
  region: string
  service: string
  expires: number
  normalize: boolean
  signBody: boolean
}

/** What the suite records for one location; missing if the suite has no such file. */
export interface SuiteResult {
  canonicalRequest: string | undefined
  stringToSign: string | undefined
  signature: string | undefined
  signedRequest: WireRequest | undefined
}

export interface SuiteCase {
  name: string
  request: WireRequest
  /** Missing if the suite leaves it to the test. */
  context: SuiteContext | undefined
  header: SuiteResult
  query: SuiteResult
}

function readFixture(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8')
}

/**
 * Parses `METHOD target HTTP/1.1`, headers (a line that starts with a space continues the previous one), and the body.
 */
export function parseWireRequest(text: string): WireRequest {
  const [, head, body] = /^(.*?)(?:\n\n|\n?$)(.*)$/s.exec(text)!
  const [line, ...rest] = head!.split('\n')
  const [, method, target] = /^([A-Z]+) (.+?)(?: HTTP\/1\.1)?$/.exec(line!)!
  const headers: Pair[] = []
  for (const text of rest) {
    const [, name, value] = /^([^\s:]+):(.*)$/.exec(text) ?? []
    if (name !== undefined) headers.push([name, value!])
    else headers.at(-1)![1] += `\n${text}`
  }
  return { method: method!, target: target!, headers, body: body!.replace(/\n$/, '') }
}

/** Cases without a context, and the values in their files. */
const CONTEXTS: Record<string, Partial<SuiteContext>> = {
  'double-encode-path': { accessKeyId: 'ANOTREAL', secretAccessKey: 'notrealrnrELgWzOk3IfjzDKtFBhDby' },
  'double-url-encode': { amzDate: '20210511T154045Z', region: 'us-east-2', service: 'lambda' },
}

const DEFAULT_CONTEXT: SuiteContext = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: SECRET,
  sessionToken: undefined,
  omitSessionToken: false,
  amzDate: '20150830T123600Z',
  region: 'us-east-1',
  service: 'service',
  expires: 3600,
  normalize: true,
  signBody: false,
}

/** Returns the context of a case: recorded, or from the values in its files. */
export function suiteContext({ name, context }: SuiteCase): SuiteContext {
  return context ?? { ...DEFAULT_CONTEXT, ...CONTEXTS[name] }
}

/** AWS's signing test suite, Signature Version 4 or 4a. */
export function suiteCases(version: 'v4' | 'v4a' = 'v4'): SuiteCase[] {
  const suite = `aws-signing-test-suite/${version}/`
  return readdirSync(new URL(suite, FIXTURES))
    .sort()
    .map((name) => {
      const read = (file: string): string | undefined => {
        const path = `${suite}${name}/${file}`
        return existsSync(new URL(path, FIXTURES)) ? readFixture(path) : undefined
      }
      // no stage ends with a line break, except in one file
      const stage = (file: string): string | undefined => read(file)?.replace(/\n$/, '')
      const result = (location: Location): SuiteResult => {
        const signed = read(`${location}-signed-request.txt`)
        return {
          canonicalRequest: stage(`${location}-canonical-request.txt`),
          stringToSign: stage(`${location}-string-to-sign.txt`),
          signature: stage(`${location}-signature.txt`),
          signedRequest: signed === undefined ? undefined : parseWireRequest(signed),
        }
      }
      const context = read('context.json')
      return {
        name,
        request: parseWireRequest(read('request.txt')!),
        context: context === undefined ? undefined : parseContext(JSON.parse(context)),
        header: result('header'),
        query: result('query'),
      }
    })
}

function parseContext(json: {
  credentials: { access_key_id: string; secret_access_key: string; token?: string }
  omit_session_token?: boolean
  timestamp: string
  region: string
  service: string
  expiration_in_seconds: number
  normalize: boolean
  sign_body: boolean
}): SuiteContext {
  return {
    accessKeyId: json.credentials.access_key_id,
    secretAccessKey: json.credentials.secret_access_key,
    sessionToken: json.credentials.token,
    omitSessionToken: json.omit_session_token ?? false,
    amzDate: json.timestamp.replaceAll(/[-:]/g, ''),
    region: json.region,
    service: json.service,
    expires: json.expiration_in_seconds,
    normalize: json.normalize,
    signBody: json.sign_body,
  }
}

interface DocScope {
  id: string
  source: string
  region: string
  service: string
}

interface DocSignature extends DocScope {
  amzDate: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

/** A worked example that signs a request. */
export interface DocRequest extends DocSignature {
  kind: 'header' | 'query' | 'chunked'
  request: {
    method: string
    /** Decoded, as are the query's names and values. */
    path: string
    query: Pair[]
    headers: Pair[]
    body?: string
    payloadHash?: string
  }
  expires?: number
  signedHeaders: string
  published: { signature: string; canonicalRequestHash?: string; url?: string; authorization?: string }
  expected: {
    payloadHash: string
    canonicalRequest: string
    canonicalRequestHash: string
    stringToSign: string
    signature: string
    url?: string
    authorization?: string
    /** Of a chunked upload. */
    chunks?: { signature: string }[]
    trailer?: { signature: string }
    encodedLength?: number
    encodedSha256?: string
  }
  trailers?: Pair[]
}

/** A worked example that signs the policy of a form. */
export interface DocPolicy extends DocSignature {
  kind: 'post-policy'
  published: { signature: string }
  expected: { stringToSign: string; signingKey: string; signature: string }
}

/** A worked example that derives a signing key. */
export interface DocKey extends DocScope {
  kind: 'signing-key'
  secretAccessKey: string
  date: string
  published: { kSigning: string }
  expected: { kSigning: string }
}

/** The worked examples in AWS's documentation. */
export function docExamples(): (DocRequest | DocPolicy | DocKey)[] {
  return JSON.parse(readFixture('s3-docs/cases.json')).cases
}

/** Returns the blocks of a file of `Name = value` lines: the lines between two empty ones, without comments. */
export function nistBlocks(file: string): Record<string, string>[] {
  return readFixture(`nist-sha256/${file}`)
    .split(/(?:\r?\n){2,}/)
    .map((block) => Object.fromEntries([...block.matchAll(/^(\w+) = (\S*)/gm)].map(([, name, value]) => [name, value])))
    .filter((block) => Object.keys(block).length > 0)
}

/**
 * Scopes that AWS hosts are signed for according to botocore, as `service region`: several if they depend on the client.
 * If services share a host, the start of a path follows it.
 */
export function endpointScopes(
  endpoints = readFixture('aws-endpoints/endpoints.txt'),
  regions = partitionDomains(),
): Map<string, string[]> {
  const scopes = new Map<string, string[]>()
  for (const line of endpoints.trim().split('\n')) {
    if (line.startsWith('#')) continue
    const [template, service, own, list] = line.split(' ') as [string, string, string, string?]
    const names = list?.split(',')
    for (const [region, domain, dual, partition] of template.includes('{') ? regions : [['', '', '', '']]) {
      if (names && !names.includes(region!) && !names.includes(partition!)) continue
      const values: Record<string, string> = { region: region!, domain: domain!, dual: dual! }
      const [host, scope] = [template, `${service} ${own}`].map((text) =>
        text.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!),
      )
      const known = scopes.get(host!) ?? []
      if (!known.includes(scope!)) scopes.set(host!, [...known, scope!])
    }
  }
  return scopes
}

/** AWS regions according to botocore, with the domains of their hosts, the usual one and the one for dual stack, and their partition. */
export function partitionDomains(
  regions = readFixture('aws-endpoints/regions.txt'),
): [region: string, domain: string, dualStack: string, partition: string][] {
  const lines = regions.trim().split('\n').slice(1)
  return lines.map((line) => line.split(' ') as [string, string, string, string])
}

/** Keys and requests of Signature Version 4a. */
export interface SigV4aFixture {
  credentials: { accessKeyId: string; secretAccessKey: string }
  keys: { accessKeyId: string; secretAccessKey: string; privateScalar: string; x: string; y: string }[]
  /** What the AWS Common Runtime signed. */
  cases: {
    id: string
    input: {
      method: string
      host: string
      path: string
      regionSet: string
      service: string
      expires?: number
      sessionToken?: string | null
    }
    output: { path: string; headers: Pair[] }
    canonicalRequest: string
    stringToSign: string
    rfc6979Signature: string
  }[]
  /** Signatures of RFC 6979 for cases of the signing test suite. */
  rfc6979OfSuite: { case: string; kind: Location; rfc6979Signature: string }[]
}

export function sigv4aFixture(): SigV4aFixture {
  return JSON.parse(readFixture('sigv4a/sigv4a.json'))
}
