import type { Hint, Paste } from '../found.ts'

// Configuration of proxies that changes what was signed: the host, its port, the path.

interface Rule {
  readonly pattern: RegExp
  readonly cause: Hint['cause']
  readonly description: string
}

const RULES: readonly Rule[] = [
  {
    pattern: /^\s*proxy_redirect +https?:\/\//,
    cause: 'host',
    description: 'Configuration of nginx that rewrites the host of a redirect',
  },
  {
    pattern: /^\s*rewrite +\^?\/\S{1,200} +\/\S{0,200}(?: +(?:break|last))?;/,
    cause: 'path',
    description: 'Configuration of nginx that rewrites the path',
  },
  {
    pattern:
      /\b(?:rewrite-target|strip_?path["']?\s{0,3}[:=]\s{0,3}["']?true|stripprefix|prefix_rewrite|handle_path|uri strip_prefix)/i,
    cause: 'path',
    description: 'Configuration of a proxy that rewrites the path',
  },
  {
    pattern:
      /\b(?:host_rewrite_literal|auto_host_rewrite|host_rewrite|upstream-vhost|preserve_host["']?\s{0,3}[:=]\s{0,3}["']?false|passhostheader["']?\s{0,3}[:=]\s{0,3}["']?false|ProxyPreserveHost +Off|header_up +-?Host\b|changeOrigin["']?\s{0,3}:\s{0,3}true)/i,
    cause: 'host',
    description: 'Configuration of a proxy that replaces the host',
  },
]
const MOST_LINES = 60

/** What the configuration of a proxy changes. */
export function proxyHints({ lines }: Paste, endpoint: string | undefined): Hint[] {
  const hints: Hint[] = []
  for (const [line, text] of lines.entries()) {
    if (text.length < 12) continue
    const part = text.slice(0, 1000)
    const pass = /^\s*proxy_pass +https?:\/\/([^\s/;]{1,300})(\/[^\s;]{0,300})?;/.exec(part)
    if (pass) hints.push(...passHints(lines, line, pass[1]!, pass[2], endpoint))
    for (const { pattern, cause, description } of RULES)
      if (/[;:={(]|\bhandle_path\b/.test(part) && pattern.test(part)) hints.push({ cause, line, description })
    if (hints.length > 20) break
  }
  return hints
}

/** What `proxy_pass` changes: without a Host of its own, the host; with a path, the prefix of the location. */
function passHints(
  lines: readonly string[],
  at: number,
  upstream: string,
  path: string | undefined,
  endpoint: string | undefined,
): Hint[] {
  // the directives around it, up to the next blocks of that kind
  const around: string[] = []
  let location: string | undefined
  for (let i = at - 1; i >= Math.max(at - MOST_LINES, 0); i--) {
    if (/^\s*proxy_pass\b/.test(lines[i]!)) break
    around.push(lines[i]!)
    location ??= /^\s*location +(?:\^~ +)?(\/[^\s{]{0,200})\s*\{/.exec(lines[i]!.slice(0, 400))?.[1]
    if (/^\s*server\s*\{/.test(lines[i]!)) break
  }
  for (let i = at + 1; i < Math.min(at + MOST_LINES, lines.length); i++) {
    if (/^\s*(?:\}|proxy_pass\b)/.test(lines[i]!)) break
    around.push(lines[i]!)
  }
  const host = around
    .map((line) => /^\s*proxy_set_header +["']?Host["']? +([^\s;]{1,200})/i.exec(line.slice(0, 400))?.[1])
    .find((each) => each)
  const client = /^https?:\/\/([^/]+)/i.exec(endpoint ?? '')?.[1]
  const hints: Hint[] = []
  // a URL for AWS is signed for the host of AWS, which is that of the upstream
  const isAws = client === undefined && /amazonaws\.com/i.test(upstream)
  if (host === undefined ? client !== upstream && !isAws : host === '$proxy_host' && !isAws)
    hints.push({
      cause: 'host',
      line: at,
      description: 'Configuration of nginx that passes the name of the upstream as Host',
    })
  else if (host === '$host' && /:\d+$/.test(client ?? ''))
    hints.push({
      cause: 'host-port',
      line: at,
      description: 'Configuration of nginx that passes Host without its port',
    })
  if (path?.includes('$1') || (path !== undefined && location !== undefined && location !== '/' && path !== location))
    hints.push({ cause: 'path', line: at, description: 'Configuration of nginx that replaces the start of the path' })
  return hints
}
