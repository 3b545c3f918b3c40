import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { allCases } from '../../packages/sigv4-tools/src/audit/select.ts'
import { FILES } from '../../suite/test/files.ts'
import { auditServer, createBucket, listBucket } from './audit.ts'
import type { RunningServer } from './server.ts'

/** What is public about a server. */
export interface Audited {
  /** Tests whose fault takes effect. Others may, too. */
  readonly effects: readonly string[]
  /** Classes without a finding of security. */
  readonly without: readonly string[]
}

/** Registers a test that audits a running server: all tests are sent, the requests they derive from are accepted, and nothing is left. */
export function isAudited(running: () => RunningServer | undefined, { effects, without }: Audited): void {
  test('an audit completes, and leaves nothing in the bucket', async ({ skip }) => {
    const server = running()
    if (!server) return skip('not available')
    const bucket = `audit-${randomBytes(5).toString('hex')}`
    await createBucket(server, bucket)
    const { verifies, stopped, requests, tests } = await auditServer(server, ['--bucket', bucket])
    expect([verifies, stopped]).toEqual([true, undefined])
    expect(tests.length).toBeGreaterThan(500)
    expect(requests).toBeGreaterThan(tests.length)
    const bases = new Set(
      allCases(FILES).flatMap(({ test: { id, of, result } }) => (of === undefined && result === 'valid' ? [id] : [])),
    )
    const found = (isOne: (test: (typeof tests)[number]) => boolean): string[] =>
      tests.filter(isOne).map(({ id }) => id)
    expect(found(({ id, verdict }) => bases.has(id) && verdict !== 'right')).toEqual([])
    expect(found(({ verdict }) => verdict === 'untested').length).toBeLessThan(12)
    expect(found(({ verdict }) => verdict === 'error').length).toBeLessThan(6)
    expect(found(({ hasEffect }) => hasEffect === true)).toEqual(expect.arrayContaining([...effects]))
    expect(found(({ severity, flags }) => severity === 'security' && without.includes(flags[0]!))).toEqual([])
    expect(await listBucket(server, bucket)).not.toContain('<Key>')
  })
}
