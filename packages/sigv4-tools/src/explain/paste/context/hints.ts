import { decode } from '../../../../../../src/internal/encoding.ts'
import { type Found, type Hint, lineAt, type Paste } from '../model/found.ts'
import { LONGEST, wordHints } from './words.ts'

// Commands, versions, and configuration in a paste that are known to break signatures.

type Cause = Hint['cause']

/** Lines that suggest a cause. */
const LINES: readonly [pattern: RegExp, cause: Cause, description: string][] = [
  [
    /^(?=.*(?:secret|passw|key|token)).*?\becho +(?!-[a-z]{0,2}n)[^|>]{1,300}(?:\| *(?:(?:docker|podman|kubectl|gcloud|vault|aws|gh|wrangler|fly) .{0,80}secret|base64\b(?! *-+d)|tee\b|xargs\b)|> *\S{0,100}(?:secret|key|passw))/i,
    'secret-whitespace',
    'Command that stores a secret with the newline that echo adds',
  ],
  [
    /secret[\w-]{0,40}["'`]? {0,3}(?:=>|[:=]) {0,3}(["'`])[^"'`\s]{1,200}?(?:\\[nrt]|[ \t]){1,4}\1/i,
    'secret-whitespace',
    'Secret with trailing whitespace',
  ],
  [
    /\b(?:x-amz-)?meta.{0,300}["'](?:[^"'\n]{0,200}?\S {2,9}\S[^"'\n]{0,200}["']|[^"'\n]{1,200} ["']\))/i,
    'header-whitespace',
    'Metadata with consecutive or trailing spaces',
  ],
  [
    /\bmeta(?:data)?["'`]?\s{0,9}(?:[:=({]|=>).{0,300}["'][^"'\n]{0,200}?[\u00a1-\uffff]/i,
    'header-changed',
    'Metadata with non-ASCII characters',
  ],
  [/\bpolicy["']?\s{0,3}[=:]\s{0,3}b'eyJ/, 'policy-malformed', 'Policy that was printed as Python bytes'],
  [
    /^\s*rewrite +\^?\/\S{1,200} +\/|\b(?:rewrite-target|stripprefix|prefix_rewrite|strip_prefix|handle_path)\b.*[;:={(*]|\bstrip_?path["']?\s{0,3}[:=]\s{0,3}["']?true/i,
    'path',
    'Proxy configuration that rewrites the path',
  ],
]

/** Everything that suggests a cause. If the headers are shown, the version of the client is not needed. */
export function hintsOf(
  paste: Paste,
  found: readonly Found[],
  endpoint: string | undefined,
  areHeadersKnown: boolean,
): Hint[] {
  const hints: Hint[] = []
  for (const [line, text] of paste.lines.entries()) {
    if (text.length < 12) continue
    const part = text.slice(0, 2000)
    for (const [pattern, cause, description] of LINES) if (pattern.test(part)) hints.push({ cause, line, description })
    if (hints.length > 20) break
  }
  const version = areHeadersKnown ? undefined : checksumVersion(paste, found, endpoint)
  return [...hints, ...rewrittenPath(paste), ...(version ? [version] : []), ...wordHints(paste, areHeadersKnown)]
}

const MOST_PATHS = 200

/** A path that is written in two ways, such as `%3D` for `=`. */
function rewrittenPath(paste: Paste): Hint[] {
  const seen = new Map<string, string>()
  const text = paste.text.slice(0, LONGEST)
  for (const { 1: before = '', 2: path = '', index } of text.matchAll(
    /(^|[\s"'`(=])((?:https?:\/)?\/[^\s"'<>`?]{3,500})/gm,
  )) {
    if (seen.size > MOST_PATHS) break
    const plain = decode(path.replaceAll('+', ' '))
    const other = seen.get(plain) ?? path
    seen.set(plain, path)
    if (other.toLowerCase() !== path.toLowerCase())
      return [{ cause: 'path-encoding', line: lineAt(paste, index + before.length), description: 'Path in two forms' }]
  }
  return []
}

/** SDKs, and the version since which each adds a checksum to every upload by default. */
const SINCE: readonly [name: RegExp, major: number, minor: number][] = [
  [
    /\b(?:botocore|boto3?)(?: (?:went|was|is|up|upgraded|updated|to))*[ /#=@v>:`"'~^-]{1,6}(\d{1,2})\.(\d{1,4})/gi,
    1,
    36,
  ],
  [/(?:\baws-sdk-js\/|@aws-sdk\/[\w-]{2,40}["'`: @=^~v]{1,8})(\d{1,2})\.(\d{1,4})/gi, 3, 729],
]
const OTHERS =
  /\b(?:minio|ceph|rgw|cloudflare|r2|backblaze|wasabi|garage|seaweedfs|gcs|storage\.googleapis\.com|oss|aliyuncs|digitalocean|scaleway|hetzner|ovh|netapp|storagegrid|supabase|oracle|linode|storj|rustfs|tigris|yandex)\b/i

const CHANGED = /\b(?:(?:up|down)grad|bump|since|when using)/i

/** A version that adds checksums, if the service is not from AWS, or the text mentions a change of version. */
function checksumVersion(paste: Paste, found: readonly Found[], endpoint: string | undefined): Hint | undefined {
  const { text } = paste
  const [, name = 'Put'] = /(?:when calling the|operation error S3:) (\w{3,40})/.exec(text) ?? []
  const isRead = found.some(({ request }) => /^(?:GET|HEAD)$/.test(request?.method ?? ''))
  const isOther =
    endpoint === undefined
      ? OTHERS.test(text.slice(0, 100_000)) || CHANGED.test(text)
      : !/amazonaws\.com/i.test(endpoint)
  if (!/^(?:Put|Upload|Create|Complete|Delete)/.test(name) || isRead || !isOther) return undefined
  for (const [pattern, major, minor] of SINCE)
    for (const { 1: own, 2: part, index } of text.slice(0, 300_000).matchAll(pattern)) {
      if (Number(own) < major || (Number(own) === major && Number(part) < minor)) continue
      const line = lineAt(paste, index)
      return { cause: 'checksum', line, description: `Version that adds checksums by default: ${own}.${part}` }
    }
  return undefined
}
