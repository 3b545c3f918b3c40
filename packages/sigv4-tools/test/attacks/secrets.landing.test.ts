import { inspect as inspectValue } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toErrorResponse, verify } from '../../../../src/verify.ts'
import { isDeep } from '../../../../test/support/depth.ts'
import { analyze } from '../../src/debugger/analyze.ts'
import { shareable } from '../../src/debugger/share.ts'
import { explain, inspect, parseEvidence } from '../../src/explain.ts'
import {
  type Case,
  expectNone,
  KEY_ID,
  keyIdsWith,
  leak,
  leaks,
  linesWith,
  randomSecret,
  titled,
} from '../support/attacks/leaks.ts'

// Someone reads what is shown or shared, and collects the parts of a secret: at most eight characters of it remain in
// a row, whatever it was joined to, split by, or escaped as.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const NOW = '20260131T120000Z'
const SCOPE = '20260131/eu-west-1/s3/aws4_request'

const signed = `GET /cat.jpg HTTP/1.1
Host: ${HOST}
X-Amz-Date: ${NOW}
X-Amz-Content-Sha256: UNSIGNED-PAYLOAD
Authorization: AWS4-HMAC-SHA256 Credential=${KEY_ID}/${SCOPE}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}
`

function shared(text: string): string {
  const found = parseEvidence(text).items.filter(({ kind }) => kind === 'credentials')
  return shareable(
    text,
    found.map(({ lines }) => lines),
  )
}

/** What the page shows for a string, and for the response of a service. */
function page(text: string, response = ''): string {
  return JSON.stringify(analyze({ id: 1, text, response, secret: '' }))
}

/** Those that are tested before a landing: one of three. All of them are tested at night. */
const chosen = (_: unknown, i: number): boolean => isDeep || i % 3 === 0

describe('a secret that is named in text', () => {
  const every = [...linesWith()]
  const cases = every.filter(chosen)
  const around = cases.map(([title, line, secret]): Case => [title, `Hi,\n\n${line}\n\nfails:\n\n${signed}`, secret])
  const bodies = cases.map(
    ([title, line, secret]): Case => [title, `${signed.replace('GET', 'PUT')}\n${line}\n`, secret],
  )

  it('is written in more than 1300 ways', () => {
    expect(every.length).toBeGreaterThan(1300)
  })

  it('is not in a link of the page', () => {
    expectNone([cases, around, bodies].flatMap((strings) => leaks(strings, shared)))
  })

  it('is removed from a link without the request and its lines', () => {
    for (const [, text] of around) {
      const link = shared(text)
      expect(link.split('\n')).toHaveLength(text.split('\n').length)
      expect(link).toContain(`Host: ${HOST}\nX-Amz-Date: ${NOW}\n`)
      expect(link).toContain(`Credential=${KEY_ID}/${SCOPE}, `)
    }
  })

  it('is not on the page', () => {
    expectNone([around, bodies].flatMap((strings) => leaks(strings, page)))
  })

  it('is not in what parseEvidence and explain return', () => {
    const returned = (text: string): string => JSON.stringify([parseEvidence(text), explain(parseEvidence(text))])
    expectNone([around, bodies].flatMap((strings) => leaks(strings, returned)))
  })
})

describe('a password with spaces, in quotes', () => {
  const words = 'correct horse battery staple, again; and (again) & again'
  it.each([
    'MINIO_ROOT_PASSWORD="?"',
    "password: '?'",
    '{"password":"?","region":"eu-west-1"}',
    'secret = "?"',
    '"password" => "?",',
  ])('is not in a link of the page: %s', (line) => {
    const link = shared(`${line.replace('?', words)}\n\n${signed}`)
    expect(link).not.toMatch(/correct|horse|battery|staple|again/)
    expect(link).toContain(signed.slice(0, 40))
  })
})

