// Servers that are compatible with S3, and what they do not support. fixtures/servers/features.tsv has the dates and sources,
// and more servers, which do not identify themselves.

/** What a request can contain and a server may lack, the most specific first. */
export type Feature = 'forms' | 'Signature Version 4a' | 'trailers' | 'chunks' | 'conditions' | 'checksums'

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
Ceph | \\btx0{3}[\\da-f]|ceph object gateway | trailers (since 19.2)
OpenStack Swift | x-trans-id | trailers (since 2.35.1), chunks (since 2.35.1), checksums (since 2.35.1)
SeaweedFS | server: seaweedfs | trailers (since February 2025)`

/** A server that has identified itself. */
export interface Server {
  readonly name: string
  /** When it did not support a feature: `since …`, `in …`, or always if that is empty. */
  readonly lacks: ReadonlyMap<string, string>
}

/** Recognizes a server by `identity`: the host, the headers of the response, and the IDs in its error, in lowercase. */
export function recognizeServer(identity: string): Server | undefined {
  for (const line of SERVERS.split('\n')) {
    const [name = '', patterns = '', features = ''] = line.split(' | ')
    if (!RegExp(patterns).test(identity)) continue
    const lacks = new Map<string, string>()
    for (const [, feature = '', when = ''] of features.matchAll(/([\w ]+?)(?: \(([^)]+)\))?(?:, |$)/g))
      lacks.set(feature, when)
    return { name, lacks }
  }
  return undefined
}
