import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadCommands } from '../../../src/programs/cli/commands.ts'
import { optionsOf } from '../../../src/programs/cli/program/arguments.ts'
import { ROOT } from '../packed.ts'
import { type Fence, read } from './markdown.ts'

const COMMANDS = await loadCommands()

const scriptsOf = (folder: string): Record<string, string> =>
  JSON.parse(read(join(folder, 'package.json'))).scripts ?? {}

/** Options of every command, or of none. */
const GENERAL = ['help', 'version', 'no-color', 'verbose']

/** Returns what is wrong with the commands of `sigv4` in a shell fence. */
function checkCli(code: string): string[] {
  const problems: string[] = []
  for (const [, rest] of code
    .replaceAll(/\\\n */g, '')
    .matchAll(/(?:^|[|(;] *|npx (?:--yes )?)sigv4(?:-tools)? ([^|)\n]*)/gm)) {
    const words = rest!
      .replace(/ # .*$/, '')
      .replaceAll(/'[^']*'|"[^"]*"/g, 'x')
      .split(/\s+/)
    const name = words.find((word) => !word.startsWith('-')) ?? ''
    const command = COMMANDS.find((each) => each.name === name)
    if (!command) {
      if (name !== 'help' && name !== '') problems.push(`sigv4 ${name}`)
      continue
    }
    const known: readonly string[] = [...optionsOf(command), ...GENERAL]
    for (const word of words)
      if (/^--\w/.test(word) && !known.includes(word.slice(2).split('=')[0]!)) problems.push(`sigv4 ${name} ${word}`)
  }
  return problems
}

/** Returns what is wrong with the npm scripts and test commands that a page names, in fences or in prose. */
export function checkScripts(markdown: string): string[] {
  const problems: string[] = []
  for (const [command, folder, , name] of markdown.matchAll(
    /\bnpm (?:--prefix ([\w/.-]+) )?(run |(?=start|test\b))([\w:-]+)/g,
  )) {
    const path = folder ?? '.'
    if (!existsSync(join(ROOT, path, 'package.json')) || !(name! in scriptsOf(path))) problems.push(command)
  }
  const projects = [...read('vitest.config.ts').matchAll(/\bname: '([\w-]+)'/g)].map(([, name]) => name!)
  for (const [command, rest] of markdown.matchAll(/\bnpx vitest run ([^`\n#]*)/g)) {
    const [, project] = /--project ([\w-]+)/.exec(rest!) ?? []
    if (project !== undefined && !projects.includes(project)) problems.push(command)
    for (const filter of rest!.replace(/--\w+ \S+/g, '').split(/\s+/))
      if (filter !== '' && !tests().some((path) => path.includes(filter))) problems.push(command)
  }
  for (const [command, path] of markdown.matchAll(/\b(?:bash|npx tsx) (\.?[\w/.-]+)/g))
    if (!existsSync(join(ROOT, path!))) problems.push(command)
  return problems
}

let found: string[] | undefined
function tests(): string[] {
  found ??= readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
  return found
}

export function checkShell({ code }: Fence): string[] {
  return [...checkCli(code), ...checkScripts(code)]
}
