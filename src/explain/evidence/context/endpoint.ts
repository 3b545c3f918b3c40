import type { Found, Paste } from '../found.ts'
import { trimEnd } from '../shapes/urls.ts'

// The endpoint that the client was configured with: in its code, its environment, its command, its debug log.

const NAMED =
  /\b[\w.-]{0,30}(?:end_?point|service_?url|host_base|server_?url)[\w-]{0,20}["'`\]]{0,2}(?: is| was|)\s{0,3}(?:=>|:=|[:=(,]|)\s{0,3}(?:\{\s{0,9}["']?s3["']?\s{0,3}[:=]\s{0,3})?(?:new )?(?:[\w.:]{1,30}\()?(?:new )?(?:[\w.:]{1,30}\()?["'`]?(https?:\/\/[^\s"'`,;)<>\\]{3,300})/gi
const COMMAND = /\bmc(?:\.exe)? (?:alias|config host) (?:set|add) \S{1,60} (https?:\/\/[^\s"'`]{3,300})/g
const CONNECTION = /(?:creating new|re-using) connection: (https?:\/\/[^\s#"']{3,300})/g
const BARE =
  /\b\w{0,30}(?:end_?point|host_base)["'`]?\s{0,3}[:=]\s{0,3}["'`]?((?:[a-z\d-]{1,63}\.){0,8}[a-z\d-]{1,63}(?::\d{1,5})?)["'`]?(?=[,;\s})]|$)/gim
const MINIO = /\b(?:Minio|minio\.New|NewClient)\(\s{0,9}["'`]((?:[a-z\d-]{1,63}\.){0,8}[a-z\d-]{1,63}:\d{1,5})["'`]/gi

/** The last endpoint before the error, unchanged; if it has no scheme, with the scheme and port that are configured next to it. */
export function endpointOf({ text, starts }: Paste, pieces: readonly Found[] = []): string | undefined {
  const found: { at: number; endpoint: string }[] = []
  for (const pattern of [NAMED, COMMAND, CONNECTION])
    for (const match of text.matchAll(pattern)) {
      const endpoint = trimEnd(match[1]!)
      if (!/[@?#$]/.test(endpoint) && !/\/\/(?:docs|aws|console)\./.test(endpoint))
        found.push({ at: match.index!, endpoint })
    }
  if (found.length === 0)
    for (const pattern of [BARE, MINIO])
      for (const match of text.matchAll(pattern)) {
        const name = match[1]!
        const near = text.slice(match.index! + match[0].length, match.index! + match[0].length + 200)
        const [, port] = /^[\s\S]{0,40}?\bport["']?\s{0,3}[:=]\s{0,3}(\d{2,5})/i.exec(near) ?? []
        const isPlain = /\b(?:use_?ssl|secure|use_https)["']?\s{0,3}[:=]\s{0,3}(?:false|no|0)\b/i.test(near)
        if (/[.:]/.test(name) || port !== undefined)
          found.push({
            at: match.index!,
            endpoint: `${isPlain ? 'http' : 'https'}://${name}${port === undefined || name.includes(':') ? '' : `:${port}`}`,
          })
      }
  found.sort((a, b) => a.at - b.at)
  // what worked often follows what failed
  const error = pieces.find(({ kind }) => kind === 'error' || kind === 'response')
  const before = error ? found.filter(({ at }) => at < starts[error.from]!) : []
  return (before[before.length - 1] ?? found[found.length - 1])?.endpoint
}

/** A presigned URL with the signature of another one and a different host: the one before it was signed, this was sent. */
export interface Twins {
  readonly signed: string
  readonly sent: string
}

/** The presigned URLs that differ from another one in their host only. */
export function twinsOf(found: readonly Found[], url: string | undefined): Twins | undefined {
  const signature = signatureOf(url)
  if (signature === undefined) return undefined
  const urls = found.flatMap(({ request }) => (signatureOf(request?.url) === signature ? [request!.url!] : []))
  const [first] = urls
  const origin = originOf(first ?? '')
  const other = urls.find((each) => originOf(each) !== undefined && originOf(each) !== origin)
  return origin === undefined || other === undefined ? undefined : { signed: origin, sent: other }
}

function signatureOf(url: string | undefined): string | undefined {
  return /[?&]X-Amz-Signature=([\da-f]{64})/i.exec(url ?? '')?.[1]
}

function originOf(url: string): string | undefined {
  return /^https?:\/\/[^/?#@]+/i.exec(url)?.[0].toLowerCase()
}
