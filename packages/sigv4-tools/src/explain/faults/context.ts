import { includesRegion } from '../../../../../src/internal/received.ts'
import { hostScope, isS3 } from '../../../../../src/internal/services.ts'
import type { Case } from '../case/case.ts'
import { type Clue, fault } from '../model/clue.ts'
import { isSecretAsId } from '../request/facts.ts'
import { isFromS3 } from '../response/response.ts'

// Faults that a request shows only together with its response, or with the credentials.

/** Finds a service or region that differs from the one in the response. */
export function* responseFaults({ facts: { claim }, response, reading }: Case): Iterable<Clue> {
  if (!response) return
  const [, region, service] = claim.scope
  if (service !== undefined && !isS3(service) && isFromS3(response)) {
    const message = `The response is from S3, but the request was signed for the service ${service}.`
    yield fault('scope-service', message, { expected: 's3', actual: service })
  }
  const stated =
    response.headers.get('x-amz-bucket-region') ??
    response.elements.get('BucketRegion') ??
    response.elements.get('Region')
  // a service that has computed a signature has accepted the region
  const isAccepted = stated && region !== undefined && (claim.is4a ? includesRegion(region, stated) : region === stated)
  if (stated && region !== undefined && !isAccepted && reading?.kind !== 'mismatch') {
    const message = `The response names the region ${stated}, but the request was signed for ${region}.`
    yield fault('scope-region', message, { expected: stated, actual: region })
  }
}

/** The message and the fix for a request that is not signed, if API Gateway may have no route for it: the error is the same. */
export function gatewayAnswer({ response, facts, shown }: Case): Pick<Clue, 'message' | 'fix'> {
  const { method, path, headers, urlHost = '' } = facts
  const { service = 'execute-api' } = hostScope(headers.host ?? urlHost)
  if (service !== 'execute-api' || !/^Missing Authentication Token$/i.test(response?.message ?? '')) return {}
  const route = shown.has('request') ? `${method} ${path || '/'}` : 'the method and path'
  return {
    message: `API Gateway has no route for ${route}, or the route requires a signature, and the request was not signed.`,
    fix: 'Check the stage, the path, and the method. If the route requires IAM authorization, sign the request.',
  }
}

const OTHER_KEY = 'Pass the credentials that signed the request, or sign it with these.'

/** Compares the access key ID and session token with the credentials. */
export function* keyFaults({ facts: { claim }, secrets, otherKeyId, reading }: Case): Iterable<Clue> {
  const id = claim.accessKeyId
  // the key ID in a malformed credential is unknown
  if (id === undefined || claim.scope.length !== 4) return
  if (isSecretAsId(claim, secrets))
    yield fault(
      'keys-swapped',
      'The credential contained what looks like a secret access key instead of an access key ID.',
    )
  if (otherKeyId !== undefined) {
    const message = `The request was signed with the access key ID ${id}. The credentials are those of ${otherKeyId}, so they were not used.`
    // the other findings are those without them
    yield { cause: 'unknown-access-key', ground: 'note', message, expected: otherKeyId, actual: id, fix: OTHER_KEY }
  }
  if (!secrets || claim.sessionToken === secrets.sessionToken) return
  if (claim.sessionToken === undefined)
    yield fault('session-token', 'The credentials have a session token, but the request did not contain one.')
  else if (secrets.sessionToken)
    yield fault('session-token', 'The session token in the request differed from the one in the credentials.')
  else if (secrets.accessKeyId.startsWith('AKIA'))
    yield {
      cause: 'session-token',
      ground: 'note',
      message:
        'The request contained a session token, but the access key ID is one of long-term credentials, which have none.',
      fix: 'Sign without the session token, or with the temporary credentials that it belongs to.',
    }
  // with a different signature, the token in the request is used
  else if (reading?.kind !== 'mismatch')
    yield {
      cause: 'session-token',
      ground: 'note',
      message: 'The request contained a session token, but the credentials have none.',
      fix: 'Add the session token to the credentials (AWS_SESSION_TOKEN), or sign without it.',
    }
}

/** Finds a redirect to a host that was not signed. */
export function redirectFaults({ isRedirected, reading, facts: { claim } }: Case): Clue[] {
  if (!isRedirected || reading?.kind !== 'mismatch' || !claim.signedHeaders.includes('host')) return []
  const message = 'The request was redirected to a different host, but its signature covers the original host.'
  return [fault('host', message, { fix: 'Sign the request for the host of the redirect, and send it there.' })]
}
