/**
 * A file with an awkward name goes up through a presigned URL and comes back through another; a tampered and an
 * expired URL are refused. Run it with `npm run demo`: it starts `sigv4 serve` by itself; with
 * `npm run demo -- --localstack` it installs and starts LocalStack.
 *
 * S3_ENDPOINT, S3_BUCKET, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN point it at any
 * other server, or at AWS (S3_BUCKET without S3_ENDPOINT).
 */
import { createHash, randomBytes } from 'node:crypto'
import { presignDelete, presignGet, presignPut } from 'sigv4'
import { drawPdf } from './pdf.ts'
import { findPlace, type Place } from './place.ts'
import { detail, paint, step } from './terminal.ts'

const file = { name: 'résumé (final) +1 100%.pdf', type: 'application/pdf', bytes: drawPdf() }

async function demo({ endpoint, region, credentials, ...place }: Place): Promise<void> {
  const bucket = place.bucket ?? `sigv4-demo-${randomBytes(4).toString('hex')}`
  const target = { bucket, key: file.name, ...(endpoint && { endpoint }), ...(region && { region }) }
  const wholeBucket = { ...target, key: '' }

  if (!place.bucket) {
    const create = async () => expectOk(await send(await presignPut(wholeBucket, { credentials })))
    await step('bucket', create, () => `${bucket} made`)
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
        if (sha256(bytes) !== sha256(file.bytes)) throw new Error('what came back is not what went up')
        return bytes
      },
      (bytes) => `${size(bytes)}, bit for bit the same by SHA-256`,
    ).then((bytes) => {
      detail(`sent      ${sha256(file.bytes)}`)
      detail(`received  ${sha256(bytes)}`)
    })

    await step(
      'tampered',
      async () => {
        const { url } = await presignGet(target, { credentials, expires: '5m' })
        return expectRefused(await fetch(url.replace('X-Amz-Expires=300', 'X-Amz-Expires=604800')))
      },
      (answer) => `refused: ${answer}`,
    ).then(() => detail('its five minutes were made a week'))

    await step(
      'expired',
      async () => {
        const anHourAgo = Date.now() - 60 * 60 * 1000
        const { url } = await presignGet(target, { credentials, expires: '5m', signingDate: anHourAgo })
        return expectRefused(await fetch(url))
      },
      (answer) => `refused: ${answer}`,
    ).then(() => detail('its five minutes were over 55 minutes ago'))
  } finally {
    await step(
      'clean-up',
      async () => {
        await expectOk(await send(await presignDelete(target, { credentials })))
        if (!place.bucket) await expectOk(await send(await presignDelete(wholeBucket, { credentials })))
      },
      () => (place.bucket ? 'the file is removed' : 'the file and the bucket are removed'),
    )
  }
}

/** What a presign function returns is what fetch takes. */
function send(signed: { url: string; method: string; headers: Record<string, string> }): Promise<Response> {
  return fetch(signed.url, signed)
}

async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new Error(`the server answers ${await describeError(response)}`)
}

async function expectRefused(response: Response): Promise<string> {
  if (response.ok) throw new Error(`the server answers ${response.status}: it does not check signatures`)
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
  console.log(`\n${paint('bold', 'sigv4: an awkward file name there and back, by presigned URLs')}\n`)
  const place = await step('server', findPlace, ({ name, endpoint }) => (endpoint ? `${name} at ${endpoint}` : name))
  try {
    await demo(place)
  } finally {
    if (place.stop) await step('stop', place.stop, () => 'the server is stopped')
  }
  console.log(`\n${paint('green', 'Everything ended as it should.')}\n`)
}

main().catch((error: Error & { code?: string }) => {
  const hint = error.code === 'ERR_SIGV4_SCOPE_UNKNOWN' ? 'the demo takes the region from AWS_REGION' : error.cause
  console.error(`\n${paint('red', [error.message, hint].filter(Boolean).join('\n'))}\n`)
  process.exitCode = 1
})
