import mime from 'mime-types'
import { describe, expect, it } from 'vitest'
import { presignPut } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain } from '../../src/explain.ts'

// Signed headers that something changed: with the secret, what can be tried is proven, and nothing is concluded from what
// cannot be tried. The types are those of mime-types.

const EXTENSIONS =
  '7z aac ai aif apk atom avi avif bin bmp bz2 c cab class csv css deb dmg doc docm docx dotx eml eot eps epub exe flac flv geojson gif glb gltf gz heic heif htm html ico ics iso jar java jpe jpeg jpg js json jsonld jp2 kml kmz m3u8 m4a m4v md mid mka mkv mov mp3 mp4 mpd mpeg mpg odp ods odt ogg ogv opus otf pdf php png ppt pptm pptx ps psd rar rss rtf sh sql stl svg tar tif tiff torrent ts tsv ttf txt vcf vtt wasm wav webm webmanifest webp wma wmv woff woff2 xhtml xls xlsb xlsm xlsx xml xsl xz yaml zip'.split(
    ' ',
  )
const TYPES = [...new Set(EXTENSIONS.map((extension) => mime.lookup(extension)))].filter((type) => type !== false)

/** Headers whose values cannot be guessed: name, signed and sent. */
const OTHERS: readonly (readonly [name: string, signed: string, sent: string])[] = [
  ['x-amz-meta-owner', 'maria', 'jose'],
  ['x-amz-meta-order', '1042', '1043'],
  ['x-amz-meta-source', 'scanner 4', 'scanner 5'],
  ['x-amz-tagging', 'team=a', 'team=b'],
  ['x-amz-storage-class', 'GLACIER', 'STANDARD'],
  ['x-amz-website-redirect-location', '/new', '/old'],
  ['x-amz-grant-read', 'id="a1"', 'id="b2"'],
  ['x-amz-server-side-encryption-aws-kms-key-id', 'alias/photos', 'alias/films'],
  ['x-amz-expected-bucket-owner', '111122223333', '444455556666'],
  ['x-amz-object-lock-retain-until-date', '2030-01-01T00:00:00Z', '2031-01-01T00:00:00Z'],
  ['x-amz-copy-source', '/films/a', '/films/b'],
  ['x-amz-request-payer', 'requester', 'owner'],
  ['content-length', '1042', '2042'],
  ['content-disposition', 'attachment; filename="a.pdf"', 'attachment; filename="b.pdf"'],
  ['content-language', 'de-CH', 'pt-BR'],
  ['cache-control', 'public, max-age=31536000', 'private'],
  ['content-md5', '1B2M2Y8AsgTpgAmY7PhCfg==', 'XrY7u+Ae7tCTyyK7j1rNww=='],
  ['expires', 'Thu, 01 Dec 2033 16:00:00 GMT', 'Thu, 01 Dec 2034 16:00:00 GMT'],
  ['if-none-match', '"a1"', '"b2"'],
  ['x-custom', 'one', 'two'],
]

const credentials = { ...CREDENTIALS }
const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }

/** An upload whose header was signed with one value and sent with another. */
function changed(name: string, signed: string, sent: string): ExplainInput {
  const target = { bucket: 'films', key: 'a', region: 'eu-west-1' }
  const { url } = presignPut(target, { credentials, now: 0, headers: { [name]: signed } })
  const request = { method: 'PUT', url, headers: { host: new URL(url).host, [name]: sent } }
  return { request, response, now: 1000 }
}

const firstOf = (input: ExplainInput): string => {
  const [first] = explain(input).findings
  return `${first?.cause} ${first?.confidence}`
}

describe('a signed content type that was changed', () => {
  it('is proven for the types of files, with the secret', () => {
    expect(TYPES.length).toBeGreaterThanOrEqual(100)
    const unproven = TYPES.filter((type) => {
      const sent = type === 'application/octet-stream' ? 'text/plain' : 'application/octet-stream'
      return firstOf({ ...changed('content-type', type, sent), credentials }) !== 'header-changed proven'
    })
    console.log(`A changed content type is proven for ${TYPES.length - unproven.length} of ${TYPES.length} types.`)
    expect(unproven.length, unproven.join(', ')).toBeLessThanOrEqual(TYPES.length * 0.05)
  })

  it.each(['text/csv; charset=utf-8', 'text/html;charset=UTF-8', 'application/json; charset=utf-8'])(
    'is proven with a character set: %s',
    (type) => {
      expect(firstOf({ ...changed('content-type', type, 'text/csv'), credentials })).toBe('header-changed proven')
    },
  )
})

