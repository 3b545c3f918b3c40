import { describe, expect, it } from 'vitest'
import { explain, inspect, parseEvidence } from '../../src/explain.ts'
import { checkPost, parseMultipartResponse } from '../../src/index.ts'
import { verify } from '../../src/verify.ts'
import { checkLinear } from '../linear-time.ts'
import { PASTES } from '../paste/pastes.ts'
import { randomBelow } from '../random.ts'
import { forge, forgeForm, HOST, NOW, scopedKey, target } from './attacker.ts'

// Valid items cost more than the worst character: a reader may compare each with all others. Everything that a reader
// accepts is repeated, with another of its kind at one end, or in turn with something else.

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const random = randomBelow(seed)

/** Repeats items in turn up to a length, and puts others at the ends. */
const repeated =
  (items: readonly string[], first = '', last = '') =>
  (length: number): string => {
    let text = first
    for (let i = 0; text.length < length; i++) text += `${items[i % items.length]}\n\n`
    return text + last
  }

const read = (text: (length: number) => string) => (length: number) => {
  const paste = text(length)
  return () => explain({ request: { url: `https://${HOST}/`, headers: {} }, ...parseEvidence(paste) })
}

/** Pastes by the kinds of items in them, one of each. */
const KINDS = new Map(
  PASTES.filter(({ paste }) => paste.length < 5000).map((each): [string, string] => [
    String(parseEvidence(each.paste).items.map(({ kind }) => kind)),
    each.paste,
  ]),
)
const EXAMPLES = [...KINDS]

const CANONICAL = (path: string): string =>
  `PUT\n${path}\n\nhost:${HOST}\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${'a'.repeat(64)}`

describe('items of one kind take linear time', () => {
  it('and there is an example of each', () => {
    expect(EXAMPLES.length).toBeGreaterThan(20)
  })

  it.each(EXAMPLES)('%s', async (kinds, paste) => {
    await checkLinear(kinds, read(repeated([paste])))
  })

  it('canonical requests, and a different one at either end', async () => {
    const [one, other] = [CANONICAL('/a'), CANONICAL('/b')]
    for (const text of [repeated([one], '', other), repeated([one], `${other}\n\n`), repeated([one, other])])
      await checkLinear('canonical requests', read(text))
  })
})

it(`mixtures of items take linear time (SEED=${seed})`, async () => {
  for (let i = 0; i < 12; i++) {
    const some = Array.from({ length: 2 + random(5) }, () => EXAMPLES[random(EXAMPLES.length)]![1])
    const [first, last] = [EXAMPLES[random(EXAMPLES.length)]![1], EXAMPLES[random(EXAMPLES.length)]![1]]
    await checkLinear(`SEED=${seed}, mixture ${i}`, read(repeated(some, `${first}\n\n`, last)))
  }
})

describe('valid parts of one request take linear time', () => {
  const many = (part: (i: number) => string, length: number): string => {
    const parts: string[] = []
    for (let i = 0, size = 0; size < length; i++) {
      const next = part(i)
      size += next.length
      parts.push(next)
    }
    return parts.join('')
  }
  const options = { credentials: scopedKey, now: NOW }
  const named = (length: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: length / 20 }, (_, i) => [`x-amz-meta-a${i}`, 'b']))
  const ROWS: Record<string, (length: number) => () => unknown> = {
    'inspect: empty parameters': (length) => () => inspect(`https://${HOST}/?${'&%'.repeat(length / 2)}`),
    'inspect: parameters': (length) => () => inspect(`https://${HOST}/?${many((i) => `a${i}=b&`, length)}`),
    'verify: signed headers': (length) => {
      const forged = forge({ headers: named(length) })
      return () => verify({ url: target(forged), headers: forged.headers }, options)
    },
    'verify: headers and rawHeaders': (length) => {
      const forged = forge({ unsigned: named(length) })
      const headers = Object.fromEntries(forged.headers)
      return () => verify({ url: target(forged), headers, rawHeaders: forged.headers.flat() }, options).catch(() => {})
    },
    'verify: parameters': (length) => {
      const forged = forge({ query: many((i) => `a${i}=b&`, length) })
      return () => verify({ url: target(forged), headers: forged.headers }, options)
    },
    'checkPost: conditions': (length) => {
      const conditions = Array.from({ length: length / 20 }, (_, i) => ['eq', `$x-amz-meta-a${i}`, 'b'])
      const policy = { expiration: new Date(NOW + 1000).toISOString(), conditions }
      return () => checkPost(policy as never, forgeForm().fields, { size: 1 } as never)
    },
    'parseMultipartResponse: parts': (length) => {
      const parts = many((i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>"a"</ETag></Part>`, length)
      return () => parseMultipartResponse(`<ListPartsResult>${parts}</ListPartsResult>`)
    },
  }

  it.each(Object.entries(ROWS))('%s', async (name, make) => {
    await checkLinear(name, make)
  })
})