describe('a secret in the place of an access key ID, or joined to one', () => {
  const every = [...keyIdsWith()]
  const ids = every.filter(chosen)
  const some = ids.filter((_, i) => i % 5 === 0)
  const url = (id: string): string =>
    `https://${HOST}/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(`${id}/${SCOPE}`)}&X-Amz-Date=${NOW}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${'0'.repeat(64)}`
  const raw = (id: string): string => signed.replace(KEY_ID, () => id)
  const requestOf = (id: string) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
    return { method: 'GET', url: '/cat.jpg', headers: { host: HOST, 'x-amz-date': NOW, authorization } }
  }
  const errorOf = (id: string) => {
    const element = id.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const message = `The AWS Access Key Id you provided (${element}) does not exist in our records.`
    const body = `<Error><Code>InvalidAccessKeyId</Code><Message>${message}</Message><AWSAccessKeyId>${element}</AWSAccessKeyId></Error>`
    return { status: 403, body }
  }

  it('is written in more than 600 ways', () => {
    expect(every.length).toBeGreaterThan(600)
  })

  it('is not in what inspect returns', () => {
    for (const of of [url, requestOf]) expectNone(leaks(ids, (id) => JSON.stringify(inspect(of(id)))))
  })

  it('is not in what explain returns', () => {
    for (const inputOf of [
      (id: string) => ({ request: { url: url(id) } }),
      (id: string) => ({ request: requestOf(id), response: errorOf(id) }),
      (id: string) => ({ response: errorOf(id) }),
    ])
      expectNone(leaks(ids, (id) => JSON.stringify(explain(inputOf(id)))))
  })

  it('is not in what explain returns with credentials', () => {
    const credentials = { accessKeyId: KEY_ID, secretAccessKey: randomSecret() }
    const explained = (id: string) => explain({ request: requestOf(id), response: errorOf(id), credentials })
    expectNone(leaks(some.slice(0, 40), (id) => JSON.stringify(explained(id))))
  })

  it('is not in an error of verify, nor in its response', async () => {
    const plain = every.filter(([title]) => /no escapes$|percent-encoding/.test(title))
    const now = Date.UTC(2026, 0, 31, 12)
    const found: string[] = []
    for (const [title, id, secret] of plain)
      for (const lookup of [() => undefined, () => 'a secret that is wrong']) {
        const error = await verify(requestOf(id), { credentials: lookup, now, allowUnsignedPayload: true }).catch(
          (each) => each,
        )
        const shown = `${JSON.stringify(error)} ${inspectValue(error)} ${toErrorResponse(error).body}`
        found.push(titled(title, leak(shown, secret)))
      }
    expect(found.length).toBeGreaterThan(100)
    expectNone(found)
  })

  it('is not on the page', () => {
    expectNone([...leaks(some, (id) => page(url(id))), ...leaks(some, (id) => page(raw(id), errorOf(id).body))])
  })

  it('is not in a link of the page', () => {
    for (const of of [url, raw, (id: string) => errorOf(id).body]) expectNone(leaks(ids, (id) => shared(of(id))))
  })
})

describe('the secret of the caller', () => {
  it('is not in what explain returns, wherever else it is in a request', () => {
    const found: string[] = []
    for (const [title, text, secret] of [...linesWith()].filter((_, i) => i % 45 === 0)) {
      const value = text.replace(/^[\w "'$<:]*?(?:=>|=|:|>)/, '').replace(/\s+/g, ' ')
      const canonical = `GET\n/\n\nhost:h\nx-amz-meta-a:${value}\n\nhost;x-amz-meta-a\n${'a'.repeat(64)}`
      const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}1</CanonicalRequest></Error>`
      const explained = explain({
        request: { ...{ method: 'GET', url: '/' }, headers: { host: 'h', 'x-amz-meta-a': `${value}2` } },
        response: { status: 403, body },
        signed: { canonicalRequest: canonical },
        credentials: { accessKeyId: KEY_ID, secretAccessKey: secret },
      })
      expect(explained.canonicalRequests).toBeDefined()
      found.push(titled(title, leak(JSON.stringify(explained), secret)))
    }
    expect(found.length).toBeGreaterThan(25)
    expectNone(found)
  })
})