describe('a signed value that cannot be guessed', () => {
  const cases = [...OTHERS, ['content-type', 'application/x-of-our-own', 'text/plain'] as const]

  it.each(cases)('%s: the secret is not blamed', (name, signed, sent) => {
    const input = changed(name, signed, sent)
    for (const given of [input, { ...input, credentials }]) {
      const { findings, verdict } = explain(given)
      expect(findings[0]!.confidence === 'likely' && findings[0]!.cause, verdict).not.toBe('wrong-secret')
      expect(findings.slice(0, 3).map(({ cause }) => cause)).toContain('header-changed')
    }
    for (const isOfficial of [true, false]) {
      const { request } = input
      const client = isOfficial ? { 'user-agent': 'aws-sdk-js/3.900.0' } : {}
      const { verdict, findings, decides } = explain({
        ...input,
        request: { ...request, headers: { ...request?.headers, ...client } },
        credentials,
      })
      if (findings[0]!.confidence === 'proven') return
      const assembly = ', or the client assembled its canonical request or string to sign in a way that was not tried.'
      expect(verdict).toContain(
        `The secret access key differs. Otherwise, the client signed a different host, path, or value of ${name}${isOfficial ? '. Only usual values were tried.' : assembly}`,
      )
      expect(decides).toMatchObject({
        between: ['wrong-secret', 'header-changed'],
        ...(isOfficial && { command: expect.stringContaining(name) }),
      })
    }
  })

  it.each(cases)('%s: a guess can be tested', (name, signed, sent) => {
    const input = { ...changed(name, signed, sent), credentials }
    expect(firstOf({ ...input, signed: { headers: { [name]: signed } } })).toMatch(
      /^(?:header-changed|content-(?:length|md5)) proven$/,
    )
    // a wrong guess proves nothing
    expect(firstOf({ ...input, signed: { headers: { [name]: `${signed}?` } } })).toBe(firstOf(input))
  })

  it('is the secret alone if only headers were signed whose values were tried', () => {
    const wrong = { ...credentials, secretAccessKey: `${credentials.secretAccessKey.slice(0, -3)}abc` }
    const target = { bucket: 'films', key: 'a', region: 'eu-west-1' }
    const { url } = presignPut(target, { credentials: wrong, now: 0 })
    const request = { method: 'PUT', url, headers: { host: new URL(url).host } }
    expect(firstOf({ request, response, credentials, now: 1000 })).toBe('wrong-secret possible')
    const official = { ...request, headers: { ...request.headers, 'user-agent': 'Boto3/1.40' } }
    expect(firstOf({ request: official, response, credentials, now: 1000 })).toBe('wrong-secret likely')
  })

  it.each(["x'|id|'", "x'&id&'", 'x`id`', '$id', "x'\nid\n'"])('%j in a command is not run by a shell', (name) => {
    const url = `https://films.s3.eu-west-1.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=${encodeURIComponent(name < 'host' ? `${name};host` : `host;${name}`)}&X-Amz-Signature=${'ab'.repeat(32)}`
    const headers = { host: 'films.s3.eu-west-1.amazonaws.com', [name]: 'a' }
    const { decides, findings } = explain({ request: { method: 'PUT', url, headers }, response, credentials })
    const commands = [decides?.command, ...findings.map(({ fix }) => fix)].join('\n')
    for (const [option] of commands.matchAll(/--signed.*/g)) expect(option).toMatch(/^--signed 'NAME: VALUE'/)
    expect(decides?.evidence ?? '').not.toMatch(/\n/)
  })

  it.each(['x-amz-server-side-encryption-customer-key', 'cookie', 'x-api-key'])(
    '%s is hidden, also as it may have been signed',
    (name) => {
      const signed = 'QmFzZTY0LW9mLWEtdG9rZW4tdGhhdC1pcy1ub3Qtc2hvd24='
      const input = { ...changed(name, signed, 'Y2hhbmdlZA=='), credentials, signed: { headers: { [name]: signed } } }
      const explanation = explain(input)
      expect(explanation.findings.map(({ expected }) => expected)).toContain('[hidden]')
      expect(JSON.stringify(explanation)).not.toContain(signed.slice(0, 12))
    },
  )
})
