import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EMPTY_HASH, stringToSignOf } from '../../../../test/support/oracle.ts'
import { analyze } from '../../src/debugger/analyze.ts'
import { viewStrings } from '../../src/debugger/strings.ts'

// What the page shows of the strings of client and service, as text.

class Element {
  #text = ''
  setAttribute(): void {}
  append(child: Element | string): void {
    this.#text += `${child}\n`
  }
  toString(): string {
    return this.#text
  }
}

beforeEach(() => void vi.stubGlobal('document', { createElement: () => new Element() }))
afterEach(() => void vi.unstubAllGlobals())

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const CANONICAL = [
  'GET',
  '/cat.jpg',
  '',
  `host:${HOST}`,
  'x-amz-date:20260131T120000Z',
  '',
  'host;x-amz-date',
  EMPTY_HASH,
]
const service = CANONICAL.join('\n')
const withoutLine = CANONICAL.filter((_, i) => i !== 5).join('\n')

const toSign = (canonical: string): string =>
  stringToSignOf(canonical, '20260131T120000Z', '20260131/eu-west-1/s3/aws4_request')

/** The page for the strings of the client, `signed` instead of what it shows, and the error of the service. */
function page(shown: string, signed = shown): string {
  const error = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${toSign(service)}</StringToSign><CanonicalRequest>${service}</CanonicalRequest></Error>`
  const text = `My canonical request:\n${shown}\n\nMy string to sign:\n${toSign(signed)}\n\nThe error:\n${error}`
  return String(viewStrings(analyze({ id: 1, text, response: '', secret: '' }).strings))
}

it('canonical requests are the same if their hashes are', () => {
  expect(page(service)).toContain('As the client signed it and as the service computed it, which is the same:')
  expect(page(service)).not.toContain('differs')
})

it('a line that the client left out is shown as a difference, like its hash', () => {
  const text = page(withoutLine)
  expect(text).toContain('1 of 8 lines differ.')
  expect(text).toContain('Hash of the canonical request differs')
  expect(text).not.toContain('which is the same')
})

it.each([
  ['lost its line ends', service.replaceAll('\n', ' '), withoutLine],
  ['was edited', service, service.replace('cat.jpg', 'dog.jpg')],
])('a canonical request whose copy %s is not the same if its hash differs', (_, shown, signed) => {
  const text = page(shown, signed)
  expect(text).toContain('which is the same in this copy, but not the one whose hash was signed:')
  expect(text).toContain('Hash of the canonical request differs')
  expect(text).not.toContain('which is the same:')
})
