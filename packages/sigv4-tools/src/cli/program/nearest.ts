/** Returns the name that is most similar to a mistyped one. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const text = typed.slice(0, 40)
  let best: string | undefined
  let least = Math.max(1, Math.floor(text.length / 3)) + 1
  for (const name of names) {
    const isStart = name.startsWith(text) && text.length > 2
    if (!isStart && Math.abs(name.length - text.length) >= least) continue
    const distance = isStart ? 1 : edits(text, name)
    if (distance >= least) continue
    best = name
    least = distance
  }
  return best
}

/** Counts the insertions, deletions, substitutions and swaps of neighbors between two strings. */
function edits(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, before[j - 2]! + 1)
      next.push(least)
    }
    before = row
    row = next
  }
  return row[to.length]!
}
