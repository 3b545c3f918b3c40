import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'

// What the builds of both packages share.

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export const typescript = {
  name: 'typescript',
  async transform(text) {
    const { code } = await transform(text, { loader: 'ts', target: 'es2020', charset: 'utf8' })
    return { code, map: null }
  },
}

/** Minifies a file, and puts a line about the package, its version and the license above it. */
export const minified = (manifest) => ({
  name: 'minified',
  async renderChunk(code, { fileName }) {
    const { name, version, license } = JSON.parse(readFileSync(`${ROOT}${manifest}`, 'utf8'))
    const [, shebang = ''] = /^(#!.*\n)/.exec(code) ?? []
    const text = code.slice(shebang.length)
    // a page may declare a different encoding
    const isScript = fileName.endsWith('.global.js')
    const options = isScript ? { target: 'es2020' } : { target: 'es2022', charset: 'utf8' }
    const result = await transform(text, {
      legalComments: 'none',
      minifyIdentifiers: true,
      minifySyntax: true,
      // without whitespace, the comments would go that tell bundlers what they may leave out
      minifyWhitespace: isScript || !text.includes('__PURE__'),
      ...options,
    })
    return { code: `${shebang}/*! ${name} ${version}, ${license} License */\n${result.code}`, map: null }
  },
})

/** What both entries of tokens use. */
const TOKENS = /^src\/tokens\/(?:recipe|services)\//

/** Folders of `src` that several entries use. All others belong to one. */
export const SHARED = ['core', 'crypto', 'async', 's3', 'received', 'checksums']

/** Returns the path of a module, from the root of the repository. */
export const pathOf = (id) => relative(ROOT, id).replaceAll('\\', '/')

/** One file for the types that entries share. */
export const sharedTypes = (folders) => (id) => {
  const path = pathOf(id)
  if (TOKENS.test(path)) return 'tokens'
  const [, folder] = /^src\/(\w+)\//.exec(path) ?? []
  return folders.includes(folder) ? 'core' : undefined
}

/**
 * Divides the shared modules of the library in three, so that `./fetch` loads only what signs, and signing not what verifies
 * or explains. A session is created by entries that sign. `isReceived`: what else belongs to received requests.
 */
export const sharedCode =
  (isReceived = () => false) =>
  (id, { getModuleIds, getModuleInfo }) => {
    const imports = (pattern) => {
      const found = new Set()
      const add = (id) => {
        if (found.has(id)) return
        found.add(id)
        for (const imported of getModuleInfo(id).importedIds) add(imported)
      }
      for (const id of getModuleIds()) if (pattern.test(pathOf(id))) add(id)
      return found
    }
    const path = pathOf(id)
    // several entries load them, and they would be named after one of their files
    const [, room] = /^src\/(fetch|verify|credentials)\//.exec(path) ?? []
    if (room) return room
    if (TOKENS.test(path)) return 'tokens'
    const [, folder] = /^src\/(\w+)\//.exec(path) ?? []
    if (!SHARED.includes(folder) && !isReceived(path)) return undefined
    if (imports(/^src\/(?:fetch|s3\/create-session)\.ts$/).has(id)) return 'sign'
    return imports(/^src\/(?:index|sync)\.ts$/).has(id) ? 'core' : 'received'
  }

/** Files of several entries, which import what they share. */
export const output = (dir, format, extension, manualChunks, nameOf = () => 'shared') => ({
  dir,
  format,
  exports: 'named',
  entryFileNames: `[name]${extension}`,
  chunkFileNames: ({ moduleIds }) => `${nameOf(moduleIds.map(pathOf))}-[name]${extension}`,
  manualChunks,
  onlyExplicitManualChunks: true,
  generatedCode: { preset: 'es2015', symbols: false },
  minifyInternalExports: false,
  externalLiveBindings: false,
  hoistTransitiveImports: false,
})
