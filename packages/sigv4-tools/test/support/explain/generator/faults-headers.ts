import { H, HQ, Q, type Row } from './row.ts'
import { type Base, type Canonical, type Client, headerOf, type Pair, setHeader, type Wire } from './signing.ts'

// The headers: which are signed, which arrive, and with which value.

const lost = (name: string) => ({ sent: (wire: Wire) => setHeader(wire.headers, name, undefined) })
const sent = (name: string, value: string) => ({ sent: (wire: Wire) => setHeader(wire.headers, name, value) })

const signed = (change: (headers: Pair[]) => Pair[]) => ({
  canonical(canonical: Canonical) {
    canonical.headers = change(canonical.headers)
  },
})

/** Another list of signed headers, in the canonical request or where it is sent. */
const signedList = (change: (list: string) => string) => ({
  canonical(canonical: Canonical) {
    canonical.signedHeaders = change(canonical.signedHeaders)
  },
})

const sentList = (change: (list: string) => string) => ({
  authorization: (value: string) =>
    value.replace(/SignedHeaders=([^,]*)/, (_, list: string) => `SignedHeaders=${change(list)}`),
  parameters: (pairs: Pair[]) =>
    pairs.map(
      ([name, value]): Pair => [
        name,
        name === 'X-Amz-SignedHeaders' ? encodeURIComponent(change(decodeURIComponent(value))) : value,
      ],
    ),
})

/** The list that is sent, with the parameter in the canonical request going along. */
const listThroughout = (change: (list: string) => string) => ({
  canonical(canonical: Canonical) {
    canonical.signedHeaders = change(canonical.signedHeaders)
    canonical.query = sentList(change).parameters(canonical.query)
  },
  ...sentList(change),
})

const capitalised = (list: string): string =>
  list.replace(/(^|[;-])([a-z])/g, (_, before, letter) => before + letter.toUpperCase())

/** Signs a header that most clients leave alone. */
const withHeader = (base: Base, name: string, value: string): Base => ({
  ...base,
  headers: [...(base.headers ?? []), [name, value]],
})

const GET: Base = { name: 'get-plain', method: 'GET', key: 'photos/cat.jpg' }
const SPACE: Base = { name: 'get-space', method: 'GET', key: 'reports/March 2026 (final).pdf' }

const sign = (name: string) => (client: Client) => {
  client.unsigned = client.unsigned.filter((other) => other !== name)
}

