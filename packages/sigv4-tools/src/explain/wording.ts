// Words that `explain`, the command line, and the debugger page share.

/** The certainty of a cause. */
export const CERTAINTY = { proven: 'Proven', likely: 'Most likely', possible: 'Possible cause' } as const

/** The command that explains a request which is sent again. */
export const EXPLAIN_AGAIN = 'curl -v … 2>&1 | npx sigv4-tools explain'

/** Cuts a string between words, if it has any, and marks the cut. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).replace(/\s\S*$/, '')}…` : text
}

export const PADDING_FIX = 'Write each byte as two hexadecimal digits (%02x in printf): a byte below 16 starts with 0.'
