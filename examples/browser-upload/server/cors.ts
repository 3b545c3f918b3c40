import { createHash } from 'node:crypto'
import { objectUrl, presignMultipartParts, presignMultipartUpload, presignPost, presignPut, sign } from 'sigv4'
import type { Place } from './place.ts'

/** A rule of a bucket, as the AWS CLI and the SDKs take it. */
export interface CorsRule {
  AllowedOrigins: string[]
  AllowedMethods: string[]
  AllowedHeaders?: string[]
  ExposeHeaders?: string[]
  MaxAgeSeconds: number
}

/** What of a presigned request, or of a form, matters to a browser. */
export interface Sent {
  url: string
  /** A form has none: it is posted. */
  method?: string
  headers?: Readonly<Record<string, string>>
}

/** The least that a bucket must allow for pages of some origins to send some requests and to read the answers. */
export function corsRule(origins: string[], requests: readonly Sent[]): CorsRule {
  const methods = new Set(requests.map(({ method = 'POST' }) => method))
  const headers = new Set(requests.flatMap(({ headers = {} }) => Object.keys(headers)))
  // a part is named by its ETag when the upload is completed; nothing else of an answer is read from its headers
  const isInParts = requests.some(({ url }) => new URL(url).searchParams.has('partNumber'))
  return {
    AllowedOrigins: origins,
    AllowedMethods: [...methods].sort(),
    ...(headers.size > 0 && { AllowedHeaders: [...headers].sort() }),
    ...(isInParts && { ExposeHeaders: ['ETag'] }),
    MaxAgeSeconds: 3600,
  }
}

/** The rule for this app: of one upload of each kind, signed with anything. */
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

/** The document of PutBucketCors. */
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
 * Gives the bucket its rule, and takes those that it had. Says whether the server knows such rules; `sigv4 serve` and
 * MinIO let in every page instead.
 */
export async function putCors(place: Place, rule: CorsRule): Promise<boolean> {
  const { credentials, bucket, region, endpoint } = place
  const url = objectUrl({ bucket, key: '', region, endpoint })
  const body = corsDocument(rule)
  const md5 = createHash('md5').update(body).digest('base64')
  const options = { credentials, region, service: 's3' }
  const headers = { 'content-md5': md5, 'content-type': 'application/xml' }
  const request = await sign({ method: 'PUT', url: `${url}?cors`, headers, body }, options)
  const response = await fetch(request.url, request)
  if (response.ok) return true
  const text = await response.text()
  if (response.status === 501) return false
  throw new Error(`The bucket takes no CORS rule: ${response.status} ${text.slice(0, 300)}`)
}
