import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SigV4VerifyError, type VerifyOptions, verify } from '../../src/verify.ts'
import {
  accepted,
  asNode,
  asObject,
  asPairs,
  attacks,
  DAY,
  errorOf,
  type Forged,
  type Forging,
  forge,
  HOST,
  NOW,
  type Pair,
  REGION,
  SHAPES,
  scopedKey,
  target,
  VERIFYING,
  words,
} from '../support/attacks/attacker.ts'
import { KEY_ID } from '../support/credentials.ts'
import { sendRaw } from '../support/hand.ts'
import { encode } from '../support/oracle.ts'

// An attacker with a signed request must not turn it into a different one. Each byte of the method, the path, the scope, and the
// signature is changed in test/verify/mutations.test.ts, and the rows of the suite have what a parser could misread there.

const attack = attacks()

/** The attacker's requests, one of each kind. */
const SEEN: Record<string, Forging> = {
  'S3, Authorization header': {
    method: 'PUT',
    query: 'partNumber=2&uploadId=a%2Fb%20c&x=',
    headers: { 'content-type': 'text/plain', 'x-amz-acl': 'private', 'x-amz-meta-note': 'one  two' },
    body: 'the body',
  },
  'S3, presigned': { location: 'query', query: 'response-content-type=text%2Fplain&versionId=3' },
  'S3, presigned, with headers and a token': {
    location: 'query',
    method: 'PUT',
    path: '/photos/r%C3%A9sum%C3%A9%20%281%29.pdf',
    headers: { 'content-type': 'text/plain', 'x-amz-acl': 'private' },
    token: 'token/of+the==session',
    body: 'the body',
  },
  'SQS, Authorization header': {
    method: 'POST',
    service: 'sqs',
    path: '/1234/queue',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=SendMessage',
  },
  'SQS, presigned': { location: 'query', service: 'sqs', path: '/1234/queue', query: 'Action=ReceiveMessage&a=b' },
}

/** Any token is accepted, so it must be the signed one. */
const OPTIONS: VerifyOptions = { credentials: scopedKey, now: NOW }

const KINDS = Object.keys(SEEN)
const seen = (kind: string, more: Forging = {}): Forged => forge({ ...SEEN[kind], ...more })

const withQuery = (forged: Forged, query: string[]): Forged => ({ ...forged, query })
const withHeaders = (forged: Forged, headers: Pair[]): Forged => ({ ...forged, headers })
const replaced = <T>(list: readonly T[], at: number, ...items: T[]): T[] => [
  ...list.slice(0, at),
  ...items,
  ...list.slice(at + 1),
]
const nameOf = (parameter: string): string => parameter.split('=')[0]!
const textOf = (parameter: string): string => parameter.slice(parameter.indexOf('=') + 1)

/** Unsigned headers: the equivalences below explain why they can change. */
const UNSIGNED = /^(?:content-length|authorization)$/

const flipped = (text: string): string =>
  text.replace(/[a-z]/i, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))

