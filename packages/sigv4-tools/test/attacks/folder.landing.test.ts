import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formRequest, NOW, part, sendKept, signedForm } from '../../../../test/support/attacks/forms.ts'
import { byHeader, type Making, type Reply } from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { all, newFolder, type Started, start } from '../support/serve/start.ts'

// The folder of a server: no request reads, changes or creates files outside it.

const CANARY = 'canary of the files outside'
let attacks = 0

interface World {
  parent: string
  dir: string
  started: Started
  before: Record<string, string>
}

/** Lists everything below a folder except `dir`: file contents and link targets, by path. */
function snapshot(folder: string, dir: string): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (path: string) => {
    if (path === dir) return
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) found[path] = `-> ${readlinkSync(path)}`
    else if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name))
    else found[path] = `${readFileSync(path, 'utf8')} ${stat.mtimeMs}`
    found[path] ??= 'folder'
  }
  visit(folder)
  return found
}

const removers: (() => void)[] = []

/** A folder with canaries around it. `plant` can add files before the server starts. */
async function newWorld(plant: (dir: string, parent: string) => void = () => {}): Promise<World> {
  const { dir: parent, remove } = newFolder()
  removers.push(remove)
  const dir = join(parent, 'data')
  for (const folder of ['data', 'outside', 'outside/deep', 'bucket-photos', 'data2', 'photos'])
    mkdirSync(join(parent, folder))
  for (const file of [
    'canary',
    'canary.json',
    'canary.data',
    'bucket.json',
    'outside/canary',
    'outside/deep/canary',
    'bucket-photos/canary',
    'data2/canary',
    'photos/canary',
  ])
    writeFileSync(join(parent, file), CANARY)
  plant(dir, parent)
  const before = snapshot(parent, dir)
  return { parent, dir, before, started: await start({ dir, now: () => NOW, idleTimeout: '500ms' }) }
}

let world: World

beforeAll(async () => {
  world = await newWorld()
  await s3({ method: 'PUT', path: '/photos/kept', body: 'kept' })
})

afterAll(async () => {
  await world.started.stop()
  for (const remove of removers) remove()
})

/** Sends a signed request with `target` instead of the signed path. */
function s3(making: Partial<Making>, target?: string, { started } = world): Promise<Reply> {
  attacks++
  const request = byHeader({ host: `127.0.0.1:${started.server.port}`, time: NOW, ...making })
  return sendKept(started.server.port, { ...request, ...(target !== undefined && { target }) })
}

function unharmed(...replies: Reply[]): void {
  const { parent, dir, before } = world
  expect(snapshot(parent, dir)).toEqual(before)
  for (const { status, text } of replies) {
    expect(text).not.toContain(CANARY)
    expect(status).toBeLessThan(500)
  }
}

/** Every name in the folder was chosen by the server. */
function tidy({ dir } = world): void {
  for (const name of readdirSync(dir)) {
    expect(name).toMatch(/^(?:\.[\w-]+|bucket-[a-z\d][a-z\d.-]+|[\w-]+\.json|lock)$/)
    expect(lstatSync(join(dir, name)).isSymbolicLink()).toBe(false)
    if (name.startsWith('bucket-'))
      for (const file of readdirSync(join(dir, name)))
        expect(file).toMatch(/^(?:bucket\.json|[\da-f]{32}\.(?:data|draft)|[\da-f]{40}-[a-z\d-]*\.json)$/)
  }
}

