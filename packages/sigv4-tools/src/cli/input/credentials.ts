import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import { checkCredentials, type SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { isSecretShaped, shownKeyId } from '../../redaction/find.ts'
import { hideShapes } from '../../redaction/hide.ts'
import type { Call } from '../program/command.ts'
import { describe, shown, usage } from '../program/errors.ts'
import { decodeText, readInput } from './files.ts'
import { type Profile, readProfile, requireProfile } from './profiles.ts'
import { containerRole, type Role, webIdentityRole } from './role.ts'

const MAX_SIZE = 1024 * 1024
const ENVIRONMENT = 'the environment'

/** The arguments of the library that are in the environment. */
const VARIABLES: Readonly<Record<string, string>> = {
  'options.credentials.accessKeyId': 'AWS_ACCESS_KEY_ID',
  'options.credentials.secretAccessKey': 'AWS_SECRET_ACCESS_KEY',
  'options.credentials.sessionToken': 'AWS_SESSION_TOKEN',
}

/** Credentials, and the role that renews them. */
export interface Found {
  readonly credentials: SecretCredentials
  readonly role?: Role
}

/** Returns the first credentials in the order of the AWS SDKs, and throws if none are found. */
export async function requireCredentials(call: Call): Promise<SecretCredentials> {
  const { credentials } = await requireFound(call)
  return credentials
}

/** Returns the same credentials, and the role that renews them. */
export async function requireFound(call: Call): Promise<Found> {
  const given = await fromOptionsOrKeys(call, usage)
  if (given) return { credentials: given }
  const identity = webIdentityRole(call)
  if (identity) return { credentials: await fromRole(call, identity), role: identity }
  const { AWS_PROFILE } = call.terminal.env
  const ofProfile = AWS_PROFILE ? await fromProfile(call, AWS_PROFILE) : await fromDefaultProfile(call)
  if (ofProfile) return { credentials: ofProfile }
  const container = containerRole(call)
  if (container) return { credentials: await fromRole(call, container), role: container }
  const command = call.name === 'proxy' ? '--credential-command COMMAND, ' : ''
  return usage(
    `no credentials found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass ${command}--profile NAME or --credentials FILE (never the keys themselves). Also read are AWS_PROFILE, the role in AWS_ROLE_ARN, and the role of an ECS task or EKS pod, but not the role of an EC2 instance.`,
  )
}

export async function fromRole(call: Call, { from, obtain }: Role, forceRefresh = false): Promise<SecretCredentials> {
  return use(call, await obtain({ forceRefresh }), from)
}

/** Returns the credentials from the options, the keys in the environment or AWS_PROFILE, and reports an incomplete key. */
export async function findCredentials(
  call: Call,
  report: (problem: string) => void = usage,
): Promise<SecretCredentials | undefined> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE } = call.terminal.env
  const given = await fromOptionsOrKeys(call, report)
  if (given || AWS_ACCESS_KEY_ID || AWS_SECRET_ACCESS_KEY) return given
  return AWS_PROFILE ? fromProfile(call, AWS_PROFILE) : undefined
}

async function fromOptionsOrKeys(
  call: Call,
  report: (problem: string) => void,
): Promise<SecretCredentials | undefined> {
  const file = call.value('credentials')
  const profile = call.value('profile')
  if (file !== undefined && profile !== undefined) usage('--credentials and --profile cannot be combined.')
  if (file !== undefined) return use(call, await fromFile(call, file), '--credentials')
  if (profile !== undefined) return fromProfile(call, profile)
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = call.terminal.env
  if (accessKeyId && secretAccessKey)
    return use(call, { accessKeyId, secretAccessKey, sessionToken: token || undefined }, ENVIRONMENT)
  if (accessKeyId) report('AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not.')
  if (secretAccessKey) report('AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not.')
  return undefined
}

