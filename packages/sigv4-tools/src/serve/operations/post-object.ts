import { fillIn } from '../../../../../src/internal/errors.ts'
import { SIGNING_FIELDS } from '../../../../../src/internal/http.ts'
import { FIELD_MISSING } from '../../../../../src/internal/refusals.ts'
import type { VerifiedPost } from '../../../../../src/verify.ts'
import { checkBucketName } from '../http/address.ts'
import { rejectArgument, S3Error } from '../http/errors.ts'
import { type IncomingForm, readForm } from '../http/form.ts'
import { storedHeaders } from '../http/headers.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { text } from '../http/xml.ts'
import { checksumHeaders, readDeclared } from './checks.ts'
import { storeBody } from './receive.ts'
import type { UnverifiedRequest } from './request.ts'

/** Verifies a form, and throws the error to respond with. Its size is known only after the file is read. */
export type PostVerifier = (
  fields: IncomingForm['fields'],
  details: { readonly bucket: string; readonly filename: string; readonly size?: number },
) => Promise<VerifiedPost>

/** Stores the file of a form. */
export async function postObject(
  request: UnverifiedRequest,
  boundary: string,
  verify: PostVerifier,
): Promise<ServiceResponse> {
  if (request.bucket === '') throw new S3Error('MethodNotAllowed', { Method: 'POST', ResourceType: 'SERVICE' })
  checkBucketName(request.bucket)
  if (!request.headers.has('content-length')) throw new S3Error('MissingContentLength')
  try {
    return await storeFile(request, await readForm(request.body, boundary), verify)
  } finally {
    await request.body.return({}) // So that the rest of a rejected form can be drained.
  }
}

async function storeFile(
  request: UnverifiedRequest,
  { fields, filename, file }: IncomingForm,
  verify: PostVerifier,
): Promise<ServiceResponse> {
  const { store, bucket, now } = request
  const details = { bucket, filename }
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  // A form with fields but no signature is rejected by the verifier, whatever other problems it has.
  if (!names.has('key') && (names.size === 0 || SIGNING_FIELDS.some((name) => names.has(name.toLowerCase()))))
    rejectArgument(fillIn(FIELD_MISSING[0], { ArgumentName: 'key' }), 'key', '')
  const { fields: values, contentLengthRange } = await verify(fields, details)
  const key = values.get('key') ?? ''
  if (key === '') rejectArgument('User key must have a length greater than 0.', 'key', '')
  const headers = storedHeaders(values)
  const { content, md5: etag, checksum } = await storeBody(store, file(), readDeclared(values))
  try {
    if (contentLengthRange) await verify(fields, { ...details, size: content.size })
  } catch (error) {
    store.drop(content)
    throw error
  }
  store.put(bucket, { key, content, etag, modified: now, headers, checksum })
  return respond(request, values, key, etag, checksumHeaders(checksum))
}

/** Creates the response that the form requests: an empty page, a document, or a redirect. */
function respond(
  { bucket, location: bucketUrl }: Pick<UnverifiedRequest, 'bucket' | 'location'>,
  values: ReadonlyMap<string, string>,
  key: string,
  etag: string,
  checksums: Record<string, string>,
): ServiceResponse {
  const base = bucketUrl.replace(/\/$/, '')
  const location = `${base}/${key.split('/').map(encodeURIComponent).join('/')}`
  const headers = { etag: `"${etag}"`, location, ...checksums }
  const redirect = values.get('success_action_redirect') ?? values.get('redirect')
  if (redirect && URL.canParse(redirect) && /^https?:/i.test(redirect)) {
    const url = new URL(redirect)
    for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` })) url.searchParams.append(name, value)
    return { status: 303, headers: { ...headers, location: url.href } }
  }
  const status = values.get('success_action_status')
  if (status !== '201') return { status: status === '200' ? 200 : 204, headers }
  const elements = [text('Location', location), text('Bucket', bucket), text('Key', key), text('ETag', `"${etag}"`)]
  return { ...xmlResponse('PostResponse', elements, headers), status: 201 }
}
