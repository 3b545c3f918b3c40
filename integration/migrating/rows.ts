import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { CREDENTIALS } from '../../test/support/credentials.ts'

// What the rows of all guides share: credentials, the clock, the packages, and how two signed results are compared.

export const HERE = fileURLToPath(new URL('.', import.meta.url))
export const NOW = Date.UTC(2026, 0, 31, 12)
export const credentials = { ...CREDENTIALS }
export const temporary = { ...credentials, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE+/==' }
export const target = { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' }

/** A result of signing: a presigned URL, a request with its headers, or a form. */
export type Signed = string | { url: string; headers: object } | { url: string; fields: Record<string, string> }

/** A row of a table: its first cell, what the other package signs, and what sigv4 signs for the same request. */
export type Row = readonly [option: string, theirs: () => unknown, ours: (theirs: never) => unknown]

const load = createRequire(join(HERE, 'package.json'))

/** Returns what to install, if a package is missing. */
export function missing(): string | undefined {
  const names = Object.keys(load('./package.json').dependencies)
  const isInstalled = names.every((name) => existsSync(join(HERE, 'node_modules', name, 'package.json')))
  return isInstalled ? undefined : 'npm ci --ignore-scripts --prefix integration/migrating'
}

/** Loads a package of the other side. Its types are its own business: every row runs it. */
// biome-ignore lint/suspicious/noExplicitAny: the packages may not be installed when this is type-checked
export const peer = (name: string): any => load(name)

/** Runs a function with credentials and other variables in the environment. */
export async function withEnvironment<Result>(
  { accessKeyId, secretAccessKey, sessionToken = '' }: typeof credentials & { sessionToken?: string },
  variables: Record<string, string>,
  run: () => Promise<Result>,
): Promise<Result> {
  const keys = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }
  for (const [name, value] of Object.entries({ ...keys, ...variables })) vi.stubEnv(name, value)
  try {
    return await run()
  } finally {
    vi.unstubAllEnvs()
  }
}

/** Returns the query parameters of a URL by name. */
export function queryOf(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams)
}

/** Returns the parameters of a URL whose names match, for `options.query`. */
export function added(url: string, names: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(queryOf(url)).filter(([name]) => names.test(name)))
}

/** Reads the policy of a form. */
export function policyOf(fields: Record<string, string>): { expiration: string; conditions: unknown[][] } {
  const { expiration, conditions } = JSON.parse(Buffer.from(lowerCase(fields).policy!, 'base64').toString())
  return {
    expiration: new Date(expiration).toISOString(),
    conditions: conditions.map((condition: object | unknown[]) => {
      if (!Array.isArray(condition)) return ['eq', ...Object.entries(condition)[0]!].map(fold)
      return condition.map((part, i) => (i === 1 && typeof part === 'string' ? fold(part.replace('$', ''), 1) : part))
    }),
  }
}

const fold = (part: unknown, i: number): unknown => (i === 1 ? String(part).toLowerCase() : part)

const lowerCase = (values: object): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), String(value).trim()]))

/** Returns a result in the form in which both sides are equal: order and case of names do not count. */
export function comparable(signed: Signed): object {
  if (typeof signed === 'string') {
    const { origin, pathname, searchParams } = new URL(signed)
    return { url: origin + pathname, query: [...searchParams].sort() }
  }
  if ('fields' in signed) {
    // the policy is compared as data, its signature is verified, and `bucket` is a field that nothing requires
    const { policy: _, 'x-amz-signature': __, bucket: ___, ...fields } = lowerCase(signed.fields)
    const { expiration, conditions } = policyOf(signed.fields)
    const lines = conditions.map((condition) => JSON.stringify(condition)).sort()
    return { url: signed.url.replace(/\/$/, ''), fields, expiration, conditions: lines }
  }
  const { host: _, ...headers } = lowerCase(signed.headers)
  return { ...comparable(signed.url), headers }
}
