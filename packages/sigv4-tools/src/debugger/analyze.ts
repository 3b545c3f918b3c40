import { formatCanonicalRequest, formatStringToSign } from '../../../../src/internal/canonical-request.ts'
import { deriveSigningKey, hmacHex, hmacKey, sha256Hex } from '../../../../src/internal/sha256.ts'
import { isProvable } from '../cli/output/compare.ts'
import { type ParsedRequest, parseRequest } from '../explain/request/facts.ts'
import { piecesOf } from '../explain/request/pieces.ts'
import { readResponse, type ServiceResponse } from '../explain/response/response.ts'
import { type Evidence, type Explanation, explain, parseEvidence } from '../explain.ts'
import { misplacedSecrets, secretsOfCredential } from '../redaction/find.ts'
import { createHider } from '../redaction/hide.ts'
import { cut, type Part, partsOf } from './parts.ts'
import { isShortened, restore, unrestore } from './share.ts'

/** What is in the fields of the page. */
export interface Question {
  readonly id: number
  readonly text: string
  readonly response: string
  readonly secret: string
}

/** The strings of Signature Version 4 by one party. */
export interface Strings {
  /** Within a sentence, after "as". */
  readonly by: 'the client signed it' | 'the service computed it' | 'computed from the pasted request'
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
  /** Whether the canonical request is not the one whose hash is in the string to sign: a copy may have changed it. */
  readonly isChanged?: boolean
}

/** The computation of a signature. `computed` requires the secret. */
export interface Steps {
  readonly canonicalRequest: string
  readonly hash: string
  readonly stringToSign: string
  readonly scope: string
  readonly received: string
  readonly computed?: string
}

/** Everything that the page shows. */
export interface Report {
  readonly id: number
  /** The first of what was recognized. */
  readonly items: Evidence['items']
  readonly itemCount: number
  readonly explanation?: Explanation
  /** Why there is no explanation. */
  readonly problem?: string
  /** Fields that would help. */
  readonly wants: { readonly request: boolean; readonly response: boolean; readonly secret: boolean }
  readonly accessKeyId?: string | undefined
  readonly parts: readonly Part[]
  readonly strings: readonly Strings[]
  readonly steps?: Steps | undefined
  /** Whether the evidence comes from a link, in which signatures and tokens are shortened. */
  readonly isShortened: boolean
}

/** Headers whose values the signature depends on, but which the evidence does not contain. */
function unknownHeaders({ claim, headers }: ParsedRequest): string[] {
  return claim.signedHeaders.filter((name) => name !== 'content-length' && headers[name] === undefined)
}

function stepsOf(facts: ParsedRequest, secret: string): Steps | undefined {
  const { location, claim } = facts
  if (location === undefined || location === 'post' || claim.scope.length !== 4 || !claim.accessKeyId) return undefined
  if (unknownHeaders(facts).length) return undefined
  const pieces = piecesOf(facts)
  const canonicalRequest = formatCanonicalRequest(pieces)
  const hash = sha256Hex(canonicalRequest)
  const { scope } = pieces
  const stringToSign = formatStringToSign(pieces, hash)
  return {
    canonicalRequest,
    hash,
    stringToSign,
    scope,
    received: claim.signature ?? '',
    ...(secret && { computed: hmacHex(hmacKey(deriveSigningKey(secret, scope.split('/'))), stringToSign) }),
  }
}

/** Longest string that the page shows. */
const LONGEST_SHOWN = 20_000
/** Most recognized items that the page lists. */
const MOST_ITEMS = 12

/** Analyzes what is in the fields of the page. Never throws. */
export function analyze({ id, text, response, secret }: Question): Report {
  const nothing: Report = {
    id,
    items: [],
    itemCount: 0,
    wants: { request: false, response: response !== '', secret: false },
    parts: [],
    strings: [],
    isShortened: isShortened(text) || isShortened(response),
  }
  try {
    return text.trim() === '' && response.trim() === ''
      ? nothing
      : report(nothing, restore(text), restore(response), nothing.isShortened ? '' : secret)
  } catch (error) {
    return {
      ...nothing,
      problem: `The debugger failed on this input (${String(error).slice(0, 200)}). Please report it.`,
    }
  }
}