const PATHS = [
  '..',
  '.',
  '../canary',
  '../../canary',
  '../../outside/canary',
  '../../../../../../../../etc/passwd',
  'a/../../../canary',
  './../../canary',
  '..//..//canary',
  '....//....//canary',
  '../.\\../canary',
  '..\\..\\canary',
  '..\\../canary',
  '/etc/passwd',
  '//canary',
  '/../canary',
  '\\\\host\\share',
  'C:\\canary',
  'file:///etc/passwd',
  '~/canary',
  '$HOME/canary',
  '../canary\0',
  '../canary\0.png',
  '../canary/',
  '../canary.json',
  '../bucket.json',
  'bucket.json',
  '../bucket-photos/canary',
  '.incoming/x',
  '../.incoming/x',
  '%2e%2e/%2e%2e/canary',
  '..%2f..%2fcanary',
  '..%5c..%5ccanary',
  '%252e%252e%252fcanary',
  '\u2025/canary',
  '\uff0e\uff0e\uff0fcanary',
  '..\u2215..\u2215canary',
  '..\u29f8canary',
  '.\u200b./canary',
  `${'../'.repeat(300)}canary`,
  'con',
  'nul.txt',
  'a:b',
  '-rf',
  '*',
  `${'0'.repeat(32)}.data`,
  `${'0'.repeat(40)}-canary.json`,
]

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
const encodedPath = (path: string) => path.split('/').map(encoded).join('/')
const bytes = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const SPELLINGS: Record<string, (path: string) => string> = {
  encoded: encodedPath,
  'with encoded slashes': encoded,
  'with encoded dots': (path) => encodedPath(path).replaceAll('.', '%2E'),
  'only in escapes': bytes,
  'encoded twice': (path) => encodedPath(encodedPath(path)),
  'with overlong dots': (path) => encodedPath(path).replaceAll('.', '%C0%AE'),
  'with overlong slashes': (path) => encodedPath(path).replaceAll('/', '%C0%AF'),
  raw: (path) => path.replace(/[^\x21\x23-\x7e]/g, encoded),
  'with backslashes': (path) => encodedPath(path).replaceAll('/', '\\'),
  'with a fragment': (path) => `${encodedPath(path)}#x`,
}

describe('a key with a path out of the folder', () => {
  it('as a prefix, a marker or a delimiter lists nothing from the folder', async () => {
    for (const path of PATHS.slice(0, 16))
      for (const name of [
        'prefix',
        'marker',
        'start-after',
        'delimiter',
        'continuation-token',
        'key-marker',
        'upload-id-marker',
      ]) {
        const replies = [
          await s3({ path: '/photos', query: { [name]: path } }),
          await s3({ path: '/photos', query: { 'list-type': '2', [name]: path } }),
          await s3({ path: '/photos', query: { uploads: '', [name]: path } }),
          await s3({ path: '/', query: { [name]: path } }),
        ]
        unharmed(...replies)
        for (const { text } of replies)
          for (const listed of [...all(text, 'Key'), ...all(text, 'Name')]) expect(['photos', 'kept']).toContain(listed)
      }
  })

  it.each(Object.keys(SPELLINGS))('%s, is an ordinary key or is rejected', async (title) => {
    for (const path of PATHS) {
      const target = `/photos/${SPELLINGS[title]!(path)}`
      // Signed in canonical form, and as sent.
      for (const signed of new Set([`/photos/${encodedPath(path)}`, target])) {
        const put = await s3({ method: 'PUT', path: signed, body: 'evil' }, target)
        const get = await s3({ path: signed }, target)
        if (get.status === 200) expect(get.text).toBe('evil')
        unharmed(put, get)
      }
      const source = `photos/${SPELLINGS[title]!(path).replace(/[^\x21-\x7e]/g, encoded)}`
      const copy = { method: 'PUT', path: '/photos/copy', headers: { 'x-amz-copy-source': source } }
      unharmed(await s3(copy), await s3({ method: 'DELETE', path: `/photos/${encodedPath(path)}` }, target))
    }
    tidy()
  })

  it('in a form is an ordinary key or is rejected', async () => {
    for (const path of PATHS)
      for (const [key, filename] of [
        [path, 'x'],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
        ['${filename}', path],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
        ['../${filename}', path],
      ] as const) {
        attacks++
        const conditions = [{ bucket: 'photos' }, ['starts-with', '$key', '']]
        const fields = signedForm({ conditions, fields: [['key', key]] })
        const body = Buffer.concat([
          ...fields.map(([name, value]) => part(name, value)),
          part('file', 'evil', filename),
          Buffer.from('--limit--\r\n'),
        ])
        const host = `127.0.0.1:${world.started.server.port}`
        unharmed(await sendKept(world.started.server.port, formRequest(host, body)))
      }
    tidy()
  })

  it('in a document is an ordinary key or is rejected', async () => {
    for (const path of PATHS) {
      const body = `<Delete><Object><Key>${path.replace(/[&<\0]/g, (mark) => `&#x${mark.charCodeAt(0).toString(16)};`)}</Key></Object></Delete>`
      const sum = Buffer.from(sha256(body), 'hex').toString('base64')
      unharmed(
        await s3({
          method: 'POST',
          path: '/photos',
          query: { delete: '' },
          body,
          headers: { 'x-amz-checksum-sha256': sum },
        }),
      )
    }
  })
})

