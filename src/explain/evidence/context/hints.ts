import type { Found, Hint, Paste } from '../found.ts'
import { idiomHints, type Shown } from './idioms.ts'
import { proxyHints } from './proxies.ts'

// What a paste shows beside the request: commands, versions and configuration that are known to break signatures.

/** Everything that suggests a cause. If the headers are shown, the version of the client is not needed. */
export function hintsOf(paste: Paste, found: readonly Found[], endpoint: string | undefined, shown: Shown): Hint[] {
  const hints: Hint[] = []
  for (const [line, text] of paste.lines.entries()) {
    if (text.length < 12) continue
    const part = text.length > 4000 ? text.slice(0, 4000) : text
    if (isEchoed(part))
      hints.push({
        cause: 'secret-whitespace',
        line,
        description: 'Command that stores a secret with the line end that echo adds',
      })
    else if (isEndedLine(part))
      hints.push({ cause: 'secret-whitespace', line, description: 'Secret that is set with white space at its end' })
    if (/\bmeta|x-amz-meta/i.test(part) && /["'][^"'\n]{0,200}?\S {2,9}\S[^"'\n]{0,200}["']/.test(part))
      hints.push({ cause: 'header-whitespace', line, description: 'Metadata with several spaces in a row' })
    else if (
      /\bmeta(?:data)?["'`]?\s{0,9}(?:[:=({]|=>)/i.test(part) &&
      /["'][^"'\n]{0,200}?[\u00a1-\uffff][^"'\n]{0,200}["']/.test(part)
    )
      hints.push({ cause: 'header-changed', line, description: 'Metadata with characters other than ASCII' })
    if (/chunk signature (?:mismatch|does not match)|signature of (?:last )?chunk does not match/i.test(part))
      hints.push({
        cause: 'streaming-chunk-signature',
        line,
        description: 'Error: the signature of a chunk does not match',
      })
  }
  const version = shown.isShown ? undefined : checksumVersion(paste, found, endpoint)
  return [
    ...hints,
    ...(version ? [version] : []),
    ...proxyHints(paste, endpoint),
    ...idiomHints(paste, found, endpoint, shown),
  ]
}

const TOOL =
  /\b(?:(?:docker|podman) secret create|kubectl (?:-n \S{1,60} )?create secret|base64\b(?! *(?:-d|--decode|-D))|kubeseal|vault (?:kv|write)|gcloud secrets|aws (?:secretsmanager|ssm)|gh secret set|wrangler secret put|fly secrets|tee\b|xargs\b)/i

/** Whether a command passes a secret through `echo`, which adds a line end. */
function isEchoed(line: string): boolean {
  const [, argument, rest] = /\becho +(?!-[a-zA-Z]{0,2}n)([^|>]{1,300})(\|.{1,300}|> *\S.{0,200})$/.exec(line) ?? []
  if (argument === undefined || rest === undefined || !/secret|passw|key|token/i.test(line)) return false
  return TOOL.test(rest) ? true : /^>/.test(rest) && /secret|key|passw/i.test(rest)
}

/** Whether the value of a secret ends with white space, or with the escape of it. */
function isEndedLine(line: string): boolean {
  const named =
    /(?:\b|_)secret[\w-]{0,40}["'`]? {0,3}(?:=>|[:=]) {0,3}(["'`])[^"'`\s]{1,200}?((?:\\[nrt]|[ \t]){1,4})["'`]/i.exec(
      line,
    )
  return named !== null && named[2] !== undefined
}

/** Versions since which SDKs add a checksum to every upload, by default. */
const SINCE: readonly (readonly [name: RegExp, major: number, minor: number])[] = [
  [/\bbotocore[ /#=@v-]{1,4}(\d{1,2})\.(\d{1,4})/gi, 1, 36],
  [/\bboto3(?: went| was| is|)(?: up| upgraded| updated|)(?: to|)[ /#=@v>:`"'~^-]{1,6}(\d{1,2})\.(\d{1,4})/gi, 1, 36],
  [/\baws-cli[ /#=@v]{1,3}(2)\.(\d{1,4})/gi, 2, 23],
  [/\baws-?cli[ /#=@v-]{1,4}(1)\.(\d{1,4})/gi, 1, 37],
  [/\baws-sdk-js\/(\d{1,2})\.(\d{1,4})/gi, 3, 729],
  [/@aws-sdk\/[\w-]{2,40}["'`: @=^~v]{1,8}(\d{1,2})\.(\d{1,4})/gi, 3, 729],
  [/\baws-sdk-java[ /:@v]{1,3}(\d{1,2})\.(\d{1,4})/gi, 2, 30],
  [/\bsoftware\.amazon\.awssdk:[\w-]{1,40}:(\d{1,2})\.(\d{1,4})/gi, 2, 30],
  [/\baws-sdk-php[ /:@v]{1,3}(\d{1,2})\.(\d{1,4})/gi, 3, 337],
  [/\baws-sdk-s3[ /:@v(]{1,4}(\d{1,2})\.(\d{1,4})/gi, 1, 178],
  [/\bservice\/s3[ @/v]{1,4}(\d{1,2})\.(\d{1,4})/gi, 1, 73],
]
const OTHERS =
  /\b(?:minio|ceph|rgw|radosgw|cloudflare|r2|backblaze|b2|wasabi|garage|seaweedfs|gcs|google cloud storage|storage\.googleapis\.com|oss|aliyuncs|digitalocean|scaleway|hetzner|ovh|netapp|storagegrid|ecs|supabase|oracle|linode|vultr|storj|openio|swift|zenko|cloudserver|rustfs|tigris|yandex)\b/i

/** A version that adds checksums, where the service is not that of AWS. */
function checksumVersion(
  { text, starts }: Paste,
  found: readonly Found[],
  endpoint: string | undefined,
): Hint | undefined {
  const operation = /when calling the (\w{3,40}) operation|operation error S3: (\w{3,40})/.exec(text)
  const name = operation?.[1] ?? operation?.[2]
  const isUpload = name === undefined ? true : /^(?:Put|Upload|Create|Complete|Delete)/.test(name)
  const isSent = found.some(({ request }) => /^(?:GET|HEAD)$/.test(request?.method ?? ''))
  const isAws = endpoint !== undefined && /amazonaws\.com/i.test(endpoint)
  if (!isUpload || isSent || isAws || (endpoint === undefined && !OTHERS.test(text.slice(0, 100_000)))) return undefined
  for (const [pattern, major, minor] of SINCE)
    for (const match of text.slice(0, 300_000).matchAll(pattern)) {
      if (Number(match[1]) < major || (Number(match[1]) === major && Number(match[2]) < minor)) continue
      let line = 0
      while (line + 1 < starts.length && starts[line + 1]! <= match.index!) line++
      return { cause: 'checksum', line, description: `Version that adds checksums by default: ${match[1]}.${match[2]}` }
    }
  return undefined
}
