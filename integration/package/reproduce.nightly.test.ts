import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createTar } from 'nanotar'
import { afterAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { fromFolder, fromRegistry, reproduce, type Source } from '../../tools/release/reproduce.ts'

// What `npm run reproduce` reports. `npm run release:check` compares real builds, of two versions of Node in two folders.

interface Options {
  mode?: string
  level?: number
  repository?: string
}

/** A tarball of two files. */
function tarball(name: string, code: string, { mode = '644', level = 9, repository }: Options = {}): Buffer {
  const attrs = { mode, mtime: 499162500000 }
  const manifest = JSON.stringify({ name, ...(repository && { repository: { url: `git+${repository}.git` } }) })
  const files = [
    { name: 'package/package.json', data: manifest, attrs },
    { name: 'package/dist/index.js', data: code, attrs },
  ]
  return gzipSync(createTar(files), { level })
}

const CODE = 'export const sign = () => 1\n'.repeat(50)
const LIBRARY = tarball('sigv4', CODE)
const ALIAS = tarball('sigv4-as-aws4', CODE)

const temporary = mkdtempSync(join(tmpdir(), 'sigv4-reproduce-test-'))
const tagged = repository('tagged', ['v0.1.0'])
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

/** A repository with versions of both packages, and tags. */
function repository(name: string, tags: readonly string[]): string {
  const folder = join(temporary, name)
  mkdirSync(join(folder, 'packages/sigv4-tools'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '0.1.0' }))
  writeFileSync(join(folder, 'packages/sigv4-tools/package.json'), JSON.stringify({ version: '0.2.0' }))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: folder })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'a')
  for (const tag of tags) git('tag', '--annotate', '--message', 'a', tag)
  return folder
}

/** Compares published tarballs with those that a build would produce. */
async function outcome(
  published: Record<string, Buffer>,
  built: Record<string, Buffer>,
  { root = tagged, version = '0.1.0' } = {},
) {
  const sources: Source[] = []
  const comparison = await reproduce(
    'sigv4',
    version,
    async (name) => published[name],
    async (source) => {
      sources.push(source)
      return new Map(Object.entries(built))
    },
    root,
  )
  return { ...comparison, sources }
}

