import { withOrigins } from './context/origin.ts'
import { FENCE, type Found, isSigned, type Paste, type Reader } from './model/found.ts'
import { completeHeaders } from './readers/around.ts'
import { readCommand } from './readers/commands.ts'
import { readAuthorization, readHeaders } from './readers/headers.ts'
import { readMessage } from './readers/http.ts'
import { readPart, readProse, readSentence } from './readers/messages.ts'
import { readObject } from './readers/objects.ts'
import { readLog } from './readers/panels.ts'
import { readPrinted } from './readers/printed.ts'
import { readProseStrings, readString } from './readers/strings.ts'
import { readXmlError } from './readers/xml.ts'

/** Readers of what a line may start: the first one that recognizes it counts. */
export const READERS: readonly Reader[] = [
  readLog,
  readMessage,
  readCommand,
  readObject,
  readPrinted,
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
  let next = 0
  for (const [at, line] of paste.lines.entries()) {
    if (at < next) continue
    let to = at
    // only an object starts with so little
    const readers = line === FENCE || line.trim() === '' ? [] : line.length < 3 ? [readObject] : READERS
    for (const read of readers) {
      const pieces = read(paste, at, line)
      if (!pieces) continue
      const { column = 0 } = pieces[0] ?? {}
      const before = column > 0 ? readPart(paste, at, line, 0, column) : []
      for (const piece of [...before, ...pieces]) {
        found.push(piece)
        to = Math.max(to, piece.to)
      }
      break
    }
    next = to + 1
  }
  const isTold = found.some(({ response }) => response?.body ?? response?.code ?? response?.message)
  return completeHeaders(paste, withOrigins(paste, isTold ? found : [...found, ...readSentence(paste)]))
}

const SIGNATURE = /AWS4-[\w-]{4,20} {1,9}Credential=|X-Amz-(?:Signature|Credential)["']?\s{0,3}(?:[=:]|%3D)/i
const LONGEST = 20_000

/** Returns whether a signature is in lines that no reader took for a signed request: then nothing shows that a request is not signed. */
export function hasUnreadSignature({ lines }: Paste, found: readonly Found[]): boolean {
  const read = new Set<number>()
  for (const { request, headers, from, to } of found)
    if (headers || (request && isSigned(request))) for (let i = from; i <= to; i++) read.add(i)
  return lines.some((line, i) => !read.has(i) && SIGNATURE.test(line.slice(0, LONGEST)))
}
