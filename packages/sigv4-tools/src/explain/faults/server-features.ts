// S3-compatible servers, and features that they do not support. packages/sigv4-tools/fixtures/servers/features.tsv has the dates and sources,
// and more servers, which do not identify themselves.

/**
 * Servers, one per line: `name | how it identifies itself, by its host, a header of its response, or the ID of a request |
 * what it does not support`. After a feature, in brackets: the version since which it does, or the time of the report.
 */
const SERVERS = `Cloudflare R2 | \\.r2\\.cloudflarestorage\\.com | forms, chunks
Backblaze B2 | \\.backblazeb2\\.com | forms, checksums
Google Cloud Storage | storage\\.googleapis\\.com|x-guploader-uploadid | trailers
OVHcloud | \\.cloud\\.ovh\\.(?:net|us) | forms (since July 2026), trailers (in May 2025), checksums (in May 2025)
Oracle Cloud | \\.oraclecloud\\.com | trailers (since July 2026), chunks (since July 2026)
Alibaba Cloud OSS | \\.aliyuncs\\.com|x-oss-request-id | trailers, conditions
Hetzner | \\.your-objectstorage\\.com | trailers (in May 2025)
Storj | \\.storjshare\\.io | trailers (in January 2025)
Ceph | \\btx0{3}[\\da-f]|ceph object gateway | trailers (in 18.2.4)
OpenStack Swift | x-trans-id | trailers (since 2.35.1), chunks (since 2.35.1), checksums (since 2.35.1)
SeaweedFS | server: seaweedfs | trailers (since February 2025)`

/** The fix for checksums, and for features without a specific one. */
export const SWITCH =
  "Set AWS_REQUEST_CHECKSUM_CALCULATION=when_required and AWS_RESPONSE_CHECKSUM_VALIDATION=when_required, or in code requestChecksumCalculation: 'WHEN_REQUIRED' (JavaScript), Config(request_checksum_calculation='when_required') (boto3)."

/** Features, the most specific first, one per line: `name | cause | how a request shows it | what it is | how to turn it off`. */
const FEATURES = `forms | not-supported | ^POST(?=.*\\ncontent-type: multipart/form-data) | HTML forms | Upload with a presigned URL instead: npx sigv4-tools presign put.
version 4a | algorithm | \\nalgorithm: AWS4-ECDSA | Signature Version 4a | Sign with Signature Version 4: import from sigv4 instead of sigv4/sigv4a.
trailers | streaming | \\nx-amz-(?:content-sha256: STREAMING-[^\\n]*-TRAILER|trailer:) | checksums in trailers, which AWS SDKs send by default since January 2025 |
chunks | streaming | \\nx-amz-content-sha256: STREAMING-(?![^\\n]*EVENTS) | signed chunks | Sign the complete body: chunkedEncodingEnabled(false) in Java, DisablePayloadSigning in .NET, sign instead of signChunks in sigv4.
conditions | not-supported | ^(?:PUT|POST|DELETE)(?=.*\\nif-(?:none-)?match:) | conditional writes | Do not send If-None-Match or If-Match, or use a server that supports conditional writes.
checksums | checksum | \\nx-amz-(?:sdk-checksum-algorithm|checksum-[\\w-]+): | checksum headers, which AWS SDKs send by default since January 2025 |`

/** A feature that a request uses, and whether the server is known not to support it. */
export interface UsedFeature {
  readonly name: string
  readonly cause: string
  readonly what: string
  /** The way to turn it off in clients. */
  readonly fix: string
  /** Period without support: `since …` a version, `in …` a month; empty for always; `undefined` if unknown. */
  readonly when: string | undefined
}

/** Returns the name of a server by its `identity`: the host, the headers of the response, and the IDs in its error, in lowercase. */
export function serverName(identity: string): string | undefined {
  return rowOf(SERVERS, (row) => RegExp(row[1]!).test(identity))?.[0]
}

/** Returns the feature that a request uses: its method, and lines of its headers and its algorithm. */
export function usedFeature(request: string, server: string | undefined): UsedFeature | undefined {
  const row = rowOf(FEATURES, (each) => RegExp(each[2]!, 's').test(request))
  if (!row) return undefined
  const [name = '', cause = '', , what = '', fix = ''] = row
  const lacks = rowOf(SERVERS, (each) => each[0] === server)?.[2] ?? ''
  const found = lacks.split(', ').find((each) => each === name || each.startsWith(`${name} (`))
  return { name, cause, what, fix: fix || SWITCH, when: found?.slice(name.length + 2, -1) }
}

function rowOf(table: string, is: (row: readonly string[]) => boolean): readonly string[] | undefined {
  return table
    .split('\n')
    .map((line) => line.split(/ \| ?/))
    .find(is)
}
