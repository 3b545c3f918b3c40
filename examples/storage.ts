import { randomBytes } from 'node:crypto'
import { localstack } from '../integration/servers/localstack.ts'
import { serve } from '../packages/sigv4-tools/src/serve.ts'

/** The server for the demo. */
export interface Storage {
  name: string
  /** The endpoint of an S3-compatible server; not required for AWS. */
  endpoint?: string
  region?: string
  /** An existing bucket, which is neither created nor deleted. */
  bucket?: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Stops a server that was started for this run. */
  stop?(): Promise<void>
}

/** Returns the server in the environment, LocalStack if it is requested, or `sigv4-tools serve` in this process. */
export async function findStorage(doing: (what: string) => void): Promise<Storage> {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, AWS_REGION: region } = process.env
  if (endpoint || bucket) {
    return {
      name: endpoint ? 'custom server' : 'AWS',
      ...(endpoint && { endpoint }),
      ...(region && { region }),
      ...(bucket && { bucket }),
      credentials: credentialsFromEnvironment(),
    }
  }
  if (!process.argv.includes('--localstack')) return startServe()
  try {
    const { version, ...server } = await localstack.start(doing)
    return { name: `LocalStack ${version}`, ...server }
  } catch (error) {
    const hint = 'To use a running server, set S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    throw new Error(`LocalStack: ${(error as Error).message}\n${hint}`)
  }
}

/** Starts `sigv4-tools serve` with a generated secret. */
async function startServe(): Promise<Storage> {
  const credentials = { accessKeyId: 'AKIDEMO', secretAccessKey: randomBytes(30).toString('base64') }
  const { url: endpoint, close: stop } = await serve({ credentials, region: 'us-east-1' })
  return { name: 'sigv4-tools serve', endpoint, region: 'us-east-1', credentials, stop }
}

function credentialsFromEnvironment(): Storage['credentials'] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('S3_ENDPOINT and S3_BUCKET require AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  }
}
