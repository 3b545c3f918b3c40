/**
 * Returns the reason if servers could disagree about the end of a body: its length is `'ambiguous'`, or it has a transfer
 * `'coding'` other than chunks. Not every runtime has a parser as strict as Node's.
 */
export function framingProblem(rawHeaders: readonly string[]): 'ambiguous' | 'coding' | undefined {
  const lengths = valuesOf(rawHeaders, 'content-length')
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  if (lengths.length > 1 || (lengths.length > 0 && codings.length > 0) || /\D/.test(lengths[0] ?? ''))
    return 'ambiguous'
  return codings.length > 0 && !/^chunked$/i.test(codings.join()) ? 'coding' : undefined
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name)
}
