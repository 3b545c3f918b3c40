import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../packages/sigv4-tools/test/support/cli.ts'
import { sign } from '../../src/sync.ts'
import type { RunningServer } from './server.ts'

/** What `sigv4-tools audit --json` prints, as far as it is used. */
export interface AuditJson {
  readonly verifies: boolean
  readonly requests: number
  readonly stopped?: string
  readonly tests: readonly {
    readonly id: string
    readonly flags: readonly string[]
    readonly verdict: string
    readonly severity?: string
    readonly hasEffect?: boolean
  }[]
}

function send({ endpoint, region, credentials }: RunningServer, method: string, path: string): Promise<Response> {
  const { url, ...request } = sign({ method, url: `${endpoint}${path}` }, { credentials, region, service: 's3' })
  return fetch(url, request)
}

/** Creates a bucket. Some servers respond before their storage does. */
export async function createBucket(server: RunningServer, bucket: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(server, 'PUT', `/${bucket}`)
    if (response.ok) return
    if (response.status !== 503 || attempt === 20)
      throw new Error(`no bucket: ${response.status} ${await response.text()}`)
    await sleep(500)
  }
}

export async function listBucket(server: RunningServer, bucket: string): Promise<string> {
  return (await send(server, 'GET', `/${bucket}?list-type=2`)).text()
}

/** Runs `sigv4-tools audit --json` with more requests per second than by default. `reportFile` is for a private report. */
export async function auditServer(
  server: RunningServer,
  where: readonly string[],
  reportFile?: string,
): Promise<AuditJson> {
  const { endpoint, region, credentials } = server
  const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }
  const report = reportFile === undefined ? [] : ['--report', reportFile]
  const args = ['audit', endpoint, ...where, '--region', region, '--rate', '200', '--json', ...report]
  const { stdout, stderr } = await run(args, { env })
  // what could not be deleted is a message, too
  if (stdout === '' || stderr.replace(/^The report is private, .*\n/, '') !== '') throw new Error(stderr)
  return JSON.parse(stdout) as AuditJson
}
