import { fromEnvironment } from 'sigv4/credentials'

// Shared by all programs: where the request is sent, and who signs it.

export const { ENDPOINT = 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod', AWS_REGION = 'eu-west-1' } =
  process.env
export const note = { text: 'Grüße' }
export const query = { tag: 'a b+c:d' }

/** Options of `createSignedFetch` and `sign`. For AWS hosts, region and service may be omitted. */
export function optionsFor(service: string) {
  return { credentials: fromEnvironment(), region: AWS_REGION, service }
}
