import { type CredentialsProvider, fromContainer, fromWebIdentity } from '../../../../../src/credentials.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { configuredEndpoint } from './endpoint.ts'

// The role of an Amazon ECS task or an Amazon EKS pod, whose credentials the platform provides through variables.

/** The role of the task or pod that this program runs in. */
export interface Role {
  /** The environment variable that identifies the source of its credentials. */
  readonly from: string
  /** Returns its credentials, which are kept until they expire. */
  readonly obtain: CredentialsProvider<Promise<SecretCredentials>>
}

/** Returns the role for the token in `AWS_WEB_IDENTITY_TOKEN_FILE`, if the variable is set. */
export function webIdentityRole(call: Call): Role | undefined {
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_REGION, AWS_DEFAULT_REGION } = call.terminal.env
  if (!AWS_WEB_IDENTITY_TOKEN_FILE) return undefined
  if (!AWS_ROLE_ARN) usage('AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not.')
  const endpoint = configuredEndpoint(call.terminal, 'STS')
  if (endpoint !== undefined && !URL.canParse(endpoint))
    usage('the STS endpoint in the environment is not a valid URL. Correct AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL.')
  const region = AWS_REGION || AWS_DEFAULT_REGION || call.value('region') || undefined
  if (region === undefined && endpoint === undefined)
    usage("the STS region is missing. Set AWS_REGION to the pod's region.")
  return { from: 'AWS_WEB_IDENTITY_TOKEN_FILE', obtain: fromWebIdentity({ region, endpoint }) }
}

/** Returns the role whose credentials an endpoint of the platform returns, if its variable is set. */
export function containerRole({ terminal: { env } }: Call): Role | undefined {
  const from = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].find(
    (name) => env[name],
  )
  return from === undefined ? undefined : { from, obtain: fromContainer() }
}
