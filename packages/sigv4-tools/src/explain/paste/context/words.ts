import { type Hint, lineAt, type Paste } from '../model/found.ts'

// Words that people write next to an error that shows nothing else: about changes, tools, and requests that succeed.

const URL = /pre-?sign|SignedUrl|signed url/i
// S3 has a separate error for a body that does not match
const NOT_S3 = /^(?![\s\S]*\b(?:s3|bucket)\b)/i

/** A cause, and the words that suggest it: every pattern must match. */
type Words = readonly [cause: Hint['cause'], ...patterns: RegExp[]]

/** The most specific words first. */
const WORDS: readonly Words[] = [
  [
    'secret-encoding',
    /secret[^.\n]{0,84}\b(?:contain(?:s|ed|ing)?|with an?|starts? with|special characters)\b|\bin the secret key\b/i,
  ],
  [
    'header-whitespace',
    /\b(?:double|two|consecutive|multiple) (?:consecutive )?(?:white)?(?:spaces?|blanks)\b|\(space\)\(space\)/i,
  ],
  [
    'query-extra',
    /\b(?:append|add)(?:s|ed|ing)?\b[^.\n]{0,40}\bparam(?:eter)?s?\b|\w=["'`]? (?:is |was |being )?appended/i,
    URL,
  ],
  ['expired', /\bexpired (?:pre-?)?(?:signed )?urls?\b|\burls? (?:\w+ )?expired?\b/i],
  ['method', /(?:^|[^=])\bHEAD\b/m, /pre-?sign|sign(?:ed|ing)|cloudflare|\bCDN\b|\b403\b|proxy/i],
  [
    'header-changed',
    /meta(?:data)?\b|header/i,
    /\bnon[- ](?:us[- ])?ascii\b|\b(?:accents?|umlauts?|chinese|russian|cyrillic|japanese)\b/i,
  ],
  ['header-changed', /storage\.googleapis\.com|\bGCS\b|Google Cloud Storage/],
  [
    'path-encoding',
    /\b(?:path|key|file ?name|name|prefix)s?\b[^.\n]{0,40}\b(?:contain(?:s|ing)?|with|has|ha(?:ve|ving)|includ(?:es|ing))\b[^.\n]{0,30}(?:["'`(][^\w\s/.]["'`)]|\b(?:a space|(?:space|at|plus|hash|colon|comma|equals?|percent) (?:sign|mark|symbol|character)))/i,
  ],
  [
    'path-normalization',
    /\b(?:double|two|leading|extra|duplicated?|redundant) (?:\w+ )?slash|absolute path|\bkey(?!\/\d{8})["']? {0,4}[:=]? {0,2}["'`]?\/\w|["'`>]\/[\w-]{0,80}\/\/\w/i,
  ],
  [
    'path-encoding',
    /\b(?:file(?: ?name)?s?|(?<!access |secret |your )keys?|paths?|objects?|prefix(?:es)?|folders?)\b[^.\n]{0,80}\b(?:(?:special|non[- ]?ascii|unicode|chinese|accented) ?\w*|non[- ]?alpha\w*(?: \w*)?|characters|spaces|slashes|parenthes[ie]s|umlauts?|ampersand)\b|\b(?:(?:special|non[- ]?ascii|unicode|chinese|accented) ?\w*|non[- ]?alpha\w*(?: \w*)?|characters|spaces|parenthes[ie]s|umlauts?|ampersand)\b[^.\n]{0,80}\b(?:file(?: ?name)?s?|(?<!access |secret |your )keys?|paths?|objects?|prefix(?:es)?|folders?)\b/i,
  ],
  [
    'query-order',
    /\b(?:multiple|several|array|sort(?:ed|ing)?)\b[^.\n]{0,30}\b(?:query ?string|parameters?)\b|\bquery[^.\n]{0,30}\barray\b|continuation-token/i,
  ],
  [
    'query-encoding',
    /[?&][\w.-]{1,40}=[\w%.-]{0,60}%26|\bquery (?:string|param)|(?:n't|\bnot)(?: being)? (?:url[- ]?)?encod/i,
  ],
  [
    'session-token',
    /\b(?:temporary (?:\w+ )?(?:credential|key|token)s?|cognito identity|session ?token|assumed?[ -]role|(?:iam|ec2|instance) (?:roles?|profiles?)|sts (?:key|token|credential)s?|sso|\w+-login)\b/i,
  ],
  ['host', /\b(?:replac|rewrit|chang)\w{1,4}[^.\n]{0,40}\b(?:host(?:name)?|domain)\b|-H ["']Host:/i],
  [
    'host-port',
    /\bport (?:other than|number)|\b(?:custom|different|right|wrong|non-?(?:default|standard)) port|\bhost(?:name)?:port/i,
  ],
]

/** Words so common that they count only if nothing shows the headers. */
const USUAL: readonly Words[] = [
  [
    'header-changed',
    /accept-encoding|SignedHeaders=(?:[\w-]{1,60};){0,40}(?:cf-[\w-]{1,40}|connection|expect|range|traceparent|user-agent|via|x-forwarded-\w{1,9})\b/i,
  ],
  [
    'path-encoding',
    /\bencodeURI(?:Component)?\b|\bURLEncoder\b|\bPathEscape\b|\brawurlencode\b|\burllib\.(?:parse\.)?quote\b/,
  ],
  ['payload-hash', /(?:^|[ `])x-(?:amz-)?content-sha256`? (?:[a-z]|UNSIGNED)/im],
  ['session-token', /_SESSION_TOKEN\b/],
  ['payload-mismatch', /compression\b|\bgzip(?:ped|s)? (?:the )?body/i],
  ['path-double-encoding', /\bdouble[- ]?(?:ur[il][- ]?)?encod|\bv\d:\d\b|%25(?:25)?3A/i],
  [
    'header-missing',
    /\b(?:Range|CacheControl|Content(?:Disposition|Encoding)|ServerSideEncryption|Metadata)["']?\s{0,3}[:=]/,
    URL,
  ],
  [
    'header-changed',
    /content[-_]?type|(?<!signed|proxy_set_|add_)headers?\b/i,
    URL,
    // otherwise the URL shows what it requires
    /^(?![\s\S]*SignedHeaders=[\w%-]*%3B)/,
  ],
  ['header-changed', /\bbrowsers?\b|XMLHttpRequest|\baxios\b/i, URL, /\bPUT\b|upload/],
  ['header-changed', /\bcloudflare\b(?! ?r2)|\bCDN\b|\bcloudfront\b(?!\.net)/i],
  [
    'host',
    /\b(?:reverse ?proxy|proxy_pass|nginx|traefik|caddy|haproxy|ingress|akamai|fastly|domain fronting|custom (?:cdn )?domain|cdn domain|WebProxy)\b/i,
  ],
  ['payload-mismatch', /\bpost\b|\bwithout (?:a )?body\b/i, /(?<!["'.])\bbody\b(?!["'])/i, NOT_S3],
  ['header-changed', /content-?type[^.\n]{0,30}charset/i],
  [
    'host-port',
    /(?<=[/"']|[:=] )(?:localhost|127\.0\.0\.1):(?!80\b|443\b)\d{2,5}/,
    /^(?![\s\S]*(?:boto|aws-?sdk|S3Client|AmazonS3|Minio(?:Client)?\(|new AWS))/i,
  ],
]

/** The length of a paste in which words are searched for. */
export const LONGEST = 20_000

/** Hints in the words of a paste, the most specific first. */
export function wordHints(paste: Paste, areHeadersKnown: boolean): Hint[] {
  const text = paste.text.slice(0, LONGEST)
  return [...WORDS, ...(areHeadersKnown ? [] : USUAL)].flatMap(([cause, ...patterns]) => {
    const [first, ...others] = patterns.map((pattern) => pattern.exec(text))
    if (!first || others.includes(null)) return []
    // to the end of the last word
    const words = `${first[0]}${/^[a-z]{0,20}/i.exec(text.slice(first.index + first[0].length))}`
      .replace(/^[\s"'`]+/, '')
      .trimEnd()
      .replace(/\s+/g, ' ')
    return [{ cause, line: lineAt(paste, first.index), description: `Words that suggest a cause: ${words}` }]
  })
}
