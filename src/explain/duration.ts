const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A duration in words, in its two largest units: `2 hours 5 minutes`; days alone from ten on. */
export function formatDuration(seconds: number): string {
  const words: string[] = []
  let left = Math.round(Math.abs(seconds))
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    left -= count * size
    if (words.length === 2 || (unit === 'day' && count >= 10)) break
    if (words.length && count === 0) break // 2 days, not 2 days 5 seconds
  }
  return words.join(' ') || '0 seconds'
}
