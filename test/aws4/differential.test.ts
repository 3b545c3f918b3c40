import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { copy, credentials, environment, request, url } from '../support/aws4/arbitraries.ts'
import { expectSame, type Module, modules, observe, type Step } from '../support/aws4/oracle.ts'
import { MANY, runs } from '../support/depth.ts'

// Passes random requests to aws4 and to the drop-in. A failure prints its seed and path: add the request to KEPT.

const RUNS = runs(500, MANY)

const VARIABLES = Object.keys(process.env).filter((name) => name.startsWith('AWS_'))

function setEnvironment(variables: Record<string, string>): void {
  for (const name of [...VARIABLES, 'AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY'])
    delete process.env[name]
  delete process.env.AWS_SESSION_TOKEN
  Object.assign(process.env, variables)
}

const before = { ...process.env }
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2015, 7, 30, 12, 36, 0, 789) })
})
afterEach(() => {
  setEnvironment(Object.fromEntries(VARIABLES.map((name) => [name, before[name]!])))
})
afterAll(() => {
  vi.useRealTimers()
})

const freeze = (value: object | undefined, deep: boolean): void => {
  if (deep)
    for (const member of Object.values(value ?? {}))
      if (Object.getPrototypeOf(member ?? 0) === Object.prototype) Object.freeze(member)
  Object.freeze(value)
}

/** Writes a member, as `target.name = value` does. */
function write(target: Module, name: string, value: unknown): void {
  target[name] = value
}

/** A step that calls a method, or writes a field. */
const step: fc.Arbitrary<[name: string, step: Step]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        ...[
          'isSingleRegion',
          'createHost',
          'prepareRequest',
          'sign',
          'getDateTime',
          'getDate',
          'authHeader',
          'signature',
        ],
        ...[
          'stringToSign',
          'canonicalString',
          'filterHeaders',
          'canonicalHeaders',
          'signedHeaders',
          'credentialString',
        ],
        ...['defaultCredentials', 'parsePath', 'formatPath', 'sign', 'sign'],
      )
      .map((name): [string, Step] => [name, (signer) => signer[name]()]),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<[string, Step]>(
      ['datetime = text', (signer) => write(signer, 'datetime', '20160101T000000Z')],
      ['datetime = nothing', (signer) => void delete signer.datetime],
      ['datetime = number', (signer) => write(signer, 'datetime', 5)],
      ['Date', (_, request) => write(request.headers, 'Date', 'Mon, 04 Jan 2016 00:00:00 GMT')],
      ['header', (_, request) => write(request.headers, 'X-Late', ' a  b')],
      ['no date', (_, request) => void delete request.headers['X-Amz-Date']],
      ['body', (_, request) => write(request, 'body', 'late')],
      ['path', (_, request) => write(request, 'path', '/late?b=1&a=é')],
      ['method', (_, request) => write(request, 'method', 'DELETE')],
      ['service', (signer) => write(signer, 'service', 's3')],
      ['region', (signer) => write(signer, 'region', 'us-west-2')],
      ['no region', (signer) => write(signer, 'region', undefined)],
      ['secret', (signer) => write(signer, 'credentials', { ...signer.credentials, secretAccessKey: 'late' })],
      ['the same credentials', (signer) => write(signer.credentials, 'secretAccessKey', 'later')],
      ['filteredHeaders', (signer) => write(signer, 'filteredHeaders', [['a', 'b']])],
      [
        'parsedPath',
        (signer) =>
          write(signer, 'parsedPath', { path: '/p', query: { c: '1', a: ['2', '1'], n: 5, e: [], u: undefined } }),
      ],
      ['parameter', (signer) => write(signer.parsedPath.query, 'a', 'late')],
      ['empty parameter', (signer) => write(signer.parsedPath.query, '__proto__', '')],
      ['no parameter', (signer) => void delete signer.parsedPath.query.a],
      ['no path', (signer) => void delete signer.parsedPath],
      ['signQuery', (_, request) => write(request, 'signQuery', !request.signQuery)],
      ['request', (signer) => write(signer, 'request', { ...signer.request })],
      ['again', (_, request, module) => module.sign(request, { accessKeyId: 'AKIDAGAIN', secretAccessKey: 'again' })],
      ['matchHost', (signer) => signer.matchHost('photos.s3-eu-west-1.amazonaws.com')],
    ),
  },
)

/** Requests that were once signed differently. */
const KEPT: unknown[] = [
  'https://s3.aoss.amazonaws.com',
  { headers: true },
  'https://a\ud800@?',
  'https://a\ud800%C3%A9@?',
  'https://a\udc00b@c',
  'https://a\ud83d\ude00@c',
  'https://bücher.example\u000e?#\u000e?',
  'https://b\u0001ü\u007fcher.example\u001f/',
  'https://amazonaws.com\ufeff\u0001?#\ufeff\u0001?',
  'https://１',
  'https://q\u0001ｑ\u0002.Q\u0003\u00ad㏃.bqü\u0004q。ü\u0005/',
]

describe('a random request', () => {
  it('is signed as by aws4', () => {
    fc.assert(
      fc.property(
        request,
        credentials,
        environment,
        fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2),
        (made, given, variables, frozen) => {
          setEnvironment(variables)
          expectSame(() => {
            const own = copy(made)
            if (frozen) freeze(own, frozen === 2)
            return [own, copy(given)]
          })
        },
      ),
      { numRuns: RUNS },
    )
  })

  it.each(KEPT.map((made, i) => [i, made]))('was once signed differently: %i', (_, made) => {
    expectSame(() => [copy(made), { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'b' }])
  })

  it('as a URL is parsed and signed as by aws4', () => {
    fc.assert(
      fc.property(url, (text) => {
        expectSame(() => [text, { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'b' }])
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    )
  })

  it('with a date that is cut inside a character is formatted as by aws4', () => {
    expectSame(
      () => [
        { path: '/?X-Amz-Date=/\u{10000}\u{10000}\u{10000}\u{10000}', signQuery: true },
        { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'b' },
      ],
      [(signer) => signer.canonicalString(), (signer) => signer.formatPath()],
    )
  })

  it('that is invalid throws as in aws4', () => {
    for (const nothing of [undefined, null, 5, true, Symbol('a')]) expectSame(() => [nothing, { accessKeyId: 'a' }])
    for (const make of [() => () => {}, () => [], () => new Map()])
      expectSame(() => [make(), { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'b' }])
  })
})

describe('the methods', () => {
  it('return in any order what those of aws4 return', () => {
    fc.assert(
      fc.property(request, credentials, fc.array(step, { maxLength: 8 }), (made, given, steps) => {
        setEnvironment({})
        const run = (module: Module) =>
          observe(
            module,
            () => [copy(made), copy(given)],
            steps.map(([, take]) => take),
          )
        const [own, theirs] = [run(modules.ours), run(modules.aws4)]
        if (JSON.stringify(own) !== JSON.stringify(theirs))
          expect(own, steps.map(([name]) => name).join(', ')).toEqual(theirs)
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    )
  })
})