describe('a bucket with a path out of the folder', () => {
  const BUCKETS = [
    '..',
    '.',
    '...',
    '.incoming',
    '..a',
    'a..',
    'a..b',
    '../photos',
    'photos/../..',
    'photos\\..',
    'outside',
    '../outside',
    'PHOTOS',
    'bucket-photos/..',
    'photos\0',
    'photos ',
    ' photos',
    '~',
    '-',
    '_',
    'a',
    `${'a'.repeat(64)}`,
    '127.0.0.1',
    'canary',
    'b\u00fccket',
    'ph\u043etos',
    '*',
    'x.',
    '.x',
    'x-',
    '-x',
    'photos.',
    'con',
    'a\nb',
  ]

  it.each(BUCKETS)('%j does not give access to the files outside', async (bucket) => {
    for (const spell of Object.values(SPELLINGS).slice(0, 5)) {
      const target = `/${spell(bucket)}`
      for (const path of new Set([`/${encodedPath(bucket)}`, target])) {
        const replies = [
          await s3({ method: 'PUT', path }, target),
          await s3({ method: 'PUT', path: `${path}/canary`, body: 'evil' }, `${target}/canary`),
          await s3({ path: `${path}/canary` }, `${target}/canary`),
          await s3({
            method: 'PUT',
            path: '/photos/copy',
            headers: { 'x-amz-copy-source': `${spell(bucket).replace(/[^\x21-\x7e]/g, encoded)}/canary` },
          }),
          await s3({ method: 'DELETE', path }, target),
        ]
        unharmed(...replies)
      }
    }
    tidy()
    expect((await s3({ path: '/photos/kept' })).text).toBe('kept')
  })

  it.each([
    '...s3.localhost',
    '..%2f...s3.localhost',
    '../...s3.localhost',
    '../../outside.s3.localhost',
    'photos/...s3.localhost',
    '..\\...s3.localhost',
    '.incoming.s3.localhost',
    'bucket-photos.s3.localhost',
    'outside.s3.localhost',
    '.s3.localhost',
    's3.localhost',
    'photos.s3.localhost.s3.localhost',
    'PHOTOS.S3.LOCALHOST',
    'photos.s3.localhost:80:80',
    'photos.s3.localhost@x',
    'x@photos.s3.localhost',
    '%70hotos.s3.localhost',
    'photos%00.s3.localhost',
    'ph\u00f6tos.s3.localhost',
    '[::1].s3.localhost',
    '-.s3.localhost',
  ])('as the host %s does not give access to the files outside', async (host) => {
    const options = { host: Buffer.from(host).toString('latin1') }
    unharmed(
      await s3({ ...options, method: 'PUT', path: '/canary', body: 'evil' }),
      await s3({ ...options, path: '/../canary' }),
      await s3({ ...options, path: '/' }),
      await s3({ ...options, method: 'DELETE', path: '/canary' }),
      await s3({ ...options, method: 'PUT', path: '/..%2f..%2fcanary', body: 'evil' }),
    )
    tidy()
  })
})

describe('an upload ID with a path out of the folder', () => {
  it('does not find an upload', async () => {
    for (const uploadId of [...PATHS, '', '__proto__', 'constructor'])
      for (const method of ['PUT', 'POST', 'GET', 'DELETE']) {
        const query = { uploadId, ...(method === 'PUT' && { partNumber: '1' }) }
        const body =
          method === 'POST'
            ? '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>'
            : method === 'PUT'
              ? 'evil'
              : ''
        const reply = await s3({ method, path: '/photos/kept', query, body })
        unharmed(reply)
        expect(reply.status).toBe(404)
      }
    for (const partNumber of ['../1', '0', '-1', '1e3', '../../canary', '10001', ''])
      expect(
        (await s3({ method: 'PUT', path: '/photos/kept', query: { uploadId: 'x', partNumber }, body: 'evil' })).status,
      ).toBe(400)
    tidy()
  })
})

