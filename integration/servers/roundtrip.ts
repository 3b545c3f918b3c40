import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { type Bench, bucketUrl, ENTRIES, scoped } from './bench.ts'
import type { Case } from './case.ts'
import { asynchronousCases } from './cases/asynchronous.ts'
import { boundCases } from './cases/bound.ts'
import { bucketCases } from './cases/bucket.ts'
import { credentialCases } from './cases/credentials.ts'
import { formCases, formRejections } from './cases/forms.ts'
import { headerCases, headerRejections } from './cases/header.ts'
import { keyCases } from './cases/keys.ts'
import { largeCases } from './cases/large.ts'
import { objectCases } from './cases/objects.ts'
import { presignedRejections } from './cases/presigned-rejections.ts'
import { sessionCases } from './cases/sessions.ts'
import { uploadCases } from './cases/uploads.ts'
import { provesSignatures } from './controls.ts'
import { ServerUnavailable } from './install.ts'
import { isRequired } from './required.ts'
import type { RunningServer, ServerDefinition } from './server.ts'
import { accepted, send } from './wire.ts'

/** Cases for both entries of the library. */
const CASES = [
  ...keyCases,
  ...objectCases,
  ...boundCases,
  ...bucketCases,
  ...uploadCases,
  ...credentialCases,
  ...presignedRejections,
  ...headerCases,
  ...headerRejections,
  ...formCases,
  ...formRejections,
]

/** Cases for the asynchronous entry only. */
const MORE_CASES = [...asynchronousCases, ...largeCases]

/** The names of the cases that S3 accepts. */
export const ACCEPTED_CASES: ReadonlySet<string> = new Set(
  [...CASES, ...MORE_CASES].filter(({ s3 }) => s3.status < 300).map(({ name }) => name),
)

/** The results for the table. */
declare module 'vitest' {
  interface TaskMeta {
    roundTrip?: { server: string; version: string; ended: 'accepted' | 'rejected' | 'differently' }
    notRun?: { server: string; reason: string }
  }
}

/**
 * Registers the tests of a server: its controls, then every case with each of the entries of the library.
 *
 * @returns the server while it runs, for more tests
 */
export function roundTrip(
  definition: ServerDefinition,
  floor: number,
  entries = Object.keys(ENTRIES),
): () => RunningServer | undefined {
  const { name } = definition
  let server: RunningServer | undefined
  let failure: Error | undefined
  let bucket = ''
  let cases = 0
  const sessions = definition.issueSession ? sessionCases((bench) => definition.issueSession!(bench.server)) : []
  // If signatures are not verified, a success proves nothing, so only rejections are tested.
  // Not all servers support forms.
  const proves = ({ location, s3 }: Case) =>
    definition.ignoresClients
      ? definition.verifies[location] && s3.status < 300
      : definition.verifies[location] || (s3.status >= 300 && location !== 'form')

  beforeAll(async () => {
    try {
      server = await definition.start((doing) => console.log(`${name}: ${doing}`))
      bucket = `round-trip-${randomBytes(5).toString('hex')}`
      const create = await ENTRIES.sigv4!.presignPut(bucketUrl(bench('sigv4', '')), scoped(bench('sigv4', '')))
      accepted(await send(create))
      if (!definition.ignoresClients) await provesSignatures(definition, bench('sigv4', 'controls/'))
    } catch (error) {
      failure = error as Error
    }
  })

  afterAll(() => server?.stop())

  function bench(entry: string, prefix: string): Bench {
    return { sigv4: ENTRIES[entry]!, server: server!, bucket, prefix }
  }

  test(`${name} is available and verifies signatures`, ({ task, skip }) => {
    if (failure instanceof ServerUnavailable) {
      if (isRequired(name)) throw new Error(`ROUNDTRIP_REQUIRE names ${name}, which cannot be had: ${failure.message}`)
      console.log(`NOT RUN: ${name} (${failure.message})`)
      const reason = failure.message.split('\n')[0]!
      task.meta.notRun = { server: name, reason }
      skip(reason)
    }
    if (failure) throw failure
    const { pinnedVersion, measuredVersion } = definition
    if (pinnedVersion) expect(server!.version).toBe(pinnedVersion)
    if (measuredVersion && measuredVersion !== server!.version)
      console.log(`NOTE: the differences of ${name} were measured on ${measuredVersion}, this is ${server!.version}`)
  })

  async function runCase(entry: string, { name: caseName, s3, run }: Case, { task, skip }: TestContext) {
    skip(failure !== undefined, `${name} is not available`)
    const difference = definition.differences[caseName]
    const prefix = `${entry.replace('/', '-')}-${++cases}/`
    const result = await run(bench(entry, prefix))
    const { status, code } = difference ?? s3
    expect(result).toEqual({ status, code })
    const ended = difference ? 'differently' : s3.status < 300 ? 'accepted' : 'rejected'
    task.meta.roundTrip = { server: name, version: server!.version, ended }
  }

  for (const entry of entries) {
    describe(entry, () => {
      const cases = entry === 'sigv4' ? [...CASES, ...MORE_CASES] : CASES
      for (const one of [...cases, ...sessions].filter(proves))
        test(one.name, (context) => runCase(entry, one, context))
    })
  }

  test('every known difference belongs to a case, and is one', () => {
    const s3 = new Map([...CASES, ...MORE_CASES, ...sessions].map((one) => [one.name, one.s3]))
    for (const [caseName, { why: _, ...result }] of Object.entries(definition.differences)) {
      expect(s3.has(caseName), caseName).toBe(true)
      expect(result, caseName).not.toEqual(s3.get(caseName))
    }
  })

  test(`at least ${floor} cases were run`, ({ skip }) => {
    skip(failure !== undefined, `${name} is not available`)
    expect(cases).toBeGreaterThanOrEqual(floor)
  })

  return () => (failure ? undefined : server)
}
