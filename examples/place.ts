import { randomBytes } from 'node:crypto'
import { serve } from '../src/serve/server.ts'
import { localstack } from '../test/servers/localstack.ts'

/** Where the demo puts its file. */
export interface Place {
  name: string
  /** The endpoint of an S3-compatible server; AWS needs none. */
  endpoint?: string
  region?: string
  /** A bucket that is there already: it is neither made nor removed. */
  bucket?: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Stops a server that was started for this run. */
  stop?(): Promise<void>
}

/**
 * The server that the environment names; or LocalStack, installed and started for this run, if that is asked for; or else
 * `sigv4 serve` in this process.
 */
export async function findPlace(doing: (what: string) => void): Promise<Place> {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, AWS_REGION: region } = process.env
  if (endpoint || bucket) {
    return {
      name: endpoint ? 'the given server' : 'AWS',
      ...(endpoint && { endpoint }),
      ...(region && { region }),
      ...(bucket && { bucket }),
      credentials: credentialsFromEnvironment(),
    }
  }
  if (!process.argv.includes('--localstack')) return embedded()
  try {
    const { version, ...server } = await localstack.start(doing)
    return { name: `LocalStack ${version}`, ...server }
  } catch (error) {
    const hint =
      'Or point the demo at a server that runs already: S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.'
    throw new Error(`LocalStack: ${(error as Error).message}\n${hint}`)
  }
}

/** The local endpoint of this package, with keys that are made up. */
async function embedded(): Promise<Place> {
  const credentials = { accessKeyId: 'AKIDEMO', secretAccessKey: randomBytes(30).toString('base64') }
  const { url: endpoint, close: stop } = await serve({ credentials, region: 'us-east-1' })
  return { name: 'sigv4 serve', endpoint, region: 'us-east-1', credentials, stop }
}

function credentialsFromEnvironment(): Place['credentials'] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('S3_ENDPOINT and S3_BUCKET need AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY beside them')
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  }
}
