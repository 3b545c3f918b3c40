import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileTrouble, shown, usage } from './failure.ts'
import { decodeText } from './files.ts'
import { nearest } from './nearest.ts'
import type { Terminal } from './terminal.ts'

/** Settings by name in lower case. */
export type Settings = ReadonlyMap<string, string>

export interface Profile {
  readonly settings: Settings
  /** Where it stands, for messages. */
  readonly from: string
}

/** Reads a file of the AWS CLI: its sections, and their settings. What is indented below a setting belongs to that. */
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

/** A value without the comment at its end, which stands at the start or after a space. */
function withoutComment(value: string): string {
  const start = value.search(/(?<!\S)[#;]/)
  return start < 0 ? value : value.slice(0, start).trimEnd()
}

/** The profile of that name, of the credentials file and, for what is not there, of the config file. */
export async function readProfile(
  terminal: Pick<Terminal, 'env' | 'home'>,
  name: string,
): Promise<Profile | undefined> {
  const { profile } = await readProfiles(terminal, name)
  return profile
}

/** The same, or an error that says which profiles there are. */
export async function demandProfile(terminal: Pick<Terminal, 'env' | 'home'>, name: string): Promise<Profile> {
  const { profile, names, files } = await readProfiles(terminal, name)
  if (profile) return profile
  const meant = nearest(name, names)
  const hint = meant ? `; did you mean ${meant}?` : names.length ? '' : ': they are missing or have no profiles'
  usage(`there is no profile${shown(name)} in ${files.join(' and ')}${hint}`)
}

async function readProfiles(
  terminal: Pick<Terminal, 'env' | 'home'>,
  name: string,
): Promise<{ profile: Profile | undefined; names: string[]; files: string[] }> {
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = terminal.env
  const [secrets, config] = await Promise.all([
    readSections(terminal, 'AWS_SHARED_CREDENTIALS_FILE', AWS_SHARED_CREDENTIALS_FILE || '~/.aws/credentials'),
    readSections(terminal, 'AWS_CONFIG_FILE', AWS_CONFIG_FILE || '~/.aws/config'),
  ])
  const profiles = new Map<string, Map<string, string>>()
  for (const [title, settings] of config.sections) {
    const [, quote, named] = /^profile\s+(["']?)(.*)\1$/.exec(title) ?? []
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
  { home }: Pick<Terminal, 'home'>,
  variable: string,
  file: string,
): Promise<{ file: string; sections: Map<string, Map<string, string>> }> {
  try {
    const bytes = await readFile(file.startsWith('~/') ? join(home, file.slice(2)) : file)
    return { file, sections: parseSections(decodeText(bytes)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, sections: new Map() }
    return usage(`${file.startsWith('~/') ? file : variable}: ${fileTrouble(error)}`)
  }
}