describe.each(KINDS)('%s', (kind) => {
  it('is accepted unchanged', async () => {
    await accepted(seen(kind), OPTIONS)
  })

  it('is rejected with any parameter changed, dropped, repeated or renamed', async () => {
    const forged = seen(kind)
    for (const [at, parameter] of forged.query.entries()) {
      const [name, value] = [nameOf(parameter), textOf(parameter)]
      const changes: string[][] = [
        [],
        [parameter, parameter],
        [`${name}=`, parameter],
        [parameter, `${name}=other`],
        [`${name}=other`, parameter],
        [`${name}=${value}x`],
        [`${name}=x${value}`],
        [`${name}=${value}%20`],
        [`${name}=%20${value}`],
        [`${name}=${value}%00`],
        [`${name}=${value}+`],
        [`${name}==${value}`],
        [`${name}=${encode(value)}%25`],
        [`${name}[]=${value}`],
        [`${name}[0]=${value}`],
        [`${name}.=${value}`],
        [`${name}%00=${value}`],
        [`%20${name}=${value}`],
        [`${name}+=${value}`],
        [`${flipped(name)}=${value}`],
        [`${name.toLowerCase()}x=${value}`],
        [`${value}=${name}`],
        [`${name}%3D${value}`],
        [`${name};${value}`],
        ...(value ? [[`${name}=`], [name]] : []),
        ...(name !== name.toLowerCase() ? [[`${name.toLowerCase()}=${value}`]] : []),
        ...(name !== name.toUpperCase() ? [[`${name.toUpperCase()}=${value}`]] : []),
        ...(flipped(value) === value || name === 'X-Amz-Signature' ? [] : [[`${name}=${flipped(value)}`]]),
        ...(value.includes('%') ? [[`${name}=${value.replaceAll('%', '%25')}`]] : []),
        ...(value.includes('%2F') ? [[`${name}=${value.replace('%2F', '%255C')}`]] : []),
      ]
      for (const change of changes)
        await attack.rejectedInAnyShape(withQuery(forged, replaced(forged.query, at, ...change)), change, OPTIONS)
      // Moved after a semicolon, into the path, or into a fragment.
      const rest = replaced(forged.query, at)
      for (const path of [
        `${forged.path};${parameter}`,
        `${forged.path}/${parameter}`,
        `${forged.path}%3F${parameter}`,
      ])
        await attack.rejectedInAnyShape({ ...withQuery(forged, rest), path }, path, OPTIONS)
      await attack.rejectedInAnyShape(withQuery(forged, [...rest, `a=#${parameter}`]), 'fragment', OPTIONS)
      // Moved into a header.
      for (const header of [name, name.toLowerCase(), `x-amz-meta-${name}`])
        if (/^[\w-]+$/.test(header))
          await attack.rejectedInAnyShape(
            withHeaders(withQuery(forged, rest), [...forged.headers, [header, decodeURIComponent(value)]]),
            `in the header ${header}`,
            OPTIONS,
          )
    }
  })

  it('is rejected with any signed header changed, dropped, repeated, split or renamed', async () => {
    const forged = seen(kind)
    for (const [at, [name, value]] of forged.headers.entries()) {
      if (UNSIGNED.test(name)) continue
      const twice = (one: string, other: string): Pair[] => [
        [name, one],
        [name, other],
      ]
      const changes: Pair[][] = [
        [],
        ...[twice(value, 'other'), twice('other', value), twice(value, ''), twice(value, value)],
        twice(value.slice(0, 3), value.slice(3)),
        [
          [name.toUpperCase(), ''],
          [name, value],
        ],
        [[name, `${value}x`]],
        [[name, `x${value}`]],
        [[name, `${value},`]],
        [[name, `,${value}`]],
        [[name, `"${value}"`]],
        [[name, `${value}\0`]],
        [[name, `${value}\u00a0`]],
        [[name, `\u00a0${value}`]],
        [[name, '']],
        [[`${name}x`, value]],
        [[`x-${name}`, value]],
        [[name.replace('-', '_'), `${value} `.repeat(2)]],
        ...(flipped(value) === value ? [] : [[[name, flipped(value)] satisfies Pair]]),
      ]
      for (const change of changes)
        await attack.rejectedInAllShapes(
          withHeaders(forged, replaced(forged.headers, at, ...change)),
          [name, change],
          OPTIONS,
        )
      // Moved into the query.
      if (name !== 'host')
        for (const parameter of [name, name.replace(/(^|-)([a-z])/g, (part) => part.toUpperCase())])
          await attack.rejectedInAllShapes(
            {
              ...forged,
              headers: replaced(forged.headers, at),
              query: [...forged.query, `${parameter}=${encode(value)}`],
            },
            `${name} in the query`,
            OPTIONS,
          )
    }
  })

  it('is rejected with any x-amz-* header or parameter added', async () => {
    const forged = seen(kind)
    const HEADERS = words(`
      x-amz-acl x-amz-copy-source x-amz-tagging x-amz-meta-a x-amz-website-redirect-location x-amz-server-side-encryption
      x-amz-bypass-governance-retention x-amz-grant-full-control x-amz-mfa x-amz-target x-amz-security-token
      x-amz-decoded-content-length x-amz-trailer x-amz-algorithm x-amz-credential x-amz-expires x-amz-signature
      x-amz-signedheaders x-amz-user-agent x-amz-request-payer x-amz- x-amz-__proto__`)
    for (const name of HEADERS)
      for (const written of [name, name.toUpperCase(), name.replace('x-amz', 'X-Amz')])
        for (const value of ['x', '']) {
          if (forged.headers.some(([one]) => one === name) && !value) continue
          for (const at of [0, forged.headers.length]) {
            const headers = [...forged.headers]
            headers.splice(at, 0, [written, value])
            await attack.rejected(verify(asNode(withHeaders(forged, headers)), OPTIONS), [written, value])
          }
        }
    const PARAMETERS = words(`
      acl versionId=1 uploads uploadId=1 partNumber=1 delete response-content-type=text%2Fhtml
      response-content-disposition=attachment x-id=PutObject Action=DeleteQueue X-Amz-Foo=1 x-amz-acl=public-read
      X-Amz-Acl=public-read X-Amz-Security-Token=x X-Amz-Content-Sha256=UNSIGNED-PAYLOAD
      x-amz-content-sha256=UNSIGNED-PAYLOAD AWSAccessKeyId=x Signature=x Expires=9999999999 a=b = =x %00 __proto__=1
      constructor + %26 %3D \xc3\xa9`)
    for (const parameter of PARAMETERS)
      for (const at of [0, 1, forged.query.length]) {
        const query = [...forged.query]
        query.splice(at, 0, parameter)
        await attack.rejected(verify(asNode(withQuery(forged, query)), OPTIONS), [parameter, at])
      }
    for (const parameter of forged.query)
      await attack.rejected(verify(asNode(withQuery(forged, [...forged.query, nameOf(parameter)])), OPTIONS), parameter)
  })

  it('is rejected with a second mechanism or a second Authorization header', async () => {
    const forged = seen(kind)
    const values = [
      forge({ body: 'other' }).headers.at(-1)![1],
      'AWS4-HMAC-SHA256',
      `AWS ${KEY_ID}:signature`,
      'Bearer token',
      'Basic dTpw',
      '',
    ]
    const own = forged.headers.find(([name]) => name === 'authorization')?.[1]
    for (const value of own === undefined ? values : [own, ...values])
      for (const name of ['authorization', 'Authorization', 'AUTHORIZATION'])
        for (const at of [0, forged.headers.length]) {
          const headers = [...forged.headers]
          headers.splice(at, 0, [name, value])
          await attack.rejectedInAllShapes(withHeaders(forged, headers), [name, value], OPTIONS)
        }
    if (own !== undefined)
      for (const joined of [
        `${own}, ${own}`,
        `${own},${own}`,
        `${values[0]}, ${own}`,
        `${own}, Basic dTpw`,
        `${own},`,
      ]) {
        const headers = forged.headers.map(([name, value]): Pair => [name, name === 'authorization' ? joined : value])
        await attack.rejectedInAllShapes(withHeaders(forged, headers), joined, OPTIONS)
      }
    const presigned = forge({ ...SEEN[kind], location: 'query' })
    const parameters = presigned.query.filter((one) => /^X-Amz-/.test(one))
    if (own !== undefined) {
      for (const parameter of parameters)
        await attack.rejectedInAllShapes(
          withQuery(forged, [...forged.query, parameter]),
          parameter,
          OPTIONS,
          /AMBIGUOUS|SIGNATURE_MISMATCH/,
        )
      await attack.rejectedInAllShapes(
        withQuery(forged, [...forged.query, ...parameters]),
        'both',
        OPTIONS,
        /AMBIGUOUS/,
      )
      const cased = parameters.map((one) => one.toLowerCase())
      await attack.rejectedInAllShapes(withQuery(forged, [...forged.query, ...cased]), 'lower case', OPTIONS)
    } else {
      for (const change of [(one: string) => one.toLowerCase(), (one: string) => one.toUpperCase()]) {
        const query = forged.query.map((one) => change(nameOf(one)) + one.slice(nameOf(one).length))
        await attack.rejectedInAllShapes(withQuery(forged, query), query, OPTIONS)
        await attack.rejectedInAllShapes(withQuery(forged, [...forged.query, ...query]), query, OPTIONS)
      }
    }
    for (const parameter of ['Signature=x', 'Signature=', 'AWSAccessKeyId=x&Signature=x&Expires=9999999999'])
      await attack.rejectedInAllShapes(withQuery(forged, [...forged.query, parameter]), parameter, OPTIONS)
  })
})

