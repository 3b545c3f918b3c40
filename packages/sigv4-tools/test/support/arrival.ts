import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const STARTED = 'http.server.request.start'

/** Waits until servers of this process have received the head of so many more requests, however long that takes. */
export function arrival(count = 1): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const note = (): void => {
      if (--left > 0) return
      unsubscribe(STARTED, note)
      resolve()
    }
    subscribe(STARTED, note)
  })
}
