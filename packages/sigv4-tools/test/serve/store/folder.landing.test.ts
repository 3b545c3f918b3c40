import { spawn } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { byForm, byHeader, deletion, elements, sendRaw, wire } from '../../../../../test/support/hand.ts'
import { all, newFolder, type Started, start } from '../../support/serve/start.ts'

let outer: string
let dir: string
let remove: () => void
let running: Started[]

beforeEach(() => {
  ;({ dir: outer, remove } = newFolder())
  dir = join(outer, 'objects')
  mkdirSync(dir)
  running = []
})
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(running.map(({ stop }) => stop()))
  remove()
})

async function begin(options = {}): Promise<Started> {
  const started = await start({ dir, now: () => Date.now(), ...options })
  running.push(started)
  return started
}

/** Returns the paths and contents of all files below a folder, without following symbolic links. */
function files(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return files(path, `${prefix}${entry.name}/`)
    return `${prefix}${entry.name} ${entry.isFile() ? readFileSync(path, 'latin1').slice(0, 100) : 'link'}`
  })
}

const bucketFile = (pattern: RegExp) =>
  join(dir, 'bucket-bucket', readdirSync(join(dir, 'bucket-bucket')).find((name) => pattern.test(name))!)

describe('requests cannot leave the folder', () => {
  const DOWN = ['../', '..\\', '%2e%2e%2f', '%252e%252e/', '..%c0%af', '....//', './/../']
  const NAMES = [
    ...DOWN.flatMap((step) => [1, 2, 8].map((times) => `${step.repeat(times)}canary`)),
    ...['/canary', '//canary', '\\canary', 'C:\\canary', '\\\\?\\C:\\canary', '\\\\host\\share', 'file:///canary'],
    ...['\0', 'a\0b', '../canary\0.json', 'a\r\nb', '\u202e', '\ufeff', 'a:stream', '~', '~root', '$HOME', '`id`'],
    ...['con', 'NUL', 'aux.txt', 'com1', 'lpt9.json', 'a.', 'a ', '.', '..', '...', '.incoming', '.incoming/x'],
    ...[
      'bucket.json',
      '../bucket.json',
      '../bucket-bucket/bucket.json',
      '__proto__',
      'constructor',
      'x.data',
      'x.json',
    ],
    ...['é', 'e\u0301', 'ﬀ', 'İ', 'ß', '．．／canary', '‥/canary', '\u2215', '\uff0f', '😀'],
    ...['x'.repeat(1024), 'x/'.repeat(512), '../'.repeat(340), '\u{1F600}'.repeat(256)],
  ]
  const encode = (name: string) =>
    encodeURIComponent(name).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const escaped = (name: string) => name.replace(/[&<\0]/g, (mark) => `&#x${mark.charCodeAt(0).toString(16)};`)

  it(`${NAMES.length} names as key, bucket, host, upload ID, copy source and form field`, async () => {
    writeFileSync(join(outer, 'canary'), 'unchanged')
    const { server, s3, making } = await begin()
    const outside = () => files(outer).filter((file) => !file.startsWith('objects/'))
    await s3('PUT', '/bucket/source', { body: 'x' })
    const raw = (request: Parameters<typeof wire>[0]) =>
      sendRaw(server.port, wire({ ...request, headers: { ...request.headers, connection: 'close' } }))
    for (const name of NAMES) {
      const path = encode(name)
      const replies = [
        await raw(byHeader(making({ method: 'PUT', path: `/bucket/${path}`, body: 'x' }))),
        await raw(byHeader(making({ method: 'PUT', path: `/bucket/${path.replaceAll('%2F', '/')}`, body: 'x' }))),
        await raw(byHeader(making({ method: 'PUT', path: `/${path}` }))),
        await raw(byHeader(making({ method: 'PUT', path: `/${path}/key`, body: 'x' }))),
        await raw(
          byHeader(making({ method: 'PUT', path: '/key', host: `${path.slice(0, 200)}.s3.localhost`, body: 'x' })),
        ),
        await raw(byHeader(making({ path: `/bucket/${path}` }))),
        await raw(byHeader(making({ path: `/${path}/key` }))),
        await raw(byHeader(making({ method: 'POST', path: `/bucket/${path}`, query: { uploads: '' } }))),
        await raw(
          byHeader(making({ method: 'PUT', path: '/bucket/a', query: { uploadId: name, partNumber: '1' }, body: 'x' })),
        ),
        await raw(byHeader(making({ method: 'DELETE', path: '/bucket/a', query: { uploadId: name } }))),
        await raw(
          byHeader(
            making({ method: 'PUT', path: '/bucket/copy', headers: { 'x-amz-copy-source': `${path}/${path}` } }),
          ),
        ),
        await raw(byHeader(making({ method: 'DELETE', path: `/bucket/${path}` }))),
        await raw(byHeader(making({ method: 'DELETE', path: `/${path}` }))),
        await raw(byHeader(making({ path: '/bucket', query: { prefix: name, marker: name, delimiter: name } }))),
        await raw(byHeader(making({ path: '/bucket', query: { uploads: '', 'upload-id-marker': name } }))),
        await raw(byHeader(making(deletion(`<Delete><Object><Key>${escaped(name)}</Key></Object></Delete>`)))),
      ]
      for (const field of ['key', 'bucket', 'x-amz-meta-a', 'filename']) {
        const named = ['$key', '$bucket', '$x-amz-algorithm', '$x-amz-credential', '$x-amz-date', `$${field}`]
        const form = byForm({
          ...making({ path: '/bucket' }),
          fields: field === 'filename' ? { key: `a/$\{filename}` } : { [field]: name },
          conditions: named.map((condition) => ['starts-with', condition, '']),
        })
        const body = (form.body as string).replace('filename="f.txt"', `filename="${name.replace(/[\\"]/g, '\\$&')}"`)
        const headers = { ...form.headers, 'content-length': String(Buffer.byteLength(body)) }
        replies.push(await raw({ ...form, headers, body }))
      }
      for (const reply of replies) {
        expect(reply, name).toMatch(/^$|^HTTP\/1\.1 (?:2|4)/)
        expect(reply, name).not.toContain('unchanged')
      }
      expect(outside(), name).toEqual(['canary unchanged'])
    }
    for (const file of files(dir))
      expect(file).toMatch(/^bucket-[a-z\d.-]+\/(?:bucket\.json|[\da-f]{32}\.data|[\da-f]{40}-[a-z\d-]{0,60}\.json) /)
    await (await begin()).s3('GET', '/bucket')
    expect(outside()).toEqual(['canary unchanged'])
  })

  it('symbolic links are neither read nor written through', async () => {
    const first = await begin()
    // as long as the path of its data file, which is the size of a link to it
    const body = 'secret'.padEnd(join(outer, `${'0'.repeat(32)}.data`).length)
    for (const key of ['data', 'sidecar', 'plain']) await first.s3('PUT', `/bucket/${key}`, { body })
    await first.s3('PUT', '/moved/key', { body: 'secret' })
    await first.stop()
    const away = (path: string) => {
      const target = join(outer, path.split('/').at(-1)!)
      renameSync(path, target)
      symlinkSync(target, path)
    }
    const { data } = JSON.parse(readFileSync(bucketFile(/-data\.json$/), 'utf8'))
    away(join(dir, 'bucket-bucket', data))
    away(bucketFile(/-sidecar\.json$/))
    away(join(dir, 'bucket-moved'))
    symlinkSync(join(outer, 'nowhere'), join(dir, 'bucket-dangling'))
    symlinkSync(outer, join(dir, 'bucket-outer'))
    mkdirSync(join(dir, 'bucket-marker'))
    writeFileSync(join(outer, 'marker.json'), '{"created":1}')
    symlinkSync(join(outer, 'marker.json'), join(dir, 'bucket-marker', 'bucket.json'))
    const before = files(outer).filter((file) => !file.startsWith('objects/'))

    const { s3 } = await begin()
    expect(all((await s3('GET', '/')).text, 'Name')).toEqual(['bucket'])
    expect(all((await s3('GET', '/bucket')).text, 'Key')).toEqual(['plain'])
    for (const bucket of ['moved', 'dangling', 'outer']) {
      const reply = await s3('PUT', `/${bucket}/key`, { body: 'x' })
      expect([reply.status, elements(reply.text).Code]).toEqual([500, 'InternalError'])
    }
    for (const key of ['data', 'sidecar']) {
      expect((await s3('PUT', `/bucket/${key}`, { body: 'new' })).status).toBe(200)
      expect((await s3('GET', `/bucket/${key}`)).text).toBe('new')
    }
    expect(files(outer).filter((file) => !file.startsWith('objects/'))).toEqual(before)
  })

  it('a symbolic link that is planted while the server runs is replaced', async () => {
    writeFileSync(join(outer, 'canary'), 'unchanged')
    const { s3 } = await begin()
    await s3('PUT', '/bucket/planted', { body: 'x' })
    const sidecar = bucketFile(/-planted\.json$/)
    await s3('DELETE', '/bucket/planted')
    symlinkSync(join(outer, 'canary'), sidecar)
    expect((await s3('PUT', '/bucket/planted', { body: 'new' })).status).toBe(200)
    expect((await s3('GET', '/bucket/planted')).text).toBe('new')
    expect(lstatSync(sidecar).isFile()).toBe(true)
    rmSync(sidecar)
    symlinkSync(join(outer, 'canary'), sidecar)
    expect((await s3('DELETE', '/bucket/planted')).status).toBe(204)
    expect(readFileSync(join(outer, 'canary'), 'utf8')).toBe('unchanged')
  })

  it('a symbolic link as .incoming is rejected', async () => {
    symlinkSync(outer, join(dir, '.incoming'))
    await expect(begin()).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' })
  })
})

