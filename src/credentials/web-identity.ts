import type { CredentialsProvider } from '../async/credentials.ts'
import { keepCredentials } from '../async/hold.ts'
import { DURATION, type Duration, toSeconds } from '../core/durations.ts'
import { fail } from '../core/errors.ts'
import type { UrlLike } from '../core/http/url.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkValue } from '../core/rules.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { checkRegion } from '../core/signing/hosts.ts'
import { regionalHost } from '../core/signing/s3-hosts.ts'
import { readXmlCredentials, readXmlError, send } from './request.ts'
import { environment, readTokenFile } from './runtime.ts'

/** Options of `fromWebIdentity`. Missing ones are read from the environment, which Amazon EKS sets. */
export interface WebIdentityOptions {
  /**
   * Token of the identity provider, or a function that returns a current one, called for each refresh.
   *
   * @default content of the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names, read for each refresh
   */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** ARN of the role to assume. @default `AWS_ROLE_ARN` */
  readonly roleArn?: string | undefined
  /** Name of the session in CloudTrail. @default `AWS_ROLE_SESSION_NAME`, otherwise `sigv4-` and the time in milliseconds */
  readonly roleSessionName?: string | undefined
  /** Region of the STS endpoint. @default `AWS_REGION`, otherwise `AWS_DEFAULT_REGION` */
  readonly region?: string | undefined
  /** URL of a different STS endpoint, such as a VPC endpoint. @default the endpoint of the region */
  readonly endpoint?: string | UrlLike | undefined
  /** Lifetime of the credentials, up to the maximum of the role: seconds, or `'12h'`. @default `'1h'` */
  readonly duration?: Duration | undefined
}

const OPTIONS = /* @__PURE__ */ members('token roleArn roleSessionName region endpoint duration')

const TOKEN_FILE = 'AWS_WEB_IDENTITY_TOKEN_FILE'

/**
 * Returns a function that exchanges the token of an identity provider for the credentials of a role, with
 * `AssumeRoleWithWebIdentity` of AWS STS. Without options, it uses the IAM role of a service account in Amazon EKS.
 * Credentials are kept until five minutes before they expire.
 *
 * @param options - The token and the role.
 * @returns A function that returns a promise of the credentials, for `credentials`. It rejects with
 * `ERR_SIGV4_CREDENTIALS_MISSING` if the token or the role is missing or STS rejects them, and with
 * `ERR_SIGV4_SCOPE_UNKNOWN` if there is no region.
 * @throws Argument errors.
 * @example
 * ```ts
 * import { fromWebIdentity } from 'sigv4/credentials'
 * import { createSignedFetch } from 'sigv4/fetch'
 *
 * const credentials = fromWebIdentity({
 *   token: async () => (await fetch('https://login.example/token')).text(),
 *   roleArn: 'arn:aws:iam::123456789012:role/photos',
 *   region: 'eu-west-1',
 * })
 * const signedFetch = createSignedFetch({ credentials })
 * ```
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export function fromWebIdentity(options: WebIdentityOptions = {}): CredentialsProvider<Promise<SecretCredentials>> {
  checkMembers('options', options, OPTIONS)
  const { duration } = options
  checkValue('options.duration', duration, DURATION)
  if (options.endpoint !== undefined && !URL.canParse(String(options.endpoint)))
    fail('ERR_INVALID_ARG_VALUE', 'options.endpoint', 'invalid', 'Pass a URL.')
  return keepCredentials(async () => {
    const env = environment()
    const { roleArn = env.AWS_ROLE_ARN, region = env.AWS_REGION || env.AWS_DEFAULT_REGION } = options
    const { roleSessionName = env.AWS_ROLE_SESSION_NAME || `sigv4-${Date.now()}` } = options
    if (!roleArn) fail('ERR_SIGV4_CREDENTIALS_MISSING', 'options.roleArn', 'missing', 'Pass it, or set AWS_ROLE_ARN.')
    const url = String(
      options.endpoint ??
        `https://${regionalHost('sts', checkRegion(region, 'Pass it, or set AWS_REGION.', 'options.region'))}`,
    )
    const token = await identityToken(options.token)
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: roleSessionName,
      WebIdentityToken: token,
    })
    if (duration !== undefined) body.set('DurationSeconds', String(toSeconds(duration)))

    const argument = `The STS endpoint ${new URL(url).origin}`
    const response = await send(argument, url, { method: 'POST', body }, 5000, isUnreachable)
    if (response.status !== 200) {
      const { code = `status ${response.status}`, message = '' } = readXmlError(response.text)
      fail(
        'ERR_SIGV4_CREDENTIALS_MISSING',
        options.roleArn ? 'options.roleArn' : 'AWS_ROLE_ARN',
        'unusable',
        withoutToken(`STS returned ${code}. ${message}`.trim(), token),
      )
    }
    return readXmlCredentials(response, 'response of STS', 'Check options.endpoint.')
  })
}

async function identityToken(source: WebIdentityOptions['token']): Promise<string> {
  const path = source === undefined && environment()[TOKEN_FILE]
  if (path) return readTokenFile(TOKEN_FILE, path, 'Pass options.token.')
  const token = typeof source === 'function' ? await source() : source
  if (!token) fail('ERR_SIGV4_CREDENTIALS_MISSING', 'options.token', 'missing', `Pass it, or set ${TOKEN_FILE}.`)
  if (typeof token !== 'string') fail('ERR_INVALID_ARG_TYPE', 'options.token', 'type', 'Pass a string or a function.')
  return token
}

/** Returns whether STS could not reach the identity provider. */
function isUnreachable(text: string): boolean {
  return readXmlError(text).code === 'IDPCommunicationError'
}

/** Maximum length of a part of a token that is not hidden. */
const LONGEST_VISIBLE = 7

/** Hides each word that contains a part of a token, however it is encoded, and anything that may be a different token. */
function withoutToken(message: string, token: string): string {
  const secret = plain(token)
  const length = Math.min(secret.length, LONGEST_VISIBLE + 1)
  const parts = new Set<string>()
  for (let i = 0; i + length <= secret.length; i++) parts.add(secret.slice(i, i + length))
  return message.replace(/\S+/g, (word) => {
    const text = plain(word)
    for (let i = 0; i + length <= text.length; i++) if (parts.has(text.slice(i, i + length))) return '[hidden]'
    return word.replace(/[\w.+=-]{40,}/g, '[hidden]')
  })
}

/** Returns the letters and digits of a string without percent-encoding. */
function plain(text: string): string {
  return text
    .replace(/%(?:25)*([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/[^a-z\d]/gi, '')
    .toLowerCase()
}
