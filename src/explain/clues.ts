import { isS3 } from '../core/signing/scope.ts'
import type { Symptom } from './clue.ts'
import type { Facts } from './facts.ts'
import type { Secrets } from './keys.ts'
import type { Answer } from './response.ts'

// What a request shows only beside its answer, or beside the credentials.

/** Whether it is S3, or a server that speaks S3, that answered. */
export function isFromS3(answer: Answer | undefined): boolean {
  if (!answer) return false
  return (
    answer.elements.has('HostId') ||
    answer.headers.has('x-amz-id-2') ||
    /s3|minio|versitygw/i.test(answer.headers.get('server') ?? '')
  )
}

/** A service that answers as S3 does was asked by another name. */
export function serviceSymptoms({ claim }: Facts, answer: Answer | undefined): Symptom[] {
  const service = claim.scope[2]
  if (service === undefined || isS3(service) || !isFromS3(answer)) return []
  return [
    {
      cause: 'scope-service',
      breaks: true,
      message: `S3 answered, the signature is for ${service}.`,
      expected: 's3',
      actual: service,
    },
  ]
}

/** What the key id says beside the credentials. */
export function keySymptoms({ claim }: Facts, secrets: Secrets | undefined): Symptom[] {
  const id = claim.accessKeyId
  if (id === undefined) return []
  const found: Symptom[] = []
  const isSecret = id === secrets?.secretAccessKey || (/^[\w/+]{40}$/.test(id) && !/^A[A-Z0-9]+$/.test(id))
  // local servers have keys such as test and test
  if (isSecret && id !== secrets?.accessKeyId)
    found.push({
      cause: 'keys-swapped',
      breaks: true,
      message: 'What stands in the place of the access key id looks like a secret.',
    })
  else if (secrets && id !== secrets.accessKeyId)
    found.push({
      cause: 'unknown-access-key',
      breaks: true,
      message: 'The request was signed with another access key id.',
      expected: secrets.accessKeyId,
      actual: id,
    })
  if (secrets?.sessionToken !== undefined && claim.sessionToken === undefined)
    found.push({
      cause: 'session-token',
      breaks: true,
      message: 'The credentials have a session token and the request has none.',
    })
  else if (claim.sessionToken !== undefined && secrets && claim.sessionToken !== secrets.sessionToken)
    found.push({
      cause: 'session-token',
      breaks: true,
      message: 'The session token of the request is not that of the credentials.',
    })
  return found
}
