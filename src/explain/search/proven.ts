import { hostScope } from '../../core/signing/hosts.ts'
import { isS3 } from '../../core/signing/scope.ts'
import type { Difference, Sign } from '../model/sign.ts'
import type { ParsedRequest } from '../request/facts.ts'

/** A difference that was reproduced, unless the rules of the service decide about it and it is not certain which service that is. */
export function provenBy(difference: Difference, { claim, headers, urlHost }: ParsedRequest): Sign {
  const service = claim.scope[2] ?? ''
  const isByRule = difference.cause === 'path-double-encoding' || difference.cause === 'payload-hash'
  const isCertain = isS3(service) || hostScope(headers.host ?? urlHost ?? '').service === service
  return { ...difference, ground: isByRule && !isCertain ? 'compared' : 'reproduced' }
}
