import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../packed.ts'
import { treeOf } from '../tree.ts'

/** A fenced block of code, and its position. */
export interface Fence {
  where: string
  language: string
  /** What follows the language, such as `no-run`. */
  info: string
  code: string
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Returns where a generated block of a page starts and ends, between `<!-- name: command -->` and `<!-- name end -->`. */
function positionOf(markdown: string, name: string): [start: number, end: number] {
  const begin = RegExp(`<!-- ${name}: [^\\n]* -->\\n\\n`).exec(markdown)
  const end = markdown.indexOf(`\n\n<!-- ${name} end -->`)
  if (!begin || end < begin.index) throw new Error(`The page needs <!-- ${name}: … --> and <!-- ${name} end -->`)
  return [begin.index + begin[0].length, end]
}

export function readBlock(page: string, name: string): string {
  const markdown = read(page)
  return markdown.slice(...positionOf(markdown, name))
}

/** Returns a page with different content in a block. */
export function withBlock(markdown: string, name: string, content: string): string {
  const [start, end] = positionOf(markdown, name)
  return markdown.slice(0, start) + content + markdown.slice(end)
}

export function writeBlock(page: string, name: string, content: string): void {
  writeFileSync(join(ROOT, page), withBlock(read(page), name, content))
}

/** Returns the paths of all files below a folder whose names end with `end`. */
export function filesIn(folder: string, end: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter(({ name }) => name !== 'node_modules')
  return entries
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesIn(path, end) : entry.name.endsWith(end) ? [path] : []
    })
    .sort()
}

/** The README, its version for language models, those of folders that are used alone, and every page of the documentation. */
export const PAGES = [
  'README.md',
  'llms.txt',
  'packages/sigv4-tools/README.md',
  'packages/sigv4-tools/src/debugger/README.md',
  'suite/README.md',
  ...filesIn('docs', '.md'),
]

/** Pages for those who work on the repository. */
export const MAPS = [
  '.github/CONTRIBUTING.md',
  '.github/SECURITY.md',
  ...[
    'src',
    'packages/sigv4-tools/src',
    'integration',
    'suite/generator',
    'tools',
    'fixtures',
    'packages/sigv4-tools/fixtures',
  ].map((folder) => `${folder}/README.md`),
]

/** All files with links. */
export const LINKING = [
  ...new Set([
    ...PAGES,
    ...MAPS,
    'CHANGELOG.md',
    ...['.github', 'packages', 'examples', 'fixtures'].flatMap((folder) => filesIn(folder, '.md')),
  ]),
]

export function fences(markdown: string, where: (line: number) => string): Fence[] {
  const found: Fence[] = []
  const pattern = /^( *)(`{3,})([\w-]*) *([^\n]*)\n(.*?)^ *\2 *$/gms
  for (const match of markdown.matchAll(pattern)) {
    const [, indent, , language, info, code] = match
    const line = markdown.slice(0, match.index).split('\n').length
    const unindented = code!.replace(RegExp(`^${indent}`, 'gm'), '')
    found.push({ where: where(line), language: language!, info: info!, code: unindented })
  }
  return found
}

export function fencesOf(path: string): Fence[] {
  return fences(read(path), (line) => `${path}:${line}`)
}

/** Returns the fences of every `@example` in a source file. */
function examplesOf(file: string): Fence[] {
  const tree = treeOf(file)
  const found: Fence[] = []
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(doc) || doc.parent !== node) continue
      for (const tag of doc.tags ?? []) {
        if (tag.tagName.text !== 'example') continue
        // The raw text: TypeScript's parser treats an @ inside an example as a tag.
        const lines = tag.getText().replace(/^ *\* ?/gm, '')
        const line = tree.getLineAndCharacterOfPosition(tag.getStart()).line
        const inside = fences(lines, (offset) => `${file}:${line + offset}`)
        if (inside.length === 0) throw new Error(`An example without a fence in ${file}:${line + 1}`)
        found.push(...inside)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** Returns the fences of all examples in the sources of both packages. */
export function sourceExamples(): Fence[] {
  return ['src', 'packages/sigv4-tools/src'].flatMap((folder) => filesIn(folder, '.ts')).flatMap(examplesOf)
}

/** Pages whose examples have their own tests. */
const TESTED_ELSEWHERE = /^docs\/(?:api|migrating)\/|^docs\/(?:errors|recipes|upload-widgets)\.md$/

/** Returns the blocks of code on all other pages. */
export function pageExamples(): Fence[] {
  return PAGES.filter((path) => !TESTED_ELSEWHERE.test(path)).flatMap(fencesOf)
}

export const isProgram = ({ language }: Fence): boolean => language === 'ts'

const withoutFences = (markdown: string): string => markdown.replace(/^( *)(`{3,}).*?^ *\2 *$/gms, '')

const anchorsByPage = new Map<string, Set<string>>()

/** Returns the anchors of a page's headings, as GitHub creates them. They are found once: a page may have a thousand links. */
function anchorsOf(path: string): Set<string> {
  const known = anchorsByPage.get(path)
  if (known) return known
  const anchors = new Set<string>()
  anchorsByPage.set(path, anchors)
  const page = withoutFences(read(path))
  for (const [, title] of page.matchAll(/^#+ +(.+?) *$/gm)) {
    const base = title!
      .toLowerCase()
      .replace(/\]\([^)]*\)/g, '')
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = base
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`
    anchors.add(anchor)
  }
  for (const [, id] of page.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!)
  return anchors
}

/** Returns the targets of all links of a page, or of `markdown` at its path, including images and HTML. */
export function linksOf(path: string, markdown: string = read(path)): string[] {
  const prose = withoutFences(markdown).replace(/`[^`\n]*`/g, '')
  const patterns = [
    /\]\(<?((?:\\.|[^\s()\\>]|\([^()]*\))*)>?\)/g,
    /^\[[^\]]+\]: +<?([^\s>]+)/gm,
    /<[a-z]+ [^>]*\b(?:href|src)="([^"]+)"/g,
    /\bsrcset="([^"]+)"/g,
  ]
  return patterns.flatMap((pattern) => [...prose.matchAll(pattern)].map(([, link]) => link!))
}

/** Returns the links of a page, or of `markdown` at its path, that lead to a missing file or heading. */
export function brokenLinks(path: string, markdown: string = read(path)): string[] {
  return linksOf(path, markdown).filter((link) => {
    if (/^(?:https?|mailto):/.test(link)) return false
    const [file = '', anchor] = decodeURI(link).replaceAll('\\', '').split('#')
    const target = file === '' ? path : posix.join(dirname(path), file)
    if (target.startsWith('..') || !existsSync(join(ROOT, target))) return true
    if (anchor === undefined || !target.endsWith('.md')) return false
    return statSync(join(ROOT, target)).isDirectory() || !anchorsOf(target).has(anchor)
  })
}
