import { formatCanonicalRequest, formatStringToSign } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { hostScope, isS3 } from '../../../../../src/internal/services.ts'
import { hmacHex, sha256HexOfMany } from '../../../../../src/internal/sha256.ts'
import { attempt, type Budget, spend } from '../case/budget.ts'
import type { Case } from '../case/case.ts'
import { compareCanonical, compareContext } from '../compare/canonical-request.ts'
import type { Difference } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { isForS3, type Pieces, piecesOf } from '../request/pieces.ts'
import { isFromS3 } from '../response/response.ts'
import { type Assembly, searchAssembly } from './assembly.ts'
import { headerChanges, methodChanges, payloadChanges, typeChanges } from './headers.ts'
import { type KeyVariation, keyVariations, redated, signingKeyOf, statementChanges } from './keys.ts'
import { pathChanges } from './path.ts'
import { queryChanges } from './query.ts'

// Searches for what was signed: each change alone, then pairs of changes.

/** The signed request, and the key if it is incorrect. */
export interface Found {
  readonly pieces: Pieces
  readonly key?: KeyVariation | undefined
  /** The client's mistake in assembling the pieces. */
  readonly assembly?: Assembly | undefined
}

/** Number of changes per group to combine with other groups; the likeliest are first. */
const PAIRED = 50

/** Number of incorrect keys, and of changes per group, to combine with each other; the likeliest are first. */
const LIKELY_KEYS = 28
const LIKELY_CHANGES = 16

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

function hashOf(pieces: Pieces, budget?: Budget): string {
  const text = formatCanonicalRequest(pieces)
  if (budget) spend(budget, text.length)
  return sha256HexOfMany(text)
}

/** Yields requests that may have been signed, with the hash of the canonical request; the likeliest first. */
function* hypotheses(
  given: Case,
  base: Pieces,
  secrets: SecretCredentials,
  signature: string,
): Generator<Found & { readonly hash: string }> {
  const { facts, budget } = given
  const changed = (change: Partial<Pieces>): Found & { readonly hash: string } => {
    const pieces = { ...base, ...change }
    return { pieces, hash: hashOf(pieces, budget) }
  }
  const groups: Partial<Pieces>[][] = []
  for (const change of canonicalChanges(given, base, groups)) yield changed(change)
  const statements = [...distinct(statementChanges(facts, base), base, budget)]
  const keys = keyVariations(facts, secrets)
  /** A canonical request with every key and statement. */
  function* around(change: Partial<Pieces>): ReturnType<typeof hypotheses> {
    const { pieces, hash } = changed(change)
    for (const key of keys) yield { pieces, hash, key }
    for (const statement of statements) yield { pieces: { ...pieces, ...statement }, hash }
  }
  yield* around({})
  const assembly = groups.length ? searchAssembly(base, facts, secrets.secretAccessKey, signature, budget) : undefined
  if (assembly) yield { pieces: base, hash: '', assembly }
  if (groups.length) for (const change of typeChanges(facts, base)) yield changed(change)
  for (const change of redated(base)) yield changed(change)
  const likely = keys.slice(0, LIKELY_KEYS)
  for (const change of groups.flatMap((group) => group.slice(0, LIKELY_CHANGES))) {
    const { pieces, hash } = changed(change)
    for (const key of likely) yield { pieces, hash, key }
  }
  for (const change of pairs(groups)) yield changed(change)
  const { hash } = changed({})
  for (const statement of statements) for (const key of keys) yield { pieces: { ...base, ...statement }, hash, key }
  for (const change of groups.flat()) yield* around(change)
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
  const right = signingKeyOf(secrets.secretAccessKey, facts.claim.scope)
  const isSigned = (pieces: Pieces, hash: string, key = right): boolean =>
    hmacHex(key, formatStringToSign(pieces, hash)) === signature
  const base = piecesOf(facts)
  if (isSigned(base, hashOf(base))) return { pieces: base }
  const other = piecesOf(facts, !isForS3(facts))
  if (isSigned(other, hashOf(other))) return { pieces: isReadByS3(given) ? base : other }
  for (const found of hypotheses(given, base, secrets, signature)) {
    if (!attempt(budget)) return undefined
    if (found.assembly || isSigned(found.pieces, found.hash, found.key?.key)) return found
  }
  return undefined
}

/** Compares what was signed with the request as it was sent. */
export function differencesOf({ pieces, key, assembly }: Found, facts: ParsedRequest): Difference[] {
  const base = piecesOf(facts)
  return [
    ...compareCanonical(pieces, base, facts, true),
    ...compareContext(pieces, base),
    ...(key ? [key] : []),
    ...(assembly ? [assembly] : []),
  ]
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
