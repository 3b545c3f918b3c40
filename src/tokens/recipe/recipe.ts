import { encodeBase64 } from '../../core/encoding/base64.ts'
import type { Expires, Now } from '../../core/encoding/time.ts'
import { members } from '../../core/members.ts'
import type { Credentials } from '../../core/signing/credentials.ts'
import type { PresignOptions } from '../../core/signing/options.ts'
import { type PresignInput, preparePresign, presigned, readPresign } from '../../core/signing/presign.ts'
import { type ScopeReader, scopeInput, signingContext } from '../../core/signing/scope.ts'
import { prepareSign, type SignedRequest, type SignInput, signed } from '../../core/signing/sign.ts'
import type { Unsigned } from '../../core/signing/string-to-sign.ts'

// A recipe is everything about a token except its credentials, its time, and the implementation of SHA-256.

/** Signing options: credentials and time. */
export interface LoginOptions<Source = Credentials> {
  /** Credentials to sign with. */
  readonly credentials: Source
  /** Time of signing: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
}

export const LOGIN_OPTIONS = /* @__PURE__ */ members('credentials now')

/** Signing options: credentials, time, and lifetime. */
export interface TokenOptions<Source = Credentials> extends LoginOptions<Source> {
  /**
   * Lifetime of the token: seconds, `'90s' '15m' '1h'`, or a `Date`. Each service has its own limit.
   * @default 15 minutes; `bedrockKey`: 12 hours
   */
  readonly expires?: Expires | undefined
}

export const TOKEN_OPTIONS = /* @__PURE__ */ members('credentials expires now')

/** Signing options: credentials, time, and region. */
export interface RegionOptions<Source = Credentials> extends LoginOptions<Source> {
  /** Region of the service. @default determined from the host */
  readonly region?: string | undefined
}

export const REGION_OPTIONS = /* @__PURE__ */ members('credentials region now')

/** Expiration of a token. */
export interface Lifetime {
  /** Expiration of the token or of the credentials, whichever comes first. */
  readonly expiresAt: Date
  /** Set if the credentials expire before the token would. */
  readonly limitedBy?: 'credentials'
}

/** A token, and its expiration. */
export interface Token extends Lifetime {
  readonly token: string
}

/** A request or string that is complete except for its signature, and a function that creates the result from it. */
export interface Draft<Result> {
  readonly unsigned: Unsigned
  readonly finish: (signature: string) => Result
}

/** The arguments of a token, as they were read. */
export interface Recipe<Result> {
  /** A body whose SHA-256 `prepare` expects. */
  readonly body?: string
  readonly prepare: (credentials: Credentials<unknown>, now: number, payloadHash: string) => Draft<Result>
}

/** Limits a lifetime, which ends at `end` (epoch milliseconds), to that of the credentials. */
export function lifetime(end: number, { expiration }: Credentials<unknown>): Lifetime {
  const last = Math.min(end, Number(expiration ?? end))
  return { expiresAt: new Date(last), ...(last < end && { limitedBy: 'credentials' }) }
}

export function knownScope(service: string, region: string): ScopeReader {
  return (_, options) => scopeInput(region, service, options)
}

/** Reads a URL to presign, which may be valid for at most `maxExpires` seconds. */
export function readUrl(
  method: string,
  url: string,
  { service, region }: { readonly service: string; readonly region: string },
  options: TokenOptions<unknown>,
  maxExpires: number,
  headers?: PresignOptions['headers'],
): PresignInput {
  return readPresign(method, url, { ...options, headers }, { readScope: knownScope(service, region), maxExpires })
}

/** Returns the recipe of a presigned URL. `format` also receives the signing time, in epoch milliseconds, and the credentials. */
export function urlRecipe<Result>(
  input: PresignInput,
  format: (url: string, life: Lifetime, start: number, credentials: Credentials<unknown>) => Result,
): Recipe<Result> {
  return {
    prepare: (credentials, now) => {
      const context = signingContext(input.scope, now)
      const unsigned = preparePresign(input, credentials, context)
      return {
        unsigned,
        finish: (signature) => {
          const { method: _, headers: __, url, ...life } = presigned(unsigned, signature)
          return format(url, life, context.time * 1000, credentials)
        },
      }
    },
  }
}

/** Formats a token that is a URL without its scheme. */
export function bareToken(url: string, life: Lifetime): Token {
  return { token: withoutScheme(url), ...life }
}

/** Lifetime of a signed request without an expiry, in milliseconds: five minutes, according to IAM's guide. */
const REQUEST_LIFETIME = 300_000

/** Returns the recipe of a request with an `Authorization` header. */
export function requestRecipe<Result>(
  input: SignInput,
  body: string | undefined,
  format: (request: SignedRequest<string>, lifetime: Lifetime) => Result,
): Recipe<Result> {
  return {
    body: body ?? '',
    prepare: (credentials, now, payloadHash) => {
      const unsigned = prepareSign(input, { body, payloadHash }, credentials, signingContext(input.scope, now))
      const life = lifetime(unsigned.context.time * 1000 + REQUEST_LIFETIME, credentials)
      return {
        unsigned,
        finish: (signature) => format(signed(unsigned, signature) as SignedRequest<string>, life),
      }
    },
  }
}

export function withoutScheme(url: string): string {
  return url.slice(url.indexOf('/') + 2)
}

/** Encodes a string as base64 for URLs, without padding (RFC 4648 section 5). */
export function encodeBase64Url(string: string): string {
  return encodeBase64(string)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')
}
