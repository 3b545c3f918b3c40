/** Returns the index of the first key that is not before `key`. */
export function positionOf(keys: readonly string[], key: string): number {
  return firstAt(keys, (other) => compareKeys(other, key) >= 0)
}

/** Returns the index of the first key after all keys that start with `prefix`. */
export function positionAfter(keys: readonly string[], prefix: string): number {
  return firstAt(keys, (other) => !other.startsWith(prefix) && compareKeys(other, prefix) > 0)
}

/** Returns the first index for which a monotonic predicate is true. */
function firstAt(keys: readonly string[], is: (key: string) => boolean): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(keys[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Compares keys in UTF-8 order, which is the order of code points. In UTF-16, surrogates precede U+E000. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
}