describe('an edited metadata file', () => {
  const last = 8.64e15
  it.each<[string, Record<string, unknown>]>([
    ['a header with a line break', { headers: { 'content-type': 'a\r\nb' } }],
    ['a header with a control character', { headers: { 'x-amz-meta-a': '\0' } }],
    ['a header that is not Latin-1', { headers: { 'x-amz-meta-a': '€' } }],
    ['a header name with a space', { headers: { 'x-amz-meta-a b': 'x' } }],
    ['a header name with a line break', { headers: { 'x-amz-meta-a\r\nx': 'x' } }],
    ['a header that frames the response', { headers: { 'transfer-encoding': 'chunked' } }],
    ['an uppercase header', { headers: { 'Content-Length': '1' } }],
    ['a header that is a number', { headers: { 'content-type': 1 } }],
    ['headers that are a list', { headers: ['x'] }],
    ['missing headers', { headers: null }],
    ['an ETag with a line break', { etag: 'a\r\nb' }],
    ['an invalid time', { modified: last + 1 }],
    ['a time before 1970', { modified: -1 }],
    ['a checksum with a line break', { checksum: { algorithm: 'CRC32', value: 'a\r\nb', type: 'FULL_OBJECT' } }],
    ['a checksum of an unknown algorithm', { checksum: { algorithm: 'a\r\nb', value: 'AAAA', type: 'FULL_OBJECT' } }],
    ['a checksum type with a line break', { checksum: { algorithm: 'CRC32', value: 'AAAA', type: 'a\r\nb' } }],
    ['parts that are not numbers', { parts: ['1'] }],
    ['parts that are not a list', { parts: 5 }],
    ['a wrong size', { size: 1 }],
    ['a negative size', { size: -1 }],
    ['the data of a different object', { data: 'OTHER' }],
    ['data outside of the folder', { data: '../../canary' }],
    ['its marker as data', { data: 'bucket.json' }],
    ['no data', { data: '' }],
    ['the key of a different file', { key: 'canary' }],
    ['a key in a different case', { key: 'EDITED' }],
  ])('with %s is skipped, and the others are loaded', async (_, change) => {
    writeFileSync(join(outer, 'canary'), 'canary')
    const first = await begin()
    await first.s3('PUT', '/bucket/edited', { body: 'edited' })
    await first.s3('PUT', '/bucket/other', { body: 'edited' })
    await first.stop()
    const sidecar = bucketFile(/-edited\.json$/)
    const { data } = JSON.parse(readFileSync(bucketFile(/-other\.json$/), 'utf8'))
    const said = JSON.stringify({ ...JSON.parse(readFileSync(sidecar, 'utf8')), ...change }).replace('OTHER', data)
    writeFileSync(sidecar, said)
    const { s3 } = await begin()
    const { status, text } = await s3('GET', '/bucket?list-type=2')
    expect([status, all(text, 'Key').length]).toEqual([200, 1])
    expect((await s3('GET', '/bucket/canary')).status).toBe(404)
    const statuses = await Promise.all(
      ['edited', 'other'].map(async (key) => (await s3('GET', `/bucket/${key}`)).status),
    )
    expect(statuses.sort()).toEqual([200, 404])
  })

  it.each(['{"created":1e300}', '{"created":"x"}', '[]', 'x', ''])(
    'a marker with %j does not create a bucket',
    async (marker) => {
      const first = await begin()
      await first.s3('PUT', '/bucket')
      await first.stop()
      writeFileSync(join(dir, 'bucket-bucket', 'bucket.json'), marker)
      const { status, text } = await (await begin()).s3('GET', '/')
      expect([status, all(text, 'Name')]).toEqual([200, []])
    },
  )

  it('of more than 1 MiB is skipped', async () => {
    const first = await begin()
    await first.s3('PUT', '/bucket/edited', { body: 'edited' })
    await first.stop()
    truncateSync(bucketFile(/-edited\.json$/), 8 * 1024 ** 3) // A sparse file.
    expect(all((await (await begin()).s3('GET', '/bucket')).text, 'Key')).toEqual([])
  })
})