function report(nothing: Report, text: string, responseText: string, secret: string): Report {
  const pasted = parseEvidence(text)
  const saved = responseText.trim() === '' ? undefined : parseEvidence(responseText)
  const received = saved && { ...pasted.response, ...(saved.response ?? { body: responseText }) }
  const evidence: Evidence = received ? { ...pasted, response: received } : pasted
  const { request, response, items } = evidence
  const facts = request && parseRequest(request)
  const service = response && readResponse(response)
  const steps = facts && stepsOf(facts, secret)
  const known = {
    ...nothing,
    items: items.slice(0, MOST_ITEMS),
    itemCount: items.length,
    parts: facts ? partsOf(facts, service?.time) : [],
    strings: stringsOf(evidence.signed, service, steps),
    steps,
  }
  const token = facts?.claim.sessionToken
  const secrets = [
    ...[secret].filter((each) => each.length >= SHORTEST_SECRET && each !== facts?.claim.accessKeyId),
    ...secretsOfCredential(facts?.claim.credential ?? ''),
    ...[text, responseText].flatMap(misplacedSecrets),
  ]
  const hide = secrets.length ? createHider(secrets) : String
  const show = (found: Report): Report =>
    mapStrings(found, (each) => shown(hide(each), token, nothing.isShortened)) as Report
  if (!facts && !response) return show({ ...known, problem: items.length > 0 ? NOT_ENOUGH : NOTHING })
  const { accessKeyId, signature } = facts?.claim ?? {}
  const credentials = secret && accessKeyId ? { accessKeyId, secretAccessKey: secret, sessionToken: token } : undefined
  const explanation = explain({ ...evidence, credentials })
  const [first] = explanation.findings
  if (!first && !response && facts?.location === undefined) return show({ ...known, problem: UNSIGNED })
  const isOpen = explanation.signature !== 'right' && first?.confidence !== 'proven'
  return show({
    ...known,
    explanation,
    accessKeyId: accessKeyId?.slice(0, 80),
    wants: {
      request: !facts && isOpen && first?.confidence !== 'likely',
      response: responseText !== '' || (facts !== undefined && pasted.response === undefined && isOpen),
      secret:
        secret !== '' ||
        (!nothing.isShortened && accessKeyId !== undefined && signature !== undefined && isOpen && isProvable(first)),
    },
  })
}

/** Shorter ones are those of local servers, such as test. */
const SHORTEST_SECRET = 8

const NOT_ENOUGH =
  "The cause cannot be found from this alone. Add the request, such as the presigned URL or the output of curl -v, or the service's error."
const NOTHING =
  "Nothing was recognized. Paste the presigned URL, the complete request, or the service's error, and everything around it."
const UNSIGNED =
  'This request is not signed: it has neither an Authorization header nor an X-Amz-Signature parameter. If a service rejected it, add the response.'

/** The strings that are known, at most two. What the client signed is compared with the service's, otherwise with the request as pasted. */
function stringsOf(
  signed: Evidence['signed'],
  service: ServiceResponse | undefined,
  steps: Steps | undefined,
): Strings[] {
  const all: Strings[] = [
    { by: 'the client signed it', ...signed },
    {
      by: 'the service computed it',
      canonicalRequest: service?.canonicalRequest,
      stringToSign: service?.stringToSign,
    },
    {
      by: 'computed from the pasted request',
      canonicalRequest: steps?.canonicalRequest,
      stringToSign: steps?.stringToSign,
    },
  ]
  return all
    .filter(({ canonicalRequest, stringToSign }) => canonicalRequest !== undefined || stringToSign !== undefined)
    .slice(0, 2)
    .map((each) => ({ ...each, isChanged: isChanged(each) }))
}

function isChanged({ canonicalRequest, stringToSign }: Strings): boolean {
  const hash = /^[\da-f]{64}$/m.exec(stringToSign ?? '')?.[0]
  return canonicalRequest !== undefined && hash !== undefined && sha256Hex(canonicalRequest) !== hash
}

/** A string as the page shows it: not too long, and without the session token. */
function shown(text: string, token: string | undefined, isFromLink: boolean): string {
  let result = isFromLink ? unrestore(text) : text
  if (token !== undefined && token.length > 12)
    for (const each of [token, encodeURIComponent(token)]) result = result.replaceAll(each, `${each.slice(0, 8)}…`)
  return cut(result, LONGEST_SHOWN)
}

/** Changes all strings of plain data. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapStrings(each, change)]))
}
