import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { objectUrl } from 'sigv4'

/** The storage for uploads. */
export interface Storage {
  name: string
  /** Not required for AWS. */
  endpoint?: string | undefined
  region: string
  bucket: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }
  /** Whether the server was started for this run, so that its bucket is created and configured automatically. */
  isOwned: boolean
  /** Stops a server that was started for this run. */
  stop(): Promise<void>
}

const BUCKET = 'browser-uploads'

/** Returns the URL of the bucket. */
export function bucketUrl({ bucket, region, endpoint }: Storage): string {
  return new URL('.', objectUrl({ bucket, key: 'any', region, endpoint })).href
}

/** Starts `serve` or `localstack`, or reads the environment. `serve` allows pages of this machine and of `origins`. */
export async function findStorage(kind: string | undefined, origins: string[] = []): Promise<Storage> {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket = BUCKET, AWS_REGION: region = 'us-east-1' } = process.env
  if (kind === 'serve') return startServe(bucket, region, origins)
  if (kind === 'localstack') {
    // Installed and started as in the library's tests.
    const { localstack } = await import('../../../integration/servers/localstack.ts')
    const { version, ...server } = await localstack.start((doing) => console.log(doing))
    return { name: `LocalStack ${version}`, bucket, isOwned: true, ...server }
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error(
      'Pass serve or localstack, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, S3_BUCKET and, except for AWS, S3_ENDPOINT.',
    )
  return {
    name: endpoint ?? 'AWS',
    endpoint,
    region,
    bucket,
    isOwned: false,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    stop: async () => {},
  }
}

/** Starts `sigv4-tools serve` with random credentials. Without S3_DIR, files are kept in memory. */
async function startServe(bucket: string, region: string, origins: string[]): Promise<Storage> {
  const manifest = createRequire(import.meta.url).resolve('sigv4-tools/package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  const credentials = { accessKeyId: 'BROWSERUPLOADS', secretAccessKey: randomBytes(30).toString('base64') }
  const { S3_DIR, S3_PORT = '0' } = process.env
  const options = [...(S3_DIR ? ['--dir', S3_DIR] : []), ...origins.flatMap((origin) => ['--cors', origin])]
  const args = [join(dirname(manifest), bin['sigv4-tools']), 'serve', '--port', S3_PORT, ...options]
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  process.once('exit', () => child.kill())
  const endpoint = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`sigv4-tools serve exited with code ${code}`)))
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-10_000)
      const [, url] = /^ *endpoint +(\S+)/m.exec(text) ?? []
      if (url) resolve(url)
    })
  })
  return {
    name: 'sigv4-tools serve',
    endpoint,
    region,
    bucket,
    isOwned: true,
    credentials,
    async stop() {
      child.kill()
      await ended
    },
  }
}
