import { request } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPage } from '../../../build-debugger.ts'
import { errorOf, running } from '../../support/cli.ts'

// The command that serves the debugger page, with the page as it is built.

let readOwn: (name: string) => string
beforeAll(async () => {
  const files = await buildPage()
  readOwn = (name) => {
    const text = files[name]
    if (text === undefined) throw Object.assign(new Error(`${name} was not built`), { code: 'ENOENT' })
    return text
  }
}, 300_000)

interface Served {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends a request with any method, target and host. */
function send(port: number, { method = 'GET', path = '/', host = `127.0.0.1:${port}` } = {}): Promise<Served> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers: { host } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

/** Runs the command while a function uses its port. */
async function serving(use: (port: number) => Promise<void>): Promise<string> {
  const { port, stop } = await running(['debugger'], { readOwn })
  await use(port).catch(async (error) => {
    await stop()
    throw error
  })
  const { code, stdout, stderr } = await stop()
  expect([code, stderr]).toEqual([0, 'Stopped.\n'])
  expect(stdout).toContain(`http://127.0.0.1:${port}/\n`)
  return stdout
}

describe('debugger', () => {
  it('serves the page in one response, which its policy protects', async () => {
    await serving(async (port) => {
      const { status, headers, body } = await send(port)
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      const policy = String(headers['content-security-policy'])
      expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/]+='; style-src 'sha256-[\w+/]+='; /)
      expect(policy).toContain("connect-src 'none'; worker-src blob:; base-uri 'none'; form-action 'none'")
      expect(policy).toMatch(/; frame-ancestors 'none'$/)
      expect(policy.startsWith(/Policy" content="([^"]+)"/.exec(body)![1]!)).toBe(true)
      expect(body).not.toMatch(/<(?:script|link)[^>]* (?:src|href)="(?!data:)/)
      expect((await send(port, { method: 'HEAD' })).body).toBe('')
      expect((await send(port, { host: `localhost:${port}` })).status).toBe(200)
    })
  })

  it.each([
    ['a site that points to this machine', { host: 'site.example' }, 403],
    ['a subdomain that looks like this machine', { host: '127.0.0.1.site.example' }, 403],
    ['a request that writes', { method: 'POST' }, 405],
    ['a preflight request', { method: 'OPTIONS' }, 405],
    ['any other file', { path: '/debugger.js' }, 404],
    ['a file elsewhere', { path: '/../package.json' }, 404],
    ['a query', { path: '/?a' }, 404],
  ])('rejects %s', async (_, sent, status) => {
    await serving(async (port) => {
      const response = await send(port, sent)
      expect([response.status, response.body]).toEqual([status, `${status}\n`])
      expect(response.headers['access-control-allow-origin']).toBeUndefined()
    })
  })

  it('reports a missing page, and a port that is in use', async () => {
    expect(await errorOf(['debugger'], { readOwn: () => readOwn('nothing') })).toMatch(
      /^the file of the page is missing/,
    )
    expect(await errorOf(['debugger', '--port', 'x'], { readOwn })).toMatch(/^--port must be an integer/)
    await serving(async (port) => {
      expect(await errorOf(['debugger', '--port', String(port)], { readOwn })).toMatch(/^port \d+ is in use\. /)
    })
  })
})