describe('generated changes of a signed request', () => {
  const mark = fc.constantFrom(
    ...'&=?#%+;,/.\\ \t\0"\'<>@:~!$*()[]{}|^`azAZ09',
    '%2F',
    '%26',
    '%00',
    '\xc3\xa9',
    '\xff',
  )

  it('are rejected with any character inserted, removed or replaced', async () => {
    let same = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...KINDS),
        fc.constantFrom('method', 'target', 'header'),
        fc.nat(),
        fc.nat(2),
        mark,
        async (kind, place, position, action, text) => {
          const forged = seen(kind)
          const edit = (old: string): string => {
            const at = position % (old.length + 1)
            return old.slice(0, at) + (action ? text : '') + old.slice(action === 1 ? at : at + 1)
          }
          const request = { ...asNode(forged), method: forged.method }
          if (place === 'method') request.method = edit(request.method)
          if (place === 'target') request.url = edit(request.url)
          const raw = [...request.rawHeaders!]
          const at = 1 + 2 * (position % (raw.length / 2))
          const header = raw[at - 1]!
          if (place === 'header') raw[at] = edit(raw[at]!)
          const what = { place, header, request, text }
          const known = isSameRequest(forged, { ...request, rawHeaders: raw })
          const error = await errorOf(verify({ ...request, rawHeaders: raw }, OPTIONS))
          if (known || header === 'content-length') {
            same++
            return
          }
          if (!error) throw new Error(`accepted: ${JSON.stringify(what)}`)
          await attack.rejected(Promise.reject(error), what)
        },
      ),
      { numRuns: 2000 },
    )
    expect(same).toBeLessThan(1000)
  })

  /** Whether two requests are equal for every reader: parameters by name and value, headers without outer whitespace. */
  function isSameRequest(forged: Forged, request: { method?: string; url: string; rawHeaders: readonly string[] }) {
    const parse = (text: string) => {
      const url = new URL(text, `https://${HOST}`)
      const pairs = [...url.searchParams].filter(([name, value]) => name || value)
      return [decoded(url.pathname), url.hash, url.host, ...pairs.map(String).sort()].join('\n')
    }
    const values = (list: readonly string[]) =>
      list
        .map((text) => text.replace(/[\t ]+/g, ' ').trim())
        .map((text) => (text.startsWith('AWS4') ? text.replaceAll(' ', '') : text))
        .join('\n')
    const decoded = (path: string): string => {
      const text = path.replace(/%([\da-f]{2})/gi, (_, pair) => String.fromCharCode(Number.parseInt(pair, 16)))
      return forged.scope.includes('/sqs/') ? text.replace(/\/+/g, '/') : text
    }
    try {
      return (
        forged.method === request.method &&
        parse(target(forged)) === parse(request.url) &&
        values(forged.headers.flat()) === values(request.rawHeaders)
      )
    } catch {
      return false
    }
  }
})

