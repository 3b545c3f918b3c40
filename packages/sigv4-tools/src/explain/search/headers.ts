import { canonicalHeaders, EMPTY_HASH, EVENTS_PAYLOAD } from '../../../../../src/internal/canonical-request.ts'
import { decode, toOctets } from '../../../../../src/internal/encoding.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { sha256Hex } from '../../../../../src/internal/sha256.ts'
import type { Case } from '../case/case.ts'
import { hashOfBody, type ParsedRequest, REGION } from '../request/facts.ts'
import { bytesOf, decodeLossy, octetsOf } from '../request/octets.ts'
import { encode, type Pieces } from '../request/pieces.ts'
import { mediaTypes } from './media.ts'
import { UNSET } from './spellings.ts'

// Headers, payload hashes and methods that a client may have signed instead.

/** Headers that clients and proxies change, and their most common values; `~` is a missing header. */
const USUAL: Record<string, string> = {
  __proto__: null as never,
  'accept-encoding':
    '~|identity|gzip|gzip, deflate|gzip, deflate, br|gzip, deflate, br, zstd|gzip, br|br, gzip|gzip,deflate|deflate, gzip|*',
  'content-type':
    '~|application/octet-stream|binary/octet-stream|application/x-www-form-urlencoded|text/plain|text/plain;charset=UTF-8|application/json|image/jpeg|image/png',
  accept: '~|*/*|application/json|application/json, text/plain, */*',
  'cache-control': '~|no-cache|max-age=0|no-store|no-cache, no-store',
  connection: '~|keep-alive|close',
  'content-encoding': '~|gzip|aws-chunked',
  'transfer-encoding': '~|chunked',
  expect: '~|100-continue',
  range: '~|bytes=0-|bytes=0-0|bytes=0-1|bytes=0-3|bytes=0-9|bytes=0-99|bytes=0-1023',
  'x-amz-acl': '~|private|public-read|public-read-write|bucket-owner-full-control',
  'x-amz-storage-class': '~|STANDARD|STANDARD_IA',
  'x-amz-server-side-encryption': '~|AES256|aws:kms',
}

/** Hosts and ports that clients use for a server that knows itself by a different name. */
const HOSTS = 'localhost 127.0.0.1 [::1] minio s3 localstack host.docker.internal s3.amazonaws.com LOCALHOST Localhost'
const PORTS = '80 443 9000 4566 8080 8000 3000'

type Headers = Pieces['headers']

/**
 * Signed headers with values that may have been signed instead; those that the caller passed first: together, each alone,
 * and together with a change of another header.
 */
