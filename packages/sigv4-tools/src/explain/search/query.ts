import { decode } from '../../../../../src/internal/encoding.ts'
import { formatQuery, type Pair, sortPairs } from '../../../../../src/internal/http.ts'
import type { Case } from '../case/case.ts'
import { type Parameter, parameter } from '../request/facts.ts'
import { canonicalQuery, encode, isSignature, type Pieces, reencode } from '../request/pieces.ts'

// Canonical query strings that a client may have signed for the query string that it sent.

/** Parameters that clients add, and that proxies and callers drop. */
const COMMON =
  'x-id=GetObject x-id=PutObject x-id=DeleteObject x-id=HeadObject X-Amz-Content-Sha256=UNSIGNED-PAYLOAD x-amz-checksum-mode=ENABLED delimiter=/ list-type=2 encoding-type=url tagging= acl= uploads= versioning= location= policy= cors= lifecycle= website= attributes='

/** Common lifetimes of presigned URLs, in seconds. */
const LIVES = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 259_200, 604_800]

/** Changes to canonical query strings that may have been signed; the likeliest first. */
export function* queryChanges(given: Case, base: Pieces): Generator<Partial<Pieces>> {
  for (const query of queries(given, base)) yield { query }
}

function* queries({ facts, secrets }: Case, base: Pieces): Generator<string> {
  const sent = facts.parameters.filter((each) => !isSignature(each))
  yield* rewrites(sent, base)
  yield* fewer(sent)
  yield* more(sent, facts.location === 'query' ? secrets?.sessionToken : undefined)
  yield* ofSigner(sent, base.query)
  yield* [
    ...LIVES.map((seconds) => base.query.replace(/(X-Amz-Expires=)[^&]*/, `$1${seconds}`)),
    ...numbers(base.query),
    base.query.replace(/X-Amz-[\w-]+=?/g, (name) => (name.endsWith('=') ? name.toLowerCase() : name)),
    ...['_', '-'].map((mark) =>
      base.query
        .split('&')
        .map((pair) => withMarks(pair, mark))
        .sort()
        .join('&'),
    ),
    '',
  ]
}

/** Different ways to write a query string. */
export function* queryRewrites(sent: readonly Parameter[], base: Pieces): Generator<Partial<Pieces>> {
  for (const query of rewrites(sent, base)) yield { query }
}

/** Different orders and encodings of the same parameters. */
function* rewrites(sent: readonly Parameter[], base: Pieces): Generator<string> {
  const write = (each: Parameter, map: (text: string) => string): string => `${map(each.name)}=${map(each.value ?? '')}`
  const sorted = (pairs: readonly string[]): string => [...pairs].sort().join('&')
  const mapped = (map: (text: string) => string): string => sorted(sent.map((each) => write(each, map)))
  const lower = [...sent].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  yield* [
    sent.map((each) => write(each, reencode)).join('&'),
    mapped(reencode),
    lower.map((each) => write(each, reencode)).join('&'),
    base.query.split('&').reverse().join('&'),
    mapped((text) => encode(decode(text))),
    base.query.replaceAll('%20', '+'),
    base.query.replaceAll('%2B', '%20'),
    base.query.replaceAll('%20', '%2B'),
    base.query.replace(/=(?=&|$)/g, ''),
    sorted(sent.filter(({ value }) => value !== undefined && value !== '').map((each) => write(each, reencode))),
    mapped((text) => text),
    mapped(decode),
    mapped((text) => encode(decode(text)).replace(/%(?:21|27|28|29|2A)/g, decode)),
    base.query.replace(/%../g, (octet) => octet.toLowerCase()),
    base.query.replaceAll('%2F', '/'),
    canonicalQuery(sent.map(({ decoded, value }) => ({ name: decoded, value: value && decode(value) }))),
    canonicalQuery(
      sent.map(({ name, value = '' }) => ({ name: encode(reencode(name)), value: encode(reencode(value)) })),
    ),
  ]
}

