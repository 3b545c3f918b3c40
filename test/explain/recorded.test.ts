import { createHash, createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { explain } from '../../src/explain.ts'
import { CAUSES, type Cause } from './generator/causes.ts'
import { randomFault, randomFrom } from './generator/random.ts'
import { isHarmless, whyNotShown } from './not-shown.ts'
import { bodyBytes, fileOf, type RecordedCase, type Recording } from './recorded.ts'
import {
  explained,
  FLOOR_OF_ALL,
  FLOORS,
  isLost,
  recordings,
  rightCauses,
  type Score,
  scoreAll,
  TIERS,
  type Tier,
} from './scoring.ts'

const all = recordings()
const REQUIRED = ['localstack', 'versitygw', 'serve'] as const
const causes = Object.keys(CAUSES) as Cause[]

const cases: [RecordedCase, Recording][] = [...all.values()].flatMap((recording) =>
  recording.cases.map((each): [RecordedCase, Recording] => [each, recording]),
)

describe('recordings', () => {
  it('are made without any code of the library', () => {
    const folder = new URL('generator/', import.meta.url)
    const files = readdirSync(folder)
    expect(files.length).toBeGreaterThan(10)
    for (const file of files) {
      const specifiers = [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(
        ([, name]) => name,
      )
      expect(
        specifiers.filter((name) => !/^(?:node:[a-z]+|\.\/[a-z-]+\.ts|\.\.\/\.\.\/random\.ts)$/.test(name!)),
        file,
      ).toEqual([])
    }
    // The random numbers that all tests share come from a file that imports nothing.
    expect(readFileSync(new URL('../random.ts', import.meta.url), 'utf8')).not.toMatch(/\b(?:import|from)\b \(?['"]/)
  })

  it('is there for every server that can be had', () => {
    expect([...all.keys()]).toEqual(expect.arrayContaining([...REQUIRED]))
  })

  it.each(REQUIRED)('%s: 40 valid requests or more in each place that a signature travels in', (server) => {
    for (const location of ['header', 'query', 'post']) {
      const valid = all.get(server)!.cases.filter((each) => each.cause === 'none' && each.location === location)
      expect(valid.length, location).toBeGreaterThanOrEqual(40)
      expect(valid.filter(({ refused }) => refused)).toEqual([])
    }
  })

  it.each(causes)(
    '%s: two requests or more wherever it can happen, each server refuses it or it is known why not',
    (cause) => {
      for (const server of REQUIRED) {
        for (const location of ['header', 'query', 'post'] as const) {
          const found = all.get(server)!.cases.filter((each) => each.cause === cause && each.location === location)
          const refused = found.filter((each) => each.refused).length
          const why = whyNotShown(server, location, cause)
          const where = `${server}, ${location}: ${found.length} recorded, ${refused} refused`
          if (why === undefined) expect(refused, where).toBeGreaterThanOrEqual(2)
          else expect(refused, `${where}, although: ${why}`).toBeLessThan(2)
        }
      }
    },
  )

  it('does not fold what it cannot unfold: the bytes of the strings are those of the strings', () => {
    let checked = 0
    for (const [{ response }] of cases) {
      for (const [, name, bytes] of response.body.matchAll(/<(StringToSign|CanonicalRequest)Bytes>([^<]*)</g)) {
        const text = new RegExp(`<${name}>([^<]*)<`).exec(response.body)![1]!
        const entities = { '#xA': '\n', '#34': '"', '#38': '&', '#39': "'", lt: '<', gt: '>', amp: '&' } as Record<
          string,
          string
        >
        const read = text.replace(/&([#\w]+);/g, (_, name: string) => entities[name]!)
        expect(bytes!.replaceAll(' ', '').toLowerCase()).toBe(Buffer.from(read).toString('hex'))
        checked++
      }
    }
    expect(checked).toBeGreaterThan(1000)
  })

  it('says of valid requests what they were signed with', () => {
    let checked = 0
    for (const [{ cause, location, request, signed, credentials }, recording] of cases) {
      if (cause !== 'none') continue
      const { secretAccessKey } = recording.credentials[credentials]!
      const { stringToSign, canonicalRequest } = signed
      const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
      const sent = `${request.target} ${request.headers.join(' ')} ${bodyBytes(request).toString('latin1')}`
      const scope = /(\d{8})(?:\/|%2F)(us-east-1)(?:\/|%2F)(s3)(?:\/|%2F)(aws4_request)/.exec(sent)!.slice(1)
      const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
      expect(sent).toContain(hmac(key, stringToSign!).toString('hex'))
      if (location !== 'post') {
        expect(stringToSign).toContain(createHash('sha256').update(canonicalRequest!).digest('hex'))
      }
      checked++
    }
    expect(checked).toBeGreaterThan(350)
  })

  it('is of a reasonable size', () => {
    const size = [...all.keys()].reduce((sum, server) => sum + readFileSync(fileOf(server)).length, 0)
    expect(size / all.size).toBeLessThan(1.25e6)
  })
})

describe('explain, on recordings', () => {
  const scores = new Map<string, Score[]>()
  const scored = (server: string, tier: Tier): Score[] => {
    const key = `${server} ${tier}`
    if (!scores.has(key)) scores.set(key, scoreAll(all.get(server as never)!, tier))
    return scores.get(key)!
  }
  const rows = [...all.keys()].flatMap((server) =>
    (Object.keys(TIERS) as Tier[]).map((tier) => [server, tier] as const),
  )

  it.each(rows.filter(([server, tier]) => FLOORS[tier] && scored(server, tier).length > 0))(
    '%s, tier %s: the floor of the score',
    (server, tier) => {
      const results = scored(server, tier)
      const first = results.filter(({ result }) => result === 'first').length
      const missed = results.filter((each) => each.result === 'missed' && !isLost(each))
      expect(first / results.length).toBeGreaterThanOrEqual(FLOORS[tier]!.first)
      const isFamiliar = REQUIRED.some((name) => name === server)
      expect(
        missed.map(({ recorded, said }) => `${recorded.id}: ${said}`).length,
        missed.map(({ recorded }) => recorded.id).join('\n'),
      ).toBeLessThanOrEqual(isFamiliar ? 0 : results.length * (1 - FLOORS[tier]!.topThree))
    },
    120_000,
  )

  it('names the cause first in 95 of 100 requests over all servers, with everything given', () => {
    const results = [...all.keys()].flatMap((server) => scored(server, 'A'))
    expect(results.length).toBeGreaterThan(3000)
    const first = results.filter(({ result }) => result === 'first').length
    expect(first / results.length).toBeGreaterThanOrEqual(FLOOR_OF_ALL)
  })

  it.each(rows)(
    '%s, tier %s: nothing else is called proven',
    (server, tier) => {
      const wrong = scored(server, tier).filter(({ wronglyProven }) => wronglyProven)
      expect(wrong.map(({ recorded, said }) => `${recorded.id}: ${said.join(', ')}`)).toEqual([])
    },
    120_000,
  )

  it.each([...all.keys()])('%s: a valid request is never explained as broken', (server) => {
    const recording = all.get(server)!
    const broken: string[] = []
    for (const each of recording.cases.filter(({ cause }) => cause === 'none')) {
      for (const tier of Object.keys(TIERS) as Tier[]) {
        const { findings, verdict } = explained(each, recording, tier)
        if (tier !== 'C' && findings.length > 0) broken.push(`${tier} ${each.id}: ${verdict}`)
        if (tier === 'C' && findings.some(({ confidence }) => confidence !== 'possible'))
          broken.push(`${tier} ${each.id}: ${verdict}`)
      }
    }
    expect(broken).toEqual([])
  })

  it.each([...all.keys()])('%s: what is broken and was accepted is said to be tolerated', (server) => {
    const recording = all.get(server)!
    const silent: string[] = []
    const wrong: string[] = []
    for (const each of recording.cases.filter(({ cause, refused }) => cause !== 'none' && !refused)) {
      const { findings, verdict } = explained(each, recording, 'A')
      if (!/tolerates/.test(verdict) && !isHarmless(each.id)) silent.push(`${each.id}: ${verdict}`)
      const right = rightCauses(each, 'A')
      if (findings.some(({ cause, confidence }) => confidence === 'proven' && !right.includes(cause)))
        wrong.push(`${each.id}: ${verdict}`)
    }
    expect(wrong).toEqual([])
    expect(silent).toEqual([])
  })

  it('shows no secret and no token', () => {
    for (const [each, recording] of cases) {
      if (!each.refused) continue
      const { secretAccessKey, sessionToken } = recording.credentials['with token']!
      const text = JSON.stringify(explained(each, recording, 'D'))
      if (secretAccessKey.length > 4) expect(text.includes(secretAccessKey), `${each.id}: ${text}`).toBe(false)
      expect(text.includes(sessionToken!), `${each.id}: ${text}`).toBe(false)
    }
  }, 120_000)
})

describe('explain, on single faults by chance', () => {
  const COUNT = Number(process.env.SIGV4_RANDOM_FAULTS ?? 5000)
  const SEED = Number(process.env.SIGV4_SEED ?? 20_150_830)

  it(`calls nothing else proven, in ${COUNT} faults`, () => {
    const random = randomFrom(SEED)
    const wrong: string[] = []
    const seen = new Set<string>()
    for (let i = 0; i < COUNT; i++) {
      const fault = randomFault(random)
      seen.add(fault.cause)
      const { request, credentials, now, cause, alternatives } = fault
      const { method, target, headers, body } = request
      const input = { request: { method, url: target, headers, body }, credentials, now }
      const { findings } = explain(i % 2 === 0 ? input : { ...input, signed: fault.signed })
      const right: string[] = [cause, ...alternatives]
      const other = findings.filter((finding) => finding.confidence === 'proven' && !right.includes(finding.cause))
      if (other.length > 0) wrong.push(`${i} ${fault.id}: ${other.map((finding) => finding.cause)}`)
    }
    expect(wrong).toEqual([])
    expect(causes.filter((cause) => cause !== 'not-auth' && !seen.has(cause))).toEqual([])
  }, 300_000)
})
