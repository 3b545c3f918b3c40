import { describe, expect, it } from 'vitest'
import { verify, verifyPost } from '../../../../src/verify.ts'
import { encode, sha256, sign } from '../../../../test/support/oracle.ts'
import { formFields, type SentRequest, send } from '../support/explain/structure/client.ts'
import {
  generateChecked,
  generateStructureCases,
  KINDS,
  type StructureCase,
} from '../support/explain/structure/generate.ts'
import { isSetAside, MISTAKES, SET_ASIDE } from '../support/explain/structure/mistakes.ts'

// The generator that judges the search for mistakes in assembling strings. Nothing here calls explain.

const checked = generateChecked()
const cases = checked.map(({ structureCase }) => structureCase)
const ofMistakes = cases.filter(({ mistake }) => mistake !== 'wrong-secret')
const ofSecrets = cases.filter(({ mistake }) => mistake === 'wrong-secret')

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}

// ---- Rows ----

describe('the rows of mistakes', () => {
  it('are 159, with unique plain names, and cite at least 80 sources', () => {
    expect(MISTAKES).toHaveLength(159)
    expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(MISTAKES.length)
    for (const { name, says, source } of MISTAKES) {
      expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)+$/)
      expect(says).toMatch(/^(?:[A-Z]|x-amz-)[^\n]*\.$/)
      expect(source).toMatch(/^https?:\/\/\S+$/)
    }
    expect(new Set(MISTAKES.map(({ source }) => source)).size).toBeGreaterThanOrEqual(80)
  })

  it('set aside exactly one third, by the hash of the name', () => {
    expect(SET_ASIDE.size * 3).toBe(MISTAKES.length)
    const hashes = MISTAKES.map(({ name }) => sha256(name)).sort()
    const limit = hashes[SET_ASIDE.size]!
    for (const { name } of MISTAKES) expect(isSetAside(name)).toBe(sha256(name) < limit)
  })

  it('set aside some of each aspect', () => {
    const aspects = countBy(
      MISTAKES.filter(({ name }) => isSetAside(name)),
      ({ aspect }) => aspect,
    )
    expect(Object.keys(aspects).length).toBeGreaterThanOrEqual(5)
  })

  it('differ from one another: no two rows produce the same signatures for all of their requests', () => {
    const requests = checked.filter((_, index) => index % 19 === 0).map(({ signing }) => signing)
    const fingerprints = new Map<string, string[]>()
    for (const { name, change, applies } of MISTAKES) {
      const signatures = requests.map((request) => (applies(request) ? sign(request, change).signature : ''))
      const fingerprint = sha256(signatures.join())
      fingerprints.set(fingerprint, [...(fingerprints.get(fingerprint) ?? []), name])
    }
    expect([...fingerprints.values()].filter((names) => names.length > 1)).toEqual([])
  })
})

// ---- Cases ----

/** Replaces the signature of a request, wherever it is. */
function withSignature(request: SentRequest, from: string, to: string): SentRequest {
  const replace = (value: string): string => {
    expect(value.split(from)).toHaveLength(2)
    return value.replace(from, () => to)
  }
  const { headers, url, body } = request
  if (headers.Authorization !== undefined)
    return { ...request, headers: { ...headers, Authorization: replace(headers.Authorization) } }
  if (url.includes('X-Amz-Signature='))
    return {
      ...request,
      url: url.replace(/(?<=X-Amz-Signature=)[^&]*/, (found) => encode(replace(decodeURIComponent(found)))),
    }
  return { ...request, body: replace(body!) }
}

/** The signature in a request, read from it. */
function sentSignature({ headers, url, body }: SentRequest): string {
  const [found] =
    /(?<=, Signature=).*$/.exec(headers.Authorization ?? '') ??
    /(?<=&X-Amz-Signature=)[^&]*/.exec(url) ??
    /(?<=name="x-amz-signature"\r\n\r\n)\S+/.exec(body ?? '') ??
    []
  return decodeURIComponent(found!)
}

const unescapeXml = (value: string): string =>
  value.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&')

const messageOf = ({ response: { body } }: StructureCase): string =>
  body.startsWith('{') ? JSON.parse(body).message : unescapeXml(body)

