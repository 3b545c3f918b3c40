import type { Paste } from '../found.ts'

// The lines that are read for what they suggest.

/** Most lines, and the characters of each. */
const MOST = 3000
const LONGEST = 600
/** Lines that hold nothing but what the service says, or where the client failed. */
const ANSWER =
  /^\s*(?:<\?xml|<Error>|<Message>|<StringToSign|<Canonical|\{"message":|\s{0,20}at .{1,150}:\d{1,6}:\d{1,6}\)?)/

/** A line of code or prose, cut to what is read of it. */
export interface Line {
  readonly line: number
  readonly text: string
}

/** The lines of code and prose. */
export function readLines({ lines }: Paste): Line[] {
  const read: Line[] = []
  for (let line = 0; line < Math.min(lines.length, MOST); line++)
    if (lines[line]!.length >= 6 && !ANSWER.test(lines[line]!.slice(0, 200)))
      read.push({ line, text: lines[line]!.slice(0, LONGEST) })
  return read
}