export function* headerChanges({ facts, signed, endpoint = '' }: Case, base: Pieces): Generator<Partial<Pieces>> {
  const put = (name: string, values: readonly string[]): Partial<Pieces>[] =>
    values.map((value) => withValue(base.headers, name, value))
  const told = new Map(Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  const together: Headers = base.headers.map(([name, value]) => [name, told.get(name) ?? value])
  const hosts = base.headers.some(([name]) => name === 'host') ? hostNames(facts, endpoint) : []
  yield { headers: together }
  for (const [name, value] of told) yield* put(name, [value])
  yield* put('host', hosts.slice(0, 20))
  yield* selections(facts, base)
  for (const headers of told.size > 0 ? [together, base.headers] : [base.headers]) yield* valueChanges(facts, headers)
  yield* put('host', [...UNSET, ...hosts.slice(20)])
}

/** Other values of each header but the host. */
export function* valueChanges(facts: ParsedRequest, headers: Headers): Generator<Partial<Pieces>> {
  for (const [name, value] of headers)
    if (name !== 'host') for (const other of otherValues(facts, name, value)) yield withValue(headers, name, other)
}

function withValue(headers: Headers, name: string, value: string): Partial<Pieces> {
  return { headers: headers.map(([key, old]) => [key, key === name ? value : old]) }
}

/** Media types that may have been signed: many, so they are tried after everything else. */
export function* typeChanges({ claim }: ParsedRequest, base: Pieces): Generator<Partial<Pieces>> {
  if (!claim.signedHeaders.includes('content-type')) return
  for (const type of mediaTypes()) yield withValue(base.headers, 'content-type', type)
}

/** Values that a header may have had when it was signed. */
function otherValues({ headers, body }: ParsedRequest, name: string, value: string): string[] {
  const raw = headers[name] ?? ''
  const usual = (USUAL[name] ?? '').split('|').map((each) => (each === '~' ? '' : each))
  const size = body?.length ?? (Number(value) || 0)
  const sizes = Array.from({ length: 33 }, (_, i) => String(size + i - 16))
  return [
    raw,
    raw.trim(),
    ` ${value}`,
    `${value} `,
    raw.replace(/\s+/g, ''),
    value.toLowerCase(),
    value.replace(/, /g, ','),
    value.replace(/,\s*/g, ', '),
    value.replace(/;.*/s, ''),
    value.replace(/,.*/s, ''),
    value.replaceAll('"', ''),
    `"${value}"`,
    toOctets(value),
    ...UNSET,
    ...(name === 'x-amz-security-token'
      ? [decode(raw), encode(raw), raw.replaceAll('+', ' '), raw.replaceAll(' ', '+')]
      : []),
    ...usual,
    ...(name === 'content-length' ? [...sizes, ''] : []),
  ]
}

/** Different lists and orders of signed headers. */
export function* selections(
  facts: ParsedRequest,
  { headers, signedHeaders, query }: Pieces,
): Generator<Partial<Pieces>> {
  const { headers: sent } = facts
  const list = (chosen: Headers): string => chosen.map(([name]) => name).join(';')
  const parameter = /(X-Amz-SignedHeaders=)[^&]*/
  const both = (chosen: Headers): Partial<Pieces>[] => {
    const change = { headers: chosen, signedHeaders: list(chosen) }
    const stated = query.replace(parameter, (_, name: string) => name + encode(change.signedHeaders))
    return [change, { headers: chosen }, ...(stated === query ? [] : [{ ...change, query: stated }])]
  }
  const byName = (chosen: Headers): Headers => [...chosen].sort(([a], [b]) => (a < b ? -1 : 1))
  const received = Object.keys(sent)
  const asSent = [...headers].sort(([a], [b]) => received.indexOf(a) - received.indexOf(b))
  const host = headers.filter(([name]) => name === 'host')
  const others = headers.filter(([name]) => name !== 'host')
  const capital = (name: string): string => name.replace(/(?:^|-)./g, (mark) => mark.toUpperCase())
  const capitals: Headers = headers.map(([name, value]) => [capital(name), value])
  const unsigned = received.filter((name) => !headers.some(([key]) => key === name) && name !== 'authorization')
  // written as they are listed, and looked up so, which finds none that is not in lowercase
  const listed = [...new Set(facts.claim.signedHeaders)]
  const signedValue = (name: string): string => headers.find(([key]) => key === name)?.[1] ?? ''
  const asListed: Headers[] = [
    listed.map((name) => [name, signedValue(name.toLowerCase())]),
    listed.map((name) => [name, signedValue(name)]),
    listed.map((name) => [name.toLowerCase(), signedValue(name)]),
  ]
  const orders = [byName(headers), asSent, [...headers].reverse(), [...host, ...others], [...others, ...host]]
  yield* [
    ...orders.flatMap((order) => [...both(order), { signedHeaders: list(order) }]),
    ...[...both(capitals), { signedHeaders: list(capitals) }],
    ...asListed.map((headers) => ({ headers })),
    { headers: headers.map(([name, value]) => [name, ` ${value}`]) },
    { signedHeaders: signedHeaders.replaceAll(';', ',') },
  ]
  for (const [name] of headers) yield* both(headers.filter(([key]) => key !== name))
  for (const name of unsigned) yield* both(byName([...headers, ...canonicalHeaders(sent, [name])]))
}

function hostNames({ headers, urlHost, claim }: ParsedRequest, endpoint: string): string[] {
  const host = headers.host ?? ''
  const nameOf = (each: string): string => each.replace(/:\d+$/, '')
  const withPorts = (each: string): string[] => PORTS.split(' ').map((port) => `${nameOf(each)}:${port}`)
  const port = host.slice(nameOf(host).length)
  const region = claim.scope[1]
  const urls = [endpoint, headers.origin, headers.referer].map((url) => /^https?:\/\/([^/]+)/.exec(url ?? '')?.[1])
  const [, forwarded] = /host="?([^";,\s]+)/i.exec(headers.forwarded ?? '') ?? []
  const before = (headers['x-forwarded-host'] ?? '').split(',', 1)[0]!.trim()
  const outer = before && headers['x-forwarded-port'] && `${nameOf(before)}:${headers['x-forwarded-port']}`
  const stated = [urlHost, before, outer, headers['x-original-host'], forwarded, ...urls]
  const regional = region ? [`s3.${region}.amazonaws.com`, `s3-${region}.amazonaws.com`] : []
  const known = [...HOSTS.split(' '), ...regional, nameOf(host).replace(/^[^.]+\./, '')]
  const isGiven = (each: string | undefined): each is string => each !== undefined && each !== ''
  return [
    ...stated.filter(isGiven),
    ...siblings(nameOf(host), claim),
    nameOf(host),
    ...withPorts(host),
    host.toLowerCase(),
    host.toUpperCase(),
    host.replace(/^./, (mark) => mark.toUpperCase()),
    host.replace(/(?:^|\.)./g, (mark) => mark.toUpperCase()),
    ...[...stated, ...known]
      .filter(isGiven)
      .flatMap((each) => [each, nameOf(each), nameOf(each) + port, ...withPorts(each)]),
  ]
}

