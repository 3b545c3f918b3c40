import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { isObject } from '../../../../../src/internal/options.ts'
import { areStorable } from '../http/headers.ts'
import { isChecksum } from './checksums.ts'
import type { StoredObject } from './storage.ts'

// The JSON files of a folder, which may have been edited.

const DATA = /^[\da-f]{32}\.data$/
const MAX_JSON_SIZE = 1024 * 1024
const MAX_TIME = 8.64e15 // ECMA-262, section 21.4.1.1

/** The metadata of an object, and the name and size of its data file. */
export type Sidecar = Omit<StoredObject, 'content'> & { readonly data: string; readonly size: number }

/** Returns the name of an object's JSON file. */
export function sidecarName(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40)
  const slug = key
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .slice(-60)
  return `${hash}-${slug.replace(/^-|-$/g, '')}.json`
}

/** Reads the metadata of an object. */
export function readSidecar(file: string): Sidecar | undefined {
  const value = readJson(file)
  return isSidecar(value) ? value : undefined
}

/** Reads the creation date of a bucket. */
export function readCreated(file: string): number | undefined {
  const { created } = readJson(file)
  return isTime(created) ? created : undefined
}

function isSidecar(value: Partial<Record<keyof Sidecar, unknown>>): value is Sidecar {
  const { key, data, size, etag, modified, headers, checksum, parts } = value
  return (
    matches(key, /^.{1,1024}$/s) &&
    Buffer.from(key).toString() === key && // No lone surrogates.
    matches(data, DATA) &&
    matches(etag, /^[\da-f]{32}(?:-\d{1,5})?$/) &&
    isCount(size) &&
    isTime(modified) &&
    areStorable(headers) &&
    (checksum === undefined || isChecksum(checksum)) &&
    (parts === undefined || (Array.isArray(parts) && parts.every(isCount)))
  )
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isTime(value: unknown): value is number {
  return isCount(value) && value <= MAX_TIME
}

/** Reads an object in JSON; an empty one if the file does not exist or has a different format. */
function readJson(file: string): Readonly<Record<string, unknown>> {
  const stats = file.endsWith('.json') ? lstatSync(file, { throwIfNoEntry: false }) : undefined
  if (!stats?.isFile() || stats.size > MAX_JSON_SIZE) return {}
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isObject(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
