import { type CredentialsProvider, fromContainer, fromWebIdentity } from '../../credentials.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { configuredEndpoint } from './endpoint.ts'

// The role of an Amazon ECS task or an Amazon EKS pod, whose credentials the platform provides through variables.

/** The role that this program runs with. */
export interface Role {
  /** The variable that leads to its credentials. */
  readonly from: string
  /** Returns its credentials, which are kept until they expire. */
  readonly obtain: CredentialsProvider
}

/** Returns the role that STS exchanges the token in `AWS_WEB_IDENTITY_TOKEN_FILE` for, if the variable is set. */
export function webIdentityRole(call: Call): Role | undefined {
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_REGION, AWS_DEFAULT_REGION } = call.terminal.env
  if (!AWS_WEB_IDENTITY_TOKEN_FILE) return undefined
  if (!AWS_ROLE_ARN) usage('AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not.')
  const endpoint = configuredEndpoint(call.terminal, 'STS')
  if (endpoint !== undefined && !URL.canParse(endpoint))
    usage('the endpoint of STS in the environment is not a URL. Correct AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL.')
  const region = AWS_REGION || AWS_DEFAULT_REGION || call.value('region') || undefined
  if (region === undefined && endpoint === undefined)
    usage('the region of STS is missing. Set AWS_REGION to the region of the pod.')
  return { from: 'AWS_WEB_IDENTITY_TOKEN_FILE', obtain: fromWebIdentity({ region, endpoint }) }
}

/** Returns the role of the task or pod that an endpoint of the platform returns credentials for, if its variable is set. */
export function containerRole({ terminal: { env } }: Call): Role | undefined {
  const from = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].find(
    (name) => env[name],
  )
  return from === undefined ? undefined : { from, obtain: fromContainer() }
}
