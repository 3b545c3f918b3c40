import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../test/support/oracle.ts'
import type { App, Setting } from './app.ts'
import { build, HOST } from './cases.ts'
import type { Case, Framework } from './frameworks.ts'

/** Sends a request, and returns what `verify` did: what it returned, or the code of its error. */
async function outcomeOf(app: App, each: Case, setting: Setting): Promise<string> {
  const forged = build(each)
  if (setting.host) forged.headers.find(([name]) => name === 'host')![1] = 'internal.example'
  const { status, text, payload, body, error } = await app.send(forged, setting)
  if (payload === undefined && !error) return `status ${status}`
  const outcome = payload ?? [error?.code, error?.argument].filter(Boolean).join(' ')
  if ((status === 200) !== (payload !== undefined)) throw new Error(`${outcome}, but ${status} ${text.slice(0, 300)}`)
  if (body && sha256(body) !== sha256(forged.body)) throw new Error('the verified body differs from the sent one')
  return outcome
}

/** Runs cases in an application: as they are sent, and through a proxy that changes the host. */
export function run(framework: Framework, cases: readonly Case[]): void {
  describe(framework.name, () => {
    let app: App
    beforeAll(async () => {
      app = await framework.start()
    })
    afterAll(() => app?.stop?.())

    it.each(cases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      const { expected, middleware } = each
      const outcome = framework.except?.(each) ?? (typeof expected === 'function' ? expected(framework) : expected)
      const direct = await outcomeOf(app, each, { middleware })
      const proxied = await outcomeOf(app, each, { middleware, host: HOST })
      expect({ direct, proxied }).toEqual({ direct: outcome, proxied: outcome })
    })
  })
}
