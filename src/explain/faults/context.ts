import { isS3 } from '../../core/services.ts'
import { includesRegion } from '../../received/claim.ts'
import { isSecretShaped } from '../../redaction/find.ts'
import type { Case } from '../case/case.ts'
import { type Clue, fault } from '../model/clue.ts'
import { isFromS3 } from '../response/response.ts'

// Faults that a request shows only together with its response, or with the credentials.

/** Finds a service or region that differs from the one in the response. */
export function responseFaults({ facts: { claim }, response, reading }: Case): Clue[] {
  if (!response) return []
  const [, region, service] = claim.scope
  const found: Clue[] = []
  if (service !== undefined && !isS3(service) && isFromS3(response)) {
    const message = `The response is from S3, but the request was signed for the service ${service}.`
    found.push(fault('scope-service', message, { expected: 's3', actual: service }))
  }
  const stated =
    response.headers.get('x-amz-bucket-region') ??
    response.elements.get('BucketRegion') ??
    response.elements.get('Region')
  // a service that has computed a signature has accepted the region
  const isAccepted = stated && region !== undefined && (claim.is4a ? includesRegion(region, stated) : region === stated)
  if (stated && region !== undefined && !isAccepted && reading?.kind !== 'mismatch') {
    const message = `The response names the region ${stated}, but the request was signed for ${region}.`
    found.push(fault('scope-region', message, { expected: stated, actual: region }))
  }
  return found
}

/** Compares the access key ID and session token with the credentials. */
export function keyFaults({ facts: { claim }, secrets, otherKeyId }: Case): Clue[] {
  const id = claim.accessKeyId
  // the key ID in a malformed credential is unknown
  if (id === undefined || claim.scope.length !== 4) return []
  const found: Clue[] = []
  const isSecret = id === secrets?.secretAccessKey || isSecretShaped(id)
  // local servers have keys such as test and test
  if (isSecret && id !== secrets?.accessKeyId)
    found.push(
      fault(
        'keys-swapped',
        'The credential contained what looks like a secret access key instead of an access key ID.',
      ),
    )
  if (otherKeyId !== undefined) {
    const message = `The request was signed with the access key ID ${id}. The credentials are those of ${otherKeyId}, so they were not used.`
    // the other findings are those without them
    found.push({ cause: 'unknown-access-key', ground: 'note', message, expected: otherKeyId, actual: id })
  }
  if (secrets?.sessionToken !== undefined && claim.sessionToken === undefined)
    found.push(fault('session-token', 'The credentials have a session token, but the request did not contain one.'))
  // other credentials may have been passed without their token, which the request shows
  else if (
    claim.sessionToken !== undefined &&
    secrets?.sessionToken === undefined &&
    secrets?.accessKeyId.startsWith('AKIA')
  )
    found.push({
      cause: 'session-token',
      ground: 'note',
      message:
        'The request contained a session token, but the access key ID is one of long-term credentials, which have none.',
      fix: 'Sign without the session token, or with the temporary credentials that it belongs to.',
    })
  else if (claim.sessionToken !== undefined && secrets?.sessionToken && claim.sessionToken !== secrets.sessionToken)
    found.push(fault('session-token', 'The session token in the request differed from the one in the credentials.'))
  return found
}

/** Finds a redirect to a host that was not signed. */
export function redirectFaults({ isRedirected, reading, facts: { claim } }: Case): Clue[] {
  if (!isRedirected || reading?.kind !== 'mismatch' || !claim.signedHeaders.includes('host')) return []
  return [fault('host', 'The request was redirected to a different host, but its signature covers the original host.')]
}