describe('files of an earlier run', () => {
  const MAX = 100_000
  const leave = (folder: string, bytes: number, age = 0) => {
    mkdirSync(join(dir, folder), { recursive: true })
    const file = join(dir, folder, `${String(bytes).padStart(32, '0')}.data`)
    writeFileSync(file, Buffer.alloc(bytes))
    const time = Date.now() / 1000 - age
    utimesSync(file, time, time)
    return file
  }
  const room = async ({ s3 }: Started, bytes: number) => {
    const { status } = await s3('PUT', '/bucket/probe', { body: Buffer.alloc(bytes) })
    if (status === 200) await s3('DELETE', '/bucket/probe')
    return status
  }

  it.each(['.incoming', 'bucket-bucket', 'bucket-without-marker'])(
    'count until they are removed: %s',
    async (folder) => {
      const file = leave(folder, 60_000)
      leave(folder, 50_000, 2 * 60 * 60)
      const started = await begin({ maxBytes: MAX })
      expect(await room(started, 50_000)).toBe(507)
      expect(await room(started, 30_000)).toBe(200)
      rmSync(file)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
      expect(await room(started, 90_000)).toBe(200)
    },
  )

  it('are removed by the server once they are an hour old', async () => {
    const file = leave('.incoming', 60_000)
    const started = await begin({ maxBytes: MAX })
    expect(await room(started, 50_000)).toBe(507)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
    expect(await room(started, 90_000)).toBe(200)
    expect(lstatSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('a loaded bucket is completely released when it is deleted', async () => {
    const first = await begin({ maxBytes: MAX })
    for (let i = 0; i < 70; i++) expect((await first.s3('PUT', `/bucket-${i}`)).status).toBe(200)
    await first.stop()
    const { s3 } = await begin({ maxBytes: MAX })
    for (let i = 0; i < 70; i++) expect((await s3('DELETE', `/bucket-${i}`)).status).toBe(204)
    expect((await s3('PUT', '/bucket/key', { body: Buffer.alloc(MAX) })).status).toBe(507)
  })

  it('never exceed the limit, even if the process is repeatedly killed while writing', async () => {
    const size = () =>
      files(dir).reduce((sum, file) => sum + lstatSync(join(dir, file.slice(0, file.indexOf(' ')))).size, 0)
    const script = `
      import { serve } from ${JSON.stringify(join(import.meta.dirname, '../../../src/serve.ts'))}
      const credentials = ${JSON.stringify(CREDENTIALS)}
      serve({ credentials, dir: ${JSON.stringify(dir)}, maxBytes: ${MAX} }).then(({ port }) => console.log(port))`
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))))
      const request = byHeader({ host: 'x', method: 'PUT', path: '/bucket/key', body: 'x'.repeat(40_000) })
      const sent = sendRaw(port, wire(request).slice(0, -1))
      await vi.waitFor(() => {
        const loose = readdirSync(join(dir, '.incoming'))
        const written = loose.filter((name) => lstatSync(join(dir, '.incoming', name)).size > 30_000)
        if (round < 2) expect(written).toHaveLength(round + 1)
      }, 20_000)
      if (round >= 2) expect(await Promise.race([sent, new Promise((r) => setTimeout(r, 20_000))])).toMatch(/ 507 /)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
      await sent
      expect(size()).toBeLessThanOrEqual(MAX)
    }
  }, 300_000)
})
