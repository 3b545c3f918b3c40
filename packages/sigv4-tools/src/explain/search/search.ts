import { formatCanonicalRequest, formatStringToSign } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { toOctets } from '../../../../../src/internal/encoding.ts'
import { hostScope, isS3 } from '../../../../../src/internal/services.ts'
import {
  deriveSigningKey,
  type HmacKey,
  hmacHex,
  hmacKey,
  sha256HexOfMany,
} from '../../../../../src/internal/sha256.ts'
import { attempt, type Budget, spend } from '../case/budget.ts'
import type { Case } from '../case/case.ts'
import { compareCanonical, compareContext } from '../compare/canonical-request.ts'
import type { Difference } from '../model/clue.ts'
import { type ParsedRequest, parametersOf } from '../request/facts.ts'
import { bytesOf } from '../request/octets.ts'
import { isForS3, type Pieces, piecesOf } from '../request/pieces.ts'
import { isFromS3 } from '../response/response.ts'
import { type Assembled, type Assembly, assembledTwice, assembledWrongly, isSwapped, SWAPPED } from './assembly.ts'
import { headerChanges, methodChanges, payloadChanges, selections, typeChanges, valueChanges } from './headers.ts'
import {
  type KeyVariation,
  keyVariations,
  redated,
  signingKeyOf,
  statementChanges,
  swappedKey,
  twiceWrongKeys,
} from './keys.ts'
import { pathChanges } from './path.ts'
import { queryChanges, queryRewrites } from './query.ts'

// Searches for what was signed: each mistake alone, then two of them.

/** The signed request. */
export interface Found {
  readonly pieces: Pieces
  /** The client's mistakes in the key, and in assembling the pieces. */
  readonly mistakes?: readonly (KeyVariation | Assembly)[]
}

/** What may have been signed: the string to sign, and the key if it is not the right one. */
interface Hypothesis extends Found {
  readonly toSign: string
  readonly key?: HmacKey
}

/** Number of changes per group to combine with other groups; the likeliest are first. */
const PAIRED = 50

/** Number of changes per group, and of statements, to combine with any other mistake; the likeliest are first. */
const LIKELY_CHANGES = 24
const LIKELY_STATEMENTS = 43

/** The work for making a change, compared with that for hashing it. */
const MAKING = 4

/** Returns whether a request is small enough for a search. No server accepts a larger one, and each change copies it. */
function isSearchable({ path, parameters, headers, claim }: ParsedRequest): boolean {
  const entries = Object.entries(headers)
  if (parameters.length > 500 || entries.length > 200 || claim.signedHeaders.length > 200) return false
  let size = path.length
  for (const { name, value = '' } of parameters) size += name.length + value.length
  for (const [name, value] of entries) size += name.length + value.length
  return size <= 65_536
}

/** Yields changes of the canonical request, and adds them to `groups` by part, without duplicates and changes without effect. */
function* canonicalChanges(given: Case, base: Pieces, groups: Partial<Pieces>[][]): Generator<Partial<Pieces>> {
  const { facts, budget } = given
  if (!isSearchable(facts)) return
  const parts = [
    queryChanges(given, base),
    pathChanges(facts, base),
    payloadChanges(facts),
    methodChanges(base),
    headerChanges(given, base),
  ]
  for (const changes of parts) {
    const group: Partial<Pieces>[] = []
    groups.push(group)
    for (const change of distinct(changes, base, budget)) {
      group.push(change)
      yield change
    }
  }
}

/** Yields the changes that have an effect, once each, as far as the budget lasts. */
function* distinct(changes: Iterable<Partial<Pieces>>, base: Pieces, budget: Budget): Generator<Partial<Pieces>> {
  const own = new Map(Object.entries(base).map(([name, value]) => [name, JSON.stringify(value)]))
  const seen = new Set<string>()
  for (const change of changes) {
    const values = Object.entries(change).map(([name, value]) => [name, JSON.stringify(value)] as const)
    const text = values.join()
    if (!spend(budget, MAKING * text.length)) return
    if (seen.has(text) || values.every(([name, value]) => value === own.get(name))) continue
    seen.add(text)
    yield change
  }
}

