/**
 * Uploads a file with an awkward name and downloads it again with presigned URLs, and shows that a tampered URL and
 * an expired URL are rejected. `npm run demo` starts `sigv4-tools serve`; `npm run demo -- --localstack` installs and starts
 * LocalStack.
 *
 * To use a different server, set S3_ENDPOINT, S3_BUCKET, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
 * AWS_SESSION_TOKEN. For AWS, set S3_BUCKET without S3_ENDPOINT.
 */
import { createHash, randomBytes } from 'node:crypto'
import { objectUrl, presignDelete, presignGet, presignPut } from 'sigv4'
import { drawPdf } from './pdf.ts'
import { findStorage, type Storage } from './storage.ts'
import { detail, paint, step } from './terminal.ts'

const file = { name: 'résumé (final) +1 100%.pdf', type: 'application/pdf', bytes: drawPdf() }

async function demo({ endpoint, region, credentials, ...storage }: Storage): Promise<void> {
  const bucket = storage.bucket ?? `sigv4-demo-${randomBytes(4).toString('hex')}`
  const target = { bucket, key: file.name, ...(endpoint && { endpoint }), ...(region && { region }) }
  const bucketUrl = new URL('.', objectUrl(target))
  const bucketOptions = { credentials, region, service: 's3' }

  if (!storage.bucket) {
    const create = async () => expectOk(await send(await presignPut(bucketUrl, bucketOptions)))
    await step('bucket', create, () => `${bucket} created`)
  }

  try {
    await step(
      'upload',
      async () => {
        const upload = await presignPut(target, { credentials, expires: '5m', contentType: file.type })
        await expectOk(await fetch(upload.url, { ...upload, body: file.bytes }))
        return upload
      },
      () => `${file.name}, ${size(file.bytes)}, ${file.type}`,
    ).then(({ url }) => detail(`sent to …${/\/[^/]+\?/.exec(url)}…`))

    await step(
      'download',
      async () => {
        const download = await presignGet(target, { credentials, expires: '5m' })
        const response = await expectOk(await fetch(download.url))
        const bytes = new Uint8Array(await response.arrayBuffer())
        if (sha256(bytes) !== sha256(file.bytes)) throw new Error('the downloaded file differs from the uploaded one')
        return bytes
      },
      (bytes) => `${size(bytes)}, identical by SHA-256`,
    ).then((bytes) => {
      detail(`sent      ${sha256(file.bytes)}`)
      detail(`received  ${sha256(bytes)}`)
    })

    await step(
      'tampered',
      async () => {
        const { url } = await presignGet(target, { credentials, expires: '5m' })
        return expectRejected(await fetch(url.replace('X-Amz-Expires=300', 'X-Amz-Expires=604800')))
      },
      (error) => `rejected: ${error}`,
    ).then(() => detail('changed the lifetime from 5 minutes to 7 days'))

    await step(
      'expired',
      async () => {
        const anHourAgo = Date.now() - 60 * 60 * 1000
        const { url } = await presignGet(target, { credentials, expires: '5m', now: anHourAgo })
        return expectRejected(await fetch(url))
      },
      (error) => `rejected: ${error}`,
    ).then(() => detail('expired 55 minutes ago'))
  } finally {
    await step(
      'clean-up',
      async () => {
        await expectOk(await send(await presignDelete(target, { credentials })))
        if (!storage.bucket) await expectOk(await send(await presignDelete(bucketUrl, bucketOptions)))
      },
      () => (storage.bucket ? 'file deleted' : 'file and bucket deleted'),
    )
  }
}

/** Sends a presigned request: fetch accepts the result of every presign function. */
function send(signed: { url: string; method: string; headers: Record<string, string> }): Promise<Response> {
  return fetch(signed.url, signed)
}

async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new Error(`the server responded with ${await describeError(response)}`)
}

async function expectRejected(response: Response): Promise<string> {
  if (response.ok) throw new Error(`the server responded with ${response.status}: it does not check signatures`)
  return describeError(response)
}

async function describeError(response: Response): Promise<string> {
  const document = await response.text()
  const [code, message] = ['Code', 'Message'].map((name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(document)?.[1])
  return `${response.status} ${code ?? response.statusText}${code === 'AccessDenied' ? ` (${message})` : ''}`
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function size(bytes: Uint8Array): string {
  return `${bytes.length.toLocaleString('en')} bytes`
}

async function main(): Promise<void> {
  console.log(`\n${paint('bold', 'sigv4: upload and download a file with an awkward name')}\n`)
  const storage = await step('server', findStorage, ({ name, endpoint }) =>
    endpoint ? `${name} at ${endpoint}` : name,
  )
  try {
    await demo(storage)
  } finally {
    if (storage.stop) await step('stop', storage.stop, () => 'server stopped')
  }
  console.log(`\n${paint('green', 'Demo completed.')}\n`)
}

main().catch((error: Error & { code?: string }) => {
  const hint = error.code === 'ERR_SIGV4_SCOPE_UNKNOWN' ? 'set AWS_REGION for this server' : error.cause
  console.error(`\n${paint('red', [error.message, hint].filter(Boolean).join('\n'))}\n`)
  process.exitCode = 1
})
