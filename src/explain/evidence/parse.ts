import { fail } from '../../core/errors.ts'
import type { SignedStrings } from '../case/case.ts'
import type { Cause } from '../model/causes.ts'
import type { RequestAsSent } from '../request/facts.ts'
import { readMeaning } from '../response/errors.ts'
import type { ResponseAsReceived } from '../response/response.ts'
import { choose, isBare } from './choose.ts'
import { readContext } from './context/context.ts'
import { wordHints } from './context/words.ts'
import { readForm } from './forms/read.ts'
import { type EvidenceItem, FENCE, type Found, type Paste, type Reader } from './found.ts'
import { readLog } from './logs/entries.ts'
import { readMap } from './logs/pairs.ts'
import { readPrinted } from './logs/printed.ts'
import { readPaste } from './paste.ts'
import { readCommand } from './shapes/commands.ts'
import { readAuthorization, readHeaders } from './shapes/headers.ts'
import { readMessage } from './shapes/http.ts'
import { readPart, readProse } from './shapes/messages.ts'
import { readObject } from './shapes/objects.ts'
import { readProseStrings, readString } from './shapes/strings.ts'
import { readBareError, readHtml, readXmlError } from './shapes/xml.ts'

/** What a pasted text contains. It fits `explain` as it is: `explain({ ...parseEvidence(text), credentials })`. */
export interface Evidence {
  /** The request to explain. Its `headers` are missing if the text shows only its URL, and its `body` unless it is complete. */
  readonly request?: RequestAsSent
  /** The response to it. */
  readonly response?: ResponseAsReceived
  /** The response before it, if that redirected the request. */
  readonly redirect?: ResponseAsReceived
  /** What the client signed, if it printed that. */
  readonly signed?: SignedStrings
  /** The endpoint that the client was configured with, as it is written there. */
  readonly endpoint?: string
  /** Causes that commands, versions, the configuration of a proxy, or words in the text suggest, the likeliest first. */
  readonly hints?: readonly Cause[]
  /** Everything that was recognized, in order. Empty if nothing was. */
  readonly items: readonly EvidenceItem[]
}

