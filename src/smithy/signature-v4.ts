import { fail } from '../core/errors.ts'
import { isStringOrNumber } from '../core/http/headers.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { formatAuthorization } from '../core/signing/sign.ts'
import { type HmacKey, hmacHex, sha256Hex } from '../crypto/webcrypto.ts'
import { getCanonicalHeaders } from './canonical.ts'
import {
  ALGORITHM_IDENTIFIER,
  ALGORITHM_QUERY_PARAM,
  AMZ_DATE_HEADER,
  AMZ_DATE_QUERY_PARAM,
  AUTH_HEADER,
  CREDENTIAL_QUERY_PARAM,
  EVENT_ALGORITHM_IDENTIFIER,
  EXPIRES_QUERY_PARAM,
  MAX_PRESIGNED_TTL,
  SHA256_HEADER,
  SIGNATURE_QUERY_PARAM,
  SIGNED_HEADERS_QUERY_PARAM,
  TOKEN_HEADER,
  TOKEN_QUERY_PARAM,
} from './constants.ts'
import { createScope, runtimeKey } from './derivation.ts'
import { encodeHeaders } from './event-headers.ts'
import type {
  DateInput,
  EventSigningArguments,
  FormattedEvent,
  HttpRequest,
  MessageSigningArguments,
  RequestPresigningArguments,
  RequestSigningArguments,
  SignableMessage,
  SignatureV4Init,
  SignedMessage,
  SigningArguments,
} from './options.ts'
import { copyRequest, hasHeader, moveHeadersToQuery, payloadHash } from './request.ts'
import { SignatureV4Base } from './signature-v4-base.ts'

/** When, where and with which key a signature is made. */
interface Signing {
  readonly longDate: string
  readonly scope: string
  readonly key: () => Promise<HmacKey>
}