describe('a date', () => {
  const header = (time: number, options: Partial<VerifyOptions> = {}) =>
    verify(asNode(forge({ time: NOW })), { ...VERIFYING, ...options, now: time })
  const presigned = (time: number, forging: Forging = {}, options: Partial<VerifyOptions> = {}) =>
    verify(asNode(forge({ location: 'query', ...forging })), { ...VERIFYING, ...options, now: time })

  it('of a header is accepted up to the clock skew, and rejected a moment later', async () => {
    for (const clockSkew of [0, 1, 60, 900, 86_400]) {
      const skew = clockSkew * 1000
      for (const now of [NOW - skew, NOW, NOW + skew]) await header(now, { clockSkew })
      for (const off of [1, 999, 1000, DAY, 365 * DAY])
        for (const now of [NOW - skew - off, NOW + skew + off])
          await attack.rejected(header(now, { clockSkew }), [clockSkew, off], /TIME_SKEWED/)
    }
  })

  it('of a presigned URL is accepted until it expires, and rejected a moment later', async () => {
    for (const expires of [0, 1, 900, 86_400, 604_799, 604_800]) {
      for (const now of [NOW, NOW + expires * 1000, NOW - 900_000]) await presigned(now, { expires: `${expires}` })
      for (const off of [1, 999, 1000, DAY]) {
        await attack.rejected(presigned(NOW + expires * 1000 + off, { expires: `${expires}` }), expires, /EXPIRED/)
        await attack.rejected(presigned(NOW - 900_000 - off, { expires: `${expires}` }), expires, /NOT_YET_VALID/)
      }
    }
    await presigned(NOW, { expires: '60' }, { maxExpires: 60 })
    await attack.rejected(presigned(NOW, { expires: '61' }, { maxExpires: 60 }), 'over the limit', /MALFORMED/)
  })

  it('of a service that allows X-Amz-Expires to be missing is bound to the clock skew', async () => {
    const forging = { service: 'sqs', without: ['X-Amz-Expires'] }
    await presigned(NOW + 900_000, forging)
    await attack.rejected(presigned(NOW + 901_000, forging), 'expired', /EXPIRED/)
    await attack.rejected(presigned(NOW, { without: ['X-Amz-Expires'] }), 'Required by S3.')
    for (const service of ['s3', 's3express', 's3-outposts', 's3-object-lambda'])
      await attack.rejected(presigned(NOW, { service, without: ['X-Amz-Expires'] }), service)
  })

  it('on the boundary of a day must be in the scope of its day', async () => {
    const midnight = Date.UTC(2015, 7, 31)
    for (const location of ['header', 'query'] as const)
      for (const [time, day] of [
        [midnight - 1000, '20150830'],
        [midnight, '20150831'],
        [Date.UTC(2016, 1, 29), '20160229'],
        [Date.UTC(2015, 11, 31, 23, 59, 59), '20151231'],
      ] as const)
        for (const off of [-60_000, 0, 60_000]) {
          await verify(asNode(forge({ location, time, day })), { ...VERIFYING, now: time + off })
          for (const wrong of ['20150829', '20150830', '20150831', '20150901', '20160301', '20160101'])
            if (wrong !== day)
              await attack.rejected(
                verify(asNode(forge({ location, time, day: wrong })), { ...VERIFYING, now: time + off }),
                [time, wrong],
                /SCOPE_MISMATCH/,
              )
        }
  })

  const MALFORMED = [
    ...words(`
      20150830 20150830T123600 20150830T1236Z 20150830t123600z 20150830T123600z 20150830T123600Z0 20150830T123600.000Z
      20150830T123600+0000 2015-08-30T12:36:00Z 20150830T123660Z 20150830T126000Z 20150830T240000Z 20150830T250000Z
      20150832T123600Z 20150800T123600Z 20151330T123600Z 20150229T123600Z 00000000T000000Z 00010101T000000Z
      99991231T235959Z +0150830T123600Z -0150830T123600Z 1440938160 1440938160000 ２０１５０８３０T123600Z
      20150830T123600Z,20150830T123600Z undefined NaN now`),
    ...['', ' ', '20150830 123600Z', '20150830T123600Z\0', 'Sun, 30 Aug 2015 12:36:00', 'Sun Aug 30 12:36:00 2015'],
    ...['Sun, 30 Aug 2015 12:36:00 +0000', '30 Aug 2015 12:36:00 GMT', 'Sunday, 30-Aug-15 12:36:00 GMT'],
  ]

  it('that is malformed is rejected, although it is signed', async () => {
    for (const date of MALFORMED)
      for (const location of ['header', 'query'] as const)
        for (const day of ['20150830', date.slice(0, 8)])
          for (const service of ['s3', 'sqs'])
            await attack.rejected(verify(asNode(forge({ location, service, date, day })), VERIFYING), [location, date])
  })

  it('in a Date header is used only when X-Amz-Date is missing', async () => {
    const date = 'Sun, 30 Aug 2015 12:36:00 GMT'
    const base: Forging = { service: 'sqs', without: ['x-amz-date'], headers: { date } }
    await accepted(forge(base))
    await attack.rejected(verify(asNode(forge(base)), { ...VERIFYING, now: NOW + 901_000 }), 'late', /TIME_SKEWED/)
    // The old X-Amz-Date decides, even with a recent Date.
    const old = forge({ service: 'sqs', time: NOW - DAY, unsigned: { date } })
    await attack.rejectedInAllShapes(old, 'a recent Date', VERIFYING, /TIME_SKEWED/)
    // Without the signed X-Amz-Date, or with a second one.
    const fresh = forge({ service: 'sqs', unsigned: { date } })
    const without = fresh.headers.filter(([name]) => name !== 'x-amz-date')
    await attack.rejectedInAllShapes(withHeaders(fresh, without), 'dropped')
    for (const value of [date, 'Sun, 30 Aug 2015 12:37:00 GMT', 'Mon, 31 Aug 2015 12:36:00 GMT', '20150830T123700Z'])
      await attack.rejectedInAllShapes(withHeaders(fresh, [...without, ['date', value]]), value)
  })
})

