import { createHmac } from 'node:crypto'
import { encode } from '../../../../../../test/support/oracle.ts'
import { H, HQ, paramOf, Q, type Row, setParam } from './row.ts'
import { type Client, headerOf, type Scene, setHeader, type Wire } from './signing.ts'

// How the signature is written down: the Authorization header, the X-Amz-* parameters, or something else altogether.

const SIX = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
]

const authorization = (change: (value: string, client: Client) => string) => ({ authorization: change })
const signature = (change: (signature: string) => string) => ({ signature: change })

const credential = (change: (credential: string) => string) => ({
  authorization: (value: string) =>
    value.replace(/Credential=([^,]*)/, (_, text: string) => `Credential=${change(text)}`),
  sent(wire: Wire) {
    const text = paramOf(wire, 'X-Amz-Credential')
    if (text !== undefined) setParam(wire, 'X-Amz-Credential', encode(change(decodeURIComponent(text))))
  },
})

const removed = (name: string) => ({ sent: (wire: Wire) => setParam(wire, name, undefined) })

const renamed = (change: (name: string) => string) => ({
  sent(wire: Wire) {
    wire.query = wire.query.map((pair) => pair.replace(/^(X-Amz-\w+)/, change))
  },
})

/** What a client of Signature Version 2 sends, in either place. */
const versionTwo = {
  sent(wire: Wire, scene: Scene, client: Client) {
    const { accessKeyId, secretAccessKey } = client.credentials
    const expires = Math.floor(scene.now / 1000) + 900
    const date = new Date(scene.now).toUTCString()
    const type = headerOf(wire.headers, 'content-type') ?? ''
    const time = client.location === 'query' ? String(expires) : date
    const toSign = [wire.method, '', type, time, wire.path].join('\n')
    const mac = createHmac('sha1', secretAccessKey).update(toSign).digest('base64')
    if (client.location === 'query') {
      for (const name of SIX) setParam(wire, name, undefined)
      wire.query.push(`AWSAccessKeyId=${encode(accessKeyId)}`, `Expires=${expires}`, `Signature=${encode(mac)}`)
    } else {
      for (const name of ['X-Amz-Date', 'X-Amz-Content-Sha256']) setHeader(wire.headers, name, undefined)
      setHeader(wire.headers, 'Date', date)
      setHeader(wire.headers, 'Authorization', `AWS ${accessKeyId}:${mac}`)
    }
  },
}