export const READERS: readonly Reader[] = [
  (paste, at) => (/^\s*[{[]/.test(paste.lines[at]!) ? readObject(paste, at) : undefined),
  readPrinted,
  readLog,
  readMessage,
  readForm,
  readCommand,
  readProseStrings,
  readString,
  readHeaders,
  readObject,
  readXmlError,
  readHtml,
  readBareError,
  readMap,
  readAuthorization,
  readProse,
]

/**
 * Reads what a user pasted: a presigned URL, an error, a log, a HAR file, a command, in whatever mixture and with prose
 * around it. Quotation marks of mail, Markdown, indentation and colors are removed.
 *
 * @param text - The text. Anything is accepted; reading takes time linear in its length.
 * @returns `{ request, response, redirect, signed, endpoint, hints, items }`, each if the text contains it: of several requests, the last signed one
 * that was rejected. No secret access key is part of it, but a request keeps its session token, which may be signed; an
 * item of kind `credentials` reports the lines that must not be posted.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if `text` is not a string.
 * @example
 * ```ts
 * import { explain, parseEvidence } from 'sigv4/explain'
 *
 * const evidence = parseEvidence(`$ curl -v -X PUT 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…'
 * > PUT /cat.jpg?X-Amz-Algorithm=… HTTP/1.1
 * > Host: photos.s3.eu-west-1.amazonaws.com
 * >
 * < HTTP/1.1 403 Forbidden
 * <Error><Code>SignatureDoesNotMatch</Code></Error>`)
 * console.log(evidence.items, explain(evidence).verdict)
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function parseEvidence(text: string): Evidence {
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', 'text', 'type', 'Pass the pasted text as a string.')
  const { paste, secrets } = readPaste(text)
  const read = readAll(paste)
  const found = read.length > 0 ? read : readDescription(paste)
  const { about, ...chosen } = choose(found)
  const { found: around, ...context } = readContext(paste, found, chosen)
  const items = [...found, ...around, ...secrets]
    .sort((a, b) => a.from - b.from)
    .map((each): EvidenceItem => {
      const { kind, from, to, description } = each
      const words = each === about ? `${description}, explained below` : description
      return { kind, lines: [paste.numbers[from]! + 1, paste.numbers[to + 1]!], description: words }
    })
  return { ...chosen, ...context, items }
}

function readAll(paste: Paste): Found[] {
  const found: Found[] = []
  for (let at = 0; at < paste.lines.length; ) {
    const line = paste.lines[at]!
    if (line === FENCE || line.trim() === '') {
      at++
      continue
    }
    let to = at
    // nothing but an object starts with so little
    for (const read of line.length < 3 ? [readObject] : READERS) {
      const pieces = read(paste, at)
      if (!pieces) continue
      const { column = 0 } = pieces[0] ?? {}
      // push accepts a limited number of arguments
      for (const piece of column > 0 ? readPart(paste, at, 0, column) : []) found.push(piece)
      for (const piece of pieces) {
        found.push(piece)
        to = Math.max(to, piece.to)
      }
      break
    }
    at = to + 1
  }
  const read = new Set<number>()
  for (const { from, to, column = 0 } of found) for (let i = from; column === 0 && i <= to; i++) read.add(i)
  const isTold = found.some(({ response }) => response && !isBare(response))
  return isTold ? found : [...found, ...readSentence(paste, read)]
}

const MOST_SENTENCES = 100
const MISMATCH =
  /\bsignatur\w{0,3} ?does ?n[o'] ?t ?match|\bsign\w{0,12} (?:mismatch|(?:valid|verific)ation fail|.{0,40}(?:not|n't) match)|\bsign\w{0,12}\b.{0,30}\b(?:wrong|incorrect)|\b(?:invalid|wrong|incorrect|bad) signature/i
const SERVICE = /\b(?:s3|aws|amazonaws|minio|bucket|r2|pre-?signed|sigv4|sign_v4|X-Amz-\w+)\b/i

/** The first line that is like the error of a service, of which nothing else was found. */
function readSentence({ lines, text }: Paste, read: ReadonlySet<number>): Found[] {
  const sentences = [...lines.entries()].filter(
    ([at, line]) =>
      !read.has(at) &&
      /error|den(?:ied|y)|fail|malformed|missing|not|invalid|allowed|expired|requires|exceeds|specified|must/i.test(
        line,
      ),
  )
  for (const [at, line] of sentences.slice(0, MOST_SENTENCES)) {
    // the parameters of a URL are like the words of an error
    const message = line
      .slice(0, 2000)
      .replace(/(?:https?:\/\/|[?&;]X-Amz-)[^\s"'<>`]+/gi, '')
      .trim()
      .slice(0, 400)
    if (!MISMATCH.test(message) && readMeaning({ status: undefined, code: '', message }).kind === 'named')
      return [errorAt(at, { message })]
  }
  const at = lines.findIndex((line, i) => !read.has(i) && MISMATCH.test(line.slice(0, 2000)))
  if (at < 0 || !SERVICE.test(text.slice(0, 20_000))) return []
  return [errorAt(at, { code: 'SignatureDoesNotMatch' })]
}

const SIGNING = /\b(?:sig-?v4|pre-?sign\w{0,9}|sign(?:ed|er|ing|ature)s?|X-Amz-[SC]\w{1,30})\b/i
const PROBLEM =
  /\b(?:40[013]|bad|broken|can(?:no|')t|den(?:y|ies|ied)|doesn't|errors?|fail(?:s|ed|ing|ure)?|forbidden|incorrect|invalid|not|reject(?:s|ed)?|stop(?:s|ped)?|unable|wrong)\b/i

/** A problem with a signature that is described without an error: useful if words around it suggest a cause. */
function readDescription(paste: Paste): Found[] {
  const text = paste.text.slice(0, 20_000)
  const at = paste.lines.findIndex((line) => SIGNING.test(line.slice(0, 2000)))
  if (at < 0 || !PROBLEM.test(text) || !SERVICE.test(text) || wordHints(paste, false).length === 0) return []
  return [{ kind: 'error', from: at, to: at, description: 'Description of a problem', response: {} }]
}

function errorAt(at: number, response: ResponseAsReceived): Found {
  return { kind: 'error', from: at, to: at, description: 'Error in prose', response }
}
