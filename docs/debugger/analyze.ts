import { isProvable } from '../../src/cli/next.ts'
import { formatCanonicalRequest } from '../../src/core/signing/canonical-request.ts'
import { formatStringToSign } from '../../src/core/signing/string-to-sign.ts'
import { deriveSigningKey, hmacHex, hmacKey, sha256Hex } from '../../src/crypto/sha256.ts'
import { type ParsedRequest, parseRequest } from '../../src/explain/request/facts.ts'
import { piecesOf } from '../../src/explain/request/pieces.ts'
import { readResponse } from '../../src/explain/response/response.ts'
import { type Evidence, type Explanation, explain, parseEvidence } from '../../src/explain.ts'
import { type Part, partsOf } from './parts.ts'
import { restore } from './share.ts'

/** What is in the fields of the page. */
export interface Question {
  readonly id: number
  readonly text: string
  readonly response: string
  readonly secret: string
}

/** The strings of Signature Version 4 by one party. */
export interface Strings {
  readonly by: 'The client signed' | 'The request as pasted' | 'The service computed'
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
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
  readonly items: Evidence['items']
  readonly explanation?: Explanation
  /** Why there is no explanation. */
  readonly problem?: string
  /** Fields that would help. */
  readonly wants: { readonly response: boolean; readonly secret: boolean }
  readonly accessKeyId?: string | undefined
  readonly parts: readonly Part[]
  readonly strings: readonly Strings[]
  readonly steps?: Steps | undefined
  /** Values that a link must not contain. */
  readonly private: readonly string[]
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
  const stringToSign = formatStringToSign(pieces, hash)
  const { scope } = pieces
  return {
    canonicalRequest,
    hash,
    stringToSign,
    scope,
    received: claim.signature ?? '',
    ...(secret && { computed: hmacHex(hmacKey(deriveSigningKey(secret, scope)), stringToSign) }),
  }
}

/** Analyzes what is in the fields of the page. Never throws. */
export function analyze({ id, text, response, secret }: Question): Report {
  const nothing: Report = {
    id,
    items: [],
    wants: { response: response !== '', secret: secret !== '' },
    parts: [],
    strings: [],
    private: [],
  }
  try {
    return text.trim() === '' && response.trim() === ''
      ? nothing
      : report(nothing, restore(text), restore(response), secret)
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
  if (!request && !response) {
    const problem =
      items.length > 0
        ? 'The cause cannot be found from this alone. Add the request, such as the presigned URL or the output of curl -v, or the error of the service.'
        : 'Nothing was recognized. Paste the presigned URL, the complete request or the error of the service, and everything around it.'
    return { ...nothing, items, problem, strings: stringsOf(evidence, undefined) }
  }
  const facts = request && parseRequest(request)
  const accessKeyId = facts?.claim.accessKeyId
  const credentials =
    secret && accessKeyId
      ? { accessKeyId, secretAccessKey: secret, sessionToken: facts?.claim.sessionToken }
      : undefined
  const explanation = explain({ ...evidence, credentials })
  const [first] = explanation.findings
  const isOpen = explanation.signature !== 'right' && first?.confidence !== 'proven'
  const isSecretUseful =
    accessKeyId !== undefined && facts?.claim.signature !== undefined && isOpen && isProvable(first)
  const steps = facts && stepsOf(facts, secret)
  return {
    ...nothing,
    items,
    explanation,
    accessKeyId,
    wants: {
      response: responseText !== '' || (pasted.response === undefined && isOpen),
      secret: secret !== '' || isSecretUseful,
    },
    parts: facts ? partsOf(facts, response && readResponse(response).time) : [],
    strings: stringsOf(evidence, steps),
    steps,
    private: [facts?.claim.signature, facts?.claim.sessionToken, secret].filter(
      (each) => each !== undefined && each.length > 8,
    ) as string[],
  }
}

/** The strings that are known, at most two: those of the client or of the request as pasted, and those of the service. */
function stringsOf({ signed, response }: Evidence, steps: Steps | undefined): Strings[] {
  const service = response && readResponse(response)
  const all: Strings[] = []
  if (signed?.canonicalRequest !== undefined || signed?.stringToSign !== undefined)
    all.push({ by: 'The client signed', ...signed })
  else if (steps)
    all.push({
      by: 'The request as pasted',
      canonicalRequest: steps.canonicalRequest,
      stringToSign: steps.stringToSign,
    })
  if (service?.canonicalRequest !== undefined || service?.stringToSign !== undefined)
    all.push({
      by: 'The service computed',
      canonicalRequest: service.canonicalRequest,
      stringToSign: service.stringToSign,
    })
  return all
}
