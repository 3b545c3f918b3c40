import {
  canonicalUri,
  type PathEncoding,
  type PathNormalization,
} from '../../../../../src/internal/canonical-request.ts'
import { decode, wellFormed } from '../../../../../src/internal/encoding.ts'
import { resolveDots } from '../../../../../src/internal/http.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { encode, isForS3, type Pieces } from '../request/pieces.ts'

// Canonical URIs that a client may have signed for the path that it sent.

/** Maximum number of slashes to double, and of shortened paths to try. */
const SLASHES = 200
const CUTS = 24

/** Incorrect canonical URIs that clients use by mistake. */
export function pathChanges(facts: ParsedRequest, base: Pieces): Partial<Pieces>[] {
  const path = wellFormed(facts.path)
  const s3 = isForS3(facts)
  const right = base.uri
  const plain = decode(path)
  const uris = [
    ...rules(path, s3),
    right.replace(/%../g, (octet) => octet.toLowerCase()),
    path,
    right.replaceAll('%20', '+'),
    path.replaceAll('+', '%2B'),
    segments(path, (segment) => encode(decode(segment))),
    segments(plain, encode),
    segments(plain.replaceAll('+', ' '), encode),
    encodeURI(plain),
    segments(plain, encodeURIComponent),
    encode(plain).replace(/^%2F/, '/'),
    right.replaceAll('~', '%7E'),
    right.replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decode),
    plain,
    plain.replaceAll('+', ' '),
    segments(plain.normalize('NFC'), encode),
    segments(plain.normalize('NFD'), encode),
    right.endsWith('/') ? (/^.*[^/]/s.exec(right)?.[0] ?? '/') : `${right}/`,
    `/${right}`,
    right.replace(/^\/+/, '/'),
    right.replace(/\/{2,}/g, '/'),
    resolveDots(right, false),
    right.replace(/^\//, ''),
    right.replace(/^\/[^/]+/, '') || '/',
    right.replace(/^\/[^/]+\/[^/]+/, '') || '/',
    '/',
    right.toLowerCase(),
    right.replace(/^(\/[^/]+\/)(.+)$/, (_, bucket: string, key: string) => bucket + key.replaceAll('/', '%2F')),
    encode(right.slice(1)).replace(/^/, '/').replaceAll('%25', '%'),
    segments(plain, latin1),
    ...['/s3', '/api', '/storage', '/minio', '/files', '/upload', '/storage/v1/s3'].map((prefix) => prefix + right),
    right.replace(/^(\/[^/]+\/)(.+)$/, (_, bucket: string, key: string) => bucket + key.replaceAll('/', '//')),
    ...without(right),
    ...[...right.matchAll(/\//g)]
      .slice(0, SLASHES)
      .map(({ index }) => `${right.slice(0, index)}/${right.slice(index)}`),
  ]
  return [...uris.map((uri) => ({ uri })), ...styles(facts, base)]
}

/** The same path by the rules of other services. */
function rules(path: string, s3: boolean): string[] {
  const uri = (encoding: PathEncoding, normalization: PathNormalization): string =>
    canonicalUri(path, encoding, normalization)
  const twice = uri('double', 'none')
  return s3
    ? [twice, uri('double', 'rfc3986'), segments(twice, encode), uri('single', 'rfc3986')]
    : [uri('single', 'rfc3986'), uri('single', 'none'), twice]
}

function styles({ headers }: ParsedRequest, base: Pieces): Partial<Pieces>[] {
  const host = headers.host ?? ''
  const [, bucket = '', rest = ''] = /^\/([^/]+)(\/.*)?$/s.exec(base.uri) ?? []
  const [, label = '', parent = ''] = /^([^.:]+)\.(.+)$/.exec(host) ?? []
  const swap = (uri: string, name: string): Partial<Pieces> => ({
    uri,
    headers: base.headers.map(([key, value]) => [key, key === 'host' ? name : value]),
  })
  return [
    ...(bucket ? [swap(rest || '/', `${bucket}.${host}`)] : []),
    ...(parent ? [swap(`/${label}${base.uri}`, parent), swap(`/${label}${base.uri}`, host)] : []),
    ...(bucket ? [swap(rest || '/', host)] : []),
  ]
}

function segments(path: string, map: (segment: string) => string): string {
  return path.split('/').map(map).join('/')
}

/** The path without some consecutive segments. */
function without(path: string): string[] {
  const parts = path.split('/').slice(1)
  const found: string[] = []
  for (let from = 0; from < parts.length && found.length < CUTS; from++)
    for (let to = from + 1; to <= parts.length && to - from < 4; to++)
      found.push(`/${[...parts.slice(0, from), ...parts.slice(to)].join('/')}`)
  return found.slice(0, CUTS)
}

/** Percent-encodes as ISO 8859-1. */
function latin1(text: string): string {
  return text.replace(/[^\w.~-]/g, (mark) =>
    mark.charCodeAt(0) > 255 ? encode(mark) : `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
