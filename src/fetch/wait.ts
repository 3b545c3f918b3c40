/**
 * Returns the value of a promise, or throws the signal's reason if it is aborted first. Any other value is returned
 * without a promise: with thousands of requests at once, each promise counts.
 */
export function untilAborted<Value>(
  value: Value | Promise<Value>,
  signal: AbortSignal | null | undefined,
): Value | Promise<Value> {
  if (!(value instanceof Promise)) {
    signal?.throwIfAborted()
    return value
  }
  if (!signal) return value
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Waits for some milliseconds, or until the signal is aborted. */
export async function wait(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  try {
    await untilAborted(elapsed, signal)
  } finally {
    clearTimeout(timer!)
  }
}