/** How AWS hosts start, for S3 and for other services: @ is the region, $ the service. */
const S3_NAMES = 's3.@ s3 s3.dualstack.@ s3-accelerate s3-accelerate.dualstack s3-fips.@ s3-fips.dualstack.@ s3-@'
const SERVICE_NAMES = '$.@ $ $-fips.@'

/** Other endpoints of the same AWS service, of which a client may have signed one; of S3, also for a CNAME of the bucket. */
function siblings(host: string, { scope: [, region = '', service = ''] }: ParsedRequest['claim']): string[] {
  if (!REGION.test(region) || !/^[a-z\d-]+$/.test(service)) return []
  const isAws = /\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/i.test(host)
  const [, own = ''] = (isS3(service) ? /^(.+)\.s3[.-]/i : /^([^.]+)\.[^.]+\.[a-z]{2}-/i).exec(host) ?? []
  const first = isAws ? own : host
  if (!isAws && !isS3(service)) return []
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const names = (isS3(service) ? S3_NAMES : SERVICE_NAMES).replaceAll('@', region).replaceAll('$', () => service)
  const all = [...names.split(' ').map((name) => `${name}.${domain}`), `${service}.${region}.api.aws`]
  return all.map((name) => (first === '' ? name : `${first}.${name}`))
}

/** Payload hashes that may have been signed. */
export function payloadChanges(facts: ParsedRequest): Partial<Pieces>[] {
  const { headers, body } = facts
  const stated = headers['x-amz-content-sha256']
  const hash = hashOfBody(facts)
  const hashes = [
    stated,
    hash,
    stated?.toLowerCase(),
    stated?.toUpperCase(),
    hash?.toUpperCase(),
    'UNSIGNED-PAYLOAD',
    EMPTY_HASH,
    '',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    EVENTS_PAYLOAD,
    ...(body && body.length <= LONGEST_TEXT ? rewritten(octetsOf(body)).map((text) => sha256Hex(bytesOf(text))) : []),
  ]
  return hashes.filter((payloadHash) => payloadHash !== undefined).map((payloadHash) => ({ payloadHash }))
}

/** Maximum size of a body that may have been serialized again, in bytes. */
const LONGEST_TEXT = 65_536

const BOM = '\xef\xbb\xbf'

/** The octets of a body as they may have been before it was encoded or serialized again. */
function rewritten(octets: string): string[] {
  const text = decodeLossy(octets)
  return [
    ...serialized(octets),
    ...serialized(text).map(toOctets),
    BOM + octets,
    octets.replace(BOM, ''),
    // ISO 8859-1
    ...(/^[\0-\xff]*$/.test(text) ? [text] : []),
    // what Python makes of bytes
    `b'${octets}'`,
    `b"${octets}"`,
    octets.split('&').sort().join('&'),
  ]
}

/** A body or policy as it may have been before it was serialized again. */
export function serialized(text: string): string[] {
  const texts = [
    `${text}\n`,
    `${text}\r\n`,
    text.trim(),
    text.replaceAll('\r\n', '\n'),
    text.replace(/\r?\n/g, '\r\n'),
    JSON.stringify(text),
  ]
  try {
    const value: unknown = JSON.parse(text)
    const compact = JSON.stringify(value)
    const pretty = [2, 4, '\t'].map((indent) => JSON.stringify(value, null, indent))
    // the spaces that Python writes, outside of strings
    const spaced = compact.replace(/"(?:[^"\\]|\\.)*(?:"|$)|[,:]/g, (part) => (part.length > 1 ? part : `${part} `))
    const escaped = [compact, spaced].map((each) =>
      each.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    )
    return [...texts, compact, ...pretty, spaced, ...escaped, compact.replaceAll('/', '\\/')]
  } catch {
    return texts
  }
}

/** Methods that may have been signed. */
export function methodChanges({ method }: Pieces): Partial<Pieces>[] {
  const all = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', method.toUpperCase(), method.toLowerCase()]
  return all.map((each) => ({ method: each }))
}
