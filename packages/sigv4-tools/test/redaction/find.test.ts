import { describe, expect, it } from 'vitest'
import { inspect } from '../../src/explain.ts'
import { shownKeyId } from '../../src/redaction/find.ts'
import { run } from '../support/cli.ts'

// A secret in place of an access key ID: cut, shortened, or changed in transit.

const SECRETS = [
  'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  'zs6gDjtqiCOafa7fd/Najg/Tz2531bSDoGsQX4OG',
  'LqL36OqPDlwPN6koQgVrhr7R0QEuFbzsH4Bvz4bt',
  'oTuZKRD7VsxJE1KNJv6YcTq+0d+2bwZ3fYk/HqAo',
  'abcdefgh+ABCDEFGH+ijklmnop+QRSTUVWX+0123',
  'A/b/C/d/E/f/G/h/I/j/K/l/M/n/O/p/Q/r/S/t1',
  'AKIA+abcDEF123ghiJKL456mnoPQR789stuVWX0/',
]

const FORMS: Record<string, (secret: string) => string> = {
  unchanged: (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'with + as a space': (secret) => secret.replaceAll('+', ' '),
  'with + as %20': (secret) => secret.replaceAll('+', '%20'),
  'with + as a space, percent-encoded': (secret) => encodeURIComponent(secret.replaceAll('+', ' ')),
  'in Base64 for URLs': (secret) => secret.replaceAll('+', '-').replaceAll('/', '_'),
  'in Base64 for URLs, with + as a space': (secret) => secret.replaceAll('+', ' ').replaceAll('/', '_'),
  'with a line break': (secret) => `${secret.slice(0, 20)}\n${secret.slice(20)}`,
  'with a folded line': (secret) => `${secret.slice(0, 13)}\r\n ${secret.slice(13)}`,
  'with an encoded line break': (secret) => `${secret.slice(0, 18)}%0A${secret.slice(18)}`,
  'with a space': (secret) => `${secret.slice(0, 20)} ${secret.slice(20)}`,
  'without its end': (secret) => secret.slice(0, 33),
}

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const SIGNATURE = 'a'.repeat(64)
const REQUESTS: Record<string, (id: string) => Parameters<typeof inspect>[0]> = {
  'a URL': (id) =>
    `https://${HOST}/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${id}%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${SIGNATURE}`,
  'a header': (id) => withCredential(`${id}/20260131/eu-west-1/s3/aws4_request`),
  'a header without a scope': (id) => withCredential(id),
}

function withCredential(credential: string) {
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`
  return { method: 'GET', url: '/a', headers: { host: HOST, 'x-amz-date': '20260131T120000Z', authorization } }
}

/** Returns the longest part of a secret, in any form, that a string contains. */
function longestPart(secret: string, text: string): string {
  let longest = ''
  for (const form of [FORMS.unchanged!, FORMS['in Base64 for URLs']!].map((change) => change(secret)))
    for (let start = 0; start < form.length; start++)
      for (let end = start + longest.length + 1; end <= form.length && text.includes(form.slice(start, end)); end++)
        longest = form.slice(start, end)
  return longest
}

describe.each(Object.keys(REQUESTS))('inspect of %s', (where) => {
  it.each(Object.keys(FORMS))('shows at most 8 characters of a secret %s', (how) => {
    for (const secret of SECRETS) {
      const shown = JSON.stringify(inspect(REQUESTS[where]!(FORMS[how]!(secret))))
      expect(longestPart(secret, shown).length, `${secret}: ${longestPart(secret, shown)}`).toBeLessThanOrEqual(8)
    }
  })
})

it.each(Object.keys(FORMS))('sigv4-tools inspect prints at most 8 characters of a secret %s', async (how) => {
  for (const secret of SECRETS.slice(0, 4)) {
    const { headers } = withCredential(`${FORMS[how]!(secret)}/20260131/eu-west-1/s3/aws4_request`)
    const stdin = `GET /a HTTP/1.1\r\nhost: ${HOST}\r\nx-amz-date: 20260131T120000Z\r\nauthorization: ${headers.authorization}\r\n\r\n`
    const { stdout, stderr } = await run(['inspect'], { stdin })
    expect(longestPart(secret, stdout + stderr).length).toBeLessThanOrEqual(8)
  }
})

it.each([
  'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE',
  'AKIDEXAMPLE',
  'NZIQUUAEYD2XZOSJYC274XBMVU',
  'minioadmin',
  'MinioAdmin',
  'test',
  'lRUxcvBlqG8jgvJ8mFzp',
  'GK31c2f218a2e44f485b94239e',
  'GOOG1EABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVW',
  '0123456789abcdef0123456789abcdef',
  '005a1b2c3d4e5f60000000001',
  'SCWABCDEFGHJKLMNPQRS',
  'user@example.com',
  'team/uploads',
])('the access key ID %s is shown', (id) => {
  expect(shownKeyId(id)).toBe(id)
  expect(inspect(REQUESTS['a URL']!(encodeURIComponent(id))).accessKeyId).toBe(id)
  expect(inspect(REQUESTS['a header']!(id)).accessKeyId).toBe(id)
})
