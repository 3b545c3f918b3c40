import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeFileError, shown, usage } from '../program/errors.ts'
import { nearest } from '../program/nearest.ts'
import type { Terminal } from '../program/terminal.ts'
import { decodeText } from './files.ts'

/** Settings by lowercase name. */
export type Settings = ReadonlyMap<string, string>

export interface Profile {
  readonly settings: Settings
  /** The files that contain it, for messages. */
  readonly from: string
}

/** Parses the sections and settings of an AWS CLI file. Lines indented below a setting are nested settings and skipped. */
export function parseSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let indent = Number.POSITIVE_INFINITY
  for (const line of text.split('\n')) {
    const content = line.trim()
    if (content === '' || /^[#;]/.test(content)) continue
    const [, title] = /^\[(.*?)\]\s*(?:[#;].*)?$/s.exec(content) ?? []
    const depth = line.search(/\S/)
    if (title !== undefined && depth <= indent) {
      const name = title.trim().replace(/\s+/, ' ')
      section = sections.get(name) ?? new Map()
      sections.set(name, section)
      indent = Number.POSITIVE_INFINITY
      continue
    }
    if (depth > indent) continue
    indent = depth
    const [, name, value] = /^([^=:\s]+)\s*[=:]\s*(.*)$/s.exec(content) ?? []
    if (name !== undefined) section?.set(name.toLowerCase(), withoutComment(value!))
  }
  return sections
}

/** Removes a comment, which starts the value or follows whitespace. */
function withoutComment(value: string): string {
  const start = value.search(/(?<!\S)[#;]/)
  return start < 0 ? value : value.slice(0, start).trimEnd()
}

/** Reads a profile and throws if it does not exist. */
export async function requireProfile(terminal: Pick<Terminal, 'env' | 'home'>, name: string): Promise<Profile> {
  const { profile, names, files } = await readProfile(terminal, name)
  if (profile) return profile
  const suggestion = nearest(name, names)
  const hint = suggestion
    ? ` Did you mean ${suggestion}?`
    : names.length
      ? ''
      : ' The files are missing or do not contain profiles.'
  usage(`profile${shown(name)} is not in ${files.join(' or ')}.${hint}`)
}

/** Returns the paths of the files that contain profiles. */
export function profileFiles(terminal: Pick<Terminal, 'env' | 'home'>): string[] {
  return namesOfFiles(terminal).map((file) => pathOf(terminal, file))
}

function namesOfFiles({ env }: Pick<Terminal, 'env'>): [secrets: string, config: string] {
  return [env.AWS_SHARED_CREDENTIALS_FILE || '~/.aws/credentials', env.AWS_CONFIG_FILE || '~/.aws/config']
}

function pathOf({ home }: Pick<Terminal, 'home'>, file: string): string {
  return file.startsWith('~/') ? join(home, file.slice(2)) : file
}

/** Reads a profile, if it exists. Settings in the credentials file take precedence over the config file. */
export async function readProfile(
  terminal: Pick<Terminal, 'env' | 'home'>,
  name: string,
): Promise<{ profile: Profile | undefined; names: string[]; files: string[] }> {
  const [secretsFile, configFile] = namesOfFiles(terminal)
  const [secrets, config] = await Promise.all([
    readSections(terminal, 'AWS_SHARED_CREDENTIALS_FILE', secretsFile),
    readSections(terminal, 'AWS_CONFIG_FILE', configFile),
  ])
  const profiles = new Map<string, Map<string, string>>()
  for (const [title, settings] of config.sections) {
    const [, quote, named] = /^profile\s+(["']?)(.*)\1$/s.exec(title) ?? []
    if (quote === undefined && title !== 'default') continue
    const key = named?.trim() ?? title
    merge(profiles, key, settings)
  }
  const inConfig = profiles.has(name)
  const inSecrets = secrets.sections.get(name)
  for (const [key, settings] of secrets.sections) merge(profiles, key, settings)
  const settings = profiles.get(name)
  const from = [inSecrets && secrets.file, inConfig && config.file].filter(Boolean).join(' and ')
  return { profile: settings && { settings, from }, names: [...profiles.keys()], files: [secrets.file, config.file] }
}

function merge(profiles: Map<string, Map<string, string>>, key: string, settings: Settings): void {
  const profile = profiles.get(key) ?? new Map<string, string>()
  for (const [name, value] of settings) profile.set(name, value)
  profiles.set(key, profile)
}

async function readSections(
  terminal: Pick<Terminal, 'home'>,
  variable: string,
  file: string,
): Promise<{ file: string; sections: Map<string, Map<string, string>> }> {
  try {
    const bytes = await readFile(pathOf(terminal, file))
    return { file, sections: parseSections(decodeText(bytes)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, sections: new Map() }
    return usage(`cannot read ${file.startsWith('~/') ? file : `the ${variable}`}: ${describeFileError(error)}.`)
  }
}
