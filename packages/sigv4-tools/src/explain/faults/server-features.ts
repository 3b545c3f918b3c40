import type { Cause } from '../model/causes.ts'

// S3-compatible servers, and features that they do not support. packages/sigv4-tools/fixtures/servers/features.tsv has the dates and sources,
// and more servers, which do not identify themselves.

/** A feature that a server may not support. */
type FeatureName = 'forms' | 'version 4a' | 'trailers' | 'chunks' | 'conditions' | 'checksums'

/** A period without support, by the version or the month that ended it, or in which it was reported. */
type Period = 'always' | `since ${string}` | `in ${string}`

interface ServerRow {
  readonly name: string
  /** The way it identifies itself: its host, a header of its response, or the ID of a request, in lowercase. */
  readonly identity: RegExp
  /** The features that it does not support, and when. */
  readonly lacks: Readonly<Partial<Record<FeatureName, Period>>>
}

interface FeatureRow {
  readonly name: FeatureName
  readonly cause: Cause
  /** The way a request shows it: its method, and lines of its headers and its algorithm. */
  readonly shows: RegExp
  readonly what: string
  /** The way to turn it off in clients. */
  readonly fix: string
  /** A server without it cannot report what it has read. */
  readonly isUnread?: true
}

export const SERVERS: readonly ServerRow[] = [
  { name: 'Cloudflare R2', identity: /\.r2\.cloudflarestorage\.com/, lacks: { forms: 'always', chunks: 'always' } },
  { name: 'Backblaze B2', identity: /\.backblazeb2\.com/, lacks: { forms: 'always', checksums: 'always' } },
  {
    name: 'Google Cloud Storage',
    identity: /storage\.googleapis\.com|x-guploader-uploadid/,
    lacks: { trailers: 'always' },
  },
  {
    name: 'OVHcloud',
    identity: /\.cloud\.ovh\.(?:net|us)/,
    lacks: { forms: 'since July 2026', trailers: 'in May 2025', checksums: 'in May 2025' },
  },
  {
    name: 'Oracle Cloud',
    identity: /\.oraclecloud\.com/,
    lacks: { trailers: 'since July 2026', chunks: 'since July 2026' },
  },
  {
    name: 'Alibaba Cloud OSS',
    identity: /\.aliyuncs\.com|x-oss-request-id/,
    lacks: { trailers: 'always', conditions: 'always' },
  },
  { name: 'Hetzner', identity: /\.your-objectstorage\.com/, lacks: { trailers: 'in May 2025' } },
  { name: 'Storj', identity: /\.storjshare\.io/, lacks: { trailers: 'in January 2025' } },
  { name: 'Ceph', identity: /\btx0{3}[\da-f]|ceph object gateway/, lacks: { trailers: 'in 18.2.4' } },
  {
    name: 'OpenStack Swift',
    identity: /x-trans-id/,
    lacks: { trailers: 'since 2.35.1', chunks: 'since 2.35.1', checksums: 'since 2.35.1' },
  },
  { name: 'SeaweedFS', identity: /server: seaweedfs/, lacks: { trailers: 'since February 2025' } },
]

/** The fix for checksums, and for features without a specific one. */
export const SWITCH =
  "Set AWS_REQUEST_CHECKSUM_CALCULATION=when_required and AWS_RESPONSE_CHECKSUM_VALIDATION=when_required, or in code requestChecksumCalculation: 'WHEN_REQUIRED' (JavaScript), Config(request_checksum_calculation='when_required') (boto3)."

/** The most specific first. */
const FEATURES: readonly FeatureRow[] = [
  {
    name: 'forms',
    cause: 'not-supported',
    shows: /^POST(?=.*\ncontent-type: multipart\/form-data)/s,
    what: 'HTML forms',
    fix: 'Upload with a presigned URL instead: npx sigv4-tools presign put.',
  },
  {
    name: 'version 4a',
    cause: 'algorithm',
    shows: /\nalgorithm: AWS4-ECDSA/s,
    what: 'Signature Version 4a',
    fix: 'Sign with Signature Version 4: import from sigv4 instead of sigv4/sigv4a.',
    isUnread: true,
  },
  {
    name: 'trailers',
    cause: 'streaming',
    shows: /\nx-amz-(?:content-sha256: STREAMING-[^\n]*-TRAILER|trailer:)/s,
    what: 'checksums in trailers, which AWS SDKs send by default since January 2025',
    fix: SWITCH,
  },
  {
    name: 'chunks',
    cause: 'streaming',
    shows: /\nx-amz-content-sha256: STREAMING-(?![^\n]*EVENTS)/s,
    what: 'signed chunks',
    fix: 'Sign the complete body: chunkedEncodingEnabled(false) in Java, DisablePayloadSigning in .NET, sign instead of signChunks in sigv4.',
  },
  {
    name: 'conditions',
    cause: 'not-supported',
    shows: /^(?:PUT|POST|DELETE)(?=.*\nif-(?:none-)?match:)/s,
    what: 'conditional writes',
    fix: 'Do not send If-None-Match or If-Match, or use a server that supports conditional writes.',
  },
  {
    name: 'checksums',
    cause: 'checksum',
    shows: /\nx-amz-(?:sdk-checksum-algorithm|checksum-[\w-]+):/s,
    what: 'checksum headers, which AWS SDKs send by default since January 2025',
    fix: SWITCH,
  },
]

/** A feature that a request uses, and whether the server is known not to support it. */
export interface UsedFeature extends FeatureRow {
  /** The period without support; `undefined` if unknown. */
  readonly when: Period | undefined
}

/** Returns the name of a server by its `identity`: the host, the headers of the response, and the IDs in its error, in lowercase. */
export function serverName(identity: string): string | undefined {
  return SERVERS.find((row) => row.identity.test(identity))?.name
}

/** Returns the feature that a request uses: its method, and lines of its headers and its algorithm. */
export function usedFeature(request: string, server: string | undefined): UsedFeature | undefined {
  const row = FEATURES.find(({ shows }) => shows.test(request))
  const { lacks = {} }: Partial<ServerRow> = SERVERS.find(({ name }) => name === server) ?? {}
  return row && { ...row, when: lacks[row.name] }
}
