import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where files go. */
export interface Place {
  name: string
  /** AWS needs none. */
  endpoint?: string | undefined
  region: string
  bucket: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }
  /** Whether the server was started for this run: its bucket is made, and gets its CORS rule, without asking. */
  isOurs: boolean
  /** Ends a server that was started for this run. */
  stop(): Promise<void>
}

const BUCKET = 'browser-uploads'

/** `serve` and `localstack` are started; else the environment says where. */
export async function findPlace(kind: string | undefined): Promise<Place> {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket = BUCKET, AWS_REGION: region = 'us-east-1' } = process.env
  if (kind === 'serve') return startServe(bucket, region)
  if (kind === 'localstack') {
    // installed and started as for the tests of the library; with a LocalStack of your own, say where it is
    const { localstack } = await import('../../../test/servers/localstack.ts')
    const { version, ...server } = await localstack.start((doing) => console.log(doing))
    return { name: `LocalStack ${version}`, bucket, isOurs: true, ...server }
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error(
      'Say serve or localstack, or give AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, S3_BUCKET and, unless it is AWS, S3_ENDPOINT.',
    )
  return {
    name: endpoint ?? 'AWS',
    endpoint,
    region,
    bucket,
    isOurs: false,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    stop: async () => {},
  }
}

/** Starts `sigv4 serve` with credentials of its own. S3_DIR keeps the files; without it they are in memory. */
async function startServe(bucket: string, region: string): Promise<Place> {
  const manifest = createRequire(import.meta.url).resolve('sigv4/package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  const credentials = { accessKeyId: 'BROWSERUPLOADS', secretAccessKey: randomBytes(30).toString('base64') }
  const { S3_DIR, S3_PORT = '0' } = process.env
  const args = [join(dirname(manifest), bin.sigv4), 'serve', '--port', S3_PORT, ...(S3_DIR ? ['--dir', S3_DIR] : [])]
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
    child.once('exit', (code) => reject(new Error(`sigv4 serve ended with ${code}`)))
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-10_000)
      const [, url] = /^ *endpoint +(\S+)/m.exec(text) ?? []
      if (url) resolve(url)
    })
  })
  return {
    name: 'sigv4 serve',
    endpoint,
    region,
    bucket,
    isOurs: true,
    credentials,
    async stop() {
      child.kill()
      await ended
    },
  }
}
