import { readExpires } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import type { UrlLike } from '../core/http/url.ts'
import { isS3 } from '../core/services.ts'
import { checkCredentials, type SecretCredentials } from '../core/signing/credentials.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { isSingleRegion } from './host.ts'
import { canonicalQuery, parseQuery, type Query } from './query.ts'
import type { Credentials, HeaderValues, Request, RequestInput, SignedRequest } from './request.ts'
import type { RequestSigner as BaseSigner, SignerMethods } from './request-signer.ts'
import { construct, RequestSigner, signerClass, UNSIGNED } from './signer.ts'
import { canonicalRequest, headersToSign, payloadHash, prepare } from './steps.ts'
import { parseUrl } from './url.ts'

/** `sign` in fixed mode: returns a new request for a URL. */
export interface FixedSign {
  (request: string | UrlLike, credentials?: Credentials | null): SignedRequest<Request>
  <Input extends RequestInput>(request: Input, credentials?: Credentials | null): SignedRequest<Input>
}

/** `RequestSigner` in fixed mode. */
export interface FixedSignerConstructor {
  new (request: string | UrlLike | RequestInput, credentials?: Credentials | null): BaseSigner
  readonly prototype: BaseSigner
}

/** Headers that the signer reads: it recognizes them in any case. */
const KNOWN =
  /^(?:authorization|content-length|content-type|date|host|x-amz-content-sha256|x-amz-date|x-amz-security-token)$/i

/** Parameters that signing replaces. */
const SIGNING = ['Signature', 'Algorithm', 'Credential', 'Date', 'SignedHeaders', 'Security-Token']

function Signer(this: BaseSigner, given: string | UrlLike | Request, credentials?: Credentials | null): void {
  const request = readRequest(given)
  const { hostname, host, port, protocol } = request
  const headers = readHeaders(request.headers)
  const hasHost = headers.Host || headers.host
  request.headers = headers
  if (typeof request.method === 'string') request.method = request.method.toUpperCase()
  construct.call(this, request, credentials)

  const own: HeaderValues = this.request.headers!
  if (!hasHost) own.Host = authority(hostname || host || this.createHost(), port, protocol)
  if (!hasHost && !hostname && !host) {
    request.hostname = this.createHost()
    if (!/^(?:s3|sdb|sts)$/.test(this.service) && this.isSingleRegion()) this.region = 'us-east-1'
  }
  // already signed: remove what signing added
  if (/^AWS4-HMAC-SHA256/.test(String(own.Authorization || own.authorization))) {
    const stale = this.credentials.sessionToken ? /^x-amz-(?:date|security-token)$/i : /^x-amz-date$/i
    for (const name of Object.keys(own)) if (stale.test(name)) delete own[name]
  }
}

function readRequest(given: string | UrlLike | Request): Request {
  if (typeof given === 'object' && !(given && 'searchParams' in given)) return given as Request
  const text = typeof given === 'string' ? given : String(given.href)
  if (!/^\s*[a-z][a-z\d+.-]*:\/\//i.test(text))
    fail('ERR_INVALID_ARG_VALUE', 'request', 'invalid', 'Pass a URL that starts with a scheme, such as https://.')
  return parseUrl(text) as object as Request
}

function readHeaders(input: unknown): HeaderValues {
  const given = (input ?? {}) as Record<string, unknown> & Partial<Iterable<[string, unknown]>>
  const headers: HeaderValues = {}
  const seen = new Set<string>()
  for (const [name, value] of typeof given[Symbol.iterator] === 'function'
    ? (given as Iterable<[string, unknown]>)
    : Object.entries(given)) {
    const lower = name.toLowerCase()
    if (seen.has(lower))
      fail(
        'ERR_INVALID_ARG_VALUE',
        `request.headers[${JSON.stringify(lower)}]`,
        'conflict',
        'Header names are case-insensitive: set it once.',
      )
    seen.add(lower)
    const canonical = lower.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    if (name !== '__proto__') headers[KNOWN.test(name) && name !== canonical ? lower : name] = value as string
  }
  return headers
}

/** Returns the Host header for a host, which may include a port, and a port. */
function authority(host: string, port: unknown, protocol: unknown): string {
  const [, name, own] = /^(\[.*\]|[^:]*)(?::(\d*))?$/.exec(host) ?? [undefined, `[${host}]`]
  const number = String(own || port || '')
  const usual = (number === '443' && protocol !== 'http:') || (number === '80' && protocol !== 'https:')
  return name!.toLowerCase() + (number && !usual ? `:${number}` : '')
}

function prepared(signer: BaseSigner): BaseSigner {
  if (!signer.parsedPath) signer.prepareRequest()
  return signer
}

const methods: Partial<SignerMethods> & ThisType<BaseSigner> = {
  matchHost(host) {
    const { service, region } = hostScope(host || '')
    return [service!, region!]
  },

  isSingleRegion() {
    const { service, region } = this
    return isSingleRegion(service, region) && !region.startsWith('cn-') && (service !== 'sts' || region === 'us-east-1')
  },

  createHost() {
    return RequestSigner.prototype.createHost.call(this) + (this.region.startsWith('cn-') ? '.cn' : '')
  },

  parsePath() {
    const odd = /[^\w;,/?:@&=+$\-.!~*'()%]/gu
    const path = (this.request.path || '/').replace(odd, encodeURIComponent)
    const end = path.indexOf('?')
    const query = end < 0 ? null : parseQuery(path.slice(end + 1), 2 ** 32 - 1)
    if (query?.['X-Amz-Signature']) for (const name of SIGNING) delete query[`X-Amz-${name}`]
    this.parsedPath = { path: end < 0 ? path : path.slice(0, end), query: query as Query }
  },

  prepareRequest() {
    // biome-ignore lint/complexity/useDateNow: tests replace Date, and getDateTime reads it in this way
    checkCredentials(this.credentials as SecretCredentials, Number(new Date()))
    if (!this.service) fail('ERR_SIGV4_SCOPE_UNKNOWN', 'request.service', 'missing', 'The host does not identify it.')
    this.parsePath()
    const { signQuery, doNotModifyHeaders, headers } = this.request
    const date = headers!['X-Amz-Date'] || headers!['x-amz-date']
    if (date && (signQuery || doNotModifyHeaders)) this.datetime = String(date)
    const expires = signQuery && this.parsedPath!.query?.['X-Amz-Expires']
    if (expires) readExpires(Number(expires))(0)
    prepare(this, isS3(this.service))
  },

  canonicalString() {
    const { parsedPath, request, service } = prepared(this)
    const s3 = isS3(service)
    const { headers, signQuery } = request
    const hash = headers!['X-Amz-Content-Sha256'] || headers!['x-amz-content-sha256']
    const payload = s3 && signQuery && !hash ? 'UNSIGNED-PAYLOAD' : payloadHash(this)
    return canonicalRequest(
      this,
      s3,
      parsedPath!.query ? canonicalQuery(parsedPath!.query, false, 'X-Amz-Signature') : '',
      payload,
    )
  },

  filterHeaders() {
    this.filteredHeaders = headersToSign(this, { __proto__: null, ...UNSIGNED })
  },

  authHeader() {
    return RequestSigner.prototype.authHeader.call(prepared(this))
  },

  canonicalHeaders() {
    return RequestSigner.prototype.canonicalHeaders.call(prepared(this))
  },

  signedHeaders() {
    return RequestSigner.prototype.signedHeaders.call(prepared(this))
  },
}

export const FixedSigner = /* @__PURE__ */ signerClass(Signer, methods, RequestSigner) as FixedSignerConstructor
