import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { chunkReader } from '../../src/received/aws-chunked.ts'
import { canonicalRequestOf } from '../../src/received/canonicalize.ts'
import { type ReceivedRequest, readReceived } from '../../src/received/request.ts'
import { readClaim } from '../../src/verify/claim.ts'
import { wordAttacks } from '../support/pattern-attacks.ts'
import { weakness } from '../support/pattern-steps.ts'

// The cost of a request, counted in processed characters instead of time: twice the input may cost twice as much.

type Method = (this: { length?: number }, ...args: unknown[]) => unknown

/** Counts the characters and items that built-in functions process during a call. */
function cost(run: () => void): number {
  let total = 0
  const undo: (() => void)[] = []
  const watch = (prototype: object, names: string[]): void => {
    for (const name of names) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!
      const real = descriptor.value as Method
      Object.defineProperty(prototype, name, {
        ...descriptor,
        value(this: { length?: number }, ...args: unknown[]) {
          // a global pattern runs once per match, from the end of the last one
          total += 1 + (this instanceof RegExp ? (this.global ? 0 : String(args[0]).length) : (this.length ?? 0))
          return real.apply(this, args)
        },
      })
      undo.push(() => Object.defineProperty(prototype, name, descriptor))
    }
  }
  watch(String.prototype, ['includes', 'indexOf', 'lastIndexOf', 'replace', 'replaceAll', 'split', 'startsWith'])
  watch(String.prototype, ['slice', 'toLowerCase', 'trim', 'match', 'endsWith'])
  watch(Array.prototype, ['includes', 'indexOf', 'find', 'filter', 'map', 'some', 'every', 'join', 'sort', 'slice'])
  watch(RegExp.prototype, ['exec', 'test'])
  try {
    run()
  } catch {
    // a rejection costs the same
  } finally {
    for (const put of undo) put()
  }
  return total
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0'

function readAll(url: string, headers: Record<string, string>): () => void {
  const base = { host: 'a', 'x-amz-date': '20150830T123600Z', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  const request: ReceivedRequest = { url, headers: { ...base, authorization: AUTHORIZATION, ...headers } }
  return () => {
    const received = readReceived(request, undefined)
    const claim = readClaim(received, { pathNormalization: 'rfc3986' }, 1_440_938_160)
    canonicalRequestOf(received, claim, 'UNSIGNED-PAYLOAD', { pathNormalization: 'rfc3986' })
  }
}

const many = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join('')

describe('twice the input costs twice as much', () => {
  const INPUTS: Record<string, (n: number) => () => void> = {
    parameters: (n) => readAll(`/?${many(n, (i) => `&p${i}=${i}`)}`, {}),
    'separators of parameters': (n) => readAll(`/?${'&'.repeat(n)}`, {}),
    'signing parameters': (n) => readAll(`/?${many(n, () => '&X-Amz-Expires=1')}`, {}),
    'equal signs': (n) => readAll(`/?${'='.repeat(n)}`, {}),
    escapes: (n) => readAll(`/${'%C3%A9'.repeat(n)}?${'%C3%A9'.repeat(n)}`, {}),
    slashes: (n) => readAll('/'.repeat(n), {}),
    'dot segments': (n) => readAll('/a/..'.repeat(n), {}),
    'plus signs': (n) => readAll(`/${'+'.repeat(n)}`, {}),
    octets: (n) => readAll('/', { host: '\xc3\xa9'.repeat(n) }),
    blanks: (n) => readAll('/', { host: `a${' '.repeat(n)}b${'\t'.repeat(n)}` }),
    headers: (n) => readAll('/', Object.fromEntries(Array.from({ length: n }, (_, i) => [`x-${i}`, 'a']))),
    'unsigned headers': (n) =>
      readAll('/', Object.fromEntries(Array.from({ length: n }, (_, i) => [`x-amz-${i}`, 'a']))),
    'signed headers': (n) =>
      readAll('/', {
        authorization: AUTHORIZATION.replace('host', `host${many(n, (i) => `;i${String(i).padStart(9, '0')}`)}`),
      }),
    'parts of a credential': (n) => readAll('/', { authorization: AUTHORIZATION.replace('a/', 'a/'.repeat(n)) }),
    'parts of an Authorization': (n) => readAll('/', { authorization: AUTHORIZATION + ',Expires=1'.repeat(n) }),
    chunks: (n) => () => {
      const reader = chunkReader({ signed: false, trailers: [], minChunkSize: 0 })
      reader.push(Buffer.from(`${'1\r\na\r\n'.repeat(n)}0\r\n\r\n`))
    },
    'a chunk byte by byte': (n) => () => {
      const reader = chunkReader({ signed: true, trailers: [], minChunkSize: 0 })
      for (const byte of Buffer.from(`${n.toString(16)};chunk-signature=${'0'.repeat(64)}\r\n${'a'.repeat(n)}`))
        reader.push(Uint8Array.of(byte))
    },
    trailers: (n) => () => {
      const trailers = Array.from({ length: n / 4 }, (_, i) => `t${i}`)
      const reader = chunkReader({ signed: false, trailers, minChunkSize: 0 })
      reader.push(Buffer.from(`0\r\n${trailers.map((name) => `${name}:\r\n`).join('')}\r\n`))
    },
  }

  it.each(Object.entries(INPUTS))('%s', (_, make) => {
    const [once, twice, fourTimes] = [1000, 2000, 4000].map((n) => cost(make(n)))
    expect(once).toBeGreaterThan(20)
    // the names of trailers are compared with each other, and are limited to 8 KiB
    const most = _ === 'trailers' ? 4.2 : 2.3
    expect(twice! / once!).toBeLessThan(most)
    expect(fourTimes! / twice!).toBeLessThan(most)
  })

  it('for the counter itself: it detects higher costs', () => {
    const list = (n: number) => Array.from({ length: n }, (_, i) => String(i))
    const quadratic = (n: number) => () => list(n).every((one, _, all) => all.includes(one))
    expect(cost(quadratic(2000)) / cost(quadratic(1000))).toBeGreaterThan(3.5)
  })
})

describe('no pattern backtracks over long input', () => {
  const ROOT = new URL('../../src/', import.meta.url)

  /** Returns all files in an entry. */
  function reach(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found
    found.add(file)
    for (const { fileName } of ts.preProcessFile(readFileSync(new URL(file, ROOT), 'utf8')).importedFiles)
      reach(new URL(fileName, new URL(file, ROOT)).href.slice(ROOT.href.length), found)
    return found
  }

  const patterns = new Map<string, RegExp>()
  for (const file of reach('verify.ts')) {
    const path = fileURLToPath(new URL(file, ROOT))
    const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const [, source, flags] = /^\/(.*)\/(\w*)$/s.exec(node.text)!
        patterns.set(`${file} ${node.text}`, new RegExp(source!, flags!))
      }
      ts.forEachChild(node, visit)
    }
    visit(tree)
  }

  it('in all files of the entry', () => {
    expect(patterns.size).toBeGreaterThan(40)
    for (const [name, pattern] of patterns) expect(weakness(pattern, wordAttacks(pattern)), name).toBeUndefined()
  })

  it('and one that does is found', () => {
    expect(weakness(/\s+$/, wordAttacks(/\s+$/))).toBeTypeOf('string')
  })
})
