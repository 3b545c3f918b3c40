import { FENCE, type Found, type Paste } from '../model/found.ts'

// Whether a request is the one that was sent, or the one that a service or a proxy received.

/** Words before a request that was received. */
const RECEIVED =
  /\b(?:received|arrive[sd]|(?:server|back-?end|upstream|origin|nginx|haproxy|proxy|minio|gateway|service|echo)(?:'s)? ?(?:side|logs?|sees?|saw|gets?|got|receives?|traces?|dumps?|shows?)|on the (?:server|backend)|mc admin trace|access[_ .]log|tcpdump|wireshark|as seen by)\b/i
/** The first line of a request in a trace of MinIO, which names the client, too. */
const TRACED = /\[REQUEST [\w.]+\]/
/** Words before a request that was sent. */
const SENT = /\b(?:sent|sends?|sending|client|browser|curl|my (?:request|code|app)|we send|i send)\b/i
const MOST_LINES = 3
const LONGEST = 300

/** Marks the requests that were received, by the words before them. */
export function withOrigins({ lines }: Paste, found: readonly Found[]): Found[] {
  const isFound = linesOf(found, lines.length)
  return found.map((each) => {
    const { request, headers, parts, from, column = 0, isReceived } = each
    if (isReceived || request?.isReceived || !(request ?? headers ?? parts)) return each
    let label = (lines[from] ?? '').slice(0, column || undefined).slice(0, LONGEST)
    if (column === 0) label = /^(.{0,60}?)[A-Z]{3,7} \S/.exec(label)?.[1] ?? ''
    for (let i = from - 1, left = MOST_LINES; i >= 0 && left > 0; i--, left--) {
      const line = lines[i]!
      if (isFound[i]) break
      if (TRACED.test(line)) return { ...each, isReceived: true }
      if (line !== FENCE && line.trim() !== '') label = `${line.slice(0, LONGEST)} ${label}`
      if (RECEIVED.test(label) || SENT.test(label)) break
    }
    return RECEIVED.test(label) && !SENT.test(label) ? { ...each, isReceived: true } : each
  })
}

/** Whether each line is part of something that was found. */
function linesOf(found: readonly Found[], count: number): boolean[] {
  const starts = new Int32Array(count + 2)
  for (const { from, to } of found) {
    starts[from]!++
    starts[to + 1]!--
  }
  let open = 0
  return Array.from({ length: count }, (_, i) => {
    open += starts[i]!
    return open > 0
  })
}