/** Returns the region from the environment or the profile. */
export async function defaultRegion(call: Call): Promise<string | undefined> {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = call.terminal.env
  if (AWS_REGION || AWS_DEFAULT_REGION) {
    const found = AWS_REGION || AWS_DEFAULT_REGION
    call.detail(`region: ${found}, from ${AWS_REGION ? 'AWS_REGION' : 'AWS_DEFAULT_REGION'}`)
    return found
  }
  const option = call.value('profile')
  const name = option ?? (AWS_PROFILE || 'default')
  const profile =
    option === undefined ? (await readProfile(call.terminal, name)).profile : await requireProfile(call.terminal, name)
  const region = profile?.settings.get('region')
  if (region) call.detail(`region: ${region}, from profile ${name}`)
  return region || undefined
}

async function fromDefaultProfile(call: Call): Promise<SecretCredentials | undefined> {
  const { profile } = await readProfile(call.terminal, 'default')
  return profile && credentialsOf(call, 'default', profile)
}

async function fromProfile(call: Call, name: string): Promise<SecretCredentials> {
  const profile = await requireProfile(call.terminal, name)
  return (
    credentialsOf(call, name, profile) ??
    usage(`profile${shown(name)} in ${profile.from} contains neither aws_access_key_id nor aws_secret_access_key.`)
  )
}

/** Settings of profiles whose credentials are not in the files, with a description of such a profile. */
const EXTERNAL: readonly (readonly [setting: string, does: string])[] = [
  ['role_arn', 'assumes a role'],
  ['sso_session', 'signs in with SSO'],
  ['sso_start_url', 'signs in with SSO'],
  ['login_session', "signs in with 'aws login'"],
  ['credential_process', 'runs a credential process'],
]

function credentialsOf(call: Call, name: string, { settings, from }: Profile): SecretCredentials | undefined {
  const accessKeyId = settings.get('aws_access_key_id')
  const secretAccessKey = settings.get('aws_secret_access_key')
  call.secrets.push(secretAccessKey, settings.get('aws_session_token'))
  const isStatic = accessKeyId && secretAccessKey
  const [, does] = EXTERNAL.find(([setting]) => settings.has(setting) && (setting === 'role_arn' || !isStatic)) ?? []
  if (does)
    usage(
      `profile${shown(name)} ${does}, which requires the AWS CLI. Run 'aws configure export-credentials --profile ${/^[\w.-]+$/.test(name) ? name : 'NAME'} | npx sigv4-tools ${call.name} … --credentials -'.`,
    )
  if (!isStatic) {
    if (accessKeyId || secretAccessKey)
      usage(
        `profile${shown(name)} in ${from} does not contain ${accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id'}.`,
      )
    return undefined
  }
  const sessionToken = settings.get('aws_session_token') || undefined
  return use(call, { accessKeyId, secretAccessKey, sessionToken }, `profile "${name}" in ${from}`)
}

async function fromFile(call: Call, file: string): Promise<SecretCredentials> {
  return parseCredentials(call, '--credentials', await readInput(call, '--credentials', file, MAX_SIZE))
}

/** Returns the placeholder key in the file of --client-credentials. */
export async function readClientCredentials(call: Call): Promise<SecretCredentials | undefined> {
  const option = '--client-credentials'
  const file = call.value('client-credentials')
  if (file === undefined) return undefined
  const bytes = await readInput(call, option, file, MAX_SIZE).catch(({ message }: Error) =>
    usage(
      `${message} Omit ${option} to generate a key, or write one to the file: { "AccessKeyId": "…", "SecretAccessKey": "…" }.`,
    ),
  )
  return use(call, parseCredentials(call, option, bytes), option)
}

/** Returns the credentials that the command of --credential-command prints. */
export async function fromCommand(call: Call, command: string): Promise<SecretCredentials> {
  const option = '--credential-command'
  const output = await promisify(exec)(command, {
    env: { ...call.terminal.env },
    timeout: 60_000,
    maxBuffer: MAX_SIZE,
  }).catch(({ code, killed, stderr = '' }) => {
    const [line = ''] = hideShapes(String(stderr)).trim().split('\n')
    return usage(
      `${option} ${killed ? 'did not finish within a minute' : `failed with exit code ${code}`}${line && `: ${line}`}.`,
    )
  })
  return use(call, parseCredentials(call, option, Buffer.from(output.stdout)), option)
}

