import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type HttpRequest, SignatureV4, type SignatureV4Init } from '../../src/smithy.ts'
import { type Location, suiteCases, suiteContext } from '../support/fixtures.ts'
import { parseCases, signatureIn } from '../support/smithy/cases.ts'

// The cases of @smithy/signature-v4's own tests, and those of AWS's suite.

const cases = parseCases(readFileSync(new URL('../../fixtures/signature-v4/cases.json', import.meta.url), 'utf8'))

it('has all cases', () => {
  expect(cases).toHaveLength(36)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(36)
})

it.each(cases.map((each) => [each.name, each] as const))('%s', async (_, given) => {
  const { signer, method, request, options, signature } = given
  expect(signatureIn(await new SignatureV4(signer as SignatureV4Init)[method](request as HttpRequest, options))).toBe(
    signature,
  )
})

const LOCATIONS: Location[] = ['header', 'query']
const suite = suiteCases().flatMap((given) =>
  LOCATIONS.filter((location) => given[location].signature).map(
    (location) => [`${given.name}, ${location}`, given, location] as const,
  ),
)

it('has all cases of AWS', () => {
  expect(suite).toHaveLength(76)
})

it.each(suite)('%s', async (_, given, location) => {
  const context = suiteContext(given)
  const { accessKeyId, secretAccessKey, region, service } = context
  const sessionToken = context.omitSessionToken ? undefined : context.sessionToken
  const [path, search = ''] = given.request.target.split('?')
  const query: Record<string, string[]> = {}
  for (const parameter of search.split('&').filter(Boolean)) {
    const [name, value = ''] = parameter.split('=').map(decodeURIComponent)
    query[name!] = [...(query[name!] ?? []), value]
  }
  const headers: Record<string, string> = {}
  for (const [raw, value] of given.request.headers) {
    const name = raw.toLowerCase()
    headers[name] = name in headers ? `${headers[name]},${value.trim()}` : value.trim()
  }
  // a path that is not encoded again must be encoded as sent
  const uriEscapePath = context.normalize && given.name !== 'get-space-normalized'
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    region,
    service,
    applyChecksum: context.signBody,
    uriEscapePath,
  })
  const { method, body } = given.request
  const sent = uriEscapePath ? path! : path!.replace(' ', '%20')
  const request = { method, protocol: 'https:', hostname: headers.host!, path: sent, query, headers, body }
  const signingDate = context.amzDate.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5')
  const call = location === 'header' ? 'sign' : 'presign'
  const signed = await signer[call](request, { signingDate, expiresIn: context.expires })
  expect(signatureIn(signed)).toBe(given[location].signature)
})
