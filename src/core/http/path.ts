/** Returns whether a URL parser would resolve a segment of the path. */
export function hasDots(path: string): boolean {
  return /\/\.\.?(?:\/|$)/.test(path)
}

/**
 * Resolves `.` and `..` segments. With `merge`, empty segments are removed too, as in a canonical URI; otherwise they
 * are kept, as in a URL that is sent.
 */
export function resolveDots(path: string, merge: boolean): string {
  if (!hasDots(path) && !(merge && path.includes('//'))) return path
  const [, ...segments] = path.replace(/\/\.\.?$/, '$&/').split('/') // a trailing dot segment names a folder
  const last = segments.pop()
  const kept: string[] = []
  for (const segment of segments)
    if (segment === '..') kept.pop()
    else if (segment !== '.' && (segment || !merge)) kept.push(segment)
  return ['', ...kept, last].join('/')
}
