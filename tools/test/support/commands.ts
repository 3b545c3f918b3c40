import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { UserWorkspaceConfig } from 'vitest/config'
import { loadCommands } from '../../../packages/sigv4-tools/src/cli/commands.ts'
import { parseArguments } from '../../../packages/sigv4-tools/src/cli/program/arguments.ts'
import { type Fence, fencesOf, read } from '../../../test/support/docs/markdown.ts'
import { ROOT } from '../../../test/support/packed.ts'
import config from '../../../vitest.config.ts'

const COMMANDS = await loadCommands()

/** The names of the projects of vitest. */
const PROJECTS = config.test!.projects!.map((project) => (project as UserWorkspaceConfig).test!.name)

const scriptsOf = (folder: string): Record<string, string> =>
  JSON.parse(read(join(folder, 'package.json'))).scripts ?? {}

/** Characters that end a command in a shell, outside of quotes. */
const END = /[|;&<>()\n`]/

/** Returns the words of the command at the start of a shell script, without quotes and escapes. */
function wordsOf(script: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < script.length; at++) {
    const mark = script[at]!
    if (mark === "'" || mark === '"') {
      const end = script.indexOf(mark, at + 1)
      word = (word ?? '') + script.slice(at + 1, end < 0 ? undefined : end)
      at = end < 0 ? script.length : end
    } else if (mark === '$' && script[at + 1] === '(') {
      const end = script.indexOf(')', at)
      word = `${word ?? ''}$`
      at = end < 0 ? script.length : end
    } else if (END.test(mark) || (mark === '#' && word === undefined)) {
      if (mark === '>' && /^\d$/.test(word ?? '')) word = undefined // 2> file
      break
    } else if (/\s/.test(mark)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + mark
  }
  if (word !== undefined) words.push(word)
  return words
}

/** `sigv4-tools` where a shell starts a command, and with `npx`. */
const IN_SHELL = /(?:(['"])!?(?:npx )?|^|[|(;=>$`] *|(?:[A-Z_]+=\S* )+|\bnpx (?:--yes )?)sigv4-tools(?:@[\d.]+)? /gm
const IN_PROSE = /(['"])?!?\bnpx (?:--yes )?sigv4-tools(?:@[\d.]+)? /gm

/** Returns the arguments of each command of `sigv4-tools` in a shell script, or of each with `npx` in prose. */
export function printedCommands(text: string, isProse = false): string[][] {
  const script = text.replaceAll(/\\\n */g, '')
  return [...script.matchAll(isProse ? IN_PROSE : IN_SHELL)].map(({ 0: { length }, 1: quote, index }) => {
    const rest = script.slice(index + length)
    if (quote !== undefined) return wordsOf(rest.slice(0, rest.indexOf(quote)))
    const words = wordsOf(rest)
    return isProse ? words.map((word) => word.replace(/[.,:]$/, '')) : words // the end of a sentence
  })
}

/** Returns what is wrong with the arguments of a command of `sigv4-tools`. */
export function checkCommand(words: readonly string[]): string[] {
  const [name = '', ...args] = words
  const command = COMMANDS.find((each) => each.name === name)
  if (!command) return /^(?:help|--help|--version|COMMAND|X|)$/.test(name) ? [] : [`sigv4-tools ${words.join(' ')}`]
  try {
    parseArguments(command, args)
    return []
  } catch (error) {
    return [`sigv4-tools ${words.join(' ')}: ${(error as Error).message}`]
  }
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
  for (const [command, rest] of markdown.matchAll(/\bnpx vitest run ([^`\n#]*)/g)) {
    const [, project] = /--project ([\w-]+)/.exec(rest!) ?? []
    if (project !== undefined && !PROJECTS.includes(project)) problems.push(command)
    for (const filter of rest!.replace(/--\w+ \S+/g, '').split(/\s+/))
      if (filter !== '' && !tests().some((path) => path.includes(filter))) problems.push(command)
  }
  for (const [command, path] of markdown.matchAll(/\b(?:bash|npx tsx) (\.?[\w/.-]+)/g))
    if (!existsSync(join(ROOT, path!))) problems.push(command)
  return problems
}

/** The folders with tests, of each house. */
const TEST_FOLDERS = ['test', 'packages/sigv4-tools/test', 'suite/test', 'tools/test', 'integration']

let found: string[] | undefined
function tests(): string[] {
  found ??= TEST_FOLDERS.flatMap(testsIn)
  return found
}

function testsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testsIn(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

/** Returns a string in which the programs that a configuration starts, such as that of kubectl, are written as commands. */
function withCommandLines(text: string): string {
  return text.replace(
    /"?command"?: "?(npx|bunx)"?,?\s+"?args"?: \[([^\]\n]*)\]/g,
    (_, program: string, args: string) => `${program} ${args.replace(/["',]/g, '')}`,
  )
}

const NAMES = COMMANDS.map(({ name }) => name).join('|')

/** Commands of the package `sigv4`, which has none: run by its name, or as a program. */
const OF_LIBRARY = [
  /\b(?:npx|bunx|pnpm dlx|npm exec)(?: --?[\w-]+)* sigv4(?![\w/-]).*/g,
  RegExp(`(?<![\\w./@-])sigv4 (?:${NAMES}|--help|--version)\\b(?! and\\b).*`, 'g'),
]

/** Returns the commands that would not run from an empty project: the package `sigv4` has no command. */
export function checkPackages(text: string): string[] {
  return [...new Set(OF_LIBRARY.flatMap((pattern) => [...withCommandLines(text).matchAll(pattern)].map(String)))]
}

/** Returns the commands of a shell script that run only if `sigv4-tools` is installed. */
export function checkInstalled({ code }: Fence): string[] {
  return [...code.matchAll(/(?:^|[|(;=>&`] *|[A-Z_]=[^\s(]* )(?:sigv4-tools|node_modules\/\.bin\/sigv4\S*) .*/gm)].map(
    String,
  )
}

/** Returns the commands of `sigv4-tools` that a page prints: in shells, in other blocks of code, and in prose. */
export function commandsOn(path: string): string[][] {
  const fences = fencesOf(path)
  const isShell = ({ language }: Fence): boolean => /^(?:sh|bash|console)$/.test(language)
  const inline = [...read(path).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return [
    ...fences.filter(isShell).flatMap(({ code }) => printedCommands(code)),
    ...fences.filter((fence) => !isShell(fence)).flatMap(({ code }) => printedCommands(withCommandLines(code), true)),
    ...inline.flatMap((code) => printedCommands(code, true)),
  ]
}

export function checkShell({ code }: Fence): string[] {
  return [...printedCommands(code).flatMap(checkCommand), ...checkScripts(code)]
}