function parseCredentials(call: Call, option: string, bytes: Buffer): SecretCredentials {
  let parsed: unknown
  try {
    parsed = JSON.parse(decodeText(bytes))
  } catch {
    // The message of JSON.parse contains a part of the input.
    usage(
      `${option} is ${bytes.length === 0 ? 'empty' : 'not valid JSON'}. Pass JSON with accessKeyId and secretAccessKey, or the output of 'aws configure export-credentials'.`,
    )
  }
  const outer = record(parsed)
  const fields = record(outer.Credentials ?? outer.AccessKey ?? parsed)
  // The AWS CLI and STS capitalize the names, and this package does not.
  const accessKeyId = fields.AccessKeyId ?? fields.accessKeyId
  const secretAccessKey = fields.SecretAccessKey ?? fields.secretAccessKey
  const sessionToken = fields.SessionToken ?? fields.sessionToken ?? undefined
  const date = fields.Expiration ?? fields.expiration ?? undefined
  for (const secret of [secretAccessKey, sessionToken]) if (typeof secret === 'string') call.secrets.push(secret)
  if (fields.Version !== undefined && fields.Version !== 1) usage(`${option}: Version must be 1.`)
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string')
    usage(`${option} must contain AccessKeyId and SecretAccessKey as strings.`)
  if (sessionToken !== undefined && typeof sessionToken !== 'string') usage(`${option}: SessionToken must be a string.`)
  const expiration = date === undefined ? undefined : new Date(typeof date === 'string' ? date : Number.NaN)
  if (Number.isNaN(Number(expiration ?? 0))) usage(`${option}: Expiration must be a date such as 2026-01-31T12:00:00Z.`)
  return { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined, expiration }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Checks credentials as signing does. Errors name their source. */
function use(call: Call, credentials: SecretCredentials, from: string): SecretCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  call.secrets.push(secretAccessKey, sessionToken)
  const isEnvironment = from === ENVIRONMENT
  const reject = (problem: string): never => usage(isEnvironment ? problem : `${from}: ${problem}`)
  const id = isEnvironment ? 'AWS_ACCESS_KEY_ID' : 'the access key ID'
  const secret = isEnvironment ? 'AWS_SECRET_ACCESS_KEY' : 'the secret access key'
  const isSame = accessKeyId === secretAccessKey && isSecretShaped(accessKeyId) // Local servers have keys such as test and test.
  if (isSame || /^A[KS]IA[A-Z\d]{12,}$/.test(secretAccessKey)) {
    const problem = isSame ? 'the same' : 'swapped'
    reject(`${id} and ${secret} are ${problem}. Set each one to its own value.`)
  }
  if (secretAccessKey.length >= 16 && accessKeyId !== secretAccessKey && accessKeyId.includes(secretAccessKey))
    reject(`${id} contains ${secret}. Remove it there.`)
  // the request to explain may contain it
  const isTokenLess = call.name === 'explain' && !sessionToken && accessKeyId.startsWith('ASIA')
  try {
    // A request that was signed with expired credentials can still be verified.
    checkCredentials(credentials, call.name === 'verify' ? 0 : Date.now(), isTokenLess ? 'request' : undefined)
  } catch (error) {
    reject(describe(error, { names: isEnvironment ? VARIABLES : {} }))
  }
  if (secretAccessKey.length >= 16 && call.terminal.args.some((argument) => argument.includes(secretAccessKey)))
    usage('the arguments contain the secret access key, which makes it visible to other users. Remove it.')
  if (isTokenLess) call.note(`The credentials from ${from} have no session token. The one in the request is used.\n`)
  call.detail(`access key ID: ${shownKeyId(accessKeyId)}, from ${from}`)
  return credentials
}
