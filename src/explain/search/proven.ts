import { decode } from '../../core/encoding/percent.ts'
import { isS3 } from '../../core/services.ts'
import { hostScope } from '../../core/signing/hosts.ts'
import type { Clue, Difference } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'

const AGAIN = {
  message: 'The path was encoded again after signing.',
  fix: 'Send the path as it was signed: something encoded it again (%25).',
}

/** A difference that was reproduced, unless the rules of the service decide about it and it is not certain which service that is. */
export function provenBy(difference: Difference, { claim, headers, urlHost }: ParsedRequest): Clue {
  const service = claim.scope[2] ?? ''
  const isByRule = difference.cause === 'path-double-encoding' || difference.cause === 'payload-hash'
  const isCertain = isS3(service) || hostScope(headers.host ?? urlHost ?? '').service === service
  // S3 signs the path as it is sent
  const isAgain =
    difference.cause === 'path-double-encoding' &&
    isS3(service) &&
    decode(difference.actual ?? '') === difference.expected
  return { ...difference, ...(isAgain && AGAIN), ground: isByRule && !isCertain ? 'compared' : 'reproduced' }
}
