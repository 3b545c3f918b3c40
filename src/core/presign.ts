import type { HeaderRecord } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { uriEncode } from './encoding.ts'
import { fail } from './errors.ts'
import { bindHeader, readHeaders, signedNames } from './headers.ts'
import type { PresignGetOptions, PresignPutOptions } from './options.ts'
import { type Plan, planQuery } from './plan.ts'
import { checkPayloadHash, EMPTY_HASH, type HostReader, readQuery, readRequest, sentMethod } from './request.ts'
import type { Target } from './target.ts'
import { expiresSeconds } from './time.ts'

/** A request that needs no more credentials. Spread it into `fetch`, axios or any other client. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Every header that the sender must set, with exactly these values. `host` and `content-length` clients set by themselves. */
  readonly headers: Record<string, string>
  /** When the URL stops working: the earlier of its expiry and the end of the credentials. */
  readonly expiresAt: Date
  /** Says that the credentials end before the URL would expire. */
  readonly limitedBy?: 'credentials'
}

/** A presigned request without its signature. */
export interface PresignPlan extends Plan {
  readonly method: string
  /** Scheme, host and path. */
  readonly url: string
  readonly headers: HeaderRecord
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly limited: boolean
  /** The security token where it is added after signing. */
  readonly appendedToken: string | undefined
}

/** Plans a presigned request. */
export function planPresign(
  method: string,
  target: Target,
  options: PresignPutOptions<unknown>,
  credentials: Credentials<unknown>,
  now: number,
  hostScope: HostReader,
): PresignPlan {
  method = sentMethod(method)
  const { host, url, path, query, time, context, s3 } = readRequest(target, options, credentials, now, hostScope)
  const { payloadHash = s3 ? 'UNSIGNED-PAYLOAD' : EMPTY_HASH } = options
  checkPayloadHash(payloadHash)
  const expires = expiresSeconds(options.expires ?? 900, time)
  const headers = readHeaders(options.headers, host)
  bindHeader(headers, 'content-type', options.contentType)
  bindHeader(headers, 'content-length', options.contentLength)
  if (headers['content-length'] && !/^\d+$/.test(headers['content-length']))
    fail('ERR_INVALID_ARG_VALUE', 'options.contentLength must be a whole number of bytes')
  if (s3 && payloadHash !== 'UNSIGNED-PAYLOAD') bindHeader(headers, 'x-amz-content-sha256', payloadHash)
  const all = { ...headers, host }
  const entries = readQuery(query, options.query)
  const sent = { method, path, query: entries, headers: all, signed: signedNames(all, options), payloadHash }
  const end = (time + expires) * 1000
  const expiration = Number(credentials.expiration ?? end)
  delete headers['content-length'] // clients set it by themselves, and browsers let no page do so
  return {
    ...planQuery(sent, context, expires),
    method,
    url,
    headers,
    expiresAt: Math.min(end, expiration),
    limited: expiration < end,
    appendedToken: context.sessionToken ? undefined : credentials.sessionToken,
  }
}

/** Puts the signature in. */
export function applyPresignature(plan: PresignPlan, signature: string): PresignedRequest {
  const { method, headers, limited, appendedToken } = plan
  const token = appendedToken ? `&X-Amz-Security-Token=${uriEncode(appendedToken)}` : ''
  const url = `${plan.url}?${plan.query}&X-Amz-Signature=${signature}${token}`
  const result = { method, url, headers, expiresAt: new Date(plan.expiresAt) }
  return limited ? { ...result, limitedBy: 'credentials' } : result
}

/** The options of a download: S3 answers with the Content-Disposition of RFC 6266 that the query asks for. */
export function downloadOptions<Options extends PresignGetOptions<unknown>>(options: Options): Options {
  const { download } = options ?? {}
  if (download === undefined) return options
  if (typeof download !== 'string') fail('ERR_INVALID_ARG_TYPE', 'options.download must be the name of a file')
  const plain = download.replace(/[^ -~]|["\\%]/g, '_')
  const disposition = `attachment; filename="${plain}"${plain === download ? '' : `; filename*=UTF-8''${uriEncode(download)}`}`
  return { ...options, query: { ...options.query, 'response-content-disposition': disposition } }
}
