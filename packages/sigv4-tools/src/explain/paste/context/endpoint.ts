import type { Found, Paste } from '../model/found.ts'
import { trimEnd } from '../readers/urls.ts'

// The endpoint that the client was configured with: in its code, its environment, its command, its debug log.

const NAMED =
  /\b[\w.-]{0,30}(?:end_?point|service_?url|host_base|server_?url)[\w-]{0,20}["'`\]]{0,2}(?: is| was|)\s{0,3}(?:=>|:=|[:=(,]|)\s{0,3}(?:\{\s{0,9}["']?s3["']?\s{0,3}[:=]\s{0,3})?(?:new )?(?:[\w.:]{1,30}\()?(?:new )?(?:[\w.:]{1,30}\()?["'`]?(https?:\/\/[^\s"'`,;)<>\\]{3,300})/gi
const COMMAND = /\bmc(?:\.exe)? (?:alias|config host) (?:set|add) \S{1,60} (https?:\/\/[^\s"'`]{3,300})/g
const CONNECTION = /(?:creating new|re-using) connection: (https?:\/\/[^\s#"']{3,300})/g
/** The host to which curl connected. */
const CONNECTED = /^\* Connected to ([\w.-]{1,253}) \([^()]{1,80}\) port (\d{1,5})/gm
/** A host without a scheme, which other options add. */
const BARE =
  /(?:\b\w{0,30}(?:end_?point|host_base)["'`]?\s{0,3}[:=]\s{0,3}|\b(?:Minio|minio\.New)\(\s{0,9})["'`]?((?:[a-z\d-]{1,63}\.){0,8}[a-z\d-]{1,63}(?::\d{1,5})?)["'`]?(?=[,;\s})]|$)/gim
const PLAIN = /\b(?:use_?ssl|secure|use_https)["']?\s{0,3}[:=]\s{0,3}(?:false|no|0)\b/i
const PORT = /^[\s\S]{0,40}?\bport["']?\s{0,3}[:=]\s{0,3}(\d{2,5})/i
const NEAR = 200

interface Configured {
  readonly at: number
  readonly endpoint: string
}

/** The last endpoint before the error, unchanged; if it has no scheme, with the scheme and port that are configured next to it. */
export function endpointOf({ text, starts }: Paste, pieces: readonly Found[]): string | undefined {
  const named = [NAMED, COMMAND, CONNECTION].flatMap((pattern) => namedBy(text, pattern))
  const bare = [...bareIn(text), ...connectedIn(text)]
  const found = (named.length > 0 ? named : bare).sort((a, b) => a.at - b.at)
  // an endpoint that worked often follows one that failed
  const error = pieces.find(({ kind }) => kind === 'error' || kind === 'response')
  const end = error ? starts[error.from] : undefined
  const before = end === undefined ? [] : found.filter(({ at }) => at < end)
  return (before[before.length - 1] ?? found[found.length - 1])?.endpoint
}

function namedBy(text: string, pattern: RegExp): Configured[] {
  return [...text.matchAll(pattern)]
    .map(({ 1: url = '', index }) => ({ at: index, endpoint: trimEnd(url) }))
    .filter(({ endpoint }) => !/[@?#$]|\/\/(?:docs|aws|console)\./.test(endpoint))
}

function bareIn(text: string): Configured[] {
  return [...text.matchAll(BARE)].flatMap(({ 0: match, 1: name = '', index }) => {
    const near = text.slice(index + match.length, index + match.length + NEAR)
    const port = name.includes(':') ? undefined : PORT.exec(near)?.[1]
    if (!/[.:]/.test(name) && port === undefined) return []
    return { at: index, endpoint: `${PLAIN.test(near) ? 'http' : 'https'}://${name}${port ? `:${port}` : ''}` }
  })
}

function connectedIn(text: string): Configured[] {
  // such a proxy forwards the bytes, so the host is that of the request
  if (/CONNECT tunnel|HTTP proxy tunnel/i.test(text)) return []
  return [...text.matchAll(CONNECTED)].flatMap(({ 1: name, 2: port, index }) => {
    const host = port === '443' || port === '80' ? name : `${name}:${port}`
    // usually it is the host of the request
    return text.includes(`Host: ${host}`) ? [] : { at: index, endpoint: `http${port === '443' ? 's' : ''}://${host}` }
  })
}

/** A presigned URL with the signature of another one and a different host: the one before it was signed, this was sent. */
export interface Twins {
  readonly signed: string
  readonly sent: string
}

/** The presigned URLs that differ from another one in their host only. */
export function twinsOf(found: readonly Found[], url: string | undefined): Twins | undefined {
  const signatureOf = (text = ''): string | undefined => /[?&]X-Amz-Signature=([\da-f]{64})/i.exec(text)?.[1]
  const originOf = (text = ''): string | undefined => /^https?:\/\/[^/?#@]+/i.exec(text)?.[0].toLowerCase()
  const signature = signatureOf(url)
  if (signature === undefined) return undefined
  const urls = found.flatMap(({ request }) =>
    request?.url !== undefined && signatureOf(request.url) === signature ? [request.url] : [],
  )
  const signed = originOf(urls[0])
  const sent = urls.find((each) => originOf(each) !== undefined && originOf(each) !== signed)
  return signed === undefined || sent === undefined ? undefined : { signed, sent }
}