describe('reproduce', () => {
  const both = { sigv4: LIBRARY, 'sigv4-as-aws4': ALIAS }

  it('reports the same bytes, and builds the tag for the address that the package contains', async () => {
    const library = tarball('sigv4', CODE, { repository: 'https://git.example/sigv4' })
    const packages = { ...both, sigv4: library }
    expect(await outcome(packages, packages)).toEqual({
      same: ['sigv4@0.1.0: the same bytes', 'sigv4-as-aws4@0.1.0: the same bytes'],
      problems: [],
      sources: [{ ref: 'refs/tags/v0.1.0', release: 'sigv4', repository: 'https://git.example/sigv4' }],
    })
  })

  it('names packages of which only the compression differs', async () => {
    const fast = tarball('sigv4', CODE, { level: 1 })
    expect(fast.equals(LIBRARY)).toBe(false)
    expect(await outcome({ ...both, sigv4: fast }, both)).toMatchObject({
      same: ['sigv4@0.1.0: the same files, compressed differently', 'sigv4-as-aws4@0.1.0: the same bytes'],
      problems: [],
    })
  })

  it.each([
    ['a changed byte', tarball('sigv4', CODE.replace('1', '2')), 'dist/index.js differs, first at byte 26'],
    ['an added line', tarball('sigv4', `${CODE}\n`), `dist/index.js differs, first at byte ${CODE.length}`],
    ['a changed mode', tarball('sigv4', CODE, { mode: '755' }), 'dist/index.js has the mode 755, and 644 in the build'],
  ])('finds %s', async (_, published, expected) => {
    const { same, problems } = await outcome({ ...both, sigv4: published }, both)
    expect(problems).toHaveLength(1)
    expect(problems![0]).toMatch(/^sigv4@0\.1\.0 differs:\n/)
    expect(problems![0]).toContain(`\n  ${expected}`)
    expect(same).toEqual(['sigv4-as-aws4@0.1.0: the same bytes'])
  })

  it('finds files that only one of them contains', async () => {
    const add = (name: string) =>
      gzipSync(
        Buffer.concat([createTar([{ name: `package/${name}`, data: 'a' }]).subarray(0, 1024), gunzipSync(LIBRARY)]),
      )
    const { problems } = await outcome({ ...both, sigv4: add('install.js') }, { ...both, sigv4: add('README.md') })
    expect(problems).toEqual([
      'sigv4@0.1.0 differs:\n  install.js is only in the published package\n  README.md is only in the build',
    ])
  })

  it('finds bytes that belong to no file', async () => {
    const tar = gunzipSync(LIBRARY)
    tar[tar.length - 1] = 1
    const { problems } = await outcome({ ...both, sigv4: gzipSync(tar) }, both)
    expect(problems).toEqual([
      'sigv4@0.1.0 differs:\n  the files are the same, and their order or their headers differ',
    ])
  })

  it('reports a tarball that is malformed', async () => {
    const changed = Buffer.from(ALIAS)
    changed[changed.length - 8]! ^= 1
    const cut = await outcome({ ...both, sigv4: LIBRARY.subarray(0, 50) }, both)
    expect(cut.problems).toEqual(['sigv4@0.1.0 is malformed: unexpected end of file'])
    const { problems } = await outcome({ ...both, 'sigv4-as-aws4': changed }, both)
    expect(problems).toEqual(['sigv4-as-aws4@0.1.0 is malformed: incorrect data check'])
  })

  it('reports a package of the release that is not published, and compares the others', async () => {
    expect(await outcome({ sigv4: LIBRARY }, both)).toMatchObject({
      same: ['sigv4@0.1.0: the same bytes'],
      problems: ['sigv4-as-aws4@0.1.0 is not published'],
    })
  })

  it.each([
    ['not published', {}, ['v0.1.0'], '0.1.0', /^sigv4@0\.1\.0 is not published, but the tag v0\.1\.0 exists\.$/],
    [
      'without its tag',
      both,
      ['tools-v0.1.0'],
      '0.1.0',
      /^sigv4@0\.1\.0 is published, but this clone does not have the tag v0\.1\.0\. Run git fetch --tags\./,
    ],
    [
      'with a tag of another version',
      both,
      ['v0.3.0'],
      '0.3.0',
      /^The tag v0\.3\.0 contains sigv4 0\.1\.0, not 0\.3\.0\.$/,
    ],
  ])('reports a version that is %s, and builds nothing', async (name, published, tags, version, expected) => {
    const root = repository(name, tags)
    const { problems, sources } = await outcome(published, both, { root, version })
    expect(problems).toEqual([expect.stringMatching(expected)])
    expect(sources).toEqual([])
  })

  it('compares nothing if a version is neither published nor tagged', async () => {
    expect(await outcome({}, both, { version: '9.9.9' })).toEqual({ sources: [] })
  })
})

describe('the published packages', () => {
  it('are read from a folder', async () => {
    writeFileSync(join(temporary, 'sigv4-0.1.0.tgz'), LIBRARY)
    expect(await fromFolder(temporary)('sigv4', '0.1.0')).toEqual(LIBRARY)
    expect(await fromFolder(temporary)('sigv4', '0.2.0')).toBeUndefined()
  })

  it('are downloaded from a registry', async () => {
    const server = createServer(({ url }, response) => {
      const { port } = server.address() as AddressInfo
      if (url === '/sigv4/0.1.0')
        response.end(JSON.stringify({ dist: { tarball: `http://127.0.0.1:${port}/sigv4.tgz` } }))
      else if (url === '/sigv4.tgz') response.end(LIBRARY)
      else response.writeHead(url === '/sigv4/0.2.0' ? 404 : 503).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const download = fromRegistry(registry)
    expect(await download('sigv4', '0.1.0')).toEqual(LIBRARY)
    expect(await download('sigv4', '0.2.0')).toBeUndefined()
    await expect(download('sigv4', '0.3.0')).rejects.toThrow(`${registry}sigv4/0.3.0 returned status 503`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(download('sigv4', '0.1.0')).rejects.toThrow(`${registry}sigv4/0.1.0 cannot be reached: `)
  })
})

describe('npm run reproduce', () => {
  const start = (...args: string[]) => {
    try {
      execFileSync('npx', ['tsx', 'tools/release/reproduce.ts', ...args], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: 'pipe',
      })
      return { status: 0, stderr: '' }
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string }
      return { status, stderr }
    }
  }

  it('requires a version', () => {
    for (const args of [[], ['v0.1.0'], ['0.1.0', '0.2.0'], ['0.1.0', '--release', 'sigv5']])
      expect(start(...args)).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^Usage: npm run reproduce -- VERSION/),
      })
  })

  it('reports a version that does not exist', () => {
    expect(start('999.9.9', '--tarballs', temporary)).toEqual({
      status: 1,
      stderr: 'Version 999.9.9 of sigv4 and sigv4-tools is not published, and has no tag in this clone.\n',
    })
  })
})
