import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sha256, signatureOf } from '../../../../test/support/oracle.ts'
import { rowOf } from '../../src/explain/model/causes.ts'
import { causes as causesOf } from '../../src/explain.ts'
import { CAUSES, type Cause } from '../support/explain/generator/causes.ts'
import { isHarmless, whyNotShown } from '../support/explain/not-shown.ts'
import { bodyBytes, type RecordedCase, type Recording, SERVERS, type ServerName } from '../support/explain/recorded.ts'
import {
  counts,
  explained,
  FLOOR_OF_ALL,
  FLOORS,
  isLost,
  recordings,
  rightCauses,
  type Score,
  scoreAll,
  scoresOf,
  TIERS,
  type Tier,
} from '../support/explain/scoring.ts'
import { isSoundAsSent, traceOf } from '../support/explain/sound.ts'

const all = recordings()
const REQUIRED = ['localstack', 'versitygw', 'serve'] as const
const causes = Object.keys(CAUSES) as Cause[]

const isRequired = (server: string): boolean => REQUIRED.some((name) => name === server)

/** Where not all cases are needed: of the servers that are not required, one in so many. */
const SHARE = 12

/** Another part of the cases for each server: together they have most requests of the generator. */
function sampled(server: ServerName): Recording {
  const recording = all.get(server)!
  if (isRequired(server)) return recording
  const at = SERVERS.indexOf(server)
  return { ...recording, cases: recording.cases.filter((_, i) => i % SHARE === at % SHARE) }
}

const samples = new Map([...all.keys()].map((server) => [server, sampled(server)]))

const cases: [RecordedCase, Recording][] = [...all.values()].flatMap((recording) =>
  recording.cases.map((each): [RecordedCase, Recording] => [each, recording]),
)

