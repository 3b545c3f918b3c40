import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { canonicalPath } from './path.ts'
import { canonicalQuery, sortEntries } from './query.ts'
import { bodyLength, drop, hashBody, writable } from './request.ts'
import type { RequestSigner } from './request-signer.ts'

function headersOf(signer: RequestSigner): Record<string, unknown> {
  return signer.request.headers as Record<string, unknown>
}

/** Returns the amz date of a `Date` header, or of the current time. Tests replace `Date`: it is called as aws4 does. */
export function amzDate(date: unknown): string {
  return new Date((date || new Date()) as string).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

/** Returns whether S3's rules apply. */
function isS3({ service }: RequestSigner): boolean {
  return service === 's3'
}

/** Adds the headers or parameters of a signed request. */
export function prepare(signer: RequestSigner): void {
  if (signer.request.signQuery) prepareQuery(signer)
  else {
    if (!signer.request.doNotModifyHeaders && !signer.isCodeCommitGit) prepareHeaders(signer)
    drop(headersOf(signer), 'Authorization')
    drop(headersOf(signer), 'authorization')
  }
}

function prepareQuery(signer: RequestSigner): void {
  const { credentials, parsedPath } = signer
  parsedPath!.query = parsedPath!.query || {}
  const query: Record<string, unknown> = parsedPath!.query
  if (credentials.sessionToken) query['X-Amz-Security-Token'] = credentials.sessionToken
  if (isS3(signer) && !query['X-Amz-Expires']) query['X-Amz-Expires'] = 86400
  if (query['X-Amz-Date']) signer.datetime = query['X-Amz-Date'] as string
  else query['X-Amz-Date'] = signer.getDateTime()
  query['X-Amz-Algorithm'] = ALGORITHM
  query['X-Amz-Credential'] = `${credentials.accessKeyId}/${signer.credentialString()}`
  query['X-Amz-SignedHeaders'] = signer.signedHeaders()
}

function prepareHeaders(signer: RequestSigner): void {
  const { body } = signer.request
  const { sessionToken } = signer.credentials
  const headers = writable(headersOf(signer))
  if (body && !headers['Content-Type'] && !headers['content-type'])
    headers['Content-Type'] = 'application/x-www-form-urlencoded; charset=utf-8'
  if (body && !headers['Content-Length'] && !headers['content-length']) headers['Content-Length'] = bodyLength(body)
  if (sessionToken && !headers['X-Amz-Security-Token'] && !headers['x-amz-security-token'])
    headers['X-Amz-Security-Token'] = sessionToken
  if (isS3(signer) && !headers['X-Amz-Content-Sha256'] && !headers['x-amz-content-sha256'])
    headers['X-Amz-Content-Sha256'] = hashBody(body)
  const date = headers['X-Amz-Date'] || headers['x-amz-date']
  if (date) signer.datetime = date as string
  else headers['X-Amz-Date'] = signer.getDateTime()
}

function payloadHash(signer: RequestSigner): string {
  if (isS3(signer) && signer.request.signQuery) return 'UNSIGNED-PAYLOAD'
  if (signer.isCodeCommitGit) return ''
  const headers = headersOf(signer)
  return (headers['X-Amz-Content-Sha256'] || headers['x-amz-content-sha256'] || hashBody(signer.request.body)) as string
}

export function canonicalRequest(signer: RequestSigner): string {
  const { method, doNotEncodePath } = signer.request
  const { path, query: parameters } = signer.parsedPath!
  const s3 = isS3(signer)
  const payload = payloadHash(signer)
  const query = parameters ? canonicalQuery(parameters, s3) : ''
  const uri = canonicalPath(path, { normalize: !s3, decode: s3 || !!doNotEncodePath, slashes: s3 })
  return `${method || 'GET'}\n${uri}\n${query}\n${signer.canonicalHeaders()}\n\n${signer.signedHeaders()}\n${payload}`
}

/** Names that signing adds, and in lowercase: lookups are faster with constants than with new strings. */
const LOWER = /* @__PURE__ */ new Map([
  ['Host', 'host'],
  ['Content-Type', 'content-type'],
  ['Content-Length', 'content-length'],
  ['X-Amz-Content-Sha256', 'x-amz-content-sha256'],
  ['X-Amz-Date', 'x-amz-date'],
  ['X-Amz-Security-Token', 'x-amz-security-token'],
])

/** Unsigned headers. A plain object: inherited names count, as in aws4, which never signs `constructor`. */
const UNSIGNED: Record<string, unknown> = {
  authorization: true,
  connection: true,
  'x-amzn-trace-id': true,
  'user-agent': true,
  expect: true,
  'presigned-expires': true,
  range: true,
}

/** Returns lowercase names and values of the signed headers, sorted. */
export function headersToSign(signer: RequestSigner): [string, string][] {
  const { extraHeadersToInclude, extraHeadersToIgnore } = signer
  const headers = headersOf(signer)
  const entries: [string, string][] = []
  for (const key of Object.keys(headers)) {
    const name = LOWER.get(key) ?? key.toLowerCase()
    if (extraHeadersToInclude[name] || (UNSIGNED[name] == null && !extraHeadersToIgnore[name]))
      entries.push([name, headers[key] as string])
  }
  sortEntries(entries)
  return entries
}

/** Returns the value of a canonical header: trimmed, inner whitespace as one space. */
export function trimValue(value: unknown): string {
  const string: string = typeof value === 'string' ? value : (value as object).toString()
  return /\s/.test(string) ? string.trim().replace(/\s+/g, ' ') : string
}
