import { uriEncode } from '../encoding/percent.ts'
import { copyExpires, expiresSeconds } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import { bindHeader, headerFilter, readHeaders, signedNames } from '../http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../http/query.ts'
import { canonicalHeaders, EMPTY_HASH, formatCanonicalRequest } from './canonical-request.ts'
import {
  addQuery,
  checkOptions,
  type Prepare,
  readPath,
  readPayloadHash,
  readQuery,
  readScope,
  signsToken,
} from './input.ts'
import type { PresignOptions } from './options.ts'
import type { HostReader } from './s3-hosts.ts'
import type { RequestContext, Unsigned } from './string-to-sign.ts'
import { readTarget, type Target } from './target.ts'

/** A request that needs no further credentials. Pass it to `fetch`, axios or any other client. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Every header that the sender must set, with exactly these values. Clients set `host` and `content-length` themselves. */
  readonly headers: Record<string, string>
  /** When the URL stops working: when it or the credentials expire, whichever comes first. */
  readonly expiresAt: Date
  /** Set if the credentials expire before the URL would. */
  readonly limitedBy?: 'credentials'
}

/**
 * Reads and checks the arguments of a presigned request. `disposition` creates the query parameter of a download,
 * which is rejected without it.
 *
 * @returns A function that completes the request with credentials and time.
 */
export function readPresign(
  method: string,
  target: Target,
  options: PresignOptions<unknown>,
  hosts: HostReader,
  disposition?: (download: string) => Pair,
): Prepare<Unsigned<PresignedRequest>> {
  checkOptions(options)
  const { contentType, contentLength, download } = options
  const parts = readTarget(target, options.region)
  const { s3, contextOf } = readScope(parts, options, hosts)
  const payloadHash = readPayloadHash(options) ?? (s3 ? 'UNSIGNED-PAYLOAD' : EMPTY_HASH)
  const headers = readHeaders(options.headers, 'options.headers', parts.host)
  bindHeader(headers, 'content-type', 'contentType', contentType, method)
  bindHeader(headers, 'content-length', 'contentLength', contentLength, method)
  if (s3 && payloadHash !== 'UNSIGNED-PAYLOAD') headers['x-amz-content-sha256'] = payloadHash
  const names = signedNames(headers, headerFilter(options))
  const lines = canonicalHeaders(headers, names, parts.host)
  const signedHeaders = names.join(';')
  const { 'content-length': length } = headers
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) fail('ERR_INVALID_ARG_VALUE', 'options.contentLength', 'invalid')
    delete headers['content-length'] // clients set it, and browsers do not let scripts set it
  }
  const own = readQuery(parts)
  addQuery(own, options.query)
  if (download !== undefined) {
    if (!disposition || method !== 'GET')
      fail('ERR_INVALID_ARG_VALUE', 'options.download', 'unusable', 'Only GET supports it.')
    own.push(disposition(download))
  }
  const [path, uri] = readPath(parts, options, s3)
  const expires = copyExpires(options.expires)
  const isTokenSigned = signsToken(options)
  return (credentials, now) => {
    const context = contextOf(credentials, now)
    const { accessKeyId, sessionToken, expiration } = credentials
    const seconds = expiresSeconds(expires, context.time)
    const token = isTokenSigned ? sessionToken : undefined
    const query = presignedQuery(own, context, accessKeyId, seconds, token, names)
    const end = (context.time + seconds) * 1000
    return {
      context,
      canonicalRequest: formatCanonicalRequest({ method, uri, query, headers: lines, signedHeaders, payloadHash }),
      finish(signature) {
        // not a template: V8 would keep its many parts in memory until the URL is read
        let url = [parts.origin, path, '?', query, '&X-Amz-Signature=', signature].join('')
        if (sessionToken && !isTokenSigned) url += `&X-Amz-Security-Token=${uriEncode(sessionToken)}`
        const last = Math.min(end, Number(expiration ?? end))
        const request: PresignedRequest = { method, url, headers, expiresAt: new Date(last) }
        return last < end ? Object.assign(request, { limitedBy: 'credentials' }) : request
      },
    }
  }
}

/** Returns the canonical query string of a presigned request. `own` contains its other parameters, encoded. */
export function presignedQuery(
  own: readonly Pair[],
  { algorithm, amzDate, date, region, service }: RequestContext,
  accessKeyId: string,
  expires: number,
  token: string | undefined,
  names: readonly string[],
): string {
  let signedHeaders = ''
  for (const name of names) signedHeaders += signedHeaders ? `%3B${uriEncode(name)}` : uriEncode(name)
  const security = token ? `&X-Amz-Security-Token=${uriEncode(token)}` : ''
  const added = `X-Amz-Algorithm=${algorithm}&X-Amz-Credential=${uriEncode(accessKeyId)}%2F${date}%2F${region}%2F${service}%2Faws4_request&X-Amz-Date=${amzDate}&X-Amz-Expires=${expires}${security}&X-Amz-SignedHeaders=${signedHeaders}`
  if (!own.length) return added
  const pairs = added.split('&').map((parameter) => parameter.split('=') as [name: string, value: string])
  return formatQuery(sortPairs([...own, ...pairs]))
}

/** Returns the query parameter that makes S3 send a file name (RFC 6266, RFC 8187). */
export function downloadDisposition(download: string): Pair {
  if (typeof download !== 'string') return fail('ERR_INVALID_ARG_TYPE', 'options.download', 'type', 'Pass a file name.')
  const plain = download.replace(/[^ -~]|["\\%]/g, '_')
  const extended = plain === download ? '' : `; filename*=UTF-8''${uriEncode(download, 'options.download')}`
  return ['response-content-disposition', uriEncode(`attachment; filename="${plain}"${extended}`)]
}
