import { afterEach, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import { sign as sign4a, sigv4a } from '../../src/sigv4a.ts'
import * as synchronous from '../../src/sync.ts'
import { type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// With hideUnknownKeys, the time of a rejection must not show whether an access key ID is known, even if keys of its
// credentials are cached because they have signed and verified before.

const NOW = Date.UTC(2015, 7, 30, 12, 36)
const known = { ...CREDENTIALS }
const URL_S3 = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const guessed = { ...known, secretAccessKey: 'guessed' }

afterEach(() => {
  vi.restoreAllMocks()
})

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

function received({ headers }: { readonly headers: Record<string, string> }) {
  return { method: 'GET', url: '/cat.jpg', headers: { host: 'photos.s3.eu-west-1.amazonaws.com', ...headers } }
}

/** Returns how much longer a rejection takes for a known key than for an unknown one: the median of many rounds. */
async function ratio(request: ReturnType<typeof received>, options: Partial<VerifyOptions>): Promise<number> {
  const time = async (found: typeof known | undefined): Promise<number> => {
    let best = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 3; attempt++) {
      const start = performance.now()
      await verify(request, { now: NOW, credentials: () => found, ...options }).catch(() => undefined)
      best = Math.min(best, performance.now() - start)
    }
    return best
  }
  const ratios: number[] = []
  for (let round = -50; round < 250; round++) {
    const isFirst = round % 2 === 0
    const one = await time(isFirst ? known : undefined)
    const other = await time(isFirst ? undefined : known)
    if (round >= 0) ratios.push(isFirst ? one / other : other / one)
  }
  return median(ratios)
}

it.each(['node:crypto', 'Web Crypto'])(
  'a rejection takes as long for a known key as for an unknown one, with %s',
  async (crypto) => {
    if (crypto === 'Web Crypto') vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const request = received(await asynchronous.sign({ url: URL_S3 }, { credentials: guessed, now: NOW }))
    const genuine = received(await asynchronous.sign({ url: URL_S3 }, { credentials: known, now: NOW }))
    synchronous.sign({ url: URL_S3 }, { credentials: known, now: NOW })
    await verify(genuine, { now: NOW, credentials: () => known })
    const hidden = await ratio(request, { hideUnknownKeys: true })
    expect(hidden).toBeGreaterThan(0.9)
    expect(hidden).toBeLessThan(1.1)
    // the same measurement shows the difference if nothing hides it
    expect(Math.abs(Math.log(await ratio(request, {})))).toBeGreaterThan(Math.log(1.2))
  },
)

it('a rejection of Signature Version 4a takes as long for a known key as for an unknown one', async () => {
  const options = { algorithms: [sigv4a] }
  const request = received(await sign4a({ url: URL_S3 }, { credentials: guessed, now: NOW, regionSet: '*' }))
  const genuine = received(await sign4a({ url: URL_S3 }, { credentials: known, now: NOW, regionSet: '*' }))
  await verify(genuine, { now: NOW, credentials: () => known, ...options })
  const hidden = await ratio(request, { ...options, hideUnknownKeys: true })
  expect(hidden).toBeGreaterThan(0.9)
  expect(hidden).toBeLessThan(1.1)
  expect(Math.abs(Math.log(await ratio(request, options)))).toBeGreaterThan(Math.log(1.2))
})
