import { afterAll, afterEach, beforeAll } from 'vitest'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../../src/proxy.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/**
 * Starts a service before the tests of a file. Returns it, a function that starts a proxy in front of it with other options
 * than `defaults`, and what the proxies have logged. After each test, its proxies are closed.
 */
export function proxies(defaults: Partial<ProxyOptions>) {
  const upstream = {} as Upstream
  const running: { close(): Promise<void> }[] = []
  const logged: LoggedRequest[] = []

  beforeAll(async () => {
    Object.assign(upstream, await startUpstream())
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
    upstream.requests.splice(0)
    logged.splice(0)
  })
  afterAll(() => upstream.stop())

  const start = async (options: Partial<ProxyOptions> = {}) => {
    const started = await proxy({
      upstream: upstream.url,
      credentials: CREDENTIALS,
      log: (entry) => logged.push(entry),
      ...defaults,
      ...options,
    })
    running.push(started)
    return started
  }
  return { upstream, start, logged }
}
