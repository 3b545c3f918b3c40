import { fail, SigV4Error } from '../core/errors.ts'
import { formatStringToSign } from '../core/signing/string-to-sign.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import { canonicalPath, getCanonicalQuery } from './canonical.ts'
import type {
  DateInput,
  HashConstructor,
  HeaderBag,
  HttpRequest,
  Provided,
  ResolvedCredentials,
  SignatureV4Init,
} from './options.ts'

/**
 * What signers have in common: the class that `SignatureV4` extends, and `SignatureV4a` of @smithy/signature-v4a.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export abstract class SignatureV4Base {
  // The AWS SDK's signer for S3 Express is a subclass that replaces credentialProvider, and calls signRequest.
  protected readonly service: string
  protected readonly regionProvider: () => Promise<string>
  protected readonly credentialProvider: () => Promise<ResolvedCredentials>
  protected readonly sha256: HashConstructor
  private readonly uriEscapePath: boolean
  protected readonly applyChecksum: boolean

  /** @param options - Credentials, region and service to sign with, and whether S3's rules apply. */
  protected constructor(options: SignatureV4Init) {
    const { service, region, credentials, sha256, uriEscapePath = true, applyChecksum } = options
    this.service = service
    this.sha256 = sha256 as HashConstructor
    this.uriEscapePath = uriEscapePath
    this.applyChecksum = applyChecksum !== false
    this.regionProvider = provider(region)
    this.credentialProvider = provider(credentials as Provided<ResolvedCredentials>)
  }

  /** Formats the canonical request. A request without headers has an additional empty line. */
  protected createCanonicalRequest(request: HttpRequest, canonicalHeaders: HeaderBag, payloadHash: string): string {
    const { method, path } = request
    const uri = canonicalPath(path, this.uriEscapePath)
    const lines = Object.keys(canonicalHeaders)
      .sort()
      .map((name) => `${name}:${canonicalHeaders[name]}`)
    const signedHeaders = this.getCanonicalHeaderList(canonicalHeaders)
    return `${method}\n${uri}\n${getCanonicalQuery(request)}\n${lines.join('\n')}\n\n${signedHeaders}\n${payloadHash}`
  }

  /** Hashes the canonical request, and formats the string to sign. */
  protected async createStringToSign(
    longDate: string,
    credentialScope: string,
    canonicalRequest: string,
    algorithmIdentifier: string,
  ): Promise<string> {
    const context = { algorithm: algorithmIdentifier, amzDate: longDate, scope: credentialScope }
    return formatStringToSign(context, await sha256Hex(canonicalRequest))
  }

  /** Throws unless the credentials have both parts. @smithy/signature-v4 accepts empty ones, with which nothing can be signed. */
  protected validateResolvedCredentials(credentials: unknown): void {
    const { accessKeyId, secretAccessKey } = Object(credentials) as Partial<ResolvedCredentials>
    for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey })) {
      if (typeof value === 'string' && value) continue
      const error = new SigV4Error('ERR_SIGV4_CREDENTIALS_MISSING', 'Resolved credential object is not valid')
      throw Object.assign(error, { argument: `options.credentials.${name}`, reason: value ? 'type' : 'missing' })
    }
  }

  /** Formats a date as `20150830T123600Z`, and its day. */
  protected formatDate(now: DateInput): { longDate: string; shortDate: string } {
    const longDate = amzDate(now)
    // an amz date has four digits for the year
    if (!/^[1-9]\d{7}T\d{6}Z$/.test(longDate)) fail('ERR_INVALID_ARG_VALUE', 'options.signingDate', 'invalid')
    return { longDate, shortDate: longDate.slice(0, 8) }
  }

  /** Returns the names of headers, sorted, and separated by semicolons. */
  protected getCanonicalHeaderList(headers: object): string {
    return Object.keys(headers).sort().join(';')
  }
}

function provider<Value>(source: Provided<Value>): () => Promise<Value> {
  return typeof source === 'function' ? (source as () => Promise<Value>) : async () => source
}

/** Returns an amz date; an empty string if the date is invalid. Tests replace `Date`: it is called as @smithy/signature-v4 does. */
function amzDate(date: DateInput): string {
  try {
    return toDate(date)
      .toISOString()
      .replace(/\.\d{3}Z$|[-:]/g, (part) => (part.length > 1 ? 'Z' : ''))
  } catch {
    return ''
  }
}

function toDate(date: DateInput): Date {
  if (typeof date === 'number') return new Date(date * 1000)
  if (typeof date !== 'string') return date
  // digits are seconds, except for `0`, which is the year 2000
  return new Date(Number(date) ? Number(date) * 1000 : date)
}
