import type { Terminal } from '../program/terminal.ts'

/** Returns the endpoint that the environment specifies for a service, as the AWS SDKs read it. */
export function configuredEndpoint({ env }: Pick<Terminal, 'env'>, service: 'S3' | 'STS'): string | undefined {
  if (/^true$/i.test(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '')) return undefined
  return env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || undefined
}
