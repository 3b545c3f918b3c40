import { homedir } from 'node:os'
import { requireProfile } from '../../packages/sigv4-tools/src/cli/input/profiles.ts'
import { fromContainer, fromEnvironment, fromWebIdentity, type SecretCredentials } from '../../src/credentials.ts'
import { UsageError } from './options.ts'

/** Returns the credentials of the profile, of the environment, of the role in `AWS_ROLE_ARN`, or of the container. */
export async function findCredentials(
  profile: string | undefined,
  region: string,
  env: NodeJS.ProcessEnv,
): Promise<SecretCredentials> {
  const { AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_PROFILE } = env
  if (profile !== undefined) return fromProfile(profile, env)
  if (AWS_ACCESS_KEY_ID) return fromEnvironment(env)()
  if (AWS_WEB_IDENTITY_TOKEN_FILE) return fromWebIdentity({ region })()
  if (AWS_PROFILE) return fromProfile(AWS_PROFILE, env)
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return fromContainer()()
  throw new UsageError(
    'No credentials found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile. The AWS CLI sets them for any kind of login: eval "$(aws configure export-credentials --format env)"',
  )
}

async function fromProfile(name: string, env: NodeJS.ProcessEnv): Promise<SecretCredentials> {
  const { settings } = await requireProfile({ env, home: homedir() }, name)
  const [id, secret, token] = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'].map((each) =>
    settings.get(each),
  )
  if (!id || !secret)
    throw new UsageError(
      'The profile contains no access key. The AWS CLI obtains one: eval "$(aws configure export-credentials --profile NAME --format env)"',
    )
  return fromEnvironment({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token })()
}
