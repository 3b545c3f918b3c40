import { checkCredentials } from '../core/signing/credentials.ts'
import type { Call } from './command.ts'
import { describe, shown, usage } from './failure.ts'
import { decodeText, readInput } from './files.ts'
import { demandProfile, type Profile, readProfile } from './profiles.ts'

export interface FoundCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** Most that a file of credentials may have. */
const LARGEST = 1024 * 1024

const ADVICE =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile NAME or --credentials FILE (never the keys themselves)'

/** The credentials that the call names, or else those of the environment. */
export async function demandCredentials(call: Call): Promise<FoundCredentials> {
  const found = (await findCredentials(call)) ?? (await fromDefaultProfile(call))
  return found ?? usage(`there are no credentials: ${ADVICE}`)
}

/** The same without the default profile, which nobody has named. */
export async function findCredentials(call: Call): Promise<FoundCredentials | undefined> {
  const { env } = call.terminal
  const [file, profile] = [call.value('credentials'), call.value('profile')]
  if (file !== undefined && profile !== undefined) usage('--credentials and --profile are both given: say one')
  if (file !== undefined) return use(call, await fromFile(call, file), '--credentials')
  if (profile !== undefined) return fromProfile(call, profile)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env
  if (accessKeyId || secretAccessKey) {
    if (!accessKeyId || !secretAccessKey)
      usage(`${accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'} is not set, and the other half is`)
    return use(call, { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) }, 'the environment')
  }
  return env.AWS_PROFILE ? fromProfile(call, env.AWS_PROFILE) : undefined
}

/** The region that the environment or the profile sets. */
export async function settledRegion(call: Call): Promise<string | undefined> {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = call.terminal.env
  if (AWS_REGION || AWS_DEFAULT_REGION) {
    const found = AWS_REGION || AWS_DEFAULT_REGION
    call.detail(`region: ${found}, from ${AWS_REGION ? 'AWS_REGION' : 'AWS_DEFAULT_REGION'}`)
    return found
  }
  const asked = call.value('profile')
  const name = asked ?? (AWS_PROFILE || 'default')
  const profile =
    asked === undefined ? await readProfile(call.terminal, name) : await demandProfile(call.terminal, name)
  const region = profile?.settings.get('region')
  if (region) call.detail(`region: ${region}, from profile ${name}`)
  return region || undefined
}

async function fromDefaultProfile(call: Call): Promise<FoundCredentials | undefined> {
  const profile = await readProfile(call.terminal, 'default')
  return profile && credentialsOf(call, 'default', profile)
}

async function fromProfile(call: Call, name: string): Promise<FoundCredentials> {
  const profile = await demandProfile(call.terminal, name)
  return (
    credentialsOf(call, name, profile) ??
    usage(`the profile${shown(name)} in ${profile.from} has no aws_access_key_id and aws_secret_access_key`)
  )
}

/** What a profile needs that is not in the files, by the setting that says so. */
const ELSEWHERE: readonly (readonly [setting: string, what: string])[] = [
  ['role_arn', 'assumes a role'],
  ['sso_session', 'signs in by SSO'],
  ['sso_start_url', 'signs in by SSO'],
  ['login_session', "signs in by 'aws login'"],
  ['credential_process', 'runs a program for its credentials'],
]

function credentialsOf(call: Call, name: string, { settings, from }: Profile): FoundCredentials | undefined {
  const [accessKeyId, secretAccessKey] = [settings.get('aws_access_key_id'), settings.get('aws_secret_access_key')]
  call.secrets.push(secretAccessKey, settings.get('aws_session_token'))
  const isStatic = accessKeyId && secretAccessKey
  const [, what] = ELSEWHERE.find(([setting]) => settings.has(setting) && (setting === 'role_arn' || !isStatic)) ?? []
  if (what)
    usage(
      `the profile${shown(name)} ${what}, which the AWS CLI does: aws configure export-credentials --profile ${/^[\w.-]+$/.test(name) ? name : 'NAME'} | sigv4 ${call.name} … --credentials -`,
    )
  if (!isStatic) {
    if (accessKeyId || secretAccessKey)
      usage(
        `the profile${shown(name)} in ${from} has ${accessKeyId ? 'no aws_secret_access_key' : 'no aws_access_key_id'}`,
      )
    return undefined
  }
  const token = settings.get('aws_session_token')
  return use(
    call,
    { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) },
    `profile ${name} of ${from}`,
  )
}

async function fromFile(call: Call, file: string): Promise<FoundCredentials> {
  const bytes = await readInput(call, '--credentials', file, LARGEST)
  let parsed: unknown
  try {
    parsed = JSON.parse(decodeText(bytes))
  } catch {
    // JSON's own message shows what it could not read
    usage(
      bytes.length === 0
        ? '--credentials: nothing came in'
        : "--credentials: that is no JSON; 'aws configure export-credentials' prints what is wanted (its format 'process')",
    )
  }
  const outer = record(parsed)
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration, Version } = record(
    outer.Credentials ?? outer.AccessKey ?? parsed,
  )
  for (const secret of [SecretAccessKey, SessionToken]) if (typeof secret === 'string') call.secrets.push(secret)
  if (Version !== undefined && Version !== 1) usage('--credentials: Version must be 1')
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string')
    usage('--credentials: the JSON must have AccessKeyId and SecretAccessKey, as texts')
  if (!(SessionToken === undefined || SessionToken === null || typeof SessionToken === 'string'))
    usage('--credentials: SessionToken must be a text')
  const expiration = Expiration === undefined || Expiration === null ? undefined : new Date(Expiration as string)
  if (expiration && (typeof Expiration !== 'string' || Number.isNaN(Number(expiration))))
    usage('--credentials: Expiration must be a date like 2026-01-31T12:00:00Z')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken && { sessionToken: SessionToken }),
    ...(expiration && { expiration }),
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Checks credentials as signing does; an error names their source. */
function use(call: Call, credentials: FoundCredentials, from: string): FoundCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  call.secrets.push(secretAccessKey, sessionToken)
  try {
    // requests that were signed with expired credentials can still be verified
    checkCredentials(credentials, call.name === 'verify' ? 0 : Date.now() / 1000)
  } catch (error) {
    usage(`${from}: ${describe(error)}`)
  }
  if (secretAccessKey.length >= 16 && call.terminal.args.some((argument) => argument.includes(secretAccessKey)))
    usage('the secret access key is among the arguments: other users of the machine see them; leave it out')
  call.detail(`credentials: ${from}, access key id ${accessKeyId}`)
  return credentials
}
