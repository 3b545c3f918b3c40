// biome-ignore-all lint/suspicious/noTemplateCurlyInString: S3's own variable
import { describe, expect, it } from 'vitest'
import { parseUrl } from '../../../src/core/http/url.ts'
import { MAX_FORM_SIZE } from '../../../src/s3/limits.ts'
import { parseMultipartResponse } from '../../../src/s3/multipart/xml.ts'
import { checkPolicy, type FormDetails, type FormFields, readForm } from '../../../src/s3/post/form.ts'
import { parseDer } from '../../../src/sigv4a/der.ts'
import { sigv4a } from '../../../src/sigv4a.ts'
import { checkLinear } from '../../../test/support/linear-work.ts'
import { parseEvidence } from '../src/explain.ts'
import { parseCanonicalRequest } from '../src/formats/canonical-request.ts'
import { type LogEvent, logEntry } from '../src/serve/http/log.ts'
import { memoryBytes } from '../src/serve/store/memory.ts'
import type { Journal } from '../src/serve/store/storage.ts'
import { openStore } from '../src/serve/store/store.ts'
import { run } from './support/cli.ts'

// Functions that receive long input from others, each with its worst input, take linear time.

describe('a form', () => {
  const NOW = Date.UTC(2015, 11, 29, 12)
  const anyKey = ['starts-with', '$key', '']
  const form = { key: 'a' }
  const facts = { now: NOW, bucket: 'photos' }
  const list = <Item>(length: number, item: (i: number) => Item) => Array.from({ length }, (_, i) => item(i))

  /** Creates a policy with some conditions, including the bucket. */
  function policy(...conditions: unknown[]): string {
    return JSON.stringify({
      expiration: '2015-12-30T12:00:00.000Z',
      conditions: [{ bucket: 'photos' }, ...conditions],
    })
  }

  /** Evaluates a policy against fields, as `checkPost` does. */
  function checkForm(policy: unknown, fields: FormFields, { now, ...facts }: FormDetails & { now: number }) {
    return checkPolicy(policy, readForm(fields, facts), now)
  }

  type Form = Parameters<typeof checkForm>

  const LARGE: Record<string, (length: number) => Form> = {
    'a policy in JSON': (length) => [`{${' '.repeat(length)}}`, form, facts],
    'a policy in Base64': (length) => ['a'.repeat(length), form, facts],
    'a key': (length) => [policy(anyKey), { key: 'a'.repeat(length) }, facts],
    'many fields': (length) => [
      policy(anyKey),
      { ...form, ...Object.fromEntries(list(length / 100, (i) => [`x-ignore-${i}`, 'x'.repeat(88)])) },
      facts,
    ],
    'a long name of the file in a field': (length) => [
      policy(anyKey),
      { key: '${filename}'.repeat(length / 100) },
      { ...facts, filename: 'x'.repeat(length / 10) },
    ],
  }

  it.each(Object.entries(LARGE))('is rejected for its size first: %s', async (name, formOf) => {
    const tooLarge = { reason: 'form', awsCode: 'MaxPostPreDataLengthExceededError', status: 400 }
    const make = (length: number) => {
      const given = formOf(length)
      return () => expect(checkForm(...given)).toMatchObject(tooLarge)
    }
    await checkLinear(name, make, 10_000_000)
  })

  const VALID: Record<string, (length: number) => Form> = {
    'deep lists': (length) => [`{"conditions":${'['.repeat(length)}`, form, facts],
    'a condition on a list': (length) => [
      policy(anyKey, ...list(400, () => ['starts-with', '$Content-Type', ' '])),
      { ...form, 'Content-Type': ','.repeat(length) },
      facts,
    ],
    'many conditions on a list': (length) => [
      policy(anyKey, ...list(length / 25, () => ['starts-with', '$Content-Type', ' '])),
      { ...form, 'Content-Type': ','.repeat(10_000) },
      facts,
    ],
    'many conditions': (length) => [policy(anyKey, ...list(length / 10, (i) => ({ [`a${i}`]: '' }))), form, facts],
    'invalid Base64': (length) => ['A'.repeat(length).concat('*'), form, facts],
    spaces: (length) => [' '.repeat(length), form, facts],
    'an expiration': (length) => [
      { expiration: `2015-12-30T12:00:00.${'0'.repeat(length * 50)}`, conditions: [] },
      form,
      facts,
    ],
  }

  it.each(Object.entries(VALID))('is evaluated in linear time: %s', async (name, formOf) => {
    const make = (length: number) => {
      const given = formOf(length)
      return () => checkForm(...given)
    }
    await checkLinear(name, make, MAX_FORM_SIZE - 480)
  })
})

describe('responses of S3', () => {
  it.each([
    ['parts', (count: number) => `<ListPartsResult>${'<Part>'.repeat(count)}</ListPartsResult>`],
    [
      'tags',
      (count: number) => `<CompleteMultipartUploadResult>${'<ETag '.repeat(count)}</CompleteMultipartUploadResult>`,
    ],
    ['ends', (count: number) => `<Error>${'</Error> '.repeat(count)}.`],
  ])('takes linear time for many %s', async (name, textOf) => {
    const make = (count: number) => {
      const text = textOf(count)
      return () => expect(parseMultipartResponse(text)).toEqual({ kind: 'unreadable' })
    }
    await checkLinear(name, make)
  })
})

