import { expect, it } from 'vitest'
import { trace } from '../../../../src/trace.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { explain } from '../../src/explain.ts'

// The hash of a body in place of a body that is not available.

const credentials = { ...CREDENTIALS }
const scope = { credentials, service: 'es', region: 'eu-west-1', now: Date.UTC(2026, 0, 31, 12) }
const headers = { host: 'a.example', 'x-amz-date': '20260131T120000Z' }

function requestWith(bodyHash: string, more: Record<string, string> = {}) {
  const all = { ...headers, ...more }
  const { signature, signedHeaders, credentialScope } = trace(
    { method: 'POST', url: '/', headers: all, body: 'signed' },
    scope,
  )
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${credentialScope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  return { method: 'POST', url: '/', headers: { ...all, authorization }, bodyHash }
}

it('proves that a signature is correct', () => {
  const now = scope.now
  expect(explain({ request: requestWith(sha256('signed')), credentials, now }).signature).toBe('right')
  expect(explain({ request: requestWith(sha256('changed')), credentials, now }).signature).toBe('wrong')
})

it('shows that a body was changed', () => {
  const request = requestWith(sha256('changed'), { 'x-amz-content-sha256': sha256('signed') })
  expect(explain({ request }).findings[0]).toMatchObject({ cause: 'payload-mismatch', actual: sha256('changed') })
})

it.each(['ABC', sha256('a').toUpperCase(), 5])('must be a SHA-256 in lowercase hex: %j', (bodyHash) => {
  expect(() => explain({ request: { ...requestWith(''), bodyHash } as never })).toThrow(/input\.request\.bodyHash/)
})