describe('X-Amz-Expires', () => {
  const WRONG = [
    ...words(`
      -1 -0 -900 604801 6048000 99999999999999999999 1e3 1E3 +900 0x10 0b1 0o7 900.0 900.5 .5 9_00 9,00 900s 15m Infinity
      -Infinity NaN null undefined true ٩٠٠ ９００ 900,900 900;900 [900]`),
    ...['', ' ', ' 900', '900 ', '\t900', '900\n', '900\0'],
  ]

  it('that is not a number of seconds up to a week is rejected, although it is signed', async () => {
    for (const expires of WRONG)
      for (const service of ['s3', 'sqs'])
        for (const method of ['GET', 'PUT'])
          await attack.rejectedInAnyShape(
            forge({ location: 'query', service, method, expires }),
            expires,
            VERIFYING,
            /MALFORMED/,
          )
  })

  it('that appears twice is rejected, although it is signed', async () => {
    for (const other of ['604800', '900', '', '1'])
      for (const name of ['X-Amz-Expires', 'x-amz-expires', 'X-AMZ-EXPIRES', 'X%2DAmz%2DExpires'])
        await attack.rejectedInAllShapes(forge({ location: 'query', query: `${name}=${other}` }), [name, other])
    await attack.rejectedInAllShapes(
      forge({ location: 'query', headers: { 'x-amz-expires': '604800' }, without: ['X-Amz-Expires'] }),
      'in a header',
    )
  })
})

