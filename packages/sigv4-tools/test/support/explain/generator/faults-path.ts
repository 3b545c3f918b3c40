import { encode } from '../../../../../../test/support/oracle.ts'
import { H, HQ, Q, type Row } from './row.ts'
import { type Canonical, type Client, encodePath, type Scene, setHeader, type Wire } from './signing.ts'

// What is asked for, and where: method, host, path.

const canonicalPath = (change: (path: string, scene: Scene) => string) => ({
  canonical(canonical: Canonical, _client: Client, scene: Scene) {
    canonical.path = change(canonical.path, scene)
  },
})

const sentPath = (change: (path: string, scene: Scene) => string) => ({
  sent(wire: Wire, scene: Scene) {
    wire.path = change(wire.path, scene)
  },
})

const signedHost = (change: (host: string, scene: Scene) => string) => ({
  canonical(canonical: Canonical, _client: Client, scene: Scene) {
    canonical.headers = canonical.headers.map(([name, value]) => [name, name === 'host' ? change(value, scene) : value])
  },
})

const sentHost = (change: (host: string, scene: Scene) => string) => ({
  sent: (wire: Wire, scene: Scene) => setHeader(wire.headers, 'Host', change(wire.headers[0]![1], scene)),
})

const sentMethod = (method: string) => ({
  sent(wire: Wire) {
    wire.method = method
    if (method === 'GET' || method === 'HEAD') wire.body = Buffer.alloc(0)
  },
})

const raw = (path: string, characters: RegExp): string =>
  path.replace(/%[0-9A-F]{2}/g, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return characters.test(character) ? character : triplet
  })

const lowerEscapes = (path: string): string => path.replace(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase())

const resolved = (path: string): string => new URL(path, 'http://host').pathname

const withoutBucket = (path: string, scene: Scene): string => path.slice(scene.bucket.length + 1) || '/'

const withoutPort = (host: string): string => host.replace(/:\d+$/, '')