describe('parseUrl', () => {
  it.each([
    ['Punycode', (length: number) => `1.xn--${'abcdefgh9'.repeat(length / 10)}.com`],
    ['letters', (length: number) => `${'a'.repeat(length)}.com`],
    ['colons', (length: number) => ':'.repeat(length)],
  ])('rejects a URL with an overlong host in linear time: %s', async (name, hostOf) => {
    const make = (length: number) => {
      const url = `https://${hostOf(length)}/`
      return () => expect(() => parseUrl(url, 'target')).toThrow(expect.objectContaining({ argument: 'target' }))
    }
    await checkLinear(name, make, 1_000_000)
  })
})

describe('words', () => {
  const S3 = 'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.'

  it('are read in linear time, however many there are', async () => {
    const make = (count: number) => {
      const text = `${S3}\n${'POST body keys with secret file multiple '.repeat(count)}`
      return () => parseEvidence(text)
    }
    await checkLinear('words', make, 2000)
  })
})

describe('serve', () => {
  const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u
  const line = (change: Partial<LogEvent>) =>
    logEntry({ time: 0, method: 'GET', target: '/x', status: 403, milliseconds: 1, ...change })

  it('loading 300,000 objects in any order', async () => {
    const content = { size: 0, read: () => null as never }
    await checkLinear(
      'objects',
      (length) => {
        const objects = Array.from({ length }, (_, i) => {
          const key = String((i * 7_919) % length).padStart(6, '0')
          return { key, content, etag: '', modified: 0, headers: {} }
        })
        const load = () => [{ bucket: 'bucket', created: 0, objects }]
        return () => {
          const store = openStore(memoryBytes(), Number.POSITIVE_INFINITY, {
            load,
            leftovers: () => 0,
          } as unknown as Journal)
          const { keys } = store.bucket('bucket')!
          expect([keys.length, keys[0], Number(keys.at(-1))]).toEqual([length, '000000', length - 1])
        }
      },
      300_000,
    )
  })

  it.each<[string, (length: number) => string]>([
    ['hostile characters', (length) => '\x1b\u202e'.repeat(length)],
    ['spaces before a character', (length) => `${' '.repeat(length)}x`],
    ['line breaks', (length) => '\n'.repeat(length)],
    ['lines', (length) => 'x\n'.repeat(length)],
  ])('a hostile log line is truncated in linear time: %s', async (name, make) => {
    await checkLinear(name, (length) => {
      const text = make(length)
      return () => {
        const lines = line({ claimedBy: text, method: text, target: text, error: text, explanation: text }).split('\n')
        expect(lines.length).toBeLessThanOrEqual(101)
        for (const each of lines) {
          expect(each.length).toBeLessThan(20_000)
          expect(each).toMatch(PRINTABLE)
        }
      }
    })
  })
})

it('a canonical request of which many headers are hidden is parsed in linear time', async () => {
  const make = (count: number) => {
    const names = Array.from({ length: count }, (_, i) => `x-amz-meta-h${i}`)
    const text = ['GET', '/', '', ...names.map(() => '***'), '', names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n')
    return () => expect(parseCanonicalRequest(text)?.headers.at(-1)).toEqual([names.at(-1), '***'])
  }
  await checkLinear('hidden headers', make)
})

describe('Signature Version 4a', () => {
  it.each(['*a', '*', ',', '*eu', 'e*,'])('compares a region set of %j in linear time', async (pattern) => {
    await checkLinear(pattern, (length) => {
      const set = pattern.repeat(length)
      return () => sigv4a.includes(set, 'eu-west-1')
    })
  })

  it.each(['0', '3', '02', '30'])('parses a signature of %j in linear time', async (digit) => {
    await checkLinear(digit, (length) => {
      const text = `30${digit.repeat(length)}`
      return () => parseDer(text)
    })
  })
})

describe('the command compare takes linear time for many', () => {
  const HOST = 'Host: s3.eu-west-1.amazonaws.com'
  it.each<[string, (count: number) => string]>([
    ['values of one parameter', (count) => `GET /?${'a=1&'.repeat(count)} HTTP/1.1\n${HOST}\n\n`],
    [
      'parameters',
      (count) => `GET /?${Array.from({ length: count }, (_, i) => `a${i}&`).join('')} HTTP/1.1\n${HOST}\n\n`,
    ],
    [
      'headers, which a URL does not show',
      (count) => `GET / HTTP/1.1\n${HOST}\n${Array.from({ length: count }, (_, i) => `a${i}: 1\n`).join('')}\n`,
    ],
  ])('%s', async (name, request) => {
    const make = (count: number) => {
      const stdin = request(count)
      return async () => {
        const args = ['compare', 'https://s3.eu-west-1.amazonaws.com/?b', '-', '--json']
        const { code, stderr } = await run(args, { env: {}, stdin })
        expect([code, stderr]).toEqual([1, ''])
      }
    }
    await checkLinear(name, make, 10_000)
  })
})
