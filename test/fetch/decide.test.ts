import { describe, expect, it } from 'vitest'
import { BUDGET, type Decision, decide, type Outcome, type State } from '../../src/fetch/decide.ts'

// What follows an attempt, without a network, a clock, or timers.

const NOW = Date.parse('2026-01-01T00:00:00Z')
const BUCKET = 'https://photos.s3.us-east-1.amazonaws.com/cat.jpg?versionId=1'

const FIRST: State = {
  method: 'PUT',
  service: 's3',
  isRepeatable: true,
  unsafe: undefined,
  attempts: 3,
  baseDelay: 50,
  url: BUCKET,
  region: 'us-east-1',
  followRegion: true,
  tried: [],
  refund: 1,
}

const NOTHING: Outcome = {
  response: undefined,
  failure: {},
  isAborted: false,
  clockError: 0,
  isRefreshed: undefined,
  time: NOW,
  random: 1,
}

function responding(status: number, code?: string, more: Partial<Outcome> = {}, headers: HeadersInit = {}): Outcome {
  const { ok, headers: received } = new Response(null, { status, headers })
  return { ...NOTHING, response: { ok, status, headers: received }, failure: { code }, ...more }
}

/** Every kind of outcome, and the reason to send a PUT to S3 again. */
const OUTCOMES: Readonly<Record<string, readonly [outcome: Outcome, reason: string | undefined]>> = {
  success: [responding(200), undefined],
  'not modified': [responding(304), undefined],
  'network error': [NOTHING, 'network'],
  'aborted network error': [{ ...NOTHING, isAborted: true }, undefined],
  'status 500': [responding(500), 'transient'],
  'status 503 SlowDown': [responding(503, 'SlowDown'), 'throttling'],
  'status 429': [responding(429), 'throttling'],
  'status 400 RequestTimeout': [responding(400, 'RequestTimeout'), 'transient'],
  'status 403 AccessDenied': [responding(403, 'AccessDenied'), undefined],
  'status 400 ExpiredToken, other credentials': [responding(400, 'ExpiredToken', { isRefreshed: true }), 'credentials'],
  'status 400 ExpiredToken, no others': [responding(400, 'ExpiredToken', { isRefreshed: false }), undefined],
  'status 500 ExpiredToken, no others': [responding(500, 'ExpiredToken', { isRefreshed: false }), undefined],
  'wrong clock': [responding(403, 'RequestTimeTooSkewed', { clockError: 900_000 }), 'clock'],
  'wrong clock, behind': [responding(403, 'SignatureDoesNotMatch', { clockError: -900_000 }), 'clock'],
  'wrong signature, right clock': [responding(403, 'SignatureDoesNotMatch', { clockError: 240_000 }), undefined],
  'wrong clock, without a code': [responding(403, undefined, { clockError: 900_000 }), undefined],
  'other region': [responding(301, undefined, {}, { 'x-amz-bucket-region': 'eu-west-1' }), 'region'],
  'other region of status 400': [
    responding(400, 'AuthorizationHeaderMalformed', {
      failure: { code: 'AuthorizationHeaderMalformed', text: '<Error><Region>eu-west-1</Region></Error>' },
    }),
    'region',
  ],
  'same region': [responding(301, undefined, {}, { 'x-amz-bucket-region': 'us-east-1' }), undefined],
  'temporary redirect': [responding(307, undefined, {}, { location: '/moved' }), 'redirect'],
  'temporary redirect to a different site': [
    responding(307, undefined, {}, { location: 'https://other.example/' }),
    undefined,
  ],
  'permanent redirect': [responding(308, undefined, {}, { location: '/moved' }), 'redirect'],
  'redirect of a browser': [responding(302, undefined, {}, { location: '/moved' }), undefined],
}