export const PATH_FAULTS: readonly Row[] = [
  {
    cause: 'method',
    name: 'signed GET, sent HEAD',
    in: HQ,
    bases: ['get-plain', 'get-space'],
    hooks: sentMethod('HEAD'),
  },
  { cause: 'method', name: 'signed GET, sent PUT', in: HQ, bases: ['get-utf8'], hooks: sentMethod('PUT') },
  {
    cause: 'method',
    name: 'signed PUT, sent POST',
    // they refuse a POST to an object however it is signed
    notOn: ['minio', 'swift', 'ceph', 's3rver', 'seaweedfs', 'moto', 'garage'],
    in: HQ,
    bases: ['put-text'],
    hooks: sentMethod('POST'),
  },
  { cause: 'method', name: 'signed HEAD, sent GET', in: HQ, bases: ['head'], hooks: sentMethod('GET') },
  { cause: 'method', name: 'signed PUT, sent GET', in: Q, bases: ['put-bare'], hooks: sentMethod('GET') },
  { cause: 'method', name: 'signed GET, sent DELETE', in: Q, bases: ['get-download'], hooks: sentMethod('DELETE') },
  {
    cause: 'method',
    name: 'signed in lower case',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: {
      canonical(canonical) {
        canonical.method = canonical.method.toLowerCase()
      },
    },
  },

  {
    cause: 'host',
    name: 'name inside the container network',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: signedHost(() => 'minio:9000'),
    alternatives: ['host-port'],
    because: 'the port differs as well',
  },
  {
    cause: 'host',
    name: 'localhost for 127.0.0.1',
    in: HQ,
    bases: ['get-space'],
    hooks: signedHost((host) => host.replace('127.0.0.1', 'localhost')),
  },
  {
    cause: 'host',
    name: 'public name in front of a proxy',
    lost: true,
    in: HQ,
    bases: ['list-prefix'],
    hooks: signedHost(() => 'files.example.com'),
    alternatives: ['host-port'],
    because: 'the port differs as well',
  },
  {
    cause: 'host',
    name: 'signed for AWS',
    in: Q,
    bases: ['get-download'],
    hooks: signedHost(() => 's3.us-east-1.amazonaws.com'),
    alternatives: ['host-port'],
    because: 'the port differs as well',
  },
  {
    cause: 'host',
    name: 'rewritten by a proxy',
    in: HQ,
    bases: ['put-text'],
    hooks: sentHost((host) => host.replace(/^[^:]+/, 'storage.internal')),
  },
  {
    cause: 'host',
    name: 'other case',
    in: HQ,
    bases: ['get-utf8'],
    hooks: signedHost((host) => `${host.replace('127.0.0.1', 'LOCALHOST')}`),
  },
  {
    cause: 'host-port',
    name: 'signed without the port',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: signedHost(withoutPort),
  },
  {
    cause: 'host-port',
    name: 'port lost on the way',
    in: HQ,
    bases: ['get-space'],
    hooks: { ...signedHost((host) => `${withoutPort(host)}:8080`), ...sentHost(withoutPort) },
  },
  {
    cause: 'host-port',
    name: 'signed with the default port',
    in: HQ,
    bases: ['list-prefix'],
    hooks: signedHost((host) => `${withoutPort(host)}:443`),
  },
  {
    cause: 'host-port',
    name: 'port inside the container',
    in: HQ,
    bases: ['put-text'],
    hooks: signedHost((host) => `${withoutPort(host)}:9000`),
  },

  {
    cause: 'path',
    name: 'prefix of a proxy signed',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: canonicalPath((path) => `/s3${path}`),
  },
  {
    cause: 'path',
    name: 'another key sent',
    lost: true,
    in: HQ,
    bases: ['get-space', 'put-text'],
    hooks: sentPath((path) => path.replace(/[^/]+$/, 'other.txt')),
  },
  {
    cause: 'path',
    name: 'key in another case sent',
    in: HQ,
    bases: ['get-plain'],
    hooks: sentPath((path) => path.replace('photos/cat', 'photos/Cat')),
  },
  {
    cause: 'path',
    name: 'folder added on the way',
    in: HQ,
    bases: ['get-utf8'],
    hooks: sentPath((path, { bucket }) => path.replace(`/${bucket}/`, `/${bucket}/uploads/`)),
  },
  {
    cause: 'path',
    name: 'key without its folder signed',
    in: Q,
    bases: ['get-download'],
    hooks: canonicalPath((path) => path.replace('/photos', '')),
  },
  { cause: 'path', name: 'path not signed', in: H, bases: ['get-plain'], hooks: canonicalPath(() => '/') },

  {
    cause: 'path-encoding',
    name: 'signed as encodeURIComponent leaves it',
    in: HQ,
    bases: ['get-reserved', 'get-space'],
    hooks: canonicalPath((path) => raw(path, /[!'()*]/)),
  },
  {
    cause: 'path-encoding',
    name: 'signed as encodeURI leaves it',
    in: HQ,
    bases: ['get-plus'],
    hooks: canonicalPath((path) => raw(path, /[+=]/)),
  },
  {
    cause: 'path-encoding',
    name: 'signed without any escape',
    in: HQ,
    bases: ['get-utf8'],
    hooks: canonicalPath((path) => decodeURIComponent(path)),
  },
  {
    cause: 'path-encoding',
    name: 'signed without any escape, blanks',
    in: H,
    bases: ['get-space'],
    hooks: canonicalPath((path) => decodeURIComponent(path)),
  },
  {
    cause: 'path-encoding',
    name: 'plus for a blank signed',
    in: HQ,
    bases: ['get-space'],
    hooks: canonicalPath((path) => path.replaceAll('%20', '+')),
  },
  {
    cause: 'path-encoding',
    name: 'slashes of the key escaped when signed',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: canonicalPath((path, { bucket }) => `/${bucket}/${path.slice(bucket.length + 2).replaceAll('/', '%2F')}`),
  },
  {
    cause: 'path-encoding',
    name: 'tilde escaped when signed',
    in: HQ,
    bases: ['get-tilde'],
    hooks: canonicalPath((path) => path.replaceAll('~', '%7E')),
  },
  {
    cause: 'path-encoding',
    name: 'Latin-1 signed',
    in: Q,
    bases: ['get-utf8'],
    hooks: canonicalPath((path) => path.replaceAll('%C3%A9', '%E9').replaceAll('%C3%AB', '%EB')),
  },
  {
    cause: 'path-encoding',
    name: 'unescaped by a proxy',
    in: HQ,
    bases: ['get-reserved', 'get-plus'],
    hooks: sentPath((path) => raw(path, /[!'()*+=]/)),
  },

  {
    cause: 'path-encoding-case',
    name: 'signed in lower case',
    in: HQ,
    bases: ['get-utf8', 'get-plus'],
    hooks: canonicalPath(lowerEscapes),
  },
  {
    cause: 'path-encoding-case',
    name: 'sent in lower case',
    in: HQ,
    bases: ['get-plus', 'get-utf8'],
    hooks: sentPath(lowerEscapes),
  },
  {
    cause: 'path-encoding-case',
    name: 'lower case throughout',
    in: HQ,
    bases: ['get-utf8', 'get-plus'],
    hooks: { ...canonicalPath(lowerEscapes), ...sentPath(lowerEscapes) },
  },
  {
    cause: 'path-double-encoding',
    name: 'as for other services',
    in: HQ,
    bases: ['get-space', 'get-utf8', 'put-meta'],
    hooks: canonicalPath(encodePath),
  },
  {
    cause: 'path-double-encoding',
    name: 'percent signs alone',
    in: HQ,
    bases: ['get-percent', 'get-plus'],
    hooks: canonicalPath((path) => path.replaceAll('%', '%25')),
  },

  {
    cause: 'path-normalization',
    name: 'dots resolved when signed',
    in: HQ,
    bases: ['get-dots'],
    hooks: canonicalPath(resolved),
  },
  {
    cause: 'path-normalization',
    name: 'slashes folded when signed',
    in: HQ,
    bases: ['get-slashes'],
    hooks: canonicalPath((path) => path.replace(/\/{2,}/g, '/')),
  },
  {
    cause: 'path-normalization',
    name: 'dots resolved by the URL parser',
    lost: true,
    in: HQ,
    bases: ['get-dots'],
    hooks: sentPath(resolved),
  },
  {
    cause: 'path-normalization',
    name: 'slashes folded by a proxy',
    in: HQ,
    bases: ['get-slashes'],
    hooks: sentPath((path) => path.replace(/\/{2,}/g, '/')),
  },
  {
    cause: 'path-normalization',
    name: 'slash of the endpoint and of the key',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: canonicalPath((path) => `/${path}`),
  },

  {
    cause: 'path-trailing-slash',
    name: 'signed with it',
    in: HQ,
    bases: ['list-root', 'get-plain'],
    hooks: canonicalPath((path) => `${path}/`),
  },
  {
    cause: 'path-trailing-slash',
    name: 'sent with it',
    in: HQ,
    bases: ['list-prefix', 'get-space'],
    hooks: sentPath((path) => `${path}/`),
  },

  {
    cause: 'path-style-mismatch',
    name: 'signed for the bucket in the host',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    alternatives: ['host'],
    because: 'the host differs as well',
    hooks: {
      canonical(canonical, _client, scene) {
        canonical.path = withoutBucket(canonical.path, scene)
        setHeader(canonical.headers, 'host', `${scene.bucket}.${scene.host}`)
      },
    },
  },
  {
    cause: 'path-style-mismatch',
    name: 'path without the bucket signed',
    in: HQ,
    bases: ['get-space', 'list-prefix'],
    alternatives: ['path'],
    because: 'the path lacks the bucket',
    hooks: canonicalPath(withoutBucket),
  },
  {
    cause: 'path-style-mismatch',
    name: 'bucket in the path signed, and in the host',
    in: HQ,
    bases: ['get-virtual'],
    alternatives: ['path'],
    because: 'the path has the bucket',
    hooks: canonicalPath((path, { bucket }) => `/${bucket}${path}`),
  },
  {
    cause: 'path-style-mismatch',
    name: 'signed for the path, sent to the host',
    in: HQ,
    bases: ['get-virtual'],
    alternatives: ['host'],
    because: 'the host differs as well',
    hooks: {
      canonical(canonical, _client, scene) {
        canonical.path = `/${scene.bucket}${canonical.path}`
        setHeader(canonical.headers, 'host', scene.virtualHost)
      },
    },
  },

  {
    cause: 'url-double-encoded',
    name: 'escapes of the path escaped again',
    in: HQ,
    bases: ['get-space', 'get-utf8'],
    alternatives: ['path-double-encoding'],
    because: 'the path is the part that was escaped twice',
    hooks: sentPath((path) => path.replaceAll('%', '%25')),
  },
  {
    cause: 'url-double-encoded',
    name: 'path and parameters escaped again',
    in: Q,
    bases: ['get-space', 'get-download'],
    hooks: {
      sent(wire) {
        wire.path = wire.path.replaceAll('%', '%25')
        wire.query = wire.query.map((pair) => pair.replaceAll('%', '%25'))
      },
    },
  },
  {
    cause: 'url-double-encoded',
    name: 'values escaped again by a redirect',
    in: HQ,
    bases: ['list-prefix', 'get-download'],
    hooks: {
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replace(/=(.*)/, (_, value: string) => `=${encode(value)}`))
      },
    },
  },
]
