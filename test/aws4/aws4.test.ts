import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import ours, * as named from '../../src/aws4.ts'
import { corpus } from '../support/aws4/corpus.ts'
import { expectSame, type Module, modules } from '../support/aws4/oracle.ts'
import { tableRows } from '../support/aws4/page.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { signatureOf } from '../support/oracle.ts'

const credentials = { ...CREDENTIALS }

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2015, 7, 30, 12, 36, 0, 789) })
})
afterAll(() => {
  vi.useRealTimers()
})

it.each(['a', 'é', '€', '😀', '\ud83d', '\ude00\ud83d', 'aé€😀'])(
  'the length of the body %j is in UTF-8, also without TextEncoder',
  (body) => {
    const lengthOf = (): unknown => ours.sign({ host: 'a.example', body }, credentials).headers['Content-Length']
    expect(lengthOf()).toBe(Buffer.byteLength(body))
    vi.stubGlobal('TextEncoder', undefined)
    const bare = lengthOf()
    vi.unstubAllGlobals()
    expect(bare).toBe(Buffer.byteLength(body))
  },
)

describe('a recorded call', () => {
  it('the corpus has at least 166 calls', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(166)
  })

  it.each(corpus.map((shape, i) => [i, JSON.stringify(shape), shape] as const))(
    'is signed as by aws4: %i %s',
    (_, __, shape) => {
      expectSame(() => [structuredClone(shape), credentials])
      expectSame(() => [structuredClone(shape), { ...credentials, sessionToken: 'FwoGZXIvYXdzEXAMPLE//w==' }])
    },
  )
})

/** Calls a function with both modules. */
const each = Object.entries(modules)

describe('the module', () => {
  it('has the members of aws4', () => {
    for (const [name, given] of Object.entries(ours)) expect(typeof given).toBe(typeof modules.aws4[name])
    expect(Object.keys(ours)).toEqual(Object.keys(modules.aws4))
    expect(Object.keys(named).sort()).toEqual(['RequestSigner', 'default', 'sign'])
  })

  it('has the 18 methods of a signer, enumerable in a for-in loop', () => {
    const names = (prototype: object) => {
      const found: string[] = []
      for (const name in prototype) found.push(name)
      return found.sort()
    }
    expect(names(ours.RequestSigner.prototype)).toEqual(names(modules.aws4.RequestSigner.prototype))
    expect(names(ours.RequestSigner.prototype)).toHaveLength(18)
    expect(ours.RequestSigner.name).toBe('RequestSigner')
    expect(ours.RequestSigner.length).toBe(2)
  })

  it('has fields in the order of aws4', () => {
    const signers = each.map(([, module]) => new module.RequestSigner({ service: 's3', path: '/?a' }, credentials))
    expect(Object.keys(signers[1])).toEqual(Object.keys(signers[0]))
    for (const signer of signers) signer.sign()
    expect(Object.keys(signers[1])).toEqual(Object.keys(signers[0]))
    expect(Object.keys(signers[1]).slice(-3)).toEqual(['parsedPath', 'datetime', 'filteredHeaders'])
  })

  it.each(each)('throws for a signer without new: %s', (_, module) => {
    expect(() => module.RequestSigner({ service: 's3' }, credentials)).toThrow(TypeError)
    const { RequestSigner } = module
    expect(() => RequestSigner({ service: 's3' }, credentials)).toThrow(TypeError)
  })
})

