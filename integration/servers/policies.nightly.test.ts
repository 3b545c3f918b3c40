import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPost, presignPut } from '../../src/sync.ts'
import { ServerUnavailable } from './install.ts'
import { minio } from './minio.ts'
import { formOf, MINIO, recipes, VERSITYGW } from './policies.ts'
import { isRequired } from './required.ts'
import type { RunningServer } from './server.ts'
import { versitygw } from './versitygw.ts'
import { accepted, resultOf, send, text } from './wire.ts'

// The result of checkPost matches the server's response, or is a listed difference.

const FORMS = 450
const LEAST = {
  taken: 80,
  '403 AccessDenied': 150,
  '400 InvalidArgument': 20,
  '400 EntityTooLarge': 10,
  '400 EntityTooSmall': 5,
  '400 InvalidPolicyDocument': 20,
}

/** Forms without a key and with two ranges differ on MinIO, so they are not combined with others. */
const LEAST_OF_MINIO = { ...LEAST, '400 InvalidArgument': 2, '400 EntityTooLarge': 5 }

/** Removes differences of style from a message. */
function plain(message = ''): string {
  return message
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/(?<=Unexpected: )"(.*)"/, "'$1'")
    .replace('maximum allowed object size', 'maximum allowed size')
    .replace(/\.$/, '')
    .replaceAll(', ', ',')
    .toLowerCase()
}

describe.each([
  { name: 'versitygw', definition: versitygw, differences: VERSITYGW, least: LEAST },
  { name: 'minio', definition: minio, differences: MINIO, least: LEAST_OF_MINIO },
])('$name', ({ name, definition, differences, least }) => {
  const { results, wording } = differences
  let server: RunningServer | undefined
  let absent: string | undefined

  beforeAll(async () => {
    try {
      server = await definition.start((doing) => console.log(`${name}: ${doing}`))
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || isRequired(name)) throw error
      absent = error.message
      console.log(`NOT RUN: checkPost on ${name} (${absent})`)
    }
    if (!server) return
    const { endpoint, region, credentials } = server
    const create = await send(presignPut(`${endpoint}/policies`, { credentials, region, service: 's3' }))
    if (create.status !== 409) accepted(create) // 409: a running server has the bucket of an earlier run.
  })

  afterAll(() => server?.stop())

  test(`checkPost agrees with ${name} on ${FORMS} policies and forms`, async ({ skip }) => {
    skip(absent !== undefined, absent)
    const counts: Record<string, number> = {}
    const unused = new Set(Object.keys(results))
    for (const recipe of recipes(FORMS, differences)) {
      const { policy, fields, content, filename } = formOf(recipe, server!)
      const form = new FormData()
      for (const [name, value] of fields) form.append(name, value)
      form.append('file', new Blob([content]), filename)
      const said = checkPost(policy, form, { bucket: 'policies' })
      const reply = await send({ method: 'POST', url: `${server!.endpoint}/policies/`, headers: {} }, { body: form })

      const where = recipe.join(' + ')
      const { status, code } = resultOf(reply)
      const result = status < 300 ? 'taken' : `${status} ${code}`
      const expected = said ? `${said.status} ${said.awsCode}` : 'taken'
      counts[expected] = (counts[expected] ?? 0) + 1
      const difference = results[where]
      if (difference) {
        unused.delete(where)
        expect({ status, ...(code && { code }), why: difference.why }, where).toEqual(difference)
        expect(result, `${where} is not a difference`).not.toBe(expected)
        continue
      }
      // Of several errors, MinIO may report a different one.
      if (wording === 'own' && recipe.length > 1 && said) expect(status, where).toBeGreaterThanOrEqual(400)
      else expect(result, where).toBe(expected)
      if (recipe.length > 1) continue // The order of several errors is not specified.
      if (wording === 'own' || where in wording) continue
      const message = plain(/<Message>([^<]*)/.exec(text(reply))?.[1])
      expect(message, where).toBe(plain(said?.message))
    }
    // All kinds of forms and all differences occurred.
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(FORMS)
    for (const [result, count] of Object.entries(least)) expect(counts[result], result).toBeGreaterThanOrEqual(count)
    expect([...unused]).toEqual([])
  })
})
