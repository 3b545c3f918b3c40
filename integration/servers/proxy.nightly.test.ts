import { describe, expect, test } from 'vitest'
import type { LoggedRequest } from '../../packages/sigv4-tools/src/proxy.ts'
import type { Differences } from './differences.ts'
import { localstack } from './localstack.ts'
import { minio } from './minio.ts'
import { withProxy } from './proxied.ts'
import { ACCEPTED_CASES, roundTrip } from './roundtrip.ts'
import type { ServerDefinition } from './server.ts'
import { versitygw } from './versitygw.ts'

// The round trip through sigv4-tools proxy, in each of its modes.

/**
 * With new signatures, what S3 accepts, and what the server rejects because of a checksum, has the same result as without the
 * proxy, and all else is rejected as on S3.
 */
function replaced({ differences }: ServerDefinition, except?: string): Differences {
  const isKept = (name: string) => ACCEPTED_CASES.has(name) || /^(?!session).* one changed byte$/.test(name)
  return Object.fromEntries(Object.entries(differences).filter(([name]) => isKept(name) && name !== except))
}

/** Without new signatures, all results are the same as without the proxy, except for a bucket in the host. */
function unchanged({ differences }: ServerDefinition, except?: string): Differences {
  const rejected = { status: 400, why: 'the proxy cannot move the bucket of a signed host into the path' }
  return {
    ...Object.fromEntries(Object.entries(differences).filter(([name]) => name !== except)),
    'virtual host': { ...rejected, code: 'InvalidRequest' },
    'header: virtual host': { ...rejected, code: 'InvalidRequest' },
    'form: the bucket in the host': rejected,
  }
}

describe.each([
  {
    server: minio,
    sign: { differences: replaced(minio), floor: 62 },
    resign: { differences: replaced(minio), floor: 100 },
    watch: { differences: unchanged(minio), floor: 175 },
    tolerated: 1,
  },
  {
    server: versitygw,
    // the body is unsigned in a URL of the proxy
    sign: { differences: replaced(versitygw, 'signed body hash'), floor: 62 },
    resign: { differences: replaced(versitygw, 'signed body hash'), floor: 100 },
    watch: { differences: unchanged(versitygw), floor: 145 },
    tolerated: 2,
  },
  {
    server: localstack,
    // it does not verify headers, in which the proxy signs
    sign: { differences: replaced(localstack, 'a repeated query name'), floor: 54 },
    resign: { differences: replaced(localstack), floor: 92 },
    // it accepts its own host only, in place of the one that was signed
    watch: { differences: unchanged(localstack, 'presigned: sent to a different port'), floor: 138 },
    tolerated: 10,
  },
])('$server.name', ({ server, tolerated, ...modes }) => {
  const logged: LoggedRequest[] = []

  describe.each(['sign', 'resign', 'watch'] as const)('%s', (mode) => {
    const { differences, floor } = modes[mode]
    const log = mode === 'watch' ? (request: LoggedRequest) => logged.push(request) : undefined
    roundTrip(withProxy(server, mode, differences, log), floor, ['sigv4'])
  })

  test('the verdict of each watched request agrees with the server', ({ skip }) => {
    skip(logged.length === 0, `${server.name} is not available`)
    const wrong = logged.filter(({ verdict }) => verdict === 'wrong')
    const accepted = wrong.filter(({ status = 0 }) => status < 300)
    expect(accepted.map(({ method, path }) => `${method} ${path}`)).toHaveLength(tolerated)
    const unexplained = wrong.filter(({ status = 0, cause }) => (status === 400 || status === 403) && !cause)
    expect(unexplained).toEqual([])
  })
})
