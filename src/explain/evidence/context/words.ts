import type { Hint } from '../found.ts'
import type { Line } from './lines.ts'

// What people say of an error: when it occurs, and when it does not.

interface Rule {
  readonly pattern: RegExp
  /** What the line must not say. */
  readonly unless?: RegExp
  readonly cause: Hint['cause']
  readonly description: string
}

const CHARACTERS =
  /\b(?:special (?:char|symbol)|spaces?\b|white-?space|blanks?\b|parenthes|brackets?\b|non-?ascii|unicode|umlaut|accent|diacritic|emoji|plus sign|commas?\b|apostrophe|ampersand|asterisk|exclamation|colons?\b|chinese|japanese|korean|cyrillic|arabic|hebrew)|(?:char|symbol)\w{0,7} ["'`(]{1,2}[^\w\s]|["'`][()!'*+@=&,:;$#[\]{}]["'`]/i
const NAMES = /\b(?:file|object|folder|path|key|director(?:y|ies))s?\b|\b\w{0,10}names?\b/i
const RELATION = /\b(?:with|without|contain\w{0,4}|includ\w{0,4}|ha[sd]|have|having|in|of|from|whose)\b/i
const VALUES =
  /\b(?:quer(?:y|ies)|parameters?|prefix(?:es)?|marker|continuation|search|list(?:ing|objects|bucket|s)?|filter)\b/i
/** Characters of other things: code, secrets, headers. */
const OTHERS =
  /secret|passw|access key|credential|meta-?data|headers?\b|signing string|code block|disk|space left|DigitalOcean|namespace/i
const SECRET = /secret|passw|access key|credential/i
const RULES: readonly Rule[] = [
  {
    pattern:
      /\b(?:slash(?:es)?|folder|prefix|path)\b[^.\n]{0,40}\bin (?:the |my |an? ){0,2}["'“]?bucket(?:[ _-]?names?)?\b|\bbucket(?:[ _-]?name)?s?\b[^.\n]{0,30}\b(?:contain|has|have|with|includ)\w{0,4} [^.\n]{0,20}\bslash/i,
    unless: /\b(?:objects?|files?|uploads?|lists?|stored|creat\w{1,4}) /i,
    cause: 'path',
    description: 'Words: a path in the name of the bucket',
  },
  {
    pattern:
      /\b(?:leading|double|extra|starting|multiple) (?:(?:forward )?slash(?:es)?\b|["'`]\/{1,2}["'`])|\bstarts? with (?:a )?(?:slash|["'`]\/["'`])/i,
    unless: SECRET,
    cause: 'path-normalization',
    description: 'Words: it depends on a slash in the path',
  },
  {
    pattern: /\btrailing (?:forward )?slash\b|\bends? with (?:a )?(?:slash|["'`]\/["'`])/i,
    unless: SECRET,
    cause: 'path-trailing-slash',
    description: 'Words: it depends on the slash at the end of the path',
  },
  {
    pattern:
      /\b(?:without|remov\w{1,4}|omit\w{0,4}|no) (?:the |any |my |a ){0,2}(?:query(?:[ -]?(?:string|param\w{0,6}))?|url param\w{0,6})\b[^.\n]{0,60}\b(?:works?|worked|fine|success\w{0,5}|goes through|ok)\b|\bworks?\b[^.\n]{0,40}\bwithout (?:the |any |a ){0,2}query/i,
    cause: 'query-encoding',
    description: 'Words: it depends on the query string',
  },
  {
    pattern:
      /\b(?:regenerat|re-?creat|generat|rotat|creat)\w{1,4} (?:an? |the |my |our |new |another ){1,3}(?:aws |s3 |access |secret |api ){0,3}(?:keys?|credentials|secret)\b[^.\n]{0,80}\b(?:work(?:s|ed)|fixe[sd]|solve[sd]|resolve[sd]|no longer|gone|helped)\b/i,
    unless: /\b(?:still|same|not work|didn|doesn|did not|slash|contain|plus)\b/i,
    cause: 'wrong-secret',
    description: 'Words: another secret works',
  },
  {
    pattern:
      /\b(?:secret|password)\b[^.\n]{0,60}\b(?:contain\w{0,4}|ha[sd]|have|starts?|ends?|includ\w{0,4}|with)\b[^.\n]{0,30}(?:["'`(][+/=$%&#!]["'`)]|\b(?:plus|slash|special char|dollar)| [+/$%] )/i,
    cause: 'secret-encoding',
    description: 'Words: it depends on the characters of the secret',
  },
  {
    pattern:
      /\b(?:secret|credentials?|access key|env\w{0,20})\b[^.\n]{0,60}\b(?:trailing (?:new ?line|space|white ?-?space)|new ?line|crlf|carriage return|white-?space)/i,
    unless: /\b(?:no|without|not|any) (?:a )?(?:trailing|new|white|extra)/i,
    cause: 'secret-whitespace',
    description: 'Words: white space in the secret',
  },
  {
    pattern: /\bwith CRLF(?:, LF)? line terminators/,
    cause: 'secret-whitespace',
    description: 'File with the line ends of Windows',
  },
  {
    pattern:
      /\bSystem clock synchronized: no\b|\btime drift\b|\bNTP (?:service: inactive|synchronized: no)|\b(?:clock|system time) (?:is |was |had )?(?:drift\w{0,3}|skew\w{0,3}|(?:\w{1,10} ){0,3}(?:behind|slow|wrong|out of sync|off))\b|\b(?:after|since)\b[^.\n]{0,40}\b(?:suspend\w{0,3}|hibernat\w{1,4}|slept|from sleep|asleep|wak(?:e|ing) up)\b/i,
    unless: /\b(?:not|isn't|no) (?:a )?(?:clock|time|drift|skew|wrong)|retr(?:y|ies)|setTimeout|sleep\(/i,
    cause: 'clock-past',
    description: 'Words: the clock is not right',
  },
  {
    pattern:
      /\b(?:works?|worked|working|succeeds?|fine|ok)\b[^.\n]{0,60}\b(?:curl|postman|insomnia|httpie)\b[^\n]{0,80}\b(?:but|not|fails?|doesn|while|however|403)\b[^\n]{0,80}\b(?:browsers?|chrome|firefox|safari|front-?end|axios|fetch|angular|react|vue|javascript|xhr|XMLHttpRequest|ajax)\b|\b(?:browsers?|chrome|front-?end|axios|fetch|angular|react|vue|ajax)\b[^.\n]{0,60}\b(?:fails?|403|doesn|not|error)\b[^\n]{0,80}\b(?:works?|fine|ok)\b[^.\n]{0,40}\b(?:curl|postman|insomnia|httpie)\b/i,
    cause: 'header-changed',
    description: 'Words: another client works, and the browser does not',
  },
  {
    pattern:
      /\b(?:works?|worked|working|fine|ok|succeeds?)\b[^.\n]{0,60}\b(?:local\w{0,4}|direct\w{0,2}|without|bypass\w{0,3}|port|ip)\b[^\n]{0,80}\b(?:but|not|fails?|doesn|while|however|when|403)\b[^\n]{0,60}\b(?:nginx|cloudflare|ingress|(?:reverse )?proxy|traefik|caddy|haproxy|load balancer|tunnel|ngrok|gateway|cdn)\b|\b(?:behind|through|via) (?:an? |the |my |our )?(?:nginx|cloudflare|ingress|(?:reverse )?proxy|traefik|caddy|haproxy|load balancer|tunnel|ngrok)\b[^\n]{0,100}\b(?:directly?|without (?:it|the proxy|nginx))\b[^\n]{0,40}\bworks?\b/i,
    cause: 'host',
    description: 'Words: it works without the proxy',
  },
  {
    pattern:
      /\.replace\(\s{0,3}["'`/]{1,2}[^"'`\n]{0,30}\b[a-z][\w-]{1,40}:\d{2,5}\b|\.replace\(\s{0,3}[\w.]{0,40}(?:internal|endpoint)\w{0,30}\s{0,3},/i,
    cause: 'host',
    description: 'Code that replaces the host of a URL',
  },
]

/** What the words suggest, in the order of the rules. `isPlain`: its path has nothing to encode; `isPlainQuery`: nor its query. */
export function wordHints(lines: readonly Line[], isPlain: boolean, isPlainQuery: boolean): Hint[] {
  const hints = characterHints(lines, isPlain, isPlainQuery)
  for (const { pattern, unless, cause, description } of RULES)
    for (const { line, text } of lines) {
      if (!pattern.test(text) || unless?.test(text)) continue
      hints.push({ cause, line, description })
      break
    }
  const ports = portHint(lines)
  return [...hints, ...(ports ? [ports] : [])]
}

/** Characters in names or in values of a query, as words say it. */
function characterHints(lines: readonly Line[], isPlain: boolean, isPlainQuery: boolean): Hint[] {
  for (const { line, text } of lines) {
    const found = CHARACTERS.exec(text)
    if (!found) continue
    const near = text.slice(Math.max(found.index - 70, 0), found.index + found[0].length + 60)
    if (OTHERS.test(near) || !RELATION.test(near)) continue
    // code has no words around its characters
    if (/[;{}]\s*$|^\s*(?:#|\/\/|\*)|=>|\bimport\b/.test(text)) continue
    if (VALUES.test(near) && !isPlainQuery)
      return [
        { cause: 'query-encoding', line, description: 'Words: it depends on the characters in the query' },
        { cause: 'query-plus', line, description: 'Words: it depends on the characters in the query' },
      ]
    if (!isPlain && NAMES.test(near.replace(found[0], '')))
      return [{ cause: 'path-encoding', line, description: 'Words: it depends on the characters in the name' }]
  }
  return []
}

/** A container whose port has another number outside. */
function portHint(lines: readonly Line[]): Hint | undefined {
  if (
    !lines.some(({ text }) =>
      /^\s{0,20}image: ["']?[\w./-]{0,60}(?:minio|localstack|rustfs|garage|seaweedfs)/i.test(text),
    )
  )
    return undefined
  for (const { line, text } of lines) {
    const [, outside, inside] =
      /^\s{0,20}- ["']?(?:[\d.]{7,15}:)?(\d{2,5}):(9000|4566|8333|3900)["']?\s*$/.exec(text) ?? []
    if (outside !== undefined && outside !== inside)
      return { cause: 'host', line, description: `Port ${inside} of a container that is ${outside} outside` }
  }
  return undefined
}
