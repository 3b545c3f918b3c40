import type { WebHeaders, WebUrl } from '../core/http/platform.ts'
import { formatQuery, type Pair, sortPairs } from '../core/http/query.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { deriveSigningKey, hex, hmacHex, sha256Hex, subtle } from '../crypto/webcrypto.ts'
import { guessScope } from './host.ts'
import { type AwsSignedRequest, type AwsV4SignerOptions, checkRequired } from './options.ts'

const UNSIGNED =
  /^(?:authorization|connection|content-(?:length|type)|expect|presigned-expires|range|user-agent|x-amzn-trace-id)$/

const HASH_HEADER = 'X-Amz-Content-Sha256'

/**
 * `AwsV4Signer` of aws4fetch 1.0.20: signs one request. The constructor does everything but hashing, and its fields are the
 * parts of the signature.
 *
 * @example
 * ```ts
 * import { AwsV4Signer } from 'sigv4/aws4fetch'
 *
 * const signer = new AwsV4Signer({
 *   url: 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues',
 *   accessKeyId: 'AKIDEXAMPLE',
 *   secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
 * })
 * const { method, url, headers, body } = await signer.sign()
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class AwsV4Signer {
  declare method: string
  declare url: WebUrl
  declare headers: WebHeaders
  declare body: AwsV4SignerOptions['body']
  declare accessKeyId: string
  declare secretAccessKey: string
  declare sessionToken: string | undefined
  declare service: string
  declare region: string
  declare cache: Map<string, ArrayBuffer>
  declare datetime: string
  declare signQuery: boolean | undefined
  declare appendSessionToken: boolean
  /** The names of the signed headers. */
  declare signableHeaders: string[]
  /** The same, separated by semicolons. */
  declare signedHeaders: string
  declare canonicalHeaders: string
  /** The credential scope. */
  declare credentialString: string
  /** The canonical URI. */
  declare encodedPath: string
  /** The canonical query string. */
  declare encodedSearch: string

  constructor({
    method,
    url: target,
    headers: given,
    body,
    accessKeyId,
    secretAccessKey,
    sessionToken,
    service,
    region,
    cache,
    datetime,
    signQuery,
    appendSessionToken,
    allHeaders,
    singleEncode,
  }: AwsV4SignerOptions) {
    checkRequired({ url: target, accessKeyId, secretAccessKey })
    const url = new URL(target)
    const headers = new Headers(given || {})
    const [hostService, hostRegion] = service && region ? [] : guessScope(url, headers)
    service = service || hostService || ''
    region = region || hostRegion || 'us-east-1'
    datetime = datetime || new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
    appendSessionToken = appendSessionToken || service === 'iotdevicegateway'

    const isS3 = service === 's3'
    headers.delete('Host') // the client sets it
    if (isS3 && !signQuery && !headers.has(HASH_HEADER)) headers.set(HASH_HEADER, UNSIGNED_PAYLOAD)
    const added = signQuery ? url.searchParams : headers
    added.set('X-Amz-Date', datetime)
    if (sessionToken && !appendSessionToken) added.set('X-Amz-Security-Token', sessionToken)

    const signableHeaders = ['host', ...headers.keys()].filter((name) => allHeaders || !UNSIGNED.test(name)).sort()
    const signedHeaders = signableHeaders.join(';')
    const lines = signableHeaders.map(
      (name) => `${name}:${name === 'host' ? url.host : headers.get(name)!.replace(/\s+/g, ' ')}`,
    )
    const credentialString = [datetime.slice(0, 8), region, service, 'aws4_request'].join('/')
    if (signQuery) {
      if (isS3 && !added.has('X-Amz-Expires')) added.set('X-Amz-Expires', '86400')
      added.set('X-Amz-Algorithm', ALGORITHM)
      added.set('X-Amz-Credential', `${accessKeyId}/${credentialString}`)
      added.set('X-Amz-SignedHeaders', signedHeaders)
    }
    Object.assign(this, {
      method: method || (body ? 'POST' : 'GET'),
      url,
      headers,
      body,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      service,
      region,
      cache: cache || new Map(),
      datetime,
      signQuery,
      appendSessionToken,
      signableHeaders,
      signedHeaders,
      canonicalHeaders: lines.join('\n'),
      credentialString,
      encodedPath: canonicalPath(url.pathname, isS3, singleEncode),
      encodedSearch: canonicalQuery(url.searchParams, isS3),
    })
  }

  async sign(): Promise<AwsSignedRequest> {
    if (!this.signQuery) this.headers.set('Authorization', await this.authHeader())
    else {
      this.url.searchParams.set('X-Amz-Signature', await this.signature())
      if (this.sessionToken && this.appendSessionToken)
        this.url.searchParams.set('X-Amz-Security-Token', this.sessionToken)
    }
    return { method: this.method, url: this.url, headers: this.headers, body: this.body }
  }

  /** Returns the value of the Authorization header. */
  async authHeader(): Promise<string> {
    const credential = `${ALGORITHM} Credential=${this.accessKeyId}/${this.credentialString}`
    return `${credential}, SignedHeaders=${this.signedHeaders}, Signature=${await this.signature()}`
  }

  /** Returns the signature in hex. */
  async signature(): Promise<string> {
    const scope = [this.datetime.slice(0, 8), this.region, this.service]
    const name = [this.secretAccessKey, ...scope].join()
    let key = this.cache.get(name)
    if (!key) {
      // the service is a function for a host such as constructor.amazonaws.com
      const parts = [...scope, 'aws4_request'].map(String)
      key = (await deriveSigningKey(this.secretAccessKey, parts)).buffer as ArrayBuffer
      this.cache.set(name, key)
    }
    return hmacHex(new Uint8Array(key), await this.stringToSign())
  }

  async stringToSign(): Promise<string> {
    const hash = await sha256Hex(await this.canonicalString())
    return [ALGORITHM, this.datetime, this.credentialString, hash].join('\n')
  }

  /** Returns the canonical request. */
  async canonicalString(): Promise<string> {
    const lines = [this.method.toUpperCase(), this.encodedPath, this.encodedSearch, this.canonicalHeaders, '']
    return [...lines, this.signedHeaders, await this.hexBodyHash()].join('\n')
  }

  /** Returns the payload hash. */
  async hexBodyHash(): Promise<string> {
    const given = this.headers.get(HASH_HEADER) || (this.service === 's3' && this.signQuery && UNSIGNED_PAYLOAD)
    if (given) return given
    const body = this.body || ''
    if (typeof body === 'string') return sha256Hex(body)
    if (!('byteLength' in body))
      throw new Error(
        'body must be a string, ArrayBuffer or ArrayBufferView, unless you include the X-Amz-Content-Sha256 header',
      )
    return hex(await subtle().digest('SHA-256', body))
  }
}

/** Returns the canonical URI of a path: S3's is decoded first. */
function canonicalPath(path: string, isS3: boolean, singleEncode: boolean | undefined): string {
  if (!isS3) path = path.replace(/\/+/g, '/')
  else
    try {
      path = decodeURIComponent(path.replaceAll('+', ' '))
    } catch {
      // the path is malformed, and signed unchanged
    }
  return singleEncode ? encodeMarks(path) : uriEncode(path).replaceAll('%2F', '/')
}

/** Returns the canonical query string: without empty names and, for S3, with the first value of each name. */
function canonicalQuery(parameters: URLSearchParams, isS3: boolean): string {
  const pairs: Pair[] = []
  const names = new Set<string>()
  for (const [name, value] of parameters) {
    if (!name || (isS3 && names.has(name))) continue
    names.add(name)
    pairs.push([uriEncode(name), uriEncode(value)])
  }
  return formatQuery(sortPairs(pairs))
}

// Not those of the core, which throw for lone surrogates: a URL contains none, and these are a third of the size.

function uriEncode(string: string): string {
  return encodeMarks(encodeURIComponent(string))
}

/** Encodes the characters that encodeURIComponent keeps, although canonical requests encode them. */
function encodeMarks(string: string): string {
  return string.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
