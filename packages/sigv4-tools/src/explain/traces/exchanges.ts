import type { Case } from '../case/case.ts'
import { compareCanonical } from '../compare/canonical-request.ts'
import { type Clue, type Difference, header, headerName, type Part } from '../model/clue.ts'
import { type ParsedRequest, parseRequest, type RequestAsSent } from '../request/facts.ts'
import { piecesOf } from '../request/pieces.ts'
import { signatureOf } from '../search/search.ts'
import { KEEP_HOST, KEEP_PATH, KEEP_QUERY } from './transit.ts'

// The request as it was sent, compared with the one that the service received, and with one that it accepted.

/** Compares what was sent with what the service received, and with what it accepted. `fits`: the credentials produced the signature. */
export function observeExchanges(given: Case, fits: boolean | undefined): Clue[] {
  const { facts, received, accepted, shown } = given
  if (!shown.has('request')) return []
  return [
    ...(received ? transitClues(given, received, fits) : []),
    ...(accepted && given.reading?.kind !== 'accepted' ? acceptedClues(facts, accepted) : []),
  ]
}

/** Returns whether the client signed what a proxy makes of its request: the credentials produce the signature for what was received. */
export function isSignedAsReceived({ facts, received, secrets }: Case): boolean {
  const { signature } = facts.claim
  return (
    received !== undefined &&
    secrets !== undefined &&
    signature !== undefined &&
    signatureOf(seenAs(facts, received), secrets) === signature
  )
}

/** The parts that arrived differently: with a signature that is right for what was sent, they are the cause. */
function transitClues({ facts }: Case, received: RequestAsSent, fits: boolean | undefined): Clue[] {
  const arrived = seenAs(facts, received)
  if (arrived.claim.signature !== undefined && facts.claim.signature !== arrived.claim.signature)
    return facts.claim.signature === undefined ? [] : [lost(facts)]
  if (facts.location !== undefined && arrived.location === undefined && isWhole(received)) return [lost(facts)]
  return differences(facts, arrived).map((each) => {
    const ground = fits === true ? 'reproduced' : 'compared'
    return { ...each, message: undefined, fix: keep(each.part), ground, between: 'transit' }
  })
}

/** The fix for a part that changes in transit. */
function keep({ of, name }: Part): string {
  if (name === 'host' || of === 'host and path') return KEEP_HOST
  if (of === 'path') return KEEP_PATH
  if (of === 'query' || of === 'parameter') return KEEP_QUERY
  if (of === 'header') return `Make every proxy forward the ${headerName(name)} header unchanged, or do not sign it.`
  return `Make every proxy forward the ${of === 'payload hash' ? 'body' : of} unchanged.`
}

/** A signature that did not arrive. */
function lost({ location }: ParsedRequest): Clue {
  const part = location === 'query' ? 'query string' : 'Authorization header'
  return {
    cause: 'anonymous',
    ground: 'compared',
    message: `The request was sent with a signature, but the service received it with a different one or without it: something in transit changed its ${part}.`,
    fix: `Make every proxy forward the ${part} unchanged.`,
  }
}

/** What distinguishes the request from one with the same signature that the service accepted. */
function acceptedClues(facts: ParsedRequest, accepted: RequestAsSent): Clue[] {
  const other = parseRequest(accepted)
  const { signature } = facts.claim
  if (signature === undefined || other.claim.signature !== signature) return []
  const same = seenAs(facts, accepted)
  const changed = differences(same, facts).map(
    (each): Clue => ({ ...each, message: undefined, fix: undefined, ground: 'compared', between: 'accepted' }),
  )
  const added = Object.keys(facts.headers)
    .filter(
      (name) => name.startsWith('x-amz-') && !(name in other.headers) && !facts.claim.signedHeaders.includes(name),
    )
    .map((name): Clue => {
      const message = `The service accepted the same signature without the ${name} header, which is not signed.`
      return { cause: 'unsigned-header', ground: 'compared', part: header(name), actual: facts.headers[name], message }
    })
  return accepted.headers ? [...changed, ...added] : changed
}

function differences(signed: ParsedRequest, arrived: ParsedRequest): Difference[] {
  const [ours, theirs] = [signed, arrived].map((each) => piecesOf({ ...each, claim: signed.claim }))
  return compareCanonical(ours!, theirs!, arrived)
}

/** A request with the parts that another view of it shows. */
function seenAs(facts: ParsedRequest, view: RequestAsSent): ParsedRequest {
  const seen = parseRequest(view)
  const isTarget = (view.target ?? view.url) !== undefined
  const headers = view.headers ? withHost(seen, facts) : facts.headers
  return {
    ...facts,
    method: view.method === undefined ? facts.method : seen.method,
    ...(isTarget && { path: seen.path, parameters: seen.parameters }),
    headers,
    ...(view.headers && { claim: seen.claim, location: seen.location }),
    ...((view.body ?? view.bodyHash) !== undefined && { body: seen.body, bodyHash: seen.bodyHash }),
  }
}

/** The headers of a view. One without a Host header does not show the host. */
function withHost(seen: ParsedRequest, { headers, urlHost }: ParsedRequest): ParsedRequest['headers'] {
  const host = seen.headers.host ?? headers.host ?? urlHost
  return host === undefined ? seen.headers : { ...seen.headers, host }
}

function isWhole({ headers }: RequestAsSent): boolean {
  return headers !== undefined
}