describe('a subclass', () => {
  const overrides: Record<string, (this: Module) => unknown> = {
    matchHost: () => ['execute-api', 'eu-west-3'],
    isSingleRegion: () => true,
    createHost: () => 'made.example',
    prepareRequest(this: Module) {
      this.parsePath()
      this.request.headers['X-Prepared'] = 'a'
    },
    getDateTime: () => '20200101T000000Z',
    getDate: () => '20200102',
    authHeader: () => 'Bearer',
    signature: () => 'b',
    stringToSign: () => 'c',
    canonicalString: () => 'd',
    filterHeaders(this: Module) {
      this.filteredHeaders = [['a', ' b  c ']]
    },
    canonicalHeaders: () => 'a:b',
    signedHeaders: () => 'a',
    credentialString: () => 'scope',
    defaultCredentials: () => ({ accessKeyId: 'AKIDDEFAULT', secretAccessKey: 'default' }),
    parsePath(this: Module) {
      this.parsedPath = { path: '/parsed', query: { b: '1' } }
    },
    formatPath: () => '/formatted',
    sign(this: Module) {
      this.region = 'eu-west-2'
      return Object.getPrototypeOf(Object.getPrototypeOf(this)).sign.call(this)
    },
  }

  it.each(Object.entries(overrides))('can override %s', (name, override) => {
    for (const signQuery of [false, true]) {
      const results = each.map(([, module]) => {
        class Signer extends module.RequestSigner {}
        Object.assign(Signer.prototype, { [name]: override })
        const request = { path: '/a b?c', signQuery }
        const signer = new (Signer as Module)(request, name === 'defaultCredentials' ? undefined : credentials)
        expect(signer.sign()).toBe(request)
        return [signer.stringToSign(), { ...signer }]
      })
      expect(results[1]).toEqual(results[0])
    }
  })

  it('can be an old-style constructor', () => {
    const results = each.map(([, module]) => {
      function Signer(this: Module, request: unknown): void {
        module.RequestSigner.call(this, request, credentials)
        this.region = 'eu-west-2'
      }
      Signer.prototype = Object.create(module.RequestSigner.prototype)
      return new (Signer as Module)({ service: 'sqs', path: '/' }).sign()
    })
    expect(results[1]).toEqual(results[0])
    expect(results[1].headers.Authorization).toContain('/eu-west-2/sqs/')
  })
})