/**
 * Signs requests and events as `SignatureV4` of @smithy/signature-v4 5.7.5 does, without dependencies.
 * It is also the `signerConstructor` of the clients of the AWS SDK.
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
export class SignatureV4 extends SignatureV4Base {
  /** @param options - Credentials, region and service to sign with, and whether S3's rules apply. */
  constructor(options: SignatureV4Init) {
    super(options)
  }

  /**
   * Signs a request with headers, a string, or an event.
   *
   * @param request - The request, which is not changed, a string to sign, an event, or a message.
   * @param options - Date, scope, and which headers are signed; for an event, the signature before it.
   * @returns The request with `x-amz-date`, `authorization`, the session token if there is one and,
   * unless it exists or `applyChecksum` is `false`, `x-amz-content-sha256`; for a string or an event, its signature in hex;
   * for a message, the message and its signature.
   * @throws `SigV4Error`: `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN`, `ERR_SIGV4_UNSUPPORTED` for a region
   * set, `ERR_SIGV4_CRYPTO_UNAVAILABLE`; `TypeError`: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`.
   */
  sign(request: string, options?: SigningArguments): Promise<string>
  sign(request: FormattedEvent, options: EventSigningArguments): Promise<string>
  sign(request: SignableMessage, options: MessageSigningArguments): Promise<SignedMessage>
  sign(request: HttpRequest, options?: RequestSigningArguments): Promise<HttpRequest>
  async sign(
    request: string | HttpRequest | FormattedEvent | SignableMessage,
    options?: SigningArguments,
  ): Promise<string | HttpRequest | SignedMessage> {
    if (typeof request === 'string') return this.signString(request, options)
    if ('payload' in request && request.headers && request.payload)
      return this.signEvent(request, options as EventSigningArguments)
    if ('message' in request && request.message) return this.signMessage(request, options as MessageSigningArguments)
    return this.signRequest(request as HttpRequest, options)
  }

  /**
   * Presigns a request: `x-amz-` headers become query parameters, and so does the signature.
   *
   * @param request - The request, which is not changed.
   * @param options - Date, lifetime, scope, and which headers are signed or become query parameters.
   * @returns The request, whose `query` has to be sent encoded.
   * @throws The errors of `sign`; for a lifetime of more than 7 days, a string, as @smithy/signature-v4 does.
   */
  async presign(request: HttpRequest, options: RequestPresigningArguments = {}): Promise<HttpRequest> {
    const { signingDate = new Date(), expiresIn = 3600, unsignableHeaders, signableHeaders } = options
    const copy = copyRequest(request)
    const credentials = await this.credentialProvider()
    const { longDate, scope, key } = await this.prepare(credentials, signingDate, options)
    if (!isStringOrNumber(expiresIn)) fail('ERR_INVALID_ARG_TYPE', 'options.expiresIn', 'type', 'Pass seconds.')
    if (Number.isNaN(Number(expiresIn))) fail('ERR_INVALID_ARG_VALUE', 'options.expiresIn', 'invalid', 'Pass seconds.')
    if (expiresIn > MAX_PRESIGNED_TTL)
      return Promise.reject(
        'Signature version 4 presigned URLs must have an expiration date less than one week in the future',
      )
    const original = copy()
    const prepared = moveHeadersToQuery(original, options)
    const { query } = prepared
    if (credentials.sessionToken) query[TOKEN_QUERY_PARAM] = credentials.sessionToken
    query[ALGORITHM_QUERY_PARAM] = ALGORITHM_IDENTIFIER
    query[CREDENTIAL_QUERY_PARAM] = `${credentials.accessKeyId}/${scope}`
    query[AMZ_DATE_QUERY_PARAM] = longDate
    query[EXPIRES_QUERY_PARAM] = String(expiresIn)
    const headers = getCanonicalHeaders(prepared, unsignableHeaders, signableHeaders)
    query[SIGNED_HEADERS_QUERY_PARAM] = this.getCanonicalHeaderList(headers)
    const hash = await payloadHash(original, sha256Hex)
    const canonicalRequest = this.createCanonicalRequest(prepared, headers, hash)
    query[SIGNATURE_QUERY_PARAM] = await this.getSignature(longDate, scope, key(), canonicalRequest)
    return prepared
  }

  /**
   * Signs a message, whose headers it encodes.
   *
   * @param signableMessage - The message, and the signature of the event before it.
   * @param options - Date, scope, and credentials of the stream.
   * @returns The message and its signature.
   * @throws The errors of `sign`.
   */
  async signMessage(
    { message, priorSignature }: SignableMessage,
    { signingDate = new Date(), signingRegion, signingService, eventStreamCredentials }: MessageSigningArguments,
  ): Promise<SignedMessage> {
    const event = { headers: encodeHeaders(message.headers), payload: message.body }
    const options = { signingDate, signingRegion, signingService, eventStreamCredentials, priorSignature }
    return { message, signature: await this.signEvent(event, options as EventSigningArguments) }
  }

  /** Rejects: S3 Express signs with the keys of a session, which clients without `signerConstructor` do. */
  async signWithCredentials(): Promise<never> {
    return failExpress('signWithCredentials')
  }

  /** Rejects, as `signWithCredentials` does. */
  async presignWithCredentials(): Promise<never> {
    return failExpress('presignWithCredentials')
  }

  private async signEvent({ headers, payload }: FormattedEvent, options: EventSigningArguments): Promise<string> {
    const { signingDate = new Date(), priorSignature } = options
    const [signingRegion, service] = await this.regionAndService(options)
    const { longDate, shortDate } = this.formatDate(signingDate)
    const scope = createScope(shortDate, signingRegion, service)
    const hashes = [await sha256Hex(headers), await payloadHash({ headers: {}, body: payload }, sha256Hex)]
    const stringToSign = [EVENT_ALGORITHM_IDENTIFIER, longDate, scope, priorSignature, ...hashes].join('\n')
    return this.signString(stringToSign, { ...options, signingDate, signingRegion })
  }

  private async signString(stringToSign: string, options: MessageSigningArguments = {}): Promise<string> {
    const { signingDate = new Date(), eventStreamCredentials } = options
    const { key } = await this.prepare(
      eventStreamCredentials ?? (await this.credentialProvider()),
      signingDate,
      options,
    )
    return hmacHex(await key(), stringToSign)
  }

  private async signRequest(request: HttpRequest, options: RequestSigningArguments = {}): Promise<HttpRequest> {
    const { signingDate = new Date(), signableHeaders, unsignableHeaders } = options
    const copy = copyRequest(request)
    const credentials = await this.credentialProvider()
    const { longDate, scope, key } = await this.prepare(credentials, signingDate, options)
    const prepared = copy()
    const { headers } = prepared
    headers[AMZ_DATE_HEADER] = longDate
    if (credentials.sessionToken) headers[TOKEN_HEADER] = credentials.sessionToken
    const hash = await payloadHash(prepared, sha256Hex)
    if (this.applyChecksum && !hasHeader(SHA256_HEADER, headers)) headers[SHA256_HEADER] = hash
    const signed = getCanonicalHeaders(prepared, unsignableHeaders, signableHeaders)
    const canonicalRequest = this.createCanonicalRequest(prepared, signed, hash)
    const signature = await this.getSignature(longDate, scope, key(), canonicalRequest)
    const parts = { signedHeaders: this.getCanonicalHeaderList(signed) }
    const context = { algorithm: ALGORITHM_IDENTIFIER, scope }
    headers[AUTH_HEADER] = formatAuthorization({ context, parts, accessKeyId: credentials.accessKeyId }, signature)
    return prepared
  }

  /** Checks the credentials, and returns the scope and the key of a signature. */
  private async prepare(
    credentials: SecretCredentials,
    signingDate: DateInput,
    options: SigningArguments,
  ): Promise<Signing> {
    this.validateResolvedCredentials(credentials)
    const [region, service] = await this.regionAndService(options)
    const { longDate, shortDate } = this.formatDate(signingDate)
    const scope = createScope(shortDate, region, service)
    return { longDate, scope, key: () => runtimeKey(credentials, shortDate, region, service) }
  }

  private async regionAndService({ signingRegion, signingService }: SigningArguments): Promise<[string, string]> {
    const region = signingRegion ?? (await this.regionProvider())
    const service = signingService ?? this.service
    checkScopePart(signingRegion === undefined ? 'region' : 'signingRegion', region)
    checkScopePart(signingService === undefined ? 'service' : 'signingService', service)
    return [region, service]
  }

  /** Hashes the request while the key is being derived. */
  private async getSignature(
    longDate: string,
    scope: string,
    key: Promise<HmacKey>,
    canonicalRequest: string,
  ): Promise<string> {
    const stringToSign = await this.createStringToSign(longDate, scope, canonicalRequest, ALGORITHM_IDENTIFIER)
    return hmacHex(await key, stringToSign)
  }
}

function checkScopePart(name: string, value: unknown): void {
  const argument = `options.${name}`
  if (typeof value !== 'string' || !value) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, value ? 'type' : 'missing')
  if (/[*,]/.test(value))
    fail('ERR_SIGV4_UNSUPPORTED', argument, 'unusable', "Sign for several regions with 'sigv4/sigv4a'.")
  if (/[\s/]/.test(value)) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
}

function failExpress(method: string): never {
  return fail(
    'ERR_SIGV4_UNSUPPORTED',
    method,
    'unusable',
    "For S3 Express, omit signerConstructor, or use s3ExpressSession of 'sigv4/tokens'.",
  )
}