describe('SignedHeaders', () => {
  it('without the host or an x-amz-* header of the request is rejected, although it is signed', async () => {
    const headers = { 'x-amz-acl': 'private', 'x-amz-meta-a': 'b' }
    for (const location of ['header', 'query'] as const)
      for (const shrink of [
        ['host'],
        ['x-amz-acl'],
        ['x-amz-meta-a'],
        ['x-amz-acl', 'x-amz-meta-a'],
        ['host', 'x-amz-acl', 'x-amz-meta-a', 'x-amz-date', 'x-amz-content-sha256'],
      ])
        for (const service of ['s3', 'sqs'])
          await attack.rejectedInAllShapes(forge({ location, headers, shrink, service }), shrink)
    await attack.rejectedInAllShapes(forge({ shrink: ['x-amz-date'] }), 'x-amz-date', VERIFYING, /HEADER_NOT_SIGNED/)
    await attack.rejectedInAllShapes(
      forge({ headers: { 'content-type': 'a/b' }, shrink: ['content-type'] }),
      'requireSigned',
      { ...VERIFYING, requireSigned: ['Content-Type'] },
      /HEADER_NOT_SIGNED/,
    )
    await attack.rejectedInAllShapes(
      forge({ headers: { 'content-type': 'a/b' }, shrink: ['content-type'] }),
      'signedIfPresent',
      { ...VERIFYING, signedIfPresent: ['Content-Type'] },
      /HEADER_NOT_SIGNED/,
    )
    await attack.rejectedInAllShapes(
      forge({}),
      'requireSigned, header omitted',
      { ...VERIFYING, requireSigned: ['Content-Type'] },
      /HEADER_NOT_SIGNED/,
    )
  })

  it('that is not lower case, sorted and unique is rejected, although it is signed', async () => {
    const WRONG = [
      ...words('; host; ;host host;; host;host Host HOST host,range range;host host: h\u00f6st ho\u017ft * __proto__'),
      ...['', 'host ', ' host', 'host range', 'host; range', 'host\0'],
    ]
    for (const signedHeaders of WRONG)
      for (const service of ['s3', 'sqs'])
        await attack.rejectedInAllShapes(forge({ location: 'query', signedHeaders, service }), signedHeaders)
    for (const signedHeaders of WRONG.map((names) => `${names};x-amz-content-sha256;x-amz-date`))
      if (!/^ /.test(signedHeaders)) await attack.rejectedInAllShapes(forge({ signedHeaders }), signedHeaders)
  })
})

