import { describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { signTarget, TARGET_NOW, targetCases } from '../../../../test/support/targets.ts'
import { explain } from '../../src/explain.ts'

// As in `verify` and `trace`, a url that starts with a slash is the target, byte for byte.

describe.each(targetCases())('the target $url ($kind, in the $location)', (each) => {
  const { request } = signTarget(each)
  const evidence = { request, credentials: CREDENTIALS, now: TARGET_NOW }

  it('is explained as it was sent: its signature is correct', () => {
    expect(explain(evidence)).toMatchObject({ signature: 'right', findings: [] })
  })
})
