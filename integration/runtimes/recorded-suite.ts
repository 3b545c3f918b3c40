import type { Setting } from '../../suite/format/format.ts'
import { TESTS } from '../../suite/test/files.ts'

/** A test of suite/ as plain data. */
export interface RecordedTest {
  id: string
  http: string
  setting: Setting
  isS3: boolean
  isValid: boolean
}

/** Longer requests only have more bytes in their chunks. */
const MAX_LENGTH = 4000

/** The tests of whole requests whose result is not left open. */
export function recordedSuite(): RecordedTest[] {
  return TESTS.filter(
    ([{ result, layer, http }, { profile }]) =>
      result !== 'acceptable' && layer === undefined && http.length < MAX_LENGTH && /^(?:s3|service)$/.test(profile),
  ).map(([{ id, http, result }, { profile, setting }]) => {
    return { id, http, setting, isS3: profile === 's3', isValid: result === 'valid' }
  })
}