/** How the decision for an outcome depends on the request and on what was tried. */
const VARIANTS: Readonly<Record<string, readonly [state: Partial<State>, without: readonly string[]]>> = {
  'the first attempt': [{}, []],
  'a stream that cannot be sent again': [
    { isRepeatable: false },
    ['network', 'transient', 'throttling', 'credentials', 'clock', 'region', 'redirect'],
  ],
  'a GET': [{ method: 'GET' }, []],
  'a POST': [{ method: 'POST' }, ['network']],
  'a PATCH': [{ method: 'PATCH' }, ['network']],
  'an unsafe POST': [{ method: 'POST', unsafe: true }, []],
  'a request that moved to a different region': [{ tried: ['region'] }, ['region']],
  'a request after five redirects': [{ tried: Array(5).fill('redirect') }, ['redirect']],
  'a service other than S3': [{ service: 'sqs' }, ['region']],
  'a request that does not follow the region': [{ followRegion: false }, ['region']],
  'a request with other credentials': [{ tried: ['credentials'] }, ['credentials']],
  'the last attempt': [
    { tried: ['transient', 'clock'] },
    ['network', 'transient', 'throttling', 'credentials', 'clock'],
  ],
  'a request that is sent once': [{ attempts: 1 }, ['network', 'transient', 'throttling', 'credentials', 'clock']],
}

const CASES = Object.entries(VARIANTS).flatMap(([name, [state, without]]) =>
  Object.entries(OUTCOMES).map(([event, [outcome, usual]]) => {
    const reason = usual !== undefined && without.includes(usual) ? undefined : usual
    return [name, event, { ...FIRST, ...state }, outcome, reason] as const
  }),
)

function reasonOf(decision: Decision): string | undefined {
  return decision.again?.reason
}

describe('after an attempt', () => {
  it('every variant is combined with every outcome', () => {
    expect(CASES).toHaveLength(13 * 23)
  })

  it.each(CASES)('of %s with %s', (_, __, state, outcome, reason) => {
    const before = structuredClone(state)
    const decision = decide(state, outcome, BUDGET)
    expect(reasonOf(decision)).toBe(reason)
    expect(state).toEqual(before)
    expect(decide(state, outcome, BUDGET)).toEqual(decision)
    const next = decision.again?.state
    if (!next) return
    // what does not change
    const { method, service, isRepeatable, unsafe, followRegion, attempts, baseDelay } = state
    expect(next).toMatchObject({ method, service, isRepeatable, unsafe, followRegion, attempts, baseDelay })
    expect(next.tried).toEqual([...state.tried, reason])
    const isMoved = reason === 'region' || reason === 'redirect'
    expect(next.url === state.url).toBe(!isMoved)
  })
})

