import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { connect, Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import { byForm, byHeader, byQuery, elements, send, sendRaw, wire } from '../../../../test/support/hand.ts'
import * as explaining from '../../src/explain/explain.ts'
import { serve } from '../../src/serve.ts'
import { SMALL_SEARCH } from '../../src/server/explain.ts'
import { arrival } from '../support/arrival.ts'
import { all, credentials, newFolder, type Started, start } from '../support/serve/start.ts'

vi.mock('../../src/explain/explain.ts', { spy: true })

let running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()))
  running = []
})

async function begin(options?: Parameters<typeof start>[0]): Promise<Started> {
  const started = await start(options)
  running.push(started)
  return started
}

describe('serve', () => {
  it('listens on loopback, and returns no secret', async () => {
    const { server } = await begin()
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(JSON.stringify(server) + inspect(server)).not.toContain(SECRET)
  })

  it('generates credentials, which it returns', async () => {
    await using server = await serve()
    const { accessKeyId: keyId, secretAccessKey: secret } = server.credentials
    expect([keyId, secret]).toEqual([expect.stringMatching(/^AKIA[A-Z2-7]{16}$/), expect.stringMatching(/^\S{40}$/)])
    const list = (change: object) => send(server.port, byHeader({ host: `127.0.0.1:${server.port}`, ...change }))
    expect((await list({ keyId, secret })).status).toBe(200)
    expect((await list({})).status).toBe(403)
    const other = await serve({})
    expect(other.credentials).not.toEqual(server.credentials)
    await other.close()
  })

  it('returns those that were passed, and none for a lookup', async () => {
    await using server = await serve({ credentials })
    expect(server.credentials).toEqual(credentials)
    await using other = await serve({ credentials: () => SECRET })
    expect(other).toHaveProperty('credentials', undefined)
  })

  it('survives a connection that cannot be accepted', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen')
    const { server, s3 } = await begin()
    const own = listen.mock.contexts[0] as Server
    listen.mockRestore()
    own.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    expect((await s3('PUT', '/bucket/key', { body: 'x' })).status).toBe(200)
    expect(server.url).toContain(String(server.port))
  })

  it('rejects invalid options, and a port in use', async () => {
    const { server } = await begin()
    await expect(serve({ credentials, port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    for (const wrong of [
      { port: 65536 },
      { port: 1.5 },
      { maxBytes: -1 },
      { host: '' },
      { log: 'x' },
      { cors: ['app.example'] },
      { cors: ['https://app.example/'] },
    ])
      await expect(serve({ credentials, ...wrong } as never), JSON.stringify(wrong)).rejects.toMatchObject({
        name: 'TypeError',
        code: /^ERR_INVALID_ARG_/,
      })
  })

  it.each([
    [{ prot: 9000 }, 'ERR_INVALID_ARG_VALUE', 'options.prot', 'unknown'],
    [{ port: '9000' }, 'ERR_INVALID_ARG_TYPE', 'options.port', 'type'],
    [{ port: 65536 }, 'ERR_INVALID_ARG_VALUE', 'options.port', 'range'],
    [{ host: '' }, 'ERR_INVALID_ARG_VALUE', 'options.host', 'invalid'],
    [{ dir: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.dir', 'type'],
    [{ region: null }, 'ERR_INVALID_ARG_TYPE', 'options.region', 'type'],
    [{ maxBytes: '1MB' }, 'ERR_INVALID_ARG_TYPE', 'options.maxBytes', 'type'],
    [{ maxBytes: Number.NaN }, 'ERR_INVALID_ARG_VALUE', 'options.maxBytes', 'range'],
    [{ cors: 'https://app.example' }, 'ERR_INVALID_ARG_TYPE', 'options.cors', 'type'],
    [{ cors: [5] }, 'ERR_INVALID_ARG_VALUE', 'options.cors', 'invalid'],
    [{ explain: 'yes' }, 'ERR_INVALID_ARG_TYPE', 'options.explain', 'type'],
    [{ allowSmallChunks: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.allowSmallChunks', 'type'],
    [{ log: true }, 'ERR_INVALID_ARG_TYPE', 'options.log', 'type'],
    [{ now: 'today' }, 'ERR_INVALID_ARG_VALUE', 'options.now', 'invalid'],
    [{ idleTimeout: '0ms' }, 'ERR_INVALID_ARG_VALUE', 'options.idleTimeout', 'range'],
    [{ idleTimeout: '901s' }, 'ERR_INVALID_ARG_VALUE', 'options.idleTimeout', 'range'],
    [{ idleTimeout: '30d' }, 'ERR_INVALID_ARG_VALUE', 'options.idleTimeout', 'range'],
    [{ skew: 3_600_000 }, 'ERR_INVALID_ARG_TYPE', 'options.skew', 'type'],
    [{ skew: '1 hour' }, 'ERR_INVALID_ARG_VALUE', 'options.skew', 'invalid'],
    [{ failRate: 1.1 }, 'ERR_INVALID_ARG_VALUE', 'options.failRate', 'range'],
    [{ failRate: Number.NaN }, 'ERR_INVALID_ARG_VALUE', 'options.failRate', 'range'],
    [{ throttle: 0 }, 'ERR_INVALID_ARG_VALUE', 'options.throttle', 'range'],
    [{ throttle: 1.5 }, 'ERR_INVALID_ARG_VALUE', 'options.throttle', 'range'],
    [{ redirectRegion: 'eu west' }, 'ERR_INVALID_ARG_VALUE', 'options.redirectRegion', 'invalid'],
    [
      { redirectRegion: 'eu-west-1', region: 'us-east-1' },
      'ERR_INVALID_ARG_VALUE',
      'options.redirectRegion',
      'unusable',
    ],
    [{ expireToken: '0ms' }, 'ERR_INVALID_ARG_VALUE', 'options.expireToken', 'range'],
    [{ credentials: 'test' }, 'ERR_INVALID_ARG_TYPE', 'options.credentials', 'type'],
    [
      { credentials: { accessKeyId: 'test' } },
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials.secretAccessKey',
      'missing',
    ],
    [null, 'ERR_INVALID_ARG_TYPE', 'options', 'type'],
  ])('rejects the options %o', async (options, code, argument, reason) => {
    await expect(serve(options as never)).rejects.toMatchObject({ code, argument, reason })
  })

  it('accepts options that are undefined', async () => {
    const options = { port: undefined, host: undefined, dir: undefined, maxBytes: undefined, log: undefined }
    await using server = await serve({ ...options, credentials: undefined })
    expect(server.maxBytes).toBe(256 * 1024 * 1024)
  })

  it('looks up credentials', async () => {
    const asked: string[] = []
    const { s3 } = await begin({
      credentials: async (id, scope) => {
        asked.push(`${id} ${scope.region}`)
        return id === 'second' ? 'its secret' : undefined
      },
    })
    expect((await s3('GET', '/', { keyId: 'second', secret: 'its secret', region: 'eu-west-3' })).status).toBe(200)
    expect((await s3('GET', '/', { keyId: 'third', secret: 'its secret' })).status).toBe(403)
    expect(asked).toEqual(['second eu-west-3', 'third us-east-1'])
  })

  it('requires the token of temporary credentials', async () => {
    const { s3 } = await begin({ credentials: { ...credentials, sessionToken: 'the-token' } })
    expect((await s3('GET', '/', { token: 'the-token' })).status).toBe(200)
    expect(elements((await s3('GET', '/', { token: 'another' })).text).Code).toBe('InvalidToken')
    expect(elements((await s3('GET', '/')).text).Code).toBe('InvalidAccessKeyId')
  })

  it('responds with 500 and continues after an internal failure', async () => {
    const { s3, lines } = await begin({
      credentials: (id) => {
        if (id !== KEY_ID) throw new Error('database unavailable')
        return SECRET
      },
    })
    const reply = await s3('GET', '/', { keyId: 'OTHER' })
    expect([reply.status, elements(reply.text).Code]).toEqual([500, 'InternalError'])
    expect(reply.text).not.toContain('database')
    expect(lines[0]).toContain('database unavailable')
    expect((await s3('GET', '/')).status).toBe(200)
  })

  it('adds the result of explain to the response and the log', async () => {
    const explain = vi.mocked(explaining.explainWithin)
    const { s3, lines } = await begin({ explain: true })
    explain.mockReturnValueOnce({ verdict: 'the secret is <wrong>\nsurely', findings: [] } as never)
    const reply = await s3('GET', '/bucket', { secret: 'wrong' })
    expect(elements(reply.text).Explanation).toBe('the secret is <wrong>\nsurely')
    expect(elements(reply.text).Code).toBe('SignatureDoesNotMatch')
    expect(explain.mock.calls).toEqual([
      [
        {
          request: expect.objectContaining({ method: 'GET', url: '/bucket' }),
          response: { status: 403, body: expect.stringContaining('<StringToSign>') },
          credentials,
        },
        SMALL_SEARCH,
      ],
    ])
    const entry = lines[0]!.split('\n').slice(1)
    expect(entry.slice(0, 4)).toEqual([
      '    the secret is <wrong>',
      '    surely',
      '    * Received by sigv4-tools serve:',
      '    > GET /bucket HTTP/1.1',
    ])
    await s3('GET', '/bucket')
    expect(lines).toHaveLength(2)
    expect(explain).toHaveBeenCalledTimes(1)
    await s3('GET', '/bucket', { secret: 'wrong' })
    expect(lines[2]!.split('\n')[1]).toMatch(
      /^ {4}Possible cause: The secret access key differs\. Otherwise, the client .* Fix: /,
    )
  })
})

describe('the log', () => {
  it('says that it has no session token if a correctly signed request has one', async () => {
    const { s3, lines } = await begin({ explain: true })
    const { Code, Message, Explanation } = elements((await s3('GET', '/', { token: 'the-token' })).text)
    const hint = 'The server has no session token. Start it with AWS_SESSION_TOKEN, or pass credentials.sessionToken.'
    expect([Code, Message]).toEqual(['InvalidToken', `The provided token is malformed or otherwise invalid. ${hint}`])
    expect(lines[0]).toContain(hint)
    expect(Explanation).toContain('The request contained a session token, but the credentials have none.')
    expect(Explanation).toContain('Add the session token to the credentials (AWS_SESSION_TOKEN)')
    const wrong = elements((await s3('GET', '/', { token: 'the-token', secret: 'wrong' })).text)
    expect(wrong.Code).toBe('SignatureDoesNotMatch')
  })

  it('has a line for each request: time, status, method, bytes, duration, target, signer and error', async () => {
    const { making, s3, lines, server } = await begin()
    const replies = [
      await s3('PUT', '/bucket/a%20key', { body: 'x' }),
      await s3('GET', '/bucket/none'),
      await s3('GET', '/bucket/none', { secret: 'wrong' }),
      await s3('GET', '/bucket?list-type=2&prefix=hidden'),
      await send(server.port, { method: 'GET', target: '/x', headers: { host: 'x' } }),
      await s3('PUT', '/bucket/film', { query: { partNumber: '2', uploadId: 'hidden' }, body: 'x' }),
    ]
    const form = byForm(making({ path: '/bucket' }))
    await send(server.port, form)
    const lengths = replies.map(({ body }) => body.length)
    const bytes = (count = 0) => `${count} B`.padStart(12)
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, '').replace(/ {2} *\d+ ms /, '  N ms '))).toEqual([
      `200  PUT     ${bytes(1)}  N ms  /bucket/a%20key  signed by ${KEY_ID}`,
      `404  GET     ${bytes(lengths[1])}  N ms  /bucket/none  signed by ${KEY_ID}  NoSuchKey: The specified key does not exist.`,
      `403  GET     ${bytes(lengths[2])}  N ms  /bucket/none  SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.  not verified: ${KEY_ID}`,
      `200  GET     ${bytes(lengths[3])}  N ms  /bucket?list-type  signed by ${KEY_ID}`,
      `403  GET     ${bytes(lengths[4])}  N ms  /x  AccessDenied: Access Denied`,
      `404  PUT     ${bytes(lengths[5])}  N ms  /bucket/film?partNumber=2&uploadId  signed by ${KEY_ID}  NoSuchUpload: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.`,
      `204  POST    ${bytes(form.body?.length)}  N ms  /bucket/uploaded from a form  signed by ${KEY_ID}`,
    ])
    expect(new Set(lines.map((line) => line.indexOf(' ms  '))).size).toBe(1)
  })

  it('has no secret, token or signature, and no control characters', async () => {
    const token = 'TOKENTOKENTOKEN'
    const { making, s3, lines, server } = await begin({ credentials: { ...credentials, sessionToken: token } })
    const requests = [
      byQuery(making({ path: '/bucket/a', token })),
      byQuery(making({ path: '/bucket/a', token: `${token}x` })),
      byQuery(making({ path: '/bucket/a', token, time: 0 })),
      byHeader(making({ path: '/bucket/a', token })),
      byHeader(making({ path: '/bucket/a', keyId: SECRET, token })),
      byHeader(making({ path: '/bucket/a', credential: SECRET, token })),
      byQuery(making({ path: '/bucket/a', keyId: SECRET })),
      byForm(making({ path: '/bucket' })),
      { ...byHeader(making({ path: '/bucket/%1b%5b31m%0d%0a' })) },
    ]
    for (const request of requests) await send(server.port, request)
    await s3('PUT', '/bucket/%1B%5B31m%0D%0A', { body: 'x', token })
    const log = lines.join('\n')
    expect(lines).toHaveLength(requests.length + 1)
    expect(log).not.toContain(SECRET.slice(0, 12))
    expect(log).not.toContain(token)
    expect(log).not.toMatch(/[\da-f]{64}/)
    expect(log).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

describe('room', () => {
  it('is limited: an object that does not fit is rejected, and others are kept', async () => {
    const { s3, lines } = await begin({ maxBytes: 20_000 })
    expect((await s3('PUT', '/bucket/a', { body: 'x'.repeat(10_000) })).status).toBe(200)
    const over = await s3('PUT', '/bucket/b', { body: 'x'.repeat(10_000) })
    expect([over.status, elements(over.text)]).toMatchObject([
      507,
      { Code: 'InsufficientStorage', Message: expect.stringContaining('raise options.maxBytes'), MaxBytes: '20000' },
    ])
    expect((await s3('PUT', '/bucket/a', { body: 'y'.repeat(12_000) })).status).toBe(507)
    expect((await s3('GET', '/bucket/a')).text).toBe('x'.repeat(10_000))
    expect((await s3('GET', '/bucket/b')).status).toBe(404)
    await s3('DELETE', '/bucket/a')
    expect((await s3('PUT', '/bucket/b', { body: 'x'.repeat(15_000) })).status).toBe(200)
    expect(lines.filter((line) => line.includes('InsufficientStorage'))).toHaveLength(2)
  })

  it('is released after failed or removed objects', async () => {
    const { s3, server, making } = await begin({ maxBytes: 100_000 })
    const body = 'x'.repeat(60_000)
    const broken = () =>
      send(server.port, { ...byHeader(making({ method: 'PUT', path: '/bucket/b', body })), body: `y${body.slice(1)}` })
    const form = (change = {}) => send(server.port, byForm({ ...making({ path: '/bucket' }), file: body, ...change }))
    for (let i = 0; i < 3; i++) {
      expect((await broken()).status).toBe(400)
      expect(
        (await s3('PUT', '/bucket/a', { body, headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } })).status,
      ).toBe(400)
      expect((await s3('PUT', '/bucket/a', { body, headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } })).status).toBe(400)
      const conditions = [
        ['content-length-range', 0, 10],
        ['starts-with', '$key', ''],
        ['starts-with', '$bucket', ''],
      ]
      for (const name of ['algorithm', 'credential', 'date']) conditions.push(['starts-with', `$x-amz-${name}`, ''])
      expect(elements((await form({ conditions })).text).Code).toBe('EntityTooLarge')
      expect((await form()).status).toBe(204)
      expect((await s3('DELETE', '/bucket/uploaded')).status).toBe(204)
      const id = all((await s3('POST', '/bucket/a?uploads')).text, 'UploadId')[0]
      expect((await s3('PUT', `/bucket/a?partNumber=1&uploadId=${id}`, { body })).status).toBe(200)
      expect((await s3('DELETE', `/bucket/a?uploadId=${id}`)).status).toBe(204)
      const cut = byHeader(making({ method: 'PUT', path: '/bucket/a', body }))
      await sendRaw(server.port, wire({ ...cut, body: body.slice(0, 50_000) }), true)
      expect((await s3('PUT', '/bucket/a', { body })).status).toBe(200)
      expect((await s3('DELETE', '/bucket/a')).status).toBe(204)
    }
  })

  it('equals the size of the current object, even after many replacements', async () => {
    const { s3 } = await begin({ maxBytes: 50_000 })
    for (let i = 0; i < 10; i++) expect((await s3('PUT', '/bucket/a', { body: 'x'.repeat(20_000) })).status).toBe(200)
  })

  it('is not used by a body of undeclared length', async () => {
    const { s3, server, making } = await begin({ maxBytes: 50_000 })
    const request = byForm({ ...making({ path: '/bucket' }), file: 'x'.repeat(60_000) })
    const reply = await send(server.port, request)
    expect([reply.status, elements(reply.text).Code]).toEqual([507, 'InsufficientStorage'])
    expect((await s3('PUT', '/bucket/a', { body: 'x'.repeat(45_000) })).status).toBe(200)
  })
})

describe('a folder', () => {
  it('keeps objects between runs, but no incomplete ones', async () => {
    const { dir, remove } = newFolder()
    try {
      const first = await start({ dir })
      const headers = { 'content-type': 'text/x', 'x-amz-meta-a': 'b', 'x-amz-checksum-crc32': 'y/Q5Jg==' }
      await first.s3('PUT', '/bucket/kept', { body: '123456789', headers })
      await first.s3('PUT', '/bucket/../evil', { body: 'inside' })
      for (const key of ['a', 'A', 'a/b', 'é', 'É']) await first.s3('PUT', `/cases/${encodeURI(key)}`, { body: key })
      await first.s3('PUT', '/bucket/gone', { body: 'x' })
      await first.s3('DELETE', '/bucket/gone')
      await first.s3('PUT', '/empty')
      const etag = (await first.s3('HEAD', '/bucket/kept')).headers.etag
      const modified = (await first.s3('HEAD', '/bucket/kept')).headers['last-modified']
      await first.stop()
      // Incomplete files of an earlier run, and files of a different program.
      const bucket = join(dir, 'bucket-bucket')
      const [old, young] = ['0'.repeat(32), '1'.repeat(32)]
      writeFileSync(join(bucket, `${old}.data`), 'half')
      utimesSync(join(bucket, `${old}.data`), 1, 1)
      writeFileSync(join(bucket, `${young}.data`), 'They may belong to a different server.')
      writeFileSync(join(bucket, 'broken.json'), '{"key": "../../etc/passwd", "data": "../x"')
      writeFileSync(
        join(bucket, 'odd.json'),
        '{"key":"odd","data":"../../../etc/passwd","size":1,"etag":"x","modified":1,"headers":{}}',
      )
      const [sidecar] = readdirSync(join(dir, 'bucket-cases')).filter((name) => name.endsWith('-a.json'))
      const said = readFileSync(join(dir, 'bucket-cases', sidecar!), 'utf8')
      writeFileSync(join(dir, 'bucket-cases', `copy-of-${sidecar}`), said)
      writeFileSync(join(dir, 'outside'), 'x')
      writeFileSync(join(bucket, sidecar!), said.replace(/"data": "[^"]*"/, '"data": "../outside"'))
      mkdirSync(join(dir, 'node_modules'))
      const second = await start({ dir })
      running.push(second)
      expect(all((await second.s3('GET', '/')).text, 'Name')).toEqual(['bucket', 'cases', 'empty'])
      expect(all((await second.s3('GET', '/bucket?list-type=2')).text, 'Key')).toEqual(['../evil', 'kept'])
      expect(all((await second.s3('GET', '/cases?list-type=2')).text, 'Key')).toEqual(['A', 'a', 'a/b', 'É', 'é'])
      for (const key of ['a', 'A', 'a/b', 'é', 'É'])
        expect((await second.s3('GET', `/cases/${encodeURI(key)}`)).text).toBe(key)
      const kept = await second.s3('GET', '/bucket/kept', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
      expect(kept.text).toBe('123456789')
      expect(kept.headers).toMatchObject({ ...headers, etag, 'last-modified': modified })
      expect(readdirSync(bucket)).not.toContain(`${old}.data`)
      expect(readdirSync(bucket)).toContain(`${young}.data`)
      expect(readdirSync(dir).sort()).toEqual([
        '.incoming',
        'bucket-bucket',
        'bucket-cases',
        'bucket-empty',
        'node_modules',
        'outside',
      ])
      for (const name of readdirSync(bucket)) expect(name).toMatch(/^[a-z\d.-]+$/)
    } finally {
      remove()
    }
  })

  it('returns the object that was requested, even if it is replaced meanwhile', async () => {
    const { dir, remove } = newFolder()
    try {
      const { s3, server, making } = await begin({ dir })
      const body = 'x'.repeat(8 * 1024 * 1024)
      await s3('PUT', '/bucket/a', { body })
      const request = byHeader(making({ path: '/bucket/a' }))
      const reading = fetch(`${server.url}/bucket/a`, { headers: request.headers })
      const response = await reading
      await s3('DELETE', '/bucket/a')
      expect((await response.text()).length).toBe(body.length)
      expect(readdirSync(join(dir, 'bucket-bucket'))).toEqual(['bucket.json'])
      expect(readFileSync(join(dir, 'bucket-bucket', 'bucket.json'), 'utf8')).toContain('"bucket"')
    } finally {
      remove()
    }
  })
})

describe('pages of other origins', () => {
  const preflight = (server: Started['server'], headers: Record<string, string>) =>
    send(server.port, { method: 'OPTIONS', target: '/bucket/key?x', headers: { host: 'x', ...headers } })
  const asked = {
    origin: 'http://localhost:5173',
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type, x-amz-meta-a',
  }

  it('on this machine may send requests and read responses by default', async () => {
    const { server, s3 } = await begin()
    const { status, headers } = await preflight(server, asked)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'access-control-allow-origin': asked.origin,
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, HEAD',
      'access-control-allow-headers': 'content-type, x-amz-meta-a',
      'access-control-max-age': '600',
      vary: 'Origin',
    })
    expect(headers['access-control-allow-private-network']).toBeUndefined()
    const put = await s3('PUT', '/bucket/key', { body: 'x', unsigned: { origin: asked.origin } })
    expect(put.headers['access-control-allow-origin']).toBe(asked.origin)
    expect(put.headers['access-control-expose-headers']).toMatch(/^ETag, /)
    const refused = await s3('PUT', '/bucket/key', { secret: 'x', unsigned: { origin: asked.origin } })
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, asked.origin])
    expect((await preflight(server, {})).status).toBe(400)
    expect((await preflight(server, { origin: asked.origin })).status).toBe(400)
  })

  it('are not logged as not verified before a presigned request', async () => {
    const { server, lines } = await begin()
    const target = `/bucket/key?X-Amz-Credential=${KEY_ID}%2F20260130%2Fus-east-1%2Fs3%2Faws4_request`
    const request = { method: 'OPTIONS', target, headers: { host: 'x', ...asked } }
    expect((await send(server.port, request)).status).toBe(200)
    await send(server.port, { ...request, method: 'GET' })
    expect(lines[0]).toMatch(/ 200 .*OPTIONS .*\/bucket\/key$/)
    expect(lines[1]).toContain(`not verified: ${KEY_ID}`)
  })

  it('may send requests and read responses with their origin in cors', async () => {
    const { server, s3 } = await begin({ cors: ['https://app.example', 'capacitor://localhost'] })
    for (const origin of ['https://app.example', 'capacitor://localhost', 'https://localhost']) {
      const { 'access-control-request-headers': _, ...plain } = asked
      const request = { ...plain, origin, 'access-control-request-private-network': 'true' }
      const { status, headers } = await preflight(server, request)
      expect([status, headers['access-control-allow-origin']]).toEqual([200, origin])
      expect(headers['access-control-allow-private-network']).toBe('true')
      expect(headers['access-control-allow-headers']).toBeUndefined()
      const put = await s3('PUT', '/bucket/key', { body: 'x', unsigned: { origin } })
      expect([put.status, put.headers['access-control-allow-origin']]).toEqual([200, origin])
    }
    for (const origin of ['https://app.example.org', 'https://app.example:8443', 'http://app.example', 'null'])
      expect((await preflight(server, { ...asked, origin })).status).toBe(403)
  })

  it('may all send requests and read responses with cors: *', async () => {
    const { server } = await begin({ cors: ['*'] })
    for (const origin of ['https://app.example', 'null'])
      expect(await preflight(server, { ...asked, origin })).toMatchObject({
        status: 200,
        headers: { 'access-control-allow-origin': origin },
      })
    expect(await preflight(server, { host: 'a.example' })).toMatchObject({ status: 400 })
  })

  it('use a host name that is in cors', async () => {
    const { server, making } = await begin({ cors: ['http://s3.example:9000'] })
    const status = async (host: string) => (await send(server.port, byHeader({ ...making({}), host }))).status
    expect(await status('S3.example:9000')).toBe(200)
    expect(await status('s3.example')).toBe(403)
  })
})

it('the location of a bucket is the region of the server', async () => {
  const { s3 } = await begin({ region: 'eu-west-1' })
  await s3('PUT', '/bucket', { region: 'eu-west-1' })
  expect((await s3('GET', '/bucket?location', { region: 'eu-west-1' })).text).toMatch(
    />eu-west-1<\/LocationConstraint>$/,
  )
})

describe('a client that waits for 100 Continue', () => {
  it('receives it only after the signature is verified', async () => {
    const { server, making } = await begin()
    const ask = (secret?: string) => {
      const request = byHeader(
        making({ method: 'PUT', path: '/bucket/key', body: 'the body', ...(secret && { secret }) }),
      )
      return wire({ ...request, headers: { ...request.headers, expect: '100-continue' }, body: '' })
    }
    const exchange = async (head: string, body: string) => {
      let received = ''
      const socket = connect(server.port, '127.0.0.1')
      socket.setEncoding('latin1').on('data', (text: string) => {
        received += text
        if (received === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(body)
        if (/ 200 OK\r\n/.test(received)) socket.end()
      })
      socket.write(head)
      await new Promise((resolve) => socket.on('close', resolve))
      return received
    }
    expect(await exchange(ask(), 'the body')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/)
    expect(await exchange(ask('wrong'), 'the body')).toMatch(/^HTTP\/1.1 403 Forbidden\r\n.*SignatureDoesNotMatch/s)
  })
})

describe('closing', () => {
  it('waits for pending requests, but not for idle connections', async () => {
    const { server, making, s3 } = await begin()
    await s3('PUT', '/bucket/before', { body: 'x' })
    const idle = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const request = wire(byHeader(making({ method: 'PUT', path: '/bucket/key', body: '0123456789' })))
    let received = ''
    const socket = connect(server.port, '127.0.0.1')
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    const arrived = arrival()
    socket.write(request.slice(0, -5))
    await arrived
    const ended = server.close()
    await sleep(100)
    socket.write(request.slice(-5))
    await ended
    expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n.*connection: close\r\n/is)
    await expect(s3('GET', '/bucket')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.close()
  })

  it('again waits for the same requests', async () => {
    const { server, making } = await begin()
    const socket = connect(server.port, '127.0.0.1')
    let isOpen = true
    socket.on('close', () => {
      isOpen = false
    })
    const arrived = arrival()
    socket
      .resume()
      .write(wire(byHeader(making({ method: 'PUT', path: '/bucket/key', body: '0123456789' }))).slice(0, -5))
    await arrived
    const closing = server.close()
    expect(server.close()).toBe(closing)
    await server.close()
    await expect.poll(() => isOpen).toBe(false) // The other end of the connection.
  })

  it('does not wait for clients that never finish', async () => {
    const { server, making } = await begin({ idleTimeout: '10m' })
    const request = wire(byHeader(making({ method: 'PUT', path: '/bucket/key', body: '0123456789' })))
    const arrived = arrival()
    const cut = sendRaw(server.port, request.slice(0, -5))
    await arrived
    await server.close()
    expect(await cut).toBe('')
  })
})