describe('recordings', () => {
  it('are made without any code of the library', () => {
    const folder = new URL('../support/explain/generator/', import.meta.url)
    const shared = new URL('../../../../test/support/', import.meta.url)
    const importsOf = (file: URL): string[] =>
      [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import) \(?['"]([^'"]+)['"]/g)].map(([, name]) => name!)
    const files = readdirSync(folder)
    expect(files.length).toBeGreaterThan(10)
    const own = /^(?:node:[a-z]+|\.\/[a-z-]+\.ts|(?:\.\.\/){6}test\/support\/(?:credentials|oracle|random)\.ts)$/
    for (const file of files)
      expect(
        importsOf(new URL(file, folder)).filter((name) => !own.test(name)),
        file,
      ).toEqual([])
    // What all tests share imports nothing, or node:crypto.
    expect(importsOf(new URL('credentials.ts', shared))).toEqual([])
    expect(importsOf(new URL('oracle.ts', shared))).toEqual(['node:crypto'])
    expect(importsOf(new URL('random.ts', shared))).toEqual([])
  })

  it('exists for every server that is available', () => {
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

  it('finds what valid requests were signed with', () => {
    let checked = 0
    for (const [{ cause, location, request, signed, credentials }, recording] of cases) {
      if (cause !== 'none') continue
      const { secretAccessKey } = recording.credentials[credentials]!
      const { stringToSign, canonicalRequest } = signed
      const sent = `${request.target} ${request.headers.join(' ')} ${bodyBytes(request).toString('latin1')}`
      const scope = /(\d{8})(?:\/|%2F)(us-east-1)(?:\/|%2F)(s3)(?:\/|%2F)(aws4_request)/.exec(sent)!.slice(1)
      expect(sent).toContain(signatureOf(secretAccessKey, scope, stringToSign!))
      if (location !== 'post') {
        expect(stringToSign).toContain(sha256(canonicalRequest!))
      }
      checked++
    }
    expect(checked).toBeGreaterThan(350)
  })
})

/** Valid requests with what could as well be the trace of a fault: spaces, dots, slashes, an escape in a key; or chunks. */
const ODD_AND_VALID = /^(?:get-dots|get-slashes|put-blanks|put-chunk|put-two-chunks|read-8|write-2|write-4)$/

describe('explain, on recordings', () => {
  const sampledScores = new Map<ServerName, Score[]>()
  /** All of the tiers whose shares the documentation states, and a sample of D. */
  const scored = (server: ServerName, tier: Tier): readonly Score[] => {
    if (tier !== 'D') return scoresOf(server, tier)
    const own = sampledScores.get(server) ?? scoreAll(samples.get(server)!, tier)
    sampledScores.set(server, own)
    return own
  }
  const rows = [...all.keys()].flatMap((server) =>
    (Object.keys(TIERS) as Tier[]).map((tier) => [server, tier] as const),
  )
  /** Whether a floor applies: whatever is scored, B where the server shows its strings. */
  const hasFloor = (server: ServerName, tier: Tier): boolean =>
    FLOORS[tier] !== undefined && all.get(server)!.cases.some((each) => counts(each, tier))

  it.each(rows.filter(([server, tier]) => hasFloor(server, tier)))(
    '%s, tier %s: the floor of the score',
    (server, tier) => {
      const results = scored(server, tier)
      const first = results.filter(({ result }) => result === 'first').length
      const missed = results.filter((each) => each.result === 'missed' && !isLost(each))
      expect(first / results.length).toBeGreaterThanOrEqual(FLOORS[tier]!.first)
      const most = isRequired(server) ? 0 : results.length * (1 - FLOORS[tier]!.topThree)
      expect(missed.length, missed.map(({ recorded }) => recorded.id).join('\n')).toBeLessThanOrEqual(most)
    },
    120_000,
  )

  it('names the cause first in 95 of 100 requests over all servers, with everything given', () => {
    const results = [...all.keys()].flatMap((server) => scored(server, 'A'))
    expect(results.length).toBeGreaterThan(4500)
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
    const recording = samples.get(server)!
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

  it.each([...all.keys()])('%s: what is broken and was accepted is called tolerated', (server) => {
    const recording = samples.get(server)!
    const silent: string[] = []
    const wrong: string[] = []
    for (const each of recording.cases.filter(({ cause, refused }) => cause !== 'none' && !refused)) {
      const { findings, verdict } = explained(each, recording, 'A')
      if (!/accepted the request despite/.test(verdict) && !isHarmless(each.id)) silent.push(`${each.id}: ${verdict}`)
      const right = rightCauses(each, 'A')
      if (findings.some(({ cause, confidence }) => confidence === 'proven' && !right.includes(cause)))
        wrong.push(`${each.id}: ${verdict}`)
    }
    expect(wrong).toEqual([])
    expect(silent).toEqual([])
  })

  /** Whether a fix is one that a cause usually has, with whatever values. */
  const isUsual = (cause: ReturnType<typeof causesOf>[0], fix: string): boolean => {
    const { fix: plain, fixWith = {} } = rowOf(cause)
    const values = { name: '\0', header: '\0', expected: '\0', actual: '\0' }
    return [plain, ...Object.values(fixWith).map((fixed) => fixed(values) as string)].some((usual) => {
      const parts = usual.split('\0')
      return fix.startsWith(parts[0]!) && fix.endsWith(parts.at(-1)!) && parts.every((part) => fix.includes(part))
    })
  }

  it.each([...all.keys()])('%s: a fix is one of the cause that the message is about', (server) => {
    const wrong: string[] = []
    for (const tier of ['A', 'B', 'C'] as const)
      for (const { recorded, explanation } of scored(server, tier))
        for (const { cause, message, fix } of explanation.findings) {
          // a token that was not signed is one of credentials, wherever it was sent
          const isToken = /x-amz-(?:security|s3session)-token/i.test(message)
          const own: readonly string[] = isToken ? [cause, 'session-token'] : [cause]
          const owners = causesOf().filter((each) => isUsual(each, fix))
          const isOther = owners.length > 0 && !owners.some((each) => own.includes(each))
          // a line, or a form, has its own fix
          const isSpecific =
            /^The client wrote|\bline \d|\bpolicy\b/.test(message) && /-(?:request|to-sign)$/.test(cause)
          if (isOther || (isSpecific && owners.includes(cause))) wrong.push(`${recorded.id}: ${message} ${fix}`)
        }
    expect(wrong).toEqual([])
  })

  it('shows no secret and no token', () => {
    let checked = 0
    for (const [server, recording] of samples) {
      const known = new Map(scored(server, 'D').map(({ recorded, explanation }) => [recorded.id, explanation]))
      for (const each of recording.cases) {
        if (!each.refused) continue
        const { secretAccessKey, sessionToken } = recording.credentials['with token']!
        const text = JSON.stringify(known.get(each.id) ?? explained(each, recording, 'D'))
        if (secretAccessKey.length > 4) expect(text.includes(secretAccessKey), `${each.id}: ${text}`).toBe(false)
        expect(text.includes(sessionToken!), `${each.id}: ${text}`).toBe(false)
        checked++
      }
    }
    expect(checked).toBeGreaterThan(1550)
  }, 120_000)

  it.each(REQUIRED)('%s: a cause that cannot be known is not claimed', (server) => {
    const recording = all.get(server)!
    const sound = recording.cases.filter((each) => counts(each, 'C') && isSoundAsSent(each, recording))
    expect(sound.length).toBeGreaterThan(80)
    const claimed = scored(server, 'C').filter(({ recorded, said }) => {
      return sound.includes(recorded) && said.some((text) => !text.endsWith(' possible'))
    })
    expect(claimed.map(({ recorded, said }) => `${recorded.id}: ${said}`)).toEqual([])
  })

  it.each(REQUIRED)('%s: a valid request has no trace of a fault, but for its own oddities', (server) => {
    const recording = all.get(server)!
    const valid = recording.cases.filter(({ cause, location }) => cause === 'none' && location !== 'post')
    const traced = valid.filter((each) => traceOf({ ...each, refused: false }, recording) !== undefined)
    expect(traced.map(({ id }) => id.split('/')[2]!).filter((name) => !ODD_AND_VALID.test(name))).toEqual([])
    expect(traced.length).toBeLessThan(valid.length / 8)
  })
})
