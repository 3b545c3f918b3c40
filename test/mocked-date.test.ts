import { Sha256 } from '@smithy/core/checksum'
import * as smithy from '@smithy/signature-v4'
import aws4 from 'aws4'
import * as aws4fetch from 'aws4fetch'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as oursAws4 from '../src/aws4.ts'
import * as oursAws4fetch from '../src/aws4fetch.ts'
import * as oursSmithy from '../src/smithy.ts'
import { KEY_ID, SECRET } from './support/credentials.ts'

// Projects replace the current date in their tests. The replacements of aws4, aws4fetch and @smithy/signature-v4 read it in
// the same way, at the same moment and as often as the originals.

const RealDate = Date
const NOW = RealDate.UTC(2026, 0, 31, 12, 0, 0, 789)
const MOCKED = RealDate.UTC(2015, 7, 30, 12, 36, 0, 1)
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const HOST = 'sqs.eu-west-1.amazonaws.com'

/** Replaces the global `Date`, and returns how many dates were created. */
function replace(create: (...args: []) => object): () => number {
  let count = 0
  function Mocked(...args: []): object {
    count++
    return create(...args)
  }
  vi.stubGlobal('Date', Mocked)
  return () => count
}

const MOCKS: Record<string, () => (() => number) | undefined> = {
  'a function that returns one date, as jest.spyOn(global, "Date") does': () => {
    const date = new RealDate(MOCKED)
    return replace(() => date)
  },
  'a function that passes its arguments on': () =>
    replace((...args) => (args.length ? new RealDate(...args) : new RealDate(MOCKED))),
  'a function that returns an object with toISOString': () =>
    replace(() => ({ toISOString: () => '2015-08-30T12:36:00.001Z' })),
  'a subclass without arguments': () => {
    vi.stubGlobal(
      'Date',
      class extends RealDate {
        constructor(...args: []) {
          if (args.length) super(...args)
          else super(MOCKED)
        }
      },
    )
    return undefined
  },
  'Date.now only': () => {
    vi.spyOn(Date, 'now').mockReturnValue(MOCKED)
    return undefined
  },
  'a Date without now': () => {
    vi.spyOn(Date, 'now').mockImplementation(() => {
      throw new TypeError('Date.now is not a function')
    })
    return undefined
  },
  'fake timers': () => {
    vi.setSystemTime(MOCKED)
    return undefined
  },
}

type Sign = () => unknown

/** Signs with both packages, in each form. */
const CALLS: Record<string, readonly [original: Sign, ours: Sign]> = {}

for (const [form, more] of Object.entries({
  'a header': {},
  'a query': { signQuery: true },
  CodeCommit: { service: 'codecommit', method: 'GIT' },
  'a Date header': { headers: { Date: 'Mon, 31 Aug 2015 12:36:00 GMT' } },
})) {
  const request = () => ({ host: HOST, path: '/?Action=ListQueues', ...structuredClone(more) })
  CALLS[`aws4, ${form}`] = [() => aws4.sign(request(), CREDENTIALS), () => oursAws4.sign(request(), CREDENTIALS)]
}
for (const signQuery of [false, true]) {
  const options = { ...CREDENTIALS, url: `https://${HOST}/?Action=ListQueues`, signQuery }
  const read = async ({ AwsV4Signer }: typeof aws4fetch | typeof oursAws4fetch) => {
    const { url, headers } = await new AwsV4Signer(options).sign()
    return [url.href, ...headers]
  }
  CALLS[`aws4fetch, ${signQuery ? 'a query' : 'a header'}`] = [() => read(aws4fetch), () => read(oursAws4fetch)]
}
const fetched = async ({ AwsClient }: typeof aws4fetch | typeof oursAws4fetch) => {
  const { url, headers } = await new AwsClient(CREDENTIALS).sign(`https://${HOST}/`)
  return [url, ...headers]
}
CALLS['aws4fetch, a client'] = [() => fetched(aws4fetch), () => fetched(oursAws4fetch)]

const REQUEST = { method: 'GET', protocol: 'https:', hostname: HOST, path: '/', headers: { host: HOST } }
const event = () => ({ headers: new Uint8Array(3), payload: new Uint8Array(2) })
// biome-ignore lint/suspicious/noExplicitAny: the types of both packages differ
type Any = any
const SMITHY: Record<string, (signer: Any) => unknown> = {
  'a header': (signer) => signer.sign(REQUEST),
  'a query': (signer) => signer.presign(REQUEST),
  'a string': (signer) => signer.sign('a string'),
  'an event': (signer) => signer.sign(event(), { priorSignature: '' }),
  'a message': (signer) => signer.sign({ message: { headers: {}, body: new Uint8Array(2) }, priorSignature: '' }, {}),
  'seconds as a date': (signer) => signer.sign(REQUEST, { now: 1_440_938_160 }),
  'a date as a string': (signer) => signer.sign(REQUEST, { now: '2015-08-30T12:36:00Z' }),
}
for (const [form, sign] of Object.entries(SMITHY)) {
  const init = { credentials: CREDENTIALS, region: 'eu-west-1', service: 'sqs', sha256: Sha256 }
  const call = async (SignatureV4: Any) => JSON.parse(JSON.stringify(await sign(new SignatureV4(init))))
  CALLS[`@smithy/signature-v4, ${form}`] = [() => call(smithy.SignatureV4), () => call(oursSmithy.SignatureV4)]
}

/** Returns the result of a call, or its error, and how many dates it created. */
async function observe(sign: Sign, mock: () => (() => number) | undefined): Promise<object> {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  const count = mock()
  try {
    return { returned: await sign(), dates: count?.() }
  } catch (error) {
    return { threw: (error as Error).name, dates: count?.() }
  } finally {
    restore()
  }
}

function restore(): void {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
}
afterEach(restore)

describe.each(Object.entries(MOCKS))('with %s', (_, mock) => {
  it.each(Object.entries(CALLS))('%s is signed as by the original', async (_, [original, ours]) => {
    const theirs = await observe(original, mock)
    expect(theirs).toHaveProperty('returned')
    expect(await observe(ours, mock)).toEqual(theirs)
  })
})

it('@smithy/signature-v4 signs for the time of the call, not for that of the credentials', async () => {
  const observed: unknown[] = []
  for (const SignatureV4 of [smithy.SignatureV4, oursSmithy.SignatureV4]) {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const credentials = async () => {
      vi.setSystemTime(NOW + 60_000)
      return CREDENTIALS
    }
    const signer = new SignatureV4({ credentials, region: 'eu-west-1', service: 'sqs', sha256: Sha256 })
    observed.push((await signer.sign(REQUEST)).headers)
    restore()
  }
  expect(observed[0]).toHaveProperty('x-amz-date', '20260131T120000Z')
  expect(observed[1]).toEqual(observed[0])
})
