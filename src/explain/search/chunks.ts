import type { SecretCredentials } from '../../core/signing/credentials.ts'
import { hmacHex, sha256Hex } from '../../crypto/sha256.ts'
import { chunkStringToSign } from '../../received/aws-chunked.ts'
import type { Difference } from '../model/clue.ts'
import { chunksOf, readChunks } from '../request/chunks.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { piecesOf } from '../request/pieces.ts'
import { signingKeyOf } from './keys.ts'

export const WRONG_TRAILERS = 'The signature of the trailing headers was incorrect.'

/** The first chunk with an incorrect signature, or the trailing headers; `undefined` if all are correct. `seed`: the request's. */
export function wrongChunk(facts: ParsedRequest, secrets: SecretCredentials, seed: string): Difference | undefined {
  const { headers, body, claim } = facts
  const payload = chunksOf(headers)
  if (!payload?.isSigned || !body) return undefined
  const pieces = piecesOf(facts)
  const key = signingKeyOf(secrets.secretAccessKey, claim.scope)
  let previous = seed
  for (const [i, event] of readChunks(headers, body, payload).events.entries()) {
    const isChunk = 'data' in event
    if (!isChunk && event.signature === undefined) continue
    const hash = sha256Hex(isChunk ? event.data : event.text)
    if (hmacHex(key, chunkStringToSign(pieces, previous, event, hash)) !== event.signature)
      return {
        cause: 'streaming-chunk-signature',
        part: { of: 'chunk', number: i + 1 },
        message: isChunk ? undefined : WRONG_TRAILERS,
      }
    previous = event.signature
  }
  return undefined
}