export const HEADER_FAULTS: readonly Row[] = [
  {
    cause: 'header-missing',
    name: 'Content-Type not sent',
    in: HQ,
    bases: ['put-text', 'put-meta'],
    hooks: lost('Content-Type'),
  },
  {
    cause: 'header-missing',
    name: 'metadata not sent',
    in: HQ,
    bases: ['put-meta', 'put-blanks'],
    hooks: {
      sent: (wire) =>
        void setHeader(
          wire.headers,
          headerOf(wire.headers, 'x-amz-meta-author') ? 'x-amz-meta-author' : 'x-amz-meta-title',
          undefined,
        ),
    },
  },
  {
    cause: 'header-missing',
    name: 'acl not sent',
    in: HQ,
    bases: [withHeader({ name: 'put-acl', method: 'PUT', key: 'notes/acl.txt', body: 'x' }, 'X-Amz-Acl', 'private')],
    hooks: lost('X-Amz-Acl'),
  },
  { cause: 'header-missing', name: 'Range not sent', in: HQ, bases: ['get-range'], hooks: lost('Range') },

  {
    cause: 'header-changed',
    name: 'charset added',
    in: HQ,
    bases: ['put-meta', 'put-blanks'],
    hooks: {
      sent: (wire) =>
        setHeader(wire.headers, 'Content-Type', `${headerOf(wire.headers, 'content-type')}; charset=utf-8`),
    },
  },
  {
    cause: 'header-changed',
    name: 'another type',
    in: HQ,
    bases: ['put-text'],
    hooks: sent('Content-Type', 'application/octet-stream'),
  },
  {
    cause: 'header-changed',
    name: 'type of a form',
    in: Q,
    bases: ['put-text'],
    hooks: sent('Content-Type', 'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW'),
  },
  {
    cause: 'header-changed',
    name: 'metadata',
    lost: true,
    in: HQ,
    bases: ['put-meta'],
    hooks: sent('X-Amz-Meta-Author', 'Janet Doe'),
  },
  { cause: 'header-changed', name: 'range', in: HQ, bases: ['get-range'], hooks: sent('Range', 'bytes=0-') },
  {
    cause: 'header-changed',
    name: 'encodings rewritten by a proxy',
    in: HQ,
    bases: [withHeader(GET, 'Accept-Encoding', 'identity')],
    hooks: sent('Accept-Encoding', 'gzip, br'),
  },
  {
    cause: 'header-changed',
    name: 'client name rewritten',
    // they leave User-Agent out of the canonical request, signed or not
    notOn: ['localstack', 'moto'],
    in: HQ,
    bases: [withHeader(SPACE, 'User-Agent', 'my-app/1.0')],
    hooks: { client: sign('user-agent'), ...sent('User-Agent', 'curl/8.5.0') },
  },
  {
    cause: 'header-changed',
    name: 'quotes lost',
    in: H,
    bases: [withHeader(GET, 'If-None-Match', '"5d41402abc4b2a76b9719d911017c592"')],
    hooks: sent('If-None-Match', '5d41402abc4b2a76b9719d911017c592'),
  },

  {
    cause: 'header-whitespace',
    name: 'blanks inside not folded',
    in: HQ,
    bases: ['put-blanks'],
    hooks: signed((headers) => headers.map(([n, v]) => [n, n === 'x-amz-meta-title' ? 'two  blanks   inside' : v])),
  },
  {
    cause: 'header-whitespace',
    name: 'blank at the end not trimmed',
    in: HQ,
    bases: ['put-text'],
    hooks: {
      client(client) {
        setHeader(client.headers, 'Content-Type', 'text/plain; charset=utf-8 ')
      },
      ...signed((headers) => headers.map(([n, v]) => [n, n === 'content-type' ? `${v} ` : v])),
    },
  },
  {
    cause: 'header-whitespace',
    name: 'blank after the colon',
    in: HQ,
    bases: ['put-meta', 'get-plain'],
    hooks: signed((headers) => headers.map(([n, v]) => [n, ` ${v}`])),
  },
  {
    cause: 'header-whitespace',
    name: 'all blanks taken out',
    in: HQ,
    bases: ['put-meta'],
    hooks: signed((headers) => headers.map(([n, v]) => [n, n === 'x-amz-meta-author' ? v.replaceAll(' ', '') : v])),
  },

  {
    cause: 'signed-headers',
    name: 'not sorted',
    in: HQ,
    bases: ['put-text', 'put-meta'],
    hooks: listThroughout((list) => list.split(';').reverse().join(';')),
  },
  {
    cause: 'signed-headers',
    name: 'capital letters',
    in: HQ,
    bases: ['put-text', 'get-range'],
    hooks: listThroughout(capitalised),
  },
  {
    cause: 'signed-headers',
    name: 'blanks for semicolons',
    alternatives: ['malformed-authorization'],
    because: 'a blank ends the list, and what follows cannot be read',
    in: HQ,
    bases: ['put-meta'],
    hooks: listThroughout((list) => list.replaceAll(';', ' ')),
  },
  {
    cause: 'signed-headers',
    name: 'one more signed than listed',
    in: HQ,
    bases: ['put-meta'],
    hooks: sentList((list) => list.replace('content-type;', '')),
  },
  {
    cause: 'signed-headers',
    name: 'one more listed than signed',
    in: HQ,
    bases: ['put-text', 'get-range'],
    hooks: signed((headers) => headers.filter(([name]) => name !== 'content-type' && name !== 'range')),
  },
  {
    cause: 'signed-headers',
    name: 'list of the canonical request not sorted',
    in: HQ,
    bases: ['put-meta'],
    hooks: signedList((list) => list.split(';').reverse().join(';')),
  },
  {
    cause: 'signed-headers',
    name: 'headers not sorted',
    in: HQ,
    bases: ['put-meta'],
    hooks: signed((headers) => [...headers].reverse()),
  },
  {
    cause: 'signed-headers',
    name: 'host not signed',
    in: HQ,
    bases: ['put-text', 'get-range'],
    hooks: {
      canonical(canonical) {
        canonical.headers = canonical.headers.filter(([name]) => name !== 'host')
        listThroughout((list) => list.replace(/host;|;host/, '')).canonical(canonical)
      },
      ...sentList((list) => list.replace(/host;|;host/, '')),
    },
  },
  {
    cause: 'signed-headers',
    name: 'names in capital letters signed',
    in: HQ,
    bases: ['put-meta'],
    hooks: signed((headers) => headers.map(([n, v]) => [capitalised(n), v])),
  },

  {
    cause: 'unsigned-header',
    name: 'metadata added',
    in: HQ,
    bases: ['put-text', 'put-bare'],
    hooks: sent('X-Amz-Meta-Source', 'browser'),
  },
  { cause: 'unsigned-header', name: 'acl added', in: HQ, bases: ['put-meta'], hooks: sent('X-Amz-Acl', 'public-read') },
  {
    cause: 'unsigned-header',
    name: 'storage class added',
    in: HQ,
    bases: ['put-text'],
    hooks: sent('X-Amz-Storage-Class', 'STANDARD'),
  },
  {
    cause: 'unsigned-header',
    name: 'trace id of a proxy',
    in: H,
    bases: ['get-plain'],
    hooks: sent('X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678'),
  },
  {
    cause: 'unsigned-header',
    name: 'user agent of the SDK',
    in: HQ,
    bases: ['get-space'],
    hooks: sent('X-Amz-User-Agent', 'aws-sdk-js/3.729.0'),
  },
  {
    cause: 'unsigned-header',
    name: 'x-amz-content-sha256 not signed',
    in: H,
    bases: ['get-plain', 'put-text'],
    hooks: {
      canonical(canonical) {
        canonical.headers = canonical.headers.filter(([name]) => name !== 'x-amz-content-sha256')
        canonical.signedHeaders = canonical.headers.map(([name]) => name).join(';')
      },
      authorization: (value) => value.replace(';x-amz-content-sha256', ''),
    },
  },
  {
    cause: 'unsigned-header',
    name: 'x-amz-content-sha256 added',
    in: Q,
    bases: ['put-text'],
    hooks: sent('X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'),
  },
]
