import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { writeBlock } from '../test/support/docs/markdown.ts'
import { SOURCES } from './entries.js'

// Prints the table of all options in docs/options.md, from the types and their documentation: npx tsx tools/options.ts

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Entries with the options of another package. */
const DOORS = ['sigv4/aws4', 'sigv4/aws4fetch', 'sigv4/smithy']

/** The names of parameters whose members are options. Others are data: requests, forms, events. */
const PARAMETERS = ['options', 'target', 'scope', 'details']

/** Options that are objects with options of their own. */
const NESTED = ['retry', 'tls']

/** Why the same name has different types. */
export const REASONS: Readonly<Record<string, string>> = {
  checksum: 'An implementation where the checksum is computed here; its name where the caller computes it.',
  credentials:
    'Credentials where something is signed, and in the asynchronous entries a function that returns them; those with the secret where a key is derived or many signatures follow; a lookup by access key ID where something is verified.',
  endpoint: '`explain` takes it as a configuration or a log shows it, which may be no URL.',
  expires: '`false` omits the lifetime, which S3 and tokens do not allow.',
  log: '`serve` logs text for people; `proxy`, a record for programs.',
  mode: 'What an S3 Express session may do; how the proxy treats signatures.',
  region: '`verify` may accept several; everything else has one.',
  service: '`verify` may accept several; `cacheToken` has two; everything else has one.',
  signed: '`signChunks`: whether the chunks are signed; `explain`: the strings that the client signed.',
  size: 'A form that is verified before its file has been read has no size yet.',
  token: 'The token of an identity provider; the token that clients of the proxy must send.',
}

/** A declared option, and the functions that accept it. */
export interface OptionRow {
  readonly name: string
  readonly type: string
  readonly fallback: string
  readonly meaning: string
  readonly functions: Set<string>
}

/** Returns a row for each declaration of an option, by name. */
export function optionRows(): OptionRow[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT)
  const entries = Object.entries(SOURCES).filter(([specifier]) => !DOORS.includes(specifier))
  const program = ts.createProgram(
    entries.map(([, file]) => `${ROOT}${file}`),
    options,
  )
  const checker = program.getTypeChecker()
  const rows = new Map<string, OptionRow>()

  const add = (member: ts.Symbol, prefix: string, caller: string): void => {
    const declaration = member.declarations?.find(ts.isPropertySignature)
    if (!declaration || program.isSourceFileFromExternalLibrary(declaration.getSourceFile())) return
    if (program.isSourceFileDefaultLibrary(declaration.getSourceFile())) return
    const name = prefix + member.name
    const key = `${declaration.getSourceFile().fileName}:${declaration.pos}:${prefix}`
    if (!rows.has(key)) {
      const tags = ts.getJSDocTags(declaration)
      const fallback = tags.find(({ tagName }) => tagName.text === 'default')?.comment
      const comment = ts.displayPartsToString(member.getDocumentationComment(checker))
      rows.set(key, {
        name,
        type: typeOf(declaration),
        fallback: oneLine(ts.getTextOfJSDocComment(fallback) ?? (declaration.questionToken ? 'none' : 'required')),
        meaning: oneLine(comment),
        functions: new Set(),
      })
    }
    rows.get(key)!.functions.add(caller)
    if (!NESTED.includes(member.name)) return
    for (const nested of objects(checker.getTypeOfSymbol(member)).flatMap((type) => type.getProperties()))
      add(nested, `${name}.`, caller)
  }

  for (const [specifier, file] of entries) {
    const source = program.getSourceFile(`${ROOT}${file}`)!
    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(source)!)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (!(symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable))) continue
      const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures()
      for (const parameter of signatures.flatMap(({ parameters }) => parameters)) {
        const isEvidence = exported.name === 'explain' && parameter.name === 'input'
        if (!PARAMETERS.includes(parameter.name) && !isEvidence) continue
        for (const type of objects(checker.getTypeOfSymbol(parameter)))
          for (const member of type.getProperties()) add(member, '', `${specifier} ${exported.name}`)
      }
    }
  }
  return [...rows.values()].sort((one, other) => order(one).localeCompare(order(other), 'en'))
}

const order = ({ name, type, meaning }: OptionRow): string => `${name.toLowerCase()} ${type} ${meaning}`

/** Returns the object types of a union. */
function objects(type: ts.Type): ts.Type[] {
  const parts = type.isUnion() ? type.types : [type]
  const isObject = ({ flags }: ts.Type): boolean => Boolean(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))
  return parts.filter(
    (part) => isObject(part) && part.getCallSignatures().length === 0 && part.symbol?.name !== 'UrlLike',
  )
}

/** Returns a type as it is declared. */
function typeOf({ type }: ts.PropertySignature): string {
  const text = oneLine(type?.getText() ?? 'unknown')
    .replace(/^\| /, '')
    .replace(/ \| undefined$/, '')
  return text === 'Source' ? 'Credentials' : text
}

function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\{@link (\w+) ?\}/g, '`$1`')
    .trim()
}

/** Shortens a list of functions, the twins in `sigv4/sync` and `sigv4/tokens/sync` left out. */
function callers(functions: ReadonlySet<string>): string {
  const names = new Set([...functions].map((each) => each.split(' ')[1]!))
  const family = ['presign', 'presignGet', 'presignPut', 'presignHead', 'presignDelete']
  if (family.every((name) => names.has(name))) {
    for (const name of family) names.delete(name)
    names.add(family.join(', '))
  }
  const tokens = [...functions].filter((each) => each.startsWith('sigv4/tokens ')).map((each) => each.split(' ')[1]!)
  if (tokens.length > 3) {
    for (const name of tokens) names.delete(name)
    names.add(`${tokens.length} functions of sigv4/tokens`)
  }
  return [...names].sort().join(', ')
}

/** Returns the table. */
export function optionTable(rows = optionRows()): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const merged = new Map<string, OptionRow>()
  for (const row of rows) {
    const key = JSON.stringify([row.name, row.type, row.fallback, row.meaning])
    const same = merged.get(key)
    if (same) for (const each of row.functions) same.functions.add(each)
    else merged.set(key, { ...row, functions: new Set(row.functions) })
  }
  const lines = [...merged.values()].map(
    ({ name, type, fallback, meaning, functions }) =>
      `| \`${name}\` | \`${cell(type)}\` | ${cell(fallback)} | ${cell(meaning)} | ${callers(functions)} |`,
  )
  return ['| option | type | default | meaning | of |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

/** Returns the names that have different types, and why. */
export function reasonTable(): string {
  const lines = Object.entries(REASONS).map(([name, reason]) => `| \`${name}\` | ${reason} |`)
  return ['| option | why its types differ |', '| --- | --- |', ...lines].join('\n')
}

/** Returns the types of each name that has several. */
export function differing(rows: readonly OptionRow[]): Map<string, string[]> {
  const types = new Map<string, Set<string>>()
  for (const { name, type } of rows) types.set(name, (types.get(name) ?? new Set()).add(type))
  return new Map([...types].filter(([, all]) => all.size > 1).map(([name, all]) => [name, [...all].sort()]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeBlock('docs/options.md', 'options', optionTable())
  writeBlock('docs/options.md', 'reasons', reasonTable())
}
