import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presignGet } from '../../../../../src/sync.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { KEY, run, running, temporary } from '../../support/cli.ts'

// The command that starts a server, in this process.

let files: ReturnType<typeof temporary>
beforeAll(() => {
  files = temporary()
})
afterAll(() => files.remove())

const stopped = Promise.resolve()

/** Returns a port, in use until `free` is called. */
async function takePort(): Promise<{ port: string; free: () => Promise<void> }> {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const { port } = holder.address() as { port: number }
  return { port: String(port), free: () => new Promise((resolve) => holder.close(() => resolve())) }
}

describe('serve', () => {
  it('generates credentials if there are none, and stops when it is interrupted', async () => {
    const { code, stdout, stderr } = await run(['serve', '--port', '0'], { env: {}, interrupted: stopped })
    expect([code, stderr]).toEqual([0, 'Stopped.\n'])
    expect(stdout).toMatch(
      /Generated credentials:\n\n {2}export AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}\n {2}export AWS_SECRET_ACCESS_KEY=\S{40}\n {2}export AWS_REGION=us-east-1\n/,
    )
  })

  it('names the option with which boto3 signs as required, and why files in a directory have other names', async () => {
    const { stdout: help } = await run(['serve', '--help'])
    expect(help).toContain("config=Config(signature_version='s3v4')")
    expect(help.replace(/\s+/g, ' ')).toContain(
      'Names of files in --dir are hashes, because a key can be a name that a file cannot have',
    )
    const { stdout } = await run(['serve', '--port', '0'], { interrupted: stopped })
    expect(stdout).toMatch(/^ {2}boto3 {4}boto3\.client\('s3', .*config=Config\(signature_version='s3v4'\)\)$/m)
  })

  it('uses the credentials that it finds, and a region and a size', async () => {
    const options = ['--region', 'eu-west-1', '--max-bytes', '10MB', '--dir', files.folder]
    const { code, stdout } = await run(['serve', '--port', '0', ...options], { interrupted: stopped })
    expect(code).toBe(0)
    expect(stdout).not.toContain('Generated credentials')
    expect(stdout).toContain(`region: 'eu-west-1'`)
  })

  it('fails if the port is in use', async () => {
    const { port, free } = await takePort()
    const { code, stderr } = await run(['serve', '--port', port], { interrupted: stopped })
    await free()
    expect([code, stderr]).toEqual([
      2,
      `sigv4-tools: port ${port} is in use. Pass a different --port, or 0 for any free port. See 'npx sigv4-tools serve --help'.\n`,
    ])
  })

  it.each([
    ['--host', '192.0.2.1', /^sigv4-tools: --host "192\.0\.2\.1" is not an address of this machine\./],
    ['--max-bytes', 'many', /^sigv4-tools: --max-bytes /],
    [
      '--cors',
      'app.example',
      /^sigv4-tools: --cors must be an origin such as https:\/\/app\.example, or \* \(got "app/,
    ],
    ['--cors', 'localhost:5173', /^sigv4-tools: --cors must be an origin/],
    ['--cors', 'https://app.example/page', /^sigv4-tools: --cors must be an origin/],
    ['--cors', 'https://*.example', /^sigv4-tools: --cors must be an origin/],
    ['--cors', 'file:///tmp/page.html', /^sigv4-tools: --cors must be an origin/],
    ['--cors', '', /^sigv4-tools: --cors must be an origin/],
    ['--skew', 'soon', /^sigv4-tools: --skew must be a duration such as 90s, 15m, 1h or -1h \(got "soon"\)\./],
    ['--skew', '', /^sigv4-tools: --skew must be a duration/],
    ['--fail-rate', '20', /^sigv4-tools: --fail-rate must be a number between 0 and 1, such as 0\.2 \(got "20"\)\./],
    ['--fail-rate', '', /^sigv4-tools: --fail-rate must be a number/],
    ['--throttle', '0', /^sigv4-tools: --throttle must be an integer between 1 and 1000000 \(got "0"\)\./],
    ['--redirect-region', 'eu west', /^sigv4-tools: --redirect-region is not valid\. Pass a name such as eu-west-1\./],
    ['--expire-token', '-1h', /^sigv4-tools: --expire-token requires a value/],
    ['--expire-token', '1w', /^sigv4-tools: --expire-token must be a duration such as 90s, 15m or 12h \(got "1w"\)\./],
    [
      '--expire-token',
      '0',
      /^sigv4-tools: --expire-token is out of range \(got "0"\)\. Pass a number and its unit, such as '5m'\./,
    ],
  ])('rejects %s %s', async (name, value, message) => {
    const { code, stderr } = await run(['serve', '--port', '0', name, value], { interrupted: stopped })
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('allows pages of the origins in --cors, and warns if the secret is short', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    const serve = async (...options: string[]) =>
      (await run(['serve', '--port', '0', ...options], { env, interrupted: stopped })).stdout
    const warning = 'WARNING      pages of other sites can use this server'
    expect(await serve()).not.toContain(warning)
    expect(await serve('--cors', 'http://localhost:5173/')).not.toContain(warning)
    for (const origin of ['HTTPS://App.example:443/', 'capacitor://localhost', 'file://', 'null', '*'])
      expect(await serve('--cors', 'http://localhost', '--cors', origin)).toContain(warning)
  })

  it('shows the faults that clients are tested with', async () => {
    const options = ['--skew=-90m', '--fail-rate', '.25', '--throttle', '10', '--expire-token', '15m']
    const { stdout } = await run(['serve', '--port', '0', ...options, '--redirect-region', 'eu-west-1'], {
      interrupted: stopped,
    })
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'faults the clock is 90m slow; a share of 0.25 of all requests fails; more than 10 requests per second are rejected; buckets are in eu-west-1; session tokens expire 15m after their first use',
    )
  })

  it('rejects --redirect-region with --region', async () => {
    const { code, stderr } = await run(['serve', '--region', 'eu-west-1', '--redirect-region', 'eu-west-2'])
    expect([code, stderr]).toEqual([
      2,
      "sigv4-tools: --redirect-region cannot be used here. Pass either --region, for status 400, or --redirect-region, for status 301. See 'npx sigv4-tools serve --help'.\n",
    ])
  })

  it('rejects a folder inside a file', async () => {
    const dir = join(files.write('file', 'x'), 'folder')
    const { code, stderr } = await run(['serve', '--port', '0', '--dir', dir], { interrupted: stopped })
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^sigv4-tools: --dir cannot be used here\. \S+: (?:ENOTDIR|EEXIST): /),
    ])
  })

  it('explains rejected requests with --explain', async () => {
    const { port, stop } = await running(['serve', '--explain'])
    const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
    const { url } = presignGet(`http://127.0.0.1:${port}/photos/cat.jpg`, {
      credentials,
      region: 'us-east-1',
      service: 's3',
    })
    const response = await fetch(`${url}&a=1`)
    expect(await response.text()).toMatch(/Proven: The a parameter was added after signing: .* Fix: /)
    expect((await stop()).code).toBe(0)
  })
})