describe('a link in the folder', () => {
  const sidecar = (key: string) => `${sha256(key).slice(0, 40)}-${key.toLowerCase().replace(/[^a-z\d]+/g, '-')}.json`
  const DATA = `${'ab'.repeat(16)}.data`
  const object = (key: string, data = DATA, more = {}) =>
    JSON.stringify({ key, etag: 'x', modified: NOW, headers: {}, size: CANARY.length, data, ...more })
  const bucket = (dir: string, name = 'photos') => {
    mkdirSync(join(dir, `bucket-${name}`))
    writeFileSync(join(dir, `bucket-${name}`, 'bucket.json'), JSON.stringify({ bucket: name, created: NOW }))
    return join(dir, `bucket-${name}`)
  }

  /** Starts on a folder with planted files and runs all operations; a start that fails is acceptable. */
  async function visited(plant: (dir: string, parent: string) => void): Promise<void> {
    const at = await newWorld(plant).catch((error: NodeJS.ErrnoException) => {
      if (/^(?:E[A-Z]+|ERR_\w+)$/.test(`${error.code}`)) return undefined
      throw error
    })
    if (at === undefined) return
    try {
      const visit = async (making: Partial<Making>) => {
        const reply = await s3(making, undefined, at).catch(() => undefined) // The connection may close.
        expect(reply?.text ?? '').not.toContain(CANARY)
        expect(snapshot(at.parent, at.dir)).toEqual(at.before)
        return reply?.text ?? ''
      }
      for (const name of ['photos', 'outside', 'linked']) {
        for (const key of ['linked', 'canary', 'new']) {
          for (const method of ['GET', 'HEAD', 'PUT', 'GET'])
            await visit({ method, path: `/${name}/${key}`, body: method === 'PUT' ? 'evil' : '' })
          const started = await visit({ method: 'POST', path: `/${name}/${key}`, query: { uploads: '' } })
          const query = { uploadId: all(started, 'UploadId')[0] ?? 'x', partNumber: '1' }
          await visit({ method: 'PUT', path: `/${name}/${key}`, query, body: 'evil' })
          await visit({ method: 'DELETE', path: `/${name}/${key}` })
        }
        await visit({ path: `/${name}` })
        await visit({ method: 'DELETE', path: `/${name}` })
      }
    } finally {
      await at.started.stop()
    }
  }

  it.each<[string, (dir: string, parent: string) => void]>([
    [
      "instead of an object's data",
      (dir, parent) => {
        symlinkSync(join(parent, 'canary'), join(bucket(dir), DATA))
        writeFileSync(join(dir, 'bucket-photos', sidecar('linked')), object('linked'))
      },
    ],
    [
      "relative, instead of an object's data",
      (dir) => {
        symlinkSync('../../canary', join(bucket(dir), DATA))
        writeFileSync(join(dir, 'bucket-photos', sidecar('linked')), object('linked'))
      },
    ],
    [
      "to itself instead of an object's data",
      (dir) => {
        symlinkSync(DATA, join(bucket(dir), DATA))
        writeFileSync(join(dir, 'bucket-photos', sidecar('linked')), object('linked'))
      },
    ],
    [
      "to nothing instead of an object's data",
      (dir, parent) => {
        symlinkSync(join(parent, 'missing'), join(bucket(dir), DATA))
        writeFileSync(join(dir, 'bucket-photos', sidecar('linked')), object('linked'))
      },
    ],
    [
      "to a folder instead of an object's data",
      (dir, parent) => {
        symlinkSync(join(parent, 'outside'), join(bucket(dir), DATA))
        writeFileSync(join(dir, 'bucket-photos', sidecar('linked')), object('linked', DATA, { size: 4096 }))
      },
    ],
    [
      "instead of an object's metadata",
      (dir, parent) => {
        writeFileSync(join(parent, 'outside', 'record.json'), object('linked'))
        symlinkSync(join(parent, 'outside', 'record.json'), join(bucket(dir), sidecar('linked')))
      },
    ],
    [
      "instead of a future object's metadata",
      (dir, parent) => symlinkSync(join(parent, 'canary.json'), join(bucket(dir), sidecar('new'))),
    ],
    [
      'instead of a bucket',
      (dir, parent) => {
        writeFileSync(join(parent, 'outside', 'bucket.json'), JSON.stringify({ bucket: 'linked', created: NOW }))
        writeFileSync(join(parent, 'outside', sidecar('linked')), object('linked'))
        writeFileSync(join(parent, 'outside', DATA), CANARY)
        symlinkSync(join(parent, 'outside'), join(dir, 'bucket-linked'))
      },
    ],
    ['instead of a future bucket', (dir, parent) => symlinkSync(join(parent, 'outside'), join(dir, 'bucket-linked'))],
    [
      'to nothing instead of a future bucket',
      (dir, parent) => symlinkSync(join(parent, 'missing'), join(dir, 'bucket-linked')),
    ],
    [
      "instead of a bucket's metadata",
      (dir, parent) => {
        mkdirSync(join(dir, 'bucket-linked'))
        symlinkSync(join(parent, 'bucket.json'), join(dir, 'bucket-linked', 'bucket.json'))
      },
    ],
    ['instead of incoming data', (dir, parent) => symlinkSync(join(parent, 'outside'), join(dir, '.incoming'))],
    [
      'to nothing instead of incoming data',
      (dir, parent) => symlinkSync(join(parent, 'missing'), join(dir, '.incoming')),
    ],
    [
      'to a file that an interrupted run left',
      (dir, parent) => {
        mkdirSync(join(dir, '.incoming'))
        symlinkSync(join(parent, 'canary.data'), join(dir, '.incoming', DATA))
      },
    ],
  ])('%s is not followed', async (_, plant) => {
    await visited(plant)
  })

  it.each([
    '../../canary',
    '../canary',
    '/etc/passwd',
    'bucket.json',
    '..',
    '',
    `../bucket-photos/${DATA}`,
    `${DATA}/../../../canary`,
    `${DATA}\n`,
    `../${DATA}`,
    DATA.toUpperCase(),
  ])('is not required either: metadata that names %j as its data is ignored', async (data) => {
    await visited((dir) => writeFileSync(join(bucket(dir), sidecar('linked')), object('linked', data)))
  })

  it.each<[string, string]>([
    ['of a different key', object('canary')],
    ['that is not valid JSON', '{'],
    ['that is null', 'null'],
    ['that is a list', '[]'],
    ['with a prototype', `{"__proto__":${object('linked')}}`],
    ['with a size below zero', object('linked', DATA, { size: -1 })],
    ['with a size that is too large', object('linked', DATA, { size: 2 ** 60 })],
    ['with headers that are a list', object('linked', DATA, { headers: ['x'] })],
    ['with a line break in a header', object('linked', DATA, { headers: { 'content-type': 'a\r\nX-Evil: 1' } })],
    ['with a line break in the name of a header', object('linked', DATA, { headers: { 'a\r\nx-evil': '1' } })],
    [
      'with a length in its headers',
      object('linked', DATA, { headers: { 'content-length': '5', 'transfer-encoding': 'chunked' } }),
    ],
    ['with a tag of several lines', object('linked', DATA, { etag: 'a\r\nX-Evil: 1' })],
    ['with a time that is not one', object('linked', DATA, { modified: 9e15 })],
    ['with parts that are not numbers', object('linked', DATA, { parts: ['x', -1] })],
    ['of a long key', object('x'.repeat(5000))],
  ])('is not required either: metadata %s is harmless', async (_, record) => {
    const at = await newWorld((dir) => {
      const folder = bucket(dir)
      writeFileSync(join(folder, DATA), 'inside'.padEnd(CANARY.length))
      writeFileSync(join(folder, sidecar('linked')), record)
    })
    try {
      for (const making of [
        { path: '/photos/linked' },
        { path: '/photos/linked', query: { partNumber: '1' } },
        { path: '/photos' },
        { method: 'HEAD', path: '/photos/linked' },
      ]) {
        const reply = await s3(making, undefined, at).catch(() => undefined) // The connection may close.
        expect(reply?.headers['x-evil']).toBeUndefined()
      }
      expect((await s3({ method: 'PUT', path: '/photos/linked', body: 'new' }, undefined, at)).status).toBe(200)
      expect((await s3({ path: '/photos/linked' }, undefined, at)).text).toBe('new')
      expect(snapshot(at.parent, at.dir)).toEqual(at.before)
    } finally {
      await at.started.stop()
    }
  })

  it('planted while the server runs does not lead out of the folder', async () => {
    const folder = join(world.dir, 'bucket-photos')
    symlinkSync(join(world.parent, 'canary.json'), join(folder, sidecar('planted')))
    const put = await s3({ method: 'PUT', path: '/photos/planted', body: 'evil' })
    expect((await s3({ path: '/photos/planted' })).text).toBe('evil')
    unharmed(put, await s3({ method: 'DELETE', path: '/photos/planted' }))
    symlinkSync(join(world.parent, 'canary.json'), join(folder, sidecar('planted')))
    unharmed(await s3({ method: 'DELETE', path: '/photos/planted' }), await s3({ path: '/photos/planted' }))
  })
})

describe('this suite', () => {
  it('runs all of its attacks, and leaves the server unchanged', async () => {
    expect(attacks).toBeGreaterThan(6200)
    expect(world.started.lines.filter((line) => /InternalError/.test(line))).toEqual([])
    expect((await s3({ path: '/photos/kept' })).text).toBe('kept')
    expect(existsSync(join(world.parent, 'missing'))).toBe(false)
  })
})