export const AUTHORIZATION_FAULTS: readonly Row[] = [
  // s3rver takes that version, and forgets the date when it computes one
  {
    ...{ cause: 'signature-v2', name: 'an old client', in: HQ, notOn: ['s3rver'] },
    bases: ['get-plain', 'put-text'],
    hooks: versionTwo,
  },
  {
    ...{ cause: 'signature-v2', name: 'an old client, odd key', in: HQ, notOn: ['s3rver'] },
    bases: ['get-space'],
    hooks: versionTwo,
  },
  {
    cause: 'anonymous',
    name: 'Authorization not sent',
    in: H,
    bases: ['get-plain', 'put-meta', 'list-prefix'],
    hooks: { sent: (wire) => setHeader(wire.headers, 'Authorization', undefined) },
  },
  {
    cause: 'anonymous',
    name: 'no header of a signature at all',
    in: H,
    bases: ['get-space', 'put-text'],
    hooks: {
      sent(wire) {
        for (const name of ['Authorization', 'X-Amz-Date', 'X-Amz-Content-Sha256'])
          setHeader(wire.headers, name, undefined)
      },
    },
  },
  {
    cause: 'anonymous',
    name: 'URL cut off at its question mark',
    in: Q,
    bases: ['get-plain', 'put-text'],
    hooks: {
      sent(wire) {
        wire.query = []
      },
    },
  },
  {
    cause: 'two-auths',
    name: 'token of the page’s own API as well',
    in: Q,
    bases: ['get-plain', 'put-text'],
    hooks: {
      sent: (wire) => setHeader(wire.headers, 'Authorization', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.'),
    },
  },
  {
    cause: 'two-auths',
    name: 'signed header as well',
    in: Q,
    bases: ['get-space'],
    hooks: {
      sent(wire, _scene, client, { signature }) {
        const scope = [
          client.credentials.accessKeyId,
          client.scopeDate,
          client.region,
          client.service,
          client.terminator,
        ]
        const value = `Credential=${scope.join('/')}, SignedHeaders=host, Signature=${signature}`
        setHeader(wire.headers, 'Authorization', `${client.algorithm} ${value}`)
      },
    },
  },
  {
    cause: 'two-auths',
    name: 'presigned URL signed again by a client',
    in: H,
    bases: ['get-plain', 'put-text'],
    hooks: {
      client(client) {
        client.query.push(
          ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
          [
            'X-Amz-Credential',
            encode([client.credentials.accessKeyId, client.scopeDate, client.region, 's3', 'aws4_request'].join('/')),
          ],
          ['X-Amz-Date', client.amzDate],
          ['X-Amz-Expires', '900'],
          ['X-Amz-SignedHeaders', 'host'],
          ['X-Amz-Signature', 'b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78'],
        )
      },
    },
  },

  {
    cause: 'malformed-authorization',
    name: 'blanks for commas',
    in: H,
    bases: ['get-plain'],
    hooks: authorization((v) => v.replaceAll(', ', ' ')),
  },
  {
    cause: 'malformed-authorization',
    name: 'semicolons for commas',
    in: H,
    bases: ['put-meta'],
    hooks: authorization((v) => v.replaceAll(', ', '; ')),
  },
  {
    cause: 'malformed-authorization',
    name: 'no SignedHeaders',
    in: H,
    bases: ['get-space'],
    hooks: authorization((v) => v.replace(/SignedHeaders=[^,]*, /, '')),
  },
  {
    cause: 'malformed-authorization',
    name: 'no Signature',
    in: H,
    bases: ['list-prefix'],
    hooks: authorization((v) => v.replace(/, Signature=.*/, '')),
  },
  {
    cause: 'malformed-authorization',
    name: 'no Credential',
    in: H,
    bases: ['put-text'],
    hooks: authorization((v) => v.replace(/Credential=[^,]*, /, '')),
  },
  {
    cause: 'malformed-authorization',
    name: 'no algorithm',
    in: H,
    bases: ['get-utf8'],
    hooks: authorization((v) => v.replace(/^\S+ /, '')),
  },
  {
    cause: 'malformed-authorization',
    name: 'colons for equals signs',
    in: H,
    bases: ['get-plain'],
    hooks: authorization((v) => v.replace(/(Credential|SignedHeaders|Signature)=/g, '$1:')),
  },
  {
    cause: 'malformed-authorization',
    name: 'bearer token',
    in: H,
    bases: ['get-download'],
    hooks: authorization(() => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.'),
  },
  {
    cause: 'malformed-authorization',
    name: 'password',
    in: H,
    bases: ['put-text'],
    hooks: authorization(
      (_v, { credentials }) => `Basic ${Buffer.from(`${credentials.accessKeyId}:hunter2`).toString('base64')}`,
    ),
  },

  {
    cause: 'malformed-credential',
    name: 'key id alone',
    in: HQ,
    bases: ['get-plain'],
    hooks: credential((c) => c.split('/')[0]!),
  },
  {
    cause: 'malformed-credential',
    name: 'no terminator',
    in: HQ,
    bases: ['put-meta'],
    hooks: credential((c) => c.replace('/aws4_request', '')),
  },
  {
    cause: 'malformed-credential',
    name: 'no key id',
    in: HQ,
    bases: ['get-space'],
    hooks: credential((c) => c.replace(/^[^/]+/, '')),
  },
  {
    cause: 'malformed-credential',
    name: 'no region',
    in: HQ,
    bases: ['list-prefix'],
    hooks: credential((c) => c.replace('/us-east-1', '')),
  },
  {
    cause: 'malformed-credential',
    name: 'slashes escaped once too often',
    in: HQ,
    bases: ['get-utf8', 'put-text'],
    alternatives: ['url-double-encoded'],
    because: 'escaping the parameter twice is what made it malformed',
    hooks: credential((c) => encodeURIComponent(c)),
  },
  {
    cause: 'malformed-credential',
    name: 'hyphens for slashes',
    in: Q,
    bases: ['get-download'],
    hooks: credential((c) => c.replaceAll('/', '-')),
  },

  {
    cause: 'malformed-signature',
    name: 'last digit lost',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: signature((s) => s.slice(0, -1)),
  },
  {
    cause: 'malformed-signature',
    name: 'base64',
    in: HQ,
    bases: ['get-space'],
    hooks: signature((s) =>
      Buffer.from(s, 'hex')
        .toString('base64')
        .replace(/[+/=]/g, (found) => encode(found)),
    ),
  },
  { cause: 'malformed-signature', name: 'empty', in: HQ, bases: ['list-prefix'], hooks: signature(() => '') },
  { cause: 'malformed-signature', name: 'undefined', in: HQ, bases: ['put-text'], hooks: signature(() => 'undefined') },
  { cause: 'malformed-signature', name: 'twice as long', in: Q, bases: ['get-utf8'], hooks: signature((s) => s + s) },
  {
    cause: 'malformed-signature',
    name: 'line end of a file',
    in: Q,
    bases: ['get-plain'],
    hooks: signature((s) => `${s}%0A`),
  },
  {
    cause: 'malformed-signature',
    name: 'closing bracket of a chat message',
    in: Q,
    bases: ['get-download'],
    hooks: signature((s) => `${s})`),
  },

  {
    cause: 'tampered-signature',
    name: 'one digit',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: signature((s) => s.slice(0, -1) + (s.endsWith('0') ? '1' : '0')),
  },
  {
    cause: 'tampered-signature',
    name: 'first digit',
    in: HQ,
    bases: ['get-space'],
    hooks: signature((s) => (s.startsWith('f') ? 'e' : 'f') + s.slice(1)),
  },
  {
    cause: 'tampered-signature',
    name: 'two digits in the wrong order',
    in: HQ,
    bases: ['list-prefix'],
    hooks: signature((s) => s.replace(/([0-9])([a-f])/, '$2$1')),
  },
  {
    cause: 'tampered-signature',
    name: 'letter O for zero, mended by hand',
    in: Q,
    bases: ['put-text'],
    hooks: signature((s) => s.replace(/0/, '8').replace(/a/, 'b')),
  },

  {
    cause: 'signature-case',
    name: 'upper case',
    in: HQ,
    bases: ['get-plain', 'put-meta', 'get-space'],
    hooks: signature((s) => s.toUpperCase()),
  },

  ...SIX.map(
    (name, i): Row => ({
      cause: 'missing-param',
      name: `${name} lost`,
      in: Q,
      bases: [(['get-plain', 'put-meta', 'get-space', 'list-prefix', 'get-utf8', 'put-text'] as const)[i]!],
      alternatives: name === 'X-Amz-Algorithm' ? ['anonymous', 'query-removed'] : ['query-removed'],
      because: 'the parameter that was lost is one of the six',
      hooks: removed(name),
    }),
  ),
  {
    cause: 'missing-param',
    name: 'expiry never given',
    in: Q,
    bases: ['get-plain', 'get-download'],
    hooks: {
      canonical(canonical) {
        canonical.query = canonical.query.filter(([name]) => name !== 'X-Amz-Expires')
      },
      parameters: (pairs) => pairs.filter(([name]) => name !== 'X-Amz-Expires'),
    },
  },
  {
    cause: 'missing-header',
    name: 'x-amz-content-sha256',
    in: H,
    bases: ['get-plain', 'put-meta'],
    hooks: {
      canonical(canonical) {
        canonical.headers = canonical.headers.filter(([name]) => name !== 'x-amz-content-sha256')
        canonical.signedHeaders = canonical.headers.map(([name]) => name).join(';')
      },
      authorization: (value) => value.replace(';x-amz-content-sha256', ''),
      sent: (wire) => setHeader(wire.headers, 'X-Amz-Content-Sha256', undefined),
    },
  },
  {
    cause: 'missing-header',
    name: 'x-amz-date',
    in: H,
    bases: ['get-space', 'put-text'],
    hooks: {
      canonical(canonical) {
        canonical.headers = canonical.headers.filter(([name]) => name !== 'x-amz-date')
        canonical.signedHeaders = canonical.headers.map(([name]) => name).join(';')
      },
      authorization: (value) => value.replace(';x-amz-date', ''),
      sent: (wire) => setHeader(wire.headers, 'X-Amz-Date', undefined),
    },
  },
  {
    cause: 'param-case',
    name: 'all in lower case',
    in: Q,
    bases: ['get-plain', 'put-text'],
    hooks: renamed((name) => name.toLowerCase()),
  },
  {
    cause: 'param-case',
    name: 'signature in lower case',
    in: Q,
    bases: ['get-space'],
    hooks: renamed((name) => (name === 'X-Amz-Signature' ? 'x-amz-signature' : name)),
  },
  {
    cause: 'param-case',
    name: 'Signedheaders',
    in: Q,
    bases: ['get-utf8'],
    hooks: renamed((name) => name.replace('SignedH', 'Signedh')),
  },
  {
    cause: 'param-case',
    name: 'all in upper case',
    in: Q,
    bases: ['get-download'],
    hooks: renamed((name) => name.toUpperCase()),
  },
  {
    cause: 'param-case',
    name: 'lower case from the start',
    in: Q,
    bases: ['get-plain'],
    hooks: {
      canonical(canonical) {
        canonical.query = canonical.query.map(([name, value]) => [name.toLowerCase(), value])
      },
      parameters: (pairs) => pairs.map(([name, value]) => [name.toLowerCase(), value]),
    },
  },
]