function* pairs(groups: readonly Partial<Pieces>[][]): Generator<Partial<Pieces>> {
  for (const [i, group] of groups.entries())
    for (const other of groups.slice(i + 1))
      for (const one of group.slice(0, PAIRED))
        for (const two of other.slice(0, PAIRED)) if (!('headers' in one && 'headers' in two)) yield { ...one, ...two }
}

/** Two changes of the path, the query string, or the headers: the second is applied to the result of the first. */
function* composed(given: Case, base: Pieces, groups: readonly Partial<Pieces>[][]): Generator<Partial<Pieces>> {
  const { facts, budget } = given
  for (const one of groups.flatMap((group) => group.slice(0, PAIRED))) {
    const pieces = { ...base, ...one }
    const changes = {
      uri: () => pathChanges({ ...facts, path: pieces.uri }, pieces),
      query: () => queryRewrites(parametersOf(pieces.query), pieces),
      headers: () => [...selections(facts, pieces), ...valueChanges(facts, pieces.headers)],
    }[Object.keys(one).join()]
    for (const two of distinct(changes?.() ?? [], pieces, budget)) yield { ...one, ...two }
  }
}

function hashOf(pieces: Pieces, budget?: Budget): string {
  const text = formatCanonicalRequest(pieces)
  if (budget) spend(budget, text.length)
  return sha256HexOfMany(text)
}

/** Yields what may have been signed: with one mistake, then with two; the likeliest first. */
function* hypotheses(given: Case, base: Pieces, secrets: SecretCredentials): Generator<Hypothesis> {
  const { facts, budget } = given
  const signed = (change: Partial<Pieces>): Hypothesis => {
    const pieces = { ...base, ...change }
    return { pieces, toSign: formatStringToSign(pieces, hashOf(pieces, budget)) }
  }
  const keys = keyVariations(facts, secrets)
  const withKeys = (hypothesis: Hypothesis): Hypothesis[] =>
    keys.map((key) => ({ ...hypothesis, key: key.key, mistakes: [...(hypothesis.mistakes ?? []), key] }))
  function* assembled(pieces: Pieces, all: Iterable<Assembled>): Generator<Hypothesis> {
    for (const [toSign, mistakes, size] of all) {
      if (!spend(budget, size)) return
      yield { pieces, toSign, mistakes }
    }
  }
  const groups: Partial<Pieces>[][] = []
  for (const change of canonicalChanges(given, base, groups)) yield signed(change)
  const statements = [...distinct(statementChanges(facts, base), base, budget)]
  yield* withKeys(signed({}))
  for (const change of statements) yield signed(change)
  if (groups.length === 0) return
  const { secretAccessKey } = secrets
  const ofHmac = [
    signingKeyOf(secretAccessKey, facts.claim.scope),
    ...[secretAccessKey, `AWS4${secretAccessKey}`, ''].map((each) => hmacKey(bytesOf(toOctets(each)))),
  ]
  yield* assembled(base, assembledWrongly(base, facts, ofHmac))
  for (const change of typeChanges(facts, base)) yield signed(change)
  for (const change of redated(base)) yield signed(change)
  // before an assembly with the same result, which is the rarer mistake
  for (const change of composed(given, base, groups)) yield signed(change)
  for (const change of pairs(groups)) yield signed(change)

  const likely = [
    ...groups.flatMap((group) => group.slice(0, LIKELY_CHANGES)),
    ...statements.slice(0, LIKELY_STATEMENTS),
  ]
  for (const change of likely) yield* withKeys(signed(change))
  for (const one of assembled(base, assembledWrongly(base, facts, [], true))) yield* withKeys(one)
  for (const change of likely) {
    const pieces = { ...base, ...change }
    yield* assembled(pieces, assembledWrongly(pieces, facts, [], true))
  }
  for (const { key, mistakes } of twiceWrongKeys(facts, secrets)) yield { ...signed({}), key, mistakes }
  yield* assembled(base, assembledTwice(base, facts))
  for (const change of groups.flatMap((group) => group.slice(0, LIKELY_CHANGES)))
    for (const statement of statements.slice(0, LIKELY_STATEMENTS)) yield signed({ ...change, ...statement })
  for (const statement of statements) yield* withKeys(signed(statement))
  for (const change of groups.flat()) {
    yield* withKeys(signed(change))
    for (const statement of statements) yield signed({ ...change, ...statement })
  }
}