/** Returns a function that writes the canonical query string of some parameters. They are encoded and sorted only once. */
function selector(sent: readonly Parameter[]): (isKept: (each: Parameter) => boolean) => string {
  const own = new Map<Pair, Parameter>()
  for (const each of sent)
    if (each.name !== '' || each.value !== undefined) own.set([reencode(each.name), reencode(each.value ?? '')], each)
  const pairs = sortPairs([...own.keys()])
  return (isKept) => formatQuery(pairs.filter((pair) => isKept(own.get(pair)!)))
}

/** Parameters of the signature that the client omitted, added, or wrote differently. */
function* ofSigner(sent: readonly Parameter[], query: string): Generator<string> {
  const isOfSigner = ({ decoded }: Parameter): boolean => /^x-amz-/i.test(decoded)
  const part = (name: string, change: (value: string) => string): string =>
    query
      .split('&')
      .map((pair) => (pair.startsWith(`${name}=`) ? `${name}=${change(pair.slice(name.length + 1))}` : pair))
      .join('&')
  const sorted = (text: string): string => text.split('&').sort().join('&')
  const own = sent.filter(isOfSigner)
  if (own.length === 0) return
  const select = selector(sent)
  for (const each of own) yield select((other) => other !== each)
  yield* [
    select((each) => !isOfSigner(each)),
    canonicalQuery([...sent, { name: 'X-Amz-Signature', value: '' }]),
    part('X-Amz-Credential', decode),
    part('X-Amz-SignedHeaders', decode),
    part('X-Amz-Security-Token', decode),
    part('X-Amz-Security-Token', (value) => encode(decode(value.replaceAll('%2B', '+').replaceAll('+', '%20')))),
    part('X-Amz-Credential', encode),
    part('X-Amz-SignedHeaders', encode),
    sorted(query.replace(/(?:^|&)[^=&]*/g, (name) => name.toLowerCase())),
  ]
}

/** A parameter with its separators in the name replaced, except those of SigV4. */
function withMarks(pair: string, mark: string): string {
  return pair.replace(/^[^=]*/, (name) => (/^x-amz-/i.test(name) ? name : name.replace(/[-_]/g, mark)))
}

/** Query strings without one parameter, without two, without all of the caller's; with a repeated one only once. */
function* fewer(sent: readonly Parameter[]): Generator<string> {
  const own = sent.filter(
    ({ decoded }) => !/^x-amz-(?:algorithm|credential|date|expires|signedheaders)$/i.test(decoded),
  )
  const select = selector(sent)
  const few = own.slice(0, 8)
  for (const each of own.slice(0, 200)) yield select((other) => other !== each)
  for (const [i, one] of few.entries())
    for (const two of few.slice(i + 1)) yield select((each) => each !== one && each !== two)
  yield select((each) => !own.includes(each))
  const once = sent.filter(({ name }) => sent.filter((each) => each.name === name).length > 1)
  for (const kept of once.slice(0, 20)) yield select((each) => each === kept || each.name !== kept.name)
}

/** Query strings with a parameter that was dropped, or that is repeated. */
function* more(sent: readonly Parameter[], sessionToken: string | undefined): Generator<string> {
  const has = (name: string): boolean => sent.some(({ decoded }) => decoded === name)
  const lost = COMMON.split(' ')
    .map(parameter)
    .filter(({ name }) => !has(name))
  if (sessionToken !== undefined) {
    const token = { name: 'X-Amz-Security-Token', value: encode(sessionToken) }
    yield canonicalQuery([...sent.filter(({ decoded }) => decoded !== token.name), token])
  }
  for (const each of [...lost, ...sent.slice(0, 20)]) yield canonicalQuery([...sent, each])
}

/** Different values of numeric parameters. */
function numbers(query: string): string[] {
  const found = /(max-keys|max-uploads|max-parts|partNumber|part-number-marker)=(\d+)/.exec(query)
  if (!found) return []
  const value = Number(found[2])
  const values = [1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, value - 1, value + 1, value * 10]
  return values.map((number) => query.replace(found[0], `${found[1]}=${number}`))
}
