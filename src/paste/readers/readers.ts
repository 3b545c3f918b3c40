import { rankOf } from '../exchange/response.ts'
import { FENCE, type Found, type Paste, type Reader } from '../found.ts'
import { readCommand } from './commands.ts'
import { readAuthorization, readHeaders } from './headers.ts'
import { readMessage } from './http.ts'
import { readPart, readProse } from './messages.ts'
import { readObject } from './objects.ts'
import { readLog } from './panels.ts'
import { readProseStrings, readString } from './strings.ts'
import { readXmlError } from './xml.ts'

/** What a line may start: the first reader that recognizes it counts. */
export const READERS: readonly Reader[] = [
  readLog,
  readMessage,
  readCommand,
  readObject,
  readProseStrings,
  readString,
  readHeaders,
  readXmlError,
  readAuthorization,
  readProse,
]

/** Reads a pasted text from its first line to its last. */
export function readAll(paste: Paste): Found[] {
  const found: Found[] = []
  for (let at = 0; at < paste.lines.length; ) {
    const line = paste.lines[at]!
    let to = at
    // only an object starts with so little
    const readers = line === FENCE || line.trim() === '' ? [] : line.length < 3 ? [readObject] : READERS
    for (const read of readers) {
      const pieces = read(paste, at)
      if (!pieces) continue
      const { column = 0 } = pieces[0] ?? {}
      const before = column > 0 ? readPart(paste, at, 0, column) : []
      for (const piece of [...before, ...pieces]) {
        found.push(piece)
        to = Math.max(to, piece.to)
      }
      break
    }
    at = to + 1
  }
  return found.some(({ response }) => response && rankOf(response) > 0) ? found : [...found, ...readSentence(paste)]
}

const LONGEST = 20_000
const SERVICE =
  /\b(?:s3|(?:amazon)?aws\w*|minio|bucket|r2|pre-?signed|sigv4|sign_v4|X-Amz-\w+|credential|access key|si(?:gn|ng)ature(?:DoesNotMatch| we calculated))\b/i
const MISMATCH =
  /\bsi(?:gn|ng)atur\w{0,3} ?does ?n[o'] ?t ?match|\bsign\w{0,12} (?:mismatch|(?:valid|verific)ation fail|.{0,40}(?:not|n't) match)|\bsign\w{0,12}\b.{0,30}\b(?:wrong|incorrect)|\b(?:invalid|wrong|incorrect|bad) signature/i
/** Words that errors of services have. */
const FAULT =
  /\bonly one auth|\bnot (?:supported|implemented)\b|\bmust (?:be|have|contain)\b|\bmissing required\b|\b(?:is|are) (?:incorrect|mal-?formed)\b|\bdid not match what\b|\brequires a valid\b|\binvalid payload\b|\bmal-?formed access/i

/** The first line that is like the error of a service, where no other error was found. */
function readSentence({ lines, text }: Paste): Found[] {
  if (!SERVICE.test(text.slice(0, LONGEST))) return []
  // the parameters of a URL are like the words of an error
  const sentences = lines.map((line) => line.slice(0, 2000).replace(/(?:https?:\/\/|[?&;]X-Amz-)[^\s"'<>`]+/gi, ''))
  const fault = sentences.findIndex((line) => FAULT.test(line) && !MISMATCH.test(line))
  const at = fault < 0 ? sentences.findIndex((line) => MISMATCH.test(line)) : fault
  if (at < 0) return []
  const response = fault < 0 ? { code: 'SignatureDoesNotMatch' } : { message: sentences[at]!.trim().slice(0, 400) }
  return [{ kind: 'error', from: at, to: at, description: 'Error in prose', response }]
}