/** Returns whether the evidence shows that S3, or a server that is compatible with it, reads a request for a different service. */
function isReadByS3({ facts, response, reading }: Case): boolean {
  if (isForS3(facts)) return false
  const { service } = hostScope(facts.headers.host ?? facts.urlHost ?? '', facts.path)
  if (service !== undefined) return isS3(service)
  const isNamed =
    reading?.kind === 'accepted' || (reading?.kind === 'named' && reading.causes.includes('scope-service'))
  // S3 in uppercase is a fault of its own
  return isNamed || isS3(facts.claim.scope[2]?.toLowerCase()) || (response !== undefined && isFromS3(response))
}

/**
 * Searches for what the client signed: the change of the request, the string to sign or the key that reproduces the
 * signature that was sent. Returns `undefined` if it is not found.
 */
export function searchSignature(given: Case, secrets: SecretCredentials, signature: string): Found | undefined {
  const { facts, budget } = given
  const { secretAccessKey } = secrets
  const { scope } = facts.claim
  if (!/^[\da-f]{64}$/.test(signature)) return undefined
  const right = signingKeyOf(secretAccessKey, scope)
  const isSigned = (toSign: string, key = right): boolean => hmacHex(key, toSign) === signature
  const base = piecesOf(facts)
  const toSign = formatStringToSign(base, hashOf(base))
  if (isSigned(toSign)) return { pieces: base }
  const other = piecesOf(facts, !isForS3(facts))
  if (isSigned(formatStringToSign(other, hashOf(other)))) return { pieces: isReadByS3(given) ? base : other }
  for (const key of [deriveSigningKey(secretAccessKey, scope), swappedKey(secretAccessKey, scope)])
    if (isSwapped(key, toSign, signature)) return { pieces: base, mistakes: [SWAPPED] }
  for (const found of hypotheses(given, base, secrets)) {
    if (!attempt(budget)) return undefined
    if (isSigned(found.toSign, found.key)) return found
  }
  return undefined
}

/** Compares what was signed with the request as it was sent. */
export function differencesOf({ pieces, mistakes = [] }: Found, facts: ParsedRequest): Difference[] {
  const base = piecesOf(facts)
  return [...compareCanonical(pieces, base, facts, true), ...compareContext(pieces, base), ...mistakes]
}

/** Computes the correct signature of a request. */
export function signatureOf(facts: ParsedRequest, secrets: SecretCredentials): string {
  const key = signingKeyOf(secrets.secretAccessKey, facts.claim.scope)
  if (facts.location === 'post') return hmacHex(key, facts.form?.get('policy') ?? '')
  const pieces = piecesOf(facts)
  return hmacHex(key, formatStringToSign(pieces, hashOf(pieces)))
}

/** Searches for the request that the service received, by the hash of its canonical request. */
export function searchHash(given: Case, hash: string): Pieces | undefined {
  const { facts, budget } = given
  const base = piecesOf(facts)
  const groups: Partial<Pieces>[][] = []
  function* changes(): Generator<Partial<Pieces>> {
    yield {}
    yield* canonicalChanges(given, base, groups)
    if (groups.length) yield* typeChanges(facts, base)
    yield* pairs(groups)
  }
  for (const change of changes()) {
    const pieces = { ...base, ...change }
    if (hashOf(pieces, budget) === hash) return pieces
    if (!attempt(budget)) return undefined
  }
  return undefined
}
