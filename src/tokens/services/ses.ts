import { encodeOctets } from '../../core/encoding/base64.ts'
import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkSecret, type SecretCredentials } from '../../core/signing/credentials.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { PASS_REGION } from '../recipe/region.ts'

/** The region of Amazon SES. */
export interface SesTarget {
  /** Region in which the password is valid. */
  readonly region: string
}

/** Options of `sesSmtpPassword`. */
export interface SesOptions<Source = SecretCredentials> {
  /** The access key of an IAM user: SES does not accept temporary credentials. */
  readonly credentials: Source
}

/** A user name and a password for the SMTP interface of Amazon SES. They work until the access key is deactivated. */
export interface SesSmtpCredentials {
  readonly username: string
  readonly password: string
}

const TARGET = /* @__PURE__ */ members('region')
const OPTIONS = /* @__PURE__ */ members('credentials')

/** Reads the arguments of `sesSmtpPassword`, and returns the strings to derive the key with. */
export function readSesSmtpPassword(target: SesTarget, options: SesOptions<unknown>): string[] {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, OPTIONS)
  return ['11111111', checkRegion(target.region, PASS_REGION), 'ses', 'aws4_request', 'SendRawEmail']
}

/** Throws unless SES accepts the credentials. */
export function checkSesCredentials(credentials: SecretCredentials, now: number): void {
  checkSecret(credentials, now)
  if (credentials.sessionToken)
    fail('ERR_SIGV4_CREDENTIALS_MISSING', 'options.credentials.sessionToken', 'unusable', 'SES requires an IAM user.')
}

/** Formats a derived key as a password: a version, and the key. */
export function sesSmtpCredentials({ accessKeyId }: SecretCredentials, key: Uint8Array): SesSmtpCredentials {
  return { username: accessKeyId, password: encodeOctets(String.fromCharCode(4, ...key)) }
}
