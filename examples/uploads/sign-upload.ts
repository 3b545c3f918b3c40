// Signs the requests of an upload, one at a time, on any server whose handlers take a Request and return a Response.
import { presignMultipartParts, presignMultipartUpload, presignPut } from 'sigv4'
import { userOf } from './session.ts'

const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
const { AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint, BUCKET: bucket = '' } = process.env
const credentials = { accessKeyId, secretAccessKey, sessionToken: process.env.AWS_SESSION_TOKEN }
const partSize = 5 * 1024 ** 2

/** What each user may upload, by key. Keep it in your database. */
const uploads = new Map<string, { user: string; type: string; size: number }>()

export async function signUpload(request: Request): Promise<Response> {
  const user = userOf(request)
  if (!user) return refuse(401, 'Log in first.')
  const { method, key, uploadId, partNumber, type, size } = await request.json()
  if (!uploadId) {
    if (!/^(?:image\/(?:jpeg|png|webp)|video\/mp4)$/.test(type) || !(size > 0 && size <= 100_000_000))
      return refuse(400, 'Choose an image or a video of up to 100 MB.')
    const own = `users/${encodeURIComponent(user)}/${crypto.randomUUID()}`
    uploads.set(own, { user, type, size })
    const target = { bucket, key: own, region, endpoint }
    const options = { credentials, contentType: type, expires: '1h' } as const
    const isMultipart = method === 'POST'
    const signed = isMultipart
      ? (await presignMultipartUpload(target, { ...options, size, partSize })).create
      : await presignPut(target, { ...options, contentLength: size })
    return Response.json({ key: own, ...signed })
  }
  const upload = uploads.get(key)
  if (upload?.user !== user) return refuse(404, 'This upload does not exist.')
  const options = { credentials, size: upload.size, partSize, uploadId, parts: partNumber ? [partNumber] : [] }
  const { parts, list, complete, abort } = await presignMultipartParts({ bucket, key, region, endpoint }, options)
  const requests = new Map([parts[0], list[0], complete, abort].map((each) => [each?.method, each]))
  return Response.json({ key, ...requests.get(method) })
}

const refuse = (status: number, error: string): Response => Response.json({ error }, { status })
