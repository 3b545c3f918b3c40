import { isSecretShaped } from '../../core/secrets/find.ts'
import { isS3 } from '../../core/signing/scope.ts'
import type { Secrets } from '../changes/keys.ts'
import { fault, type Symptom } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'
import type { ServiceResponse } from '../response/response.ts'

// What a request shows only together with its response, or with the credentials.

/** Whether the response is from S3 or an S3-compatible server. */
export function isFromS3(response: ServiceResponse | undefined): boolean {
  if (!response) return false
  return (
    response.elements.has('HostId') ||
    response.headers.has('x-amz-id-2') ||
    /s3|minio|versitygw/i.test(response.headers.get('server') ?? '')
  )
}

/** Finds a service or region that differs from the one in the response. */
export function serviceSymptoms(
  { claim }: ParsedRequest,
  response: ServiceResponse | undefined,
  isMismatch: boolean,
): Symptom[] {
  const [, region, service] = claim.scope
  const found: Symptom[] = []
  if (service !== undefined && !isS3(service) && isFromS3(response))
    found.push(
      fault(
        'scope-service',
        `The response is from S3, but the request was signed for the service ${service}.`,
        's3',
        service,
      ),
    )
  const stated =
    response?.headers.get('x-amz-bucket-region') ??
    response?.elements.get('BucketRegion') ??
    response?.elements.get('Region')
  if (stated && region !== undefined && region !== stated && !isMismatch)
    found.push(
      fault(
        'scope-region',
        `The response names the region ${stated}, but the request was signed for ${region}.`,
        stated,
        region,
      ),
    )
  return found
}

/** Compares the access key ID and session token with the credentials. */
export function keySymptoms({ claim }: ParsedRequest, secrets: Secrets | undefined): Symptom[] {
  const id = claim.accessKeyId
  // of a malformed credential, the key ID is not known
  if (id === undefined || claim.scope.length !== 4) return []
  const found: Symptom[] = []
  const isSecret = id === secrets?.secretAccessKey || isSecretShaped(id)
  // local servers have keys such as test and test
  if (isSecret && id !== secrets?.accessKeyId)
    found.push(
      fault(
        'keys-swapped',
        'The credential contained what looks like a secret access key instead of an access key ID.',
      ),
    )
  else if (secrets && id !== secrets.accessKeyId)
    found.push(
      fault(
        'unknown-access-key',
        `The request was signed with the access key ID ${id}, not ${secrets.accessKeyId}.`,
        secrets.accessKeyId,
        id,
      ),
    )
  if (secrets?.sessionToken !== undefined && claim.sessionToken === undefined)
    found.push(fault('session-token', 'The credentials have a session token, but the request did not contain one.'))
  else if (claim.sessionToken !== undefined && secrets && claim.sessionToken !== secrets.sessionToken)
    found.push(fault('session-token', 'The session token in the request differed from the one in the credentials.'))
  return found
}