describe('the scope', () => {
  it('that is not allowed is rejected, although it is signed', async () => {
    const WRONG: Forging[] = [
      ...['us-east-2', 'US-EAST-1', 'us-east-1\0', '*', 'us-east-1,eu-west-1', 'undefined', ''].map((region) => ({
        region,
      })),
      ...['sqs', 'S3', 's3express', ''].map((service) => ({ service })),
      ...['', 'AWS4_REQUEST', 'aws4_request/', 'aws5_request'].map((terminator) => ({ terminator })),
      ...['', '2015083', '201508300', '20150830T123600Z', '２０１５０８３０'].map((day) => ({ day })),
    ]
    for (const forging of WRONG)
      for (const location of ['header', 'query'] as const)
        for (const accepts of [
          { region: REGION, service: 's3' },
          { region: ['eu-west-1', REGION], service: ['s3'] },
        ]) {
          await accepted(forge({ location }), { ...VERIFYING, ...accepts })
          await attack.rejectedInAnyShape(forge({ ...forging, location }), forging, { ...VERIFYING, ...accepts })
        }
  })
})

describe('a replayed request', () => {
  it('is rejected on a different host', async () => {
    for (const kind of KINDS)
      for (const host of ['other.example.com', `${HOST}:8443`, `${HOST}.`, `a.${HOST}`, `${HOST}.example.org`, '']) {
        const forged = seen(kind)
        const headers = forged.headers.map(([name, value]): Pair => [name, name === 'host' ? host : value])
        await attack.rejectedInAllShapes(withHeaders(forged, headers), host, OPTIONS)
        await attack.rejectedInAllShapes(forged, host, { ...OPTIONS, host: host || 'other.example.com' })
      }
  })
})

const eachParameter =
  (change: (parameter: string) => string) =>
  (forged: Forged): Forged =>
    withQuery(forged, forged.query.map(change))
const eachValue =
  (names: RegExp, change: (value: string) => string) =>
  (forged: Forged): Forged =>
    withHeaders(
      forged,
      forged.headers.map(([name, value]) => [name, names.test(name) ? change(value) : value]),
    )
/**
 * All accepted differences, each with the reason why it is the same request. Others must be
 * rejected above.
 */
const SAME: [reason: string, change: (forged: Forged) => Forged][] = [
  ['Nothing changed: requests can be repeated until they expire.', (forged) => forged],
  [
    'parameters are sorted before signing, so their order is not signed',
    (forged) => withQuery(forged, [...forged.query].reverse()),
  ],
  [
    'an escape of a character that does not need one is decoded by every parser',
    eachParameter((one) => one.replace(/=([a-z])/, (_, letter) => `=%${letter.charCodeAt(0).toString(16)}`)),
  ],
  ['escapes have no case', eachParameter((one) => one.replace(/%../g, (text) => text.toLowerCase()))],
  ['in a query + and %20 are both a space', eachParameter((one) => one.replaceAll('%20', '+'))],
  ['an empty part of a query is not a parameter', (forged) => withQuery(forged, ['', ...forged.query, '', ''])],
  ['a parameter without = has an empty value', eachParameter((one) => one.replace(/=$/, ''))],
  [
    'names of headers have no case',
    (forged) =>
      withHeaders(
        forged,
        forged.headers.map(([name, value]) => [name.toUpperCase(), value]),
      ),
  ],
  ['headers of different names have no order', (forged) => withHeaders(forged, [...forged.headers].reverse())],
  [
    'whitespace around a value is not part of it (RFC 9110 section 5.5)',
    eachValue(/^(?:content-type|x-amz-(?:acl|meta-.+))$/, (value) => `\t ${value} \t`),
  ],
  [
    'signing folds whitespace inside a value into one space',
    eachValue(/^x-amz-meta-note$/, (value) => value.replace(/ +/g, ' \t ')),
  ],
  [
    'a header that is not signed is not part of the signed request',
    (forged) =>
      withHeaders(forged, [...forged.headers, ['user-agent', 'other'], ['range', 'bytes=0-'], ['cookie', 'a=b']]),
  ],
  [
    'whitespace between the parts of an Authorization header has no meaning',
    eachValue(/^authorization$/, (value) => value.replaceAll(', ', ',')),
  ],
]

