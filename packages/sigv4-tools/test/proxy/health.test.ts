import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { listen, raw, statusOf } from '../support/proxy/upstream.ts'

// Health checks of an orchestrator, such as Kubernetes, on a port of their own.

const { upstream, start, logged } = proxies({ service: 'es', region: 'eu-west-1' })

async function check(healthUrl: string | undefined, path = '/', method = 'GET') {
  const response = await fetch(healthUrl! + path, { method })
  return { status: response.status, text: await response.text() }
}

describe('a health check', () => {
  it.each(['/', '/health', '/healthz?verbose', '/_cluster/health'])('of %s needs no service', async (path) => {
    const { healthUrl } = await start({ health: 0 })
    expect(await check(healthUrl, path)).toEqual({ status: 200, text: 'ok\n' })
    expect(await check(healthUrl, path, 'HEAD')).toEqual({ status: 200, text: '' })
    expect((await check(healthUrl, path, 'POST')).status).toBe(405)
    expect([upstream.requests, logged]).toEqual([[], []])
  })

  it('can be sent to any name and address, because an orchestrator uses those of a container', async () => {
    const { healthUrl } = await start({ health: 0, host: '0.0.0.0', token: 'a-token-of-many-characters' })
    expect(healthUrl).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
    const { port } = new URL(healthUrl!)
    expect(statusOf(await raw(Number(port), 'GET /', ['Host: 10.1.2.3:8081']))).toBe(200)
  })

  it('is on the same address as the proxy, also with IPv6', async () => {
    const { healthUrl } = await start({ health: 0, host: '::1' })
    expect(healthUrl).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect((await check(healthUrl)).status).toBe(200)
  })

  it('fails while the credentials cannot be obtained, without a reason, which anyone could read', async () => {
    let isAvailable = false
    const credentials = () => {
      if (!isAvailable) throw new Error(`no access to /home/user, ${SECRET}`)
      return CREDENTIALS
    }
    const { healthUrl } = await start({ health: 0, credentials })
    const failed = { status: 503, text: 'The credentials could not be obtained, or have expired.\n' }
    expect(await check(healthUrl)).toEqual(failed)
    isAvailable = true
    await expect.poll(async () => (await check(healthUrl)).status, { interval: 100 }).toBe(200)
  })

  it('fails when the credentials have expired', async () => {
    let now = Date.now()
    const expiration = new Date(now + 60_000)
    const { healthUrl } = await start({ health: 0, now: () => now, credentials: { ...CREDENTIALS, expiration } })
    expect((await check(healthUrl)).status).toBe(200)
    now += 60_001
    expect((await check(healthUrl)).status).toBe(503)
  })

  it('obtains the credentials once for all checks and requests that wait for them', async () => {
    let calls = 0
    const { healthUrl, url } = await start({
      health: 0,
      credentials: async () => {
        calls++
        await new Promise((resolve) => setTimeout(resolve, 50))
        return CREDENTIALS
      },
    })
    const all = await Promise.all([healthUrl!, url, healthUrl!, url].map((each) => fetch(each)))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(calls).toBe(1)
  })

  it('succeeds without credentials if the mode requires none', async () => {
    const { healthUrl } = await start({ health: 0, mode: 'watch', credentials: undefined })
    expect((await check(healthUrl)).status).toBe(200)
  })
})

describe('the port of health checks', () => {
  it('is closed with the proxy', async () => {
    const { healthUrl, close } = await start({ health: 0 })
    expect((await check(healthUrl)).status).toBe(200)
    await close()
    await expect(check(healthUrl)).rejects.toThrow()
  })

  it('does not exist by default, and takes no path of the service', async () => {
    const { healthUrl } = await start()
    expect(healthUrl).toBeUndefined()
    const { url } = await start({ health: 0 })
    expect(await (await fetch(`${url}/health`)).text()).toBe('fine')
    expect(upstream.take().target).toBe('/health')
  })

  it('that is in use closes the port of the proxy, too', async () => {
    const holder = await listen(createServer())
    const free = await listen(createServer())
    await free.stop()
    await expect(start({ port: free.port, health: holder.port })).rejects.toThrow('EADDRINUSE')
    expect((await start({ port: free.port })).port).toBe(free.port)
    await holder.stop()
  })

  it.each<[number, string]>([
    [-1, 'options.health is out of range'],
    [65_536, 'options.health is out of range'],
    [8080.5, 'options.health is out of range'],
    [8080, 'options.health is not valid. It must differ from options.port.'],
  ])('is not %j', async (health, message) => {
    await expect(start({ port: 8080, health })).rejects.toThrow(message)
  })
})