/** A way to use aws4, and its result. */
const shapes: Record<string, (module: Module) => unknown> = {
  'options of got': ({ sign }) => {
    const options = {
      protocol: 'https:',
      hostname: 'abc.execute-api.eu-west-1.amazonaws.com',
      path: '/prod/items?b=2&a=1',
    }
    return {
      ...sign({ ...options, method: 'GET', headers: { accept: 'application/json' } }, credentials),
      responseType: 'json',
    }
  },
  'options of axios, which sends data': ({ sign }) => {
    const request = {
      host: 'abc.execute-api.eu-west-1.amazonaws.com',
      method: 'POST',
      url: 'https://abc.example/items',
      path: '/items',
    }
    const signed = sign(
      { ...request, data: { a: 1 }, body: '{"a":1}', headers: { 'content-type': 'application/json' } },
      credentials,
    )
    delete signed.headers.Host
    delete signed.headers['Content-Length']
    return signed
  },
  fetch: ({ sign }) => {
    const url = new URL('https://dynamodb.eu-west-1.amazonaws.com/?a=b')
    const { method, headers, body } = sign(
      {
        host: url.host,
        path: url.pathname + url.search,
        body: '{}',
        headers: { 'X-Amz-Target': 'DynamoDB_20120810.ListTables' },
      },
      { ...credentials, sessionToken: 'token' },
    )
    return [...new Request(url, { method, headers, body }).headers]
  },
  'https.request, with the rest of its options': ({ sign }) => {
    const agent = { keepAlive: true }
    const signed = sign(
      { agent, timeout: 5, port: 443, service: 'sns', region: 'eu-west-1', path: '/?Action=ListTopics' },
      credentials,
    )
    expect(signed.agent).toBe(agent)
    return signed
  },
  'an EKS token': ({ sign }) => {
    const query = 'Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60'
    const request = {
      host: 'sts.eu-west-1.amazonaws.com',
      path: `/?${query}`,
      headers: { 'x-k8s-aws-id': 'cluster' },
      signQuery: true,
    }
    const signed = sign(request, { ...credentials, sessionToken: 'FwoGZXIvYXdzEXAMPLE//w==' })
    return `k8s-aws-v1.${Buffer.from(`https://${signed.host}${signed.path}`).toString('base64url')}`
  },
  'an R2 object': ({ sign }) => {
    const request = {
      host: 'abc.r2.cloudflarestorage.com',
      path: '/photos/cat 1.jpg?x-id=GetObject',
      service: 's3',
      region: 'auto',
    }
    return [
      sign({ ...request, signQuery: true }, credentials),
      sign({ ...request, method: 'PUT', body: 'a' }, credentials),
    ]
  },
  "MongoDB's POST to STS": ({ sign }) =>
    sign(
      {
        method: 'POST',
        host: 'sts.amazonaws.com',
        region: 'us-east-1',
        service: 'sts',
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': 43,
          'X-MongoDB-Server-Nonce': 'bm9uY2U=',
          'X-MongoDB-GS2-CB-Flag': 'n',
        },
        path: '/',
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
      },
      { ...credentials, sessionToken: 'token' },
    ),
  'the credential helper of CodeCommit': ({ RequestSigner }) => {
    const host = 'git-codecommit.us-east-1.amazonaws.com'
    const request = { service: 'codecommit', host, method: 'GIT', path: '/v1/repos/site' }
    const signer = new RequestSigner(request, credentials)
    return { username: credentials.accessKeyId, password: `${signer.getDateTime()}Z${signer.signature()}`, request }
  },
  'a server that signs again and compares': ({ sign, RequestSigner }) => {
    const client = sign(
      { host: 'api.example', service: 'execute-api', path: '/items?b=2&a=1', body: '{}', headers: { 'X-A': ' a  b' } },
      credentials,
    )
    // headers as Node's server provides them
    const received = Object.fromEntries(
      Object.entries(client.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    )
    const { authorization, ...headers } = received
    const { path, method, body } = client
    const again = new RequestSigner({ service: 'execute-api', path, method, body, headers }, credentials).sign()
    expect(again.headers.Authorization).toBe(authorization)
    return again
  },
  'a given date': ({ RequestSigner }) => {
    const signer = new RequestSigner({ service: 'sqs', path: '/', headers: {} }, credentials)
    signer.datetime = '20200101T000000Z'
    signer.request.headers['X-Amz-Date'] = signer.datetime
    return [signer.authHeader(), signer.getDate(), signer.sign()]
  },
  'the same object twice, in the header and in the query': ({ sign }) =>
    [false, true].map((signQuery) => {
      const request = { service: 's3', path: '/a b?c', signQuery, headers: {} }
      const first = structuredClone(sign(request, credentials))
      vi.setSystemTime(Date.UTC(2016, 0, 1))
      return [first, sign(request, credentials)]
    }),
  'one object of credentials whose secret changes': ({ sign }) => {
    const changing = { ...credentials }
    const signatures = ['a', 'b', 'a'].map((secretAccessKey) => {
      Object.assign(changing, { secretAccessKey })
      return sign({ service: 'sqs', path: '/' }, changing).headers.Authorization
    })
    expect(new Set(signatures).size).toBe(2)
    return signatures
  },
  'dates and characters at the limits of their ranges': ({ sign }) =>
    ['0999-12-31T23:59:59.999Z', '1000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '+010000-01-01T00:00:00Z'].map(
      (date) => sign({ service: 'sqs', body: '\u007f\u0080\u07ff\u0800\uffff', headers: { Date: date } }, credentials),
    ),
  'more headers and parameters than insertion sort handles': ({ sign }) => {
    const names = Array.from({ length: 60 }, (_, i) => `x-${(i * 37) % 60}`)
    const headers = Object.fromEntries(
      names.flatMap((name) => [
        [name, 'a'],
        [name.toUpperCase(), 'b'],
      ]),
    )
    return sign(
      { service: 'sqs', path: `/?${names.map((name) => `${name}=b&${name}=a`).join('&')}`, headers },
      credentials,
    )
  },
  'keys for more scopes than are cached': ({ sign }) =>
    Array.from(
      { length: 1100 },
      (_, i) => sign({ service: `s${i % 1050}`, path: '/' }, credentials).headers.Authorization,
    ),
}

describe('a call shape', () => {
  it.each(Object.entries(shapes))('returns what aws4 returns: %s', (_, use) => {
    const results = each.map(([, module]) => {
      vi.setSystemTime(Date.UTC(2015, 7, 30, 12, 36, 0, 789))
      return use(module)
    })
    expect(results[1]).toEqual(results[0])
    expect(JSON.stringify(results[1])).toBe(JSON.stringify(results[0]))
  })
})

