import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { type ServeOptions, serve } from '../../src/serve.ts'

// Secrets that reach the log of sigv4-tools/serve by other ways than a signed request.

function authorization(keyId: string): string {
  const signature = '0'.repeat(64)
  return `AWS4-HMAC-SHA256 Credential=${keyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`
}

/** Sends a request, and returns the log of the server. */
async function logOf(target: string, headers: readonly string[], options: ServeOptions = {}): Promise<string> {
  const entries: string[] = []
  await using server = await serve({ ...options, log: (entry) => void entries.push(entry) })
  await new Promise((resolve) => {
    const socket = connect(server.port, server.host, () =>
      socket.write(`GET ${target} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`),
    )
    socket.resume().on('close', resolve)
  })
  expect(entries).toHaveLength(1)
  return entries[0]!
}

it('the secret access key of another service, in place of the key ID', async () => {
  const credentials = { accessKeyId: 'minio', secretAccessKey: 'a-pass-phrase-of-minio' }
  const headers = [
    'Host: 127.0.0.1',
    'Connection: close',
    `Authorization: ${authorization(credentials.secretAccessKey)}`,
  ]
  const entry = await logOf('/photos/a', headers, { credentials })
  expect(entry).toContain('not verified: [secret]')
})

it('a password in the target', async () => {
  const entry = await logOf(`http://user:${encodeURIComponent(SECRET)}@a.example/photos/a`, [
    'Host: a.example',
    'Connection: close',
  ])
  expect(entry).toMatch(/ \/photos\/a {2}AccessForbidden/)
  expect(entry).not.toContain('user:')
})

it('the message of a lookup that fails', async () => {
  const credentials = () => {
    throw new Error(`not valid: {"secret":"${SECRET}"}`)
  }
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const id = authorization('AKIDEXAMPLE').replace('20260101', date.slice(0, 8))
  const headers = ['Host: 127.0.0.1', 'Connection: close', `x-amz-date: ${date}`, `Authorization: ${id}`]
  const entry = await logOf('/photos/a', [...headers, 'x-amz-content-sha256: UNSIGNED-PAYLOAD'], { credentials })
  expect(entry).toContain('InternalError: Error not valid: ')
  expect(entry).not.toContain(SECRET)
})
