import type { CredentialsProvider } from '../async/credentials.ts'
import { keepCredentials } from '../async/hold.ts'
import { fail } from '../core/errors.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { isLoopbackAddress } from '../received/local.ts'
import { send } from './request.ts'
import { environment, readTokenFile } from './runtime.ts'
import { usable } from './usable.ts'

const RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'
const FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const TOKEN = 'AWS_CONTAINER_AUTHORIZATION_TOKEN'
const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'

/** The endpoints of ECS and EKS, to which a token may be sent without TLS, as to this machine. */
const PLATFORM_HOST = /^(?:localhost|169\.254\.170\.23?|\[fd00:ec2::23\])$/

/**
 * Returns a function that requests the credentials of a container's role: of an Amazon ECS task, or of an Amazon EKS pod
 * with EKS Pod Identity. The platform sets the variables that it reads: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or
 * `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN`. Credentials are kept until five minutes before they expire.
 *
 * @param options - None; any is an error.
 * @returns A function that returns a promise of the credentials, for `credentials`. It rejects with
 * `ERR_SIGV4_CREDENTIALS_MISSING` if a variable is missing or not valid, or if the endpoint does not return credentials
 * within three attempts of one second.
 * @example
 * ```ts
 * import { fromContainer } from 'sigv4/credentials'
 * import { createSignedFetch } from 'sigv4/fetch'
 *
 * const signedFetch = createSignedFetch({ credentials: fromContainer() })
 * ```
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function fromContainer(
  options: Readonly<Record<string, never>> = {},
): CredentialsProvider<Promise<SecretCredentials>> {
  for (const name in options)
    fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'unknown', 'It has no options: everything is in the environment.')
  return keepCredentials(async () => {
    const [variable, url] = endpoint()
    const [authorization, source] = await authorizationToken()
    const headers = { accept: 'application/json', ...(authorization && { authorization }) }
    const { status, text } = await send(variable, url, { headers }, 1000)
    if (status !== 200)
      cannotUse(variable, `The response has status ${status}${advice(status, authorization && source)}`)
    return parse(variable, text)
  })
}

/** Returns the URL that returns credentials, and the variable that contains it. */
function endpoint(): readonly [variable: string, url: string] {
  const { [RELATIVE_URI]: path, [FULL_URI]: uri } = environment()
  if (path) {
    if (!path.startsWith('/')) cannotUse(RELATIVE_URI, 'It must start with a slash.')
    return [RELATIVE_URI, `http://169.254.170.2${path}`]
  }
  if (!uri) {
    const hint = `Assign a role to the task or pod, or set ${FULL_URI}.`
    fail('ERR_SIGV4_CREDENTIALS_MISSING', RELATIVE_URI, 'missing', hint)
  }
  const { protocol, hostname, username, password } = URL.canParse(uri) ? new URL(uri) : ({} as Partial<URL>)
  const isAllowed =
    protocol === 'https:' || (protocol === 'http:' && (isLoopbackAddress(hostname!) || PLATFORM_HOST.test(hostname!)))
  if (!isAllowed || username || password)
    cannotUse(FULL_URI, 'It must be an https URL, or an http URL of this machine or of the endpoint of ECS or EKS.')
  return [FULL_URI, uri]
}

/** Returns the end of a message about a status, with its fix. `source` is the variable of the token that was sent. */
function advice(status: number, source: string | undefined): string {
  const check = 'the role of the task or pod.'
  if (status !== 401 && status !== 403) return `. Check ${check}`
  return source ? `. Check ${source}, and ${check}` : `, and no token was sent. Set ${TOKEN_FILE} or ${TOKEN}.`
}

/** Reads the token to send, and returns it with its variable. A token file may change at any time. */
async function authorizationToken(): Promise<readonly [token: string | undefined, variable: string]> {
  const { [TOKEN_FILE]: path, [TOKEN]: value } = environment()
  const token = path ? await readTokenFile(TOKEN_FILE, path, `Set ${TOKEN}.`) : value
  // fetch would repeat it in its error
  const variable = path ? TOKEN_FILE : TOKEN
  if (token && !/^[ -~]+$/.test(token)) cannotUse(variable, 'It must contain one line of ASCII.')
  return [token, variable]
}

function parse(variable: string, text: string): SecretCredentials {
  let fields: Readonly<Record<string, unknown>> = {}
  try {
    fields = JSON.parse(text) ?? {}
  } catch {
    // the error contains a part of the response
    cannotUse(variable, 'The response is not valid JSON.')
  }
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = fields
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token || undefined,
    expiration: Expiration ? new Date(Expiration as string) : undefined,
  }
  return usable(
    credentials,
    (part) => `The ${part} in the response`,
    () => `Check ${variable}.`,
  )
}

function cannotUse(variable: string, hint: string): never {
  fail('ERR_SIGV4_CREDENTIALS_MISSING', variable, 'unusable', hint)
}
