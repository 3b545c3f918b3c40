import type * as verification from '../../../src/verify.ts'
import { headerOf, splitRequest, toBytes } from '../../../suite/test/requests.ts'
import { equal } from '../harness.ts'
import type { RecordedTest } from '../recorded-suite.ts'
import type { PlatformCase } from './platform.ts'

/** The tests of suite/ for whole requests: every engine accepts and rejects the same ones. */
export function publicSuiteCases({ verify }: typeof verification, tests: readonly RecordedTest[]): PlatformCase[] {
  return [
    [
      `accepts and rejects what ${tests.length} tests of the suite require`,
      ['subtle'],
      async () => {
        const wrong: string[] = []
        for (const { id, http, setting, isS3, isValid } of tests) {
          const raw = splitRequest(http)
          const { accessKeyId, secretAccessKey, sessionToken, region, service, now } = setting
          const known = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
          const request = {
            method: raw.method,
            url: raw.target,
            headers: {},
            rawHeaders: raw.headers.flat(),
            ...(headerOf(raw, 'content-length') !== undefined && { body: toBytes(raw.body) }),
          }
          const isAccepted = await verify(request, {
            credentials: (id) => (id === accessKeyId ? known : undefined),
            region,
            service,
            now: Date.parse(now),
            allowUnsignedPayload: isS3,
            ...(isS3 && { pathNormalization: 'none' as const }),
          }).then(
            () => true,
            () => false,
          )
          if (isAccepted !== isValid) wrong.push(id)
        }
        equal(wrong, [])
      },
    ],
  ]
}
