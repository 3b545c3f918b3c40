import type { Pair } from '../../../packages/sigv4-tools/test/support/explain/transit.ts'
import {
  amzDateOf,
  authorization,
  encode,
  joinParameters,
  parametersOf,
  type Steps,
  sha256,
  sign,
  signingParameters,
  sortParameters,
  UNSIGNED_PAYLOAD,
} from '../../../test/support/oracle.ts'

// Signs requests as real clients do: each one signs a different set of headers, which decides what a proxy may change.

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

/** Where a request is sent to, as the client knows it. */
export interface Scene {
  /** The host with its port, as in the Host header. */
  host: string
  /** The path of the bucket: empty if the host or the proxy contains the bucket. */
  bucketPath: string
  region: string
  credentials: Credentials
  now: number
}

export interface SignedRequest {
  method: string
  target: string
  headers: Pair[]
  body: string
}

interface Client {
  /** Headers of each request, in addition to those of signing. */
  readonly sends: readonly Pair[]
  /** Headers that it sends without signing them. */
  readonly unsigned: readonly string[]
}

const client = (unsigned: string, ...sends: readonly string[]): Client => ({
  sends: sends.map((line): Pair => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  unsigned: unsigned.split(' '),
})

const INVOCATION = 'amz-sdk-invocation-id: 3f0c9a52-7f4d-4d6e-9a43-1f0e8b7c2d11'

/** What each client does not sign, and sends. From the threads that the rows name, and from the sources of the signers. */
export const CLIENTS = {
  'aws-sdk-go-v2': client(
    'user-agent expect transfer-encoding',
    'User-Agent: aws-sdk-go-v2/1.36.3 os/linux api/s3#1.78.2',
    'Accept-Encoding: identity',
    INVOCATION,
    'amz-sdk-request: attempt=1; max=3',
  ),
  'aws-cli': client(
    'user-agent expect transfer-encoding accept-encoding content-length',
    'User-Agent: aws-cli/2.27.1 md/awscrt#0.26.1 os/linux',
    'Accept-Encoding: identity',
  ),
  'aws-sdk-js-v3': client(
    'user-agent expect te connection transfer-encoding',
    'user-agent: aws-sdk-js/3.808.0 ua/2.1 api/s3#3.808.0',
    'x-amz-user-agent: aws-sdk-js/3.808.0',
    INVOCATION,
    'amz-sdk-request: attempt=1; max=3',
  ),
  'aws-sdk-java-v1': client(
    'connection expect',
    'User-Agent: aws-sdk-java/1.12.63 Linux cfg/retry-mode/legacy',
    'amz-sdk-invocation-id: e025fe51-2d91-bada-3a4d-c4f7bf1d70e6',
    'amz-sdk-request: attempt=1;max=4',
    'amz-sdk-retry: 0/0/500',
  ),
  'minio-java-8': client(
    'user-agent content-type content-length expect',
    'User-Agent: MinIO (Linux; amd64) minio-java/8.4.3',
    'Accept-Encoding: identity',
  ),
  'minio-go-7': client(
    'user-agent accept-encoding content-type content-length expect',
    'User-Agent: MinIO (linux; amd64) minio-go/v7.0.91',
    'Accept-Encoding: zstd,gzip',
  ),
  'minio-go-2': client(
    'user-agent accept-encoding content-type content-length',
    'User-Agent: Minio (linux; amd64) minio-go/2.0.4 mc/2017-04-03T18:35:01Z',
    'Accept-Encoding: gzip',
  ),
  'aws-sdk-ruby-3.94': client(
    'user-agent accept-encoding accept content-length',
    'Accept-Encoding: ',
    'User-Agent: aws-sdk-ruby3/3.94.1 ruby/2.7.1 x86_64-linux aws-sdk-s3/1.64.0',
    'Accept: */*',
  ),
  aws4: client('user-agent connection expect range', 'Accept: */*'),
  'aws-sdk-cpp-1.0': client('', 'User-Agent: aws-sdk-cpp/1.0.13 Linux/4.4.0 x86_64', 'Accept: */*'),
  cyberduck: client(
    'user-agent accept-encoding connection content-length',
    'User-Agent: Cyberduck/8.9.0.41543 (Mac OS X/13.6.6) (x86_64)',
    'Accept-Encoding: gzip, deflate',
  ),
  'pgbackrest-2.32': client('user-agent', 'user-agent: pgBackRest/2.32'),
  'apache-http-interceptor': client(
    '',
    'User-Agent: Apache-HttpClient/4.5.13 (Java/17.0.1)',
    'Accept-Encoding: gzip,deflate',
  ),
  'mcp-proxy-for-aws': client(
    'user-agent connection',
    'User-Agent: python-httpx/0.28.1',
    'Accept-Encoding: gzip, deflate',
  ),
  s3cmd: client('accept-encoding content-length content-type', 'Accept-Encoding: identity'),
  /** An application that signs the headers of the requests which it receives. */
  'a gateway': client(
    'user-agent',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0',
    'X-Forwarded-For: 198.51.100.7',
  ),
  /** Follows a presigned URL. */
  curl: client('user-agent accept content-length', 'User-Agent: curl/8.13.0', 'Accept: */*'),
} as const satisfies Record<string, Client>

/** It sends content-length with requests that have no body. */
const SENDS_EMPTY_LENGTH = 'pgbackrest-2.32'

export type ClientName = keyof typeof CLIENTS

export interface Wanted {
  client: ClientName
  method: string
  /** Encoded; without it, the bucket itself, and without a slash after it. */
  key?: string | undefined
  /** As sent. */
  query?: string
  headers?: readonly Pair[]
  body?: string
  /** The seconds for which the URL is valid: it is presigned, and signs the headers in `headers`. */
  expires?: number
  /** What is signed instead of the hash of the body. */
  payloadHash?: string
  /** The bucket is in the host. */
  style?: 'host'
}

/** Path and query are signed as sent, the query sorted, with a value for each name. */
const AS_SENT: Partial<Steps> = {
  canonicalUri: ({ path }) => path,
  canonicalQuery: ({ query }) => joinParameters(sortParameters(query.map(([name, value = '']) => [name, value]))),
}

/** Creates the request that a client sends, signed with the right secret. */
export function signed(wanted: Wanted, scene: Scene): SignedRequest {
  const { method, key, query = '', headers: own = [], body = '', expires } = wanted
  const { sends, unsigned }: Client = CLIENTS[wanted.client]
  const path = key === undefined ? scene.bucketPath || '/' : `${scene.bucketPath}/${key}`
  const date = amzDateOf(scene.now)
  const scope = `${date.slice(0, 8)}/${scene.region}/s3/aws4_request`
  const hasLength = body !== '' || wanted.client === SENDS_EMPTY_LENGTH || /^P/.test(method)
  const length: Pair[] = hasLength ? [['Content-Length', `${Buffer.byteLength(body)}`]] : []
  const basic: Pair[] = [['Host', scene.host], ...sends, ...own, ...length]
  const { accessKeyId, secretAccessKey } = scene.credentials
  const credential = `${accessKeyId}/${scope}`

  const signatureOf = (sent: readonly Pair[], signedHeaders: string[], payloadHash: string, all: string): string =>
    sign(
      {
        ...{ method, path, query: parametersOf(all), headers: sent, signedHeaders, payloadHash, pathRule: 's3' },
        ...{ amzDate: date, scope: scope.split('/'), secretAccessKey },
      },
      AS_SENT,
    ).signature

  if (expires !== undefined) {
    const names = ['host', ...own.map(([name]) => name.toLowerCase())].sort()
    const parameters = signingParameters({ credential, amzDate: date }, String(expires), names.join(';'))
    const added = parameters.map(([name, value]) => `${name}=${encode(value)}`)
    const all = [...(query === '' ? [] : [query]), ...added].join('&')
    const signature = signatureOf(basic, names, UNSIGNED_PAYLOAD, all)
    return { method, target: `${path}?${all}&X-Amz-Signature=${signature}`, headers: basic, body }
  }

  const hash = wanted.payloadHash ?? sha256(body)
  const headers: Pair[] = [...basic, ['X-Amz-Content-Sha256', hash], ['X-Amz-Date', date]]
  const names = [...new Set(headers.map(([name]) => name.toLowerCase()))]
    .filter((name) => !unsigned.includes(name))
    .sort()
  const value = authorization({ credential }, names.join(';'), signatureOf(headers, names, hash, query))
  return {
    method,
    target: query === '' ? path : `${path}?${query}`,
    headers: [...headers, ['Authorization', value]],
    body,
  }
}
