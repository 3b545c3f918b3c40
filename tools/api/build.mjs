import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, ReflectionKind } from 'typedoc'
import { SOURCES } from '../entries.js'
import { pageOf, README, readmeOf, withAnchors } from './pages.mjs'
import { prepare } from './prepare.mjs'

// Writes docs/api from the comments of the sources. With --check, fails if that would change a page instead.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'docs/api')

/** Each entry: its specifier, its source, the name of its module and of its page, and what TypeDoc names the module. */
const entries = Object.entries(SOURCES).map(([specifier, source]) => {
  const name = specifier === 'sigv4' ? specifier : basename(source, '.ts')
  return { name, source, specifier, page: `${name}.md`, module: source.replace(/(?:\/index)?\.ts$/, '') }
})

const app = await Application.bootstrapWithPlugins({
  logLevel: 'Warn',
  // what a synchronous entry shares is documented with the others
  entryPoints: [false, true].flatMap((isSync) =>
    entries.filter(({ name }) => /\bsync$/.test(name) === isSync).map(({ source }) => join(ROOT, source)),
  ),
  tsconfig: join(ROOT, 'tsconfig.json'),
  plugin: ['typedoc-plugin-markdown'],
  readme: 'none',
  disableGit: true,
  disableSources: true,
  excludeExternals: true,
  skipErrorChecking: true, // npm run check reports these
  intentionallyNotExported: ['InstanceOf'], // what uses it is documented
  kindSortOrder: ['Function', 'Variable', 'Class', 'Interface', 'TypeAlias', 'Reference'],
  sort: ['kind', 'alphabetical'],
  groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases', '*'],
  // Options of the Markdown plugin:
  outputFileStrategy: 'modules',
  entryFileName: README,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  propertyMembersFormat: 'table',
  tableColumnSettings: { hideInherited: true, hideModifiers: true, hideOverrides: true, hideSources: true },
})

/** All pages are in one folder, whichever package the entry belongs to. */
function rename(project) {
  for (const module of project.getChildrenByKind(ReflectionKind.Module))
    module.name = entries.find((entry) => entry.module === module.name).name
}

// before links and groups
app.converter.on(
  Converter.EVENT_RESOLVE_END,
  ({ project }) => {
    rename(project)
    prepare(project)
  },
  -50,
)

const project = await app.convert()
if (!project) process.exit(1)
app.validate(project)

const draft = mkdtempSync(join(tmpdir(), 'sigv4-api-'))
app.options.setValue('out', draft)
await app.generateOutputs(project)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)

const pages = new Map()
for (const entry of entries) {
  const file = join(draft, `${entry.name}.md`)
  pages.set(entry.page, await pageOf(readFileSync(file, 'utf8'), entry))
  rmSync(file)
}
pages.set(`${README}.md`, readmeOf(entries, project.getChildrenByKind(ReflectionKind.Module)))
for (const [page, text] of pages) writeFileSync(join(draft, page), withAnchors(page, text, pages))

const read = (folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`) : []
if (process.argv.includes('--check')) {
  const [before, after] = [read(FOLDER), read(draft)]
  const stale = [...after.filter((page) => !before.includes(page)), ...before.filter((page) => !after.includes(page))]
  const names = [...new Set(stale.map((page) => page.split('\n', 1)[0]))]
  if (names.length) console.error(`docs/api/ is out of date: ${names.join(', ')}. Run npm run docs.`)
  process.exitCode = names.length ? 1 : 0
} else {
  rmSync(FOLDER, { recursive: true, force: true })
  cpSync(draft, FOLDER, { recursive: true })
}
rmSync(draft, { recursive: true })
