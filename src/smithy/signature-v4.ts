import { MAX_EXPIRES } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import { isStringOrNumber } from '../core/http/headers.ts'
import type { Pair } from '../core/http/query.ts'
import { hasTag } from '../core/kind.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { signingContext } from '../core/signing/scope.ts'
import { formatAuthorization } from '../core/signing/sign.ts'
import type { RequestContext, Unsigned } from '../core/signing/string-to-sign.ts'
import { SIGV4, signature, signString } from '../crypto/webcrypto.ts'
import { canonicalHeaders, canonicalPath, canonicalQuery } from './canonical.ts'
import type {
  DateInput,
  HttpRequest,
  Provided,
  RequestPresigningArguments,
  RequestSigningArguments,
  SignatureV4Init,
  SigningArguments,
} from './options.ts'
import { addHashHeader, copyRequest, hoistHeaders, type PreparedRequest, payloadHashOf } from './request.ts'

interface Signing {
  readonly credentials: SecretCredentials
  readonly context: RequestContext
}

/**
 * Signs requests as `SignatureV4` of @smithy/signature-v4 5.7.5 does, with Web Crypto and without dependencies. It is also
 * the `signerConstructor` of the clients of the AWS SDK.
 *
 * @example
 * ```ts
 * import { SignatureV4 } from 'sigv4/smithy'
 *
 * const signer = new SignatureV4({
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   region: 'eu-west-1',
 *   service: 'execute-api',
 * })
 * const hostname = 'abc123.execute-api.eu-west-1.amazonaws.com'
 * const { headers } = await signer.sign({
 *   method: 'GET',
 *   protocol: 'https:',
 *   hostname,
 *   path: '/prod/photos',
 *   query: { limit: '10' },
 *   headers: { host: hostname },
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class SignatureV4 {
  // The AWS SDK's signer for S3 Express is a subclass that replaces credentialProvider, and calls signRequest.
  private readonly service: string
  private readonly regionProvider: Provided<string>
  private readonly credentialProvider: Provided<SecretCredentials>
  private readonly uriEscapePath: boolean
  private readonly applyChecksum: boolean

  /** @param options - Credentials, region and service to sign with, and whether S3's rules apply. */
  constructor(options: SignatureV4Init) {
    const { service, region, credentials, uriEscapePath = true, applyChecksum } = options
    this.service = service
    this.regionProvider = region
    this.credentialProvider = credentials
    this.uriEscapePath = uriEscapePath
    this.applyChecksum = applyChecksum !== false
  }

  /**
   * Signs a request with headers, or a string.
   *
   * @param request - The request, which is not changed, or a string to sign.
   * @param options - Date, scope, and which headers are signed.
   * @returns The request with `x-amz-date`, `authorization`, the session token if there is one and,
   * unless it exists or `applyChecksum` is `false`, `x-amz-content-sha256`; for a string, its signature in hex.
   * @throws `SigV4Error`: `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN`, `ERR_SIGV4_UNSUPPORTED` for an event
   * or a region set, `ERR_SIGV4_CRYPTO_UNAVAILABLE`; `TypeError`: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`.
   */
  sign(request: string, options?: SigningArguments): Promise<string>
  sign(request: HttpRequest, options?: RequestSigningArguments): Promise<HttpRequest>
  async sign(request: string | HttpRequest, options: RequestSigningArguments = {}): Promise<string | HttpRequest> {
    if (typeof request !== 'string') return this.signRequest(request, options)
    if ((options as { eventStreamCredentials?: unknown }).eventStreamCredentials)
      failEvents('options.eventStreamCredentials')
    const { credentials, context } = await this.prepare(options)
    return signString(request, context, credentials)
  }

  /**
   * Presigns a request: `x-amz-` headers become query parameters, and so does the signature.
   *
   * @param request - The request, which is not changed.
   * @param options - Date, lifetime, scope, and which headers are signed or become query parameters.
   * @returns The request, whose `query` has to be sent encoded.
   * @throws The errors of `sign`, and `ERR_SIGV4_EXPIRES_RANGE`.
   */
  async presign(request: HttpRequest, options: RequestPresigningArguments = {}): Promise<HttpRequest> {
    const { expiresIn = 3600 } = options
    const prepared = copyRequest(request)
    const { query } = prepared
    const { credentials, context } = await this.prepare(options)
    if (!isStringOrNumber(expiresIn)) fail('ERR_INVALID_ARG_TYPE', 'options.expiresIn', 'type', 'Pass seconds.')
    if (!(Number(expiresIn) <= MAX_EXPIRES))
      fail('ERR_SIGV4_EXPIRES_RANGE', 'options.expiresIn', 'range', `Pass up to ${MAX_EXPIRES} seconds.`)
    const payloadHash = await payloadHashOf(prepared)
    hoistHeaders(prepared, options)
    if (credentials.sessionToken) query['X-Amz-Security-Token'] = credentials.sessionToken
    query['X-Amz-Algorithm'] = context.algorithm
    query['X-Amz-Credential'] = `${credentials.accessKeyId}/${context.scope}`
    query['X-Amz-Date'] = context.amzDate
    query['X-Amz-Expires'] = String(expiresIn)
    const headers = canonicalHeaders(prepared, options)
    query['X-Amz-SignedHeaders'] = namesOf(headers)
    query['X-Amz-Signature'] = await signature(
      this.unsigned(prepared, headers, payloadHash, context),
      credentials,
      SIGV4,
    )
    return prepared
  }

  /** Rejects: events are signed by `sigv4/streams`. */
  async signMessage(): Promise<never> {
    return failEvents('message')
  }

  /** Rejects: S3 Express signs with the keys of a session, which clients without `signerConstructor` do. */
  async signWithCredentials(): Promise<never> {
    return failExpress('signWithCredentials')
  }

  /** Rejects, as `signWithCredentials` does. */
  async presignWithCredentials(): Promise<never> {
    return failExpress('presignWithCredentials')
  }

  private async signRequest(request: HttpRequest, options: RequestSigningArguments): Promise<HttpRequest> {
    if ((request as { message?: unknown }).message) return this.signMessage()
    if (request.headers && (request as { payload?: unknown }).payload) failEvents('event')
    const prepared = copyRequest(request)
    const { headers } = prepared
    const { credentials, context } = await this.prepare(options)
    headers['x-amz-date'] = context.amzDate
    if (credentials.sessionToken) headers['x-amz-security-token'] = credentials.sessionToken
    const payloadHash = await payloadHashOf(prepared)
    if (this.applyChecksum) addHashHeader(prepared, payloadHash)
    const signed = canonicalHeaders(prepared, options)
    const unsigned = { ...this.unsigned(prepared, signed, payloadHash, context), accessKeyId: credentials.accessKeyId }
    headers.authorization = formatAuthorization(unsigned, await signature(unsigned, credentials, SIGV4))
    return prepared
  }

  /** Resolves the credentials and the scope of a signature. */
  private async prepare(options: SigningArguments): Promise<Signing> {
    const { signingDate, signingRegion, signingService } = options
    const credentials = await resolve(this.credentialProvider)
    checkCredentials(credentials)
    const region = signingRegion ?? (await resolve(this.regionProvider))
    const service = signingService ?? this.service
    checkScopePart(signingRegion === undefined ? 'region' : 'signingRegion', region)
    checkScopePart(signingService === undefined ? 'service' : 'signingService', service)
    const time = signingDate === undefined ? undefined : epochMs(signingDate)
    return { credentials, context: signingContext({ region, service, signingDate: time, s3: false }, Date.now()) }
  }

  private unsigned(
    { method, path, query }: PreparedRequest,
    headers: Pair[],
    payloadHash: string,
    context: RequestContext,
  ): Unsigned {
    const uri = canonicalPath(path, this.uriEscapePath)
    const signedHeaders = namesOf(headers)
    return { context, parts: { method, uri, query: canonicalQuery(query), headers, signedHeaders, payloadHash } }
  }
}