describe('the new state', () => {
  it('has the host and the region of a bucket', () => {
    const [outcome] = OUTCOMES['other region']!
    expect(decide(FIRST, outcome, BUDGET).again).toMatchObject({
      state: { url: BUCKET.replace('us-east-1', 'eu-west-1'), region: 'eu-west-1' },
      wait: 0,
    })
  })

  it('has the target of a redirect, and its own region', () => {
    const decisionFor = (location: string) => decide(FIRST, responding(307, undefined, {}, { location }), BUDGET).again
    expect(decisionFor('/moved?a=1')).toMatchObject({
      state: { url: 'https://photos.s3.us-east-1.amazonaws.com/moved?a=1', region: 'us-east-1' },
    })
    expect(decisionFor('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg')).toMatchObject({
      state: { url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', region: 'eu-west-1' },
    })
  })

  it('prefers the region of the bucket to a redirect, and a rejected token to both', () => {
    const headers = { 'x-amz-bucket-region': 'eu-west-1', location: '/moved' }
    expect(reasonOf(decide(FIRST, responding(307, undefined, {}, headers), BUDGET))).toBe('redirect')
    const failure = { code: 'AuthorizationHeaderMalformed' }
    expect(reasonOf(decide(FIRST, responding(400, undefined, { failure }, headers), BUDGET))).toBe('region')
    expect(reasonOf(decide(FIRST, responding(301, 'ExpiredToken', { isRefreshed: true }, headers), BUDGET))).toBe(
      'credentials',
    )
  })
})

describe('the wait', () => {
  const waitOf = (outcome: Outcome, state: Partial<State> = {}) =>
    decide({ ...FIRST, attempts: 20, ...state }, outcome, BUDGET).again?.wait

  it.each([
    ['transient', responding(500), [50, 100, 200, 400]],
    ['network', NOTHING, [50, 100, 200, 400]],
    ['throttling', responding(429), [1000, 2000, 4000, 8000]],
    ['clock', OUTCOMES['wrong clock']![0], [0, 0, 0, 0]],
    ['credentials', OUTCOMES['status 400 ExpiredToken, other credentials']![0], [0, 0, 0, 0]],
    ['region', OUTCOMES['other region']![0], [0, 0, 0, 0]],
    ['redirect', OUTCOMES['temporary redirect']![0], [0, 0, 0, 0]],
  ])('because of %s doubles, or is zero', (_, outcome, waits) => {
    expect(waits.map((__, retries) => waitOf(outcome, { tried: Array(retries).fill('transient') }))).toEqual(waits)
    expect(waitOf({ ...outcome, random: 0.5 })).toBe(waits[0]! / 2)
    expect(waitOf({ ...outcome, random: 0 })).toBe(0)
  })

  it('starts at the base delay, and ends at 20 s', () => {
    expect(waitOf(responding(500), { baseDelay: 8 })).toBe(8)
    expect(waitOf(responding(429), { baseDelay: 8 })).toBe(1000)
    expect(waitOf(responding(500), { tried: Array(12).fill('network') })).toBe(20_000)
    expect(waitOf(responding(429), { tried: Array(12).fill('network') })).toBe(20_000)
  })

  it.each([
    ['retry-after', '2', 2000],
    ['retry-after', '60', 5050],
    ['retry-after', 'Thu, 01 Jan 2026 00:00:03 GMT', 3000],
    ['retry-after', 'Wed, 31 Dec 2025 00:00:00 GMT', 50],
    ['retry-after', 'soon', 50],
    ['x-amz-retry-after', '1500', 1500],
    ['x-amz-retry-after', '20', 50],
  ])('with %s: %s is %i ms', (name, value, wait) => {
    expect(waitOf(responding(503, undefined, {}, { [name]: value }))).toBe(wait)
  })
})

describe('the budget', () => {
  const spend = (outcome: Outcome, budget: number, state: Partial<State> = {}) =>
    decide({ ...FIRST, ...state }, outcome, budget)

  it.each([
    ['transient', responding(500), 14],
    ['network', NOTHING, 14],
    ['throttling', responding(429), 5],
  ])('pays for a retry because of %s, and is never overdrawn', (reason, outcome, cost) => {
    expect(spend(outcome, cost)).toMatchObject({ budget: 0, again: { reason, state: { refund: cost } } })
    expect(spend(outcome, cost - 1)).toEqual({ budget: cost - 1 })
  })

  it.each(['clock', 'credentials', 'region', 'redirect'])('does not pay for a retry because of %s', (reason) => {
    const [outcome] = Object.values(OUTCOMES).find(([, each]) => each === reason)!
    expect(spend(outcome, 0, { refund: 5 })).toMatchObject({ budget: 0, again: { reason, state: { refund: 5 } } })
  })

  it('receives the cost of the last retry from a success, up to its initial amount', () => {
    expect(spend(responding(200), 100)).toEqual({ budget: 101 })
    expect(spend(responding(200), 100, { refund: 14 })).toEqual({ budget: 114 })
    expect(spend(responding(200), BUDGET - 2, { refund: 14 })).toEqual({ budget: BUDGET })
    expect(spend(responding(404), 100, { refund: 14 })).toEqual({ budget: 100 })
    expect(spend({ ...NOTHING, isAborted: true }, 100, { refund: 14 })).toEqual({ budget: 100 })
  })
})