describe('the cases', () => {
  it('are the same for the same seed, and differ for another', () => {
    expect(JSON.stringify(generateStructureCases(1)) === JSON.stringify(cases)).toBe(true)
    expect(generateStructureCases(2, MISTAKES.slice(0, 1))[0]!.request).not.toEqual(cases[0]!.request)
  })

  it('have unique IDs', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  })

  it('differ from a correctly signed request in the signature only', () => {
    for (const { structureCase, signing, fields, change } of checked) {
      const right = sign(signing).signature
      const wrong = sentSignature(structureCase.request)
      expect(wrong, structureCase.id).not.toBe(right)
      if (structureCase.secret === undefined) expect(wrong, structureCase.id).toBe(sign(signing, change).signature)
      expect(withSignature(structureCase.request, wrong, right), structureCase.id).toEqual(send(signing, right, fields))
    }
  })

  it('are accepted by verify and verifyPost when signed without the mistake', async () => {
    for (const { structureCase, signing, fields } of checked.filter((_, index) => index % 5 === 0)) {
      const { signature } = sign(signing)
      const { body = '', ...request } = send(signing, signature, fields)
      const { accessKeyId, secretAccessKey, sessionToken, bucket } = signing
      const keys = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
      const options = { credentials: () => keys, now: new Date(structureCase.response.headers.date!) }
      const accepted =
        signing.location === 'form'
          ? verifyPost(Object.fromEntries(formFields(signing, signature, fields)), {
              ...options,
              bucket: bucket!,
              size: signing.body.length,
              type: 'text/plain',
              filename: 'upload.txt',
            })
          : verify(request, { ...options, body, allowUnsignedPayload: true })
      expect((await accepted).accessKeyId, structureCase.id).toBe(accessKeyId)
    }
  })

  it('have the secret that the service has, unless the secret is wrong or withheld', () => {
    for (const { structureCase, signing } of checked) {
      const { level, mistake, secret, credentials } = structureCase
      expect(credentials.accessKeyId).toBe(signing.accessKeyId)
      expect(credentials.sessionToken).toBe(signing.sessionToken)
      if (level === 'c') expect(credentials).not.toHaveProperty('secretAccessKey')
      else if (mistake !== 'wrong-secret' || secret!.atHand === 'service')
        expect(credentials.secretAccessKey).toBe(signing.secretAccessKey)
      else expect(credentials.secretAccessKey).not.toBe(signing.secretAccessKey)
    }
  })

  it('contain the strings of the service exactly at levels b and c', () => {
    for (const { structureCase, signing } of checked) {
      const { canonicalRequest, stringToSign } = sign(signing)
      const message = messageOf(structureCase)
      const hasStrings = structureCase.level !== 'a'
      expect(message.includes(stringToSign), structureCase.id).toBe(hasStrings)
      if (canonicalRequest !== undefined) expect(message.includes(canonicalRequest), structureCase.id).toBe(hasStrings)
    }
  })

  it('contain what the client printed at level c, and never a secret', () => {
    for (const { structureCase, signing, change } of checked) {
      const { level, client, request, response } = structureCase
      expect(client !== undefined).toBe(level === 'c')
      if (client !== undefined) {
        const { canonicalRequest, stringToSign } = sign(signing, change)
        expect(client).toEqual(canonicalRequest === undefined ? { stringToSign } : { canonicalRequest, stringToSign })
      }
      expect(JSON.stringify([request, response, client])).not.toContain(signing.secretAccessKey)
    }
  })

  it('can be proven, except where strings are right and the secret is missing or does not decide', () => {
    for (const { structureCase, signing } of checked) {
      const { level, client, isProvable, secret } = structureCase
      const right = sign(signing)
      const isSame = client?.stringToSign === right.stringToSign && client.canonicalRequest === right.canonicalRequest
      if (secret === undefined) expect(isProvable, structureCase.id).toBe(level !== 'c' || !isSame)
      else
        expect(isProvable, structureCase.id).toBe(
          secret.atHand === 'service' || (secret.atHand === 'client' && level === 'b'),
        )
    }
  })

  it('are as many as documented, for each level and kind', () => {
    for (const some of [ofMistakes, ofSecrets])
      expect(some.filter(({ level }) => level === 'a').length * 2).toBeGreaterThanOrEqual(some.length)
    const levels = countBy(ofMistakes, ({ level }) => level)
    expect(levels.b).toBeGreaterThan(400)
    expect(levels.c).toBeGreaterThan(300)
    expect(Object.keys(countBy(cases, ({ kind }) => kind)).sort()).toEqual([...KINDS].sort())
    for (const count of Object.values(countBy(ofMistakes, ({ kind }) => kind))) expect(count).toBeGreaterThan(100)
    const perRow = countBy(ofMistakes, ({ mistake }) => mistake)
    expect(Object.keys(perRow)).toHaveLength(MISTAKES.length)
    for (const [name, count] of Object.entries(perRow)) expect(count, name).toBeGreaterThanOrEqual(8)
    expect(ofMistakes.length).toBe(2040)
  })

  it('have session tokens in some requests of each kind', () => {
    for (const kind of KINDS) {
      const tokens = cases.filter((item) => item.kind === kind && item.credentials.sessionToken !== undefined)
      expect(tokens.length, kind).toBeGreaterThan(10)
    }
  })

  it('of a wrong secret are 153, of four variants, over all kinds and levels', () => {
    expect(ofSecrets).toHaveLength(153)
    expect(Object.keys(countBy(ofSecrets, ({ secret }) => secret!.variant))).toHaveLength(4)
    expect(Object.keys(countBy(ofSecrets, ({ kind, level }) => `${kind} ${level}`))).toHaveLength(KINDS.length * 3)
    expect(ofSecrets.some((item) => item.isSetAside)).toBe(false)
  })
})
