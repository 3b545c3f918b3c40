import { gunzipSync } from 'node:zlib'
import { fill } from '../../../../suite/format/fill.ts'
import type { Group, SuiteFile, Test, UnfilledTest } from '../../../../suite/format/format.ts'
import { NODE_HASHES } from '../../../../suite/format/hashes.ts'

// Reads files in the format of the suite: those of the package, and others, which it checks.

/** Unpacks the files of the package, which `build-suite.js` has packed. */
export function unpackFiles(packed: Uint8Array): SuiteFile<UnfilledTest>[] {
  return JSON.parse(gunzipSync(packed).toString())
}

/** A file that is not in the format of the suite. */
export class SuiteFileError extends Error {}

type Members = Readonly<Record<string, unknown>>

const RESULTS: readonly unknown[] = ['valid', 'invalid', 'acceptable']
const SEVERITIES: readonly unknown[] = ['security', 'interoperability']

/** Parses a file, and checks what an audit uses. */
export function parseSuiteFile(text: string): SuiteFile {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new SuiteFileError('it is not JSON')
  }
  if (!isRecord(file) || file.schema !== 'sigv4-suite-1') throw new SuiteFileError('schema must be sigv4-suite-1')
  if (!hasTexts(file, ['version', 'topic'])) throw new SuiteFileError('version and topic must be strings')
  const { notes } = file
  if (!isRecord(notes)) throw new SuiteFileError('notes must be an object')
  for (const [flag, note] of Object.entries(notes))
    if (!isNote(note)) throw new SuiteFileError(`notes.${flag} must be a note`)
  if (!Array.isArray(file.testGroups)) throw new SuiteFileError('testGroups must be a list')
  for (const group of file.testGroups as unknown[]) checkGroup(group, notes)
  return file as unknown as SuiteFile
}

function checkGroup(group: unknown, notes: Members): void {
  if (!isGroup(group)) throw new SuiteFileError('each group must have a profile, a setting, objects, and tests')
  const earlier = new Set<unknown>()
  for (const test of group.tests as unknown[]) {
    if (!isRecord(test) || !hasTexts(test, ['id', 'comment', 'signature', 'http']))
      throw new SuiteFileError('each test must have id, comment, signature, and http')
    const problem =
      problemOf(test, notes, earlier) ?? (isFilledIn(test as unknown as Test, group) ? undefined : NOT_HTTP)
    if (problem !== undefined) throw new SuiteFileError(`${test.id}: ${problem}`)
    earlier.add(test.id)
  }
}

const NOT_HTTP = 'http must be the result of filling in send with the setting of the group'

function problemOf(test: Members, notes: Members, earlier: ReadonlySet<unknown>): string | undefined {
  const { flags, of, sign, send, change, aws, proof } = test
  if (!isTexts(flags) || !notes[flags[0]!]) return 'the first of its flags must have a note'
  if (!RESULTS.includes(test.result)) return 'result must be valid, invalid, or acceptable'
  if (of !== undefined && !earlier.has(of)) return 'of must be the ID of an earlier test of the group'
  if (!Array.isArray(sign) || !sign.every((step) => isRecord(step) && hasTexts(step, ['name'])))
    return 'sign must be a list of steps'
  if (send !== undefined && typeof send !== 'string') return 'send must be a string'
  if (change !== undefined && !(isRecord(change) && hasTexts(change, ['what']) && isTexts(change.parts)))
    return 'change must have what and parts'
  if (aws !== undefined && !(isRecord(aws) && hasTexts(aws, ['source']))) return 'aws must have a source'
  if (proof !== undefined && !(isRecord(proof) && hasTexts(proof, ['get']))) return 'proof must have get'
  // a key that was filled in would be sent to the server
  const texts = [send, ...(sign as Members[]).flatMap(({ key: _, ...step }) => Object.values(step))]
  if (texts.some((text) => /\{\{(?:\w+ )?secretAccessKey\b/.test(String(text))))
    return 'only the key of a step can contain the secret access key'
  return undefined
}

/** Returns whether the strings with holes result in the bytes of the test. */
function isFilledIn(test: Test, { setting }: Group): boolean {
  // what is not sent, such as ECDSA, need not be computed
  if (test.send === undefined || test.live === false) return true
  try {
    return fill(test, test.send, setting, Date.parse(setting.now) / 1000, NODE_HASHES) === test.http
  } catch {
    return false
  }
}

const SETTING = ['host', 'bucket', 'path', 'prefix', 'accessKeyId', 'secretAccessKey', 'region', 'service', 'now']

function isGroup(group: unknown): group is Group {
  return (
    isRecord(group) &&
    hasTexts(group, ['id', 'profile']) &&
    isRecord(group.setting) &&
    hasTexts(group.setting, SETTING) &&
    Array.isArray(group.objects) &&
    group.objects.every((object) => isRecord(object) && hasTexts(object, ['key', 'body']) && isKey(object.key)) &&
    Array.isArray(group.tests)
  )
}

/** Returns whether a key, which follows the prefix, stays below it. */
function isKey(key: unknown): boolean {
  return /^[\w.-]+(?:\/[\w.-]+)*$/.test(String(key)) && !/(?:^|\/)\.\.?(?:\/|$)/.test(String(key))
}

function isNote(note: unknown): boolean {
  return (
    isRecord(note) &&
    SEVERITIES.includes(note.severity) &&
    hasTexts(note, ['description', 'effect']) &&
    isTexts(note.source) &&
    isTexts(note.seen)
  )
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function hasTexts(record: Members, names: readonly string[]): boolean {
  return names.every((name) => typeof record[name] === 'string')
}
