import { isObject } from './body.ts'
import { queryEntries } from './canonical.ts'
import { type Credentials, checkCredentials, credentialScope } from './credentials.ts'
import { uriEncode } from './encoding.ts'
import { fail } from './errors.ts'
import { isText, refuseSigned } from './headers.ts'
import type { QueryInput, SigningOptions } from './options.ts'
import type { SigningContext } from './plan.ts'
import { type HostScope, isS3 } from './services.ts'
import { checkUrlText, type UrlParts } from './target.ts'
import { formatAmzDate } from './time.ts'

/** SHA-256 of the empty body */
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Reads service and region from a host. */
export type HostReader = (host: string) => HostScope

/** The target's parts, its path encoded as it is sent, and what it says of the scope. */
export interface ReadTarget extends UrlParts {
  readonly region?: string | undefined
  readonly service?: string | undefined
}

/** Completes the options with their defaults into what signing needs. */
export function signingContext(
  target: Pick<ReadTarget, 'host' | 'region' | 'service'>,
  options: SigningOptions<unknown>,
  credentials: Credentials<unknown>,
  time: number,
  hostScope: HostReader,
): SigningContext {
  const { host } = target
  const amzDate = formatAmzDate(time)
  checkCredentials(credentials, time)
  let region = options.region || target.region
  let service = options.service || target.service
  if (!region || !service) {
    const known = hostScope(host)
    region ||= known.region
    service ||= known.service
  }
  const { accessKeyId, sessionToken } = credentials
  const scope = credentialScope({ date: amzDate.slice(0, 8), region: region ?? '', service: service ?? '' })
  if (!/^\d+(?:\/[\w-]+){3}$/.test(scope) || /\.s3-(?:global\.|website[.-])/.test(host))
    fail(
      'ERR_SIGV4_SCOPE_UNKNOWN',
      `${host} does not say region and service, or takes no Signature Version 4: pass options.region and options.service`,
    )
  const s3 = isS3(service!)
  return {
    amzDate,
    scope,
    accessKeyId,
    sessionToken:
      choice(options, 'sessionTokenPlacement', 'signed', 'appended') === 'signed' ? sessionToken : undefined,
    pathEncoding: choice(options, 'pathEncoding', s3 ? 'single' : 'double', s3 ? 'double' : 'single'),
    pathNormalization: choice(options, 'pathNormalization', s3 ? 'none' : 'rfc3986', s3 ? 'rfc3986' : 'none'),
    s3,
  }
}

/** An option that is one of two words, by default the first. */
function choice<Name extends keyof SigningOptions, Word extends SigningOptions[Name]>(
  options: SigningOptions<unknown>,
  name: Name,
  usual: Word,
  other: Word,
): Word {
  const word = options[name] as Word | undefined
  if (word !== usual && word !== other && word !== undefined)
    fail('ERR_INVALID_ARG_VALUE', `options.${name} must be '${usual}' or '${other}'`)
  return word ?? usual
}

/** Throws unless options are an object. */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) fail('ERR_INVALID_ARG_TYPE', 'options must be an object with credentials')
}

/** The signing time in whole seconds since 1970. */
export function signingTime(options: SigningOptions<unknown>, now: number): number {
  return Math.floor(Number(options.signingDate ?? now) / 1000)
}

/** The method as it is sent: upper case, which `fetch` does to some methods but not to all. */
export function sentMethod(method: string): string {
  if (typeof method !== 'string' || !/^[\w-]+$/.test(method))
    fail('ERR_INVALID_ARG_VALUE', "method must be a name like 'GET'")
  return method.toUpperCase()
}

/** Throws unless a payload hash is one: 64 lower-case hex digits, or one of the words that S3 knows. */
export function checkPayloadHash(payloadHash: string): void {
  if (payloadHash !== 'UNSIGNED-PAYLOAD' && !/^(?:[\da-f]{64}|STREAMING-[A-Z\d-]+)$/.test(payloadHash))
    fail('ERR_INVALID_ARG_VALUE', "options.payloadHash must be a SHA-256 in lower-case hex or 'UNSIGNED-PAYLOAD'")
}

/** The parameters of the URL, and behind them those that the options add. */
export function readQuery(query: string, added: QueryInput = {}): string[] {
  checkUrlText(query)
  const entries = queryEntries(query)
  if (!isObject(added) || Symbol.iterator in added)
    fail('ERR_INVALID_ARG_TYPE', 'options.query must be an object: pass Object.fromEntries(query)')
  for (const name of Object.keys(added))
    for (const value of [added[name]].flat()) {
      if (value === undefined) continue
      if (!isText(value))
        fail('ERR_INVALID_ARG_TYPE', `options.query[${JSON.stringify(name)}] must be a string, or a list of strings`)
      entries.push(`${uriEncode(name)} ${uriEncode(String(value))}`)
    }
  for (const entry of entries) if (/^x-amz-/i.test(entry)) refuseSigned(entry.split(' ')[0]!)
  return entries
}
