import { createHash } from 'node:crypto'
import { presignMultipartParts, presignMultipartUpload, presignPost, presignPut, sign } from 'sigv4'
import { bucketUrl, type Storage } from './storage.ts'

/** A CORS rule of a bucket, in the format of the AWS CLI and SDKs. */
export interface CorsRule {
  AllowedOrigins: string[]
  AllowedMethods: string[]
  AllowedHeaders?: string[]
  ExposeHeaders?: string[]
  MaxAgeSeconds: number
}

/** The properties of a presigned request or form that determine a CORS rule. */
export interface Sent {
  url: string
  /** Missing for a form, which is sent with POST. */
  method?: string
  headers?: Readonly<Record<string, string>>
}

/** Returns the minimal CORS rule with which pages of some origins can send some requests and read the responses. */
export function corsRule(origins: string[], requests: readonly Sent[]): CorsRule {
  const methods = new Set(requests.map(({ method = 'POST' }) => method))
  const headers = new Set(requests.flatMap(({ headers = {} }) => Object.keys(headers)))
  // The ETag of a part is required to complete the upload. No other response header is read.
  const isInParts = requests.some(({ url }) => new URL(url).searchParams.has('partNumber'))
  return {
    AllowedOrigins: origins,
    AllowedMethods: [...methods].sort(),
    ...(headers.size > 0 && { AllowedHeaders: [...headers].sort() }),
    ...(isInParts && { ExposeHeaders: ['ETag'] }),
    MaxAgeSeconds: 3600,
  }
}

/** Returns the CORS rule for this app, from one request of each kind. */
export async function ruleFor(origins: string[]): Promise<CorsRule> {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  const target = { bucket: 'any', key: 'any', region: 'us-east-1' }
  const headers = { 'x-amz-meta-name': 'any', 'x-amz-meta-size': '1' }
  const bound = { credentials, contentType: 'image/png', headers }
  const { parts, list, complete, abort } = await presignMultipartParts(target, {
    credentials,
    size: 1,
    uploadId: 'any',
  })
  return corsRule(origins, [
    await presignPut(target, bound),
    await presignPost(target, { credentials }),
    (await presignMultipartUpload(target, { ...bound, size: 1 })).create,
    ...[...parts, ...list, complete, abort],
  ])
}

/** Formats the body of PutBucketCors. */
export function corsDocument(rule: CorsRule): string {
  const element = (name: string, value: string | number): string =>
    `<${name}>${String(value).replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`)}</${name}>`
  const elements = [
    ...rule.AllowedOrigins.map((origin) => element('AllowedOrigin', origin)),
    ...rule.AllowedMethods.map((method) => element('AllowedMethod', method)),
    ...(rule.AllowedHeaders ?? []).map((header) => element('AllowedHeader', header)),
    ...(rule.ExposeHeaders ?? []).map((header) => element('ExposeHeader', header)),
    element('MaxAgeSeconds', rule.MaxAgeSeconds),
  ]
  return `<CORSConfiguration><CORSRule>${elements.join('')}</CORSRule></CORSConfiguration>`
}

/**
 * Replaces the CORS rules of a bucket. Returns `false` if the server does not support CORS rules: `sigv4-tools serve` allows
 * pages of this machine and of its --cors option, MinIO every page.
 */
export async function putCors(storage: Storage, rule: CorsRule): Promise<boolean> {
  const { credentials, region } = storage
  const body = corsDocument(rule)
  const md5 = createHash('md5').update(body).digest('base64')
  const options = { credentials, region, service: 's3' }
  const headers = { 'content-md5': md5, 'content-type': 'application/xml' }
  const request = await sign({ method: 'PUT', url: `${bucketUrl(storage)}?cors`, headers, body }, options)
  const response = await fetch(request.url, request)
  if (response.ok) return true
  const text = await response.text()
  if (response.status === 501) return false
  throw new Error(`The CORS rule of the bucket could not be set: ${response.status} ${text.slice(0, 300)}`)
}
