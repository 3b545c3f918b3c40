import { describe, expect, it } from 'vitest'
import { sigv4a } from '../../src/sigv4a.ts'
import { verifyEvents } from '../../src/streams.ts'
import { verify, verifyPost } from '../../src/verify.ts'
import { GROUPS } from './files.ts'
import { isKnown } from './known.ts'
import { failureOf } from './runs.ts'

// verify, verifyPost and verifyEvents accept and reject what the suite says.

const VERIFIERS = { verify, verifyPost, verifyEvents, sigv4a }

for (const group of GROUPS)
  describe(group.id, () => {
    // a checksum in a header is checked by what stores the body
    for (const test of group.tests)
      it.skipIf(test.layer === 'storage')(test.id, async () => {
        const error = await failureOf(VERIFIERS, test, group)
        if (test.result !== 'acceptable')
          expect(error && String(error), test.comment).toEqual(test.result === 'valid' ? undefined : expect.any(String))
        if (!error || !test.aws || isKnown(test, group)) return
        const { status = error.status, code = error.awsCode } = test.aws
        expect([error.status, error.awsCode]).toEqual([status, code])
      })
  })