describe('the same request', () => {
  it.each(SAME)('is accepted: %s', async (_, change) => {
    for (const kind of KINDS) await accepted(change(seen(kind)), OPTIONS)
  })

  it('is never reported with more signed headers than it has', async () => {
    for (const kind of KINDS)
      for (const [, change] of SAME) {
        const forged = change(seen(kind))
        const { signedHeaders } = await verify(asNode(forged), OPTIONS)
        for (const name of ['user-agent', 'range', 'cookie', 'content-length'])
          expect(signedHeaders).not.toContain(name)
      }
  })
})

describe('through a Node server', () => {
  it('changed requests are rejected, and genuine ones are accepted', async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        verify(request, { ...OPTIONS, body: Buffer.concat(chunks) }).then(
          () => response.end('accepted'),
          (error) => {
            response.statusCode = error instanceof SigV4VerifyError ? error.status : 500
            response.end(String(error))
          },
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ask = async (forged: Forged): Promise<string> => {
      const lines = forged.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      const text = `${forged.method} ${target(forged)} HTTP/1.1\r\nConnection: close\r\n${lines}\r\n${forged.body}`
      return (await sendRaw(port, Buffer.from(text, 'latin1'))).slice(9, 12)
    }
    for (const kind of KINDS) {
      const forged = seen(kind)
      expect(await ask(forged)).toBe('200')
      const authorization = forged.headers.find(([name]) => name === 'authorization')?.[1] ?? 'AWS4-HMAC-SHA256 x'
      const changed: Forged[] = [
        withHeaders(forged, [...forged.headers, ['Authorization', authorization]]),
        withHeaders(forged, [['Authorization', authorization.replace(KEY_ID, 'AKIDOTHER')], ...forged.headers]),
        withHeaders(forged, [...forged.headers, ['x-amz-meta-b', 'c']]),
        withHeaders(forged, [...forged.headers, ['X-Amz-Date', '20150830T123700Z']]),
        withQuery(forged, [...forged.query, 'a=b']),
        { ...forged, path: `${forged.path}x` },
        { ...forged, method: forged.method === 'GET' ? 'DELETE' : 'GET' },
        withHeaders(forged, [['Host', 'other.example.com'], ...forged.headers.filter(([name]) => name !== 'host')]),
        ...[0, 1, 2].map((at) => withHeaders(forged, [...forged.headers, forged.headers[at % forged.headers.length]!])),
      ]
      for (const one of changed) {
        const status = await ask(one)
        if (!/^4\d\d$/.test(status)) throw new Error(`${status}: ${JSON.stringify(one)}`)
        attack.counted()
      }
    }
    await new Promise((resolve) => server.close(resolve))
  })

  it('a joined second Authorization header is rejected with any framework', async () => {
    const forged = forge()
    const own = forged.headers.at(-1)![1]
    for (const authorization of [[own, own], `${own}, ${own}`, [own, 'Basic x'], ['Basic x', own]]) {
      const { headers, ...rest } = asObject(forged)
      await attack.rejected(
        verify({ ...rest, headers: { ...headers, authorization } as never }, OPTIONS),
        authorization,
      )
      const pairs = [
        ...forged.headers.slice(0, -1),
        ...[authorization].flat().map((one): Pair => ['authorization', one]),
      ]
      await attack.rejected(verify(asPairs(withHeaders(forged, pairs)), OPTIONS), authorization)
      const both = new Headers(pairs)
      await attack.rejected(verify({ ...rest, headers: both }, OPTIONS), authorization)
    }
  })
})

it('at least 7000 changes of signed requests were tried', () => {
  expect(SHAPES).toHaveLength(3)
  expect(attack.count).toBeGreaterThan(7000)
})
