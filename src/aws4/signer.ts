import { ALGORITHM, formatStringToSign } from '../core/signing/string-to-sign.ts'
import { hmacHex, sha256Hex } from '../crypto/sha256.ts'
import { environmentCredentials } from './environment.ts'
import { isSingleRegion, matchHost } from './host.ts'
import { signingKey } from './key.ts'
import { wirePath } from './path.ts'
import { parseQuery, type Query, stringifyQuery } from './query.ts'
import { type Credentials, copyHeaders, put, putHeaders, putPath, type Request, writable } from './request.ts'
import type { RequestSignerConstructor, RequestSigner as Signer, SignerMethods } from './request-signer.ts'
import { amzDate, canonicalRequest, headersToSign, prepare, trimValue } from './steps.ts'
import { parseUrl } from './url.ts'

/** Initializes a signer. */
function construct(this: Signer, given: string | Request, credentials?: Credentials | null): void {
  const request = typeof given === 'string' ? (parseUrl(given) as object as Request) : given
  const headers = copyHeaders(request.headers)
  putHeaders(request, headers)
  const { hostname, host } = request
  const parts: { 0?: string; 1?: string } =
    this.service && this.region ? {} : this.matchHost((hostname || host || headers.Host || headers.host) as string)

  this.request = request
  this.credentials = credentials || this.defaultCredentials()
  this.service = request.service || parts[0] || ''
  this.region = request.region || parts[1] || 'us-east-1'
  if (this.service === 'email') this.service = 'ses'
  if (!request.method && request.body) put(request, 'method', 'POST')
  if (!headers.Host && !headers.host) {
    headers.Host = request.hostname || request.host || this.createHost()
    if (request.port) headers.Host += `:${request.port}`
  }
  if (!request.hostname && !request.host) put(request, 'hostname', headers.Host || headers.host)
  this.isCodeCommitGit = this.service === 'codecommit' && request.method === 'GIT'
  this.extraHeadersToIgnore = request.extraHeadersToIgnore || Object.create(null)
  this.extraHeadersToInclude = request.extraHeadersToInclude || Object.create(null)
}

const methods: SignerMethods & ThisType<Signer> = {
  matchHost: matchHost as Signer['matchHost'],

  isSingleRegion() {
    return isSingleRegion(this.service, this.region)
  },

  createHost() {
    const region = this.isSingleRegion() ? '' : `.${this.region}`
    return `${this.service === 'ses' ? 'email' : this.service}${region}.amazonaws.com`
  },

  prepareRequest() {
    this.parsePath()
    prepare(this)
  },

  sign() {
    if (!this.parsedPath) this.prepareRequest()
    if (this.request.signQuery) this.parsedPath!.query['X-Amz-Signature'] = this.signature()
    else writable(this.request.headers!).Authorization = this.authHeader()
    putPath(this.request, this.formatPath())
    return this.request
  },

  getDateTime() {
    if (!this.datetime) {
      const { headers } = this.request as { headers: Record<string, unknown> }
      this.datetime = amzDate(headers.Date || headers.date)
      if (this.isCodeCommitGit) this.datetime = this.datetime.slice(0, -1)
    }
    return this.datetime
  },

  getDate() {
    return this.getDateTime().substr(0, 8)
  },

  authHeader() {
    const credential = `${ALGORITHM} Credential=${this.credentials.accessKeyId}/${this.credentialString()}`
    return `${credential}, SignedHeaders=${this.signedHeaders()}, Signature=${this.signature()}`
  },

  signature() {
    const key = signingKey(this.credentials, this.getDate(), this.region, this.service)
    return hmacHex(key, this.stringToSign())
  },

  stringToSign() {
    const context = { algorithm: ALGORITHM, amzDate: this.getDateTime(), scope: this.credentialString() }
    return formatStringToSign(context, sha256Hex(this.canonicalString()))
  },

  canonicalString() {
    if (!this.parsedPath) this.prepareRequest()
    return canonicalRequest(this)
  },

  filterHeaders() {
    this.filteredHeaders = headersToSign(this)
  },

  canonicalHeaders() {
    if (!this.filteredHeaders) this.filterHeaders()
    let lines = ''
    for (const entry of this.filteredHeaders!) lines += `${lines && '\n'}${entry[0]}:${trimValue(entry[1])}`
    return lines
  },

  signedHeaders() {
    if (!this.filteredHeaders) this.filterHeaders()
    const entries = this.filteredHeaders!
    let names = ''
    for (let i = 0; i < entries.length; i++) names += i ? `;${entries[i]![0]}` : entries[i]![0]
    return names
  },

  credentialString() {
    return `${this.getDate()}/${this.region ?? ''}/${this.service ?? ''}/aws4_request`
  },

  defaultCredentials: environmentCredentials,

  parsePath() {
    const path = wirePath(this.request.path || '/')
    const end = path.indexOf('?')
    const query = end < 0 ? null : parseQuery(path.slice(end + 1))
    this.parsedPath = { path: end < 0 ? path : path.slice(0, end), query: query as Query }
  },

  formatPath() {
    const { path, query } = this.parsedPath!
    if (!query) return path
    if (query[''] != null) delete query['']
    return `${path}?${stringifyQuery(query)}`
  },
}

/** Returns the constructor, with the methods. */
function defineSigner(): RequestSignerConstructor {
  const { prototype } = Object.defineProperty(construct, 'name', { value: 'RequestSigner' })
  Object.assign(prototype, methods)
  return construct as unknown as RequestSignerConstructor
}

export const RequestSigner = /* @__PURE__ */ defineSigner()
