import type { Hint } from '../found.ts'
import type { Line } from './lines.ts'

// Names of objects and values of queries in code, with characters that clients encode differently.

/** Characters that clients encode differently; a letter that is not ASCII is one as well. */
const SPECIAL = /[()!'*+@=&,:;$[\]{}# ]|[^\x20-\x7e]/
const NAMED =
  /(?:^|[\s{(,[.])["'`]?(?:Key|key|object_?[nN]ame|objectName|ObjectName|file_?[nN]ame|fileName|FileName|object_?[kK]ey|s3_?[kK]ey)["'`]?\s{0,3}(?::=|=>|[:=])\s{0,3}[a-z@]?(["'`])([^"'`\\]{1,300})\1/g
const CALL =
  /(?:\bf?[pP]ut_?[oO]bject|\bF?PutObject|\bf?[gG]et_?[oO]bject|\bF?GetObject|\b[sS]tat_?[oO]bject|\b[rR]emove_?[oO]bject|\b[dD]elete_?[oO]bject|\b[hH]ead_?[oO]bject|\b(?:Get|Put|GeneratePresignedUrl|DeleteObject|GetObject|PutObject)Request|\bpresigned_?\w{3,20}|\bPresigned\w{3,20}|\bupload_?\w{0,12}|\bdownload_?\w{0,12})\(([^\n]{2,300})/
const STRING = /"([^"\\]{1,200})"|'([^'\\]{1,200})'|`([^`\\]{1,200})`/g
const BUILDER = /\.(?:key|object|objectKey|objectName)\(\s{0,3}(["'`])([^"'`\\]{1,300})\1\s{0,3}\)/g
/** The name of a file in quotes, wherever it is. */
const FILE =
  /["'`\u201c]([^"'`\n\\\u201c\u201d/]{1,120}\.(?:txt|pdf|jpe?g|png|gif|webp|svg|mp[34]|mov|csv|json|xml|zip|gz|docx?|xlsx?|html?|parquet|md|bin|dat))["'`\u201d]/g
const COMMAND = /["']s3:\/\/[a-z\d.-]{3,63}\/([^"'\n]{1,300})["']|\bs3:\/\/[a-z\d.-]{3,63}\/([^\s"'`<>)]{1,300})/g
const BUCKET =
  /(?:^|[\s{(,[)])\.?["'`]?[bB]ucket(?:_?[nN]ame)?["'`]?\s{0,3}(?::=|=>|[:=(])\s{0,3}["'`](?!arn:|https?:|s3:)([^"'`\s:]{1,100}\/[^"'`\s]{0,200})["'`]/
const FIRST = /^\s{0,3}["'`](?!arn:|https?:|s3:|\/|\.)([\w.-]{3,63}\/[^"'`\s]{0,200})["'`]\s{0,3},\s{0,3}\S/
const VALUE =
  /\b(?:continuation[-_]?token|ContinuationToken|NextContinuationToken|start[-_]?after|StartAfter|[mM]arker)["'`]?\s{0,3}(?::=|=>|[:=>])\s{0,3}["'`]?([\w.+/=%-]{3,300})/
const PREFIX = /(?:^|[\s{(,[?&)-])\.?["'`]?[pP]refix["'`]?\s{0,3}(?::=|=>|[:=(])\s{0,3}["'`]([^"'`\\]{1,200})["'`]/

/** What the names and values in the code suggest. `isPlain`: the path of the request has nothing to encode. */
export function keyHints(lines: readonly Line[], answer: string, isPlain: boolean): Hint[] {
  const hints: Hint[] = []
  const slashes: Hint[] = []
  const add = (cause: Hint['cause'], line: number, description: string): void => {
    const list = /^path-(?:norm|trail)/.test(cause) ? slashes : hints
    if (list.length < 10) list.push({ cause, line, description })
  }
  for (const { line, text } of lines) {
    const isSecret = /secret|passw|access_?key|\bmeta|\btoken\s{0,3}[:=]/i.test(text)
    const value = VALUE.exec(text)?.[1]
    if (value !== undefined && /[+/=]/.test(value))
      add('query-encoding', line, 'Value of a query with a character that clients encode differently')
    const prefix = plainOf(PREFIX.exec(text)?.[1] ?? '')
    if (/ /.test(prefix.trim())) add('query-plus', line, 'Prefix with a space')
    if (SPECIAL.test(prefix)) add('query-encoding', line, 'Prefix with a character that clients encode differently')
    const call = CALL.exec(text)?.[1]
    if (
      BUCKET.test(text) ||
      (call !== undefined && /object|resigned|Request/i.test(CALL.exec(text)![0]) && FIRST.test(call))
    )
      add('path', line, 'Name of a bucket with a slash')
    if (isSecret || isPlain) continue
    for (const [, , name] of text.matchAll(NAMED)) keyHint(name!, true, line, add)
    if (!/\b(?:import|require|from|include)\b/.test(text))
      for (const [, name] of text.matchAll(FILE))
        if (SPECIAL.test(plainOf(name!).replaceAll(' ', ''))) keyHint(name!, false, line, add)
    for (const [, , name] of text.matchAll(BUILDER)) keyHint(name!, true, line, add)
    for (const [, quoted, bare] of text.matchAll(COMMAND)) keyHint(quoted ?? bare!, false, line, add)
    if (call !== undefined)
      for (const [, double, single, back] of call.matchAll(STRING)) keyHint(double ?? single ?? back!, false, line, add)
  }
  const said = isPlain ? undefined : /<Key>([^<\n]{1,300})<\/Key>/.exec(answer)
  // most clients encode spaces as the service does
  if (said && SPECIAL.test(said[1]!.replaceAll(' ', '').replaceAll('&amp;', '&')))
    add(
      'path-encoding',
      lineAt(answer, said.index),
      'Name in the response with a character that clients encode differently',
    )
  return [...hints, ...slashes]
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length - 1
}

/** What the name of an object suggests. `isNamed`: it is the value of a key. */
function keyHint(
  name: string,
  isNamed: boolean,
  line: number,
  add: (cause: Hint['cause'], line: number, description: string) => void,
): void {
  // what follows a ? is a query of its own
  const [path = '', query] = name.split('?')
  if (query !== undefined && /[+/:@!$(),;{} ]/.test(plainOf(query)))
    add('query-encoding', line, 'Query with a character that clients encode differently')
  const plain = plainOf(path)
  if (!isKey(plain)) return
  if (SPECIAL.test(plain) || /%[\da-f]{2}/i.test(plain))
    add('path-encoding', line, 'Name of an object with a character that clients encode differently')
  if (/[^:/]\/\/|^\/\/|(?:^|\/)\.\.?\//.test(plain))
    add('path-normalization', line, 'Name of an object with an empty or a dot segment')
  else if (isNamed && /^\/[^/]/.test(plain))
    add('path-normalization', line, 'Name of an object that starts with a slash')
  else if (isNamed && /[^/]\/$/.test(plain))
    add('path-trailing-slash', line, 'Name of an object that ends with a slash')
}

/** A text without what its language fills in. */
function plainOf(text: string): string {
  return text
    .replace(/[$#]?\{{1,2}[^{}]{0,80}\}{1,2}/g, 'x')
    .replace(/\$\w{1,40}|%[sdvq]\b|:\w{1,40}\b(?=\/)|<[^<>]{1,60}>|\[[\w. -]{1,60}\]/g, 'x')
}

/** Whether a string may be the name of an object: no URL, media type, date, key or sentence. */
function isKey(text: string): boolean {
  if (/^(?:https?|s3|arn|file|data):|^[A-Za-z]:\\|^(?:AKIA|ASIA)[A-Z\d]|^[A-Za-z\d+/=]{40,}$/.test(text)) return false
  if (/^(?:text|image|application|audio|video|multipart|font)\/|^\S{1,40};|^[\w-]{1,40}: /.test(text)) return false
  // words without a slash or a dot are prose more often than a name
  return !/^[\x20-\x7e]{1,300}$/.test(text) || !/ /.test(text) || /\/|\.[A-Za-z\d]{1,5}$/.test(text)
}