async function resolve<Value>(source: Provided<Value>): Promise<Value> {
  return typeof source === 'function' ? (source as () => Value | Promise<Value>)() : source
}

function namesOf(headers: readonly Pair[]): string {
  return headers.map(([name]) => name).join(';')
}

/** Throws unless the credentials have both parts. The signer that this replaces accepts any strings, but nothing signs with an empty one. */
function checkCredentials(credentials: SecretCredentials): void {
  const { accessKeyId, secretAccessKey } = Object(credentials) as Partial<SecretCredentials>
  for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey }))
    if (typeof value !== 'string' || !value)
      fail('ERR_SIGV4_CREDENTIALS_MISSING', `options.credentials.${name}`, value ? 'type' : 'missing')
}

function checkScopePart(name: string, value: unknown): void {
  const argument = `options.${name}`
  if (typeof value !== 'string' || !value) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, value ? 'type' : 'missing')
  if (/[*,]/.test(value))
    fail('ERR_SIGV4_UNSUPPORTED', argument, 'unusable', "Sign for several regions with 'sigv4/sigv4a'.")
  if (/[\s/]/.test(value)) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
}

/** Returns a time in whole milliseconds; `NaN` if it is invalid. */
function epochMs(date: DateInput): number {
  if (hasTag(date, 'Date')) return Number(date)
  // digits are seconds, except for `0`, which is the year 2000
  if (typeof date === 'number' || (typeof date === 'string' && Number(date))) return Math.trunc(Number(date) * 1000)
  return Date.parse(date as string)
}

function failEvents(argument: string): never {
  return fail('ERR_SIGV4_UNSUPPORTED', argument, 'unusable', "Sign events with signEvents of 'sigv4/streams'.")
}

function failExpress(method: string): never {
  return fail(
    'ERR_SIGV4_UNSUPPORTED',
    method,
    'unusable',
    "For S3 Express, omit signerConstructor, or use s3ExpressSession of 'sigv4/tokens'.",
  )
}
