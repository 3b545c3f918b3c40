import { describe, expect, it } from 'vitest'
import { sigv4a } from '../../src/sigv4a.ts'
import { verifyEvents } from '../../src/streams.ts'
import { verify, verifyPost } from '../../src/verify.ts'
import { GROUPS } from '../../suite/test/files.ts'
import { isKnown } from '../../suite/test/known.ts'
import { failureOf, SHAPES } from './runs.ts'

// verify, verifyPost and verifyEvents accept and reject what the suite says.

const VERIFIERS = { verify, verifyPost, verifyEvents, sigv4a }
const DEFERRED = { payload: 'deferred' } as const

for (const group of GROUPS)
  describe(group.id, () => {
    // a checksum in a header is checked by what stores the body
    for (const test of group.tests.filter(({ layer }) => layer !== 'storage'))
      it(test.id, async () => {
        for (const shape of group.profile === 'events' ? SHAPES.slice(0, 1) : SHAPES) {
          const error = await failureOf(VERIFIERS, test, group, shape)
          if (test.result !== 'acceptable')
            expect(error && String(error), `${test.comment}, ${shape}`).toEqual(
              test.result === 'valid' ? undefined : expect.any(String),
            )
          if (!error || !test.aws || isKnown(test, group)) continue
          const { status = error.status, code = error.awsCode } = test.aws
          expect([error.status, error.awsCode], shape).toEqual([status, code])
        }
        if (test.result === 'acceptable' || group.profile === 'events') return
        // unknown keys are hidden, and bodies are read later
        for (const more of [{ hideUnknownKeys: true }, ...(group.profile === 's3' ? [DEFERRED] : [])]) {
          const error = await failureOf(VERIFIERS, test, group, 'pairs', more)
          expect(error === undefined, `${Object.keys(more)}: ${error}`).toBe(test.result === 'valid')
        }
      })
  })
