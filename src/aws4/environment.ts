import type { Credentials } from './request.ts'

/** Reads credentials from the current environment; empty if there is none. */
export function environmentCredentials(): Credentials {
  const env = (typeof process === 'object' && process?.env) || {}
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID || env.AWS_ACCESS_KEY,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY || env.AWS_SECRET_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
  }
}
