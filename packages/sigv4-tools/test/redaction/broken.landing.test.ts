import { expect, it } from 'vitest'
import { runs } from '../../../../test/support/depth.ts'
import { explain } from '../../src/explain.ts'
import { createHider } from '../../src/redaction/hide.ts'
import { BREAKS, brokenLeaks, isHeader, isRandom, SECRETS } from '../support/attacks/broken.ts'
import { expectNone, leak } from '../support/attacks/leaks.ts'
import { linkOf, outputsOf, resultsOf } from '../support/attacks/shown.ts'

// A line break in a secret, as terminals and mail programs add it, hides no part of it from the redactor: at most eight
// characters in a row are shown. A sample; `npm run test:all` tests every name, format and encoding, with every line break,
// and every position of it.

const isMeant = ({ name, secret }: { name: string; secret: string }) => isRandom(secret) && !isHeader(name)

it('a secret that a line break splits is not in a link of the page', () => {
  const { count, found } = brokenLeaks(linkOf, runs(100, 1))
  expect(count).toBeGreaterThan(runs(800, 80_000))
  expectNone(found)
})

it('a random secret that a line break splits is not in what explain, inspect, and parseEvidence return', () => {
  const { count, found } = brokenLeaks(resultsOf, runs(400, 12), isMeant)
  expect(count).toBeGreaterThan(runs(100, 4000))
  expectNone(found)
})

it('a random secret that a line break splits is not in the output of the command line', async () => {
  const each = runs(4000, 200)
  const texts: string[] = []
  brokenLeaks(
    (text) => {
      texts.push(text)
      return ''
    },
    each,
    isMeant,
  )
  const outputs = new Map<string, string>()
  for (const text of texts) outputs.set(text, await outputsOf(text))
  expect(texts.length).toBeGreaterThan(runs(10, 200))
  expectNone(brokenLeaks((text) => outputs.get(text)!, each, isMeant).found)
})

it("the caller's secret that a line break splits is hidden, wherever it is broken", () => {
  for (const [kind, create] of SECRETS.entries()) {
    const secret = create()
    const hide = createHider([secret])
    for (const lineBreak of Object.values(BREAKS))
      for (let at = 1; at < secret.length; at++) {
        const text = `The secret is\n${secret.slice(0, at)}${lineBreak}${secret.slice(at)}\nand no other.`
        expect(leak(hide(text), secret), text).toBe('')
        expect(hide(text)).toMatch(/^The secret is\n[\s\S]*\nand no other\.$/)
      }
    if (kind > 2) continue
    const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>PUT\n/\n\nhost:h\nx-amz-meta-a:${secret.slice(0, 12)}\n ${secret.slice(12)}\n\nhost;x-amz-meta-a\n${'a'.repeat(64)}</CanonicalRequest></Error>`
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: secret }
    const request = { method: 'PUT', url: '/', headers: { host: 'h', 'x-amz-meta-a': secret } }
    const explained = explain({ request, response: { status: 403, body }, credentials })
    expect(leak(JSON.stringify(explained), secret)).toBe('')
  }
})

it.each([
  'MINIO_ROOT_PASSWORD=minio-secret-1234\nMINIO_REGION=eu-west-1',
  'secret_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzQQLMKEYa\nendpoint_url = http://localhost:9000',
  'password: minio-secret-1234\nGET /cat.jpg HTTP/1.1\nHost: photos.s3.eu-west-1.amazonaws.com',
  'secretKey: minio-secret-1234\nSignatureDoesNotMatch: The signature does not match',
  'secret: minio-secret-1234\n2026-01-31T12:00:00Z ERROR Forbidden',
  'Secret key: minio-secret-1234\nhttps://photos.s3.eu-west-1.amazonaws.com/cat.jpg',
])('a line after a secret remains in a link: %s', (text) => {
  expect(linkOf(text).split('\n').slice(1)).toEqual(text.split('\n').slice(1))
})
