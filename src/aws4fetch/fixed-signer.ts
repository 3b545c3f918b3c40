import { parseAmzDate } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import { isReserved } from '../core/http/headers.ts'
import { appendsToken, isS3 } from '../core/services.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { hostScope, readHostScope } from '../core/signing/hosts.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { preparePresign, readPresign } from '../core/signing/presign.ts'
import { signingContext } from '../core/signing/scope.ts'
import { prepareSign, readSign } from '../core/signing/sign.ts'
import { hashBody } from '../crypto/body.ts'
import { PASSED_ON } from '../fetch/call.ts'
import type { SignedRequestOptions } from '../fetch/options.ts'
import { SIGNING_NAMES, scalingService } from './host.ts'
import type { AwsRequestOptions, AwsSignedRequest, AwsV4SignerOptions } from './options.ts'
import { AwsV4Signer, HASH_HEADER } from './signer.ts'

/** Headers that aws4fetch does not sign, in addition to those that the core does not sign. */
const UNSIGNED = ['content-length', 'presigned-expires']

/** `AwsV4Signer` without the bugs: the fields are those that the core computes, and the methods use them. */
export class FixedSigner extends AwsV4Signer {
  constructor(options: AwsV4SignerOptions) {
    super(options)
    const { method, signQuery, accessKeyId, secretAccessKey, sessionToken } = this
    const { url, headers, expires, signing } = readSigning(options, new URL(options.url), new Headers(options.headers))
    const credentials: SecretCredentials = { accessKeyId, secretAccessKey, sessionToken }
    const given = { ...signing, credentials }
    const input = signQuery
      ? readPresign(
          method,
          url,
          { ...given, headers, expires: expires ?? (isS3(signing.service) && 86_400) },
          { readScope: readHostScope },
        )
      : readSign({ method, url, headers }, given, readHostScope)
    // biome-ignore lint/complexity/useDateNow: tests replace Date, and AwsV4Signer reads it in this way
    const context = signingContext(input.scope, Number(new Date()))
    // the methods compute the hash of the body
    const content = { body: undefined, payloadHash: signing.payloadHash ?? UNSIGNED_PAYLOAD }
    const prepared =
      'names' in input ? preparePresign(input, credentials, context) : prepareSign(input, content, credentials, context)
    const { uri, query, headers: lines, signedHeaders } = prepared.parts
    Object.assign(this, {
      method: prepared.parts.method,
      url: new URL(signQuery ? `${prepared.url}?${query}` : prepared.url),
      headers: new Headers(prepared.headers),
      service: context.service,
      region: context.region,
      datetime: context.amzDate,
      appendSessionToken: signing.sessionTokenPlacement === 'appended',
      signableHeaders: signedHeaders.split(';'),
      signedHeaders,
      canonicalHeaders: lines.map((line) => line.join(':')).join('\n'),
      credentialString: context.scope,
      encodedPath: uri,
      encodedSearch: query,
    })
  }

  override async sign(): Promise<AwsSignedRequest> {
    const { url, headers, sessionToken } = this
    const token = this.appendSessionToken ? sessionToken : undefined
    if (this.signQuery) {
      const signature = await this.signature()
      url.search += `&X-Amz-Signature=${signature}${token ? `&X-Amz-Security-Token=${encodeURIComponent(token)}` : ''}`
    } else {
      headers.set('Authorization', await this.authHeader())
      if (token) headers.set('X-Amz-Security-Token', token)
    }
    return { method: this.method, url, headers, body: this.body }
  }

  override async hexBodyHash(): Promise<string> {
    return this.headers.get(HASH_HEADER) || (isS3(this.service) ? UNSIGNED_PAYLOAD : hashBody(this.body))
  }
}

/** Signing options of the core, with the URL and headers as they are before signing. */
export interface Signing {
  readonly url: URL
  readonly headers: Headers
  /** The lifetime in the parameter or header X-Amz-Expires. */
  readonly expires: string | undefined
  readonly signing: SignedRequestOptions
}

/** Reads the options of a request; `url` and `headers` are changed. */
export function readSigning(options: AwsRequestOptions, url: URL, headers: Headers): Signing {
  const expires = url.searchParams.get('X-Amz-Expires') ?? headers.get('X-Amz-Expires') ?? undefined
  const payloadHash = headers.get(HASH_HEADER) || undefined
  for (const name of [...url.searchParams.keys()]) if (isReserved(name)) url.searchParams.delete(name)
  for (const name of ['authorization', 'host', HASH_HEADER]) headers.delete(name)
  for (const name of [...headers.keys()]) if (isReserved(name)) headers.delete(name)

  const { datetime, singleEncode, appendSessionToken, allHeaders } = options
  const known = hostScope(url.host, url.pathname)
  const service = options.service || serviceOf(known.service, url, headers)
  const names = [...headers.keys()]
  return {
    url,
    headers,
    expires,
    signing: {
      service,
      region: options.region || known.region || 'us-east-1',
      payloadHash,
      payloadHashHeader: payloadHash ? true : undefined,
      signingDate: datetime ? readDate(datetime) : undefined,
      pathEncoding: singleEncode ? 'single' : undefined,
      sessionTokenPlacement: appendSessionToken || appendsToken(service) ? 'appended' : 'signed',
      signHeaders: allHeaders ? names : undefined,
      unsignedHeaders: UNSIGNED.concat(names.filter((name) => PASSED_ON.test(name))),
    },
  }
}

/** Returns the signing name where the host does not determine it. */
function serviceOf(service: string | undefined, { pathname }: URL, headers: Headers): string | undefined {
  if (service === 'iotdata' && pathname === '/mqtt') return 'iotdevicegateway'
  if (service === 'autoscaling') return scalingService(headers)
  return service && Object.hasOwn(SIGNING_NAMES, service) ? SIGNING_NAMES[service] : service
}

function readDate(datetime: string): number {
  const time = parseAmzDate(datetime)
  if (time === undefined)
    fail('ERR_INVALID_ARG_VALUE', 'options.datetime', 'invalid', 'Pass a string such as 20150830T123600Z.')
  return time * 1000
}
