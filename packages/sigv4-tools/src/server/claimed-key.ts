import type { IncomingMessage } from 'node:http'
import { splitTarget } from '../../../../src/internal/http.ts'
import { queryParameters, readSignature } from '../../../../src/internal/received.ts'
import { shownKeyId } from '../redaction/find.ts'

/** Returns the access key ID in a request that is not verified, without a possible misplaced secret. */
export function claimedKeyId({ url = '', headers }: IncomingMessage): string | undefined {
  const parameters = queryParameters(splitTarget(url)[1])
  const { credential = parameters.get('X-Amz-Credential') } = readSignature(headers.authorization, parameters)
  const [, id] = /^([\w.@:-]{1,128})(?:\/|%2F)\d{8}(?:\/|%2F)/i.exec(credential ?? '') ?? []
  return id === undefined || id.length === 40 ? undefined : shownKeyId(id)
}
