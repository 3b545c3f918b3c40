import { causeText, type Explanation, type Finding } from '../../explain.ts'

// Shared by the command line and the debugger page.

/** Returns whether credentials could prove a cause. */
export function isProvable(finding: Finding | undefined): boolean {
  return finding === undefined || causeText(finding.cause).isProvable
}

/** Returns whether only an error is known, which has common causes, but does not show the one that applies. */
export function isErrorAlone({ findings, wanted }: Explanation): boolean {
  return findings[0]?.confidence === 'possible' && wanted.includes('request')
}

/** A line of a canonical request, on either side. */
export type Row = readonly [client: string | undefined, service: string | undefined]

/** Returns the two values of a finding that a reader compares, with their labels; `undefined` if it has none. */
export function comparedValues(
  finding: Finding,
): { readonly labels: readonly [string, string]; readonly values: readonly [string, string] } | undefined {
  const { cause, confidence, expected, actual, absent, isSigned } = finding
  if (expected === undefined || actual === undefined || expected === actual || absent !== undefined) return undefined
  if (!causeText(cause).isCompared) return undefined
  // without a proof, only the request shows the value, as it was sent
  const labels = [isSigned ? 'Signed' : 'Required', confidence === 'proven' ? 'Received' : 'Sent'] as const
  return { labels, values: [expected, actual] }
}

/** Aligns the lines of two canonical requests: method, path and query, headers by name, the last two lines. */
export function align(client: readonly string[], service: readonly string[]): Row[] {
  const keyOf = (lines: readonly string[], i: number): string =>
    i < 3 || i >= lines.length - 2 ? `#${i < 3 ? i : i - lines.length}` : lines[i]!.replace(/:.*/s, '')
  const theirs = new Map(service.map((line, i) => [keyOf(service, i), line]))
  const rows: Row[] = []
  const seen = new Set<string>()
  for (const [i, line] of client.entries()) {
    const key = keyOf(client, i)
    if (i === client.length - 2)
      for (const [name, other] of theirs)
        if (!name.startsWith('#') && !seen.has(name)) {
          seen.add(name)
          rows.push([undefined, other])
        }
    rows.push([line, theirs.get(key)])
    seen.add(key)
  }
  return rows
}
