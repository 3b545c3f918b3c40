import { CREDENTIALS } from './credentials.ts'
import { EMPTY_HASH, hmacHex, sha256, signingKey } from './oracle.ts'

// Requests whose target would differ after `new URL(target, base)`: signed over every byte of the target, with strings that
// are written out here, so that nothing has parsed them.

/** A target, and what of it is signed. */
interface Target {
  /** As it is sent. */
  readonly url: string
  /** Canonical path on S3, which decodes the path and encodes it once. */
  readonly s3: string
  /** Canonical path of another service, which normalizes the path and encodes it again. @default `s3` */
  readonly other?: string
  /** Canonical parameters. @default none */
  readonly query?: readonly string[]
  /**
   * Why `verify` rejects the target: always, because applications would read it differently (`'always'`), or without
   * `pathNormalization`, by service.
   */
  readonly rejected?: 'always' | readonly ('s3' | 'other')[]
}

export const TARGETS: readonly Target[] = [
  { url: '//x', s3: '//x', other: '/x', rejected: 'always' },
  { url: '//x/y?a=b', s3: '//x/y', other: '/x/y', query: ['a=b'], rejected: 'always' },
  { url: '/a/../b', s3: '/a/../b', other: '/b', rejected: ['s3', 'other'] },
  { url: '/a/./b', s3: '/a/./b', other: '/a/b', rejected: ['s3', 'other'] },
  { url: '/../a', s3: '/../a', other: '/a', rejected: ['s3', 'other'] },
  { url: '/a//b', s3: '/a//b', other: '/a/b', rejected: ['other'] },
  { url: '/https://h/c', s3: '/https%3A//h/c', other: '/https%3A/h/c', rejected: ['other'] },
  { url: '/%zz', s3: '/%25zz', rejected: 'always' },
  { url: '/a?b=%zz', s3: '/a', query: ['b=%25zz'], rejected: 'always' },
  { url: '/a b', s3: '/a%20b' },
  { url: '/a?b c="', s3: '/a', query: ['b%20c=%22'] },
  { url: '/a"<>^`{|}', s3: '/a%22%3C%3E%5E%60%7B%7C%7D' },
  { url: '/#x', s3: '/%23x', rejected: 'always' },
  { url: '/a?b#c', s3: '/a', query: ['b%23c='], rejected: 'always' },
  { url: '/a\\b', s3: '/a%5Cb', rejected: 'always' },
  { url: '/a\tb', s3: '/a%09b', rejected: 'always' },
  { url: '/%41%2fb', s3: '/A/b', other: '/%2541%252fb' },
  { url: '/?', s3: '/' },
]

export const TARGET_NOW = Date.UTC(2015, 7, 30, 12, 36)
const DATE = '20150830T123600Z'

const HOSTS = {
  s3: ['photos.s3.eu-west-1.amazonaws.com', 's3'],
  other: ['abc.execute-api.eu-west-1.amazonaws.com', 'execute-api'],
} as const

/** Returns every target, for S3 and for another service, signed in a header and in the query. */
export const targetCases = () =>
  TARGETS.flatMap((target) =>
    (['s3', 'other'] as const).flatMap((kind) =>
      (['header', 'query'] as const).map((location) => ({ url: target.url, kind, location, target })),
    ),
  )

/** Signs a target with strings that contain it unchanged. */
export function signTarget({ target, kind, location }: ReturnType<typeof targetCases>[number]) {
  const [host, service] = HOSTS[kind]
  const scope = `20150830/eu-west-1/${service}/aws4_request`
  const isPresigned = location === 'query'
  const payloadHash = isPresigned && kind === 's3' ? 'UNSIGNED-PAYLOAD' : EMPTY_HASH
  const hashHeader = kind === 's3' ? [['x-amz-content-sha256', EMPTY_HASH] as const] : []
  const headers = [['host', host] as const, ...(isPresigned ? [] : [...hashHeader, ['x-amz-date', DATE] as const])]
  const signedHeaders = headers.map(([name]) => name).join(';')
  const credential = `${CREDENTIALS.accessKeyId}/${scope}`
  const added = isPresigned
    ? [
        'X-Amz-Algorithm=AWS4-HMAC-SHA256',
        `X-Amz-Credential=${credential.replaceAll('/', '%2F')}`,
        `X-Amz-Date=${DATE}`,
        'X-Amz-Expires=900',
        'X-Amz-SignedHeaders=host',
      ]
    : []
  const canonicalRequest = [
    'GET',
    (kind === 'other' && target.other) || target.s3,
    [...added, ...(target.query ?? [])].sort().join('&'),
    ...headers.map((pair) => pair.join(':')),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n')
  const stringToSign = `AWS4-HMAC-SHA256\n${DATE}\n${scope}\n${sha256(canonicalRequest)}`
  const signature = hmacHex(signingKey(CREDENTIALS.secretAccessKey, scope), stringToSign)
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  const separator = target.url.includes('?') ? '&' : '?'
  return {
    canonicalRequest,
    signature,
    /** What is signed. */
    unsigned: { method: 'GET', url: target.url, headers: Object.fromEntries(headers) },
    /** What is sent. */
    request: {
      method: 'GET',
      url: isPresigned
        ? `${target.url}${separator}${[...added, `X-Amz-Signature=${signature}`].join('&')}`
        : target.url,
      headers: { ...Object.fromEntries(headers), ...(!isPresigned && { authorization }) },
    },
    service,
  }
}