/** A test for every row of the table of differences in docs/aws4.md. */
const differences: Record<string, () => void> = {
  'a header named `__proto__`': () => {
    const headers = () => JSON.parse('{ "__proto__": { "Host": "evil.example", "X-Amz-Date": "19990101T000000Z" } }')
    const [theirs, own] = each.map(([, { sign }]) =>
      sign({ service: 'sqs', path: '/', headers: headers() }, credentials),
    )
    expect(theirs.headers.Host).toBe('evil.example')
    expect(own.headers.Host).toBe('sqs.us-east-1.amazonaws.com')
    expect(Object.getPrototypeOf(own.headers)).toBe(Object.prototype)
    expect(own.headers['X-Amz-Date']).toBe('20150830T123600Z')
  },

  'NUL in the host of a URL string': () => {
    const [theirs, own] = each.map(
      ([, { sign }]) =>
        () =>
          sign('https://sqs.eu-west-1.amazonaws.com\0.evil.example/', credentials),
    )
    expect(own).toThrow(TypeError)
    expect(theirs!().headers.Host).toBe('sqs.eu-west-1.amazonaws.com')
  },

  'the cache of signing keys': () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'mixed' }
    const [theirs, own] = each.map(([, { RequestSigner }]) =>
      [
        ['a', 'b,c'],
        ['a,b', 'c'],
      ].map(([region, service]) => {
        const signer = new RequestSigner({ region, service, host: 'a.example', path: '/' }, credentials)
        return [signer.signature(), signer.stringToSign()]
      }),
    )
    expect(own![1]![1]).toBe(theirs![1]![1])
    expect(own![1]![0]).toBe(signatureOf('mixed', ['20150830', 'a,b', 'c', 'aws4_request'], own![1]![1]!))
    expect(theirs![1]![0]).not.toBe(own![1]![0])
  },

  'no `process`': () => {
    const { process } = globalThis
    try {
      Reflect.deleteProperty(globalThis, 'process')
      const signer = new ours.RequestSigner({ service: 'sqs' })
      Object.assign(globalThis, { process })
      expect(signer.credentials).toEqual({})
    } finally {
      Object.assign(globalThis, { process })
    }
  },
  'a URL string': () => {
    const [theirs, own] = each.map(([, { sign }]) => sign('https://sqs.eu-west-1.amazonaws.com/?a=b', credentials))
    expect(Object.entries(own)).toEqual(Object.entries(theirs))
    expect([theirs, own].map((given) => given.constructor.name)).toEqual(['Url', 'Object'])
  },
  'a body that is neither a string nor bytes': () => {
    const [theirs, own] = each.map(([, { sign }]) => {
      try {
        return sign({ service: 'sqs', path: '/', body: {} as never }, credentials) as never
      } catch (error) {
        return error as TypeError & { code: string }
      }
    })
    expect([own!.name, own!.code]).toEqual([theirs!.name, theirs!.code])
    expect(theirs!.message).toContain('argument must be of type string')
    expect(own!.message).toContain('request.body has the wrong type.')
  },
  'the module': () => {
    expect(Object.keys(named).sort()).toEqual(['RequestSigner', 'default', 'sign'])
    expect(Object.keys(modules.aws4).sort()).toEqual(['RequestSigner', 'sign'])
  },
}

describe('a difference from aws4', () => {
  it('is listed in docs/aws4.md', () => {
    expect(tableRows('Differences')).toEqual(Object.keys(differences))
  })

  it.each(Object.entries(differences))('is %s', (_, check) => check())

  it('is not a secret in an error', () => {
    const secretAccessKey = 'SECRETSECRETSECRET'
    expect(() => ours.sign({ path: '/%', service: 's3' }, { accessKeyId: 'a', secretAccessKey })).toThrow(URIError)
    for (const request of [{ body: {} }, { service: 5 }, 'https://a\0b/', { headers: { a: null } }])
      try {
        ours.sign(request as never, { accessKeyId: 'a', secretAccessKey })
        expect.unreachable()
      } catch (error) {
        expect(String((error as Error).stack)).not.toContain(secretAccessKey)
      }
  })
})
