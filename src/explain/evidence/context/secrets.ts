import type { Hint } from '../found.ts'
import type { Line } from './lines.ts'

// Secrets in files and commands that change them: quotes, dollar signs, escapes, line ends.
// What looks like a secret is masked before: then only what is around it is left.

const NAME =
  /\b\w{0,40}(?:SECRET|secret|Secret|PASSWORD|[rR]oot_?[pP]assword)[\w.-]{0,40}["'`]?\s{0,3}(?::=|=>|[:=])\s{0,3}/
/** The last octet is a line end. */
const ENDED = /^[A-Za-z\d+/]{16,200}(?:Cg==|[AQgw]o=|[AEIMQUYcgkosw048]K)$/
const KUBERNETES = /^\s{0,20}kind: Secret\b/m
const QUOTED_FILE = /--env-file\b|\bEnvironmentFile=/

/** What the way of a secret changes. */
export function secretHints(lines: readonly Line[], text: string): Hint[] {
  const hints: Hint[] = []
  const isRaw = QUOTED_FILE.test(text)
  const isKubernetes = KUBERNETES.test(text)
  for (const { line, text: part } of lines) {
    if (hints.length > 9) break
    const named = NAME.exec(part)
    if (!named) continue
    const value = part.slice(named.index + named[0].length).trimEnd()
    const [, quote, quoted] = /^(["'])([^"']{4,200})\1/.exec(value) ?? []
    const inner = quoted ?? /^[^\s"',;#]{4,200}/.exec(value)?.[0] ?? ''
    if (isKubernetes && ENDED.test(inner))
      hints.push({ cause: 'secret-whitespace', line, description: 'Secret in base64 with a line end at its end' })
    else if (/^[\w+/-]{0,100}%(?:2[BF]|3D)[\w+/%=-]{0,100}$/i.test(inner))
      hints.push({ cause: 'secret-encoding', line, description: 'Secret that is encoded as in a URL' })
    else if (isRaw && quote !== undefined && /^\s{0,9}(?:export )?\w{1,60}=["']/.test(part) && !/^export/.test(part))
      hints.push({ cause: 'secret-encoding', line, description: 'Secret with quotes in a file that keeps them' })
    else if (isExpanded(part, quote, inner))
      hints.push({ cause: 'secret-encoding', line, description: 'Secret with a dollar sign that is expanded' })
  }
  return hints
}

/** Whether a shell or Compose reads a part of a secret as a variable. */
function isExpanded(part: string, quote: string | undefined, value: string): boolean {
  if (quote === "'" || !/^[^$\s{}()]{2,100}\$[A-Za-z_]\w{0,60}/.test(value) || value.includes('$$')) return false
  return /^\s{0,20}(?:- )?(?:export |set )?[A-Z][A-Z\d_]{3,60}\s{0,3}[=:]/.test(part)
}
