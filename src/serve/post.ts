import type { VerifiedPost } from '../verify.ts'
import { checkKey } from './address.ts'
import { type Answer, xmlAnswer } from './answer.ts'
import { checkBucketName } from './buckets.ts'
import { type Call, wholeSecond } from './call.ts'
import { refuseArgument, S3Error } from './errors.ts'
import { type IncomingForm, readForm } from './form.ts'
import { checksumHeaders } from './objects.ts'
import { declaredChecksum, declaredMd5, headersToKeep, takeIn } from './receive.ts'
import { document, text } from './xml.ts'

/** What is known of a form when it is checked; the size only when the file is here. */
export interface PostFacts {
  readonly bucket: string
  readonly filename: string
  readonly size?: number
}

/** Checks the signature and the policy of a form; throws what the form is to be answered with. */
export type PostVerifier = (fields: readonly (readonly [string, string])[], facts: PostFacts) => Promise<VerifiedPost>

const SIGNATURE_FIELDS = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']

type FormCall = Omit<Call, 'accessKeyId'>

/** Stores the file of a form. `verified` is told who has signed it as soon as that is known. */
export async function postObject(
  call: FormCall,
  boundary: string,
  verify: PostVerifier,
  verified: (accessKeyId: string, key: string) => void,
): Promise<Answer> {
  if (call.bucket === '') throw new S3Error('MethodNotAllowed', { Method: 'POST', ResourceType: 'SERVICE' })
  checkBucketName(call.bucket)
  if (call.header('content-length') === undefined) throw new S3Error('MissingContentLength')
  const body = call.body()
  try {
    return await storeFile(call, await readForm(body, boundary), verify, verified)
  } finally {
    await body.return({}) // what is left of a form that is refused can be drained
  }
}

async function storeFile(
  call: FormCall,
  { fields, file }: IncomingForm,
  verify: PostVerifier,
  verified: (accessKeyId: string, key: string) => void,
): Promise<Answer> {
  const { store, bucket, now } = call
  const facts = { bucket, filename: file.name }
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  // a form with fields but no signature is denied by the verifier, whatever else is wrong with it
  if (!names.has('key') && (names.size === 0 || SIGNATURE_FIELDS.some((name) => names.has(name))))
    refuseArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    )
  const { accessKeyId, fields: values, contentLengthRange } = await verify(fields, facts)
  const key = values.get('key') ?? ''
  if (key === '') refuseArgument('User key must have a length greater than 0.', 'key', '')
  checkKey(key)
  verified(accessKeyId, key)
  const header = (name: string) => values.get(name)
  const said = { header, headerNames: [...values.keys()] }
  const headers = headersToKeep(said)
  const md5 = declaredMd5(said)
  const { content, md5: etag, checksum } = await takeIn(call, file.body(), { md5, ...declaredChecksum(said) })
  try {
    if (contentLengthRange) await verify(fields, { ...facts, size: content.size })
    store.makeBucket(bucket, now)
  } catch (error) {
    store.release(content)
    throw error
  }
  store.put(bucket, { key, content, etag, modified: wholeSecond(now), headers, checksum })
  return answer(call, values, key, etag, checksumHeaders(checksum))
}

/** Answers as the form wishes: an empty page, a document, or the way to another page. */
function answer(
  { bucket, location: place }: Pick<Call, 'bucket' | 'location'>,
  values: ReadonlyMap<string, string>,
  key: string,
  etag: string,
  checksums: Record<string, string>,
): Answer {
  const base = place.replace(/\/$/, '')
  const location = `${base}/${key.split('/').map(encodeURIComponent).join('/')}`
  const headers = { etag: `"${etag}"`, location, ...checksums }
  const redirect = values.get('success_action_redirect') ?? values.get('redirect')
  if (redirect && URL.canParse(redirect) && /^https?:/i.test(redirect)) {
    const url = new URL(redirect)
    for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` })) url.searchParams.append(name, value)
    return { status: 303, headers: { ...headers, location: url.href } }
  }
  const wanted = values.get('success_action_status')
  if (wanted !== '201') return { status: wanted === '200' ? 200 : 204, headers }
  const body = document(
    'PostResponse',
    text('Location', location),
    text('Bucket', bucket),
    text('Key', key),
    text('ETag', `"${etag}"`),
  )
  return { ...xmlAnswer(body, headers), status: 201 }
}
